"""The OpenAI transformer and BERT in small, as chapter 10 trains them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.mechanisms.masks import causal_mask
from attention.mechanisms.positions import sinusoidal_positions
from attention.models.bert import BertLayer
from attention.models.blocks import LayerNorm


class SmallTransformer(nn.Module):
    """The OpenAI transformer or BERT in small: one mask apart.

    Both are post-LN with a GELU, and learn their positions. The embedding is the output
    as well. The positions start from sinusoids, which the papers' did not.
    """

    def __init__(
        self, n_tokens: int, d: int, h: int, layers: int, *, causal: bool, longest: int
    ) -> None:
        """Make the tables, `layers` layers of width d with h heads, and a bias."""
        super().__init__()
        self.embed = nn.Embedding(n_tokens, d)
        nn.init.normal_(self.embed.weight, std=d**-0.5)
        self.positions = nn.Parameter(0.7 * d**-0.5 * sinusoidal_positions(longest, d))
        self.norm, self.dropout = LayerNorm(d), nn.Dropout(0.1)
        self.layers = nn.ModuleList(
            BertLayer(d, h, 4 * d, dropout=0.1, eps=1e-5) for _ in range(layers)
        )
        self.bias = nn.Parameter(torch.zeros(n_tokens))
        self.causal = causal

    def forward(self, ids: Tensor) -> Tensor:
        """Turn sentences (batch, n) of one length into layers (L + 1, batch, n, d).

        Raises:
            ValueError: if a sentence is longer than the table of positions.

        """
        n, longest = ids.shape[1], len(self.positions)
        if n > longest:
            raise ValueError(f"expected at most {longest} tokens, got {n}")
        mask = causal_mask(n, n)[None] if self.causal else None
        x = self.dropout(self.norm(self.embed(ids) + self.positions[:n]))
        layers = [x]
        for layer in self.layers:
            layers.append(layer(layers[-1], mask))
        return torch.stack(layers)

    def logits(self, states: Tensor) -> Tensor:
        """Turn states (..., d) into logits (..., n_tokens)."""
        return F.linear(states, self.embed.weight, self.bias)
