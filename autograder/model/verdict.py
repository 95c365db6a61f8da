"""What grading says of one submission: plain data, same input, same bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from autograder.model.assignment import Assignment
from autograder.model.explanation import (
    LONGEST,
    UNSAID,
    Explanation,
    explanation_from,
)
from autograder.model.versions import GRADER_VERSION

VerdictStatus = Literal["graded", "flagged", "rejected"]
UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Printed:
    """What a cell printed and warned of, and what ended it if it is no test."""

    output: str = ""
    errors: str = ""
    ended: Explanation = UNSAID


def printed_from(data: dict[str, Any]) -> Printed:
    """Return what is given as plain data."""
    return Printed(**data | {"ended": explanation_from(data["ended"])})


@dataclass(frozen=True)
class CellVerdict:
    """What one graded cell earned; `points` is None until a person marks it.

    `outcome` is "passed", "failed" or a word for why it could not be finished; it is
    "unanswered" where the exercise was left as it was handed out. Written answers are
    "written" or "unanswered". `message` is made of `why`, and no part is read from it.
    """

    points: float | None
    max_points: float
    outcome: str
    why: Explanation = UNSAID
    hint: str | None = None

    @property
    def message(self) -> str | None:
        """What the student is told, if anything."""
        return clip(self.why.full) or None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON data: its message as text, and `why` in parts."""
        made = vars(self) | {"message": self.message}
        why = made.pop("why").to_json()
        return made | ({"why": why} if why else {})


def cell_from_json(data: dict[str, Any]) -> CellVerdict:
    """Return the verdict on a cell that `to_json` wrote."""
    given = {**data, "why": explanation_from(data.get("why", {}))}
    del given["message"]
    return CellVerdict(**given)


@dataclass(frozen=True)
class Verdict:
    """What grading says of one submission."""

    student: str
    assignment: str
    status: VerdictStatus
    reason: str | None
    score: float
    max_score: float
    cells: dict[str, CellVerdict] = field(hash=False)
    seconds: float
    submission_sha256: str | None
    assignment_sha256: str
    grader_version: str = GRADER_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        cells = {key: cell.to_json() for key, cell in self.cells.items()}
        return vars(self) | {"cells": cells}

    def line(self) -> str:
        """Return the verdict as one line of JSON with sorted keys."""
        return json.dumps(self.to_json(), sort_keys=True, ensure_ascii=True)

    def by(self, student: str) -> Verdict:
        """Return the same verdict for another student."""
        return replace(self, student=student)


@dataclass(frozen=True)
class Graded:
    """A verdict with what cells printed; not `final` if the grader itself failed."""

    verdict: Verdict
    outputs: dict[str, Printed] = field(default_factory=dict, hash=False)
    final: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self) | {"verdict": self.verdict.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Graded:
        """Return what JSON data hold; raise ValueError if it is something else."""
        try:
            outputs = {key: printed_from(one) for key, one in data["outputs"].items()}
            return cls(from_json(data["verdict"]), outputs, bool(data["final"]))
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"this is no verdict: {error}") from error


def from_json(data: dict[str, Any]) -> Verdict:
    """Return the verdict that JSON data hold; raise ValueError if they hold none."""
    try:
        cells = {key: cell_from_json(cell) for key, cell in data["cells"].items()}
        return Verdict(**{**data, "cells": cells})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is no verdict: {error}") from error


def reject_submission(
    student: str,
    assignment: Assignment,
    reason: str,
    assignment_sha256: str,
    submission_sha256: str | None = None,
) -> Verdict:
    """Return the verdict on what cannot be graded: no points, and why."""
    cells = {
        cell.id: CellVerdict(0, cell.points or 0, "rejected")
        for cell in assignment.graded
    }
    return Verdict(
        student=student,
        assignment=assignment.name,
        status="rejected",
        reason=reason,
        score=0,
        max_score=assignment.points,
        cells=cells,
        seconds=0.0,
        submission_sha256=submission_sha256,
        assignment_sha256=assignment_sha256,
    )


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def clip(text: str, limit: int = LONGEST) -> str:
    """Return a text short enough, and clean enough, to be stored and shown."""
    text = (
        text.encode("utf-8", "replace")
        .decode()
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    return text if len(text) <= limit else text[: limit - 2] + " …"
