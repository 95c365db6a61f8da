"""Read the percent format: a Python script whose cells start with `# %%`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError

CELL = re.compile(r"# ?%%(?P<title>[^\[\n=]*?)(?P<text> \[markdown\])?(?P<keys>.*)$")
HEADER_KEY = re.compile(r'\s+(?P<key>\w+)\s*=\s*(?P<value>"[^"]*"|[^\s"]+)')
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file: where, what, and how to mend it."""

    path: Path
    line: int
    wrong: str
    cure: str

    def __str__(self) -> str:
        """Return the problem as one line: file, line, what is wrong, the cure."""
        return f"{self.path}:{self.line}: {self.wrong}. {self.cure}."


class AuthoringError(CourseError):
    """A file that cannot be read as it stands, with all its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (str(p.path), p.line))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class RawCell:
    """One cell: its kind, the keys of its header, its source, its first line."""

    text: bool
    keys: dict[str, str]
    source: str
    line: int


def read_source(path: Path) -> str:
    """Return the text of a file that an author wrote, or raise AuthoringError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        wrong = f"the file cannot be read ({error})"
        cure = "It has to be a text file in UTF-8 that you may read"
        raise AuthoringError([Problem(path, 1, wrong, cure)]) from error


class Reader:
    """Collects the cells and the problems of one percent file, or of its `text`."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.lines = (read_source(path) if text is None else text).splitlines()

    def problem(self, line: int, wrong: str, cure: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.path, line, wrong, cure))

    def finish(self) -> None:
        """Raise AuthoringError if any problem was noted."""
        if self.problems:
            raise AuthoringError(self.problems)

    def header_end(self) -> int:
        """Return the index of the first line after the jupytext header."""
        cure = "Start the file with jupytext's header, between two lines `# ---`"
        starts = [i for i, line in enumerate(self.lines) if line.rstrip() == "# ---"]
        cells = [i for i, line in enumerate(self.lines) if CELL.match(line)]
        first = cells[0] if cells else len(self.lines)
        if len(starts) < 2:
            self.problem(1, "the jupytext header is missing or not closed", cure)
            return starts[-1] + 1 if starts else 0
        if first < starts[1]:
            self.problem(first + 1, "a cell stands before the jupytext header", cure)
        elif "jupytext:" not in "\n".join(self.lines[starts[0] : starts[1]]):
            self.problem(starts[0] + 1, "the header does not name jupytext", cure)
        return min(first, starts[1] + 1)

    def cells(self, begin: int, preamble: bool = False) -> list[RawCell]:
        """Return the cells from line index `begin` on; a preamble is left out."""
        starts = [i for i in range(begin, len(self.lines)) if CELL.match(self.lines[i])]
        before = self.lines[begin : starts[0] if starts else len(self.lines)]
        stray = [i for i, line in enumerate(before, begin) if line.strip()]
        if stray and not preamble:
            self.problem(
                stray[0] + 1,
                "this stands in no cell",
                'Start a cell above it, as in `# %% given="imports"`',
            )
        if not starts:
            self.problem(len(self.lines), "there is no cell", "Cells start with `# %%`")
        ends = [*starts[1:], len(self.lines)]
        return [self.cell(*span) for span in zip(starts, ends, strict=True)]

    def cell(self, start: int, end: int) -> RawCell:
        """Return the cell that stands on lines start to end."""
        match = CELL.match(self.lines[start])
        assert match is not None
        text = match["text"] is not None
        if match["title"].strip():
            self.problem(
                start + 1,
                f"the cell has a title, {match['title'].strip()!r}",
                "Say what it is by its keys alone; headings stand in text cells",
            )
        keys = self.keys(start + 1, match["keys"])
        body = self.lines[start + 1 : end]
        if text:
            body = [self.uncomment(i, x) for i, x in enumerate(body, start + 2)]
        source = "\n".join(line.rstrip() for line in body).strip("\n")
        if not text:
            self.check_syntax(start + 2, "\n".join(self.lines[start + 1 : end]))
        return RawCell(text, keys, source, start + 1)

    def keys(self, line: int, text: str) -> dict[str, str]:
        """Return the keys of a cell's header."""
        keys: dict[str, str] = {}
        rest = HEADER_KEY.sub("", text).strip()
        if rest:
            self.problem(
                line,
                f"{rest!r} in the cell's header is not understood",
                'Write each key as key="value", with points=2 the one bare number',
            )
        for match in HEADER_KEY.finditer(text):
            if match["key"] in keys:
                self.problem(line, f"the key {match['key']!r} stands twice", "Drop one")
            keys[match["key"]] = match["value"].strip('"')
        return keys

    def uncomment(self, line: int, text: str) -> str:
        """Return a line of a text cell without its comment mark."""
        if text.strip() and not re.match(r"#( |$)", text):
            self.problem(
                line,
                "a line of a text cell is not a comment",
                "Start it with `# `, or start a code cell above it",
            )
        return text[2:]

    def check_syntax(self, line: int, source: str) -> None:
        """Note a syntax error of a code cell."""
        try:
            ast.parse(source)
        except SyntaxError as error:
            self.problem(
                line + (error.lineno or 1) - 1,
                f"this is not Python ({error.msg})",
                "Mend the syntax: the file has to run as a script",
            )
