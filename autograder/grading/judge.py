"""Grade one submission: a pure function from a job, plain data, to a verdict.

A job holds all that its verdict depends on: the bytes handed in, the assignment's
source and catalogue, the limits. So it may be graded anywhere, kept, and repeated.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from autograder.authoring.solution_file import read_assignment
from autograder.grading.causes import find_cause
from autograder.intake.take_in import take_in
from autograder.model.assignment import Assignment
from autograder.model.explanation import UNSAID, Explanation
from autograder.model.job import Job, Report
from autograder.model.outcome import CellOutcome
from autograder.model.submission import Rejected, Submission
from autograder.model.verdict import (
    UNANSWERED,
    CellVerdict,
    Graded,
    Printed,
    Verdict,
    clip,
    reject_submission,
)

OUTPUT = 100_000
UNWALLED_FLAG = "graded without a wall (--sandbox none)"


class Engine(Protocol):
    """Runs submissions: the split behind its wall, or a stand-in in a test."""

    def check(self, submission: Submission, assignment: Assignment, job: Job) -> Report:
        """Run the cells of a submission and the tests."""


@lru_cache(maxsize=16)
def load(name: str, source: str) -> Assignment:
    """Return the assignment of a source."""
    return read_assignment(Path(f"{name}.py"), source)


def grade_job(job: Job, engine: Engine) -> Graded:
    """Return the verdict on a job."""
    start = time.perf_counter()
    assignment = load(job.assignment, job.source)
    if job.files:
        assignment = replace(assignment, files=job.files)
    submission = take_in(job.submission, assignment)
    if isinstance(submission, Rejected):
        verdict = reject_submission(
            job.student,
            assignment,
            submission.reason,
            job.assignment_sha256,
            job.submission_sha256,
        )
        return Graded(seconds_since(start, verdict))
    report = engine.check(submission, assignment, job)
    verdict = make_verdict(job, assignment, submission, report)
    return Graded(seconds_since(start, verdict), printed_by_cells(report))


def printed_by_cells(report: Report) -> dict[str, Printed]:
    """Return what cells printed and warned of, and what ended one that is no test."""
    found = {}
    for own in report.outcomes:
        ended = not own.max_points and own.outcome not in ("ran", "passed")
        why = own.why.mapped(clip) if ended else UNSAID
        texts = clip(own.output, OUTPUT), clip(own.errors, OUTPUT)
        found[own.grade_id] = Printed(*texts, why)
    return {cell: printed for cell, printed in found.items() if printed != Printed()}


def seconds_since(start: float, verdict: Verdict) -> Verdict:
    """Return a verdict with the time that it took."""
    return replace(verdict, seconds=round(time.perf_counter() - start, 4))


def make_verdict(
    job: Job, assignment: Assignment, submission: Submission, report: Report
) -> Verdict:
    """Return the verdict that the outcomes of the tests make."""
    outcomes = {outcome.grade_id: outcome for outcome in report.outcomes}
    cells = {}
    for cell in assignment.graded:
        most = cell.points or 0
        if cell.role == "written":
            cells[cell.id] = judge_written(submission, cell.id, most)
        else:
            outcome, hint = outcomes.get(cell.id), report.hints.get(cell.id)
            found = outcome and find_cause(outcome, assignment, submission, outcomes)
            cells[cell.id] = found or judge_test(outcome, most, hint)
    flags = list(submission.flags)
    if job.sandbox != "bwrap":
        flags.insert(0, UNWALLED_FLAG)
    notes = [*flags, *submission.notes]
    return Verdict(
        student=job.student,
        assignment=job.assignment,
        status="flagged" if flags else "graded",
        reason=clip("; ".join(notes)) if notes else None,
        score=sum(cell.points or 0 for cell in cells.values()),
        max_score=assignment.points,
        cells=cells,
        seconds=0.0,
        submission_sha256=job.submission_sha256,
        assignment_sha256=job.assignment_sha256,
    )


def judge_test(
    outcome: CellOutcome | None, most: float, hint: str | None
) -> CellVerdict:
    """Return what a test earned; without a record of its end it earned nothing."""
    if outcome is None:
        return CellVerdict(0, most, "missing", Explanation("The test gave no result."))
    earned = min(max(outcome.points, 0), most)
    earned = int(earned) if earned % 1 == 0 else earned
    if earned == most and outcome.outcome == "passed":
        return CellVerdict(earned, most, "passed")
    kind = "partial" if earned else outcome.outcome
    why, hint = outcome.why.mapped(clip), clip(hint) if hint else None
    return CellVerdict(earned, most, kind, why, hint)


def judge_written(submission: Submission, wanted: str, most: float) -> CellVerdict:
    """Return what is said of a written answer: a person marks it, if there is one."""
    if any(cell.answered for cell in submission.cells if cell.id == wanted):
        return CellVerdict(None, most, "written")
    return CellVerdict(0, most, UNANSWERED, Explanation("No answer was written."))


def report_failure(job: Job, reason: str) -> Graded:
    """Return what is said when the grader itself failed: to be run again."""
    assignment = load(job.assignment, job.source)
    why = f"The grader itself failed, so nothing was recorded: {clip(reason, 500)}"
    verdict = reject_submission(
        job.student,
        assignment,
        why,
        job.assignment_sha256,
        job.submission_sha256,
    )
    return Graded(verdict, final=False)
