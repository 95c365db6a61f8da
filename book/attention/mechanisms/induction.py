"""Induction heads: look behind the last place where this token stood.

Elhage et al. (2021); Olsson et al. (2022).
"""

import torch
from torch import Tensor

from attention.shapes import check_shape


def induction_score(weights: Tensor, period: int) -> Tensor:
    """Measure how much a head looks at the token after the last copy of its own.

    In a sequence that repeats itself with a period, token t stood at t - period before,
    and what came after it stands at t - period + 1. The score is the mean weight on
    that key, over the queries t = period ... n - 1.

    Args:
        weights: (..., n, n), of a sequence that repeats itself.
        period: after how many tokens; less than n.

    Returns:
        A number from 0 to 1 for each head, (...).

    Raises:
        ValueError: if the weights are not square, or no token has an earlier copy.

    """
    check_shape("weights", weights, ..., "n", "n")
    n = weights.shape[-1]
    if not 1 <= period < n:
        raise ValueError(f"period: expected 1 to {n - 1}, got {period}")
    stripe = weights.diagonal(1 - period, dim1=-2, dim2=-1)  # keys t - period + 1
    return stripe[..., 1:].mean(-1)  # from t = period on


def repeated(
    rows: int, period: int, copies: int, n_tokens: int, generator: torch.Generator
) -> Tensor:
    """Draw sequences (rows, period * copies): one of distinct tokens, again and again.

    Raises:
        ValueError: if there are not as many tokens as a period has places.

    """
    if period > n_tokens:
        raise ValueError(f"period: expected at most {n_tokens}, got {period}")
    order = torch.rand(rows, n_tokens, generator=generator).argsort(-1)
    return order[:, :period].repeat(1, copies)
