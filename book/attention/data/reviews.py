"""Sentences from film reviews, kind and unkind: Pang and Lee (2005)."""

import gzip
import random
from typing import NamedTuple

from attention.data.files import book_file


class Review(NamedTuple):
    """One sentence and whether it is kind."""

    tokens: list[str]
    kind: bool


def load_reviews() -> list[Review]:
    """Read all 10,662 sentences, kind ones first, lower-cased."""
    path = book_file("data/film-reviews.tsv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.lower().split("\t") for line in file]
    return [Review(text.split(), label == "1") for label, text in rows]


def split_reviews(
    reviews: list[Review], test: int = 2000, seed: int = 0
) -> tuple[list[Review], list[Review]]:
    """Shuffle the sentences and hold `test` of them out: return train and test."""
    mixed = random.Random(seed).sample(reviews, len(reviews))
    return mixed[test:], mixed[:test]
