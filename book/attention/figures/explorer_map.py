"""The small map beside the lists of an explorer: all weights, a pixel block each."""

import numpy as np

from attention.figures.interactive_picture import png
from attention.figures.meaning import MASK, WEIGHT

BLOCK = 4  # pixels a cell, so that hatching has room
GAMMA = 0.7  # small weights are to be seen as well


def draw_map(weights: np.ndarray, allowed: np.ndarray) -> str:
    """Return a data URI of weights, (queries, keys), hatched where none may be.

    The page's script draws the same.
    """
    rows, columns = weights.shape
    whole = np.ones((BLOCK, BLOCK))
    alpha = np.kron(np.clip(weights, 0, 1) ** GAMMA, whole)
    y, x = np.indices((rows * BLOCK, columns * BLOCK))
    hidden = np.kron(~allowed, whole) > 0
    alpha = np.where(hidden, ((x + y) % BLOCK == 0) * 0.6, alpha)
    tone = np.where(hidden[..., None], _rgb(MASK.color), _rgb(WEIGHT.color))
    pixels = np.concatenate([tone, np.round(255 * alpha)[..., None]], -1)
    return png(pixels.astype(np.uint8))


def _rgb(color: str) -> list[int]:
    """Return the three numbers of #rrggbb."""
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]
