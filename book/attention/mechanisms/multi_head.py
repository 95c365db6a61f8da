"""Multi-head attention: Vaswani et al. (2017), section 3.2.2."""

from torch import Tensor, nn

from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.shapes import check_shape


def split_heads(x: Tensor, h: int) -> Tensor:
    """Cut the vectors (batch, n, d_model) into (batch, h, n, d_model / h).

    Raises:
        ValueError: if x has not three axes, or h does not divide d_model.

    """
    d_model = check_heads(h, x.shape[-1])
    check_shape("x", x, "batch", "n", d_model)
    batch, n, _ = x.shape
    return x.view(batch, n, h, d_model // h).transpose(1, 2)  # (batch, h, n, d_k)


def merge_heads(x: Tensor) -> Tensor:
    """Put the heads (batch, h, n, d_k) side by side again: (batch, n, h * d_k)."""
    return x.transpose(1, 2).flatten(2)


class MultiHeadedAttention(nn.Module):
    """Attend h times in parallel, each head in its own slice of the projections."""

    attn: Tensor | None  # weights of the last call, (batch, h, queries, keys)

    def __init__(self, h: int, d_model: int, dropout: float = 0.1) -> None:
        """Make the projections W_q, W_k, W_v and W_o, each (d_model, d_model).

        Raises:
            ValueError: if h does not divide d_model.

        """
        super().__init__()
        self.h, self.d_model = h, check_heads(h, d_model)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Return (batch, queries, d_model).

        Args:
            query: (batch, queries, d_model).
            key: (batch, keys, d_model).
            value: (batch, keys, d_model).
            mask: broadcastable to (batch, queries, keys), the same for all heads, or
                to (batch, h, queries, keys); True where a query may attend.

        Raises:
            ValueError: if a shape does not fit.

        """
        for x in (query, key, value):
            check_shape("vectors", x, "batch", "n", self.d_model)
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)  # the same for every head
        heads, weights = scaled_dot_product(q, k, v, mask, self.dropout)
        self.attn = weights.detach()
        return self.W_o(merge_heads(heads))


def check_heads(h: int, d_model: int) -> int:
    """Return d_model, or raise ValueError if it can't be cut into h equal heads."""
    if h < 1 or d_model % h:
        raise ValueError(f"h must divide d_model: got h = {h}, d_model = {d_model}")
    return d_model
