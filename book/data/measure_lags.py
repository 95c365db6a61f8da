"""Measure what chapter 14 shows of position and content, over three seeds.

Run:  .venv/bin/python book/data/measure_lags.py
It takes about two and a half minutes on one thread.
"""

import json
from collections.abc import Callable

import torch
from torch import nn

from attention.data.files import BOOK
from attention.models.gpt import GPT
from attention.models.wavenet import WaveNet
from attention.training.repeats import N_TOKENS, learn_repeats, share_copied

SEEDS = (0, 1, 2)
ASKED = (8, 12, 15, 16, 17, 20, 24, 31)
ANY = tuple(range(12, 25))
LONGER = 1000  # steps, for a lag that 200 don't teach


def convolutions(layers: int) -> nn.Module:
    """Make a WaveNet whose dilations double."""
    return WaveNet(N_TOKENS, d=64, dilations=[2**i for i in range(layers)])


def attention() -> nn.Module:
    """Make two layers of attention and nothing else, as in chapter 12."""
    return GPT(N_TOKENS, d_model=64, h=1, layers=2, d_ff=0)


def learn(
    make: Callable[[], nn.Module], periods: tuple[int, ...], steps: int, rate: float
) -> list[nn.Module]:
    """Train one model a seed."""
    models = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        models.append(model := make())
        learn_repeats(model, periods, steps=steps, rate=rate, seed=seed)
    return models


def by_period(models: list[nn.Module]) -> dict[int, list[float]]:
    """Return the share copied at each period that is asked for, a number a seed."""
    return {p: [round(share_copied(m, p), 3) for m in models] for p in ASKED}


def main() -> None:
    """Train all models, and write what they copy."""
    torch.set_num_threads(1)
    lags = {}
    for lag in range(4, 16):
        models = learn(lambda: convolutions(4), (lag + 1,), 200, 5e-3)
        lags[lag] = [round(share_copied(m, lag + 1), 3) for m in models]
        print(lag, lags[lag], flush=True)
    slow = learn(lambda: convolutions(4), (8,), LONGER, 5e-3)
    found = {
        "written_by": "book/data/measure_lags.py",
        "lags": lags,
        f"lag 7 after {LONGER} steps": [round(share_copied(m, 8), 3) for m in slow],
        "convolutions, period 17": by_period(
            learn(lambda: convolutions(5), (17,), 400, 3e-3)
        ),
        "convolutions, any period": by_period(
            learn(lambda: convolutions(5), ANY, 400, 3e-3)
        ),
        "attention, period 17": by_period(learn(attention, (17,), 400, 3e-3)),
        "attention, any period": by_period(learn(attention, ANY, 400, 3e-3)),
    }
    path = BOOK / "data" / "lags.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
