"""The table that grows from chapter to chapter: its numbers, its HTML, its text."""

import json
import re
from html.parser import HTMLParser
from statistics import mean

import pytest

from attention.figures import thread
from attention.figures.thread import (
    CAPTION,
    CHAPTERS,
    REGIMES,
    read_thread,
    show_thread,
)

MEASURED = json.loads(thread.FILE.read_text("utf-8"))
PARTS = MEASURED["parts"]


def given(steps: int) -> dict:
    return {"steps": steps, "batch": 7, "rate": 0.01}


def run(steps: int, **scores) -> dict:
    return {"given": given(steps), "parameters": 12_345, **scores}


def made_up() -> dict:
    """Two models with numbers that are easy to work out by hand."""
    parts = {
        f"pace/{task}": {
            "times": {"03": 1.0, "04": 2.0},
            "seconds_a_step": {"03": 0.005, "04": 0.01},
        }
        for task in ("dates", "pairs")
    }
    for seed, match in ((4, 0.25), (5, 0.75)):
        name = f"run/dates/{{}}/{{}}/{seed}"
        parts[name.format("03", "steps")] = run(
            10, exact_match=0.0, alignment_error=None
        )
        for regime, steps in (("steps", 10), ("seconds", 5)):
            parts[name.format("04", regime)] = run(
                steps, exact_match=match, alignment_error=0.5
            )
    for chapter, regime, found in (
        ("03", "steps", 11.0),
        ("04", "steps", 33.0),
        ("04", "seconds", 22.0),
    ):
        parts[f"run/pairs/{chapter}/{regime}/4"] = run(
            10, bleu=found, bleu_all_references=found + 1, alignment_error=0.25
        )
    return {"models": {"03": "no <attention>", "04": "Bahdanau"}, "parts": parts}


@pytest.fixture
def small(tmp_path, monkeypatch):
    file = tmp_path / "thread.json"
    file.write_text(json.dumps(made_up()), encoding="utf-8")
    monkeypatch.setattr(thread, "FILE", file)


def test_means_over_seeds_worked_by_hand(small):
    dates = read_thread()["04"]["dates"]
    assert dates["equal steps"]["exact_match"] == 0.5
    assert dates["equal steps"]["exact_match_by_seed"] == [0.25, 0.75]
    assert dates["equal seconds"]["steps"] == 5
    assert dates["times"] == 2.0


def test_the_first_models_seconds_are_the_budget_so_its_regimes_are_one(small):
    first = read_thread()["03"]["pairs"]
    assert first["equal steps"] == first["equal seconds"]
    assert first["equal steps"]["bleu"] == 11


def test_a_model_without_attention_has_no_alignment_error(small):
    assert read_thread()["03"]["dates"]["equal steps"]["alignment_error"] is None
    assert "–" in repr(show_thread("03"))


def test_the_table_holds_the_chapters_so_far(small):
    heads = [
        re.findall(r'<th scope="col">([^<]+)<', show_thread(c)._repr_html_())
        for c in ("03", "04", "09")
    ]
    assert heads[0] == ["no &lt;attention&gt;"]
    assert heads[1] == heads[2] == ["no &lt;attention&gt;", "Bahdanau"]


def test_a_chapter_without_a_model_is_refused():
    with pytest.raises(ValueError, match="expected one of 03, 04, 05, 09, got '06'"):
        show_thread("06")


class Shape(HTMLParser):
    """Collects the cells of each row and checks that tags are closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[dict]] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append({"tag": tag, **dict(attrs)})

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_markup_is_whole_and_every_row_is_as_wide_as_the_head(small):
    shape = Shape()
    shape.feed(show_thread("04")._repr_html_())
    assert not shape.open
    assert {sum(int(c.get("colspan", 1)) for c in row) for row in shape.rows} == {3}


def test_every_head_says_what_it_is_the_head_of(small):
    shape = Shape()
    shape.feed(show_thread("04")._repr_html_())
    heads = [cell for row in shape.rows for cell in row if cell["tag"] == "th"]
    assert {head["scope"] for head in heads} == {"col", "row", "rowgroup"}
    assert all(row[0].get("scope") for row in shape.rows[1:])


def test_the_table_has_a_caption_and_can_be_scrolled_by_keyboard(small):
    text = show_thread()._repr_html_()
    assert f"<caption>{CAPTION}</caption>" in text
    assert re.search(r'role="region" aria-label="[^"]+" tabindex="0"', text)


def test_the_text_has_the_numbers_of_the_table(small):
    lines = repr(show_thread("04")).splitlines()
    [match] = [line for line in lines if line.startswith("  exact match, equal steps")]
    assert match.split()[-2:] == ["0.00", "0.50"]
    assert lines[lines.index(match) + 1].split() == ["0.00–0.00", "0.25–0.75"]


def test_the_note_says_what_is_equal(small):
    note = show_thread("04").note()
    assert "10 steps on dates" in note
    assert "7 at a time" in note


# --- what was measured ---


def test_every_part_that_the_models_need_was_measured():
    found = read_thread()
    assert list(found) == [c for c in CHAPTERS if c in MEASURED["models"]]
    for model in found.values():
        for task in ("dates", "pairs"):
            assert set(REGIMES) < set(model[task])


def test_equal_seconds_are_equal_by_the_paces():
    for model in read_thread().values():
        for task in ("dates", "pairs"):
            steps = [model[task][regime]["steps"] for regime in REGIMES]
            assert steps[1] == round(steps[0] / model[task]["times"])


def test_all_models_made_the_same_steps_on_the_same_batches():
    for task in ("dates", "pairs"):
        runs = [p["given"] for k, p in PARTS.items() if k.startswith(f"run/{task}/")]
        assert len({r["batch"] for r in runs}) == 1
        same = [m[task]["equal steps"]["steps"] for m in read_thread().values()]
        assert len(set(same)) == 1


def test_each_rate_is_the_best_of_those_tried_and_has_both_neighbours():
    for key, part in PARTS.items():
        if key.startswith("rate/"):
            losses = {float(rate): loss for rate, loss in part["losses"].items()}
            assert losses[part["rate"]] == min(losses.values())
            assert {part["rate"] / 2, part["rate"] * 2} < set(losses)


def test_the_runs_use_the_rates_that_were_chosen():
    for key, part in PARTS.items():
        if key.startswith("run/"):
            _, task, chapter, *_ = key.split("/")
            assert part["given"]["rate"] == PARTS[f"rate/{task}/{chapter}"]["rate"]


def test_a_mean_is_of_all_seeds():
    runs = [p for k, p in PARTS.items() if k.startswith("run/dates/04/steps/")]
    found = read_thread()["04"]["dates"]["equal steps"]
    assert found["exact_match"] == pytest.approx(mean(r["exact_match"] for r in runs))
    assert found["seeds"] == len(runs)
