"""Centre and surround, channels, maps, and the desk that they are tried on."""

import numpy as np
import pytest

from attention.data.desk import PLACES, SIZE, draw_desk
from attention.mechanisms.saliency import (
    center_surround,
    color_channels,
    promote,
    saliency_map,
    window_mean,
)

RNG = np.random.default_rng(0)


def inside(name, scores):
    row, column = np.unravel_index(scores.argmax(), scores.shape)
    middle, center, height, width = PLACES[name]
    return abs(row - middle) <= height and abs(column - center) <= width


@pytest.mark.parametrize("radius", [0, 1, 3, 20])
def test_a_window_is_cut_off_at_the_border(radius):
    channel = RNG.normal(size=(7, 11))
    found = window_mean(channel, radius)
    for y, x in np.ndindex(7, 11):
        part = channel[
            max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1
        ]
        assert found[y, x] == pytest.approx(part.mean())


def test_a_dot_stands_out_by_hand():
    image = np.zeros((3, 3))
    image[1, 1] = 9
    expected = [[9 / 4, 9 / 6, 9 / 4], [9 / 6, 8, 9 / 6], [9 / 4, 9 / 6, 9 / 4]]
    assert center_surround(image, 0, 1) == pytest.approx(np.array(expected))


def test_a_plain_image_has_nothing_that_stands_out_even_at_its_border():
    assert center_surround(np.full((7, 11), 3.0), 1, 5) == pytest.approx(0)


def test_dark_on_light_stands_out_as_light_on_dark():
    image = RNG.random((7, 11))
    expected = center_surround(image, 1, 3)
    assert center_surround(1 - image, 1, 3) == pytest.approx(expected)


@pytest.mark.parametrize(("center", "surround"), [(-1, 2), (2, 2), (3, 1)])
def test_the_surround_is_larger_than_the_center(center, surround):
    with pytest.raises(ValueError, match=f"got .*, {center} and {surround}"):
        center_surround(np.zeros((5, 5)), center, surround)


def test_one_channel_at_a_time():
    with pytest.raises(ValueError, match=r"expected \(H, W\)"):
        center_surround(np.zeros((5, 5, 3)), 1, 2)


def test_grey_has_no_colour_and_red_is_against_green():
    grey, red, green = color_channels(np.array([[[0.5] * 3, [1, 0, 0], [0, 1, 0]]])).T
    assert grey.ravel() == pytest.approx([0.5, 0, 0])
    assert red[0][1] == 1 and green[0][1] == -1


def test_one_peak_is_promoted_and_many_fade():
    one, many = np.zeros((24, 24)), np.zeros((24, 24))
    one[6, 6], many[6::12, 6::12] = 5, 5
    assert promote(one).max() == 1
    assert promote(many).max() == 0
    assert not promote(np.zeros((24, 24))).any()


def test_saliency_finds_the_cup_and_green_finds_the_book():
    desk = draw_desk()
    assert desk.shape == (*SIZE, 3)
    assert desk.min() >= 0 and desk.max() <= 1
    assert inside("cup", saliency_map(desk))
    assert inside("book", -color_channels(desk)[1])


def test_more_detail_shows_the_same_desk():
    fine = draw_desk(detail=2)
    coarse = fine.reshape(SIZE[0], 2, SIZE[1], 2, 3).mean((1, 3))
    assert np.abs(coarse - draw_desk()).mean() < 0.005


def test_saliency_follows_the_cup_when_the_picture_is_mirrored():
    desk = draw_desk()
    assert saliency_map(desk).max() == 1
    assert inside("cup", saliency_map(desk[:, ::-1])[:, ::-1])


def test_a_plain_picture_has_no_salient_place():
    assert not saliency_map(np.full((24, 24, 3), 0.5)).any()
