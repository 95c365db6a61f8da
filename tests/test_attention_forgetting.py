"""A state while it is filled: what it recalls, and a page that shows it."""

import re

import pytest
import torch
from torch.nn import functional as F

from attention.figures.forgetting import fill_state, say_filling, show_forgetting
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

PAIRS, D_K, D_V, VALUES = 23, 5, 7, 11


def sample():
    draws = torch.Generator().manual_seed(2)
    keys = F.normalize(torch.randn(PAIRS, D_K, generator=draws), dim=-1)
    codes = F.normalize(torch.randn(VALUES, D_V, generator=draws), dim=-1)
    return keys, codes, torch.randint(VALUES, (PAIRS,), generator=draws)


def figure(start=12):
    around = {"title": "It fades", "alt": "a state and its pairs"}
    return show_forgetting(fill_state(*sample()), start, **around)


def test_the_state_is_the_sum_of_the_pairs_written_so_far():
    keys, codes, which = sample()
    filling = fill_state(keys, codes, which)
    state = torch.zeros(D_K, D_V)
    for i in range(PAIRS):
        state = state + keys[i, :, None] * codes[which[i]]
        torch.testing.assert_close(filling.states[i], state)
        answers = (keys[: i + 1] @ state @ codes.T).argmax(-1)
        assert filling.recalled[i, : i + 1].equal(answers == which[: i + 1])
        assert not filling.recalled[i, i + 1 :].any()


def test_orthogonal_keys_are_all_recalled():
    codes = torch.eye(4)
    filling = fill_state(torch.eye(4), codes, torch.tensor([2, 0, 3, 3]))
    assert filling.recalled.equal(torch.ones(4, 4).tril().bool())


def test_each_pair_looks_recalled_forgotten_or_still_to_come():
    filling = fill_state(*sample())
    drawn = re.search(r'class="pairs">(.*?)</div>', figure().html)[1]
    looks = re.findall(r'class="(\w+)"', drawn)
    right = ["yes" if bit else "no" for bit in filling.recalled[11, :12].tolist()]
    assert looks == [*right, *["todo"] * 11]
    assert {"yes", "no"} <= set(looks)


def test_it_is_the_same_each_time_and_asks_nothing_of_the_network():
    assert figure().html == figure().html
    assert not from_outside(figure().html)


@pytest.mark.slow
@in_both_themes
def test_the_slider_writes_pairs(stage, theme):
    tab = stage(figure(), style=course_style(), theme=theme)
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    filling = fill_state(*sample())
    for key, written in (("ArrowRight", 13), ("End", PAIRS), ("Home", 1)):
        tab.get_by_role("slider").press(key)
        right = int(filling.recalled[written - 1].sum())
        assert said(tab) == say_filling(right, written, D_K, D_V)
        assert tab.locator(".pairs .yes").count() == right
    assert not small_targets(tab, "input")


@pytest.mark.slow
def test_without_script_and_on_paper_there_is_no_control(stage):
    assert controls_left(stage, figure()) == []
