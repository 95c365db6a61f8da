"""Probe the wall from inside: what a submission could reach, if it tried.

Each start of a `WarmPair` is handed these probes, runs them on both sides of the split
and fails closed; `python -m autograder doctor` prints them. A finding says what to do.
"""

from __future__ import annotations

import json
import os
import platform
import select
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.inside.syscall_numbers import ARCHITECTURES, denied
from autograder.model.assignment import Assignment, Cell
from autograder.model.finding import Finding
from autograder.model.limits import Limits
from autograder.wall import policy
from autograder.wall.policy import Policy
from autograder.wall.session import run_submission
from autograder.wall.warm import Probe, WarmPair

PROBE = """
import ctypes, json, os, resource, socket
from autograder.inside import syscalls

libc = ctypes.CDLL(None, use_errno=True)

def refused(action):
    try:
        action()
    except (OSError, MemoryError) as error:
        return ""
    return "it was allowed"

def fork():
    if os.fork() == 0:
        os._exit(0)

def call(name, *values):
    if getattr(libc, name)(*values) == -1:
        raise OSError(ctypes.get_errno(), name)

def connect(family, address):
    with socket.socket(family) as plug:
        plug.settimeout(20)
        plug.connect(address)

def write(path):
    open(path, "w").close()
    os.remove(path)

def holes(port, secrets, environment, folders):
    limits = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE,
              resource.RLIMIT_NOFILE]
    seen = [path for path in secrets if os.path.exists(path)]
    write("probe")
    return {
        "network": refused(lambda: connect(socket.AF_INET, ("127.0.0.1", port))),
        "files": ", ".join(seen),
        "writing": "".join(filter(None, (refused(lambda: write(os.path.join(f, "x")))
                                         for f in folders))),
        "processes": refused(fork),
        "programs": refused(lambda: os.execv("/usr/bin/env", ["env"])),
        "namespaces": refused(lambda: call("unshare", 0x10000000)),
        "mounts": refused(lambda: call("umount2", b"/proc", 2)),
        "tracing": refused(lambda: call("ptrace", 0, 0, 0, 0)),
        "siblings": "" if os.getpid() == 1 else "it sees other processes",
        "rights": "" if not any(syscalls.capabilities()) else "it has capabilities",
        "environment": ", ".join(sorted(set(os.environ) - set(environment))),
        "proc": ", ".join(os.listdir("/proc")),
        "limits": "" if all(resource.getrlimit(x)[1] != resource.RLIM_INFINITY
                            for x in limits) else "one is missing",
    }
"""
LEFTOVER_SECONDS = 30.0
WHAT = {
    "network": "the network is out of reach",
    "files": "the course, its solutions and gradebook, and your home are invisible",
    "writing": "nothing outside the scratch directory can be written",
    "processes": "no process can be started",
    "programs": "no program can be started",
    "namespaces": "no namespace can be made",
    "mounts": "no mount can be changed",
    "tracing": "no process can be traced",
    "siblings": "no other process is in sight",
    "rights": "no capability is left",
    "environment": "the environment holds what the policy lists",
    "proc": "/proc is empty",
    "limits": "memory, processor time, files and their sizes are limited",
    "leftovers": "nothing of a submission is alive after it",
}
CURE = (
    "Don't grade until this is mended. Is this a container that forbids user "
    "namespaces? Run `python -m autograder doctor` on the machine itself."
)


def probe_for(hidden: Iterable[str | Path]) -> Probe:
    """Return the probe of a wall that must hide these files and folders.

    They are a course's own: its solutions, its notebooks, its gradebook.
    """
    paths = tuple(map(Path, hidden))
    return lambda pair: probe(pair, paths)


@contextmanager
def bait(hidden: Iterable[Path] = ()) -> Iterator[tuple[int, list[str]]]:
    """Offer what a wall must hide: (a port that listens, paths that are there).

    Some are made here, so that there is something to hide whatever the course has.
    """
    with tempfile.TemporaryDirectory(prefix="probe-") as folder, socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen()
        marker = Path(folder) / "gradebook.db"
        marker.write_text("secret")
        there = (Path(__file__).resolve(), Path.home() / ".bashrc", *hidden)
        paths = [marker, *filter(os.path.exists, there)]
        yield ear.getsockname()[1], list(map(str, paths))


def probe_assignment(port: int, secrets: list[str]) -> Assignment:
    """Return an assignment whose cells probe the wall from both sides."""
    folders = ["/", "/usr", "/usr/lib", "/dev", policy.GRADER, sys.prefix]
    listed = [*policy.ENVIRONMENT, "PYTHONPATH", "PWD", "LC_CTYPE"]
    call = f"print(json.dumps(holes({port}, {secrets!r}, {listed!r}, {folders!r})))"
    quiet = call.replace("print(", "print('probe', ")
    cells = (
        Cell("look", "given", False, PROBE + "\n", 0),
        Cell("student", "solution", False, f"def nothing(): ...\n{quiet}", 0),
        Cell("checker", "test", False, quiet, 0, 1.0),
    )
    return Assignment("probe", Path("probe.py"), cells)


def probe(warm: WarmPair, hidden: Iterable[Path] = ()) -> list[Finding]:
    """Return what the probes find on both sides of a warm pair.

    `hidden` are paths of the course; the probes' own bait is there without any.
    """
    with bait(hidden) as (port, secrets):
        assignment = probe_assignment(port, secrets)
        cells = {cell.id: cell.source for cell in assignment.cells}
        limits = Limits(cell_seconds=60, total_seconds=300)
        outcomes = run_submission(cells, assignment, warm, limits)
    findings = []
    for outcome in outcomes:
        if outcome.grade_id in ("student", "checker"):
            findings += read_findings(outcome)
    return [*findings, leftovers(warm)]


def read_findings(outcome: Any) -> list[Finding]:
    """Return the findings that one side printed."""
    side = outcome.grade_id
    lines = [x for x in outcome.output.splitlines() if x.startswith("probe ")]
    if not lines:
        text = f"the probes gave nothing: {outcome.message} {outcome.errors}"
        return [Finding(f"{side}/probes", False, text, CURE)]
    holes = json.loads(lines[-1].removeprefix("probe "))
    findings = []
    for name, hole in holes.items():
        text = f"not so: {WHAT[name]} ({hole})" if hole else WHAT[name]
        cure = CURE if hole else ""
        findings.append(Finding(f"{side}/{name}", not hole, text, cure))
    return findings


def leftovers(warm: WarmPair) -> Finding:
    """Return whether all of a submission is gone when it has been ended."""
    read_end, write_end = os.pipe()
    session = warm.student.fork(Limits(), [write_end, write_end])
    os.close(write_end)
    report = session.end()
    # the warm process may close its own copy of the pipe a moment later
    gone = closed(read_end, LEFTOVER_SECONDS)
    os.close(read_end)
    if gone and "exit" in report:
        return Finding("student/leftovers", True, WHAT["leftovers"])
    text = f"not so: {WHAT['leftovers']} ({report})"
    return Finding("student/leftovers", False, text, CURE)


def closed(pipe: int, seconds: float) -> bool:
    """Whether the other end of a pipe closes in time; what is said before is lost."""
    while select.select([pipe], [], [], seconds)[0]:
        if not os.read(pipe, 1 << 16):
            return True
    return False


def set_up(rules: Policy | None = None) -> list[Finding]:
    """Return what is missing before anything can be started."""
    rules = rules or Policy()
    findings = [check_system(), check_processor()]
    if rules.walled:
        findings.append(check_bubblewrap())
    return findings


def check_system() -> Finding:
    """Return whether this is Linux."""
    ok = sys.platform == "linux"
    cure = "" if ok else "The wall needs Linux: a virtual machine or container will do"
    return Finding("system", ok, f"this is {platform.system()}", cure)


def check_processor() -> Finding:
    """Return whether the system calls of this processor are known."""
    machine = platform.machine()
    ok = denied(machine) is not None
    known = ", ".join(ARCHITECTURES)
    cure = (
        ""
        if ok
        else f"Add its system calls to inside/syscall_numbers.py; known: {known}"
    )
    return Finding("processor", ok, f"this is {machine}", cure)


def check_bubblewrap() -> Finding:
    """Return whether bubblewrap is installed."""
    path = shutil.which("bwrap")
    cure = "" if path else "`apt install bubblewrap` or `dnf install bubblewrap`"
    return Finding(
        "bubblewrap", path is not None, f"bwrap is {path or 'not on PATH'}", cure
    )
