"""Byte-pair encoding: words are cut into pieces that were often neighbours.

Sennrich, Haddow and Birch (2016), algorithm 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise


def join_pair(parts: Sequence[str], pair: tuple[str, str]) -> list[str]:
    """Join each occurrence of a pair of neighbours, from the left."""
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def learn_merges(words: Mapping[str, int], n: int) -> list[tuple[str, str]]:
    """Learn at most n merges from words and how often each occurs."""
    parts = {word: list(word) for word in words}
    merges: list[tuple[str, str]] = []
    for _ in range(n):
        together: Counter[tuple[str, str]] = Counter()
        for word, times in words.items():
            for pair in pairwise(parts[word]):
                together[pair] += times
        if not together:
            break
        best = max(together, key=together.__getitem__)
        parts = {word: join_pair(p, best) for word, p in parts.items()}
        merges.append(best)
    return merges


def take_apart(word: str, merges: Sequence[tuple[str, str]]) -> list[str]:
    """Cut a word into its letters, then apply the merges in their order."""
    parts = list(word)
    for pair in merges:
        parts = join_pair(parts, pair)
    return parts
