"""The search display: readers look for a bar against a clock."""

import re
from pathlib import Path

import numpy as np
import pytest

from attention.figures.search_display import find_the_bar, place_bars

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
    assert not re.search(r"https?:|src=|@import|url\(", figure().html)


def test_places_for_all_bars_are_asked_for():
    with pytest.raises(ValueError, match=r"places: expected \(36, 2\), got \(35, 2\)"):
        figure([{"feature": np.ones((35, 2)), "conjunction": np.ones((36, 2))}])


# --- in a browser ---


@pytest.fixture
def page(browser, tmp_path: Path):
    """Return a page with one figure, as wide as a phone."""
    tabs, problems = [], []

    def load(**options):
        tab = browser.new_page(viewport={"width": 390, "height": 844}, **options)
        tabs.append(tab)
        tab.on("console", lambda message: problems.append(message.text))
        tab.on("pageerror", lambda error: problems.append(str(error)))
        file = tmp_path / "page.html"
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>S</title>'
        view = '<meta name="viewport" content="width=device-width">'
        file.write_text(f"{head}{view}<main><h1>S</h1>{figure().html}</main></html>")
        tab.goto(file.as_uri())
        return tab

    yield load
    for tab in tabs:
        tab.close()
    assert not problems


@pytest.mark.slow
def test_the_clock_runs_from_start_to_found_and_then_a_ring_shows_the_bar(page):
    tab = page()
    button = tab.get_by_role("button", name="Two features")
    ring = tab.locator(".ring").nth(1)
    assert not ring.is_visible()
    tab.evaluate("let now = 0; performance.now = () => now += 1100")
    button.press("Enter")
    tab.get_by_role("button", name="Found it").press("Enter")
    assert ring.is_visible()
    x, y = PLACES[1]["conjunction"][0]
    assert [ring.get_attribute(name) for name in ("cx", "cy")] == [str(x), str(y)]
    said = tab.get_by_role("status").inner_text()
    seconds = float(re.search(r"Two features: ([\d.]+) s, mean of 1", said)[1])
    assert seconds == 1.1 and "One feature" not in said


@pytest.mark.slow
@pytest.mark.parametrize("count", [9, 36])
def test_as_many_bars_are_shown_as_are_asked_for(page, count):
    tab = page()
    tab.get_by_label(str(count)).check()
    assert tab.locator(".panel").first.locator("path").count() == count
    assert tab.locator(".panel .red").first.get_attribute("class") == "red"


@pytest.mark.slow
def test_without_script_it_stands_still_and_no_button_is_dead(page):
    tab = page(java_script_enabled=False)
    assert tab.get_by_role("button").count() == 0
    assert tab.get_by_role("radio").count() == 0
    assert not tab.locator(".ring").first.is_visible()


@pytest.mark.slow
def test_axe_finds_no_barrier_and_a_phone_no_overflow(page, axe):
    tab = page()
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.evaluate(axe)
    assert tab.evaluate("axe.run()")["violations"] == []
