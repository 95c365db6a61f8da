"""Read an assignment from a notebook with nbgrader's metadata: a source or a release.

Our own assignments are read from their percent files; this is for a student who has
the released notebook alone, and for assignments that nbgrader's own tests make.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.authoring.data_files import data_files
from autograder.model.assignment import Assignment, Cell, Role
from autograder.model.source_code import free_names, top_level_names
from autograder.model.submission import Attachments

TELL = '__import__("os").environ["NBGRADER_EXECUTION"] = "autograde"'


def assignment_from(name: str, path: Path, notebook: dict[str, Any]) -> Assignment:
    """Return the assignment that a notebook's cells make; unmarked cells are given."""
    cells: dict[str, Cell] = {}
    for number, cell in enumerate(notebook["cells"]):
        made = cell_from(cell, number)
        cells.setdefault(made.id, made)
    return Assignment(name, path, tuple(cells.values()), data_files(path))


def marked(assignment: Assignment, notebook: dict[str, Any]) -> Assignment:
    """Return an assignment without the cells that nbgrader has not marked.

    Those are the student's to change: they are matched with nothing.
    """
    own = [cell.get("metadata", {}).get("nbgrader") or {} for cell in notebook["cells"]]
    ids = {metadata.get("grade_id") for metadata in own}
    cells = tuple(cell for cell in assignment.cells if cell.id in ids)
    return replace(assignment, cells=cells)


def cell_from(cell: dict[str, Any], number: int) -> Cell:
    """Return one cell; its role is what nbgrader's metadata say."""
    metadata = cell.get("metadata", {}).get("nbgrader") or {}
    source = cell.get("source", "")
    source = source if isinstance(source, str) else "".join(source)
    text = cell.get("cell_type") != "code"
    graded, solution = metadata.get("grade", False), metadata.get("solution", False)
    role: Role = "given"
    if graded or solution:
        role = "written" if graded and solution else "test" if graded else "solution"
    points = float(metadata.get("points", 0)) if graded else None
    if points is not None and points % 1 == 0:
        points = int(points)
    wanted = metadata.get("grade_id") or cell.get("id") or f"cell-{number}"
    pictures = plain_pictures(cell.get("attachments")) if text else {}
    return Cell(wanted, role, text, source, number + 1, points, pictures)


def plain_pictures(held: object) -> Attachments:
    """Return the attachments of a cell as plain data, whatever holds them."""
    return {
        name: {kind: data for kind, data in kinds.items() if isinstance(data, str)}
        for name, kinds in (held.items() if isinstance(held, dict) else ())
        if isinstance(kinds, dict)
    }


def runnable(assignment: Assignment) -> Assignment:
    """Return the assignment as the split can run it, if not written for it.

    Code that a person marks runs like a solution. Names that tests use and no cell of
    the source defines are taken to be values that the solutions before them define.
    As in nbgrader, tests may ask whether they run in autograding.
    """
    cells = [Cell("nbgrader-execution", "given", False, TELL, 0)]
    known, solution = set(dir(builtins)), -1
    for cell in assignment.cells:
        if cell.role == "written" and not cell.text:
            cell = replace(cell, role="solution", points=None)
        if cell.role == "solution":
            solution = len(cells)
        if cell.role == "test" and solution >= 0:
            wanted = sorted(free_names(cell.source) - known)
            lines = "".join(f"\n{name} = None" for name in wanted)
            before = cells[solution]
            cells[solution] = replace(before, source=before.source + lines)
            known |= set(wanted)
        if not cell.text:
            known |= top_level_names(cell.source)
        cells.append(cell)
    return replace(assignment, cells=tuple(cells))


def visible(assignment: Assignment) -> Assignment:
    """Return the assignment as students have it: without its hidden tests."""
    cells = [
        replace(cell, source=cell.released) if cell.role == "test" else cell
        for cell in assignment.cells
    ]
    return replace(assignment, cells=tuple(cells))


def visible_tests(assignment: Assignment) -> Iterable[Cell]:
    """Yield the tests that students can see something of."""
    for cell in assignment.role("test"):
        lines = (line.strip() for line in cell.released.split("\n"))
        if any(line and not line.startswith("#") for line in lines):
            yield cell
