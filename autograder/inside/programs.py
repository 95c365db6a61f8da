"""What stands for starting a program from Python: nothing starts, and that is said.

`!pip install`, `os.system` and `subprocess.run` in a cell are one and the same wish.
What a library starts for itself fails as the wall lets it fail.
"""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from autograder.inside.shell import present_shell

NOT_FOUND = 127  # what a shell returns for a command that is not there


def leave_out_command(command: Any) -> int:
    """Do nothing in the place of `os.system`, and say so."""
    shell = present_shell()
    if shell:
        shell.system(str(command))
    return NOT_FOUND << 8


def leave_out_programs(module: Any) -> None:
    """Let what a cell starts by `subprocess` be left out."""
    for name, result in RESULTS.items():
        setattr(module, name, start_none(getattr(module, name), result))


def start_none(
    start: Callable[..., Any], result: Callable[..., Any]
) -> Callable[..., Any]:
    """Return what starts a program for a library, and for a cell says that it can't."""

    @functools.wraps(start)
    def start_for_library(*args: Any, **kwargs: Any) -> Any:
        shell = present_shell()
        from_cell = sys._getframe(1).f_code.co_filename.startswith("<")
        words = args[0] if args else kwargs.get("args")
        if shell is None or not from_cell or words is None:
            return start(*args, **kwargs)
        shell.system(words if isinstance(words, str) else " ".join(map(str, words)))
        return result(words, kwargs)

    return start_for_library


def no_output(words: Any, kwargs: dict[str, Any]) -> str | bytes:
    """Return the output of a program that did not run: none."""
    as_text = ("text", "universal_newlines", "encoding", "errors")
    return "" if any(map(kwargs.get, as_text)) else b""


def no_run(words: Any, kwargs: dict[str, Any]) -> subprocess.CompletedProcess[Any]:
    """Return how a program ended that did not run; `check` finds nothing wrong."""
    code = 0 if kwargs.get("check") else NOT_FOUND
    out = no_output(words, kwargs)
    return subprocess.CompletedProcess(words, code, out, out)


RESULTS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "run": no_run,
    "call": lambda words, kwargs: NOT_FOUND,
    "check_call": lambda words, kwargs: 0,
    "check_output": no_output,
}
