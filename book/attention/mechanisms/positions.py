"""Where a token stands: sinusoids, rotations of queries and keys, linear biases.

Pairs are interleaved throughout: columns 2i and 2i + 1 share the frequency of pair i.
"""

import torch
from torch import Tensor

from attention.shapes import check_shape


def frequencies(d: int) -> Tensor:
    """Return one frequency a pair, 1 / 10000^(2i/d) for i = 0 ... d/2 - 1.

    Raises:
        ValueError: if d is odd.

    """
    if d % 2:
        raise ValueError(f"d must be even, a sine and a cosine a pair: got {d}")
    return 10000 ** (-torch.arange(0, d, 2) / d)  # (d / 2,)


def sinusoidal_positions(n: int, d: int) -> Tensor:
    """Return the position encoding (n, d) of Vaswani et al. (2017), section 3.5.

    Columns 2i and 2i + 1 hold the sine and the cosine of position / 10000^(2i/d): one
    frequency a pair.

    Raises:
        ValueError: if d is odd.

    """
    angles = torch.arange(n)[:, None] * frequencies(d)  # (n, d / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def rotation_to(k: int, d: int) -> Tensor:
    """Return the matrix (d, d) that moves each position encoding k steps on.

    With P = sinusoidal_positions(n, d), P[pos] @ R is P[pos + k] for every pos. R turns
    each pair by an angle of its own, and holds 0 elsewhere. k may be negative.

    Raises:
        ValueError: if d is odd.

    """
    angles = k * frequencies(d)
    cos, sin = angles.cos(), angles.sin()
    blocks = torch.stack([cos, -sin, sin, cos], dim=-1).view(-1, 2, 2)
    return torch.block_diag(*blocks)


def apply_rope(x: Tensor, positions: Tensor) -> Tensor:
    """Turn each pair of a query or key by its position: Su et al. (2021), section 3.2.

    Pair i at position p becomes (a cos - b sin, a sin + b cos), the angle being
    p / 10000^(2i/d). Queries and keys are turned; values are not.

    Args:
        x: (..., n, d).
        positions: (n,), or broadcastable to (..., n).

    Returns:
        (..., n, d), in the dtype of x.

    Raises:
        ValueError: if d is odd, or there is not one position a vector.

    """
    check_shape("positions, one a vector", positions, ..., x.shape[-2])
    angles = positions[..., None] * frequencies(x.shape[-1])  # (..., n, d / 2)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    turned = torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1)
    return turned.flatten(-2).to(x.dtype)


def alibi_bias(h: int, n: int) -> Tensor:
    """Return what ALiBi adds to the scores (h, n, n): Press et al. (2022), section 3.

    Head number 1 ... h subtracts 2^(-8 * number / h) for each step between query and
    key, whichever comes first. It hides nothing: a causal mask is up to you.

    Raises:
        ValueError: if h or n is less than 1.

    """
    if h < 1 or n < 1:
        raise ValueError(f"h and n must be at least 1: got h = {h}, n = {n}")
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    steps = (torch.arange(n)[:, None] - torch.arange(n)).abs()
    return -slopes[:, None, None] * steps
