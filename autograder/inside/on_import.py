"""What is done to a library when a cell first imports it.

IPython learns that there is a shell, pyplot draws without a screen, and a debugger goes
on. None is imported here: it takes longer than most submissions.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from autograder.inside.programs import leave_out_command, leave_out_programs
from autograder.inside.shell import present_shell
from autograder.inside.shown import show_values


class AfterImport(MetaPathFinder):
    """Changes modules as soon as they are imported."""

    def __init__(self, changes: dict[str, Callable[[Any], None]]) -> None:
        self.changes = changes

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return where a module is, its loader made to change it."""
        change = self.changes.pop(name, None)
        if change is None:
            return None
        spec = find_spec(name)
        if spec and spec.loader:
            loader: Any = spec.loader  # of this one module alone
            load = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                load(module)
                change(module)

            loader.exec_module = exec_module
        return spec


def introduce_shell(module: Any) -> None:
    """Let IPython know the notebook's shell: `get_ipython` and `display` use it."""
    shell = module.InteractiveShell
    shell.initialized = classmethod(lambda cls: True)
    shell.instance = classmethod(lambda cls, *args, **kwargs: present_shell())


def draw_without_screen(module: Any) -> None:
    """Let pyplot draw into memory where a backend needs a screen: `TkAgg`, say."""
    switch = module.switch_backend

    def switch_backend(newbackend: str) -> None:
        try:
            switch(newbackend)
        except ImportError:
            switch("agg")

    module.switch_backend = switch_backend


NO_DEBUGGER = (
    "The grader does not run a debugger, which nobody answers: it was left out."
)


def leave_out_debugger(*_: Any, **__: Any) -> None:
    """Go on in the place of `breakpoint()`, and say so once in a cell."""
    shell = present_shell()
    if shell and NO_DEBUGGER not in shell.told:
        shell.told.add(NO_DEBUGGER)
        print(NO_DEBUGGER, file=sys.stdout)


def leave_out_debuggers(module: Any) -> None:
    """Let what a module has that waits for commands be left out."""
    for name in {"embed", "set_trace"} & vars(module).keys():
        setattr(module, name, leave_out_debugger)


CHANGES: dict[str, Callable[[Any], None]] = {
    "IPython.core.interactiveshell": introduce_shell,
    "matplotlib.pyplot": draw_without_screen,
    "pdb": leave_out_debuggers,
    "subprocess": leave_out_programs,
    "IPython.core.debugger": leave_out_debuggers,
    "IPython.terminal.embed": leave_out_debuggers,
}


def watch_imports() -> None:
    """Change the libraries that are imported, and those that will be."""
    for name in CHANGES.keys() & sys.modules.keys():
        CHANGES[name](sys.modules[name])
    later = {name: CHANGES[name] for name in CHANGES.keys() - sys.modules.keys()}
    sys.meta_path.insert(0, AfterImport(later))
    known = {"get_ipython": present_shell, "display": show_values, "__IPYTHON__": True}
    vars(builtins).update(known)
    os.system = leave_out_command
    sys.breakpointhook = leave_out_debugger
