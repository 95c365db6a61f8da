"""What the reference and each catalogued mistake answer to an assignment's tests.

Both are run once for an assignment, behind the same wall as submissions are, and
what crossed the split is kept: one walk through the reference and all its tests, then
for each mistake its cell, those that are built on it, and the tests that it fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from autograder.authoring.catalogue import Mistake, read_catalogue
from autograder.diagnosis.observed import Call, collect_calls
from autograder.diagnosis.values import Numbers
from autograder.model.assignment import Assignment, Cell
from autograder.model.dependencies import needed, needing
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome
from autograder.model.source_code import defined_names, names_read
from autograder.wall.session import run_submission
from autograder.wall.warm import WarmPair

CELL_SECONDS = 20.0
TOTAL_SECONDS = 600.0
ROOM = 64 << 20


@dataclass
class Trace:
    """The calls of one test, and what became of it."""

    calls: list[Call] = field(default_factory=list)
    outcome: CellOutcome | None = None

    @property
    def stopped(self) -> bool:
        """Whether the test was ended from outside, so that an answer is missing."""
        return self.outcome is not None and self.outcome.outcome in (
            "timeout",
            "killed",
        )


class Shelf:
    """Keeps equal arrays once: most calls of the mistakes have the same arguments."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[Any, ...], Numbers] = {}
        self.size = 0

    def placed(self, call: Call) -> Call:
        """Return a call whose arrays are kept here."""
        return replace(
            call,
            args=self.shared(call.args),
            kwargs=self.shared(call.kwargs),
            result=self.shared(call.result),
            changed=self.shared(call.changed),
            callbacks=tuple(map(self.placed, call.callbacks)),
        )

    def shared(self, value: Any) -> Any:
        """Return a value with the arrays that are kept here in the place of equals."""
        if isinstance(value, list | tuple):
            return type(value)(self.shared(part) for part in value)
        if isinstance(value, dict):
            return {key: self.shared(part) for key, part in value.items()}
        if not isinstance(value, Numbers):
            return value
        marks = value.kind, value.dtype, value.data.shape, value.grad, value.leaf
        key = *marks, sha256(value.data.tobytes()).digest()
        if key not in self.arrays:
            self.arrays[key] = value
            self.size += value.data.nbytes
        return self.arrays[key]


@dataclass(frozen=True)
class Known:
    """The traces of an assignment: the reference's and each mistake's, by test."""

    reference: dict[str, Trace]
    mistakes: tuple[tuple[Mistake, dict[str, Trace]], ...]
    names: dict[str, frozenset[str]]
    needs: dict[str, frozenset[str]]

    def alone(self, mistake: Mistake, test: str) -> bool:
        """Whether a test asks for nothing but what the mistake's cell defines."""
        asked = self.asked(test)
        return bool(asked) and asked <= self.names[mistake.of]

    def asked(self, test: str) -> set[str]:
        """Return the names that a test asks for."""
        trace = self.reference.get(test)
        return {call.owner for call in trace.calls if call.owner} if trace else set()

    def shaky(self, mistake: Mistake, failed: set[str]) -> bool:
        """Whether something that the function is built on may be wrong itself.

        Then an exception may come from there.
        """
        asked = [self.asked(test) for test in failed]
        return any(names and names <= self.needs[mistake.of] for names in asked)


def run_catalogue(
    assignment: Assignment,
    mistakes: str,
    warm: WarmPair,
    limits: Limits,
    lost: frozenset[str] | None = None,
) -> Known:
    """Run the reference and the mistakes of an assignment.

    Given the tests that were `lost`, only mistakes that may explain them are run.
    """
    found = read_catalogue(assignment, mistakes).mistakes
    if lost is not None:
        found = tuple(m for m in found if may_explain(assignment, m, lost))
    steps = list(walk_cells(assignment, found))
    made = replace(assignment, cells=tuple(steps))
    traces = trace_tests(made, warm, limits)
    of_mistakes = tuple(
        (mistake, {test: traces[f"{number}--{test}"] for test in mistake.fails})
        for number, mistake in enumerate(found)
    )
    names = {
        cell.id: frozenset(name for name, _ in defined_names(cell.source))
        for cell in assignment.role("solution")
    }
    needs = {
        cell.id: frozenset(needed(assignment, cell.source) - {cell.defines})
        for cell in assignment.role("solution")
    }
    tests = {cell.id: traces[cell.id] for cell in assignment.role("test")}
    return Known(tests, of_mistakes, names, needs)


def may_explain(assignment: Assignment, mistake: Mistake, lost: frozenset[str]) -> bool:
    """Whether a mistake can have lost these tests: all of its own, and some at all."""
    own = {assignment.by_id[mistake.of].defines}
    solutions = {cell.defines for cell in assignment.role("solution")}
    alone = {
        test
        for test in mistake.fails
        if names_read(assignment.by_id[test].source) & solutions == own
    }
    return alone <= lost and not lost.isdisjoint(mistake.fails)


def walk_cells(assignment: Assignment, mistakes: tuple[Mistake, ...]) -> Iterator[Cell]:
    """Yield the cells to run: the assignment's, then those of each mistake."""
    code = [cell for cell in assignment.cells if not cell.text]
    code = [cell for cell in code if cell.role != "written"]
    yield from code
    # One walk, one process, for torch's import and the reference are paid once. So each
    # mistake's cells stand in place of the reference's until those are run again.
    before: list[Cell] = []
    for number, mistake in enumerate(mistakes):
        touched = cells_built_on(assignment, code, mistake.of)
        if touched != before:
            yield from (replace(c, id=f"{number}-again--{c.id}") for c in before)
        before = touched
        for cell in touched:
            wrong = mistake.source if cell.id == mistake.of else cell.source
            yield replace(cell, id=f"{number}--{cell.id}", source=wrong)
        for test in mistake.fails:
            yield replace(assignment.by_id[test], id=f"{number}--{test}")


def cells_built_on(assignment: Assignment, code: list[Cell], of: str) -> list[Cell]:
    """Return a solution cell, and the later ones that use what it defines."""
    names = needing(assignment, {of})
    place = next(n for n, cell in enumerate(code) if cell.id == of)
    later = [cell for cell in code[place + 1 :] if cell.role != "test"]
    users = [cell for cell in later if names_read(cell.source) & names]
    return [code[place], *users]


def trace_tests(
    assignment: Assignment, warm: WarmPair, limits: Limits
) -> dict[str, Trace]:
    """Run cells that can be trusted; return the traces of all tests."""
    traces = {cell.id: Trace() for cell in assignment.role("test")}
    cells = {cell.id: cell.source for cell in assignment.role("solution")}
    shelf = Shelf()

    def keep(call: Call) -> None:  # all that is kept stays as long as the worker
        if shelf.size < ROOM:
            traces[call.grade_id].calls.append(shelf.placed(call))

    outcomes = run_submission(
        cells,
        assignment,
        warm,
        replace(
            limits,
            cell_seconds=min(limits.cell_seconds, CELL_SECONDS),
            total_seconds=TOTAL_SECONDS,
        ),
        collect_calls(keep),
        passing=True,
    )
    for outcome in outcomes:
        if outcome.grade_id in traces:
            traces[outcome.grade_id].outcome = outcome
    return traces
