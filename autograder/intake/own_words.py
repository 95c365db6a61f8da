"""Tell the words that a student wrote from those that were handed out.

Editors and platforms drop the names of cells, wrap lines anew, change the marks of
lists and headings, cut cells in two. Words in their order survive all that: a word is
one that was handed out if three in a row with it were. It takes linear time.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from autograder.model.assignment import TEXT_STUB, Cell

WORD = re.compile(r"[^\W_\u115f\u1160]+")  # two letters of Hangul are blank
IN_A_ROW = 3
BADGE_WORDS = 12
LONGEST_READ = 200_000  # characters of a cell: no assignment hands out more
SHORTEST_READ = 1_000
DATA = re.compile(r";base64,[A-Za-z0-9+/=]+")
LAYOUT = re.compile(r"</?(?:a|p|div|span|br|font|center|h[1-6]|hr)\b[^<>]*>", re.I)
PICTURE = re.compile(r"<img\b|!\[", re.I)
BADGE = re.compile(r"badge|created-in-", re.I)
BY_TOOLS = re.compile(r"\A\s*(?:#%%[^\n]*|%{1,2}(?:md|markdown)\b(?:-\w+)?)", re.I)
FRONT_MATTER = re.compile(r"\s*---\n[\s\S]*\n(?:---|\.\.\.)\s*")
LINE_MARKS = re.compile(r"^[\s>]*(?:\d{1,3}[.)](?=\s))?|\]\(#[^()\[\]\s]*\)")

Words = tuple[str, ...]


def split_words(line: str) -> Words:
    """Return the words of a line, without what a tool may have added to it."""
    bare = LINE_MARKS.sub(" ", LAYOUT.sub(" ", line))
    text = unicodedata.normalize("NFKC", html.unescape(bare)).casefold()
    return tuple(WORD.findall(text))


def clear_tool_marks(source: str) -> str:
    """Return a source without the mark that a tool set at its start."""
    return BY_TOOLS.sub("", source, count=1)


def is_by_a_tool(source: str) -> bool:
    """Whether a cell is a tool's: front matter, or a badge such as "Open in Colab"."""
    if FRONT_MATTER.fullmatch(source):
        return True
    if not (BADGE.search(source) and PICTURE.search(source)):
        return False
    said = re.sub(r"\([^()\s]*\)|<[^<>]*>", " ", source)
    return len(WORD.findall(said)) <= BADGE_WORDS


def rows_of_three(words: Words) -> Iterable[Words]:
    """Yield all words that stand three in a row."""
    return (words[n : n + IN_A_ROW] for n in range(len(words) - IN_A_ROW + 1))


@dataclass(frozen=True)
class Reading:
    """A source beside what was handed out: its words, and which are the student's."""

    source: str
    lines: tuple[Words, ...]
    own: tuple[tuple[bool, ...], ...]

    @cached_property
    def rows(self) -> frozenset[Words]:
        """All words that stand three in a row."""
        return frozenset(rows_of_three(self.words))

    @cached_property
    def words(self) -> Words:
        """All words."""
        return tuple(word for line in self.lines for word in line)

    @cached_property
    def own_lines(self) -> list[int]:
        """The lines with words of the student's own.

        One or two other words in the middle of a line are a slip that was mended, there
        or in the assignment since it was handed out.
        """
        return [n for n, own in enumerate(self.own) if is_added(own)]

    @cached_property
    def own_words(self) -> Words:
        """The words of the student's own."""
        kept = (zip(self.lines[n], self.own[n], strict=True) for n in self.own_lines)
        return tuple(word for line in kept for word, own in line if own)

    @property
    def size(self) -> int:
        """How much the student wrote, in bytes: any script counts by what it tells."""
        return sum(len(word.encode()) for word in self.own_words)

    def own_part(self) -> str:
        """Return the lines from the first to the last with words of one's own.

        Marks without words beside them go along: they may open or close a block.
        """
        if not self.own_lines:
            return ""
        first, last = self.own_lines[0], self.own_lines[-1]
        lines = self.source.split("\n")
        if len(lines) > len(self.lines):
            return self.source  # longer than what is read
        while first > 0 and not self.lines[first - 1] and lines[first - 1].strip():
            first -= 1
        end = len(lines) - 1
        while last < end and not self.lines[last + 1] and lines[last + 1].strip():
            last += 1
        return "\n".join(lines[first : last + 1]).strip("\n")


def is_added(own: tuple[bool, ...]) -> bool:
    """Whether a line holds more than a slip that was mended."""
    run = 0
    for word in own:
        run = run + 1 if word else 0
        if run >= IN_A_ROW:
            return True
    return run > 0


class Handout:
    """The words that an assignment hands out, in its texts and in its code."""

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self.lines: set[Words] = set()
        self.homes: dict[Words, list[str]] = {}
        self.sizes: dict[str, int] = {}
        for cell in cells:
            known = cell.source if cell.role in ("given", "test") else cell.released
            lines = [split_words(line) for line in known.split("\n")]
            self.lines.update(lines)
            rows = set(rows_of_three(tuple(word for line in lines for word in line)))
            self.sizes[cell.id] = len(rows)
            for row in rows:
                self.homes.setdefault(row, []).append(cell.id)
        self.stub = split_words(TEXT_STUB)

    def read(self, source: str, room: int = LONGEST_READ) -> Reading:
        """Return what in a source is the student's; of a long one the start is read."""
        head = DATA.sub("", source[: max(room, SHORTEST_READ)])
        if is_by_a_tool(head):
            return Reading(source, (), ())
        lines = self.read_lines(head)
        if len(source) > max(room, SHORTEST_READ):
            return Reading(source, lines, tuple((True,) * len(row) for row in lines))
        words = tuple(word for line in lines for word in line)
        own = [True] * len(words)
        for n, row in enumerate(rows_of_three(words)):
            if row in self.homes:
                own[n : n + IN_A_ROW] = [False] * IN_A_ROW
        return Reading(source, lines, self.by_lines(lines, own))

    def read_lines(self, source: str) -> tuple[Words, ...]:
        """Return the words of a source, line by line."""
        marked = clear_tool_marks(source)
        first = source[: len(source) - len(marked)].count("\n")
        return ((),) * first + tuple(map(split_words, marked.split("\n")))

    def by_lines(
        self, lines: tuple[Words, ...], own: list[bool]
    ) -> tuple[tuple[bool, ...], ...]:
        """Return whose the words are, line by line; a short line was handed out too."""
        made, start = [], 0
        for line in lines:
            part = tuple(own[start : start + len(line)])
            made.append((False,) * len(line) if line in self.lines else part)
            start += len(line)
        return tuple(made)

    def home(self, reading: Reading) -> str | None:
        """Return the id of the cell of which a source holds half or more, if any."""
        shared = Counter(h for row in reading.rows for h in self.homes.get(row, ()))
        for wanted, many in shared.most_common():
            if 2 * many >= self.sizes[wanted]:
                return wanted
        return None


@lru_cache(maxsize=16)
def read_handout(cells: tuple[Cell, ...]) -> Handout:
    """Return the words that the cells of an assignment hand out."""
    return Handout(cells)


def quote_all(reading: Reading) -> Reading:
    """Return a reading of which each word is the student's: it quotes the handout."""
    own = tuple((True,) * len(line) for line in reading.lines)
    return Reading(reading.source, reading.lines, own)
