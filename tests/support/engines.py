"""Stand-ins for the split: they run cells in the worker, without torch or a wall."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from pathlib import Path

from autograder.model.explanation import Explanation
from autograder.model.job import Report
from autograder.model.outcome import CellOutcome
from tests.support.pace import PATIENCE, wait_until


class Plain:
    """Runs a submission and its tests in one namespace; quick, and trusts everyone.

    A submission can ask for misfortune: see `misfortune`.
    """

    def __init__(self, sandbox: str, hidden: object = ()) -> None:
        self.sandbox = sandbox

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def check(self, submission, assignment, job):
        """Run all cells in order."""
        for cell in submission.cells:
            misfortune(cell.source)
        names, outcomes = {"__name__": "__main__"}, []
        for cell in submission.cells:
            if cell.kind != "code":
                continue
            printed = io.StringIO()
            try:
                with contextlib.redirect_stdout(printed):
                    exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
                message = ""
            except BaseException as error:
                message = str(error) or type(error).__name__
            outcomes.append(outcome(assignment, cell, message, printed.getvalue()))
        return Report(tuple(outcomes))


def outcome(assignment, cell, message, printed):
    """Return what became of a cell."""
    if cell.role != "test":
        return CellOutcome(cell.id, "error" if message else "ran", output=printed)
    most = assignment.by_id[cell.id].points
    if message:
        return CellOutcome(cell.id, "failed", 0, most, Explanation(message), printed)
    return CellOutcome(cell.id, "passed", most, most, output=printed)


def misfortune(source: str) -> None:
    """Do what a cell asks for in a comment: die, fail, take time, wait for a file."""
    for line in source.splitlines():
        word, _, value = line.partition(" ")
        if word == "#die":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "#die-once" and not Path(value).exists():
            Path(value).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "#fail":
            raise RuntimeError("the engine is broken")
        if word == "#wait":
            time.sleep(float(value))
        if word == "#until":
            wait_until(Path(value).exists, value)
        if word == "#count":
            with open(value, "a") as file:
                file.write("run\n")


class Broken:
    """Cannot start."""

    def __init__(self, sandbox: str, hidden: object = ()) -> None:
        raise RuntimeError("no wall here")


class Announcing(Plain):
    """Does long work first, as for a catalogue, and says how long that may take."""

    def check(self, submission, assignment, job):
        """Run all cells in order, when the job's own time is over."""
        self.announce(PATIENCE)
        time.sleep(2 * job.limits["total_seconds"])
        return super().check(submission, assignment, job)
