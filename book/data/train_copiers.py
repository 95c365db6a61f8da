"""Train the copiers of letters that chapters 3, 4 and 5 load, and write their weights.

Run:  .venv/bin/python book/data/train_copiers.py [NAME ...]
It takes about two minutes on one thread of a processor. Chapter 3 trains one such model
itself, chapter 4 another; the rest differ from them in size, steps or window alone.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import nn

from attention.models.luong import LuongTranslator
from attention.models.recurrent import Translator
from attention.training.checkpoints import save_half
from attention.training.copying import ALPHABET, disturbed, train_copying

N = len(ALPHABET)
summary = partial(Translator, N, N, attention=False)
windowed = partial(LuongTranslator, N, N, input_feeding=False, score="general")

COPIERS: dict[str, tuple[Callable[[], nn.Module], int, int]] = {  # steps, seed
    "16-units": (partial(summary, hidden_size=16), 600, 4),
    "64-units": (summary, 600, 4),
    "twice-the-steps": (summary, 1200, 4),
    "among-wrong-letters": (summary, 600, 4),
    "everywhere": (windowed, 400, 5),
    "window-that-moves": (partial(windowed, window="predictive"), 400, 5),
    "window-that-walks": (partial(windowed, window="monotonic", half_width=2), 400, 5),
}


def main() -> None:
    """Train the copiers that are named, or all."""
    torch.set_num_threads(1)
    for name in sys.argv[1:] or COPIERS:
        make, steps, seed = COPIERS[name]
        torch.manual_seed(seed)
        model = make()
        change = disturbed if name == "among-wrong-letters" else iter
        train_copying(model, steps=steps, seed=seed, label=name, change=change)
        save_half(model, Path(__file__).parent / f"copier-{name}.npz")


if __name__ == "__main__":
    main()
