"""Attention rollout: Abnar and Zuidema (2020), section 3."""

import torch
from torch import Tensor

from attention.shapes import check_shape


def attention_rollout(weights: Tensor) -> Tensor:
    """Multiply the layers' weights, so that a row says which inputs flowed into it.

    Heads are averaged, half the identity is added for the residual connection, rows
    are brought to 1, and the layers are multiplied from the first to the last.

    Args:
        weights: (layers, heads, n, n) or (layers, batch, heads, n, n), rows sum to 1.

    Returns:
        (n, n) or (batch, n, n); rows sum to 1.

    Raises:
        ValueError: if the weights have another shape, or there is no layer.

    """
    if weights.dim() not in (4, 5) or not len(weights):
        raise ValueError(
            "weights: expected (layers, heads, n, n) or (layers, batch, heads, n, n) "
            f"with one layer at least, got {tuple(weights.shape)}"
        )
    check_shape("weights", weights, ..., "n", "n")
    identity = torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    mixed = 0.5 * weights.mean(-3) + 0.5 * identity
    mixed = mixed / mixed.sum(-1, keepdim=True)
    flow = mixed[0]
    for layer in mixed[1:]:
        flow = layer @ flow  # what this layer takes, of what the earlier ones took
    return flow
