"""The journal keeps verdicts whole, whatever ends the process that writes them."""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.files import lock_file
from autograder.grading.journal import Journal
from autograder.model.job import Job
from autograder.model.versions import (
    DECIDING,
    GRADER_ROOT,
    grader_version,
    running_versions,
)
from benchmarks.record import ROOT
from tests.support.jobs import grade
from tests.support.pace import PATIENCE, wait_until


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x" / "tiny.journal"


@pytest.fixture(scope="module")
def graded():
    return grade()


def test_what_was_added_is_there_again(path, graded):
    Journal(path).add("k" * 64, graded)
    assert Journal(path).get("k" * 64) == graded
    assert Journal(path).get("other") is None


def test_the_last_line_of_a_key_counts(path, graded):
    journal = Journal(path)
    journal.add("k", graded)
    journal.add("k", grade(b""))
    assert Journal(path).get("k").verdict.status == "rejected"
    assert len(Journal(path)) == 1


@pytest.mark.parametrize("keep", [1, 30, 400, -2])
def test_a_torn_line_is_passed_over_and_the_next_one_is_whole(path, graded, keep):
    journal = Journal(path)
    journal.add("one", graded)
    whole = path.stat().st_size
    journal.add("two", graded)
    os.truncate(path, whole + keep if keep > 0 else path.stat().st_size + keep)
    torn = Journal(path)
    assert torn.get("one") and not torn.get("two")
    torn.add("three", graded)
    again = Journal(path)
    assert again.get("one") and again.get("three") and not again.get("two")


@pytest.mark.parametrize("place", [0, 5, 12, 200, -3])
def test_a_line_that_was_changed_is_passed_over(path, graded, place):
    Journal(path).add("one", graded)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    Journal(path).add("two", graded)
    journal = Journal(path)
    assert journal.get("one") is None and journal.get("two") == graded


def test_bytes_of_another_kind_are_passed_over(path, graded):
    path.parent.mkdir()
    path.write_bytes(os.urandom(5000) + b"\n\n \n")
    Journal(path).add("one", graded)
    assert Journal(path).get("one") == graded


def test_a_journal_takes_in_what_others_append(path, graded):
    one, other = Journal(path), Journal(path)
    other.add("k", graded)
    assert one.get("k") is None
    one.refresh()
    assert one.get("k") == graded


def append(path, graded, name, count):
    journal = Journal(path)
    for number in range(count):
        journal.add(f"{name}-{number}", graded)


def test_two_writers_do_not_mix_their_lines(path, graded):
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=append, args=(path, graded, n, 200)) for n in "ab"]
    for process in both:
        process.start()
    for process in both:
        process.join(PATIENCE)
    journal = Journal(path)
    assert len(journal) == 400
    assert path.read_bytes().count(b"\n") == 400


@pytest.mark.parametrize("seed", range(5))
def test_a_writer_killed_at_any_moment_leaves_whole_verdicts(path, graded, seed):
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=append, args=(path, graded, "a", 100_000))
    process.start()
    wait_until(lambda: path.exists() and path.stat().st_size)
    time.sleep(random.Random(seed).uniform(0.005, 0.1))
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    before = Journal(path)
    assert [f"a-{n}" for n in range(len(before))] == list(before.verdicts)
    before.add("last", graded)
    assert len(Journal(path)) == len(before)


def hold(path, pipe):
    with lock_file(path):
        pipe.send("held")
        time.sleep(2 * PATIENCE)


def test_a_lock_goes_with_the_process_that_held_it(path):
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=hold, args=(path, theirs))
    process.start()
    assert ours.recv() == "held"
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    start = time.monotonic()
    with lock_file(path):
        assert time.monotonic() - start < PATIENCE


# --- what a verdict depends on -------------------------------------------------------


@pytest.mark.parametrize("what", ["python", "torch", "numpy", "ipython", "grader"])
def test_a_verdict_does_not_outlive_what_it_was_made_with(monkeypatch, what):
    job = Job("ada", b"{}", "01_tiny", "")
    before, known = job.key, running_versions()
    assert known.keys() == {"python", "torch", "numpy", "ipython", "grader"}
    monkeypatch.setattr("autograder.model.job.running_versions", lambda: newer)
    newer = known | {what: "99"}
    assert job.key != before


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("inside/checker.py", True),
        ("model/outcome.py", True),
        ("grading/judge.py", True),
        ("collect/plan.py", False),
        ("gradebook/call.py", False),
        ("report/progress.py", False),
    ],
)
def test_the_graders_version_is_of_the_source_that_decides_marks(
    tmp_path, file, counts
):
    package = tmp_path / "autograder"
    shutil.copytree(GRADER_ROOT, package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / file).open("a") as source:
        source.write("# a comment\n")
    assert (grader_version(package) != grader_version()) == counts


def test_all_that_a_verdict_is_made_with_is_in_the_graders_version():
    code = "import sys, autograder.grading.judge, autograder.grading.engine; "
    code += "print(*(m.__file__ for n, m in sys.modules.items() if 'autograder' in n))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    used = {
        Path(file).relative_to(GRADER_ROOT).as_posix() for file in done.stdout.split()
    }
    rest = {file for file in used if not file.startswith(DECIDING)}
    assert {file for file in rest if not file.endswith("__init__.py")} == {"course.py"}
