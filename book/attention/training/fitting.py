"""The loop that trains every model of the course, and batches of like length."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn

from attention.data.vocabulary import pad
from attention.training.progress import Progress
from attention.training.schedule import warmup_cosine

Item = TypeVar("Item")


@dataclass
class History:
    """What happened in a training: loss at each step, scores at the checks."""

    losses: list[float] = field(default_factory=list)
    checked_at: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)  # until each check
    seconds: float = 0.0


def length_batches(
    rows: Sequence[Sequence[int]], *, steps: int, size: int, seed: int = 0
) -> Iterator[Tensor]:
    """Yield `steps` batches of rows of like length, padded, in an order of `seed`."""
    rng = random.Random(seed)
    queue: list[list[Sequence[int]]] = []
    for _ in range(steps):
        if not queue:
            mixed = sorted(rng.sample(list(rows), len(rows)), key=len)
            queue = [mixed[i : i + size] for i in range(0, len(mixed), size)]
            rng.shuffle(queue)
        yield pad(queue.pop())


def fit(
    model: nn.Module,
    loss_of: Callable[[Item], Tensor],
    data: Iterable[Item],
    *,
    steps: int,
    rate: float,
    warmup: int = 50,
    schedule: Callable[[int], float] | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    check: Callable[[], float] | None = None,
    every: int = 0,
    label: str = "training",
) -> History:
    """Train for `steps` steps; the rate rises and falls along a cosine, or as told.

    Args:
        model: whose parameters learn, those that ask for a gradient.
        loss_of: turns an item of the data into the loss.
        data: at least `steps` items.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate.
        warmup: steps until it is reached.
        schedule: the learning rate at step 1, 2, ...; then `rate` and `warmup` are not
            used.
        optimizer: Adam by default.
        check: called every `every` steps, without dropout or gradients; its result is
            kept as a score, and its time is not counted.
        every: steps between two checks; 0 for none.
        label: what the progress bar says.

    Returns:
        The losses and the checks. The model is left in evaluation mode.

    """
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer or torch.optim.Adam(learned, lr=rate)
    schedule = schedule or (lambda step: warmup_cosine(step, rate, steps, warmup))
    history, used = History(), 0.0
    model.train()
    with Progress(steps, label) as progress:
        for step, item in zip(range(1, steps + 1), data, strict=False):
            since = time.process_time()
            now = schedule(step)
            for group in optimizer.param_groups:
                group["lr"] = now
            loss = loss_of(item)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            history.losses.append(loss.item())
            used += time.process_time() - since
            if check and every and step % every == 0:
                with progress.paused():
                    history.checked_at.append(step)
                    history.scores.append(_check(model, check))
                    history.processor_seconds.append(used)
            progress.update(step, f"loss {history.losses[-1]:.3f}")
    history.seconds = progress.seconds
    model.eval()
    return history


def _check(model: nn.Module, check: Callable[[], float]) -> float:
    """Call a check as it is called after training: no dropout, no gradients."""
    model.eval()
    with torch.no_grad():
        score = check()
    model.train()
    return score
