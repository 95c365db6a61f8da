# ruff: noqa: E501 (cells stand as strings)
"""Cheats: nothing that runs in the student's process earns a mark unearned."""

import ast
import contextlib
import importlib
import re
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.split import IMPORTS, assignment, marks, run, run_stopped

REFERENCE = "def softmax(x): return torch.softmax(x, -1)"
TESTS = (
    "w = softmax(torch.zeros(1, 2))\nassert torch.equal(w, torch.full((1, 2), .5))",
    "x = torch.randn(3, 5)\ntorch.testing.assert_close(softmax(x), torch.softmax(x, -1))",
    "w = softmax(torch.tensor([[1., 2., 3.]]))\n"
    "assert w[0, 2] > w[0, 1] and w[0, 1] > w[0, 0] and w.sum() < 1.01",
    "w = softmax(torch.randn(3, 5))\n"
    "assert torch.allclose(w.sum(-1), torch.ones(3)) and w.std() > .01",
    "assert softmax(torch.tensor([0., 999.])).tolist() == [0.0, 1.0]",
    "x = torch.randn(2, 3)\nassert (softmax(x) == torch.softmax(x, -1)).all()",
)
EXERCISE = assignment(REFERENCE, *TESTS, hidden=True)

CHEATS = {
    "patches torch's comparisons": """
        torch.testing.assert_close = torch.allclose = torch.equal = lambda *a, **k: True
        torch.Tensor.__eq__ = torch.Tensor.__gt__ = lambda *a: torch.tensor(True)
        torch.softmax = lambda x, d: x
        def softmax(x): return x
    """,
    "patches NumPy and the builtins": """
        import builtins
        np.testing.assert_allclose = lambda *a, **k: None
        builtins.AssertionError = builtins.abs = builtins.isinstance = lambda *a: True
        def softmax(x): return x
    """,
    "hooks the cells": """
        shell = get_ipython()
        shell.input_transformers_post = [lambda lines: ['pass']]
        shell.ast_transformers = []
        shell.events = None
        def softmax(x): return x
    """,
    "replaces the compiler": """
        import builtins, ast
        builtins.exec = builtins.eval = builtins.compile = lambda *a, **k: None
        ast.parse = lambda *a, **k: None
        def softmax(x): return x
    """,
    "equals everything": """
        class Same:
            def __eq__(self, other): return True
            __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __eq__
            def __getattr__(self, name): return lambda *a, **k: self
            def __getitem__(self, key): return self
            def __bool__(self): return True
            def __array__(self): return np.ones(3)
            def __float__(self): return 1.0
        def softmax(x): return Same()
    """,
    "a list that equals everything": """
        class Same(list):
            def __eq__(self, other): return True
            def tolist(self): return self
            def sum(self, *a): return torch.ones(3)
        def softmax(x): return Same()
    """,
    "a tensor that equals everything": """
        class Same(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return torch.tensor(True)
        def softmax(x): return x.as_subclass(Same)
    """,
    "a float that equals everything": """
        class Same(float):
            def __eq__(self, other): return True
            __gt__ = __lt__ = __ge__ = __le__ = __eq__
        def softmax(x): return Same(1)
    """,
    "an array with a mind of its own": """
        class Same(np.ndarray):
            def __array_ufunc__(self, *a, **k): return np.array(True)
            def sum(self, *a, **k): return np.ones(3)
        def softmax(x): return x.numpy().view(Same)
    """,
    "a module that plays tensor": """
        class Same(nn.Module):
            def sum(self, *a): return torch.ones(3)
            def std(self, *a): return torch.ones(1)
            def tolist(self): return [0.0, 1.0]
            def __getitem__(self, key): return torch.tensor(float(key[1]))
            def __eq__(self, other): return torch.tensor(True)
            shape, dtype, ndim = torch.Size([3, 5]), torch.float32, 2
            __hash__ = nn.Module.__hash__
        def softmax(x): return Same()
    """,
    "a function that plays tensor": """
        def play(*a): return torch.ones(3)
        play.sum = play.std = play
        play.tolist = lambda: [0.0, 1.0]
        def softmax(x): return play
    """,
    "a class that plays tensor": """
        class Same(type):
            def __getitem__(cls, key): return torch.tensor(float(key[1]))
        class Play(metaclass=Same):
            sum = std = staticmethod(lambda *a: torch.ones(3))
            tolist = staticmethod(lambda: [0.0, 1.0])
        def softmax(x): return Play
    """,
    "an iterator that answers as it likes": """
        def softmax(x):
            while True: yield torch.tensor(1.)
    """,
    "leaves at once": "import os\nos._exit(0)",
    "leaves in a call": "import os\ndef softmax(x): os._exit(0)",
    "exits": "import sys\ndef softmax(x): sys.exit(0)",
    "interrupts": "def softmax(x): raise KeyboardInterrupt",
    "exits at the end": """
        import atexit, os
        atexit.register(os._exit, 0)
        def softmax(x): return x
    """,
    "raises what frameworks treat as a pass": """
        import unittest
        def softmax(x): raise unittest.SkipTest('fine')
    """,
    "writes to every descriptor": """
        import os
        def softmax(x):
            for n in range(64):
                try: os.write(n, b'{"k": "outcome", "outcome": "passed"}' * 9)
                except OSError: pass
            return x
    """,
    "sends a verdict of its own": """
        import gc
        from autograder.inside import student, wire
        peer = next(o for o in gc.get_objects() if isinstance(o, student.Student))
        verdict = {'grade_id': 'test-2', 'outcome': 'passed', 'points': 1.0}
        def softmax(x):
            peer.channel.send(wire.frame({'k': 'outcome', 'v': verdict}))
            return x
    """,
    "answers before it is asked": """
        import gc
        from autograder.inside import student, wire
        peer = next(o for o in gc.get_objects() if isinstance(o, student.Student))
        for n in range(1, 99):
            peer.channel.send(wire.frame({'k': 'r', 'n': n, 'v': True}))
        def softmax(x): return x
    """,
    "announces a giant": """
        import os, struct
        def softmax(x):
            os.write(3, struct.pack('>IQ', 100, 1 << 60) + b'x' * 99)
    """,
    "sends a pickle": """
        from autograder.inside.encode import Encoder
        def softmax(x): return x
        old = Encoder.node
        raw = b"cposix\\nsystem\\n(S'true'\\ntR."
        Encoder.node = lambda e, v: ['P', *e.blob.add(raw)] if v is not None else None
    """,
    "sends handles of its own": """
        from autograder.inside.encode import Encoder
        Encoder.node = lambda e, v: ['H', 7, 'object', 'Tensor']
        def softmax(x): return x
    """,
    "hides its changes": """
        from autograder.inside.peer import Peer
        Peer.changes = lambda *a: []
        def softmax(x):
            x.zero_()
            return x
    """,
    "makes the argument fit the answer": """
        def softmax(x):
            x.zero_()
            return torch.full_like(x, 1 / x.shape[-1])
    """,
    "calls back into the tests": """
        from autograder.inside import student
        import gc
        peer = next(o for o in gc.get_objects() if isinstance(o, student.Student))
        def softmax(x):
            for n in range(50):
                try: peer.ask('callback', (x,), id=n)
                except Exception: pass
            for op in ('cell', 'get', 'eval', '__init__', 'perform'):
                try: peer.ask(op, ('torch',))
                except Exception: pass
            return x
    """,
    "walks the frames": """
        import sys
        def softmax(x):
            frame = sys._getframe()
            while frame:
                for value in frame.f_locals.values():
                    if isinstance(value, str) and 'assert_close' in value: print('FOUND')
                frame.f_locals.update(outcome='passed')
                frame = frame.f_back
            return x
    """,
    "walks the heap": """
        import gc
        wanted = 'tfos(esolc_tressa.gnitset.hcrot'[::-1]
        def softmax(x):
            for thing in gc.get_objects():
                for part in (thing.values() if type(thing) is dict else
                             thing if type(thing) in (list, tuple) else ()):
                    if isinstance(part, str) and wanted in part and part != wanted:
                        print('FOUND')
            return x
    """,
    "reads the checker's memory": """
        import os
        def softmax(x):
            for n in range(1, 400):
                for name in ('mem', 'maps', 'environ', 'cmdline'):
                    try: print('FOUND', open(f'/proc/{n}/{name}', 'rb').read(9))
                    except OSError: pass
            return x
    """,
    "looks for the tests in files": """
        import os
        def softmax(x):
            for top in ('/grader', '/tmp', '/etc', '/dev/shm'):
                for folder, _, names in os.walk(top):
                    for name in names:
                        try: text = open(os.path.join(folder, name)).read(1 << 20)
                        except (OSError, ValueError): continue
                        if 'assert_close(softmax' in text: print('FOUND')
            return x
    """,
    "signals everyone": """
        import os, signal
        def softmax(x):
            for pid in (0, -1, os.getppid(), 2, 3):
                for sig in (signal.SIGSTOP, signal.SIGUSR1):
                    try: os.kill(pid, sig)
                    except OSError: pass
            return x
    """,
    "traces its keeper": """
        import ctypes
        def softmax(x):
            for pid in range(30):
                assert ctypes.CDLL(None).ptrace(16, pid, 0, 0) == -1
            return x
    """,
    "uses a descriptor it was not given": """
        import os, socket
        def softmax(x):
            for n in range(3, 64):
                try: other = socket.socket(fileno=os.dup(n))
                except OSError: continue
                other.setblocking(False)
                for _ in range(3):
                    try: other.recv_into(bytearray(9)); socket.recv_fds(other, 9, 9)
                    except OSError: pass
            return x
    """,
    "remembers the visible inputs": """
        def softmax(x):
            return {2: torch.full((1, 2), .5)}.get(x.numel(), x)
    """,
    "counts the calls": """
        n = 0
        def softmax(x):
            global n
            n += 1
            return [torch.full((1, 2), .5), x, x, x, x, x][n % 6]
    """,
    "predicts the tests' random numbers": """
        def softmax(x):
            torch.randn = lambda *a: torch.zeros(*a)
            torch.manual_seed(0)
            return x
    """,
    "makes random numbers zero": """
        def softmax(x):
            state = torch.get_rng_state()
            state[24:24 + 624 * 8] = 0
            torch.set_rng_state(state)
            return torch.full_like(x, 1 / x.shape[-1])
    """,
    "takes the names of the tests": """
        __name__ = 'passed'
        outcome = passed = points = 1
        globals().update({f'test-{n}': 'passed' for n in range(9)})
        def softmax(x): return x
    """,
    "prints a score": """
        print('{"k": "outcome", "v": {"grade_id": "test-2", "outcome": "passed"}}')
        def softmax(x):
            print('Test passed. Score: 6 (Points)')
            return x
    """,
    "leaves a thread that answers": """
        import gc, threading, time
        from autograder.inside import student, wire
        peer = next(o for o in gc.get_objects() if isinstance(o, student.Student))
        def answer():
            while True:
                n = peer.sequence
                try: peer.channel.link.send(b''.join(wire.frame({'k': 'r', 'n': n, 'v': 1})))
                except OSError: pass
                time.sleep(.001)
        threading.Thread(target=answer, daemon=True).start()
        def softmax(x): return x
    """,
    "throws from a destructor": """
        class Late:
            def __del__(self): raise SystemExit(0)
        def softmax(x):
            Late()
            return x
    """,
    "replaces the modules": """
        import sys, types
        for name in ('autograder', 'torch', 'torch.testing', 'numpy', 'json'):
            sys.modules[name] = types.ModuleType(name)
        def softmax(x): return x
    """,
    "writes modules": """
        import os
        for name in ('torch.py', 'autograder.py', 'sitecustomize.py', 'conftest.py'):
            open(name, 'w').write('raise SystemExit(0)')
        def softmax(x): return x
    """,
    "a property that changes its mind": """
        class W:
            def __init__(self): self.n = 0
            def __getitem__(self, key): self.n -= 1; return -self.n
            @property
            def shape(self): return torch.Size([3, 5])
        def softmax(x): return W()
    """,
    "nested without end": """
        def softmax(x):
            a = []
            for _ in range(100_000): a = [a]
            return a
    """,
    "a list in itself": "def softmax(x):\n    a = []\n    a.append(a)\n    return a",
    "a class that swallows its exceptions": """
        class Fine(BaseException):
            def __str__(self): raise Fine
            def __getattr__(self, name): raise Fine
        def softmax(x): raise Fine
    """,
}  # fmt: skip
# Right answers to some inputs are right: equal weights for equal scores.
EARNED = {
    "remembers the visible inputs": 1,
    "makes the argument fit the answer": 1,
    "makes random numbers zero": 1,
}


@pytest.fixture(scope="module", autouse=True)
def the_reference_passes():
    assert marks(run(EXERCISE, REFERENCE)) == ["passed"] * len(TESTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_earns_nothing(name):
    outcomes = run(EXERCISE, CHEATS[name])
    points = sum(o.points for o in outcomes.values())
    assert points == EARNED.get(name, 0), marks(outcomes)
    assert "FOUND" not in "".join(o.output for o in outcomes.values())
    assert not re.search(
        "autograder|/grader", "".join(o.message for o in outcomes.values())
    )


@pytest.mark.slow
def test_a_function_that_empties_its_arguments_is_told_so():
    outcomes = run(EXERCISE, CHEATS["makes the argument fit the answer"])
    assert "changes its arguments" in outcomes["test-2"].message


def test_what_a_test_uses_again_is_as_it_was():
    reference = "def f(x): return x.sum(-1) ** 2"
    test = "assert torch.equal(f(DATA), DATA.sum(-1) ** 2) and DATA.sum() == 15"
    given = IMPORTS + "DATA = torch.arange(6.).reshape(2, 3)"
    made = assignment(reference, test, test, given=given)
    assert marks(run(made, reference)) == ["passed"] * 2
    wipes = "def f(x):\n    x.zero_()\n    return torch.zeros(2)"
    assert marks(run(made, wipes)) == ["failed"] * 2
    reshapes = "def f(x):\n    x.data = x.data[:1] * 0\n    return torch.zeros(1)"
    assert marks(run(made, reshapes)) == ["failed"] * 2


PLAYS = """
    def play(*a): return True
    play.sum = lambda *a: 3
    play.eq = play.all = lambda *a: play
    play.tolist = lambda: [1, 1, 1]
"""


@pytest.mark.parametrize(
    "answer",
    [
        "class M:\n    def __init__(self): self.w = play",
        "class M:\n    w = property(lambda m: M())\n    sum = tolist = play.sum",
        "from types import SimpleNamespace\n"
        "class M:\n    w = SimpleNamespace(**vars(play))",
        "from collections import namedtuple\n"
        "class M:\n    w = namedtuple('W', vars(play))(**vars(play))",
    ],
    ids=["function", "object", "namespace", "namedtuple"],
)
def test_a_part_of_an_object_does_not_play_tensor(answer):
    reference = "class M:\n    def __init__(self): self.w = torch.ones(3)"
    tests = "assert M().w.sum() == 3", "assert M().w.tolist() == [1, 1, 1]"
    made = assignment(reference, *tests, "assert M().w.eq(1).all()")
    assert marks(run(made, reference)) == ["passed"] * 3
    assert marks(run(made, dedent(PLAYS) + answer)) == ["error"] * 3


def test_a_record_may_hold_numbers_under_any_name():
    reference = (
        "from collections import namedtuple\nR = namedtuple('R', 'mean std step')\n"
        "def f(x): return R(x.mean(), x.std(), lambda: 2)"
    )
    made = assignment(reference, "r = f(torch.ones(3))\nassert r.mean == r.step() - 1")
    assert marks(run(made, reference)) == ["passed"]


def test_an_empty_answer_is_close_to_nothing():
    reference = "def f(x): return x"
    tests = [
        f"assert {lib}.allclose(f({lib}.ones({n})), {lib}.ones({n}))"
        for lib in ("np", "torch")
        for n in (1, 3)
    ]
    tests.append("assert not np.allclose(f(np.ones(1)), 2)")
    made = assignment(reference, *tests, "assert np.allclose(f([]), np.ones(0))")
    assert marks(run(made, reference)) == ["passed"] * 6
    for empty in ("x[:0]", "x.reshape(-1, 1)[:0]", "x[None][:0]"):
        lost = marks(run(made, f"def f(x): return {empty} if len(x) else x"))
        assert "passed" not in lost[:5] and lost[5] == "passed"


def test_a_function_ends_no_iterator():
    made = assignment("def f(x): return x", "assert list(map(f, [1])) == [1][:f(1)]")
    assert marks(run(made, "def f(x): raise StopIteration")) == ["error"]
    made = assignment("def f(x): return x", "assert all(map(f, [1]))")
    assert marks(run(made, "def f(x): raise StopIteration")) == ["error"]


def test_a_generator_is_not_put_where_its_numbers_suit():
    test = "g = np.random.default_rng(0)\nf(g)\nassert g.random() > 1e-9"
    made = assignment("def f(g): return g.random(7)", test)
    answer = """
        def f(g):
            state = g.bit_generator.state
            step = pow(0x2360ED051FC65DA44385DF649FCCF645, -1, 1 << 128)
            state['state']['state'] = -state['state']['inc'] * step % (1 << 128)
            g.bit_generator.state = state
            assert g.random() == 0
            g.bit_generator.state = state
    """
    assert marks(run(made, answer)) == ["passed"]


FLOOD = """
    import gc, threading
    from autograder.inside import student, wire
    peer = next(o for o in gc.get_objects() if isinstance(o, student.Student))
    def f(g):
        raw = b'{"k":"callback","id":%d,"a":[%s],"w":[],"n":1}' % (g.number, VALUE)
        message = (wire.FRAME_HEAD.pack(len(raw), 0) + raw) * 200
        link = peer.channel.link
        link.setblocking(True)
        def drain():
            while link.recv(1 << 20): pass
        threading.Thread(target=drain, daemon=True).start()
        while True: link.sendall(message)
"""


@pytest.mark.slow
@pytest.mark.parametrize("value, outcome", [("1", "timeout"), ("1e999", "killed")])
def test_questions_without_end_are_over_in_time(value, outcome):
    made = assignment("def f(g): return g(2)", "assert f(lambda n: n) == 2")
    answer = f"VALUE = b'{value}'\n" + dedent(FLOOD)
    stopped = {"test-1"} if outcome == "timeout" else set()
    found = run_stopped(made, answer, stopped, observer=lambda test, frames: None)
    assert marks(found) == [outcome]


def test_a_made_object_reads_the_same_twice():
    reference = "class M:\n    @property\n    def w(self): return torch.rand(3)"
    made = assignment(reference, "m = M()\nassert m.w[0] == m.w[0] and m.w is m.w")
    assert marks(run(made, reference)) == ["passed"]


LIES = {
    "negative strides": ["T", "float32", [2], [-1], 0, 8, False],
    "strides past the end": ["T", "float32", [2], [9], 0, 8, False],
    "a shape of billions": ["T", "float32", [1 << 39, 1 << 39], None, 0, 8, False],
    "bytes outside": ["T", "float32", [2], None, 1 << 30, 8, False],
    "a dtype of objects": ["A", "|O8", [1], "C", 0, 8],
    "an unknown tag": ["exec", "1"],
    "no tag": [[]],
    "an argument it never got": ["@", 99],
    "a reference": ["=", 0],
    "a huge range of axes": ["T", "float32", [1] * 60, None, 0, 4, False],
    "an infinite generator state": ["g", 0, 8],
}


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_on_the_wire_ends_the_process(lie):
    answer = f"""
        from autograder.inside.encode import Encoder
        def softmax(x):
            Encoder.result = 0
            Encoder.node = lambda e, v: (e.blob.add(bytes(8)), {LIES[lie]!r})[1]
            return x
    """
    outcomes = run(EXERCISE, answer)
    assert marks(outcomes) == ["killed"] * len(TESTS)
    assert "connection" in outcomes["test-1"].message


def test_an_answer_to_another_question_does_not_pass_for_an_error_that_is_asked_for():
    reference = "def f(x):\n    if x: raise ValueError"
    test = "f(0)\ntry: f(1)\nexcept ValueError: pass\nelse: assert False"
    answer = """
        import gc
        from autograder.inside import student, wire
        peer = next(o for o in gc.get_objects() if isinstance(o, student.Student))
        def f(x): peer.channel.send(wire.frame({'k': 'outcome'}))
    """
    made = assignment(reference, test)
    assert marks(run(made, reference)) == ["passed"]
    assert marks(run(made, answer)) == ["killed"]


def texts_of_attacks():
    """Yield (where, the tree) of each text here and in attacks/ that names the grader."""
    here = Path(__file__).parent
    for file in (Path(__file__), *sorted(here.glob("attacks/cheats/*.py"))):
        whole = ast.parse(file.read_text())
        texts = [n.value for n in ast.walk(whole) if isinstance(n, ast.Constant)]
        sources = [t for t in texts if isinstance(t, str) and "autograder.inside" in t]
        for source in sources if file == Path(__file__) else [file.read_text()]:
            with contextlib.suppress(SyntaxError):
                yield file.name, ast.parse(dedent(source))


def test_what_attacks_name_of_the_grader_is_there():
    # else an attack fails by its own mistake, and its test holds nothing
    seen = set()
    for where, tree in texts_of_attacks():
        names = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    found = getattr(module, alias.name, None)
                    names[alias.name] = found or importlib.import_module(full)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = names.get(node.value.id)
                assert owner is None or hasattr(owner, node.attr), (where, node.attr)
                seen |= {node.attr} if owner else set()
    assert {"frame", "Student", "changes", "FRAME_HEAD"} <= seen
