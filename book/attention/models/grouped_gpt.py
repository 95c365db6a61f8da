"""A small GPT whose query heads share keys and values: Ainslie et al. (2023)."""

import torch
from torch import Tensor, nn

from attention.mechanisms.grouped import grouped_query_attention
from attention.mechanisms.kv_cache import KVCache
from attention.mechanisms.masks import causal_mask
from attention.mechanisms.multi_head import merge_heads
from attention.mechanisms.positions import apply_rope
from attention.models.gpt import GPT


class GroupedAttention(nn.Module):
    """Self-attention to the past with h query heads and g heads of keys and values."""

    def __init__(self, d_model: int, h: int, g: int, d_k: int) -> None:
        """Make the projections.

        Args:
            d_model: the width.
            h: query heads.
            g: heads of keys and values; g divides h.
            d_k: width of a head; h · d_k need not be d_model.

        """
        super().__init__()
        self.heads = {"q": h, "k": g, "v": g}
        self.W_q = nn.Linear(d_model, h * d_k)
        self.W_k, self.W_v = (nn.Linear(d_model, g * d_k) for _ in range(2))
        self.W_o = nn.Linear(h * d_k, d_model)

    def forward(
        self, x: Tensor, cache: KVCache | None = None, layer: int = 0, past: int = 0
    ) -> Tensor:
        """Let new tokens (batch, new, d_model) attend to the past and to themselves.

        Only g heads go into the cache.
        """
        at = torch.arange(past, past + x.shape[1])
        q, k = (apply_rope(self._heads(x, name), at) for name in "qk")
        v = self._heads(x, "v")
        if cache is not None:
            k, v = cache.append(layer, k, v)  # (batch, g, past + new, d_k)
        mask = causal_mask(x.shape[1], k.shape[2])
        return self.W_o(merge_heads(grouped_query_attention(q, k, v, mask)))

    def _heads(self, x: Tensor, name: str) -> Tensor:
        """Return queries, keys or values, (batch, heads, n, d_k)."""
        found = getattr(self, f"W_{name}")(x)
        return found.unflatten(-1, (self.heads[name], -1)).transpose(1, 2)


def grouped_gpt(
    n_tokens: int, *, h: int, g: int, d_k: int = 16, d_model: int = 96, layers: int = 3
) -> GPT:
    """Return a GPT with g heads of keys, as large as one with d_model / d_k of them.

    What the projections save is given to the feed-forward networks, as Shazeer (2019,
    section 4.1) does: a hidden unit there has 2 · d_model weights.
    """
    full = 4 * d_model * d_model
    saved = full - 2 * d_model * d_k * (h + g)
    d_ff = 4 * d_model + saved // (2 * d_model)
    model = GPT(n_tokens, d_model=d_model, h=1, layers=layers, d_ff=d_ff)
    for layer in model.layers:
        layer.attend = GroupedAttention(d_model, h, g, d_k)
        for name, weight in layer.attend.named_parameters():
            if weight.dim() > 1:  # as GPT does
                depth = 2 * layers if name == "W_o.weight" else 1
                nn.init.normal_(weight, std=(d_model * depth) ** -0.5)
    return model
