"""Who is who: a table of the class tells which id a student has in the gradebook."""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course import CourseError

IDS = (
    *("student_id", "student id", "id number", "username", "user name"),
    *("sis login id", "login id", "email address", "email", "id"),
)
TEAM_COLUMN = r"(?i)gr[ou]|team"
PLATFORMS_OWN = (
    r"(?i)^\W*(?:(?:canvas|moodle|user|ilias|lms)[ _]?)*(?:id|identifier)\W*$"
)
NUMBER_COLUMN = r"(?i)(?:^|[^a-z])(?:id|sid|number|nr|no|user|login|e-?mail)|identif"


@dataclass(frozen=True)
class Roster:
    """The rows of a table of the class, and which column holds the id."""

    path: Path
    column: str
    rows: tuple[dict[str, str], ...]

    @cached_property
    def by_name(self) -> dict[str, list[dict[str, str]]]:
        """Return the rows by each name that they give somebody."""
        found = defaultdict(list)
        for row in self.rows:
            for name in names_in(row):
                found[name].append(row)
        return dict(found)

    @cached_property
    def by_letters(self) -> dict[str, list[dict[str, str]]]:
        """Return the rows by names as Canvas writes them: "lovelaceada"."""
        found = defaultdict(list)
        for row in self.rows:
            names = names_in(row)
            turned = {
                " ".join([*name.split()[-1:], *name.split()[:-1]]) for name in names
            }
            for name in {re.sub(r"[\W_]", "", name) for name in names | turned} - {""}:
                found[name].append(row)
        return dict(found)

    def find(
        self, student: str, key: str | None, names: tuple[str, ...] = ()
    ) -> dict[str, str]:
        """Return the row of a student, by name, or else by the platform's number.

        The number chooses among people of one name. By itself it tells less, since it
        may also be the id that the course has given somebody else.

        Raises:
            LookupError: if none fits, or several do.

        """
        by_key = [row for row in self.rows if key and has_key(row, key)]
        called: list[dict[str, str]] = []
        for name in (student, *names):
            called = called or self.by_name.get(normalise_name(name), [])
        called = called or self.by_letters.get(student.casefold(), [])
        fit = [row for row in by_key if row in called] or called
        fit = fit or [row for row in by_key if self.has_platforms_own(row, key or "")]
        shown = f"{student!r} ({key})" if key else repr(student)
        if len(fit) != 1:
            what = f"{len(fit)} rows" if fit else "no row"
            raise LookupError(f"{what} of {self.path.name} for {shown}")
        if not self.id_of(fit[0]):
            raise LookupError(f"no {self.column!r} in {self.path.name} for {shown}")
        return fit[0]

    def has_platforms_own(self, row: dict[str, str], key: str) -> bool:
        """Whether a number in a row is the platform's, and no id of the course's."""
        rest = {head: cell for head, cell in row.items() if head != self.column}
        return has_key(rest, key, PLATFORMS_OWN)

    def team(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a team, if a column of teams has the name."""
        wanted = normalise_name(name)
        return [
            row
            for row in self.rows
            if any(
                normalise_name(cell) == wanted and re.search(TEAM_COLUMN, head)
                for head, cell in row.items()
            )
        ]

    def knows(self, name: str) -> bool:
        """Whether anybody has this name or id, also after an assignment's."""
        ends = {name, *(name[dash + 1 :] for dash in dashes(name))}
        return any(normalise_name(end) in self.by_name for end in ends)

    def id_of(self, row: dict[str, str]) -> str:
        """Return the id that a row gives."""
        return row.get(self.column, "").strip()

    def ids(self) -> list[str]:
        """Return the ids of the class, in the table's order."""
        return [known for row in self.rows if (known := self.id_of(row))]

    def row_of(self, known: str) -> dict[str, str] | None:
        """Return the row of an id."""
        rows = (row for row in self.rows if self.id_of(row) == known)
        return next(rows, None)


def read_roster(path: Path, column: str | None) -> Roster:
    """Read a table of the class: CSV with a line of headings.

    Raises:
        CourseError: if it can't be read, or has no column of ids.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        raise CourseError(f"{path} cannot be read: {why}.") from error
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8. Save it as CSV, UTF-8.") from None
    first, _, rest = text.partition("\n")
    if first.startswith("sep="):  # Excel's, for itself
        first, text = rest.partition("\n")[0], rest
    delimiter = max(",;\t", key=first.count)
    table = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    heads = {str(head).strip().casefold(): head for head in table.fieldnames or ()}
    wanted = [column.casefold()] if column else list(IDS)
    found = next((heads[name] for name in wanted if name in heads), None)
    if found is None:
        there = ", ".join(heads) or "none"
        what = f"no column {column!r}" if column else "no column of ids"
        cure = "Name the one that holds the ids with --id COLUMN."
        raise CourseError(f"{path} has {what}; its columns are: {there}. {cure}")
    rows = [{k: v or "" for k, v in row.items() if k} for row in table]
    return Roster(path, found, tuple(rows))


def has_key(row: dict[str, str], key: str, column: str = NUMBER_COLUMN) -> bool:
    """Whether a cell is the platform's number, alone or as "Participant 123"."""
    for head, cell in row.items():
        if key not in cell:
            continue
        if cell.strip() == key and re.search(column, head):
            return True
        if re.fullmatch(rf"\D+\s{re.escape(key)}", cell.strip()):
            return True
    return False


def names_in(row: dict[str, str]) -> set[str]:
    """Return what may be a name in a row: a cell, or two of them, in either order."""
    cells = [normalise_name(cell) for cell in row.values()]
    pairs = [" ".join(pair) for pair in itertools.permutations(cells, 2) if all(pair)]
    return {*cells, *pairs} - {""}


def normalise_name(name: str) -> str:
    """Return a name without case and odd spaces; "Lovelace, Ada" is "Ada Lovelace"."""
    last, comma, first = unicodedata.normalize("NFC", name).partition(",")
    return " ".join(f"{first} {last}".split() if comma else last.split()).casefold()


def dashes(name: str) -> list[int]:
    """Return where a name has a hyphen."""
    return [place for place, letter in enumerate(name[:200]) if letter == "-"]
