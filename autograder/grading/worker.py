"""One worker of the local pool: a process that takes jobs and returns verdicts.

Jobs and verdicts are JSON behind their length, on stdin and stdout. The first message
is what the engine needs to start; the answer to it is empty, or says what is wrong.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

from autograder.course import CourseError
from autograder.grading.judge import failed, grade_job
from autograder.model.job import Job
from autograder.wall.warm import Gone

HEAD = struct.Struct(">Q")
PR_SET_PDEATHSIG = 1


def send(pipe: BinaryIO, message: bytes) -> None:
    """Write one message."""
    pipe.write(HEAD.pack(len(message)) + message)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes | None:
    """Read one message; None when the other end has closed or died."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    (size,) = HEAD.unpack(head)
    message = pipe.read(size)
    return message if len(message) == size else None


def make_engine(order: dict[str, Any]) -> Any:
    """Return the engine that an order names, as a context manager."""
    module, _, name = order["engine"].partition(":")
    return getattr(importlib.import_module(module), name)(**order["settings"])


def serve(orders: BinaryIO, replies: BinaryIO) -> None:
    """Grade jobs until the orders end."""
    first = receive(orders)
    if first is None:
        return
    with contextlib.ExitStack() as stack:
        try:
            engine = stack.enter_context(make_engine(json.loads(first)))
        except Exception as error:
            known = isinstance(error, CourseError)
            text = str(error) if known else f"{type(error).__name__}: {error}"
            send(replies, text.encode() or b"unknown")
            return
        send(replies, b"")
        while (message := receive(orders)) is not None:
            job = Job.from_bytes(message)
            try:
                graded = grade_job(job, engine)
            except Gone as error:  # another worker takes over, warm again
                print(error, file=sys.stderr)
                return
            except Exception as error:
                graded = failed(job, f"{type(error).__name__}: {error}")
            send(replies, json.dumps(graded.to_json(), sort_keys=True).encode())


def die_with_parent() -> None:
    """End this process when the grader ends, however that ends."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def main() -> None:
    """Serve on stdin and stdout; what anything else prints goes to stderr."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    with contextlib.suppress(BrokenPipeError):
        serve(orders, replies)


if __name__ == "__main__":
    main()
