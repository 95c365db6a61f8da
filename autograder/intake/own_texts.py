"""What of a notebook's cells is the student's own text, and whose the others are."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

from autograder.intake.code_text import (
    fence_text,
    kind_of_code,
    said_in_code,
    text_from_code,
)
from autograder.intake.own_words import (
    LAYOUT,
    LONGEST_READ,
    Handout,
    Reading,
    clear_tool_marks,
    quote_all,
)
from autograder.model.assignment import Assignment, Cell
from autograder.model.submission import Found

REMARK = 8  # words: beside code, fewer are a remark on it
TEXT_ROOM = 2_000_000  # characters of text that are read beside what was handed out
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs without ink
UNSEEN = {"Cc", "Cf"}
NOTE = 3  # words: fewer in a text that was handed out are a slip that was mended


@dataclass(frozen=True)
class OwnText:
    """A text of the student's own, as Markdown, and where it was found.

    `anchor` is the place in the assignment of the cell that it follows, -1 at the top;
    `home` is the handed-out cell in which it stands. A `copied` one stays there, too.
    """

    position: int
    anchor: int
    home: str | None
    source: str
    size: int
    in_code: bool = False
    copied: bool = False


class OwnTexts:
    """The cells of one notebook, read beside what was handed out."""

    def __init__(self, found: list[Found], handout: Handout) -> None:
        self.found = found
        self.handout = handout
        self.readings: dict[int, Reading] = {}
        self.empty: dict[int, bool] = {}
        room = TEXT_ROOM
        for position, cell in enumerate(found):
            if cell.kind != "code":
                read = handout.read(cell.source, min(room, LONGEST_READ))
                self.readings[position] = read
                room = max(0, room - len(cell.source))
        self.rows = Counter(r for one in self.readings.values() for r in one.rows)

    def claim(self, claims: dict[str, list[int]], assignment: Assignment) -> None:
        """Let each text cell without a name claim the handed-out cell that it holds."""
        taken = {p: wanted for wanted, ps in claims.items() for p in ps}
        order = {cell.id: n for n, cell in enumerate(assignment.cells)}
        last = -1
        for position, reading in self.readings.items():
            wanted = taken.get(position) or self.handout.home(reading)
            if wanted and position not in taken:
                cell: Cell | None = assignment.by_id[wanted]
                if cell and cell.role == "written":
                    cell = next_unclaimed(assignment, claims, last)
                wanted = cell.id if cell and cell.text else None
                if wanted:
                    claims[wanted] = sorted([*claims[wanted], position])
            last = order[wanted] if wanted else last

    def of(self, position: int, claimed: bool) -> Reading:
        """Return a text cell's reading; what repeats the handout is the student's."""
        reading = self.readings[position]
        quotes = not claimed and reading.rows and not reading.own_words
        if quotes and not self.handout.home(reading):
            if all(self.rows[row] > 1 for row in reading.rows):
                return quote_all(reading)
        return reading

    def is_handed_out(self, position: int) -> bool:
        """Whether a text cell without a name has words, and none is the student's."""
        reading = self.of(position, claimed=False)
        return not reading.lines or bool(reading.words and not reading.own_words)

    def is_empty(self, position: int) -> bool:
        """Whether an answer's cell holds nothing, or the words that it came with."""
        if position not in self.empty:
            source = self.found[position].source
            reading = self.readings.get(position) or self.handout.read(source)
            bare = is_blank(clear_tool_marks(source))
            as_it_came = reading.words == self.handout.stub and not has_sign(source)
            self.empty[position] = bare or as_it_came
        return self.empty[position]

    def note(self, position: int) -> str:
        """Return what a student added to a text that was handed out, if it is much."""
        reading = self.readings[position]
        return reading.own_part() if len(reading.own_words) >= NOTE else ""

    def piece(self, position: int, anchor: int, home: str | None) -> OwnText | None:
        """Return the text of the student's own in a cell, if there is one."""
        if self.found[position].kind == "code":
            return self.piece_of_code(position, anchor, home)
        reading = self.of(position, home is not None)
        if not reading.own_words and not has_symbol(reading, home):
            return None
        source = reading.own_part() if home else reading.source
        return OwnText(position, anchor, home, source, reading.size)

    def piece_of_code(
        self, position: int, anchor: int, home: str | None
    ) -> OwnText | None:
        """Return what is said in words in a cell of code."""
        source = self.found[position].source
        kind = kind_of_code(source)
        both = kind in ("shown", "mixed")
        said = said_in_code(source) if both else source
        reading = self.handout.read(said)
        words = reading.own_words
        if kind == "code" or not words or (kind == "mixed" and len(words) < REMARK):
            return None
        if kind == "name" and self.is_used(source.strip()):
            return None
        if home:
            source = reading.own_part()
        text = fence_text(source) if both else text_from_code(source)
        copied = home is not None or both
        return OwnText(position, anchor, home, text, reading.size, True, copied)

    def is_used(self, name: str) -> bool:
        """Whether a lone name stands in another cell of code: it shows a value."""
        return not name[0].isdigit() and self.names[name] > 1

    @cached_property
    def names(self) -> Counter[str]:
        """In how many cells of code each name stands."""
        code = (cell.source for cell in self.found if cell.kind == "code")
        return Counter(n for source in code for n in set(re.findall(r"\w+", source)))


def has_symbol(reading: Reading, home: str | None) -> bool:
    """Whether a cell of one's own without words holds a sign that may be an answer."""
    if home or reading.words or not reading.lines:
        return False
    return has_sign(reading.source)


def has_sign(source: str) -> bool:
    """Whether a source holds something that is no letter, and no mark of Markdown."""
    head = html.unescape(LAYOUT.sub("", source[:LONGEST_READ]))
    marks = (c for c in head if not c.isascii() and not c.isalnum())
    return any(map(has_ink, marks))


def is_blank(source: str) -> bool:
    """Whether nothing of a source is seen: spaces of any width, tags with no text."""
    if len(source) > LONGEST_READ:
        return False
    left = html.unescape(LAYOUT.sub("", source))
    return not any(map(has_ink, left))


def has_ink(letter: str) -> bool:
    """Whether a letter is seen: it is no space, no joiner, no mark for another."""
    kind = unicodedata.category(letter)
    return letter not in FILLERS and kind not in UNSEEN and kind[0] not in "MZ"


def next_unclaimed(
    assignment: Assignment, claims: dict[str, list[int]], last: int
) -> Cell | None:
    """Return the next question, behind a cell, that no cell of a notebook claims."""
    order = [*assignment.cells[last + 1 :], *assignment.cells]
    unclaimed = (c for c in order if c.role == "written" and c.text)
    return next((cell for cell in unclaimed if not claims[cell.id]), None)


def as_markdown(cell: Found) -> Found:
    """Return a cell whose source is Markdown, whatever it became."""
    return (
        replace(cell, source=text_from_code(cell.source))
        if cell.kind == "code"
        else cell
    )
