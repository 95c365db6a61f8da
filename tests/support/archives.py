"""Archives of platforms, made up in memory, and what would be collected of them."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from autograder.collect.archive import ArchiveFile
from autograder.collect.command import chosen_platform, tell_status
from autograder.collect.plan import make_plan
from autograder.collect.roster import Roster
from tests.support.hand_ins import NAME, as_bytes, solved, tiny_assignment

F = f"{NAME}.ipynb"
NOTEBOOK = as_bytes(solved())
NOON = datetime.datetime(2026, 3, 1, 12)


def notebook(number):
    """Return a notebook that is no other number's."""
    return NOTEBOOK + b" " * number


def found_in(files, archive="homework.zip"):
    """Return the files of an archive; where a path has no content, a notebook each."""
    if not isinstance(files, dict):
        files = {path: notebook(n) for n, path in enumerate(files)}
    return [
        ArchiveFile(Path(archive), p, content, NOON) for p, content in files.items()
    ]


def read(files, roster=None, platform=None, pattern=None, known=None):
    """Return what would be collected of files, told as the command tells it."""
    found = list(files)
    if isinstance(files, dict) or not isinstance(found[0], ArchiveFile):
        found = found_in(files)
    archives = sorted({entry.archive for entry in found})
    options = argparse.Namespace(
        archives=archives, platform=platform, pattern=pattern, name=NAME
    )
    chosen = chosen_platform(options, found)
    return make_plan(found, chosen, tiny_assignment(), roster, known)


def students(plan):
    """Return who would be collected, and the status that the command ends with."""
    return [hand_in.student for hand_in in plan.hand_ins], tell_status(plan)


def table(*rows, column="id"):
    """Return a roster of these rows."""
    return Roster(Path("class.csv"), column, rows)


GIT = (".git/HEAD", ".git/objects/ab/cdef", ".gitignore", "README.md", "data/a.csv")
RECEIPT = b"Name: Ada Lovelace (ada_lovelace)\r\nAssignment: hw_2\r\n"
BLACKBOARD_DATE = "attempt_2026-03-01-12-00-00"
SAKAI_FOLDER = "Homework 2/Lovelace, Ada(alovelace)"


def clone(name, **more):
    """Return the files of a student's repository."""
    files = {f"{name}/{path}": b"x" for path in GIT}
    return files | {f"{name}/{F}": notebook(len(name)), **more}
