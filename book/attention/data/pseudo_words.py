"""Pseudo-words: two words written as one, so that the sense of each use is known.

Gale, Church and Yarowsky (1992); Schütze (1992).
"""

import random
from collections.abc import Sequence
from typing import NamedTuple


class Use(NamedTuple):
    """One place where a pseudo-word stands."""

    sentence: int
    position: int
    sense: int  # 0 for the first of the two words, 1 for the second


def join_words(
    sentences: Sequence[Sequence[str]], pair: tuple[str, str]
) -> tuple[list[list[str]], list[Use]]:
    """Write both words of a pair as one, `first-second`, and note which it was.

    Args:
        sentences: lists of words; they stay as they are.
        pair: two words.

    Returns:
        The sentences with the pseudo-word, and its uses in reading order.

    """
    name = "-".join(pair)
    joined = [[name if word in pair else word for word in s] for s in sentences]
    uses = [
        Use(i, j, pair.index(word))
        for i, sentence in enumerate(sentences)
        for j, word in enumerate(sentence)
        if word in pair
    ]
    return joined, uses


def balance(uses: Sequence[Use], seed: int) -> list[Use]:
    """Draw as many uses of the frequent sense as there are of the rare one."""
    rng = random.Random(seed)
    senses = [[use for use in uses if use.sense == k] for k in (0, 1)]
    n = min(map(len, senses))
    return [use for sense in senses for use in rng.sample(sense, n)]
