"""Which last values of a test are its score, as in nbgrader: those that are numbers."""

from __future__ import annotations

import sys
from decimal import Decimal
from numbers import Real
from typing import Any


def score_of(last: Any) -> float | None:
    """Return the number that a test's last value is, or None if it is none.

    nbgrader reads the text that the kernel shows: `0.5` is a score, and so was
    `np.float64(0.5)` until NumPy 2 began to show its type. Here the value is looked
    at, not its text: a scalar of NumPy, and an array or tensor of one number, are that
    number. A truth value is none, as in nbgrader, which takes `True` for no number.
    """
    value: Any = sole_item(last)
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("-inf") if value < 0 else float("inf")


def sole_item(value: Any) -> Any:
    """Return what a scalar, array or tensor of one element holds, else the value.

    NumPy and torch are looked up, not imported: without them no value is theirs.
    """
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy and isinstance(value, numpy.ndarray | numpy.generic):
        return value.item() if value.size == 1 else value
    if torch and isinstance(value, torch.Tensor):
        return value.item() if value.numel() == 1 else value
    return value


def points_of(score: float, most: float) -> float:
    """Return the points of a score: none for what is no number, at most the most."""
    return float(min(max(score, 0), most)) if score == score else 0.0
