"""Run a notebook cell as a notebook would, without IPython."""

from __future__ import annotations
import __future__

import ast
import linecache
import marshal
import os
import re
import sys
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

YOUNG = 10_000  # objects that the collector waits for: a fork lives for a second
WHOLE = re.compile(r"\s*%%(\w+)")
KEPT = {"time", "timeit", "capture", "prun"}
TIMED = re.compile(r"^(\s*)%time\s+(?=\S)")
GIVEN = re.compile(r"^(\s*\w+\s*=)\s*[%!].*$")
LINE = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$")
FUTURE = [getattr(__future__, name) for name in __future__.all_feature_names]
DEFAULT = sum({feature.compiler_flag for feature in FUTURE})
ahead = 0  # what cells have imported from __future__: as in IPython, it stays


def plain_python(source: str) -> str:
    """Return a cell without IPython's own syntax, most of which does nothing here.

    What `%time` and `%%time` measure runs; `%%writefile` writes.
    """
    whole = WHOLE.match(source)
    if whole:
        first, _, rest = source.lstrip().partition("\n")
        if whole[1] in ("writefile", "file"):
            mode = "a" if "-a" in first.split() else "w"
            name = first.split()[-1]
            return f"with open({name!r}, {mode!r}) as file:\n    file.write({rest!r})"
        source = "\n" + rest if whole[1] in KEPT else ""
    return "\n".join(map(plain_line, source.split("\n")))


def plain_line(line: str) -> str:
    """Return a line without IPython's own syntax."""
    line = TIMED.sub(r"\1", line)
    return LINE.sub(r"\1pass", GIVEN.sub(r"\1 []", line))


def parse(source: str, file: str) -> ast.Module:
    """Return the tree of a cell; IPython's syntax counts as nothing."""
    try:
        return ast.parse(source, file)
    except SyntaxError as error:
        try:
            return ast.parse(plain_python(source), file)
        except SyntaxError:
            raise error from None


def remember_source(name: str, source: str) -> str:
    """Let tracebacks show the lines of a cell; return its file name."""
    file = f"<{name}>"
    lines = [line + "\n" for line in source.split("\n")]
    linecache.cache[file] = (len(source), None, lines, file)
    return file


def compiled(name: str, source: str) -> tuple[Any, Any]:
    """Return the code of a cell: (all but its last expression, that or None)."""
    global ahead
    file = remember_source(name, source)
    tree = parse(source, file)
    last = ending = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        ending = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]  # an Expr
    body = compile(tree, file, "exec", ahead, dont_inherit=True)
    ahead |= body.co_flags & DEFAULT
    if ending:
        last = compile(ending, file, "eval", ahead, dont_inherit=True)
    return body, last


@lru_cache(maxsize=1024)
def compiled_bytes(name: str, source: str) -> bytes:
    """Return the code of a trusted cell as bytes, for a process of the same Python."""
    return marshal.dumps(compiled(name, source))


def run(
    name: str, source: str, names: dict[str, Any], code: bytes | None = None
) -> Any:
    """Run a cell; return the value of its last expression, None without one.

    `code` is what `compiled_bytes` made of a trusted cell.
    """
    if code is None:
        body, last = compiled(name, source)
    else:
        remember_source(name, source)
        body, last = marshal.loads(code)
    exec(body, names)
    return None if last is None else eval(last, names)


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


def put(files: Mapping[str, bytes]) -> None:
    """Write an assignment's data files, by relative name, into this folder."""
    for name, content in files.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "wb") as file:
            file.write(content)


class Shell:
    """Stands for IPython where a cell asks for it; its magics do nothing."""

    def __getattr__(self, name: str) -> Any:
        """Return a method that does nothing."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def display(*values: Any, **_: Any) -> None:
    """Print values, as a notebook would show them."""
    for value in values:
        print(repr(value), file=sys.stdout)
