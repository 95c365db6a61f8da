"""Take in what was handed in: any bytes in, a submission or a reason out.

Pure: no file is opened, nothing of the student's is run, compiled or unpickled. Size,
count and depth are limited before the parser sees the text. `match.py` then matches
the cells with the assignment's.
"""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.intake.attachments import read_attachments
from autograder.intake.match import Unrelated, match
from autograder.model.assignment import Assignment
from autograder.model.submission import Found, Rejected, Submission

MAX_BYTES = 20 << 20
MAX_STRINGS = 1_000_000
MAX_VALUES = 1_000_000
MAX_DEPTH = 100
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000
AGAIN = "Save the notebook in Jupyter and hand in the .ipynb file itself."
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
        check_cells(cells)
        return match(cells, assignment, tuple(notes), look)
    except Refused as refused:
        return Rejected(str(refused))
    except Unrelated:
        why = f"None of its cells belongs to the assignment {assignment.name!r}."
        return Rejected(f"{why} Was another notebook handed in?")
    except (RecursionError, MemoryError):
        return Rejected(f"The file is too large or too deeply nested to read. {AGAIN}")


class Refused(ValueError):
    """What is wrong with a file, in plain words."""


def parse(raw: bytes, notes: list[str]) -> dict[str, Any]:
    """Return the notebook as JSON data, or raise Refused."""
    if len(raw) > MAX_BYTES:
        size = f"{len(raw) >> 20} MiB, and at most {MAX_BYTES >> 20} MiB are read"
        raise Refused(
            f"The file holds more than {size}. Clear the outputs and save it again."
        )
    text = decode(raw, notes)
    unclosed = check_shape(text)
    try:
        notebook = json.loads(
            text,
            strict=False,
            parse_int=short_int,
            parse_constant=lambda name: notes.append(f"holds {name}, which JSON lacks"),
        )
    except json.JSONDecodeError as error:
        raise Refused(why_broken(text, error, unclosed > 0)) from None
    if not isinstance(notebook, dict):
        kind = type(notebook).__name__
        raise Refused(f"The file is JSON but no notebook (a {kind} alone). {AGAIN}")
    return notebook


def decode(raw: bytes, notes: list[str]) -> str:
    """Return the text of a file, whatever Unicode encoding it has."""
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
    elif encoding != "utf-8":
        notes.append(f"is written in {encoding.upper()}, not in UTF-8")
    elif len(stripped) < len(raw) and raw.rstrip(b" \t\r\n").endswith(b"\0"):
        notes.append("ends in zeros")
        raw = stripped
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        notes.append(f"holds bytes that are not {encoding.upper()}")
        return raw.decode(encoding, errors="replace")


def check_shape(text: str) -> int:
    """Refuse text that a JSON parser would choke on; return how deep it ends.

    It takes linear time, whatever the text.
    """
    if text.count('"') > 2 * MAX_STRINGS:
        raise Refused(f"The file holds more than {MAX_STRINGS} strings. {AGAIN}")
    bare = re.sub(r'"[^"]*"?', "", text.replace("\\\\", "").replace('\\"', ""))
    if bare.count(",") + bare.count("[") + bare.count("{") > MAX_VALUES:
        raise Refused(f"The file holds more than {MAX_VALUES} values. {AGAIN}")
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", bare):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise Refused(f"The file is nested more than {MAX_DEPTH} deep. {AGAIN}")
    return depth


def short_int(digits: str) -> int:
    """Return an integer; a number of absurd length becomes 0."""
    return int(digits) if len(digits) < 20 else 0


def why_broken(text: str, error: json.JSONDecodeError, cut: bool) -> str:
    """Say in plain words why a text is not JSON."""
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<")) and ">" in text:
        if start.startswith("<<<<<<<"):
            return f"The file holds marks of a Git merge conflict. {AGAIN}"
        return f"The file is a web page or XML, not a notebook. {AGAIN}"
    if re.search(r"^(<<<<<<< |>>>>>>> )", text, re.M):
        return f"The file holds marks of a Git merge conflict. {AGAIN}"
    if not start.startswith(("{", "[")):
        if re.search(r"^[ \t]*(import |from |def |class |#)", text[:10_000], re.M):
            return f"The file is a script or plain text, not a notebook. {AGAIN}"
        return f"The file is no notebook: it is not JSON. {AGAIN}"
    if error.msg == "Extra data":
        return f"Something follows after the end of the notebook. {AGAIN}"
    if cut:
        return (
            f"The file stops in the middle, on line {error.lineno}: saving or sending "
            f"it was cut short. {AGAIN}"
        )
    where = f"line {error.lineno}, column {error.colno}"
    return f"The file is damaged: not JSON at {where} ({error.msg}). {AGAIN}"


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
        raise Refused(
            f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read."
        )
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


def join(source: object) -> str:
    """Return a source as one string that can be written as UTF-8."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return source.encode("utf-8", "replace").decode()


def check_cells(cells: list[Found]) -> None:
    """Refuse sources of absurd length."""
    size = sum(len(cell.source) for cell in cells)
    if size > MAX_SOURCE:
        raise Refused(
            f"The cells hold {size} characters; at most {MAX_SOURCE} are read. "
            "Load data from a file instead of pasting it."
        )
