"""LIME: Ribeiro, Singh and Guestrin (2016), a linear model near one example."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

Predict = Callable[[list[list[Any]]], Tensor]
TAKEN_OUT = "[MASK]"  # stands in the place of a token that is taken out


class LocalModel(NamedTuple):
    """A linear model near one example, and how well it fits there."""

    weights: Tensor  # one a token, (n,)
    intercept: float
    r2: float  # share of the weighted variance that it explains; at most 1


def lime_weights(
    predict: Predict,
    tokens: Sequence[Any],
    n_samples: int,
    kernel_width: float,
    generator: Generator,
) -> Tensor:
    """Explain one prediction by a linear model of which tokens are there.

    Args:
        predict: turns a list of texts into their predictions, (texts,). A token that
            is taken out is "[MASK]": the others keep their places.
        tokens: the text, n tokens; or the numbers of a picture's superpixels.
        n_samples: how many texts are made of it; the first is the text itself.
        kernel_width: how far from the text a sample counts, as a cosine distance.
        generator: draws what is taken out.

    Returns:
        What each token adds to the prediction, (n,).

    Raises:
        ValueError: if there are no tokens, or fewer than two samples.

    """
    return fit_lime(predict, tokens, n_samples, kernel_width, generator).weights


def fit_lime(
    predict: Predict,
    tokens: Sequence[Any],
    n_samples: int,
    kernel_width: float,
    generator: Generator,
    ridge: float = 0.0,
) -> LocalModel:
    """Return the model of `lime_weights` with its intercept and its fit.

    The ridge is that of `fit_locally`.
    """
    n = len(tokens)
    if n < 1 or n_samples < 2:
        raise ValueError(f"expected tokens and 2 samples, got {n} and {n_samples}")
    kept = draw_kept(n, n_samples, generator)  # (samples, n)
    texts = [
        [
            token if stays else TAKEN_OUT
            for token, stays in zip(tokens, row, strict=True)
        ]
        for row in kept.tolist()
    ]
    return fit_locally(kept, predict(texts), kernel_width, ridge)


def draw_kept(n: int, n_samples: int, generator: Generator) -> Tensor:
    """Draw how many of n tokens go, 1 to n alike, then which: booleans (samples, n)."""
    gone = torch.randint(1, n + 1, (n_samples, 1), generator=generator)
    order = torch.rand(n_samples, n, generator=generator).argsort(1).argsort(1)
    kept = order >= gone
    kept[0] = True  # the text itself
    return kept


def fit_locally(
    kept: Tensor, predictions: Tensor, kernel_width: float, ridge: float = 0.0
) -> LocalModel:
    """Fit a linear model in which samples near the whole text count more.

    Args:
        kept: booleans, (samples, n).
        predictions: (samples,).
        kernel_width: σ of the kernel exp(-D² / σ²), section 3.4; D is the cosine
            distance to a row of ones.
        ridge: how much the squares of the weights cost; the intercept costs nothing.

    """
    x, y = kept.double(), predictions.detach().double()
    distance = 1 - x.mean(1).sqrt()  # the cosine distance to a row of ones
    near = torch.exp(-((distance / kernel_width) ** 2))  # (samples,)
    share = near / near.sum()
    x_mean, y_mean = share @ x, share @ y
    root, n = near.sqrt()[:, None], x.shape[1]
    rows = torch.cat([root * (x - x_mean), ridge**0.5 * torch.eye(n).double()])
    goal = torch.cat([root[:, 0] * (y - y_mean), torch.zeros(n).double()])
    weights = torch.linalg.lstsq(rows, goal[:, None]).solution[:, 0]
    intercept = y_mean - x_mean @ weights
    missed, spread = (
        share @ (y - intercept - x @ weights) ** 2,
        share @ (y - y_mean) ** 2,
    )
    r2 = float(1 - missed / spread) if spread > 0 else 0.0
    return LocalModel(weights.float(), float(intercept), r2)
