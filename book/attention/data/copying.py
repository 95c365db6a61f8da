"""Copying: strings of random letters that come out as they went in."""

import random
import string
from collections.abc import Sequence

LETTERS = string.ascii_lowercase


def random_strings(n: int, lengths: Sequence[int], seed: int) -> list[str]:
    """Draw `n` strings, each with a length from `lengths`."""
    rng = random.Random(seed)
    return ["".join(rng.choices(LETTERS, k=rng.choice(lengths))) for _ in range(n)]
