"""One worker of the local pool: a process that takes jobs and returns verdicts.

Jobs and verdicts are JSON, in messages on stdin and stdout. The first message is what
the engine needs to start; the answer to it is empty, or says what is wrong. `announce`
is what the engine calls before it does what is done once for all submissions.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
from typing import Any

from autograder.course import CourseError
from autograder.grading.judge import grade_job, report_failure
from autograder.grading.messages import MORE_TIME, send_message, take_message
from autograder.inside import syscalls
from autograder.model.job import Job
from autograder.wall.warm import Gone


def make_engine(order: dict[str, Any]) -> Any:
    """Return the engine that an order names, as a context manager."""
    module, _, name = order["engine"].partition(":")
    return getattr(importlib.import_module(module), name)(**order["settings"])


def grade_orders(orders: int, replies: int) -> None:
    """Grade jobs until the orders end."""
    _, first = take_message(orders)
    with contextlib.ExitStack() as stack:
        try:
            engine = stack.enter_context(make_engine(json.loads(first)))
        except Exception as error:
            known = isinstance(error, CourseError)
            text = str(error) if known else f"{type(error).__name__}: {error}"
            send_message(replies, text.encode() or b"unknown")
            return
        engine.announce = lambda seconds: send_message(
            replies, str(float(seconds)).encode(), MORE_TIME
        )
        send_message(replies, b"")
        while True:
            job = Job.from_bytes(take_message(orders)[1])
            try:
                graded = grade_job(job, engine)
            except Gone as error:  # another worker takes over, warm again
                print(error, file=sys.stderr)
                return
            except Exception as error:
                graded = report_failure(job, f"{type(error).__name__}: {error}")
            answer = json.dumps(graded.to_json(), sort_keys=True)
            send_message(replies, answer.encode())


def die_with_parent() -> None:
    """End this process when the grader ends, however that ends."""
    if sys.platform == "linux":
        parent = os.getppid()
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def work() -> None:
    """Serve on stdin and stdout; what anything else prints goes to stderr."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies, orders = os.dup(1), os.dup(0)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    with contextlib.suppress(BrokenPipeError, EOFError):
        grade_orders(orders, replies)


if __name__ == "__main__":
    work()
