"""Measure what each trick of chapter 14's Neural GPU is worth; keep two of the models.

Run:  .venv/bin/python book/data/train_neural_gpu.py
It takes about four minutes on one thread of a processor. Each run differs from the
whole set-up in one trick. Runs that the file has already are not made again: to
measure anew, delete it. neural-gpu.json holds the runs; neural-gpu.npz and
neural-gpu-unplanted.npz the weights of two, with planted chains and without.
"""

import json
import time
from pathlib import Path
from typing import Any

import torch

from attention.data.addition import draw_sums, long_chains, longest_carries
from attention.models.neural_gpu import NeuralGPU
from attention.training.adding import share_right, train_adder
from attention.training.checkpoints import save_half
from attention.training.runs import write_runs

FOLDER = Path(__file__).parent
FILE = FOLDER / "neural-gpu.json"
STEPS = 800
BITS, ROWS = (20, 40, 100, 200), 32  # what is tested, and how many sums of each

TESTS = {"random": draw_sums, "longest": longest_carries, "chains": long_chains}

WHOLE, UNPLANTED = "all tricks", "nothing planted"
TRICKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # of the model, of the training
    WHOLE: ({}, {}),
    "no noise": ({"noise": 0.0}, {}),
    "carries planted, no idle chains": ({}, {"idle": 0.0}),
    UNPLANTED: ({}, {"planted": 0.0}),
    "sigmoid and tanh": ({"hard": False}, {}),
    "no diagonal gate": ({"diagonal": False}, {}),
    "no extra steps": ({}, {"extra": 0}),
    "no curriculum": ({}, {"curriculum": False}),
    "a cost for saturation": ({}, {"saturation": 0.1}),
}
SEEDS = (0, 1, 2)

KEPT = {(WHOLE, 0): "neural-gpu", (UNPLANTED, 0): "neural-gpu-unplanted"}


def main() -> None:
    """Measure each trick with one seed after another; write each run at once."""
    torch.set_num_threads(1)
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"runs": []}
    runs = {(run["trick"], run["seed"]): run for run in found["runs"]}
    for seed in SEEDS:
        for trick, (sizes, training) in TRICKS.items():
            if (trick, seed) in runs:
                continue
            model, seconds = train_one(sizes, training, seed)
            if name := KEPT.get((trick, seed)):
                save_half(model, FOLDER / f"{name}.npz")
            run = {"trick": trick, "seed": seed, "seconds": seconds, **measure(model)}
            runs[trick, seed] = run
            print(run, flush=True)
            write_runs(
                FILE,
                list(runs.values()),
                "trick",
                list(TRICKS),
                written_by="train_neural_gpu.py",
                steps=STEPS,
                bits=BITS,
            )


def train_one(
    sizes: dict[str, Any], training: dict[str, Any], seed: int
) -> tuple[NeuralGPU, float]:
    """Train one model; return it and the processor's seconds."""
    torch.manual_seed(seed)
    model = NeuralGPU(**sizes)
    since = time.process_time()
    train_adder(model, seed=seed, steps=STEPS, **training)
    return model, round(time.process_time() - since, 1)


def measure(model: NeuralGPU) -> dict[str, list[float]]:
    """Return the share of sums that are right, for each test and length."""
    drawn = torch.Generator().manual_seed(7)
    return {
        name: [round(share_right(model, draw(ROWS, n, drawn)), 3) for n in BITS]
        for name, draw in TESTS.items()
    }


if __name__ == "__main__":
    main()
