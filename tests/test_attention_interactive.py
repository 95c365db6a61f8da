"""Figures that answer: by pointer and keyboard, in any theme, without a barrier."""

import re
from functools import partial

import numpy as np
import pytest

from attention.figures.explorer import explore_attention
from attention.figures.interactive import slider_figure
from attention.figures.live_figure import Interactive
from tests.support.markup import from_outside, unclosed
from tests.support.stage import axe_faults, in_both_themes, overflow, said

WEIGHTS = np.array([[0.1, 0.9, 0.0], [0.5, 0.3, 0.2]])
QUERIES, KEYS = ["le", "chat"], ["the", "cat", "</script><b>"]
VOID = "input", "meta", "link", "br"


def explorer(alt: str = "weights of two queries", **options) -> Interactive:
    return explore_attention(None, QUERIES, KEYS, alt, **{"weights": WEIGHTS} | options)


def slider(**options) -> Interactive:
    x = np.linspace(0, 5, 7)
    given = {
        "alt": "a line that turns",
        "title": "The slope follows the slider",
        "label": "slope",
        "sentences": ["The slope is 1.", "The slope is 2."],
        "xlabel": "x",
        "ylabel": "y",
        "points": (x, x),
        "reference": x,
    }
    return slider_figure(x, [x, 2 * x], ["1", "2"], **given | options)


@pytest.mark.parametrize("figure", [explorer, slider])
def test_a_figure_is_whole_markup_with_one_id(figure):
    assert not unclosed(figure()._repr_html_(), *VOID)
    assert len(re.findall(r'\sid="', figure().html)) == 1


@pytest.mark.parametrize("figure", [explorer, slider])
def test_the_same_figure_gives_the_same_bytes_and_another_another_id(figure):
    assert figure().html == figure().html
    name = re.search(r'id="(\w+)"', figure().html).group(1)
    assert name not in figure(alt="something else").html


@pytest.mark.parametrize("figure", [explorer, slider])
def test_a_figure_asks_nothing_of_the_network(figure):
    assert not from_outside(figure().html)


@pytest.mark.parametrize("figure", [explorer, slider])
def test_a_figure_without_alt_text_is_refused(figure):
    with pytest.raises(ValueError, match="alt text"):
        figure(alt=" ")


def test_a_token_cannot_end_the_script():
    assert explorer().html.count("</script>") == 2  # what all share, and its data
    assert slider().html.count("</script>") == 1


@pytest.mark.parametrize("fill", ["NAME", "ID", "DATA", "COLOR"])
def test_a_token_may_be_any_word_that_the_template_uses(fill):
    figure = explore_attention(WEIGHTS, [fill, "b"], KEYS, alt="any word")
    assert f"<span><b>{fill}</b></span>" in figure.html
    assert f"“{fill}” attends most" in figure.html


def test_the_sentence_ranks_the_keys():
    assert (
        "“chat” attends most to “the” (0.50), then to “cat” (0.30); "
        "the others share 0.20."
    ) in explorer(start=1).html


def test_each_position_of_the_slider_needs_its_sentence():
    with pytest.raises(ValueError, match=r"got \(2, 7\) and 1 sentences"):
        slider(sentences=["The slope is 1."])


def test_two_lines_are_named_in_the_drawing_and_the_axis_ends_with_the_keys():
    keys = np.arange(1, 17)
    html = slider_figure(
        keys,
        [1 / keys, 1 / keys**2],
        ["1", "2"],
        sentences=["", ""],
        alt="a",
        title="",
        label="width",
        xlabel="key",
        ylabel="weight",
        reference=keys / 16,
        line_name="raw <dot>",
        reference_name="scaled",
    ).html
    assert ">raw &lt;dot&gt;</text>" in html and ">scaled</text>" in html
    assert html.count('class="truthname"') == 1
    assert ">15</text>" in html and ">20</text>" not in html


# --- in a browser ---


def weights_of(figure) -> list[str]:
    return figure.locator("tbody td:last-child").all_inner_texts()


@pytest.fixture
def page(stage):
    """What opens a page with an explorer, one with two heads, and a slider."""
    swapped = [WEIGHTS, WEIGHTS[::-1]]
    heads = explorer("two heads", weights=swapped, heads=["1", "2"])
    return partial(stage, explorer(), heads, slider())


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier(page, theme):
    tab = page(theme=theme)
    assert axe_faults(tab) == []


@pytest.mark.slow
def test_figures_fit_a_phone(page):
    assert overflow(page()) == 0


@pytest.mark.slow
def test_arrow_keys_choose_the_query(page):
    tab = page()
    figure = tab.locator("figure").first
    figure.get_by_role("radio", name="le").focus()
    tab.keyboard.press("ArrowDown")
    assert said(figure).startswith("“chat”")
    assert weights_of(figure) == ["0.50", "0.30", "0.20"]


@pytest.mark.slow
def test_the_pointer_chooses_the_query(page):
    figure = page().locator("figure").first
    figure.locator("label", has_text="chat").hover()
    assert said(figure).startswith("“chat”")


@pytest.mark.slow
def test_heads_are_chosen_from_a_list(page):
    figure = page().locator("figure").nth(1)
    figure.get_by_label("head").select_option("2")
    assert weights_of(figure) == ["0.50", "0.30", "0.20"]


@pytest.mark.slow
def test_arrow_keys_move_the_slider(page):
    figure = page().locator("figure").nth(2)
    before = figure.locator(".line").get_attribute("d")
    figure.get_by_label("slope").press("ArrowRight")
    assert said(figure) == "The slope is 2."
    assert figure.get_by_label("slope").get_attribute("aria-valuetext") == "2"
    assert figure.locator(".line").get_attribute("d") != before
