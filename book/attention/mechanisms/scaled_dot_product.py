"""Scaled dot-product attention: Vaswani et al. (2017), section 3.2.1."""

import math
from collections.abc import Callable

from torch import Tensor

from attention.mechanisms.masking import weigh_keys
from attention.shapes import check_shape


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
    weights = weigh_keys(scores, mask)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights  # (..., queries, d_v)


def check_shapes(query: Tensor, key: Tensor, value: Tensor) -> None:
    """Raise ValueError unless each key has a value and the query's width."""
    check_shape("query", query, ..., "queries", "d_k")
    check_shape("key, as wide as query", key, ..., "keys", query.shape[-1])
    check_shape("value, one a key", value, ..., key.shape[-2], "d_v")
