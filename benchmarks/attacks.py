"""What becomes of the corpus of attacks: in this grader, and in `nbgrader autograde`.

nbgrader has no wall, so each attack has a box of its own (see `box.py`), in which one
`nbgrader autograde` grades the attack and then an honest answer. What was measured is
kept until what it depends on changes, so a run that was stopped goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.box import CELL_SECONDS, DISK_MIB, FILE_MIB, PROCESS_MIB, boxed
from benchmarks.record import ROOT, record
from tests.attacks.corpus import SECRET, Attack, corpus, told
from tests.support.courses import copy_config
from tests.support.hand_ins import NAME

BOXES = 2
HONEST = 10
KEPT = ROOT / "build" / "benchmarks" / "attacks.json"


def main() -> None:
    """Run the corpus through both graders; what was measured before is kept."""
    attacks, kept = corpus(), Kept()
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "course"
        make_course(template)

        def measure(attack: Attack) -> None:
            if not kept.get(key(attack)):
                kept.add(key(attack), boxed(attack, template))

        whole = version(attacks)
        if not kept.get(whole):
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as own:
                ours = own.submit(walled, Path(folder) / "ours", template).result()
            kept.add(whole, {"found": ours[0], "left": ours[1]})
        with ThreadPoolExecutor(BOXES) as boxes:
            list(boxes.map(measure, attacks))
    rows = [row(attack, kept.found[whole]["found"], kept) for attack in attacks]
    result = {
        "attacks": len(rows),
        "honest_marks": HONEST,
        "processes_left": kept.found[whole]["left"],
        "summary": {side: summary(rows, side) for side in ("autograder", "nbgrader")},
        "rows": rows,
    }
    record("attacks", result)


class Kept:
    """What was measured, kept until what it depends on changes."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: dict[str, Any] = {}
        with contextlib.suppress(OSError):
            self.found = json.loads(KEPT.read_text(encoding="utf-8"))

    def get(self, key: str) -> dict[str, Any] | None:
        """Return what is known under a key."""
        return self.found.get(key)

    def add(self, key: str, found: dict[str, Any]) -> None:
        """Keep what was found."""
        with self.lock:
            self.found[key] = found
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            part = KEPT.with_suffix(".part")
            part.write_text(json.dumps(self.found, indent=1), encoding="utf-8")
            part.replace(KEPT)
            print(f"benchmarks: {key.split()[0]} {str(found)[:99]}", flush=True)


def key(attack: Attack) -> str:
    """Return the key of an attack: its name, what is in it, and the limits."""
    limits = (CELL_SECONDS, PROCESS_MIB, DISK_MIB, FILE_MIB)
    digest = hashlib.sha256(f"{limits} {attack.body}".encode()).hexdigest()
    return f"{attack.student} {digest[:16]}"


def version(attacks: list[Attack]) -> str:
    """Return the key of this grader's side: its version, and all attacks."""
    from autograder.model.verdict import GRADER_VERSION

    bodies = "".join(attack.body for attack in attacks)
    digest = hashlib.sha256(f"{GRADER_VERSION} {bodies}".encode()).hexdigest()
    return f"autograder {digest[:16]}"


def row(attack: Attack, ours: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """Return the line of an attack in the table."""
    return {
        "kind": attack.group,
        "name": attack.name,
        "tries": attack.tries,
        "deserves": attack.marks,
        "or": attack.taken,
        "autograder": ours[attack.student],
        "nbgrader": kept.get(key(attack)),
    }


def summary(rows: list[dict[str, Any]], side: str) -> dict[str, int]:
    """Count what went wrong."""
    found = [line[side] for line in rows]
    over = [(line[side]["marks"] or 0) - line["deserves"] for line in rows]
    taken = [line[side]["marks"] == line["or"] for line in rows]
    return {
        "measured": len(rows),
        "unearned_marks": sum(
            more > 0 and not fair for more, fair in zip(over, taken, strict=True)
        ),
        "lost_marks": sum(more < 0 for more in over),
        "effects_outside": sum(bool(got["effects"]) for got in found),
        "class_not_finished": sum(got["honest"] != HONEST for got in found),
    }


def make_course(root: Path) -> None:
    """Make a course with the tiny assignment, released."""
    shutil.copytree(ROOT / "tests" / "data" / "course", root)
    copy_config(root, walled=False)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Execute.timeout = {CELL_SECONDS}\n")
    command = [sys.executable, "-m", "autograder", "--course", str(root), "release"]
    subprocess.run(command, check=True, capture_output=True)


def walled(root: Path, template: Path) -> tuple[dict[str, Any], int]:
    """Return what this grader makes of each attack, and how many processes it left."""
    from autograder.course import Course
    from tests.attacks.graded import ATTACKS, Graded, student_of

    shutil.copytree(template, root)
    os.environ["TEACHERS_TOKEN"] = SECRET
    graded = Graded(Course(root))
    found, before = {}, set()
    for number, attack in enumerate(ATTACKS):
        student, after = student_of(number), graded.honest[number + 1]
        verdict = graded.verdicts[student]
        path = graded.course.autograded / student / NAME / f"{NAME}.ipynb"
        effects = set(graded.effects[student]) | set(graded.effects[after])
        found[attack.student] = {
            "marks": verdict.score,
            "said": verdict.status,
            "honest": graded.verdicts[after].score,
            "effects": sorted((effects - before) | set(told(path))),
            "seconds": round(graded.took[student], 2),
        }
        before |= effects
    return found, len(graded.left)
