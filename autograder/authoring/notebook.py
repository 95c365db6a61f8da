"""An assignment as nbgrader's source notebook, as data and as bytes."""

from __future__ import annotations

from typing import Any

from autograder.model.assignment import Assignment, Cell

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def source_notebook(assignment: Assignment) -> dict[str, Any]:
    """Return the notebook that nbgrader calls the source, marks and all."""
    cells = [notebook_cell(cell) for cell in assignment.cells]
    note = generated_note(assignment)
    cells[0]["metadata"]["generated"] = note
    metadata = {
        "generated": note,
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def generated_note(assignment: Assignment) -> str:
    """Return the line that says what a notebook is made from."""
    origin = f"solutions/{assignment.name}/{assignment.name}.py"
    return f"Generated from {origin} by `make release`. Edit that file, not this one."


def notebook_cell(cell: Cell) -> dict[str, Any]:
    """Return a cell as notebook JSON, its id being its grade_id."""
    nbgrader: dict[str, Any] = {
        "cell_type": "markdown" if cell.text else "code",
        "grade": cell.graded,
        "grade_id": cell.id,
        "locked": cell.role in ("given", "test"),
        "schema_version": 3,
        "solution": cell.role in ("solution", "written"),
        "task": False,
    }
    if cell.graded:
        nbgrader["points"] = cell.points
    made: dict[str, Any] = {
        "cell_type": nbgrader["cell_type"],
        "id": cell.id,
        "metadata": {"nbgrader": nbgrader},
        "source": cell.source,
    }
    if not cell.text:
        made |= {"execution_count": None, "outputs": []}
    if cell.attachments:
        made["attachments"] = cell.attachments
    return made


def notebook_bytes(notebook: dict[str, Any]) -> bytes:
    """Return a notebook as the bytes of its file."""
    import nbformat

    node = nbformat.from_dict(notebook)
    nbformat.validate(node)
    return (nbformat.writes(node) + "\n").encode()
