"""Read archives without unpacking them: no path in one decides where we write."""

from __future__ import annotations

import datetime
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from autograder.course import CourseError
from autograder.intake.take_in import MAX_BYTES, too_large_note
from autograder.model.verdict import sha256

JUNK = (
    *("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"),
    *("System Volume Information", "$RECYCLE.BIN", "autorun.inf", ".Trashes"),
    *(".Spotlight-V100", ".fseventsd", ".TemporaryItems"),
)
MAX_FILES = 100_000
SMALL = 1 << 20  # bytes kept in memory: a class's notebooks may hold gigabytes

Content = bytes | str  # a text says why there are no bytes


@dataclass(frozen=True)
class ArchiveFile:
    """One file of an archive or folder; a large one is read when it is asked for."""

    archive: Path
    path: str
    held: Content | Callable[[], Content]
    changed: datetime.datetime | None

    @property
    def content(self) -> Content:
        """The file's bytes, or why they can't be read."""
        return self.held() if callable(self.held) else self.held

    @cached_property
    def problem(self) -> str | None:
        """Why the file can't be read."""
        content = self.content
        return content if isinstance(content, str) else None

    @cached_property
    def digest(self) -> str:
        """What tells whether two files hold the same."""
        content = self.content
        return sha256(content.encode() if isinstance(content, str) else content)


def entries(archive: Path) -> Iterator[ArchiveFile]:
    """Yield the files of a ZIP archive, of a folder, or the one file.

    Raises:
        CourseError: if it is not there, or no archive.

    """
    if archive.is_dir():
        for path in sorted(archive.rglob("*")):
            inner = path.relative_to(archive)
            if path.is_file() and not path.is_symlink() and not junk(inner.as_posix()):
                yield file_on_disk(archive, inner.as_posix(), path)
    elif archive.suffix == ".ipynb" and archive.is_file():
        yield file_on_disk(archive, archive.name, archive)
    else:
        yield from zipped(archive)


def file_on_disk(archive: Path, inner: str, path: Path) -> ArchiveFile:
    """Return a file of a folder."""
    large = path.stat().st_size > SMALL
    held = partial(read_if_small, path) if large else read_if_small(path)
    return ArchiveFile(archive, inner, held, read_file_time(path))


def zipped(archive: Path) -> Iterator[ArchiveFile]:
    """Yield the files of a ZIP archive."""
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = [info for info in opened.infolist() if not info.is_dir()]
            if len(infos) > MAX_FILES:
                raise CourseError(f"{archive} holds more than {MAX_FILES} files.")
            for info in infos:
                path = with_slashes(in_unicode(info))
                if not junk(path):
                    moment = (
                        datetime.datetime(*info.date_time) if any_date(info) else None
                    )
                    large = info.file_size > SMALL
                    read = partial(read_member, archive, info)
                    held = read if large else member(opened, info)
                    yield ArchiveFile(archive, path, held, moment)
    except zipfile.BadZipFile:
        why = f"{archive} is no ZIP archive, or is damaged."
        cure = "Download it again, or unpack it and give the folder instead."
        raise CourseError(f"{why} {cure}") from None
    except OSError as error:
        why = f"{archive} cannot be read: {error.strerror or error}."
        raise CourseError(f"{why} Give the archive as it was downloaded.") from None


def any_date(info: zipfile.ZipInfo) -> bool:
    """Whether an entry says when it was changed; 1980 is how ZIP says nothing."""
    try:
        datetime.datetime(*info.date_time)
    except ValueError:
        return False
    return info.date_time[0] > 1980


def in_unicode(info: zipfile.ZipInfo) -> str:
    """Return an entry's path; some platforms write UTF-8 and don't say so."""
    path = info.filename
    if not info.flag_bits & 0x800:
        try:
            return path.encode("cp437").decode("utf-8")
        except UnicodeError:
            return path
    return path


def with_slashes(path: str) -> str:
    """Return a path as ZIP has it, though a program of Windows wrote it, or a whole."""
    return (path if "/" in path else path.replace("\\", "/")).lstrip("/")


def junk(path: str) -> bool:
    """Whether a file is an operating system's own."""
    parts = path.split("/")
    return any(part in JUNK or part.startswith("._") for part in parts)


def read_member(archive: Path, info: zipfile.ZipInfo) -> Content:
    """Return the bytes of one entry of a closed archive, or why there are none."""
    try:
        with zipfile.ZipFile(archive) as opened:
            return member(opened, info)
    except (zipfile.BadZipFile, OSError):
        return "could not be read again: the archive has changed"


def member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Content:
    """Return the bytes of one entry, a note if too large, or why there are none."""
    if info.file_size > MAX_BYTES:
        return too_large_note(info.file_size)
    try:
        with opened.open(info) as file:
            return file.read(MAX_BYTES + 1)
    except (RuntimeError, NotImplementedError):
        return "is locked by a password, or packed in an unusual way"
    except (zipfile.BadZipFile, OSError, EOFError, ValueError):
        return "is damaged in the archive"
    except Exception as error:  # zlib.error and its like, whatever the packing
        return f"cannot be unpacked ({type(error).__name__})"


def read_if_small(path: Path) -> Content:
    """Return the bytes of a file, a note if too large, or why there are none."""
    try:
        size = path.stat().st_size
        return too_large_note(size) if size > MAX_BYTES else path.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"


def read_file_time(path: Path) -> datetime.datetime | None:
    """Return when a file was last changed, to the second, in local time."""
    seconds = int(os.stat(path).st_mtime)
    return datetime.datetime.fromtimestamp(seconds)
