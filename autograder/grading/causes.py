"""Why a test lost its points, where the reason lies in the cell of an exercise.

An exercise that was left as it was handed out, deleted, or that did not run, costs
all tests that need it. Each of them says so in the same words, so that they can be
told together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograder.model.assignment import STUB, Assignment, Cell
from autograder.model.explanation import Explanation
from autograder.model.outcome import CellOutcome
from autograder.model.source_code import defined_names
from autograder.model.submission import Submission
from autograder.model.verdict import UNANSWERED, CellVerdict, clip

Cause = tuple[str, Explanation] | None


def find_cause(
    outcome: CellOutcome,
    assignment: Assignment,
    submission: Submission,
    outcomes: Mapping[str, CellOutcome],
) -> CellVerdict | None:
    """Return a test's verdict where a cell is why it lost its points, else None."""
    if outcome.outcome != "error":
        return None
    found: Cause = None
    if outcome.why.raised == "NotImplementedError":
        found = find_stub(outcome.why, assignment, submission)
    elif outcome.why.raised == "NameError" and outcome.why.name:
        found = find_undefined(outcome.why.name, assignment, submission, outcomes)
    if found is None:
        return None
    kind, why = found
    most = assignment.by_id[outcome.grade_id].points or 0
    return CellVerdict(0, most, kind, why.mapped(clip))


def find_stub(
    own: Explanation, assignment: Assignment, submission: Submission
) -> Cause:
    """Return what to say where the line that stands for an answer was reached."""
    cell = assignment.by_id.get(own.cell)
    if cell is None or cell.role != "solution" or STUB[1] not in own.line:
        return None
    if not is_answered(submission, cell.id):
        return UNANSWERED, explain(cell, "not answered yet.")
    text = f"the line `{STUB[1]}` still stands in the cell. Take it out."
    return "error", explain(cell, text)


def find_undefined(
    name: str,
    assignment: Assignment,
    submission: Submission,
    outcomes: Mapping[str, CellOutcome],
) -> Cause:
    """Return what to say where an exercise's name is not there."""
    solutions = assignment.role("solution")
    cell = next((c for c in solutions if name in names_of_cell(c)), None)
    if cell is None:
        return None
    if not any(placed.there for placed in submission.cells if placed.id == cell.id):
        return UNANSWERED, explain(cell, "its cell is missing, so not answered yet.")
    own = outcomes.get(cell.id)
    if own and own.outcome != "ran" and own.message:
        lead = "the cell did not run. "
        return "error", replace(
            own.why, exercise=exercise_name(cell), lead=lead, where=""
        )
    return "error", explain(cell, f"no cell of the notebook defines `{name}`.")


def explain(cell: Cell, text: str) -> Explanation:
    """Return an explanation that names an exercise."""
    return Explanation(text, exercise=exercise_name(cell))


def is_answered(submission: Submission, wanted: str) -> bool:
    """Whether a cell differs from what was handed out."""
    return any(cell.answered for cell in submission.cells if cell.id == wanted)


def names_of_cell(cell: Cell) -> list[str]:
    """Return the names that a solution cell defines."""
    try:
        return [name for name, _ in defined_names(cell.source)]
    except SyntaxError:
        return []


def exercise_name(cell: Cell) -> str:
    """Return an exercise's name: its cell's id, and what it defines if that differs."""
    found = names_of_cell(cell)
    same = not found or found[0] == cell.id
    return cell.id if same else f"{cell.id} ({found[0]})"


def exercises(assignment: Assignment) -> dict[str, str]:
    """Return {test: the name of its exercise}: of the solution cell that it follows."""
    made, now = {}, ""
    for cell in assignment.cells:
        if cell.role == "solution":
            now = exercise_name(cell)
        elif cell.role == "test" and now:
            made[cell.id] = now
    return made
