"""Hints: the mistake's own, however it is written; none where it is not known."""

import subprocess
import sys
from functools import cache
from textwrap import dedent

import numpy as np
import pytest

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.solution_file import read_assignment
from autograder.course import default_course
from autograder.diagnosis import observed
from autograder.diagnosis.diagnose import Diagnoser, add_comparisons
from autograder.diagnosis.observed import collect_calls
from autograder.diagnosis.traces import TOTAL_SECONDS
from autograder.grading.engine import Split
from autograder.inside.wire import frame
from autograder.model.dependencies import needing
from autograder.model.job import Job
from autograder.model.submission import Placed, Submission
from autograder.wall.session import run_submission
from tests.support.split import PATIENT, assignment, warm
from tests.support.spoil import KINDS, spoiled

COURSE = default_course()
NAMES = [pytest.param(name, marks=pytest.mark.slow) for name in COURSE.names()]


@cache
def diagnoser():
    """Return the one diagnoser of the test run."""
    return Diagnoser(warm())


def diagnosed(made, mistakes, cells, limits=PATIENT):
    """Return what is said of a submission: (diagnosis, outcomes as told)."""
    calls = []
    reference = {cell.id: cell.source for cell in made.role("solution")}
    mine = {"answer": cells} if isinstance(cells, str) else cells
    mine = {name: dedent(source) for name, source in mine.items()}
    outcomes = run_submission(
        reference | mine, made, warm(), limits, collect_calls(calls.append)
    )
    text = dedent(mistakes)
    diagnosis = diagnoser().diagnose(made, text, limits, outcomes, calls)
    return diagnosis, add_comparisons(outcomes, diagnosis.found)


def message(outcomes, test="test-1"):
    """Return what a test says."""
    return next(o.message for o in outcomes if o.grade_id == test)


MEAN = '''
def mean(x, axis=-1):
    """Return the mean along an axis."""
    return x.sum(axis) / x.shape[axis]
'''
MEAN_TESTS = (
    """
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.allclose(mean(x), torch.tensor([1.0, 4.0])), "Look at the axis."
    """,
    """
    x = torch.randn(5, 7)
    assert mean(x, axis=0).shape == (7,), "One number a column."
    assert torch.allclose(mean(x, axis=0), x.mean(0), atol=1e-6), "Is it the mean?"
    """,
)
MEAN_MISTAKES = """
    # %% mistake="a-sum" of="answer" fails="test-1 test-2"
    # hint: This is the sum.
    # see: sec
    def mean(x, axis=-1):
        return x.sum(axis)

    # %% mistake="other-axis" of="answer" fails="test-1 test-2"
    # hint: This is the other axis.
    # see: sec
    def mean(x, axis=-1):
        return x.mean(1 - axis % 2)

    # %% mistake="no-axis" of="answer" fails="test-2"
    # hint: `axis` is never used.
    # see: sec
    def mean(x, axis=-1):
        return x.mean(-1)
"""


def mean_case(answer, **more):
    return diagnosed(assignment(MEAN, *MEAN_TESTS, **more), MEAN_MISTAKES, answer)


@pytest.mark.parametrize(
    "answer",
    [
        """
        def mean(x, axis=-1):
            total = 0
            for part in x.unbind(axis):
                total = total + part
            return total
        """,
        """
        def mean(x, axis=-1):
            return x.double().sum(axis)
        """,
        """
        def mean(x, axis=-1):
            return x.numpy().sum(axis)
        """,
    ],
)
@pytest.mark.slow
def test_the_same_mistake_in_other_words_gets_its_hint(answer):
    said, _ = mean_case(answer)
    assert set(said.hints.values()) == {"This is the sum."}


PAIR = (
    "def f(x):\n    if len(x) == 2:\n        raise ValueError\n    return x, x.sum(0)"
)
PAIR_TESTS = (
    "assert f(torch.ones(3, 5))[1].shape == (5,)",
    "try:\n    f(torch.ones(2))\nexcept ValueError:\n    pass",
)
PAIR_MISTAKES = """
    # %% mistake="sum" of="answer" fails="test-1"
    # hint: This is the sum.
    # see: sec
    def f(x):
        return x.sum()
"""


def test_right_results_in_another_order_are_told_so():
    answer = "def f(x): return x.sum(0), x"
    _, outcomes = diagnosed(assignment(PAIR, *PAIR_TESTS), PAIR_MISTAKES, answer)
    assert "f(float32 tensor (3, 5)): the right results, in another order." in message(
        outcomes
    )


def test_another_exception_than_the_one_that_is_due_is_told():
    answer = "def f(x):\n    assert len(x) != 2, 'sizes'\n    return x, x.sum(0)"
    _, outcomes = diagnosed(assignment(PAIR, *PAIR_TESTS), PAIR_MISTAKES, answer)
    told = message(outcomes, "test-2")
    assert "expected ValueError to be raised, got AssertionError." in told


def test_a_mistake_that_only_some_tests_see_is_told_in_those():
    said, _ = mean_case("def mean(x, axis=-1):\n    return x.mean(x.ndim - 1)")
    assert said.hints == {"test-2": "`axis` is never used."}


def test_an_unknown_mistake_gets_no_hint_but_expected_against_got():
    said, told = mean_case("def mean(x, axis=-1):\n    return x.mean(axis) / 2")
    assert said.hints == {}
    assert "expected [1, 4], got [0.5, 2]" in message(told)
    said, told = mean_case("def mean(x, axis=-1):\n    return x.mean(axis)[None]")
    assert said.hints == {}
    shapes = "expected float32 tensor (7,), got float32 tensor (1, 7)"
    assert shapes in message(told, "test-2")


def test_half_of_a_mistake_is_another_mistake():
    """It is the sum in the first test and right in the second: not the sum."""
    said, _ = mean_case(
        "def mean(x, axis=-1):\n"
        "    return x.sum(axis) if x.shape == (2, 3) else x.mean(axis)"
    )
    assert said.hints == {}


DRAWS = """
def draws(rows, generator):
    return torch.rand(rows, generator=generator)
"""
DRAWS_TEST = """
found = draws(3, torch.Generator().manual_seed(1))
assert found.shape == (3,) and found.max() < 0.001, "Too much."
"""
DRAWS_MISTAKES = """
    # %% mistake="zeros" of="answer" fails="test-1"
    # hint: These are zeros.
    # see: sec
    def draws(rows, generator):
        return torch.zeros(rows)
"""


def told_of_draws(answer):
    """Return what the visible test says of an answer that is given a generator."""
    made = assignment(DRAWS, DRAWS_TEST)
    return message(diagnosed(made, DRAWS_MISTAKES, answer)[1])


def test_numbers_of_other_draws_are_not_held_against_the_reference():
    other = "torch.rand(7, generator=generator)[:rows]"
    told = told_of_draws(f"def draws(rows, generator): return {other}")
    assert "Too much." in told and "expected" not in told
    told = told_of_draws(f"def draws(rows, generator): return {other}[:2]")
    assert "expected float32 tensor (3,), got float32 tensor (2,)" in told
    same = "torch.rand(rows, generator=generator) * 2"
    told = told_of_draws(f"def draws(rows, generator): return {same}")
    assert "expected [0." in told


def test_a_gradient_too_many_is_told_only_where_nothing_else_is_wrong():
    made = assignment(
        "def g(x): return 2 * x",
        "x = torch.ones(2)\nassert g(x).sum() == 4\nassert g(3 * x).sum() == 12",
    )
    wrong = "def g(x): return 2 * x.clamp(max=2) * torch.ones(1, requires_grad=True)"
    mistakes = DRAWS_MISTAKES.replace("draws(rows, generator)", "g(x)")
    told = message(diagnosed(made, mistakes, wrong)[1])
    assert "expected [6, 6], got [4, 4]" in told and "gradient" not in told


def test_of_hidden_tests_no_value_is_told():
    said, told = mean_case(
        "def mean(x, axis=-1):\n    return x.mean(axis) / 2", hidden=True
    )
    text = message(told)
    assert said.hints == {}
    assert "shape and dtype are right, 2 of 2 numbers are not, by up to 50%" in text
    assert not any(value in text for value in ("[1, 4]", "4.0", "0.5,", "2.0"))


def test_what_is_right_is_not_looked_at():
    own = Diagnoser(warm())
    made, calls = assignment(MEAN, *MEAN_TESTS), []
    answer = {
        "answer": "def mean(x, axis=-1):\n    return x.double().mean(axis).float()"
    }
    outcomes = run_submission(answer, made, warm(), PATIENT, calls.append)
    said = own.diagnose(made, dedent(MEAN_MISTAKES), PATIENT, outcomes, calls)
    assert said.hints == {}
    assert not calls and not own.kept


def test_an_engine_announces_a_catalogue_before_it_is_run_and_once():
    made, announced = assignment(MEAN, *MEAN_TESTS), []
    answer = Placed("answer", "solution", "code", "def mean(x, axis=-1): return x")
    job = Job("ada", b"", "small", "", dedent(MEAN_MISTAKES), limits=PATIENT.as_dict())
    engine = Split()
    engine.warm, engine.announce = warm(), announced.append
    for _ in range(2):
        report = engine.check(Submission((answer,)), made, job)
    assert announced == [TOTAL_SECONDS]
    assert any(outcome.why.compared for outcome in report.outcomes)


def test_a_stub_gets_no_hint_and_neither_does_a_syntax_error():
    said, told = mean_case("def mean(x, axis=-1):\n    raise NotImplementedError()")
    assert said.hints == {} and message(told).count("NotImplementedError") <= 2
    said, told = mean_case("def mean(x, axis=-1:\n    return x")
    assert said.hints == {}


def test_an_exception_of_the_same_kind_alone_is_no_proof():
    mistakes = """
        # %% mistake="wrong-key" of="answer" fails="test-1"
        # hint: The key is `a`.
        # see: sec
        def pick(table):
            return table["b"]
    """
    made = assignment(
        "def pick(table):\n    return table['a']", "assert pick({'a': 3})"
    )
    said, _ = diagnosed(made, mistakes, "def pick(table):\n    return {}[len(table)]")
    assert said.hints == {}
    said, _ = diagnosed(made, mistakes, "def pick(table):\n    return {}['b']")
    assert said.hints == {"test-1": "The key is `a`."}


MODULE = '''
class Scale(nn.Module):
    """Multiply by two weights."""

    def __init__(self, size):
        super().__init__()
        self.a = nn.Linear(size, size, bias=False)
        self.b = nn.Linear(size, size, bias=False)

    def forward(self, x):
        return self.b(self.a(x))
'''
MODULE_TEST = """
module = Scale(2)
module.load_state_dict({"a.weight": torch.eye(2) * 2, "b.weight": torch.ones(2, 2)})
x = torch.tensor([[1.0, 3.0]], requires_grad=True)
y = module(x)
assert y.tolist() == [[8.0, 8.0]], "First a, then b."
y.sum().backward()
assert x.grad.tolist() == [[4.0, 4.0]]
"""
MODULE_MISTAKES = """
    # %% mistake="a-alone" of="answer" fails="test-1"
    # hint: b is never used.
    # see: sec
    class Scale(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.a = nn.Linear(size, size, bias=False)
            self.b = nn.Linear(size, size, bias=False)

        def forward(self, x):
            return self.a(x)

    # %% mistake="no-gradient" of="answer" fails="test-1"
    # hint: No gradient gets back.
    # see: sec
    class Scale(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.a = nn.Linear(size, size, bias=False)
            self.b = nn.Linear(size, size, bias=False)

        def forward(self, x):
            return self.b(self.a(x)).detach()
"""


@pytest.mark.parametrize(
    ("ending", "hint"),
    [
        ("return x @ self.a.weight.T", "b is never used."),
        ("return self.b(self.a(x.detach()))", None),
        ("return self.b(self.a(x)).clone().detach()", "No gradient gets back."),
        ("return self.a(x) + self.b(x)", None),
    ],
)
def test_modules_whose_parts_are_made_in_another_order(ending, hint):
    answer = f"""
        class Scale(nn.Module):
            def __init__(self, size):
                super().__init__()
                self.b = nn.Linear(size, size, bias=False)
                self.a = nn.Linear(size, size, bias=False)

            def forward(self, x):
                {ending}
    """
    said, _ = diagnosed(assignment(MODULE, MODULE_TEST), MODULE_MISTAKES, answer)
    assert said.hints == ({"test-1": hint} if hint else {})


def test_functions_of_the_tests_tell_mistakes_apart():
    made = assignment(
        "def apply(f, x):\n    return f(x)",
        "seen = []\nassert apply(lambda x: seen.append(x) or 0, 3) == 0\n"
        "assert seen == [3], 'Call it once, with x.'",
    )
    mistakes = """
        # %% mistake="never" of="answer" fails="test-1"
        # hint: f is never called.
        # see: sec
        def apply(f, x):
            return 0

        # %% mistake="twice" of="answer" fails="test-1"
        # hint: f is called twice.
        # see: sec
        def apply(f, x):
            f(x)
            return f(x)
    """
    said, _ = diagnosed(made, mistakes, "def apply(f, x):\n    return [f(x), f(x)][1]")
    assert said.hints == {"test-1": "f is called twice."}
    said, _ = diagnosed(made, mistakes, "def apply(f, x):\n    return x - x")
    assert said.hints == {"test-1": "f is never called."}
    said, _ = diagnosed(made, mistakes, "def apply(f, x):\n    return f(-x)")
    assert said.hints == {}


def test_changing_an_argument_in_place_is_told_from_a_wrong_result():
    made = assignment(
        "def double(x):\n    return x * 2",
        "x = torch.ones(3)\ny = double(x)\nassert y.tolist() == [2.0] * 3\n"
        "assert x.tolist() == [1.0] * 3, 'Leave x as it is.'",
    )
    mistakes = """
        # %% mistake="in-place" of="answer" fails="test-1"
        # hint: This changes x.
        # see: sec
        def double(x):
            x *= 2
            return x.clone()
    """
    said, _ = diagnosed(
        made, mistakes, "def double(x):\n    x += x.clone()\n    return x.clone()"
    )
    assert said.hints == {"test-1": "This changes x."}
    said, _ = diagnosed(
        made, mistakes, "def double(x):\n    x += 1\n    return x * 1.5"
    )
    assert said.hints == {}


def test_mistakes_that_tests_cannot_tell_apart_are_named_together():
    twins = (
        MEAN_MISTAKES
        + """
    # %% mistake="a-sum-again" of="answer" fails="test-1 test-2"
    # hint: This is a sum, too.
    # see: sec
    def mean(x, axis=-1):
        return x.mean(axis) * x.shape[axis]
    """
    )
    made = assignment(MEAN, *MEAN_TESTS)
    said, _ = diagnosed(made, twins, "def mean(x, axis=-1):\n    return x.sum(axis)")
    hint = said.hints["test-1"]
    assert "can't tell" in hint
    assert "- This is the sum.\n- This is a sum, too." in hint


def test_the_diagnosis_never_imports_torch():
    code = "import sys, autograder.diagnosis.diagnose; 'torch' in sys.modules and 1/0"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "node",
    [
        ["T", "float32", [1 << 39, 3], [0, 0], 0, 4, False],
        ["T", "float32", [2], None, 0, 4, False],
        ["T", "float32", [2, 2], [1 << 38, 1], 0, 4, False],
        ["T", "float32", [3], [-1], 0, 4, False],
        ["T", "object", [1], None, 0, 8, False],
        ["A", "|O", [1], "C", 0, 8],
        ["A", "<f4", [-1], "C", 0, 4],
        ["A", "(,)f4", [1], "C", 0, 4],
        ["A", "f4," * 9, [], "C", 0, 0],
        ["T", "(,)f4", [1], None, 0, 4, False],
        ["T", "float32,float32", [1], None, 0, 8, False],
        ["@", 7],
        ["H", "x", None, []],
        ["l", None],
        ["d", [[1]]],
        ["nonsense"],
        [[]],
    ],
)
def test_bytes_that_lie_are_not_read(node):
    sent = b"".join(frame({"k": "call", "name": "f", "a": [], "w": []}))
    reply = (
        b'{"k":"r","v":%s}'
        % str(node)
        .replace("'", '"')
        .replace("None", "null")
        .replace("False", "false")
        .encode()
    )
    (call,) = observed.read_calls("test", [[sent, reply, bytes(8)]])
    assert call.op == "unreadable" or call.result is not None


@pytest.mark.parametrize("changed", ["[[1e999,null]]", "[1]", "{}", '[["x",null]]'])
def test_changes_that_lie_are_not_read(changed):
    sent = b"".join(frame({"k": "call", "name": "f", "a": [], "w": []}))
    reply = f'{{"k":"r","v":1,"ch":{changed}}}'.encode()
    (call,) = observed.read_calls("test", [[sent, reply, b""]])
    assert call.op == "unreadable" or call.result == 1


def test_a_few_bytes_that_claim_to_be_millions_of_numbers_take_no_memory():
    wide = '["T","float32",[4000,1000],[0,0],0,4,false]'
    sent = b"".join(frame({"k": "call", "name": "f", "a": [], "w": []}))
    reply = f'{{"k":"r","v":["l",[{",".join([wide] * 1000)}]]}}'.encode()
    calls = [*observed.read_calls("test", [[sent, reply, bytes(4)]] * 50)]
    sizes = [
        getattr(part, "data", np.empty(0)).nbytes for c in calls for part in c.result
    ]
    assert len(sizes) == 50_000 and sum(sizes) < 1 << 26


# Every assignment.
@cache
def loaded(name):
    """Return an assignment and its catalogue."""
    made = read_assignment(COURSE.solution(name))
    return made, made.path.with_name("mistakes.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_each_catalogued_mistake_loses_its_tests_and_yields_its_own_hint(name):
    """Split, as in the grader; `test_assignments` holds what it loses unsplit."""
    made, text = loaded(name)
    for mistake in read_catalogue(made).mistakes:
        answer = {mistake.of: mistake.source}
        said, outcomes = diagnosed(made, text, answer)
        lost = {o.grade_id: o for o in outcomes if o.points < o.max_points}
        assert lost.keys() == set(mistake.fails), (mistake.name, lost)
        hints = set(said.hints.values())
        assert hints == {mistake.hint}, f"{mistake.name} of {name}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_honest_unknown_mistakes_yield_no_false_hint(name, kind):
    made, text = loaded(name)
    for cell in made.role("solution"):
        said, told = diagnosed(made, text, {cell.id: spoiled(cell, kind)})
        failed = [o for o in told if o.max_points and o.outcome != "passed"]
        assert not said.hints, f"{kind} {cell.id} of {name}"
        assert not failed or said.found, f"{kind} {cell.id} of {name}"


@pytest.mark.parametrize("name", NAMES)
def test_mistakes_in_two_functions_both_get_their_hints(name):
    made, text = loaded(name)
    mistakes = read_catalogue(made).mistakes
    half = len(mistakes) // 2
    for one, other in zip(mistakes[:half:3], mistakes[half::3], strict=False):
        built_on = needing(made, {one.of}) & needing(made, {other.of})
        if built_on or set(one.fails) & set(other.fails):
            continue
        answer = {one.of: one.source, other.of: other.source}
        said, _ = diagnosed(made, text, answer)
        for mistake in (one, other):
            hints = {said.hints.get(test, "") for test in mistake.fails}
            assert mistake.hint in "\n".join(hints), f"{one.name}, {other.name}"
