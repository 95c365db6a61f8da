"""Trained weights in small files: half precision, plain arrays, nothing executable."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from attention.data.files import BOOK


def save_half(model: nn.Module, path: Path) -> None:
    """Write the weights of a model as float16 arrays (.npz)."""
    weights = model.state_dict()
    arrays: dict[str, Any] = {n: w.half().numpy() for n, w in weights.items()}
    np.savez_compressed(path, **arrays)


def load_half(model: nn.Module, path: Path | str) -> None:
    """Read weights that `save_half` wrote into a model of the same shape.

    A path that is not absolute is one of the course's: `data/gpt-shakespeare.npz`.

    Raises:
        RuntimeError: if names or shapes do not fit the model.

    """
    with np.load(BOOK / path, allow_pickle=False) as arrays:
        weights = {n: torch.from_numpy(arrays[n]).float() for n in arrays.files}
    model.load_state_dict(weights)
