"""Read archives without unpacking them: no path in one decides where we write."""

from __future__ import annotations

import datetime
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError
from autograder.intake.take_in import MAX_BYTES, too_large_note

JUNK = (
    *("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"),
    *("System Volume Information", "$RECYCLE.BIN", "autorun.inf", ".Trashes"),
    *(".Spotlight-V100", ".fseventsd", ".TemporaryItems"),
)
MAX_FILES = 100_000


@dataclass(frozen=True)
class ArchiveFile:
    """One file of an archive or folder."""

    archive: Path
    path: str
    content: bytes | str  # a text says why it could not be read
    changed: datetime.datetime | None


def entries(archive: Path) -> Iterator[ArchiveFile]:
    """Yield the files of a ZIP archive, of a folder, or the one file.

    Raises:
        CourseError: if it is not there, or no archive.

    """
    if archive.is_dir():
        for path in sorted(archive.rglob("*")):
            inner = path.relative_to(archive)
            if path.is_file() and not path.is_symlink() and not junk(inner.as_posix()):
                yield ArchiveFile(
                    archive, inner.as_posix(), read_if_small(path), read_file_time(path)
                )
    elif archive.suffix == ".ipynb" and archive.is_file():
        yield ArchiveFile(
            archive, archive.name, read_if_small(archive), read_file_time(archive)
        )
    else:
        yield from zipped(archive)


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
                    yield ArchiveFile(archive, path, member(opened, info), moment)
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


def member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | str:
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


def read_if_small(path: Path) -> bytes | str:
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
