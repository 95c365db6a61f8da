"""Read mistakes.py: wrong answers, other right answers, sample written answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.percent import ID, RawCell, Reader, read_source
from autograder.model.assignment import HIDDEN, SOLUTION, Assignment
from autograder.model.source_code import definitions, signature

CATALOGUE = "mistakes.py"
KEYS_OF_KIND = {
    "mistake": {"mistake", "of", "fails"},
    "right": {"right", "of"},
    "answer": {"answer", "of", "points"},
}


@dataclass(frozen=True)
class Mistake:
    """A wrong version of the solution cell `of`: `fails` are the tests it loses."""

    name: str
    of: str
    fails: tuple[str, ...]
    hint: str
    see: str
    source: str
    line: int


@dataclass(frozen=True)
class Right:
    """Another right version of the solution cell `of`, in the style `name`."""

    name: str
    of: str
    source: str
    line: int


@dataclass(frozen=True)
class Answer:
    """A student's answer to the written question `of`, and what it is worth."""

    name: str
    of: str
    points: float
    source: str
    line: int


@dataclass(frozen=True)
class Catalogue:
    """All of one mistakes.py."""

    path: Path
    mistakes: tuple[Mistake, ...]
    rights: tuple[Right, ...]
    answers: tuple[Answer, ...]

    def styles(self) -> dict[str, dict[str, str]]:
        """Return the right versions of each style: {style: {solution: source}}."""
        styles: dict[str, dict[str, str]] = {}
        for right in self.rights:
            styles.setdefault(right.name, {})[right.of] = right.source
        return styles

    def of(self, solution: str) -> tuple[Mistake, ...]:
        """Return the mistakes of one solution cell."""
        return tuple(m for m in self.mistakes if m.of == solution)


def catalogue_text(solution: Path) -> str | None:
    """Return the text of the catalogue beside a solution file, if there is one."""
    path = solution.with_name(CATALOGUE)
    return read_source(path) if path.is_file() else None


def read_catalogue(assignment: Assignment, text: str | None = None) -> Catalogue:
    """Return the catalogue beside an assignment, or that of a text.

    Raises:
        AuthoringError: if it cannot be read as it stands.

    """
    path = assignment.path.with_name(CATALOGUE)
    reader = Reader(path, text)
    mistakes, rights, answers = [], [], []
    for raw in reader.cells(0, preamble=True):
        kind = check_keys(reader, raw, assignment)
        if kind == "mistake":
            mistakes.append(make_mistake(reader, raw, assignment))
        elif kind == "right":
            check_version(reader, raw, assignment)
            keys = raw.keys
            rights.append(Right(keys["right"], keys["of"], raw.source, raw.line))
        elif kind == "answer":
            answers.append(make_answer(reader, raw, assignment))
    check_unique(reader, mistakes, rights)
    reader.finish()
    return Catalogue(path, tuple(mistakes), tuple(rights), tuple(answers))


def check_keys(reader: Reader, raw: RawCell, assignment: Assignment) -> str | None:
    """Return the kind of a cell, or None after noting what its header lacks."""
    found = [kind for kind in KEYS_OF_KIND if kind in raw.keys]
    if len(found) != 1:
        cure = 'Start it with mistake="name", right="style" or answer="name"'
        reader.problem(raw.line, "the cell is of no known kind", cure)
        return None
    kind, before = found[0], len(reader.problems)
    for key in sorted(KEYS_OF_KIND[kind] ^ raw.keys.keys()):
        missing = key in KEYS_OF_KIND[kind]
        reader.problem(
            raw.line,
            f"the key {key!r} is {'missing' if missing else 'unknown'}",
            f"A {kind} has the keys {', '.join(sorted(KEYS_OF_KIND[kind]))}",
        )
    if not ID.fullmatch(raw.keys[kind]):
        cure = "Use small letters, digits and single hyphens"
        reader.problem(raw.line, f"the name {raw.keys[kind]!r} is not allowed", cure)
    role = "written" if kind == "answer" else "solution"
    ids = [cell.id for cell in assignment.cells if cell.role == role]
    if "of" in raw.keys and raw.keys["of"] not in ids:
        cure = f"{assignment.path.name} has {', '.join(ids)}"
        reader.problem(raw.line, f"there is no {role} cell {raw.keys['of']!r}", cure)
    return kind if len(reader.problems) == before else None


def make_mistake(reader: Reader, raw: RawCell, assignment: Assignment) -> Mistake:
    """Return a mistake, noting what is wrong with it."""
    check_version(reader, raw, assignment)
    fails = tuple(raw.keys["fails"].split())
    tests = [cell.id for cell in assignment.role("test")]
    for test in fails:
        if test not in tests:
            cure = f"{assignment.path.name} has {', '.join(tests)}"
            reader.problem(raw.line, f"there is no test {test!r}", cure)
    if not fails:
        cure = "A mistake that loses nothing is none: name the tests it fails"
        reader.problem(raw.line, "`fails` is empty", cure)
    hint, see = comment(raw.source, "hint"), comment(raw.source, "see")
    for key, value in (("hint", hint), ("see", see)):
        if not value:
            cure = f"Add a line `# {key}: …` at the top of the cell"
            reader.problem(raw.line, f"the mistake has no {key}", cure)
    name, of = raw.keys["mistake"], raw.keys["of"]
    return Mistake(name, of, fails, hint, see, without_comments(raw), raw.line)


def make_answer(reader: Reader, raw: RawCell, assignment: Assignment) -> Answer:
    """Return a sample written answer, noting points that make no sense."""
    of = assignment.by_id[raw.keys["of"]]
    try:
        points = float(raw.keys["points"])
    except ValueError:
        points = -1
    if not (raw.text and 0 <= points <= (of.points or 0)):
        wrong = "an answer is a text cell with points from 0 to those of its question"
        cure = f'Write `# %% [markdown] answer="name" of="{of.id}" points=1`'
        reader.problem(raw.line, wrong, cure)
    return Answer(raw.keys["answer"], of.id, points, raw.source, raw.line)


def comment(source: str, key: str) -> str:
    """Return what `# key: …` says at the top of a source, continued lines joined."""
    top = re.match(r"(?:#.*\n|\s*\n)*", source + "\n")
    lines = top[0] if top else ""
    found = re.search(rf"^# {key}: ?(.*(?:\n# (?!\w+: ).*)*)", lines, re.M)
    return " ".join(found[1].replace("\n#", " ").split()) if found else ""


def without_comments(raw: RawCell) -> str:
    """Return a mistake's code without the comments at its top."""
    return re.sub(r"\A(?:#.*\n|\s*\n)*", "", raw.source)


def check_version(reader: Reader, raw: RawCell, assignment: Assignment) -> None:
    """Note a version that does not define what its solution cell defines."""
    if raw.text:
        reader.problem(raw.line, "this is a text cell", "Drop [markdown]")
        return
    reference = assignment.by_id[raw.keys["of"]]
    wanted = definitions(reference.source)[0]
    try:
        found = [node for node in definitions(raw.source) if node.name == wanted.name]
    except SyntaxError:
        return
    if [signature(node) for node in found] != [signature(wanted)]:
        got = ", ".join(map(signature, found)) or "nothing of that name"
        wrong = f"it defines {got}, and not {signature(wanted)}"
        cure = f"Keep the signature that stands in {assignment.path.name}"
        reader.problem(raw.line, wrong, cure)
    for what in (SOLUTION, HIDDEN):
        if f"BEGIN {what}" in raw.source:
            reader.problem(raw.line, "it holds nbgrader's marks", "Drop them")


def check_unique(reader: Reader, mistakes: list[Mistake], rights: list[Right]) -> None:
    """Note names and hints that stand twice."""
    seen: dict[tuple[str, ...], int] = {}
    named: list[tuple[tuple[str, ...], int]] = []
    named += [(("name", m.name), m.line) for m in mistakes]
    named += [(("hint", m.hint), m.line) for m in mistakes if m.hint]
    named += [(("style and solution", r.name, r.of), r.line) for r in rights]
    for key, line in named:
        if key in seen:
            wrong = f"this {key[0]} stands already on line {seen[key]}: {key[1]!r}"
            reader.problem(line, wrong, "Each mistake has its own")
        seen.setdefault(key, line)
