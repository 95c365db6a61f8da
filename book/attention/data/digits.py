"""Handwritten digits, 8 by 8: Alpaydin and Kaynak (1998)."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from attention.data.files import book_file


class Digits(NamedTuple):
    """Pictures of digits, and which digit each is."""

    images: Tensor  # (n, 8, 8), from 0 (paper) to 1 (ink)
    labels: Tensor  # (n,), from 0 to 9


def load_digits() -> Digits:
    """Read all 1,797 pictures, in the order of the collection."""
    with np.load(book_file("data/digits.npz"), allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    return Digits(
        torch.from_numpy(images).float() / 16, torch.from_numpy(labels).long()
    )


def split_digits(
    digits: Digits, train: int = 400, test: int = 900, seed: int = 0
) -> tuple[Digits, Digits]:
    """Shuffle the pictures; return the first `train` and the last `test` of them.

    Raises:
        ValueError: if there are not as many.

    """
    n = len(digits.labels)
    if train + test > n:
        raise ValueError(f"expected at most {n} pictures, got {train} + {test}")
    drawn = torch.Generator().manual_seed(seed)
    mixed = torch.randperm(n, generator=drawn)
    first, last = mixed[:train], mixed[n - test :]
    return (
        Digits(digits.images[first], digits.labels[first]),
        Digits(digits.images[last], digits.labels[last]),
    )
