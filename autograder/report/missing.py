"""Show who handed in nothing, without flooding the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograder.model.verdict import NOTHING_CAME
from autograder.report.progress import count, strip_unprintable

MOST_SHOWN_NAMES = 10
REST = "build/grades.csv, made by `python -m autograder marks`, has all"


def tell_missing(missing: Mapping[str, str], rest: str = REST) -> Iterator[str]:
    """Yield lines of who handed in nothing, {student: what there is to say}."""
    plain = [who for who, why in missing.items() if why == NOTHING_CAME]
    told = [f"  {who}: {why}" for who, why in missing.items() if why != NOTHING_CAME]
    if plain:
        names = list_some(plain, rest)
        text = f"Nothing handed in by {count(len(plain), 'student')}: {names}"
        yield strip_unprintable(text)
    if told:
        yield f"Nothing found of {count(len(told), 'student')}:"
    yield from map(strip_unprintable, told[:MOST_SHOWN_NAMES])
    if more := tell_rest(len(told), rest):
        yield f" {more}"


def list_some(names: Sequence[str], rest: str) -> str:
    """Return some of many names, and where the others stand."""
    return ", ".join(names[:MOST_SHOWN_NAMES]) + tell_rest(len(names), rest)


def tell_rest(number: int, rest: str) -> str:
    """Say how many more there are than are shown, and where they stand."""
    more = number - MOST_SHOWN_NAMES
    return f" and {more:,} more; {rest}" if more > 0 else ""
