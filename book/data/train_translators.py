"""Train the English-French models that chapters 4 and 9 load, and write their weights.

Run:  .venv/bin/python book/data/train_translators.py [attention] [summary]
[transformer], all three by default. It takes about five minutes a model on one thread.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from attention.data.batches import batches
from attention.data.files import BOOK
from attention.data.pairs import load_pairs
from attention.data.vocabulary import Vocabulary
from attention.models.recurrent import Translator
from attention.models.transformer import Transformer
from attention.models.translate import bleu, translate
from attention.training.checkpoints import load_half, save_half
from attention.training.translators import train

SIZES = {"embed_size": 96, "hidden_size": 128, "dropout": 0.2}


class Recipe(NamedTuple):
    """How a model is made and trained; steps × batch is the same for all."""

    make: Callable[[int, int], nn.Module]
    steps: int
    batch: int
    rate: float
    seed: int


RECIPES = {
    "attention": Recipe(lambda n, m: Translator(n, m, **SIZES), 8000, 32, 4e-3, 4),
    "summary": Recipe(
        lambda n, m: Translator(n, m, attention=False, **SIZES), 8000, 32, 4e-3, 4
    ),
    "transformer": Recipe(
        lambda n, m: Transformer(n, m, dropout=0.2), 4000, 64, 2e-3, 9
    ),
}


def main() -> None:
    """Train models; print the BLEU of what a reader will load."""
    torch.set_num_threads(1)
    pairs, held_out = load_pairs("train"), load_pairs("test")
    english = Vocabulary.of((p.english for p in pairs), at_least=2)
    french = Vocabulary.of((p.french for p in pairs), at_least=2)
    data = [(p.english, p.french) for p in pairs]
    for name in sys.argv[1:] or RECIPES:
        make, steps, size, rate, seed = RECIPES[name]
        path = BOOK / "data" / f"translator-{name}.npz"
        torch.manual_seed(seed)
        model = make(len(english), len(french))
        stream = batches(data, english, french, steps=steps, size=size, seed=seed)
        train(model, stream, steps=steps, rate=rate, label=path.stem, smoothing=0.1)
        save_half(model, path)
        load_half(model, path)
        texts = [p.english for p in held_out]
        outputs = [t.tokens for t in translate(model, texts, english, french)]
        print(path.name, f"BLEU {bleu(outputs, [[p.french] for p in held_out]):.1f}")


if __name__ == "__main__":
    main()
