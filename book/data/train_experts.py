"""Measure who uses which expert in chapter 14's MultiModel, and whether sharing helps.

Run:  .venv/bin/python book/data/train_experts.py
It takes about two minutes on one thread of a processor. Runs that the file has already
are not made again: to measure anew, delete it.
"""

import json
import time
from pathlib import Path
from typing import Any

import torch

from attention.models.multi_model import MultiModel
from attention.training.runs import write_runs
from attention.training.two_modalities import (
    Modalities,
    judge_modality,
    load_modalities,
    train_multi_model,
)

FILE = Path(__file__).parent / "experts.json"
STEPS, SEEDS = 200, (0, 1, 2)
BOTH = ("image", "text")
RUNS: dict[str, dict[str, Any]] = {
    "digits alone": {"kinds": ("image",)},
    "reviews alone": {"kinds": ("text",)},
    "balance over both": {"kinds": BOTH},
    "balance within each": {"kinds": BOTH, "apart": True},
    "no balance": {"kinds": BOTH, "balance": 0.0},
}


def main() -> None:
    """Make each run with one seed after another; write each at once."""
    torch.set_num_threads(1)
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"runs": []}
    runs = {(run["name"], run["seed"]): run for run in found["runs"]}
    for seed in SEEDS:
        data = load_modalities(seed=seed)
        for name, options in RUNS.items():
            if (name, seed) not in runs:
                run = {"name": name, "seed": seed, **train_one(data, options, seed)}
                runs[name, seed] = run
                print(run, flush=True)
                write_runs(
                    FILE,
                    list(runs.values()),
                    "name",
                    list(RUNS),
                    written_by="train_experts.py",
                    steps=STEPS,
                )


def train_one(data: Modalities, options: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return seconds, shares of right answers, and the use of the experts by layer."""
    torch.manual_seed(seed)
    model = MultiModel(data.words)
    since = time.process_time()
    train_multi_model(model, data, steps=STEPS, seed=seed, **options)
    run: dict[str, Any] = {"seconds": round(time.process_time() - since, 1)}
    for kind in options["kinds"]:
        right, use = judge_modality(model, data, kind)
        shares = [[round(share, 3) for share in layer] for layer in use.tolist()]
        run[kind] = {"right": round(right, 4), "use": shares}
    return run


if __name__ == "__main__":
    main()
