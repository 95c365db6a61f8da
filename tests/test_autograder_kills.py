"""A run that is killed at any moment, and started again, loses and doubles nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from autograder.__main__ import main
from autograder.grading import grade as module
from autograder.grading.grade import ClassRun
from autograder.grading.journal import Journal, read_journal_line
from autograder.intake.handed_in import read_student
from autograder.model.limits import Limits
from tests.support.gradebooks import PLAIN, WRONG, contents, opened, run
from tests.support.hand_ins import NAME, blank, hand_in, solved, tiny_assignment
from tests.support.pace import PATIENCE
from tests.support.places import ROOT

KILLS = 46
WALLED = 4  # more, of runs behind the wall
STUDENTS = [f"s{number}" for number in range(6)]
PAUSE = 0.002
LONG = ["--cell-seconds", str(PATIENCE), "--total-seconds", str(10 * PATIENCE)]
LATER, SOONER = 1.1, 0.8  # kills follow the pace of the machine, which changes
OPTIONS = replace(PLAIN, limits=Limits().as_dict())

pytestmark = pytest.mark.slow


@pytest.fixture
def course(released_course):
    """A course with a released assignment."""
    return released_course


def hand_in_all(course, version, counts=None):
    """Hand in the work of a class in one of two versions, which earn other marks."""
    for number, student in enumerate(STUDENTS):
        right = tiny_assignment().by_id["total"].source
        answer = WRONG if (number + version) % 2 else right
        count = f"#count {counts / f'{student}-{version}'}\n" if counts else ""
        text = f"{count}#wait 0.01\n#{student} {version}\n{answer}"
        hand_in(course, student, solved(total=text))
    hand_in(course, "untouched", solved() if version else blank())
    hand_in(course, "broken", blank() if version else b"{")


def keys(course):
    """Return the keys of what each student's verdict stands under in the journal."""
    own = ClassRun(course, NAME, OPTIONS)
    handed = [
        read_student(course.submitted, path.name, NAME) for path in folders(course)
    ]
    return {one.student: own.job(one, one.content).key for one in handed}


def folders(course):
    return sorted(path for path in course.submitted.iterdir() if path.is_dir())


def notebooks(course):
    """Return the autograded notebooks by student."""
    found = course.autograded.rglob("*.ipynb")
    return {
        str(path.relative_to(course.autograded)): path.read_bytes() for path in found
    }


def rows(course):
    """Return how many rows the gradebook has of each kind."""
    from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook

    with opened(course) as gradebook:
        kinds = SubmittedAssignment, SubmittedNotebook, Grade
        counts = [gradebook.db.query(kind).count() for kind in kinds]
        return len(gradebook.students), *counts


def take_time():
    """Make a moment long enough to be hit."""
    time.sleep(PAUSE)


def dying(verdicts, calls):
    """Return what ends this process: some moments after so many verdicts are kept."""
    kept, append, left = [], Journal.append, iter(range(calls))

    def keep(self, line):
        append(self, line)
        kept.append(line)

    def moment():
        if len(kept) >= verdicts and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.append = keep
    return moment


def slow_disk(moment):
    """Let something happen in each moment between two writes."""

    def slow(call):
        def slowed(*args, **more):
            moment()
            result = call(*args, **more)
            moment()
            return result

        return slowed

    for name in ("write", "replace", "unlink"):
        setattr(os, name, slow(getattr(os, name)))


def start(course, *more, dies=None):
    """Start the command in a fork, which has all imports behind it; return its id.

    It has a stand-in for the wall, or with `dies` the wall, and ends itself.
    """
    process = os.fork()
    if process:
        return process
    code = 99
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        sys.stdout = sys.stderr = open(os.devnull, "w")
        own = module.Options
        if not dies:
            module.Options = lambda **more: own(
                engine="tests.support.engines:Plain", **more
            )
        slow_disk(dying(*dies) if dies else take_time)
        own_course = ["--course", str(course.root), "--jobs", "1"]
        code = main(["grade", NAME, *own_course, *more])
    finally:
        os._exit(code)


def finish(course):
    """Run the command to its end; return the seconds that it took."""
    begun = time.monotonic()
    _, status = os.waitpid(start(course), 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    return time.monotonic() - begun


def killed(process, seconds):
    """Kill a process after some seconds; return whether it was still running."""
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


class Watch:
    """What must hold at every moment of a run from one version to the next."""

    def __init__(self, course, counts, expected):
        self.course, self.counts, self.expected = course, counts, expected
        self.path = course.build / "autograder" / f"{NAME}.journal"
        self.known, self.new, self.runs = set(), set(), {}
        self.version = self.kills = 0

    def begin(self, version, forget):
        """Hand in the next version; the journal may be lost too."""
        self.version, self.new = version, set()
        hand_in_all(self.course, version, self.counts)
        if forget:
            self.path.unlink(missing_ok=True)
            self.known = set()
        self.keys = keys(self.course)
        self.runs = self.counted()

    def counted(self):
        """Return how often each submission was run."""
        paths = {s: self.counts / f"{s}-{self.version}" for s in STUDENTS}
        return {s: p.read_text().count("run") for s, p in paths.items() if p.exists()}

    def look(self):
        """Check the gradebook, the notebooks and the journal after a kill."""
        self.kills += 1
        known = set(Journal(self.path).verdicts)
        assert known >= self.known, "a verdict was lost from the journal"
        assert len(self.torn()) <= self.kills, "the journal is corrupt"
        was, now = self.expected[1 - self.version], self.expected[self.version]
        found = contents(self.course)
        assert found.keys() == now[0].keys()
        new = {who for who in found if was[0][who] != found[who] == now[0][who]}
        odd = [who for who in found if found[who] not in (was[0][who], now[0][who])]
        assert not odd, "marks are neither the old ones nor the new"
        assert new >= self.new, "a mark that was written is gone"
        missing = {who for who in new if self.keys[who] not in known}
        assert not missing, "marks are written that no journal knows"
        files = notebooks(self.course)
        assert all(files[p] in (was[1][p], now[1][p]) for p in now[1])
        self.not_run_twice()
        self.known, self.new = known, new

    def torn(self):
        """Return the lines of the journal that cannot be read."""
        lines = self.path.read_bytes().split(b"\n") if self.path.exists() else []
        return [line for line in lines if line and read_journal_line(line) is None]

    def not_run_twice(self):
        """Check that what the journal knew before was not run since."""
        runs = self.counted()
        again = [
            who
            for who in runs
            if self.keys[who] in self.known and runs[who] != self.runs.get(who, 0)
        ]
        assert not again, "a submission was run again though its verdict was kept"
        self.runs = runs

    def end(self):
        """Check that a run that came to its end left what one never killed leaves."""
        now = self.expected[self.version]
        assert contents(self.course) == now[0]
        assert notebooks(self.course) == now[1]
        assert rows(self.course) == now[2]
        assert set(self.keys.values()) <= set(Journal(self.path).verdicts)
        self.not_run_twice()
        self.known = set(Journal(self.path).verdicts)


def never_killed(course, tmp_path):
    """Return what a class that was graded at once leaves, for each version."""
    import shutil

    from autograder.course import Course

    made = []
    for version in (0, 1):
        other = Course(tmp_path / f"whole-{version}")
        shutil.copytree(course.root, other.root)
        hand_in_all(other, version, tmp_path / "counts")
        run(other)
        made.append((contents(other), notebooks(other), rows(other)))
    assert all(made[0][0][who] != made[1][0][who] for who in made[0][0])
    return made


def test_a_run_killed_at_any_moment_and_started_again_ends_in_the_same_marks(
    course, tmp_path
):
    counts, rng = tmp_path / "counts", random.Random(1)
    counts.mkdir()
    watch = Watch(course, counts, never_killed(course, tmp_path))
    watch.begin(0, True)
    seconds = finish(course)
    watch.end()
    rounds = halfway = 0
    while watch.kills < KILLS or halfway <= KILLS / 5:
        rounds += 1
        assert rounds < 20 * KILLS, "too few kills fell into the writing of marks"
        watch.begin(rounds % 2, forget=rng.random() < 0.6)
        for _ in range(rng.choice((1, 2, 3))):
            if killed(start(course), rng.uniform(0, seconds)):
                watch.look()
                halfway += 0 < len(watch.new) < len(watch.keys)
                seconds *= 1 if watch.new else LATER
            else:
                seconds *= SOONER
        finish(course)
        watch.end()


def test_runs_behind_the_wall_that_are_killed_end_in_the_same_marks(course, tmp_path):
    (tmp_path / "counts").mkdir()
    expected = never_killed(course, tmp_path)[1][0]
    path = course.build / "autograder" / f"{NAME}.journal"
    hand_in_all(course, 0)
    run(course)  # marks that get old
    path.unlink()
    hand_in_all(course, 1)
    rng, known = random.Random(2), set()
    for number in range(WALLED):
        moment = min(number, 1), rng.randrange(8)  # the first before any verdict
        process = start(course, *LONG, dies=moment)
        _, status = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        found = set(Journal(path).verdicts)
        assert found >= known
        known = found
    assert known
    assert start_walled(course).wait(PATIENCE) == 0
    assert contents(course) == expected
    assert rows(course)[:2] == (len(expected), len(expected))


def start_walled(course):
    """Start the command as it is."""
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--jobs", "1", *LONG]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*command, "--course", course.root], cwd=ROOT, **quiet)
