"""The engine of the workers: the split behind its wall, then the diagnosis."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograder.course import CourseError
from autograder.diagnosis.observed import collect_calls
from autograder.model.assignment import Assignment
from autograder.model.job import Job, Report
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome
from autograder.model.submission import Submission
from autograder.wall.policy import Policy
from autograder.wall.probes import probe_for
from autograder.wall.session import run_submission
from autograder.wall.warm import Gone, Unwalled, WallError, WarmPair

if TYPE_CHECKING:
    from autograder.diagnosis.diagnose import Diagnoser


class Split:
    """Warm processes that check submissions; use it as a context manager.

    With `shared`, they are those of a `Shared`, whose descriptors were inherited. The
    wall must hide `hidden`, the course's own: see `Course.private`.
    Before a catalogue of mistakes is run, `announce` is called with the seconds that
    this may take from then on; whoever keeps the time may put another in its place.
    """

    announce: Callable[[float], None] = staticmethod(lambda seconds: None)

    def __init__(
        self,
        sandbox: str = "bwrap",
        shared: list[int] | None = None,
        hidden: Sequence[str] = (),
    ) -> None:
        rules, probe = Policy(sandbox=sandbox), probe_for(hidden)
        self.warm = WarmPair.lent(rules, shared) if shared else WarmPair(rules, probe)
        self.diagnoser: Diagnoser | None = None

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
        limits = Limits(**job.limits)  # type: ignore[arg-type]  # from JSON
        cells = submission.sources
        watch = collect_calls(calls.append) if job.mistakes else None
        outcomes = run_submission(cells, assignment, self.warm, limits, watch)
        if not (job.mistakes and any(outcome.lost_points for outcome in outcomes)):
            return Report(tuple(outcomes))
        return self.diagnosed(assignment, job, limits, outcomes, calls)

    def diagnosed(
        self,
        assignment: Assignment,
        job: Job,
        limits: Limits,
        outcomes: list[CellOutcome],
        calls: list[Any],
    ) -> Report:
        """Return outcomes with hints to the tests that lost points."""
        from autograder.diagnosis.diagnose import Diagnoser, add_comparisons

        assert job.mistakes
        self.diagnoser = self.diagnoser or Diagnoser(
            self.warm, announce=lambda seconds: self.announce(seconds)
        )
        try:
            diagnosis = self.diagnoser.diagnose(
                assignment, job.mistakes, limits, outcomes, calls
            )
        except Gone:
            raise
        except Exception as error:
            text = f"No hints for {job.student}: {type(error).__name__}: {error}"
            print(text, file=sys.stderr)
            return Report(tuple(outcomes))
        return Report(
            tuple(add_comparisons(outcomes, diagnosis.found)), diagnosis.hints
        )


class Shared(Split):
    """Warm processes for all workers of a pool on this machine."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(**settings)
        self.settings = settings

    def __enter__(self) -> Shared:
        """Start the warm processes; raise CourseError if the wall does not hold."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Unwalled)  # the command line warns
            super().__enter__()
        return self

    def alive(self) -> bool:
        """Whether the warm processes still run."""
        return self.warm.alive()

    def lend(self) -> tuple[dict[str, Any], list[int]]:
        """Return (a worker's settings, the descriptors that it must inherit)."""
        return self.settings | {"shared": self.warm.descriptors}, self.warm.descriptors
