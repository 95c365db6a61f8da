"""Luong's attention: Luong, Pham and Manning (2015), step first and then look."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from attention.data.batches import Batch
from attention.data.vocabulary import PAD
from attention.mechanisms.local import (
    gaussian_reweight,
    local_window_mask,
    predict_position,
)
from attention.mechanisms.masking import weigh_keys
from attention.mechanisms.scores import dot_score
from attention.models.recurrent import Encoder, Memory

Score = Literal["dot", "general", "concat"]
Window = Literal["monotonic", "predictive"]


def move_then_look(
    given: Tensor,  # (batch, m, size): y_{t-1}, and h̃_{t-1} if it is fed
    state: Tensor,  # (batch, hidden_size): h before the first step
    memory: Memory,  # the encoder's states h_1 ... h_n, with their mask
    steps: Tensor,  # (m,): the number of each step, from 0
    rnn: nn.GRU,  # knows nothing of the source but its first state
    attend: nn.Module,  # LuongAttention
    combine: nn.Linear,  # W_c
) -> tuple[Tensor, Tensor, Tensor]:
    """Move a decoder over m tokens, then look from each of its states.

    Return all h̃_t (batch, m, hidden_size), the last h_t,
    and all weights (batch, m, n).
    """
    hidden, last = rnn(given, state.unsqueeze(0))  # (batch, m, hidden_size)
    context, weights = attend(hidden, memory, steps)  # the query is h_t
    joined = torch.cat([context, hidden], dim=-1)  # (batch, m, 3 * hidden_size)
    return torch.tanh(combine(joined)), last[0], weights


class LuongAttention(nn.Module):
    """Look with h_t at all encoder states, or at a window of them.

    The general score is the paper's, h_t · W_a h_i, with W_a = W_k / √d and d the
    query_size: any W_a can still be learnt. Only the steps are smaller. Adam moves
    every weight by about the learning rate at first, and a score is a sum over all of
    W_a: without the divisor a few steps close the softmax on one word. The paper, with
    SGD, has none. Dot has no weights that could take a factor up: it stays as it is.
    """

    def __init__(
        self,
        query_size: int,
        key_size: int,
        score: Score = "general",
        window: Window | None = None,
        half_width: int = 10,
    ) -> None:
        """Make the weights of the score, and those that predict a position.

        Args:
            query_size: of h_t.
            key_size: of h_i. For "dot" it is query_size, or twice that: then the two
                directions of the encoder are added to make the key.
            score: "dot", "general" or "concat".
            window: None for global attention, "monotonic" for local-m around the
                step's own number, "predictive" for local-p around a learned position.
            half_width: D, how far a window reaches on either side.

        Raises:
            ValueError: for a score or a window that is not listed, or sizes that a dot
                product can't bring together.

        """
        super().__init__()
        check_choices(score, window, query_size, key_size)
        self.score, self.window, self.half_width = score, window, half_width
        self.query_size, self.folds = query_size, key_size != query_size
        if score == "general":
            self.W_k = nn.Linear(key_size, query_size, bias=False)
        if score == "concat":
            self.W_q = nn.Linear(query_size, query_size, bias=False)
            self.W_k = nn.Linear(key_size, query_size, bias=False)
            self.v = nn.Linear(query_size, 1, bias=False)
        if window == "predictive":
            self.W_p = nn.Linear(query_size, query_size, bias=False)
            self.v_p = nn.Linear(query_size, 1, bias=False)

    def prepare(self, states: Tensor) -> Tensor:
        """Do once a sentence what no query changes: (batch, n, query_size)."""
        if self.score == "general":
            return self.W_k(states) / self.query_size**0.5  # W_a is W_k / √d
        if self.score == "concat":
            return self.W_k(states)
        if not self.folds:
            return states
        forwards, backwards = states.chunk(2, dim=-1)
        return forwards + backwards

    def scores(self, query: Tensor, prepared: Tensor) -> Tensor:
        """Score prepared keys (batch, n, .) for queries: (batch, m, n)."""
        if self.score != "concat":
            return dot_score(query, prepared)
        hidden = self.W_q(query).unsqueeze(2) + prepared.unsqueeze(1)
        return self.v(torch.tanh(hidden)).squeeze(-1)

    def positions(self, query: Tensor, steps: Tensor, lengths: Tensor) -> Tensor:
        """Return the centre of each query's window, (batch, m), counted from 0."""
        if self.window == "monotonic":
            return steps.expand(query.shape[:2])
        W_p, v_p = self.W_p.weight.T, self.v_p.weight[0]
        return predict_position(query, W_p, v_p, lengths.unsqueeze(1))

    def forward(
        self,
        query: Tensor,  # (batch, m, query_size): h_t of one step or of many
        memory: Memory,
        steps: Tensor,  # (m,): the number of each step, from 0
    ) -> tuple[Tensor, Tensor]:
        """Return the contexts (batch, m, key_size) and the weights (batch, m, n)."""
        prepared = memory.projected
        prepared = self.prepare(memory.states) if prepared is None else prepared
        scores, mask = self.scores(query, prepared), memory.mask.unsqueeze(1)
        if self.window is None:
            weights = weigh_keys(scores, mask)
            return weights @ memory.states, weights
        lengths = memory.mask.sum(1)
        centre = self.positions(query, steps, lengths)  # (batch, m)
        near = local_window_mask(
            centre, lengths.unsqueeze(1), self.half_width, scores.shape[-1]
        )
        weights = weigh_keys(scores, near & mask)
        if self.window == "predictive":
            weights = gaussian_reweight(weights, centre, self.half_width)
        return weights @ memory.states, weights


def check_choices(
    score: str, window: str | None, query_size: int, key_size: int
) -> None:
    """Raise ValueError unless score and window are listed, and the sizes fit them."""
    if score not in ("dot", "general", "concat"):
        raise ValueError(f"score: expected dot, general or concat, got {score!r}")
    if window not in (None, "monotonic", "predictive"):
        raise ValueError(
            f"window: expected None, monotonic or predictive, got {window!r}"
        )
    if score == "dot" and key_size not in (query_size, 2 * query_size):
        raise ValueError(
            f"key_size: expected {query_size} or {2 * query_size}, got {key_size}"
        )


class LuongState(NamedTuple):
    """What a decoder carries from step to step."""

    hidden: Tensor  # (batch, hidden_size): h_t
    attentional: Tensor  # (batch, hidden_size): h̃_t
    step: int  # how many tokens were read
    memory: Memory


class LuongDecoder(nn.Module):
    """Write a sentence token by token, looking back after each step."""

    def __init__(
        self,
        n_tokens: int,
        embed_size: int,
        hidden_size: int,
        attend: LuongAttention,
        input_feeding: bool,
    ) -> None:
        """Make the decoder around `attend`."""
        super().__init__()
        self.input_feeding = input_feeding
        fed = hidden_size if input_feeding else 0
        self.embed = nn.Embedding(n_tokens, embed_size, padding_idx=PAD)
        self.first = nn.Linear(hidden_size, hidden_size)
        self.rnn = nn.GRU(embed_size + fed, hidden_size, batch_first=True)
        self.attend = attend
        self.combine = nn.Linear(3 * hidden_size, hidden_size, bias=False)  # W_c
        self.logits = nn.Linear(hidden_size, n_tokens)
        self.dropout = nn.Dropout(0.0)

    def start(self, memory: Memory) -> LuongState:
        """Return h_0 from the backward state of the first token, and h̃_0 = 0."""
        backwards = memory.states.chunk(2, dim=-1)[1][:, 0]
        hidden = torch.tanh(self.first(backwards))
        memory = memory._replace(projected=self.attend.prepare(memory.states))
        return LuongState(hidden, torch.zeros_like(hidden), 0, memory)

    def run(
        self, given: Tensor, state: LuongState
    ) -> tuple[Tensor, LuongState, Tensor]:
        """Move over the embedded tokens (batch, m, embed_size), then look.

        Return all h̃ (batch, m, hidden_size), the state after them, and the weights
        (batch, m, n). With input feeding m must be 1: h̃_t is part of the next input.
        """
        if self.input_feeding:
            given = torch.cat([given, state.attentional.unsqueeze(1)], dim=-1)
        steps = state.step + torch.arange(given.shape[1], device=given.device)
        attentional, hidden, weights = move_then_look(
            given,
            state.hidden,
            state.memory,
            steps,
            self.rnn,
            self.attend,
            self.combine,
        )
        step = state.step + given.shape[1]
        after = LuongState(hidden, attentional[:, -1], step, state.memory)
        return attentional, after, weights

    def forward(self, given: Tensor, memory: Memory) -> Tensor:
        """Return logits (batch, m, n_tokens), given the true tokens (batch, m)."""
        state = self.start(memory)
        embedded = self.dropout(self.embed(given))
        if not self.input_feeding:  # no step waits for the attention of another
            return self.logits(self.dropout(self.run(embedded, state)[0]))
        found = []
        for token in embedded.split(1, dim=1):
            attentional, state, _ = self.run(token, state)
            found.append(attentional)
        return self.logits(self.dropout(torch.cat(found, dim=1)))


class LuongTranslator(nn.Module):
    """Chapter 4's encoder, and a decoder that steps first and then looks."""

    def __init__(
        self,
        n_source: int,
        n_target: int,
        *,
        embed_size: int = 32,
        hidden_size: int = 64,
        score: Score = "general",
        window: Window | None = None,
        half_width: int = 10,
        input_feeding: bool = True,
        dropout: float = 0.0,
    ) -> None:
        """Make both halves; see LuongAttention for scores and windows."""
        super().__init__()
        attend = LuongAttention(hidden_size, 2 * hidden_size, score, window, half_width)
        self.encoder = Encoder(n_source, embed_size, hidden_size)
        self.decoder = LuongDecoder(
            n_target, embed_size, hidden_size, attend, input_feeding
        )
        self.encoder.dropout.p = self.decoder.dropout.p = dropout

    def forward(self, batch: Batch) -> Tensor:
        """Return logits for each target token, by teacher forcing."""
        return self.decoder(batch.given, self.encoder(batch.source))

    def start(self, source: Tensor) -> LuongState:
        """Read the source (batch, n); return h_0 and what the decoder looks at."""
        return self.decoder.start(self.encoder(source))

    def step(
        self, token: Tensor, state: LuongState
    ) -> tuple[Tensor, LuongState, Tensor]:
        """Read y_{t-1} (batch,); return logits of y_t, the new state, the weights."""
        given = self.decoder.embed(token).unsqueeze(1)
        attentional, state, weights = self.decoder.run(given, state)
        return self.decoder.logits(attentional[:, 0]), state, weights[:, 0]
