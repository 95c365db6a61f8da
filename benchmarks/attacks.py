"""What becomes of the corpus of attacks in this grader: of each file, what it got.

An honest answer is graded after each attack. What fails of the service itself is
listed as the tests hold it (`tests/test_autograder_attacks.py` runs each of those).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, record
from tests.attacks.corpus import SECRET, Attack, service_faults, told
from tests.support.courses import copy_config
from tests.support.hand_ins import NAME

HONEST = 10


def main() -> None:
    """Grade the corpus as one class, and write what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "course"
        make_course(root)
        rows, left = grade_corpus(root)
    record("attacks", result_of(rows, left))


def result_of(rows: list[dict[str, Any]], left: int) -> dict[str, Any]:
    """Return the result of a class that left so many processes behind."""
    return {
        "attacks": len(rows),
        "honest_marks": HONEST,
        "processes_left": left,
        "summary": summary(rows),
        "rows": rows,
        "faults": service_faults(),
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Count what went wrong."""
    over = [(row["marks"] or 0) - row["deserves"] for row in rows]
    return {
        "measured": len(rows),
        "unearned_marks": sum(more > 0 for more in over),
        "lost_marks": sum(more < 0 for more in over),
        "effects_outside": sum(bool(row["effects"]) for row in rows),
        "class_not_finished": sum(row["honest"] != HONEST for row in rows),
    }


def make_course(root: Path) -> None:
    """Make a course with the tiny assignment, released."""
    shutil.copytree(ROOT / "tests" / "data" / "course", root)
    copy_config(root, walled=True)
    command = [sys.executable, "-m", "autograder", "--course", str(root), "release"]
    subprocess.run(command, check=True, capture_output=True)


def grade_corpus(root: Path) -> tuple[list[dict[str, Any]], int]:
    """Return what became of each attack, and how many processes were left."""
    from autograder.course import Course
    from tests.attacks.graded import ATTACKS, Graded

    os.environ["TEACHERS_TOKEN"] = SECRET
    graded = Graded(Course(root))
    rows, before = [], set()
    for number, attack in enumerate(ATTACKS):
        found, now = outcome(graded, number, before)
        rows.append(described(attack) | found)
        before |= now
    return rows, len(graded.left)


def described(attack: Attack) -> dict[str, Any]:
    """Return what an attack is, and what it deserves."""
    return {
        "kind": attack.group,
        "name": attack.name,
        "tries": attack.tries,
        "deserves": attack.marks,
    }


def outcome(
    graded: Any, number: int, before: set[str]
) -> tuple[dict[str, Any], set[str]]:
    """Return what an attack got, and all effects up to the honest answer after it."""
    from tests.attacks.graded import student_of

    student, after = student_of(number), graded.honest[number + 1]
    verdict = graded.verdicts[student]
    path = graded.course.autograded / student / NAME / f"{NAME}.ipynb"
    effects = set(graded.effects[student]) | set(graded.effects[after])
    found = {
        "marks": verdict.score,
        "said": verdict.status,
        "honest": graded.verdicts[after].score,
        "effects": sorted((effects - before) | set(told(path))),
        "seconds": round(graded.took[student], 2),
    }
    return found, effects
