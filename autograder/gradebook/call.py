"""Call nbgrader's own commands, each in a process that has it imported already."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import NoReturn

from autograder.course import FOLDERS, Course, CourseError
from autograder.gradebook.errors import last_error


def call(course: Course, arguments: list[str], log: Path, limit: float) -> str | None:
    """Run `nbgrader ARGUMENTS`; return None, or why it failed. `log` gets its words.

    A fork saves the seconds that importing nbgrader takes. When time is up the fork
    ends with all that it started.
    """
    import nbgrader.apps  # noqa: F401  (imported once, for all forks)

    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError as error:
        raise CourseError(
            f"{log} could not be written: {error.strerror}. Free some space or mend "
            "the permissions; what is graded so far stays."
        ) from error
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        run_as_fork(course, arguments, out)
    os.close(out)
    status = wait(process, limit)
    if status is None:
        return f"not finished after {limit:g} s"
    if status == 0:
        return None
    problem = last_error(log.read_text(errors="replace"))
    if "No space left" in problem or "disk is full" in problem:
        raise CourseError(
            f"The disk is full: {problem}. Free some space and run the same command "
            "again; what is graded stays."
        )
    return problem


def run_as_fork(course: Course, arguments: list[str], out: int) -> NoReturn:
    """Become `nbgrader ARGUMENTS`, all words going to `out`, and end."""
    from nbgrader.apps import NbGraderApp

    code = 70
    try:
        os.setsid()
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        warnings.resetwarnings()  # the caller's are no business of nbgrader's
        os.chdir(course.root)
        NbGraderApp.launch_instance([*arguments, *places(course)])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def places(course: Course) -> list[str]:
    """Return options that tell nbgrader the places of a course without settings."""
    if course.has_settings:
        return []
    folders = {f"{step}_directory": folder for step, folder in FOLDERS.items()}
    told = folders | {"db_url": course.db_url}
    return [f"--CourseDirectory.{name}={value}" for name, value in told.items()]


def wait(process: int, limit: float) -> int | None:
    """Return a process's exit status; end it and all it started when time is up."""
    until = time.monotonic() + limit
    try:
        while time.monotonic() < until:
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
    except BaseException:
        end(process)
        raise
    end(process)
    return None


def end(process: int) -> None:
    """Kill a process that we started, and all that it started."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process)
        for one in [*parent.children(recursive=True), parent]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, 0)


def student_glob(student: str) -> str:
    """Return a student's id as nbgrader's option takes it: a pattern, unquoted."""
    return re.sub(r"""(["'~]|^\s|\s$)""", r"[\1]", student)


def log_path(course: Course, name: str, what: str) -> Path:
    """Return the file that gets nbgrader's words about one thing."""
    return course.build / "logs" / name / f"{what}.log"
