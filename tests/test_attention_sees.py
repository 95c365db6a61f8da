"""Who sees what: the page shows the tables that it was given, word by word."""

import re

import numpy as np
import pytest

from attention.figures.sees import say_seen, who_sees
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, course_style, overflow, said

WORDS = ["the", "plot", "thickens"]
LEFT = np.tri(3).astype(bool)
SEES = {"left": LEFT, "right": LEFT.T, "both": LEFT | True}


def figure(start=1):
    around = {"title": "Each its side", "alt": "three rows of words"}
    return who_sees(WORDS, SEES, start=start, **around)


def cells(html: str) -> list[str]:
    return re.findall(r'<td class="([\w ]+)">', html)


def test_what_a_state_has_not_read_is_hatched():
    assert cells(figure().html) == [
        *("seen", "seen at", "unseen"),
        *("unseen", "seen at", "seen"),
        *("seen", "seen at", "seen"),
    ]


def test_the_sentence_counts_the_words():
    assert say_seen(WORDS, SEES, 2) == (
        "At “thickens” a state has read, of 3 words: left 3; right 1; both 3."
    )


def test_a_table_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"left \(states, words\): expected \(2, 2\)"):
        who_sees(WORDS[:2], SEES, start=0, title="", alt="rows")


def test_the_figure_is_the_same_each_time_and_asks_nothing_of_the_network():
    assert figure().html == figure().html
    assert not from_outside(figure().html)


@pytest.mark.slow
def test_slider_and_press_choose_the_state(stage):
    tab = stage(figure(), style=course_style())
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    tab.locator("input").press("ArrowRight")
    shown = "[...document.querySelectorAll('td')].map((td) => td.className)"
    assert tab.evaluate(shown) == cells(figure(2).html)
    tab.locator("td").first.click()
    assert tab.evaluate(shown) == cells(figure(0).html)
    assert said(tab) == say_seen(WORDS, SEES, 0)
