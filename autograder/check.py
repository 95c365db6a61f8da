"""A student's own check of a notebook: the tests that they can see, with hints.

What runs is the student's own code on the student's own machine, so there is no wall.
Hidden tests are looked at when the notebook is handed in, never here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from autograder.assignment import Assignment
from autograder.authoring import read_assignment
from autograder.course import Course, CourseError
from autograder.from_notebook import assignment_from, shown, visible
from autograder.intake import Refused, Rejected, parse, take_in
from autograder.job import Job, Report, make_verdict
from autograder.outcome import CellOutcome, plan
from autograder.repair import Submission

SECONDS = 120.0
COPY = re.compile(r"([ _-]*\(\d+\)|[ _-]*Copy\d*)+$", re.I)


def check(course: Course, path: Path) -> tuple[list[str], bool]:
    """Return what to say about a notebook, and whether all visible tests pass."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    assignment, mistakes = find_assignment(course, path, raw)
    submission = take_in(raw, visible(assignment))
    if isinstance(submission, Rejected):
        raise CourseError(f"{path}: {submission.reason}")
    job = Job("you", raw, assignment.name, "", mistakes, sandbox="bwrap")
    report = run(visible(assignment), submission, job)
    return describe(assignment, submission, job, report)


def find_assignment(
    course: Course, path: Path, raw: bytes
) -> tuple[Assignment, str | None]:
    """Return the assignment that a notebook answers, and its catalogue if at hand."""
    name = COPY.sub("", path.stem)
    source = course.solutions / name / f"{name}.py"
    if source.is_file():
        catalogue = source.with_name("mistakes.py")
        text = catalogue.read_text(encoding="utf-8") if catalogue.is_file() else None
        return read_assignment(source), text
    released = course.exercises / name / f"{name}.ipynb"
    notebook = released.read_bytes() if released.is_file() else raw
    try:
        made = assignment_from(name, released, parse(notebook, []))
    except (Refused, KeyError, TypeError, AttributeError, ValueError) as error:
        raise CourseError(f"{path}: {error}") from error
    if not made.role("test"):
        raise CourseError(
            f"{path} holds no tests, and there is no assignment {name!r} in "
            f"{course.exercises}. Keep the name of the file that you downloaded."
        )
    return made, None


def run(assignment: Assignment, submission: Submission, job: Job) -> Report:
    """Run a submission on this machine; where a test fails, look for the mistake."""
    report = Report(plainly(assignment, submission))
    failing = any(o.max_points and o.points < o.max_points for o in report.outcomes)
    if not (failing and job.mistakes and find_spec("autograder.diagnose")):
        return report
    try:
        from autograder.engine import Split
    except ImportError:  # Windows has neither fork nor sockets that pass files
        return report
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Split("none") as engine:
            hints = engine.check(submission, assignment, job).hints
    return replace(report, hints=hints)


def plainly(assignment: Assignment, submission: Submission) -> tuple[CellOutcome, ...]:
    """Run cells and tests together, in one process of their own."""
    steps = plan(assignment, submission.sources)
    cells = [{"id": s.id, "test": s.role == "test", "source": s.source} for s in steps]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "autograder.check"],
            input=json.dumps({"cells": cells, "isolated": False}),
            capture_output=True,
            cwd=Path(__file__).resolve().parents[1],
            text=True,
            timeout=SECONDS,
        )
        lines = done.stdout.splitlines()
    except subprocess.TimeoutExpired as error:
        lines = (error.stdout or b"").decode("utf-8", "replace").splitlines()
    said = dict(json.loads(line) for line in lines if line.startswith("["))
    return tuple(plain_outcome(s.id, s.points, said) for s in steps if s.role == "test")


def plain_outcome(
    wanted: str, points: float, said: dict[str, str | None]
) -> CellOutcome:
    """Return what a test gave that ran plainly."""
    if wanted not in said:
        text = "The run ended before this test was done."
        return CellOutcome(wanted, "not-run", 0, points, text)
    if (reason := said[wanted]) is None:
        return CellOutcome(wanted, "passed", points, points)
    told = re.sub(r"^AssertionError: ", "", reason)
    return CellOutcome(wanted, "failed", 0, points, told)


def describe(
    assignment: Assignment, submission: Submission, job: Job, report: Report
) -> tuple[list[str], bool]:
    """Return the lines that a student reads, and whether all went well."""
    verdict = make_verdict(job, assignment, submission, report)
    seen = {cell.id for cell in shown(assignment)}
    lines = [f"{assignment.name}: the tests that you can see", ""]
    good = True
    for cell in assignment.role("test"):
        result, points = verdict.cells[cell.id], f"{cell.points:g}"
        if cell.id not in seen:
            lines.append(f"  later  {cell.id} ({points}): run when you hand in")
            continue
        passed = result.outcome == "passed"
        good &= passed
        lines.append(f"  {'ok   ' if passed else 'FAIL '}  {cell.id} ({points})")
        texts = [result.message, result.hint and f"Hint: {result.hint}"]
        for text in filter(None, [] if passed else texts):
            lines += [f"           {line}" for line in text.splitlines()]
    odd = [*submission.flags, *submission.notes]
    lines += ["", *(f"  note   {said}" for said in odd), *([""] if odd else [])]
    lines += [
        "Your code ran as you, on this machine, without a sandbox. Hidden tests, which "
        "look at",
        "other sizes and values, run when you hand in.",
    ]
    return lines, good


def child() -> None:
    """Run the cells that stdin holds; write a line for each test."""
    from autograder.unsplit import run_cells

    request = json.load(sys.stdin)
    for outcome in run_cells(request):
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    child()
