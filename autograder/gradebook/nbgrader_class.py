"""Grade a class with nbgrader's own autograde, student by student."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignments.release import nbgrader_errors, release
from autograder.course import Course, CourseError, write_atomic
from autograder.gradebook.marks import Marks, give_nothing, graded_file, read_marks
from autograder.gradebook.nbgrader_call import call, student_glob, unfit
from autograder.grading.verdict import GRADER_VERSION

CELL_LIMIT = 15  # seconds; importing torch takes 2 to 4 of them
STUDENT_LIMIT = 300.0
EXPORTER = "autograder.feedback.exporter.FeedbackExporter"
SAFE_PAGES = f"--GenerateFeedback.exporter_class={EXPORTER}"


@dataclass(frozen=True)
class Result:
    """What became of one submission; `problem` says why it has no marks."""

    name: str
    student: str
    marks: Marks | None
    seconds: float
    changed: bool
    problem: str | None = None


class Records:
    """What was graded from what: lets a second run do only what changed."""

    def __init__(self, course: Course, name: str) -> None:
        self.path = course.build / "graded" / f"{name}.json"
        try:
            self.known: dict[str, Any] = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            self.known = {}

    def note(self, student: str, **facts: Any) -> None:
        """Remember facts about a student, in the file too."""
        student = shown(student)
        self.known[student] = self.known.get(student, {}) | facts
        content = json.dumps(self.known, indent=1, sort_keys=True, ensure_ascii=False)
        write_atomic(self.path, content.encode())

    def says(self, student: str, fact: str) -> Any:
        """Return a remembered fact, or None."""
        return self.known.get(shown(student), {}).get(fact)


def shown(student: str) -> str:
    """Return a student's id in characters that any file and screen takes."""
    return student if student.isprintable() else ascii(student)


def students(course: Course, name: str) -> list[str]:
    """Return the ids of those who handed in an assignment."""
    folders = course.submitted.glob(f"*/{name}/")
    return sorted(
        f.parent.name for f in folders if f.is_dir() and f.parent.name[0] != "."
    )


def grade_class(
    course: Course,
    name: str,
    force: bool = False,
    limit: float = STUDENT_LIMIT,
    cell_limit: int = CELL_LIMIT,
) -> Iterator[Result]:
    """Grade all submissions to an assignment, yielding each result as it comes.

    A cell may take `cell_limit` seconds, and a whole submission `limit`.
    """
    release(course, name)
    source = (course.source / name / f"{name}.ipynb").read_bytes()
    records, book = Records(course, name), read_marks(course, name)
    for student in students(course, name):
        key = digest(course.submitted / student / name, source)
        known = records.says(student, "key") == key and student in book
        failed = records.says(student, "problem")
        whole = failed or graded_file(course, student, name).exists()
        if known and whole and not force:
            yield Result(name, student, book[student], 0.0, False, failed)
            continue
        start = time.monotonic()
        problem = grade_one(course, name, student, limit, cell_limit)
        records.note(student, key=key, problem=problem)
        marks = read_marks(course, name).get(student)
        seconds = time.monotonic() - start
        yield Result(name, student, marks, seconds, True, problem)


def grade_one(
    course: Course, name: str, student: str, limit: float, cell_limit: int
) -> str | None:
    """Grade one submission with nbgrader; return why it could not be, or None."""
    problem = unfit(student)
    if problem:
        return f"{problem}: rename it in {course.submitted}"
    folder = course.submitted / student / name
    if not (folder / f"{name}.ipynb").is_file():
        there = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        problem = f"{name}.ipynb is missing; handed in: {there}"
    else:
        file = folder / f"{name}.ipynb"
        problem = unreadable(file)
        problem = problem or autograde(course, name, student, limit, cell_limit)
    if problem:
        shutil.rmtree(graded_file(course, student, name).parent, ignore_errors=True)
        give_nothing(course, name, student)
    return problem


def unreadable(file: Path) -> str | None:
    """Return why a file is no notebook, or None."""
    try:
        if isinstance(json.loads(file.read_bytes())["cells"], list):
            return None
    except OSError as error:
        return f"{file.name} cannot be read ({error.strerror}): mend its permissions"
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return f"{file.name} is not a notebook: ask for the file again"


def autograde(
    course: Course, name: str, student: str, limit: float, cell_limit: int
) -> str | None:
    """Run `nbgrader autograde` on one submission; return why it failed, or None."""
    log = log_path(course, name, student)
    arguments = ["autograde", name, f"--student={student_glob(student)}", "--force"]
    with nbgrader_errors(f"{student} could not be graded"):
        arguments.append(f"--Execute.timeout={cell_limit}")
        problem = call(course, arguments, log, limit)
    if problem and "ValidationError" in problem:
        problem = "the ids of its cells are changed or missing: ask for a notebook "
        problem += "whose test cells are as they were handed out"
    return f"{problem} (see {log.relative_to(course.root)})" if problem else None


def log_path(course: Course, name: str, student: str) -> Path:
    """Return the file that gets nbgrader's words about one submission."""
    return course.build / "logs" / name / f"{student}.log"


def digest(folder: Path, source: bytes) -> str:
    """Return a digest of all that a mark depends on."""
    made = hashlib.sha256(source)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        made.update(f"\0{path.relative_to(folder)}\0".encode(errors="replace"))
        made.update(path.read_bytes())
    return made.hexdigest()


def write_feedback(course: Course, name: str) -> Iterator[Result]:
    """Write the feedback of all that were graded, yielding each as it comes."""
    records, book = Records(course, name), read_marks(course, name)
    for student in students(course, name):
        graded = graded_file(course, student, name)
        if student not in book or not graded.exists():
            yield Result(name, student, None, 0.0, False)
            continue
        marks = book[student]
        told = GRADER_VERSION.encode() + repr(marks).encode() + graded.read_bytes()
        key = hashlib.sha256(told).hexdigest()
        page = course.feedback / student / name / f"{name}.html"
        if page.exists() and records.says(student, "feedback") == key:
            yield Result(name, student, marks, 0.0, False)
            continue
        start = time.monotonic()
        arguments = ["generate_feedback", name, "--force", SAFE_PAGES]
        with nbgrader_errors(f"no feedback for {student}"):
            problem = call(
                course,
                [*arguments, f"--student={student_glob(student)}"],
                log_path(course, name, f"{student}.feedback"),
                STUDENT_LIMIT,
            )
        if not problem:
            records.note(student, feedback=key)
        yield Result(name, student, marks, time.monotonic() - start, True, problem)


def read_class(course: Course, name: str) -> list[Result]:
    """Return what the gradebook has of all who handed in an assignment."""
    book = read_marks(course, name)
    who = sorted({*book, *students(course, name)})
    return [Result(name, student, book.get(student), 0.0, False) for student in who]


def export(course: Course) -> Path:
    """Write all marks of the gradebook to a CSV file; return its path."""
    target, part = course.build / "grades.csv", course.build / "grades.csv.part"
    with nbgrader_errors("the marks could not be exported"):
        log = course.build / "logs" / "export.log"
        problem = call(course, ["export", f"--to={part}"], log, STUDENT_LIMIT)
    if problem:
        raise CourseError(f"The marks could not be exported: {problem}. See {log}.")
    write_atomic(target, part.read_bytes())
    part.unlink()
    return target
