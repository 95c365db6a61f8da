"""Associative recall: pairs of a key and a value are read, then a key is asked for."""

import torch
from torch import Tensor

RECALL_KEYS, RECALL_VALUES = 256, 64  # how many there are to draw from


def draw_pairs(
    batch: int, pairs: int, queries: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw pairs with different keys, and ask for some of them.

    Returns:
        Keys and values, (batch, pairs) each; the keys that are asked for, and the
        values that are right, (batch, queries) each.

    Raises:
        ValueError: if there are fewer keys than pairs.

    """
    if not 1 <= pairs <= RECALL_KEYS:
        raise ValueError(f"pairs: expected 1 to {RECALL_KEYS}, got {pairs}")
    keys = torch.rand(batch, RECALL_KEYS, generator=generator).argsort(1)[:, :pairs]
    values = torch.randint(RECALL_VALUES, (batch, pairs), generator=generator)
    which = torch.randint(pairs, (batch, queries), generator=generator)
    return keys, values, keys.gather(1, which), values.gather(1, which)
