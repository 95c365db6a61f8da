"""How the benchmarks choose a learning rate: by one rule for all models."""

from collections.abc import Callable
from typing import Any


def climb(
    loss_at: Callable[[float], float], first: float, factor: float, digits: int
) -> dict[str, Any]:
    """Raise and lower a rate by `factor` until the loss at neither is lower.

    Returns the best rate, and the losses of all that were tried, rounded.
    """
    losses: dict[float, float] = {}
    best = first
    while True:
        for rate in (best, best / factor, best * factor):
            if rate not in losses:
                losses[rate] = loss_at(rate)
        lowest = min(losses, key=losses.__getitem__)
        if lowest == best:
            break
        best = lowest
    table = {f"{rate:g}": round(losses[rate], digits) for rate in sorted(losses)}
    return {"rate": best, "losses": table}
