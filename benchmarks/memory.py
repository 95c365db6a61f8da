"""Peak memory and processor time of exact, windowed and linear attention, by length.

Memory is measured twice, in a process of its own for each way and length: by torch's
profiler, as the running sum of what its allocator takes and gives back, and by the
system, as the high-water mark of what the process has in memory. Times are those of
rounds that go through all ways in turn. The page of chapter 15 reads the result.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from attention.mechanisms.linear_attention import elu_features, linear_attention
from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.mechanisms.tiled import tiled_attention
from attention.mechanisms.windows import sliding_window_mask, window_attention
from attention.training.peak_memory import allocations, peak_bytes
from benchmarks.record import ROOT, record

LENGTHS = (512, 1024, 2048, 4096, 8192)
D, BLOCK, WINDOW, ROUNDS = 64, 256, 256, 7
MIB = 2**20
Call = Callable[[], Tensor]


def ways(n: int) -> dict[str, Call]:
    """Return each way to attend, ready to be called on the same n tokens."""
    draws = torch.Generator().manual_seed(15)
    q, k, v = (torch.randn(1, 1, n, D, generator=draws) for _ in range(3))
    mask = sliding_window_mask(n, WINDOW)  # made before, as for all layers of a model
    return {
        "whole table": lambda: scaled_dot_product(q, k, v)[0],
        "tiles": lambda: tiled_attention(q, k, v, BLOCK),
        "torch's SDPA": lambda: F.scaled_dot_product_attention(q, k, v),
        "SDPA, window as a mask": lambda: F.scaled_dot_product_attention(q, k, v, mask),
        "window by blocks": lambda: window_attention(q, k, v, WINDOW),
        "linear": lambda: linear_attention(q, k, v, elu_features),
    }


def main() -> None:
    """Measure all ways at all lengths, and write what chapter 15 reads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        spent = times(LENGTHS, ROUNDS)
    finally:
        torch.set_num_threads(threads)
    found = {
        name: {**spent[name], **by_length([child(name, n) for n in LENGTHS])}
        for name in spent
    }
    result = {
        "what": "one head, float32, forward, one thread; MiB above the inputs",
        "n": LENGTHS,
        "d": D,
        "block": BLOCK,
        "window": WINDOW,
        "rounds": ROUNDS,
        "ways": found,
    }
    record("memory", result, folder=ROOT / "book" / "data")


@torch.no_grad()
def times(lengths: tuple[int, ...], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return milliseconds, and how many times those of the whole table, medians."""
    found: dict[str, list[list[float]]] = {}
    for n in lengths:
        calls = ways(n)
        rows: dict[str, list[float]] = {name: [] for name in calls}
        for call in calls.values():
            call()  # warm
        for _ in range(rounds):
            for name, call in calls.items():
                start = time.thread_time()
                call()
                rows[name].append(1000 * (time.thread_time() - start))
        for name, row in rows.items():
            found.setdefault(name, []).append(row)
        print(f"benchmarks: memory: n = {n} timed", flush=True)
    whole = found["whole table"]
    return {
        name: {
            "milliseconds": [_short(statistics.median(row)) for row in rows],
            "times_whole_table": [
                _short(statistics.median(a / b for a, b in zip(row, base, strict=True)))
                for row, base in zip(rows, whole, strict=True)
            ],
        }
        for name, rows in found.items()
    }


def child(name: str, n: int) -> dict[str, float]:
    """Measure one way in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", name, str(n)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return json.loads(done.stdout)


@torch.no_grad()
def peaks(name: str, n: int) -> dict[str, float]:
    """Return the MiB that each meter sees in this process."""
    torch.set_num_threads(1)
    ways(256)[name]()  # warm: libraries take their own memory at the first call
    call = ways(n)[name]
    high_water = rise(call)
    handed_out = sum(size for size in allocations(call) if size > 0)
    return {
        "running_sum": _short(peak_bytes(call) / MIB),
        "high_water": _short(high_water / MIB),
        "handed_out": _short(handed_out / MIB),
    }


def rise(call: Call) -> int:
    """Return by how many bytes a call raises what the process has in memory, at most.

    Linux sets the high-water mark back to what is in memory now if a 5 is written
    there. Elsewhere the mark is that of the whole process, and only ever rises.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        call()
        return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    before = status("VmRSS")
    call()
    return 1024 * (status("VmHWM") - before)


def status(name: str) -> int:
    """Return a number of kB that Linux tells about this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def by_length(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    """Turn a dictionary for each length into one list for each name."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def _short(number: float) -> float:
    return float(f"{number:.4g}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(peaks(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
