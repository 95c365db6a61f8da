"""The one writer of the gradebook, through nbgrader's API.

What `nbgrader autograde` leaves in the gradebook is what this leaves. A student's marks
are one transaction: a kill leaves the old ones or the new ones. Manual marks, extra
credit and comments of people are never touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.assignments.assignment import Assignment
from autograder.assignments.release import nbgrader_errors
from autograder.course import Course, CourseError
from autograder.gradebook.penalties import Penalties
from autograder.gradebook.settings import (
    course_directory,
    nbgrader_config,
    quiet_api,
)
from autograder.gradebook.whole import patiently, prepared, transaction
from autograder.grading.journal import lock_file
from autograder.grading.verdict import Verdict

FORGET_AFTER = 200
NO_RESPONSE = "No response."


class Writer:
    """Writes verdicts on one assignment; use it as a context manager."""

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self.course = course
        self.assignment = assignment
        self.config = nbgrader_config(course)
        self.folders = course_directory(self.config)
        self.lock = course.build / "autograder" / "gradebook.lock"
        self.written = 0

    def __enter__(self) -> Writer:
        """Open the gradebook, and see that the assignment was released as it is."""
        with nbgrader_errors("The gradebook could not be opened"):
            self.course.build.mkdir(parents=True, exist_ok=True)
            with lock_file(self.lock):
                self.gradebook = patiently(self.open, "opened")
        try:
            self.check_released()
            self.penalties = Penalties(self.course, self.config)
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
        gradebook = Gradebook(self.folders.db_url, self.folders.course_id)
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
        name = self.assignment.name
        step = self.folders.autograded_directory
        return Path(self.folders.format_path(step, student, name))

    def holds(self, verdict: Verdict, notebook: bytes, timestamp: str | None) -> bool:
        """Whether all that a verdict says has been written before."""
        path = self.path(verdict.student) / f"{self.assignment.name}.ipynb"
        try:
            if path.read_bytes() != notebook:
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
            and submission.timestamp == as_time(timestamp)
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

    def write(
        self,
        verdict: Verdict,
        notebook: bytes,
        answered: set[str],
        timestamp: str | None = None,
    ) -> None:
        """Write one student's marks and autograded notebook, whole or not at all."""
        folder = self.path(verdict.student)
        with lock_file(self.lock), prepared(folder, self.files(notebook, timestamp)):
            patiently(lambda: self.record(verdict, answered, timestamp), "written")
        self.written += 1
        if self.written % FORGET_AFTER == 0:
            self.gradebook.db.expunge_all()

    def files(self, notebook: bytes, timestamp: str | None) -> dict[str, bytes]:
        """Return the files of an autograded folder."""
        files = {f"{self.assignment.name}.ipynb": notebook}
        if timestamp is not None:
            files["timestamp.txt"] = timestamp.encode()
        return files

    def record(
        self, verdict: Verdict, answered: set[str], timestamp: str | None
    ) -> None:
        """Record one student's marks in one transaction."""
        name, when = self.assignment.name, as_time(timestamp)
        with transaction(self.gradebook) as gradebook:
            gradebook.db.expire_all()
            gradebook.update_or_create_student(verdict.student)
            given = {} if when is None else {"timestamp": when}
            with gradebook.db.no_autoflush:
                submission = gradebook.update_or_create_submission(
                    name, verdict.student, **given
                )
            for notebook in submission.notebooks:
                if notebook.name == name:
                    record_notebook(notebook, self.cells, verdict, answered)
                    gradebook.db.flush()
                    self.penalties.record(gradebook, submission, notebook)


def released_names(course: Course) -> list[str]:
    """Return the assignments that the gradebook knows; raise CourseError if broken."""
    from nbgrader.api import Gradebook

    folders = course_directory(nbgrader_config(course))
    if folders.db_url.startswith("sqlite") and not course.gradebook.exists():
        return []
    with (
        nbgrader_errors("The gradebook could not be opened"),
        Gradebook(folders.db_url, folders.course_id) as gradebook,
    ):
        return [assignment.name for assignment in gradebook.assignments]


def record_notebook(
    notebook: Any, cells: dict[str, str], verdict: Verdict, answered: set[str]
) -> None:
    """Set the automatic marks and comments of a submitted notebook."""
    for grade in notebook.grades:
        cell = verdict.cells[cells[grade.cell_id]]
        grade.auto_score = cell.points
        manual = grade.manual_score is not None or cell.points is None
        grade.needs_manual_grade = manual or verdict.status == "rejected"
    for comment in notebook.comments:
        done = cells[comment.cell_id] in answered
        comment.auto_comment = None if done else NO_RESPONSE


def as_time(timestamp: str | None) -> Any:
    """Return a time stamp as nbgrader keeps it, or None if it is not one."""
    from nbgrader.utils import parse_utc

    if timestamp is None:
        return None
    try:
        return parse_utc(timestamp)
    except (ValueError, OverflowError, TypeError):
        return None
