"""The attention explorer: the page's softmax is torch's, for each choice."""

import base64
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from attention.figures.explorer import explore_attention
from attention.figures.explorer_data import as_scores, fixed, pack, weigh
from attention.figures.explorer_options import TEMPERATURES
from attention.figures.live_figure import Interactive
from attention.mechanisms.masking import weigh_keys
from attention.mechanisms.masks import causal_mask
from tests.support.stage import (
    axe_faults,
    in_both_themes,
    overflow,
    said,
    small_targets,
    weights_shown,
)

TOKENS = "the animal did not cross the street since it was tired .".split()
SCORES = 3 * torch.randn(4, 4, 12, 12, generator=torch.Generator().manual_seed(4))
CAUSAL = causal_mask(12, 12)
MASKS = {
    "none": torch.ones(12, 12, dtype=torch.bool),
    "padding": torch.arange(12) < 11,
    "causal": CAUSAL,
    "causal, row 8 empty": CAUSAL & (torch.arange(12) != 8)[:, None],
}


def sentence(scores=SCORES, **options) -> Interactive:
    given = {"alt": "self-attention of a sentence", "masks": MASKS}
    return explore_attention(scores, TOKENS, TOKENS, **given | options)


def small(scores, alt="two by three", **options) -> Interactive:
    return explore_attention(scores, ["le", "chat"], ["a", "b", "c"], alt, **options)


def unpack(table: np.ndarray) -> np.ndarray:
    """Read what the page reads: two or three bytes a score."""
    packed = pack(table)
    size = packed["bytes"]
    codes = np.frombuffer(base64.b64decode(packed["scores"]), np.uint8)
    numbers = codes.reshape(-1, size).astype(int) @ 256 ** np.arange(size)[::-1]
    scores = (numbers + packed["low"]) * packed["step"]
    return np.where(numbers == 256**size - 1, -np.inf, scores).reshape(table.shape)


def test_sixteen_heads_of_a_sentence_take_less_than_40_kb():
    assert len(sentence(title="The finding").html.encode()) < 40_000


def test_packed_scores_are_exact_to_a_millionth_and_round_numbers_exactly():
    table = np.array([[-7.25, 0, 0.5, 3], [np.pi, -np.inf, 8, -1 / 3]])
    read = unpack(table)
    assert np.array_equal(read[0], table[0]) and read[1, 1] == -np.inf
    assert np.allclose(read, table, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 5.0, -np.inf])
def test_equal_scores_are_packed_too(value):
    assert np.array_equal(unpack(np.full((2, 3), value)), np.full((2, 3), value))


def test_a_sentence_says_who_attends_to_what():
    figure = small(np.log([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]]))
    assert (
        "“le” attends most to “a” (0.60), then to “b” (0.30); the others share 0.10."
    ) in figure.html


TOKENS_LIKE_CODE = ["$x$", r"\$", "<unk>", "<b>", "&", "&lt;", '"', "'", "</script>"]
TOKENS_LIKE_CODE += ["<!--", "]]>", "ID", "DATA", "COLOR", "a\u2028b", "_", "^", "注意"]


class Texts(HTMLParser):
    """The texts of a snippet, each with the tag that it stands in."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: dict[str, list[str]] = {}
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open.pop() != tag:  # an input has no end
            pass

    def handle_data(self, data):
        self.found.setdefault(self.open[-1], []).append(data)


@pytest.mark.parametrize("token", TOKENS_LIKE_CODE)
def test_a_token_that_looks_like_code_is_shown_as_itself(token):
    words = [token, "b"]
    html = explore_attention(np.eye(2) * 9, words, words, "alt", title=token).html
    found = Texts(html).found
    assert [t for t in found["b"] if t not in ("query", "key")] == words
    assert found["u"] == words and found["figcaption"] == [token]
    assert f"“{token}” attends most to “{token}” (1.00)." in found["p"]
    data = json.loads(re.search(r", (\{.*\})\);$", "".join(found["script"]))[1])
    assert data["queries"] == data["keys"] == words


def test_a_row_with_no_key_allowed_attends_to_nothing():
    figure = small(np.ones((2, 3)), masks={"all": np.zeros((2, 3), dtype=bool)})
    assert "“le” attends to nothing." in figure.html
    body = figure.html.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count(">0.00</td>") == 3


def test_a_token_that_stands_twice_is_said_with_its_number():
    scores = np.eye(12) * 9
    figure = explore_attention(scores, TOKENS, TOKENS, "each looks at itself", start=5)
    assert "“the” (no. 6) attends most to “the” (no. 6) (1.00)" in figure.html


def test_weights_in_place_of_scores_come_back_and_are_called_log_weights():
    weights = np.array([[0.25, 0.5, 0.25], [0, 1, 0]])
    assert np.allclose(
        weigh(np.log(weights[0]), np.ones(3, bool), 1, False), weights[0]
    )
    figure = small(None, weights=weights)
    assert ">log weight</th>" in figure.html
    body = figure.html.split("</tbody>")[0]
    shown = re.findall(r"--w:[\d.]+\">([\d.]+)</td>", body)
    assert shown == ["0.25", "0.50", "0.25"]


def test_weights_that_come_from_no_softmax_are_shown_as_they_are():
    figure = small(None, weights=[[0.1, 0.2, 0.3], [0.1, 0.1, 0.1]])
    assert 'type="range"' not in figure.html
    assert "“le” attends most to “c” (0.30), then to “b” (0.20)" in figure.html


def test_a_tensor_with_gradients_is_taken_and_stays_what_it_was():
    scores = torch.zeros(2, 3, requires_grad=True)
    assert small(scores).html == small(np.zeros((2, 3))).html
    assert scores.requires_grad


def test_it_starts_at_the_layer_and_head_that_are_asked_for():
    scores = np.zeros((2, 5, 2, 3))
    scores[1, 3, 0, 2] = 9
    figure = small(scores, start_layer=1, start_head=3)
    assert "“le” attends most to “c” (1.00)." in figure.html
    chosen = re.findall(r"<option selected>(.*?)</option>", figure.html)
    assert chosen == ["2", "4", "where it looks"]
    assert "(0.33)" in small(scores).html


def test_a_choice_of_one_is_not_offered():
    assert "<select" not in small(np.ones((1, 1, 2, 3)), both_ways=False).html
    both = small(np.ones((2, 3, 2, 3)), layers=["low", "high"])
    assert re.findall(r'<select name="(\w+)"', both.html) == ["layer", "head", "by"]


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        (np.ones((3, 2)), {}, r"expected \(2, 3\), got \(3, 2\)"),
        (np.ones((4, 2, 3)), {"heads": "ab"}, r"expected \(2, 2, 3\), got \(4, 2, 3\)"),
        (np.ones((4, 2, 3)), {"layers": "ab"}, r"expected \(2, 2, 3\), got \(4"),
        (np.ones((1, 1, 1, 2, 3)), {}, r"got \(1, 1, 1, 2, 3\)"),
        (np.ones(3), {}, r"got \(3,\)"),
        (np.full((2, 3), np.nan), {}, "NaN"),
        (np.full((2, 3), np.inf), {}, "infinity"),
        (np.full((2, 3), -1e9), {}, "pass -inf or masks"),
        (None, {}, "either scores, or"),
        (np.ones((2, 3)), {"weights": np.ones((2, 3)) / 3}, "either scores, or"),
        (None, {"weights": np.ones((2, 3)) / 2, "temperatures": [1]}, "no softmax"),
        (None, {"weights": -np.ones((2, 3))}, "between 0 and 1"),
        (None, {"weights": 2 * np.ones((2, 3))}, "between 0 and 1"),
        (None, {"weights": np.full((2, 3), np.nan)}, "between 0 and 1"),
        (np.ones((2, 3)), {"masks": {"m": np.ones((3, 2), bool)}}, "mask 'm' must"),
        (np.ones((2, 3)), {"masks": {"m": np.ones((2, 3))}}, "booleans"),
        (np.ones((2, 3)), {"start": 2}, "start must be 0 to 1, got 2"),
        (np.ones((2, 3)), {"start_head": 1}, "start_head must be 0 to 0, got 1"),
        (np.ones((2, 3)), {"start_layer": -1}, "start_layer must be 0 to 0, got -1"),
        (np.ones((2, 3)), {"temperatures": [0, 1]}, "above 0"),
        (np.ones((2, 3)), {"alt": " "}, "alt text"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(scores, options, message):
    with pytest.raises(ValueError, match=message):
        small(scores, **options)


def test_numbers_are_rounded_as_in_the_page():
    numbers = (0.125, -0.125, -0.001, -np.inf, 2)
    assert [fixed(x) for x in numbers] == ["0.13", "−0.13", "0.00", "−∞", "2.00"]


def test_layers_without_heads_are_one_head_each():
    assert as_scores(np.ones((5, 2, 3)), None, (2, 3), "abcde", ()).shape == (
        5,
        1,
        2,
        3,
    )
    assert as_scores(np.ones((5, 2, 3)), None, (2, 3), (), ()).shape == (1, 5, 2, 3)


# --- in a browser ---


def set_temperature(figure, temperature: float) -> None:
    slider = figure.get_by_role("slider")
    slider.fill(str(TEMPERATURES.index(temperature)))
    assert slider.get_attribute("aria-valuetext") == f"{temperature:g}"


@pytest.mark.slow
def test_the_page_computes_the_weights_that_torch_computes(stage):
    figure = stage(sentence()).locator("figure")
    settings = [
        (0, 0, "none", 1, 0),
        (3, 1, "none", 0.1, 5),
        (1, 3, "padding", 2, 11),
        (2, 2, "causal", 0.5, 0),
        (3, 3, "causal", 10, 7),
        (0, 2, "causal, row 8 empty", 1.5, 9),
        (0, 2, "causal, row 8 empty", 1.5, 8),
    ]
    for layer, head, mask, temperature, query in settings:
        figure.get_by_label("layer").select_option(str(layer + 1))
        figure.get_by_label("head").select_option(str(head + 1))
        figure.get_by_label("mask").select_option(mask)
        set_temperature(figure, temperature)
        figure.locator(".token").nth(query).click()
        expected = weigh_keys(SCORES[layer, head] / temperature, MASKS[mask])[query]
        assert np.allclose(
            weights_shown(figure), expected, atol=1e-4 if temperature < 1 else 2e-6
        )
        numbers = figure.locator("tbody td:nth-child(2)").all_inner_texts()
        shown = [float(number.replace("−", "-")) for number in numbers]
        assert np.allclose(shown, SCORES[layer, head, query], atol=0.0051)
        crossed = figure.locator("tbody tr").evaluate_all(
            "all => all.map(row => row.classList.contains('off'))"
        )
        assert crossed == (~MASKS[mask].expand(12, 12)[query]).tolist()
    assert said(figure) == "“it” attends to nothing."
    assert figure.get_by_text("masked", exact=True).count() == 12


@pytest.mark.slow
def test_a_key_can_be_chosen_and_its_column_read(stage):
    figure = stage(sentence()).locator("figure")
    figure.get_by_label("show").select_option("who looks at it")
    figure.get_by_label("mask").select_option("causal")
    figure.locator(".token").nth(6).click()
    column = weigh_keys(SCORES[0, 0], CAUSAL)[:, 6]
    assert np.allclose(weights_shown(figure), column, atol=2e-6)
    best = TOKENS[column.argmax()]
    assert said(figure).startswith(f"“street” gets most from “{best}")
    assert said(figure).endswith(f"its column sums to {column.sum():.2f}.")
    assert figure.locator("legend b").inner_text() == "key"
    assert figure.locator("thead th b").inner_text() == "query"


@pytest.mark.slow
def test_queries_and_keys_of_unlike_number_can_be_swapped_and_back(stage):
    scores = np.arange(6.0).reshape(2, 3)
    figure = stage(small(scores)).locator("figure")
    before = weights_shown(figure)
    figure.get_by_label("show").select_option("who looks at it")
    assert figure.get_by_role("radio").count() == 3 and len(weights_shown(figure)) == 2
    figure.get_by_label("show").select_option("where it looks")
    assert figure.get_by_role("radio").count() == 2
    assert np.array_equal(weights_shown(figure), before)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"temperatures": [3, 7]}, {"start": 1}])
def test_the_first_state_is_the_same_with_and_without_script(stage, options):
    shared = [[0.1, 0.2, 0.3], [0.0, 0.0, 0.0]]
    figures = [
        small(np.array([[0.5, -1.25, 0.5], [2, -np.inf, 1]]), **options),
        small(np.zeros((2, 3)), masks={"all": np.tri(2, 3, dtype=bool)}, **options),
        small(
            np.arange(36.0).reshape(2, 3, 2, 3) % 5,
            start_layer=1,
            start_head=2,
            **options,
        ),
    ]
    if "temperatures" not in options:
        figures.append(small(None, weights=shared, **options))
    with_script = stage(*figures)
    without = stage(*figures, script=False)
    for i in range(len(figures)):
        texts = []
        for tab in (with_script, without):
            figure = tab.locator("figure").nth(i)
            texts.append((said(figure), figure.locator("table").inner_text()))
        assert texts[0] == texts[1]
    assert without.get_by_role("combobox").count() == 0
    assert without.get_by_role("radio", disabled=False).count() == 0


@pytest.mark.slow
def test_several_explorers_on_a_page_answer_each_for_itself(stage):
    other = sentence(-SCORES, alt="another")
    tab = stage(sentence(), other)
    first, second = tab.locator("figure").all()
    before = said(first)
    second.locator(".token").nth(3).hover()
    assert said(first) == before
    expected = weigh_keys(-SCORES[0, 0], MASKS["none"])[3]
    assert np.allclose(weights_shown(second), expected, atol=2e-6)


@pytest.mark.slow
def test_keys_alone_lead_through_all_controls(stage):
    tab = stage(sentence())
    figure = tab.locator("figure")
    visited = []
    for _ in range(6):
        tab.keyboard.press("Tab")
        visited.append(
            tab.evaluate("document.activeElement.name || document.activeElement.type")
        )
    name = figure.get_attribute("id")
    assert visited == ["layer", "head", "mask", "by", "range", name]
    tab.keyboard.press("ArrowDown")
    assert said(figure).startswith("“animal”")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("ArrowLeft")
    assert figure.get_by_role("slider").get_attribute("aria-valuetext") == "0.7"


def tap(figure) -> None:
    figure.locator(".token").nth(1).tap()


def hover(figure) -> None:
    figure.locator(".token").nth(1).hover()


def focus(figure) -> None:
    figure.get_by_role("radio").nth(1).focus()


@pytest.mark.slow
@pytest.mark.parametrize("touch", [tap, hover, focus])
def test_a_touch_a_pointer_or_the_focus_chooses_a_token(stage, touch: Callable):
    figure = stage(sentence(), has_touch=True).locator("figure")
    touch(figure)
    assert said(figure).startswith("“animal” attends most")


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_whatever_is_chosen(stage, theme):
    tab = stage(sentence(), small(np.ones((2, 3))), theme=theme)
    figure = tab.locator("figure").first
    for mask, by in (
        ("none", "where it looks"),
        ("causal", "who looks at it"),
    ):
        figure.get_by_label("mask").select_option(mask)
        figure.get_by_label("show").select_option(by)
        assert axe_faults(tab) == []


@pytest.mark.slow
def test_an_explorer_fits_a_phone_whatever_the_tokens(stage):
    long = [f"a rather long name of token {i}" for i in range(3)]
    some = {"some": np.tri(3, dtype=bool)}
    figure = explore_attention(np.ones((3, 3)), long, long, "long tokens", masks=some)
    tab = stage(sentence(), figure)
    assert overflow(tab) == 0
    places = (
        "all => all.map(e => e.getBoundingClientRect()).map(b => [b.top, b.bottom])"
    )
    for shown in tab.locator("figure").all():
        tokens = np.array(shown.locator(".token").evaluate_all(places))
        rows = np.array(shown.locator("tbody tr").evaluate_all(places))
        assert small_targets(shown, ".token") == []
        assert np.allclose(tokens, rows, atol=1.5)  # so that lines meet their rows


@pytest.mark.slow
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_bars_move_only_for_those_who_want_motion(stage, motion):
    tab = stage(small(np.ones((2, 3))), reduced_motion=motion)
    moves = tab.locator("path").first.evaluate("e => getComputedStyle(e).transition")
    assert ("0.2s" in moves) == (motion == "no-preference")


def test_an_option_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(TypeError, match="no option tittle; it has title, "):
        small(np.zeros((2, 3)), tittle="a finding")
