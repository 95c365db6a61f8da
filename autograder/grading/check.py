"""A student's own check of a notebook: the tests that they can see, with hints.

It runs behind the wall, as grading does. Where there is none, or for a faster answer,
`--sandbox none` runs the cells with the rights of who calls: for code of one's own.
Hidden tests are looked at when the notebook is handed in, never here.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from autograder.authoring.catalogue import catalogue_text
from autograder.authoring.data_files import data_files
from autograder.authoring.from_notebook import assignment_from, visible, visible_tests
from autograder.authoring.percent import AuthoringError
from autograder.authoring.solution_file import read_assignment
from autograder.authoring.unsplit import CellEnd, run_once
from autograder.course import Course, CourseError
from autograder.grading.judge import make_verdict
from autograder.inside.scores import points_of
from autograder.intake.notebook_file import plain_name
from autograder.intake.skim import Refused
from autograder.intake.take_in import parse, take_in
from autograder.model.assignment import Assignment, Cell
from autograder.model.explanation import Explanation
from autograder.model.job import Job, Report
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome, CellStatus, CellStep, plan
from autograder.model.source_code import defined_names
from autograder.model.submission import Rejected, Submission
from autograder.model.verdict import UNANSWERED, CellVerdict, Verdict
from autograder.wall.policy import Policy

CAN_FORK = sys.platform == "linux"  # elsewhere tests run with the student's cells
PLAIN_SECONDS = 180.0
BRIEF = Limits(cell_seconds=10, total_seconds=90)
UNWALLED_WARNING = "No sandbox: the notebook's code runs as you, on this machine."
OWN = (
    "Is the notebook your own? Then run it as yourself: add `--sandbox none`. "
    "Never do that with someone else's."
)
ENDING = "Hidden tests look at other sizes and values; they run when you hand in."


def check_notebook(
    course: Course, path: Path, say: Callable[[str], None], sandbox: str = "bwrap"
) -> bool:
    """Say how a notebook does, line by line; return whether all that is seen passes.

    The tests come first. Where one fails and the catalogue of mistakes is at hand, the
    hints follow as soon as they are found.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read: {error.strerror}. Give a notebook's path."
        ) from error
    assignment, mistakes = assignment_of_notebook(course, path, raw)
    seen = visible(assignment)
    submission = take_in(raw, seen)
    if isinstance(submission, Rejected):
        raise CourseError(f"{path}: {submission.reason}")
    job = Job("you", raw, assignment.name, "", mistakes, limits=BRIEF.as_dict())
    good = True
    unanswered: set[str] = set()
    if sandbox == "none":
        say(UNWALLED_WARNING)
    for part in reports(seen, submission, job, sandbox):
        if isinstance(part, Report):
            verdict = make_verdict(job, assignment, submission, part)
            good = passed(assignment, verdict)
            cells = verdict.cells.items()
            unanswered = {t for t, cell in cells if cell.outcome == UNANSWERED}
            lines = describe(assignment, submission, verdict)
        else:
            lines = hints(part, unanswered)
        for line in lines:
            say(line)
    say(ENDING)
    return good


def reports(
    assignment: Assignment, submission: Submission, job: Job, sandbox: str
) -> Iterator[Report | dict[str, str]]:
    """Yield what the tests gave, then what there is to say of those that failed.

    On Linux cells and tests run split, as they do when they are graded.
    """
    if not CAN_FORK:
        if sandbox != "none":
            raise CourseError(f"There is no sandbox here: it needs Linux. {OWN}")
        yield Report(run_plainly(assignment, submission))
        return
    from autograder.diagnosis.observed import collect_calls
    from autograder.wall.probes import probe
    from autograder.wall.session import run_submission
    from autograder.wall.warm import WallError, WarmPair

    calls: list[Any] = []
    watch = collect_calls(calls.append) if job.mistakes else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with ExitStack() as stack:
            try:
                warm = stack.enter_context(WarmPair(Policy(sandbox, warm=False), probe))
            except WallError as error:
                raise CourseError(f"{error}\n{OWN}") from error
            cells = submission.sources
            outcomes = run_submission(cells, assignment, warm, BRIEF, watch)
            yield Report(tuple(outcomes))
            if job.mistakes and calls:
                from autograder.diagnosis.diagnose import Diagnoser

                found = Diagnoser(warm, once=True).diagnose(
                    assignment, job.mistakes, BRIEF, outcomes, calls
                )
                compared = {test: str(one) for test, one in found.found.items()}
                yield compared | found.hints


def assignment_of_notebook(
    course: Course, path: Path, raw: bytes
) -> tuple[Assignment, str | None]:
    """Return the assignment that a notebook answers, and its catalogue if at hand."""
    name = known_name(course, path.name) or known_by_cells(course, raw) or path.stem
    source = course.solutions / name / f"{name}.py"
    if source.is_file():
        return read_assignment(source), catalogue_text(source)
    released = course.exercises / name / f"{name}.ipynb"
    notebook = released.read_bytes() if released.is_file() else raw
    try:
        made = assignment_from(name, released, parse(notebook, []))
        for cell in made.role("solution"):
            defined_names(cell.source)
    except SyntaxError as error:
        raise CourseError(f"{path}: cell {cell.id!r} is not Python: {error}") from error
    except (Refused, KeyError, TypeError, AttributeError, ValueError) as error:
        raise CourseError(f"{path}: {error}") from error
    if not made.role("test"):
        raise CourseError(
            f"{path} holds no tests, and there is no assignment {name!r} in "
            f"{course.exercises}. Keep the name of the file that you downloaded."
        )
    beside = released if released.is_file() else path
    with contextlib.suppress(AuthoringError, OSError):
        made = replace(made, files=data_files(beside))
    return made, None


def known_name(course: Course, file: str) -> str | None:
    """Return the assignment that a file is named after."""
    there = [path.name for path in course.exercises.glob("*")] + course.names()
    by_name = {plain_name(name): name for name in there}
    return by_name.get(plain_name(file))


def known_by_cells(course: Course, raw: bytes) -> str | None:
    """Return the assignment whose tests a notebook holds, whatever its name."""
    mine, best = graded_cells(raw), (0.5, "")  # half of them at least
    for released in sorted(course.exercises.glob("*/*.ipynb")):
        theirs = graded_cells(released.read_bytes())
        if theirs and released.stem == released.parent.name:
            best = max(best, (len(mine & theirs) / len(theirs), released.stem))
    return best[1] or None


def graded_cells(raw: bytes) -> frozenset[str]:
    """Return the names of a notebook's graded cells; of anything else none."""
    try:
        found = (
            cell["metadata"].get("nbgrader", {}) for cell in parse(raw, [])["cells"]
        )
        return frozenset(one["grade_id"] for one in found if one.get("grade"))
    except (Refused, KeyError, TypeError, AttributeError):
        return frozenset()


def hints(found: dict[str, str], unanswered: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines of hints to tests that failed, each once, save `unanswered`."""
    tests: dict[str, list[str]] = {}
    for wanted, text in found.items():
        if wanted not in unanswered:
            tests.setdefault(text, []).append(wanted)
    for text, names in tests.items():
        yield f"  hint   {', '.join(names)}"
        yield from (f"           {line}" for line in text.splitlines())


def run_plainly(
    assignment: Assignment, submission: Submission
) -> tuple[CellOutcome, ...]:
    """Run cells and tests together, in one process of their own."""
    steps = plan(assignment, submission.sources)
    cells = [{"id": s.id, "test": s.role == "test", "source": s.source} for s in steps]
    ends = run_once(cells, assignment, PLAIN_SECONDS)
    return tuple(plain_outcome(s, ends.get(s.id)) for s in steps if s.role == "test")


def plain_outcome(step: CellStep, end: CellEnd | None) -> CellOutcome:
    """Return what a test gave that ran plainly; a warning is harmless."""
    if end is None:
        text = "The run ended before this test was done."
        return CellOutcome(step.id, "not-run", 0, step.points, Explanation(text))
    if not end.raised and end.score is not None:
        points = points_of(end.score, step.points)
        full = points == step.points
        status: CellStatus = "passed" if full else "partial" if points else "failed"
        return CellOutcome(step.id, status, points, step.points)
    if not end.raised:
        return CellOutcome(step.id, "passed", step.points, step.points)
    if end.raised == "AssertionError":
        why = Explanation(end.text + end.place)
        return CellOutcome(step.id, "failed", 0, step.points, why)
    why = Explanation(end.text + end.place, end.raised)
    return CellOutcome(step.id, "error", 0, step.points, why)


def passed(assignment: Assignment, verdict: Verdict) -> bool:
    """Whether all tests passed that students can see something of."""
    tests = (verdict.cells[cell.id] for cell in visible_tests(assignment))
    return all(test.outcome == "passed" for test in tests)


def describe(
    assignment: Assignment, submission: Submission, verdict: Verdict
) -> Iterator[str]:
    """Yield the lines that a student reads; what several tests say, they say once."""
    seen = {cell.id for cell in visible_tests(assignment)}
    tests = [(cell, verdict.cells[cell.id]) for cell in assignment.role("test")]
    yield f"{assignment.name}: the tests that you can see"
    lines = [one_line(cell, own, cell.id in seen) for cell, own in tests]
    for message, group in groupby(lines, key=lambda pair: pair[1]):
        yield from (line for line, _ in group)
        yield from (f"           {line}" for line in message.splitlines())
    for said in (*submission.flags, *submission.notes):
        yield f"  note   {said}"
    there = [own for cell, own in tests if cell.id in seen]
    earned = sum(own.points or 0 for own in there)
    most = sum(own.max_points for own in there)
    more = f"{assignment.points - most:g} more for what is not checked here"
    yield f"{earned:g} of {most:g} points; {more}"


def one_line(cell: Cell, own: CellVerdict, seen: bool) -> tuple[str, str]:
    """Return the line of a test, and what it says."""
    name = f"{cell.id} ({cell.points:g})"
    if not seen:
        return f"  later  {name}: run when you hand in", ""
    if own.outcome == "passed":
        return f"  ok     {name}", ""
    word = "todo" if own.outcome == UNANSWERED else "FAIL"
    return f"  {word}   {name}", own.message or ""
