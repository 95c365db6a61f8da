"""Query heads that share keys and values: Shazeer (2019), Ainslie et al. (2023)."""

from torch import Tensor

from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.shapes import check_shape


def grouped_query_attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Let h query heads ask g heads of keys: head i asks number i // (h / g).

    g = h is multi-head attention, g = 1 multi-query attention.

    Args:
        q: (batch, h, n, d).
        k: (batch, g, keys, d).
        v: (batch, g, keys, d_v).
        mask: broadcastable to (n, keys); True where a query may attend.

    Returns:
        The output, (batch, h, n, d_v).

    Raises:
        ValueError: if g does not divide h, or the shapes do not fit.

    """
    check_shape("q", q, "batch", "h", "n", "d")
    batch, h, _, d = q.shape
    check_shape("k", k, batch, "g", "keys", d)
    check_shape("v, one a key", v, *k.shape[:3], "d_v")
    g = k.shape[1]
    if g < 1 or h % g:
        raise ValueError(f"k and v: expected heads that divide h = {h}, got {g}")
    together = q.unflatten(1, (g, h // g))  # (batch, g, h / g, n, d)
    k, v = k.unsqueeze(2), v.unsqueeze(2)  # (batch, g, 1, keys, d)
    return scaled_dot_product(together, k, v, mask)[0].flatten(1, 2)
