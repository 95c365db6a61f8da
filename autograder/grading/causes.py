"""Why a test lost its points, where the reason lies in the cell of an exercise.

An exercise that was left as it was handed out, deleted, or that did not run, costs
all tests that need it. Each of them says so in the same words, so that they can be
told together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.model.assignment import STUB, Assignment, Cell
from autograder.model.outcome import CellOutcome
from autograder.model.source_code import defined_names
from autograder.model.submission import Submission
from autograder.model.verdict import UNANSWERED, CellVerdict, clip

FILE = re.compile(r'File "<([^">]+)>"')
NAMELESS = re.compile(r"NameError: name '(\w+)' is not defined")


Why = tuple[str, str] | None


def cause(
    outcome: CellOutcome,
    assignment: Assignment,
    submission: Submission,
    outcomes: Mapping[str, CellOutcome],
) -> CellVerdict | None:
    """Return a test's verdict where a cell is why it lost its points, else None."""
    if outcome.outcome != "error":
        return None
    why: Why = None
    if outcome.message.startswith("NotImplementedError"):
        why = untouched(outcome.where, assignment, submission)
    elif found := NAMELESS.match(outcome.message):
        why = undefined(found[1], assignment, submission, outcomes)
    if why is None:
        return None
    most = assignment.by_id[outcome.grade_id].points or 0
    return CellVerdict(0, most, why[0], clip(why[1]))


def untouched(where: str, assignment: Assignment, submission: Submission) -> Why:
    """Return what to say where the line that stands for an answer was reached."""
    files = FILE.findall(where)
    cell = assignment.by_id.get(files[-1]) if files else None
    if cell is None or cell.role != "solution" or STUB[1] not in where:
        return None
    if not answered(submission, cell.id):
        return UNANSWERED, f"{label(cell)}: not answered yet."
    text = f"the line `{STUB[1]}` still stands in the cell. Take it out."
    return "error", f"{label(cell)}: {text}"


def undefined(
    name: str,
    assignment: Assignment,
    submission: Submission,
    outcomes: Mapping[str, CellOutcome],
) -> Why:
    """Return what to say where an exercise's name is not there."""
    cell = next((c for c in assignment.role("solution") if name in names(c)), None)
    if cell is None:
        return None
    if not any(placed.there for placed in submission.cells if placed.id == cell.id):
        return UNANSWERED, f"{label(cell)}: its cell is missing, so not answered yet."
    own = outcomes.get(cell.id)
    if own and own.outcome != "ran" and own.message:
        return "error", f"{label(cell)}: the cell did not run. {own.message}"
    return "error", f"{label(cell)}: no cell of the notebook defines `{name}`."


def answered(submission: Submission, wanted: str) -> bool:
    """Whether a cell differs from what was handed out."""
    return any(cell.answered for cell in submission.cells if cell.id == wanted)


def names(cell: Cell) -> list[str]:
    """Return the names that a solution cell defines."""
    try:
        return [name for name, _ in defined_names(cell.source)]
    except SyntaxError:
        return []


def label(cell: Cell) -> str:
    """Return an exercise's name: its cell's id, and what it defines if that differs."""
    found = names(cell)
    same = not found or found[0] == cell.id
    return cell.id if same else f"{cell.id} ({found[0]})"


def exercises(assignment: Assignment) -> dict[str, str]:
    """Return {test: the name of its exercise}: of the solution cell that it follows."""
    made, now = {}, ""
    for cell in assignment.cells:
        if cell.role == "solution":
            now = label(cell)
        elif cell.role == "test" and now:
            made[cell.id] = now
    return made
