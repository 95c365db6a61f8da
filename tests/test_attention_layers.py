"""Two layers and two sentences in one figure."""

import re

import numpy as np
import pytest

from attention.figures.layers import layers_at_once
from attention.figures.live_figure import Interactive
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, in_both_themes, overflow, said

TEXTS = [["a", "rose", "is"], ["a", "rose", "<was>"]]
ALIKE = np.full((3, 3), 1 / 3)


def looks(*keys: int) -> np.ndarray:
    """Return weights (layers, 3, 3): word 0 looks at a key a layer, others at all."""
    table = np.stack([ALIKE] * len(keys))
    for layer, key in enumerate(keys):
        table[layer, 0] = np.where(np.arange(3) == key, 0.8, 0.1)
    return table


def figure(**changed) -> Interactive:
    given = {"word": 0, "title": "Two looks", "alt": "two panels"}
    return layers_at_once(TEXTS, [looks(2, 1), looks(1, 2)], **given | changed)


def stated(html: str) -> str:
    return re.findall(r'aria-live="polite">(.*?)</p>', html)[0]


def test_without_script_both_layers_of_both_sentences_are_said():
    assert stated(figure().html) == (
        "… is: “a” looks at “is” (0.80), then at “rose” (0.80). "
        "… &lt;was&gt;: “a” looks at “rose” (0.80), then at “&lt;was&gt;” (0.80)."
    )


def test_a_word_that_looks_everywhere_is_said_to():
    told = stated(figure(word=1).html)
    assert "“rose” looks at all alike, then at all alike." in told


def test_a_layers_lines_are_as_thick_as_its_weights():
    found = re.findall(r'<path style="--w:([\d.]+)"', figure().html)
    expected = np.concatenate([looks(2, 1)[:, 0], looks(1, 2)[:, 0]]).ravel()
    assert np.allclose(np.array(found, float), expected)


def test_the_key_looked_at_and_the_query_are_marked_in_each_stage():
    first = figure().html.split('class="panel"')[1]
    stages = re.findall("<ol>(.*?)</ol>", first)
    marks = [re.findall(r'<li class="(.)">(\w+)', stage) for stage in stages]
    assert marks == [[("k", "is")], [("q", "a"), ("k", "rose")], [("q", "a")]]


def test_weights_that_do_not_fit_the_words_are_refused():
    with pytest.raises(ValueError, match=r"got \(2, 3, 2\)"):
        layers_at_once(
            TEXTS, [looks(0, 0)[..., :2]] * 2, word=0, title="", alt="panels"
        )


def test_the_same_layers_are_the_same_bytes_and_ask_nothing_of_the_network():
    assert figure().html == figure().html
    assert figure().html != figure(word=1).html
    assert not from_outside(figure().html)


# --- in a browser ---


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_in_the_layers(stage, theme):
    tab = stage(figure(), theme=theme)
    assert axe_faults(tab) == []


@pytest.mark.slow
def test_the_layers_fit_a_phone(stage):
    assert overflow(stage(figure())) == 0


@pytest.mark.slow
def test_the_script_says_at_the_start_what_stands_there_without_it(stage):
    tab = stage(figure())
    status = said(tab)
    assert status == stated(figure().html).replace("&lt;", "<").replace("&gt;", ">")
    assert tab.locator("li.k").count() == 4 and tab.locator("li.q").count() == 4


@pytest.mark.slow
def test_keyboard_and_pointer_choose_the_word(stage):
    tab = stage(figure())
    slider = tab.get_by_role("slider", name="word")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "rose"
    assert tab.locator("li.k").count() == 0
    tab.locator("li", has_text="a").first.click()
    assert slider.input_value() == "0"
    assert tab.locator("li.k").count() == 4
