"""The wall from outside: bubblewrap's command line, and the warm processes behind it.

    with WarmProcess(Policy()) as warm:
        student = warm.student.fork(limits, [link, out, err])
        ...
        report = student.end()

A `WarmProcess` is two warm processes, one for each side of the split, each in a
bubblewrap of its own. With `sandbox="none"` there is no bubblewrap; `walled` says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from autograder.sandbox import policy
from autograder.sandbox.policy import Limits, Policy

PACKAGE = Path(__file__).resolve().parents[1]
NEEDED = ("numpy", "torch")


class WallError(RuntimeError):
    """The wall can't be built, or does not hold; the message says what to do."""


class Unwalled(UserWarning):
    """Student code runs with the instructor's own rights."""


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
    return options


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
    for module in policy.MODULES:
        source = PACKAGE / f"{module}.py"
        options += ["--ro-bind", str(source), f"{policy.GRADER}/autograder/{module}.py"]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", policy.SCRATCH]
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    return options


def python_path(first: str) -> str:
    """Return where Python looks for modules besides its own folders."""
    sites = {str(Path(str(find_spec(name).origin)).parent.parent) for name in NEEDED}  # type: ignore[union-attr]
    return os.pathsep.join([first, *sorted(sites - set(default_sites()))])


def default_sites() -> list[str]:
    """Return the folders that this Python looks in by itself."""
    import site

    return site.getsitepackages()


class Session:
    """One submission's process on one side, seen from outside."""

    def __init__(self, line: socket.socket, scratch: str | None) -> None:
        self.line, self.scratch = line, scratch
        self.report: dict[str, Any] | None = None

    def kill(self) -> None:
        """Have all that is left of the submission ended, without waiting."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def end(self, seconds: float = 10.0) -> dict[str, Any]:
        """End all that is left of the submission, and return how it ended."""
        if self.report is None:
            self.kill()
            self.report = self.wait(seconds)
            self.line.close()
            if self.scratch:
                shutil.rmtree(self.scratch, ignore_errors=True)
        return self.report

    def wait(self, seconds: float) -> dict[str, Any]:
        """Return the keeper's report."""
        self.line.settimeout(seconds)
        raw = b""
        with contextlib.suppress(OSError):
            while part := self.line.recv(1 << 16):
                raw += part
        if not raw:
            return {"error": "the process's keeper has gone"}
        return json.loads(raw)


class Side:
    """The warm process of one side of the split."""

    def __init__(self, role: str, rules: Policy) -> None:
        self.role, self.rules = role, rules
        command = self.command()
        self.control, inner = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self.log: IO[bytes] = tempfile.TemporaryFile()
        number = inner.fileno()
        self.process = subprocess.Popen(
            [*command, str(number)],
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            env=self.environment(),
            cwd="/",
        )
        inner.close()

    def command(self) -> list[str]:
        """Return the command line of the warm process, without its socket's number."""
        python = [sys.executable, "-s", "-m", "autograder.sandbox.nest", self.role]
        if not self.rules.walled:
            return python
        program = shutil.which("bwrap")
        if program is None:
            raise WallError(
                "bubblewrap is not installed: `apt install bubblewrap` or "
                "`dnf install bubblewrap`; or `--sandbox none`, without a wall"
            )
        return [*bubblewrap_command(program), "--", *python]

    def environment(self) -> dict[str, str]:
        """Return the environment: what the policy lists, and no more."""
        own = dict(policy.ENVIRONMENT)
        if not self.rules.walled:
            own["HOME"] = tempfile.gettempdir()
            own["PYTHONPATH"] = python_path(str(PACKAGE.parent))
        return own

    def ready(self) -> None:
        """Wait until the process has warmed up."""
        seconds = self.rules.start_seconds
        done, _, _ = select.select([self.control], [], [], seconds)
        raw = self.control.recv(1 << 16) if done else b""
        if not raw:
            self.process.kill()
            raise WallError(
                f"the {self.role}'s process did not start"
                f"{'' if done else f' in {seconds:g} s'}: {self.last_words()}"
            )

    def last_words(self) -> str:
        """Return what the process wrote on stderr."""
        self.log.seek(0)
        text = self.log.read().decode(errors="replace").strip()[-2000:]
        cures = {
            "setting up uid map": "allow user namespaces: "
            "sysctl kernel.unprivileged_userns_clone=1",
            "No permissions to create new namespace": "allow user namespaces: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        }
        found = [cure for sign, cure in cures.items() if sign in text]
        return "\n".join([text or "it said nothing", *found])

    def fork(
        self, limits: Limits, descriptors: list[int], memory_mib: int | None = None
    ) -> Session:
        """Fork for one submission, which gets the descriptors from number 3 on.

        A student's first two become stdout and stderr.
        """
        ours, theirs = socket.socketpair()
        scratch = None if self.rules.walled else tempfile.mkdtemp(prefix="scratch-")
        own = limits.as_dict() | {"cpu_seconds": int(limits.total_seconds) + 1}
        own["memory_mib"] = memory_mib or limits.memory_mib
        order = {"role": self.role, "walled": self.rules.walled, "limits": own}
        raw = json.dumps(order | {"scratch": scratch}).encode()
        try:
            socket.send_fds(self.control, [raw], [theirs.fileno(), *descriptors])
        except OSError:
            raise WallError(f"the warm process has gone: {self.last_words()}") from None
        theirs.close()
        return Session(ours, scratch)

    def stop(self) -> None:
        """End the warm process and all that it has forked."""
        self.control.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class WarmProcess:
    """The warm processes of both sides; a context manager."""

    def __init__(self, rules: Policy | None = None, probe: bool = True) -> None:
        self.policy = rules or Policy()
        self.probe = probe
        self.findings: list[Any] = []

    @property
    def walled(self) -> bool:
        """Whether there is a wall; verdicts without one are to be marked."""
        return self.policy.walled

    def __enter__(self) -> WarmProcess:
        """Start both sides, and probe the wall; WallError where it does not hold."""
        if not self.walled:
            text = "no sandbox: students' code runs with your own rights"
            warnings.warn(text, Unwalled, stacklevel=2)
        self.started = time.monotonic()
        self.student = Side("student", self.policy)
        try:
            self.checker = Side("checker", self.policy)
        except BaseException:
            self.student.stop()
            raise
        try:
            self.student.ready()
            self.checker.ready()
            if self.probe and self.walled:
                self.hold()
        except BaseException:
            self.__exit__()
            raise
        return self

    def hold(self) -> None:
        """Probe the wall; raise WallError where it does not hold."""
        from autograder.sandbox import doctor

        self.findings = doctor.probe(self)
        bad = [finding for finding in self.findings if not finding.ok]
        if bad:
            raise WallError("the sandbox does not hold:\n" + "\n".join(map(str, bad)))

    def __exit__(self, *_: object) -> None:
        """End both sides."""
        self.student.stop()
        self.checker.stop()
