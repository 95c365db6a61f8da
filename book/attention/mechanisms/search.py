"""Visual search: displays of red and green bars, and a gaze that looks for one."""

import numpy as np

RED, GREEN, UPRIGHT, LYING = np.eye(4)
TARGETS = {"feature": RED + UPRIGHT, "conjunction": RED + LYING}


def make_display(n: int, kind: str) -> np.ndarray:
    """Return the features of n bars, (n, 4); the target comes first.

    "feature": a red bar among green ones, all upright. "conjunction": a red
    lying bar among red upright and green lying ones. Raise ValueError if n < 3.
    """
    if n < 3:
        raise ValueError(f"a display has at least 3 bars, got {n}")
    bars = np.tile(GREEN + UPRIGHT, (n, 1))
    if kind == "conjunction":
        bars[1::2], bars[2::2] = RED + UPRIGHT, GREEN + LYING
    bars[0] = TARGETS[kind]
    return bars


def count_looks(
    weights: np.ndarray, target: int, generator: np.random.Generator
) -> int:
    """Look at items in turn, none twice; return how many until the target.

    Each gaze is drawn by the weights, (n,), of the items not yet seen.
    """
    n = len(weights)
    order = generator.choice(n, n, replace=False, p=weights)
    return 1 + int(np.flatnonzero(order == target)[0])
