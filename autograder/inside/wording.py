"""What a student is told of a cell: no hidden test's source, no grader's traceback."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import Any

from autograder.inside.cells import NO_TRACE
from autograder.inside.cures import NO_CURE
from autograder.inside.link import StudentGone, WhyGone
from autograder.inside.scores import points_of, score_of
from autograder.inside.wire import NotPlain
from autograder.model.explanation import LONGEST, Explanation
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome, CellStep

WALLED = (
    "The grader lets no code start programs or processes, use the network, or write "
    "outside its folder: answer without."
)
WHY_GONE: dict[WhyGone, str] = {
    "killed": "The Python process ended while this ran (a crash, an exit, or too much "
    "memory or time).",
    "protocol": "The code wrote into the grader's own connection: {text}.",
    "timeout": "It took more than {seconds:g} seconds.",
}


def outcome_of_end(step: CellStep, gone: StudentGone, limits: Limits) -> CellOutcome:
    """Return the outcome of a cell during which the student's process ended."""
    text = WHY_GONE[gone.why].format(text=gone.text[:200], seconds=limits.cell_seconds)
    status: Any = "timeout" if gone.why == "timeout" else "killed"
    return CellOutcome(step.id, status, 0.0, step.points, Explanation(text))


def outcome_of_value(step: CellStep, value: Any) -> CellOutcome:
    """Return the outcome of a test that ran to its end.

    As in nbgrader, a last expression that is a number is the score.
    """
    score = score_of(value)
    if score is None:
        status: Any = "passed" if step.role == "test" else "ran"
        return CellOutcome(step.id, status, step.points, step.points)
    points = points_of(score, step.points)
    status = "passed" if points == step.points else "partial" if points else "failed"
    return CellOutcome(step.id, status, points, step.points)


def outcome_of_error(step: CellStep, error: BaseException) -> CellOutcome:
    """Return the outcome of a cell that raised an exception."""
    theirs = hasattr(error, "student_type")  # so it is no word of the test's
    asserted = isinstance(error, AssertionError) and step.role == "test" and not theirs
    trace = getattr(error, "student_trace", NO_TRACE)
    text = str(error.args[0] if len(error.args) == 1 else error)[:LONGEST]
    text = in_one_line(text) if theirs else text
    if asserted:
        why = Explanation(text or failing_line(step, error))
    elif isinstance(error, NotPlain):
        why = Explanation(text)
    else:
        kind = getattr(error, "student_type", type(error).__name__)
        kind = kind if kind.isidentifier() else "Exception"
        name = error.name or "" if isinstance(error, NameError) else ""
        why = Explanation(text, kind, name)
        cure = getattr(error, "student_cure", NO_CURE)
        if cure.instead:
            why = Explanation(in_one_line(cure.text))
        elif isinstance(error, PermissionError) and trace.lines:
            why = replace(why, remark=WALLED)
        else:
            why = replace(why, remark=in_one_line(cure.text))
    why = replace(why, where=trace.lines, cell=trace.cell, line=trace.line)
    status: Any = "failed" if asserted else "error"
    return CellOutcome(step.id, status, 0.0, step.points, why)


def in_one_line(text: str) -> str:
    """Return a text that a student's process made, unable to look like several."""
    return " ".join(text.split())


def failing_line(step: CellStep, error: BaseException) -> str:
    """Return the line of a test that failed, where students may see it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == f"<{step.id}>"]
    line = " ".join((own[-1].line or "").split()) if own else ""
    seen = {" ".join(text.split()) for text in step.visible.split("\n")}
    return f"This does not hold: {line}" if line and line in seen else "A check failed."
