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
