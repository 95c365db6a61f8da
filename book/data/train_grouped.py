"""Train chapter 15's GPTs with fewer heads of keys; write how well each predicts.

Run:  .venv/bin/python book/data/train_grouped.py
It takes about five minutes on one thread of a processor.
"""

import json
from pathlib import Path

import torch

from attention.data.shakespeare import Characters, load_shakespeare
from attention.mechanisms.kv_cache import KVCache
from attention.models.grouped_gpt import grouped_gpt
from attention.training.language_model import (
    draw_pieces,
    held_out_loss,
    train_language_model,
)

PATH = Path(__file__).parent / "grouped.json"
STEPS, PIECE, BATCH, RATE, SEEDS = 600, 64, 16, 5e-3, (0, 1, 2)
HEADS = {  # query heads of 16, heads of keys
    "multi-head, 6 of 6": (6, 6),
    "grouped, 2 for 6": (6, 2),
    "multi-query, 1 for 6": (6, 1),
    "one head, 1 of 1": (1, 1),
}


def main() -> None:
    """Train each model with each seed; write losses, weights and bytes a token."""
    torch.set_num_threads(1)
    text, rest = load_shakespeare()
    characters = Characters(text + rest)
    learn, held_out = characters.encode(text), characters.encode(rest)
    found = []
    for name, (h, g) in HEADS.items():
        losses = []
        for seed in SEEDS:
            torch.manual_seed(seed)
            model = grouped_gpt(len(characters), h=h, g=g)
            drawn = torch.Generator().manual_seed(seed)
            train_language_model(
                model,
                draw_pieces(learn, PIECE + 1, BATCH, drawn),
                steps=STEPS,
                rate=RATE,
                check=lambda: 0.0,
                every=STEPS,
                label=f"{name}, seed {seed}",
            )
            losses.append(round(held_out_loss(model, held_out, PIECE), 4))
            print(name, seed, losses[-1], flush=True)
        cache = KVCache()
        with torch.no_grad():
            model(held_out[None, :1], cache)
        weights = sum(w.numel() for w in model.parameters())
        found.append(
            {"name": name, "h": h, "g": g, "weights": weights, "losses": losses}
            | {"bytes_a_token": cache.n_bytes}
        )
    result = {"steps": STEPS, "seeds": SEEDS, "models": found}
    PATH.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
