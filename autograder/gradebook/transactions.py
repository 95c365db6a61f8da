"""Write a gradebook and its files whole or not at all, while others write too."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from autograder.course import CourseError

T = TypeVar("T")
PATIENCE = 60.0
RACES = 5
HELD = ("locked", "busy", "deadlock", "serialize")


@contextlib.contextmanager
def transaction(gradebook: Any) -> Iterator[Any]:
    """Make one transaction of several calls of nbgrader's API, which each commit."""
    session = gradebook.db
    commit = session.commit
    session.commit = session.flush
    try:
        yield gradebook
        commit()
    except BaseException:
        session.rollback()
        session.expunge_all()
        raise
    finally:
        del session.commit


def patiently(call: Callable[[], T], what: str) -> T:
    """Call again while another program holds the gradebook or was faster."""
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import DBAPIError, IntegrityError

    until, wait, raced = time.monotonic() + PATIENCE, 0.05, 0
    while True:
        try:
            return call()
        except (DBAPIError, InvalidEntry) as error:
            text = str(getattr(error, "orig", error)).strip()
            held = any(word in text.lower() for word in HELD)
            raced += isinstance(error, (IntegrityError, InvalidEntry))
            again = held or (
                raced and isinstance(error, (IntegrityError, InvalidEntry))
            )
            if not again or raced > RACES or time.monotonic() > until:
                raise CourseError(
                    f"The gradebook could not be {what}: {text[:300]}. What it held "
                    "is whole, and verdicts are kept: mend it and run the same command "
                    "again."
                ) from error
        time.sleep(wait)
        wait = min(2 * wait, 2.0)


@contextlib.contextmanager
def prepared(folder: Path, files: dict[str, bytes]) -> Iterator[None]:
    """Write files beside their places, and move them there if the block succeeds."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".writing-*"):  # by a grader that was killed
            shutil.rmtree(left, ignore_errors=True)
        room = Path(tempfile.mkdtemp(dir=folder, prefix=".writing-"))
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        try:
            for name, content in files.items():
                (room / name).write_bytes(content)
                os.chmod(room / name, stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        except OSError as error:
            raise unwritable(folder, error) from error
        yield
        try:
            for name in files:
                os.replace(room / name, folder / name)
        except OSError as error:
            raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def unwritable(folder: Path, error: OSError) -> CourseError:
    """Return what to say when a folder cannot be written."""
    return CourseError(
        f"{folder} could not be written: {error.strerror or error}. Free some space or "
        "mend its permissions, then run the same command again."
    )
