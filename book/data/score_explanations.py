"""Train chapter 13's readers over several seeds, score explanations, keep four models.

Run:  .venv/bin/python book/data/score_explanations.py. It takes about two minutes on
one thread. The scores go to explanations.json, the four models to planted-*.npz.
"""

import json

import torch

from attention.data.files import BOOK
from attention.data.planted import (
    FIRST,
    NUMBER,
    Planted,
    plant_negation,
    plant_order,
    plant_word,
)
from attention.models.explanations import score_explanations
from attention.models.planted import PoolingReader, Reader, TransformerReader
from attention.training.checkpoints import save_half
from attention.training.planted_rules import judge_rule, learn_rule

STORED = BOOK / "data" / "explanations.json"
SEEDS = (*range(9), 13)
CASES = {  # rule, model, steps
    "one word, pooling": (plant_word, lambda: PoolingReader(False), 150),
    "order, BiGRU": (plant_order, lambda: PoolingReader(True), 300),
    "order, Transformer": (plant_order, TransformerReader, 400),
    "negation, BiGRU": (plant_negation, lambda: PoolingReader(True), 250),
}


KEPT = {
    ("order, BiGRU", 13): "planted-bigru-13.npz",
    ("order, BiGRU", 14): "planted-bigru-14.npz",
    ("order, Transformer", 13): "planted-transformer-13.npz",
    ("one word, pooling", 5): "planted-pooling-5.npz",
}


def train(name: str, seed: int) -> Reader:
    """Train the model of a case from a seed."""
    rule, make, steps = CASES[name]
    torch.manual_seed(seed)
    model = make()
    learn_rule(model, rule, seed, steps)
    return model


@torch.no_grad()
def weight_on_sun(model: Reader, texts: Planted) -> float:
    """Return how much of its attention a pooling reader gives to "sun", on average."""
    model(texts.ids)
    assert isinstance(model, PoolingReader) and model.attn is not None
    return (model.attn * (texts.ids == NUMBER[FIRST])).sum(1).mean().item()


def main() -> None:
    """Train, score and write."""
    torch.set_num_threads(1)
    for (name, seed), file in KEPT.items():
        save_half(train(name, seed), BOOK / "data" / file)
    found: dict[str, list[dict]] = {name: [] for name in CASES}
    for seed in SEEDS:
        for name, (rule, _, _) in CASES.items():
            model = train(name, seed)
            many = rule(1000, torch.Generator().manual_seed(99))
            few = type(many)(*(part[:40] for part in many))
            scores = score_explanations(model, few, torch.Generator().manual_seed(1))
            rounded = {k: [round(x, 3) for x in both] for k, both in scores.items()}
            right = round(judge_rule(model, many), 3)
            found[name].append({"seed": seed, "right": right, "scores": rounded})
            if name == "order, BiGRU":
                found[name][-1]["on sun"] = round(weight_on_sun(model, many), 3)
            print(name, seed, right, rounded, flush=True)
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
