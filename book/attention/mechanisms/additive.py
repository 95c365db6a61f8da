"""Additive attention: Bahdanau, Cho and Bengio (2015), the alignment model."""

import torch
from torch import Tensor, nn

from attention.mechanisms.masking import weigh_keys
from attention.shapes import check_shape


def additive_scores(
    query: Tensor, keys: Tensor, W_q: Tensor, W_k: Tensor, v: Tensor
) -> Tensor:
    """Score every key for every query: v · tanh(q W_q + k W_k), section A.1.2.

    Args:
        query: (..., queries, query_size).
        keys: (..., keys, key_size).
        W_q: (query_size, hidden_size).
        W_k: (key_size, hidden_size).
        v: (hidden_size,).

    Returns:
        Scores, (..., queries, keys).

    Raises:
        ValueError: if the sizes do not fit.

    """
    hidden_size = v.shape[-1]
    check_shape("W_q", W_q, query.shape[-1], hidden_size)
    check_shape("W_k", W_k, keys.shape[-1], hidden_size)
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return torch.tanh(hidden) @ v


class AdditiveAttention(nn.Module):
    """Let one decoder state a sentence look at all encoder states of its sentence."""

    def __init__(self, query_size: int, key_size: int, hidden_size: int) -> None:
        """Make the three weights of the alignment model; none has a bias."""
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(
        self,
        query: Tensor,  # (batch, query_size): s_{t-1}
        keys: Tensor,  # (batch, n, key_size): h_1 ... h_n, values as well
        mask: Tensor | None = None,  # (batch, n): False on padding
        projected: Tensor | None = None,  # W_k(keys), the same at every step
    ) -> tuple[Tensor, Tensor]:
        """Return the context (batch, key_size) and the weights (batch, n)."""
        projected = self.W_k(keys) if projected is None else projected
        hidden = torch.tanh(self.W_q(query).unsqueeze(1) + projected)  # (batch, n, h)
        scores = self.v(hidden).squeeze(-1)  # (batch, n)
        weights = weigh_keys(scores, mask)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)  # (batch, key_size)
        return context, weights
