"""The command line: `python -m autograder --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.course import Course, CourseError, default_course


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, or 1 after saying what is wrong."""
    options = parser().parse_args(arguments)
    course = Course(options.course.resolve()) if options.course else default_course()
    try:
        run: Callable[[Course, argparse.Namespace], int] = options.run
        return run(course, options)
    except CourseError as error:
        print(error, file=sys.stderr)
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
    grading = command("grade-class", grade_class, "grade with nbgrader's autograde")
    grading.add_argument(
        "--force", action="store_true", help="grade unchanged ones too"
    )
    command("feedback", feedback, "write the students' feedback")
    command("try", try_out, "run solutions and mistakes; show which tests they lose")
    return made


def release(course: Course, options: argparse.Namespace) -> int:
    """Release assignments."""
    from autograder.release import release

    names = course.choose(options.names)
    for number, name in enumerate(names, 1):
        changed = release(course, name)
        state = "released" if changed else "unchanged"
        target = course.exercises / name / f"{name}.ipynb"
        print(f"[{number}/{len(names)}] {name}  {state}  {target}", flush=True)
    return 0


def sample(course: Course, options: argparse.Namespace) -> int:
    """Make sample classes."""
    from autograder.sample_class import STUDENTS, manifest_path, write_class

    names = course.choose(options.names)
    for number, name in enumerate(names, 1):
        changed = write_class(course, name)
        said = f"{len(STUDENTS)} students, {changed} files changed"
        print(f"[{number}/{len(names)}] {name}  {said}", flush=True)
        print(f"      marks expected: {manifest_path(course, name)}", flush=True)
    return 0


def grade_class(course: Course, options: argparse.Namespace) -> int:
    """Grade classes with nbgrader's autograde and export all marks."""
    from autograder.nbgrader_class import export, grade_class
    from autograder.report import Progress, problems, summary

    names = course.choose(options.names)
    progress, results = Progress(course, names), []
    for name in names:
        for result in grade_class(course, name, options.force):
            print(progress.line(result), flush=True)
            results.append(result)
    print("", *summary(course, results), *problems(results), sep="\n")
    print(f"\nMarks: {export(course)}", flush=True)
    return 0


def feedback(course: Course, options: argparse.Namespace) -> int:
    """Write feedback."""
    from autograder.nbgrader_class import write_feedback
    from autograder.report import Progress, problems

    names = course.choose(options.names)
    progress, results = Progress(course, names), []
    for name in names:
        for result in write_feedback(course, name):
            print(progress.line(result), flush=True)
            results.append(result)
    print(*problems(results), sep="\n")
    print(f"Feedback: {course.feedback}/STUDENT/NAME/NAME.html", flush=True)
    return 0


def try_out(course: Course, options: argparse.Namespace) -> int:
    """Run solutions, right versions and mistakes."""
    from autograder.author import try_out

    bad = 0
    for name in course.choose(options.names):
        for line in try_out(course, name):
            bad += line.startswith("BAD")
            print(line, flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
