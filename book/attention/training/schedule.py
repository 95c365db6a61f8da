"""Learning rates: those that first rise, and those that fall along a cosine."""

import math
from collections.abc import Callable

import torch


def warmup_rate(step: int, d_model: int, warmup: int) -> float:
    """Return the learning rate of Vaswani et al. (2017), equation 3.

    It rises linearly for `warmup` steps, and then falls as 1 / √step.

    Raises:
        ValueError: if step is less than 1.

    """
    if step < 1:
        raise ValueError(f"the first step is 1: got {step}")
    return float(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5))


def fall_as_cosine(done: float, total: float = 1.0) -> float:
    """Return half a cosine: 1 when nothing is done, 0 when all is."""
    return (1 + math.cos(math.pi * done / total)) / 2


def warmup_cosine(step: int, peak: float, steps: int, warmup: int = 0) -> float:
    """Return a rate that rises to `peak` in `warmup` steps; a cosine takes it to 0.

    Raises:
        ValueError: if step is less than 1.

    """
    if step < 1:
        raise ValueError(f"the first step is 1: got {step}")
    if step <= warmup:
        return peak * step / warmup
    return peak * fall_as_cosine(step - 1 - warmup, steps - warmup)


def follow_torch_cosine(
    optimizer: torch.optim.Optimizer, steps: int
) -> Callable[[int], float]:
    """Return a schedule from the optimizer's own rate to 0, as torch computes it.

    Torch makes each rate from the one before. `fall_as_cosine` has the same curve but
    other last bits, and with them the chapters would print other numbers.
    """
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def rate_at(step: int) -> float:
        if step > 1:
            cosine.step()
        return float(optimizer.param_groups[0]["lr"])

    return rate_at
