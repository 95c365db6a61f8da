"""Sliding windows: each query sees the last few keys, its own included."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.mechanisms.masking import weigh_keys
from attention.shapes import check_shape


def sliding_window_mask(n: int, window: int) -> Tensor:
    """Let query i see the keys i - window < j <= i.

    Returns:
        Booleans, (n, n), True where a query may attend.

    Raises:
        ValueError: if window is less than 1.

    """
    back = torch.arange(n)[:, None] - torch.arange(n)  # how far key j lies behind i
    return (back >= 0) & (back < _check_window(window))


def window_attention(q: Tensor, k: Tensor, v: Tensor, window: int) -> Tensor:
    """Attend in a sliding window, and compute no block of scores outside of it.

    A block of `window` queries meets its own keys and those of the block before:
    2 · window scores for each query in place of n. The longest window is n.

    Args:
        q: (..., n, d).
        k: (..., n, d).
        v: (..., n, d_v).
        window: keys that a query sees, its own included.

    Returns:
        The output, (..., n, d_v).

    Raises:
        ValueError: if the shapes do not fit, or window is less than 1.

    """
    check_shape("q", q, ..., "n", "d")
    n, d = q.shape[-2:]
    check_shape("k, as q", k, ..., n, d)
    check_shape("v, one a key", v, ..., n, "d_v")
    width = min(_check_window(window), n)
    queries = _cut(q / math.sqrt(d), width)  # (..., blocks, width, d)
    keys, values = (_with_the_block_before(_cut(x, width)) for x in (k, v))
    weights = weigh_keys(queries @ keys.mT, _allowed(queries.shape[-3], width))
    return (weights @ values).flatten(-3, -2)[..., :n, :]


def _check_window(window: int) -> int:
    if window < 1:
        raise ValueError(f"window: expected 1 or more, got {window}")
    return window


def _cut(x: Tensor, width: int) -> Tensor:
    """Cut (..., n, d) into (..., blocks, width, d), zeros behind the last."""
    filled = F.pad(x, (0, 0, 0, -x.shape[-2] % width))
    return filled.unflatten(-2, (-1, width))


def _with_the_block_before(blocks: Tensor) -> Tensor:
    """Put the block before in front of each: (..., blocks, 2 · width, d)."""
    before = F.pad(blocks, (0, 0, 0, 0, 1, 0))[..., :-1, :, :]
    return torch.cat([before, blocks], -2)


def _allowed(blocks: int, width: int) -> Tensor:
    """Return what a block of queries may see of two blocks of keys.

    Booleans, (blocks, width, 2 · width): the first block has none before it.
    """
    place = torch.arange(2 * width)
    back = place[width:, None] - place
    allowed = ((back >= 0) & (back < width)).repeat(blocks, 1, 1)
    allowed[0, :, :width] = False
    return allowed
