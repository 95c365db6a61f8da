"""A picture under a spotlight: one figure, small, with text for every position."""

import base64
import io
import json
import re

import matplotlib.image
import numpy as np
import pytest

from attention.figures.interactive_picture import png, spotlight_figure
from tests.support.markup import unclosed
from tests.support.stage import axe_faults, controls, overflow, said

RNG = np.random.default_rng(0)
PICTURE = RNG.random((4, 6, 3))
WEIGHTS = np.zeros((2, 4, 6))
WEIGHTS[0, 1, 2], WEIGHTS[1, 3, 5] = 0.7, 0.2


def spotlight(**options):
    given = {
        "alt": "a light that moves",
        "title": "The light follows the slider",
        "label": "gain",
        "sentences": ["On the cup.", "On the <book>."],
    }
    return spotlight_figure(PICTURE, WEIGHTS, ["0", "1"], **given | options)


def data(figure):
    return json.loads(re.search(r"data = (.*?);\n", figure.html).group(1))


def decode(uri):
    file = base64.b64decode(uri.partition("base64,")[2])
    return matplotlib.image.imread(io.BytesIO(file), format="png")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_reader_of_png_finds_the_pixels_again(channels):
    pixels = RNG.integers(0, 256, size=(5, 7, channels), dtype=np.uint8)
    found = decode(png(pixels)).reshape(5, 7, channels)
    assert np.array_equal((found * 255).round(), pixels)


@pytest.mark.parametrize("pixels", [np.zeros((2, 3, 5), np.uint8), np.zeros((2, 3, 3))])
def test_only_bytes_with_one_to_four_channels_make_a_png(pixels):
    with pytest.raises(ValueError, match="uint8"):
        png(pixels)


def test_the_gaze_is_at_the_largest_weight_and_the_shade_is_lightest_there():
    found = data(spotlight())
    assert found["gaze"] == [[2, 1], [5, 3]]
    first = decode(found["shades"][0])
    assert first[..., -1].argmin() == 1  # of 2 x 3 tiles
    assert first[0, 1, -1] == 0 and first[1, 2, -1] > 0.7


def test_the_figure_is_whole_markup_with_one_id_and_its_first_position():
    figure = spotlight(start=1)
    assert not unclosed(figure._repr_html_(), "input")
    assert len(re.findall(r'\sid="', figure.html)) == 1
    assert 'cx="5" cy="3"' in figure.html and "On the &lt;book&gt;." in figure.html


def test_the_slider_is_named_and_the_picture_is_described():
    html = spotlight().html
    assert 'aria-label="a light that moves"' in html
    assert re.search(r"<label hidden>gain <input type=\"range\"", html)
    with pytest.raises(ValueError, match="alt text"):
        spotlight(alt=" ")


def test_each_position_has_a_map_and_a_sentence():
    with pytest.raises(ValueError, match=r"got \(1, 4, 6\), 2 positions and 2"):
        spotlight_figure(
            PICTURE,
            WEIGHTS[:1],
            ["0", "1"],
            alt="a",
            title="",
            label="g",
            sentences=["a", "b"],
        )
    with pytest.raises(ValueError, match="1 sentences"):
        spotlight(sentences=["one"])


@pytest.fixture
def tab(stage):
    return stage(spotlight())


@pytest.mark.slow
def test_arrow_keys_move_the_light(tab):
    figure = tab.locator("figure")
    before = figure.locator(".shade").get_attribute("href")
    figure.get_by_label("gain").press("ArrowRight")
    assert said(figure) == "On the <book>."
    assert figure.get_by_label("gain").get_attribute("aria-valuetext") == "1"
    assert figure.locator(".shade").get_attribute("href") != before
    assert figure.locator(".gaze").get_attribute("cx") == "5"


@pytest.mark.slow
def test_a_button_plays_the_light_to_the_end_by_keyboard_too(tab):
    figure = tab.locator("figure")
    figure.get_by_role("button", name="play").press("Enter")
    figure.get_by_text("On the <book>.").wait_for()
    assert figure.get_by_label("gain").input_value() == "1"
    figure.get_by_role("button", name="play").press("Enter")  # from the start again
    assert said(figure) == "On the cup."
    figure.get_by_role("button", name="stop").press("Enter")
    assert figure.get_by_role("button", name="play").is_visible()


@pytest.mark.slow
def test_axe_finds_no_barrier_and_a_phone_has_room(tab):
    assert axe_faults(tab) == []
    assert overflow(tab) == 0


@pytest.mark.slow
def test_without_script_and_on_paper_no_slider_is_dead(tab, stage):
    assert tab.get_by_role("slider").is_visible()
    tab.emulate_media(media="print")
    assert tab.get_by_role("slider").count() == 0
    still = stage(spotlight(), script=False)
    assert controls(still) == 0
    assert still.get_by_text("On the cup.").is_visible()
