"""Scaled dot-product attention: Vaswani et al. (2017), section 3.2.1."""

import math
from collections.abc import Callable

from torch import Tensor

from attention.mechanisms.masking import masked_softmax


def scaled_dot_product(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout: Callable[[Tensor], Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Attend from all queries to all keys: softmax(Q Kᵀ / √d_k) V, equation 1.

    Args:
        query: (..., queries, d_k).
        key: (..., keys, d_k).
        value: (..., keys, d_v).
        mask: broadcastable to (..., queries, keys); True where a query may attend.
        dropout: applied to the weights.

    Returns:
        The output (..., queries, d_v), and the weights (..., queries, keys) that
        made it. A query that may attend to nothing has weights and output 0.

    Raises:
        ValueError: if the shapes do not fit.

    """
    check_shapes(query, key, value)
    scaled = query / math.sqrt(query.shape[-1])  # first: float16 ends at 65504
    scores = scaled @ key.transpose(-2, -1)  # (..., queries, keys)
    weights = masked_softmax(scores, mask)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights  # (..., queries, d_v)


def check_shapes(query: Tensor, key: Tensor, value: Tensor) -> None:
    """Raise ValueError unless each key has a value and the query's width."""
    if min(query.dim(), key.dim(), value.dim()) < 2:
        raise ValueError(
            "query, key and value must be (..., length, width): got "
            f"{tuple(query.shape)}, {tuple(key.shape)} and {tuple(value.shape)}"
        )
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            "key must be as wide as query: expected (..., keys, "
            f"{query.shape[-1]}), got {tuple(key.shape)}"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"there must be one value a key: expected (..., {key.shape[-2]}, d_v), "
            f"got {tuple(value.shape)}"
        )
