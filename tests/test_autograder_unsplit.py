"""An assignment's cells run in one plain process, each run apart from the others."""

import pytest

from autograder.authoring.solution_file import read_assignment
from autograder.authoring.unsplit import Unsplit, run_once, stubs
from tests.support.pace import LADDER, PATIENCE


@pytest.fixture(scope="module")
def runner():
    with Unsplit() as running:
        yield running


@pytest.fixture
def assignment(tiny):
    return read_assignment(tiny.solution("01_tiny"))


def total(body):
    return {"total": f"def total(x, axis=-1):\n    {body}"}


@pytest.mark.slow
def test_the_reference_passes_all_tests(runner, assignment):
    outcome = runner.run(assignment)
    assert outcome.points(assignment) == 10
    assert list(outcome.tests) == [
        "total-of-rows",
        "total-hidden",
        "share-sums-to-one",
        "share-hidden",
    ]


def test_an_untouched_notebook_fails_all_tests(runner, assignment):
    outcome = runner.run(assignment, stubs(assignment))
    assert outcome.points(assignment) == 0
    assert all("NotImplementedError" in why for why in outcome.tests.values())


def test_a_test_that_writes_on_stderr_fails_as_with_nbgrader(runner, assignment):
    body = "import sys; print('!', file=sys.stderr); return np.sum(x, axis)"
    outcome = runner.run(assignment, total(body))
    assert "stderr" in outcome.tests["total-of-rows"]


def test_what_runs_for_ever_is_ended_and_fails_what_it_kept_from_running(
    runner, assignment
):
    share = {"share": "def share(x, axis=-1):\n    while True: pass"}
    for seconds in LADDER:  # in all: what stands before it takes some
        outcome = runner.run(assignment, share, limit=seconds)
        if outcome.failed == {"share-sums-to-one", "share-hidden"}:
            break
    assert outcome.failed == {"share-sums-to-one", "share-hidden"}


@pytest.mark.parametrize("body", ["raise SystemExit", "import os; os._exit(3)"])
def test_what_ends_the_process_leaves_the_next_run_alone(runner, assignment, body):
    assert runner.run(assignment, total(body)).points(assignment) == 0
    assert not runner.run(assignment).failed


def test_runs_share_no_names(runner, assignment):
    runner.run(assignment, total("global leaked; leaked = 1; return x"))
    outcome = runner.run(assignment, total("return leaked"))
    assert "NameError" in outcome.tests["total-of-rows"]


def test_an_isolated_test_does_not_see_what_another_made(runner, tiny):
    path = tiny.solution("01_tiny")
    made = "parts = share(np.array([[1.0, 3.0, 5.0], [3.0, 1.0, 5.0]]), axis=0)\n"
    assert made in path.read_text()
    path.write_text(path.read_text().replace(made, "assert parts is not None\n"))
    outcome = runner.run(read_assignment(path), isolated=True)
    assert "'parts' is not defined" in outcome.tests["share-hidden"]


def test_what_a_test_prints_is_noticed(runner, assignment):
    body = "print('!'); return np.asarray(x).sum(axis)"
    outcome = runner.run(assignment, total(body))
    assert outcome.printed == ["total-of-rows", "total-hidden", *outcome.printed[2:]]
    assert runner.run(assignment).printed == []


def test_an_error_is_placed_in_the_lines_of_a_cell(runner, assignment):
    outcome = runner.run(assignment, total("return np.linalg.inv(x)"))
    assert outcome.tests["total-of-rows"].endswith("(line 2 of <total>)")


def test_magics_cost_nothing(runner, assignment):
    source = "%matplotlib inline\n" + total("return np.asarray(x).sum(axis)")["total"]
    outcome = runner.run(assignment, {"total": source + "\n%timeit 1"})
    assert not outcome.failed


@pytest.mark.parametrize(
    "raised",
    ["type('', (Exception,), {})()", "type('E', (Exception,), {'__str__': 0})"],
)
def test_an_exception_without_a_name_or_text_is_one(runner, assignment, raised):
    outcome = runner.run(assignment, total(f"raise {raised}"))
    assert outcome.failed == outcome.tests.keys()


def test_where_there_is_no_fork_an_exception_without_a_name_is_one(assignment):
    cells = [
        {"id": "a", "test": True, "source": "raise type('', (Exception,), {})()"},
        {"id": "b", "test": True, "source": "assert 1"},
    ]
    ends = run_once(cells, assignment, PATIENCE)
    assert ends["a"].raised and not ends["b"].raised
