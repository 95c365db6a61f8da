"""The online softmax step by step: rows by the library, and a page that shows them."""

import re

import pytest
import torch

from attention.figures.online_steps import (
    online_steps,
    say_step,
    show_online_softmax,
)
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

SCORES = torch.tensor([1.0, -2, 0.5, 3, 2, 7, 4])
VALUES = torch.randn(7, 11, generator=torch.Generator().manual_seed(1))
GOAL = SCORES.softmax(0) @ VALUES


def figure(block=3):
    around = {"title": "Ends there", "alt": "seven scores in three blocks"}
    return show_online_softmax(SCORES, VALUES, "abcdefg", block, **around)


@pytest.mark.parametrize("block", [1, 2, 3, 7, 9])
def test_each_row_is_the_softmax_over_the_keys_so_far(block):
    for i, step in enumerate(online_steps(SCORES, VALUES, block)):
        read = slice(0, block * (i + 1))
        expected = SCORES[read].softmax(0) @ VALUES[read]
        torch.testing.assert_close(step.output, expected)
        assert step.largest == SCORES[read].max()


def test_the_factor_is_that_of_the_largest_before_and_after():
    steps = online_steps(SCORES, VALUES, 3)
    expected = torch.tensor([1.0 - 7, 7 - 7]).exp().tolist()
    assert [step.shrink for step in steps[1:]] == pytest.approx(expected)


def test_the_sentence_says_what_is_new_and_how_far_the_output_is():
    steps = online_steps(SCORES, VALUES, 3)
    assert "largest score 7.0 is new" in say_step(steps, 1, GOAL)
    assert "is new" not in say_step(steps, 2, GOAL)
    assert "The output is the softmax’s" in say_step(steps, 2, GOAL)


def test_without_a_script_all_rows_stand_there_and_no_control():
    html = figure().html
    assert len(re.findall(r'class="line"', html)) == 3
    assert '<div class="controls" hidden>' in html
    assert 'class="todo' not in html


def test_words_must_fit_the_scores():
    with pytest.raises(ValueError, match="scores: expected"):
        show_online_softmax(SCORES, VALUES, "abc", 3, title="", alt="x")


def test_it_is_the_same_each_time_and_asks_nothing_of_the_network():
    assert figure().html == figure().html
    assert not from_outside(figure().html)
    assert len(figure().html) < 60_000


@pytest.mark.slow
@in_both_themes
def test_steps_go_by_key_and_by_button(stage, theme):
    tab = stage(figure(), style=course_style(), theme=theme)
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    steps = online_steps(SCORES, VALUES, 3)
    assert said(tab) == say_step(steps, 2, GOAL)
    tab.get_by_role("button").click()  # from the last to the first
    assert said(tab) == say_step(steps, 0, GOAL)
    assert tab.locator(".line.todo").count() == 2
    tab.get_by_role("slider").press("ArrowRight")
    assert said(tab) == say_step(steps, 1, GOAL)
    assert tab.locator(".block.now").inner_text().split()[1::2] == ["d", "e", "f"]
    assert not small_targets(tab, "input, button")


@pytest.mark.slow
def test_without_script_and_on_paper_there_is_no_control(stage):
    assert controls_left(stage, figure()) == []
