"""Why a test lost its points, where the reason lies in the cell of an exercise.

An exercise that was left as it was handed out, deleted, or that did not run, costs
all tests that need it. Each of them says so in the same words, so that they can be
told together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from autograder.model.assignment import STUB, Assignment, Cell
from autograder.model.explanation import Explanation
from autograder.model.outcome import CellOutcome
from autograder.model.source_code import defined_names
from autograder.model.submission import Placed, Submission
from autograder.model.verdict import UNANSWERED, CellVerdict, clip

WORDS = re.compile(r"\w+")
LONGEST_LINE = 1000
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
        found = found or find_failed(outcome.why.name, submission, outcomes)
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
        first = find_failed(own.why.name, submission, outcomes)
        if first and own.why.raised == "NameError":
            return first
        why = replace(own.why, lead="the cell did not run. ", where="")
        return "error", replace(why, exercise=exercise_name(cell))
    return "error", explain(cell, f"no cell of the notebook defines `{name}`.")


def find_failed(
    name: str, submission: Submission, outcomes: Mapping[str, CellOutcome]
) -> Cause:
    """Return what to say where a cell failed that was to make a name, by an import say.

    It is another cell than the exercise's: one of the student's own, or a given cell
    that was edited, of which what came after the failing line is lost. Of a name that
    a failed cell needed itself, the first such cell is told.
    """
    seen: set[str] = set()
    found: Cause = None
    while name and name not in seen:
        seen.add(name)
        maker = find_maker(name, submission, outcomes)
        if maker is None:
            break
        cell, place = maker
        why = outcomes[cell.id].why
        line = f"your line `{why.line}` in {place} failed: "
        lead = line if why.line else f"{place} did not run: "
        text = why.text.removeprefix(f"`{why.line}`: ")
        missing = f"`{name}` is missing: "
        found = "error", replace(why, text=text, lead=missing + lead, where="")
        name = why.name if why.raised == "NameError" else ""
    return found


def find_maker(
    name: str, submission: Submission, outcomes: Mapping[str, CellOutcome]
) -> tuple[Placed, str] | None:
    """Return the last failed cell that was to make a name, and what to call it."""
    made, before = None, None
    for cell in submission.cells:
        own = outcomes.get(cell.id)
        failed = cell.role in ("extra", "solution") and own and own.outcome != "ran"
        if failed and own and own.message and makes_name(cell.source, name):
            made = cell, place_of(cell, before)
        if cell.role != "extra":
            before = cell
    return made


def place_of(cell: Placed, before: Placed | None) -> str:
    """Return what a student calls a cell: their own have no name.

    One with a line of the given cell before it is that cell, as they changed it.
    """
    if cell.role != "extra":
        return f"the cell `{cell.id}`"
    if before is None:
        return "your own first cell"
    lines = set(filter(str.strip, before.source.split("\n")))
    if before.role == "given" and lines.intersection(cell.source.split("\n")):
        return f"the cell `{before.id}`"
    return f"your own cell after `{before.id}`"


def makes_name(source: str, name: str) -> bool:
    """Whether a line of a source imports, defines or assigns a name."""
    assigns = re.compile(rf"\s*{re.escape(name)}\s*(?:=(?!=)|,|:)")
    for line in source.split("\n"):
        words = WORDS.findall(line[:LONGEST_LINE])
        if name in words:
            imported = words[0] in ("import", "from", "for", "with")
            defined = name in words[1:3] and words[0] in ("def", "class", "async")
            if imported or defined or assigns.match(line):
                return True
    return False


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
