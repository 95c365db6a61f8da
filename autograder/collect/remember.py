"""Remember a table of the class in the gradebook, so that nobody in it is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.collect.people import tidy
from autograder.collect.roster import Roster
from autograder.course import Course
from autograder.gradebook.students import Person, remember_people
from autograder.intake.handed_in import STUDENT
from autograder.report.progress import count

FIRST_NAMES = ("first name", "first_name", "firstname", "given name", "given names")
LAST_NAMES = ("last name", "last_name", "lastname", "surname", "family name")
EMAILS = ("email address", "email", "e-mail", "e-mail address", "email_address")
FULL_NAMES = ("student", "name", "full name", "student name")
LONGEST_COLUMN = 128  # as the gradebook's columns are
MOST_SPELT = 5


def remember_roster(course: Course, roster: Roster) -> Iterator[str]:
    """Add all students of a roster to the gradebook; yield what there is to say."""
    ids = [(tidy(roster.id_of(row)), row) for row in roster.rows]
    usable = [(who, row) for who, row in ids if is_id(who)]
    people = {who: person_in(who, row) for who, row in usable}
    done = remember_people(course, people.values())
    yield (
        f"{count(done.known, 'student')} of {roster.path.name} in the gradebook, "
        f"{done.new} of them new"
    )
    if left := len(ids) - len(usable):
        yield f"  {count(left, 'row')} without an id in {roster.column!r} left out"
    for who, other in list(done.spelt.items())[:MOST_SPELT]:
        yield f"  {who!r} stands there as {other!r}: use one spelling"


def is_id(text: str) -> bool:
    """Whether a cell of a table can be a student's id."""
    return bool(STUDENT.fullmatch(text)) and text.isprintable()


def person_in(who: str, row: dict[str, str]) -> Person:
    """Return the student of a row, with what its columns say of their name."""
    row = {head.strip().casefold(): cell for head, cell in row.items()}
    last, comma, first = first_of(FULL_NAMES, row).partition(",")
    full = (first.strip(), last.strip()) if comma else ("", "")
    told = (first_of(FIRST_NAMES, row) or full[0], first_of(LAST_NAMES, row) or full[1])
    parts = (part[:LONGEST_COLUMN] or None for part in (*told, first_of(EMAILS, row)))
    return Person(who, *parts)


def first_of(heads: tuple[str, ...], row: dict[str, str]) -> str:
    """Return the first of some columns that says something, without odd spaces."""
    cells = (" ".join(row.get(head, "").split()) for head in heads)
    return next(filter(None, cells), "")
