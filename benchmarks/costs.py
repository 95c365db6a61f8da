"""What one submission costs beyond its own cells, and what memory a worker takes.

Each submission is graded by a warm worker, one at a time, just after the same cells,
solutions and tests, ran in one plain warm process: no wall, no split, no fork counted.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.authoring.solution_file import read_assignment
from autograder.authoring.unsplit import run_cells, warm_up_plain
from autograder.course import Course
from autograder.grading.engine import Split
from autograder.grading.judge import grade_job
from autograder.model.assignment import Assignment
from autograder.model.job import Job
from autograder.model.limits import Limits
from benchmarks.crowd import environment

TICKS = os.sysconf("SC_CLK_TCK")
FIELDS = ("Private_Clean", "Private_Dirty")


def measure(course: Course, name: str, count: int) -> dict[str, Any]:
    """Return milliseconds a submission: its own cells, and all of grading it."""
    assignment = read_assignment(course.solution(name))
    jobs = list(all_jobs(course, name))[:count]
    plain, plain_cpu, whole = [], [], []
    with Split() as engine, plain_process() as ask:
        for job in jobs[:10]:  # the first wrong answer has the catalogue run
            grade_job(job, engine)
        spent = -processor_seconds(os.getpid(), leave=ask.pid)
        for job in jobs:
            seconds, cpu = ask(request(assignment, job.submission))
            started = time.perf_counter()
            grade_job(job, engine)
            whole.append(time.perf_counter() - started)
            plain.append(seconds)
            plain_cpu.append(cpu)
        spent += processor_seconds(os.getpid(), leave=ask.pid)
    beyond = [a - b for a, b in zip(whole, plain, strict=True)]
    return {
        "submissions": len(jobs),
        "own_cells_median_ms": ms(statistics.median(plain)),
        "graded_median_ms": ms(statistics.median(whole)),
        "graded_deciles_ms": [ms(x) for x in statistics.quantiles(whole, n=20)[::2]],
        "beyond_median_ms": ms(statistics.median(beyond)),
        "beyond_mean_ms": ms(statistics.mean(beyond)),
        "own_cells_cpu_mean_ms": ms(statistics.mean(plain_cpu)),
        "graded_cpu_mean_ms": ms(spent / len(jobs)),
        "beyond_cpu_mean_ms": ms(spent / len(jobs) - statistics.mean(plain_cpu)),
    }


def ms(seconds: float) -> float:
    """Return milliseconds."""
    return round(1000 * seconds, 1)


def all_jobs(course: Course, name: str) -> Iterator[Job]:
    """Yield the jobs of a class."""
    path = course.solution(name)
    source, catalogue = (
        file.read_text(encoding="utf-8")
        for file in (path, path.with_name("mistakes.py"))
    )
    for student in sorted(course.submitted.iterdir()):
        content = (student / name / f"{name}.ipynb").read_bytes()
        limits = Limits().as_dict()
        yield Job(student.name, content, name, source, catalogue, limits=limits)


def request(assignment: Assignment, submission: bytes) -> dict[str, Any]:
    """Return the cells of a submission as the plain process takes them."""
    answers = {c["id"]: "".join(c["source"]) for c in json.loads(submission)["cells"]}
    cells = [
        {
            "id": cell.id,
            "test": cell.role == "test",
            "source": answers[cell.id] if cell.role == "solution" else cell.source,
        }
        for cell in assignment.cells
        if not cell.text
    ]
    return {"cells": cells, "isolated": False}


class Plain:
    """The plain process, seen from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.pid = process, process.pid

    def __call__(self, asked: dict[str, Any]) -> tuple[float, float]:
        """Run cells; return (seconds, processor seconds)."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        seconds, cpu = json.loads(self.process.stdout.readline())
        return seconds, cpu


@contextmanager
def plain_process() -> Iterator[Plain]:
    """A warm process that runs cells as a notebook would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.costs"],
        env=environment() | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        yield Plain(process)
        assert process.stdin
        process.stdin.close()


def serve() -> None:
    """Be the plain process: fork for each request, and time the cells alone."""
    warm_up_plain()
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in run_cells(asked):
                pass
            spent = time.perf_counter() - wall, time.process_time() - cpu
            replies.write(json.dumps(spent) + "\n")
            replies.flush()
            os._exit(0)
        os.waitpid(child, 0)


def family(root: int, leave: int = 0) -> dict[int, list[str]]:
    """Return the fields of /proc/PID/stat of a process and all below it."""
    found: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(path.parent.name)] = fields
    below = {root}
    while True:
        more = {pid for pid, f in found.items() if int(f[1]) in below} - below - {leave}
        if not more:
            return {pid: found[pid] for pid in below if pid in found}
        below |= more


def processor_seconds(root: int, leave: int) -> float:
    """Return the processor time of a process, and of all that it started.

    Of those that have ended, too: their parents have it.
    """
    total = 0
    for pid, fields in family(root, leave).items():
        ended = 0 if pid == root else sum(map(int, fields[13:15]))
        total += sum(map(int, fields[11:13])) + ended
    return total / TICKS


def memory(course: Course, name: str) -> dict[str, float | None]:
    """Return the most memory, in MiB, that one worker took beside the warm image."""
    command = [sys.executable, "-m", "autograder", "grade", name, "--jobs", "1"]
    process = subprocess.Popen(
        [*command, "--student", "student-00000*", "--course", str(course.root)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    forks, worker, image = 0.0, 0.0, 0.0
    while process.poll() is None:
        own = [(pid, command_of(pid)) for pid in family(process.pid)]
        nests = [pid for pid, text in own if "autograder.inside.forks" in text[:200]]
        parents = {pid: f[1] for pid, f in family(process.pid).items()}
        warm = [pid for pid in nests if int(parents.get(pid, 0)) not in nests]
        forks = max(forks, sum(private(pid) for pid in nests if pid not in warm))
        image = max(image, max(map(resident, warm), default=0.0))
        workers = [pid for pid, text in own if "grading.worker" in text]
        worker = max(worker, sum(map(private, workers)))
        time.sleep(0.005)
    return {
        "forks": round(forks, 1) or None,
        "worker_process": round(worker, 1) or None,
        "warm_image": round(image, 1) or None,
    }


def command_of(pid: int) -> str:
    """Return a process's command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def private(pid: int) -> float:
    """Return the MiB that only this process has."""
    return rolled_up(pid, FIELDS)


def resident(pid: int) -> float:
    """Return the MiB that a process has, shared or not."""
    return rolled_up(pid, ("Rss",))


def rolled_up(pid: int, fields: tuple[str, ...]) -> float:
    """Return the sum of some fields of a process's memory, in MiB; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    pairs = (line.split(":") for line in lines[1:])
    return sum(int(v.split()[0]) for k, v in pairs if k in fields) / 1024


if __name__ == "__main__":
    serve()
