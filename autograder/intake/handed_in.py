"""Find and read what was handed in, without following or opening anything odd.

Each step below the submitted folder is opened on its own, never through a link, and a
file is read only if it is a regular file. A name that nbgrader could not use as a
student's id is reported and left alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from autograder.intake.take_in import MAX_BYTES, too_large
from autograder.model.submission import Rejected

# What nbgrader takes for a pattern of file names, or hides, is no name here.
STUDENT = re.compile(r"(?![.\s])[^\x00-\x1f\x7f/\\*?\[\]{}]{1,128}")
SAFE = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
STUDENT_FOLDER = SAFE | getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True)
class HandedIn:
    """The file that a student handed in, or why none could be read.

    `secret` names the feedback of what came by nbgrader's exchange.
    """

    student: str
    content: bytes | Rejected
    timestamp: str | None = None
    secret: str | None = None
    notes: tuple[str, ...] = ()
    usable: bool = True


def handed_in(submitted: Path, assignment: str, wanted: str = "*") -> list[str]:
    """Return the names of the folders of those who handed in, sorted."""
    found = []
    with contextlib.suppress(FileNotFoundError), os.scandir(submitted) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not fnmatchcase(entry.name, wanted):
                continue
            if there(os.path.join(entry.path, assignment)):
                found.append(entry.name)
    return sorted(found)


def there(path: str) -> bool:
    """Whether something is there; a folder closed to us counts, and is reported."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def read_student(submitted: Path, student: str, assignment: str) -> HandedIn:
    """Return what one student handed in for an assignment."""
    shown = ascii(student)[1:-1]
    if not STUDENT.fullmatch(student) or not printable(student):
        why = f"The folder's name {shown[:80]!r} cannot be a student's id."
        return HandedIn(shown, Rejected(why), usable=False)
    try:
        with folder(submitted, student, assignment) as place:
            return read_folder(student, place, assignment)
    except Unusable as error:
        return HandedIn(student, Rejected(str(error)))
    except OSError as error:
        why = f"The folder cannot be read: {error.strerror or error}."
        return HandedIn(student, Rejected(why))


class Unusable(Exception):
    """Why a file or folder is left alone."""


def printable(name: str) -> bool:
    """Whether a name can be written as UTF-8 and shown."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return name.isprintable()


@contextlib.contextmanager
def folder(submitted: Path, *steps: str) -> Iterator[int]:
    """Open a folder below `submitted`, step by step, through no link."""
    place = os.open(submitted, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for step in steps:
            try:
                inner = os.open(step, STUDENT_FOLDER, dir_fd=place)
            except OSError as error:
                status = os.stat(step, dir_fd=place, follow_symlinks=False)
                link = stat.S_ISLNK(status.st_mode)
                why = "a link" if link else f"closed to us ({error.strerror})"
                raise Unusable(f"{step!r} is {why}; it was left alone.") from None
            os.close(place)
            place = inner
        yield place
    finally:
        os.close(place)


def read_folder(student: str, place: int, assignment: str) -> HandedIn:
    """Return what stands in the folder of one hand-in."""
    notes: list[str] = []
    timestamp = read_note(place, "timestamp.txt")
    secret = read_note(place, "submission_secret.txt")
    name = f"{assignment}.ipynb"
    names = sorted(os.listdir(place))
    if name not in names:
        others = [n for n in names if n.endswith(".ipynb") and not n.startswith(".")]
        if len(others) != 1:
            what = f"{len(others)} other notebooks" if others else "no notebook"
            why = f"{name!r} is missing; the folder holds {what}. Hand in {name!r}."
            return HandedIn(student, Rejected(why), timestamp, secret)
        name = others[0]
        notes.append(f"was handed in under the name {name[:80]!a}")
    try:
        content: bytes | Rejected = read_file(place, name, MAX_BYTES)
    except Unusable as error:
        content = Rejected(str(error))
    except OSError as error:
        content = Rejected(f"{name[:80]!a} cannot be read: {error.strerror}.")
    return HandedIn(student, content, timestamp, secret, tuple(notes))


def read_note(place: int, name: str) -> str | None:
    """Return what a short text file says, or None if there is none."""
    with contextlib.suppress(Unusable, OSError):
        return read_file(place, name, 1000).decode("utf-8", "replace").strip() or None
    return None


def read_file(place: int, name: str, limit: int) -> bytes:
    """Return the bytes of a regular file in an open folder; at most limit + 1."""
    try:
        file = os.open(name, SAFE, dir_fd=place)
    except OSError as error:
        with contextlib.suppress(OSError):
            kind = os.stat(name, dir_fd=place, follow_symlinks=False).st_mode
            if not stat.S_ISREG(kind):
                raise Unusable(odd(name, kind)) from None
        raise error
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Unusable(odd(name, status.st_mode))
        if status.st_size > limit:
            raise Unusable(too_large(f"{name[:80]!a}", status.st_size))
        parts, left = [], limit + 1
        while left and (part := os.read(file, min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)
    finally:
        os.close(file)


def odd(name: str, mode: int) -> str:
    """Say what a file is that is no regular file."""
    kinds = (
        (stat.S_ISLNK, "a link"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISSOCK, "a socket"),
    )
    what = next((word for test, word in kinds if test(mode)), "a device")
    return f"{name[:80]!a} is {what}, not a file; it was left alone."
