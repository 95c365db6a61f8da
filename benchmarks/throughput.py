"""Submissions a second: `autograder grade`, alone, by two, with Dask, and nbgrader's.

One class of honest work, handed in to a fresh course for each; marks are compared one
by one. What a submission costs beyond its own cells, and memory: see `costs.py`.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.course import Course
from benchmarks import costs
from benchmarks.crowd import environment, hand_in, make_course
from benchmarks.record import record

NAME = "06_scaled_dot_product"
COUNT = 200
WARM = 0.2  # of the class: what is graded first does not count in the steady rate
TELL = 20.0  # seconds between lines of progress

Marks = dict[str, dict[str, float | None]]


def main(
    count: int = COUNT, nbgrader: int | None = None, measured: int = 100
) -> dict[str, Any]:
    """Measure all of it, and write the result; `nbgrader` grades so many at most."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
        result = measure(Path(folder), count, nbgrader or count, measured)
    record("throughput", result)
    return result


def measure(folder: Path, count: int, first: int, measured: int) -> dict[str, Any]:
    """Return all figures on a class of so many."""
    template = make_course(folder / "class", NAME)
    stories = hand_in(template, NAME, count)
    cost = costs.measure(template, NAME, min(measured, count))
    say(f"cost a submission: {cost}")
    runs, marks = {}, {}
    for jobs in (1, 2):
        key = f"{jobs} job{'s' * (jobs > 1)}"
        runs[key], marks[key] = graded(folder / key, template, key, jobs=jobs)
    with dask(folder) as address:
        key = "Dask, 2 workers"
        runs[key], marks[key] = graded(folder / key, template, key, scheduler=address)
    memory = costs.memory(copy(folder / "memory", template), NAME)
    say(f"memory: {memory}")
    key = "nbgrader autograde"
    runs[key], marks[key] = autograde(folder / key, template, min(first, count))
    said = compared(marks)
    return {
        "assignment": NAME,
        "class": {k: list(stories.values()).count(k) for k in set(stories.values())},
        "runs": runs,
        "ratios": ratios(runs),
        "marks": said,
        "cost": cost,
        "memory_mib": memory,
    }


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"benchmarks: {text}", flush=True)


def copy(target: Path, template: Course, first: int | None = None) -> Course:
    """Return a fresh copy of a course, with all that was handed in or the first."""
    shutil.copytree(template.root, target)
    course = Course(target)
    for left in sorted(course.submitted.iterdir())[first:] if first else ():
        shutil.rmtree(left)
    return course


def graded(
    target: Path, template: Course, key: str, **options: Any
) -> tuple[dict[str, Any], Marks]:
    """Run `autograder grade` in a copy of the course."""
    course = copy(target, template)
    command = [sys.executable, "-m", "autograder", "grade", NAME]
    command += ["--course", str(course.root)]
    for option, value in options.items():
        command += [f"--{option}", str(value)]
    found = timed(course, key, command, (0, 1))
    return found, marks_of(course)


def autograde(
    target: Path, template: Course, first: int
) -> tuple[dict[str, Any], Marks]:
    """Run `nbgrader autograde` on the first so many."""
    course = copy(target, template, first)
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME]
    return timed(course, "nbgrader autograde", command, (0,)), marks_of(course)


def timed(
    course: Course, key: str, command: list[str], fine: tuple[int, ...]
) -> dict[str, Any]:
    """Run a command; return its seconds, and submissions a second when it is warm."""
    total = len(list(course.submitted.iterdir()))
    log = course.root / "log.txt"
    started = time.time()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=course.root, env=environment(), stdout=out, stderr=out
        )
        while process.poll() is None:
            try:
                process.wait(TELL)
            except subprocess.TimeoutExpired:
                done = len(finished(course))
                say(f"{key}: {done} of {total}, {time.time() - started:.0f} s")
    seconds = time.time() - started
    if process.returncode not in fine:
        sys.exit(f"benchmarks: {key} failed:\n{log.read_text()[-3000:]}")
    times = finished(course)
    if len(times) != total:
        sys.exit(f"benchmarks: {key} graded {len(times)} of {total}")
    skipped = int(WARM * total)
    steady = (total - 1 - skipped) / max(times[-1] - times[skipped], 1e-9)
    found = {
        "submissions": total,
        "seconds": round(seconds, 2),
        "first_after_seconds": round(times[0] - started, 2),
        "per_second": round(total / seconds, 3),
        "steady_per_second": round(steady, 3),
    }
    say(f"{key}: {found}")
    return found


def finished(course: Course) -> list[float]:
    """Return when each graded notebook was written, in order."""
    written = course.autograded.glob(f"*/{NAME}/{NAME}.ipynb")
    return sorted(path.stat().st_mtime for path in written)


def marks_of(course: Course) -> Marks:
    """Return the automatic marks in a course's gradebook: {student: {cell: points}}."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(NAME)
        }


def compared(marks: dict[str, Marks]) -> dict[str, Any]:
    """Compare the marks of all runs, one by one, with those of one job."""
    base, said = marks["1 job"], {}
    for key, found in marks.items():
        pairs = [
            (student, cell, points, base[student][cell])
            for student, cells in found.items()
            for cell, points in cells.items()
        ]
        apart = [pair for pair in pairs if pair[2] != pair[3]]
        said[key] = {"compared": len(pairs), "different": len(apart), "which": apart}
    return said


def ratios(runs: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return what is asked of the runs: how many times as fast as another."""
    two, nb = runs["2 jobs"], runs["nbgrader autograde"]
    dask, one = runs["Dask, 2 workers"], runs["1 job"]
    pairs = {
        "2 jobs to nbgrader": (two, nb, "per_second"),
        "2 jobs to nbgrader, steady": (two, nb, "steady_per_second"),
        "1 job to nbgrader": (one, nb, "per_second"),
        "2 jobs to 1 job, steady": (two, one, "steady_per_second"),
        "Dask to 2 jobs": (dask, two, "per_second"),
        "Dask to 2 jobs, steady": (dask, two, "steady_per_second"),
    }
    return {k: round(a[what] / b[what], 2) for k, (a, b, what) in pairs.items()}


@contextmanager
def dask(folder: Path) -> Iterator[str]:
    """A scheduler and two workers of one thread each, on 127.0.0.1."""
    file = folder / "scheduler.json"
    one = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
    here = ("--host", "127.0.0.1")
    started = [
        start("scheduler", *here, "--port", "0", "--scheduler-file", str(file)),
    ]
    try:
        while not file.exists() or not file.stat().st_size:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        started += [start("worker", address, *one, *here) for _ in range(2)]
        wait_for_workers(address)
        yield address
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def start(kind: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a part of the cluster."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
    return subprocess.Popen(
        [*command, "--no-dashboard"],
        env=environment() | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait_for_workers(address: str) -> None:
    """Wait until the cluster stands, as it does when a class is graded on it."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="submissions")
    parser.add_argument(
        "--nbgrader", type=int, help="nbgrader grades the first so many"
    )
    parser.add_argument("--measured", type=int, default=100, help="for the cost of one")
    asked = parser.parse_args()
    main(asked.count, asked.nbgrader, asked.measured)
