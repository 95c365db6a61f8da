"""IPython's syntax, read by IPython; what it would do that has no place here.

IPython turns `%magic`, `!command` and `name?` into calls of the object that
`get_ipython()` returns. Here that object is a `Shell`: what `%time` measures runs,
drawing and settings do nothing, and what the wall has no room for (a command, a
download) does nothing and says so in the cell's output.
"""

from __future__ import annotations

import re
import sys
from typing import Any

WHOLE_CELL = re.compile(r"\s*%%(\w+)")
BODY_RUNS = {"time", "timeit", "capture", "prun"}
SILENT = {
    "autoreload", "config", "html", "javascript", "js", "latex", "load_ext", "markdown",
    "matplotlib", "pdb", "pinfo", "pinfo2", "precision", "psource", "pylab",
    "reload_ext", "svg", "who", "who_ls", "whos", "xmode",
}  # fmt: skip


def to_python(source: str) -> str:
    """Return a cell as Python, IPython's own syntax turned into calls.

    The first line of a cell's magic is taken out here, so that its body stays a part
    of the cell, with the lines that it has; `%%writefile` becomes the writing.
    """
    whole = WHOLE_CELL.match(source)
    if whole is None:
        return transform(source)
    first, _, rest = source.lstrip().partition("\n")
    name = whole[1]
    if name in ("writefile", "file"):
        mode = "a" if "-a" in first.split() else "w"
        target = first.split()[-1]
        return f"with open({target!r}, {mode!r}) as file:\n    file.write({rest!r})"
    if name in BODY_RUNS:
        return "\n" + transform(rest)
    return f"get_ipython().run_cell_magic({name!r}, {first!r}, '')"


def transform(source: str) -> str:
    """Return what IPython makes of a source; empty lines at its start stay."""
    from IPython.core.inputtransformer2 import TransformerManager

    blank = len(source) - len(source.lstrip("\n"))
    return "\n" * blank + TransformerManager().transform_cell(source)


def say_not_run(what: str) -> None:
    """Say in the cell's output what the grader left out."""
    print(f"The grader does not run {what}: it was left out.", file=sys.stdout)


class Shell:
    """Stands for IPython where a cell asks for it."""

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        """Run what `%time` measures, where it stands; of the others, nothing."""
        if name == "time":
            frame = sys._getframe(1)
            return run_statement(line, frame.f_globals, frame.f_locals)
        if name not in SILENT | BODY_RUNS:
            say_not_run(f"%{name} {line}".rstrip())
        return None

    def run_cell_magic(self, name: str, line: str, body: str = "") -> None:
        """Do nothing: what runs of a cell with a magic, `to_python` leaves there."""
        if name not in SILENT | BODY_RUNS:
            say_not_run(f"%%{name}")

    def system(self, command: str) -> None:
        """Do nothing: the wall lets no program start."""
        say_not_run(f"!{command}")

    def getoutput(self, command: str, *_: Any, **__: Any) -> list[str]:
        """Return no lines: the wall lets no program start."""
        say_not_run(f"!{command}")
        return []

    def __getattr__(self, name: str) -> Any:
        """Return a method that does nothing."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def run_statement(line: str, names: dict[str, Any], own: Any) -> Any:
    """Run a line with the names of the place where it stands; return its value."""
    try:
        code = compile(line, "<%time>", "eval")
    except SyntaxError:
        exec(line, names, own)
        return None
    return eval(code, names, own)


def show_values(*values: Any, **_: Any) -> None:
    """Print values, as a notebook would show them."""
    for value in values:
        print(repr(value), file=sys.stdout)
