"""Causal language models: what comes next, given all that came before."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from attention.progress import Progress


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Average -log p(x_{t+1} | x_1 ... x_t) over all tokens that have one before them.

    Args:
        logits: (batch, n, n_tokens); those at t are about token t + 1.
        ids: (batch, n): the tokens that the model has read.

    Returns:
        A number, in nats a token: the mean of batch × (n - 1) predictions. The last
        logits are about a token that is not there; the first token is not predicted.

    Raises:
        ValueError: if the shapes do not fit, or there is nothing to predict.

    """
    if logits.dim() != 3 or logits.shape[:2] != ids.shape:
        raise ValueError(
            f"logits: expected ({', '.join(map(str, ids.shape))}, n_tokens), "
            f"got {tuple(logits.shape)}"
        )
    if ids.shape[1] < 2:
        raise ValueError(f"ids: expected at least 2 tokens a row, got {ids.shape[1]}")
    log_p = logits[:, :-1].log_softmax(-1)  # (batch, n - 1, n_tokens)
    return -log_p.gather(-1, ids[:, 1:, None]).mean()


def windows(
    text: Tensor, n: int, batch: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Draw batches (batch, n) of neighbouring tokens out of a text, without end.

    Raises:
        ValueError: if the text (length,) is shorter than n.

    """
    if len(text) < n:
        raise ValueError(f"text: expected at least {n} tokens, got {len(text)}")
    while True:
        first = torch.randint(len(text) - n + 1, (batch, 1), generator=generator)
        yield text[first + torch.arange(n)]


@torch.no_grad()
def held_out_loss(model: nn.Module, text: Tensor, n: int, batch: int = 64) -> float:
    """Average the loss over a whole text (length,), cut into pieces of n + 1 tokens.

    Neighbouring pieces share one token, so that each but the first is predicted once;
    what is left over at the end is not. A piece does not see the one before.
    """
    cut = text.unfold(0, n + 1, n)  # (pieces, n + 1)
    sums = [next_token_loss(model(x), x).item() * len(x) for x in cut.split(batch)]
    return sum(sums) / len(cut)


@dataclass
class Course:
    """How a training went: the loss of each step, and what the checks found."""

    losses: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)  # of the checks
    seconds: list[float] = field(default_factory=list)  # of processor time, till then
    checks: list[float] = field(default_factory=list)


def train_language_model(
    model: nn.Module,
    batches: Iterator[Tensor],
    *,
    steps: int,
    rate: float,
    decay: float = 0.1,
    check: Callable[[], float] | None = None,
    every: int = 0,
    label: str = "training",
) -> Course:
    """Train with AdamW; the rate falls along a cosine to a twentieth.

    Args:
        model: takes ids (batch, n), returns logits (batch, n, n_tokens).
        batches: ids; the next token is the truth.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate.
        decay: of the weights, in each step, in AdamW's sense; matrices only.
        check: called every `every` steps; its result is kept.
        every: steps between two checks; 0 for none.
        label: what the progress bar says.

    """
    matrices = [w for w in model.parameters() if w.dim() > 1]
    others = [w for w in model.parameters() if w.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.99))
    course, used = Course(), 0.0
    model.train()
    with Progress(steps, label) as progress:
        for step, ids in zip(range(1, steps + 1), batches, strict=False):
            since = time.process_time()
            for group in optimizer.param_groups:
                group["lr"] = rate * (
                    0.05 + 0.475 * (1 + math.cos(math.pi * step / steps))
                )
            loss = next_token_loss(model(ids), ids)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            used += time.process_time() - since  # the checks do not count
            course.losses.append(loss.item())
            if check and every and step % every == 0:
                with progress.paused():
                    course.steps.append(step)
                    course.seconds.append(used)
                    course.checks.append(_check(model, check))
            progress.update(step, f"loss {course.losses[-1]:.3f}")
    model.eval()
    return course


def _check(model: nn.Module, check: Callable[[], float]) -> float:
    model.eval()
    with torch.no_grad():
        found = check()
    model.train()
    return found
