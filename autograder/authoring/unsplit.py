"""Run an assignment's cells in one plain process, for authors and where no fork is.

A warm process imports NumPy and torch once and forks for each run; `run_once` does
without. What runs here is trusted: there is no wall, and student code and tests share
a process.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.course import CourseError
from autograder.inside import cells, on_import
from autograder.inside.failures import text_of
from autograder.inside.scores import score_of
from autograder.model.assignment import Assignment

TIME_LIMIT = 120.0


@dataclass(frozen=True)
class CellEnd:
    """How a cell ended: what it raised, its text and place; what it wrote on stderr.

    `score` is the number that its last expression gave, if it did.
    """

    raised: str = ""
    text: str = ""
    place: str = ""
    errors: str = ""
    printed: bool = False
    score: float | None = None

    def __str__(self) -> str:
        """Return why it lost its points, as with nbgrader; empty if it did not."""
        if self.raised:
            return f"{self.raised}: {self.text}{self.place}"
        if self.score is not None and not self.score > 0:
            return f"gave the score {self.score:g}"
        return f"wrote on stderr: {self.errors}" if self.errors else ""


@dataclass(frozen=True)
class Outcome:
    """What each test cell gave: None where it passed, else why it failed.

    `printed` are the tests that wrote on stdout.
    """

    tests: dict[str, str | None]
    printed: list[str]
    seconds: float

    @property
    def failed(self) -> set[str]:
        """The ids of the tests that lost their points."""
        return {test for test, reason in self.tests.items() if reason is not None}

    def points(self, assignment: Assignment) -> float:
        """Return the points of the tests that passed."""
        passed = self.tests.keys() - self.failed
        return sum(assignment.by_id[test].points or 0 for test in passed)


class Unsplit:
    """A warm process that runs assignments; use it as a context manager."""

    def __init__(self, path: list[str] | None = None) -> None:
        env = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        env["PYTHONPATH"] = os.pathsep.join(path or [])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autograder.authoring.unsplit"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
        )

    def __enter__(self) -> Unsplit:
        """Return the process, already started."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def run(
        self,
        assignment: Assignment,
        versions: dict[str, str] | None = None,
        isolated: bool = False,
        limit: float = TIME_LIMIT,
    ) -> Outcome:
        """Run an assignment with other `versions` {cell id: source} of its cells.

        `isolated` runs each test on names of its own, so that no test sees what
        another one made.
        """
        versions = versions or {}
        cells = [
            {
                "id": cell.id,
                "test": cell.role == "test",
                "source": versions.get(cell.id, cell.source),
            }
            for cell in assignment.cells
            if not cell.text
        ]
        assert self.process.stdin and self.process.stdout
        request = make_request(cells, assignment) | {"limit": limit}
        request["isolated"] = isolated
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise CourseError("The process that runs the assignments has ended.")
        reply = json.loads(line)
        return Outcome(**reply)


def stubs(assignment: Assignment) -> dict[str, str]:
    """Return the versions of an untouched notebook: every solution cell's stub."""
    return {cell.id: cell.released for cell in assignment.role("solution")}


def make_request(cells: list[dict[str, Any]], assignment: Assignment) -> dict[str, Any]:
    """Return what a process is asked to run, as plain data."""
    files = {k: base64.b64encode(v).decode() for k, v in assignment.files.items()}
    return {"cells": cells, "isolated": False, "files": files}


def run_once(
    cells: list[dict[str, Any]], assignment: Assignment, seconds: float
) -> dict[str, CellEnd]:
    """Run cells in one plain process, in a folder of its own; needs no fork.

    Return how each test ended; those that time or a crash kept from running lack.
    """
    command = [sys.executable, "-m", "autograder.authoring.unsplit", "once"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            said = subprocess.run(
                command,
                input=json.dumps(make_request(cells, assignment)).encode(),
                capture_output=True,
                cwd=folder,
                timeout=seconds,
            ).stdout
        except subprocess.TimeoutExpired as error:
            said = error.stdout or b""
    return dict(read_ends(said.decode("utf-8", "replace")))


def read_ends(text: str) -> Iterator[tuple[str, CellEnd]]:
    """Yield the ends of tests, by id, from the whole lines of a process's words."""
    for line in text[: text.rfind("\n") + 1].splitlines():
        test, end = json.loads(line)
        yield test, CellEnd(**end)


def run_cell(
    notebook: cells.Notebook, cell: dict[str, Any], names: dict[str, Any]
) -> CellEnd:
    """Run one cell; return how it ended."""
    errors, prints = io.StringIO(), io.StringIO()
    raised = text = place = ""
    score = None
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(prints):
        try:
            lenient = not cell["test"]
            value = notebook.run(cell["id"], cell["source"], names, lenient=lenient)
            score = score_of(value)
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)
            own = [f for f in where if f.filename.startswith("<") and f.line][-1:]
            place = "".join(f" (line {f.lineno} of {f.filename})" for f in own)
            raised, text = type(error).__name__ or "Exception", text_of(error)
    printed = bool(prints.getvalue())
    return CellEnd(raised, text, place, errors.getvalue()[:200], printed, score)


def run_cells(request: dict[str, Any]) -> Iterator[tuple[str, CellEnd]]:
    """Run all cells in order, yielding how each test ended."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    on_import.watch_imports()
    notebook = cells.Notebook(vars(main))
    for cell in request["cells"]:
        alone = cell["test"] and request["isolated"]
        end = run_cell(notebook, cell, dict(vars(main)) if alone else vars(main))
        if cell["test"]:
            yield cell["id"], end


def run_request(request: dict[str, Any], pipe: int) -> None:
    """Run a request here, in this folder, writing one line for each test."""
    files = request["files"].items()
    cells.write_files({name: base64.b64decode(data) for name, data in files})
    for test, end in run_cells(request):
        os.write(pipe, (json.dumps([test, vars(end)]) + "\n").encode())


def fork_and_run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a request in a fork, and end the fork when its time is up."""
    start = time.monotonic()
    read, write = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = os.fork()
        if process == 0:
            try:
                os.close(read)
                os.chdir(folder)
                os.setsid()
                run_request(request, write)
            finally:
                os._exit(0)
        os.close(write)
        received = read_until(read, start + request["limit"])
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    tests: dict[str, str | None] = {
        cell["id"]: "no result" for cell in request["cells"] if cell["test"]
    }
    ends = dict(read_ends(received))
    tests |= {test: str(end) or None for test, end in ends.items()}
    printed = [test for test, end in ends.items() if end.printed]
    seconds = time.monotonic() - start
    return {"tests": tests, "printed": printed, "seconds": seconds}


def read_until(pipe: int, until: float) -> str:
    """Return what comes through a pipe until it closes or time is up."""
    parts = []
    while select.select([pipe], [], [], max(0, until - time.monotonic()))[0]:
        part = os.read(pipe, 1 << 16)
        if not part:
            break
        parts.append(part)
    os.close(pipe)
    return b"".join(parts).decode()


def warm_up_plain() -> None:
    """Import what assignments import, and make the first call that is slow."""
    import numpy as np

    np.ones((2, 2)) @ np.ones((2, 2))
    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(1)
        torch.ones(2, 2, requires_grad=True).softmax(-1).sum().backward()


def serve_requests() -> None:
    """Answer requests, one a line, until stdin closes; one alone if called `once`."""
    replies = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    if sys.argv[1:] == ["once"]:
        run_request(json.load(sys.stdin), replies)
        return
    warm_up_plain()
    for line in sys.stdin:
        os.write(replies, (json.dumps(fork_and_run(json.loads(line))) + "\n").encode())


if __name__ == "__main__":
    serve_requests()
