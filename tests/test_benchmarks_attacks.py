"""The benchmark of attacks says of each what became of it."""

import pytest

from benchmarks.attacks import grade_corpus, make_course, summary
from tests.attacks import graded


@pytest.mark.slow
def test_a_row_says_what_became_of_an_attack(tmp_path, monkeypatch):
    monkeypatch.setattr(graded, "ATTACKS", graded.ATTACKS[:2])
    make_course(tmp_path / "course")
    rows, left = grade_corpus(tmp_path / "course")
    assert [row["name"] for row in rows] == [one.name for one in graded.ATTACKS]
    assert left == 0 and summary(rows)["class_not_finished"] == 0
