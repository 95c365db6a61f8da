"""How readers learn a planted rule."""

from collections.abc import Iterator

import torch
from torch import Generator
from torch.nn import functional as F

from attention.data.planted import Planted, Rule
from attention.models.planted import Reader
from attention.training.fitting import History, fit

BATCH = 64  # texts


def learn_rule(model: Reader, rule: Rule, seed: int, steps: int) -> History:
    """Train a reader on texts that are drawn anew at each step."""
    generator = Generator().manual_seed(seed)

    def draw() -> Iterator[Planted]:
        while True:
            yield rule(BATCH, generator)

    return fit(
        model,
        lambda texts: F.cross_entropy(model(texts.ids), texts.labels),
        draw(),
        steps=steps,
        rate=4e-3,
        label="planted rule",
    )


@torch.no_grad()
def judge_rule(model: Reader, texts: Planted) -> float:
    """Return the share of texts whose label a reader finds."""
    return (model(texts.ids).argmax(-1) == texts.labels).float().mean().item()
