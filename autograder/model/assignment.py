"""An assignment as data: its cells, their marks, what students see of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from autograder.model.source_code import definitions
from autograder.model.submission import Attachments

Role = Literal["given", "solution", "test", "written"]
ROLES: tuple[Role, ...] = ("given", "solution", "test", "written")
SOLUTION, HIDDEN = "SOLUTION", "HIDDEN TESTS"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
TEXT_STUB = "YOUR ANSWER HERE"


@dataclass(frozen=True)
class Cell:
    """A cell of an assignment; `points` only on tests and written answers."""

    id: str
    role: Role
    text: bool
    source: str
    line: int
    points: float | None = None
    attachments: Attachments = field(default_factory=dict, repr=False, hash=False)

    @property
    def graded(self) -> bool:
        """Whether the cell earns points."""
        return self.points is not None

    @property
    def hidden(self) -> bool:
        """Whether the cell holds hidden tests."""
        return self.role == "test" and mark_line(HIDDEN, "BEGIN") in self.source

    @property
    def defines(self) -> str:
        """The function or class that a solution cell defines."""
        return definitions(self.source)[0].name

    @property
    def secret(self) -> list[str]:
        """The lines that students must not see."""
        if self.role == "written":
            return self.source.splitlines()
        return split_marks(self.source, HIDDEN if self.role == "test" else SOLUTION)[1]

    @cached_property
    def released(self) -> str:
        """The source that students get."""
        if self.role == "written":
            return TEXT_STUB
        if self.role == "solution":
            return "\n".join(split_marks(self.source, SOLUTION, STUB)[0])
        return "\n".join(split_marks(self.source, HIDDEN)[0])


@dataclass(frozen=True)
class Assignment:
    """An assignment as its author wrote it; `files` are its data, by relative name."""

    name: str
    path: Path
    cells: tuple[Cell, ...] = field(repr=False)
    files: dict[str, bytes] = field(default_factory=dict, repr=False, hash=False)

    def role(self, role: Role) -> tuple[Cell, ...]:
        """Return the cells of one role, in order."""
        return tuple(cell for cell in self.cells if cell.role == role)

    @cached_property
    def graded(self) -> tuple[Cell, ...]:
        """The cells that earn points."""
        return tuple(cell for cell in self.cells if cell.graded)

    @cached_property
    def by_id(self) -> dict[str, Cell]:
        """The cells by their ids."""
        return {cell.id: cell for cell in self.cells}

    @property
    def points(self) -> float:
        """The sum of all points."""
        return sum(cell.points or 0 for cell in self.cells)

    @property
    def title(self) -> str:
        """The first heading."""
        texts = "\n".join(cell.source for cell in self.cells if cell.text)
        found = re.search(r"^# (.+)$", texts, re.M)
        return found[1].strip() if found else self.name


def mark_line(what: str, side: str) -> str:
    """Return one of nbgrader's marks, such as `### BEGIN SOLUTION`."""
    return f"### {side} {what}"


def split_marks(
    source: str, what: str, stub: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """Return (lines outside the marks with `stub` put in, lines between them)."""
    outside: list[str] = []
    inside: list[str] = []
    target = outside
    for line in source.split("\n"):
        if line.strip() == mark_line(what, "BEGIN"):
            indent = line[: len(line) - len(line.lstrip())]
            outside += [indent + part for part in stub]
            target = inside
        elif line.strip() == mark_line(what, "END"):
            target = outside
        else:
            target.append(line)
    return outside, inside
