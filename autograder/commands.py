"""What the commands do; `__main__` has the table of them.

A command returns 0 where all is well, 1 where something needs a look, and raises where
it can't do its work. What it needs is imported when it runs: `check` and `--help` wait
for neither nbgrader nor torch.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from autograder.course import GOOD, ODD, UNUSABLE, Course, CourseError
from autograder.files import write_atomic
from autograder.model.limits import Limits

WARNING = (
    "WARNING: --sandbox none runs students' code with your rights: it can read "
    "and change your files.\nUse it for code that you trust. Each verdict is marked."
)


def run_release(course: Course, options: argparse.Namespace) -> int:
    """Release assignments; return 1 if a file of one has problems."""
    from autograder.authoring.percent import AuthoringError
    from autograder.gradebook.release import release

    names = course.choose(options.names)
    wrong: list[AuthoringError] = []
    for number, name in enumerate(names, 1):
        try:
            state = "released" if release(course, name) else "unchanged"
        except AuthoringError as error:
            wrong.append(error)
            state = "NOT RELEASED, see below"
        target = course.exercises / name / f"{name}.ipynb"
        print(f"[{number}/{len(names)}] {name}  {state}  {target}", flush=True)
    for problems in wrong:
        print(problems, file=sys.stderr)
    return ODD if wrong else GOOD


def run_sample(course: Course, options: argparse.Namespace) -> int:
    """Make sample classes."""
    from autograder.sample.write import STUDENTS, manifest_path, write_class

    names = course.choose(options.names)
    for number, name in enumerate(names, 1):
        changed = write_class(course, name)
        said = f"{len(STUDENTS)} students, {changed} files changed"
        print(f"[{number}/{len(names)}] {name}  {said}", flush=True)
        print(f"      marks expected: {manifest_path(course, name)}", flush=True)
    return GOOD


def run_feedback(course: Course, options: argparse.Namespace) -> int:
    """Write feedback; return 1 if some page could not be written."""
    from autograder.feedback.write import write_feedback
    from autograder.report.progress import Progress, strip_unprintable

    failed, pages = [], 0
    with Progress(sys.stderr, "pages of feedback") as progress:
        for page in write_feedback(course, course.choose(options.names)):
            progress.show(page)
            pages = page.total
            failed += [page] if page.problem else []
    if not pages:
        cure = "Run `python -m autograder grade NAME` first."
        raise CourseError(f"Nothing is graded in {course.autograded}. {cure}")
    for page in failed:
        who = strip_unprintable(page.student)
        print(f"No feedback: {page.name}  {who}: {page.problem}")
    print(f"Feedback: {course.feedback}/STUDENT/NAME/NAME.html", flush=True)
    return ODD if failed else GOOD


def run_marks(course: Course, options: argparse.Namespace) -> int:
    """Export all marks; print how many, how good and what waits."""
    from autograder.gradebook.export import export, summary

    names = course.choose(options.names)
    target = export(course)
    print("", *summary(course, names), sep="\n")
    print(f"\nMarks: {target}", flush=True)
    return GOOD


def run_try(course: Course, options: argparse.Namespace) -> int:
    """Run solutions, right versions and mistakes; return 1 if one does otherwise."""
    from autograder.authoring.try_out import try_out

    bad = 0
    for name in course.choose(options.names):
        for line in try_out(course, name):
            bad += line.startswith("BAD")
            print(line, flush=True)
    return ODD if bad else GOOD


def run_grade(course: Course, options: argparse.Namespace) -> int:
    """Grade an assignment; return 1 if some submission was rejected or flagged.

    Who handed in nothing is listed, and changes no status.
    """
    from autograder.authoring.solution_file import read_assignment
    from autograder.gradebook.missing import find_missing
    from autograder.grading.causes import exercises
    from autograder.grading.grade import Options, grade, records
    from autograder.model.verdict import miss_submission
    from autograder.report.missing import tell_missing
    from autograder.report.progress import Progress

    asked = Options(
        students=options.student,
        jobs=options.jobs,
        scheduler=options.scheduler,
        regrade=options.regrade,
        sandbox=options.sandbox,
        limits=chosen_limits(options),
    )
    if options.sandbox == "none":
        print(WARNING, file=sys.stderr)
    verdicts = []
    with Progress(sys.stderr) as progress:
        for step in grade(course, options.name, asked):
            verdicts.append(step.verdict)
            progress.show(step)
    missing = find_missing(course, options.name, options.student)
    if options.json:
        absent = [miss_submission(*one, verdicts[0]) for one in missing.items()]
        held = records([*verdicts, *absent])
        write_records(options.json, json.dumps(held, indent=1, sort_keys=True) + "\n")
    closing = sys.stderr if str(options.json) == "-" else sys.stdout
    assignment = read_assignment(course.solution(options.name))
    progress.table(verdicts, closing, exercises(assignment))
    for line in tell_missing(missing):
        print(line, file=closing)
    return ODD if any(v.status != "graded" for v in verdicts) else GOOD


def chosen_limits(options: argparse.Namespace) -> dict[str, float]:
    """Return the limits of a run, as plain data."""
    given = {
        "cell_seconds": options.cell_seconds,
        "total_seconds": options.total_seconds,
        "memory_mib": options.memory,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    return replace(Limits(), **chosen).as_dict()


def write_records(path: Path, text: str) -> None:
    """Write the verdicts; into a pipe, a device or the terminal as they are."""
    if str(path) == "-":
        sys.stdout.write(text)
        return
    if path.is_file() or path.is_dir() or not path.exists():
        write_atomic(path, text.encode())
        return
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        why = f"{path} could not be written: {error.strerror}."
        raise CourseError(f"{why} The marks are in the gradebook.") from error


def run_check(course: Course, options: argparse.Namespace) -> int:
    """Check a student's own notebook; return 1 if a test fails."""
    from autograder.grading.check import check_notebook

    start = time.perf_counter()
    good = check_notebook(
        course,
        options.notebook,
        lambda line: print(line, flush=True),
        options.sandbox,
    )
    print(f"{time.perf_counter() - start:.1f} s")
    return GOOD if good else ODD


def run_doctor(course: Course, options: argparse.Namespace) -> int:
    """Probe the sandbox and the set-up; return 2 if something is missing."""
    from autograder.grading.doctor import examine

    good = True
    for finding in examine(course):
        good &= finding.ok
        print(finding, flush=True)
    return GOOD if good else UNUSABLE
