"""The class as the gradebook knows it: nbgrader's own table of students.

`collect --roster`, `nbgrader db student import` and grading itself fill it, formgrader
shows it, and whoever stands in it without a submission has handed in nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from autograder.course import Course
from autograder.files import lock_file
from autograder.gradebook.errors import nbgrader_errors
from autograder.gradebook.marks import opened
from autograder.gradebook.transactions import patiently, transaction
from autograder.intake.notebook_file import fold_name


@dataclass(frozen=True)
class Person:
    """A student as a table of the class has them; None where it doesn't say."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Remembered:
    """What became of a class that was to be remembered.

    `spelt` are the ids that stand in the gradebook in another spelling, with that one.
    """

    known: int
    new: int
    spelt: dict[str, str]


def remember_people(course: Course, people: Iterable[Person]) -> Remembered:
    """Add a class to the gradebook, and names to those who stand there without."""
    everyone = {person.id: person for person in people}
    lock = course.build / "autograder" / "gradebook.lock"
    with nbgrader_errors("The roster could not be remembered"), lock_file(lock):
        with opened(course) as book:
            return patiently(lambda: record_people(book, everyone), "written")


def record_people(book: Any, everyone: dict[str, Person]) -> Remembered:
    """Record a class in one transaction.

    nbgrader's API commits student by student: 5000 take a minute, and a kill between
    two leaves half a class. New ones are inserted at once.
    """
    from nbgrader.api import Student
    from sqlalchemy import insert

    with transaction(book):
        there = {student.id: student for student in book.students}
        folded = {fold_name(student): student for student in there}
        alike = {
            who: folded[fold_name(who)]
            for who in everyone.keys() - there.keys()
            if fold_name(who) in folded
        }
        new = [
            asdict(p) for who, p in everyone.items() if who not in {**there, **alike}
        ]
        for who in everyone.keys() & there.keys():
            given = {k: v for k, v in asdict(everyone[who]).items() if v}
            for column, value in given.items():
                if getattr(there[who], column) != value:
                    setattr(there[who], column, value)
        if new:
            book.db.execute(insert(Student.__table__), new)
    return Remembered(len(everyone) - len(alike), len(new), dict(sorted(alike.items())))


def list_students(course: Course, name: str) -> tuple[list[str], list[str]]:
    """Return the ids of the class, and of those with no submission of an assignment."""
    if course.gradebook and not course.gradebook.exists():
        return [], []
    from nbgrader.api import Assignment, Student, SubmittedAssignment

    with opened(course) as book:
        everyone = [who for (who,) in book.db.query(Student.id).order_by(Student.id)]
        have = (
            book.db.query(SubmittedAssignment.student_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(Assignment.name == name)
        )
        submitted = {who for (who,) in have}
    return everyone, [who for who in everyone if who not in submitted]
