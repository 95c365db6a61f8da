"""Learning rates that first rise: warm-up."""

import math


def warmup_rate(step: int, d_model: int, warmup: int) -> float:
    """Return the learning rate of Vaswani et al. (2017), equation 3.

    It rises linearly for `warmup` steps, and then falls as 1 / √step.

    Raises:
        ValueError: if step is less than 1.

    """
    if step < 1:
        raise ValueError(f"the first step is 1: got {step}")
    return float(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5))


def warmup_cosine(step: int, peak: float, steps: int, warmup: int = 0) -> float:
    """Return a rate that rises to `peak` in `warmup` steps; a cosine takes it to 0.

    Raises:
        ValueError: if step is less than 1.

    """
    if step < 1:
        raise ValueError(f"the first step is 1: got {step}")
    if step <= warmup:
        return peak * step / warmup
    return peak * (1 + math.cos(math.pi * (step - 1 - warmup) / (steps - warmup))) / 2
