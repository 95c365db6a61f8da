"""Writing a sequence token by token with a model's own output."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]  # tokens, state -> logits, state


def greedy_decode(
    step: Step, state: Any, start: Tensor, end: int, max_len: int
) -> Tensor:
    """Write the likeliest token at each step, and read it at the next one.

    Args:
        step: takes the last tokens (batch,) and the state before them; returns logits
            (batch, n_tokens) of what comes next, and the state after them.
        state: what the first step starts from; only `step` looks into it.
        start: the tokens that are read first, (batch,).
        end: the token that ends a row.
        max_len: how many tokens to write at the most.

    Returns:
        Tokens, (batch, steps), without `start`. The writing stops when every row has
        ended or is `max_len` long; after its end a row holds `end` alone.

    """
    token = start
    written: list[Tensor] = []
    ended = torch.zeros(len(start), dtype=torch.bool)
    while len(written) < max_len and not ended.all():
        logits, state = step(token, state)
        token = logits.argmax(-1).masked_fill(ended, end)
        ended = ended | (token == end)
        written.append(token)
    return torch.stack(written, dim=1) if written else start.new_empty(len(start), 0)


def extend(
    beams: Tensor,  # (beams, t)
    sums: Tensor,  # (beams,): the log-probability of each so far
    step: Callable[[Tensor], Tensor],  # beams -> log-probabilities (beams, n_tokens)
    count: int,
) -> tuple[Tensor, Tensor]:
    """Write one more token, and keep `count` of all continuations of all beams.

    Return tokens (count, t + 1) and their sums (count,), best first; of equal ones
    that of the first beam and the first token.
    """
    table = sums[:, None] + step(beams)  # (beams, n_tokens)
    best = table.flatten().argsort(descending=True, stable=True)[:count]
    rows, tokens = best // table.shape[1], best % table.shape[1]
    return torch.cat([beams[rows], tokens[:, None]], dim=1), table[rows, tokens]


def beam_search(
    step: Callable[[Tensor], Tensor],  # beams (b, t) -> log-probabilities (b, n_tokens)
    start: int,
    end: int,
    width: int,
    max_len: int,
    alpha: float = 1.0,
) -> tuple[list[int], float]:
    """Follow several beginnings at once; one that ends is put aside.

    Return the best beam, without `start` and with its `end` unless it is `max_len`
    long, and its score: the sum of its log-probabilities / length^alpha. Raise
    ValueError if width or max_len is less than 1.
    """
    if width < 1 or max_len < 1:
        raise ValueError(f"expected at least 1: got {width = }, {max_len = }")
    beams, sums = torch.tensor([[start]]), torch.zeros(1)
    found: list[tuple[list[int], float]] = []
    while len(beams) and beams.shape[1] <= max_len:
        beams, sums = extend(beams, sums, step, width - len(found))
        over = (beams[:, -1] == end) | (beams.shape[1] > max_len)
        found += zip(beams[over, 1:].tolist(), sums[over].tolist(), strict=True)
        beams, sums = beams[~over], sums[~over]
    scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in found]
    return max(scored, key=lambda beam: beam[1])
