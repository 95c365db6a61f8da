"""The Transformer, an encoder-decoder made of attention: Vaswani et al. (2017)."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from attention.data.batches import Batch
from attention.data.vocabulary import PAD
from attention.mechanisms.masks import causal_mask
from attention.mechanisms.multi_head import MultiHeadedAttention
from attention.mechanisms.positions import sinusoidal_positions
from attention.models.blocks import DecoderLayer, EncoderLayer, LayerNorm


class Reading(NamedTuple):
    """What the encoder left, and what the decoder has read since."""

    memory: Tensor  # (batch, n, d_model)
    mask: Tensor  # (batch, 1, n): False on padding
    given: Tensor  # (batch, t): START, y_1 ... y_{t-1}


class Transformer(nn.Module):
    """Encoder and decoder, joined by attention and without any recurrence."""

    positions: Tensor  # (longest, d_model)

    def __init__(
        self,
        n_source: int,
        n_target: int,
        *,
        d_model: int = 128,
        h: int = 4,
        d_ff: int = 512,
        layers: int = 2,
        dropout: float = 0.1,
        pre_norm: bool = True,
        longest: int = 128,
    ) -> None:
        """Make both stacks, for sequences of up to `longest` tokens.

        Args:
            n_source: tokens of the source's vocabulary.
            n_target: tokens of the target's; its embedding is the output layer as well.
            d_model: the width of every vector between the layers.
            h: heads of each attention.
            d_ff: the width inside the feed-forward networks.
            layers: of the encoder, and as many of the decoder.
            dropout: on embeddings, attention weights and what sublayers add.
            pre_norm: normalise before each sublayer, and once at the end; False
                is the paper's order, and has no norm at the end.
            longest: how many positions there are.

        """
        super().__init__()
        self.embed_source = nn.Embedding(n_source, d_model)
        self.embed_target = nn.Embedding(n_target, d_model)
        self.dropout = nn.Dropout(dropout)
        shape = d_model, h, d_ff, dropout, pre_norm
        self.encoder = nn.ModuleList(EncoderLayer(*shape) for _ in range(layers))
        self.decoder = nn.ModuleList(DecoderLayer(*shape) for _ in range(layers))
        self.encoder_norm = LayerNorm(d_model) if pre_norm else nn.Identity()
        self.decoder_norm = LayerNorm(d_model) if pre_norm else nn.Identity()
        places = sinusoidal_positions(longest, d_model)
        self.register_buffer("positions", places, persistent=False)
        self.draw_weights(d_model)

    def draw_weights(self, d_model: int) -> None:
        """Draw all matrices anew, and the embeddings so that they fit the width."""
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.xavier_uniform_(weight)
        for embed in (self.embed_source, self.embed_target):
            nn.init.normal_(embed.weight, std=d_model**-0.5)  # 1 after embed_tokens

    def embed_tokens(self, tokens: Tensor, embed: nn.Embedding) -> Tensor:
        """Turn tokens (batch, n) into vectors that know their place: section 3.4.

        Raises:
            ValueError: if there are more tokens than positions.

        """
        n, longest = tokens.shape[1], len(self.positions)
        if n > longest:
            raise ValueError(f"expected at most {longest} tokens, got {n}")
        vectors = embed(tokens) * math.sqrt(embed.embedding_dim)
        return self.dropout(vectors + self.positions[:n])

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Read the source (batch, n), PAD at the end.

        Returns:
            What the decoder looks at, (batch, n, d_model), and its mask (batch, 1, n).

        """
        mask = (source != PAD).unsqueeze(1)  # the same for every query
        x = self.embed_tokens(source, self.embed_source)
        for layer in self.encoder:
            x = layer(x, mask)
        return self.encoder_norm(x), mask

    def decode(self, given: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """Return logits (batch, m, n_target) of the token after each given one.

        Args:
            given: (batch, m): START, y_1 ... y_{m-1}. PAD at the end needs no mask
                of its own: it is in the future of all other tokens.
            memory: (batch, n, d_model), from `encode`.
            mask: (batch, 1, n), from `encode`.

        """
        past = causal_mask(given.shape[1], given.shape[1])
        x = self.embed_tokens(given, self.embed_target)
        for layer in self.decoder:
            x = layer(x, memory, past, mask)
        return self.decoder_norm(x) @ self.embed_target.weight.T

    def forward(self, batch: Batch) -> Tensor:
        """Return logits for each target token, by teacher forcing, all at once."""
        return self.decode(batch.given, *self.encode(batch.source))

    def start(self, source: Tensor) -> Reading:
        """Read the source (batch, n); nothing is written yet."""
        return Reading(*self.encode(source), source.new_empty(len(source), 0))

    def step(self, token: Tensor, state: Reading) -> tuple[Tensor, Reading, Tensor]:
        """Read y_{t-1} (batch,); return logits of y_t, the new state, the weights.

        The weights (batch, n) are those of the last layer on the source, the mean over
        its heads. All that was given is read again: chapter 12 stores it instead.
        """
        state = state._replace(given=torch.cat([state.given, token[:, None]], dim=1))
        logits = self.decode(state.given, state.memory, state.mask)[:, -1]
        return logits, state, self.weights("cross")[-1][:, :, -1].mean(1)

    def weights(self, kind: str) -> Tensor:
        """Return where the last call looked: (layers, batch, h, queries, keys).

        Args:
            kind: `encoder`, `decoder` for its self-attention, or `cross`.

        Raises:
            KeyError: if there is no such kind.
            ValueError: if nothing was read yet.

        """
        name = "cross_attn" if kind == "cross" else "self_attn"
        stack = {
            "encoder": self.encoder,
            "decoder": self.decoder,
            "cross": self.decoder,
        }
        looked = []
        for layer in stack[kind]:
            attend: MultiHeadedAttention = getattr(layer, name)
            if attend.attn is None:
                raise ValueError("there are no weights before the first call")
            looked.append(attend.attn)
        return torch.stack(looked)
