"""How an explanation is scored: by taking words out, and against a known truth."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from attention.mechanisms.lime import TAKEN_OUT, Predict
from attention.shapes import check_shape


def faithfulness(
    scores: Tensor, predict: Predict, tokens: Sequence[Any], k: int
) -> float:
    """Return how far the prediction falls when the k highest tokens are taken out.

    Args:
        scores: one a token, (n,); of equal scores the first counts as higher.
        predict: turns a list of texts into their predictions; a token out is
            "[MASK]".
        tokens: the text.
        k: how many are taken out, 0 to n.

    Raises:
        ValueError: if there is not one score for each token, or k is not 0 to n.

    """
    check_shape("scores", scores, len(tokens))
    if not 0 <= k <= len(tokens):
        raise ValueError(f"k: expected 0 to {len(tokens)}, got {k}")
    highest = set(scores.argsort(descending=True, stable=True)[:k].tolist())
    without = [TAKEN_OUT if i in highest else token for i, token in enumerate(tokens)]
    whole, left = predict([list(tokens), without])
    return float(whole - left)


def leave_out_each(predict: Predict, tokens: Sequence[Any]) -> Tensor:
    """Return how far the prediction falls without each token, (n,)."""
    texts = [list(tokens)] + [
        [TAKEN_OUT if i == hidden else token for i, token in enumerate(tokens)]
        for hidden in range(len(tokens))
    ]
    found = predict(texts)
    return found[0] - found[1:]


def precision_at_k(scores: Tensor, truth: Tensor) -> float:
    """Return the share of true tokens among the k highest, k being how many are true.

    Args:
        scores: (n,).
        truth: booleans, (n,), one of them True at least.

    """
    check_shape("truth", truth, *scores.shape)
    highest = scores.topk(int(truth.sum())).indices
    return truth[highest].float().mean().item()


def area_under_curve(scores: Tensor, truth: Tensor) -> float:
    """Return how often a true token is higher than another one; a tie counts half.

    Args:
        scores: (n,).
        truth: booleans, (n,), neither all True nor all False.

    """
    check_shape("truth", truth, *scores.shape)
    true, other = scores[truth][:, None], scores[~truth]
    return torch.where(true == other, 0.5, (true > other).float()).mean().item()
