"""Teach a Neural GPU to add: a curriculum, planted carries, extra steps."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.data.addition import Sums, draw_sums
from attention.models.neural_gpu import NeuralGPU
from attention.training.fitting import History, fit
from attention.training.schedule import fall_as_cosine

ROWS, HIGHEST_RATE = 16, 5e-3


@dataclass
class Curriculum:
    """Sums that grow longer as soon as those so far are right."""

    bits: int  # the most
    planted: float
    generator: torch.Generator
    idle: float = 0.0  # share of the planted chains in which nothing is carried
    extra: int = 8  # steps beyond those that a sum needs, at most
    saturation: float = 0.0  # what being beyond the cut costs
    top: int = 3  # the longest so far
    wrong: float = field(default=1.0, init=False)  # share of rows, a moving mean

    def draw(self) -> Iterator[Sums]:
        """Yield batches without end: half of the longest, half of any length."""
        while True:
            bits = self.top
            if torch.rand(1, generator=self.generator) < 0.5:
                bits = int(torch.randint(1, bits + 1, (1,), generator=self.generator))
            yield draw_sums(ROWS, bits, self.generator, self.planted, self.idle)

    def loss(self, model: NeuralGPU, batch: Sums) -> Tensor:
        """Return a model's loss on a batch, after a few steps more than needed."""
        model.watched = self.saturation > 0
        more = int(torch.randint(self.extra + 1, (1,), generator=self.generator))
        steps = batch.columns.shape[1] + more
        logits = model(batch.columns, steps)
        self.hear(logits, batch.sums)
        loss = F.cross_entropy(logits.flatten(0, 1), batch.sums.flatten())
        return loss + self.saturation * model.saturation / steps

    def hear(self, logits: Tensor, sums: Tensor) -> None:
        """Take note of a batch's mistakes; go on to longer sums if they are few."""
        failed = (logits.argmax(-1) != sums).any(1).float().mean().item()
        self.wrong = 0.95 * self.wrong + 0.05 * failed
        if self.wrong < 0.15 and self.top < self.bits:
            self.top, self.wrong = self.top + 1, 0.5


def train_adder(
    model: NeuralGPU,
    *,
    seed: int,
    steps: int = 800,
    bits: int = 20,
    planted: float = 0.5,
    idle: float = 0.5,
    extra: int = 8,
    curriculum: bool = True,
    saturation: float = 0.0,
) -> History:
    """Train a Neural GPU for five symbols and two answers on sums.

    Args:
        model: learns in place.
        seed: of all that is drawn.
        steps: how many updates.
        bits: the longest numbers.
        planted: the share of sums with a planted chain.
        idle: the share of these chains in which nothing is carried.
        extra: steps are as many as there are places, and up to `extra` more.
        curriculum: begin with three bits; else with all lengths.
        saturation: a cost of Freivalds and Liepins (2017).
    """
    torch.manual_seed(seed)
    drawn = torch.Generator().manual_seed(seed + 1000)
    top = 3 if curriculum else bits
    lessons = Curriculum(bits, planted, drawn, idle, extra, saturation, top)
    return fit(
        model,
        lambda sums: lessons.loss(model, sums),
        lessons.draw(),
        steps=steps,
        rate=HIGHEST_RATE,
        schedule=lambda step: (
            HIGHEST_RATE * (0.05 + 0.95 * fall_as_cosine(step, steps))
        ),
        label="adding",
    )


def _rate_at(done: float) -> float:
    """Return the rate when a share of the steps is done; it falls to a twentieth."""
    return HIGHEST_RATE * (0.05 + 0.95 * fall_as_cosine(done))


@torch.no_grad()
def share_right(model: NeuralGPU, sums: Sums) -> float:
    """Return the share of sums of which every bit is right."""
    right = model(sums.columns).argmax(-1) == sums.sums
    return right.all(1).float().mean().item()
