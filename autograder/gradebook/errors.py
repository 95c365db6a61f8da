"""nbgrader's words and failures, turned into messages with a cure."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.course import CourseError
from autograder.files import unusable
from autograder.gradebook.outputs import strip_controls


def keep_errors(words: io.StringIO) -> logging.Logger:
    """Return a log that keeps nbgrader's errors in `words` and shows nothing."""
    log = logging.Logger("autograder.nbgrader", logging.ERROR)
    log.addHandler(logging.StreamHandler(words))
    return log


def find_alembic() -> None:
    """Put this environment's programs on PATH: nbgrader calls `alembic` by name."""
    here, paths = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if here not in paths.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, *filter(None, [paths])])


@contextmanager
def nbgrader_errors(what: str) -> Iterator[None]:
    """Turn nbgrader's failures into messages with a cure."""
    find_alembic()
    try:
        yield
    except (CourseError, ModuleNotFoundError):
        raise
    except OSError as error:
        raise CourseError(f"{what}. {unusable(error)}") from error
    except Exception as error:
        raise CourseError(f"{what}: {type(error).__name__}: {error}") from error


def last_error(words: str) -> str:
    """Return the last error that nbgrader's words name."""
    text = strip_controls(words)
    raised = re.findall(r"^\s*(?:[\w.]+\.)?(\w+(?:Error|Exception): .+)$", text, re.M)
    said = re.findall(r"\| ERROR\] (.+)$", text, re.M)
    found = [line for line in raised if "NbGraderException" not in line] or said
    return (found[-1] if found else "nbgrader failed").strip()[:160]


QUIET = logging.NullHandler()


def quiet_log() -> logging.Logger:
    """Return a log that shows nothing: what matters is said by our own messages."""
    log = logging.Logger("autograder.quiet", logging.CRITICAL + 1)
    log.addHandler(logging.NullHandler())
    return log


def quiet_api() -> None:
    """Keep nbgrader's API from printing tracebacks of what it also raises."""
    logging.getLogger("tornado.application").addHandler(QUIET)
