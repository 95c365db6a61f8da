"""The meter of memory: sums that are known, to the byte."""

import torch

from attention.mechanisms.scaled_dot_product import scaled_dot_product
from attention.mechanisms.tiled import tiled_attention
from attention.training.peak_memory import allocations, peak_bytes

KIB = 1024


def test_what_is_held_at_once_counts_and_what_was_given_back_does_not():
    def one_after_the_other():
        for _ in range(5):
            torch.zeros(1000 * KIB, dtype=torch.uint8)

    def beside_each_other():
        return [torch.zeros(1000 * KIB, dtype=torch.uint8) for _ in range(5)]

    assert peak_bytes(one_after_the_other) == 1000 * KIB
    assert peak_bytes(beside_each_other) == 5000 * KIB


def test_all_that_was_taken_is_more_than_the_peak_where_blocks_are_given_back():
    def call():
        for _ in range(5):
            torch.zeros(1000 * KIB, dtype=torch.uint8)

    found = allocations(call)
    assert sum(size for size in found if size > 0) == 5000 * KIB
    assert sum(found) == 0


def test_the_whole_table_is_two_tables_and_two_arrays():
    n, d = 512, 16
    q, k, v = torch.zeros(3, n, d)
    whole = peak_bytes(lambda: scaled_dot_product(q, k, v)[0])
    assert whole == 4 * (2 * n * n + 2 * n * d)
    assert peak_bytes(lambda: tiled_attention(q, k, v, 32)) < whole / 10
