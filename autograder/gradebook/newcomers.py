"""First marks of many students at once.

nbgrader's API makes a submission from some sixty objects, one student after another.
Here the same rows go into the same tables, those of nbgrader's models, in five
statements. What is not a first hand-in in time is left to the API.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from autograder.gradebook.entry import Entry, as_time, automatic_comment, mark_columns

Row = dict[str, Any]


class Newcomers:
    """The students who have no submission of an assignment yet."""

    def __init__(self, gradebook: Any, name: str) -> None:
        self.db = gradebook.db
        self.assignment = gradebook.find_assignment(name)
        self.notebooks = list(self.assignment.notebooks)
        self.plain = [n.name for n in self.notebooks] == [name] and not any(
            list(notebook.task_cells) for notebook in self.notebooks
        )

    def add(self, pages: list[Entry]) -> list[Entry]:
        """Add first hand-ins to the gradebook; return the pages that are none."""
        if not self.plain:
            return pages
        students = [page.verdict.student for page in pages]
        had = self.with_submission(students)
        due = self.assignment.duedate
        fresh: list[Entry] = []
        rest: list[Entry] = []
        for page in pages:
            when = as_time(page.timestamp)
            late = due is not None and when is not None and when > due
            known = page.verdict.student in had
            (rest if late or known else fresh).append(page)
        if fresh:
            self.insert(fresh)
        return rest

    def with_submission(self, students: list[str]) -> set[str]:
        """Return which students have a submission."""
        from nbgrader.api import SubmittedAssignment as Submitted

        own = self.db.query(Submitted.student_id).filter(
            Submitted.assignment_id == self.assignment.id,
            Submitted.student_id.in_(students),
        )
        return {student for (student,) in own}

    def insert(self, pages: list[Entry]) -> None:
        """Insert the rows of first hand-ins, table by table."""
        from nbgrader.api import Student
        from sqlalchemy import insert

        rows: dict[Any, list[Row]] = defaultdict(list)
        rows[Student] = [{"id": student} for student in self.unknown(pages)]
        for page in pages:
            for model, row in self.rows(page):
                rows[model].append(row)
        for model, values in rows.items():
            if values:
                self.db.execute(insert(model.__table__), values)

    def rows(self, page: Entry) -> Iterator[tuple[Any, Row]]:
        """Yield the rows of one hand-in, each after those that it refers to."""
        from nbgrader import api

        (notebook,) = self.notebooks
        submission, submitted = api.new_uuid(), api.new_uuid()
        yield (
            api.SubmittedAssignment,
            {
                "id": submission,
                "assignment_id": self.assignment.id,
                "student_id": page.verdict.student,
                "timestamp": as_time(page.timestamp),
            },
        )
        ids = {"assignment_id": submission, "notebook_id": notebook.id}
        yield api.SubmittedNotebook, {"id": submitted, **ids}
        graded, answers = self.cells
        for cell, name in graded.items():
            ids = {"cell_id": cell, "notebook_id": submitted}
            yield api.Grade, {"id": api.new_uuid(), **ids, **mark_columns(page, name)}
        for cell, name in answers.items():
            ids = {"cell_id": cell, "notebook_id": submitted}
            said = {"auto_comment": automatic_comment(page, name)}
            yield api.Comment, {"id": api.new_uuid(), **ids, **said}

    @cached_property
    def cells(self) -> tuple[dict[str, str], dict[str, str]]:
        """The names of the graded cells, and of those for answers, by their ids."""
        (notebook,) = self.notebooks
        kinds = notebook.grade_cells, notebook.solution_cells
        graded, answers = ({cell.id: cell.name for cell in cells} for cells in kinds)
        return graded, answers

    def unknown(self, pages: Iterable[Entry]) -> Iterator[str]:
        """Yield the students that the gradebook does not know at all."""
        from nbgrader.api import Student

        students = [page.verdict.student for page in pages]
        known = self.db.query(Student.id).filter(Student.id.in_(students))
        yield from sorted(set(students) - {student for (student,) in known})
