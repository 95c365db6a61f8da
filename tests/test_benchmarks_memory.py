"""The benchmark of memory: two meters that agree, and a file of what it measures."""

import json

import pytest
import torch

from benchmarks import memory
from benchmarks.record import ROOT


def test_the_first_three_ways_give_the_same_output():
    calls = memory.ways(64)
    whole, tiles, sdpa = (calls[name]() for name in list(calls)[:3])
    torch.testing.assert_close(tiles, whole)
    torch.testing.assert_close(sdpa, whole)


def test_a_mask_and_blocks_give_the_same_window(monkeypatch):
    monkeypatch.setattr(memory, "WINDOW", 16)
    calls = memory.ways(64)
    masked, blocks = (calls[name]() for name in list(calls)[3:5])
    torch.testing.assert_close(masked, blocks)


def test_times_are_ratios_within_a_round():
    found = memory.times((32, 64), rounds=3)
    assert found["whole table"]["times_whole_table"] == [1, 1]
    assert all(len(way["milliseconds"]) == 2 for way in found.values())


@pytest.mark.slow
def test_both_meters_see_a_table_of_scores():
    n = 2048
    seen = memory.child("whole table", n)
    tables = 2 * 4 * n * n / memory.MIB
    assert seen["running_sum"] == pytest.approx(tables + 1, abs=0.1)
    assert seen["high_water"] == pytest.approx(tables, rel=0.15)


def test_the_file_holds_every_way_and_length():
    text = (ROOT / "book" / "data" / "memory.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert tuple(found["n"]) == memory.LENGTHS
    assert list(found["ways"]) == list(memory.ways(8))
    for way in found["ways"].values():
        assert {len(row) for row in way.values()} == {len(memory.LENGTHS)}
