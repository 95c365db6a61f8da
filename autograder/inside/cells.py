"""Run a notebook's cells as Jupyter would: one after another, in one namespace."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import marshal
import os
import traceback
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from autograder.inside.ipython import (
    LINES_ASKED,
    guard_statements,
    to_python,
    with_percent,
)
from autograder.inside.newer_python import python_needed
from autograder.inside.shell import open_shell

YOUNG = 10_000  # objects that the collector waits for: a fork lives for a second
FUTURE = [getattr(__future__, name) for name in __future__.all_feature_names]
FUTURE_FLAGS = sum({feature.compiler_flag for feature in FUTURE})


def parse_cell(source: str, file: str) -> tuple[ast.Module, str]:
    """Return (the tree of a cell, its source as Python).

    IPython is asked only where the source is not Python already: importing it takes
    longer than most submissions.
    """
    try:
        tree = ast.parse(source, file)
    except SyntaxError as error:
        try:
            python = to_python(source)
            return ast.parse(python, file), python
        except (SyntaxError, IndexError, RuntimeError):  # or it fails itself
            vars(error)["python_needed"] = python_needed(source)
            raise error from None
    if not source.lstrip().startswith("In ["):
        return tree, source
    python = to_python(source)  # to Python, a prompt is an annotation
    return ast.parse(python, file), python


def remember_source(name: str, source: str) -> str:
    """Let tracebacks show the lines of a cell; return its file name."""
    file = f"<{name}>"
    lines = [line + "\n" for line in source.split("\n")]
    linecache.cache[file] = (len(source), None, lines, file)
    return file


def compile_cell(
    name: str, source: str, flags: int = 0, lenient: bool = False
) -> tuple[CodeType, CodeType | None]:
    """Return the code of a cell: (all but its last expression, that or None).

    `flags` are those of the imports from `__future__` in the cells before. A `lenient`
    one, never a test, goes on behind what needs the lines of a command.
    """
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    file = remember_source(name, source)
    tree, python = parse_cell(source, file)
    if python is not source:
        remember_source(name, python)
    last = ending = None
    tree.body.sort(key=lambda one: not imports_future(one))  # IPython takes any order
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        ending = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]  # an Expr
    if lenient and LINES_ASKED in python:
        guard_statements(tree)
    body = compile(tree, file, "exec", flags, dont_inherit=True)
    if ending:
        flags |= body.co_flags & FUTURE_FLAGS
        last = compile(ending, file, "eval", flags, dont_inherit=True)
    return body, last


def imports_future(statement: ast.stmt) -> bool:
    """Whether a statement imports from `__future__`."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


@lru_cache(maxsize=1024)
def compile_to_bytes(name: str, source: str, flags: int) -> tuple[bytes, int]:
    """Return (a trusted cell's code as bytes, the flags after it).

    The bytes are for a process of the same Python.
    """
    body, last = compile_cell(name, source, flags)
    return marshal.dumps((body, last)), flags | body.co_flags & FUTURE_FLAGS


class Notebook:
    """The cells of one run: what one imports from `__future__` holds for the next."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.shell = open_shell(names)
        self.flags = 0
        self.loop: Any = None

    def run(
        self,
        name: str,
        source: str,
        names: dict[str, Any] | None = None,
        code: bytes | None = None,
        number: int = 0,
        lenient: bool = False,
    ) -> Any:
        """Run a cell; return the value of its last expression, None without one.

        `code` is what `compile_to_bytes` made of a trusted cell, `names` a namespace of
        its own, `number` the one that Jupyter shows beside the cell, `lenient` as in
        `compile_cell`.
        """
        names = self.names if names is None else names
        if code is None:
            source = with_percent(source, names)
            body, last = compile_cell(name, source, self.flags, lenient)
        else:
            remember_source(name, source)
            body, last = marshal.loads(code)
        self.flags |= body.co_flags & FUTURE_FLAGS
        self.shell.start_cell()
        try:
            self.evaluate(body, names)
            value = None if last is None else self.evaluate(last, names)
        finally:
            self.shell.end_cell()
        if number:
            self.shell.remember(number, source, value)
        return value

    def evaluate(self, code: CodeType, names: dict[str, Any]) -> Any:
        """Run code; where it awaits at its top level, in the notebook's one loop."""
        if not code.co_flags & inspect.CO_COROUTINE:
            return eval(code, names)
        import asyncio

        self.loop = self.loop or asyncio.new_event_loop()
        return self.loop.run_until_complete(eval(code, names))

    def close(self) -> None:
        """Close the loop of a notebook that awaited something."""
        if self.loop:
            self.loop.close()


class CellTrace(NamedTuple):
    """The part of a traceback that lies in cells: its lines; the last cell and line."""

    lines: str = ""
    cell: str = ""
    line: str = ""


NO_TRACE = CellTrace()


def trace_of_cells(error: BaseException, most: int = 8) -> CellTrace:
    """Return the part of a traceback that lies in cells; empty where no part does."""
    frames = traceback.extract_tb(error.__traceback__)
    cells = [f for f in frames if f.filename.startswith("<") and f.line]
    if not cells:
        return NO_TRACE
    lines = "".join(traceback.format_list(cells[-most:]))
    return CellTrace(lines[:4000], cells[-1].filename[1:-1], str(cells[-1].line))


def write_files(files: Mapping[str, bytes]) -> None:
    """Write an assignment's data files, by relative name, into this folder."""
    for name, content in files.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "wb") as file:
            file.write(content)
