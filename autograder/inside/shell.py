"""What stands for IPython's shell where a cell asks for it: `get_ipython()`.

What `%time` measures runs, drawing and settings do nothing, and what the wall has no
room for (a command, a download) does nothing and says so in the cell's output, once.
`from IPython import get_ipython` and `display` of `IPython.display` find it too.
"""

from __future__ import annotations

import io
import os
import runpy
import shlex
import sys
from collections.abc import Callable
from typing import Any

from autograder.inside import left_out, measured
from autograder.inside.ipython import to_python
from autograder.inside.left_out import Nothing, NotRunLines
from autograder.inside.magics import BODY_RUNS, SILENT, STATEMENT_RUNS, split_options
from autograder.inside.measured import expand_names, run_measured
from autograder.inside.shown import Publisher, show_values


class Shell:
    """Stands for IPython in one notebook."""

    NotRun = left_out.NotRun

    def __init__(self, names: dict[str, Any]) -> None:
        self.user_ns = names
        self.told: set[str] = set()
        self.not_run: list[str] = []
        self.asked = ""
        self.lost: dict[str, str] = {}
        self.captured: tuple[str, Any, Any, list[str]] | None = None
        self.own_magics: dict[str, Callable[..., Any]] = {}
        self._display: dict[str, Any] = {}
        self.sources = [""]
        self.values: dict[int, Any] = {}
        self.last: list[Any] = []

    # What is left out.
    def say_not_run(self, what: str, why: str = "it was left out") -> None:
        """Say what the grader left out, once in a cell, even where output is caught."""
        text = f"The grader does not run {what[:500]}: {why}."
        if text in self.told:
            return
        self.told.add(text)
        self.not_run.append(what)
        if self.captured:
            self.captured[3].append(text)
        else:
            print(text, file=sys.stdout)

    def leave_out(self, error: Exception, names: list[str]) -> None:
        """Say that a statement was left out that needs the lines of a command."""
        if not isinstance(error, left_out.NotRun):
            error = left_out.NotRunLines(self.asked).error
        lost = [name for name in names if name not in self.user_ns]
        self.lost.update(dict.fromkeys(lost, str(error)))
        made = f" Not made: {', '.join(lost)}." if lost else ""
        print(f"Left out what needs it: {error}{made}", file=sys.stdout)

    # A cell.
    def start_cell(self) -> None:
        """Be ready to say again what the next cell leaves out."""
        self.told.clear()

    def end_cell(self) -> None:
        """End a capture of the cell's output."""
        if self.captured is None:
            return
        line, streams, caught, unsaid = self.captured
        self.captured = None
        sys.stdout, sys.stderr = streams
        words = [word for word in line.split() if not word.startswith("-")]
        if words:
            from IPython.utils.capture import CapturedIO

            self.user_ns[words[0]] = CapturedIO(caught[0], caught[1])
        for text in unsaid:
            print(text, file=sys.stdout)

    def start_capture(self, line: str) -> None:
        """Catch what the rest of the cell writes, as `%%capture` does."""
        streams, words = (sys.stdout, sys.stderr), line.split()
        out = None if "--no-stdout" in words else io.StringIO()
        errors = None if "--no-stderr" in words else io.StringIO()
        self.captured = line, streams, (out, errors), []
        sys.stdout, sys.stderr = out or sys.stdout, errors or sys.stderr

    def remember(self, number: int, source: str, value: Any) -> None:
        """Give the names `_`, `__`, `_3` and `Out[3]` to what a cell shows.

        Where a notebook has a `_` of its own, it stays, as in IPython.
        """
        self.sources += [""] * (number - len(self.sources)) + [source]
        if value is None or source.rstrip().endswith(";"):
            return
        unders = ["_", "__", "___"]
        own = any(
            name in self.user_ns and self.user_ns[name] is not old
            for name, old in zip(unders, [*self.last, *[None] * 3], strict=False)
        )
        self.last = [value, *self.last[:2]]
        if not own:
            self.user_ns.update(zip(unders, self.last, strict=False))
        self.user_ns[f"_{number}"] = self.values[number] = value

    # Magics and commands.
    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        """Do what a magic does, as far as the wall has room for it."""
        frame = sys._getframe(1)
        if own := self.own_magics.get(name):
            return own(expand_names(line, frame.f_globals | frame.f_locals))
        if method := getattr(type(self), f"magic_{name}", None):
            return method(self, expand_names(line, frame.f_globals | frame.f_locals))
        if name in STATEMENT_RUNS:
            return run_measured(name, line, frame.f_globals, frame.f_locals)
        if name not in SILENT | BODY_RUNS:
            self.say_not_run(f"%{name} {line}".rstrip())
        return None

    def magic(self, line: str) -> Any:
        """Do what a line magic does, as older notebooks write it."""
        name, _, rest = line.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def run_cell_magic(self, name: str, line: str, body: str = "") -> Any:
        """Write a file; of what runs elsewhere than in Python, nothing."""
        if own := self.own_magics.get(f"%{name}"):
            return own(line, body)
        if name in ("writefile", "file"):
            return measured.write_file(line, body)
        if name in BODY_RUNS:
            self.run_cell(f"%%{name} {line}\n{body}")
        elif name not in SILENT:
            self.say_not_run(f"%%{name} {line}".rstrip())
        return None

    def run_cell(self, source: str, *_: Any, **__: Any) -> Nothing:
        """Run a cell that a cell holds."""
        try:
            exec(compile(to_python(source), "<run_cell>", "exec"), self.user_ns)
        finally:
            self.end_cell()
        return Nothing()

    def system(self, command: str, *_: Any, **__: Any) -> None:
        """Do nothing: the wall lets no program start."""
        self.say_not_run(f"!{command.strip()}")

    system_piped = system_raw = system

    def getoutput(self, command: str, *_: Any, **__: Any) -> NotRunLines:
        """Return no lines: the wall lets no program start."""
        self.say_not_run(f"!{command.strip()}", "it was left out, and has no lines")
        self.asked = f"!{command.strip()}"
        return NotRunLines(self.asked)

    def magic_sx(self, line: str) -> NotRunLines:
        """Return no lines, as of `!`."""
        return self.getoutput(line)

    magic_system = magic_sx

    def magic_pwd(self, line: str) -> str:
        """Return the working folder."""
        return os.getcwd()

    def magic_cd(self, line: str) -> None:
        """Go to a folder, if it is there."""
        try:
            os.chdir(os.path.expanduser(line.strip().strip("'\"") or "~"))
        except OSError as error:
            print(f"%cd {line}: {error.strerror}", file=sys.stdout)

    def magic_env(self, line: str) -> Any:
        """Return or set variables of the environment."""
        if not line.strip():
            return dict(os.environ)
        separator = "=" if "=" in line else " "
        name, there, value = (
            part.strip() for part in line.strip().partition(separator)
        )
        if not there and separator == " " and not value:
            return os.environ.get(name)
        os.environ[name] = value
        return None

    magic_set_env = magic_env

    def magic_who_ls(self, line: str) -> list[str]:
        """Return the notebook's own names."""
        hidden = {"In", "Out", "display", "exit", "get_ipython", "quit"}
        names = (name for name in self.user_ns if not name.startswith("_"))
        return sorted(name for name in names if name not in hidden)

    def magic_pylab(self, line: str) -> None:
        """Take over the names of NumPy and pyplot."""
        measured.take_pylab(self.user_ns, line)

    def magic_xdel(self, line: str) -> None:
        """Delete a name."""
        self.user_ns.pop(line.strip(), None)

    def magic_run(self, line: str) -> None:
        """Run a file that is there, and take over its names."""
        options, rest = split_options(line, "run")
        name, *arguments = shlex.split(rest) or [""]
        path = next((p for p in (name, name + ".py") if os.path.isfile(p)), None)
        if path is None or path.endswith(".ipynb"):
            self.say_not_run(f"%run {line}".rstrip())
            return
        before = self.user_ns if "i" in options else {}
        own, sys.argv = sys.argv, [path, *arguments]
        try:
            made = runpy.run_path(path, before, "__main__")
        finally:
            sys.argv = own
        new = {k: v for k, v in made.items() if not k.startswith("__")}
        self.user_ns.update(new)

    def register_magic_function(
        self,
        function: Callable[..., Any],
        magic_kind: str = "line",
        magic_name: Any = None,
    ) -> None:
        """Know a magic that the notebook defines."""
        sign = "%" if magic_kind == "cell" else ""
        self.own_magics[sign + (magic_name or function.__name__)] = function

    # Names, and what is shown.
    def push(self, variables: dict[str, Any], *_: Any, **__: Any) -> None:
        """Define names in the notebook."""
        self.user_ns.update(variables)

    def ev(self, text: str) -> Any:
        """Return an expression's value."""
        return eval(text, self.user_ns)

    def ex(self, text: str) -> None:
        """Run statements."""
        exec(text, self.user_ns)

    @property
    def display_formatter(self) -> Any:
        """IPython's own formatter."""
        if "formatter" not in self._display:
            from IPython.core.formatters import DisplayFormatter

            self._display["formatter"] = DisplayFormatter()
        return self._display["formatter"]

    @property
    def display_pub(self) -> Any:
        """What publishes what is displayed: it prints the text."""
        return self._display.get("pub") or Publisher()

    @display_pub.setter
    def display_pub(self, value: Any) -> None:
        self._display["pub"] = value

    def __getattr__(self, name: str) -> Any:
        """Return nothing for all else that IPython has."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


def stay_open(*_: Any, **__: Any) -> None:
    """Go on: a notebook's `exit()` ends it, and what stands below still counts."""
    print("The grader does not run exit(): it was left out.", file=sys.stdout)


PRESENT: list[Shell] = []  # one at most: that of this process's notebook


def present_shell() -> Shell | None:
    """Return the shell of this process's notebook: `get_ipython()`."""
    return PRESENT[0] if PRESENT else None


def open_shell(names: dict[str, Any]) -> Shell:
    """Return the shell of a new notebook, which its names and IPython now know."""
    shell = Shell(names)
    PRESENT[:] = [shell]
    names.update(
        display=show_values,
        get_ipython=present_shell,
        exit=stay_open,
        quit=stay_open,
        In=shell.sources,
        Out=shell.values,
    )
    return shell
