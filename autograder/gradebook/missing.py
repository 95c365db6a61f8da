"""Who handed in nothing: the gradebook's students of whom there is no submission."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from autograder.course import Course
from autograder.gradebook.students import list_students
from autograder.intake.handed_in import handed_in, printable
from autograder.intake.notebook_file import fold_name, plain_name
from autograder.model.verdict import NOTHING_CAME


def find_missing(course: Course, name: str, wanted: str = "*") -> dict[str, str]:
    """Return {student: what there is to say} of those who handed in nothing.

    Whoever has a folder in which the work lies under another name than the
    assignment's is among them, whether the gradebook knows them or not.
    """
    there = set(handed_in(course.submitted, name))
    misplaced = dict(find_misplaced(course.submitted, name))
    everyone, without = list_students(course, name)
    unknown = misplaced.keys() - set(everyone)
    who = sorted({*without, *unknown} - there)
    folded = {fold_name(student): student for student in there}
    return {
        student: misplaced.get(student) or tell_nothing(student, folded)
        for student in who
        if fnmatchcase(student, wanted)
    }


def tell_nothing(student: str, folded: dict[str, str]) -> str:
    """Say that nothing came, or that it came under an id that is nearly the same."""
    other = folded.get(fold_name(student))
    if other is None:
        return NOTHING_CAME
    return (
        f"Nothing was handed in under this id, but under {other!r}: if that is the "
        "same person, give the folder this name and grade again."
    )


def find_misplaced(submitted: Path, name: str) -> Iterator[tuple[str, str]]:
    """Yield those whose folder holds the assignment under another name."""
    for student in list_names(submitted):
        if student.startswith(".") or not printable(student):
            continue
        inner = list_names(submitted / student)
        if name in inner:
            continue
        alike = sorted(one for one in inner if plain_name(one) == plain_name(name))
        if alike:
            place = f"{student}/{name}/"
            yield student, f"Holds {alike[0]!a}: the notebook has to lie in {place}."


def list_names(folder: Path) -> list[str]:
    """Return the names in a folder; none if it is no folder, a link, or closed."""
    with suppress(OSError):
        return [] if folder.is_symlink() else os.listdir(folder)
    return []
