"""The layers of a Transformer: Vaswani et al. (2017), sections 3.1 and 3.3."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attention.mechanisms.multi_head import MultiHeadedAttention


class LayerNorm(nn.Module):
    """Bring each vector to mean 0 and variance 1, then scale and shift it."""

    def __init__(self, d: int, eps: float = 1e-5) -> None:
        """Make `weight` (ones) and `bias` (zeros), both (d,)."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (..., d) over its last axis, each vector by itself."""
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.square().mean(-1, keepdim=True)  # divided by d, not d - 1
        return self.weight * centred / (variance + self.eps).sqrt() + self.bias


class FeedForward(nn.Module):
    """Two linear maps with a ReLU between, the same at every position: equation 2."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        """Make W_1 from d_model to d_ff and W_2 back."""
        super().__init__()
        self.W_1 = nn.Linear(d_model, d_ff)
        self.W_2 = nn.Linear(d_ff, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., d_model) to (..., d_model)."""
        return self.W_2(self.W_1(x).relu())


class Residual(nn.Module):
    """Add what a sublayer says to what came in; normalise before or after."""

    def __init__(self, d_model: int, dropout: float, pre_norm: bool) -> None:
        """Make the layer norm; `pre_norm` puts it in front of the sublayer."""
        super().__init__()
        self.norm = LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.pre_norm = pre_norm

    def forward(
        self,
        x: Tensor,
        sublayer: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """Apply a sublayer to x (..., d_model), and add x."""
        if self.pre_norm:
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))  # the paper's order


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network, each in a residual connection."""

    def __init__(
        self, d_model: int, h: int, d_ff: int, dropout: float, pre_norm: bool
    ) -> None:
        """Make `self_attn`, `feed_forward` and two `residuals`."""
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model, dropout)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.residuals = nn.ModuleList(
            Residual(d_model, dropout, pre_norm) for _ in range(2)
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Turn x (batch, n, d_model) into as many vectors.

        The mask, broadcastable to (batch, n, n), is False on padding.
        """
        x = self.residuals[0](x, lambda y: self.self_attn(y, y, y, mask))
        return self.residuals[1](x, self.feed_forward)


class DecoderLayer(nn.Module):
    """Masked self-attention, attention to the encoder, feed-forward network."""

    def __init__(
        self, d_model: int, h: int, d_ff: int, dropout: float, pre_norm: bool
    ) -> None:
        """Make `self_attn`, `cross_attn`, `feed_forward` and three `residuals`."""
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model, dropout)
        self.cross_attn = MultiHeadedAttention(h, d_model, dropout)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.residuals = nn.ModuleList(
            Residual(d_model, dropout, pre_norm) for _ in range(3)
        )

    def forward(
        self, x: Tensor, memory: Tensor, past: Tensor | None, mask: Tensor | None
    ) -> Tensor:
        """Turn x (batch, m, d_model) into as many vectors.

        The encoder's output `memory`, (batch, n, d_model), is keys and values. `past`,
        broadcastable to (batch, m, m), is False on the future; `mask`, broadcastable
        to (batch, m, n), on the source's padding.
        """
        attend, look = self.self_attn, self.cross_attn
        x = self.residuals[0](x, lambda y: attend(y, y, y, past))
        x = self.residuals[1](x, lambda y: look(y, memory, memory, mask))
        return self.residuals[2](x, self.feed_forward)
