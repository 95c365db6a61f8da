"""A class is graded with nbgrader, whatever its students hand in."""

import csv
import json

import psutil
import pytest

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.gradebook.marks import read_marks
from autograder.gradebook.nbgrader_call import call, reason, student_glob, unfit
from autograder.gradebook.nbgrader_class import (
    export,
    grade_class,
    graded_file,
    students,
    write_feedback,
)
from autograder.gradebook.report import Progress, problems, summary
from autograder.sample.write import make_class, read_manifest, write_class

TINY = "01_tiny"
slow = pytest.mark.slow


def hand_in(course, student, content=None):
    """Hand in a right notebook, or other bytes, for a student."""
    made = make_class(course, TINY).values()
    right = next(s.content for s in made if s.story == "right, style 2")
    path = course.submitted / student / TINY / f"{TINY}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(right if content is None else content)
    return path


@slow
def test_each_student_of_a_class_gets_the_marks_expected(course, capsys):
    write_class(course, TINY)
    results = {r.student: r for r in grade_class(course, TINY, cell_limit=6)}
    assert set(results) == set(make_class(course, TINY))
    for student, facts in read_manifest(course, TINY).items():
        wanted = facts["nbgrader"] or facts["marks"]
        marks = results[student].marks
        assert marks.scores == {c: p or 0 for c, p in wanted.items()}, facts["story"]
        waiting = {cell for cell, points in wanted.items() if points is None}
        assert set(marks.waiting) == waiting, facts["story"]
    failed = {s for s, result in results.items() if result.problem}
    manifest = read_manifest(course, TINY)
    assert {manifest[s]["story"].split(",")[0] for s in failed} == {
        "not a notebook",
        "right",  # the one with a renamed test
    }
    again = list(grade_class(course, TINY, cell_limit=6))
    assert not any(result.changed for result in again)
    assert {r.student: r.marks for r in again} == {
        s: r.marks for s, r in results.items()
    }

    told = [r for r in write_feedback(course, TINY) if r.changed]
    assert {r.student for r in told} == set(results) - failed
    assert all(r.problem is None for r in told)
    page = course.feedback / told[0].student / TINY / f"{TINY}.html"
    assert "total-of-rows" in page.read_text()
    assert not any(result.changed for result in write_feedback(course, TINY))

    with export(course).open() as file:
        exported = {
            row["student_id"]: float(row["score"]) for row in csv.DictReader(file)
        }
    assert exported == {s: r.marks.score for s, r in results.items()}
    table = "\n".join(summary(course, list(results.values())))
    assert "01_tiny" in table
    assert len(list(problems(list(results.values())))) == 1 + len(failed)


@slow
def test_strange_submissions_are_reported_and_the_class_goes_on(course):
    hand_in(course, "ada [late]")
    hand_in(course, "bo, jr")
    hand_in(course, "cy\nline")
    hand_in(course, "d'\"~ü  é")
    hand_in(course, "eve").rename(course.submitted / "eve" / TINY / "homework.ipynb")
    hand_in(course, "finn", b'{"cells": 3}')
    hand_in(course, "gil", b"[" * 100_000)
    hand_in(course, ".hidden")
    (course.submitted / "a file").write_text("no folder")
    results = {r.student: r for r in grade_class(course, TINY)}
    assert "for patterns" in results["ada [late]"].problem
    assert "comma" in results["bo, jr"].problem
    assert "printed" in results["cy\nline"].problem
    assert results["d'\"~ü  é"].problem is None
    assert results["d'\"~ü  é"].marks.score == 10
    assert "01_tiny.ipynb is missing" in results["eve"].problem
    assert "homework.ipynb" in results["eve"].problem
    assert "not a notebook" in results["finn"].problem
    assert "not a notebook" in results["gil"].problem
    assert len(results) == 7


@slow
@pytest.mark.parametrize(
    ("cell_limit", "limit", "said"),
    [(2, 60, "CellTimeoutError"), (60, 6, "not finished after 6 s")],
)
def test_a_submission_that_ignores_interrupts_is_ended(course, cell_limit, limit, said):
    stubborn = json.loads(hand_in(course, "ada").read_bytes())
    for cell in stubborn["cells"]:
        if cell["id"] == "total":
            cell["source"] = (
                "while True:\n    try:\n        while True:\n            pass\n"
                "    except KeyboardInterrupt:\n        pass"
            )
    hand_in(course, "ada", json.dumps(stubborn).encode())
    [ada] = grade_class(course, TINY, cell_limit=cell_limit, limit=limit)
    assert said in ada.problem
    assert not graded_file(course, "ada", TINY).exists()
    assert ada.marks.score == 0
    assert not psutil.Process().children(recursive=True)


@slow
def test_a_submission_that_is_worse_than_the_one_before_loses_its_marks(course):
    hand_in(course, "ada")
    assert next(grade_class(course, TINY)).marks.score == 10
    hand_in(course, "ada", b"not a notebook")
    result = next(grade_class(course, TINY))
    assert result.problem
    assert result.marks.score == 0
    assert not graded_file(course, "ada", TINY).exists()


@slow
def test_a_submission_whose_grading_was_cut_off_is_graded_again(course):
    hand_in(course, "ada")
    half = graded_file(course, "ada", TINY)
    half.parent.mkdir(parents=True)
    half.write_text("{}")
    [ada] = grade_class(course, TINY)
    assert ada.changed
    assert ada.marks.score == 10


@slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_marks_given_by_hand_stay_and_reach_the_feedback(course):
    from nbgrader.api import Gradebook

    hand_in(course, "ada")
    list(grade_class(course, TINY))
    list(write_feedback(course, TINY))
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        grade = book.find_grade("why-zero", TINY, TINY, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.db.commit()
    [told] = write_feedback(course, TINY)
    assert told.changed
    assert "11.5" in (course.feedback / "ada" / TINY / f"{TINY}.html").read_text()
    [again] = grade_class(course, TINY, force=True)
    assert again.marks.score == 11.5


@pytest.mark.slow
def test_nothing_handed_in_is_an_error_with_a_cure(course, capsys):
    assert main(["--course", str(course.root), "grade-class"]) == 1
    assert "make class" in capsys.readouterr().err


def test_students_are_the_folders_that_hold_the_assignment(tiny):
    for student in ("bo", "ada", ".git"):
        (tiny.submitted / student / TINY).mkdir(parents=True)
    (tiny.submitted / "cy").mkdir()
    assert students(tiny, TINY) == ["ada", "bo"]


def test_progress_lines_are_aligned(tiny):
    for student in ("ada", "bo-with-a-long-name"):
        (tiny.submitted / student / TINY).mkdir(parents=True)
    assert Progress(tiny, [TINY]).total == 2
    with pytest.raises(CourseError, match="Nothing is handed in"):
        Progress(tiny, ["02_tiny"])


@pytest.mark.parametrize("student", ["a*b", "a?b", "a[b", "a,b", "a\tb", "a\udcffb"])
def test_names_that_nbgrader_cannot_take_are_refused(student):
    assert unfit(student)


@pytest.mark.parametrize("student", ["ada", "Zoë Nguyễn (2nd try)", "o'brien", "007"])
def test_other_strange_names_are_taken(student):
    assert unfit(student) is None
    assert student_glob(student).replace("[']", "'") == student


def test_the_reason_of_a_failure_is_the_last_error_named():
    words = (
        "[x | ERROR] Traceback (most recent call last):\n"
        "nbformat.reader.NotJSONError: Notebook does not appear to be JSON: '%PDF'\n"
        "[x | ERROR] There was an error\n"
        "nbgrader.converters.base.NbGraderException: Please see above\n"
    )
    assert reason(words) == "NotJSONError: Notebook does not appear to be JSON: '%PDF'"


def test_an_empty_gradebook_has_no_marks(course):
    assert read_marks(course, TINY) == {}


@slow
def test_a_full_disk_stops_the_class_with_a_message(course, monkeypatch):
    hand_in(course, "ada", b'{"cells": [], "metadata": {}, "nbformat": 9}')
    full = "OSError: [Errno 28] No space left on device"
    monkeypatch.setattr("autograder.gradebook.nbgrader_call.reason", lambda words: full)
    with pytest.raises(CourseError, match="The disk is full"):
        list(grade_class(course, TINY))


def test_words_that_cannot_be_kept_are_an_error_with_a_cure(course):
    (course.build / "logs").write_text("a file where a folder should be")
    with pytest.raises(CourseError, match="could not be written"):
        call(course, ["--version"], course.build / "logs" / "x.log", 60)
