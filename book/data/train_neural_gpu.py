"""Train the Neural GPUs that chapter 14 loads; measure what each trick is worth.

Run:  .venv/bin/python book/data/train_neural_gpu.py [models] [tricks]
It takes about six minutes on one thread of a processor. A run that is in the file with
the same set-up is not made again.

models    two with 1,200 steps, with planted carries and without: neural-gpu.npz,
          neural-gpu-unplanted.npz
tricks    800 steps a run, one trick switched off at a time from the whole set-up:
          neural-gpu.json
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from attention.data.addition import draw_sums, longest_carries
from attention.models.neural_gpu import NeuralGPU
from attention.training.adding import share_right, train_adder
from attention.training.checkpoints import save_half

FOLDER = Path(__file__).parent
FILE = FOLDER / "neural-gpu.json"
MODELS = {"neural-gpu": {}, "neural-gpu-unplanted": {"planted": 0.0}}
LONG, SHORT, SEED = 1200, 800, 0
BITS, ROWS = (20, 40, 100, 200), 32  # what is tested, and how many sums of each

WHOLE = "all tricks"
TRICKS: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    # of the model, of the training, and how many seeds
    WHOLE: ({}, {}, 3),
    "no noise": ({"noise": 0.0}, {}, 3),
    "no planted carries": ({}, {"planted": 0.0}, 3),
    "no diagonal gate": ({"diagonal": False}, {}, 3),
    "no extra steps": ({}, {"extra": 0}, 3),
    "no curriculum": ({}, {"curriculum": False}, 3),
    "sigmoid and tanh": ({"hard": False}, {}, 3),
    "a cost for saturation": ({}, {"saturation": 0.1}, 3),
}


def main() -> None:
    """Do what is named, or all."""
    torch.set_num_threads(1)
    named = sys.argv[1:] or ["models", "tricks"]
    if "models" in named:
        for name, training in MODELS.items():
            model, _ = train_one({}, {**training, "steps": LONG}, SEED)
            save_half(model, FOLDER / f"{name}.npz")
            print(name, measure(model), flush=True)
    if "tricks" in named:
        measure_tricks()


def measure_tricks() -> None:
    """Measure each trick with one seed after another; write each run at once."""
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"runs": []}
    runs = {(run["trick"], run["seed"]): run for run in found["runs"]}
    for seed in range(max(seeds for *_, seeds in TRICKS.values())):
        for trick, (sizes, training, seeds) in TRICKS.items():
            if seed >= seeds or (trick, seed) in runs:
                continue
            model, seconds = train_one(sizes, {**training, "steps": SHORT}, seed)
            run = {"trick": trick, "seed": seed, "seconds": seconds, **measure(model)}
            runs[trick, seed] = run
            print(run, flush=True)
            write(list(runs.values()))


def train_one(
    sizes: dict[str, Any], training: dict[str, Any], seed: int
) -> tuple[NeuralGPU, float]:
    """Train one model; return it and the processor's seconds."""
    torch.manual_seed(seed)
    model = NeuralGPU(**sizes)
    since = time.process_time()
    train_adder(model, seed=seed, **training)
    return model, round(time.process_time() - since, 1)


def measure(model: NeuralGPU) -> dict[str, list[float]]:
    """Return the share of sums that are right, of random and of longest carries."""
    drawn = torch.Generator().manual_seed(7)
    return {
        name: [round(share_right(model, draw(ROWS, n, drawn)), 3) for n in BITS]
        for name, draw in {"random": draw_sums, "longest": longest_carries}.items()
    }


def write(runs: list[dict[str, Any]]) -> None:
    """Write all runs, trick by trick."""
    order = list(TRICKS)
    runs = sorted(runs, key=lambda run: (order.index(run["trick"]), run["seed"]))
    lines = ",\n  ".join(json.dumps(run) for run in runs)
    FILE.write_text(
        f'{{\n "written_by": "train_neural_gpu.py",\n "steps": {SHORT},\n'
        f' "bits": {list(BITS)},\n "runs": [\n  {lines}\n ]\n}}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
