"""The commands `grade`, `check`, `doctor`, `collect` and `return`."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.files import unusable, write_atomic

GRADED, ODD, UNUSABLE, STOPPED = 0, 1, 2, 130
FROM = "moodle, canvas, blackboard, brightspace, google, files; else names tell"


def add_commands(commands: Any) -> None:
    """Add these commands to a parser's subcommands."""
    text = "grade what was handed in, into nbgrader's gradebook"
    made = commands.add_parser("grade", help=text, description=text)
    made.add_argument("name", metavar="NAME", help="the assignment")
    add_course(made)
    made.add_argument("--student", metavar="GLOB", default="*", help="whom (all)")
    made.add_argument(
        "--jobs", metavar="N", type=positive(int), default=0, help="workers (cores)"
    )
    made.add_argument("--scheduler", metavar="ADDRESS", help="Dask, tcp://host:port")
    made.add_argument(
        "--regrade", action="store_true", help="run what was graded before as well"
    )
    made.add_argument("--cell-seconds", metavar="S", type=positive(float))
    made.add_argument("--total-seconds", metavar="S", type=positive(float))
    made.add_argument("--memory", metavar="MIB", type=positive(int))
    made.add_argument("--json", metavar="FILE", type=Path, help="write the verdicts")
    made.add_argument(
        "--sandbox",
        choices=("bwrap", "none"),
        default="bwrap",
        help="none runs students' code with your own rights",
    )
    made.set_defaults(run=guarded(grade_command))

    text = "check your own notebook: the tests that you can see, with hints"
    made = commands.add_parser("check", help=text, description=text)
    made.add_argument("notebook", metavar="NOTEBOOK", type=Path)
    add_course(made)
    made.add_argument(
        "--sandbox",
        choices=("bwrap", "none"),
        default="bwrap",
        help="none runs the notebook with your own rights: for your own alone",
    )
    made.set_defaults(run=guarded(check_command))

    text = "probe the sandbox and the set-up; say what is missing and how to get it"
    made = commands.add_parser("doctor", help=text, description=text)
    add_course(made)
    made.set_defaults(run=guarded(doctor_command))

    text = "sort what a learning platform gives into a folder for each student"
    made = commands.add_parser("collect", help=text, description=text)
    collect_arguments(made)
    add_course(made)
    made.set_defaults(run=guarded(collect_command))

    text = "pack the feedback for the platform that the work came from"
    made = commands.add_parser("return", help=text, description=text)
    return_arguments(made)
    add_course(made)
    made.set_defaults(run=guarded(return_command))


def add_course(parser: argparse.ArgumentParser) -> None:
    """Let the course's folder be given behind the command too."""
    parser.add_argument(
        "--course", metavar="DIR", type=Path, default=argparse.SUPPRESS, help="(here)"
    )


def positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader of positive numbers, for argparse."""

    def read(text: str) -> Any:
        what = "a whole number" if kind is int else "a number"
        with contextlib.suppress(ValueError):
            value = kind(text)
            if 0 < value < 1e9:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not {what} above 0")

    return read


def guarded(
    command: Callable[[Course, argparse.Namespace], int],
) -> Callable[[Course, argparse.Namespace], int]:
    """Return a command whose failures end it with a message and status 2."""

    def run(course: Course, options: argparse.Namespace) -> int:
        try:
            return command(course, options)
        except CourseError as error:
            print(error, file=sys.stderr)
            return UNUSABLE
        except ModuleNotFoundError as error:
            print(not_installed(error), file=sys.stderr)
            return UNUSABLE
        except BrokenPipeError:
            raise
        except OSError as error:
            print(unusable(error), file=sys.stderr)
            return UNUSABLE
        except KeyboardInterrupt:
            text = "\nStopped. What was graded is kept; the same command goes on."
            print(text, file=sys.stderr)
            return STOPPED

    return run


def not_installed(error: ModuleNotFoundError) -> str:
    """Return what to do about a package that is missing."""
    return (
        f"The package {error.name} is not installed for {sys.executable}. "
        "Run `make setup` once, then use `.venv/bin/python -m autograder`."
    )


def limits(options: argparse.Namespace) -> dict[str, float]:
    """Return the limits of a run, as plain data."""
    from dataclasses import replace

    from autograder.model.limits import Limits

    given = {
        "cell_seconds": options.cell_seconds,
        "total_seconds": options.total_seconds,
        "memory_mib": options.memory,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    return replace(Limits(), **chosen).as_dict()


def grade_command(course: Course, options: argparse.Namespace) -> int:
    """Grade an assignment; return 1 if some submission was rejected or flagged."""
    from autograder.authoring.solution_file import read_assignment
    from autograder.grading.causes import exercises
    from autograder.grading.grade import Options, grade, records
    from autograder.report.progress import Progress

    asked = Options(
        students=options.student,
        jobs=options.jobs,
        scheduler=options.scheduler,
        regrade=options.regrade,
        sandbox=options.sandbox,
        limits=limits(options),
    )
    if options.sandbox == "none":
        print(
            "WARNING: --sandbox none runs students' code with your rights: it can read "
            "and change your files.\nUse it for code that you trust. Each verdict is "
            "marked.",
            file=sys.stderr,
        )
    verdicts = []
    with Progress(sys.stderr) as progress:
        for step in grade(course, options.name, asked):
            verdicts.append(step.verdict)
            progress.show(step)
    if options.json:
        text = json.dumps(records(verdicts), indent=1, sort_keys=True) + "\n"
        if str(options.json) == "-":
            sys.stdout.write(text)
        else:
            write_json(options.json, text.encode())
    closing = sys.stderr if str(options.json) == "-" else sys.stdout
    assignment = read_assignment(course.solution(options.name))
    progress.table(verdicts, closing, exercises(assignment))
    return ODD if any(v.status != "graded" for v in verdicts) else GRADED


def write_json(path: Path, content: bytes) -> None:
    """Write the verdicts; into a pipe or a device as it is."""
    if path.is_file() or path.is_dir() or not path.exists():
        write_atomic(path, content)
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        why = f"{path} could not be written: {error.strerror}."
        raise CourseError(f"{why} The marks are in the gradebook.") from error


def check_command(course: Course, options: argparse.Namespace) -> int:
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
    return GRADED if good else ODD


def doctor_command(course: Course, options: argparse.Namespace) -> int:
    """Probe the sandbox and the set-up; return 2 if something is missing."""
    from autograder.grading.doctor import examine

    good = True
    for finding in examine(course):
        good &= finding.ok
        print(finding, flush=True)
    return GRADED if good else UNUSABLE


def collect_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments of `collect`."""
    made.add_argument("name", metavar="NAME", help="the assignment")
    made.add_argument(
        "archives", metavar="ARCHIVE", nargs="+", type=Path, help="ZIP files or folders"
    )
    made.add_argument("--from", dest="platform", metavar="PLATFORM", help=FROM)
    made.add_argument("--pattern", metavar="REGEX", help="for any other platform")
    made.add_argument("--roster", metavar="CSV", type=Path, help="who has which id")
    made.add_argument("--id", metavar="COLUMN", help="the roster's column of ids")
    made.add_argument("--zone", default="UTC", help="of times in names: Europe/Rome")
    made.add_argument("--dry-run", action="store_true", help="show it, copy nothing")


def return_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments of `return`."""
    made.add_argument("name", metavar="NAME", help="the assignment")
    made.add_argument(
        "--changed", action="store_true", help="only pages not returned before"
    )


def collect_command(course: Course, options: argparse.Namespace) -> int:
    """Collect hand-ins; return 1 if something was left or can't be graded."""
    from autograder.collect.command import collect

    return collect(course, options)


def return_command(course: Course, options: argparse.Namespace) -> int:
    """Pack the pages of feedback for the platform."""
    from autograder.collect.give_back import give_back

    return give_back(course, options)
