"""Seconds per graded submission with nbgrader's own autograde command.

Right and half-done work only: no submission that waits for a time limit.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.course import Course
from autograder.sample.write import make_class
from benchmarks.record import ROOT, copy_config, record

STORIES = ("right, style", "mistake", "untouched", "second half")
STUDENTS = 6


def main() -> None:
    """Grade a few students of each assignment in a course of its own."""
    result = {}
    for name in Course(ROOT).names():
        with tempfile.TemporaryDirectory() as folder:
            result[name] = measure(Course(Path(folder)), name)
            print(f"benchmarks: {name}: {result[name]}", flush=True)
    record("grading", {"nbgrader_autograde": result})


def measure(course: Course, name: str) -> dict[str, float]:
    """Return seconds a submission of one `nbgrader autograde NAME`."""
    shutil.copytree(ROOT / "solutions" / name, course.solutions / name)
    copy_config(course.root, walled=False)
    run(course, sys.executable, "-m", "autograder", "--course", ".", "release", name)
    students = [s for s in make_class(course, name).items() if plain(s[1].story)]
    for student, submission in students[:STUDENTS]:
        place = course.submitted / student / name / f"{name}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_bytes(submission.content)
    started = time.perf_counter()
    run(course, "nbgrader", "autograde", name)
    seconds = time.perf_counter() - started
    count = len(students[:STUDENTS])
    return {"submissions": count, "seconds_each": round(seconds / count, 2)}


def plain(story: str) -> bool:
    """Say whether a student's work runs to its end by itself."""
    return story.startswith(STORIES)


def run(course: Course, *command: str) -> None:
    """Run a command in the course, with this environment's programs on the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": programs, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=course.root, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"benchmarks: {' '.join(command)} failed:\n{done.stderr}")


if __name__ == "__main__":
    main()
