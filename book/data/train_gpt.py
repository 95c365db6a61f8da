"""Train the character GPT that chapter 12 loads, and write its weights.

Run:  .venv/bin/python book/data/train_gpt.py
It takes about eight minutes on one thread of a processor.
"""

from pathlib import Path

import torch

from attention.data.shakespeare import Characters, load_shakespeare
from attention.models.gpt import GPT
from attention.training.checkpoints import load_half, save_half
from attention.training.language_model import (
    draw_pieces,
    held_out_loss,
    train_language_model,
)

PATH = Path(__file__).parent / "gpt-shakespeare.npz"
STEPS, WINDOW, BATCH, RATE, SEED = 4000, 128, 16, 5e-3, 12


def main() -> None:
    """Train for 4000 steps; print the held-out loss of what a reader will load."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    text, rest = load_shakespeare()
    characters = Characters(text + rest)
    held_out = characters.encode(rest)
    model = GPT(len(characters), window=WINDOW)
    drawn = torch.Generator().manual_seed(SEED)
    history = train_language_model(
        model,
        draw_pieces(characters.encode(text), WINDOW + 1, BATCH, drawn),
        steps=STEPS,
        rate=RATE,
        check=lambda: held_out_loss(model, held_out[:20_000], WINDOW),
        every=500,
        label=PATH.stem,
    )
    for step, seconds, loss in zip(
        history.checked_at, history.processor_seconds, history.scores, strict=True
    ):
        print(f"step {step}, {seconds:.0f} s: {loss:.3f}")
    save_half(model, PATH)
    load_half(model, PATH)
    print(f"{PATH.name}: held-out loss {held_out_loss(model, held_out, WINDOW):.3f}")


if __name__ == "__main__":
    main()
