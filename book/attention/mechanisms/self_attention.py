"""Self-attention: queries, keys and values come from one sequence."""

from torch import Tensor

from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.shapes import check_shape


def self_attention(
    x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Let a sequence attend to itself: softmax(x W_q (x W_k)ᵀ / √d_k) x W_v.

    Args:
        x: (..., n, d_model).
        W_q: (d_model, d_k).
        W_k: (d_model, d_k).
        W_v: (d_model, d_v).
        mask: broadcastable to (..., n, n); True where a position may attend.

    Returns:
        The output (..., n, d_v) and the weights (..., n, n).

    Raises:
        ValueError: if a matrix does not take vectors of d_model.

    """
    for name, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v)):
        check_shape(name, W, x.shape[-1], "width")
    return scaled_dot_product(x @ W_q, x @ W_k, x @ W_v, mask)
