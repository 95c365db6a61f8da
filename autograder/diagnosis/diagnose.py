"""Tell which catalogued mistake explains a wrong answer, or that none does.

A mistake is found in a student's answer when, in each test that asks for the wrong
function alone and that the mistake fails, the student's answers are the mistake's
and not the reference's, call by call, as far as rounding allows. How the code is
written does not count. Where no mistake is found, the student is told what was
expected and what came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from autograder.authoring.catalogue import Mistake
from autograder.diagnosis.fit import Fit, find_best_mistakes
from autograder.diagnosis.observed import Call
from autograder.diagnosis.traces import TOTAL_SECONDS, Known, Trace, run_catalogue
from autograder.diagnosis.words import expected_against_got
from autograder.model.assignment import Assignment
from autograder.model.explanation import Compared
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome
from autograder.wall.warm import WarmPair

KEPT_CATALOGUES = 4


@dataclass(frozen=True)
class Diagnosis:
    """Hints to tests, and what was expected against what came, by test."""

    hints: dict[str, str] = field(default_factory=dict)
    found: dict[str, Compared] = field(default_factory=dict)


class Diagnoser:
    """Diagnoses submissions; what is known of an assignment is found out once."""

    def __init__(
        self,
        warm: WarmPair,
        once: bool = False,
        announce: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.warm, self.once, self.announce = warm, once, announce
        self.kept: dict[tuple[Assignment, str], Known] = {}

    def known(
        self, assignment: Assignment, mistakes: str, limits: Limits, lost: Iterable[str]
    ) -> Known:
        """Return the traces of an assignment, run once.

        For `once`, those that may explain the tests that were lost are enough. Before
        they are run, how long that may take is announced: whoever waits for a verdict
        must not count it, for a whole catalogue takes longer than a submission.
        """
        if self.once:
            return run_catalogue(
                assignment, mistakes, self.warm, limits, frozenset(lost)
            )
        key = assignment, mistakes
        if key not in self.kept:
            self.announce(TOTAL_SECONDS)
            self.kept = dict(list(self.kept.items())[-KEPT_CATALOGUES + 1 :])
            self.kept[key] = run_catalogue(assignment, mistakes, self.warm, limits)
        return self.kept[key]

    def diagnose(
        self,
        assignment: Assignment,
        mistakes: str,
        limits: Limits,
        outcomes: Iterable[CellOutcome],
        calls: Iterable[Call],
    ) -> Diagnosis:
        """Return what can be said of the tests of a submission that lost points."""
        outcomes = list(outcomes)
        traces = traces_of_lost_tests(assignment, outcomes, calls)
        if not any(trace.calls for trace in traces.values()):
            return Diagnosis()
        known = self.known(assignment, mistakes, limits, traces)
        chosen = [
            found
            for of in known.names
            for found in find_best_mistakes(known, of, traces)
        ]
        named = name_mistakes(chosen, traces)
        found = {}
        for test in traces.keys() & known.reference.keys() - named.keys():
            hidden = assignment.by_id[test].hidden
            own = expected_against_got(traces[test], known.reference[test], hidden)
            if own:
                found[test] = own
        hints = {test: word_hint(mistakes) for test, mistakes in named.items()}
        return Diagnosis(hints, found)


def traces_of_lost_tests(
    assignment: Assignment, outcomes: Iterable[CellOutcome], calls: Iterable[Call]
) -> dict[str, Trace]:
    """Return the traces of the tests that lost points."""
    traces: dict[str, Trace] = {}
    for outcome in outcomes:
        cell = assignment.by_id.get(outcome.grade_id)
        if cell and cell.role == "test" and outcome.outcome != "passed":
            traces[outcome.grade_id] = Trace(outcome=outcome)
    for call in calls:
        if call.grade_id in traces:
            traces[call.grade_id].calls.append(call)
    return traces


def add_comparisons(
    outcomes: Iterable[CellOutcome], found: dict[str, Compared]
) -> list[CellOutcome]:
    """Return outcomes that also say what was expected and what came."""
    told = []
    for own in outcomes:
        more = found.get(own.grade_id)
        why = replace(own.why, compared=(*own.why.compared, more)) if more else own.why
        told.append(replace(own, why=why))
    return told


def name_mistakes(
    chosen: list[tuple[Mistake, dict[str, Fit]]], traces: dict[str, Trace]
) -> dict[str, list[Mistake]]:
    """Return the mistakes that explain each test, as few as do.

    A mistake in one function shows in the tests of what is built on it too, where it
    may look like a mistake of theirs: who explains most comes first.
    """
    said: dict[str, list[Mistake]] = {}
    left = list(chosen)
    while left:
        new = [sum(f for t, f in fits.items() if t not in said) for _, fits in left]
        if max(new) < Fit.RAISED:
            break
        first = left[new.index(max(new))][0]
        alike = [(m, f) for (m, f), n in zip(left, new, strict=True) if n == max(new)]
        alike = [(m, fits) for m, fits in alike if m.of == first.of]
        fresh = [test for test in traces if test not in said]
        for test in fresh:
            names = [m for m, fits in alike if test in fits]
            if names:
                said[test] = names
        left = [(m, fits) for m, fits in left if m.of != first.of]
    return said


def word_hint(mistakes: list[Mistake]) -> str:
    """Return the hint of a mistake; of several that are alike, all of them."""
    if len(mistakes) == 1:
        return mistakes[0].hint
    some = "\n".join(f"- {mistake.hint}" for mistake in mistakes)
    return f"The tests can't tell which of these it is:\n{some}"
