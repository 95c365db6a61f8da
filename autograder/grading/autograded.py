"""Make the autograded notebook: what nbgrader's feedback and formgrader show.

It holds each cell of the assignment once, in the assignment's order, with the
student's answers and extra cells in place. A test that lost its points has an error
output with the message and the hint, and no traceback: no source of a test is shown.
The parts of the verdict are in its metadata.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from autograder.authoring.notebook import KERNEL, notebook_cell
from autograder.gradebook.checksum import checksum
from autograder.gradebook.outputs import (
    METADATA_KEY,
    outputs_of_cell,
    outputs_of_test,
    strip_controls,
)
from autograder.grading.pictures import complete_attachments
from autograder.model.assignment import Assignment
from autograder.model.explanation import Explanation
from autograder.model.submission import ADDED, Attachments, Placed, Submission
from autograder.model.verdict import Printed, Verdict


def autograded_notebook(
    assignment: Assignment,
    submission: Submission | None,
    verdict: Verdict,
    outputs: dict[str, Printed],
) -> dict[str, Any]:
    """Return the notebook to a verdict; `outputs` are what cells printed."""
    placed = submission.cells if submission else empty_cells(assignment)
    number = 0
    cells = []
    for place in placed:
        cell = build_cell(assignment, place)
        if cell["cell_type"] == "code":
            number += 1
            cell["execution_count"] = number if submission else None
            printed = outputs.get(place.id, Printed())
            add_verdict(cell, place.id, place.role == "test", verdict, printed)
        cells.append(cell)
    if verdict.status == "rejected" and verdict.reason:
        text = "**This notebook was not graded.** " + strip_controls(verdict.reason)
        note = {"cell_type": "markdown", "id": "not-graded", "metadata": {}}
        cells.insert(0, note | {"source": text})
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def empty_cells(assignment: Assignment) -> tuple[Placed, ...]:
    """Return the cells of a submission of which nothing could be read."""
    return tuple(
        Placed(
            cell.id,
            cell.role,
            "markdown" if cell.text else "code",
            cell.released if cell.role in ("solution", "written") else cell.source,
            answered=False,
            attachments=cell.attachments,
        )
        for cell in assignment.cells
    )


def build_cell(assignment: Assignment, place: Placed) -> dict[str, Any]:
    """Return one cell, its metadata taken from the assignment alone."""
    if place.role != "extra":
        cell = notebook_cell(assignment.by_id[place.id])
        cell["source"] = place.source
        cell["metadata"]["nbgrader"]["checksum"] = checksum(assignment.by_id[place.id])
        if place.role == "solution" and not place.there:
            cell["metadata"]["tags"] = [ADDED]  # graded again, it is not run either
    else:
        cell = {"cell_type": place.kind, "id": place.id, "metadata": {}}
        cell["source"] = place.source
    put_pictures(cell, place.attachments)
    return cell


def put_pictures(cell: dict[str, Any], held: Attachments) -> None:
    """Give a text cell its pictures, and one for each that its text asks for in vain.

    A cell of raw text shows none, and keeps what it has.
    """
    cell.pop("attachments", None)
    if cell["cell_type"] == "markdown":
        held = complete_attachments(cell["source"], held)
    if held and cell["cell_type"] != "code":
        cell["attachments"] = held


def add_verdict(
    cell: Any, wanted: str, is_test: bool, verdict: Verdict, printed: Printed
) -> None:
    """Put into a code cell what it gave and, of a test, the verdict on it.

    Nothing that a student's notebook holds in their place is left.
    """
    own = verdict.cells.get(wanted) if is_test else None
    # nbgrader keeps metadata that it does not know: a student may have made up some.
    cell["metadata"].pop(METADATA_KEY, None)
    if own is None:
        cell["outputs"] = outputs_of_cell(printed)
        return
    why = own.why.mapped(strip_controls)
    if own.outcome == "rejected":
        why = Explanation(verdict.reason or "The notebook could not be graded.")
    elif own.points == 0 and own.outcome != "passed" and not own.message:
        scored = own.outcome == "failed"  # its last value is the score
        end = "no points" if scored else f"no result: {own.outcome}"
        why = Explanation(f"The test gave {end}.")
    own = replace(own, why=why)
    cell["metadata"][METADATA_KEY] = own.to_json()
    cell["outputs"] = outputs_of_test(printed, own)


def notebook_text(notebook: dict[str, Any]) -> bytes:
    """Return the bytes of a notebook's file, keys sorted."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "replace")
