"""Write pages of feedback with nbgrader's own command, where something is new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import Course
from autograder.files import write_atomic
from autograder.gradebook.call import call, log_path, student_glob
from autograder.gradebook.errors import nbgrader_errors
from autograder.gradebook.marks import Marks, graded_file, read_marks
from autograder.model.verdict import GRADER_VERSION

SECONDS = 300.0
EXPORTER = "autograder.feedback.exporter.FeedbackExporter"
SAFE_PAGES = f"--GenerateFeedback.exporter_class={EXPORTER}"


@dataclass(frozen=True)
class Page:
    """One page of feedback: whether it had to be written, or why it could not be."""

    name: str
    student: str
    ran: bool
    done: int
    total: int
    problem: str | None = None
    busy: tuple[str, ...] = ()


class Written:
    """What pages were written from: lets a second run do only what changed."""

    def __init__(self, course: Course, name: str) -> None:
        self.path = course.build / "autograder" / f"{name}.feedback.json"
        try:
            self.known: dict[str, str] = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            self.known = {}

    def note(self, student: str, key: str) -> None:
        """Remember what a student's page was written from, in the file too."""
        self.known[student] = key
        content = json.dumps(self.known, indent=1, sort_keys=True, ensure_ascii=False)
        write_atomic(self.path, content.encode())


def write_feedback(course: Course, names: list[str]) -> Iterator[Page]:
    """Write the feedback of all that were graded, yielding each page as it comes."""
    books = {name: graded(course, name) for name in names}
    total, done = sum(map(len, books.values())), 0
    for name, book in books.items():
        written = Written(course, name)
        for student, marks in book.items():
            key = made_from(course, name, student, marks)
            page = course.feedback / student / name / f"{name}.html"
            ran, problem = not page.exists() or written.known.get(student) != key, None
            if ran:
                problem = write_page(course, name, student)
            if ran and not problem:
                written.note(student, key)
            done += 1
            yield Page(name, student, ran, done, total, problem)


def graded(course: Course, name: str) -> dict[str, Marks]:
    """Return the marks of those whose graded notebook is there, by student."""
    book = sorted(read_marks(course, name).items())
    return {who: m for who, m in book if graded_file(course, who, name).exists()}


def made_from(course: Course, name: str, student: str, marks: Marks) -> str:
    """Return a digest of all that a page depends on."""
    notebook = graded_file(course, student, name).read_bytes()
    told = GRADER_VERSION.encode() + repr(marks).encode() + notebook
    return hashlib.sha256(told).hexdigest()


def write_page(course: Course, name: str, student: str) -> str | None:
    """Write one page with nbgrader; return why it could not be, or None."""
    log = log_path(course, name, f"{student}.feedback")
    chosen = f"--student={student_glob(student)}"
    with nbgrader_errors(f"no feedback for {student}"):
        arguments = ["generate_feedback", name, "--force", SAFE_PAGES, chosen]
        problem = call(course, arguments, log, SECONDS)
    return f"{problem} (see {log})" if problem else None
