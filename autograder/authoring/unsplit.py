"""Run an assignment's cells in one plain process, for authors.

A warm process imports NumPy and torch once and forks for each run. What runs here
is trusted: there is no wall, and student code and tests share a process.
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
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.inside import cells, ipython
from autograder.model.assignment import Assignment

TIME_LIMIT = 60.0


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
        root = str(Path(__file__).resolve().parents[2])
        env = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        env["PYTHONPATH"] = os.pathsep.join([root, *(path or [])])
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
        files = {k: base64.b64encode(v).decode() for k, v in assignment.files.items()}
        request = {"cells": cells, "isolated": isolated, "limit": limit}
        request["files"] = files
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


def run_cell(
    notebook: cells.Notebook, cell: dict[str, Any], names: dict[str, Any]
) -> tuple[str | None, bool]:
    """Run one cell; return (why it failed or None, whether it printed).

    As with nbgrader, a cell that writes on stderr has failed.
    """
    errors, prints = io.StringIO(), io.StringIO()
    why = None
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(prints):
        try:
            notebook.run(cell["id"], cell["source"], names)
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)
            own = [f for f in where if f.filename.startswith("<") and f.line][-1:]
            place = "".join(f" (line {f.lineno} of {f.filename})" for f in own)
            why = f"{type(error).__name__}: {error}{place}"
    if errors.getvalue() and why is None:
        why = f"wrote on stderr: {errors.getvalue()[:200]}"
    return why, bool(prints.getvalue())


def run_cells(request: dict[str, Any]) -> Iterator[tuple[str, str | None, bool]]:
    """Run all cells in order, yielding the outcome of each test; on request of all."""
    main = types.ModuleType("__main__")
    main.__dict__.update(display=ipython.display, get_ipython=ipython.Shell)
    sys.modules["__main__"] = main
    notebook = cells.Notebook(vars(main))
    for cell in request["cells"]:
        alone = cell["test"] and request["isolated"]
        outcome = run_cell(notebook, cell, dict(vars(main)) if alone else vars(main))
        if cell["test"] or request.get("all"):
            yield cell["id"], *outcome


def child(request: dict[str, Any], pipe: int) -> None:
    """Run a request in the forked process, writing one line for each test."""
    os.setsid()
    for outcome in run_cells(request):
        os.write(pipe, (json.dumps(outcome) + "\n").encode())


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
                cells.write_files(
                    {k: base64.b64decode(v) for k, v in request["files"].items()}
                )
                child(request, write)
            finally:
                os._exit(0)
        os.close(write)
        received = receive(read, start + request["limit"])
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    tests = dict.fromkeys((c["id"] for c in request["cells"] if c["test"]), "no result")
    printed = []
    for test, why, prints in map(json.loads, received.splitlines()):
        tests[test] = why
        printed += [test] * prints
    seconds = time.monotonic() - start
    return {"tests": tests, "printed": printed, "seconds": seconds}


def receive(pipe: int, until: float) -> str:
    """Return what comes through a pipe until it closes or time is up."""
    parts = []
    while select.select([pipe], [], [], max(0, until - time.monotonic()))[0]:
        part = os.read(pipe, 1 << 16)
        if not part:
            break
        parts.append(part)
    os.close(pipe)
    received = b"".join(parts).decode()
    return received[: received.rfind("\n") + 1]


def warm_up() -> None:
    """Import what assignments import, and make the first call that is slow."""
    import numpy as np

    np.ones((2, 2)) @ np.ones((2, 2))
    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(1)
        torch.ones(2, 2, requires_grad=True).softmax(-1).sum().backward()


def serve() -> None:
    """Answer requests, one a line, until stdin closes."""
    replies = os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    warm_up()
    for line in sys.stdin:
        replies.write(json.dumps(fork_and_run(json.loads(line))) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve()
