"""The one writer of the gradebook, through nbgrader's API.

What `nbgrader autograde` leaves in the gradebook is what this leaves. A student's marks
are one transaction: a kill leaves the old ones or the new ones. Manual marks, extra
credit and comments of people are never touched.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.files import lock_file
from autograder.gradebook.entry import Entry, as_time, automatic_comment, mark_columns
from autograder.gradebook.errors import nbgrader_errors, quiet_api
from autograder.gradebook.newcomers import Newcomers
from autograder.gradebook.penalties import Penalties
from autograder.gradebook.transactions import patiently, prepared, transaction
from autograder.model.assignment import Assignment


class Writer:
    """Writes verdicts on one assignment; use it as a context manager."""

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self.course = course
        self.assignment = assignment
        self.lock = course.build / "autograder" / "gradebook.lock"

    def __enter__(self) -> Writer:
        """Open the gradebook, and see that the assignment was released as it is."""
        with nbgrader_errors("The gradebook could not be opened"):
            self.course.build.mkdir(parents=True, exist_ok=True)
            with lock_file(self.lock):
                self.gradebook = patiently(self.open, "opened")
        try:
            self.check_released()
            self.penalties = Penalties(self.course)
        except BaseException:
            self.gradebook.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close the gradebook."""
        self.gradebook.close()

    def open(self) -> Any:
        """Return nbgrader's gradebook, whose API commits when we say so."""
        from nbgrader.api import Gradebook

        quiet_api()
        gradebook = Gradebook(self.course.db_url, self.course.course_id)
        gradebook.db().expire_on_commit = False
        return gradebook

    def check_released(self) -> None:
        """Raise CourseError if the gradebook knows the assignment otherwise."""
        name = self.assignment.name
        cure = f"Run `python -m autograder release {name}` first."
        from nbgrader.api import MissingEntry

        try:
            notebook = self.gradebook.find_notebook(name, name)
        except MissingEntry:
            why = f"The gradebook does not know the assignment {name!r}. {cure}"
            raise CourseError(why) from None
        self.cells = {cell.id: cell.name for cell in notebook.solution_cells}
        self.cells |= {cell.id: cell.name for cell in notebook.grade_cells}
        known = {cell.name: cell.max_score for cell in notebook.grade_cells}
        wanted = {cell.id: float(cell.points or 0) for cell in self.assignment.graded}
        if known != wanted:
            cells = ", ".join(
                sorted({cell for cell, _ in known.items() ^ wanted.items()})
            )
            raise CourseError(
                f"{name!r} was changed since it was released ({cells}). {cure}"
            )

    def path(self, student: str) -> Path:
        """Return the folder of a student's autograded notebook."""
        return self.course.graded(student, self.assignment.name).parent

    def holds(self, page: Entry) -> bool:
        """Whether all that a page says has been written before."""
        verdict = page.verdict
        folder = self.path(verdict.student)
        try:
            for name, content in self.files(page).items():
                if name != "timestamp.txt" and (folder / name).read_bytes() != content:
                    return False
        except OSError:
            return False
        found = self.found(verdict.student)
        if found is None:
            return False
        submission = found.assignment
        return (
            {self.cells[g.cell_id]: g.auto_score for g in found.grades}
            == {key: cell.points for key, cell in verdict.cells.items()}
            and submission.timestamp == as_time(page.timestamp)
            and found.late_submission_penalty == self.penalties.due(submission, found)
        )

    def found(self, student: str) -> Any:
        """Return a student's notebook in the gradebook as it is now, or None."""
        from nbgrader.api import MissingEntry

        name = self.assignment.name
        self.gradebook.db.expire_all()  # another program may have written since
        try:
            return patiently(
                lambda: self.gradebook.find_submission_notebook(name, name, student),
                "read",
            )
        except MissingEntry:
            return None

    def write(self, pages: list[Entry]) -> None:
        """Write marks and notebooks in one transaction, each student's whole or not."""
        if not pages:
            return
        with ExitStack() as stack:
            stack.enter_context(lock_file(self.lock))
            for page in pages:
                folder = self.path(page.verdict.student)
                stack.enter_context(prepared(folder, self.files(page)))
            patiently(lambda: self.record(pages), "written")
        self.gradebook.db.expunge_all()  # what is in memory does not grow

    def files(self, page: Entry) -> dict[str, bytes]:
        """Return the files of an autograded folder."""
        files = {f"{self.assignment.name}.ipynb": page.notebook}
        if page.timestamp is not None:
            files["timestamp.txt"] = page.timestamp.encode()
        if page.secret is not None:
            files["submission_secret.txt"] = page.secret.encode()
        return files

    def record(self, pages: list[Entry]) -> None:
        """Record marks in one transaction."""
        with transaction(self.gradebook) as gradebook:
            gradebook.db.expire_all()
            newcomers = Newcomers(gradebook, self.assignment.name)
            for page in newcomers.add(pages):
                self.record_one(gradebook, page)

    def record_one(self, gradebook: Any, page: Entry) -> None:
        """Record one student's marks through nbgrader's API."""
        name, when = self.assignment.name, as_time(page.timestamp)
        gradebook.update_or_create_student(page.verdict.student)
        given = {} if when is None else {"timestamp": when}
        with gradebook.db.no_autoflush:
            submission = gradebook.update_or_create_submission(
                name, page.verdict.student, **given
            )
        for notebook in submission.notebooks:
            if notebook.name == name:
                record_notebook(notebook, self.cells, page)
                gradebook.db.flush()
                self.penalties.record(gradebook, submission, notebook)


def released_names(course: Course) -> list[str]:
    """Return the assignments that the gradebook knows; raise CourseError if broken."""
    from nbgrader.api import Gradebook

    if course.gradebook and not course.gradebook.exists():
        return []
    with (
        nbgrader_errors("The gradebook could not be opened"),
        Gradebook(course.db_url, course.course_id) as gradebook,
    ):
        return [assignment.name for assignment in gradebook.assignments]


def record_notebook(notebook: Any, cells: dict[str, str], page: Entry) -> None:
    """Set the automatic marks and comments of a submitted notebook."""
    for grade in notebook.grades:
        given = mark_columns(page, cells[grade.cell_id])
        waits = given["needs_manual_grade"] or grade.manual_score is not None
        grade.auto_score, grade.needs_manual_grade = given["auto_score"], waits
    for comment in notebook.comments:
        comment.auto_comment = automatic_comment(page, cells[comment.cell_id])
