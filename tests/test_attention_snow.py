"""Drawn wolves and huskies, superpixels, and the network that looks at the snow."""

import numpy as np
import pytest
import torch

from attention.data.snow import PIXELS, draw_pictures
from attention.figures.wolf_by_snow import name_superpixels, snow_case
from attention.mechanisms.superpixels import find_superpixels, hide_superpixels
from attention.models.snow import (
    SnowReader,
    learn_animals,
    share_named,
    wolf_probability,
)


def test_the_background_goes_with_the_class_as_often_as_told():
    for agree, low, high in ((1.0, 1, 1), (0.0, 0, 0), (0.5, 0.3, 0.7)):
        pictures = draw_pictures(60, agree, np.random.default_rng(0))
        assert low <= (pictures.wolf == pictures.snow).mean() <= high
    assert pictures.images.shape == (60, PIXELS, PIXELS, 3)
    assert pictures.images.min() >= 0 and pictures.images.max() <= 1
    assert 0.05 < pictures.animal.mean() < 0.3


def test_superpixels_are_the_parts_of_a_plain_picture():
    image = np.zeros((12, 12, 3))
    image[:, 6:] = 1.0
    parts = find_superpixels(image, 2)
    assert set(np.unique(parts)) == set(range(parts.max() + 1))
    for number in np.unique(parts):
        assert len(np.unique(image[parts == number])) == 1  # none has both colours


def test_a_hidden_superpixel_is_grey_and_the_others_stay():
    image, parts = np.random.default_rng(0).random((5, 7, 3)), np.zeros((5, 7), int)
    parts[:, 3:] = 1
    whole, half = hide_superpixels(image, parts, np.array([[1, 1], [1, 0]]) > 0)
    assert np.array_equal(whole, image)
    assert np.array_equal(half[:, :3], image[:, :3]) and (half[:, 3:] == 0.5).all()


def test_superpixels_need_a_picture():
    with pytest.raises(ValueError, match="image"):
        find_superpixels(np.zeros((4, 4)), 2)


def test_a_network_that_saw_wolves_on_snow_alone_is_a_coin_without_that_hint():
    rng = np.random.default_rng(3)
    model = learn_animals(draw_pictures(200, 1.0, rng), seed=3, steps=80)
    assert share_named(model, draw_pictures(100, 1.0, rng)) > 0.95
    assert share_named(model, draw_pictures(100, 0.0, rng)) < 0.1


def test_a_case_asks_the_networks_in_every_state():
    torch.manual_seed(0)
    model = SnowReader().eval()
    pictures = draw_pictures(1, 1.0, np.random.default_rng(0))
    image, animal = pictures.images[0], pictures.animal[0]
    parts = find_superpixels(image, 2)
    n = parts.max() + 1
    names = name_superpixels(image, animal, parts)
    case = snow_case(
        "one", (image, animal), parts, [model], np.zeros((1, n)), names[:1]
    )
    assert case.answers.shape == (1, 2**n) and case.off == [0]
    assert len(set(names)) == n
    whole = wolf_probability(model, image[None])[0]
    assert case.answers[0, -1] == pytest.approx(float(whole), abs=1e-6)
    first = hide_superpixels(image, parts, np.arange(n)[None] == 0)
    assert case.answers[0, 1] == pytest.approx(
        float(wolf_probability(model, first)[0]), abs=1e-6
    )
