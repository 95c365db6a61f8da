"""The marks of a class: nbgrader's table as a file, and numbers to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.files import write_atomic
from autograder.gradebook.call import call, log_path
from autograder.gradebook.errors import nbgrader_errors
from autograder.gradebook.marks import read_marks
from autograder.gradebook.missing import find_missing
from autograder.intake.handed_in import handed_in
from autograder.report.missing import tell_missing

EXPORT_SECONDS = 300.0
IN_FILE = "the file has all"
QUOTED = "--ExportApp.plugin_class=autograder.gradebook.table.QuotedCsv"


def export(course: Course) -> Path:
    """Write all marks of the gradebook to a CSV file; return its path."""
    target, part = course.build / "grades.csv", course.build / "grades.csv.part"
    log = log_path(course, "", "export")
    with nbgrader_errors("the marks could not be exported"):
        problem = call(course, ["export", QUOTED, f"--to={part}"], log, EXPORT_SECONDS)
    if problem:
        raise CourseError(f"The marks could not be exported: {problem}. See {log}.")
    write_atomic(target, part.read_bytes())
    part.unlink()
    return target


def summary(course: Course, names: list[str]) -> Iterator[str]:
    """Yield a table: for each assignment how many, how good, what waits, who is out."""
    heads = f"{'graded':>6} {'rejected':>9} {'not yet':>8} {'mean':>6} {'of':>4}"
    yield f"{'assignment':28} {heads} {'by hand':>8} {'nothing':>8}"
    waits = False
    nothing: list[str] = []
    for name in names:
        book = read_marks(course, name)
        there = {w: m for w, m in book.items() if course.graded(w, name).exists()}
        missing = {*book, *handed_in(course.submitted, name)} - there.keys()
        read = [marks for marks in there.values() if not marks.rejected]
        mean = f"{sum(m.score for m in read) / len(read):.1f}" if read else "-"
        waiting = sum(len(marks.waiting) for marks in read)
        waits |= bool(waiting)
        absent = find_missing(course, name)
        points = read_assignment(course.solution(name)).points
        numbers = f"{len(read):6} {len(there) - len(read):9} {len(missing):8}"
        yield f"{name:28} {numbers} {mean:>6} {points:4g} {waiting:8} {len(absent):8}"
        if there or missing:  # else the class has not come to it yet
            nothing += [f"{name}:", *tell_missing(absent, IN_FILE)] if absent else []
    if waits:
        yield "By hand: answers that wait for a person; mark them in formgrader."
    yield from nothing
