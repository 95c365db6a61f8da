"""Positions as clocks: the page's formulas are those of the library."""

import re

import pytest
import torch

from attention.figures.clocks import position_clocks
from attention.figures.live_figure import Interactive
from attention.mechanisms.positions import apply_rope, sinusoidal_positions
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, in_both_themes, overflow, said

TEXT = "a rose is a rose"  # 16 places
D = 8
KEY = torch.tensor([1.0, 0.0, 0.6, 0.8, 0.0, 2.0, -1.0, 0.5])
QUERY = torch.tensor([0.5, 1.0, -1.0, 0.2, 1.0, 0.0, 0.3, 0.4])


def clocks(**changed) -> Interactive:
    given = {"at": (11, 4), "title": "Hands", "alt": "four clocks"}
    return position_clocks(TEXT, QUERY, KEY, **given | changed)


def expected_sum(p: int, r: int) -> str:
    places = sinusoidal_positions(len(TEXT), D)
    return f"{(places[p] @ places[r]).item():.2f}"


def expected_score(p: int, r: int) -> str:
    q = apply_rope(QUERY[None], torch.tensor([p]))
    k = apply_rope(KEY[None], torch.tensor([r]))
    return f"{(q @ k.T).item():.2f}".replace("-", "−")


def test_without_script_the_sum_is_the_dot_product_of_two_encodings():
    assert f"add up to {expected_sum(11, 4)}" in clocks().html


def test_without_script_no_control_is_shown():
    assert '<div class="controls" hidden>' in clocks().html
    inside = clocks().html.split('<div class="strip">')[1].split("<script>")[0]
    assert "<input" not in inside


def test_each_cell_of_the_stripes_has_the_shade_of_its_encoding():
    found = torch.zeros(len(TEXT), D)
    for shade, path in re.findall(r'<path opacity="(.*?)" d="(.*?)"', clocks().html):
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", path):
            found[int(x) : int(x) + int(width), int(y)] = float(shade) / 0.4 - 1
    places = sinusoidal_positions(len(TEXT), D)
    drawn = found != 0
    assert (found - places)[drawn].abs().max() < 0.14


def test_query_and_key_must_be_of_one_width():
    with pytest.raises(ValueError, match="as wide as the query"):
        position_clocks(TEXT, QUERY, KEY[:4], (0, 1), title="", alt="clocks")


def test_the_same_clocks_are_the_same_bytes_and_ask_nothing_of_the_network():
    assert clocks().html == clocks().html
    assert clocks().html != clocks(at=(11, 5)).html
    assert not from_outside(clocks().html)


# --- in a browser ---


def put(tab, p: int, r: int) -> None:
    """Move both sliders, as a keyboard or a finger would."""
    for slider, value in zip(tab.get_by_role("slider").all(), (p, r), strict=True):
        slider.fill(str(value))


def hands(tab) -> list[str]:
    script = "[...document.querySelectorAll('.dials g')].map((g) => g.outerHTML)"
    return tab.evaluate(script)


def parts(tab) -> list[float]:
    """Return the numbers under the clocks."""
    found = tab.locator(".dials b").all_inner_texts()
    return [float(text.replace("−", "-")) for text in found]


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_in_the_clocks(stage, theme):
    tab = stage(clocks(), theme=theme)
    assert axe_faults(tab) == []


@pytest.mark.slow
def test_the_clocks_fit_a_phone(stage):
    assert overflow(stage(clocks())) == 0


@pytest.mark.slow
@pytest.mark.parametrize("at", [(0, 0), (15, 0), (3, 12), (7, 8)])
def test_the_page_adds_the_cosines_that_the_library_adds(stage, at):
    tab = stage(clocks())
    put(tab, *at)
    assert f"add up to {expected_sum(*at)}," in said(tab)
    assert abs(sum(parts(tab)) - float(expected_sum(*at))) < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("at", [(0, 0), (15, 0), (3, 12), (7, 8)])
def test_the_page_scores_a_turned_query_and_key_as_the_library_does(stage, at):
    tab = stage(clocks())
    tab.get_by_label("RoPE").check()
    put(tab, *at)
    assert f"Score {expected_score(*at)}," in said(tab)


@pytest.mark.slow
def test_moving_both_turns_the_hands_and_leaves_the_score(stage):
    tab = stage(clocks())
    tab.get_by_label("RoPE").check()
    tab.get_by_label("move both").check()
    score, before = re.findall(r"Score (\S+),", said(tab)), hands(tab)
    tab.get_by_label("place of k").press("ArrowLeft")
    assert said(tab).startswith("q at place 10, k at place 3: 7 back.")
    assert re.findall(r"Score (\S+),", said(tab)) == score
    assert not set(hands(tab)) & set(before)


@pytest.mark.slow
def test_both_stop_where_one_has_reached_the_end(stage):
    tab = stage(clocks())
    tab.get_by_label("move both").check()
    tab.get_by_label("place r").fill("15")
    assert [s.input_value() for s in tab.get_by_role("slider").all()] == ["11", "4"]


@pytest.mark.slow
def test_a_hand_of_the_first_clock_points_where_the_encoding_does(stage):
    tab = stage(clocks())
    put(tab, 5, 0)
    turned = re.findall(r"rotate\(([-\d.]+)\)", hands(tab)[1])[0]
    angle = torch.tensor(float(turned)).deg2rad()
    sine, cosine = sinusoidal_positions(6, D)[5, :2]
    assert abs(angle.sin() - sine) < 1e-3 and abs(angle.cos() - cosine) < 1e-3


@pytest.mark.slow
def test_a_finger_on_the_stripes_drags_the_nearer_place(stage):
    tab = stage(clocks())
    box = tab.locator(".stripes").bounding_box()
    assert box
    cell = box["width"] / len(TEXT)
    tab.mouse.move(box["x"] + 4.5 * cell, box["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 7.5 * cell, box["y"] + 30)
    tab.mouse.up()
    assert [s.input_value() for s in tab.get_by_role("slider").all()] == ["11", "7"]
