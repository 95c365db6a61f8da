"""Which files of an archive tell how its folders are meant."""

from __future__ import annotations

from collections import Counter

from autograder.collect.archive import ArchiveFile
from autograder.collect.choice import names_assignment
from autograder.collect.whose import clutter
from autograder.intake.notebook_file import is_notebook_file

Paths = list[tuple[str, ...]]  # the folders and the name of each file


def hand_ins(entries: list[ArchiveFile], name: str) -> tuple[Paths, Paths]:
    """Return the paths of what was handed in, and of what all were given.

    A notebook that came with the assignment lies there many times under one name, and
    tells nothing; the assignment's own does, also where nobody has touched it. Where
    there are no notebooks, all files are meant.
    """
    inside = [e for e in entries if "/" in e.path and not clutter(e.path)]
    chosen = [entry for entry in inside if may_be_notebook(entry)] or inside
    times = Counter((file_of(entry), entry.digest) for entry in chosen)
    own: Paths = []
    given: Paths = []
    for entry in chosen:
        file = file_of(entry)
        alone = times[file, entry.digest] == 1 or names_assignment(file, name)
        (own if alone else given).append(tuple(entry.path.split("/")))
    return (own, given) if own else (given, [])


def file_of(entry: ArchiveFile) -> str:
    """Return a file's name without its folders."""
    return entry.path.rpartition("/")[2]


def may_be_notebook(entry: ArchiveFile) -> bool:
    """Whether a file holds a notebook, or has the name of one and can't be read."""
    content = entry.content
    held = content if isinstance(content, bytes) else b""
    return is_notebook_file(file_of(entry), held)
