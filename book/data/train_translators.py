"""Train the two English-French models that chapter 4 loads, and write their weights.

Run from the folder `book/`:  python data/train_translators.py
It takes about five minutes a model on one thread.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from attention.checkpoints import load_half, save_half
from attention.pairs import DATA, load_pairs
from attention.recurrent import Translator
from attention.training import batches, train
from attention.translate import bleu, translate
from attention.vocabulary import Vocabulary

STEPS, BATCH, RATE, SEED = 8000, 32, 4e-3, 4
SIZES = {"embed_size": 96, "hidden_size": 128, "dropout": 0.2}
FILES = {
    True: DATA / "translator-attention.npz",
    False: DATA / "translator-summary.npz",
}


def main() -> None:
    """Train both models alike; print the BLEU of what a reader will load."""
    torch.set_num_threads(1)
    pairs, held_out = load_pairs("train"), load_pairs("test")
    english = Vocabulary.of((p.english for p in pairs), at_least=2)
    french = Vocabulary.of((p.french for p in pairs), at_least=2)
    data = [(p.english, p.french) for p in pairs]
    for attention, path in FILES.items():
        torch.manual_seed(SEED)
        model = Translator(len(english), len(french), attention=attention, **SIZES)
        stream = batches(data, english, french, steps=STEPS, size=BATCH, seed=SEED)
        train(model, stream, steps=STEPS, rate=RATE, label=path.stem, smoothing=0.1)
        save_half(model, path)
        load_half(model, path)
        texts = [p.english for p in held_out]
        outputs = [t.tokens for t in translate(model, texts, english, french)]
        print(path.name, f"BLEU {bleu(outputs, [[p.french] for p in held_out]):.1f}")


if __name__ == "__main__":
    main()
