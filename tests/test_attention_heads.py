"""Four heads in one figure: its arcs, its switches, what it says without script."""

import json
import re

import numpy as np
import pytest

from attention.data.files import BOOK
from attention.figures.heads import Ablated, heads_at_once
from attention.figures.live_figure import Interactive
from tests.support.markup import from_outside
from tests.support.places import ROOT
from tests.support.stage import axe_faults, in_both_themes, overflow, said

TEXT, OFFSETS = "abcdefg", (1, 3)


def looks(offset: int) -> list[list[int]]:
    """Return weights (7, 7) in percent that all look so far back."""
    return (90 * np.roll(np.eye(7, dtype=int), offset, 0) + 1).tolist()


def answers(*on: bool) -> list[str]:
    """Return what two heads answer: a head that is off says x."""
    rolled = [TEXT[-o:] + TEXT[:-o] for o in OFFSETS]
    return [said if here else "x" * 7 for said, here in zip(rolled, on, strict=True)]


def model(**changed) -> Ablated:
    """Return two heads that look 3 back and 1 back, in this order."""
    given = {
        "text": TEXT,
        "offsets": OFFSETS,
        "weights": [looks(3), looks(1)],
        "right": [[0.1, 0.2], [0.1, 1.0], [1.0, 0.2], [1.0, 0.9]],
        "answers": [answers(bool(c & 2), bool(c & 1)) for c in range(4)],
    }
    return Ablated(**given | changed)


def figure(**changed) -> Interactive:
    given = {"letter": 4, "off": [0], "title": "Two heads", "alt": "two arcs"}
    return heads_at_once(model(), **given | changed)


def test_a_question_belongs_to_the_head_whose_loss_takes_its_answer():
    assert model().whose() == [1, 0]


def test_without_script_the_figure_shows_the_answers_that_are_left():
    html = figure().html
    assert "Without head 1: right on new examples 1 back 1.00, 3 back 0.20." in html
    rows = re.findall(r'class="letters"[^>]*>(.*?)</div>', html)
    assert [re.sub("<.*?>", "", row) for row in rows] == [TEXT, "gabcdef", "x" * 7]
    assert rows[2].count("no") == 7 and "no" not in rows[1]


def test_without_script_no_switch_is_shown():
    assert all(
        "hidden" in box for box in re.findall("<input type=.checkb.*?>", figure().html)
    )
    assert '<div class="controls" hidden>' in figure().html


def test_an_arc_over_the_start_of_the_ring_comes_in_at_the_end():
    paths = re.findall(r'<path class="hd0[^>]*d="([^"]*)"', figure().html)
    assert [path.count("M") for path in paths] == [2, 2, 2, 1, 1, 1, 1]
    assert paths[3].startswith("M3.5 100") and paths[3].endswith("0.5 100")


def test_each_choice_of_heads_needs_its_case():
    with pytest.raises(ValueError, match="expected 4 cases for 2 heads: got 3 rows"):
        heads_at_once(
            model(right=[[0, 0]] * 3), letter=0, off=[], title="", alt="two arcs"
        )


def test_the_same_figure_gives_the_same_bytes_and_asks_nothing_of_the_network():
    assert figure().html == figure().html
    assert figure().html != figure(off=[1]).html
    assert not from_outside(figure().html)


def test_the_stored_model_loses_with_each_head_one_question_alone():
    stored = Ablated(**json.loads((BOOK / "data/heads.json").read_text("utf-8")))
    assert sorted(stored.whose()) == [0, 1, 2, 3]
    for question, head in enumerate(stored.whose()):
        left = stored.right[15 & ~(1 << head)]
        assert left[question] < 0.1
        assert min(np.delete(left, question)) > 0.98


# --- in a browser ---


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_in_the_heads(stage, theme):
    tab = stage(figure(), theme=theme)
    assert axe_faults(tab) == []


@pytest.mark.slow
def test_the_heads_fit_a_phone(stage):
    assert overflow(stage(figure())) == 0


@pytest.mark.slow
def test_on_the_sites_paper_each_row_keeps_the_name_of_its_question(stage):
    paper = (ROOT / "book/_static/page.css").read_text("utf-8")
    tab = stage(f'<div class="bd-article">{figure().html}</div>', style=paper)
    tab.emulate_media(media="print")
    assert tab.get_by_role("checkbox").count() == 0
    assert all(name.is_visible() for name in tab.locator(".ask i").all())


@pytest.mark.slow
def test_a_switch_turns_the_answers_of_its_head_to_what_the_model_says(stage):
    tab = stage(figure())
    rows = tab.locator(".ask")
    assert said(tab).startswith("Without head 1: ")
    tab.get_by_role("checkbox", name="head 1").press("Space")
    assert rows.nth(1).locator(".letters").inner_text().replace("\n", "") == "efgabcd"
    assert said(tab) == "All on: right on new examples 1 back 1.00, 3 back 0.90."
    assert tab.locator(".no").count() == 0
    tab.get_by_role("checkbox", name="head 2").click()
    assert rows.nth(0).locator(".score").inner_text() == "0.10"
    assert rows.nth(0).locator(".no").count() == 7
    assert rows.nth(1).locator(".no").count() == 0


@pytest.mark.slow
def test_arrow_keys_and_the_pointer_choose_the_letter(stage):
    tab = stage(figure())
    slider = tab.get_by_role("slider")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "4, “d”"
    tab.locator(".top .letters b").nth(6).click()
    assert slider.input_value() == "6"
    assert tab.locator(".arcs path.at").count() == 2
    assert tab.locator("b.at").count() == 3  # of the text and of each row


@pytest.mark.slow
def test_the_script_draws_at_the_start_what_stands_there_without_it(stage):
    tab = stage(figure())
    badges = "[...document.querySelectorAll('.arcs i')].map((i) => i.style.cssText)"
    without = re.findall(r'<i class="hd\d[^"]*" style="([^"]*)"', figure().html)
    shown = [[float(x) for x in re.findall(r"[\d.]+", style)] for style in without]
    drawn = [re.findall(r"[\d.]+", style) for style in tab.evaluate(badges)]
    assert np.allclose(np.array(drawn, float), shown, atol=0.06)
    assert (
        said(tab) == "Without head 1: right on new examples 1 back 1.00, 3 back 0.20."
    )
    assert tab.locator("path.at").count() == 2
