"""One check of shapes, for arrays and tensors alike, and what it says."""

from collections.abc import Sequence
from types import EllipsisType
from typing import Protocol

Axis = int | str | EllipsisType


class Shaped(Protocol):
    """An array or a tensor."""

    @property
    def shape(self) -> Sequence[int]:
        """Return how long each axis is."""


def check_shape(name: str, x: Shaped, *expected: Axis) -> None:
    """Raise ValueError unless x has the axes that are expected; say which came.

    Args:
        name: what x is, for the message.
        x: an array or a tensor.
        expected: for each axis its length, or a word that stands for any length, the
            same word for the same one. `...` may come first, for any axes in front.

    """
    open_ended = expected[:1] == (...,)
    axes = expected[1:] if open_ended else expected
    sizes = tuple(x.shape)
    tail = sizes[max(len(sizes) - len(axes), 0) :] if open_ended else sizes
    if not _fits(tail, axes):
        raise ValueError(f"{name}: expected {_written(expected)}, got {sizes}")


def _fits(sizes: Sequence[int], axes: Sequence[Axis]) -> bool:
    """Say whether sizes are those of the axes; words stand for what they first meet."""
    if len(sizes) != len(axes):
        return False
    met: dict[Axis, int] = {}
    for size, axis in zip(sizes, axes, strict=True):
        if size != (met.setdefault(axis, size) if isinstance(axis, str) else axis):
            return False
    return True


def _written(axes: Sequence[Axis]) -> str:
    """Write axes as Python writes a shape."""
    words = ["..." if axis is ... else str(axis) for axis in axes]
    return f"({words[0]},)" if len(words) == 1 else f"({', '.join(words)})"
