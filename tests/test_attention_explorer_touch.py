"""The attention explorer under the finger: pins, maps, two lists, folded lines."""

import base64
import io
import re
from functools import partial

import matplotlib.image
import numpy as np
import pytest
import torch

from attention.figures.explorer import explore_attention
from attention.figures.explorer_data import Row, keep_rows
from attention.figures.live_figure import Interactive, drop_repeats
from tests.support.stage import (
    axe_faults,
    in_both_themes,
    overflow,
    said,
    weights_shown,
)

TOKENS = "the animal did not cross the street since it was tired .".split()
HEADS = ["one", "two", "three"]
SCORES = 3 * torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(5))
WEIGHTS = SCORES.softmax(-1)
CAUSAL = torch.ones(12, 12).tril().bool()
LETTERS = list("First Citizen: We are ac")
MANY = 2 * torch.randn(24, 24, generator=torch.Generator().manual_seed(6))
SEEN = torch.ones(24, 24).tril().bool()


def explorer(scores=SCORES[0, 0], words=TOKENS, **options) -> Interactive:
    return explore_attention(scores, words, words, "some words", **options)


def long(**options) -> Interactive:
    return explorer(
        MANY, LETTERS, masks={"causal": SEEN, "none": SEEN | True}, **options
    )


def two(**options) -> Interactive:
    given = {"heads": HEADS, "beside": ("one", "three")}
    return explorer(SCORES, layers=["low", "high"], **given | options)


def test_a_score_of_minus_infinity_is_hatched_without_any_mask():
    hidden = SCORES[0, 0].masked_fill(~CAUSAL, -torch.inf)
    html = explorer(hidden, start=3).html
    assert html.count('<tr class="off"><th scope="row"><b><i>✕') == 8
    assert "crossed out and hatched: masked" in html
    assert "crossed out" not in explorer().html


def test_weights_of_exactly_zero_are_hatched_and_the_note_says_so():
    html = explorer(None, weights=np.tri(12) / np.arange(1, 13)[:, None], start=3).html
    assert html.count('<tr class="off"><th scope="row"><b><i>✕') == 8
    assert "masked, its weight is 0" in html


def test_small_weights_of_a_long_list_share_a_line_and_the_masked_another():
    row = MANY[20].masked_fill(~SEEN[20], -torch.inf).softmax(-1)
    small = (row < 0.01) & SEEN[20]
    html = long(start=20).html
    assert f"<span>{int(small.sum())} others</span>" in html
    assert f">{row[small].sum():.2f}</td>" in html.split("<tfoot>")[1]
    assert "<span>✕ 3 masked</span>" in html


def test_a_short_list_and_the_three_largest_of_a_long_one_are_never_folded():
    allowed = np.ones(200, dtype=bool)
    flat = np.full(200, 0.005)
    assert keep_rows(Row(flat, allowed, flat)).nonzero()[0].tolist() == [0, 1, 2]
    assert keep_rows(Row(flat[:12], allowed[:12], flat[:12])).all()


def test_one_small_weight_keeps_its_line():
    weights = np.array([0.5, 0.1, 0.1] + [0.029] * 10 + [0.009])
    assert keep_rows(Row(weights, np.ones(14, dtype=bool), weights)).all()


@pytest.mark.parametrize(
    ("label", "turned", "way"),
    [
        ("looks at", "is looked at by", "who looks at this word"),
        ("English", "this word", ""),
    ],
)
def test_headings_and_switch_make_true_sentences_both_ways(label, turned, way):
    html = explorer(query_label="this word", key_label=label).html
    other = label if turned == "this word" else "this word"
    assert (
        f'"turned": ["{other}", "{turned}"]'.replace(": ", ":").replace(", ", ",")
        in html
    )
    assert f">{way or 'who looks at this word'}</option>" in html


def test_style_and_script_are_the_same_text_in_each_explorer():
    def shared(figure):
        html = figure.html
        style, scripts = (
            re.findall("<style>(.*?)</style>", html, re.S),
            html.split("<script>"),
        )
        return style, scripts[1]

    one, other = explorer(title="one"), two(title="other")
    assert shared(one) == shared(other)
    assert one.html.split("<script>")[2] != other.html.split("<script>")[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beside": ("one", "four")}, "beside must name two of the heads"),
        ({"beside": ("one",)}, "beside must name two"),
        ({"head_keys": [TOKENS] * 2}, r"12 keys for each of 3 heads"),
        ({"head_keys": [TOKENS, TOKENS, ["a"]]}, r"got \[12, 12, 1\]"),
    ],
)
def test_lists_that_are_not_there_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        two(**options)


# --- in a browser ---

COLUMN = "body { max-width: 737px; margin: 20px auto; padding: 0 12px }"


@pytest.fixture
def page(stage):
    """What opens pages with explorers in a column as wide as the course's."""
    return partial(stage, width=1400, height=900, style=COLUMN)


@pytest.mark.slow
def test_a_click_keeps_a_token_on_the_pointers_way_to_the_menus(page):
    figure = page(explorer(masks={"none": CAUSAL | True, "causal": CAUSAL})).locator(
        "figure"
    )
    tokens = figure.locator(".token")
    tokens.nth(8).click()
    for i in (5, 2, 0):
        tokens.nth(i).hover()
        assert said(figure).startswith("“it”")
    figure.get_by_label("mask").select_option("causal")
    assert said(figure).startswith("“it”")


@pytest.mark.slow
@pytest.mark.parametrize("free", ["click", "Escape"])
def test_a_second_click_or_escape_lets_the_pointer_look_again(page, free):
    figure = page(explorer()).locator("figure")
    tokens = figure.locator(".token")
    tokens.nth(8).click()
    tokens.nth(8).click() if free == "click" else tokens.nth(8).press("Escape")
    tokens.nth(1).hover()
    assert said(figure).startswith("“animal”")
    figure.locator("figcaption, .notes").first.hover()
    assert said(figure).startswith("“it”")


@pytest.mark.slow
def test_a_pointer_that_only_looks_changes_no_choice(page):
    figure = page(explorer(start=8)).locator("figure")
    figure.locator(".token").nth(2).hover()
    assert said(figure).startswith("“did”")
    figure.locator(".notes").hover()
    assert said(figure).startswith("“it”")
    assert figure.get_by_role("radio").nth(8).is_checked()


def place(tab, figure, row: float, column: float) -> tuple[float, float]:
    """Return where a cell of the map stands in the window."""
    box = figure.locator(".map svg").first.bounding_box()
    return (
        box["x"] + box["width"] * (column + 0.5) / 12,
        box["y"] + box["height"] * (row + 0.5) / 12,
    )


@pytest.mark.slow
def test_a_drag_over_the_map_chooses_rows_and_columns(page):
    tab = page(explorer())
    figure = tab.locator("figure")
    tab.mouse.move(*place(tab, figure, 1, 3))
    tab.mouse.down()
    assert said(figure).startswith("“animal”")
    tab.mouse.move(*place(tab, figure, 8, 3), steps=4)
    tab.mouse.up()
    assert said(figure).startswith("“it”")
    assert figure.get_by_role("radio").nth(8).is_checked()
    figure.get_by_label("show").select_option("who looks at it")
    tab.mouse.click(*place(tab, figure, 1, 3))
    assert said(figure).startswith("“not” gets most from")
    assert figure.locator(".pick").get_attribute("x") == "3"


def pixels(figure) -> np.ndarray:
    uri = figure.locator(".map image").first.get_attribute("href")
    file = io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))
    return (255 * matplotlib.image.imread(file, format="png")).round()


@pytest.mark.slow
def test_the_script_draws_the_map_that_python_draws(page):
    figure = explorer(masks={"causal": CAUSAL})
    drawn = pixels(page(figure).locator("figure"))
    written = pixels(page(figure, script=False).locator("figure"))
    assert drawn.shape == written.shape == (48, 48, 4)
    assert np.abs(drawn[..., 3] - written[..., 3]).max() <= 1
    clear = written[..., 3] > 60  # a browser rounds the colour of faint pixels
    assert np.abs(drawn[clear] - written[clear]).max() <= 4


@pytest.mark.slow
def test_two_heads_next_to_each_other_are_each_right_and_each_can_be_changed(page):
    figure = page(two(start=4)).locator("figure")
    first, second = figure.locator("table").all()
    figure.get_by_label("layer").select_option("high")
    figure.get_by_label("list 2").select_option("two")
    figure.locator(".token").nth(7).click()
    assert np.allclose(weights_shown(first), WEIGHTS[1, 0, 7], atol=2e-6)
    assert np.allclose(weights_shown(second), WEIGHTS[1, 1, 7], atol=2e-6)
    one, other = said(figure).split("\n")
    assert one.startswith("one: “since” attends most") and other.startswith("two: “s")
    assert figure.get_by_label("head", exact=True).count() == 0


@pytest.mark.slow
def test_two_layers_next_to_each_other_need_no_menu_of_layers(page):
    figure = two(beside=("low", "high"), start_head=2)
    figure = page(figure).locator("figure")
    first, second = figure.locator("table").all()
    assert np.allclose(weights_shown(first), WEIGHTS[0, 2, 0], atol=2e-6)
    assert np.allclose(weights_shown(second), WEIGHTS[1, 2, 0], atol=2e-6)
    assert figure.locator(".name").all_inner_texts() == ["low", "high"]
    assert figure.locator("select").evaluate_all("s => s.map(e => e.name)") == [
        "head",
        "by",
    ]


@pytest.mark.slow
def test_a_page_that_keeps_the_first_style_and_script_has_two_explorers_that_answer(
    page,
):
    both = explorer().html + two(title="another").html
    once = drop_repeats(both)
    assert len(both) - len(once) > 15_000 and once.count("<style>") == 1
    tab = page(Interactive(once, "both"))
    for figure in tab.locator("figure").all():
        figure.locator(".token").nth(8).click()
        assert "“it” attends" in said(figure)
    assert tab.locator("figure").nth(1).evaluate("f => f.offsetHeight") < 700


@pytest.mark.slow
def test_each_head_may_have_its_own_keys(page):
    own = [[*TOKENS[:10], word, "."] for word in ("tired", "wide", "old")]
    figure = page(two(head_keys=own, start=8)).locator("figure")
    tables = figure.locator("table").all()
    assert [t.locator("u").nth(10).inner_text() for t in tables] == ["tired", "old"]
    figure.get_by_label("list 1").select_option("two")
    assert tables[0].locator("u").nth(10).inner_text() == "wide"


@pytest.mark.slow
def test_folded_lines_open_and_close(page):
    figure = page(long(start=20)).locator("figure")
    rows = figure.locator("tbody tr:visible")
    few = rows.count()
    button = figure.get_by_role("button", name="others")
    assert few < 20 and button.get_attribute("aria-expanded") == "false"
    button.click()
    assert rows.count() == 24 and button.get_attribute("aria-expanded") == "true"
    button.click()
    assert rows.count() == few
    figure.get_by_role("button", name="✕ 3 masked").press("Enter")
    assert rows.count() == 24


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [long, two, lambda: long(start=0), lambda: two(start=9)]
)
def test_the_first_state_is_the_same_with_and_without_script(page, make):
    texts, places = [], []
    for script in (True, False):
        figure = page(make(), script=script).locator("figure")
        tables = figure.locator("table").all_inner_texts()
        lines = figure.locator("path:not([hidden])").evaluate_all(
            "all => all.map(p => p.getAttribute('d').match(/[-.0-9]+/g).map(Number))"
        )
        texts.append((said(figure), tables))
        places.append(lines)
    assert texts[0] == texts[1]
    assert np.allclose(*places, atol=0.6)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1400, 900), (390, 844)])
def test_no_explorer_is_taller_than_a_screen_or_wider_than_its_page(page, size):
    menus = {"title": "A title of some length that takes two lines on a phone"}
    tab = page(
        long(**menus), two(**menus), explorer(**menus), width=size[0], height=size[1]
    )
    heights = tab.locator("figure").evaluate_all("all => all.map(f => f.offsetHeight)")
    assert max(heights) <= 700
    assert overflow(tab) == 0
    widths = tab.locator("figure").evaluate_all("all => all.map(f => f.offsetWidth)")
    assert size[0] == 390 or min(widths) == 737


@pytest.mark.slow
def test_the_chosen_token_is_in_sight_and_keys_scroll_to_the_next(page):
    tab = page(long(start=23))
    figure = tab.locator("figure")
    inside = """(grid) => { const [a, b] = [grid, grid.querySelector('.on')].map(
        (e) => e.getBoundingClientRect());
        return b.top >= a.top && b.bottom <= a.bottom + 1; }"""
    assert figure.locator(".grid").evaluate(inside)
    figure.get_by_role("radio").nth(23).focus()
    tab.keyboard.press("ArrowDown")  # to the first
    assert said(figure).startswith("“F”")
    assert figure.locator(".grid").evaluate(inside)


@pytest.mark.slow
def test_paper_has_all_lines_and_no_control(page):
    tab = page(long(start=20), two())
    tab.emulate_media(media="print")
    assert tab.locator("select:visible, input[type=range]:visible").count() == 0
    signs = "all => all.map(b => getComputedStyle(b, '::after').content)"
    folded = tab.locator("button:visible")
    assert "others" in folded.first.inner_text()  # as plain words
    assert set(folded.evaluate_all(signs)) == {"none"}
    assert tab.locator(".hint:visible").count() == 0
    assert tab.locator(".name").all_inner_texts() == ["one", "three"]
    hidden = "all => all.map(g => g.scrollHeight - g.clientHeight)"
    assert max(tab.locator(".grid").evaluate_all(hidden)) <= 1


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_in_two_lists_or_a_long_one(page, theme):
    tab = page(long(), two(), theme=theme)
    assert axe_faults(tab) == []
