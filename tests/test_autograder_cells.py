# ruff: noqa: E501 (cells stand as strings)
"""A cell runs as in Jupyter: IPython's syntax is IPython's."""

import contextlib
import io
import os
import sys

import pytest
from IPython.core import interactiveshell
from IPython.core.interactiveshell import InteractiveShell

from autograder.inside.cells import Notebook, compile_cell, compile_to_bytes
from autograder.inside.left_out import NotRun
from autograder.inside.newer_python import python_needed
from autograder.inside.on_import import introduce_shell

SAME = {
    "a magic, and % at the start of a line": "%precision 3\nx = (7\n     % 4)",
    "a command that goes on": "!true \\\n  && true\nx = 3",
    "a command in a block": "if True:\n    !true\nx = 3",
    "lines of a string": "%who\nx = '''\n%one\n!two\nthree?\n'''",
    "help": "len?\n?len\nx = 3",
    "a whole cell's time": "%%time\nx = 1\ny = x + 1",
    "a time with a name": "%time x = 3",
    "the value of a time": "x = %time 1 + 2",
    "a time in a function": "def f(a):\n    %time b = a + 1\n    return a\nx = f(3)",
    "capture": "%%capture\nprint(1)\nx = 3",
    "prompts": ">>> x = 3\n>>> y = 4",
    "an indented cell": "  x = 3\n  y = 4",
    "a future import": "from __future__ import annotations\ndef x(a: Missing): ...",
    "await": "import asyncio\nx = await asyncio.sleep(0, 3)",
    "% without magic": "x = 7\ny = (x\n  % 4)",
    "the value at the end": "x = 3\nx",
    "an environment": "%env A=1\n%set_env B 2\nimport os\nx = %env A\nx += os.environ['B']",
    "a name in a magic's line": "v = 5\n%env A=$v\nx = %env A",
    "a folder that is not there": "%cd /nowhere\nx = 3",
    "the working folder": "x = %pwd",
    "a measured time": "r = %timeit -n1 -r1 -q -o 1 + 1\nx = r.best > 0 and len(r.all_runs)",
    "timeit keeps no names": "x = 1\n%timeit -n1 -r1 -q x = 5",
    "timeit with a line before": "%%timeit -n1 -r1 -q k = 3\nk + 1",
    "a profile": "%prun -q x = 3",
    "whose names there are": "k = 3\nx = %who_ls\nx = 'k' in x",
    "an await in a capture": "%%capture\nimport asyncio\nx = await asyncio.sleep(0, 3)",
    "async for": "async def g():\n    yield 3\nx = []\nasync for i in g():\n    x.append(i)",
    "async with": "import contextlib\n@contextlib.asynccontextmanager\n"
    "async def c():\n    yield 5\nasync with c() as x:\n    pass",
    "prompts of IPython": "In [3]: x = 3\n   ...: y = 4",
    "a prompt that Python takes for an annotation": "In [3]: x = 3",
    "a prompt before a magic": "In [3]: %time x = 3",
    "a quoted call": "def f(a): return a\nx = 1\n;f x",
    "a call with commas": "def f(a, b): return a + b\nx = 1\n,f a b",
    "a magic without its sign": "time x = 3",
    "a magic that divides": "cd /tmp",
    "a system call": "get_ipython().system('true')\nx = 1",
    "no lines": "v = !true\nx = [*v, len(v), len(v.grep('a'))]",
    "a command in a function": "def f():\n    v = !true\n    return len(v)\nx = f()",
    "a docstring like magic": 'def f():\n    """\n    %time\n    !ls\n    """\nx = 1\n!true',
    "an f-string like magic": 'k = 3\nx = f"""\n%{k}\n!{k}\n"""\n%who',
    "% in a function": "def f(a):\n    return (a\n        % 3)\nx = f(7)\n%who",
    "a comment before a magic": "# first\n%time x = 2",
    "lines of Windows": "x = 1\r\n%who\r\ny = 2",
    "the future behind a magic": "%who\nfrom __future__ import annotations\n"
    "def f(a: Missing): ...\nx = 1",
    "what is evaluated": "get_ipython().ex('x = 1')\nx += get_ipython().ev('x + 1')",
    "names that are pushed": "get_ipython().push({'x': 3})",
    "names of the shell": "k = 3\nx = get_ipython().user_ns['k']",
    "a cell's magic by its call": "get_ipython().run_cell_magic('time', '', 'x = 3')",
    "a line's magic by its call": "get_ipython().run_line_magic('time', 'x = 3')",
    "the shell by import": "from IPython import get_ipython\nx = get_ipython().ev('3')",
    "the shell of the package": "import IPython\nip = IPython.get_ipython()\n"
    "ip.run_line_magic('time', 'x = 3')",
    "the shell where it lives": "from IPython.core.getipython import get_ipython as g\n"
    "x = g() is get_ipython()",
    "in a notebook": "try:\n    get_ipython()\n    x = 1\nexcept NameError:\n    x = 0",
    "not on Colab": "import sys\nx = 'google.colab' in sys.modules\n"
    "y = 'google.colab' in str(get_ipython())",
    "Colab by try": "try:\n    from google.colab import drive\nexcept ImportError:\n    x = 0",
    "what is displayed": "from IPython.display import HTML, Markdown, clear_output\n"
    "from IPython.display import display as show\nshow(HTML('x'), Markdown('y'))\n"
    "clear_output(wait=True)\ndisplay(3)\nx = 1",
    "a display that changes": "from IPython.display import display\n"
    "h = display('a', display_id='k')\nh.update('b')\nx = h.display_id",
    "output caught by hand": "from IPython.utils.capture import capture_output\n"
    "with capture_output() as c:\n    print(3)\nx = c.stdout",
    "settings": "%xmode Minimal\n%pprint\n%load_ext autoreload\n%autoreload 2\nx = 1",
}
# Cells that run one after the other.
ONE_BY_ONE = {
    "the last values": ["3", "4", "x = [_, __, _1, Out[2]]"],
    "values that are not shown": ["3", "4;", "None", "x = [_, sorted(Out)]"],
    "an underscore of one's own": ["for _ in range(3): pass", "7", "x = _"],
    "what was typed": ["3", "x = In[1]"],
    "caught output": ["%%capture out\nprint('a')\nx = 3", "out.show()\ny = out.stdout"],
    "output caught in part": ["%%capture --no-stdout out\nprint(1)", "x = out.stdout"],
    "a file": ["%%writefile w.txt\n%x\n!y", "from pathlib import Path\nx = Path('w.txt').read_text()"],
    "a file that grows": [
        "%%file 'w 1.txt'\na", "%%writefile -a 'w 1.txt'\nb", "from pathlib import Path\nx = Path('w 1.txt').read_text()"
    ],
    "a file that runs": [
        "%%file m.py\nimport sys\nk = 2\ndef g(): return [k, *sys.argv[1:]]\n"
        "if __name__ == '__main__': y = 4",
        "%run m.py a --b 3\nx = g()",
    ],
    "a file that runs here": ["%%file m.py\nx = k + 1", "k = 1\n%run -i m"],
    "a module": ["%%file c_module.py\nk = 7", "from c_module import k as x"],
    "a magic of one's own": [
        "from IPython.core.magic import register_line_magic\n@register_line_magic\n"
        "def twice(line):\n    return line * 2",
        "x = %twice ab",
    ],
    "a cell's magic of one's own": [
        "from IPython.core.magic import register_cell_magic\n@register_cell_magic\n"
        "def keep(line, cell):\n    global x\n    x = line + cell",
        "%%keep a b\nbody",
    ],
}  # fmt: skip
SAME_CELLS = {name: [cell] for name, cell in SAME.items()} | ONE_BY_ONE


@pytest.fixture
def notebook():
    made = Notebook({})
    yield made
    made.close()


def plain_names(names):
    """Return what a cell defined that can be compared."""
    kinds = (int, str, list)  # a bool is an int
    return {k: v for k, v in names.items() if k in ("x", "y") and isinstance(v, kinds)}


def run_in_ipython(cells, monkeypatch):
    """Return (the names, the last value) that IPython itself gives."""
    shell = InteractiveShell()
    with monkeypatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr(InteractiveShell, "_instance", shell)
        results = [shell.run_cell(cell, store_history=True) for cell in cells]
    assert all(result.success for result in results)
    return shell.user_ns, results[-1].result


def run_here(cells, monkeypatch):
    """Return (the names, the last value) that the grader gives."""
    notebook = Notebook({})
    with monkeypatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        for name in ("initialized", "instance"):
            patch.setattr(InteractiveShell, name, None, raising=False)
        introduce_shell(interactiveshell)
        for number, cell in enumerate(cells, 1):
            value = notebook.run("cell", cell, number=number)
    notebook.close()
    return notebook.names, value


@pytest.mark.parametrize("kind", SAME_CELLS)
def test_cells_define_what_they_define_in_ipython(kind, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("os.environ", dict(os.environ))
    results = []
    for run in (run_in_ipython, run_here):
        monkeypatch.chdir(tmp_path)
        results.append(run(SAME_CELLS[kind], monkeypatch))
        sys.modules.pop("c_module", None)
    (theirs, last), (ours, value) = results
    assert plain_names(ours) == plain_names(theirs)
    assert ("x" in ours) == ("x" in theirs)
    assert value == last or SAME_CELLS[kind][-1].endswith(";")


LEFT_OUT = {
    "!pip install einops \\\n   torchinfo": "!pip install einops",
    "%pip install einops": "%pip install einops",
    "files = !ls": "!ls",
    "%%bash\nls\nif [": "%%bash",
    "%conda install -y x": "%conda install -y x",
    "pip install einops": "%pip install einops",
    "!!uv pip install x": "!uv pip install x",
    "%%capture\n!pip install einops": "!pip install einops",
    "%tensorboard --logdir runs": "%tensorboard --logdir runs",
    "%run other.py": "%run other.py",
    "%load other.py": "%load other.py",
    "%store -r x": "%store -r x",
    "%unheard of": "%unheard of",
    "%%unheard of\n?": "%%unheard of",
    "get_ipython().system('ls')": "!ls",
    "exit()": "exit()",
    "for i in range(3):\n    !ls": "!ls",
}


@pytest.mark.parametrize("source", LEFT_OUT)
def test_what_the_grader_leaves_out_is_named(source, notebook, capsys):
    notebook.run("cell", source + "\n")
    told = capsys.readouterr().out
    assert told.count(LEFT_OUT[source]) == 1 and "left out" in told


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib widget",
        "len?",
        "len??",
        "?len",
        "%load_ext x",
        "%who",
        "%config InlineBackend.figure_format = 'retina'",
        "%%html\n<b>",
        "%%latex\n$",
    ],
)
def test_what_would_change_nothing_is_passed_over_in_silence(source, notebook, capsys):
    notebook.run("cell", source)
    assert capsys.readouterr() == ("", "")


def test_what_is_neither_python_nor_ipython_is_an_error_of_the_line_as_written():
    with pytest.raises(SyntaxError) as caught:
        compile_cell("cell", "x = 1\ny = = 2")
    assert caught.value.lineno == 2


@pytest.mark.parametrize("kind", [IndexError, RuntimeError])
def test_where_ipython_itself_fails_it_is_a_syntax_error(kind, monkeypatch):
    def fail(source):
        raise kind

    monkeypatch.setattr("autograder.inside.cells.to_python", fail)
    with pytest.raises(SyntaxError):
        compile_cell("cell", "len?")


FUTURE = "from __future__ import annotations"
UNKNOWN = "def f(x: Missing): ..."


def test_an_import_from_the_future_holds_in_its_own_notebook(notebook):
    notebook.run("one", FUTURE)
    notebook.run("two", UNKNOWN)
    with pytest.raises(NameError, match="Missing"):
        Notebook({}).run("two", UNKNOWN)


def test_an_import_from_the_future_does_not_leak_through_compiled_cells():
    _, flags = compile_to_bytes("one", FUTURE, 0)
    late, _ = compile_to_bytes("two", UNKNOWN, flags)
    Notebook({}).run("two", UNKNOWN, code=late)
    fresh, _ = compile_to_bytes("two", UNKNOWN, 0)
    with pytest.raises(NameError, match="Missing"):
        Notebook({}).run("two", UNKNOWN, code=fresh)


def test_an_await_at_the_end_gives_its_value(notebook):
    assert notebook.run("cell", "import asyncio\nawait asyncio.sleep(0, 3)") == 3
    assert notebook.run("again", "await asyncio.sleep(0, 4)") == 4


@pytest.mark.parametrize(
    "line",
    [
        "CORES = int(n[0])", "CORES = int(''.join(n))", "CORES, = n", "CORES = max(n)",
        "CORES, = !nproc", "for i in range(3): CORES = n[i]", "CORES = int(n.s)",
        "CORES = int(get_ipython().getoutput('nproc')[0])",
    ],
)  # fmt: skip
def test_what_needs_the_lines_of_a_command_is_left_out_alone(line, notebook, capsys):
    source = f"n = !nproc\n{line}\ndef f():\n    return 3\nf()"
    assert notebook.run("cell", source, lenient=True) == 3
    assert notebook.names["f"]() == 3 and "CORES" not in notebook.names
    told = capsys.readouterr().out
    assert "`!nproc` was not run" in told and "CORES" in told
    assert "!nproc" in notebook.shell.lost["CORES"]


def test_a_test_leaves_out_nothing(notebook):
    with pytest.raises(NotRun):
        notebook.run("cell", "n = !nproc\nassert n[0] == '2'\nx = 3")
    assert "x" not in notebook.names


@pytest.mark.parametrize("asked", ["n[0]", "n[-1]", "n[:2]", "n.pop()", "n.s", "n.n"])
def test_who_asks_for_a_line_of_a_command_hears_which(asked, notebook):
    notebook.run("cell", f"def f():\n    n = !nproc\n    return {asked}")
    with pytest.raises(NotRun, match=r"`!nproc` was not run"):
        notebook.run("again", "f()")


def test_lines_that_a_student_adds_are_there(notebook):
    assert notebook.run("cell", "n = !nproc\nn.append('4')\nint(n[0])") == 4


def test_a_capture_ends_with_its_cell(notebook, capsys):
    with pytest.raises(ZeroDivisionError):
        notebook.run("cell", "%%capture out\nprint(1)\n1 / 0")
    notebook.run("again", "print(2, out.stdout)")
    assert capsys.readouterr().out == "2 1\n\n"


# What each needs; what this Python reads itself is told of nobody.
NEWER = {
    "3.12": [
        "x = f'{d['a']}'", 'f"{"a" + f"{x}"}"', 'f"{"\\n".join(x)}"', "f'{\n1\n}'",
        "f'{x # why\n}'", "f'{d['a']:>{w['b']}.2f} {x!r:>3} {x=} {{}}'",
        "type X = int", "if 1:\n    type X[T] = list[T]", "def f[T](x: T) -> T: ...",
        "class A[T: (int, str), *Ts](B): ...", "async def f[**P](x): ...",
        "%time x = 1\n!ls\ntype X = int", "f'{*a, *d['b']}'", "rf'{d['a']}\\d'",
    ],
    "3.13": ["def f[T = int](x): ..."],
    "3.14": ["x = t'{a}'", "t'{d['a']}'"],
}  # fmt: skip
ONLY_WRONG = [
    "x = = 2", "x = f'{a'", "x = f'{a b}'", "f'{}'", "f'}'", "f'{'", "print 'x'", "x = (",
    "x = 'a", "def f():\nreturn 1", "def f()\n    return f'{1}'", "x = = f'{d['a']}'",
    "def f[T(x): ...", "try:\n    1\nexcept A, e:\n    2", "It isn't Python.", "f'" * 99,
    "f'{" * 99, "def f[" * 999, "f'{x:" * 999, "type x[" * 999,
]  # fmt: skip


@pytest.mark.parametrize("version", NEWER)
def test_a_cell_of_a_newer_python_is_known_as_that(version):
    newer = tuple(map(int, version.split("."))) > sys.version_info[:2]
    expected = dict.fromkeys(NEWER[version], version if newer else "")
    assert {text: python_needed(text) for text in NEWER[version]} == expected


@pytest.mark.parametrize("source", ONLY_WRONG)
def test_what_is_only_wrong_is_not_taken_for_a_newer_python(source):
    assert python_needed(source) == ""
