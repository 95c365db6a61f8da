"""Match a student's cells with the assignment's, and put them in their places.

Tests, given cells, points, flags, tags and kernel come from the assignment alone. Of
the student's notebook count: the sources of solution cells, written answers, and the
student's own extra cells, which run on the student's side where they stand; so does
a given cell that was edited (with an import, say), after the one that was given.

Which cell counts as a solution:

1. the last cell with its grade_id (or, without one, its cell id) that was changed and
   defines the name; other changed copies stay where they are, as extra cells;
2. if none defines the name, the last other changed cell that does, whatever its id;
3. else the last with the id, as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.model.assignment import Assignment, Cell
from autograder.model.submission import Found, Placed, Submission

FEW_IDS = 2
PLURAL = {"is": "are", "was": "were", "has": "have", "stands": "stand"}
SKIPPING = {"skip-execution", "raises-exception"}
TRUSTED = ("points", "grade", "solution", "locked", "task", "schema_version")


def match(
    found: list[Found], assignment: Assignment, notes: tuple[str, ...] = ()
) -> Submission:
    """Return the submission that the cells make for an assignment.

    Raise Unrelated if no cell is one of the assignment's.
    """
    matcher = Matcher(found, assignment)
    submission = matcher.submission(notes)
    if not matcher.chosen:
        raise Unrelated
    return submission


class Unrelated(Exception):
    """No cell of a notebook belongs to the assignment."""


class Matcher:
    """The steps of matching one notebook; each cell is named by its position."""

    def __init__(self, found: list[Found], assignment: Assignment) -> None:
        self.found = found
        self.assignment = assignment
        self.flags: list[str] = []
        self.claims: dict[str, list[int]] = {cell.id: [] for cell in assignment.cells}
        for position, cell in enumerate(found):
            if wanted := self.claim(cell):
                self.claims[wanted].append(position)
        self.chosen: dict[str, int] = {}
        self.strays = self.find_strays()

    def claim(self, cell: Found) -> str | None:
        """Return the id of the assignment's cell that a found cell says it is."""
        for wanted in (cell.grade_id, cell.cell_id):
            if wanted in self.claims:
                return wanted
        for trusted in self.assignment.role("test"):
            if cell.grade_id is None and same_source(cell.source, trusted.released):
                return trusted.id
        return None

    def find_strays(self) -> list[int]:
        """Return the code cells that the student wrote and that have no place yet."""
        claimed = {
            position
            for wanted, positions in self.claims.items()
            for position in positions
            if self.trusted(wanted).role in ("solution", "written")
            or same_source(self.found[position].source, self.trusted(wanted).released)
            or self.trusted(wanted).text
        }
        return [
            position
            for position, cell in enumerate(self.found)
            if cell.kind == "code" and position not in claimed
        ]

    def trusted(self, wanted: str) -> Cell:
        """Return a cell of the assignment."""
        return self.assignment.by_id[wanted]

    def submission(self, notes: tuple[str, ...]) -> Submission:
        """Return the cells in their places, with what there is to report."""
        for cell in self.assignment.cells:
            self.choose(cell)
        self.report()
        return Submission(tuple(self.placed()), tuple(self.flags), notes)

    def choose(self, cell: Cell) -> None:
        """Choose the found cell that counts as a cell of the assignment."""
        positions = self.claims[cell.id]
        if cell.role == "solution":
            position = self.choose_solution(cell, positions)
        elif cell.role == "written":
            position = last(positions, lambda p: self.answered(cell, p))
        else:
            position = last(positions, lambda p: not self.answered(cell, p))
        if position is not None:
            self.chosen[cell.id] = position

    def choose_solution(self, cell: Cell, positions: list[int]) -> int | None:
        """Choose the found cell that counts as a solution."""
        defines = defining(cell)
        good = [p for p in positions if self.answered(cell, p) and self.has(p, defines)]
        if good or defines is None:
            return last(good or positions, lambda p: self.answered(cell, p))
        taken = set(self.chosen.values())
        others = [p for p in self.strays if p not in taken and self.has(p, defines)]
        others += [
            p
            for other in self.assignment.role("solution")
            for p in self.claims[other.id]
            if other.id != cell.id and p not in taken and self.has(p, defines)
            if not self.has(p, defining(other))
        ]
        if others:
            self.flags.append(f"solution {cell.id!r} was found by its name")
            return max(others)
        return last(positions, lambda p: self.answered(cell, p))

    def answered(self, cell: Cell, position: int) -> bool:
        """Whether a found cell differs from what was released."""
        return not same_source(self.found[position].source, cell.released)

    def has(self, position: int, defines: re.Pattern[str] | None) -> bool:
        """Whether a found cell defines a name."""
        return bool(defines and defines.search(self.found[position].source))

    def report(self) -> None:
        """Note what was changed that students should leave alone."""
        odd: dict[tuple[str, str], list[str]] = {}
        for cell in self.assignment.cells:
            if not cell.text or cell.role == "written":
                for what in self.odd(cell):
                    odd.setdefault((cell.role, what), []).append(cell.id)
        self.flags += [told(*key, ids) for key, ids in odd.items()]
        unknown = {
            f.grade_id
            for f in self.found
            if f.grade_id is not None and f.grade_id not in self.claims
        }
        if unknown:
            shown = ", ".join(sorted(ascii(wanted[:40]) for wanted in unknown)[:5])
            self.flags.append(f"cells with unknown ids: {shown}")
        code = [c.id for c in self.assignment.cells if not c.text]
        order = [self.chosen[wanted] for wanted in code if wanted in self.chosen]
        if order != sorted(order):
            self.flags.append("cells stand in another order")

    def odd(self, cell: Cell) -> Iterable[str]:
        """Yield what is odd about the copies of one cell."""
        copies = [self.found[p] for p in self.claims[cell.id]]
        if not copies and cell.id not in self.chosen:
            yield "is missing"
        if len(copies) > 1:
            yield f"stands {len(copies)} times"
        edited = cell.role in ("given", "test")
        if edited and any(
            not same_source(copy.source, cell.released) for copy in copies
        ):
            yield "was edited"
        if any(copy.kind != ("markdown" if cell.text else "code") for copy in copies):
            yield "became a cell of another kind"
        if skipping := SKIPPING.intersection(t for copy in copies for t in copy.tags):
            yield f"has the tag {min(skipping)}"
        wrong = {key for copy in copies for key in is_changed(copy, cell)}
        if wrong:
            yield f"has other metadata ({', '.join(sorted(wrong))})"

    def placed(self) -> Iterable[Placed]:
        """Yield all cells: the assignment's in its order, extra ones in between."""
        before, after = self.extras()
        number = 0
        for anchor in [None, *self.assignment.cells]:
            wanted = anchor.id if anchor else None
            for group in (before.get(wanted, []), [anchor], after.get(wanted, [])):
                for item in group:
                    if isinstance(item, Cell):
                        yield self.in_place(item)
                    elif item is not None:
                        number += 1
                        yield self.extra(item, number)

    def extras(self) -> tuple[dict[str | None, list[int]], dict[str | None, list[int]]]:
        """Return the extra cells that come before and after each chosen cell.

        Each goes behind the cell that stood before it: a helper is there when a test
        calls the answer. An earlier try goes before the answer that it would overwrite.
        """
        before: dict[str | None, list[int]] = {}
        after: dict[str | None, list[int]] = {}
        homes = {position: wanted for wanted, position in self.chosen.items()}
        copies = {p: wanted for wanted, ps in self.claims.items() for p in ps}
        anchor: str | None = None
        for position in range(len(self.found)):
            if position in homes:
                anchor = homes[position]
                given = self.trusted(anchor).role == "given"
                if not (given and self.keeps(self.trusted(anchor), position)):
                    continue
            wanted = copies.get(position)
            if wanted is None:
                after.setdefault(anchor, []).append(position)
            elif self.keeps(self.trusted(wanted), position):
                solution = self.trusted(wanted).role == "solution"
                if solution and position < self.chosen[wanted]:
                    before.setdefault(wanted, []).append(position)
                else:
                    after.setdefault(anchor, []).append(position)
        return before, after

    def keeps(self, cell: Cell, position: int) -> bool:
        """Whether a copy that does not count holds something of the student's own."""
        text = self.found[position].kind != "code"
        return not text and not cell.text and self.answered(cell, position)

    def in_place(self, cell: Cell) -> Placed:
        """Return a cell of the assignment with the student's work, if it is theirs."""
        head = cell.id, cell.role, "markdown" if cell.text else "code"
        if cell.role in ("given", "test"):
            return Placed(*head, cell.source, True, True, cell.attachments)
        position = self.chosen.get(cell.id)
        if position is None:
            return Placed(*head, cell.released, False, False, cell.attachments)
        found, done = self.found[position], self.answered(cell, position)
        return Placed(*head, found.source, done, True, found.attachments)

    def extra(self, position: int, number: int) -> Placed:
        """Return one of the student's own cells."""
        cell = self.found[position]
        made = f"extra-{number}"
        while made in self.claims:
            made += "-"
        pictures = cell.attachments
        return Placed(made, "extra", cell.kind, cell.source, True, True, pictures)


def told(role: str, what: str, ids: list[str]) -> str:
    """Return what is odd about some cells of one role."""
    if len(ids) <= FEW_IDS:
        return "; ".join(f"{role} {wanted!r} {what}" for wanted in ids)
    verb, _, rest = what.partition(" ")
    some = ", ".join(map(repr, ids[:FEW_IDS]))
    return (
        f"{role}s {some} and {len(ids) - FEW_IDS} more {PLURAL.get(verb, verb)} {rest}"
    )


def last(positions: list[int], wanted: object) -> int | None:
    """Return the last position that is wanted, or else the last."""
    assert callable(wanted)
    return max(
        (p for p in positions if wanted(p)), default=max(positions, default=None)
    )


def same_source(one: str, other: str) -> bool:
    """Whether two sources are the same but for spaces at line ends and blank ends."""

    def bare(source: str) -> str:
        return "\n".join(line.rstrip() for line in source.strip().split("\n"))

    return one == other or bare(one) == bare(other)


def defining(cell: Cell) -> re.Pattern[str] | None:
    """Return a pattern that finds the definition of a solution's name."""
    try:
        wanted = re.escape(cell.defines)
    except (IndexError, SyntaxError):
        return None
    named = rf"^(?:(?:async[ \t]+)?def|class)[ \t]+{wanted}\b"
    assigned = rf"^{wanted}[ \t]*(?::[^=\n]*)?=(?!=)"
    return re.compile(f"{named}|{assigned}", re.M)


def is_changed(copy: Found, cell: Cell) -> Iterable[str]:
    """Yield the keys of nbgrader's metadata that are not as they were released."""
    expected = {
        "points": cell.points,
        "grade": cell.graded,
        "solution": cell.role in ("solution", "written"),
        "locked": cell.role in ("given", "test"),
        "task": False,
        "schema_version": 3,
    }
    for key in TRUSTED:
        if key in copy.nbgrader and copy.nbgrader[key] != expected[key]:
            if not (key == "points" and cell.points is None):
                yield key
