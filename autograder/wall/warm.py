"""The wall from outside: the warm processes behind it.

    with WarmPair(Policy(), probes.probe) as warm:
        student = warm.student.fork(limits, [link, out, err])
        ...
        report = student.end()

A `WarmPair` is two warm processes, one for each side of the split, each in a
bubblewrap of its own. With `sandbox="none"` there is no bubblewrap; `walled` says so.
Several workers may use one: each inherits the `descriptors` of it, and says so.
"""

from __future__ import annotations

import contextlib
import json
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from typing import IO, Any

from autograder.model.finding import Finding
from autograder.model.limits import Limits
from autograder.model.versions import GRADER_ROOT
from autograder.wall import policy
from autograder.wall.bubblewrap import (
    WallError,
    bubblewrap_command,
    python_path,
)
from autograder.wall.policy import Policy

KEEPER_GONE = "the process's keeper has gone"


class Gone(WallError):
    """The warm process, or what kept a submission, has ended: start another one.

    `Side.fork` raises it, and `session.raise_if_broken`. `grading/worker.py` catches it
    and ends, so that the pool runs the job again in a new worker: nobody's mark.
    """


class Unwalled(UserWarning):
    """Student code runs with the instructor's own rights."""


Probe = Callable[["WarmPair"], list[Finding]]


class Session:
    """One submission's process on one side, seen from outside."""

    def __init__(self, line: socket.socket, scratch: str | None) -> None:
        self.line, self.scratch = line, scratch
        self.report: dict[str, Any] | None = None

    def kill(self) -> None:
        """Have all that is left of the submission ended, without waiting."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def end(self, seconds: float = 60.0) -> dict[str, Any]:
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
            return {"error": KEEPER_GONE}
        return json.loads(raw)


class Side:
    """The warm process of one side of the split; one of another worker, if `shared`."""

    process: subprocess.Popen[bytes] | None = None

    def __init__(self, role: str, rules: Policy, shared: int | None = None) -> None:
        self.role, self.rules = role, rules
        if shared is None:
            self.start()
        else:
            self.control = socket.socket(fileno=shared)

    def start(self) -> None:
        """Start the warm process."""
        command = self.command()
        self.control, inner = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self.log: IO[bytes] = tempfile.TemporaryFile()
        number = inner.fileno()
        self.process = subprocess.Popen(
            [*command, str(number), *([] if self.rules.warm else ["cold"])],
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            env=self.environment(),
            cwd="/",
            start_new_session=True,
        )
        inner.close()

    def command(self) -> list[str]:
        """Return the command line of the warm process, without its socket's number."""
        python = [sys.executable, "-s", "-m", "autograder.inside.forks", self.role]
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
            own["PYTHONPATH"] = python_path(str(GRADER_ROOT.parent))
        return own

    def ready(self) -> None:
        """Wait until the process has warmed up."""
        if self.process is None:
            return
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
        if self.process is None:
            return "it was another worker's"
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
            ours.close()
            if scratch:
                shutil.rmtree(scratch, ignore_errors=True)
            raise Gone(f"the warm process has gone: {self.last_words()}") from None
        finally:
            theirs.close()
        return Session(ours, scratch)

    def stop(self) -> None:
        """End the warm process and all that it has forked."""
        self.control.close()
        if self.process is None:
            return
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class WarmPair:
    """The warm processes of both sides; a context manager.

    `probe` says whether the wall holds, and must be given: see `probes.py`.
    """

    def __init__(
        self,
        rules: Policy,
        probe: Probe,
    ) -> None:
        self.policy, self.probe = rules, probe
        self.shared: list[int] | list[None] = [None, None]

    @classmethod
    def lent(cls, rules: Policy, descriptors: list[int]) -> WarmPair:
        """Return the pair of another worker, who has started and probed it."""
        pair = cls(rules, lambda _: [])
        pair.shared = descriptors
        return pair

    @property
    def walled(self) -> bool:
        """Whether there is a wall; verdicts without one are to be marked."""
        return self.policy.walled

    def __enter__(self) -> WarmPair:
        """Start both sides, and probe the wall; WallError where it does not hold."""
        if not self.walled and self.shared[0] is None:
            text = "no sandbox: students' code runs with your own rights"
            warnings.warn(text, Unwalled, stacklevel=2)
        student, checker = self.shared
        self.student = Side("student", self.policy, student)
        try:
            self.checker = Side("checker", self.policy, checker)
        except BaseException:
            self.student.stop()
            raise
        try:
            self.student.ready()
            self.checker.ready()
            if self.walled:
                self.hold()
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def descriptors(self) -> list[int]:
        """The descriptors that another worker needs, to use this one."""
        return [self.student.control.fileno(), self.checker.control.fileno()]

    def alive(self) -> bool:
        """Whether both sides, started here, still run."""
        sides = self.student.process, self.checker.process
        return all(process and process.poll() is None for process in sides)

    def hold(self) -> None:
        """Probe the wall; raise WallError where it does not hold."""
        bad = [finding for finding in self.probe(self) if not finding.ok]
        if bad:
            raise WallError("the sandbox does not hold:\n" + "\n".join(map(str, bad)))

    def __exit__(self, *_: object) -> None:
        """End both sides."""
        self.student.stop()
        self.checker.stop()
