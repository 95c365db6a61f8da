"""A cell runs as in Jupyter: IPython's syntax is IPython's."""

import contextlib
import io

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.inside.cells import Notebook, compile_cell, compile_to_bytes
from autograder.inside.ipython import Shell, show_values

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
}


@pytest.fixture
def notebook():
    made = Notebook({"display": show_values, "get_ipython": Shell})
    yield made
    made.close()


def plain_names(names):
    """Return what a cell defined that can be compared."""
    kinds = (int, str, list)
    return {k: v for k, v in names.items() if k in ("x", "y") and isinstance(v, kinds)}


@pytest.mark.parametrize("kind", SAME)
def test_a_cell_defines_what_it_defines_in_ipython(kind, notebook):
    shell = InteractiveShell()
    with contextlib.redirect_stdout(io.StringIO()):
        result = shell.run_cell(SAME[kind])
    assert result.success
    value = notebook.run("cell", SAME[kind])
    assert plain_names(notebook.names) == plain_names(shell.user_ns)
    assert ("x" in notebook.names) == ("x" in shell.user_ns)
    assert value == result.result


LEFT_OUT = {
    "!pip install einops \\\n   torchinfo": "!pip install einops",
    "%pip install einops": "%pip install einops",
    "files = !ls": "!ls",
    "%%bash\nls\nif [": "%%bash",
}


@pytest.mark.parametrize("source", LEFT_OUT)
def test_what_the_grader_leaves_out_is_named(source, notebook, capsys):
    notebook.run("cell", source + "\n")
    told = capsys.readouterr().out
    assert LEFT_OUT[source] in told and "left out" in told


@pytest.mark.parametrize("source", ["%matplotlib inline", "len?", "%load_ext x"])
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
