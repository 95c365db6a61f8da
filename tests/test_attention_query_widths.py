"""Outputs of random queries at each width: the page's softmax is the library's."""

import re

import numpy as np
import pytest

from attention.figures.query_widths import count_stuck, say_width, spread_widths
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, overflow, said

WIDTHS = [4, 64, 1024]
DRAWS = np.random.default_rng(0)
Q, K = DRAWS.normal(size=(30, 1, 1024)), DRAWS.normal(size=(30, 3, 1024))
SCORES = np.stack([(Q * K)[..., :d].sum(-1) for d in WIDTHS]).round(2)


def figure(scores=SCORES, **options):
    given = {"start": 1, "title": "The finding", "alt": "two triangles"}
    return spread_widths(scores, WIDTHS, **given | options)


def test_an_output_sits_on_a_corner_if_one_weight_is_nearly_1():
    far, near = np.log(0.96 / 0.02), np.log(0.94 / 0.03)
    assert count_stuck(np.array([[far, 0, 0], [near, 0, 0], [0, 0, 0]])) == 1


def test_wide_queries_are_stuck_and_the_division_frees_them():
    raw = [count_stuck(scores) for scores in SCORES]
    freed = [count_stuck(s / np.sqrt(d)) for s, d in zip(SCORES, WIDTHS, strict=True)]
    assert raw[0] < raw[1] < raw[2] and max(freed) <= 2


def test_the_figure_is_small_and_the_same_each_time():
    assert figure().html == figure().html and len(figure().html.encode()) < 40_000
    assert not from_outside(figure().html)


def test_a_table_for_each_width_is_asked_for():
    with pytest.raises(ValueError, match=r"expected \(3, queries, 3\), got \(2, 30"):
        figure(SCORES[:2])


# --- in a browser ---


@pytest.fixture
def tab(stage):
    return stage(figure())


@pytest.mark.slow
@pytest.mark.parametrize("at", range(3))
def test_the_page_shows_at_each_width_what_python_draws(tab, at):
    tab.get_by_role("slider").fill(str(at))
    expected = figure(start=at).html
    for part in (".output", ".score"):
        for drawn in tab.locator(part).all():
            assert same_places(drawn.get_attribute("d"), expected)
    assert said(tab) == say_width(SCORES[at], WIDTHS[at])
    slider = tab.get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == str(WIDTHS[at])


def same_places(drawn: str, expected: str) -> bool:
    """Say if a path is one of those expected, but for the last digit."""
    numbers = np.array(re.findall(r"M([\d.]+) ([\d.]+)", drawn), dtype=float)
    paths = re.findall(r' d="(M[^"]*)"', expected)
    known = [np.array(re.findall(r"M([\d.]+) ([\d.]+)", p), dtype=float) for p in paths]
    return any(
        k.shape == numbers.shape and np.allclose(k, numbers, atol=0.11) for k in known
    )


@pytest.mark.slow
def test_axe_finds_no_barrier_and_a_phone_no_overflow(tab):
    assert overflow(tab) == 0
    assert axe_faults(tab) == []
