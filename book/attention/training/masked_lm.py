"""The masked language model: Devlin et al. (2019), section 3.1, task 1."""

from collections.abc import Collection

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.shapes import check_shape

IGNORED = -100  # the label of a token that is not in the loss


def mask_tokens(
    ids: Tensor,
    special: Collection[int],
    vocab_size: int,
    mask_id: int,
    generator: torch.Generator,
    p: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Choose tokens to predict, and hide most of them.

    Each token that is not special is chosen with probability p, by itself. Of the
    chosen, 80% become `mask_id`, 10% a random token, 10% stay as they are.

    Args:
        ids: integers of any shape.
        special: numbers of tokens that are never chosen, such as padding.
        vocab_size: random tokens are drawn from 0 to vocab_size - 1, without the
            special ones and without `mask_id`.
        mask_id: the number of [MASK].
        generator: draws all that is random.
        p: the share that is chosen.

    Returns:
        What the model reads, and the labels: the true number where a token was chosen,
        -100 elsewhere. Both have the shape of `ids`, which stays as it was.

    Raises:
        ValueError: if p is not in 0 to 1, or no token is left to draw.

    """
    if not 0 <= p <= 1:
        raise ValueError(f"p must be 0 to 1, got {p}")
    ordinary = ordinary_tokens(vocab_size, {*special, mask_id}).to(ids.dtype)
    fixed = torch.isin(ids, torch.tensor(sorted(special), dtype=ids.dtype))
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~fixed
    labels = ids.masked_fill(~chosen, IGNORED)
    dice = torch.rand(ids.shape, generator=generator)
    drawn = ordinary[torch.randint(len(ordinary), ids.shape, generator=generator)]
    hidden = ids.masked_fill(chosen & (dice < 0.8), mask_id)
    return torch.where(chosen & (dice >= 0.9), drawn, hidden), labels


def ordinary_tokens(vocab_size: int, special: Collection[int]) -> Tensor:
    """Return the numbers below `vocab_size` that are not special, (tokens,).

    Raises:
        ValueError: if there is none.

    """
    kept = [i for i in range(vocab_size) if i not in special]
    if not kept:
        raise ValueError(f"all {vocab_size} tokens are special: none is left to draw")
    return torch.tensor(kept)


def mlm_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Average the cross-entropy over the chosen tokens, whatever became of them.

    Args:
        logits: (..., V).
        labels: (...): the true tokens, -100 where none was chosen.

    Returns:
        One number; 0 if no token was chosen.

    Raises:
        ValueError: if there is not one label for each vector of logits.

    """
    check_shape("labels", labels, *logits.shape[:-1])
    total = F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]),
        labels.reshape(-1),
        ignore_index=IGNORED,
        reduction="sum",
    )
    return total / (labels != IGNORED).sum().clamp(min=1)
