"""IPython's syntax, read by IPython: a cell becomes Python.

IPython turns `%magic`, `!command` and `name?` into calls of the object that
`get_ipython()` returns. Here that object is a `Shell` (`shell.py`).
"""

from __future__ import annotations

import ast
import re
from typing import Any

from autograder.inside.magics import BODY_RUNS, LINE_MAGICS, split_options

ONE_LINE = re.compile(r"(\w+)(?:[ \t]+([^\s=,].*))?")
UNSHOWN = "\nNone"  # behind the body of a cell whose last value is not shown
LINES_ASKED = "get_ipython().getoutput("
UNGUARDED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
)


def to_python(source: str) -> str:
    """Return a cell as Python, IPython's own syntax turned into calls.

    The first line of a cell's magic is taken out here where the body is Python, so that
    the body stays a part of the cell, with the lines that it has.
    """
    text = source.strip()
    if not text.startswith("%%") or re.match(r"%%\w*\?", text):
        return transform(source)
    first, _, rest = source.lstrip().partition("\n")
    name, _, line = first[2:].strip().partition(" ")
    if name == "timeit":
        _, setup = split_options(line, name)
        return transform(setup).rstrip("\n") + "\n" + transform(rest) + UNSHOWN
    if name == "capture":
        return f"get_ipython().start_capture({line!r})\n" + transform(rest) + UNSHOWN
    if name in BODY_RUNS:
        return "\n" + transform(rest)
    body = rest if rest.endswith("\n") else rest + "\n"
    return f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})"


def with_percent(source: str, names: dict[str, Any]) -> str:
    """Return a cell with the `%` that IPython puts before a magic on the only line.

    A magic's name is none where the notebook gives it to something else.
    """
    found = ONE_LINE.fullmatch(source.strip())
    if found and found[1] in LINE_MAGICS - names.keys():
        return "%" + source.strip()
    return source


def transform(source: str) -> str:
    """Return what IPython makes of a source; empty lines at its start stay."""
    from IPython.core.inputtransformer2 import TransformerManager

    blank = len(source) - len(source.lstrip("\n"))
    return "\n" * blank + TransformerManager().transform_cell(source)


def guard_statements(tree: ast.Module) -> None:
    """Let a cell go on behind a statement that needs the lines of a command.

    Such a statement is left out, as its command was; so what the cell defines below
    is there. What the statement would have named is remembered.
    """
    lines: set[str] = set()
    for place, one in enumerate(tree.body):
        stored, loaded = names_of(one, ast.Store), names_of(one, ast.Load)
        asks = LINES_ASKED in ast.unparse(one)
        if not isinstance(one, UNGUARDED):
            needs = asks or bool(lines & loaded)
            tree.body[place] = guarded(one, sorted(stored), needs)
        lines |= stored if asks else set()


def names_of(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    """Return the names that a statement stores, or loads."""
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, context)
    }


def guarded(statement: ast.stmt, stored: list[str], needs: bool) -> ast.stmt:
    """Return a statement in a `try` that leaves it out where it needs such lines.

    Of one that `needs` them itself, any error is theirs: of nothing, `int` makes none.
    """
    caught = "Exception" if needs else "get_ipython().NotRun"
    text = (
        f"try:\n    pass\nexcept {caught} as _not_run:\n"
        f"    get_ipython().leave_out(_not_run, {stored!r})"
    )
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.Try)
    for node in ast.walk(made):
        if hasattr(node, "lineno"):
            ast.copy_location(node, statement)
    made.body = [statement]
    return made
