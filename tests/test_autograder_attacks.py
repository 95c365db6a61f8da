"""The corpus: no unearned mark, no effect outside, and the class finishes."""

import json
import os
import shutil
import socket
import time
from pathlib import Path

import pytest
from attacks import corpus
from attacks.corpus import AIMS, Surroundings, adopt_orphans, below, told
from hand_ins import NAME, hand_in, solved, tiny_assignment

from autograder.course import Course
from autograder.grade import Options, grade

ATTACKS = corpus.corpus()
LIMITS = {
    "cell_seconds": 1.0,
    "total_seconds": 20.0,
    "memory_mib": 256,
    "scratch_mib": 16,
    "file_mib": 8,
}


class Graded:
    """The class, graded once: each attack between two honest submissions."""

    def __init__(self, course) -> None:
        self.course, self.seconds = course, 0.0
        adopt_orphans()
        with Surroundings(course.root) as around:
            self.honest = self.hand_in(around)
            processes, started = below(os.getpid()), time.perf_counter()
            options = Options(jobs=1, limits=LIMITS)
            self.verdicts, self.effects, self.took = {}, {}, {}
            for step in grade(course, NAME, options):
                student, now = step.verdict.student, time.perf_counter()
                self.took[student], started = now - started, now
                self.verdicts[student] = step.verdict
                self.effects[student] = around.effects()
            time.sleep(0.2)
            self.left = below(os.getpid()) - processes

    def hand_in(self, around):
        """Hand in the corpus with an honest answer before and after each attack."""
        answer = tiny_assignment().by_id["total"].source
        honest = []
        for number, attack in enumerate(ATTACKS):
            folder = self.course.submitted / student_of(number) / NAME
            attack.hand_in(folder, f"{NAME}.ipynb", around)
        for number in range(len(ATTACKS) + 1):
            honest.append(f"{number:03}-a-honest")
            text = f"# {number}\n{answer}"
            hand_in(self.course, honest[-1], solved(total=text))
        return honest


def student_of(number):
    """Return under which name an attack is handed in."""
    return f"{number:03}-b-{ATTACKS[number].name}"


@pytest.fixture(scope="module")
def graded(tiny_released, tmp_path_factory):
    """Grade the class once."""

    root = tmp_path_factory.mktemp("attacks") / "course"
    shutil.copytree(tiny_released, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEACHERS_TOKEN", corpus.SECRET)
        return Graded(Course(root))


def test_the_corpus_is_large_and_says_what_it_wants():
    assert len(ATTACKS) >= 80
    assert len({attack.tries for attack in ATTACKS}) == len(ATTACKS)
    for attack in ATTACKS:
        assert attack.aims in AIMS, attack
        assert attack.status in ("graded", "flagged", "rejected"), attack


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", range(len(ATTACKS)), ids=lambda n: ATTACKS[n].student
)
def test_an_attack_gets_the_marks_that_it_deserves(number, graded):
    attack, verdict = ATTACKS[number], graded.verdicts[student_of(number)]
    outcomes = {key: (c.outcome, c.message) for key, c in verdict.cells.items()}
    assert verdict.score == attack.marks, outcomes
    assert verdict.status == attack.status, verdict.reason


@pytest.mark.slow
def test_no_attack_has_an_effect_outside(graded):
    assert {s: e for s, e in graded.effects.items() if e} == {}
    assert graded.left == set()


@pytest.mark.slow
def test_no_attack_shows_what_is_secret(graded):
    shown = {}
    for number in range(len(ATTACKS)):
        student = student_of(number)
        path = graded.course.autograded / student / NAME / f"{NAME}.ipynb"
        said = json.dumps(graded.verdicts[student].to_json())
        if told(path) or corpus.SECRET in said:
            shown[student] = said
    assert shown == {}


@pytest.mark.slow
def test_the_honest_keep_full_marks(graded):
    assert len(graded.verdicts) == 2 * len(ATTACKS) + 1
    scores = {name: graded.verdicts[name].score for name in graded.honest}
    assert set(scores.values()) == {10}, {n: s for n, s in scores.items() if s != 10}


@pytest.mark.slow
def test_no_attack_takes_long(graded):
    slow = {student: took for student, took in graded.took.items() if took > 12}
    assert slow == {}


def test_files_of_the_corpus_are_small():
    here = Path(corpus.__file__).parent
    assert all(path.stat().st_size < 4000 for path in here.glob("*/*.py"))


def test_what_an_attack_would_do_is_noticed(tmp_path):
    with Surroundings(tmp_path) as around:
        assert around.effects() == []
        socket.create_connection(("127.0.0.1", around.port)).close()
        (around.folder / "marker").chmod(0o777)
        around.process.kill()
        around.process.wait()
        until = time.monotonic() + 5
        while not around.reached and time.monotonic() < until:
            time.sleep(0.01)
        assert around.effects() == ["files", "network", "processes"]
