"""Say what was changed in a notebook that students should leave alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from autograder.model.assignment import Assignment, Cell
from autograder.model.submission import Found

FEW_IDS = 2
PLURAL = {"is": "are", "was": "were", "has": "have", "stands": "stand"}
SKIPPING = {"skip-execution", "raises-exception"}
TRUSTED = ("points", "grade", "solution", "locked", "task", "schema_version")


def is_of_another(
    found: list[Found], assignment: Assignment, placed: Collection[str]
) -> bool:
    """Whether graded cells are there, and all are of another assignment."""
    graded = {cell.id for cell in assignment.cells if cell.role != "given"}
    written = {cell.id for cell in assignment.role("written")}  # looked for anywhere
    own = graded.intersection(placed) - written
    own |= graded.intersection(cell.grade_id or cell.cell_id or "" for cell in found)
    return not own and any(cell.nbgrader.get("grade") for cell in found)


def report_oddities(
    found: list[Found],
    assignment: Assignment,
    claims: dict[str, list[int]],
    placed: Collection[str],
) -> Iterator[str]:
    """Yield what is odd about copies of cells; `placed` are the ids that were found."""
    odd: dict[tuple[str, str], list[str]] = {}
    for cell in assignment.cells:
        if not cell.text or cell.role == "written":
            copies = [found[position] for position in claims[cell.id]]
            for what in find_oddities(cell, copies, cell.id in placed):
                odd.setdefault((cell.role, what), []).append(cell.id)
    yield from (tell_odd(*key, ids) for key, ids in odd.items())
    unknown = {
        f.grade_id for f in found if f.grade_id is not None and f.grade_id not in claims
    }
    if unknown:
        shown = ", ".join(sorted(ascii(wanted[:40]) for wanted in unknown)[:5])
        yield f"cells with unknown ids: {shown}"


def find_oddities(cell: Cell, copies: list[Found], is_there: bool) -> Iterable[str]:
    """Yield what is odd about the copies of one cell."""
    if not copies and not is_there:
        yield "is missing"
    if len(copies) > 1:
        yield f"stands {len(copies)} times"
    edited = cell.role in ("given", "test")
    if edited and any(not same_source(copy.source, cell.released) for copy in copies):
        yield "was edited"
    if any(copy.kind != ("markdown" if cell.text else "code") for copy in copies):
        yield "became a cell of another kind"
    if skipping := SKIPPING.intersection(t for copy in copies for t in copy.tags):
        yield f"has the tag {min(skipping)}"
    wrong = {key for copy in copies for key in find_changed_keys(copy, cell)}
    if wrong:
        yield f"has other metadata ({', '.join(sorted(wrong))})"


def tell_odd(role: str, what: str, ids: list[str]) -> str:
    """Return what is odd about some cells of one role."""
    if len(ids) <= FEW_IDS:
        return "; ".join(f"{role} {wanted!r} {what}" for wanted in ids)
    verb, _, rest = what.partition(" ")
    some = ", ".join(map(repr, ids[:FEW_IDS]))
    return (
        f"{role}s {some} and {len(ids) - FEW_IDS} more {PLURAL.get(verb, verb)} {rest}"
    )


def same_source(one: str, other: str) -> bool:
    """Whether two sources are the same but for spaces at line ends and blank ends."""
    return one == other or bare_source(one) == bare_source(other)


def bare_source(source: str) -> str:
    """Return a source without spaces at line ends and blank ends."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def find_changed_keys(copy: Found, cell: Cell) -> Iterable[str]:
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
