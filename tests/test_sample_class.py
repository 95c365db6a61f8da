"""A sample class: many kinds of students, and marks that are known beforehand."""

import json
import re
from functools import cache

import pytest

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.gradebook.marks import read_marks
from autograder.model.assignment import TEXT_STUB
from autograder.model.dependencies import dependent_tests
from autograder.sample.write import make_class, read_manifest, write_class
from tests.support.places import ROOT

COURSE = Course(ROOT)
each_assignment = pytest.mark.parametrize("name", COURSE.names())
TINY = "01_tiny"


@cache
def class_of(name):
    """Return the sample class of one of the course's assignments."""
    return make_class(COURSE, name)


def sources(submission):
    """Return {cell id: source} of what was handed in, or None if it is no notebook."""
    try:
        cells = json.loads(submission.content)["cells"]
    except ValueError:
        return None
    return {cell["id"]: "".join(cell["source"]) for cell in cells}


def test_a_test_needs_what_it_names_and_what_that_is_built_on(tiny):
    assignment = read_assignment(tiny.solution(TINY))
    assert dependent_tests(assignment, {"share"}) == {
        "share-sums-to-one",
        "share-hidden",
    }
    everything = {cell.id for cell in assignment.role("test")}
    assert dependent_tests(assignment, {"total"}) == everything


def test_the_same_solution_makes_the_same_class(tiny):
    assert make_class(tiny, TINY) == make_class(tiny, TINY)


def test_the_class_has_every_kind_of_student(tiny):
    made = make_class(tiny, TINY)
    assert len(made) >= 12
    stories = " / ".join(submission.story for submission in made.values())
    for kind in (
        "right, style 1",
        "right, style 2",
        "mistake",
        "untouched",
        "half not done",
        "raises",
        "loops for ever",
        "syntax error",
        "stderr",
        "not a notebook",
        "changed to `assert True`",
        "deleted",
        "renamed",
    ):
        assert kind in stories


def test_one_student_has_a_name_that_is_hard_on_programs(tiny):
    assert any(
        re.search(r"[^\x00-\x7f].* ", student) for student in make_class(tiny, TINY)
    )


@pytest.mark.parametrize(
    ("course", "name"),
    [(None, TINY), *((COURSE, name) for name in COURSE.names())],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_student_hands_in_the_reference(tiny, course, name):
    course = course or tiny
    assignment = read_assignment(course.solution(name))
    reference = {
        cell.id: [line for line in cell.source.split("\n") if "###" not in line]
        for cell in assignment.role("solution")
    }
    made = class_of(name) if course is COURSE else make_class(course, name)
    for student, submission in made.items():
        handed_in = sources(submission) or {}
        same = [
            c for c in reference if handed_in.get(c, "").split("\n") == reference[c]
        ]
        assert len(same) < len(reference), student


def test_written_answers_are_handed_in_and_wait_for_a_person(tiny):
    for submission in make_class(tiny, TINY).values():
        answer = (sources(submission) or {}).get("why-zero")
        waits = submission.marks["why-zero"] is None
        assert waits == (answer not in (None, TEXT_STUB))


def test_only_changed_files_are_written(tiny):
    assert write_class(tiny, TINY) == len(make_class(tiny, TINY))
    assert write_class(tiny, TINY) == 0


def test_the_manifest_has_the_marks_of_all(tiny):
    write_class(tiny, TINY)
    manifest = read_manifest(tiny, TINY)
    made = make_class(tiny, TINY)
    assert {s: facts["marks"] for s, facts in manifest.items()} == {
        s: submission.marks for s, submission in made.items()
    }


def test_a_real_submission_is_never_written_over(tiny):
    student = next(iter(make_class(tiny, TINY)))
    real = tiny.submitted / student / TINY / f"{TINY}.ipynb"
    real.parent.mkdir(parents=True)
    real.write_text("{}")
    with pytest.raises(CourseError, match="a real submission stays"):
        write_class(tiny, TINY)
    assert real.read_text() == "{}"
    assert len(list(tiny.submitted.rglob("*.ipynb"))) == 1


def expected_of(course, runner, name):
    """Check the marks expected of all whose notebook runs and ends."""
    assignment = read_assignment(course.solution(name))
    solutions = {cell.id for cell in assignment.role("solution")}
    made = class_of(name) if course is COURSE else make_class(course, name)
    for student, submission in made.items():
        handed_in = sources(submission)
        if handed_in is None or "loops" in submission.story:
            continue
        versions = {cell: handed_in[cell] for cell in solutions}
        outcome = runner.run(assignment, versions)
        got = {
            t: 0 if why else assignment.by_id[t].points
            for t, why in outcome.tests.items()
        }
        wanted = {test: submission.marks[test] for test in got}
        assert got == wanted, f"{student}: {submission.story}: {outcome.tests}"


def test_the_marks_expected_are_those_of_a_plain_run(tiny, runner):
    expected_of(tiny, runner, TINY)


@pytest.mark.slow
@each_assignment
def test_the_marks_expected_of_each_student_are_those_of_a_plain_run(runner, name):
    expected_of(COURSE, runner, name)


@each_assignment
def test_every_mistake_of_the_class_is_in_the_catalogue(name):
    catalogue = read_catalogue(read_assignment(COURSE.solution(name)))
    names = {mistake.name for mistake in catalogue.mistakes}
    stories = [s.story for s in class_of(name).values()]
    used = {m[1] for s in stories if (m := re.match(r"mistake ([\w-]+)", s))}
    assert len(used) >= 4
    assert used <= names


@pytest.mark.slow
@each_assignment
def test_the_grader_gave_each_student_of_the_sample_class_the_marks_expected(name):
    """`make grade` graded the class; the gradebook and the manifest must agree."""
    if not COURSE.gradebook.exists():
        pytest.fail("the sample class is not graded: run `make grade`")
    marks = read_marks(COURSE, name)
    for student, facts in read_manifest(COURSE, name).items():
        wanted = facts["marks"]
        assert student in marks, f"{student} is not graded"
        got = marks[student].scores
        given = {cell: points for cell, points in wanted.items() if points is not None}
        waiting = {cell for cell, points in wanted.items() if points is None}
        assert {cell: got[cell] for cell in given} == given, (student, facts["story"])
        if facts["story"] == "not a notebook":  # all of it waits for a person
            waiting = set(wanted)
        assert set(marks[student].waiting) <= waiting, (student, facts["story"])
