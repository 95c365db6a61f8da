# ruff: noqa: E501 (cells stand as strings)
"""The wall: what goes wrong in one cell costs that cell, and nothing else."""

import importlib.machinery
import json
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from traitlets.config import Config

import autograder
from autograder import nbgrader_execute
from autograder.course import Course
from autograder.grading import doctor, engine
from autograder.grading.grade import ClassRun, Options
from autograder.inside import syscall_numbers, syscalls
from autograder.inside.channel import Output
from autograder.model.assignment import Assignment, Cell
from autograder.wall import bubblewrap, probes
from autograder.wall import warm as wall
from autograder.wall.policy import Policy
from autograder.wall.warm import Unwalled, WallError, WarmPair
from tests.support.pace import LADDER, wait_until
from tests.support.split import PATIENT, assignment, marks, run, run_stopped, warm

REFERENCE = "def bad(): return 1\ndef good(): return 2"
TWO = assignment(
    REFERENCE, "assert good() == 2", "assert bad() == 1", "assert good() == 2"
)
SMALL = replace(PATIENT, memory_mib=256, scratch_mib=16)
OVERHEARD = "\ndef good(): return 2"

# Each: what `bad` does, what becomes of the test that calls it.
BAD = {
    "loops": ("while True: pass", "timeout"),
    "loops and swallows interrupts": (
        "while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass", "timeout"),
    "sleeps": ("import time; time.sleep(10 ** 4)", "timeout"),
    "ignores signals": (
        "import signal\n    for n in range(1, 32):\n        try: signal.signal(n, signal.SIG_IGN)\n"
        "        except (OSError, ValueError): pass\n    while True: pass", "timeout"),
    "loops in C": ("sum(range(10 ** 12))", "timeout"),
    "leaves": ("import os; os._exit(0)", "killed"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "killed"),
    "aborts": ("import os; os.abort()", "killed"),
    "exits": ("import sys; sys.exit(0)", "error"),
    "takes memory": ("x = []\n    while True: x.append(bytes(1 << 24))", "error"),
    "takes a giant tensor": ("return torch.ones(1 << 36)", "error"),
    "recurses": ("return bad()", "error"),
    "recurses in C": (
        "a = []\n    for _ in range(10**5): a = [a]\n    return repr(a)", "error"),
    "forks": ("import os\n    for _ in range(9): os.fork()", "error"),
    "starts a program": ("import subprocess; subprocess.Popen(['true'])", "error"),
    "starts a process": (
        "import multiprocessing as m\n    p = m.Process(target=print); p.start()", "error"),
    "opens the network": ("import socket; socket.create_connection(('127.0.0.1', 9))", "error"),
    "fills the disk": (
        "for n in range(99):\n        with open(f'f{n}', 'wb') as f: f.write(bytes(4 << 20))",
        "error"),
    "writes a long file": (
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "    with open('f', 'wb') as f: f.write(bytes(64 << 20))", "error"),
    "fills the inodes": ("for n in range(9999): open(f'f{n}', 'w').close()", "error"),
    "opens files": ("return [open('/dev/null') for _ in range(999)]", "error"),
    "writes outside": ("open('/usr/lib/x', 'w')", "error"),
    "reads the home": ("import pathlib; return list(pathlib.Path('/root').iterdir())", "error"),
    "returns a giant": ("return torch.ones(1 << 26, dtype=torch.float64).double()", None),
    "returns a million numbers": ("return list(range(10 ** 6))", "killed"),
    "closes its descriptors": ("import os; os.closerange(0, 99)", "killed"),
    "shares its memory": ("import os; os.memfd_create('x')", "error"),
    "changes the limits": (
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))",
        "error"),
}  # fmt: skip

# Each leaves `good` as it is: the test of `bad` fails, or passes, and no more.
HARMLESS = {
    "changes the folder": "import os; os.chdir('/'); return 1",
    "deletes all files": "import shutil; shutil.rmtree('/tmp', ignore_errors=True); return 1",
    "leaves threads": "import threading, time\n"
    "    for _ in range(9): threading.Thread(target=time.sleep, args=(99,)).start()\n"
    "    return 1",
    "writes on stderr": "import sys; print('careful', file=sys.stderr); return 1",
    "closes its output": "import sys, os; sys.stdout.close(); os.close(1); return 1",
    "prints what is no text": "import os; os.write(1, bytes(range(256))); return 1",
    "sets an alarm": "import signal; signal.signal(signal.SIGALRM, print); return 1",
    "prints a megabyte": "print('x' * 10 ** 6); return 1",
    "prints many lines": "for n in range(10 ** 5): print(n)\n    return 1",
    "warns": "import warnings; warnings.warn('careful'); return 1",
    "changes the limits of recursion": "import sys; sys.setrecursionlimit(10 ** 6); return 1",
}


def answer(body: str) -> str:
    return f"def bad():\n    {body}{OVERHEARD}"


@pytest.mark.slow
@pytest.mark.parametrize("what", BAD)
def test_a_call_that_goes_wrong_costs_one_test(what):
    body, status = BAD[what]
    stopped = {"test-2"} if status in (None, "timeout") else set()
    outcomes = run_stopped(TWO, answer(body), stopped, SMALL)
    assert marks(outcomes)[::2] == ["passed", "passed"], outcomes
    assert outcomes["test-2"].points == 0 and status in (None, marks(outcomes)[1]), (
        outcomes
    )


@pytest.mark.parametrize("what", HARMLESS)
def test_what_does_no_harm_costs_nothing(what):
    assert marks(run(TWO, answer(HARMLESS[what]), limits=SMALL)) == ["passed"] * 3


def three(*sources: str) -> Assignment:
    """Return an assignment of three solution cells, each with a test."""
    cells = [Cell("imports", "given", False, "import os, sys, time", 0)]
    for name in "abc":
        cells.append(Cell(name, "solution", False, f"def {name}(): return 1", 0))
        cells.append(
            Cell(f"test-{name}", "test", False, f"assert {name}() == 1", 0, 1.0)
        )
    return Assignment("three", Path("three.py"), tuple(cells))


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("while True: pass", "timeout"),
        ("os._exit(0)", "killed"),
        ("import ctypes; ctypes.string_at(0)", "killed"),
        ("sys.exit()", "error"),
        ("1 / 0", "error"),
        ("def b(:", "error"),
        ("x = '" + "\\0" + "'\n\x00", "error"),
        ("(" * 500 + ")" * 500, "error"),
        ("os.closerange(0, 99)", "killed"),
    ],
)
@pytest.mark.slow
def test_a_cell_that_goes_wrong_costs_what_depends_on_it(source, status):
    cells = {"a": "def a(): return 1", "b": source, "c": "def c(): return a()"}
    stopped = {"b"} if status == "timeout" else set()
    outcomes = run_stopped(three(), cells, stopped, SMALL)
    assert marks(outcomes) == ["passed", "error", "passed"]
    assert outcomes["b"].outcome == status
    assert outcomes["test-b"].message == "NameError: name 'b' is not defined"


def test_cells_run_again_without_the_one_that_ended_the_process():
    cells = {
        "a": "n = 1\ndef a(): return n",
        "b": "def b(): os._exit(1)",
        "c": "n += 1\ndef c(): return n - 1",
    }
    assert marks(run(three(), cells)) == ["passed", "killed", "passed"]


@pytest.mark.slow
def test_time_in_all_is_limited_and_points_are_kept():
    cells = {
        "a": "def a(): return 1",
        "b": "def b():\n    while True: pass",
        "c": "c = 1",
    }
    for seconds in LADDER:  # `a` needs some of it
        outcomes = run(three(), cells, replace(PATIENT, total_seconds=seconds))
        if outcomes["test-a"].outcome == "passed":
            break
    assert marks(outcomes) == ["passed", "timeout", "not-run"]


@pytest.mark.slow
def test_a_check_that_hangs_or_dies_costs_one_test():
    made = assignment(
        REFERENCE,
        "assert good() == 2",
        "while True: pass",
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "assert good() == 2",
        "raise SystemExit",
    )
    outcomes = run_stopped(made, REFERENCE, {"test-2"})
    wanted = ["passed", "timeout", "killed", "killed", "passed", "error"]
    assert marks(outcomes) == wanted
    assert sum(o.points for o in outcomes.values()) == 2


def test_output_is_cut_line_by_line_and_in_all():
    flood = "def bad():\n    for _ in range(500): print('x' * 100_000)\n    return 1"
    limits = replace(PATIENT, output_bytes=5_000, line_bytes=300)
    outcome = run(TWO, flood + OVERHEARD, limits=limits)["test-2"]
    assert outcome.outcome == "passed" and len(outcome.output) < 6_000
    assert max(map(len, outcome.output.splitlines())) < 320
    assert outcome.output.endswith("[output cut]\n")


def test_one_line_without_end_takes_no_memory():
    output = Output(10_000, 100)
    for _ in range(1000):
        output.add(b"x" * 65_536)
    output.add(b"\nnext\n")
    assert output.take() == "x" * 100 + " [line cut]\nnext\n"


def test_nothing_of_a_submission_is_alive_after_it():
    read, write = os.pipe()
    ours, inner = socket.socketpair()  # what it listens to, for as long as it lives
    session = warm().student.fork(PATIENT, [write, write, inner.fileno()])
    inner.close()
    os.close(write)
    os.set_blocking(read, False)
    with pytest.raises(BlockingIOError):
        os.read(read, 1)
    assert session.end()["exit"] == -9
    assert os.read(read, 1) == b""
    os.close(read)
    ours.close()


@pytest.mark.slow
def test_no_process_is_left_in_the_wall():
    before = len(processes_below(warm().student.process.pid))
    for body in ("import os; os._exit(0)", "while True: pass", "return 1"):
        run_stopped(TWO, answer(body), {"test-2"}, SMALL)
    top = warm().student.process.pid
    wait_until(lambda: len(processes_below(top)) <= before + 1)  # a zombie


def processes_below(pid: int) -> list[int]:
    """Return the processes that descend from one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            own = int(folder.name)
            found += [own, *processes_below(own)]
    return found


@pytest.mark.slow
def test_the_wall_goes_when_the_grader_does():
    code = (
        "import os, sys; sys.path.insert(0, '.')\n"
        "from autograder.wall.policy import Policy\n"
        "from autograder.wall.warm import WarmPair\n"
        "w = WarmPair(Policy(), lambda pair: []).__enter__()\n"
        "print(w.student.process.pid, w.checker.process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    pids = [int(word) for word in out.stdout.split()]
    assert len(pids) == 2
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_scratch_is_empty_for_each_submission():
    write = "open('a', 'w'); open('/dev/shm/b', 'w')\ndef bad(): return 1" + OVERHEARD
    run(TWO, write)
    look = (
        "import os\ndef bad(): return 1 + len(os.listdir('.') + os.listdir('/dev/shm'))"
    )
    assert marks(run(TWO, look + OVERHEARD)) == ["passed"] * 3


def test_every_probe_holds():
    findings = probes.probe(warm())
    assert len(findings) == 2 * len(probes.WHAT) - 1
    assert all(finding.ok for finding in findings), findings


PROBED = {
    "--clearenv": "environment",
    "--remount-ro": "writing",
}


def without(option: str, options: list[str]) -> list[str]:
    """Return bubblewrap's options with one left out, its values too."""
    values = {"--remount-ro": 1, "--clearenv": 0}
    kept, skip = [], 0
    for word in options:
        if skip:
            skip -= 1
        elif word == option:
            skip = values[option]
        else:
            kept.append(word)
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--clearenv", "--remount-ro"])
def test_a_wall_with_a_hole_is_not_used(option, monkeypatch):
    whole = wall.bubblewrap_command
    monkeypatch.setenv("A_SECRET_OF_MINE", "1")
    monkeypatch.setattr(wall, "bubblewrap_command", lambda p: without(option, whole(p)))
    monkeypatch.setattr(wall.Side, "environment", lambda self: dict(os.environ))
    with pytest.raises(WallError, match=PROBED[option]):
        WarmPair(Policy(), probes.probe).__enter__()


@pytest.mark.slow
def test_a_wall_through_which_files_are_seen_is_not_used(monkeypatch):
    whole = wall.bubblewrap_command
    file = str(Path(probes.__file__))
    hole = ["--ro-bind", file, file]
    monkeypatch.setattr(
        wall, "bubblewrap_command", lambda p: [*whole(p)[:-6], *hole, *whole(p)[-6:]]
    )
    with pytest.raises(WallError, match="student/files"):
        WarmPair(Policy(), probes.probe).__enter__()


def test_a_missing_bubblewrap_is_said_with_its_cure(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WallError, match="apt install bubblewrap"):
        WarmPair(Policy(), probes.probe).__enter__()
    assert not probes.check_bubblewrap().ok


@pytest.mark.slow
def test_without_a_wall_it_warns_and_runs_the_same():
    with pytest.warns(Unwalled, match="your own rights"):
        process = WarmPair(Policy(sandbox="none"), probes.probe).__enter__()
    try:
        assert not process.walled
        for body in ("return 1", "while True: pass", "import os; os._exit(0)"):
            found = run_stopped(TWO, answer(body), {"test-2"}, SMALL, process)
            assert marks(found)[::2] == ["passed", "passed"]
    finally:
        process.__exit__()


def test_the_policy_names_each_sandbox():
    with pytest.raises(ValueError, match="bwrap or none"):
        Policy(sandbox="docker")


def test_both_architectures_refuse_the_same_calls():
    first, second = (set(syscall_numbers.DENIED[m]) for m in ("x86_64", "aarch64"))
    assert first - second == {"fork", "vfork"} and second <= first
    for machine in syscall_numbers.ARCHITECTURES:
        assert len(syscalls.filter_program(machine, 1)) > 60
    assert syscall_numbers.denied("vax") is None


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_numbers_of_the_calls_are_the_kernels(machine):
    own = syscall_numbers.denied(machine) | syscall_numbers.SPECIAL[machine]
    path = Path(__file__).parent / "data" / "linux-syscalls.json"
    assert own == json.loads(path.read_text())[machine]
    assert max(own.values()) < syscall_numbers.FIRST_UNKNOWN


def test_a_call_that_the_list_does_not_know_is_not_there():
    look = """
    import ctypes, errno
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (448, 462, 470, 511, 1000, 5000):
        assert libc.syscall(number, 0, 0, 0, 0) == -1
        print(errno.errorcode[ctypes.get_errno()])
    """
    outcome = run(TWO, dedent(look) + REFERENCE)["answer"]
    assert outcome.output.split() == ["ENOSYS"] * 6, outcome


def test_a_fork_that_fails_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours, theirs = socket.socketpair()
    theirs.close()
    side = wall.Side("student", Policy(sandbox="none"), ours.detach())
    monkeypatch.setattr(side, "last_words", lambda: "")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(wall.Gone):
        side.fork(PATIENT, [])
    assert len(os.listdir("/proc/self/fd")) == before
    assert not list(tmp_path.iterdir())
    side.stop()


def test_the_bait_is_real():
    with probes.bait() as (port, files):
        socket.create_connection(("127.0.0.1", port)).close()
        assert files and all(os.path.exists(file) for file in files)


def test_the_course_that_is_named_is_part_of_the_bait(tmp_path):
    gradebook, missing = tmp_path / "elsewhere.db", tmp_path / "missing"
    gradebook.write_text("marks")
    with probes.bait([gradebook, missing]) as (_, files):
        assert str(gradebook) in files and str(missing) not in files


@pytest.mark.slow
def test_a_wall_through_which_the_course_is_seen_is_not_used(monkeypatch):
    whole, own = wall.bubblewrap_command, str(Path(__file__).resolve())
    hole = ["--ro-bind", own, own]
    monkeypatch.setattr(
        wall, "bubblewrap_command", lambda p: [*whole(p)[:-6], *hole, *whole(p)[-6:]]
    )
    WarmPair(Policy(), probes.probe).__enter__().__exit__()  # nobody named it
    with pytest.raises(WallError, match="student/files"):
        WarmPair(Policy(), probes.probe_for([own])).__enter__()


def test_whoever_starts_a_wall_names_what_the_course_must_hide(tiny, monkeypatch):
    named = []

    def probe_for(hidden):
        named.append(hidden)
        return lambda pair: []

    for place in (probes, engine):
        monkeypatch.setattr(place, "probe_for", probe_for)
    monkeypatch.setattr(wall.WarmPair, "__enter__", lambda pair: pair)
    monkeypatch.setattr(wall.WarmPair, "__exit__", lambda pair, *_: None)
    config = Config({"CourseDirectory": {"root": str(tiny.root)}})
    list(doctor.examine_wall(tiny))
    engine.Split(**ClassRun(tiny, "01_tiny", Options()).settings)
    monkeypatch.setattr(nbgrader_execute, "ENGINES", {})
    nbgrader_execute.engine("bwrap", Course.of_nbgrader(config))
    assert named == [tiny.private] * 3
    assert str(tiny.solutions) in tiny.private


@pytest.mark.parametrize("package", bubblewrap.NEEDED)
def test_a_package_in_a_folder_of_its_own_is_seen_behind_the_wall(
    package, monkeypatch, tmp_path
):
    own = tmp_path / package / "__init__.py"
    whole = bubblewrap.find_spec
    spec = importlib.machinery.ModuleSpec(package, None, origin=str(own))
    monkeypatch.setattr(
        bubblewrap, "find_spec", lambda name: spec if name == package else whole(name)
    )
    assert (tmp_path, tmp_path) in bubblewrap.python_folders()
    assert str(tmp_path) in bubblewrap.python_path("first").split(":")


def test_the_modules_that_the_wall_shows_are_the_ones_it_needs():
    package = Path(autograder.__file__).parent
    shown = {"__init__.py"}
    for room in ("model", "inside"):
        shown |= {f"{room}/{path.name}" for path in (package / room).glob("*.py")}
    text = """
    import os
    for folder, _, files in os.walk("/grader/autograder"):
        for file in (name for name in files if name.endswith(".py")):
            print(os.path.relpath(os.path.join(folder, file), "/grader/autograder"))
    """
    outcome = run(TWO, dedent(text) + "\n" + REFERENCE)["answer"]
    assert set(outcome.output.split()) == shown


def test_the_links_that_lead_to_python_are_in_the_wall_too(tmp_path, monkeypatch):
    first, second = tmp_path / "first" / "python", tmp_path / "second" / "python3"
    for link, target in ((first, "../second/python3"), (second, sys.executable)):
        link.parent.mkdir()
        link.symlink_to(target)
    assert list(bubblewrap.links(str(first)))[:2] == [
        (str(first), "../second/python3"),
        (str(second), sys.executable),
    ]
    monkeypatch.setattr(sys, "executable", str(first))
    shown = " ".join(bubblewrap.system_mounts())
    assert f"--symlink ../second/python3 {first}" in shown
    assert f"--symlink {second.readlink()} {second}" in shown


@pytest.mark.parametrize("prefix", ["/tmp/course/.venv", "/home/ada/course/.venv"])
def test_the_empty_scratch_directory_hides_nothing_of_python(prefix):
    code = (
        f"import sys; sys.prefix = {prefix!r}\nfrom autograder.inside import folders\n"
    )
    code += "print(folders.SCRATCH)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.stdout.strip() in ("/tmp", "/var/tmp"), shown.stderr
    assert not prefix.startswith(shown.stdout.strip() + "/")
