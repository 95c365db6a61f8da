"""Bottleneck, window and looks in a browser: by key, with and without their script."""

import re

import pytest

from tests.support.dragged import bottleneck, looks, window
from tests.support.stage import (
    axe_faults,
    controls,
    in_both_themes,
    overflow,
    said,
    small_targets,
)

pytestmark = pytest.mark.slow
FIGURES = {"bottleneck": bottleneck, "window": window, "looks": looks}
STATE = """box => [...box.querySelectorAll('span, i, path, b')].filter(e =>
  !e.closest('label, fieldset')).map(e => [e.className.baseVal ?? e.className,
  [...e.style].map(n => n + Number(e.style.getPropertyValue(n)).toFixed(2)),
  (e.getAttribute('d') ?? '').replace(/\\d+\\.\\d+/g, n => Number(n).toFixed(2)),
  e.children.length ? '' : e.textContent])"""


@pytest.mark.parametrize("name", FIGURES)
def test_the_script_begins_with_what_is_drawn_without_it(stage, name):
    markup = FIGURES[name]()
    with_script, without = (
        stage(markup, script=on).locator("figure") for on in (True, False)
    )
    assert with_script.evaluate(STATE) == without.evaluate(STATE)
    assert said(with_script) == said(without)
    assert controls(without) == 0


def test_an_arrow_key_lengthens_the_string(stage):
    box = stage(bottleneck()).locator("figure")
    box.get_by_role("slider").press("ArrowRight")
    assert "5 letters, abcde" in said(box)
    assert box.locator(".off").count() == 0
    written = box.locator(".written").first.inner_text()
    assert re.sub(r"[\s✗]", "", written) == "bae––"
    assert box.locator(".dot").first.evaluate("e => e.style.getPropertyValue('--x')")


def test_an_arrow_key_moves_the_window_by_a_fifth_of_a_word(stage):
    box = stage(window()).locator("figure")
    box.get_by_role("slider").first.press("ArrowRight")
    box.get_by_role("slider").last.press("ArrowRight")
    assert "p = 2.60, D = 3" in said(box)
    assert box.locator(".off").count() == 1  # word 6, from -0.4 to 5.6


def test_an_arrow_key_chooses_the_next_written_token(stage):
    box = stage(looks()).locator("figure")
    box.get_by_role("radio").first.press("ArrowRight")
    assert "nowhere" in said(box)
    assert box.locator(".truth:visible").count() == 0
    assert box.locator(".off").count() == 1


@in_both_themes
def test_axe_finds_no_barrier(stage, theme):
    tab = stage(bottleneck(), window(), looks(), theme=theme)
    assert axe_faults(tab) == []


def test_the_figures_fit_a_phone_and_a_finger(stage):
    tab = stage(bottleneck(), window(), looks())
    assert overflow(tab) == 0
    assert small_targets(tab, "input") == []
