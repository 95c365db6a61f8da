"""The query that readers drag along x: the page's fit is the library's."""

import numpy as np
import pytest

from attention.figures.kernel_query import Pairs, drag_kernel, say_fit
from attention.mechanisms.pooling import nadaraya_watson
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, overflow, said

GRID = np.arange(0, 5, 0.1)
X = np.sort(np.random.default_rng(0).uniform(0, 5, 20)).round(4)
PAIRS = Pairs(X, np.cos(X).round(4), GRID.round(4), np.sin(GRID).round(4))
WIDTHS = np.geomspace(0.02, 4, 9).round(4)


def figure(**options):
    given = {"start": (4, 1.5), "title": "The finding", "alt": "pairs and a bell"}
    return drag_kernel(PAIRS, WIDTHS, **given | options)


def test_the_weights_of_a_query_mix_what_the_library_predicts():
    output = PAIRS.weights(2.5, 0.3) @ PAIRS.y
    assert np.isclose(output, nadaraya_watson(np.array([2.5]), X, PAIRS.y, 0.3)[0])


def test_the_sentence_counts_the_pairs_that_matter():
    assert "from 1 of 20 pairs" in say_fit(PAIRS, float(X[3]), 0.001)
    assert "from 18 of 20 pairs" in say_fit(PAIRS, 2.5, 1000)


def test_the_figure_is_small_and_the_same_each_time():
    assert figure().html == figure().html and len(figure().html.encode()) < 15_000
    assert not from_outside(figure().html)


def test_a_y_for_each_x_is_asked_for():
    with pytest.raises(ValueError, match="y, one for each x"):
        drag_kernel(
            Pairs(X, X[1:], GRID, GRID), WIDTHS, start=(0, 1), title="t", alt="a"
        )


# --- in a browser ---


@pytest.fixture
def tab(stage):
    return stage(figure())


@pytest.mark.slow
def test_the_page_computes_what_the_library_computes(tab):
    shown = tab.locator("figure")
    for position, query in ((4, 1.5), (0, 3.0), (8, 4.9), (2, 0.0)):
        shown.get_by_label("query x").fill(str(query))
        shown.get_by_label("width w").fill(str(position))
        width = float(WIDTHS[position])
        output = nadaraya_watson(np.array([query]), X, PAIRS.y, width)[0]
        assert np.isclose(float(shown.get_attribute("data-output")), output)
        assert said(shown) == say_fit(PAIRS, query, width)


@pytest.mark.slow
def test_the_first_state_is_drawn_by_the_script_as_it_was_without(tab):
    for part in (".fit", ".bell", ".output", ".up"):
        drawn = tab.locator(part).get_attribute("d")
        assert f'd="{drawn}"' in figure().html


@pytest.mark.slow
def test_the_pointer_drags_the_query(tab):
    box = tab.locator("svg").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x - 60, y)
    tab.mouse.down()
    tab.mouse.move(x, y)
    tab.mouse.up()
    assert 2.3 < float(tab.get_by_label("query x").input_value()) < 2.6


@pytest.mark.slow
def test_axe_finds_no_barrier_and_a_phone_no_overflow(tab):
    assert overflow(tab) == 0
    assert axe_faults(tab) == []
