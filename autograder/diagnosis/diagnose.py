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
from enum import IntEnum

from autograder.authoring.catalogue import Mistake
from autograder.diagnosis.observed import Call
from autograder.diagnosis.traces import TOTAL_SECONDS, Known, Trace, run_catalogue
from autograder.diagnosis.values import same_value
from autograder.diagnosis.words import expected_against_got
from autograder.model.assignment import Assignment
from autograder.model.explanation import Compared
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome
from autograder.wall.warm import WarmPair

KEPT_CATALOGUES = 4


class Fit(IntEnum):
    """How well a mistake explains what a test saw."""

    NOT = 0
    WEAK = 1  # shapes, or types of exceptions, are the same
    RAISED = 2  # the same exceptions with the same words
    FULL = 3


@dataclass(frozen=True)
class Diagnosis:
    """Hints to tests, and what was expected against what came, by test."""

    hints: dict[str, str] = field(default_factory=dict)
    found: dict[str, Compared] = field(default_factory=dict)
    mistakes: dict[str, tuple[str, ...]] = field(default_factory=dict)


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
        chosen = [found for of in known.names for found in best(known, of, traces)]
        named = name_mistakes(chosen, traces)
        found = {}
        for test in traces.keys() & known.reference.keys() - named.keys():
            hidden = assignment.by_id[test].hidden
            own = expected_against_got(traces[test], known.reference[test], hidden)
            if own:
                found[test] = own
        names = {test: tuple(m.name for m in why) for test, why in named.items()}
        hints = {test: word_hint(mistakes) for test, mistakes in named.items()}
        return Diagnosis(hints, found, names)


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
    return [
        replace(own, why=own.why.found(found[own.grade_id]))
        if own.grade_id in found
        else own
        for own in outcomes
    ]


# Which mistake it is.
def best(
    known: Known, of: str, traces: dict[str, Trace]
) -> list[tuple[Mistake, dict[str, Fit]]]:
    """Return the mistake of a solution cell that explains most.

    There are several only where they can't be told apart.
    """
    found = []
    for mistake, wrong in known.mistakes:
        if mistake.of == of:
            fits = explains(known, mistake, wrong, traces)
            if fits:
                found.append((mistake, fits))
    most = max((sum(fits.values()) for _, fits in found), default=0)
    top = [(m, fits) for m, fits in found if sum(fits.values()) == most]
    wrongs = {mistake.name: wrong for mistake, wrong in known.mistakes}
    sure = [
        (m, fits)
        for m, fits in top
        if all(called_alike(traces[test], wrongs[m.name][test]) for test in fits)
    ]
    return sure or top


def explains(
    known: Known, mistake: Mistake, wrong: dict[str, Trace], traces: dict[str, Trace]
) -> dict[str, Fit]:
    """Return how well a mistake explains each test it fails; nothing if it does not."""
    fits: dict[str, Fit] = {}
    for test, trace in wrong.items():
        own = traces.get(test)
        fit = compare(own, trace, known.reference[test]) if own else Fit.NOT
        if fit is Fit.NOT and known.alone(mistake, test):
            return {}
        if fit:
            fits[test] = fit
    enough = Fit.FULL if known.shaky(mistake, set(traces)) else Fit.RAISED
    return fits if max(fits.values(), default=Fit.NOT) >= enough else {}


def compare(own: Trace, wrong: Trace, right: Trace) -> Fit:
    """Return how well a wrong version explains a student's calls in one test."""
    if not own.calls or len(own.calls) != len(wrong.calls):
        return Fit.NOT
    if own.stopped != wrong.stopped:
        return Fit.NOT
    for strict in (True, False):
        if agree(own.calls, wrong.calls, strict):
            first = divergence(own.calls, right.calls, strict)
            if first is not None:
                if first.error is None:
                    return Fit.FULL
                return Fit.RAISED if strict else Fit.WEAK
            if own.stopped or by_callbacks(own, wrong, right):
                return Fit.FULL
    if agree(own.calls, wrong.calls, False, values=False):
        first = divergence(own.calls, right.calls, False, values=False)
        return Fit.NOT if first is None else Fit.WEAK
    return Fit.NOT


def by_callbacks(own: Trace, wrong: Trace, right: Trace) -> bool:
    """Whether functions of the tests were called as a wrong version calls them."""
    return called_alike(own, wrong) and not called_alike(own, right)


def called_alike(own: Trace, other: Trace) -> bool:
    """Whether two versions called the tests' functions with the same, call by call."""
    for mine, theirs in zip(own.calls, other.calls, strict=False):
        if len(mine.callbacks) != len(theirs.callbacks):
            return False
        if not agree([*mine.callbacks], [*theirs.callbacks], False):
            return False
    return True


def agree(
    one: list[Call], other: list[Call], strict: bool, values: bool = True
) -> bool:
    """Whether two versions answered alike, call by call."""
    pairs = zip(one, other, strict=True)
    return all(asked(a, b) and answered(a, b, strict, values) for a, b in pairs)


def divergence(
    own: list[Call], right: list[Call], strict: bool, values: bool = True
) -> Call | None:
    """Return the first call that the reference answers in another way."""
    for mine, reference in zip(own, right, strict=False):
        if not asked(mine, reference):
            return None
        if not answered(mine, reference, strict, values):
            return mine
    return None


def asked(one: Call, other: Call) -> bool:
    """Whether a test asked for the same."""
    place = (one.op, one.name, one.target, one.method)
    if place != (other.op, other.name, other.target, other.method):
        return False
    return same_value(one.args, other.args, False) and same_value(
        one.kwargs, other.kwargs, False
    )


def answered(one: Call, other: Call, strict: bool, values: bool) -> bool:
    """Whether the same came back."""
    if one.op == "members" and not strict:
        return True
    if one.error or other.error:
        if not (one.error and other.error):
            return False
        return one.error == other.error if strict else one.error[0] == other.error[0]
    if one.changed.keys() != other.changed.keys():
        return False
    if strict and one.drew != other.drew:
        return False
    changed = one.changed, other.changed
    return same_value(one.result, other.result, strict, values) and all(
        same_value(changed[0][key], changed[1][key], strict, values)
        for key in one.changed
    )


# What is said.
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
