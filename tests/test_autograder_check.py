"""A student's own check: visible tests, hints, words; never a hidden test."""

import json
import time

import pytest
from hand_ins import NAME, as_bytes, blank, code, solved, tiny_assignment

from autograder.__main__ import main
from autograder.assignments.from_notebook import assignment_from, visible
from autograder.assignments.release import source_notebook
from autograder.course import Course
from autograder.grading import check as module
from autograder.grading.check import check

WRONG = "def total(x, axis=-1):\n    return 2 * np.asarray(x).sum(axis)"


@pytest.fixture(autouse=True)
def no_hints(request, monkeypatch):
    """Leave the hints out, but in the test of the hints: they take seconds."""
    if "hints" not in request.node.name:
        monkeypatch.setattr(module, "hints", lambda *_: ())


@pytest.fixture
def download(tmp_path):
    """Return a function that saves a notebook as a student does."""

    def save(notebook, name=f"{NAME}.ipynb"):
        path = tmp_path / "downloads" / name
        path.parent.mkdir(exist_ok=True)
        content = notebook if isinstance(notebook, bytes) else as_bytes(notebook)
        path.write_bytes(content)
        return path

    return save


def said(course, path):
    lines = []
    good = check(course, path, lines.append)
    return "\n".join(lines), good


def test_a_right_notebook_passes_what_can_be_seen(tiny, download):
    text, good = said(tiny, download(solved()))
    assert good
    assert "ok     total-of-rows (2)" in text
    assert "later  total-hidden (3)" in text
    assert "FAIL" not in text
    assert "without a sandbox" in text


def test_a_wrong_answer_is_told_why(tiny, download):
    text, good = said(tiny, download(solved(total=WRONG)))
    assert not good
    assert "FAIL   total-of-rows (2)" in text
    assert "Look at the axis: -1 is the last one." in text
    assert "AssertionError" not in text


def test_an_untouched_notebook_fails_and_says_where(tiny, download):
    text, good = said(tiny, download(blank()))
    assert not good
    assert "NotImplementedError" in text and "<total>" in text


def test_hidden_tests_are_neither_run_nor_shown(tiny, download, capsys):
    answer = "def total(x, axis=-1):\n    print('called', np.shape(x))\n    return 0"
    text, _ = said(tiny, download(solved(total=answer)))
    text += capsys.readouterr().out
    assert "(30,)" not in text and "(5, 2, 3)" not in text
    for cell in tiny_assignment().role("test"):
        for line in cell.secret:
            assert line.strip() not in text or not line.strip()


def test_copies_of_the_file_are_known_by_their_names(tiny, download):
    for name in (f"{NAME} (1).ipynb", f"{NAME}-Copy1.ipynb", f"{NAME} (2) (1).ipynb"):
        assert said(tiny, download(solved(), name))[1]


def test_the_released_notebook_is_enough(tiny, download, tmp_path):
    """A student has no solutions."""
    student = Course(tmp_path / "student")
    folder = student.exercises / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(as_bytes(blank()))
    text, good = said(student, download(solved()))
    assert good and "later  total-hidden (3)" in text
    assert not said(student, download(solved(total=WRONG)))[1]


def test_the_notebook_alone_is_enough(download, tmp_path):
    student = Course(tmp_path / "nothing")
    assert said(student, download(solved(), "mine.ipynb"))[1]
    assert not said(student, download(solved(total=WRONG), "mine.ipynb"))[1]


@pytest.mark.slow
def test_an_answer_that_never_ends_is_given_up(tiny, download, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 3.0)
    looping = "def share(x, axis=-1):\n    while True: pass"
    start = time.monotonic()
    text, good = said(tiny, download(solved(share=looping)))
    assert not good
    assert "ok     total-of-rows" in text
    assert "The run ended before this test was done" in text
    assert time.monotonic() - start < 30


def test_an_answer_that_ends_python_costs_the_tests_after_it(tiny, download):
    ending = "import os\ndef share(x, axis=-1):\n    os._exit(3)"
    text, good = said(tiny, download(solved(share=ending)))
    assert not good and "ok     total-of-rows" in text


def test_a_warning_costs_nothing(tiny, download):
    warns = "import warnings\ndef total(x, axis=-1):\n    warnings.warn('slow')\n"
    answer = warns + "    return np.asarray(x).sum(axis)"
    assert said(tiny, download(solved(total=answer)))[1]


def test_magics_cost_nothing(tiny, download):
    answer = "%%time\n%matplotlib inline\nfiles = !ls\ndef total(x, axis=-1):\n"
    answer += "    return np.asarray(x).sum(axis)\n%timeit -n 1 total(np.ones(3))\n"
    text, good = said(tiny, download(solved(total=answer + "display(3)")))
    assert good and "STOP" not in text


def test_a_cell_that_stops_is_named(tiny, download):
    notebook = solved(total="def total(x, axis=-1):\n    return x[")
    notebook["cells"].insert(2, code("\nbefore = np.unknown"))
    text, good = said(tiny, download(notebook))
    assert not good
    assert "STOP   the cell <total> ended with SyntaxError" in text
    assert "STOP   your own cell 'before = np.unknown' ended with" in text


def test_an_error_is_placed_in_the_students_own_lines(tiny, download):
    answer = "def total(x, axis=-1):\n    return np.linalg.inv(x)"
    text, _ = said(tiny, download(solved(total=answer)))
    assert "(line 2 of <total>)" in text and ".py)" not in text


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"{", b"[]"])
def test_what_is_no_notebook_is_said_so(tiny, download, content, capsys):
    path = download(content)
    assert main(["check", str(path), "--course", str(tiny.root)]) == 2
    error = capsys.readouterr().err
    assert str(path) in error and "Traceback" not in error


def test_a_file_that_is_not_there_is_said_so(tiny, capsys):
    assert main(["check", "/no/such.ipynb", "--course", str(tiny.root)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_command_ends_with_0_or_1(tiny, download, capsys):
    own = ["--course", str(tiny.root)]
    assert main(["check", str(download(solved())), *own]) == 0
    assert main(["check", str(download(blank())), *own]) == 1
    assert " s\n" in capsys.readouterr().out


def test_what_was_changed_is_noted(tiny, download):
    notebook = solved()
    notebook["cells"].pop(4)
    text, _ = said(tiny, download(notebook))
    assert "note   " in text and "is missing" in text


def test_a_source_notebook_gives_the_assignment_that_it_was_made_of():
    own = tiny_assignment()
    notebook = json.loads(json.dumps(source_notebook(own)))
    made = assignment_from(own.name, own.path, notebook)
    assert [(c.id, c.role, c.text, c.source, c.points) for c in made.cells] == [
        (c.id, c.role, c.text, c.source, c.points) for c in own.cells
    ]


def test_what_is_visible_holds_nothing_hidden():
    own = visible(tiny_assignment())
    assert not any(cell.hidden for cell in own.role("test"))
    assert [cell.points for cell in own.cells] == [
        cell.points for cell in tiny_assignment().cells
    ]


def test_hints_come_from_the_diagnosis_where_there_is_one(tiny, download, monkeypatch):
    from autograder.grading import engine
    from autograder.grading.job import Report

    class Hinting:
        def __init__(self, sandbox):
            assert sandbox == "none"

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def check(self, submission, assignment, job):
            assert not any(cell.hidden for cell in assignment.role("test"))
            return Report((), {"total-of-rows": "Mind `axis`."})

    monkeypatch.setattr(engine, "Split", Hinting)
    text, _ = said(tiny, download(solved(total=WRONG)))
    assert "hint   total-of-rows: Mind `axis`." in text


@pytest.mark.slow
def test_hints_of_a_catalogued_mistake_reach_the_student(tiny, download):
    flat = "def total(x, axis=-1):\n    return np.asarray(x).sum()"
    text, good = said(tiny, download(solved(total=flat)))
    assert not good
    assert "You add up the whole array" in text
