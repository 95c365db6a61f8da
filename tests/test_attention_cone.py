"""The cone: markup and script show what the library says an output can see."""

import re

import pytest

from attention.figures.cone import ConeState, draw_edges, say_cone, show_cone
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, course_style, overflow, said


def figure(state=None):
    return show_cone(title="It sees 16", alt="a cone of lines", start=state)


def marks(html: str) -> list[str]:
    return re.findall(
        r'<i class="(top|lit|dark|later)"></i>', html.split("<p class")[0]
    )


def test_sixteen_inputs_are_lit_and_the_future_is_crossed_out():
    inputs = marks(figure().html)[-32:]
    assert inputs == ["dark"] * 10 + ["lit"] * 16 + ["later"] * 6


def test_the_sentence_gives_the_formula_and_the_ways():
    assert say_cone(ConeState(3, 2, True, 4)) == (
        "3 taps, gaps 1, 2: receptive field 1 + 2 · 3 = 7. Output 4 sees inputs "
        "0 to 4. 2 of the field's places lie before the start. Ways, if a "
        "residual passes each layer: to the newest input 4, to the one 6 back 1."
    )


def test_the_figure_is_the_same_each_time_and_small_and_asks_for_nothing():
    html = figure().html
    assert html == figure().html
    assert not from_outside(html)
    assert len(html) < 60_000


@pytest.mark.slow
def test_what_the_script_shows_is_what_the_library_says(stage):
    tab = stage(figure(), style=course_style())
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    tab.locator("[name=at]").press("Home")
    for _ in range(9):
        tab.locator("[name=at]").press("ArrowRight")
    tab.locator("[name=layers]").press("ArrowLeft")
    tab.get_by_label("3", exact=True).check()
    state = ConeState(3, 3, True, 9)
    assert said(tab) == say_cone(state)
    assert tab.locator("path").get_attribute("d") == draw_edges(state)
    shown = "[...document.querySelectorAll('.dots i')].map((i) => i.className)"
    now = [name for name in tab.evaluate(shown) if name and name != "way"]
    assert now == marks(figure(state).html)
    tab.get_by_label("stay 1").check()
    assert said(tab) == say_cone(ConeState(3, 3, False, 9))


@pytest.mark.slow
def test_without_a_script_it_shows_the_finding_and_no_dead_control(stage):
    tab = stage(figure(), script=False, style=course_style())
    assert tab.locator("input:visible").count() == 0
    assert said(tab) == say_cone(ConeState())
