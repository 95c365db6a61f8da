"""What is written of one student, and the marks and remarks that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.model.verdict import Verdict

NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Entry:
    """What is written of one student: marks, autograded notebook, time of hand-in.

    `answered` are the ids of the cells that hold an answer; `secret` is what nbgrader's
    exchange needs to give feedback back.
    """

    verdict: Verdict
    notebook: bytes
    answered: set[str]
    timestamp: str | None = None
    secret: str | None = None


def mark_columns(page: Entry, cell: str) -> dict[str, Any]:
    """Return the columns of a cell's automatic mark."""
    points = page.verdict.cells[cell].points
    waits = points is None or page.verdict.status == "rejected"
    return {"auto_score": points, "needs_manual_grade": waits}


def automatic_comment(page: Entry, cell: str) -> str | None:
    """Return the automatic comment on a cell for an answer."""
    return None if cell in page.answered else NO_RESPONSE


def as_time(timestamp: str | None) -> Any:
    """Return a time stamp as nbgrader keeps it, or None if it is not one."""
    from nbgrader.utils import parse_utc

    if timestamp is None:
        return None
    try:
        return parse_utc(timestamp)
    except (ValueError, OverflowError, TypeError):
        return None
