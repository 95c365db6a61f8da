"""Which of a student's files counts."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from functools import cached_property

from autograder.collect.archive import ArchiveFile
from autograder.collect.platforms import Named, Platform
from autograder.intake.notebook_file import (
    is_notebook_file,
    plain_name,
    tell_kind,
    why_no_notebook,
)
from autograder.intake.take_in import take_in
from autograder.model.assignment import Assignment
from autograder.model.submission import Rejected


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
    doubtful: bool = False  # it may be two people's


@dataclass
class Heap:
    """The files of one student, as the platform tells students apart."""

    says: Named
    pieces: list[Piece] = field(default_factory=list)
    aside: list[tuple[str, str]] = field(default_factory=list)  # no hand-ins, and why


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


def choose(
    student: str, heap: Heap, name: str, platform: Platform
) -> HandIn | list[tuple[str, str]]:
    """Return the file that counts: the newest notebook that can be graded."""
    pieces = heap.pieces
    if not pieces:
        came = f"and no file of {student!r} came"
        return [(path, f"{why}, {came}") for path, why in heap.aside[:1]]
    notebooks = [piece for piece in pieces if piece.is_notebook]
    rest = [piece for piece in pieces if not piece.is_notebook]
    usable = [piece for piece in notebooks if not piece.wrong]
    ranked = sorted(usable or notebooks or rest, key=lambda p: rank(p, name))
    best = ranked[-1]
    same = [p for p in ranked if rank(p, name) == rank(best, name)]
    if len({piece.entry.digest for piece in same}) > 1:
        why = f"{len(same)} files of {student!r}, and nothing tells the newest: "
        why += "copy the right one by hand"
        return [(piece.entry.path, why) for piece in same]
    notes = []
    if best.wrong or not best.is_notebook:
        notes.append(best.wrong or f"{best.says.file!r} is no notebook.")
    if others := [p for p in ranked if p.entry.digest != best.entry.digest]:
        notes.append(tell_before_others(best, others, name))
    if doubt := find_doubt(ranked, platform, name):
        notes.append(doubt)
    if notebooks and rest:
        notes.append("also handed in: " + ", ".join(p.says.file for p in rest))
    if best.says.late:
        notes.append("late, says the platform")
    return HandIn(student, best, tuple(notes), doubtful=bool(doubt))


def tell_before_others(best: Piece, others: list[Piece], name: str) -> str:
    """Return why a file counts before others of the same student."""
    ours = names_assignment(best.says.file, name)
    if ours and not any(names_assignment(p.says.file, name) for p in others):
        shown = ", ".join(sorted({piece.says.file for piece in others}))
        return f"counts before {shown}, by its name"
    return f"newest of {len(contents(others)) + 1}"


def find_doubt(ranked: list[Piece], platform: Platform, name: str) -> str:
    """Return why several files under one name may be two people's, or nothing."""
    best = ranked[-1]
    if platform.unique or best.says.key or len(contents(ranked)) < 2:
        return ""
    archives = {piece.entry.archive for piece in ranked}
    if len(archives) > 1:
        return f"from {len(archives)} archives: are these of one person?"
    if len({(p.entry.archive, p.entry.path) for p in ranked}) < len(ranked):
        return "one path stands twice in the archive: is it of one person?"
    if platform.name == "google":
        return "only a name tells whose these are: are they of one person?"
    other = next((p for p in ranked if is_rival(p, best, name)), None)
    if platform.name == "files" and other:
        both = f"{best.says.file!r} and {other.says.file!r}"
        return f"{both} are there: are they of one person?"
    return ""


def is_rival(piece: Piece, best: Piece, name: str) -> bool:
    """Whether another file of an attempt has as good a name, and is no copy by it."""
    alike = names_assignment(piece.says.file, name)
    return (
        piece.says.order == best.says.order
        and alike == names_assignment(best.says.file, name)
        and plain_name(piece.says.file) != plain_name(best.says.file)
    )


def contents(pieces: list[Piece]) -> set[str]:
    """Return what tells the different contents of files."""
    return {piece.entry.digest for piece in pieces}


def rank(piece: Piece, name: str) -> tuple[object, ...]:
    """Return what makes a file newer than another.

    Which attempt it belongs to goes first, by time or number. Within one, a file named
    as the assignment goes before one that is not, then the date and the copy's number.
    """
    says, never = piece.says, datetime.datetime.min
    told = says.when is not None or bool(says.order)
    when = says.when.replace(tzinfo=None) if says.when else never
    changed = never if told else piece.entry.changed or never
    alike = names_assignment(says.file, name)
    copy = re.search(r"(?:-| \(|_|\+)(\d{1,3})\)?\.\w+\Z", says.file)
    number = int(copy[1]) if copy else 0
    exact = says.file == f"{name}.ipynb"
    return when, says.order, alike, says.upload, changed, number, exact


def names_assignment(file: str, name: str) -> bool:
    """Whether a file is named as the assignment, whatever a program has added."""
    return plain_name(file).startswith(plain_name(name))
