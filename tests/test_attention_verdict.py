"""The verdict on heads: shares, luck's band, thumbnails, and what the page says."""

import re
from functools import partial
from math import comb

import numpy as np
import pytest

from attention.figures.blanks import draw_blanks
from attention.figures.head_rows import Sentences, head_rows
from attention.figures.verdict import (
    choose_stops,
    count_hits,
    luck_of_the_best,
    say_verdict,
    verdict_figure,
    verdict_still,
)
from tests.support.stage import axe_faults, course_style, in_both_themes, overflow, said

HITS = np.random.default_rng(7).integers(0, 2, (41, 6))  # 2 layers of 3 heads
AROUND = {"layers": 2, "title": "None knows", "alt": "dots near one half"}
TOKENS = ["it", "was", "too"], ["it", "was", "not"]
TABLE = np.random.default_rng(3).dirichlet(np.ones(3), (2, 5, 2)).round(4)
TURNS = np.array([[1, 0, -1, 0, 0], [0, 0, 0, 0, 1]])


def rows(**options):
    given = {"turns": TURNS, "start": (1, 2), "title": "Two turn", "alt": "a grid"}
    both = Sentences(TOKENS, ("too", "not"), 0, (1, 2))
    return head_rows(TABLE, both, **given | options)


def test_one_coin_in_one_throw_may_be_right():
    assert luck_of_the_best(1, heads=72) == 1


@pytest.mark.parametrize("heads", [1, 5, 72])
def test_luck_is_the_least_number_that_all_coins_keep_below(heads):
    n, k = 50, luck_of_the_best(50, heads)
    chance = [sum(comb(n, i) for i in range(top + 1)) / 2**n for top in (k - 1, k)]
    assert chance[0] ** heads < 0.975 <= chance[1] ** heads


def test_more_heads_need_a_wider_band():
    assert luck_of_the_best(273, 72) > luck_of_the_best(273, 1) > 273 / 2


def test_shares_are_counted_from_the_first_sentence_on():
    count = count_hits(HITS, 2)
    assert np.allclose(count.shares(10), HITS[:10].mean(0))
    assert count.name(4) == "1.1"


def test_heads_that_layers_do_not_share_are_refused():
    with pytest.raises(ValueError, match="6 heads in 4 layers"):
        count_hits(HITS, 4)


def test_stops_begin_one_by_one_and_end_with_the_last():
    stops = choose_stops(273)
    assert stops[:5] == [1, 2, 3, 4, 5] and stops[-1] == 273
    assert stops == sorted(set(stops)) and len(stops) < 80


def test_the_sentence_counts_the_heads_that_look_wise():
    count = count_hits([[1, 1, 0], [1, 0, 0]], 1)
    assert say_verdict(count, 1).startswith("After 1 sentence 2 of 3 heads look wise")
    assert "The best is 0.0 with 100%" in say_verdict(count, 2)


@pytest.mark.parametrize(
    "figure",
    [
        lambda: verdict_figure(HITS, **AROUND),
        lambda: verdict_still(HITS, (1, 41), **AROUND),
        rows,
    ],
    ids=["verdict", "still", "rows"],
)
def test_a_figure_is_the_same_each_time_and_asks_nothing_of_the_network(figure):
    assert figure().html == figure().html
    assert not re.search(r"https?:|src=\"(?!data:)|@import|url\(", figure().html)
    assert len(re.findall(r'\sid="', figure().html)) == 1


def test_a_slider_waits_for_its_script():
    assert "<label hidden>" in verdict_figure(HITS, **AROUND).html
    assert "<label hidden>" in rows().html


def test_the_still_has_a_panel_for_each_number_and_no_slider():
    html = verdict_still(HITS, (1, 7, 41), **AROUND).html
    assert html.count("<svg") == 3 and "<input" not in html


def test_a_head_is_told_with_its_weights_and_its_turn():
    said = re.search(r'role="status"[^>]*>([^<]*)', rows(start=(0, 2)).html)[1]
    left, right = TABLE[0, 2]
    assert said == (
        f"Layer 0, head 2, too: was {left[1]:.2f}, too {left[2]:.2f}; "
        f"not: was {right[1]:.2f}, too {right[2]:.2f}. It turns the wrong way."
    )


def test_the_token_that_differs_stands_in_both_forms():
    assert "too · not" in rows().html


def test_rows_of_another_length_are_refused():
    both = Sentences((["it"], ["it"]), ("too", "not"), 0, (0, 0))
    with pytest.raises(ValueError, match=r"expected \(layers, heads, 2, 1\)"):
        head_rows(TABLE, both, turns=TURNS, start=(0, 0), title="", alt="a grid")


def test_each_chosen_token_shows_its_fate():
    drawn = draw_blanks("abcd", ["[MASK]", "b", "x", "d"], [1, 1, 1, 0], alt="a row")
    fates = re.findall(r">(hidden|kept|replaced|✓ loss)<", drawn.svg)
    half = ["hidden", "✓ loss", "kept", "✓ loss", "replaced", "✓ loss"]
    assert fates == 2 * half  # wide and narrow


# --- in a browser ---


@pytest.fixture
def page(stage):
    return partial(stage, style=course_style())


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 6, -1])
def test_the_page_says_what_python_says(page, at):
    tab = page(verdict_figure(HITS, **AROUND))
    stops = choose_stops(len(HITS))
    tab.locator("input").fill(str(at % len(stops)))
    count = count_hits(HITS, 2)
    assert said(tab) == say_verdict(count, stops[at])
    tall = [float(c) for c in tab.evaluate(CIRCLES)]
    expected = 226 - count.shares(stops[at]) * 200
    assert np.allclose(tall, expected, atol=0.06)


CIRCLES = (
    "[...document.querySelectorAll('svg:last-child > circle')]"
    ".map((c) => c.getAttribute('cy'))"
)


@pytest.mark.slow
def test_a_thumbnail_that_is_pressed_is_chosen(page):
    tab = page(rows())
    tab.locator(".grid i").nth(2).click()
    assert said(tab) in rows(start=(0, 2)).html
    shown = tab.locator("tbody td:first-child small").all_inner_texts()
    assert shown == [f"{w:.2f}" for w in TABLE[0, 2, 0]]


@pytest.mark.slow
def test_keys_choose_the_next_head(page):
    tab = page(rows(start=(0, 1)))
    tab.locator("input").press("ArrowRight")
    assert said(tab).startswith("Layer 0, head 2")
    assert tab.locator("input").get_attribute("aria-valuetext") == "layer 0, head 2"


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_and_a_phone_holds_the_figures(page, theme):
    still = verdict_still(HITS, (1, 41), **AROUND)
    tab = page(verdict_figure(HITS, **AROUND), still, rows(), theme=theme)
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
