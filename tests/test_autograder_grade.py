"""A class is graded to its end, whatever happens, and nothing is done twice."""

import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.__main__ import main
from autograder.authoring.unsplit import Unsplit
from autograder.course import CourseError
from autograder.gradebook.export import summary
from autograder.gradebook.release import release
from autograder.gradebook.table import QuotedCsv
from autograder.grading import pool
from autograder.grading.grade import Options, grade
from autograder.intake.handed_in import handed_in
from autograder.model.limits import Limits
from autograder.report.missing import tell_missing
from tests.support.gradebooks import PLAIN, WRONG, contents, opened
from tests.support.hand_ins import (
    NAME,
    as_bytes,
    blank,
    hand_in,
    solved,
    tiny_assignment,
)
from tests.support.pace import LADDER, PATIENCE, wait_until


@pytest.fixture
def course(released_course):
    """A course with a released assignment."""
    return released_course


def run(course, **more):
    steps = list(grade(course, NAME, replace(PLAIN, **more)))
    return {step.verdict.student: step.verdict for step in steps}


def asking(course, word, value=""):
    """Return a notebook that asks the stand-in engine for something."""
    text = f"#{word} {value}\n" + tiny_assignment().by_id["total"].source
    return solved(total=text)


def test_one_bad_hand_in_never_stops_the_class(course):
    hand_in(course, "ada", solved())
    hand_in(course, "broken", b"\x00\xffnothing")
    hand_in(course, "bomb", b"[" * 100_000)
    (course.submitted / "pipe" / NAME).mkdir(parents=True)
    os.mkfifo(course.submitted / "pipe" / NAME / f"{NAME}.ipynb")
    (course.submitted / "link").symlink_to(course.submitted / "ada")
    (course.submitted / "a\nb" / NAME).mkdir(parents=True)
    hand_in(course, "zoe", solved(total=WRONG))
    verdicts = run(course, jobs=2)
    assert len(verdicts) == 7
    assert {v.status for v in verdicts.values()} == {"graded", "rejected"}
    assert verdicts["ada"].score == 10 and verdicts["zoe"].status == "graded"
    assert all(v.reason for v in verdicts.values() if v.status == "rejected")
    assert contents(course).keys() == {"ada", "broken", "bomb", "pipe", "link", "zoe"}


def test_an_engine_that_fails_costs_no_one_a_mark(course):
    hand_in(course, "ada", solved())
    run(course)
    hand_in(course, "ada", asking(course, "fail"))
    hand_in(course, "bob", solved())
    verdicts = run(course)
    assert "The grader itself failed" in verdicts["ada"].reason
    assert verdicts["ada"].status == "rejected"
    assert contents(course)["ada"]["score"] == 10
    assert contents(course)["bob"]["score"] == 10


def test_a_worker_that_dies_is_replaced_and_its_job_run_again(course, tmp_path):
    hand_in(course, "ada", asking(course, "die-once", tmp_path / "died"))
    hand_in(course, "bob", solved())
    verdicts = run(course)
    assert [verdicts[name].score for name in ("ada", "bob")] == [10, 10]
    assert (tmp_path / "died").exists()


def test_a_worker_that_always_dies_is_given_up_and_the_class_goes_on(course):
    hand_in(course, "ada", asking(course, "die"))
    hand_in(course, "bob", solved())
    verdicts = run(course)
    assert "worker was lost 2 times" in verdicts["ada"].reason
    assert verdicts["bob"].score == 10
    assert "ada" not in contents(course)


def in_time(course, seconds, engine):
    """Return the verdict on ada's work, with so many seconds for it."""
    short = Limits(total_seconds=seconds).as_dict()
    return run(course, engine=f"tests.support.engines:{engine}", limits=short)["ada"]


def test_what_an_engine_announces_is_not_counted_by_the_deadline(course, monkeypatch):
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.0)
    hand_in(course, "ada", solved())
    tried = (in_time(course, seconds, "Announcing") for seconds in LADDER)
    assert any(made.status == "graded" for made in tried)


def test_an_answer_that_comes_too_late_is_not_waited_for(course, monkeypatch):
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.0)
    hand_in(course, "ada", asking(course, "wait", 2 * LADDER[0]))
    assert "gave no answer in time" in in_time(course, LADDER[0], "Plain").reason


def test_a_worker_that_takes_no_job_is_lost_in_time():
    worker = pool.Worker("tests.support.engines:Plain", {"sandbox": "none"})
    worker.start()
    os.kill(worker.process.pid, signal.SIGSTOP)
    with pytest.raises(pool.Lost, match="took no message in time"):
        worker.ask(b"x" * (1 << 20), 0.5)
    worker.stop()
    assert worker.process.returncode == -signal.SIGKILL


def test_an_engine_that_cannot_start_ends_the_run_with_its_reason(course):
    hand_in(course, "ada", solved())
    with pytest.raises(CourseError, match="no wall here"):
        run(course, engine="tests.support.engines:Broken")
    assert contents(course) == {}


def counted(course, path):
    return path.read_text().count("run") if path.exists() else 0


@pytest.mark.slow
def test_unchanged_hand_ins_are_not_run_twice(course, tmp_path):
    path = tmp_path / "count"
    for student in ("ada", "bob"):
        hand_in(course, student, asking(course, "count", path))
    run(course)
    first = counted(course, path)
    run(course)
    assert counted(course, path) == first > 0
    hand_in(course, "bob", asking(course, "count", f"{path}\n#"))
    run(course)
    assert counted(course, path) == first + 1
    run(course, regrade=True)
    assert counted(course, path) == first + 3
    run(course, limits={"cell_seconds": 5.0})
    assert counted(course, path) == first + 5


def test_students_are_chosen_by_a_pattern(course):
    for student in ("ada", "alan", "bob"):
        hand_in(course, student, solved())
    assert run(course, students="a*").keys() == {"ada", "alan"}
    with pytest.raises(CourseError, match="No submission"):
        run(course, students="x*")


RUN = """
import functools, sys
from autograder.grading import grade
from autograder.__main__ import main

grade.Options = functools.partial(grade.Options, engine="tests.support.engines:Plain")
sys.exit(main(sys.argv[1:]))
"""


def start(course, *more):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    own = ["--course", str(course.root), "--jobs", "2", *more]
    command = [sys.executable, "-c", RUN, "grade", NAME, *own]
    return subprocess.Popen(command, preexec_fn=interruptible, **quiet)


def interruptible():
    """Take Ctrl-C even where the tests run in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def large_class(course, wait=0.02):
    for number in range(12):
        answer = WRONG if number % 3 == 0 else tiny_assignment().by_id["total"].source
        text = f"#wait {wait}\n#{number}\n{answer}"
        hand_in(course, f"s{number:02}", solved(total=text))
    hand_in(course, "untouched", blank())
    hand_in(course, "broken", b"{")


def reset(course):
    """Forget all marks."""
    from nbgrader.api import MissingEntry

    shutil.rmtree(course.build / "autograder", ignore_errors=True)
    shutil.rmtree(course.autograded, ignore_errors=True)
    with opened(course) as gradebook:
        for student in handed_in(course.submitted, NAME):
            with contextlib.suppress(MissingEntry):
                gradebook.remove_student(student)


def whole(course, expected):
    """Return the students in the gradebook; what it holds of each is whole."""
    found = contents(course)
    assert all(expected[student] == marks for student, marks in found.items())
    return found


@pytest.mark.slow
def test_two_graders_at_once_end_in_the_same_marks(course):
    large_class(course)
    run(course)
    expected = contents(course)
    reset(course)
    both = [start(course), start(course, "--regrade")]
    codes = [process.wait(PATIENCE) for process in both]
    assert codes == [1, 1]
    assert contents(course) == expected
    with opened(course) as gradebook:
        assert len(gradebook.students) == len(expected)


@pytest.mark.slow
def test_an_interrupt_stops_at_once_and_leaves_the_state_whole(course):
    gate = course.root / "gate"  # who waits for it is at work when the signal comes
    large_class(course)
    hand_in(course, "waits", asking(course, "until", gate))
    gate.touch()
    run(course)
    expected = contents(course)
    reset(course)
    gate.unlink()
    process = start(course)
    marked = f"*/{NAME}/{NAME}.ipynb"
    wait_until(lambda: list(course.autograded.glob(marked)), "the first mark")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    gate.touch()
    assert 0 < len(whole(course, expected)) < len(expected)
    run(course)
    assert contents(course) == expected


def grade_by_hand(course, *more):
    return main(["grade", NAME, "--course", str(course.root), *more])


@pytest.fixture
def plainly(monkeypatch):
    """Let the command line use the stand-in engine."""
    from autograder.grading import grade as module

    own = module.Options
    monkeypatch.setattr(
        module, "Options", lambda **k: own(engine="tests.support.engines:Plain", **k)
    )


def test_the_exit_status_says_whether_all_were_graded(course, plainly, capsys):
    hand_in(course, "ada", solved())
    assert grade_by_hand(course) == 0
    table = capsys.readouterr().out.split("\n")
    assert table[2].split()[:4] == [NAME, "1", "0", "0"]
    hand_in(course, "bob", b"")
    assert grade_by_hand(course) == 1
    shown = capsys.readouterr().out
    assert "rejected" in shown and "bob" in shown and "The file is empty" in shown
    hand_in(course, "bob", solved())
    hand_in(course, "eve", as_bytes(solved()).replace(b'"points": 3', b'"points": 9'))
    assert grade_by_hand(course) == 1
    assert "flagged" in capsys.readouterr().out


def test_usage_and_environment_end_with_status_2(course, plainly, capsys):
    assert grade_by_hand(course) == 2
    said = capsys.readouterr().err
    assert "No submission" in said and f"{course.submitted}/STUDENT/{NAME}" in said
    assert main(["grade", "99_none", "--course", str(course.root)]) == 2
    assert "No assignment is called '99_none'" in capsys.readouterr().err
    for bad in (["--jobs", "0"], ["--sandbox", "docker"], ["--memory", "x"], ["--no"]):
        with pytest.raises(SystemExit) as ended:
            grade_by_hand(course, *bad)
        assert ended.value.code == 2
    assert "'x' is not a whole number above 0" in capsys.readouterr().err


def test_where_no_student_matches_those_who_handed_in_are_named(
    course, plainly, capsys
):
    hand_in(course, "ada", solved())
    assert grade_by_hand(course, "--student", "x*") == 2
    assert "1 handed in: ada." in capsys.readouterr().err


def test_what_is_no_course_is_said_so(tmp_path, capsys):
    assert main(["grade", NAME, "--course", str(tmp_path / "none")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(["grade", NAME, "--course", str(tmp_path)]) == 2
    assert f"{tmp_path} is no course" in capsys.readouterr().err


def test_what_cannot_be_read_or_written_is_named_with_a_cure(course, plainly, capsys):
    shutil.rmtree(course.submitted, ignore_errors=True)
    course.submitted.write_text("a file in the place of a folder")
    assert grade_by_hand(course) == 2
    said = capsys.readouterr().err
    assert str(course.submitted) in said and "has to be a folder" in said
    course.submitted.unlink()
    hand_in(course, "ada", solved())
    (course.build / "autograder").write_text("a file in the place of a folder")
    assert grade_by_hand(course) == 2
    said = capsys.readouterr().err
    assert str(course.build / "autograder") in said
    assert "run the same command again" in said


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no full device")
def test_verdicts_that_cannot_be_written_are_no_loss(course, plainly, capsys):
    hand_in(course, "ada", solved())
    assert grade_by_hand(course, "--json", "/dev/full") == 2
    said = capsys.readouterr().err
    assert "/dev/full could not be written: No space left on device" in said
    assert Path("/dev/full").is_char_device()
    assert contents(course)["ada"]["score"] == 10


def test_an_address_that_is_none_is_refused_at_once(course, plainly, capsys):
    hand_in(course, "ada", solved())
    assert grade_by_hand(course, "--scheduler", "foo") == 2
    said = capsys.readouterr().err
    assert "'foo' is no scheduler's address" in said and "tcp://" in said


def test_the_json_file_has_a_record_for_each_submission(course, plainly, tmp_path):
    hand_in(course, "bob", solved())
    hand_in(course, "ada", b"")
    path = tmp_path / "out" / "verdicts.json"
    grade_by_hand(course, "--json", str(path))
    records = json.loads(path.read_text())
    assert [record["student"] for record in records] == ["ada", "bob"]
    assert [list(record) == sorted(record) for record in records] == [True, True]
    first = path.read_bytes()
    grade_by_hand(course, "--json", str(path))
    assert path.read_bytes() == first


def enrol(course, *students):
    """Put students into the gradebook, as `nbgrader db student import` does."""
    with opened(course) as gradebook:
        for student in students:
            gradebook.update_or_create_student(student)


def test_who_handed_in_nothing_is_listed_at_the_end(course, plainly, capsys, tmp_path):
    enrol(course, "ada", "zoe", "bob")
    hand_in(course, "ada", solved())
    path = tmp_path / "verdicts.json"
    assert grade_by_hand(course, "--json", str(path)) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Nothing handed in by 2 students: bob, zoe"
    records = {record["student"]: record for record in json.loads(path.read_text())}
    assert list(records) == ["ada", "bob", "zoe"]
    assert records["zoe"].keys() == records["ada"].keys()
    told = [records["zoe"][key] for key in ("status", "reason", "score", "max_score")]
    assert told == ["missing", "Nothing was handed in.", 0, 12]
    assert contents(course).keys() == {"ada"}  # no mark is written


def test_only_those_who_match_are_listed(course, plainly, capsys):
    enrol(course, "ada", "alan", "bob")
    hand_in(course, "ada", solved())
    assert grade_by_hand(course, "--student", "a*") == 0
    assert "by 1 student: alan\n" in capsys.readouterr().out


def test_where_the_gradebook_knows_nobody_nothing_is_said(course, plainly, capsys):
    hand_in(course, "ada", solved())
    (course.submitted / "zoe").mkdir()
    assert grade_by_hand(course) == 0
    assert "Nothing handed in" not in capsys.readouterr().out


def test_who_was_graded_before_is_not_missing(course, plainly, capsys):
    for student in ("ada", "bob"):
        hand_in(course, student, solved())
    grade_by_hand(course)
    shutil.rmtree(course.submitted / "bob")
    assert grade_by_hand(course) == 0
    assert "Nothing handed in" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("known", "folder"),
    [("Ada@X.org", "ada@x.org"), ("Zo\u00eb", "Zoe\u0308"), ("STRASSE", "straße")],
)
def test_an_id_in_another_spelling_is_named(course, plainly, capsys, known, folder):
    enrol(course, known)
    hand_in(course, folder, solved())
    assert grade_by_hand(course) == 0
    said = capsys.readouterr().out
    assert f"{known}: Nothing was handed in under this id, but under '{folder}'" in said


@pytest.mark.parametrize(
    "place", [f"{NAME}.ipynb", f"{NAME.upper()}/x.ipynb", f"{NAME} /{NAME}.ipynb"]
)
def test_work_in_the_wrong_place_is_named(course, plainly, capsys, place):
    hand_in(course, "ada", solved())
    path = course.submitted / "zoe" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(as_bytes(solved()))
    assert grade_by_hand(course) == 0
    said = capsys.readouterr().out
    first = place.split("/")[0]
    assert f"zoe: Holds '{first}': the notebook has to lie in zoe/{NAME}/." in said


def test_thousands_who_handed_in_nothing_do_not_flood_the_terminal():
    missing = {f"s{n}": "Nothing was handed in." for n in range(5000)}
    (line,) = tell_missing(missing)
    assert "by 5000 students: s0, s1" in line and "4,990 more; build/grades" in line
    strange = {f"a\x1b{n}": "Holds 'x'." for n in range(5000)}
    lines = list(tell_missing(strange))
    assert len(lines) == 12 and all(map(str.isprintable, lines))


def test_the_table_of_marks_has_a_row_for_everyone(course, tmp_path):
    enrol(course, "bob", "zoe")
    hand_in(course, "ada", solved())
    run(course)
    hand_in(course, "bob", solved())
    to = str(tmp_path / "grades.csv")
    config = Config(CourseDirectory={"root": str(course.root)})
    with opened(course) as gradebook:
        QuotedCsv(to=to, config=config).export(gradebook)
    with open(to, newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {who: (row["score"], row["remark"]) for who, row in rows.items()} == {
        "ada": ("10.0", ""),
        "bob": ("0.0", "not graded yet"),
        "zoe": ("0.0", "nothing handed in"),
    }
    assert list(summary(course, [NAME]))[1].split()[-1] == "1"
    assert list(summary(course, [NAME]))[-1] == "Nothing handed in by 1 student: zoe"


def test_no_sandbox_warns_loudly_and_marks_every_verdict(course, plainly, capsys):
    hand_in(course, "ada", solved())
    assert grade_by_hand(course, "--sandbox", "none") == 1
    said = capsys.readouterr()
    assert "WARNING" in said.err and "without a wall" in said.out
    assert grade_by_hand(course) == 0


def test_limits_of_the_command_line_reach_the_engine(course, plainly, monkeypatch):
    from autograder.grading.grade import ClassRun

    seen = []
    monkeypatch.setattr(
        ClassRun, "running", lambda self, students: seen.append(self) or []
    )
    hand_in(course, "ada", solved())
    asked = ["--cell-seconds", "2.5", "--total-seconds", "9", "--memory", "300"]
    grade_by_hand(course, *asked)
    limits = seen[0].options.limits
    assert (limits["cell_seconds"], limits["total_seconds"]) == (2.5, 9.0)
    assert limits["memory_mib"] == 300


# The real thing: behind the wall, with the split.


@pytest.fixture(scope="module")
def unsplit():
    with Unsplit() as runner:
        yield runner


@pytest.mark.slow
def test_behind_the_wall_the_marks_are_those_of_the_catalogue(course, unsplit):
    from autograder.authoring.catalogue import read_catalogue

    assignment = tiny_assignment()
    catalogue = read_catalogue(assignment)
    expected = {"reference": set(), "untouched": {"total", "share"}}
    hand_in(course, "reference", solved())
    hand_in(course, "untouched", blank())
    for mistake in catalogue.mistakes:
        expected[mistake.name] = set(mistake.fails)
        hand_in(course, mistake.name, solved(**{mistake.of: mistake.source}))
    for right in catalogue.rights:
        student = f"{right.name}-{right.of}"
        expected[student] = set()
        hand_in(course, student, solved(**{right.of: right.source}))
    assert grade_by_hand(course, "--json", str(course.root / "v.json")) == 0
    records = json.loads((course.root / "v.json").read_text())
    lost = {
        r["student"]: {
            wanted
            for wanted, cell in r["cells"].items()
            if cell["points"] == 0 and wanted != "why-zero"
        }
        for r in records
    }
    expected["untouched"] = {cell.id for cell in assignment.role("test")}
    assert lost == expected
    untouched = next(r for r in records if r["student"] == "untouched")
    told = {cell["message"] for cell in untouched["cells"].values()}
    assert told == {"total: not answered yet.", "share: not answered yet."} | {
        "No answer was written."
    }
    assert len(handed_in(course.submitted, NAME)) == len(records)


@pytest.mark.slow
def test_cells_and_tests_read_the_assignments_data(course):
    path = course.solution(NAME)
    data = path.with_name("data") / "axis.txt"
    data.parent.mkdir()
    read = 'int(open("data/axis.txt").read())'
    test = f'\n# %% test="total-data" points=1\nassert {read} == -1, "data"\n'
    path.write_text(path.read_text() + test)
    hand_in(
        course,
        "ada",
        solved(total=f"def total(x, axis={read}):\n    return x.sum(axis)"),
    )
    for content, share in (("-1", 1), ("0", 0)):
        data.write_text(content)
        release(course, NAME)
        (step,) = grade(course, NAME, Options(jobs=1))
        cells = [step.verdict.cells[test] for test in ("total-data", "total-of-rows")]
        assert step.ran
        assert [cell.points for cell in cells] == [
            cell.max_points * share for cell in cells
        ]
