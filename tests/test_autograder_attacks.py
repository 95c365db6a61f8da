"""The corpus: no unearned mark, no effect outside, and the class finishes."""

import json
import re
import shutil
import socket
import time
from pathlib import Path

import pytest
from attacks import corpus
from attacks.corpus import AIMS, Surroundings, told
from attacks.faults import Runs
from attacks.graded import ATTACKS, Graded, student_of
from conftest import ROOT
from hand_ins import NAME
from test_autograder_gradebook import contents

from autograder.course import Course


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


FAULTS = sorted((Path(corpus.__file__).parent / "service").glob("*.py"))
STATUS = {"finished": {0}, "stopped": {0, 2}, "killed": {-9}}


@pytest.mark.slow
@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_after_a_fault_of_the_service_the_same_command_ends_in_the_same_marks(
    path, released_course, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    text = path.read_text(encoding="utf-8")
    told = dict(re.findall(r"^# (tries|ends|says): (.+)$", text, re.MULTILINE))
    names, run = {}, Runs(released_course, contents)
    exec(text, names)
    names["fault"](released_course, run)
    statuses = {status for status, _ in run.ended}
    assert statuses and statuses <= STATUS[told["ends"]], run.ended
    assert (2 in statuses) == (told["ends"] == "stopped")
    for status, said in run.ended:
        assert "Traceback" not in said
        if status == 2:
            assert re.search(told["says"], said), said
    print(path.stem, [(s, t[-170:]) for s, t in run.ended])
    run.again()
