"""English sentences and their French translations, from the Tatoeba Project."""

import gzip
from typing import NamedTuple

from attention.data.files import book_file


class SentencePair(NamedTuple):
    """A sentence and all that counts as its translation, as lists of tokens."""

    english: list[str]
    french: list[str]
    references: list[list[str]]  # every known translation; the first is `french`


class LinkedPair(NamedTuple):
    """A sentence, its translation, and which word comes from which."""

    english: list[str]
    french: list[str]
    links: list[list[int]]  # for each French token its English positions, from 0


def load_pairs(split: str) -> list[SentencePair]:
    """Read the sentence pairs of a split, `train` or `test`.

    Raises:
        FileNotFoundError: if there is no such split.

    """
    if split not in ("train", "test"):
        raise FileNotFoundError(f"split: expected 'train' or 'test', got {split!r}")
    with gzip.open(
        book_file(f"data/eng-fra.{split}.tsv.gz"), "rt", encoding="utf-8"
    ) as file:
        rows = [[text.split() for text in line.split("\t")] for line in file]
    return [SentencePair(english, french[0], french) for english, *french in rows]


def load_links() -> list[LinkedPair]:
    """Read the eight test sentences whose words were linked by hand.

    They are the first of eight tokens that have one reference: chosen by that rule
    alone. A French token that comes from no English one has no link.
    """
    text = book_file("data/eng-fra.links.tsv").read_text(encoding="utf-8")
    rows = [[part.split() for part in line.split("\t")] for line in text.splitlines()]
    return [
        LinkedPair(
            english,
            french,
            [
                [] if link == "." else [int(i) for i in link.split(",")]
                for link in links
            ],
        )
        for english, french, links in rows
    ]
