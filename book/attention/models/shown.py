"""What the pretrained encoder says in chapters 11 and 13, for readers without it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attention.data.files import BOOK
from attention.data.wordpiece import WordPiece
from attention.models.bert import BertEncoder
from attention.models.pretrained import is_installed, load_pretrained

STORED = BOOK / "data/minilm-shown.npz"
TOLERANCE = 2e-3  # some numbers are kept in half precision; all are 1 or less

Compute = Callable[[BertEncoder, WordPiece], Tensor]


def from_encoder(name: str, compute: Compute, stored: Path = STORED) -> Tensor:
    """Compute with the pretrained encoder and hold the stored numbers against it.

    Without the package the stored numbers are returned. Which it was is printed.

    Raises:
        AssertionError: if computed and stored numbers differ.
        KeyError: if nothing is stored under that name.

    """
    kept = read_shown(name, stored)
    if not is_installed():
        print(f"{name}: read from {stored.name}")
        return kept
    found = compute(*load_pretrained())
    same = found.shape == kept.shape and bool(((found - kept).abs() < TOLERANCE).all())
    if not same:
        raise AssertionError(
            f"{name}: {stored.name} does not agree with the encoder; write it again "
            "with data/show_minilm.py"
        )
    print(f"{name}: computed with the encoder; {stored.name} agrees")
    return found


def read_shown(name: str, stored: Path = STORED) -> Tensor:
    """Read stored numbers without computing them again, since that takes long.

    Raises:
        KeyError: if nothing is stored under that name.

    """
    with np.load(stored, allow_pickle=False) as arrays:
        return torch.from_numpy(arrays[name]).float()
