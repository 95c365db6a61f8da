"""Training on a few pictures, and the share that is told right."""

import torch
from torch import nn
from torch.nn import functional as F

from attention.data.digits import Digits
from attention.training.fitting import History, fit


def learn_digits(
    model: nn.Module, digits: Digits, *, steps: int = 120, rate: float = 5e-3, seed: int
) -> History:
    """Train a model that takes pictures (batch, 8, 8) on batches of 32."""
    drawn = torch.Generator().manual_seed(seed)
    draws = (
        torch.randint(len(digits.labels), (32,), generator=drawn) for _ in range(steps)
    )
    return fit(
        model,
        lambda at: F.cross_entropy(model(digits.images[at]), digits.labels[at]),
        draws,
        steps=steps,
        rate=rate,
        warmup=20,
    )


@torch.no_grad()
def told_right(model: nn.Module, digits: Digits) -> float:
    """Return the share of digits that a model tells right."""
    right = model(digits.images).argmax(-1) == digits.labels
    return right.float().mean().item()
