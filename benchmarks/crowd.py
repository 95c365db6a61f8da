"""A class as large as wanted: honest work of every kind, each file with its own bytes.

Each function is the reference's or one of the catalogue's right versions, by chance; in
half of the class, something is wrong or missing. Nothing loops for ever, breaks the
notebook's format or cheats: what is compared is the price of grading, and on such work
all graders must agree.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course
from autograder.gradebook.release import released_bytes
from autograder.sample.students import (
    Maker,
    misspelt,
    notebook_with,
    raises,
    solution_only,
    spread,
)
from benchmarks.record import ROOT
from tests.support.courses import copy_config

SHARES = {"right": 9, "mistaken": 8, "half done": 1, "untouched": 1, "broken": 1}


def make_course(root: Path, name: str) -> Course:
    """Make a course of one assignment, released."""
    course = Course(root)
    shutil.copytree(ROOT / "solutions" / name, course.solutions / name)
    copy_config(root, walled=False)
    run(course, "-m", "autograder", "--course", ".", "release", name)
    return course


def hand_in(course: Course, name: str, count: int) -> dict[str, str]:
    """Let so many students hand in; return what each did."""
    stories = {}
    for number, (story, content) in enumerate(crowd(course, name, count)):
        student = f"student-{number:06d}"
        place = course.submitted / student / name / f"{name}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        stories[student] = story
    return stories


def crowd(course: Course, name: str, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield (what, bytes) of submissions, mixed; the same input, the same class."""
    assignment = read_assignment(course.solution(name))
    notebook = json.loads(released_bytes(assignment))
    chance = random.Random(f"crowd {name}")
    maker = Maker(assignment, read_catalogue(assignment), notebook, chance)
    mistakes = spread(maker)
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    order = [kinds[number % len(kinds)] for number in range(count)]
    chance.shuffle(order)
    for number, kind in enumerate(order):
        versions = {} if kind == "untouched" else answers(maker)
        cells = list(versions)
        if kind == "mistaken":
            mistake = mistakes[number % len(mistakes)]
            versions[mistake.of] = mistake.source
        elif kind == "half done":
            versions = {cell: versions[cell] for cell in cells[: len(cells) // 2]}
        elif kind == "broken":
            wrong = chance.choice(cells)
            versions[wrong] = (raises, misspelt)[number % 2](maker, wrong)
        if kind in ("right", "mistaken"):
            questions = assignment.role("written")
            versions |= {cell.id: maker.answer(cell.id) for cell in questions}
        yield kind, signed(notebook, versions, number)


def answers(maker: Maker) -> dict[str, str]:
    """Return right solution cells, each in a style of its own."""
    found = {}
    for cell in maker.assignment.role("solution"):
        styles = maker.catalogue.styles().values()
        others = [style[cell.id] for style in styles if cell.id in style]
        found[cell.id] = maker.rng.choice([solution_only(cell.source), *others])
    return found


def signed(notebook: dict[str, Any], versions: dict[str, str], number: int) -> bytes:
    """Return a notebook with these answers and a note that nobody else has."""
    text = f"Notes of student {number}: I worked on this for {3 + number % 7} evenings."
    note = {"cell_type": "markdown", "id": f"notes-{number}", "metadata": {}}
    first, *rest = notebook["cells"]
    cells = [first, note | {"source": [text]}, *rest]
    return notebook_with(notebook | {"cells": cells}, versions)


def environment() -> dict[str, str]:
    """Return an environment with this Python's programs on the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": programs}


def run(course: Course, *command: str, fine: tuple[int, ...] = (0,)) -> str:
    """Run a Python command in a course; return what it printed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=course.root,
        env=environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode not in fine:
        sys.exit(f"benchmarks: {' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done.stdout
