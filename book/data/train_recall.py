"""Train chapter 15's recall layers over three seeds; write what each recalls.

Run:  .venv/bin/python book/data/train_recall.py
It takes about two minutes on one thread of a processor.
"""

import json
from pathlib import Path

import torch

from attention.models.recall import RecallLayer
from attention.training.recall import recall_share, train_recall

PATH = Path(__file__).parent / "recall.json"
PAIRS, SEEDS = (4, 8, 16, 32, 64, 128, 256), (0, 1, 2)
LAYERS: dict[str, tuple[str, int, int | None]] = {
    "softmax, d_k = 16": ("softmax", 16, None),
    "softmax, window of 16": ("softmax", 16, 16),
    "elu + 1, d_k = 16": ("elu", 16, None),
    "elu + 1, d_k = 64": ("elu", 64, None),
    "plain q S, d_k = 16": ("plain", 16, None),
    "delta rule, d_k = 16": ("delta", 16, None),
}


def main() -> None:
    """Train each layer with each seed; write the shares."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    shares = {
        name: [measure(*made, seed) for seed in SEEDS] for name, made in LAYERS.items()
    }
    found = {"steps": 300, "pairs": PAIRS, "seeds": SEEDS, "recalled": shares}
    PATH.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def measure(kind: str, d_k: int, window: int | None, seed: int) -> list[float]:
    """Return the share that a newly trained layer recalls, for each number of pairs."""
    torch.manual_seed(seed)
    layer = RecallLayer(kind, d_k, window)
    train_recall(layer, seed=seed)
    found = [round(recall_share(layer, pairs), 3) for pairs in PAIRS]
    print(kind, d_k, window, seed, found, flush=True)
    return found


if __name__ == "__main__":
    main()
