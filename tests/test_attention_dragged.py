"""Bottleneck, window and looks in a browser: by key, with and without their script."""

import re
from pathlib import Path

import pytest

from tests.support.dragged import bottleneck, looks, window

pytestmark = pytest.mark.slow
FIGURES = {"bottleneck": bottleneck, "window": window, "looks": looks}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport"
content="width=device-width"><title>Figures</title>
<style>body {{ font-family: sans-serif; background: {ground}; color: {ink} }}</style>
<main><h1>Figures</h1>{figures}</main></html>"""
STATE = """box => [...box.querySelectorAll('span, i, path, b')].filter(e =>
  !e.closest('label, fieldset')).map(e => [e.className.baseVal ?? e.className,
  [...e.style].map(n => n + Number(e.style.getPropertyValue(n)).toFixed(2)),
  (e.getAttribute('d') ?? '').replace(/\\d+\\.\\d+/g, n => Number(n).toFixed(2)),
  e.children.length ? '' : e.textContent])"""


@pytest.fixture
def page(browser, tmp_path: Path):
    """Return a page with figures, 390 pixels wide; nothing may go wrong in it."""
    tabs, problems = [], []

    def load(*figures: str, ground="#fff", ink="#222832", **options):
        tab = browser.new_page(viewport={"width": 390, "height": 800}, **options)
        tabs.append(tab)
        tab.on("pageerror", lambda error: problems.append(str(error)))
        file = tmp_path / "page.html"
        text = PAGE.format(figures="".join(figures), ground=ground, ink=ink)
        file.write_text(text, encoding="utf-8")
        tab.goto(file.as_uri())
        return tab

    yield load
    for tab in tabs:
        tab.close()
    assert not problems


@pytest.mark.parametrize("name", FIGURES)
def test_the_script_begins_with_what_is_drawn_without_it(page, name):
    markup = FIGURES[name]()
    with_script, without = (
        page(markup, java_script_enabled=on).locator("figure") for on in (True, False)
    )
    assert with_script.evaluate(STATE) == without.evaluate(STATE)
    said = [box.get_by_role("status").inner_text() for box in (with_script, without)]
    assert said[0] == said[1]
    assert without.get_by_role("slider").count() == 0
    assert without.get_by_role("radio").count() == 0


def test_an_arrow_key_lengthens_the_string(page):
    box = page(bottleneck()).locator("figure")
    box.get_by_role("slider").press("ArrowRight")
    assert "5 letters, abcde" in box.get_by_role("status").inner_text()
    assert box.locator(".off").count() == 0
    written = box.locator(".written").first.inner_text()
    assert re.sub(r"[\s✗]", "", written) == "bae––"
    assert box.locator(".dot").first.evaluate("e => e.style.getPropertyValue('--x')")


def test_an_arrow_key_moves_the_window_by_a_fifth_of_a_word(page):
    box = page(window()).locator("figure")
    box.get_by_role("slider").first.press("ArrowRight")
    box.get_by_role("slider").last.press("ArrowRight")
    assert "p = 2.60, D = 3" in box.get_by_role("status").inner_text()
    assert box.locator(".off").count() == 1  # word 6, from -0.4 to 5.6


def test_an_arrow_key_chooses_the_next_written_token(page):
    box = page(looks()).locator("figure")
    box.get_by_role("radio").first.press("ArrowRight")
    assert "nowhere" in box.get_by_role("status").inner_text()
    assert box.locator(".truth:visible").count() == 0
    assert box.locator(".off").count() == 1


@pytest.mark.parametrize(
    "colors", [("#ffffff", "#222832"), ("#14181e", "#ced6dd")], ids=["light", "dark"]
)
def test_axe_finds_no_barrier(page, axe, colors):
    tab = page(bottleneck(), window(), looks(), ground=colors[0], ink=colors[1])
    tab.evaluate(axe)
    found = tab.evaluate("axe.run()")["violations"]
    assert [rule["id"] for rule in found] == []


def test_the_figures_fit_a_phone_and_a_finger(page):
    tab = page(bottleneck(), window(), looks())
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    for control in tab.locator("input").all():
        place = control.bounding_box()
        assert min(place["width"], place["height"]) >= 24
