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


def beam_search(
    step: Callable[[Tensor], Tensor],
    start: int,
    end: int,
    width: int,
    max_len: int,
    alpha: float = 1.0,
) -> tuple[list[int], float]:
    """Look for a likely sequence with several beginnings at once.

    A beam that ends is put aside, and the search goes on with one beam fewer. What ends
    early has a shorter sum of logarithms; so sums are divided by length^alpha.

    Args:
        step: takes beams (beams, t), `start` first; returns log-probabilities
            (beams, n_tokens) of what comes next.
        start: the token that each beam begins with.
        end: the token that ends a beam.
        width: how many beams there are at the first step.
        max_len: how many tokens to write at the most, `end` counted.
        alpha: 0 compares sums, 1 the mean of a token.

    Returns:
        The best beam, ended or `max_len` long, without `start` and with its `end`; and
        its score, the sum of its log-probabilities / length^alpha.

    Raises:
        ValueError: if width or max_len is less than 1.

    """
    if width < 1 or max_len < 1:
        raise ValueError(f"expected at least 1: got {width = }, {max_len = }")
    beams, sums = torch.tensor([[start]]), torch.zeros(1)
    ended: list[tuple[list[int], float]] = []
    while len(beams) and beams.shape[1] <= max_len:
        table = sums[:, None] + step(beams)  # (beams, n_tokens)
        order = table.flatten().argsort(descending=True, stable=True)
        best = order[: width - len(ended)]
        rows, tokens = best // table.shape[1], best % table.shape[1]
        sums = table[rows, tokens]
        beams = torch.cat([beams[rows], tokens[:, None]], dim=1)
        over = tokens == end
        ended += zip(beams[over, 1:].tolist(), sums[over].tolist(), strict=True)
        beams, sums = beams[~over], sums[~over]
    found = [*ended, *zip(beams[:, 1:].tolist(), sums.tolist(), strict=True)]
    scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in found]
    return max(scored, key=lambda beam: beam[1])
