"""Notebooks as students hand them in, made from the tiny assignment."""

from __future__ import annotations

import copy
import json
from functools import cache

from autograder.authoring.notebook import notebook_cell, source_notebook
from autograder.authoring.solution_file import read_assignment
from tests.support.places import TINY

NAME = "01_tiny"
WRITTEN = "The total may be zero."


@cache
def tiny_assignment():
    """Return the tiny assignment."""
    return read_assignment(TINY / "solutions" / NAME / f"{NAME}.py")


def blank():
    """Return the notebook that students get."""
    assignment = tiny_assignment()
    notebook = copy.deepcopy(source_notebook(assignment))
    notebook["cells"] = [notebook_cell(cell) for cell in assignment.cells]
    for made, cell in zip(notebook["cells"], assignment.cells, strict=True):
        made["source"] = cell.source if cell.role == "given" else cell.released
    return notebook


def solved(**sources):
    """Return a notebook with the reference's answers, or those of `sources`."""
    notebook = blank()
    for cell in tiny_assignment().role("solution"):
        by_id(notebook, cell.id)["source"] = cell.source
    by_id(notebook, "why-zero")["source"] = WRITTEN
    for wanted, source in sources.items():
        by_id(notebook, wanted.replace("_", "-"))["source"] = source
    return notebook


def by_id(notebook, wanted):
    """Return a cell of a notebook."""
    return next(cell for cell in notebook["cells"] if cell.get("id") == wanted)


def index(notebook, wanted):
    """Return where a cell stands in a notebook."""
    return [cell.get("id") for cell in notebook["cells"]].index(wanted)


def code(source, **more):
    """Return a code cell."""
    empty = {"cell_type": "code", "execution_count": None, "metadata": {}}
    return empty | {"outputs": [], "source": source} | more


def as_bytes(notebook):
    """Return the bytes of a notebook's file."""
    return json.dumps(notebook).encode()


def hand_in(course, student, notebook, timestamp=None):
    """Put a notebook, or any bytes, where nbgrader collects submissions."""
    folder = course.submitted / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    content = notebook if isinstance(notebook, bytes) else as_bytes(notebook)
    path = folder / f"{NAME}.ipynb"
    path.write_bytes(content)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)
    return path
