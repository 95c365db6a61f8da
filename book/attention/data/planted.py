"""Texts with a planted rule: which words decide the label is known, word by word."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

LENGTH = 16  # words of a text
HIDDEN = "[MASK]"  # stands for a hidden word, in training as well
COMMON = (
    "bread lamp road river table letter garden paper window train market bridge "
    "winter summer morning evening coat shoe chair glass boat field apple stone "
    "music story picture village corner shop street wheel basket candle ladder "
    "hammer mirror pocket ticket island"
).split()
FIRST, SECOND, NOT = "sun", "moon", "not"
KIND = "good warm bright kind".split()
UNKIND = "bad cold dull cruel".split()
WORDS = (HIDDEN, "[CLS]", *COMMON, FIRST, SECOND, NOT, *KIND, *UNKIND)
NUMBER = {word: number for number, word in enumerate(WORDS)}
SHARE_HIDDEN = 0.15  # so that a hidden word is nothing new to a model


class Planted(NamedTuple):
    """Texts, their labels, and which words the rule looks at."""

    ids: Tensor  # integers, (texts, LENGTH)
    labels: Tensor  # 0 or 1, (texts,)
    truth: Tensor  # booleans, (texts, LENGTH)


Rule = Callable[[int, Generator], Planted]


def read_words(ids: Tensor) -> list[str]:
    """Return the words of one text (n,)."""
    return [WORDS[i] for i in ids.tolist()]


def number_words(texts: list[list[str]]) -> Tensor:
    """Return the numbers (texts, n) of words."""
    return torch.tensor([[NUMBER[word] for word in text] for text in texts])


def plant_order(count: int, generator: Generator) -> Planted:
    """Draw texts whose label is 1 if "sun" stands before "moon"; they hold both."""
    ids, rows = _draw_common(count, generator)
    places = torch.rand(count, LENGTH, generator=generator).argsort(1)[:, :2]
    truth = torch.zeros(count, LENGTH, dtype=torch.bool)
    for place, word in zip(places.T, (FIRST, SECOND), strict=True):
        ids[rows, place] = NUMBER[word]
        truth[rows, place] = True
    return Planted(ids, (places[:, 0] < places[:, 1]).long(), truth)


def plant_word(count: int, generator: Generator) -> Planted:
    """Draw texts with one word of feeling: it alone says the label, 1 if kind."""
    ids, rows = _draw_common(count, generator)
    place = torch.randint(0, LENGTH, (count,), generator=generator)
    words, kind = _draw_feeling(count, generator)
    ids[rows, place] = words
    truth = torch.zeros(count, LENGTH, dtype=torch.bool)
    truth[rows, place] = True
    return Planted(ids, kind.long(), truth)


def plant_negation(count: int, generator: Generator) -> Planted:
    """Draw texts with one word of feeling, which a "not" just before it turns round.

    Half the texts have that "not"; half have one elsewhere, which changes nothing.
    """
    ids, rows = _draw_common(count, generator)
    place = torch.randint(1, LENGTH, (count,), generator=generator)
    words, kind = _draw_feeling(count, generator)
    negated, decoy = (torch.rand(2, count, generator=generator) < 0.5).unbind()
    # anywhere but on the word or just before it
    away = torch.randint(1, LENGTH - 1, (count,), generator=generator)
    elsewhere = (place + away) % LENGTH
    ids[rows[decoy], elsewhere[decoy]] = NUMBER[NOT]
    ids[rows[negated], place[negated] - 1] = NUMBER[NOT]
    ids[rows, place] = words
    truth = torch.zeros(count, LENGTH, dtype=torch.bool)
    truth[rows, place] = True
    truth[rows[negated], place[negated] - 1] = True
    return Planted(ids, (kind ^ negated).long(), truth)


def _draw_common(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Draw texts of common words, some hidden, and number the texts."""
    first = NUMBER[COMMON[0]]
    shape = (count, LENGTH)
    ids = torch.randint(first, first + len(COMMON), shape, generator=generator)
    hidden = torch.rand(shape, generator=generator) < SHARE_HIDDEN
    return ids.masked_fill(hidden, NUMBER[HIDDEN]), torch.arange(count)


def _draw_feeling(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Draw a word of feeling for each text, and whether it is a kind one."""
    kind = torch.rand(count, generator=generator) < 0.5
    which = torch.randint(0, len(KIND), (count,), generator=generator)
    first = torch.where(kind, NUMBER[KIND[0]], NUMBER[UNKIND[0]])
    return first + which, kind
