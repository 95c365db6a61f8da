"""The corpus: no unearned mark, no effect outside, and the class finishes."""

import json
import re
import shutil
import socket
from pathlib import Path

import pytest

from autograder.course import Course
from tests.attacks import corpus
from tests.attacks.corpus import AIMS, Surroundings, service_faults, told
from tests.attacks.faults import Runs
from tests.attacks.graded import ATTACKS, STOPPED, TOTALS, Graded, late, student_of
from tests.support.gradebooks import contents
from tests.support.hand_ins import NAME
from tests.support.pace import wait_until
from tests.support.places import ROOT


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


def test_the_websites_table_is_of_this_corpus():
    path = ROOT / "benchmarks" / "results" / "attacks.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = [(r["kind"], r["name"], r["tries"], r["deserves"]) for r in found["rows"]]
    assert rows == [(a.group, a.name, a.tries, a.marks) for a in ATTACKS]
    assert found["faults"] == service_faults()


def test_of_other_graders_no_file_is_told():
    path = ROOT / "benchmarks" / "results" / "attacks.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    ours = {"kind", "name", "tries", "deserves"}
    ours |= {"marks", "said", "honest", "effects", "seconds"}
    assert {key for row in rows for key in row} == ours


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
def test_what_would_not_end_is_stopped_and_costs_nobody_else(graded):
    assert all(late(graded.first[student]) == TOTALS for student in STOPPED)
    assert graded.hurried() == []


KINDS = {
    "input, AST and cell hooks": "cheats/input_hook cheats/ast_hook cheats/cell_event",
    "patched asserts, comparisons": "cheats/patched_builtins cheats/patched_allclose",
    "== always true": "cheats/equal_to_all cheats/array_subclass cheats/object_array",
    "fake display messages": "cheats/display_message cheats/fake_score",
    "skip-execution tags": "tampering/skip_tags tampering/skip_tests",
    "shadowed modules": "cheats/shadowed_module cheats/module_file cheats/another_np",
    "frame and gc walks": "cheats/frame_walk cheats/stack_walk cheats/heap_walk",
    "memorised tests": "cheats/memorised cheats/counted_calls",
    "loops that swallow interrupts": "resources/loop_swallows resources/loop_in_c",
    "os._exit": "resources/exit_in_call resources/exit_in_cell cheats/late_exit",
    "segfaults": "resources/segfault resources/abort resources/recursion_in_c",
    "fork and memory bombs": "resources/forks resources/fork_tree resources/memory",
    "disk and inode fill": "resources/disk resources/long_file resources/inodes",
    "daemons": "outside/daemon outside/sleeping_program outside/pool",
    "output floods": "output/flood output/many_lines",
    "30 MB lines": "output/one_line output/giant_message",
    "hostile repr": "output/hostile_repr output/endless_repr",
    "BLAS threads": "resources/blas_threads resources/threads",
    "tampering without code": "tampering/deleted_tests tampering/points",
    "broken files": "files/truncated files/empty files/web_page files/utf16 files/nan",
    "archives": "files/zip files/gzip",
    "links, pipes and devices": "folders/link folders/pipe folders/endless_device",
    "hostile output": "output/html output/escape_codes output/fake_panel",
    "files, network and processes": "outside/reads outside/connects outside/kills",
    "service killed": "service/grader_killed service/workers_killed",
    "full disk": "service/disk_full",
    "locked or lost database": "service/gradebook_locked service/gradebook_lost",
}
ELSEWHERE = {  # they need a server of their own
    "lost database server": "test_autograder_gradebook.py "
    "test_a_postgresql_server_that_is_lost_is_said_so_and_the_marks_come_later",
    "vanished worker": "test_autograder_cluster.py "
    "test_a_class_survives_the_loss_of_a_worker",
    "lost scheduler": "test_autograder_cluster.py "
    "test_a_lost_scheduler_ends_the_run_and_the_next_goes_on",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_files(kind):
    here = Path(corpus.__file__).parent
    missing = [n for n in KINDS[kind].split() if not (here / f"{n}.py").is_file()]
    assert missing == []


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_each_other_kind_has_its_test(kind):
    file, name = ELSEWHERE[kind].split()
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.MULTILINE)


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
        wait_until(lambda: around.reached, "the connection")
        assert around.effects() == ["files", "network", "processes"]


FAULTS = sorted((Path(corpus.__file__).parent / "service").glob("*.py"))
STATUS = {"finished": {0}, "stopped": {0, 2}, "killed": {-9}}


@pytest.mark.slow
@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_after_a_fault_of_the_service_the_same_command_ends_in_the_same_marks(
    path, released_course
):
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
    run.again()
