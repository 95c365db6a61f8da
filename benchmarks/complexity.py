"""Processor time of one layer: attention, recurrence, convolution, by length and width.

Each round times all layers at all sizes, one after another, so that what slows the
machine down slows all sides. The page of chapter 8 reads the medians.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.mechanisms.multi_head import MultiHeadedAttention
from attention.mechanisms.scaled_dot_product import scaled_dot_product
from benchmarks.record import ROOT, record

LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096)
WIDTHS = (16, 32, 64, 128, 256, 512)
HEADS = 4
ROUNDS = 9
LEAST = 0.002  # seconds: what is shorter is called several times
Layer = Callable[[Tensor], Tensor]


def main() -> None:
    """Measure all sizes, and write what chapter 8 reads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        result = measure(LENGTHS, WIDTHS, ROUNDS)
    finally:
        torch.set_num_threads(threads)
    record("complexity", result, folder=ROOT / "book" / "data")


def layers(d: int) -> dict[str, Layer]:
    """Return one layer of each kind, (1, n, d) to (1, n, d).

    Self-attention is chapter 7's layer, with W_o: its four projections have a bias.
    """
    one, several = (MultiHeadedAttention(h, d, dropout=0.0).eval() for h in (1, HEADS))
    rnn = nn.RNN(d, d, batch_first=True, bias=False)
    gru = nn.GRU(d, d, batch_first=True, bias=False)
    conv = nn.Conv1d(d, d, 3, bias=False)
    return {
        "attention, no projections": lambda x: scaled_dot_product(x, x, x)[0],
        "self-attention": lambda x: one(x, x, x),
        "self-attention, 4 heads": lambda x: several(x, x, x),
        "RNN": lambda x: rnn(x)[0],
        "GRU": lambda x: gru(x)[0],
        "convolution": lambda x: conv(F.pad(x.mT, (2, 0))).mT,
    }


def measure(
    lengths: tuple[int, ...], widths: tuple[int, ...], rounds: int
) -> dict[str, Any]:
    """Return for each layer and width the milliseconds at each length, and ratios."""
    sizes = [(n, d) for d in widths for n in lengths]
    inputs = {size: torch.randn(1, *size) for size in sizes}
    made = {d: layers(d) for d in widths}
    kinds = list(made[widths[0]])
    found: dict[tuple[str, int, int], list[float]] = {}
    for number in range(rounds):
        turn = number % len(kinds)  # each layer comes first in some round
        for n, d in sizes:
            for kind in kinds[turn:] + kinds[:turn]:
                spent = seconds(made[d][kind], inputs[n, d])
                found.setdefault((kind, d, n), []).append(spent)
        print(f"benchmarks: complexity: round {number + 1} of {rounds}", flush=True)

    def by_size(value: Callable[[str, int, int], float]) -> dict[str, Any]:
        return {
            kind: {
                str(d): [float(f"{value(kind, d, n):.4g}") for n in lengths]
                for d in widths
            }
            for kind in kinds
        }

    return {
        "what": "forward pass, float32, one sequence, one thread; processor time",
        "rounds": rounds,
        "n": list(lengths),
        "d": list(widths),
        "milliseconds": by_size(
            lambda kind, d, n: 1000 * statistics.median(found[kind, d, n])
        ),
        "times_self_attention": by_size(
            lambda kind, d, n: statistics.median(
                a / b
                for a, b in zip(
                    found[kind, d, n], found["self-attention", d, n], strict=True
                )
            )
        ),
    }


@torch.no_grad()
def seconds(layer: Layer, x: Tensor) -> float:
    """Return the processor time of one call, the mean of as many as are needed."""
    calls, spent = 0, 0.0
    layer(x)  # warm
    while spent < LEAST:
        start = time.thread_time()
        layer(x)
        spent += time.thread_time() - start
        calls += 1
    return spent / calls


if __name__ == "__main__":
    main()
