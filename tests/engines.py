"""Stand-ins for the split: they run cells in the worker, without torch or a wall."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from pathlib import Path

from autograder.job import Report


class Plain:
    """Runs a submission and its tests in one namespace; quick, and trusts everyone.

    A submission can ask for misfortune: see `misfortune`.
    """

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def check(self, submission, assignment, job):
        """Run all cells in order."""
        for cell in submission.cells:
            misfortune(cell.source)
        names, outcomes, outputs = {"__name__": "__main__"}, {}, {}
        for cell in submission.cells:
            if cell.kind != "code":
                continue
            printed = io.StringIO()
            try:
                with contextlib.redirect_stdout(printed):
                    exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
                result = ("passed", None, None)
            except BaseException as error:
                message = str(error) or type(error).__name__
                result = ("failed", message, None)
            if cell.role == "test":
                outcomes[cell.id] = result
            if printed.getvalue():
                outputs[cell.id] = printed.getvalue()
        return Report(outcomes, outputs)


def misfortune(source: str) -> None:
    """Do what a cell asks for in a comment: die, hang, fail, or take time."""
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
        if word == "#count":
            with open(value, "a") as file:
                file.write("run\n")


class Broken:
    """Cannot start."""

    def __init__(self, sandbox: str) -> None:
        raise RuntimeError("no wall here")
