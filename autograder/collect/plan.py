"""Decide which file of an archive is whose hand-in, before anything is copied."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from autograder.collect.archive import ArchiveFile
from autograder.collect.platforms import Named, Platform, named
from autograder.collect.roster import Roster
from autograder.intake.handed_in import STUDENT
from autograder.intake.notebook_file import (
    is_notebook_file,
    tell_kind,
    why_no_notebook,
)
from autograder.intake.take_in import take_in
from autograder.model.assignment import Assignment
from autograder.model.submission import Rejected

RECEIPT = re.compile(
    r"\A[^:\n]{1,40}:\s*(?P<name>[^\n]+?)\s*\((?P<id>[^()\n]+)\)\s*$", re.M
)


@dataclass(frozen=True)
class Piece:
    """One file of one student."""

    entry: ArchiveFile
    says: Named
    wrong: str | None = None  # why the grader would turn it away

    @cached_property
    def is_notebook(self) -> bool:
        """Whether the file holds a notebook, or a damaged one has a notebook's name."""
        return notebook(self.says, self.entry.content)

    @property
    def when(self) -> datetime.datetime | None:
        """Return when it came in, or else when the file was last changed."""
        return self.says.when or self.entry.changed


@dataclass(frozen=True)
class HandIn:
    """What one student handed in: the file that counts, and what there is to say."""

    student: str
    piece: Piece
    notes: tuple[str, ...] = ()
    stamp: datetime.datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What would be copied, and what would not, each with its reason."""

    platform: Platform
    hand_ins: tuple[HandIn, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


@dataclass
class Heap:
    """The files of one student, as the platform tells students apart."""

    says: Named
    pieces: list[Piece] = field(default_factory=list)


def make_plan(
    entries: Iterable[ArchiveFile],
    platform: Platform,
    assignment: Assignment,
    roster: Roster | None = None,
) -> Plan:
    """Return whose files are whose, and which one counts."""
    left: list[tuple[str, str]] = []
    heaps: dict[tuple[str, str | None], Heap] = {}
    found = list(entries)
    receipts = read_receipts(found)
    for entry in found:
        says = named(platform, entry.path)
        if says is None:
            left.append((entry.path, f"is not named as in {platform.example!r}"))
        elif isinstance(entry.content, str):
            left.append((entry.path, entry.content))
        else:
            says = corrected(says, entry.path, receipts)
            heap = heaps.setdefault((says.student, says.key), Heap(says))
            if says.file:
                wrong = judge(says, entry.content, assignment)
                heap.pieces.append(Piece(entry, says, wrong))
    ids, lost = identify(list(heaps.values()), roster)
    left += [(piece.entry.path, why) for heap, why in lost for piece in heap.pieces]
    hand_ins = []
    for student, heap in ids:
        chosen = choose(student, heap.pieces, assignment.name)
        if isinstance(chosen, HandIn):
            hand_ins.append(with_time(chosen, heap, roster))
        else:
            left += chosen
    hand_ins.sort(key=lambda hand_in: hand_in.student)
    return Plan(platform, tuple(hand_ins), tuple(sorted(left)))


def notebook(says: Named, content: bytes | str) -> bool:
    """Whether a file is a notebook, by what it holds or else by its name."""
    return isinstance(content, bytes) and is_notebook_file(says.file, content)


def judge(says: Named, content: bytes, assignment: Assignment) -> str | None:
    """Return why the grader would turn a file away, or None."""
    if not notebook(says, content):
        kind = tell_kind(says.file, content)
        return why_no_notebook(repr(says.file), kind)
    taken = take_in(content, assignment)
    return taken.reason if isinstance(taken, Rejected) else None


def read_receipts(entries: list[ArchiveFile]) -> dict[str, str]:
    """Return the user names that Blackboard's receipts (.txt) tell, by hand-in."""
    told = {}
    for entry in entries:
        if re.search(r"_attempt_[\d-]{19}\.txt\Z", entry.path) and isinstance(
            entry.content, bytes
        ):
            text = entry.content[:500].decode("utf-8-sig", "replace")
            if match := RECEIPT.match(text.replace("\r", "")):
                told[entry.path.removesuffix(".txt")] = match["id"].strip()
    return told


def corrected(says: Named, path: str, receipts: dict[str, str]) -> Named:
    """Return what a name says, the user name taken from the receipt if there is one."""
    for start, user in receipts.items():
        if path.startswith((f"{start}_", f"{start}.")):
            head = start.rsplit("_attempt_", 1)[0]
            if head.endswith(f"_{user}"):
                return Named(
                    user, says.file, says.key, says.when, says.order, says.late
                )
    return says


def identify(
    heaps: list[Heap], roster: Roster | None
) -> tuple[list[tuple[str, Heap]], list[tuple[Heap, str]]]:
    """Give each student an id; return also those for whom there is none."""
    ids: list[tuple[str, Heap]] = []
    lost: list[tuple[Heap, str]] = []
    shared = Counter(tidy(heap.says.student) for heap in heaps)
    for heap in heaps:
        says = heap.says
        student = tidy(says.student)
        if roster:
            try:
                student = tidy(roster.find(says.student, says.key)[roster.column])
            except LookupError as error:
                lost.append((heap, f"belongs to nobody: {error}"))
                continue
        elif shared[student] > 1:
            student = f"{student} ({says.key})"
        if STUDENT.fullmatch(student):
            ids.append((student, heap))
        else:
            lost.append((heap, f"{student!r} can't be a student's id: use --roster"))
    twice = {name for name, n in Counter(name for name, _ in ids).items() if n > 1}
    why = "two students would have the id {!r}: mend the roster"
    lost += [(heap, why.format(name)) for name, heap in ids if name in twice]
    return [(name, heap) for name, heap in ids if name not in twice], lost


def tidy(name: str) -> str:
    """Return a name that a folder can have."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    return re.sub(r"[\x00-\x1f\x7f/\\*?\[\]{}]", "-", name).lstrip(".")


def choose(
    student: str, pieces: list[Piece], name: str
) -> HandIn | list[tuple[str, str]]:
    """Return the file that counts: the newest notebook that can be graded."""
    if not pieces:
        return []
    notebooks = [piece for piece in pieces if piece.is_notebook]
    rest = [piece for piece in pieces if not piece.is_notebook]
    usable = [piece for piece in notebooks if not piece.wrong]
    ranked = sorted(usable or notebooks or rest, key=lambda p: rank(p, name))
    best = ranked[-1]
    same = [p for p in ranked if rank(p, name) == rank(best, name)]
    if len({piece.entry.content for piece in same}) > 1:
        why = f"{len(same)} files of {student!r}, and nothing tells the newest"
        return [(piece.entry.path, why) for piece in same]
    notes = []
    if best.wrong or not best.is_notebook:
        notes.append(best.wrong or f"{best.says.file!r} is no notebook.")
    if others := len({p.entry.content for p in ranked} - {best.entry.content}):
        notes.append(f"newest of {others + 1}")
    if notebooks and rest:
        notes.append("also handed in: " + ", ".join(p.says.file for p in rest))
    if best.says.late:
        notes.append("late, says the platform")
    return HandIn(student, best, tuple(notes))


def rank(piece: Piece, name: str) -> tuple[datetime.datetime, int, int, bool]:
    """Return what makes a file newer than another: time, number, then its name."""
    when = piece.says.when or (piece.entry.changed if not piece.says.order else None)
    copy = re.search(r"(?:-| \(|_)(\d{1,3})\)?\.\w+\Z", piece.says.file)
    number = int(copy[1]) if copy else 0
    exact = piece.says.file == f"{name}.ipynb"
    return when or datetime.datetime.min, piece.says.order, number, exact


def with_time(hand_in: HandIn, heap: Heap, roster: Roster | None) -> HandIn:
    """Add when it came in, if the name or the roster says so."""
    stamp = hand_in.piece.says.when
    if stamp is None and roster is not None:
        row = roster.find(heap.says.student, heap.says.key)
        head = next((h for h in row if "(submission)" in h.casefold()), None)
        stamp = readable(row[head]) if head else None
    return HandIn(hand_in.student, hand_in.piece, hand_in.notes, stamp)


def readable(text: str) -> datetime.datetime | None:
    """Return a time written in English, as Moodle's worksheet has it, or None."""
    from dateutil.parser import ParserError, parse

    try:
        return parse(text, ignoretz=True) if text.strip(" -") else None
    except (ParserError, OverflowError):
        return None
