"""How well each catalogued mistake explains what a student's answers were."""

from __future__ import annotations

from enum import IntEnum

from autograder.authoring.catalogue import Mistake
from autograder.diagnosis.observed import Call
from autograder.diagnosis.traces import Known, Trace
from autograder.diagnosis.values import same_value


class Fit(IntEnum):
    """How well a mistake explains what a test saw."""

    NOT = 0
    WEAK = 1  # shapes, or types of exceptions, are the same
    RAISED = 2  # the same exceptions with the same words
    FULL = 3


def find_best_mistakes(
    known: Known, of: str, traces: dict[str, Trace]
) -> list[tuple[Mistake, dict[str, Fit]]]:
    """Return the mistake of a solution cell that explains most.

    There are several only where they can't be told apart.
    """
    found = []
    for mistake, wrong in known.mistakes:
        if mistake.of == of:
            fits = fit_mistake(known, mistake, wrong, traces)
            if fits:
                found.append((mistake, fits))
    most = max((sum(fits.values()) for _, fits in found), default=0)
    top = [(m, fits) for m, fits in found if sum(fits.values()) == most]
    # Those that explain as much may differ in what they ask of the tests' functions.
    wrongs = {mistake.name: wrong for mistake, wrong in known.mistakes}
    sure = [
        (m, fits)
        for m, fits in top
        if all(called_alike(traces[test], wrongs[m.name][test]) for test in fits)
    ]
    return sure or top


def fit_mistake(
    known: Known, mistake: Mistake, wrong: dict[str, Trace], traces: dict[str, Trace]
) -> dict[str, Fit]:
    """Return how well a mistake explains each test it fails; nothing if it does not."""
    fits: dict[str, Fit] = {}
    for test, trace in wrong.items():
        own = traces.get(test)
        fit = fit_trace(own, trace, known.reference[test]) if own else Fit.NOT
        # A test that asks for more than the function may have come out otherwise for
        # what else is wrong; one that asks for it alone may not: it is another mistake.
        if fit is Fit.NOT and known.alone(mistake, test):
            return {}
        if fit:
            fits[test] = fit
    # An exception of what the function is built on looks like one of its own.
    enough = Fit.FULL if known.shaky(mistake, set(traces)) else Fit.RAISED
    return fits if max(fits.values(), default=Fit.NOT) >= enough else {}


def fit_trace(own: Trace, wrong: Trace, right: Trace) -> Fit:
    """Return how well a wrong version explains a student's calls in one test."""
    if not own.calls or len(own.calls) != len(wrong.calls):
        return Fit.NOT
    if own.stopped != wrong.stopped:
        return Fit.NOT
    # First to the letter, then as far as rounding, dtypes and wording may differ: the
    # looser reading must still differ from the reference, or a right answer would fit.
    for strict in (True, False):
        if calls_agree(own.calls, wrong.calls, strict):
            first = find_divergence(own.calls, right.calls, strict)
            if first is not None:
                if first.error is None:
                    return Fit.FULL
                return Fit.RAISED if strict else Fit.WEAK
            if own.stopped or calls_back_alike(own, wrong, right):
                return Fit.FULL
    if calls_agree(own.calls, wrong.calls, False, values=False):
        first = find_divergence(own.calls, right.calls, False, values=False)
        return Fit.NOT if first is None else Fit.WEAK
    return Fit.NOT


def calls_back_alike(own: Trace, wrong: Trace, right: Trace) -> bool:
    """Whether functions of the tests were called as a wrong version calls them."""
    return called_alike(own, wrong) and not called_alike(own, right)


def called_alike(own: Trace, other: Trace) -> bool:
    """Whether two versions called the tests' functions with the same, call by call."""
    for mine, theirs in zip(own.calls, other.calls, strict=False):
        if len(mine.callbacks) != len(theirs.callbacks):
            return False
        if not calls_agree([*mine.callbacks], [*theirs.callbacks], False):
            return False
    return True


def calls_agree(
    one: list[Call], other: list[Call], strict: bool, values: bool = True
) -> bool:
    """Whether two versions answered alike, call by call."""
    pairs = zip(one, other, strict=True)
    return all(asks_same(a, b) and answers_same(a, b, strict, values) for a, b in pairs)


def find_divergence(
    own: list[Call], right: list[Call], strict: bool, values: bool = True
) -> Call | None:
    """Return the first call that the reference answers in another way."""
    for mine, reference in zip(own, right, strict=False):
        if not asks_same(mine, reference):
            return None
        if not answers_same(mine, reference, strict, values):
            return mine
    return None


def asks_same(one: Call, other: Call) -> bool:
    """Whether a test asked for the same."""
    place = (one.op, one.name, one.target, one.method)
    if place != (other.op, other.name, other.target, other.method):
        return False
    return same_value(one.args, other.args, False) and same_value(
        one.kwargs, other.kwargs, False
    )


def answers_same(one: Call, other: Call, strict: bool, values: bool) -> bool:
    """Whether the same came back."""
    if one.op == "members" and not strict:
        return True  # first numbers are drawn: another order of layers draws others
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
