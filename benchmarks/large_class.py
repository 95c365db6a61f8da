"""Do the queue, the journal and the gradebook's writer keep up with 100,000 hand-ins?

The run goes through all of the real `grade`, but for the cells of the submissions: a
stand-in waits as long as grading was measured to take, divided by `HASTE`, so that the
workers never are what limits, and gives all points. Two things are scaled so that it
takes minutes, and why that is fair:

- 100,000 files are not handed in. The last `COUNT` of the class are: gradebook and
  journal hold all others already. What is done for a submission does not depend on how
  many follow, and what might grow with how many came before (indexes, the journal in
  memory) is at its largest, so the whole class takes no longer a submission than these.
- How many a second workers would deliver is told from the measured distribution: they
  do not share anything but what is measured here. A stand-in's waiting takes no
  processor, which stands for workers on cores of their own.
"""

import argparse
import json
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.grading.grade import Options, grade
from autograder.grading.journal import Journal, journal_line
from autograder.intake.match import Submission
from autograder.model.assignment import Assignment
from autograder.model.job import Job, Report
from autograder.model.outcome import CellOutcome
from benchmarks.crowd import hand_in, make_course
from benchmarks.record import RESULTS, record

NAME = "06_scaled_dot_product"
CLASS, COUNT = 100_000, 3_000
HASTE = 50
WORKERS = (2, 16, 256)
ROWS = {  # tables of one student: what is renamed for another
    "student": ("id",),
    "submitted_assignment": ("id", "student_id"),
    "submitted_notebook": ("id", "assignment_id"),
    "grade": ("id", "notebook_id"),
    "comment": ("id", "notebook_id"),
}


class StandIn:
    """Waits instead of running cells, and gives all points."""

    def __init__(self, sandbox: str = "bwrap", hidden: object = ()) -> None:
        self.seconds = [x / HASTE for x in measured()]

    def __enter__(self) -> "StandIn":
        """Start nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """End nothing."""

    def check(self, submission: Submission, assignment: Assignment, job: Job) -> Report:
        """Wait, the same for the same submission."""
        time.sleep(random.Random(job.submission_sha256).choice(self.seconds))
        tests = assignment.role("test")
        earned = ((cell.id, float(cell.points or 0)) for cell in tests)
        return Report(tuple(CellOutcome(i, "passed", n, n) for i, n in earned))


def measured() -> list[float]:
    """Return seconds that grading a submission takes: deciles, by throughput.py."""
    text = (RESULTS / "throughput.json").read_text(encoding="utf-8")
    return [x / 1000 for x in json.loads(text)["cost"]["graded_deciles_ms"]]


def main(count: int = COUNT, whole: int = CLASS) -> None:
    """Grade the last so many of a class, and write what limits it."""
    with tempfile.TemporaryDirectory(prefix="large-class-") as folder:
        course = make_course(Path(folder) / "class", NAME)
        print(f"benchmarks: {count} of {whole} hand in", flush=True)
        hand_in(course, NAME, count)
        options = Options(jobs=2, engine="benchmarks.large_class:StandIn")
        small = timed(course, replace(options, students="student-0000*"))
        fill(course, whole - count)
        large = timed(course, options)
        size = {
            "gradebook": course.gradebook.stat().st_size,
            "journal": journal_of(course).stat().st_size,
        }
    mean = statistics.mean(measured())
    rate = large["per_second"]
    result = {
        "class": whole,
        "graded_here": large["submissions"],
        "seconds_for_the_class": round(whole / rate),
        "per_second": rate,
        "per_second_in_an_empty_course": small["per_second"],
        "main_process_cpu_ms": large["cpu_ms"],
        "main_process_memory_mib": large["memory_mib"],
        "file_mib": {key: round(n / 2**20) for key, n in size.items()},
        "a_submission_takes_ms": round(1000 * mean, 1),
        "workers_deliver_per_second": {n: round(n / mean, 1) for n in WORKERS},
        "limits_from_workers": round(rate * mean, 1),
    }
    record("large_class", result)


def timed(course: Course, options: Options) -> dict[str, Any]:
    """Grade, and return how fast, once the first has come."""
    cpu, first, done = 0.0, 0.0, 0
    for step in grade(course, NAME, options):
        if not step.ran:
            continue
        done += 1
        if not first:
            cpu, first = time.process_time(), time.perf_counter()
        if done % 500 == 0:
            seconds = time.perf_counter() - first
            print(f"benchmarks: {done}, {done / seconds:.1f} a second", flush=True)
    seconds = time.perf_counter() - first
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "submissions": done,
        "per_second": round((done - 1) / seconds, 1),
        "cpu_ms": round(1000 * (time.process_time() - cpu) / (done - 1), 1),
        "memory_mib": round(peak / 1024),
    }


def journal_of(course: Course) -> Path:
    """Return a course's journal."""
    return course.build / "autograder" / f"{NAME}.journal"


def fill(course: Course, many: int) -> None:
    """Let gradebook and journal hold so many more, copies of one that was graded."""
    print(f"benchmarks: {many} more into gradebook and journal", flush=True)
    with closing(sqlite3.connect(course.gradebook)) as book, book:
        for table, renamed in ROWS.items():
            copy_rows(book, table, renamed, many)
    path = journal_of(course)
    graded = next(iter(Journal(path).verdicts.values()))
    with path.open("ab") as file:
        for number in range(many):
            file.write(journal_line(f"{number:064x}", graded))


def copy_rows(
    book: sqlite3.Connection, table: str, renamed: tuple[str, ...], many: int
) -> None:
    """Copy a student's rows of a table so many times, under other names."""
    own = {
        "student": "id = :student",
        "submitted_assignment": "student_id = :student",
        "submitted_notebook": "assignment_id IN (SELECT id FROM submitted_assignment "
        "WHERE student_id = :student)",
    }
    part = (
        "notebook_id IN (SELECT id FROM submitted_notebook "
        f"WHERE {own['submitted_notebook']})"
    )
    names = [row[1] for row in book.execute(f"PRAGMA table_info({table})")]
    values = [
        f"printf('%06x', n) || substr({name}, 7)" if name in renamed else name
        for name in names
    ]
    book.execute(
        f"WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count "
        f"WHERE n < :many) INSERT INTO {table} ({', '.join(names)}) "
        f"SELECT {', '.join(values)} FROM count, "
        f"(SELECT * FROM {table} WHERE {own.get(table, part)})",
        {"many": many, "student": "student-000000"},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="how many are graded")
    parser.add_argument("--whole", type=int, default=CLASS, help="how many they are")
    asked = parser.parse_args()
    main(asked.count, asked.whole)
