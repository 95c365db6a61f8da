"""A window as a mask and by blocks: the tables of the library, in the page's script."""

import re

import pytest

from attention.figures.window_blocks import (
    block_states,
    say_blocks,
    show_window_blocks,
)
from attention.mechanisms.windows import sliding_window_mask
from tests.support.markup import from_outside
from tests.support.stage import (
    axe_faults,
    controls_left,
    course_style,
    in_both_themes,
    overflow,
    said,
    small_targets,
)

N = 11


def figure(start=3):
    return show_window_blocks(N, start, title="Skipped", alt="two tables of scores")


def looks(html: str) -> list[list[str]]:
    tables = re.findall(r'class="table"[^>]*>(.*?)</div>', html)
    return [re.findall(r'<i class="(\w+)"', table) for table in tables]


@pytest.mark.parametrize("window", [1, 2, 3, 7, 11])
def test_blocks_compute_all_that_is_used_and_two_blocks_a_query_at_most(window):
    used, made = block_states(N, window)
    assert used.equal(sliding_window_mask(N, window))
    assert (made | ~used).all()
    assert made.sum(1).max() <= 2 * window


def test_a_mask_leaves_nothing_out_and_blocks_do():
    mask, blocks = looks(figure().html)
    assert set(mask) == {"seen", "made"} and set(blocks) == {"seen", "made", "left"}
    assert mask.count("seen") == blocks.count("seen") == 3 * N - 3


def test_it_is_the_same_each_time_and_asks_nothing_of_the_network():
    assert figure().html == figure().html
    assert not from_outside(figure().html)


@pytest.mark.slow
@in_both_themes
def test_the_script_draws_what_python_draws_for_every_window(stage, theme):
    tab = stage(figure(), style=course_style(), theme=theme)
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    tab.get_by_role("slider").press("Home")
    shown = "[...document.querySelectorAll('.table i')].map((one) => one.className)"
    for window in range(1, N + 1):
        mask, blocks = looks(figure(window).html)
        assert tab.evaluate(shown) == [*mask, *blocks]
        assert said(tab) == say_blocks(N, window)
        tab.get_by_role("slider").press("ArrowRight")
    assert not small_targets(tab, "input")


@pytest.mark.slow
def test_without_script_and_on_paper_there_is_no_control(stage):
    assert controls_left(stage, figure()) == []


def test_the_sentence_counts():
    said_of_all = say_blocks(4, 4)
    assert said_of_all.startswith("Window 4: 10 scores are used.")
    assert said_of_all.endswith("As a mask all 16 are computed, by blocks 16.")
