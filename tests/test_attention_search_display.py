"""The search display: readers look for a bar against a clock."""

import re

import numpy as np
import pytest

from attention.figures.search_display import find_the_bar, place_bars
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, controls, overflow, said

PLACES = [{"feature": place_bars(s), "conjunction": place_bars(s + 50)} for s in (2, 9)]
TITLES = {"feature": "One feature", "conjunction": "Two features"}


def figure(places=PLACES, **options):
    given = {"title": "The finding", "alt": "two displays of bars"}
    return find_the_bar(places, TITLES, **given | options)


def test_each_bar_has_a_cell_of_its_own():
    for seed in range(20):
        cells = {tuple(cell) for cell in place_bars(seed) // 40}
        assert len(cells) == 36 and max(max(cell) for cell in cells) == 5


def test_one_red_bar_among_green_ones_and_one_lying_bar_among_red_ones():
    html = figure(count=25).html
    first, second = re.findall(r"<g>(.*?)</g>", html)
    assert first.count('class="red"') == 1 and first.count("h28") == 0
    lying_red = re.findall(r'class="red" d="[^"]*h28', second)
    assert len(lying_red) == 1 and second.count('class="red"') == 13


def test_the_figure_is_small_and_the_same_each_time():
    assert figure().html == figure().html and len(figure().html.encode()) < 15_000
    assert not from_outside(figure().html)


def test_places_for_all_bars_are_asked_for():
    with pytest.raises(ValueError, match=r"places: expected \(36, 2\), got \(35, 2\)"):
        figure([{"feature": np.ones((35, 2)), "conjunction": np.ones((36, 2))}])


# --- in a browser ---


@pytest.mark.slow
def test_the_clock_runs_from_start_to_found_and_then_a_ring_shows_the_bar(stage):
    tab = stage(figure())
    button = tab.get_by_role("button", name="Two features")
    ring = tab.locator(".ring").nth(1)
    assert not ring.is_visible()
    tab.evaluate("let now = 0; performance.now = () => now += 1100")
    button.press("Enter")
    tab.get_by_role("button", name="Found it").press("Enter")
    assert ring.is_visible()
    x, y = PLACES[1]["conjunction"][0]
    assert [ring.get_attribute(name) for name in ("cx", "cy")] == [str(x), str(y)]
    told = said(tab)
    seconds = float(re.search(r"Two features: ([\d.]+) s, mean of 1", told)[1])
    assert seconds == 1.1 and "One feature" not in told


@pytest.mark.slow
@pytest.mark.parametrize("count", [9, 36])
def test_as_many_bars_are_shown_as_are_asked_for(stage, count):
    tab = stage(figure())
    tab.get_by_label(str(count)).check()
    assert tab.locator(".panel").first.locator("path").count() == count
    assert tab.locator(".panel .red").first.get_attribute("class") == "red"


@pytest.mark.slow
def test_without_script_it_stands_still_and_no_button_is_dead(stage):
    tab = stage(figure(), script=False)
    assert controls(tab) == 0
    assert not tab.locator(".ring").first.is_visible()


@pytest.mark.slow
def test_axe_finds_no_barrier_and_a_phone_no_overflow(stage):
    tab = stage(figure())
    assert overflow(tab) == 0
    assert axe_faults(tab) == []
