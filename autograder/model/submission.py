"""What was handed in, as data: cells as they were found, and cells put in order."""

from __future__ import annotations

from dataclasses import dataclass, field

Attachments = dict[str, dict[str, str]]  # name -> kind of picture -> base64
ADDED = "added-by-the-grader"  # the tag of a solution that was not handed in


@dataclass(frozen=True)
class Found:
    """A cell as the student handed it in: nothing of it is to be trusted."""

    kind: str
    source: str
    grade_id: str | None = None
    cell_id: str | None = None
    nbgrader: dict[str, str | int | float] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    attachments: Attachments = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Placed:
    """A cell in its place: `role` is a role of the assignment's cells, or "extra"."""

    id: str
    role: str
    kind: str
    source: str
    answered: bool = True
    there: bool = True
    attachments: Attachments = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Submission:
    """A notebook put in order: each cell of the assignment once, and extra cells.

    `flags` are for the instructor to look at, `notes` are harmless repairs.
    """

    cells: tuple[Placed, ...]
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def solutions(self) -> dict[str, str]:
        """The sources of the solution cells by id; missing ones are left out."""
        return {c.id: c.source for c in self.cells if c.role == "solution"}

    @property
    def sources(self) -> dict[str, str]:
        """The code cells by id, in their order; the missing ones are left out."""
        return {c.id: c.source for c in self.cells if c.kind == "code" and c.there}

    @property
    def written(self) -> dict[str, str]:
        """The written answers by id."""
        return {c.id: c.source for c in self.cells if c.role == "written"}

    @property
    def extras(self) -> tuple[Placed, ...]:
        """The student's own code cells."""
        return tuple(c for c in self.cells if c.role == "extra" and c.kind == "code")


@dataclass(frozen=True)
class Rejected:
    """A hand-in that cannot be graded, and why, in words for its student."""

    reason: str
