"""Recognize the cell that holds a solution."""

from __future__ import annotations

import re

from autograder.model.assignment import Cell


def last(positions: list[int], wanted: object) -> int | None:
    """Return the last position that is wanted, or else the last."""
    assert callable(wanted)
    return max(
        (p for p in positions if wanted(p)), default=max(positions, default=None)
    )


def defining(cell: Cell) -> re.Pattern[str] | None:
    """Return a pattern that finds the definition of a solution's name."""
    try:
        wanted = re.escape(cell.defines)
    except (IndexError, SyntaxError):
        return None
    named = rf"^(?:(?:async[ \t]+)?def|class)[ \t]+{wanted}\b"
    assigned = rf"^{wanted}[ \t]*(?::[^=\n]*)?=(?!=)"
    return re.compile(f"{named}|{assigned}", re.M)
