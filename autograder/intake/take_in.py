"""Take in what was handed in: any bytes in, a submission or a reason out.

Pure: no file is opened, nothing of the student's is run, compiled or unpickled. What
is thrown away is never read in (`skim.py`); code is limited in its length, a text with
its pictures by the size of the file alone. `match.py` then matches the cells with the
assignment's.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from typing import Any

from autograder.intake.attachments import read_attachments
from autograder.intake.json_text import Broken
from autograder.intake.match import Unrelated, match
from autograder.intake.skim import (
    AGAIN,
    MAX_CELLS,
    PASTED,
    Refused,
    cut_unused,
    join,
    skim,
    too_many_cells,
)
from autograder.model.assignment import Assignment
from autograder.model.submission import Found, Placed, Rejected, Submission

MAX_BYTES = 100 << 20
MAX_SOURCE = 1_000_000
LIGHT = 1 << 20
SMALLER = "Clear its outputs in Jupyter, and scale its pictures down"
LEFT_BEHIND = re.compile(rb"Too large for `collect`: (\d{1,20}) bytes\.\s*")
STARTS = (
    ("PK\x03\x04", "a ZIP archive"),
    ("\x1f\x8b", "a gzip archive"),
    ("7z\xbc\xaf", "a 7z archive"),
    ("Rar!", "a RAR archive"),
    ("%PDF", "a PDF file"),
    ("\x89PNG", "a picture"),
    ("\xff\xd8\xff", "a picture"),
    ("\x80\x04", "a Python pickle"),
    ("SQLite format 3", "a database"),
    ("\x7fELF", "a program"),
    ("{\\rtf", "a text document"),
    ("version https://git-lfs", "a Git LFS pointer, not the file it points to"),
)


def take_in(
    raw: bytes, assignment: Assignment, look: bool = True
) -> Submission | Rejected:
    """Return the submission that the bytes hold, or why they hold none.

    Without `look` a written answer is not looked for outside its cell.
    """
    try:
        notes: list[str] = []
        notebook = parse(raw, notes)
        cells = read_cells(notebook, notes)
        check_code(cells)
        submission = match(cells, assignment, tuple(notes), look)
        check_code(submission.cells)  # text that stands in the place of code
        return submission
    except Refused as refused:
        return Rejected(str(refused))
    except Unrelated:
        why = f"None of its cells belongs to the assignment {assignment.name!r}."
        return Rejected(f"{why} Was another notebook handed in?")
    except (RecursionError, MemoryError):
        return Rejected(f"The file is too large to read here. {SMALLER}.")


def lighten(raw: bytes) -> bytes:
    """Return bytes from which the same is taken in, without large outputs."""
    plain = len(raw) <= MAX_BYTES and json.detect_encoding(raw) == "utf-8"
    return cut_unused(raw) if plain and len(raw) > LIGHT else raw


def too_large(what: str, size: int) -> str:
    """Return what is wrong with a file of so many bytes, and the cure."""
    most = MAX_BYTES >> 20
    over = max(size >> 20, most)
    return f"{what} holds {over} MiB; less than {most} MiB are read. {SMALLER}."


def too_large_note(size: int) -> bytes:
    """Return what stands in the place of a file that was too large to be collected."""
    return f"Too large for `collect`: {size} bytes.\n".encode()


def parse(raw: bytes, notes: list[str]) -> dict[str, Any]:
    """Return the notebook as JSON data, or raise Refused."""
    if left := LEFT_BEHIND.fullmatch(raw[:100]):
        raise Refused(too_large("The file", int(left[1])))
    if len(raw) > MAX_BYTES:
        raise Refused(too_large("The file", len(raw)))
    text = as_utf8(raw, notes)
    try:
        return skim(text, notes)
    except Broken as broken:
        raise Refused(why_broken(text, broken)) from None


def as_utf8(raw: bytes, notes: list[str]) -> bytes:
    """Return a file's text in UTF-8, whatever Unicode encoding it has."""
    stripped = raw.rstrip(b"\0 \t\r\n")
    if not stripped:
        what = "empty" if not raw else "blank: it holds spaces or zeros alone"
        raise Refused(f"The file is {what}. {AGAIN}")
    head = raw[:32].decode("latin-1")
    for start, what in STARTS:
        if head.startswith(start):
            raise Refused(f"The file is {what}. {AGAIN}")
    encoding = json.detect_encoding(raw)
    if encoding == "utf-8-sig":
        notes.append("starts with a byte order mark")
        raw = raw.lstrip(codecs.BOM_UTF8)  # Windows' shells add one to another
    elif encoding != "utf-8":
        notes.append(f"is written in {encoding.upper()}, not in UTF-8")
    elif len(stripped) < len(raw) and raw.rstrip(b" \t\r\n").endswith(b"\0"):
        notes.append("ends in zeros")
        raw = stripped
    plain = encoding.startswith("utf-8")
    try:
        if not plain:
            return raw.decode(encoding).encode()
        for _ in codecs.iterdecode(pieces(raw), "utf-8"):
            pass
    except UnicodeDecodeError:
        notes.append(f"holds bytes that are not {encoding.upper()}")
        return raw if plain else raw.decode(encoding, errors="replace").encode()
    return raw


def pieces(raw: bytes) -> Iterable[bytes]:
    """Yield bytes in pieces, so that looking at them takes little memory."""
    for start in range(0, len(raw), 1 << 20):
        yield raw[start : start + (1 << 20)]


def why_broken(text: bytes, broken: Broken) -> str:
    """Say in plain words why a text is not JSON."""
    start = text[:1_000].lstrip(b" \t\r\n")[:200].lower()
    if start.startswith(b"<") and b">" in text and not start.startswith(b"<<<<<<<"):
        return f"The file is a web page or XML, not a notebook. {AGAIN}"
    if re.search(rb"^(<<<<<<< |>>>>>>> )", text, re.M):
        return f"The file holds marks of a Git merge conflict. {AGAIN}"
    if not start.startswith((b"{", b"[")):
        if re.search(rb"^[ \t]*(import |from |def |class |#)", text[:10_000], re.M):
            return f"The file is a script or plain text, not a notebook. {AGAIN}"
        return f"The file is no notebook: it is not JSON. {AGAIN}"
    if broken.why == "Extra data":
        return f"Something follows after the end of the notebook. {AGAIN}"
    if broken.cut:
        return (
            f"The file stops in the middle, on line {broken.line}: saving or sending "
            f"it was cut short. {AGAIN}"
        )
    where = f"line {broken.line}, column {broken.column}"
    return f"The file is damaged: not JSON at {where} ({broken.why}). {AGAIN}"


def read_cells(notebook: dict[str, Any], notes: list[str]) -> list[Found]:
    """Return the cells of a notebook of format 3, 4 or later."""
    version = notebook.get("nbformat")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        sheets = notebook.get("worksheets")
        if not isinstance(sheets, list):
            raise Refused(f"The file is JSON but no notebook: it has no cells. {AGAIN}")
        notes.append("is in an old notebook format")
        parts = [s.get("cells") for s in sheets if isinstance(s, dict)]
        cells = [cell for part in parts if isinstance(part, list) for cell in part]
    elif version not in (3, 4):
        notes.append("does not say a notebook format that is known")
    if len(cells) > MAX_CELLS:
        raise Refused(too_many_cells(f"{len(cells)}"))
    strange = sum(not isinstance(cell, dict) for cell in cells)
    if strange:
        notes.append(f"holds {strange} cells that are none")
    found = [read_cell(cell) for cell in cells if isinstance(cell, dict)]
    if not found:
        raise Refused(f"The notebook has no cells. {AGAIN}")
    return found


def read_cell(cell: dict[str, Any]) -> Found:
    """Return what is used of one cell; everything else is left behind."""
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    nbgrader = nbgrader if isinstance(nbgrader, dict) else {}
    kind = cell.get("cell_type")
    kind = kind if kind in ("code", "raw") else "markdown"
    source = join(cell.get("source", cell.get("input")))
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        source = "#" * (level if level in (1, 2, 3, 4, 5, 6) else 1) + " " + source
    tags = metadata.get("tags")
    return Found(
        kind=kind,
        source=source,
        grade_id=name(nbgrader.get("grade_id")),
        cell_id=name(cell.get("id")),
        nbgrader={
            k: v for k, v in nbgrader.items() if isinstance(v, (str, int, float))
        },
        tags=tuple(sorted(t for t in tags if isinstance(t, str)))
        if isinstance(tags, list)
        else (),
        attachments=read_attachments(cell.get("attachments")),
    )


def name(value: object) -> str | None:
    """Return an id if it is a string of sensible length."""
    return value if isinstance(value, str) and 0 < len(value) <= 256 else None


def check_code(cells: Iterable[Found | Placed]) -> None:
    """Refuse code of absurd length; a text may be as long as its pictures make it."""
    size = sum(len(cell.source) for cell in cells if cell.kind == "code")
    if size > MAX_SOURCE:
        raise Refused(
            f"The code cells hold {size} characters; at most {MAX_SOURCE} are read. "
            f"{PASTED}"
        )
