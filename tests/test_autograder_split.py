# ruff: noqa: E501 (cells stand as strings)
"""The split: honest answers behave as in the student's own notebook."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.solution_file import read_assignment
from autograder.course import default_course
from autograder.diagnosis import observed
from autograder.grading.check import run_plainly
from autograder.model.submission import Placed, Submission
from autograder.wall.session import run_submission
from tests.support.split import IMPORTS, PATIENT, assignment, marks, run, warm

COURSE = default_course()

# Each: (name, solution, test). All of them pass unsplit; so must they split.
ALIKE = [
    ("a number", "def f(x): return x + 1", "assert f(1) == 2 and type(f(1)) is int"),
    ("keywords", "def f(x, *, k=2): return x * k", "assert f(3, k=5) == 15 and f(x=3) == 6"),
    ("nan and inf", "def f(): return [float('nan'), -float('inf')]",
     "a, b = f()\nassert math.isnan(a) and b == -math.inf"),
    ("nested data", "def f(x): return {'a': [x, (x, None)], 2: {'b', 'c'}, (1, 2): b'x'}",
     "assert f('é') == {'a': ['é', ('é', None)], 2: {'b', 'c'}, (1, 2): b'x'}"),
    ("a slice and a range", "def f(x): return x, range(1, 9, 3), ...",
     "assert f(slice(1, None)) == (slice(1, None), range(1, 9, 3), ...)"),
    ("a complex number", "def f(x): return x * 1j", "assert f(2 + 3j) == -3 + 2j"),
    ("a big integer", "def f(n): return n ** 99", "assert f(7) == 7 ** 99"),
    ("a dtype", "def f(x): return x.dtype, x.device, x.shape",
     "d, e, s = f(torch.ones(2, 3))\n"
     "assert d is torch.float32 and e.type == 'cpu' and isinstance(s, torch.Size)"),
    ("a NumPy array", "def f(x): return x * 2",
     "x = np.arange(6.).reshape(2, 3)\n"
     "y = f(x)\nassert y.dtype == np.float64 and (y == x * 2).all()"),
    ("an F-ordered array", "def f(x): return x.flags.f_contiguous",
     "assert f(np.asfortranarray(np.ones((3, 5))))"),
    ("a NumPy scalar", "def f(x): return x.sum()",
     "assert isinstance(f(np.ones(3)), np.float64) and f(np.ones(3)) == 3"),
    ("an array of strings", "def f(x): return np.char.upper(x)",
     "assert f(np.array(['a', 'bc'])).tolist() == ['A', 'BC']"),
    ("a masked row", "def f(x): return x == 0", "assert f(np.arange(3)).dtype == bool"),
    *((f"a tensor of {name}", "def f(x): return x.clone()",
       f"x = torch.tensor([[0, 1, 2]]).to(torch.{name})\n"
       "y = f(x)\nassert y.dtype is x.dtype and torch.equal(x, y)")
      for name in ("float16", "bfloat16", "float64", "int8", "int64", "bool",
                   "uint8", "complex64")),
    ("a scalar tensor", "def f(x): return x.mean()",
     "y = f(torch.ones(3))\nassert y.shape == () and y.item() == 1"),
    ("an empty tensor", "def f(x): return x[:, :0]",
     "assert f(torch.ones(3, 2)).shape == (3, 0)"),
    ("strides that matter", "def f(x): return x.view(-1)",
     "try:\n    f(torch.ones(2, 3).T)\nexcept RuntimeError as e:\n"
     "    assert 'view' in str(e)\nelse:\n    assert False"),
    ("strides that come back", "def f(x): return x.T",
     "assert not f(torch.ones(2, 3)).is_contiguous()"),
    ("the last column of one row", "def f(g, x): return g(x[:, -1])[:, -1]",
     "y = f(lambda t: torch.stack([t, t + 1], 1), torch.tensor([[3, 5, 7]]))\n"
     "assert y.tolist() == [8]"),
    ("an expanded tensor", "def f(x): return x.stride(), x.sum()",
     "s, t = f(torch.ones(3, 1).expand(3, 5))\nassert s == (1, 0) and t == 15"),
    ("one object twice", "def f(a, b): return a is b",
     "x = torch.ones(3)\nassert f(x, x) and not f(x, x.clone())"),
    ("its own argument", "def f(x): return x", "x = torch.ones(3)\nassert f(x) is x"),
    ("a namedtuple", "from collections import namedtuple\nP = namedtuple('P', 'a b')\n"
     "def f(x): return P(x, 2)", "p = f(1)\nassert p.a == 1 and p == (1, 2)"),
    ("a dataclass", "from dataclasses import dataclass\n@dataclass\nclass D:\n    a: int\n"
     "def f(x): return D(x).a", "assert f(3) == 3"),
    ("a dataclass that unpacks", "from dataclasses import dataclass\ndef f(x):\n    @dataclass\n"
     "    class D:\n        a: int\n        b: int\n"
     "        def __iter__(self): return iter((self.a, self.b))\n    return D(x, 5)",
     "p = f(3)\na, b = p\nassert (a, b) == (p.a, p.b) == (3, 5)"),
    ("an object that unpacks", "def f():\n    class P:\n"
     "        def __iter__(self): yield from (torch.ones(2), 5)\n    return P()",
     "a, b = f()\nassert a.sum() == 2 and b == 5"),
    ("a dict's values", "def f(x): return {'a': x, 'b': 2}.values()", "a, b = f(1)\nassert b == 2"),
    ("a generator function", "def f(n):\n    for i in range(n): yield i * i",
     "assert list(f(4)) == [0, 1, 4, 9]"),
    ("a closure", "def f(k): return lambda x: x * k", "assert f(3)(torch.ones(2))[0] == 3"),
    ("an exception", "def f(x): raise ValueError(f'shape {x}')",
     "try:\n    f((2, 3))\nexcept ValueError as e:\n    assert str(e) == 'shape (2, 3)'\n"
     "else:\n    assert False"),
    ("an exception of its own", "class Bad(KeyError): pass\ndef f(): raise Bad('k')",
     "try:\n    f()\nexcept KeyError as e:\n    assert e.args == ('k',)\nelse:\n    assert False"),
    ("a shape error of torch", "def f(a, b): return a @ b",
     "try:\n    f(torch.ones(2, 3), torch.ones(2, 3))\nexcept RuntimeError as e:\n"
     "    assert 'cannot be multiplied' in str(e)\nelse:\n    assert False"),
    ("a warning", "def f(): warnings.warn('careful', RuntimeWarning)",
     "with warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n"
     "    f()\nassert w[0].category is RuntimeWarning and 'careful' in str(w[0].message)"),
    ("an overflow", "def f(x): return np.exp(x)",
     "with warnings.catch_warnings():\n    warnings.simplefilter('error')\n    try:\n"
     "        f(np.array(1e4))\n    except RuntimeWarning:\n        pass\n"
     "    else:\n        assert False"),
    ("a function of the test", "def f(step, x): return [step(x, i) for i in range(3)]",
     "assert f(lambda x, i: x * i, 5) == [0, 5, 10]"),
    ("a function that raises", "def f(g):\n    try: g()\n    except ZeroDivisionError: return 1",
     "def g(): return 1 / 0\nassert f(g) == 1"),
    ("a function with state", "def f(step): return [step() for _ in range(3)]",
     "seen = []\ndef step():\n    seen.append(1)\n    return len(seen)\n"
     "assert f(step) == [1, 2, 3] and len(seen) == 3"),
    ("a function of torch", "def f(g, x): return g(x)",
     "assert torch.equal(f(torch.tanh, torch.ones(3)), torch.tanh(torch.ones(3)))"),
    ("a solution as argument", "def f(g, x): return g(x) if g else x",
     "h = lambda x: f(None, x) + 1\nassert f(h, 3) == 4"),
    ("an iterator of the test", "def f(chunks): return sum(c.sum() for c in chunks)",
     "assert f(torch.ones(2) * i for i in range(3)) == 6"),
    ("a dropout module", "def f(d, x): return d(x)",
     "x = torch.ones(50)\nassert torch.equal(f(nn.Dropout(1.0), x), x * 0)\n"
     "assert torch.equal(f(nn.Dropout(0.5).eval(), x), x)"),
    ("a module of the test", "def f(m, x): return m(x) + 1",
     "class M(nn.Module):\n    def forward(self, x): return x * 2\n"
     "assert torch.equal(f(M(), torch.ones(3)), torch.full((3,), 3.))"),
    ("random numbers in step", "def f(n): return torch.rand(n), np.random.rand(), random.random()",
     "torch.manual_seed(3); np.random.seed(3); random.seed(3)\n"
     "a = f(5)\nafter = torch.rand(2), np.random.rand(), random.random()\n"
     "torch.manual_seed(3); np.random.seed(3); random.seed(3)\n"
     "b = torch.rand(5), np.random.rand(), random.random()\n"
     "then = torch.rand(2), np.random.rand(), random.random()\n"
     "assert torch.equal(a[0], b[0]) and a[1:] == b[1:]\n"
     "assert torch.equal(after[0], then[0]) and after[1:] == then[1:]"),
    ("dropout in step", "def f(x, p): return F.dropout(x, p)",
     "x = torch.ones(99)\ntorch.manual_seed(1)\na = f(x, .5), f(x, .5)\n"
     "torch.manual_seed(1)\nb = F.dropout(x, .5), F.dropout(x, .5)\n"
     "assert torch.equal(a[0], b[0]) and torch.equal(a[1], b[1])"),
    ("a generator of torch", "def f(n, generator): return torch.rand(n, generator=generator)",
     "g, h = torch.Generator().manual_seed(2), torch.Generator().manual_seed(2)\n"
     "assert torch.equal(f(5, g), torch.rand(5, generator=h))\n"
     "assert torch.equal(f(5, g), torch.rand(5, generator=h))\n"
     "assert torch.equal(g.get_state(), h.get_state())"),
    ("a generator of NumPy", "def f(rng): return rng.normal(size=3)",
     "g, h = np.random.default_rng(5), np.random.default_rng(5)\n"
     "for _ in range(2): assert (f(g) == h.normal(size=3)).all()"),
    ("a gradient", "def f(x, w): return (x @ w).tanh(), w.sum()",
     "x = torch.randn(3, 5, requires_grad=True)\nw = torch.randn(5, 2, requires_grad=True)\n"
     "y, s = f(x, w)\n(y.sum() + 2 * s).backward()\n"
     "x2, w2 = x.detach().requires_grad_(), w.detach().requires_grad_()\n"
     "((x2 @ w2).tanh().sum() + 2 * w2.sum()).backward()\n"
     "torch.testing.assert_close(x.grad, x2.grad)\ntorch.testing.assert_close(w.grad, w2.grad)"),
    ("a gradient through two calls", "def f(x): return x.exp()",
     "x = torch.tensor([.5], requires_grad=True)\nf(f(x) * 2).backward()\n"
     "torch.testing.assert_close(x.grad, torch.exp(2 * torch.exp(x)) * 2 * torch.exp(x))"),
    ("a gradient through a function of the test", "def f(x, g): return g(x * 3) * 2",
     "x = torch.tensor([1.], requires_grad=True)\nf(x, lambda t: t ** 2).backward()\n"
     "torch.testing.assert_close(x.grad, torch.tensor([36.]))"),
    ("no gradient where none is asked", "def f(x): return x * 2",
     "x = torch.ones(2, requires_grad=True)\n"
     "with torch.no_grad(): y = f(x)\nassert not y.requires_grad and f(x).requires_grad"),
    ("a Jacobian", "def f(p): return torch.softmax(p, -1)",
     "x = torch.randn(3)\nJ = torch.autograd.functional.jacobian(f, x)\n"
     "p = torch.softmax(x, -1)\ntorch.testing.assert_close(J, p.diag() - torch.outer(p, p))"),
    ("gradcheck", "def f(x): return (x * x).sum()",
     "x = torch.randn(3, dtype=torch.float64, requires_grad=True)\n"
     "assert torch.autograd.gradcheck(f, (x,))"),
    ("a detached result", "def f(x): return x.detach()",
     "assert not f(torch.ones(2, requires_grad=True)).requires_grad"),
    ("NumPy's errors", "def f(x): return np.exp(x)",
     "with np.errstate(all='raise'):\n    try:\n        f(np.array(1e4))\n"
     "    except FloatingPointError:\n        pass\n    else:\n        assert False\n"
     "with np.errstate(all='ignore'):\n    assert np.isinf(f(np.array(1e4)))"),
    ("an argument changed and returned", "def f(x):\n    x += 1\n    return x",
     "assert f(torch.ones(3)).tolist() == [2, 2, 2]"),
    ("a value", "limit = 5\ndef f(x): return min(x, limit)", "assert f(9) == limit == 5"),
    ("in-place error on a leaf", "def f(x): x += 1; return x",
     "try:\n    f(torch.ones(2, requires_grad=True))\nexcept RuntimeError:\n    pass\n"
     "else:\n    assert False"),
]  # fmt: skip

NET = """
class Net(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.inner = nn.Linear(n, m)
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("count", torch.zeros(1))
        self.drop = nn.Dropout(0.5)
        self.attn = None
    def forward(self, x):
        self.attn = torch.softmax(self.inner(x), -1)
        return self.drop(self.attn * self.scale)
class Store:
    def __init__(self): self.items, self.length = [], 0
    def append(self, x): self.items.append(x); self.length += 1; return self
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i]
    def __contains__(self, x): return x in self.items
"""
MODULES = [
    "m = Net(3, 5)\nassert isinstance(m, nn.Module) and isinstance(m, Net)",
    "assert [n for n, _ in Net(3, 5).named_parameters()] == "
    "['scale', 'inner.weight', 'inner.bias']",
    "assert sum(p.numel() for p in Net(3, 5).parameters()) == 21",
    "assert all(isinstance(p, nn.Parameter) for p in Net(3, 5).parameters())",
    "m = Net(3, 5).eval()\nassert m(torch.ones(2, 3)).shape == (2, 5) and not m.training",
    "m = Net(3, 5).eval()\nm(torch.ones(2, 3))\n"
    "torch.testing.assert_close(m.attn.sum(-1), torch.ones(2))",
    "m = Net(3, 5).eval()\nx = torch.randn(2, 3)\n"
    "y = torch.softmax(F.linear(x, m.inner.weight, m.inner.bias), -1) * m.scale\n"
    "torch.testing.assert_close(m(x), y)",
    "m = Net(3, 5).eval()\ns = {k: torch.full_like(v, .1) for k, v in m.state_dict().items()}\n"
    "m.load_state_dict(s)\nassert (m.inner.weight == .1).all() and m.count == .1\n"
    "assert torch.allclose(m(torch.ones(1, 3)), torch.full((1, 5), .02))",
    "m, k = Net(3, 5).eval(), Net(3, 5).eval()\nk.load_state_dict(m.state_dict())\n"
    "x = torch.ones(1, 3)\nassert torch.equal(m(x), k(x))",
    "try:\n    Net(3, 5).load_state_dict({})\nexcept RuntimeError as e:\n"
    "    assert 'Missing key' in str(e)\nelse:\n    assert False",
    "m = Net(3, 5).eval()\nx = torch.randn(2, 3, requires_grad=True)\n"
    "m(x)[:, 0].sum().backward()\nassert x.grad is not None\n"
    "assert all(p.grad is not None for p in m.parameters())\n"
    "assert m.inner.weight.grad.abs().sum() > 0",
    "m = Net(3, 5).eval()\nx = torch.randn(2, 3)\nm(x)[:, 0].sum().backward()\n"
    "once = m.inner.weight.grad.clone()\nm(x)[:, 0].sum().backward()\n"
    "torch.testing.assert_close(m.inner.weight.grad, 2 * once)\nm.zero_grad()\n"
    "assert m.inner.weight.grad is None",
    "m = Net(3, 5).eval()\no = torch.optim.SGD(m.parameters(), .5)\nx = torch.randn(7, 3)\n"
    "losses = []\nfor _ in range(9):\n    loss = -m(x)[:, 0].log().mean()\n"
    "    o.zero_grad(); loss.backward(); o.step(); losses.append(loss.item())\n"
    "assert losses[-1] < losses[0] * .8",
    "m = Net(3, 5).eval()\nnn.init.zeros_(m.inner.weight); nn.init.zeros_(m.inner.bias)\n"
    "torch.testing.assert_close(m(torch.randn(1, 3)), torch.full((1, 5), .2))",
    "m = Net(3, 5).double().eval()\n"
    "assert m(torch.ones(1, 3, dtype=torch.float64)).dtype is torch.float64\n"
    "assert m.scale.dtype is torch.float64",
    "torch.manual_seed(1); m = Net(3, 5)\ntorch.manual_seed(1); k = Net(3, 5)\n"
    "assert torch.equal(m.inner.weight, k.inner.weight)",
    "torch.manual_seed(1); m = Net(3, 5)\ntorch.manual_seed(1); k = nn.Linear(3, 5)\n"
    "assert torch.equal(m.inner.weight, k.weight)",
    "import copy\nm = Net(3, 5).eval()\nk = copy.deepcopy(m)\nnn.init.zeros_(k.inner.weight)\n"
    "assert m.inner.weight.abs().sum() > 0 and k.inner.weight.abs().sum() == 0",
    "m = Net(3, 5)\nm.drop.p = 0.0\nassert torch.equal(m(torch.ones(1, 3)), m(torch.ones(1, 3)))",
    "class Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.net, self.out = Net(3, 5), nn.Linear(5, 2)\n"
    "    def forward(self, x): return self.out(self.net(x))\n"
    "o = Outer().eval()\nassert len(list(o.parameters())) == 5\n"
    "o(torch.ones(1, 3)).sum().backward()\nassert o.net.inner.weight.grad is not None",
    "s = Store()\ns.append(3).append('x')\n"
    "assert len(s) == s.length == 2 and s[1] == 'x' and 3 in s and 4 not in s\n"
    "assert list(s) == [3, 'x'] and isinstance(s, Store) and not isinstance(s, Net)",
    "s, t = Store(), Store()\nassert s == s and s != t and s.append(1) == s",
    "s = Store()\ns.length = 7\nassert s.length == 7 and s.append(1).length == 8",
    "try:\n    Store().nothing\nexcept AttributeError:\n    pass\nelse:\n    assert False",
    "try:\n    Net(3, 5)(torch.ones(1, 4))\nexcept RuntimeError:\n    pass\n"
    "else:\n    assert False",
]  # fmt: skip


IDS = [case[0] for case in ALIKE]
CHANGES = {
    "a tensor": ("x += 1", "torch.zeros(3)"),
    "an array": ("x += 1", "np.zeros(3)"),
    "a list": ("x.append(1)", "[0]"),
    "a dict": ("x['a'] = 1", "{}"),
    "a view": ("x[0] = 1", "torch.zeros(2, 3).T"),
    "a set": ("x.add(1)", "set()"),
}


@pytest.mark.parametrize("case", ALIKE, ids=IDS)
def test_an_honest_answer_passes_in_one_process(case):
    names = {}
    with np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
        exec(IMPORTS + case[1], names)
        exec(case[2], names)


@pytest.mark.parametrize("case", ALIKE, ids=IDS)
def test_an_honest_answer_behaves_as_in_a_notebook(case):
    outcome = run(assignment(*case[1:]), case[1])["test-1"]
    assert outcome.outcome == "passed", outcome


@pytest.mark.parametrize("test", MODULES)
def test_a_test_of_a_class_passes_in_one_process(test):
    names = {"__name__": "__main__"}
    exec(IMPORTS + NET, names)
    exec(test, names)


@pytest.mark.parametrize("test", MODULES)
def test_a_class_behaves_as_in_a_notebook(test):
    outcome = run(assignment(NET, test), NET)["test-1"]
    assert outcome.outcome == "passed", outcome


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_in_place_is_seen(kind):
    change, value = CHANGES[kind]
    test = (
        f"import copy\nx = {value}\ny = copy.deepcopy(x)\nf(x)\nassert str(x) == str(y)"
    )
    reference = "def f(x): pass"
    assert marks(run(assignment(reference, test), reference)) == ["passed"]
    assert marks(run(assignment(reference, test), f"def f(x): {change}")) == ["failed"]


FAILURES = {
    "the text of the assert": (
        "assert f(1) == 2, 'Look at the sign.'", "failed", "Look at the sign."),
    "a visible line": ("assert f(1) == 2", "failed", "This does not hold: assert f(1) == 2"),
    "an exception of the answer": (
        "f('x')", "error", "TypeError: bad operand type for unary -: 'str'"),
    "an exception of the test": (
        "f(1)[0]", "error", "TypeError: 'int' object is not subscriptable"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAILURES)
def test_a_message_says(what):
    test, status, message = FAILURES[what]
    outcome = run(assignment("def f(x): return x", test), "def f(x): return -x")[
        "test-1"
    ]
    assert (outcome.outcome, outcome.message) == (status, message)


def test_a_hidden_line_is_not_shown():
    made = assignment("def f(x): return x", "assert f(1) == 1", hidden=True)
    assert run(made, "def f(x): return -x")["test-1"].message == "A check failed."


def test_the_students_own_lines_are_shown():
    outcome = run(
        assignment("def f(x): return x", "f(1)"), "def f(x):\n    return 1 / 0"
    )
    assert "return 1 / 0" in outcome["test-1"].why.where
    assert "autograder" not in outcome["test-1"].why.where


def test_what_the_wall_refuses_is_told_as_a_rule_of_the_grader():
    answer = "import subprocess\ndef f(x): return subprocess.Popen(['ls'])"
    outcome = run(assignment("def f(x): return x", "f(1)"), answer)["test-1"]
    assert "PermissionError" in outcome.message
    assert "no code start programs or processes" in outcome.message


def test_an_exception_that_no_line_of_the_student_raised_is_told_once():
    outcome = run(assignment("def f(x): return x", "f(1)"), "g = 1")["test-1"]
    assert outcome.message == "NameError: name 'f' is not defined"
    assert outcome.why.where == ""


def test_a_number_at_the_end_is_the_score():
    made = assignment(
        "def f(x): return x", "f(.5)", "f(7)", "f(-1)", "f(True)", "f('a')"
    )
    points = [
        o.points
        for name, o in run(made, "def f(x): return x").items()
        if "test" in name
    ]
    assert points == [0.5, 1, 0, 1, 1]


def test_a_missing_cell_and_an_empty_one_earn_nothing():
    made = assignment("def f(x): return x", "assert f(1) == 1")
    for submitted in ({}, {"answer": ""}):
        outcomes = run(made, submitted)
        assert outcomes["answer"].outcome == "missing"
        assert outcomes["test-1"].message == "NameError: name 'f' is not defined"


def test_cells_that_the_student_added_run_where_they_stand():
    made = assignment("def f(x): return x", "assert f(1) == 3")
    cells = {
        "imports": "",
        "mine": "def g(x): return x + 2",
        "answer": "def f(x): return g(x)",
    }
    assert marks(run(made, cells)) == ["passed"]
    late = {"answer": "y = g(1)\ndef f(x): return y", "mine": "def g(x): return x + 2"}
    assert marks(run(made, late)) == ["error"]


def test_the_submissions_test_and_given_cells_are_not_run():
    made = assignment("def f(x): return x", "assert f(1) == 1")
    cells = {
        "imports": "raise SystemExit",
        "answer": "def f(x): return 2",
        "test-1": "pass",
    }
    assert marks(run(made, cells)) == ["failed"]


def test_magics_do_nothing():
    answer = "%matplotlib inline\n!ls\nget_ipython().run_line_magic('pip', 'x')\ndef f(): return 1"
    outcomes = run(assignment("def f(): return 1", "assert f() == 1"), answer)
    assert (outcomes["answer"].outcome, marks(outcomes)) == ("ran", ["passed"])


MAGICS = {
    "%time": "%time y = 3\ndef f(): return y",
    "%%time": "%%time\ny = 3\ndef f(): return y",
    "!": "files = !ls\nwho = %who_ls\ndef f(): return 3 + len(files)",
    "%%writefile": "%%writefile own.py\ny = 3",
}


@pytest.mark.parametrize("kind", MAGICS)
def test_a_magic_costs_nothing(kind):
    made = assignment("def f(): return 1", "assert f() == 3")
    cells = {"mine": MAGICS[kind], "answer": "from own import y\ndef f(): return y"}
    answer = cells if kind == "%%writefile" else MAGICS[kind]
    assert marks(run(made, answer)) == ["passed"]


SETTINGS = {
    "NumPy's errors": (
        "np.seterr(over='ignore')\ndef f(x): return np.exp(x)",
        "with warnings.catch_warnings():\n    warnings.simplefilter('error')\n"
        "    assert np.isinf(f(np.array([1e9]))).all()",
    ),
    "the default dtype": (
        "torch.set_default_dtype(torch.float64)\ndef f(x): return x @ torch.eye(2)",
        "x = torch.ones(3, 2)\nassert torch.allclose(f(x), x)",
    ),
    "imports from the future": (
        "from __future__ import annotations\ndef f(x: Unknown): return x",
        "assert f(1) == 1",
    ),
    "annotations as they are": (
        "def f(x: int): return x if f.__annotations__['x'] is int else None",
        "assert f(1) == 1",
    ),
}


@pytest.mark.parametrize("what", SETTINGS)
def test_a_students_own_setting_costs_nothing(what):
    answer, test = SETTINGS[what]
    assert marks(run(assignment("def f(x): return x", test), answer)) == ["passed"]


def test_what_a_cell_imports_from_the_future_holds_for_later_cells():
    future = "from __future__ import annotations"
    cells = {"mine": future, "answer": "def f(x: Unknown): return x"}
    made = assignment("def f(x): return x", "assert f(1) == 1")
    assert marks(run(made, cells)) == ["passed"]
    assert marks(run(made, cells | {"mine": "pass"})) == ["error"]


def test_what_a_test_sets_holds_for_the_students_code():
    test = """
    with np.errstate(over="raise"):
        try:
            f(np.array([1e9]))
        except FloatingPointError:
            raised = True
    assert raised
    torch.set_default_dtype(torch.float64)
    try:
        assert g().dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    """
    answer = "np.seterr(over='ignore')\ndef f(x): return np.exp(x)\n"
    made = assignment("def f(x): pass\ndef g(): pass", test)
    outcomes = run(made, answer + "def g(): return torch.ones(2)")
    assert marks(outcomes) == ["passed"]


def test_output_goes_to_its_cell():
    answer = "print('at the top')\ndef f():\n    print('called')\n    return 1\nf()"
    outcomes = run(assignment("def f(): return 1", "f()\nprint('tested')"), answer)
    assert outcomes["answer"].output == "at the top\ncalled\n1\n"
    assert outcomes["test-1"].output == "called\ntested\n"


def test_data_files_can_be_read():
    reference = "def f():\n    return open('data/a.txt').read()"
    here = "open('data/a.txt').read()"
    made = assignment(reference, f"assert f() == 'hé' == {here}", given=f"a = {here}")
    made = replace(made, files={"data/a.txt": "hé".encode()})
    assert marks(run(made, reference)) == ["passed"]


def test_the_same_submission_gives_the_same_outcomes():
    made = assignment(
        "def f(): return torch.rand(3)", "print(f(), torch.rand(2)); assert 0"
    )
    answer = "x = {'b', 'a', 'c'}\nprint(x)\ndef f(): return torch.rand(3)"
    assert run(made, answer) == run(made, answer)


def test_the_observer_sees_the_calls_of_a_test_that_failed():
    seen = []
    made = assignment(
        "def f(x, k=1): return x",
        "assert f(1) == -1",
        "f(torch.ones(2), k=3)\nassert f([2]) == 5",
    )
    run(made, "def f(x, k=1): return -x", observer=observed.collect_calls(seen.append))
    calls = [call for call in seen if call.op == "call"]
    assert [call.grade_id for call in calls] == ["test-2"] * 2
    assert calls[0].args[0].data.tolist() == [1, 1] and calls[0].kwargs == {"k": 3}
    assert calls[0].result.data.tolist() == [-1, -1] and calls[0].name == "f"
    assert calls[1].error == ("TypeError", "bad operand type for unary -: 'list'")


@pytest.mark.slow
def test_a_call_costs_no_more_processor_time_than_pickles_do():
    """Both are measured in the checker's process, so its pace tells nothing."""
    test = """
    import pickle, time
    x = torch.ones(3, 5)
    def spent(call):
        start = time.process_time()
        for _ in range(100): call()
        return time.process_time() - start
    def least(call): return min(spent(call) for _ in range(5))
    ratio = least(lambda: f(x)) / least(lambda: pickle.loads(pickle.dumps(x)))
    assert ratio < 5, ratio
    """
    found = run(assignment("def f(x): return x", test), "def f(x): return x")
    assert marks(found) == ["passed"], found


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE.names())
def test_each_right_version_passes_split(name):
    """`test_assignments` runs them unsplit, `..._diagnose` each mistake split."""
    made = read_assignment(COURSE.solution(name))
    for style, versions in {"": {}, **read_catalogue(made).styles()}.items():
        cells = {c.id: versions.get(c.id, c.source) for c in made.role("solution")}
        outcomes = run_submission(cells, made, warm(), PATIENT)
        lost = [o for o in outcomes if o.points < o.max_points]
        assert not lost, style or "the reference"


MEAN = """
class Mean(NameError):
    {body}
def f(x): raise Mean("no")
"""


@pytest.mark.parametrize(
    "body",
    [
        "name = property(lambda self: 1 / 0)",
        "args = property(lambda self: 1 / 0)",
        "def __str__(self): raise SystemExit",
    ],
)
def test_an_exception_that_raises_when_looked_at_is_still_one(body):
    made = assignment("def f(x): return x", "assert f(1) == 1", "assert f(2) == 2")
    outcomes = run(made, MEAN.format(body=body))
    assert marks(outcomes) == ["error"] * 2
    assert outcomes["test-1"].why.raised == "Mean"


AWAITED = """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return f(x)
"""
# Each: what `f` does, and what becomes of a test that calls it while it awaits.
AWAITING = {
    "answers": ("return x", "passed"),
    "is wrong": ("return x + 1", "failed"),
    "raises": ("raise ValueError('no')", "error"),
    "ends Python": ("import os; os._exit(0)", "killed"),
    "stops an iteration": ("raise StopIteration", "error"),
    "cancels": ("import asyncio; raise asyncio.CancelledError", "error"),
}


@pytest.mark.parametrize("what", AWAITING)
@pytest.mark.parametrize(
    "waiting",
    [
        "assert await later(1) == 1",
        "one, = await asyncio.gather(later(1), return_exceptions=True)\nassert one == 1",
        "task = asyncio.create_task(later(1))\nawait asyncio.sleep(0.01)\n"
        "assert task.result() == 1",
    ],
)
def test_a_test_that_awaits_is_passed_by_the_right_answer_alone(what, waiting):
    body, outcome = AWAITING[what]
    made = assignment("def f(x): return x", waiting, "f(5)", given=AWAITED)
    outcomes = run(made, f"def f(x):\n    if x == 5: return x\n    {body}")
    caught = "return_exceptions" in waiting and outcome == "error"
    assert marks(outcomes) == ["failed" if caught else outcome, "passed"]


TRICKS = {
    "its own get_ipython": "get_ipython = lambda: 1 / 0",
    "its own shell": (
        "from autograder.inside import shell\n"
        "shell.Shell.run_line_magic = lambda *a: 2\n"
        "import builtins\nbuiltins.get_ipython = lambda: 1 / 0"
    ),
    "a flag from the future": (
        "from __future__ import annotations, barry_as_FLUFL\nx: Missing = 1"
    ),
    "a loop left running": (
        "import asyncio\nasync def on():\n    while True: await asyncio.sleep(0)\n"
        "task = asyncio.create_task(on())\nawait asyncio.sleep(0)\n"
        "asyncio.new_event_loop = lambda: 1 / 0"
    ),
    "what is left out": "%pip install passed\n!echo passed\n%%html",
}


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("body, mark", [("return 1", "failed"), ("return 2", "passed")])
def test_what_a_cell_does_to_ipython_changes_no_mark(trick, body, mark):
    made = assignment(
        "def f(): return 2",
        "%time y = f()\nassert y == 2",
        "x = %time f()\nassert x == 2",
        "import asyncio\nassert await asyncio.sleep(0, f()) == 2",
        "def g(a: int) -> int: ...\nassert g.__annotations__['a'] is int and f() == 2",
    )
    outcomes = run(made, {"trick": TRICKS[trick], "answer": f"def f(): {body}"})
    assert marks(outcomes) == [mark] * 4, outcomes


# A test's last value, and the points of one that it earns.
LAST_VALUES = {
    "0": 0, "0.5": 0.5, "7": 1, "-1": 0, "float('nan')": 0, "10 ** 999": 1,
    "np.int64(0)": 0, "np.uint8(0)": 0, "np.float32(.5)": 0.5, "np.float64(.5)": 0.5,
    "np.array(0)": 0, "np.array([[0.5]])": 0.5, "torch.tensor(0)": 0,
    "torch.tensor([[0.5]], requires_grad=True)": 0.5, "nn.Parameter(torch.zeros(1))": 0,
    "__import__('fractions').Fraction(1, 2)": 0.5,
    "__import__('decimal').Decimal('0.5')": 0.5,
    # what is no number is no score
    "None": 1, "False": 1, "np.False_": 1, "torch.tensor(False)": 1, "'0'": 1, "0j": 1,
    "np.zeros(2)": 1, "torch.zeros(0)": 1, "[0]": 1, "np.array('0')": 1,
}  # fmt: skip


@pytest.mark.parametrize("way", ["split", "plain"])
def test_a_last_value_that_is_a_number_is_the_score(way):
    made = assignment("def f(): return 1", *LAST_VALUES)
    if way == "split":
        outcomes = run(made, "def f(): return 1")
        found = [outcomes[f"test-{n + 1}"] for n in range(len(LAST_VALUES))]
    else:
        whole = Submission((Placed("answer", "solution", "code", "def f(): return 1"),))
        found = run_plainly(made, whole)
    earned = dict(zip(LAST_VALUES, [outcome.points for outcome in found], strict=True))
    assert earned == LAST_VALUES


FAKES = {
    "raise AssertionError('Fine.\\n1 / 1 all points')": "AssertionError: Fine. 1 / 1 all",
    "raise type('Hint: 1', (ValueError,), {})('a\\n\\nGot 1')": "Exception: a Got 1",
}


@pytest.mark.parametrize("fake", FAKES)
def test_what_a_students_code_raises_is_one_line_and_not_the_tests_word(fake):
    made = assignment("def f(): return 1", "assert f() == 1, 'Look.'")
    outcome = run(made, f"def f(): {fake}")["test-1"]
    assert outcome.outcome == "error"
    assert outcome.message.startswith(FAKES[fake])


OLD = sys.version_info < (3, 12)
NO_GPU = "The grader has no GPU"
# A cell, and what a student reads of why it did not run; empty where it runs.
ON_THIS_MACHINE = {
    "import pandas as pd": "`import pandas as pd`: the grader has no pandas. It has: numpy, torch",
    "from xgboost import XGBClassifier": "the grader has no xgboost",
    "from torch.utils.tensorboard import SummaryWriter": "the grader has no tensorboard",
    "def late():\n    import seaborn\nlate()": "`import seaborn`: the grader has no seaborn",
    "from helpers import f": "Is it a file of yours?",
    "from google.colab import drive": "the grader has no google.colab. Delete the line",
    "try:\n    import pandas\nexcept ImportError:\n    pandas = None": "",
    "torch.foo": "The grader has torch 2",
    "from torch.nn import Foo": "The grader has torch 2",
    "np.trapz": "The grader has numpy 2",
    "import typing\ntyping.NoSuchName": "The grader runs Python 3.",
    "torch.ones(2).sofmax()": "AttributeError: 'Tensor' object has no attribute 'sofmax'",
    "torch.ones(2).cuda()": NO_GPU,
    "nn.Linear(2, 2).to('cuda')": NO_GPU,
    "torch.ones(2, device='cuda:0')": NO_GPU,
    "torch.ones(2).to('mps')": NO_GPU,
    "torch.ones(2).to('xpu')": NO_GPU,
    "torch.cuda.get_device_name(0)": NO_GPU,
    "torch.mps.empty_cache()": NO_GPU,
    "torch.cuda.synchronize()": NO_GPU,
    "torch.cuda.Event().record()": NO_GPU,
    "torch.cuda.FloatTensor([1.])": NO_GPU,
    "assert torch.cuda.is_available(), 'no!'": NO_GPU,
    "with torch.device('cuda'):\n    torch.ones(2)": NO_GPU,
    "at = 'cuda' if torch.cuda.is_available() else 'cpu'\ntorch.ones(2, device=at)": "",
    "assert torch.accelerator.current_accelerator() is None": "",
    "assert not torch.backends.mps.is_available()": "",
    "torch.cuda.manual_seed_all(0)\ntorch.cuda.empty_cache()": "",
    "torch.backends.cudnn.deterministic = True": "",
    "with torch.autocast('cuda', dtype=torch.float16): pass": "",
    "@torch.compile\ndef g(x): return x + 1\nassert g(1) == 2": "",
    "@torch.compile(mode='max-autotune')\ndef g(x): return x + 1\nassert g(1) == 2": "",
    "m = torch.compile(nn.Linear(2, 3), backend='inductor')\nm.compile(fullgraph=True)\n"
    "assert m(torch.ones(2)).shape == (3,)": "",
    "assert torch.compiler.compile(abs)(-1) == 1": "",
    "import torch._dynamo\ntorch._dynamo.config.suppress_errors = True": "",
    "@torch.jit.script\ndef g(x: torch.Tensor):\n    return x + 1\nassert g(torch.ones(1)) == 2": "",
    "from torch.utils.data import DataLoader\n"
    "made = DataLoader(range(4), 2, num_workers=2, persistent_workers=True, timeout=3)\n"
    "assert [b.tolist() for b in made] == [[0, 1], [2, 3]]": "",
    "torch.set_num_threads(2)": "",
    "torch.set_default_device('cuda')": "",
    "assert torch.ones(2).device.type == 'cpu'": "",
    "from tqdm.auto import tqdm\nassert sum(tqdm([1, 2])) == 3": "",
    "input('name')": "Nobody types",
    "import getpass\ngetpass.getpass()": "Nobody types",
    "raise OSError(30, 'Read-only file system')": "no files outside the notebook's own",
    "%pylab inline\nassert arange(3).sum() == 3 and plt": "",
    "assert __IPYTHON__": "",
    "breakpoint()\nassert 1": "",
    "import pdb\npdb.set_trace()\nassert 1": "",
    "from IPython.core.debugger import set_trace\nset_trace()\nassert 1": "",
    "from IPython import embed\nembed()": "",
    "from jaxtyping import Float": "tqdm, and Python's own.",
    "import sys\nsys.exit(0)": "`sys.exit(0)` stops the cell",
    "exit()": "",
    "import os\nassert os.system('ls')": "",
    "import urllib.request\nurllib.request.urlopen('http://a.invalid')": "no network",
    "import subprocess\nsubprocess.Popen(['ls'])": "no code start programs",
    "open('none.csv')": "Only the assignment's own files are there",
    "!wget -q http://a.invalid/a.csv\nopen('a.csv')": "did not run `!ls`, `!wget -q http",
    "import subprocess\nassert subprocess.run(['ls']).returncode": "",
    "from subprocess import check_call, check_output\nimport sys\n"
    "check_call([sys.executable, '-m', 'pip', 'install', 'einops'])\n"
    "assert check_output('ls', shell=True, text=True) == ''": "",
    "n = !nproc\nCORES = int(n[0])\nMORE = 3": "",
    "CORES": "'CORES' is not defined: `!nproc` was not run",
    "assert MORE == 3": "",
    "type X = int": "3.12 or newer; the grader runs 3." if OLD else "",
    "x = f'{d['a']}'": "3.12 or newer; the grader runs 3." if OLD else "KeyError: 'a'",
    "x = f'{d[a}'": "SyntaxError",
}  # fmt: skip


def test_what_a_machine_lacks_is_named_with_the_cure():
    made = assignment("d = {}", "assert d == {}")
    cells = {f"own-{n}": source for n, source in enumerate(ON_THIS_MACHINE)}
    outcomes = run(made, {"answer": "d = {}"} | cells)
    said = {source: outcomes[cell].message for cell, source in cells.items()}
    wrong = {
        source: text
        for source, text in said.items()
        if (ON_THIS_MACHINE[source] not in text)
        or bool(text) != bool(ON_THIS_MACHINE[source])
    }
    assert not wrong and marks(outcomes) == ["passed"]


def test_drawing_needs_no_screen():
    made = assignment("import matplotlib\nmatplotlib.use('TkAgg')", "assert True")
    cell = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n%matplotlib qt"
    )
    outcomes = run(made, {"answer": made.by_id["answer"].source, "own": cell})
    assert outcomes["own"].outcome == "ran", outcomes["own"]


def test_out_is_numbered_as_jupyter_numbers_the_cells():
    made = assignment("def f(): return seen", "assert f() == [3, 'a', 3]")
    cells = {"one": "3", "two": "'a'", "answer": "def f(): return seen"}
    # after the given cell come the student's own: In [2], In [3], In [4]
    outcomes = run(made, {"imports": "", **cells, "last": "seen = [Out[2], _, _2]"})
    assert marks(outcomes) == ["passed"], outcomes
