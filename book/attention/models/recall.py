"""One layer of attention, softmax or linear, that looks up values by their keys."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.recall import RECALL_KEYS, RECALL_VALUES
from attention.mechanisms.linear_attention import elu_features, linear_attention
from attention.mechanisms.scaled_dot_product import scaled_dot_product

RECALL_KINDS = ("softmax", "elu", "plain", "delta")


class RecallLayer(nn.Module):
    """Read pairs, each in one vector; answer queries by one attention."""

    def __init__(self, kind: str, d_k: int = 16, window: int | None = None) -> None:
        """Make embeddings, projections and the output, 64 wide.

        Args:
            kind: softmax; elu, the linear attention of Katharopoulos et al. (2020);
                plain, φ(x) = x without a denominator; delta, which subtracts what the
                state says already from what it writes.
            d_k: width of queries and keys, and so the rows of the state.
            window: how many of the last pairs a softmax sees; None for all.

        Raises:
            ValueError: if the kind is none of these.

        """
        super().__init__()
        if kind not in RECALL_KINDS:
            raise ValueError(
                f"kind: expected one of {', '.join(RECALL_KINDS)}, got {kind}"
            )
        self.kind, self.window, d = kind, window, 64
        self.key, self.value = (
            nn.Embedding(RECALL_KEYS, d),
            nn.Embedding(RECALL_VALUES, d),
        )
        self.W_q, self.W_k = (nn.Linear(d, d_k, bias=False) for _ in range(2))
        self.W_v, self.out = nn.Linear(d, d, bias=False), nn.Linear(d, RECALL_VALUES)
        self.scale = nn.Parameter(torch.tensor(float(d_k**0.5)))
        self.rate = nn.Linear(d, 1)  # how much the delta rule writes

    def forward(self, keys: Tensor, values: Tensor, query: Tensor) -> Tensor:
        """Return logits (batch, queries, values) of the values that are asked for.

        Args:
            keys: numbers, (batch, pairs).
            values: numbers, (batch, pairs).
            query: numbers of keys, (batch, queries).

        """
        read = self.key(keys)
        q, k, v = (
            self.W_q(self.key(query)),
            self.W_k(read),
            self.W_v(self.value(values)),
        )
        if self.kind == "softmax":
            seen = slice(None if self.window is None else -self.window, None)
            k, v = k[:, seen], v[:, seen]
            answer = scaled_dot_product(q * self.scale, k, v)[0]
        elif self.kind == "elu":
            answer = linear_attention(q, k, v, elu_features)
        elif self.kind == "plain":
            answer = q @ (k.mT @ v) / k.shape[1] ** 0.5
        else:
            rates = torch.sigmoid(self.rate(read) + 2)
            answer = write_by_delta(q, k, v, rates)
        return self.out(answer)


def write_by_delta(q: Tensor, k: Tensor, v: Tensor, rates: Tensor) -> Tensor:
    """Write each pair into a state, less what the state says of its key already.

    Args:
        q: (batch, queries, d_k).
        k: (batch, pairs, d_k); it is brought to length 1, as q is.
        v: (batch, pairs, d_v).
        rates: (batch, pairs, 1), how much of a pair is written.

    Returns:
        What the state answers, (batch, queries, d_v).

    """
    q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)
    state = k.new_zeros(k.shape[0], k.shape[-1], v.shape[-1])
    for t in range(k.shape[1]):
        key = k[:, t, None]  # (batch, 1, d_k)
        missing = v[:, t, None] - key @ state
        state = state + (rates[:, t, None] * key).mT @ missing
    return q @ state
