"""Comparisons of which a test means more than they say.

`np.allclose` and `torch.allclose` broadcast: an array without any number is close to
all whose shape fits it, so an answer that is empty would pass. In the checker's
process it does not, unless what it is compared with has the very same shape.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch


def vacuous(one: Any, other: Any) -> bool:
    """Whether two arrays of other shapes have nothing to compare."""
    try:
        shapes = tuple(np.shape(one)), tuple(np.shape(other))
    except ValueError:  # lists of unequal lengths: not for us to judge
        return False
    return shapes[0] != shapes[1] and (0 in shapes[0] or 0 in shapes[1])


def filled(close: Callable[..., Any]) -> Callable[..., Any]:
    """Return a comparison that is false where there is nothing to compare."""

    @functools.wraps(close)
    def compare(*args: Any, **kwargs: Any) -> Any:
        if len(args) > 1 and vacuous(*args[:2]):
            return False
        return close(*args, **kwargs)

    return compare


def guard() -> None:
    """Put such comparisons in the place of NumPy's and torch's own."""
    np.allclose = filled(np.allclose)
    torch.allclose = filled(torch.allclose)
