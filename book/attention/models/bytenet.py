"""ByteNet, two stacks of dilated convolutions: Kalchbrenner et al. (2016)."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.data.batches import Batch
from attention.data.vocabulary import PAD
from attention.mechanisms.convolution import causal_dilated_conv, receptive_field


class Unfolding(NamedTuple):
    """What the encoder left, and what the decoder has read since."""

    memory: Tensor  # (batch, room, d)
    given: Tensor  # (batch, t): START, y_1 ... y_{t-1}


class ByteNetBlock(nn.Module):
    """A residual block: to half the width, a dilated convolution, and back."""

    def __init__(self, d: int, k: int, dilation: int, causal: bool) -> None:
        """Make three norms, `down` (d to d/2), `weight` (d/2, d/2, k) and `up`."""
        super().__init__()
        half = d // 2
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in (d, half, half))
        self.down, self.up = nn.Linear(d, half), nn.Linear(half, d)
        self.weight = nn.Parameter(torch.empty(half, half, k))
        self.bias = nn.Parameter(torch.zeros(half))
        nn.init.uniform_(self.weight, -((k * half) ** -0.5), (k * half) ** -0.5)
        self.dilation, self.causal = dilation, causal

    def convolve(self, x: Tensor) -> Tensor:
        """Convolve x (batch, n, d/2): to the past alone, or to both sides."""
        x, ahead = x.transpose(1, 2), 0
        if not self.causal:
            ahead = (self.weight.shape[2] - 1) * self.dilation // 2
        y = causal_dilated_conv(F.pad(x, (0, ahead)), self.weight, self.dilation)
        return y[:, :, ahead:].transpose(1, 2) + self.bias

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Turn x (batch, n, d) into as many vectors.

        `mask` (batch, n, 1) is False on padding: zeros go into the convolution there,
        as they do beyond the border.
        """
        y = self.norms[1](self.down(self.norms[0](x).relu())).relu()
        if mask is not None:
            y = y * mask
        return x + self.up(self.norms[2](self.convolve(y)).relu())


class ByteNet(nn.Module):
    """An encoder that sees both sides, a decoder on top of it that sees the past."""

    def __init__(
        self,
        n_source: int,
        n_target: int,
        *,
        embed_size: int = 96,
        d: int = 208,
        k: int = 3,
        encoder: tuple[int, ...] = (1, 2, 4),
        decoder: tuple[int, ...] = (1, 2, 4, 1),
        dropout: float = 0.1,
    ) -> None:
        """Make both stacks, one block for each dilation.

        Args:
            n_source: tokens of the source's vocabulary.
            n_target: tokens of the target's; its embedding is the output layer as well.
            embed_size: the width of the embeddings.
            d: the width between the blocks, even.
            k: taps of each convolution, odd.
            encoder: the dilations of its blocks.
            decoder: the dilations of its blocks.
            dropout: on embeddings and before the output.

        """
        super().__init__()
        self.embed_source = nn.Embedding(n_source, embed_size)
        self.embed_target = nn.Embedding(n_target, embed_size)
        self.widen_source = nn.Linear(embed_size, d)
        self.widen_target = nn.Linear(embed_size, d)
        self.encoder = nn.ModuleList(ByteNetBlock(d, k, r, False) for r in encoder)
        self.decoder = nn.ModuleList(ByteNetBlock(d, k, r, True) for r in decoder)
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.join = nn.Linear(2 * d, d)
        self.narrow = nn.Linear(d, embed_size)
        self.dropout = nn.Dropout(dropout)
        self.k, self.dilations = k, (encoder, decoder)
        for embed in (self.embed_source, self.embed_target):
            nn.init.normal_(embed.weight, std=embed_size**-0.5)

    def embed(self, tokens: Tensor, table: nn.Embedding, widen: nn.Linear) -> Tensor:
        """Turn tokens (batch, n) into vectors (batch, n, d)."""
        return widen(self.dropout(table(tokens) * math.sqrt(table.embedding_dim)))

    def encode(self, source: Tensor) -> Tensor:
        """Read the source (batch, n), PAD at the end: (batch, n, d), 0 on padding."""
        mask = (source != PAD).unsqueeze(-1)
        x = self.embed(source, self.embed_source, self.widen_source)
        for block in self.encoder:
            x = block(x, mask)
        return self.norms[0](x) * mask

    def decode(self, given: Tensor, memory: Tensor) -> Tensor:
        """Return logits (batch, m, n_target) of the token after each given one.

        Target position t reads the encoder's vector at position t, zeros if there is
        none: nothing searches.
        """
        m, n = given.shape[1], memory.shape[1]
        memory = F.pad(memory, (0, 0, 0, max(0, m - n)))[:, :m]
        x = self.embed(given, self.embed_target, self.widen_target)
        x = self.join(torch.cat([x, memory], dim=-1))
        for block in self.decoder:
            x = block(x)
        out = self.narrow(self.dropout(self.norms[1](x)))
        return out @ self.embed_target.weight.T

    def forward(self, batch: Batch) -> Tensor:
        """Return logits for each target token, by teacher forcing, all at once."""
        return self.decode(batch.given, self.encode(batch.source))

    def start(self, source: Tensor) -> Unfolding:
        """Read the source (batch, n); nothing is written yet."""
        return Unfolding(self.encode(source), source.new_empty(len(source), 0))

    def step(self, token: Tensor, state: Unfolding) -> tuple[Tensor, Unfolding, None]:
        """Read y_{t-1} (batch,); return logits of y_t, the new state, no weights."""
        state = state._replace(given=torch.cat([state.given, token[:, None]], dim=1))
        return self.decode(state.given, state.memory)[:, -1], state, None

    def reach(self) -> tuple[int, int]:
        """Return how many positions one vector of the encoder, of the decoder, sees."""
        k, (encoder, decoder) = self.k, self.dilations
        return receptive_field(encoder, k), receptive_field(decoder, k)
