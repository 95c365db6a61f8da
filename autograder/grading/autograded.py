"""Make the autograded notebook: what nbgrader's feedback and formgrader show.

It holds each cell of the assignment once, in the assignment's order, with the
student's answers and extra cells in place. A test that lost its points has an error
output with the message and the hint, and no traceback: no source of a test is shown.
"""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.authoring.notebook import KERNEL, notebook_cell
from autograder.gradebook.checksum import checksum
from autograder.model.assignment import Assignment
from autograder.model.submission import Placed, Submission
from autograder.model.verdict import CellVerdict, Verdict

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")
STDERR, ENDED = " (stderr)", " (error)"


def autograded_notebook(
    assignment: Assignment,
    submission: Submission | None,
    verdict: Verdict,
    outputs: dict[str, str],
) -> dict[str, Any]:
    """Return the notebook to a verdict; `outputs` are the texts that cells printed."""
    placed = submission.cells if submission else empty(assignment)
    number = 0
    cells = []
    for place in placed:
        cell = made_cell(assignment, place)
        if cell["cell_type"] == "code":
            number += 1
            cell["execution_count"] = number if submission else None
            cell["outputs"] = made_outputs(place, verdict, outputs)
        cells.append(cell)
    if verdict.status == "rejected" and verdict.reason:
        text = "**This notebook was not graded.** " + plain(verdict.reason)
        said = {"cell_type": "markdown", "id": "not-graded", "metadata": {}}
        cells.insert(0, said | {"source": text})
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def empty(assignment: Assignment) -> tuple[Placed, ...]:
    """Return the cells of a submission of which nothing could be read."""
    return tuple(
        Placed(
            cell.id,
            cell.role,
            "markdown" if cell.text else "code",
            cell.released if cell.role in ("solution", "written") else cell.source,
            answered=False,
        )
        for cell in assignment.cells
    )


def made_cell(assignment: Assignment, place: Placed) -> dict[str, Any]:
    """Return one cell, its metadata taken from the assignment alone."""
    if place.role != "extra":
        cell = notebook_cell(assignment.by_id[place.id])
        cell["source"] = place.source
        cell["metadata"]["nbgrader"]["checksum"] = checksum(assignment.by_id[place.id])
        return cell
    made = {"cell_type": place.kind, "id": place.id, "metadata": {}}
    return made | {"source": place.source}


def made_outputs(
    place: Placed, verdict: Verdict, outputs: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the outputs of one code cell."""
    made: list[dict[str, Any]] = []
    if text := outputs.get(place.id):
        made.append({"output_type": "stream", "name": "stdout", "text": plain(text)})
    if text := outputs.get(place.id + STDERR):
        made.append({"output_type": "stream", "name": "stderr", "text": plain(text)})
    if text := plain(outputs.get(place.id + ENDED, "")):
        name, _, said = text.partition(": ")
        error = {"ename": name[:100], "evalue": said, "traceback": [text]}
        made.append({"output_type": "error"} | error)
    result = verdict.cells.get(place.id)
    if place.role == "test" and result and result.outcome != "passed":
        made.append(error_output(result, verdict))
    return made


def error_output(result: CellVerdict, verdict: Verdict) -> dict[str, Any]:
    """Return the output that says why a test lost its points."""
    if result.outcome == "rejected":
        message = plain(verdict.reason or "The notebook could not be graded.")
    else:
        message = plain(result.message or f"The test gave no result: {result.outcome}.")
    lines = [message]
    if result.hint:
        lines += ["", f"Hint: {plain(result.hint)}"]
    return {
        "output_type": "error",
        "ename": result.outcome,
        "evalue": message,
        "traceback": lines,
    }


def plain(text: str) -> str:
    """Return a text without terminal codes and control characters."""
    return ESCAPES.sub("", text.replace("\r\n", "\n"))


def notebook_text(notebook: dict[str, Any]) -> bytes:
    """Return the bytes of a notebook's file, keys sorted."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "replace")
