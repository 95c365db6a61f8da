"""A training loop for any loss, and batches of rows of like length."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from attention.progress import Progress
from attention.schedule import warmup_cosine
from attention.training import History
from attention.vocabulary import pad

Item = TypeVar("Item")


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
    check: Callable[[], float] | None = None,
    every: int = 0,
    label: str = "training",
) -> History:
    """Train for `steps` steps with Adam; the rate rises, then falls along a cosine.

    Args:
        model: whose parameters learn, those that ask for a gradient.
        loss_of: turns an item of the data into the loss.
        data: at least `steps` items.
        steps: how many updates; never a number of seconds, so that results repeat.
        rate: the highest learning rate.
        warmup: steps until it is reached.
        check: called every `every` steps in evaluation mode; its result is kept.
        every: steps between two checks; 0 for none.
        label: what the progress bar says.

    Returns:
        The losses and the checks. The model is left in evaluation mode.

    """
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=rate)
    history = History()
    model.train()
    with Progress(steps, label) as progress:
        for step, item in zip(range(1, steps + 1), data, strict=False):
            optimizer.param_groups[0]["lr"] = warmup_cosine(step, rate, steps, warmup)
            loss = loss_of(item)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            history.losses.append(loss.item())
            if check and every and step % every == 0:
                with progress.paused(), torch.no_grad():
                    model.eval()
                    history.checked_at.append(step)
                    history.scores.append(check())
                    model.train()
            progress.update(step, f"loss {history.losses[-1]:.3f}")
    history.seconds = progress.seconds
    model.eval()
    return history
