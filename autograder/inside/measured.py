"""What a magic measures, run once; and the file that a cell writes."""

from __future__ import annotations

import os
import shlex
import time
from typing import Any

from autograder.inside.magics import split_options


def run_measured(name: str, line: str, names: dict[str, Any], own: Any) -> Any:
    """Run once what a magic measures, with the names of the place where it stands."""
    options, text = split_options(line, name) if name != "time" else ({}, line.strip())
    if name == "time":
        return run_statement(text, names, own)
    start = time.perf_counter()
    run_statement(text, names, dict(own) if name == "timeit" else own)
    if "o" not in options:
        return None
    from IPython.core.magics.execution import TimeitResult

    took = time.perf_counter() - start
    return TimeitResult(1, 1, took, took, [took], 0.0, 3)


def run_statement(line: str, names: dict[str, Any], own: Any) -> Any:
    """Run a line with the names of the place where it stands; return its value."""
    try:
        code = compile(line, "<%time>", "eval")
    except SyntaxError:
        exec(line, names, own)
        return None
    return eval(code, names, own)


def write_file(line: str, body: str) -> None:
    """Write the body of a cell into the file that its first line names."""
    words = shlex.split(line)
    mode = "a" if {"-a", "--append"} & set(words) else "w"
    path = os.path.expanduser(words[-1])
    with open(path, mode, encoding="utf-8") as file:
        file.write(body)


def expand_names(line: str, names: dict[str, Any]) -> str:
    """Return a magic's line with `$name` and `{expression}` put in, as IPython does."""
    if "$" not in line and "{" not in line:
        return line
    from IPython.utils.text import DollarFormatter

    try:
        return DollarFormatter().vformat(line, (), names)
    except Exception:
        return line


def take_pylab(names: dict[str, Any], line: str) -> None:
    """Give a notebook the names of NumPy and pyplot, as `%pylab` does."""
    from IPython.core.pylabtools import import_pylab

    import_pylab(names, "--no-import-all" not in line)
