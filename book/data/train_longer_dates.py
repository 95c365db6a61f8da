"""Train chapter 4's model without attention on dates for twice the steps.

Run:  .venv/bin/python book/data/train_longer_dates.py
It takes about half a minute on one thread of a processor. Dates and training are the
page's own: its cells run first, as far as the function that trains.
"""

import json
from pathlib import Path

import torch
from train_readers import run_page

PATH = Path(__file__).parent / "longer-dates.json"
STEPS = 800


def main() -> None:
    """Train; write the share of held-out dates that are written right."""
    torch.set_num_threads(1)
    page = run_page("04_bahdanau.md", "train_dates")
    _, history = page["train_dates"](False, STEPS, "without, twice the steps")
    found = {"steps": STEPS, "right": round(history.scores[-1], 4)}
    PATH.write_text(json.dumps(found) + "\n", "utf-8")


if __name__ == "__main__":
    main()
