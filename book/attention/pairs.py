"""English sentences and their French translations, from the Tatoeba Project."""

import gzip
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "data"


class SentencePair(NamedTuple):
    """A sentence and all that counts as its translation, as lists of tokens."""

    english: list[str]
    french: list[str]
    references: list[list[str]]  # every known translation; the first is `french`


def load_pairs(split: str) -> list[SentencePair]:
    """Read the sentence pairs of a split, `train` or `test`.

    Raises:
        FileNotFoundError: if there is no such split.

    """
    path = DATA / f"eng-fra.{split}.tsv.gz"
    if not path.exists():
        raise FileNotFoundError(f"no {path}: a split is 'train' or 'test'")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [[text.split() for text in line.split("\t")] for line in file]
    return [SentencePair(english, french[0], french) for english, *french in rows]
