"""Decide which file of an archive is whose hand-in, before anything is copied."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autograder.collect.archive import ArchiveFile
from autograder.collect.choice import HandIn, Heap, Piece, choose, judge
from autograder.collect.levels import read_folders, with_version
from autograder.collect.people import identify, tidy
from autograder.collect.platforms import FILES, Named, Platform
from autograder.collect.roster import Roster
from autograder.collect.settle import settle
from autograder.collect.whose import ReadName, read_names
from autograder.model.assignment import Assignment


@dataclass(frozen=True)
class Plan:
    """What would be copied, and what would not, each with its reason."""

    platform: Platform
    hand_ins: tuple[HandIn, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()  # who of the roster handed in nothing


def make_plan(
    entries: Iterable[ArchiveFile],
    platform: Platform,
    assignment: Assignment,
    roster: Roster | None = None,
    known: Mapping[str, str] | None = None,
) -> Plan:
    """Return whose files are whose, and which one counts.

    Raises:
        CourseError: if that can be told of no file, or in two ways.

    """
    if platform is FILES:
        readings = read_folders(entries, assignment.name, roster)
    else:
        readings = settle(read_names(entries, platform), platform.name, assignment.name)
    if platform.name == "pattern":
        readings = [with_version(reading) for reading in readings]
    heaps, left = pile_up(readings, assignment)
    ids, lost = identify(heaps, roster, platform, known or {})
    left += [(path, why) for heap, why in lost for path in paths_of(heap)]
    hand_ins = []
    for student, heap in ids:
        chosen = choose(student, heap, assignment.name, platform)
        if isinstance(chosen, HandIn):
            hand_ins.append(with_time(chosen, roster))
        else:
            left += chosen
    hand_ins.sort(key=lambda hand_in: hand_in.student)
    came = {student for student, heap in ids if heap.pieces}
    class_ids = dict.fromkeys(map(tidy, roster.ids())) if roster else {}
    absent = [student for student in class_ids if student not in came]
    return Plan(platform, tuple(hand_ins), tuple(sorted(set(left))), tuple(absent))


def pile_up(
    readings: list[ReadName], assignment: Assignment
) -> tuple[list[Heap], list[tuple[str, str]]]:
    """Return the files of each student, and what is nobody's or can't be read."""
    left = [(reading.entry.path, r) for reading in readings if (r := reading.left)]
    heaps: dict[tuple[str, str | None], Heap] = {}
    for reading in readings:
        entry = reading.entry
        if reading.says and not reading.aside and entry.problem:
            left.append((entry.path, entry.problem))
        for says in reading.says:
            heap = heaps.setdefault((says.student, says.key), Heap(says))
            if reading.aside:
                heap.aside.append((entry.path, reading.aside))
            elif not entry.problem:
                heap.pieces.append(make_piece(entry, says, assignment))
    return list(heaps.values()), left


def make_piece(entry: ArchiveFile, says: Named, assignment: Assignment) -> Piece:
    """Return a file of a student, with what the grader would say of it."""
    content = entry.content
    held = content if isinstance(content, bytes) else b""
    return Piece(entry, says, judge(says, held, assignment))


def paths_of(heap: Heap) -> list[str]:
    """Return the paths of a student's files, or of what stands for them."""
    found = [piece.entry.path for piece in heap.pieces]
    return found or [path for path, _ in heap.aside[:1]]


def with_time(hand_in: HandIn, roster: Roster | None) -> HandIn:
    """Add when it came in, if the name or the roster says so."""
    stamp = hand_in.piece.says.when
    row = roster.row_of(hand_in.student) if roster else None
    if stamp is None and row is not None:
        head = next((h for h in row if "(submission)" in h.casefold()), None)
        stamp = readable(row[head]) if head else None
    return replace(hand_in, stamp=stamp)


def readable(text: str) -> datetime.datetime | None:
    """Return a time written in English, as Moodle's worksheet has it, or None."""
    from dateutil.parser import ParserError, parse

    try:
        return parse(text, ignoretz=True) if text.strip(" -") else None
    except (ParserError, OverflowError):
        return None
