"""Batches: texts of like length, drawn in an order that a seed fixes."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from attention.data.vocabulary import END, START, Vocabulary, pad

T = TypeVar("T")
Rows = Sequence[Sequence[int]]  # sentences, as numbers
Pair = tuple[Sequence[str], Sequence[str]]  # source and target, as tokens


class Batch(NamedTuple):
    """Sentences of a batch as numbers, padded to the longest."""

    source: Tensor  # (batch, n)
    given: Tensor  # (batch, m): START, y_1 ... y_{m-1}
    target: Tensor  # (batch, m): y_1 ... y_{m-1}, END


def make_batch(pairs: Iterable[Pair], source: Vocabulary, target: Vocabulary) -> Batch:
    """Encode pairs of token sequences with the vocabularies of both sides."""
    sources, targets = zip(
        *((source.encode(s), target.encode(t)) for s, t in pairs), strict=True
    )
    return Batch(
        pad(sources),
        pad([[START, *t] for t in targets]),
        pad([[*t, END] for t in targets]),
    )


def group_like_lengths(
    items: Sequence[T], size: int, rng: random.Random, length: Callable[[T], Any]
) -> list[list[T]]:
    """Cut shuffled items into groups of like length: little padding to compute."""
    mixed = sorted(rng.sample(list(items), len(items)), key=length)
    groups = [mixed[i : i + size] for i in range(0, len(mixed), size)]
    rng.shuffle(groups)
    return groups


def group_equal_lengths(rows: Rows, size: int, rng: random.Random) -> list[list[int]]:
    """Group rows of one length, `size` at most, in random order: no padding at all.

    Returns the numbers of the rows of each group; each row is in one group.
    """
    by_length: dict[int, list[int]] = {}
    for i in rng.sample(range(len(rows)), len(rows)):
        by_length.setdefault(len(rows[i]), []).append(i)
    groups = [
        g[k : k + size] for g in by_length.values() for k in range(0, len(g), size)
    ]
    return rng.sample(groups, len(groups))


def draw_groups(regroup: Callable[[], list[T]], steps: int) -> Iterator[T]:
    """Yield `steps` groups; when all were drawn, group anew."""
    queue: list[T] = []
    for _ in range(steps):
        if not queue:
            queue = regroup()
        yield queue.pop()


def batches(
    pairs: Sequence[Pair],
    source: Vocabulary,
    target: Vocabulary,
    *,
    steps: int,
    size: int = 64,
    seed: int = 0,
) -> Iterator[Batch]:
    """Yield `steps` batches of pairs of like length, in an order that `seed` fixes."""
    rng = random.Random(seed)

    def regroup() -> list[list[Pair]]:
        return group_like_lengths(pairs, size, rng, lambda p: (len(p[1]), len(p[0])))

    for group in draw_groups(regroup, steps):
        yield make_batch(group, source, target)


def length_batches(
    rows: Rows, *, steps: int, size: int, seed: int = 0
) -> Iterator[Tensor]:
    """Yield `steps` batches of rows of like length, padded, in an order of `seed`."""
    rng = random.Random(seed)
    for group in draw_groups(lambda: group_like_lengths(rows, size, rng, len), steps):
        yield pad(group)


def sentence_batches(rows: Rows, size: int, steps: int, seed: int) -> Iterator[Tensor]:
    """Yield `steps` batches (batch, n) of sentences of one length."""
    rng = random.Random(seed)
    for group in draw_groups(lambda: group_equal_lengths(rows, size, rng), steps):
        yield torch.tensor([rows[i] for i in group])
