"""The checker's process: runs the instructor's cells against a student's process.

Every name that a solution cell defines is a proxy here. Given cells run on both
sides. When the student's process is gone, a new one is asked for, and all cells
before the present one run again, without those that ended a process.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import io
import json
import os
import socket
import sys
import time
import types
import warnings
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from autograder.inside import (
    cells,
    comparisons,
    on_import,
    proxies,
    randomness,
    settings,
)
from autograder.inside.channel import Channel, Output
from autograder.inside.link import Link, StudentGone
from autograder.inside.wire import Frame, frame
from autograder.inside.wording import outcome_of_end, outcome_of_error, outcome_of_value
from autograder.model.explanation import Explanation
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome, CellStep, step_from

BOSS = 3
RECORDED = 32 << 20
CHANGED_ARGUMENTS = "It changes its arguments: work on a copy.\n"


def warm_up_checker() -> None:
    """Make the first calls of this module's own machinery."""
    randomness.ahead(randomness.TORCH, *[randomness.capture()[0]] * 2)


class OutOfTime(Exception):
    """The time for the whole submission is used up."""


class Checker:
    """Runs one submission's steps, telling the boss what each gave."""

    def __init__(self, boss: Channel, job: dict[str, Any]) -> None:
        self.boss, self.job = boss, job
        self.limits = Limits(**job["limits"])
        self.steps = [step_from(data) for data in job["steps"]]
        self.end = time.monotonic() + job["seconds"]
        self.fatal: set[str] = set(job["fatal"])
        self.files = {k: base64.b64decode(v) for k, v in job["files"].items()}
        cells.write_files(self.files)
        self.code = {k: base64.b64decode(v) for k, v in job["code"].items()}
        self.link: Link | None = None
        self.names: dict[str, Any] = {}
        self.notebook = cells.Notebook(self.names)
        self.calls: list[list[bytes]] = []
        self.recorded = 0

    # The boss.
    def tell(self, kind: str, value: Any = None, blob: bytes = b"") -> None:
        """Send the boss a message."""
        self.boss.send(frame({"k": kind, "v": value}, blob))

    def new_student(self) -> Link:
        """Ask the boss for a fresh student's process."""
        self.tell("student")
        self.boss.link.setblocking(True)
        _, ends, _, _ = socket.recv_fds(self.boss.link, 1, 3)
        self.boss.link.setblocking(False)
        link, *pipes = ends
        most, line = self.limits.output_bytes, self.limits.line_bytes
        outputs = {pipe: Output(most, line) for pipe in pipes}
        channel = Channel(socket.socket(fileno=link), outputs)
        defined = [pair for step in self.steps for pair in step.defines]
        classes = {name for name, kind in defined if kind == "class"}
        student = Link(channel, classes)
        student.pipes = list(outputs.values())
        student.until = self.until()
        if self.job["observe"]:
            student.record = self.record
        student.ask("hello", (sorted(classes), self.files))
        return student

    def record(self, frame: Frame, header: bytes, blob: bytes | bytearray) -> None:
        """Keep a call for the diagnosis."""
        sent = b"".join(bytes(part) for part in frame)
        self.recorded += len(sent) + len(header) + len(blob)
        if self.recorded < RECORDED:
            self.calls.append([sent, header, bytes(blob)])

    def until(self) -> float:
        """Return until when a cell that starts now may run."""
        now = time.monotonic()
        if now >= self.end:
            raise OutOfTime
        return min(now + self.limits.cell_seconds, self.end)

    # Steps.
    def run(self) -> None:
        """Run all steps from the first that is wanted."""
        try:
            for place in range(self.job["first"], len(self.steps)):
                step = self.steps[place]
                self.tell("begin", step.id)  # the boss waits anew
                start = time.monotonic()
                self.ready(place)
                outcome = self.test(step) if step.role == "test" else self.cell(step)
                seconds = time.monotonic() - start
                self.tell("outcome", asdict(outcome) | {"seconds": seconds})
        except OutOfTime:
            pass  # the boss knows the time too, and what it has not heard of
        self.tell("end")

    def ready(self, place: int) -> None:
        """Have a student's process that has run all cells before `place`."""
        while self.link is None or self.link.gone:
            try:
                self.restart(place)
            except StudentGone:
                continue

    def restart(self, place: int) -> None:
        """Start a student's process and run the cells before `place` in it."""
        if self.link:
            self.link.channel.close()
            self.link = None
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.names = main.__dict__
        self.notebook.close()
        self.notebook = cells.Notebook(self.names)
        randomness.reset()
        np.seterr(**settings.USUAL_ERRORS)
        self.link = self.new_student()
        for step in self.steps[:place]:
            if step.role != "test" and step.id not in self.fatal:
                self.cell(step)
                if self.link.gone:
                    raise self.link.gone

    def cell(self, step: CellStep) -> CellOutcome:
        """Run a given or solution cell; return what became of it."""
        link = self.link
        assert link
        if step.id in self.fatal:
            ended = Explanation("It ended its process.")
            return CellOutcome(step.id, "killed", why=ended)
        if step.role == "solution" and not step.source.strip():
            self.define(step)
            return CellOutcome(
                step.id, "missing", why=Explanation("The cell is missing.")
            )
        link.until = self.until()
        before = randomness.capture()
        try:
            link.ask("cell", (step.id, step.source, self.steps.index(step) + 1))
            outcome = CellOutcome(step.id, "ran")
        except StudentGone as gone:
            self.fatal.add(step.id)
            outcome = outcome_of_end(step, gone, self.limits)
        except Exception as error:
            outcome = outcome_of_error(step, error)
        self.define(step)
        if step.role == "given" and not link.gone:
            # Both sides run it from one random state, so both draw the same numbers.
            randomness.restore_all(before)
            self.given(step)
        output, errors = self.output()
        return replace(outcome, output=output, errors=errors)

    def define(self, step: CellStep) -> None:
        """Let the names that a solution cell defines stand for the student's."""
        assert self.link
        for name, kind in step.defines:
            remote = proxies.Ref(self.link, name=name)
            if kind == "function":
                self.names[name] = proxies.RemoteFunction(remote, name)
            elif kind == "class":
                self.names[name] = proxies.RemoteClass(remote, name)

    def given(self, step: CellStep) -> None:
        """Run a given cell here too; what it defines may be handed over by name."""
        assert self.link
        known = set(self.names)
        quiet = io.StringIO()
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(quiet):
                self.execute(step, self.names)
        except StudentGone:
            self.fatal.add(step.id)
        except Exception:
            return
        self.link.errors = np.geterr()
        new = {k: v for k, v in self.names.items() if k not in known}
        self.link.given.update(new)

    def values(self) -> None:
        """Fetch the names that solution cells give to values, not functions."""
        assert self.link
        for step in self.steps:
            for name, kind in step.defines:
                if kind == "value" and step.id not in self.fatal:
                    self.names.pop(name, None)
                    with contextlib.suppress(NameError):
                        self.names[name] = self.link.ask("get", (), name=name)

    def test(self, step: CellStep) -> CellOutcome:
        """Run a test cell; where arguments changed in place, also without that.

        Each starts from the same random state, whatever ran before it.
        """
        link = self.link
        assert link
        link.until = self.until()
        self.calls, self.recorded = [], 0
        randomness.reset()
        link.changed, link.pure = [], False
        before, names = randomness.capture(), dict(self.names)
        outcome = self.attempt(step, self.names)
        changed = bool(link.changed)
        link.undo()
        if changed and outcome.points:
            # An answer that writes into its arguments may pass because the test
            # compares with what it wrote: it has to pass with copies too.
            randomness.restore_all(before)
            link.pure = True
            again = self.attempt(step, names)
            if again.points < outcome.points:
                outcome = replace(again, why=replace(again.why, lead=CHANGED_ARGUMENTS))
        output, errors = self.output()
        wanted = self.job["observe"] == "all" or outcome.outcome != "passed"
        if self.calls and wanted:
            sizes = [[len(part) for part in call] for call in self.calls]
            blob = b"".join(part for call in self.calls for part in call)
            self.tell("calls", [step.id, sizes], blob)
        output += outcome.output
        return replace(outcome, output=output, errors=errors)

    def attempt(self, step: CellStep, names: dict[str, Any]) -> CellOutcome:
        """Run a test cell once."""
        link = self.link
        assert link
        printed = io.StringIO()
        try:
            with (
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
                warnings.catch_warnings(),
            ):
                self.values()
                value = self.execute(step, names)
            outcome = outcome_of_value(step, value)
        except StudentGone as gone:
            outcome = outcome_of_end(step, gone, self.limits)
        except BaseException as error:
            outcome = outcome_of_error(step, error)
        if link.gone:  # a test may have caught the exception: its end counts
            outcome = outcome_of_end(step, link.gone, self.limits)
        text = printed.getvalue()[: self.limits.output_bytes]
        return replace(outcome, output=text)

    def execute(self, step: CellStep, names: dict[str, Any]) -> Any:
        """Run one of the instructor's cells here."""
        return self.notebook.run(step.id, step.source, names, self.code.get(step.id))

    def output(self) -> tuple[str, str]:
        """Return what the student's process printed since the last time."""
        assert self.link
        with contextlib.suppress(OSError, ValueError):
            self.link.channel.drain()
        out, errors = (pipe.take() for pipe in self.link.pipes)
        return out, errors


def run_checker(order: dict[str, Any]) -> None:
    """Take a job from the boss, and do it."""
    gc.enable()
    gc.set_threshold(cells.YOUNG)
    comparisons.guard()
    on_import.watch_imports()
    sys.stdout = sys.stderr = open(os.devnull, "w")
    boss = Channel(socket.socket(fileno=BOSS))
    _, job = boss.receive()
    Checker(boss, json.loads(job)).run()
