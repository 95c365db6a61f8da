"""Train chapter 14's ByteNet by the rules of `thread.json`, and write what it reaches.

Run:  .venv/bin/python book/data/train_bytenet.py [seed ...], 4, 5 and 6 by default.
It takes about a minute and a half a seed on one thread. The weights that are kept are
those of seed 4.
"""

import json
import sys

import torch

from attention.data.batches import batches
from attention.data.files import BOOK
from attention.data.pairs import load_pairs
from attention.data.vocabulary import Vocabulary
from attention.models.bytenet import ByteNet
from attention.models.translate import bleu, translate
from attention.training.checkpoints import load_half, save_half
from attention.training.translators import train

SEEDS, KEPT = (4, 5, 6), 4
STEPS, SIZE, RATE = 1000, 64, 2e-3
WEIGHTS = BOOK / "data" / "translator-bytenet.npz"
SCORES = BOOK / "data" / "bytenet.json"


def main() -> None:
    """Train a model a seed; keep one, and the BLEU of each on the test pairs."""
    torch.set_num_threads(1)
    pairs, held_out = load_pairs("train"), load_pairs("test")
    english = Vocabulary.of((p.english for p in pairs), at_least=2)
    french = Vocabulary.of((p.french for p in pairs), at_least=2)
    data = [(p.english, p.french) for p in pairs]
    texts = [p.english for p in held_out]
    known = json.loads(SCORES.read_text("utf-8")) if SCORES.is_file() else {}
    scores: dict[str, float] = known.get("bleu", {})
    size = 0
    for seed in [int(word) for word in sys.argv[1:]] or SEEDS:
        torch.manual_seed(seed)
        model = ByteNet(len(english), len(french))
        size = sum(weight.numel() for weight in model.parameters())
        stream = batches(data, english, french, steps=STEPS, size=SIZE, seed=seed)
        train(model, stream, steps=STEPS, rate=RATE, smoothing=0.1, label=f"{seed}")
        if seed == KEPT:
            save_half(model, WEIGHTS)
            load_half(model, WEIGHTS)
        outputs = [t.tokens for t in translate(model, texts, english, french)]
        score = bleu(outputs, [[p.french] for p in held_out])
        scores[str(seed)] = round(score, 2)
        print(seed, scores[str(seed)], flush=True)
        found = {"steps": STEPS, "batch": SIZE, "rate": RATE, "parameters": size}
        text = {"written_by": "book/data/train_bytenet.py", **found, "bleu": scores}
        SCORES.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
