"""A small GPT: the Transformer's decoder alone, which predicts the next token.

Layers are in GPT-2's order (pre-LN). Positions are rotations of queries and keys,
so that a text may go on for longer than those that the model learned from.
"""

import math

import torch
from torch import Tensor, nn

from attention.mechanisms.kv_cache import KVCache
from attention.mechanisms.masking import weigh_keys
from attention.mechanisms.masks import causal_mask
from attention.mechanisms.multi_head import check_heads, merge_heads, split_heads
from attention.mechanisms.positions import apply_rope
from attention.models.blocks import FeedForward, LayerNorm, Residual


class CausalAttention(nn.Module):
    """Multi-head self-attention to the past, which may lie in a cache."""

    scores: Tensor | None  # of the last call, before the mask: (batch, h, new, keys)
    attn: Tensor | None  # weights of the last call, in the same shape

    def __init__(self, h: int, d_model: int, window: int | None = None) -> None:
        """Make the projections W_q, W_k, W_v and W_o, each (d_model, d_model).

        Args:
            h: heads; it divides d_model.
            d_model: the width.
            window: how many keys a query sees, itself included; None for all.

        """
        super().__init__()
        self.h, self.window = h, window
        check_heads(h, d_model)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.scores = self.attn = None

    def forward(
        self, x: Tensor, cache: KVCache | None = None, layer: int = 0, past: int = 0
    ) -> Tensor:
        """Let new tokens (batch, new, d_model) attend to the past and to themselves.

        Args:
            x: the new tokens.
            cache: holds keys and values of the past; the new ones are added.
            layer: under which number they lie there.
            past: how many tokens came before.

        """
        new = x.shape[1]
        at = torch.arange(past, past + new, device=x.device)
        q = apply_rope(split_heads(self.W_q(x), self.h), at)  # (batch, h, new, d_k)
        k = apply_rope(split_heads(self.W_k(x), self.h), at)
        v = split_heads(self.W_v(x), self.h)
        if cache is not None:
            k, v = cache.append(layer, k, v)  # (batch, h, past + new, d_k)
        scores = q @ k.mT / math.sqrt(q.shape[-1])  # (batch, h, new, past + new)
        mask = causal_mask(new, k.shape[2])  # the last query stands at the last key
        if self.window is not None:
            mask = mask.triu(k.shape[2] - new - self.window + 1)
        weights = weigh_keys(scores, mask)
        self.scores, self.attn = scores.detach(), weights.detach()
        return self.W_o(merge_heads(weights @ v))


class GPTLayer(nn.Module):
    """Attention to the past, then a feed-forward network, each with a residual."""

    def __init__(self, d_model: int, h: int, d_ff: int, window: int | None) -> None:
        """Make both sublayers; d_ff = 0 leaves the network out."""
        super().__init__()
        self.attend = CausalAttention(h, d_model, window)
        self.around = Residual(d_model, 0.0, pre_norm=True)
        self.feed_forward = FeedForward(d_model, d_ff) if d_ff else None
        self.around_network = Residual(d_model, 0.0, pre_norm=True) if d_ff else None

    def forward(
        self, x: Tensor, cache: KVCache | None, layer: int, past: int
    ) -> Tensor:
        """Turn x (batch, new, d_model) into as many vectors."""
        x = self.around(x, lambda y: self.attend(y, cache, layer, past))
        if self.feed_forward is not None and self.around_network is not None:
            x = self.around_network(x, self.feed_forward)
        return x


class GPT(nn.Module):
    """A stack of layers between an embedding and logits of the next token."""

    def __init__(
        self,
        n_tokens: int,
        *,
        d_model: int = 96,
        h: int = 3,
        layers: int = 3,
        d_ff: int | None = None,
        window: int | None = None,
    ) -> None:
        """Make the stack.

        Args:
            n_tokens: size of the vocabulary.
            d_model: the width.
            h: heads of each attention.
            layers: how many.
            d_ff: width inside the feed-forward networks, 4 * d_model by default; 0
                leaves them out, and attention is all there is.
            window: how many keys a query sees at the most; None for all.

        """
        super().__init__()
        d_ff = 4 * d_model if d_ff is None else d_ff
        self.embed = nn.Embedding(n_tokens, d_model)
        self.layers = nn.ModuleList(
            GPTLayer(d_model, h, d_ff, window) for _ in range(layers)
        )
        self.norm = LayerNorm(d_model)
        self.logits = nn.Linear(d_model, n_tokens, bias=False)  # not the embedding
        for name, weight in self.named_parameters():
            if weight.dim() > 1 and name != "embed.weight":
                adds = name.endswith(("W_o.weight", "W_2.weight"))  # to the residual
                depth = 2 * layers if adds else 1  # as in GPT-2, section 2.3
                nn.init.normal_(weight, std=(d_model * depth) ** -0.5)

    def forward(self, ids: Tensor, cache: KVCache | None = None) -> Tensor:
        """Return logits (batch, new, n_tokens) of the token after each one given.

        Args:
            ids: (batch, new). With a cache they follow the tokens that it has read.
            cache: what was read before; the new tokens are added to it.

        """
        past = cache.length if cache is not None else 0
        x = self.embed(ids)
        for number, layer in enumerate(self.layers):
            x = layer(x, cache, number, past)
        return self.logits(self.norm(x))

    def attention(self, kind: str = "attn") -> Tensor:
        """Return the weights of the last call: (layers, batch, h, new, keys).

        Args:
            kind: `attn` for weights, `scores` for what they were before the mask.

        Raises:
            ValueError: if nothing was read yet.

        """
        looked = [getattr(layer.attend, kind) for layer in self.layers]
        if any(x is None for x in looked):
            raise ValueError("there are no weights before the first call")
        return torch.stack(looked)
