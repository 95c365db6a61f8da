"""After grading: pages of feedback for a class, and its marks in a file."""

import csv
import os
import time

import psutil
import pytest

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.feedback.write import write_feedback
from autograder.gradebook import call as nbgrader_call
from autograder.gradebook.call import call, student_glob, wait
from autograder.gradebook.errors import last_error
from autograder.gradebook.export import export, summary
from autograder.gradebook.marks import read_marks
from tests.support.gradebooks import opened, run
from tests.support.hand_ins import NAME, blank, hand_in, solved
from tests.support.pace import PATIENCE, wait_until

slow = pytest.mark.slow
ODD = "d'\"~ü  é"


@pytest.fixture
def course(released_course):
    """A course with a released assignment."""
    return released_course


def pages(course):
    return {page.student: page for page in write_feedback(course, [NAME])}


def page_of(course, student):
    return (course.feedback / student / NAME / f"{NAME}.html").read_text()


@slow
def test_each_graded_student_gets_a_page_and_only_what_is_new_is_written(course):
    hand_in(course, ODD, solved())
    hand_in(course, "bo", blank())
    run(course)
    first = pages(course)
    assert first.keys() == {ODD, "bo"}
    assert all(page.ran and page.problem is None for page in first.values())
    assert "total-of-rows" in page_of(course, ODD)
    assert not any(page.ran for page in pages(course).values())
    with opened(course) as gradebook:
        grade = gradebook.find_grade("why-zero", NAME, NAME, ODD)
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    assert {who: page.ran for who, page in pages(course).items()} == {
        ODD: True,
        "bo": False,
    }
    assert "11.5" in page_of(course, ODD)


@slow
def test_a_page_that_cannot_be_written_is_reported_and_the_others_are(course, capsys):
    for student in ("ada", "bo"):
        hand_in(course, student, solved())
    run(course)
    broken = course.graded("ada", NAME)
    broken.chmod(0o644)
    broken.write_text("{")
    assert main(["--course", str(course.root), "feedback"]) == 1
    said = capsys.readouterr().out
    assert "No feedback: 01_tiny  ada: " in said and "bo:" not in said
    assert "total-of-rows" in page_of(course, "bo")


@slow
def test_the_marks_of_all_are_exported_and_summed_up(course, capsys):
    hand_in(course, "ada", solved())
    hand_in(course, "bo", blank())
    run(course)
    hand_in(course, "late", solved())
    hand_in(course, "Müller, Zoë", solved())
    hand_in(course, "torn", b'{"cells": [')
    run(course, students="[!l]*")
    with export(course).open(encoding="utf-8") as file:
        exported = {r["student_id"]: float(r["score"]) for r in csv.DictReader(file)}
    assert exported == {"ada": 10, "bo": 0, "Müller, Zoë": 10, "torn": 0}
    assert main(["--course", str(course.root), "marks"]) == 0
    row = next(
        line.split()
        for line in capsys.readouterr().out.splitlines()
        if line.startswith(NAME)
    )
    assert row == [NAME, "3", "1", "1", "6.7", "12", "2", "0"]


@pytest.mark.slow
def test_where_nothing_is_graded_feedback_says_what_to_do(course, capsys):
    assert main(["--course", str(course.root), "feedback"]) == 2
    assert "python -m autograder grade" in capsys.readouterr().err
    assert read_marks(course, NAME) == {}
    assert list(summary(course, [NAME]))[1].split()[1:3] == ["0", "0"]


@pytest.mark.parametrize("student", ["ada", "Zoë Nguyễn (2nd try)", "o'brien", "007"])
def test_strange_names_are_quoted_for_nbgrader(student):
    assert student_glob(student).replace("[']", "'") == student


def test_the_reason_of_a_failure_is_the_last_error_named():
    words = (
        "[x | ERROR] Traceback (most recent call last):\n"
        "nbformat.reader.NotJSONError: Notebook does not appear to be JSON: '%PDF'\n"
        "[x | ERROR] There was an error\n"
        "nbgrader.converters.base.NbGraderException: Please see above\n"
    )
    assert (
        last_error(words) == "NotJSONError: Notebook does not appear to be JSON: '%PDF'"
    )


@pytest.mark.slow
def test_a_command_of_nbgraders_that_takes_too_long_is_ended():
    process = os.fork()
    if process == 0:
        os.fork()
        time.sleep(PATIENCE)
        os._exit(0)
    inner = wait_until(psutil.Process(process).children)
    assert wait(process, 0.3) is None
    assert not psutil.pid_exists(process)
    assert not psutil.wait_procs(inner, PATIENCE)[1]


@slow
def test_a_full_disk_stops_with_a_message(course, monkeypatch):
    full = "OSError: [Errno 28] No space left on device"
    monkeypatch.setattr(nbgrader_call, "last_error", lambda words: full)
    with pytest.raises(CourseError, match="The disk is full"):
        call(
            course,
            ["generate_feedback", "99_none"],
            course.build / "logs" / "x.log",
            60,
        )


@pytest.mark.slow
def test_words_that_cannot_be_kept_are_an_error_with_a_cure(course):
    (course.build / "logs").write_text("a file where a folder should be")
    with pytest.raises(CourseError, match="could not be written"):
        call(course, ["--version"], course.build / "logs" / "x.log", 60)
