"""nbgrader's checksum of a cell: by it nbgrader sees whether a cell was changed."""

from __future__ import annotations

from functools import lru_cache

from autograder.authoring.notebook import notebook_cell
from autograder.model.assignment import Cell


@lru_cache(maxsize=4096)
def checksum(cell: Cell) -> str:
    """Return nbgrader's checksum of a cell as released, hidden tests included."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    node = from_dict(notebook_cell(cell))
    if cell.role in ("solution", "written"):
        node.source = cell.released
    return str(compute_checksum(node))
