"""Check a submission: a student's process and a checker's, with plain data between.

    with WarmPair(Policy(), probe) as warm:
        outcomes = run_submission(cells, assignment, warm, Limits())

`cells` are the code cells of the submission, {id: source}, in the order of the
notebook; ids that the assignment does not know are cells that the student added.
`assignment` is what `authoring.read_assignment` returns. The outcomes come in the
order in which the cells ran; those of tests have `max_points`.

`observer(test, frames)` gets the frames of each test that lost points, which
`diagnosis/observed.py` reads.

This process only starts and ends others and keeps the time: tests run in the
checker's process, which is started anew after the cell that it hangs or dies in.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from autograder.inside.cells import compile_to_bytes
from autograder.inside.channel import Channel, Closed
from autograder.inside.wire import WireError, frame
from autograder.model.explanation import Explanation
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome, CellStep, outcome_from, plan
from autograder.wall.warm import KEEPER_GONE, Gone, Session, WallError, WarmPair

# how a checker's process came to its end: it said so, it hung, or it was gone
Ending = Literal["end", "timeout", "died"]
# called with a test's id and the frames of its calls, as they crossed
Observer = Callable[[str, list[list[bytes]]], None]


class SplitRun:
    """One checker's process, and the students' processes that it asks for."""

    def __init__(
        self, steps: list[CellStep], warm: WarmPair, limits: Limits, job: dict[str, Any]
    ) -> None:
        self.steps, self.warm, self.limits = steps, warm, limits
        ours, theirs = socket.socketpair()
        self.student: Session | None = None
        self.reports: list[dict[str, Any]] = []
        memory = warm.policy.checker_memory_mib
        self.checker = warm.checker.fork(limits, [theirs.fileno()], memory)
        theirs.close()
        self.boss = Channel(ours)
        self.prepared = self.fork_student()
        self.boss.send(frame({}, json.dumps(job).encode()))

    def fork_student(self) -> list[int]:
        """Start a student's process; return the checker's ends of its connections."""
        link, inner = socket.socketpair()
        pipes = [os.pipe(), os.pipe()]
        own = [pipes[0][1], pipes[1][1], inner.fileno()]
        self.student = self.warm.student.fork(self.limits, own)
        inner.close()
        for _, write in pipes:
            os.close(write)
        return [link.detach(), pipes[0][0], pipes[1][0]]

    def give_student(self) -> None:
        """Hand the checker a student's process; the one before is ended."""
        if not self.prepared:
            self.end_student()
            self.prepared = self.fork_student()
        self.boss.link.setblocking(True)
        socket.send_fds(self.boss.link, [b"s"], self.prepared)
        self.boss.link.setblocking(False)
        self.close_prepared()

    def close_prepared(self) -> None:
        """Close the ends that the checker has now."""
        for descriptor in self.prepared:
            os.close(descriptor)
        self.prepared = []

    def end_student(self) -> None:
        """End the student's process."""
        if self.student:
            self.reports.append(self.student.end())
            self.student = None

    def close(self) -> None:
        """End both processes."""
        self.boss.close()
        self.close_prepared()
        self.checker.kill()
        self.end_student()
        self.reports.append(self.checker.end())


def run_submission(
    cells: Mapping[str, str],
    assignment: Any,
    warm: WarmPair,
    limits: Limits | None = None,
    observer: Observer | None = None,
    passing: bool = False,
) -> list[CellOutcome]:
    """Return what each cell gave; points stand only where the checker said so.

    With `passing`, the observer gets the calls of tests that passed too.
    """
    limits = limits or Limits()
    steps = plan(assignment, cells)
    outcomes: dict[str, CellOutcome] = {}
    end = time.monotonic() + limits.total_seconds
    fatal: list[str] = []
    job = {
        "steps": [step.as_dict() for step in steps],
        "limits": limits.as_dict(),
        "files": {k: base64.b64encode(v).decode() for k, v in assignment.files.items()},
        "code": compile_steps(steps),
        "observe": observer and ("all" if passing else "failing"),
    }
    while len(outcomes) < len(steps) and time.monotonic() < end:
        again = {"first": len(outcomes), "fatal": fatal}
        again |= {"seconds": end - time.monotonic()}
        run = SplitRun(steps, warm, limits, job | again)
        try:
            reason = follow_checker(run, outcomes, observer)
        finally:
            run.close()
        raise_if_broken(run)
        if reason == "end":
            break
        step = steps[len(outcomes)]
        fatal.append(step.id)
        outcomes[step.id] = outcome_of_hang(step, reason, limits)
    return [outcomes.get(step.id) or outcome_not_run(step) for step in steps]


def compile_steps(steps: list[CellStep]) -> dict[str, str]:
    """Return the code of the instructor's cells, which are the same for all."""
    found, flags = {}, 0
    for step in steps:
        if step.role in ("given", "test"):
            with contextlib.suppress(SyntaxError, ValueError):
                code, flags = compile_to_bytes(step.id, step.source, flags)
                found[step.id] = base64.b64encode(code).decode()
    return found


def follow_checker(
    run: SplitRun, outcomes: dict[str, CellOutcome], observer: Observer | None
) -> Ending:
    """Take down what a checker says; return how it ended."""
    patience = 2 * run.limits.cell_seconds + run.warm.policy.grace_seconds
    while True:
        try:
            header, blob = run.boss.receive(time.monotonic() + patience)
            value: Any = header.get("v")
        except TimeoutError:
            return "timeout"
        except (Closed, WireError):
            return "died"
        kind = header.get("k")
        if kind == "student":
            with contextlib.suppress(OSError):
                run.give_student()
        elif kind == "outcome":
            outcome = outcome_from(value)
            outcomes[outcome.grade_id] = outcome
        elif kind == "calls" and observer:
            observe(value, blob, observer)
        elif kind == "end":
            return "end"


def observe(value: Any, blob: bytearray, observer: Observer) -> None:
    """Hand the frames of a test's calls to the observer."""
    grade_id, sizes = value
    rest = io.BytesIO(blob)
    frames = [[rest.read(size) for size in call] for call in sizes]
    observer(grade_id, frames)


def raise_if_broken(run: SplitRun) -> None:
    """Raise WallError where a process could not be walled in at all."""
    for report in run.reports:
        if "error" in report:
            kind = Gone if report["error"] == KEEPER_GONE else WallError
            raise kind(f"a submission's process did not start: {report['error']}")


def outcome_of_hang(step: CellStep, reason: Ending, limits: Limits) -> CellOutcome:
    """Return the outcome of a cell during which the checker hung or died."""
    if reason == "timeout":
        text = f"It took more than {limits.cell_seconds:g} seconds."
        return CellOutcome(step.id, "timeout", 0.0, step.points, Explanation(text))
    text = "The check itself ended before it was done; ask your instructor."
    return CellOutcome(step.id, "killed", 0.0, step.points, Explanation(text))


def outcome_not_run(step: CellStep) -> CellOutcome:
    """Return the outcome of a cell that was not reached."""
    text = "Not run: the time for the whole notebook was used up."
    return CellOutcome(step.id, "not-run", 0.0, step.points, Explanation(text))
