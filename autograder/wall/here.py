"""Warm processes without a wall, forked from this process: for code of one's own.

`check` runs what the student who calls it wrote. There is nothing to keep out, so the
two sides need no start of their own: torch is imported once, here, and both are forks.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import IO, Any, NoReturn

from autograder.inside import forks as nest
from autograder.wall.policy import Policy
from autograder.wall.warm import Side, WarmPair

HIGHEST = 4096


class Fork:
    """A forked process, with the methods of `Popen` that a `Side` uses."""

    def __init__(self, number: int) -> None:
        self.number = number

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended; TimeoutExpired if it has not by then."""
        until = None if timeout is None else time.monotonic() + timeout
        with contextlib.suppress(ChildProcessError):
            while not os.waitpid(self.number, os.WNOHANG)[0]:
                if until is not None and time.monotonic() > until:
                    raise subprocess.TimeoutExpired("fork", timeout or 0)
                time.sleep(0.002)

    def kill(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, signal.SIGKILL)


class ForkedSide(Side):
    """One side of the split as a fork of this process."""

    def __init__(self, role: str, rules: Policy) -> None:
        self.role, self.rules = role, rules
        self.control, inner = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self.log: IO[bytes] = tempfile.TemporaryFile()
        number = os.fork()
        if number == 0:
            become(role, inner.fileno(), self.log.fileno(), self.environment())
        inner.close()
        self.process: Any = Fork(number)


def become(role: str, control: int, log: int, environment: dict[str, str]) -> NoReturn:
    """Be the warm process of a side, and end."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for number, source in enumerate((null, null, log)):
            os.dup2(source, number)
        os.closerange(3, control)  # the other ends too: what closes has to be seen
        os.closerange(control + 1, HIGHEST)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
        os.environ.clear()
        os.environ.update(environment)
        os.chdir("/")
        sys.argv = ["nest", role, str(control), "cold"]
        nest.main()
    finally:
        os._exit(0)


class WarmHere(WarmPair):
    """Both sides as forks of this process, without a wall."""

    def __init__(self) -> None:
        super().__init__(Policy(sandbox="none"), lambda _: [])

    def __enter__(self) -> WarmHere:
        """Import what assignments import, and fork both sides."""
        import torch  # noqa: F401  (once, for both)

        self.started = time.monotonic()
        self.student = ForkedSide("student", self.policy)
        self.checker = ForkedSide("checker", self.policy)
        try:
            self.student.ready()
            self.checker.ready()
        except BaseException:
            self.__exit__()
            raise
        return self
