"""Write what chapters 11 and 13 show of the pretrained encoder.

Run:  .venv/bin/python book/data/show_minilm.py. It needs the package of
the extra `model` in pyproject.toml, and takes about 40 seconds on one thread.
With --glossary it copies the glossary's entries first: the search of chapter 11 then
has more to choose from, and what both chapters say of it has to be read again.
"""

import sys

import numpy as np
import torch

from attention.data.files import BOOK
from attention.models.encoder_heads import finding_importance, token_moves
from attention.models.habits import attention_maps, head_habits
from attention.models.pretrained import load_pretrained
from attention.models.semantic import (
    load_entries,
    load_questions,
    parse_glossary,
    sentence_vectors,
)
from attention.models.shown import STORED
from attention.models.winograd import candidate_weights, load_schemas

ANIMAL = "The animal didn't cross the street because it was too {}."
SIMILAR = (
    "A cat drinks milk.",
    "The kitten is having a saucer of cream.",
    "A cat does not drink milk.",
    "The price of milk went up again.",
    "My train was late this morning.",
)


def copy_glossary() -> None:
    """Write the glossary's entries, one a line."""
    page = (BOOK / "glossary.md").read_text(encoding="utf-8")
    lines = [f"{term}\t{text}\n" for term, text in parse_glossary(page).items()]
    (BOOK / "data" / "glossary-entries.tsv").write_text(
        "".join(lines), encoding="utf-8"
    )


def main() -> None:
    """Compute everything once, and write it."""
    torch.set_num_threads(1)
    if "--glossary" in sys.argv:
        copy_glossary()
    encoder, tokenizer = load_pretrained()
    schemas = load_schemas()
    texts = [schema.text for schema in schemas]
    vectors = {
        "sentences": SIMILAR,
        "keys": list(load_entries().values()),
        "queries": [question for question, _ in load_questions()],
    }
    shown = {
        **{
            f"maps {word}": attention_maps(ANIMAL.format(word), encoder, tokenizer)
            for word in ("tired", "wide")
        },
        "habits": head_habits(texts[:100], encoder, tokenizer),
        **{n: sentence_vectors(t, encoder, tokenizer) for n, t in vectors.items()},
    }
    shown["winograd"] = candidate_weights(schemas, encoder, tokenizer)
    terms = list(load_entries())
    asked = [(question, terms.index(term)) for question, term in load_questions()]
    keys = shown["keys"].half().float()  # as they are stored
    shown["heads finding"] = finding_importance(asked, keys, encoder, tokenizer)
    for word in ("tired", "wide"):
        text = ANIMAL.format(word)
        shown[f"it moves {word}"] = token_moves(text, "it", encoder, tokenizer)
    arrays = {  # small weights are compared with each other: half precision ties some
        name: (found.half() if name in vectors else found).numpy()
        for name, found in shown.items()
    }
    np.savez_compressed(STORED, **arrays)
    print(f"{STORED.name}: {STORED.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
