"""The command line: `python -m autograder --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands import add_commands, not_installed
from autograder.course import Course, CourseError, default_course

if TYPE_CHECKING:
    from autograder.assignments.percent import Problem
    from autograder.gradebook.nbgrader_class import Result
    from autograder.gradebook.report import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, or 1 after saying what is wrong."""
    options = parser().parse_args(arguments)
    beside, paths = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if beside not in paths.split(os.pathsep):  # nbgrader calls `alembic` by its name
        os.environ["PATH"] = os.pathsep.join([beside, *filter(None, [paths])])
    course = Course(options.course.resolve()) if options.course else default_course()
    try:
        run: Callable[[Course, argparse.Namespace], int] = options.run
        return run(course, options)
    except CourseError as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        print(not_installed(error), file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser("python -m autograder", description=__doc__)
    made.add_argument("--course", type=Path, help="the course's folder (this one)")
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("names", nargs="*", metavar="NAME", help="all, if none")
        added.set_defaults(run=run)
        return added

    command("release", release, "make the students' notebooks in exercises/")
    command("sample", sample, "make a sample class in build/submitted/")
    grading = command(
        "grade-class", grade_class, "grade by nbgrader's own autograde, to compare"
    )
    grading.add_argument(
        "--force", action="store_true", help="grade unchanged ones too"
    )
    command("feedback", feedback, "write feedback, also after marking by hand")
    command("marks", marks, "write build/grades.csv, and a table of the class")
    command("try", try_out, "run solutions and mistakes; show which tests they lose")
    add_commands(commands)
    return made


def release(course: Course, options: argparse.Namespace) -> int:
    """Release assignments."""
    from autograder.assignments.percent import AuthoringError
    from autograder.assignments.release import release

    names = course.choose(options.names)
    wrong: list[Problem] = []
    for number, name in enumerate(names, 1):
        try:
            state = "released" if release(course, name) else "unchanged"
        except AuthoringError as error:
            wrong += error.problems
            state = "NOT RELEASED, see below"
        target = course.exercises / name / f"{name}.ipynb"
        print(f"[{number}/{len(names)}] {name}  {state}  {target}", flush=True)
    if wrong:
        raise AuthoringError(wrong)
    return 0


def sample(course: Course, options: argparse.Namespace) -> int:
    """Make sample classes."""
    from autograder.sample.write import STUDENTS, manifest_path, write_class

    names = course.choose(options.names)
    for number, name in enumerate(names, 1):
        changed = write_class(course, name)
        said = f"{len(STUDENTS)} students, {changed} files changed"
        print(f"[{number}/{len(names)}] {name}  {said}", flush=True)
        print(f"      marks expected: {manifest_path(course, name)}", flush=True)
    return 0


def grade_class(course: Course, options: argparse.Namespace) -> int:
    """Grade classes with nbgrader's autograde, write feedback, export all marks."""
    from autograder.gradebook.nbgrader_class import export, grade_class
    from autograder.gradebook.report import Progress, problems, summary

    names = course.choose(options.names)
    progress = Progress(course, names)
    print("Marks", flush=True)
    graded = (grade_class(course, name, options.force) for name in names)
    results = show(progress, chain.from_iterable(graded))
    marks = export(course)
    told = tell(course, names)
    print("", *summary(course, results), *problems(results), sep="\n")
    print(*problems(told, "No feedback:"), sep="\n")
    print(f"\nMarks: {marks}")
    print(f"Feedback: {course.feedback}/STUDENT/NAME/NAME.html", flush=True)
    return 0


def feedback(course: Course, options: argparse.Namespace) -> int:
    """Write feedback."""
    from autograder.gradebook.report import problems

    told = tell(course, course.choose(options.names))
    print(*problems(told, "No feedback:"), sep="\n")
    print(f"Feedback: {course.feedback}/STUDENT/NAME/NAME.html", flush=True)
    return 0


def marks(course: Course, options: argparse.Namespace) -> int:
    """Export all marks; print how many, how good and what waits."""
    from autograder.gradebook.nbgrader_class import export, read_class
    from autograder.gradebook.report import summary

    names = course.choose(options.names)
    results = [result for name in names for result in read_class(course, name)]
    target = export(course)
    print("", *summary(course, results), sep="\n")
    print(f"\nMarks: {target}", flush=True)
    return 0


def tell(course: Course, names: list[str]) -> list[Result]:
    """Write the feedback of some assignments, showing how far it is."""
    from autograder.gradebook.nbgrader_class import write_feedback
    from autograder.gradebook.report import Progress

    print("\nFeedback", flush=True)
    told = (write_feedback(course, name) for name in names)
    return show(Progress(course, names), chain.from_iterable(told))


def show(progress: Progress, results: Iterable[Result]) -> list[Result]:
    """Print each result that is new as it comes; return all."""
    shown = []
    for result in results:
        line = progress.line(result)
        if result.changed:
            print(line, flush=True)
        shown.append(result)
    print(f"{sum(not result.changed for result in shown)} unchanged", flush=True)
    return shown


def try_out(course: Course, options: argparse.Namespace) -> int:
    """Run solutions, right versions and mistakes."""
    from autograder.assignments.author import try_out

    bad = 0
    for name in course.choose(options.names):
        for line in try_out(course, name):
            bad += line.startswith("BAD")
            print(line, flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
