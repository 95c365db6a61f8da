"""ULMFiT's three ways not to forget: Howard and Ruder (2018), section 3."""

from collections.abc import Sequence
from typing import Any

from torch import nn


def slanted_triangular(
    step: int, steps: int, cut_frac: float = 0.1, ratio: float = 32, peak: float = 0.01
) -> float:
    """Return a rate that rises quickly to `peak` and falls slowly: their equation 3.

    It is peak / ratio at step 0 and at the end, and `peak` at step `cut`, which is
    cut_frac · steps rounded down. The fall takes all steps that are left; the paper's
    formula, where cut_frac · steps is no whole number, may end below 0.

    Raises:
        ValueError: if step is not in 0 to steps, or not one step rises and one falls.

    """
    cut = int(steps * cut_frac + 1e-9)  # 0.29 · 100 is a little less than 29
    if not 0 <= step <= steps:
        raise ValueError(f"step: expected 0 to {steps}, got {step}")
    if not 0 < cut < steps:
        raise ValueError(f"cut_frac · steps: expected 1 to {steps - 1}, got {cut}")
    p = step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    return peak * (1 + p * (ratio - 1)) / ratio


def discriminative_rates(n: int, rate: float, factor: float = 2.6) -> list[float]:
    """Return a rate for each of n groups of layers, the lowest layers first.

    The last group learns at `rate`; each one below at 1 / factor of the one above.
    """
    return [rate / factor ** (n - 1 - i) for i in range(n)]


def parameter_groups(
    layers: Sequence[nn.Module], rates: Sequence[float]
) -> list[dict[str, Any]]:
    """Return an optimizer's groups: the parameters of each layer, with its rate."""
    return [
        {"params": list(layer.parameters()), "lr": rate, "rate": rate}
        for layer, rate in zip(layers, rates, strict=True)
    ]


def unfreeze(layers: Sequence[nn.Module], epoch: int) -> None:
    """Let the last `epoch` groups of layers learn, and freeze those below.

    In epoch 1 the last alone learns, in epoch 2 the last two, and so on.

    Raises:
        ValueError: if epoch is less than 1.

    """
    if epoch < 1:
        raise ValueError(f"the first epoch is 1: got {epoch}")
    for i, layer in enumerate(layers):
        layer.requires_grad_(i >= len(layers) - epoch)
