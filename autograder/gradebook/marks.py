"""Read marks from nbgrader's gradebook."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograder.course import Course, CourseError
from autograder.gradebook.errors import find_alembic


@dataclass(frozen=True)
class Marks:
    """One student's marks: {cell: score}; those that wait for a person."""

    scores: dict[str, float]
    waiting: dict[str, float]
    comments: dict[str, str]
    rejected: bool = False
    penalty: float = 0.0

    @property
    def score(self) -> float:
        """The sum of the marks given so far."""
        return sum(self.scores.values())


@contextmanager
def opened(course: Course) -> Iterator[Any]:
    """Yield the gradebook; say so if it cannot be read."""
    find_alembic()
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SAWarning, SQLAlchemyError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's way with sessions
            with Gradebook(course.db_url, course.course_id) as book:
                yield book
    except SQLAlchemyError as error:
        raise CourseError(
            f"The gradebook {course.gradebook or ''} cannot be used: {error}. If the "
            "disk is full, free some space; if it is damaged, put back a copy of it."
        ) from error


def read_marks(course: Course, name: str) -> dict[str, Marks]:
    """Return {student: marks} of all that the gradebook has of an assignment."""
    from nbgrader.api import MissingEntry

    with opened(course) as book:
        try:
            assignment = book.find_assignment(name)
        except MissingEntry:
            return {}
        return {s.student.id: marks_of(s) for s in assignment.submissions}


def marks_of(submission: Any) -> Marks:
    """Return the marks of one submission."""
    grades = {g.name: g for n in submission.notebooks for g in n.grades}
    comments = {c.name: c.comment for n in submission.notebooks for c in n.comments}
    unmarked = {k: g for k, g in grades.items() if g.needs_manual_grade}
    return Marks(
        {name: number(grade.score) for name, grade in sorted(grades.items())},
        {name: number(grade.max_score) for name, grade in sorted(unmarked.items())},
        {name: text for name, text in sorted(comments.items()) if text},
        # the machine gives a written answer no mark, and asks for none of a test
        any(
            grade.auto_score is not None and grade.manual_score is None
            for grade in unmarked.values()
        ),
        sum(number(n.late_submission_penalty) for n in submission.notebooks),
    )


def number(points: float | None) -> float:
    """Return points as a whole number where they are one."""
    points = points or 0.0
    return int(points) if points % 1 == 0 else points
