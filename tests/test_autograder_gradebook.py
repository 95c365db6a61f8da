"""What nbgrader's autograde leaves in the gradebook is what this grader leaves."""

import contextlib
import datetime
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from autograder.course import Course, CourseError
from autograder.gradebook.newcomers import Newcomers
from autograder.gradebook.penalties import Penalties
from autograder.gradebook.release import release
from autograder.gradebook.transactions import patiently, prepared
from autograder.gradebook.writer import Writer
from autograder.grading.grade import grade
from tests.support.gradebooks import PLAIN, WRONG, contents, nbgrader, opened, run
from tests.support.hand_ins import NAME, as_bytes, blank, by_id, code, hand_in, solved
from tests.support.pace import PATIENCE, wait_until

LATE = "2026-01-02 00:00:00 UTC"
DUE = datetime.datetime(2026, 1, 1)


@pytest.fixture
def course(released_course):
    """A course with a released assignment."""
    return released_course


def a_class(course):
    """Hand in what a small class does: right, wrong, late, untouched, odd."""
    hand_in(course, "right", solved(), "2025-12-31 10:00:00 UTC")
    hand_in(course, "late", solved(), LATE)
    hand_in(course, "wrong", solved(total=WRONG))
    hand_in(course, "untouched", blank())
    hand_in(course, "silent", solved(why_zero="YOUR ANSWER HERE"))
    helped = solved(total="def total(x, axis=-1):\n    return add(x, axis)")
    helper = "def add(x, axis):\n    return np.asarray(x).sum(axis)"
    helped["cells"].insert(2, code(helper, id="own"))
    hand_in(course, "helper", helped)


def set_due(course, url=None):
    with opened(course, url) as gradebook:
        gradebook.find_assignment(NAME).duedate = DUE
        gradebook.db.commit()


def penalise(course):
    path = course.root / "nbgrader_config.py"
    text = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    path.write_text(path.read_text() + text)


def twin(course, folder):
    """Return a course with the same files and the same gradebook."""
    other = type(course)(folder / "other")
    shutil.copytree(course.root, other.root, ignore=shutil.ignore_patterns("other"))
    return other


def test_marks_comments_and_flags_stand_in_the_gradebook(course):
    a_class(course)
    run(course)
    book = contents(course)
    assert book["right"]["score"] == 10
    assert book["right"]["needs_manual_grade"]
    assert book["right"]["grades"]["why-zero"] == (None, None, None, True, 0)
    assert book["right"]["grades"]["total-hidden"] == (3, None, None, False, 3)
    assert book["right"]["comments"] == dict.fromkeys(
        ["total", "share", "why-zero"], (None, None)
    )
    assert book["untouched"]["score"] == 0
    assert not book["untouched"]["needs_manual_grade"]
    assert book["untouched"]["failed_tests"]
    assert book["untouched"]["comments"]["total"] == ("No response.", None)
    assert book["silent"]["grades"]["why-zero"] == (0, None, None, False, 0)
    assert book["helper"]["score"] == 10


@pytest.mark.slow
@pytest.mark.parametrize("penalty", [False, True])
def test_the_gradebook_is_the_one_that_nbgrader_leaves(course, tmp_path, penalty):
    if penalty:
        penalise(course)
    a_class(course)
    set_due(course)
    other = twin(course, tmp_path)
    run(course)
    nbgrader(other, "autograde", NAME)
    ours, theirs = contents(course), contents(other)
    assert ours == theirs
    assert ours["late"]["penalty"] == (10 if penalty else None)
    mine = {p.relative_to(course.root) for p in course.autograded.rglob("*")}
    assert mine == {p.relative_to(other.root) for p in other.autograded.rglob("*")}


@pytest.mark.slow
def test_a_regrade_leaves_what_nbgraders_regrade_leaves(course, tmp_path):
    """Manual marks, extra credit, comments, an extension, a rule for lateness, new
    answers in the place of old ones."""
    late = {"late": LATE, "extended": LATE}
    for student in ("marked", "better", "late", "extended"):
        hand_in(course, student, solved(), late.get(student))
    hand_in(course, "better", solved(total=WRONG))
    set_due(course)
    own_penalty(course)
    other = twin(course, tmp_path)
    run(course)
    nbgrader(other, "autograde", NAME)
    assert contents(course) == contents(other)
    assert contents(course)["late"]["penalty"] == 4
    for each in (course, other):
        mark_by_hand(each, "marked")
        mark_by_hand(each, "late")
        with opened(each) as gradebook:
            gradebook.grant_extension(NAME, "extended", days=2)
        hand_in(each, "marked", solved(total=WRONG))
        hand_in(each, "better", solved())
    run(course, regrade=True)
    nbgrader(other, "autograde", NAME, "--force")
    ours, theirs = contents(course), contents(other)
    ask_again(theirs["late"], theirs["late"]["grades"])
    assert ours == theirs
    assert ours["marked"]["grades"]["total-hidden"][:3] == (0, 2, 0.5)
    assert ours["marked"]["comments"]["total"] == (None, "Nice.")
    assert ours["better"]["score"] == 10 and not ours["better"]["failed_tests"]
    assert ours["extended"]["penalty"] is None and ours["extended"]["score"] == 10
    assert ours["late"]["penalty"] == 4 and ours["late"]["score"] == 11


def ask_again(student, grades):
    """Undo the one difference: nbgrader has a person look again at what they marked,
    even where the answer and the result are what they were."""
    assert student["needs_manual_grade"] and grades["why-zero"][3]
    student["needs_manual_grade"] = False
    for name in ("why-zero", "total-hidden"):
        assert grades[name][3]
        grades[name] = (*grades[name][:3], False, grades[name][4])


def own_penalty(course):
    """Take a point for each six hours, by a plugin that lies in the course."""
    (course.root / "late.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Late(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, seconds):\n"
        "        return min(score, seconds / 3600 / 6)\n"
    )
    path = course.root / "nbgrader_config.py"
    text = "\nc.AssignLatePenalties.plugin_class = 'late.Late'\n"
    path.write_text(path.read_text() + text)


@pytest.mark.slow
def test_feedback_and_export_go_on_from_what_was_written(course):
    a_class(course)
    run(course)
    nbgrader(course, "generate_feedback", NAME)
    html = (course.feedback / "wrong" / NAME / f"{NAME}.html").read_text()
    assert "Look at the axis: -1 is the last one." in html
    assert "Traceback (most recent" not in html
    nbgrader(course, "export", "--to", "grades.csv")
    rows = (course.root / "grades.csv").read_text().splitlines()
    assert len(rows) == 7
    assert any(",right," in row and ",10.0," in row for row in rows)


def test_a_late_hand_in_costs_what_the_plugin_says(course):
    penalise(course)
    set_due(course)
    hand_in(course, "late", solved(), LATE)
    hand_in(course, "early", solved(), "2025-12-31 00:00:00 UTC")
    run(course)
    assert contents(course)["late"]["penalty"] == 10
    assert contents(course)["early"]["penalty"] is None
    with opened(course) as gradebook:
        gradebook.grant_extension(NAME, "late", days=2)
    run(course)
    assert contents(course)["late"]["penalty"] is None


def test_a_rule_for_late_work_that_cannot_be_found_is_said_so(course):
    path = course.root / "nbgrader_config.py"
    text = "\nc.AssignLatePenalties.plugin_class = 'nowhere.Late'\n"
    path.write_text(path.read_text() + text)
    hand_in(course, "ada", solved())
    with pytest.raises(CourseError, match="rule for late work cannot be used"):
        run(course)


def mark_by_hand(course, student):
    with opened(course) as gradebook:
        written = gradebook.find_grade("why-zero", NAME, NAME, student)
        written.manual_score, written.needs_manual_grade = 1.5, False
        test = gradebook.find_grade("total-hidden", NAME, NAME, student)
        test.manual_score, test.extra_credit = 2, 0.5
        comment = gradebook.find_comment("total", NAME, NAME, student)
        comment.manual_comment = "Nice."
        gradebook.db.commit()


def test_manual_marks_comments_and_extra_credit_are_kept(course):
    hand_in(course, "ada", solved())
    run(course)
    mark_by_hand(course, "ada")
    before = contents(course)
    run(course)
    assert contents(course) == before
    hand_in(course, "ada", solved(total=WRONG))
    run(course)
    after = contents(course)["ada"]
    assert after["grades"]["why-zero"] == (None, 1.5, None, True, 1.5)
    assert after["grades"]["total-hidden"] == (0, 2, 0.5, True, 2.5)
    assert after["comments"]["total"] == (None, "Nice.")


def test_a_regrade_leaves_no_stale_mark(course):
    hand_in(course, "ada", solved())
    hand_in(course, "bob", solved(total=WRONG))
    run(course)
    hand_in(course, "ada", b"broken")
    hand_in(course, "bob", solved())
    run(course)
    book = contents(course)
    assert book["ada"]["score"] == 0 and book["ada"]["needs_manual_grade"]
    assert all(grade[0] == 0 for grade in book["ada"]["grades"].values())
    assert book["bob"]["score"] == 10 and not book["bob"]["failed_tests"]
    path = course.autograded / "ada" / NAME / f"{NAME}.ipynb"
    assert "not graded" in path.read_text()


def test_writing_twice_changes_nothing(course):
    a_class(course)
    run(course)
    before, book = contents(course), course.gradebook.read_bytes()
    files = {p: p.stat().st_mtime_ns for p in course.autograded.rglob("*.ipynb")}
    run(course)
    run(course, regrade=True)
    assert contents(course) == before
    assert course.gradebook.read_bytes() == book
    assert files == {
        p: p.stat().st_mtime_ns for p in course.autograded.rglob("*.ipynb")
    }


@pytest.mark.slow
def test_what_was_lost_is_written_again_without_running(course):
    a_class(course)
    run(course)
    before = contents(course)
    course.gradebook.unlink()
    release(course, NAME)
    shutil.rmtree(course.autograded / "right")
    steps = list(grade(course, NAME, PLAIN))
    assert not any(step.ran for step in steps)
    assert contents(course) == before
    assert (course.autograded / "right" / NAME / f"{NAME}.ipynb").is_file()


def test_a_kill_between_the_steps_of_writing_leaves_the_old_marks(course, monkeypatch):
    hand_in(course, "ada", solved(total=WRONG))
    run(course)
    before = contents(course)
    path = course.autograded / "ada" / NAME / f"{NAME}.ipynb"
    notebook = path.read_bytes()
    hand_in(course, "ada", solved())

    def killed(self, gradebook, *arguments):
        gradebook.db.flush()
        raise SystemExit("killed")

    monkeypatch.setattr(Penalties, "record", killed)
    with pytest.raises(SystemExit):
        run(course)
    assert contents(course) == before
    assert path.read_bytes() == notebook
    assert not list(path.parent.glob(".writing-*"))
    monkeypatch.undo()
    run(course)
    assert contents(course)["ada"]["score"] == 10


def test_a_new_student_killed_half_way_is_not_there(course, monkeypatch):
    hand_in(course, "ada", solved())
    insert = Newcomers.insert

    def killed(self, pages):
        insert(self, pages)
        raise SystemExit("killed")

    monkeypatch.setattr(Newcomers, "insert", killed)
    with pytest.raises(SystemExit):
        run(course)
    assert contents(course) == {}
    with opened(course) as gradebook:
        assert gradebook.students == []


def rows(course):
    """Return all rows about submissions, names in the place of random ids."""
    tables = {
        "student": "SELECT * FROM student",
        "submission": "SELECT student_id, timestamp, extension, a.name "
        "FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id",
        "notebook": "SELECT s.student_id, n.name, flagged, late_submission_penalty "
        "FROM submitted_notebook b JOIN notebook n ON n.id = b.notebook_id "
        "JOIN submitted_assignment s ON s.id = b.assignment_id",
    }
    for table, own in (
        ("grade", "auto_score, manual_score, extra_credit, needs_manual_grade"),
        ("comment", "auto_comment, manual_comment"),
    ):
        tables[table] = (
            f"SELECT s.student_id, c.name, {own} FROM {table} g "
            "JOIN base_cell c ON c.id = g.cell_id "
            "JOIN submitted_notebook b ON b.id = g.notebook_id "
            "JOIN submitted_assignment s ON s.id = b.assignment_id"
        )
    with closing(sqlite3.connect(course.gradebook)) as book:
        return {name: sorted(book.execute(sql)) for name, sql in tables.items()}


def test_many_first_hand_ins_at_once_leave_what_nbgraders_api_leaves(
    course, monkeypatch
):
    for number, more in enumerate(({}, {"total": WRONG}, {"why-zero": ""}) * 3):
        hand_in(course, f"student-{number}", solved(**more))
    hand_in(course, "broken", b"")
    hand_in(course, "enrolled", solved())
    with opened(course) as gradebook:
        gradebook.add_student("enrolled", first_name="Enid")
    shutil.copy(course.gradebook, course.root / "empty.db")
    run(course)
    at_once = rows(course)
    assert len(at_once["submission"]) == 11
    assert len(at_once["grade"]) == 11 * len(grade_assignment(course).graded)
    shutil.copy(course.root / "empty.db", course.gradebook)
    shutil.rmtree(course.autograded)
    monkeypatch.setattr(Newcomers, "add", lambda self, pages: pages)
    run(course)
    assert rows(course) == at_once


def test_left_overs_of_a_killed_writer_are_cleared(tmp_path):
    left = tmp_path / ".writing-old"
    left.mkdir()
    (left / "x").write_text("x")
    with prepared(tmp_path, {"a.txt": b"new"}):
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.slow
def test_an_assignment_that_was_not_released_is_refused_with_a_cure(tiny):
    hand_in(tiny, "ada", solved())
    with pytest.raises(CourseError, match="autograder release 01_tiny"):
        run(tiny)


def test_an_assignment_that_changed_since_its_release_is_refused(course):
    path = course.solution(NAME)
    path.write_text(
        path.read_text().replace('"total-hidden" points=3', '"new" points=3')
    )
    hand_in(course, "ada", solved())
    with pytest.raises(CourseError, match=r"changed since it was released \(new, tot"):
        run(course)


def test_a_gradebook_that_is_none_is_said_so(course):
    course.gradebook.write_bytes(b"no database at all" * 100)
    hand_in(course, "ada", solved())
    with pytest.raises(CourseError, match="gradebook could not be opened"):
        run(course)


@pytest.mark.slow
def test_a_gradebook_that_is_locked_for_a_while_is_waited_for(course):
    hand_in(course, "ada", solved())
    code = (
        "import sqlite3, sys, time\n"
        "book = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "book.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True)\n"
        "time.sleep(7)\n"
    )
    command = [sys.executable, "-c", code, str(course.gradebook)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with Writer(course, grade_assignment(course)) as writer:
            assert writer.found("ada") is None
    run(course)
    assert contents(course)["ada"]["score"] == 10


def grade_assignment(course):
    from autograder.authoring.solution_file import read_assignment

    return read_assignment(course.solution(NAME))


def test_an_error_that_will_not_pass_is_said_at_once():
    from sqlalchemy.exc import OperationalError

    calls = []

    def write():
        calls.append(1)
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    with pytest.raises(CourseError, match="disk is full"):
        patiently(write, "written")
    assert len(calls) == 1


def test_a_race_lost_is_run_again():
    from sqlalchemy.exc import IntegrityError

    calls = []

    def write():
        calls.append(1)
        if len(calls) < 3:
            raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint"))

    patiently(write, "written")
    assert len(calls) == 3


# PostgreSQL.


def unprivileged():
    """Return options that start a program as nobody, where we are root."""
    return {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}


def program(name):
    """Return the path of one of PostgreSQL's programs."""
    found = shutil.which(name)
    if found is None:
        places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(places[-1]) if places else None
    if found is None:
        pytest.fail("PostgreSQL's server is not installed: apt install postgresql")
    return found


@pytest.fixture
def postgres():
    """A PostgreSQL server of the test's own, on a socket in a folder of its own."""
    pytest.importorskip("psycopg2", reason="pip install -e .[grading]")
    import tempfile

    place = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if os.getuid() == 0:
        shutil.chown(place, "nobody", "nogroup")
    data, initdb, server = place / "data", program("initdb"), program("postgres")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": place}
    setup = [initdb, "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*setup, "--locale=C"], check=True, **quiet, **unprivileged())
    own = ["-D", data, "-k", place, "-c", "listen_addresses="]
    process = subprocess.Popen([server, *own], **quiet, **unprivileged())
    try:
        wait_until(lambda: answers(place, process), "PostgreSQL's start")
        yield f"postgresql+psycopg2://grader@/postgres?host={place}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        shutil.rmtree(place, ignore_errors=True)


def answers(place, process):
    """Return whether the server takes connections."""
    import psycopg2

    assert process.poll() is None
    with contextlib.suppress(psycopg2.OperationalError):
        psycopg2.connect(host=str(place), user="grader", dbname="postgres").close()
        return True
    return False


def use_postgres(course, url):
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text() + f"\nc.CourseDirectory.db_url = {url!r}\n")
    release(Course.load(course.root), NAME)


@pytest.mark.slow
def test_a_postgresql_gradebook_holds_what_a_sqlite_one_holds(course, postgres):
    a_class(course)
    set_due(course)
    run(course)
    expected = contents(course)
    use_postgres(course, postgres)
    set_due(course, postgres)
    shutil.rmtree(course.autograded)
    run(course)
    assert contents(course, postgres) == expected
    hand_in(course, "wrong", solved())
    run(course)
    assert contents(course, postgres)["wrong"]["score"] == 10
    before = contents(course, postgres)
    run(course, regrade=True)
    assert contents(course, postgres) == before


@pytest.mark.slow
def test_a_postgresql_server_that_is_lost_is_said_so_and_the_marks_come_later(
    course, postgres
):
    use_postgres(course, postgres)
    hand_in(course, "ada", solved())
    run(course)
    path = course.root / "nbgrader_config.py"
    good = path.read_text()
    path.write_text(good.replace("host=", "host=/nowhere"))
    hand_in(course, "bob", solved())
    with pytest.raises(CourseError, match="gradebook could not be opened"):
        run(course)
    path.write_text(good)
    run(course)
    assert contents(course, postgres).keys() == {"ada", "bob"}


def test_hand_ins_of_the_tests_are_notebooks():
    assert by_id(solved(), "total")["source"] != by_id(blank(), "total")["source"]
    assert as_bytes(solved()) != as_bytes(blank())
