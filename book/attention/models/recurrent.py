"""A GRU encoder and a GRU decoder, with attention and without."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from attention.data.batches import Batch
from attention.data.vocabulary import PAD
from attention.mechanisms.additive import AdditiveAttention


class Memory(NamedTuple):
    """What an encoder leaves for a decoder to look at."""

    states: Tensor  # (batch, n, key_size): h_1 ... h_n
    mask: Tensor  # (batch, n): False on padding
    projected: Tensor | None = None  # W_k h_i, made once a sentence


class Encoder(nn.Module):
    """Read a sentence in both directions; h_i holds token i and all around it."""

    def __init__(self, n_tokens: int, embed_size: int, hidden_size: int) -> None:
        """Make an embedding and a bidirectional GRU."""
        super().__init__()
        self.embed = nn.Embedding(n_tokens, embed_size, padding_idx=PAD)
        self.rnn = nn.GRU(embed_size, hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.0)

    def forward(self, source: Tensor) -> Memory:
        """Turn tokens (batch, n) into states (batch, n, 2 * hidden_size)."""
        mask = source != PAD
        packed = pack_padded_sequence(  # so that no state has seen padding
            self.dropout(self.embed(source)),
            mask.sum(1),
            batch_first=True,
            enforce_sorted=False,
        )
        states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return Memory(self.dropout(states), mask)


class Summary(nn.Module):
    """In place of attention: the same two states, whatever the query."""

    def forward(
        self,
        query: Tensor,
        keys: Tensor,
        mask: Tensor,
        projected: Tensor | None = None,
    ) -> tuple[Tensor, None]:
        """Return [last state forwards; first backwards] and no weights."""
        forwards, backwards = keys.chunk(2, dim=-1)
        last = mask.sum(1) - 1
        rows = torch.arange(len(keys))
        return torch.cat([forwards[rows, last], backwards[:, 0]], dim=-1), None


def look_then_move(
    given: Tensor,  # (batch, embed_size): y_{t-1}, embedded
    state: Tensor,  # (batch, hidden_size): s_{t-1}
    memory: Memory,  # the encoder's states h_1 ... h_n, with their mask
    attend: nn.Module,  # AdditiveAttention, or Summary where there is none
    cell: nn.GRUCell,  # reads [y_{t-1}; c_t]
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Make one step of a decoder; return s_t, c_t and weights (batch, n)."""
    context, weights = attend(state, *memory)  # the query is s_{t-1}
    state = cell(torch.cat([given, context], dim=-1), state)
    return state, context, weights


class Decoder(nn.Module):
    """Write a sentence token by token, looking back before each step."""

    def __init__(
        self, n_tokens: int, embed_size: int, hidden_size: int, attend: nn.Module
    ) -> None:
        """Make the decoder around `attend`, AdditiveAttention or Summary."""
        super().__init__()
        key_size = 2 * hidden_size
        self.embed = nn.Embedding(n_tokens, embed_size, padding_idx=PAD)
        self.first = nn.Linear(hidden_size, hidden_size)
        self.attend = attend
        self.cell = nn.GRUCell(embed_size + key_size, hidden_size)
        self.readout = nn.Linear(hidden_size + key_size + embed_size, embed_size)
        self.logits = nn.Linear(embed_size, n_tokens)
        self.dropout = nn.Dropout(0.0)

    def start(self, memory: Memory) -> tuple[Tensor, Memory]:
        """Return s_0 from the backward state of the first token, and U h_i."""
        backwards = memory.states.chunk(2, dim=-1)[1][:, 0]
        if isinstance(self.attend, AdditiveAttention):
            memory = memory._replace(projected=self.attend.W_k(memory.states))
        return torch.tanh(self.first(backwards)), memory

    def step(
        self, given: Tensor, state: Tensor, memory: Memory
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Read y_{t-1}, embedded; return s_t, what the output needs, and weights."""
        state, context, weights = look_then_move(
            given, state, memory, self.attend, self.cell
        )
        return state, torch.cat([state, context, given], dim=-1), weights

    def read(self, features: Tensor) -> Tensor:
        """Turn features of a step into logits over the target's tokens."""
        return self.logits(self.dropout(torch.tanh(self.readout(features))))

    def forward(self, given: Tensor, memory: Memory) -> Tensor:
        """Return logits (batch, m, n_tokens), given the true tokens (batch, m)."""
        state, memory = self.start(memory)
        features = []
        for embedded in self.dropout(self.embed(given)).unbind(1):
            state, feature, _ = self.step(embedded, state, memory)
            features.append(feature)
        return self.read(torch.stack(features, dim=1))


class Translator(nn.Module):
    """An encoder and a decoder, joined by attention or by a summary alone."""

    def __init__(
        self,
        n_source: int,
        n_target: int,
        *,
        embed_size: int = 32,
        hidden_size: int = 64,
        attention: bool = True,
        dropout: float = 0.0,
    ) -> None:
        """Make both halves; without attention they are the same in all else."""
        super().__init__()
        attend = (
            AdditiveAttention(hidden_size, 2 * hidden_size, hidden_size)
            if attention
            else Summary()
        )
        self.encoder = Encoder(n_source, embed_size, hidden_size)
        self.decoder = Decoder(n_target, embed_size, hidden_size, attend)
        self.encoder.dropout.p = self.decoder.dropout.p = dropout

    def forward(self, batch: Batch) -> Tensor:
        """Return logits for each target token, by teacher forcing."""
        return self.decoder(batch.given, self.encoder(batch.source))

    def start(self, source: Tensor) -> tuple[Tensor, Memory]:
        """Read the source (batch, n); return s_0 and what the decoder looks at."""
        return self.decoder.start(self.encoder(source))

    def step(
        self, token: Tensor, state: tuple[Tensor, Memory]
    ) -> tuple[Tensor, tuple[Tensor, Memory], Tensor | None]:
        """Read y_{t-1} (batch,); return logits of y_t, the new state, the weights."""
        before, memory = state
        given = self.decoder.embed(token)
        after, features, weights = self.decoder.step(given, before, memory)
        return self.decoder.read(features), (after, memory), weights
