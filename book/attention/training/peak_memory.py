"""How much memory a computation holds at its worst moment, told by torch's profiler."""

import os
from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler tells when it starts


def allocations(call: Callable[[], object]) -> list[int]:
    """Return the bytes that torch's allocator took (> 0) and gave back, in order.

    It counts what tensors take, to the byte; not what a library of matrix products
    takes for itself, nor what the system gives the process.
    """
    with (
        torch.no_grad(),
        profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen,
    ):
        call()
    assert seen.profiler is not None
    events = seen.profiler.kineto_results.events()
    asked = [event for event in events if event.name() == "[memory]"]
    return [event.nbytes() for event in sorted(asked, key=lambda e: e.start_ns())]


def peak_bytes(call: Callable[[], object]) -> int:
    """Return the most bytes that a call holds at once, beside what stood there before.

    The running sum of its allocations, at its maximum. What the call returns is in it.
    """
    held = peak = 0
    for change in allocations(call):
        held += change
        peak = max(peak, held)
    return peak
