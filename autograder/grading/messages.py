"""Messages between the grader and its workers: a kind, a length, then bytes.

An answer to a job is one; `MORE_TIME` comes before it where the worker has work to do
that the job's deadline does not count, and says how many seconds that may take.
"""

from __future__ import annotations

import os
import select
import struct
import time

MESSAGE_HEAD = struct.Struct(">BQ")
ANSWER, MORE_TIME = 0, 1
MESSAGE_PART = 1 << 16


def send_message(
    pipe: int, message: bytes, kind: int = ANSWER, until: float | None = None
) -> None:
    """Write a message, or raise TimeoutError where nobody takes it in time.

    With a deadline the pipe must not be one that blocks.
    """
    left = memoryview(MESSAGE_HEAD.pack(kind, len(message)) + message)
    while left:
        if not select.select([], [pipe], [], seconds_left(until))[1]:
            raise TimeoutError("it took no message in time")
        left = left[os.write(pipe, left[:MESSAGE_PART]) :]


def take_message(pipe: int, until: float | None = None) -> tuple[int, bytes]:
    """Read a message and its kind; raise EOFError where the other end is gone.

    Raises:
        TimeoutError: if it does not come in time.

    """
    kind, size = MESSAGE_HEAD.unpack(take_bytes(pipe, MESSAGE_HEAD.size, until))
    return kind, take_bytes(pipe, size, until)


def take_bytes(pipe: int, size: int, until: float | None) -> bytes:
    """Read so many bytes."""
    parts = bytearray()
    while len(parts) < size:
        if not select.select([pipe], [], [], seconds_left(until))[0]:
            raise TimeoutError("it gave no answer in time")
        part = os.read(pipe, min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError("the pipe is closed")
        parts += part
    return bytes(parts)


def seconds_left(until: float | None) -> float | None:
    """Return how long it is to a deadline; None where there is none."""
    return None if until is None else max(0.0, until - time.monotonic())
