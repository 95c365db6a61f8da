"""A student's own check: visible tests, hints, words; never a hidden test."""

import json
from dataclasses import replace

import psutil
import pytest

from autograder.__main__ import main
from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.from_notebook import assignment_from, visible
from autograder.authoring.notebook import source_notebook
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.diagnosis.traces import may_explain
from autograder.grading import check as module
from autograder.grading.check import check_notebook, hints
from tests.support.hand_ins import NAME, as_bytes, blank, solved, tiny_assignment
from tests.support.pace import LADDER, PATIENCE
from tests.support.split import PATIENT

WRONG = "def total(x, axis=-1):\n    return 2 * np.asarray(x).sum(axis)"


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


@pytest.fixture(autouse=True)
def plainly(monkeypatch):
    """Run tests as where nothing can be forked, which takes less."""
    monkeypatch.setattr(module, "CAN_FORK", False)
    monkeypatch.setattr(module, "PLAIN_SECONDS", PATIENCE)
    monkeypatch.setattr(module, "BRIEF", PATIENT)


@pytest.fixture
def split(monkeypatch, plainly):
    """Run a test as on Linux."""
    monkeypatch.setattr(module, "CAN_FORK", True)


@pytest.fixture(params=[pytest.param("split", marks=pytest.mark.slow), "plain"])
def both(request, monkeypatch, plainly):
    """Run a test in both ways."""
    monkeypatch.setattr(module, "CAN_FORK", request.param == "split")
    return request.param


def said(course, path, sandbox="none"):
    lines = []
    good = check_notebook(course, path, lines.append, sandbox)
    return "\n".join(lines), good


def test_a_right_notebook_passes_what_can_be_seen(tiny, download, both):
    text, good = said(tiny, download(solved()))
    assert good
    assert "ok     total-of-rows (2)" in text
    assert "later  total-hidden (3)" in text
    assert "FAIL" not in text
    assert text.startswith("No sandbox: the notebook's code runs as you")
    assert "4 of 4 points; 8 more for what is not checked here" in text


def test_a_wrong_answer_is_told_why(tiny, download, both):
    text, good = said(tiny, download(solved(total=WRONG)))
    assert not good
    assert "FAIL   total-of-rows (2)" in text
    assert "Look at the axis: -1 is the last one." in text
    assert "AssertionError" not in text


@pytest.mark.slow
def test_an_untouched_notebook_has_everything_left_to_do(tiny, download, split):
    text, good = said(tiny, download(blank()))
    assert not good and "FAIL" not in text and "hint" not in text
    lines = text.splitlines()
    place = lines.index("  todo   total-of-rows (2)")
    assert lines[place + 1].strip() == "total: not answered yet."
    assert "0 of 4 points" in text


def test_no_hint_to_what_is_left_to_do():
    found = {
        "a": "expected ValueError",
        "b": "The mean is of all.",
        "c": "The mean is of all.",
    }
    assert list(hints(found, {"a"})) == [
        "  hint   b, c",
        "           The mean is of all.",
    ]


@pytest.mark.slow
def test_what_several_tests_say_is_said_once(tiny, download, split):
    text, _ = said(tiny, download(solved(total="def total(x, axis=-1):\n    return (")))
    assert text.count("the cell did not run. SyntaxError: '(' was never closed") == 2
    assert "share-sums-to-one" in text  # a test of another exercise needs it too
    assert "Traceback" not in text


def test_hidden_tests_are_neither_run_nor_shown(tiny, download, capsys):
    answer = "def total(x, axis=-1):\n    print('called', np.shape(x))\n    return 0"
    text, _ = said(tiny, download(solved(total=answer)))
    text += capsys.readouterr().out
    assert "(30,)" not in text and "(5, 2, 3)" not in text
    for cell in tiny_assignment().role("test"):
        for line in cell.secret:
            assert line.strip() not in text or not line.strip()


@pytest.mark.parametrize(
    "name",
    [
        *(f"{NAME} (1).ipynb", f"{NAME}-Copy1.ipynb", f"{NAME} (2) (1).ipynb"),
        *(f"{NAME}.ipynb.json", f"{NAME}.ipynb.txt", f"{NAME}.IPYNB"),
        *(f"{NAME}.ipynb (1)", f"Copy of {NAME}.ipynb", NAME),
    ],
)
def test_the_file_is_known_whatever_was_added_to_its_name(tiny, download, name):
    text, good = said(tiny, download(solved(), name))
    assert good and "later  total-hidden (3)" in text
    assert text.splitlines()[1] == f"{NAME}: the tests that you can see"


def test_the_released_notebook_is_enough(tiny, download, tmp_path):
    """A student has no solutions."""
    student = Course(tmp_path / "student")
    folder = student.exercises / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(as_bytes(blank()))
    text, good = said(student, download(solved()))
    assert good and "later  total-hidden (3)" in text
    assert not said(student, download(solved(total=WRONG)))[1]


def test_data_files_lie_beside_the_notebook(download, tmp_path, both):
    path = download(
        solved(
            total="""
def total(x, axis=-1):
    assert open("data/ready.txt").read() == "yes"
    return np.asarray(x).sum(axis)"""
        )
    )
    (path.parent / "data").mkdir()
    (path.parent / "data" / "ready.txt").write_text("yes")
    text, good = said(Course(tmp_path / "nothing"), path)
    assert good, text


def test_under_another_name_a_notebook_is_known_by_its_tests(download, tmp_path):
    student = Course(tmp_path / "student")
    folder = student.exercises / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(as_bytes(blank()))
    broken = download(solved(total="def total(x, axis=-1:"), "homework 2.ipynb")
    text, good = said(student, broken)
    assert not good and text.splitlines()[1].startswith(f"{NAME}: ")
    assert said(student, download(solved(), "homework 2.ipynb"))[1]


def test_without_its_assignment_a_cell_that_is_not_python_is_said_so(
    download, tmp_path
):
    broken = download(solved(total="def total(x, axis=-1:"), "mine.ipynb")
    with pytest.raises(CourseError, match=r"mine\.ipynb: cell 'total' is not Python"):
        said(Course(tmp_path / "nothing"), broken)


def test_the_notebook_alone_is_enough(download, tmp_path):
    student = Course(tmp_path / "nothing")
    assert said(student, download(solved(), "mine.ipynb"))[1]
    assert not said(student, download(solved(total=WRONG), "mine.ipynb"))[1]


@pytest.mark.slow
def test_an_answer_that_never_ends_is_given_up(tiny, download, monkeypatch, both):
    looping = "def share(x, axis=-1):\n    while True: pass"
    for seconds in LADDER:
        monkeypatch.setattr(module, "PLAIN_SECONDS", 3 * seconds)
        brief = replace(PATIENT, cell_seconds=seconds)
        monkeypatch.setattr(module, "BRIEF", brief)
        text, good = said(tiny, download(solved(share=looping)))
        assert not good
        if "ok     total-of-rows" in text:
            break
    why = {"split": f"more than {seconds:g} seconds.", "plain": "The run ended before"}
    assert "ok     total-of-rows" in text and why[both] in text


def test_an_answer_that_ends_python_costs_its_own_tests(tiny, download, both):
    ending = "import os\ndef share(x, axis=-1):\n    os._exit(3)"
    text, good = said(tiny, download(solved(share=ending)))
    assert not good and "ok     total-of-rows" in text


def test_a_warning_costs_nothing(tiny, download, both):
    warns = "import warnings\ndef total(x, axis=-1):\n    warnings.warn('slow')\n"
    answer = warns + "    return np.asarray(x).sum(axis)"
    assert said(tiny, download(solved(total=answer)))[1]


def test_magics_cost_nothing(tiny, download):
    answer = "%%time\n%matplotlib inline\nfiles = !ls\ndef total(x, axis=-1):\n"
    answer += "    return np.asarray(x).sum(axis)\n%timeit -n 1 total(np.ones(3))\n"
    assert said(tiny, download(solved(total=answer + "display(3)")))[1]


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
    own = ["--course", str(tiny.root), "--sandbox", "none"]
    assert main(["check", str(download(solved())), *own]) == 0
    assert main(["check", str(download(blank())), *own]) == 1
    assert " s\n" in capsys.readouterr().out


@pytest.mark.slow
def test_what_was_changed_is_noted(tiny, download, split):
    notebook = solved()
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "total-of-rows"]
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


@pytest.mark.slow
def test_hints_follow_the_results_each_once_with_the_tests_that_it_explains(
    tiny, download, split
):
    flat = "def total(x, axis=-1):\n    return np.asarray(x).sum()"
    text, good = said(tiny, download(solved(total=flat)))
    assert not good
    before, hint, after = text.partition("  hint   total-of-rows, share-sums-to-one")
    assert "FAIL   total-of-rows" in before and hint
    assert after.count("You add up the whole array") == 1


@pytest.mark.slow
def test_without_a_hint_it_says_what_was_expected_and_what_came(tiny, download, split):
    text, _ = said(tiny, download(solved(total=WRONG)))
    assert "total(float64 array (2, 3)): expected [3, 12], got [6, 24]." in text


def test_only_mistakes_that_may_explain_what_failed_are_run(tiny, monkeypatch):
    assignment = read_assignment(tiny.solution(NAME))
    mistakes = read_catalogue(assignment).mistakes
    lost = frozenset({"share-sums-to-one", "share-hidden"})
    chosen = {m.of for m in mistakes if may_explain(assignment, m, lost)}
    assert chosen == {"share"}
    every = frozenset(cell.id for cell in assignment.role("test"))
    assert all(may_explain(assignment, m, every) for m in mistakes)


@pytest.mark.slow
def test_nothing_of_a_check_is_left_alive(tiny, download, split):
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    said(tiny, download(solved(total=WRONG)))
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before


@pytest.mark.slow
def test_it_runs_behind_the_wall(tiny, download, split, tmp_path):
    left = tmp_path / "left"
    spy = f"def total(x, axis=-1):\n    open({str(left)!r}, 'w')"
    text, good = said(tiny, download(solved(total=spy)), "bwrap")
    assert not good and not left.exists()
    assert "No sandbox" not in text and "No such file" in text
    assert not said(tiny, download(solved(total=spy)))[1] and left.exists()


@pytest.mark.slow
def test_half_precision_is_converted_where_no_processor_is_described(
    tiny, download, split
):
    """torch reads /proc/cpuinfo at the first conversion, and there is no /proc."""
    half = """
def total(x, axis=-1):
    import torch
    torch.ones(1).half().float()
    return np.asarray(x).sum(axis)"""
    text, good = said(tiny, download(solved(total=half)), "bwrap")
    assert good, text


@pytest.mark.slow
def test_without_a_wall_nothing_runs_unless_one_says_so(
    tiny, download, split, monkeypatch, tmp_path
):
    left = tmp_path / "left"
    path = download(solved(total=f"open({str(left)!r}, 'w')"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CourseError, match=r"bubblewrap is not installed.*\n.*your own"):
        said(tiny, path, "bwrap")
    monkeypatch.setattr(module, "CAN_FORK", False)
    with pytest.raises(CourseError, match=r"no sandbox here.*--sandbox none"):
        said(tiny, path, "bwrap")
    assert not left.exists()
