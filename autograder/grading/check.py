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
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.assignments.assignment import Assignment
from autograder.assignments.authoring import read_assignment
from autograder.assignments.from_notebook import assignment_from, shown, visible
from autograder.course import Course, CourseError
from autograder.grading.job import Job, Report, make_verdict
from autograder.intake.repair import Submission
from autograder.intake.take_in import Refused, Rejected, parse, take_in
from autograder.sandbox.policy import Limits
from autograder.split.outcome import CellOutcome, plan

SECONDS = 60.0
BRIEF = Limits(cell_seconds=5, total_seconds=30)
ENDING = (
    "Your code ran as you, on this machine, without a sandbox. Hidden tests look at",
    "other sizes and values; they run when you hand in.",
)
COPY = re.compile(r"([ _-]*\(\d+\)|[ _-]*Copy\d*)+$", re.I)


def check(course: Course, path: Path, say: Callable[[str], None]) -> bool:
    """Say how a notebook does, line by line; return whether all that is seen passes.

    The tests come first, in about a second. Where one fails and the catalogue of
    mistakes is at hand, the hints follow as soon as they are found.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    assignment, mistakes = find_assignment(course, path, raw)
    seen = visible(assignment)
    submission = take_in(raw, seen)
    if isinstance(submission, Rejected):
        raise CourseError(f"{path}: {submission.reason}")
    job = Job("you", raw, assignment.name, "", mistakes, BRIEF.as_dict())
    report = Report(plainly(seen, submission))
    good = True
    for line, fine in describe(assignment, submission, job, report):
        good &= fine
        say(line)
    for line in () if good else hints(seen, submission, job):
        say(line)
    return good


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


def hints(assignment: Assignment, submission: Submission, job: Job) -> Iterator[str]:
    """Yield the hints to the tests that fail, where mistakes are catalogued."""
    if not job.mistakes:
        return
    try:
        from autograder.grading.engine import Split
    except ImportError:  # Windows has neither fork nor sockets that pass files
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Split("none") as engine:
            found = engine.check(submission, assignment, job).hints
    for wanted, hint in found.items():
        first, *rest = hint.splitlines()
        yield f"  hint   {wanted}: {first}"
        yield from (f"           {line}" for line in rest)


def plainly(assignment: Assignment, submission: Submission) -> tuple[CellOutcome, ...]:
    """Run cells and tests together, in one process of their own.

    Return what each test gave, and the other cells that ended with an error.
    """
    steps = plan(assignment, submission.sources)
    cells = [{"id": s.id, "test": s.role == "test", "source": s.source} for s in steps]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "autograder.grading.check"],
            input=json.dumps({"cells": cells, "isolated": False, "all": True}),
            capture_output=True,
            cwd=Path(__file__).resolve().parents[2],
            text=True,
            timeout=SECONDS,
        )
        lines = done.stdout.splitlines()
    except subprocess.TimeoutExpired as error:
        lines = (error.stdout or b"").decode("utf-8", "replace").splitlines()
    replies = [json.loads(line) for line in lines if line.startswith("[")]
    said = {wanted: reason for wanted, reason, *_ in replies}
    tests = [s for s in steps if s.role == "test"]
    return (
        *(plain_outcome(s.id, s.points, said) for s in tests),
        *(
            CellOutcome(s.id, "error", message=said[s.id] or "")
            for s in steps
            if s.role != "test" and not fine(said.get(s.id))
        ),
    )


def fine(reason: str | None) -> bool:
    """Whether a cell ran to its end: a warning on stderr is harmless."""
    return reason is None or reason.startswith("wrote on stderr")


def plain_outcome(
    wanted: str, points: float, said: dict[str, str | None]
) -> CellOutcome:
    """Return what a test gave that ran plainly."""
    if wanted not in said:
        text = "The run ended before this test was done."
        return CellOutcome(wanted, "not-run", 0, points, text)
    reason = said[wanted]
    if fine(reason):
        return CellOutcome(wanted, "passed", points, points)
    told = re.sub(r"^AssertionError: ", "", reason or "")
    return CellOutcome(wanted, "failed", 0, points, told)


def describe(
    assignment: Assignment, submission: Submission, job: Job, report: Report
) -> Iterator[tuple[str, bool]]:
    """Yield the lines that a student reads, and whether each is good news."""
    verdict = make_verdict(job, assignment, submission, report)
    seen = {cell.id for cell in shown(assignment)}
    yield f"{assignment.name}: the tests that you can see", True
    sources = submission.sources
    for outcome in report.outcomes:
        if outcome.grade_id not in verdict.cells:
            cell_name = called(assignment, outcome.grade_id, sources)
            yield f"  STOP   {cell_name} ended with {outcome.message}", True
    for cell in assignment.role("test"):
        result, points = verdict.cells[cell.id], f"{cell.points:g}"
        if cell.id not in seen:
            yield f"  later  {cell.id} ({points}): run when you hand in", True
        elif result.outcome == "passed":
            yield f"  ok     {cell.id} ({points})", True
        else:
            yield f"  FAIL   {cell.id} ({points})", False
            for line in (result.message or "").splitlines():
                yield f"           {line}", True
    for said in (*submission.flags, *submission.notes):
        yield f"  note   {said}", True
    yield from ((line, True) for line in ENDING)


def called(assignment: Assignment, wanted: str, sources: dict[str, str]) -> str:
    """Return how to name a cell to the student: their own have no ids."""
    if wanted in assignment.by_id:
        return f"the cell <{wanted}>"
    lines = [line.strip() for line in sources.get(wanted, "").splitlines()]
    return f"your own cell {next(filter(None, lines), '')[:50]!r}"


def child() -> None:
    """Run the cells that stdin holds; write a line for each test."""
    from autograder.assignments.unsplit import run_cells

    request = json.load(sys.stdin)
    for outcome in run_cells(request):
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    child()
