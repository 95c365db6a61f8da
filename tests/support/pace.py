"""How long tests wait: never so short that a slow or busy machine decides.

A test may be beside a website's build, on a cold disk, on half a core. So what has to
end gets PATIENCE, what is to be stopped is stopped in one of ever longer LADDER steps,
and what has to happen is waited for, not slept for. `test_pace.py` looks after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 300.0  # seconds: only what hangs takes them
LADDER = (1.0, 10.0, 100.0)  # seconds a cell; honest ones beside it need milliseconds
POLL = 0.02

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], what: str = "it") -> Found:
    """Return what a condition gives, once that is true."""
    until = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < until, f"{what} did not happen in {PATIENCE:g} s"
        time.sleep(POLL)
    return found
