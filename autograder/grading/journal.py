"""A journal of verdicts, keyed by content: what was graded once is not run again.

One file of lines, each a verdict behind its key and a checksum. A line is appended
whole under a lock, so two graders may share a journal; a line torn by a kill fails its
checksum and is passed over. The last line of a key counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from autograder.course import CourseError
from autograder.files import locked
from autograder.model.verdict import Graded


class Journal:
    """The verdicts of one assignment, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.verdicts: dict[str, Graded] = {}
        self.read_to = 0
        self.refresh()

    def __len__(self) -> int:
        """Return how many verdicts are known."""
        return len(self.verdicts)

    def get(self, wanted: str) -> Graded | None:
        """Return the verdict of a key, if it is known."""
        return self.verdicts.get(wanted)

    def refresh(self) -> None:
        """Take in the lines that were appended since, by whomever."""
        with unbroken(self.path), contextlib.suppress(FileNotFoundError):
            with self.path.open("rb") as file:
                file.seek(self.read_to)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self.read_to += len(line)
                    if entry := read_journal_line(line):
                        self.verdicts[entry[0]] = entry[1]

    def add(self, wanted: str, graded: Graded) -> None:
        """Append a verdict to the file, and remember it."""
        self.verdicts[wanted] = graded
        with unbroken(self.path):
            self.append(journal_line(wanted, graded))

    def append(self, line: bytes) -> None:
        """Append a line to the file, behind a torn one if need be."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        file = os.open(self.path, flags, 0o600)
        try:
            with locked(file):
                end = os.lseek(file, 0, os.SEEK_END)
                if end and os.pread(file, 1, end - 1) != b"\n":
                    line = b"\n" + line
                left = memoryview(line)
                while left:
                    left = left[os.write(file, left) :]
        finally:
            os.close(file)


def journal_line(wanted: str, graded: Graded) -> bytes:
    """Return the line of a verdict."""
    text = json.dumps(graded.to_json(), sort_keys=True)
    body = f"{wanted} {text}".encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


@contextlib.contextmanager
def unbroken(path: Path) -> Iterator[None]:
    """Turn a failure of the file system into a message with a cure."""
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"The journal {path} could not be used: {error.strerror or error}. Free "
            "some space or mend its permissions, then run the same command again."
        ) from error


def read_journal_line(line: bytes) -> tuple[str, Graded] | None:
    """Return (key, verdict) of a line, or None if it is torn or strange."""
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        return None
    wanted, _, text = body.partition(b" ")
    try:
        return wanted.decode(), Graded.from_json(json.loads(text))
    except ValueError:
        return None
