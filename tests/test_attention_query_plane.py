"""The query that readers drag: the page's lookup is the library's, state by state."""

import json

import numpy as np
import pytest

from attention.figures.query_plane import KEYS, Query, answer, drag_query, orbit
from attention.figures.value_triangle import CORNERS
from attention.mechanisms.pooling import masked_softmax
from tests.support.stage import (
    axe_faults,
    in_both_themes,
    overflow,
    said,
    weights_shown,
)

QUERIES = [
    Query(),
    Query(0, 1.7, 0.1),
    Query(359, 0.05, 10),
    Query(123, 1.0, 1, True),
    Query(200, 1.7, 0.1, True),
    Query(90, 0.0, 1),
]


def figure(**options):
    return drag_query(title="The finding", alt="three keys, a query", **options)


def is_inside(point: np.ndarray) -> bool:
    """Say if a point lies in the triangle of the values: by areas, not by weights."""
    following = np.roll(CORNERS, -1, 0)
    (x, y), (side_x, side_y) = (point - CORNERS).T, (following - CORNERS).T
    turns = side_x * y - side_y * x
    return bool((turns <= 1e-9).all())  # the corners run clockwise


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_the_output_is_in_the_triangle_wherever_the_query_points(query):
    assert all(is_inside(point) for point in orbit(query, KEYS))


def test_a_point_outside_is_told_from_one_inside():
    assert is_inside(np.zeros(2)) and not is_inside(np.array([0, 1.01]))


def test_no_query_gives_the_mean_of_the_values():
    found = answer(Query(length=0), KEYS, CORNERS)
    assert np.allclose(found.weights, 1 / 3)
    assert np.allclose(found.output, CORNERS.mean(0))


def test_a_masked_key_has_no_weight_and_its_value_no_part():
    found = answer(Query(200, 1.0, masked=True), KEYS, CORNERS)
    assert found.weights[2] == 0 and found.scores[2] > 0
    assert np.allclose(found.output, found.weights[:2] @ CORNERS[:2])


def test_a_sharp_query_finds_one_value_alone():
    found = answer(Query(80, 1.7, 0.1), KEYS, CORNERS)
    assert np.allclose(found.output, CORNERS[0], atol=1e-6)


def test_the_figure_is_small_is_the_same_each_time_and_needs_no_network():
    assert figure().html == figure().html
    assert len(figure().html.encode()) < 25_000
    assert not any(
        word in figure().html for word in ("http", "src=", "url(", "@import")
    )


def test_keys_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"keys \(3, 2\): expected \(3, 2\)"):
        figure(keys=np.ones((4, 2)))


# --- in a browser ---


def set_state(shown, query: Query) -> None:
    """Move the controls to a state."""
    for kind in ("direction", "length"):
        shown.locator(f"[name={kind}]").fill(str(getattr(query, kind)))
    power = round(10 * np.log10(query.temperature))
    shown.locator("[name=temperature]").fill(str(power))
    shown.get_by_role("checkbox").set_checked(query.masked)


@pytest.mark.slow
def test_the_page_computes_what_the_library_computes(stage):
    shown = stage(figure()).locator("figure")
    for query in QUERIES:
        set_state(shown, query)
        allowed = np.array([True, True, not query.masked])
        weights = masked_softmax(KEYS @ query.vector / query.temperature, allowed)
        assert np.allclose(weights_shown(shown, "td.weight"), weights, atol=1e-9)
        output = json.loads(shown.get_attribute("data-output"))
        assert np.allclose(output, weights @ CORNERS, atol=1e-9)
        assert shown.locator("tr.off").count() == query.masked


@pytest.mark.slow
@pytest.mark.parametrize("query", [QUERIES[0], QUERIES[3], QUERIES[5]], ids=str)
def test_the_first_state_is_the_same_with_and_without_script(stage, query):
    marks = ".value, .output, .orbit, .key, .query, .tip, .kept, .drop"
    shapes = "all => all.map(part => part.outerHTML)"
    seen = []
    for script in (True, False):
        tab = stage(figure(start=query), script=script)
        drawn = tab.locator("svg").locator(marks).evaluate_all(shapes)
        told = said(tab)
        seen.append((told, tab.locator("table").inner_text(), drawn))
        assert tab.get_by_role("slider").count() == 3 * script
    assert seen[0] == seen[1]


@pytest.mark.slow
@pytest.mark.parametrize("touch", [False, True])
def test_the_query_follows_the_pointer_and_the_finger(stage, touch):
    tab = stage(figure(), has_touch=touch)
    shown = tab.locator("figure")
    box = shown.locator("svg.plane").bounding_box()
    x, y = box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5
    if touch:
        tab.touchscreen.tap(x, y)
    else:
        shown.locator("svg.plane .grip").hover()
        tab.mouse.down()
        tab.mouse.move(x, y)
        tab.mouse.up()
        tab.mouse.move(x + 90, y)  # let go: nothing follows any more
    direction = int(shown.locator("[name=direction]").input_value())
    assert 170 < direction < 190
    assert weights_shown(shown, "td.weight").argmax() == 2


@pytest.mark.slow
def test_arrow_keys_turn_the_query_and_say_where_it_points(stage):
    shown = stage(figure()).locator("figure")
    before = said(shown)
    slider = shown.get_by_label("direction of q")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "36°"
    shown.get_by_label("length of q").press("Home")
    assert said(shown) != before
    assert np.allclose(weights_shown(shown, "td.weight"), 1 / 3)


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_and_a_phone_no_overflow(stage, theme):
    small = figure(small=True, names=("book", "cup", "pen"))
    tab = stage(figure(), small, theme=theme)
    assert overflow(tab) == 0
    assert axe_faults(tab) == []
