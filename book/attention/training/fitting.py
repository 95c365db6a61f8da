"""The loop that trains every model of the course."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Generic, TypedDict, TypeVar, Unpack

import torch
from torch import Tensor, nn

from attention.training.progress import Progress
from attention.training.schedule import warmup_cosine

Item = TypeVar("Item")
LAST = 20  # steps whose mean loss is shown: one batch says little


@dataclass
class History:
    """What happened in a training: loss at each step, scores at the checks."""

    losses: list[float] = field(default_factory=list)
    checked_at: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)  # until each check
    seconds: float = 0.0


class Watching(TypedDict, total=False):
    """How a training is watched, in keyword arguments.

    A check runs without dropout or gradients; its result is kept as a score, and its
    time is not counted.
    """

    check: Callable[[], float] | None  # called every `every` steps
    every: int  # steps between two checks; 0 for none
    label: str  # what the progress bar says


@dataclass
class Trainee(Generic[Item]):
    """A model that learns, with all that a step needs."""

    model: nn.Module
    loss_of: Callable[[Item], Tensor]
    optimizer: torch.optim.Optimizer
    learned: list[nn.Parameter]
    history: History = field(default_factory=History)
    used: float = 0.0  # processor seconds of all updates

    def update(self, item: Item, rate: float) -> None:
        """Take one step down the slope of an item's loss, at a rate."""
        since = time.process_time()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self.loss_of(item)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.learned, 1.0)
        self.optimizer.step()
        self.history.losses.append(loss.item())
        self.used += time.process_time() - since

    def judge(self, step: int, check: Callable[[], float]) -> None:
        """Call a check as it is called after training: no dropout, no gradients."""
        self.model.eval()
        with torch.no_grad():
            score = check()
        self.model.train()
        self.history.checked_at.append(step)
        self.history.scores.append(score)
        self.history.processor_seconds.append(self.used)


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
    **watching: Unpack[Watching],
) -> History:
    """Train for `steps` steps; the rate rises and falls along a cosine, or as told.

    Args:
        model: whose parameters learn, those that ask for a gradient; it is left in
            evaluation mode.
        loss_of: turns an item of the data into the loss.
        data: at least `steps` items.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate, reached after `warmup` steps.
        warmup: see `rate`.
        schedule: the learning rate at step 1, 2, ..., in place of `rate` and `warmup`.
        optimizer: Adam by default.
        watching: `check`, `every` and `label`, see `Watching`.

    """
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer or torch.optim.Adam(learned, lr=rate)
    rate_at = schedule or (lambda step: warmup_cosine(step, rate, steps, warmup))
    trainee = Trainee(model, loss_of, optimizer, learned)
    model.train()
    trainee.history.seconds = _run(trainee, data, steps, rate_at, **watching)
    model.eval()
    return trainee.history


def _run(
    trainee: Trainee[Item],
    data: Iterable[Item],
    steps: int,
    rate_at: Callable[[int], float],
    check: Callable[[], float] | None = None,
    every: int = 0,
    label: str = "training",
) -> float:
    """Take all steps and return the CPU seconds that they took, checks left out."""
    with Progress(steps, label) as progress:
        for step, item in zip(range(1, steps + 1), data, strict=False):
            trainee.update(item, rate_at(step))
            if check and every and step % every == 0:
                with progress.paused():
                    trainee.judge(step, check)
            progress.update(step, f"loss {fmean(trainee.history.losses[-LAST:]):.3f}")
    return progress.seconds
