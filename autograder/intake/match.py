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

A written answer is looked for outside its cell as well: see `written.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from re import Pattern

from autograder.intake.oddities import is_of_another, report_oddities, same_source
from autograder.intake.own_texts import OwnText, OwnTexts, as_markdown
from autograder.intake.own_words import read_handout
from autograder.intake.solutions import defining, last
from autograder.intake.written import FoundAnswers, find_answers, join_copies
from autograder.model.assignment import Assignment, Cell
from autograder.model.submission import ADDED, Attachments, Found, Placed, Submission


def match(
    found: list[Found],
    assignment: Assignment,
    notes: tuple[str, ...] = (),
    look: bool = True,
) -> Submission:
    """Return the submission that the cells make for an assignment.

    Without `look` no written answer is looked for outside its cell. Raise Unrelated if
    no cell is one of the assignment's, or none but such as others have too.
    """
    matcher = Matcher(found, assignment, look)
    submission = matcher.submission(notes)
    if not matcher.chosen or is_of_another(found, assignment, matcher.chosen):
        raise Unrelated
    return submission


class Unrelated(Exception):
    """No cell of a notebook belongs to the assignment."""


class Matcher:
    """The steps of matching one notebook; each cell is named by its position."""

    def __init__(
        self, found: list[Found], assignment: Assignment, look: bool = True
    ) -> None:
        self.found = found
        self.assignment = assignment
        self.flags: list[str] = []
        self.claims: dict[str, list[int]] = {cell.id: [] for cell in assignment.cells}
        for position, cell in enumerate(found):
            if wanted := self.claim(cell):
                self.claims[wanted].append(position)
        self.texts: OwnTexts | None = None
        if look:
            self.texts = OwnTexts(found, read_handout(assignment.cells))
            self.texts.claim(self.claims, assignment)
        self.answers = FoundAnswers()
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
        if self.texts:
            self.look_for_answers(self.texts)
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
        if self.texts and cell.role == "written" and cell.text:
            return not self.texts.is_empty(position)
        source = self.found[position].source
        return not same_source(source, cell.released)

    def has(self, position: int, defines: Pattern[str] | None) -> bool:
        """Whether a found cell defines a name."""
        return bool(defines and defines.search(self.found[position].source))

    def look_for_answers(self, texts: OwnTexts) -> None:
        """Look outside their cells for the written answers that are not there."""
        unanswered: dict[str, int | None] = {}
        for cell in self.assignment.role("written"):
            position = self.chosen.get(cell.id)
            if cell.text and (position is None or not self.answered(cell, position)):
                unanswered[cell.id] = position
        if unanswered:
            pieces = list(self.find_pieces(texts))
            self.answers = find_answers(self.found, self.assignment, pieces, unanswered)

    def find_pieces(self, texts: OwnTexts) -> Iterable[OwnText]:
        """Yield the texts of the student's own that stand in no cell for an answer."""
        order = {cell.id: n for n, cell in enumerate(self.assignment.cells)}
        answers = {
            self.chosen[c.id]
            for c in self.assignment.role("solution")
            if c.id in self.chosen
        }
        for position, anchor in enumerate(self.anchors()):
            home = self.copies.get(position)
            role = self.trusted(home).role if home else "given"
            if position not in answers and role in ("given", "test"):
                place = order.get(home or anchor or "", -1)
                if piece := texts.piece(position, place, home):
                    yield piece

    @property
    def copies(self) -> dict[int, str]:
        """The cell of the assignment that each found cell says it is."""
        return {p: wanted for wanted, ps in self.claims.items() for p in ps}

    def anchors(self) -> list[str | None]:
        """Return for each found cell the last chosen cell up to it."""
        homes = {position: wanted for wanted, position in self.chosen.items()}
        found: list[str | None] = []
        for position in range(len(self.found)):
            before = found[-1] if found else None
            found.append(homes.get(position, before))
        return found

    def report(self) -> None:
        """Note what was changed that students should leave alone."""
        placed = {*self.chosen, *self.answers.by_question}
        self.flags += report_oddities(self.found, self.assignment, self.claims, placed)
        self.flags[:0] = [one.flag for one in self.answers.by_question.values()]
        code = [c.id for c in self.assignment.cells if not c.text]
        order = [self.chosen[wanted] for wanted in code if wanted in self.chosen]
        if order != sorted(order):
            self.flags.append("cells stand in another order")

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
        homes, copies = set(self.chosen.values()), self.copies
        for position, anchor in enumerate(self.anchors()):
            wanted = copies.get(position)
            if position in self.answers.moved:
                continue
            if wanted is None and not self.is_handed_out(position):
                if position not in homes:
                    after.setdefault(anchor, []).append(position)
            elif wanted is not None and self.keeps(self.trusted(wanted), position):
                role = self.trusted(wanted).role
                if position in homes and role != "given":
                    continue
                if role == "solution" and position < self.chosen[wanted]:
                    before.setdefault(wanted, []).append(position)
                else:
                    after.setdefault(anchor, []).append(position)
        return before, after

    def is_handed_out(self, position: int) -> bool:
        """Whether a text cell without a name holds nothing of the student's own."""
        text = self.found[position].kind != "code"
        return bool(text and self.texts and self.texts.is_handed_out(position))

    def keeps(self, cell: Cell, position: int) -> bool:
        """Whether a copy that does not count holds something of the student's own."""
        text = self.found[position].kind != "code"
        if text and self.texts and cell.role in ("given", "test"):
            return bool(self.texts.note(position))
        return not text and not cell.text and self.answered(cell, position)

    def in_place(self, cell: Cell) -> Placed:
        """Return a cell of the assignment with the student's work, if it is theirs."""
        head = cell.id, cell.role, "markdown" if cell.text else "code"
        if answer := self.answers.by_question.get(cell.id):
            return Placed(*head, answer.source, True, True, answer.attachments)
        if cell.role in ("given", "test"):
            return Placed(*head, cell.source, True, True, cell.attachments)
        position = self.chosen.get(cell.id)
        if position is None:
            return Placed(*head, cell.released, False, False, cell.attachments)
        found, done = self.found[position], self.answered(cell, position)
        source, pictures = found.source, found.attachments
        if self.texts and cell.role == "written" and cell.text:
            source, pictures = self.join_written(cell)
        there = done or ADDED not in found.tags
        return Placed(*head, source, done, there, pictures)

    def join_written(self, cell: Cell) -> tuple[str, Attachments]:
        """Return all that was written into the copies of an answer's cell.

        An empty one is as it was released, to the letter: by that nbgrader knows it.
        """
        done = [p for p in self.claims[cell.id] if self.answered(cell, p)]
        if not done:
            return cell.released, cell.attachments
        return join_copies(cell, [as_markdown(self.found[p]) for p in done])

    def extra(self, position: int, number: int) -> Placed:
        """Return one of the student's own cells."""
        cell = self.found[position]
        source = cell.source
        if self.texts and cell.kind != "code" and position in self.copies:
            source = self.texts.note(position)
        made = f"extra-{number}"
        while made in self.claims:
            made += "-"
        return Placed(made, "extra", cell.kind, source, attachments=cell.attachments)
