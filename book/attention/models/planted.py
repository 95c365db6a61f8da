"""Two readers of short texts: one pools by attention, one is a Transformer."""

import torch
from torch import Tensor, nn

from attention.data.planted import LENGTH, NUMBER, WORDS
from attention.mechanisms.additive import AdditiveAttention
from attention.mechanisms.multi_head import MultiHeadedAttention
from attention.models.blocks import EncoderLayer, LayerNorm


class PoolingReader(nn.Module):
    """Words as vectors, or states of a BiGRU; attention pools them; a network answers.

    The scores are additive, with one learned query for all texts.
    """

    attn: Tensor | None  # weights of the last call, (batch, n)

    def __init__(self, recurrent: bool, d: int = 32, n: int = LENGTH) -> None:
        """Make the embedding, positions or a BiGRU, the attention and the network."""
        super().__init__()
        self.embed = nn.Embedding(len(WORDS), d)
        self.positions = None if recurrent else nn.Parameter(0.3 * torch.randn(n, d))
        self.gru = None
        if recurrent:
            self.gru = nn.GRU(d, d, batch_first=True, bidirectional=True)
        width = 2 * d if recurrent else d
        self.query = nn.Parameter(torch.randn(1, d))
        self.attend = AdditiveAttention(d, width, d)
        self.answer = nn.Sequential(nn.Linear(width, d), nn.ReLU(), nn.Linear(d, 2))
        self.attn = None

    def states(self, ids: Tensor) -> Tensor:
        """Return keys, which are values too, (batch, n, width)."""
        x = self.embed(ids)
        return x + self.positions if self.gru is None else self.gru(x)[0]

    def forward(self, ids: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return logits (batch, 2) for texts (batch, n).

        Args:
            ids: integers.
            weights: (batch, n), in place of the attention's own.

        """
        states = self.states(ids)
        own = self.attend(self.query.expand(len(ids), -1), states)[1]
        weights = own if weights is None else weights
        self.attn = weights.detach()
        return self.answer((weights.unsqueeze(1) @ states).squeeze(1))


class TransformerReader(nn.Module):
    """A small Transformer encoder; the state of [CLS] answers."""

    def __init__(
        self, d: int = 32, h: int = 2, layers: int = 2, n: int = LENGTH
    ) -> None:
        """Make the embedding, positions, pre-LN layers, a last norm and the answer."""
        super().__init__()
        self.embed = nn.Embedding(len(WORDS), d)
        self.positions = nn.Parameter(0.3 * torch.randn(n + 1, d))
        self.layers = nn.ModuleList(
            EncoderLayer(d, h, 2 * d, dropout=0.0, pre_norm=True) for _ in range(layers)
        )
        self.norm = LayerNorm(d)
        self.answer = nn.Linear(d, 2)

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (batch, 2) for texts (batch, n)."""
        start = self.embed.weight[NUMBER["[CLS]"]].expand(len(ids), 1, -1)
        x = torch.cat([start, self.embed(ids)], 1) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.answer(self.norm(x[:, 0]))

    def attention(self) -> Tensor:
        """Return the last call's weights, (layers, batch, h, n + 1, n + 1)."""
        heads = [m for m in self.modules() if isinstance(m, MultiHeadedAttention)]
        return torch.stack([m.attn for m in heads if m.attn is not None])


Reader = PoolingReader | TransformerReader
