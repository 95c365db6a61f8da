"""What became of a cell, and the order in which an assignment's cells run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.model.explanation import UNSAID, Explanation, explanation_from
from autograder.model.source_code import defined_names

CellStatus = Literal[
    "passed", "partial", "failed", "error", "timeout", "killed", "missing", "not-run",
    "ran",
]  # fmt: skip


@dataclass(frozen=True)
class CellOutcome:
    """What one cell gave.

    Tests have `max_points`; given and solution cells have none, and `ran` where a
    test has `passed`. `why` is for the student; `output` is what was printed while
    the cell ran, cut.
    """

    grade_id: str
    outcome: CellStatus
    points: float = 0.0
    max_points: float = 0.0
    why: Explanation = UNSAID
    output: str = ""
    errors: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def message(self) -> str:
        """The explanation as text."""
        return str(self.why)

    @property
    def lost_points(self) -> bool:
        """Whether it is a test that did not earn all of its points."""
        return self.max_points > self.points


def outcome_from(data: dict[str, Any]) -> CellOutcome:
    """Return the outcome that is given as plain data."""
    return CellOutcome(**data | {"why": explanation_from(data["why"])})


@dataclass(frozen=True)
class CellStep:
    """One cell to run: on the student's side, the checker's, or both (given)."""

    id: str
    role: Literal["given", "solution", "extra", "test"]
    source: str
    points: float = 0.0
    visible: str = ""
    defines: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the step as plain data."""
        return vars(self) | {"defines": [list(pair) for pair in self.defines]}


def step_from(data: dict[str, Any]) -> CellStep:
    """Return the step that `as_dict` wrote."""
    return CellStep(**data | {"defines": tuple((n, k) for n, k in data["defines"])})


def plan(assignment: Any, cells: Mapping[str, str]) -> list[CellStep]:
    """Return the steps of a submission, in the assignment's order.

    `cells` are the submission's code cells in notebook order: {id: source}. Solution
    cells are the student's; given and test cells are the assignment's own, whatever
    the submission holds under their ids. Other ids are cells that the student added:
    each runs after the cell that stands before it in the submission.
    """
    known = {cell.id: cell for cell in assignment.cells}
    added: dict[str, list[CellStep]] = {}
    before = ""
    for name, source in cells.items():
        if name in known:
            before = name
        else:
            added.setdefault(before, []).append(CellStep(name, "extra", source))
    steps = list(added.get("", []))
    for cell in assignment.cells:
        if not cell.text and cell.role in ("given", "solution", "test"):
            steps += steps_of_cell(cell, cells)
        steps += added.get(cell.id, [])
    return steps


def steps_of_cell(cell: Any, cells: Mapping[str, str]) -> list[CellStep]:
    """Return the step of one of the assignment's cells."""
    if cell.role == "given":
        return [CellStep(cell.id, "given", cell.source)]
    if cell.role == "test":
        return [
            CellStep(cell.id, "test", cell.source, cell.points or 0.0, cell.released)
        ]
    names = defined_names(cell.source)
    source = cells.get(cell.id)
    return [
        CellStep(cell.id, "solution", "" if source is None else source, defines=names)
    ]
