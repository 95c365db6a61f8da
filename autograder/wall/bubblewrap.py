"""What a warm process sees of this machine: the command line of its bubblewrap."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from autograder.model.versions import GRADER_ROOT
from autograder.wall import policy

NEEDED = ("numpy", "torch", "IPython")  # what is imported behind the wall


class WallError(RuntimeError):
    """The wall can't be built, or does not hold; the message says what to do."""


def python_folders() -> list[tuple[Path, Path]]:
    """Return the folders that Python needs: (where they are, where they appear)."""
    folders = {Path(sys.prefix), Path(sys.base_prefix)}
    if Path(sys.base_prefix) == Path("/usr"):
        folders = {Path(sys.prefix)} - {Path("/usr")}
    folders.add(Path(os.path.realpath(sys.executable)).parent.parent)
    for name in NEEDED:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise WallError(f"{name} is not installed: pip install -r requirements.txt")
        site = Path(spec.origin).parent.parent
        if not any(site.is_relative_to(folder) for folder in folders):
            folders.add(site)
    folders -= {Path("/"), Path("/usr")}
    return [(folder.resolve(), folder) for folder in sorted(folders)]


def system_mounts() -> list[str]:
    """Return bubblewrap's options that show the system's shared libraries."""
    options: list[str] = []
    for name in policy.SYSTEM:
        path = Path(name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), name]
        elif path.is_dir():
            options += ["--ro-bind", name, name]
    for name in policy.SYSTEM_FILES:
        options += ["--ro-bind-try", os.path.realpath(name), name]
    executable = os.path.realpath(sys.executable)
    if executable.startswith("/usr/"):
        options += ["--ro-bind", executable, executable]
    folders = [target for _, target in python_folders()]
    for place, target in links(sys.executable):
        if not any(Path(place).is_relative_to(folder) for folder in folders):
            options += ["--symlink", target, place]
    return options


def links(path: str) -> Iterator[tuple[str, str]]:
    """Yield the links that lead from a path to its file: (where, what it says).

    The Python of an environment is often a link to a link of the system's.
    """
    while os.path.islink(path):
        target = os.readlink(path)
        yield path, target
        path = os.path.normpath(os.path.join(os.path.dirname(path), target))


def bubblewrap_command(program: str, user: int = policy.UID) -> list[str]:
    """Return the command line before Python's own."""
    options = [program, "--unshare-all", "--unshare-user", "--cap-drop", "ALL"]
    options += ["--uid", str(user), "--gid", str(user), "--hostname", "sandbox"]
    options += ["--new-session", "--die-with-parent", "--clearenv"]
    for name, value in policy.ENVIRONMENT.items():
        options += ["--setenv", name, value]
    options += ["--setenv", "PYTHONPATH", python_path(policy.GRADER)]
    options += system_mounts()
    for source, target in python_folders():
        options += ["--ro-bind", str(source), str(target)]
    for name in policy.MOUNTED:
        place = f"{policy.GRADER}/autograder/{name}"
        options += ["--ro-bind", str(GRADER_ROOT / name), place]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", policy.SCRATCH]
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    return options


def python_path(first: str) -> str:
    """Return where Python looks for modules besides its own folders."""
    specs = filter(None, map(find_spec, NEEDED))
    sites = {str(Path(str(spec.origin)).parent.parent) for spec in specs}
    return os.pathsep.join([first, *sorted(sites - set(default_sites()))])


def default_sites() -> list[str]:
    """Return the folders that this Python looks in by itself."""
    import site

    return site.getsitepackages()
