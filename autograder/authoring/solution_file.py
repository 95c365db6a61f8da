"""Read an assignment from its solution file, and say all that is wrong with it.

CONTRIBUTING.md describes the format.
"""

from __future__ import annotations

import ast
from pathlib import Path

from autograder.authoring.data_files import data_files
from autograder.authoring.percent import ID, RawCell, Reader
from autograder.model.assignment import (
    HIDDEN,
    ROLES,
    SOLUTION,
    Assignment,
    Cell,
    Role,
    mark_line,
)
from autograder.model.source_code import definitions, signature

MARK_WORDS = tuple(
    f"{side} {what}" for side in ("BEGIN", "END") for what in (SOLUTION, HIDDEN)
)
RESERVED = ("BEGIN MARK SCHEME", "END MARK SCHEME", "### AUTOTEST", "### HASHED AUTO")
ID_RULE = "Use small letters, digits and single hyphens, 64 characters at most"


def read_assignment(path: Path, text: str | None = None) -> Assignment:
    """Return the assignment of a solution file, or raise AuthoringError.

    Given the file's `text`, nothing is read, its data files neither.
    """
    reader = Reader(path, text)
    raw_cells = reader.cells(reader.header_end())
    cells = [cell_of_header(reader, raw) for raw in raw_cells]
    if not reader.problems:
        for cell in cells:
            check_cell(reader, cell)
        check_order(reader, cells)
    check_ids(reader, cells)
    reader.finish()
    files = data_files(path) if text is None else {}
    return Assignment(path.stem, path, tuple(cells), files)


def cell_of_header(reader: Reader, raw: RawCell) -> Cell:
    """Return the cell that a header describes, noting what is wrong with it."""
    keys = dict(raw.keys)
    roles = [role for role in ROLES if role in keys]
    if len(roles) != 1:
        reader.problem(
            raw.line,
            f"the cell has {len(roles)} roles" if roles else "the cell has no role",
            "Give it one of " + ", ".join(f'{role}="id"' for role in ROLES),
        )
    role: Role = roles[0] if roles else "given"
    cell_id = keys.pop(role, "")
    if roles and not (ID.fullmatch(cell_id) and len(cell_id) <= 64):
        reader.problem(raw.line, f"the id {cell_id!r} is not allowed", ID_RULE)
    if role != "given" and raw.text != (role == "written"):
        wrong = f"a {role} cell is a {'text' if raw.text else 'code'} cell"
        cure = f"{'Drop' if raw.text else 'Add'} [markdown] in its header"
        reader.problem(raw.line, wrong, cure)
    points = read_points(reader, raw, role, keys.pop("points", None))
    for key in sorted(keys.keys() - set(ROLES)):
        cure = f"The keys are {', '.join(ROLES)} and points"
        reader.problem(raw.line, f"the key {key!r} is unknown", cure)
    return Cell(cell_id, role, raw.text, raw.source, raw.line, points)


def read_points(
    reader: Reader, raw: RawCell, role: Role, text: str | None
) -> float | None:
    """Return the points of a cell, noting missing, stray and senseless ones."""
    graded = role in ("test", "written")
    if text is None:
        if graded:
            wrong = f"the {role} cell has no points"
            reader.problem(raw.line, wrong, "Add points=2 to its header")
        return None
    if not graded:
        wrong = f"a {role} cell has points"
        cure = "Points belong to test and written cells: drop them here"
        reader.problem(raw.line, wrong, cure)
        return None
    try:
        points = float(text)
    except ValueError:
        points = float("nan")
    if not (points > 0 and points * 2 % 1 == 0):
        wrong = f"points={text} is not a number of points"
        reader.problem(raw.line, wrong, "Use a positive whole or half number")
        return None
    return int(points) if points % 1 == 0 else points


def check_ids(reader: Reader, cells: list[Cell]) -> None:
    """Note ids that stand twice."""
    seen: dict[str, int] = {}
    for cell in cells:
        if cell.id and cell.id in seen:
            wrong = f"the id {cell.id!r} stands already on line {seen[cell.id]}"
            cure = "Ids are unique in an assignment: choose another"
            reader.problem(cell.line, wrong, cure)
        seen.setdefault(cell.id, cell.line)


def check_cell(reader: Reader, cell: Cell) -> None:
    """Note what is wrong inside one cell."""
    if not cell.source.strip():
        cure = "Fill it, or take it out"
        reader.problem(cell.line, f"the cell {cell.id!r} is empty", cure)
        return
    whole = check_marks(reader, cell)
    if whole and cell.role == "solution":
        check_solution(reader, cell)
    if whole and cell.role == "test":
        check_test(reader, cell)


def check_marks(reader: Reader, cell: Cell) -> bool:
    """Note marks that are unclosed, nested, misspelt or in the wrong cell."""
    before = len(reader.problems)
    allowed = {"solution": SOLUTION, "test": HIDDEN}.get(cell.role, "")
    opened = 0
    for number, line in enumerate(cell.source.split("\n"), cell.line + 1):
        word = next((word for word in MARK_WORDS if word in line), None)
        if any(reserved in line for reserved in RESERVED):
            cure = "nbgrader would read it as an order of its own: write it otherwise"
            reader.problem(number, f"{line.strip()!r} is reserved", cure)
        if word is None:
            continue
        side, _, what = word.partition(" ")
        if what != allowed:
            home = "solution" if what == SOLUTION else "test"
            wrong = f"the mark {word} stands in a {cell.role} cell"
            cure = f"It belongs in a {home} cell: move or drop it"
            reader.problem(number, wrong, cure)
        elif line.strip() != mark_line(what, side):
            cure = f"Write {mark_line(what, side)!r} alone on its line"
            reader.problem(number, f"the mark {line.strip()!r} is misspelt", cure)
        elif (side == "BEGIN") == bool(opened):
            wrong = f"{line.strip()!r} comes " + (
                f"before the mark of line {opened} is closed"
                if opened
                else "where no mark is open"
            )
            reader.problem(number, wrong, "Marks come in pairs, BEGIN and then END")
        else:
            opened = number if side == "BEGIN" else 0
    if opened:
        cure = f"Add {mark_line(allowed, 'END')!r} below what it opens"
        reader.problem(opened, "this mark is never closed", cure)
    return len(reader.problems) == before


def check_solution(reader: Reader, cell: Cell) -> None:
    """Note a solution cell that does not define one thing with marks inside."""
    if mark_line(SOLUTION, "BEGIN") not in cell.source:
        cure = (
            f"Put {mark_line(SOLUTION, 'BEGIN')!r} and END around what students write"
        )
        reader.problem(cell.line, f"the solution {cell.id!r} has no marks", cure)
        return
    body = ast.parse(cell.source).body
    found = definitions(cell.source)
    if len(body) != 1 or len(found) != 1:
        wrong = f"the solution {cell.id!r} holds {len(body)} statements"
        cure = "It defines one function or one class and nothing else: move the rest"
        reader.problem(cell.line, wrong, cure)
        return
    try:
        released = definitions(cell.released)
    except SyntaxError as error:
        wrong = f"without its solution {cell.id!r} is not Python ({error.msg})"
        cure = "The marks have to stand around whole statements, indented like them"
        reader.problem(cell.line, wrong, cure)
        return
    if [signature(node) for node in released] != [signature(found[0])]:
        wrong = f"the signature of {found[0].name} stands between the marks"
        cure = "Students need it: start the mark below the docstring"
        reader.problem(cell.line, wrong, cure)
    elif not all(ast.get_docstring(node) for node in released):
        wrong = f"students do not get a docstring for {found[0].name}"
        cure = "Write one, above the mark"
        reader.problem(cell.line, wrong, cure)


def check_test(reader: Reader, cell: Cell) -> None:
    """Note a test cell that does not end in an assert, or is empty once released."""
    body = ast.parse(cell.source).body
    if not body or not ends_in_assert(body):
        wrong = f"the test {cell.id!r} does not end in an assert"
        cure = "Its last statement is an assert: a last value would become the mark"
        reader.problem(cell.line, wrong, cure)
    if not cell.released.strip():
        wrong = f"students would get {cell.id!r} as an empty cell"
        cure = "Put a comment above the hidden tests that says what they look at"
        reader.problem(cell.line, wrong, cure)
    try:
        ast.parse(cell.released)
    except SyntaxError as error:
        wrong = f"without its hidden tests {cell.id!r} is not Python ({error.msg})"
        cure = "The marks have to stand around whole statements"
        reader.problem(cell.line, wrong, cure)


def ends_in_assert(body: list[ast.stmt]) -> bool:
    """Whether the last statement asserts, inside a block or not."""
    last = body[-1]
    if isinstance(last, ast.Try):
        ends = [last.body, last.orelse, last.finalbody]
        ends += [handler.body for handler in last.handlers]
        return any(ends_in_assert(part) for part in ends if part)
    if isinstance(last, (ast.For, ast.With, ast.If)):
        return ends_in_assert(last.body)
    return isinstance(last, ast.Assert)


def check_order(reader: Reader, cells: list[Cell]) -> None:
    """Note a first code cell that is not given, and an answer with no question."""
    code = [cell for cell in cells if not cell.text]
    if code and code[0].role != "given":
        cure = 'Start with `# %% given="imports"`, which imports all that is needed'
        reader.problem(code[0].line, "the first code cell is not given", cure)
    for before, cell in zip([None, *cells], cells, strict=False):
        if cell.role == "written" and not (
            before and before.text and before.role == "given"
        ):
            cure = "Put a given text cell with the question above it"
            reader.problem(cell.line, f"the answer {cell.id!r} has no question", cure)
