"""What becomes of the corpus of attacks: in this grader, and in `nbgrader autograde`.

nbgrader has no wall, so each attack has a box of its own, which is thrown away with all
that was done in it: bubblewrap, no network but its own, nothing of the machine to write
to, limits on memory, processes, files, disk and time. In the box, one
`nbgrader autograde` grades the attack and then an honest answer. What was measured is
kept until an attack or the box changes, so a run that was stopped goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, record

sys.path.insert(0, str(ROOT / "tests"))

from attacks.corpus import SECRET, Attack, Surroundings, below, corpus, told
from hand_ins import NAME, hand_in, solved

BOXES = 2
SECONDS = 60
CELL_SECONDS = 5
MIB = 1 << 20
PROCESS_MIB = 3 << 10  # of address space, for one process
BOX_MIB = 4 << 10  # of memory in use, for all processes of a box
DISK_MIB = 768  # in memory: a box has no disk
FILE_MIB = 400
PROCESSES = 100
THREADS = 1000
HONEST = 10
KEPT = ROOT / "build" / "benchmarks" / "attacks.json"
ENDED = {"said": "box ended", "marks": None, "honest": None, "effects": []}


def main() -> None:
    """Run the corpus through both graders; what was measured before is kept."""
    attacks, kept = corpus(), Kept()
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "course"
        make_course(template)

        def measure(attack: Attack) -> None:
            if not kept.get(attack):
                kept.add(attack, boxed(attack, template))

        with ThreadPoolExecutor(BOXES) as boxes:
            list(boxes.map(measure, attacks))
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as own:
            ours, left = own.submit(walled, Path(folder) / "ours", template).result()
    rows = [row(attack, ours, kept) for attack in attacks]
    result = {
        "attacks": len(rows),
        "honest_marks": HONEST,
        "processes_left": left,
        "summary": {side: summary(rows, side) for side in ("autograder", "nbgrader")},
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
            print(f"benchmarks: {attack.student}: {found}", flush=True)

    def key(self, attack: Attack) -> str:
        """Return the key of an attack: its name, what is in it, and the limits."""
        limits = (SECONDS, CELL_SECONDS, PROCESS_MIB, DISK_MIB, FILE_MIB)
        digest = hashlib.sha256(f"{limits} {attack.body}".encode()).hexdigest()
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
    shutil.copy(ROOT / "nbgrader_config.py", root)
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
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            box(template, attack), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        ) as process,
    ):
        ended = watch(process, time.monotonic() + SECONDS + 30)
        said.seek(0)
        last = said.read(MIB).decode(errors="replace").strip().rpartition("\n")[2]
    found = dict(ENDED)
    if ended:
        found["said"] = ended
    with contextlib.suppress(ValueError):
        found |= json.loads(last)
    return found | {"seconds": round(time.perf_counter() - started, 2)}


def watch(process: subprocess.Popen[bytes], until: float) -> str:
    """Wait for a box; end it, and say why, when it takes too much."""
    why = ""
    while process.poll() is None and not why:
        time.sleep(0.2)
        pids = below(process.pid)
        if len(pids) > PROCESSES:
            why = f"box ended: {len(pids)} processes"
        elif sum(map(memory_mib, pids)) > BOX_MIB:
            why = "box ended: memory"
        elif time.monotonic() > until:
            why = "box ended: time"
    process.kill()  # and with it, all processes of the box
    process.wait()
    return why


def memory_mib(pid: int) -> float:
    """Return a process's share of the memory in use, in MiB."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.partition("\nPss:")[2].split()[0]) / 1024
    return 0.0


def box(template: Path, attack: Attack) -> list[str]:
    """Return the command line of a box."""
    from autograder.sandbox.wall import python_folders, system_mounts

    python = [
        part
        for source, target in python_folders()
        for part in ("--ro-bind", str(source), str(target))
    ]
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--clearenv"),
        *("--ro-bind", "/usr", "/usr", "--ro-bind", "/bin", "/bin"),
        *system_mounts(),
        *("--dev", "/dev", "--proc", "/proc"),
        *("--size", str(DISK_MIB * MIB), "--tmpfs", "/tmp"),
        *("--ro-bind", str(template), "/template", "--ro-bind", str(ROOT), str(ROOT)),
        *python,
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(ROOT)),
        *("--setenv", "HOME", "/tmp", "--setenv", "OMP_NUM_THREADS", "1"),
        *("--setenv", "PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin"),
        *("--setenv", "TEACHERS_TOKEN", SECRET, "--setenv", "LANG", "C.UTF-8"),
        *("--setenv", "PYTHONDONTWRITEBYTECODE", "1"),
        *(sys.executable, "-m", "benchmarks.attacks", attack.student),
    ]


def inside(wanted: str) -> None:
    """In the box: hand in an attack and an honest answer, grade, look around."""
    from autograder.course import Course

    attack = next(attack for attack in corpus() if attack.student == wanted)
    root = Path("/tmp/course")
    shutil.copytree("/template", root)
    course = Course(root)
    with Surroundings(root) as around:
        attack.hand_in(course.submitted / "a" / NAME, f"{NAME}.ipynb", around)
        hand_in(course, "b", solved())
        own = below(1) | {1}
        said = autograde(root)
        time.sleep(0.2)
        left = below(1) - own
        effects = set(around.effects()) | ({"processes"} if left else set())
        effects |= set(told(course.autograded / "a" / NAME / f"{NAME}.ipynb"))
        scores = marks(root)
    found = {"said": said, "marks": scores.get("a"), "honest": scores.get("b")}
    print("\n" + json.dumps(found | {"effects": sorted(effects)}), flush=True)


def autograde(root: Path) -> str:
    """Run nbgrader's command with limits; say how it ended."""
    limits = {
        resource.RLIMIT_AS: PROCESS_MIB * MIB,
        resource.RLIMIT_FSIZE: FILE_MIB * MIB,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: THREADS,
        resource.RLIMIT_CPU: SECONDS,
    }

    def limit() -> None:
        for which, most in limits.items():
            resource.setrlimit(which, (most, most))

    process = subprocess.Popen(
        ["nbgrader", "autograde", NAME],
        cwd=root,
        preexec_fn=limit,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        status = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"not finished after {SECONDS} s"
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


def marks(root: Path) -> dict[str, float]:
    """Return the scores in the gradebook of a course, by student."""
    path = f"file:{root / 'build' / 'gradebook.db'}?mode=ro"
    scores = """
        select student_id, total(coalesce(manual_score, auto_score))
        from submitted_assignment s
        left join submitted_notebook n on n.assignment_id = s.id
        left join grade on grade.notebook_id = n.id
        group by s.id
    """
    with contextlib.closing(sqlite3.connect(path, uri=True)) as gradebook:
        return dict(gradebook.execute(scores).fetchall())


if __name__ == "__main__":
    inside(sys.argv[1])
