"""Figures of chapter 14: a carry by step; the shapes in its pictures."""

import re

import pytest
import torch
from torch import nn

from attention.data.addition import carry_lengths
from attention.figures import cgru, one_body
from attention.figures.carry import (
    answers_by_step,
    carry_figure,
    one_carry_each,
    say_carry,
)
from attention.mechanisms.neural_gpu import GATES, cgru_step
from attention.models.multi_model import MultiModel
from attention.models.neural_gpu import NeuralGPU
from tests.support.stage import axe_faults, course_style, in_both_themes, overflow, said

AROUND = {"title": "The carry runs", "alt": "a triangle of wrong bits"}


@pytest.fixture(scope="module")
def sums():
    return one_carry_each(4)


@pytest.fixture(scope="module")
def figure(sums):
    """Return a figure of two made-up models: one place a step, and none."""
    right = sums.sums
    without = ((sums.columns - 1).clamp(min=0) % 3 > 0).long()  # a xor b
    place = torch.arange(5)
    ran = [torch.where(place < t + 1, right, without) for t in range(6)]
    answers = {
        "with": torch.stack(ran, 1),
        "without": torch.stack([without] * 6, 1),
    }
    return carry_figure(answers, sums, start=3, **AROUND)


def test_each_row_has_a_longer_carry(sums):
    assert carry_lengths(sums).tolist() == [1, 2, 3, 4]
    assert sums.sums.argmax(1).tolist() == [1, 2, 3, 4]  # 2, 4, 8, 16


def test_the_last_answer_is_the_models(sums):
    torch.manual_seed(1)
    model = NeuralGPU().eval()
    answers = answers_by_step(model, sums.columns)
    assert answers.shape == (4, 6, 5)
    assert torch.equal(answers[:, -1], model(sums.columns).argmax(-1))


@pytest.mark.parametrize(
    ("steps", "places", "told"),
    [
        (["011", "010", "100"], 2, "2 places: all bits are right from step 2 on."),
        (["000", "100"], 1, "1 place: all bits are right from step 1 on."),
        (["000", "000"], 2, "2 places: after 1 steps 1 bit is wrong."),
    ],
)
def test_the_sentence_says_when_all_is_right(steps, places, told):
    assert told in say_carry(steps, "100", places)


def test_the_figure_is_the_same_each_time_and_asks_nothing_of_the_network(figure):
    assert len(figure.html) < 60_000
    assert not re.search(r"https?:|@import|url\(", figure.html)
    assert len(re.findall(r'\sid="', figure.html)) == 1


def test_bits_that_are_wrong_are_marked_and_the_last_row_has_none(figure):
    rows = re.findall(r"<div><span>(\d)</span>(.*?)</div>", figure.html)
    marked = [row.count("class=off") for _, row in rows]
    assert [label for label, _ in rows] == list("012345")
    assert marked[0] == 4 and marked == sorted(marked, reverse=True)
    assert marked[-1] == 0


def test_without_script_it_shows_the_finding_and_no_dead_control(figure, stage):
    tab = stage(figure, script=False)
    assert tab.locator(".off").count() > 4
    assert not tab.locator("input").is_visible()


def test_keys_shorten_the_carry_and_a_list_changes_the_model(figure, stage):
    tab = stage(figure)
    slider = tab.locator("input")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "3 places"
    assert said(tab).startswith("The carry runs through 3 places")
    tab.locator("select").select_option(index=1)
    assert said(tab).endswith("after 5 steps 3 bits are wrong.")
    tab.locator("select").select_option(index=0)
    slider.press("ArrowRight")
    assert said(tab) in figure.html  # what Python said at first


@in_both_themes
def test_it_reads_on_a_phone_and_axe_finds_nothing(figure, stage, theme):
    tab = stage(figure, theme=theme, style=course_style())
    assert overflow(tab) <= 0
    assert axe_faults(tab) == []


def test_the_pictures_shapes_are_those_of_a_step():
    model = NeuralGPU(m=cgru.CGRU_SIZE[0])
    weights = model.weights()
    s = torch.zeros(1, cgru.CGRU_SIZE[0], cgru.CGRU_SIZE[1])
    made = [nn.functional.conv1d(s, *weights[name], padding="same") for name in GATES]
    shapes = {f"{x.shape[1]}×{x.shape[2]}" for x in [*made, cgru_step(s, weights)]}
    drawn = set(re.findall(r"\d+×\d+", cgru.cgru_picture().svg))
    assert drawn == shapes == {cgru.CGRU_STATE}


def test_the_pictures_shapes_are_those_of_the_body():
    model = MultiModel(13).eval()
    image, _ = model.enter("image", torch.zeros(1, 16, 4))
    text, _ = model.enter("text", torch.ones(1, 24).long())
    svg = one_body.multi_model_picture().svg
    for x in (image, text):
        assert f"{x.shape[1]}×{x.shape[2]}" in svg
    assert len(model.layers) == 2 and "the body, twice" in svg
    layer = model.layers[0]
    assert layer.attend.h == 3 and "3 heads" in svg
    assert len(layer.experts.experts) == one_body.EXPERTS and layer.experts.k == 2
    assert model("image", torch.zeros(1, 16, 4)).shape[1] == 10
    assert model("text", torch.ones(1, 24).long()).shape[1] == 2
