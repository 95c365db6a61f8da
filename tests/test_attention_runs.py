"""Runs in a file: a line each, in order."""

import json

import pytest

from attention.data.files import book_file
from attention.training.runs import write_runs


@pytest.mark.parametrize("name, kind", [("experts", "name"), ("neural-gpu", "trick")])
def test_stored_runs_written_again_are_the_same_bytes(tmp_path, name, kind):
    text = book_file(f"data/{name}.json").read_text("utf-8")
    head = json.loads(text)
    runs = head.pop("runs")
    order = list(dict.fromkeys(run[kind] for run in runs))
    write_runs(tmp_path / "again.json", runs[::-1], kind, order, **head)
    assert (tmp_path / "again.json").read_text("utf-8") == text


def test_runs_stand_by_kind_and_then_by_seed(tmp_path):
    runs = [{"is": k, "seed": n} for k, n in (("b", 1), ("a", 2), ("b", 0))]
    write_runs(tmp_path / "runs.json", runs, "is", ["b", "a"], steps=3)
    found = json.loads((tmp_path / "runs.json").read_text("utf-8"))
    assert found == {"steps": 3, "runs": [runs[2], runs[0], runs[1]]}
