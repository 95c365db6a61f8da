"""What becomes of the corpus of attacks: in this grader, and in `nbgrader autograde`.

nbgrader has no wall, so each attack has a box of its own: bubblewrap, no network but
its own, nothing to write but its course, limits on memory, files and time. In the
box, one `nbgrader autograde` grades the attack and then an honest answer.
"""

import contextlib
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, copy_config, record

sys.path.insert(0, str(ROOT / "tests"))

from attacks.corpus import SECRET, Attack, Surroundings, below, corpus, told
from hand_ins import NAME, hand_in, solved

BOXES = 3
SECONDS = 45
CELL_SECONDS = 4
MEMORY = 3 << 30
FILE = 128 << 20
HONEST = 10
KEPT = ROOT / "build" / "benchmarks" / "attacks.json"


def main(minutes: float = 60) -> None:
    """Run the corpus through both graders; what was measured before is kept."""
    attacks, kept = corpus(), Kept()
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "course"
        make_course(template)
        own = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        until = time.monotonic() + 60 * minutes

        def measure(attack: Attack) -> None:
            if not kept.get(attack) and time.monotonic() < until:
                kept.add(attack, boxed(attack, template))

        with own, ThreadPoolExecutor(BOXES) as boxes:
            waited = own.submit(walled, Path(folder) / "ours", template)
            list(boxes.map(measure, attacks))
            ours, left = waited.result()
    rows = [row(attack, ours, kept) for attack in attacks]
    sides = {"autograder": rows, "nbgrader": [r for r in rows if r["nbgrader"]]}
    result = {
        "attacks": len(rows),
        "honest_marks": HONEST,
        "processes_left": left,
        "summary": {side: summary(done, side) for side, done in sides.items()},
        "rows": rows,
    }
    record("attacks", result)


class Kept:
    """What nbgrader made of attacks, kept until an attack changes."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: dict[str, Any] = {}
        with contextlib.suppress(OSError):
            self.found = json.loads(KEPT.read_text(encoding="utf-8"))

    def get(self, attack: Attack) -> dict[str, Any] | None:
        """Return what is known of an attack."""
        return self.found.get(self.key(attack))

    def add(self, attack: Attack, found: dict[str, Any]) -> None:
        """Keep what was found."""
        with self.lock:
            self.found[self.key(attack)] = found
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            part = KEPT.with_suffix(".part")
            part.write_text(json.dumps(self.found, indent=1), encoding="utf-8")
            part.replace(KEPT)

    def key(self, attack: Attack) -> str:
        """Return the key of an attack: its name and what is in it."""
        digest = hashlib.sha256(attack.body.encode()).hexdigest()
        return f"{attack.student} {digest[:16]}"


def row(attack: Attack, ours: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """Return the line of an attack in the table."""
    return {
        "kind": attack.group,
        "name": attack.name,
        "tries": attack.tries,
        "deserves": attack.marks,
        "autograder": ours[attack.student],
        "nbgrader": kept.get(attack),
    }


def summary(rows: list[dict[str, Any]], side: str) -> dict[str, int]:
    """Count what went wrong."""
    pairs = [(line["deserves"], line[side]) for line in rows]
    return {
        "measured": len(pairs),
        "unearned_marks": sum((got["marks"] or 0) > due for due, got in pairs),
        "lost_marks": sum((got["marks"] or 0) < due for due, got in pairs),
        "effects_outside": sum(bool(got["effects"]) for _, got in pairs),
        "class_not_finished": sum(got["honest"] != HONEST for _, got in pairs),
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
    from attacks.graded import ATTACKS, Graded, student_of

    from autograder.course import Course

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


def boxed(attack: Attack, template: Path) -> dict[str, Any]:
    """Return what `nbgrader autograde` makes of an attack, in a box."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "course"
        shutil.copytree(template, root)
        started = time.perf_counter()
        process = subprocess.Popen(
            box(root, attack), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(SECONDS + 20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        found = {"marks": None, "said": "box ended", "honest": None, "effects": []}
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((root / "result.json").read_text(encoding="utf-8"))
        scores = marks(root)
        found |= {"marks": scores.get("a"), "honest": scores.get("b")}
        found["seconds"] = round(time.perf_counter() - started, 2)
    print(f"benchmarks: {attack.student}: {found}", flush=True)
    return found


def box(root: Path, attack: Attack) -> list[str]:
    """Return the command line of a box."""
    inside = [sys.executable, "-m", "benchmarks.attacks", str(root), attack.student]
    return [
        "bwrap",
        *("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--clearenv"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--size", str(256 << 20), "--tmpfs", "/tmp", "--tmpfs", str(Path.home())),
        *("--ro-bind", sys.base_prefix, sys.base_prefix),
        *("--bind", str(root), str(root), "--chdir", str(ROOT)),
        *("--setenv", "HOME", "/tmp", "--setenv", "OMP_NUM_THREADS", "1"),
        *("--setenv", "PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin"),
        *("--setenv", "TEACHERS_TOKEN", SECRET, "--setenv", "LANG", "C.UTF-8"),
        *("--setenv", "PYTHONDONTWRITEBYTECODE", "1"),
        *inside,
    ]


def inside(root: Path, wanted: str) -> None:
    """In the box: hand in an attack and an honest answer, grade, look around."""
    from autograder.course import Course

    attack = next(attack for attack in corpus() if attack.student == wanted)
    course = Course(root)
    with Surroundings(root) as around:
        attack.hand_in(course.submitted / "a" / NAME, f"{NAME}.ipynb", around)
        hand_in(course, "b", solved())
        own = below(1) | {1}
        said = autograde(root)
        time.sleep(0.5)
        left = below(1) - own
        effects = set(around.effects()) | ({"processes"} if left else set())
        effects |= set(told(course.autograded / "a" / NAME / f"{NAME}.ipynb"))
        result = {"said": said, "effects": sorted(effects)}
        (root / "result.json").write_text(json.dumps(result), encoding="utf-8")


def autograde(root: Path) -> str:
    """Run nbgrader's command with limits; say how it ended."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    process = subprocess.Popen(
        ["nbgrader", "autograde", NAME],
        cwd=root,
        preexec_fn=limit,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return f"status {process.wait(SECONDS)}"
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"not finished after {SECONDS} s"


def marks(root: Path) -> dict[str, float]:
    """Return the scores in the gradebook of a course, by student."""
    from nbgrader.api import Gradebook

    path = root / "build" / "gradebook.db"
    if not path.is_file():
        return {}
    with Gradebook(f"sqlite:///{path}", "attention") as gradebook:
        found = gradebook.assignment_submissions(NAME)
        return {submission.student.id: submission.score for submission in found}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        inside(Path(sys.argv[1]), sys.argv[2])
    else:
        main(*map(float, sys.argv[1:]))
