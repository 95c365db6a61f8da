"""Binary addition: two numbers under one another, the ones first."""

from typing import NamedTuple

import torch
from torch import Tensor


class Sums(NamedTuple):
    """Two binary numbers a column, and their sum."""

    columns: Tensor  # (rows, bits + 1): 1 + a + 2 b at each place, 0 behind both
    sums: Tensor  # (rows, bits + 1): 0 or 1


def write_sums(a: Tensor, b: Tensor) -> Sums:
    """Put the bits of a and b, both (rows, bits), under one another, and add them."""
    rows, bits = a.shape
    columns = torch.zeros(rows, bits + 1, dtype=torch.long)
    columns[:, :bits] = 1 + a + 2 * b
    sums, carry = torch.zeros_like(columns), torch.zeros(rows, dtype=torch.long)
    for i in range(bits):
        total = a[:, i] + b[:, i] + carry
        sums[:, i], carry = total % 2, total // 2
    sums[:, bits] = carry
    return Sums(columns, sums)


def draw_sums(
    rows: int,
    bits: int,
    generator: torch.Generator,
    planted: float = 0.0,
    idle: float = 0.0,
) -> Sums:
    """Draw random sums; in a share of them, plant a carry that runs for long.

    A planted carry starts where both bits are 1 and runs through places where just
    one is. Start and length are random. In a share `idle` of the planted chains both
    bits are 0 at the start: nothing runs.
    """
    a, b = (torch.randint(2, (rows, bits), generator=generator) for _ in range(2))
    if planted:
        chosen = torch.rand(rows, 1, generator=generator) < planted
        start = torch.randint(bits, (rows, 1), generator=generator)
        length = torch.randint(1, bits + 1, (rows, 1), generator=generator)
        place = torch.arange(bits)
        b = torch.where(chosen & (place > start) & (place <= start + length), 1 - a, b)
        first = torch.ones(rows, 1, dtype=torch.long)
        if idle:
            first[torch.rand(rows, generator=generator) < idle] = 0
        a, b = (torch.where(chosen & (place == start), first, x) for x in (a, b))
    return write_sums(a, b)


def longest_carries(
    rows: int, bits: int, generator: torch.Generator, places: int | None = None
) -> Sums:
    """Draw sums whose carry starts at the ones and runs through all places.

    The first is 1 + 11…1. With `places` it runs through so many; beyond them both
    numbers are 0.

    Raises:
        ValueError: unless the carry runs through 1 to `bits` places.

    """
    places = bits if places is None else places
    if not 1 <= places <= bits:
        raise ValueError(f"places: expected 1 to {bits}, got {places}")
    a = torch.randint(2, (rows, bits), generator=generator)
    a[0] = 0
    b = 1 - a
    a[:, 0] = b[:, 0] = 1
    a[:, places:] = b[:, places:] = 0
    return write_sums(a, b)


def long_chains(rows: int, bits: int, generator: torch.Generator) -> Sums:
    """Draw sums in which all places but the ones hold one 1: half with a carry.

    In the first half of the rows a carry starts at the ones and runs through all
    places. In the others nothing starts, and nothing may be carried: whoever guesses
    from the places nearby gets one half wrong.
    """
    a = torch.randint(2, (rows, bits), generator=generator)
    b = 1 - a
    a[:, 0] = b[:, 0] = (torch.arange(rows) < rows // 2).long()
    return write_sums(a, b)


def carry_lengths(sums: Sums) -> Tensor:
    """Return for each row through how many places its longest carry runs, (rows,).

    The place where it starts is counted, the one where it ends is not.
    """
    both, one = sums.columns == 4, (sums.columns == 2) | (sums.columns == 3)
    running = longest = torch.zeros(len(both), dtype=torch.long)
    for i in range(both.shape[1]):
        goes_on = one[:, i] & (running > 0)
        running = torch.where(both[:, i], 1, torch.where(goes_on, running + 1, 0))
        longest = torch.maximum(longest, running)
    return longest
