"""Tell whose each file of an archive is, from all names together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.archive import ArchiveFile
from autograder.collect.platforms import (
    Named,
    Platform,
    is_near,
    is_own,
    matched,
    named,
)

CLUTTER = frozenset(
    (".git", ".github", ".svn", ".hg", "__pycache__", ".venv", "venv", "node_modules")
) | frozenset((".ipynb_checkpoints", ".vscode", ".idea", ".pytest_cache", ".cache"))
SAVED_COPY = re.compile(
    r"(?P<folder>.*/|)\.ipynb_checkpoints/(?P<stem>.+)-checkpoint\."
)


@dataclass(frozen=True)
class ReadName:
    """Whose a file is. Nobody's and with no word for it: one that the platform adds."""

    entry: ArchiveFile
    says: tuple[Named, ...] = ()  # several: a group's
    left: str = ""  # why it is nobody's
    aside: str = ""  # why it is no hand-in, though it is somebody's


def read_names(found: Iterable[ArchiveFile], platform: Platform) -> list[ReadName]:
    """Return whose each file is as far as its own name tells."""
    entries = list(found)
    there = {(entry.archive, entry.path) for entry in entries}
    return [read_name(entry, platform) for entry in entries if not kept(entry, there)]


def read_name(entry: ArchiveFile, platform: Platform) -> ReadName:
    """Return whose a file is, as far as its own name tells."""
    says = named(platform, entry.path)
    if says and says.student in CLUTTER:
        says = None
    beside = matched(platform.beside, entry.path) if platform.beside else None
    if beside and (says is None or beside.start("student_id") < len(says.folder)):
        folder = beside.string[: beside.start("student_id")]
        whose = Named(beside["student_id"].strip(), "", folder=folder)
        return ReadName(entry, (whose,), aside="is no hand-in")
    if says and (where := clutter(entry.path)):
        return ReadName(entry, (says,), aside=f"lies in {where}")
    if says:
        return ReadName(entry, (says,))
    if is_own(platform, entry.path) or (clutter(entry.path) and not is_saved(entry)):
        return ReadName(entry)
    like = f"like {platform.name}'s, but " if is_near(platform, entry.path) else ""
    return ReadName(entry, left=f"is {like}not named as in {platform.example!r}")


def clutter(path: str) -> str:
    """Return the folder of a tool's own, or the hidden file, that a path leads to."""
    *folders, last = path.split("/")
    inside = [folder for folder in folders if folder in CLUTTER]
    if inside:
        return inside[0]
    return last if last.startswith(".") else ""


def is_saved(entry: ArchiveFile) -> bool:
    """Whether a file is the copy that Jupyter keeps of a notebook."""
    return SAVED_COPY.match(entry.path) is not None


def kept(entry: ArchiveFile, there: set[tuple[Path, str]]) -> bool:
    """Whether a file is Jupyter's copy of a notebook that is there as well."""
    match = SAVED_COPY.match(entry.path)
    if match is None:
        return False
    suffix = entry.path.rpartition("-checkpoint")[2]
    return (entry.archive, f"{match['folder']}{match['stem']}{suffix}") in there


def shared_start(texts: set[str]) -> str:
    """Return what several texts all begin with; of one, nothing."""
    if len(texts) < 2:
        return ""
    first, last = min(texts), max(texts)  # these differ first
    pairs = zip(first, last, strict=False)
    end = next((n for n, (a, b) in enumerate(pairs) if a != b), len(first))
    return first[:end]
