"""The command line: `python -m autograder --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands import add_commands, not_installed
from autograder.course import Course, CourseError, default_course

if TYPE_CHECKING:
    from autograder.authoring.percent import Problem


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, or 1 after saying what is wrong."""
    options = parser().parse_args(arguments)
    beside, paths = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if beside not in paths.split(os.pathsep):  # nbgrader calls `alembic` by its name
        os.environ["PATH"] = os.pathsep.join([beside, *filter(None, [paths])])
    course = Course(options.course.resolve()) if options.course else default_course()
    if not course.root.is_dir():
        print(
            f"{course.root} is no folder: --course takes a course's.", file=sys.stderr
        )
        return 2
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
    command("feedback", feedback, "write feedback, also after marking by hand")
    command("marks", marks, "write build/grades.csv, and a table of the class")
    command("try", try_out, "run solutions and mistakes; show which tests they lose")
    add_commands(commands)
    return made


def release(course: Course, options: argparse.Namespace) -> int:
    """Release assignments."""
    from autograder.authoring.percent import AuthoringError
    from autograder.gradebook.release import release

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


def feedback(course: Course, options: argparse.Namespace) -> int:
    """Write feedback; return 1 if some page could not be written."""
    from autograder.feedback.write import write_feedback
    from autograder.report.progress import Progress, plain

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
        print(f"No feedback: {page.name}  {plain(page.student)}: {page.problem}")
    print(f"Feedback: {course.feedback}/STUDENT/NAME/NAME.html", flush=True)
    return 1 if failed else 0


def marks(course: Course, options: argparse.Namespace) -> int:
    """Export all marks; print how many, how good and what waits."""
    from autograder.gradebook.export import export, summary

    target = export(course)
    print("", *summary(course, course.choose(options.names)), sep="\n")
    print(f"\nMarks: {target}", flush=True)
    return 0


def try_out(course: Course, options: argparse.Namespace) -> int:
    """Run solutions, right versions and mistakes."""
    from autograder.authoring.try_out import try_out

    bad = 0
    for name in course.choose(options.names):
        for line in try_out(course, name):
            bad += line.startswith("BAD")
            print(line, flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
