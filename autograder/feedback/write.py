"""Write pages of feedback with nbgrader's own command, where something is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import Course
from autograder.feedback import PAGE_FOLDER
from autograder.feedback.where_to_read import places_of_hints
from autograder.files import read_json, write_json
from autograder.gradebook.call import call, log_path, student_glob
from autograder.gradebook.errors import nbgrader_errors
from autograder.gradebook.marks import Marks, read_marks
from autograder.model.verdict import sha256
from autograder.model.versions import digest_sources

PAGE_SECONDS = 300.0
PAGE_SOURCES = ("feedback", "model", "gradebook/outputs.py")
EXPORTER = "autograder.feedback.exporter.FeedbackExporter"
SAFE_PAGES = f"--GenerateFeedback.exporter_class={EXPORTER}"


@dataclass(frozen=True)
class PageDone:
    """One page of feedback: whether it had to be written, or why it could not be."""

    name: str
    student: str
    ran: bool
    done: int
    total: int
    problem: str | None = None
    busy: tuple[str, ...] = ()


class PageDigests:
    """What pages were written from: lets a second run do only what changed."""

    def __init__(self, course: Course, name: str) -> None:
        self.path = course.build / "autograder" / f"{name}.feedback.json"
        self.known: dict[str, str] = read_json(self.path)

    def note(self, student: str, key: str) -> None:
        """Remember what a student's page was written from, in the file too."""
        self.known[student] = key
        write_json(self.path, self.known)


def write_feedback(course: Course, names: list[str]) -> Iterator[PageDone]:
    """Write the feedback of all that were graded, yielding each page as it comes."""
    books = {name: read_graded(course, name) for name in names}
    total, done = sum(map(len, books.values())), 0
    for name, book in books.items():
        digests, common = PageDigests(course, name), digest_common(course, name)
        for student, marks in book.items():
            key = digest_page(course, name, student, marks, common)
            page = course.feedback / student / name / f"{name}.html"
            ran, problem = not page.exists() or digests.known.get(student) != key, None
            if ran:
                problem = write_page(course, name, student)
            if ran and not problem:
                digests.note(student, key)
            done += 1
            yield PageDone(name, student, ran, done, total, problem)


def read_graded(course: Course, name: str) -> dict[str, Marks]:
    """Return the marks of those whose graded notebook is there, by student."""
    book = sorted(read_marks(course, name).items())
    return {who: m for who, m in book if course.graded(who, name).exists()}


def digest_common(course: Course, name: str) -> str:
    """Return a digest of what all pages of an assignment depend on.

    That is the grader, the page's style and template, where hints lead to, and the
    settings, which hold the website's address.
    """
    made = hashlib.sha256(digest_sources(PAGE_SOURCES).encode())
    for path in sorted(PAGE_FOLDER.iterdir()):
        made.update(path.read_bytes())
    settings = course.settings.get("FeedbackExporter", {})
    made.update(repr((places_of_hints(course, name), settings)).encode())
    return made.hexdigest()


def digest_page(
    course: Course, name: str, student: str, marks: Marks, common: str
) -> str:
    """Return a digest of all that a page depends on."""
    told = f"{common} {marks}".encode()
    return sha256(told + course.graded(student, name).read_bytes())


def write_page(course: Course, name: str, student: str) -> str | None:
    """Write one page with nbgrader; return why it could not be, or None."""
    log = log_path(course, name, f"{student}.feedback")
    chosen = f"--student={student_glob(student)}"
    with nbgrader_errors(f"no feedback for {student}"):
        arguments = ["generate_feedback", name, "--force", SAFE_PAGES, chosen]
        problem = call(course, arguments, log, PAGE_SECONDS)
    return f"{problem} (see {log})" if problem else None
