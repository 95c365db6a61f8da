"""Windows under a finger: the library's weights at each place, and what is drawn."""

import json
import re

import pytest
import torch

from attention.figures.looks import Looker
from attention.figures.window import window_states
from attention.mechanisms.local import gaussian_reweight
from tests.support.dragged import SCORES, looks, window


def data(markup: str) -> dict:
    return json.loads(re.search(r"data = (\{.*\});", markup)[1])


def test_the_weights_are_the_softmax_in_the_window_then_times_the_gaussian():
    [before], [after] = window_states(SCORES, torch.tensor([2.4]), 2)
    inside = SCORES[1:5].softmax(-1)  # from 0.4 to 4.4
    assert torch.allclose(before, torch.tensor([0, *inside, 0, 0]), atol=1e-6)
    by_hand = [
        weight * torch.exp(torch.tensor(-((i - 2.4) ** 2) / 2))
        for i, weight in enumerate(before)
    ]  # σ is D/2 = 1
    assert torch.allclose(after, torch.stack(by_hand), atol=1e-6)


def test_each_stop_of_the_sliders_has_the_librarys_weights():
    found = data(window())
    assert found["widths"] == [1, 2, 3] and found["per"] == 5
    before, after = window_states(SCORES, torch.arange(31) / 5, 3)
    assert torch.allclose(torch.tensor(found["before"][2]) / 1000, before, atol=6e-4)
    assert torch.allclose(torch.tensor(found["after"][2]) / 1000, after, atol=6e-4)


def test_the_bell_is_the_gaussian_around_0_upside_down_as_svg_has_it():
    bell = data(window())["bells"][1]
    points = [pair.split() for pair in bell[1:].split("L")]
    middle, far = points[20], points[30]
    assert (float(middle[0]), float(middle[1])) == (0, 0)
    height = gaussian_reweight(torch.ones(1), torch.tensor(float(far[0])), 2)
    assert 1 - float(far[1]) == pytest.approx(height.item(), abs=0.01)


def test_words_outside_of_the_window_are_hatched():
    low = re.search(r'bars low">(.*?)</div>', window())[1]
    assert re.findall(r'class="(on|off)"', low) == ["off", *["on"] * 4, "off", "off"]


def test_the_sentence_says_where_the_window_ends_and_what_is_left():
    _, [after] = window_states(SCORES, torch.tensor([2.4]), 2)
    markup = window()
    assert "from 0.40 to 4.40" in markup
    assert f"the Gaussian {after.sum():.2f} is left" in markup


def test_each_model_has_its_share_on_the_true_part():
    found = data(looks())
    assert found["shares"][0] == ["90%", "0%"]
    assert "general 90%, local 0%" in found["sentences"][0]
    assert "comes from nowhere" in found["sentences"][1]


def test_what_a_model_cannot_see_is_hatched_and_what_it_can_is_a_bar():
    rows = re.findall(r'class="bars">(.*?)</div>', looks())
    assert [re.findall(r'<i class="(on|off)"', row) for row in rows] == [
        ["on", "on", "on"],
        ["on", "off", "off"],
    ]


def test_the_controls_of_both_are_hidden_until_their_script_runs():
    assert "<fieldset hidden" in looks()
    assert '<div class="controls" hidden>' in window()


def test_weights_must_fit_what_is_written_and_read():
    wrong = [Looker(name="general", note="", weights=torch.ones(3, 2))]
    with pytest.raises(ValueError, match="general: weights"):
        looks(lookers=wrong)
