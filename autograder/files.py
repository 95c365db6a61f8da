"""How files are written, locked and read."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.course import CourseError

try:
    import fcntl
except ImportError:  # Windows: one grader at a time
    fcntl = None  # type: ignore[assignment]  # Windows


def unusable(error: OSError) -> str:
    """Return which file or folder is in the way, why, and what to do."""
    where = f"{error.filename}: " if error.filename else ""
    why = error.strerror or str(error)
    return f"{where}{why}. Free some space or mend its permissions, and try again."


def write_atomic(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; return False if it held that already."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CourseError(
            f"{path} could not be written: {error.strerror or error}. "
            "What stood there before is untouched. Free some space or mend the "
            "folder's permissions, then run the same command again."
        ) from error
    return True


def read_json(path: Path) -> dict[str, Any]:
    """Return the object that a JSON file holds; an empty one if there is none."""
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def write_json(path: Path, held: dict[str, Any]) -> None:
    """Write an object as a JSON file, the keys sorted."""
    text = json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomic(path, text.encode())


@contextlib.contextmanager
def locked(file: int) -> Iterator[None]:
    """Hold the lock of an open file; it goes when the process goes, however."""
    if fcntl is None:
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


@contextlib.contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold the lock of a file, made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    file = os.open(path, flags, 0o600)
    try:
        with locked(file):
            yield
    finally:
        os.close(file)
