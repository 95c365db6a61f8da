"""Read of a notebook what grading looks at, and pass over the rest.

Outputs, the state of widgets and all other metadata are thrown away anyway. They are
passed over while the text is read, before anything of them is made or counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from autograder.intake.json_text import Broken, JsonText, Tangled, load_piece
from autograder.model.submission import Attachments

MAX_CELLS = 10_000  # of any kind; the length of code is limited by itself
MOST_COUNTED = 100_000
MAX_LINES = 1_000_000
MAX_ENTRIES = 1_000
MAX_DEPTH = 100
WORTH_CUTTING = 1_000
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.S)
KINDS_OF_JSON = {b"[": "list", b'"': "string", b"t": "boolean", b"f": "boolean"}
PASTED = "Load data from a file instead of pasting it."
AGAIN = "Save the notebook in Jupyter and hand in the .ipynb file itself."
TANGLED = (
    "The file is nested too deep, or too often, for a notebook. Clear the outputs in "
    "Jupyter, save it and hand in the .ipynb file itself."
)


class Refused(ValueError):
    """What is wrong with a file, in plain words."""


def skim(raw: bytes, notes: list[str]) -> dict[str, Any]:
    """Return what is used of a notebook's text in UTF-8; raise Refused or Broken."""
    reader = NotebookText(raw)
    try:
        return reader.notebook()
    except Tangled:
        raise Refused(TANGLED) from None
    finally:
        if reader.constant:
            notes.append("holds NaN or Infinity, which JSON lacks")


def cut_unused(raw: bytes) -> bytes:
    """Return a notebook's text without what is passed over, if it can be read."""
    reader = NotebookText(raw)
    try:
        reader.notebook()
    except (Refused, Broken, Tangled):
        return raw
    parts, done = [], 0
    for start, end, instead in reader.cuts:
        parts += [raw[done:start], instead]
        done = end
    return b"".join([*parts, raw[done:]])


class NotebookText(JsonText):
    """The text of a notebook; `cuts` are the places of values that were passed over."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.cuts: list[tuple[int, int, bytes]] = []
        self.in_sheets = False

    def notebook(self) -> dict[str, Any]:
        """Return the notebook: its format and its cells."""
        mark = self.peek()
        if mark != b"{":
            self.skip()
            self.end()
            kind = KINDS_OF_JSON.get(mark, "null" if mark == b"n" else "number")
            raise Refused(f"The file is JSON but no notebook (a {kind} alone). {AGAIN}")
        readers = {"cells": self.cells, "worksheets": self.sheets}
        made = self.read_object(readers | {"nbformat": self.scalar})
        self.end()
        return made

    def read_object(self, readers: dict[str, Callable[[], Any]]) -> Any:
        """Return what is wanted of an object; None if it is none."""
        if self.peek() != b"{":
            return self.pass_over()
        made = {}
        for key in self.members():
            if reader := readers.get(key):
                made[key] = reader()
            else:
                self.pass_over()
        return made

    def read_list(self, reader: Callable[[], Any]) -> Any:
        """Return a list, its first items if there are too many; None if it is none."""
        if self.peek() != b"[":
            return self.pass_over()
        made = []
        for number in self.items():
            if number < MAX_ENTRIES:
                made.append(reader())
            else:
                self.pass_over()
        return made

    def pass_over(self) -> Any:
        """Move past a value that is not used, remember where it stood; return None."""
        self.peek()
        start, before = self.place, self.constant
        self.skip()
        if self.place - start > WORTH_CUTTING:
            instead = self.constant.encode() if not before else b""
            self.cuts.append((start, self.place, instead or b"null"))
        return None

    def load(self) -> Any:
        """Return a value, of lines at most; raise Refused if there are too many."""
        self.peek()
        start = self.place
        self.skip()
        piece = self.raw[start : self.place]
        if piece[:1] in (b"[", b"{"):
            check_piece(piece)
        return load_piece(piece)

    def scalar(self) -> Any:
        """Return a string or a number; None in place of anything else."""
        return self.pass_over() if self.peek() in (b"[", b"{") else self.load()

    def lines(self) -> Any:
        """Return a text, which may stand there as a list of lines."""
        if self.peek() == b"{":
            return self.pass_over()
        held = self.load()
        return "\n".join(held) if self.in_sheets and is_bare(held) else join(held)

    def sheets(self) -> Any:
        """Return the worksheets of an old notebook."""
        self.in_sheets = True
        return self.read_list(lambda: self.read_object({"cells": self.cells}))

    def cells(self) -> Any:
        """Return the cells; raise Refused if there are too many."""
        if self.peek() != b"[":
            return self.pass_over()
        made = []
        for number in self.items():
            made.append(self.cell() if number < MAX_CELLS else self.pass_over())
            if number >= MOST_COUNTED:
                raise Refused(too_many_cells(f"more than {number}"))
        if len(made) > MAX_CELLS:
            raise Refused(too_many_cells(f"{len(made)}"))
        return made

    def cell(self) -> Any:
        """Return what is used of one cell."""
        fields = dict.fromkeys(("cell_type", "id", "level"), self.scalar)
        fields |= dict.fromkeys(("source", "input"), self.lines)
        fields |= {"metadata": self.metadata, "attachments": self.attachments}
        return self.read_object(fields)

    def metadata(self) -> Any:
        """Return what is used of a cell's metadata."""
        return self.read_object({"nbgrader": self.marks, "tags": self.tags})

    def marks(self) -> Any:
        """Return what nbgrader's metadata say in strings and numbers."""
        return self.read_entries(self.scalar)

    def tags(self) -> Any:
        """Return a cell's tags."""
        return self.read_list(self.scalar)

    def attachments(self) -> Attachments | None:
        """Return the pictures of a cell, as they stand there."""
        return self.read_entries(lambda: self.read_entries(self.lines))

    def read_entries(self, reader: Callable[[], Any]) -> Any:
        """Return the entries of an object, the first ones if there are too many."""
        if self.peek() != b"{":
            return self.pass_over()
        made: dict[str, Any] = {}
        for key in self.members():
            if len(made) < MAX_ENTRIES or key in made:
                made[key] = reader()
            else:
                self.pass_over()
        return made


def too_many_cells(number: str) -> str:
    """Return what is wrong with a notebook of so many cells."""
    return (
        f"The notebook has {number} cells; at most {MAX_CELLS} are read. Delete those "
        "of your own that the assignment does not need."
    )


def check_piece(piece: bytes) -> None:
    """Refuse lists of lines that no one wrote; it takes linear time."""
    bare = STRINGS.sub(b"", piece)
    if bare.count(b",") > MAX_LINES:
        raise Refused(f"A cell holds more than {MAX_LINES} lines. {PASTED}")
    if bare.count(b"[") + bare.count(b"{") > MAX_DEPTH:
        raise Refused(f"The text of a cell is nested, and no text. {AGAIN}")


def is_bare(held: object) -> bool:
    """Whether lines stand there without their ends, as format 2 writes them."""
    if not isinstance(held, list) or not all(isinstance(line, str) for line in held):
        return False
    return not any("\n" in line for line in held)


def join(source: object) -> str:
    """Return a source as one string that can be written as UTF-8."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return source.encode("utf-8", "replace").decode()
