"""Sounds on a page: a wave to look at, and a file that browsers play."""

import base64
import io
import re
import wave

import numpy as np
import pytest

from attention.figures.sounds import draw_wave, encode_wave, play_sounds
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, course_style, overflow

TONE = np.sin(np.arange(400) / 5)


def figure():
    sounds = {"one": TONE, "two": TONE / 2}
    return play_sounds(sounds, 2000, marks=[0, 200], title="Two", alt="two waves")


def test_the_file_has_every_sample_and_three_between_each_two():
    file = io.BytesIO(base64.b64decode(encode_wave(TONE, 2000)))
    with wave.open(file) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 1600)
        levels = np.frombuffer(sound.readframes(1600), np.uint8)
    assert np.abs((levels[::4] - 127.5) / 120 - TONE).max() < 0.01


def test_a_wave_is_drawn_from_its_lowest_to_its_highest():
    assert draw_wave(np.array([0.0, 1, -1, 0])) == "M0 -18.5V18.5"


def test_a_rate_that_leaves_a_remainder_is_refused():
    with pytest.raises(ValueError, match="rate"):
        play_sounds({"one": TONE}, 3000, title="", alt="a wave")


def test_the_figure_is_small_the_same_each_time_and_asks_for_nothing():
    html = figure().html
    assert html == figure().html
    assert not from_outside(html.replace('src="data:', ""))
    assert len(re.findall("<audio controls", html)) == 2


@pytest.mark.slow
def test_a_browser_can_play_it(stage):
    tab = stage(figure(), style=course_style())
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    tab.wait_for_function(
        "[...document.querySelectorAll('audio')].every((a) => a.duration > 0)"
    )
    seconds = tab.evaluate("document.querySelector('audio').duration")
    assert abs(seconds - 0.2) < 0.01
