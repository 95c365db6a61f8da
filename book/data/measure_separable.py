"""Measure full and separable convolutions on the digits, for chapter 14.

Run:  .venv/bin/python book/data/measure_separable.py
It takes less than a minute on one thread.
"""

import json

import torch

from attention.data.digits import load_digits, split_digits
from attention.data.files import BOOK
from attention.models.xception import SmallXception
from attention.training.pictures import learn_digits, told_right

NETS = [
    ("full", 16),
    ("separable", 16),
    ("separable", 43),
    ("super-separable", 60),
]
SEEDS = (0, 1, 2)


def main() -> None:
    """Train each net from three seeds, which draw weights and pictures alike."""
    torch.set_num_threads(1)
    rows = []
    for kind, width in NETS:
        found = []
        for seed in SEEDS:
            train, test = split_digits(load_digits(), seed=seed)
            torch.manual_seed(seed)
            net = SmallXception(kind, width)
            learn_digits(net, train, seed=seed)
            found.append(round(told_right(net, test), 4))
        size = net.body_size()
        rows.append({"kind": kind, "width": width, "body": size, "right": found})
        print(rows[-1], flush=True)
    path = BOOK / "data" / "separable.json"
    text = {"written_by": "book/data/measure_separable.py", "nets": rows}
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
