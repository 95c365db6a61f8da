"""Give each student an id, and no two the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping

from autograder.collect.choice import Heap
from autograder.collect.platforms import Named, Platform
from autograder.collect.roster import Roster
from autograder.intake.handed_in import STUDENT

Nameless = list[tuple[Heap, str]]
NAMES_ALONE = ("google", "teams")  # one name in two folders may be two people


def identify(
    heaps: list[Heap],
    roster: Roster | None,
    platform: Platform,
    known: Mapping[str, str],
) -> tuple[list[tuple[str, Heap]], Nameless]:
    """Give each student an id; return also those for whom there is none.

    `known` has the ids that the platform's numbers were given before.
    """
    ids: list[tuple[str, Heap]] = []
    lost: Nameless = []
    shared = Counter(tidy(heap.says.student) for heap in heaps)
    for heap in heaps:
        try:
            names = (
                by_roster(heap.says, roster)
                if roster
                else [by_name(heap.says, shared, known)]
            )
        except LookupError as error:
            lost.append((heap, f"belongs to nobody: {error}"))
            continue
        if where := scattered(heap, platform):
            lost.append((heap, f"{heap.says.student!r} stands in {where}: one person?"))
            continue
        for name in names:
            if STUDENT.fullmatch(name):
                ids.append((name, heap))
            else:
                lost.append((heap, f"{name!r} can't be a student's id: use --roster"))
    twice = {name for name, n in Counter(name for name, _ in ids).items() if n > 1}
    why = "two students would have the id {!r}: mend the roster, or give one"
    lost += [(heap, why.format(name)) for name, heap in ids if name in twice]
    return [(name, heap) for name, heap in ids if name not in twice], lost


def by_roster(says: Named, roster: Roster) -> list[str]:
    """Return the id that the roster gives a student, or those of a team."""
    try:
        return [tidy(roster.id_of(roster.find(says.student, says.key, says.names)))]
    except LookupError:
        team = [tidy(roster.id_of(row)) for row in roster.team(says.student)]
        if not team:
            raise
        return team


def by_name(says: Named, shared: Counter[str], known: Mapping[str, str]) -> str:
    """Return a student's name, with the number if another has the same name."""
    student = tidy(says.student)
    before = known.get(says.key or "", "")
    if before in (student, f"{student} ({says.key})"):
        return before
    if says.key and (shared[student] > 1 or student in known.values()):
        return tidy(f"{student} ({says.key})")
    return student


def scattered(heap: Heap, platform: Platform) -> str:
    """Return the folders that hold a student, if they may be two people's."""
    if platform.name not in NAMES_ALONE:
        return ""
    folders = defaultdict(set)
    for piece in heap.pieces:
        folders[piece.entry.archive].add(piece.says.folder)
    several = next((f for f in folders.values() if len(f) > 1), set())
    return " and ".join(repr(folder) for folder in sorted(several)[:2])


def tidy(name: str) -> str:
    """Return a name that a folder can have."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    return re.sub(r"[\x00-\x1f\x7f/\\*?\[\]{}]", "-", name).lstrip(".")
