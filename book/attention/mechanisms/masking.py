"""Softmax over keys, with masks: the step that every kind of attention shares."""

import torch
from torch import Tensor


def weigh_keys(scores: Tensor, mask: Tensor | None = None, dim: int = -1) -> Tensor:
    """Turn scores into weights over the keys that a query may attend to.

    Args:
        scores: any shape, floating point; `dim` runs over the keys.
        mask: broadcastable to `scores`; True or non-zero where attending is allowed.
        dim: the axis of the keys.

    Returns:
        Weights of the shape and dtype of `scores`. They sum to 1 along `dim`; where the
        mask allows no key at all they are 0.

    Raises:
        ValueError: if the mask does not broadcast to the shape of the scores.

    """
    if mask is None:
        return scores.softmax(dim)
    allowed = broadcast_mask(mask, scores.shape)
    lowest = torch.finfo(scores.dtype).min  # a fixed -1e9 overflows in float16
    weights = scores.masked_fill(~allowed, lowest).softmax(dim)
    return weights.masked_fill(~allowed, 0.0)  # only a fully masked row changes


def broadcast_mask(mask: Tensor, shape: torch.Size) -> Tensor:
    """Return the mask as booleans of the given shape, or say why that can't be."""
    try:
        return mask.bool().broadcast_to(shape)
    except RuntimeError as error:
        raise ValueError(
            f"mask must broadcast to the scores: expected {tuple(shape)}, "
            f"got {tuple(mask.shape)}"
        ) from error
