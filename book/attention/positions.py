"""Where a token stands: position encodings."""

import torch
from torch import Tensor


def sinusoidal_positions(n: int, d: int) -> Tensor:
    """Return the position encoding (n, d) of Vaswani et al. (2017), section 3.5.

    Columns 2i and 2i + 1 hold the sine and the cosine of position / 10000^(2i/d): one
    frequency a pair.

    Raises:
        ValueError: if d is odd.

    """
    if d % 2:
        raise ValueError(f"d must be even, a sine and a cosine a pair: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)  # (d / 2,)
    angles = torch.arange(n)[:, None] * rates  # (n, d / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
