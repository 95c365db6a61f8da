"""What `nbgrader autograde` makes of one attack, in a box that is thrown away.

    python -m benchmarks.box STUDENT

is what runs in the box. Nothing that is done there is left: the box has no disk, no
network but its own, and sees nothing of the machine but Python and this repository.
"""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT
from tests.attacks.corpus import SECRET, Attack, Surroundings, below, corpus, told
from tests.support.hand_ins import NAME, hand_in, solved

SECONDS = 240
CELL_SECONDS = 5
MIB = 1 << 20
PROCESS_MIB = 3 << 10  # of address space, for one process
BOX_MIB = 4 << 10  # of memory in use, for all processes of a box
DISK_MIB = 768  # in memory: a box has no disk
FILE_MIB = 400
PROCESSES = 100
THREADS = 1000
UNFINISHED = "not finished"
ENDED = {"said": "box ended", "marks": None, "honest": None, "effects": []}


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
    from autograder.wall.bubblewrap import python_folders, system_mounts

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
        *(sys.executable, "-m", "benchmarks.box", attack.student),
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
        left = set() if said.startswith(UNFINISHED) else below(1) - own
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
        return f"{UNFINISHED} after {SECONDS} s"
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


def marks(root: Path) -> dict[str, float]:
    """Return the scores in the gradebook of a course, by student."""
    path = root / "build" / "gradebook.db"
    if not path.is_file():
        return {}
    scores = """
        select student_id, total(coalesce(manual_score, auto_score))
        from submitted_assignment s
        left join submitted_notebook n on n.assignment_id = s.id
        left join grade on grade.notebook_id = n.id
        group by s.id
    """
    with contextlib.closing(
        sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    ) as gradebook:
        return dict(gradebook.execute(scores).fetchall())


if __name__ == "__main__":
    inside(sys.argv[1])
