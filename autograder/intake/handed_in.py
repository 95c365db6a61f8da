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
from functools import partial
from pathlib import Path

from autograder.intake.notebook_file import SeenFile, choose_file, is_systems_own
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
DEEPEST = 4  # folders one in the other that are looked into
MOST_ENTRIES = 200  # looked at in one folder, and on one level


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
    timestamp = read_note(place, "timestamp.txt")
    secret = read_note(place, "submission_secret.txt")
    chosen = choose_file(read_levels(place), assignment)
    if isinstance(chosen, Rejected):
        return HandedIn(student, chosen, timestamp, secret)
    name = chosen.path[-1]
    try:
        with contextlib.ExitStack() as stack:
            inner = enter(place, chosen.path[:-1], stack)
            content: bytes | Rejected = read_file(inner, name, MAX_BYTES)
    except Unusable as error:
        content = Rejected(str(error))
    except OSError as error:
        content = Rejected(f"{name[:80]!a} cannot be read: {error.strerror}.")
    return HandedIn(student, content, timestamp, secret, chosen.notes)


def read_levels(place: int) -> Iterator[list[SeenFile]]:
    """Yield what is in a folder, then what is in the folders in it, and so on."""
    folders: list[tuple[str, ...]] = [()]
    for _ in range(DEEPEST):
        files: list[SeenFile] = []
        inner: list[tuple[str, ...]] = []
        for steps in folders[:MOST_ENTRIES]:
            for name, is_folder in list_folder(place, steps):
                path = (*steps, name)
                files.append(SeenFile(path, partial(read_start, place, path)))
                inner += [path] if is_folder else []
        yield files[:MOST_ENTRIES]
        folders = inner


def list_folder(place: int, steps: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Return what is in a folder, and what of it are folders to look into."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        entries = stack.enter_context(os.scandir(enter(place, steps, stack)))
        found = [(e.name, e.is_dir(follow_symlinks=False)) for e in entries]
        seen = [one for one in found if not is_systems_own(one[0])]
        likely = sorted(seen, key=lambda one: (".ipynb" not in one[0].lower(), one))
        return likely[:MOST_ENTRIES]
    return []


def enter(place: int, steps: tuple[str, ...], stack: contextlib.ExitStack) -> int:
    """Open a folder below an open one, through no link, until the stack is left."""
    for step in steps:
        place = os.open(step, STUDENT_FOLDER, dir_fd=place)
        stack.callback(os.close, place)
    return place


def read_start(place: int, path: tuple[str, ...], most: int) -> bytes | None:
    """Return the first bytes of a plain file, or None if it is none."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        file = os.open(path[-1], SAFE, dir_fd=enter(place, path[:-1], stack))
        stack.callback(os.close, file)
        if stat.S_ISREG(os.fstat(file).st_mode):
            with os.fdopen(os.dup(file), "rb") as opened:
                return opened.read(most)
    return None


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
