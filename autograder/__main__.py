"""The command line: `python -m autograder --help`."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import commands
from autograder.collect.platforms import PLATFORMS
from autograder.course import (
    ODD,
    STOPPED,
    UNUSABLE,
    Course,
    CourseError,
    default_course,
)
from autograder.files import unusable

CommandRun = Callable[[Course, argparse.Namespace], int]
Argument = tuple[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """One command; `kept` says what is there after Ctrl-C."""

    run: CommandRun
    text: str
    arguments: tuple[Argument, ...]
    kept: str = "Run the same command again to go on."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its status.

    0: all is well; 1: something needs a look; 2: the command could not do its work,
    and what to do was said; 130: stopped by Ctrl-C.
    """
    options = parser().parse_args(arguments)
    command: Command = options.command
    try:
        course = Course.load(options.course) if options.course else default_course()
        return command.run(course, options)
    except BrokenPipeError:  # whoever read our words has gone, as `head` does
        sys.stderr.close()
        return ODD
    except CourseError as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        print(not_installed(error), file=sys.stderr)
    except OSError as error:
        print(unusable(error), file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\nStopped. {command.kept}", file=sys.stderr)
        return STOPPED
    return UNUSABLE


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, made from the table of commands."""
    made = argparse.ArgumentParser("python -m autograder", description=__doc__)
    add_course(made, None)
    added = made.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        own = added.add_parser(name, help=command.text, description=command.text)
        for names, settings in command.arguments:
            own.add_argument(*names, **settings)
        add_course(own, argparse.SUPPRESS)  # else it would undo what stands before
        own.set_defaults(command=command)
    return made


def add_course(made: argparse.ArgumentParser, default: str | None) -> None:
    """Let the course's folder be given."""
    text = "the course's folder (this one)"
    made.add_argument("--course", metavar="DIR", type=Path, default=default, help=text)


def not_installed(error: ModuleNotFoundError) -> str:
    """Return what to do about a package that is missing."""
    return (
        f"The package {error.name} is not installed for {sys.executable}. "
        "Run `make setup` once, then use `.venv/bin/python -m autograder`."
    )


def imported(module: str, name: str) -> CommandRun:
    """Return a command that stands in another module, imported when it runs."""

    def run(course: Course, options: argparse.Namespace) -> int:
        command: CommandRun = getattr(importlib.import_module(module), name)
        return command(course, options)

    return run


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


def argument(*names: str, **settings: Any) -> Argument:
    """Return an argument as argparse's `add_argument` takes it."""
    return names, settings


def sandbox(text: str) -> Argument:
    """Return the argument that chooses the wall, or none."""
    choices = ("bwrap", "none")
    return argument("--sandbox", choices=choices, default="bwrap", help=text)


FROM = f"{', '.join(platform.name for platform in PLATFORMS)}; else names tell"
SOME_NAMES = (argument("names", nargs="*", metavar="NAME", help="all, if none"),)
ONE_NAME = argument("name", metavar="NAME", help="the assignment")
GRADE = (
    ONE_NAME,
    argument("--student", metavar="GLOB", default="*", help="whom (all)"),
    argument(
        "--jobs", metavar="N", type=positive(int), default=0, help="workers (cores)"
    ),
    argument("--scheduler", metavar="ADDRESS", help="Dask, tcp://host:port"),
    argument(
        "--regrade", action="store_true", help="run what was graded before as well"
    ),
    argument("--cell-seconds", metavar="S", type=positive(float)),
    argument("--total-seconds", metavar="S", type=positive(float)),
    argument("--memory", metavar="MIB", type=positive(int)),
    argument("--json", metavar="FILE", type=Path, help="write the verdicts"),
    sandbox("none runs students' code with your own rights"),
)
CHECK = (
    argument("notebook", metavar="NOTEBOOK", type=Path),
    sandbox("none runs the notebook with your own rights: for your own alone"),
)
ARCHIVES = {"metavar": "ARCHIVE", "nargs": "+", "type": Path}
COLLECT = (
    ONE_NAME,
    argument("archives", **ARCHIVES, help="ZIP files or folders"),
    argument("--from", dest="platform", metavar="PLATFORM", help=FROM),
    argument("--pattern", metavar="REGEX", help="for any other platform"),
    argument("--roster", metavar="CSV", type=Path, help="who has which id"),
    argument("--id", metavar="COLUMN", help="the roster's column of ids"),
    argument("--zone", default="UTC", help="of times in names: Europe/Rome"),
    argument("--dry-run", action="store_true", help="show it, copy nothing"),
)
CHANGED = argument(
    "--changed", action="store_true", help="only pages not returned before"
)
GRADED_IS_KEPT = "What was graded is kept; the same command goes on."
COMMANDS = {
    "release": Command(
        commands.run_release, "make the students' notebooks in exercises/", SOME_NAMES
    ),
    "sample": Command(
        commands.run_sample, "make a sample class in build/submitted/", SOME_NAMES
    ),
    "collect": Command(
        imported("autograder.collect.command", "collect"),
        "sort what a learning platform gives into a folder for each student",
        COLLECT,
    ),
    "grade": Command(
        commands.run_grade,
        "grade what was handed in, into nbgrader's gradebook",
        GRADE,
        GRADED_IS_KEPT,
    ),
    "feedback": Command(
        commands.run_feedback, "write feedback, also after marking by hand", SOME_NAMES
    ),
    "marks": Command(
        commands.run_marks,
        "write build/grades.csv, and a table of the class",
        SOME_NAMES,
    ),
    "return": Command(
        imported("autograder.collect.give_back", "give_back"),
        "pack the feedback for the platform that the work came from",
        (ONE_NAME, CHANGED),
    ),
    "check": Command(
        commands.run_check,
        "check your own notebook: the tests that you can see, with hints",
        CHECK,
    ),
    "try": Command(
        commands.run_try,
        "run solutions and mistakes; show which tests they lose",
        SOME_NAMES,
    ),
    "doctor": Command(
        commands.run_doctor,
        "probe the sandbox and the set-up; say what is missing and how to get it",
        (),
    ),
}


if __name__ == "__main__":
    sys.exit(main())
