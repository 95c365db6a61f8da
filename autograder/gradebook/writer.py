"""The one writer of the gradebook, through nbgrader's API.

What `nbgrader autograde` leaves in the gradebook is what this leaves. A student's marks
are one transaction: a kill leaves the old ones or the new ones. Manual marks, extra
credit and comments of people are never touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from autograder.assignments.assignment import Assignment
from autograder.assignments.release import nbgrader_errors
from autograder.course import Course, CourseError
from autograder.gradebook.settings import (
    course_directory,
    nbgrader_config,
    quiet_api,
    quiet_log,
)
from autograder.grading.journal import lock_file
from autograder.grading.verdict import Verdict

T = TypeVar("T")
PATIENCE = 60.0
RACES = 5
HELD = ("locked", "busy", "deadlock", "serialize")
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
            self.penalties = self.late_penalties()
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

    def late_penalties(self) -> Any:
        """Return nbgrader's preprocessor of late submissions, as it is configured."""
        from nbgrader.preprocessors import AssignLatePenalties

        penalties = AssignLatePenalties(config=self.config)
        penalties.log = quiet_log()
        penalties.init_plugin()
        penalties.plugin_inst.log = quiet_log()
        return penalties

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
        return self.marks(verdict.student) == (
            {key: cell.points for key, cell in verdict.cells.items()},
            as_time(timestamp),
        )

    def marks(self, student: str) -> tuple[dict[str, float | None], Any] | None:
        """Return a student's automatic marks and time stamp in the gradebook."""
        from nbgrader.api import MissingEntry

        name = self.assignment.name
        self.gradebook.db.expire_all()  # another program may have written since
        try:
            notebook = patiently(
                lambda: self.gradebook.find_submission_notebook(name, name, student),
                "read",
            )
        except MissingEntry:
            return None
        marks = {self.cells[g.cell_id]: g.auto_score for g in notebook.grades}
        return marks, notebook.assignment.timestamp

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
                    self.record_penalty(submission, notebook)

    def record_penalty(self, submission: Any, notebook: Any) -> None:
        """Record the penalty for a late submission, as nbgrader's plugin has it."""
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late <= 0:
            return
        self.gradebook.db.refresh(notebook)
        student = submission.student.id
        penalty = self.penalties.plugin_inst.late_submission_penalty(
            student, notebook.score, late
        )
        if penalty is not None:
            penalty = self.penalties._check_late_penalty(notebook, penalty)
        notebook.late_submission_penalty = penalty


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


@contextlib.contextmanager
def transaction(gradebook: Any) -> Iterator[Any]:
    """Make one transaction of several calls of nbgrader's API, which each commit."""
    session = gradebook.db
    commit = session.commit
    session.commit = session.flush
    try:
        yield gradebook
        commit()
    except BaseException:
        session.rollback()
        session.expunge_all()
        raise
    finally:
        del session.commit


def patiently(call: Callable[[], T], what: str) -> T:
    """Call again while another program holds the gradebook or was faster."""
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import DBAPIError, IntegrityError

    until, wait, raced = time.monotonic() + PATIENCE, 0.05, 0
    while True:
        try:
            return call()
        except (DBAPIError, InvalidEntry) as error:
            text = str(getattr(error, "orig", error)).strip()
            held = any(word in text.lower() for word in HELD)
            raced += isinstance(error, (IntegrityError, InvalidEntry))
            again = held or (
                raced and isinstance(error, (IntegrityError, InvalidEntry))
            )
            if not again or raced > RACES or time.monotonic() > until:
                raise CourseError(
                    f"The gradebook could not be {what}: {text[:300]}. What it held "
                    "is whole, and verdicts are kept: mend it and run the same command "
                    "again."
                ) from error
        time.sleep(wait)
        wait = min(2 * wait, 2.0)


@contextlib.contextmanager
def prepared(folder: Path, files: dict[str, bytes]) -> Iterator[None]:
    """Write files beside their places, and move them there if the block succeeds."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".writing-*"):  # by a grader that was killed
            shutil.rmtree(left, ignore_errors=True)
        room = Path(tempfile.mkdtemp(dir=folder, prefix=".writing-"))
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        try:
            for name, content in files.items():
                (room / name).write_bytes(content)
                os.chmod(room / name, stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        except OSError as error:
            raise unwritable(folder, error) from error
        yield
        try:
            for name in files:
                os.replace(room / name, folder / name)
        except OSError as error:
            raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def unwritable(folder: Path, error: OSError) -> CourseError:
    """Return what to say when a folder cannot be written."""
    return CourseError(
        f"{folder} could not be written: {error.strerror or error}. Free some space or "
        "mend its permissions, then run the same command again."
    )
