"""Score all explanations of chapter 13 over several seeds; write explanations.json.

Run:  .venv/bin/python book/data/score_explanations.py. It takes about two minutes on
one thread. A model is made and trained as in the chapter, which trains seed 13 itself.
"""

import json

import torch

from attention.data.files import BOOK
from attention.data.planted import plant_negation, plant_order, plant_word
from attention.models.explanations import score_explanations
from attention.models.planted import PoolingReader, TransformerReader
from attention.training.planted_rules import judge_rule, learn_rule

STORED = BOOK / "data" / "explanations.json"
SEEDS = (*range(9), 13)
CASES = {  # rule, model, steps
    "one word, pooling": (plant_word, lambda: PoolingReader(False), 150),
    "order, BiGRU": (plant_order, lambda: PoolingReader(True), 300),
    "order, Transformer": (plant_order, TransformerReader, 400),
    "negation, BiGRU": (plant_negation, lambda: PoolingReader(True), 250),
}


def main() -> None:
    """Train, score and write."""
    torch.set_num_threads(1)
    found: dict[str, list[dict]] = {name: [] for name in CASES}
    for seed in SEEDS:
        for name, (rule, make, steps) in CASES.items():
            torch.manual_seed(seed)
            model = make()
            learn_rule(model, rule, seed, steps)
            many = rule(1000, torch.Generator().manual_seed(99))
            few = type(many)(*(part[:40] for part in many))
            scores = score_explanations(model, few, torch.Generator().manual_seed(1))
            rounded = {k: [round(x, 3) for x in both] for k, both in scores.items()}
            right = round(judge_rule(model, many), 3)
            found[name].append({"seed": seed, "right": right, "scores": rounded})
            print(name, seed, right, rounded, flush=True)
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
