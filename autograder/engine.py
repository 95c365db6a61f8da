"""The engine of the workers: the split behind its wall, then the diagnosis."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

from autograder.assignment import Assignment
from autograder.course import CourseError
from autograder.job import Job, Report
from autograder.outcome import CellOutcome
from autograder.policy import Limits, Policy
from autograder.repair import Submission
from autograder.split import check_submission
from autograder.wall import WallError, WarmProcess


class Split:
    """Warm processes that check submissions; use it as a context manager."""

    def __init__(self, sandbox: str = "bwrap") -> None:
        self.warm = WarmProcess(Policy(sandbox=sandbox))

    def __enter__(self) -> Split:
        """Start the warm processes; raise CourseError if the wall does not hold."""
        try:
            self.warm.__enter__()
        except WallError as error:
            why = "Run `python -m autograder doctor` to see what is missing."
            raise CourseError(f"{error}\n{why}") from error
        return self

    def __exit__(self, *_: object) -> None:
        """End the warm processes."""
        self.warm.__exit__()

    def check(self, submission: Submission, assignment: Assignment, job: Job) -> Report:
        """Run a submission's cells and the assignment's tests."""
        calls: list[Any] = []
        limits = Limits(**job.limits) if job.limits else Limits()
        cells = submission.sources
        outcomes = check_submission(
            cells, assignment, self.warm, limits, calls.append if job.mistakes else None
        )
        hints = self.hints(assignment, job, outcomes, calls)
        return Report(tuple(outcomes), hints)

    def hints(
        self,
        assignment: Assignment,
        job: Job,
        outcomes: list[CellOutcome],
        calls: list[Any],
    ) -> dict[str, str]:
        """Return hints to the tests that lost points, by the diagnosis if it is there.

        `diagnose.hints(assignment, mistakes, outcomes, calls)` returns them by id.
        """
        if not job.mistakes or find_spec("autograder.diagnose") is None:
            return {}
        diagnose = importlib.import_module("autograder.diagnose")
        found: dict[str, str] = diagnose.hints(
            assignment, job.mistakes, outcomes, calls
        )
        return found
