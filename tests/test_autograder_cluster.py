"""A real scheduler and workers on this machine: lost workers, lost schedulers."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.support.gradebooks import PLAIN, WRONG
from tests.support.hand_ins import NAME, hand_in, solved, tiny_assignment
from tests.support.pace import PATIENCE, wait_until

pytest.importorskip("distributed")

from distributed import Client

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.gradebook.release import release
from autograder.grading import cluster, cluster_worker
from autograder.grading.cluster import Cluster
from autograder.grading.grade import grade


def dask(kind, *arguments, log):
    """Start a scheduler or a worker; its output goes to a file."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
    return subprocess.Popen(
        [*command, "--no-dashboard"],
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def end(process, how=signal.SIGTERM):
    """End a process that was started here."""
    process.send_signal(how)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def scheduler(folder):
    """A scheduler on a free port of 127.0.0.1; yields its address and its process."""
    file = folder / "scheduler.json"
    where = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    with (folder / "scheduler.log").open("wb") as log:
        process = dask("scheduler", *where, log=log)
        try:

            def written():
                assert process.poll() is None
                return file.exists() and file.stat().st_size

            wait_until(written, "the scheduler's start")
            yield json.loads(file.read_text())["address"], process
        finally:
            end(process)


@contextmanager
def workers(address, folder, count=2):
    """Workers of one thread each, all of them there; yields their processes."""
    options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
    with (folder / "workers.log").open("ab") as log:
        started = [
            dask("worker", address, *options, "--host", "127.0.0.1", log=log)
            for _ in range(count)
        ]
        try:
            with Client(address, timeout=PATIENCE, set_as_default=False) as client:
                client.wait_for_workers(count, timeout=PATIENCE)
            yield started
        finally:
            for process in started:
                end(process)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Wait for schedulers and workers of a busy machine too."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", PATIENCE)
    monkeypatch.setattr(cluster, "WORKER_SECONDS", PATIENCE)


@pytest.fixture(scope="module")
def dask_cluster(tmp_path_factory):
    """The address of a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("dask")
    with scheduler(folder) as (address, _), workers(address, folder):
        yield address


@pytest.fixture
def course(tiny):
    """A course with a released assignment."""
    release(tiny, NAME)
    return tiny


def asking(word, value=""):
    """Return a notebook that asks the stand-in engine for something."""
    source = tiny_assignment().by_id["total"].source
    return solved(total=f"#{word} {value}\n{source}")


def verdicts(course, address=None, **more):
    """Grade a class and return the verdicts without their seconds, by student."""
    options = replace(PLAIN, scheduler=address, regrade=True, **more)
    steps = list(grade(course, NAME, options))
    students = [step.verdict.student for step in steps]
    assert len(students) == len(set(students)), "Somebody was graded twice."
    return {s.verdict.student: replace(s.verdict, seconds=0).line() for s in steps}


def a_class(course, count=12):
    """Hand in for a class, half of it wrong, one of it unreadable."""
    for number in range(count):
        wrong = {"total": WRONG} if number % 2 else {}
        hand_in(course, f"student-{number:02}", solved(**wrong))
    hand_in(course, "unlucky", b"[" * 1000)


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_as_the_local_pool(course, dask_cluster):
    a_class(course)
    local = verdicts(course)
    assert verdicts(course, dask_cluster) == local
    assert len(local) == 13


@pytest.mark.slow
def test_a_grader_that_fails_on_one_job_goes_on_with_the_others(course, dask_cluster):
    a_class(course, 4)
    hand_in(course, "deadly", asking("die"))
    hand_in(course, "broken", asking("fail"))
    graded = verdicts(course, dask_cluster)
    assert len(graded) == 7
    for student in ("deadly", "broken"):
        assert "The grader itself failed" in graded[student]
    assert sum("The grader itself failed" in line for line in graded.values()) == 2


@pytest.mark.slow
def test_a_class_survives_the_loss_of_a_worker(course, tmp_path):
    for number in range(16):
        hand_in(course, f"student-{number:02}", asking("wait", 0.3))
    folder = tmp_path / "dask"
    folder.mkdir()
    with scheduler(folder) as (address, _), workers(address, folder) as processes:
        options = replace(PLAIN, scheduler=address)
        steps = []
        for step in grade(course, NAME, options):
            steps.append(step)
            if len(steps) == 3:
                processes[0].kill()
        assert processes[0].wait(PATIENCE) == -signal.SIGKILL
    students = [step.verdict.student for step in steps]
    assert sorted(students) == [f"student-{number:02}" for number in range(16)]
    found = {s.verdict.student: replace(s.verdict, seconds=0).line() for s in steps}
    assert found == verdicts(course, jobs=2)


@pytest.mark.slow
def test_a_lost_scheduler_ends_the_run_and_the_next_goes_on(course, tmp_path):
    for number in range(8):
        hand_in(course, f"student-{number}", asking("wait", 0.3))
    folder = tmp_path / "dask"
    folder.mkdir()
    done = []
    with (
        pytest.raises(CourseError, match=r"was lost\. What was graded is kept"),
        scheduler(folder) as (address, process),
        workers(address, folder, 1),
    ):
        for step in grade(course, NAME, replace(PLAIN, scheduler=address)):
            done.append(step.verdict.student)
            if len(done) == 2:
                process.kill()
    steps = list(grade(course, NAME, PLAIN))
    assert {step.verdict.student for step in steps if not step.ran} >= set(done)
    assert len(steps) == 8


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    wanted = r"tcp://127.0.0.1:9 can't be reached"
    with pytest.raises(CourseError, match=wanted), Cluster("tcp://127.0.0.1:9", {}):
        pass


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_ends_with_status_2(course, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    hand_in(course, "ada", solved())
    command = ["grade", NAME, "--course", str(course.root)]
    assert main([*command, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "can't be reached" in capsys.readouterr().err
    assert main([*command, "--scheduler", "nonsense://x:1"]) == 2
    assert "can't be reached" in capsys.readouterr().err
    assert main([*command, "--scheduler", "nonsense"]) == 2
    assert "is no scheduler's address" in capsys.readouterr().err


@pytest.mark.slow
def test_a_cluster_without_workers_is_named(course, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 1.0)
    hand_in(course, "ada", solved())
    with (
        scheduler(tmp_path) as (address, _),
        pytest.raises(CourseError, match=f"No worker came .* at {address}"),
    ):
        list(grade(course, NAME, replace(PLAIN, scheduler=address)))


@pytest.mark.slow
def test_workers_that_cannot_start_or_are_of_another_version_are_named(
    course, dask_cluster, monkeypatch
):
    hand_in(course, "ada", solved())
    with pytest.raises(CourseError, match=r"can't grade: it can't start: .*no wall"):
        verdicts(course, dask_cluster, engine="tests.support.engines:Broken")
    ours = cluster_worker.versions() | {"torch": "0.1"}
    monkeypatch.setattr(cluster, "versions", lambda: ours)
    with pytest.raises(CourseError, match=r"torch [\d.+a-z]+ instead of 0\.1"):
        verdicts(course, dask_cluster)


@pytest.mark.slow
def test_nothing_of_a_run_is_left_on_the_workers(course, dask_cluster):
    a_class(course, 3)
    verdicts(course, dask_cluster)
    with Client(dask_cluster, set_as_default=False) as client:
        assert not any(client.run(plugins).values())
        assert not any(client.run(children).values())


def plugins(dask_worker):
    """Return the names of our plugins on a worker."""
    return [name for name in dask_worker.plugins if str(name).startswith("autograder")]


def children():
    """Return the command lines of a worker's own processes."""
    import psutil

    return [" ".join(p.cmdline()) for p in psutil.Process().children(recursive=True)]


def test_versions_that_differ_are_named():
    ours = {"python": "3.11.2", "torch": "2.13.0"}
    assert cluster_worker.mismatch(ours, ours) == ""
    theirs = ours | {"torch": "2.9.0"}
    assert cluster_worker.mismatch(ours, theirs) == "torch 2.9.0 instead of 2.13.0"
