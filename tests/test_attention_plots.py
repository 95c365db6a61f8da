"""Figures: inline SVG that follows the theme and says what it shows."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.figure import Figure

from attention.figures.explorer import explore_attention
from attention.figures.plots import INK, Picture, curves, heatmap, show, timeline
from attention.figures.tokens import visible

WEIGHTS = np.array([[0.1, 0.9, 0.0], [1.0, 0.0, 0.0]])


def picture(alt: str = "two rows of weights") -> Picture:
    return show(heatmap(WEIGHTS, ["le", "chat"], ["the", "cat", "."], "A finding"), alt)


def test_ink_becomes_the_colour_of_the_text_around_the_figure():
    svg = picture().svg
    assert INK not in svg
    assert "currentColor" in svg


def test_alt_text_is_the_accessible_name_and_is_escaped():
    root = ET.fromstring(picture('says "a < b"').svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'says "a < b"'


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt text"):
        picture(alt)


def test_the_same_figure_gives_the_same_bytes():
    assert picture().svg == picture().svg


def test_ids_of_two_figures_never_meet():
    one, two = (set(re.findall(r'\bid="([^"]+)"', picture(a).svg)) for a in "ab")
    assert one
    assert not one & two


def test_references_inside_a_figure_resolve():
    svg = picture().svg
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    used = re.findall(r'(?:url\(#|href="#)([^")]+)', svg)
    assert used
    assert set(used) <= ids


def test_no_style_of_a_figure_rules_the_page():
    assert "<style" not in picture().svg


def test_a_figure_shrinks_with_its_column():
    head = picture().svg.split(">")[0]
    assert "width:100%" in head
    assert not re.search(r'\s(width|height)="', head)


def test_a_heatmap_of_the_wrong_shape_says_what_was_expected():
    with pytest.raises(ValueError, match=r"expected \(1, 3\), got \(2, 3\)"):
        heatmap(WEIGHTS, ["le"], ["the", "cat", "."], "")


def test_small_heatmaps_carry_their_numbers():
    assert ">.90<" in picture().svg.replace("\n", "")


def test_many_cells_are_one_picture_without_lines_between_them_and_with_a_scale():
    tokens = list("abcdefghijklmnop")
    few, many = picture().svg, show(heatmap(np.eye(16), tokens, tokens, ""), "16").svg
    assert few.count("<image") == 1 and many.count("<image") == 2  # cells and scale
    assert len(many) < 16_000 and ">weight<" in many
    assert "stroke-opacity: 0.35" in few and "stroke-opacity: 0.35" not in many


def test_the_scale_beside_the_cells_says_what_the_colours_mean_or_is_left_out():
    def draw(scale):
        return show(
            heatmap(np.eye(3), "abc", "def", "", numbers=False, scale=scale), "3"
        )

    assert ">share right<" in draw("share right").svg
    assert draw("").svg.count("<image") == 1


def test_a_figure_is_as_wide_as_the_column_whatever_width_it_was_given():
    for width in (3, 12):
        figure = heatmap(WEIGHTS, ["le", "chat"], ["the", "cat", "."], "A finding")
        figure.set_size_inches(width, 3)
        found = re.search(r"max-width:(\d+)px", show(figure, "a").svg)
        assert found and 700 < int(found[1]) <= 740


def test_a_phone_gets_a_narrow_drawing_with_letters_of_11_pixels():
    narrow = ET.fromstring(picture().narrow)
    width = float(narrow.attrib["viewBox"].split()[2]) * 4 / 3
    assert 300 < width < 360  # pixels
    styles = [text.attrib["style"] for text in narrow.iter(f"{SVG}text")]
    sizes = [float(size) for s in styles for size in re.findall(r"([\d.]+)px", s)]
    assert len(sizes) == len(styles) and min(sizes) * 4 / 3 >= 11


def test_panels_in_a_row_stand_below_each_other_on_a_phone():
    axes = (figure := Figure(figsize=(9, 4))).subplots(1, 2, sharey=True)
    for ax in axes:
        curves([1, 2], {"a": [1, 2]}, "t", "x", "how much", ax=ax)
    axes[1].set_ylabel("")
    drawn = show(figure, "two panels")
    wide, narrow = (
        [float(n) for n in ET.fromstring(svg).attrib["viewBox"].split()[2:]]
        for svg in (drawn.svg, drawn.narrow)
    )
    assert wide[0] > 1.5 * wide[1] and narrow[1] > 1.5 * narrow[0]
    assert drawn.svg.count(">how much<") == 1 and drawn.narrow.count(">how much<") == 2


def test_a_legend_outside_its_panel_stands_below_and_takes_no_room_from_it():
    lines = {f"a rather long name of line {i}": [i, 1] for i in range(5)}

    def draw(**place):
        figure = curves([1, 2], lines, "t", "x", "y")
        figure.axes[0].legend(**place)
        return show(figure, "five lines")

    inside, outside = draw(loc="upper right"), draw(bbox_to_anchor=(0.5, -0.2))
    for svg, more in ((inside.svg, outside.svg), (inside.narrow, outside.narrow)):
        low, high = (ET.fromstring(s).attrib["viewBox"].split() for s in (svg, more))
        assert low[2] == high[2] and float(high[3]) > float(low[3]) + 12
        assert all(more.count(f">{name}<") == 1 for name in lines)


def test_a_legend_that_a_line_crosses_stands_below_on_a_phone():
    def height(line):
        figure = curves([1, 2, 3], {"a name": line}, "t", "x", "y")
        figure.axes[0].set_ylim(0, 1)
        figure.axes[0].legend(loc="upper right")
        return float(
            ET.fromstring(show(figure, "a").narrow).attrib["viewBox"].split()[3]
        )

    assert height([0.9, 0.9, 0.9]) > height([0.2, 0.2, 0.2]) + 12


def test_a_title_that_is_too_long_for_a_phone_is_broken():
    title = "A finding that takes a good many words to say, and some more"
    drawn = show(curves([1, 2], {"a": [1, 2]}, title, "x", "y"), "alt")
    assert title in drawn.svg and title not in drawn.narrow
    assert all(word in drawn.narrow for word in title.split())


def test_a_picture_fills_the_column_and_takes_few_bytes():
    ax = (figure := Figure(figsize=(5.4, 3.7))).add_subplot()
    rows, columns = np.indices((288, 432)) / 400
    noise = 0.02 * np.random.default_rng(0).random((288, 432))
    ax.imshow(np.stack([rows, columns, 0.5 + noise], -1))
    ax.set_axis_off()
    drawn = show(figure, "a gradient")
    width, height = map(float, ET.fromstring(drawn.svg).attrib["viewBox"].split()[2:])
    assert 500 < width < 553 and 0.6 < height / width < 0.75
    assert "data:image/webp" in drawn.svg and len(drawn.svg) < 60_000


def test_words_for_query_and_key_have_their_colours_in_both_themes():
    assert "var(--course-query, " in picture().svg
    assert "var(--course-key, " in picture().narrow


def test_places_are_rounded_and_fonts_are_the_pages():
    svg = picture().svg
    assert not re.search(r' d="[^"]*\d\.\d\d', svg)
    assert "DejaVu" not in svg and "<!--" not in svg


def test_curves_differ_in_dash_or_marker_as_well_as_in_colour():
    fig = curves([1, 2], {"a": [1, 2], "b": [2, 1]}, "t", "x", "y")
    a, b = fig.axes[0].lines
    assert (a.get_linestyle(), a.get_marker()) != (b.get_linestyle(), b.get_marker())


def test_a_time_line_says_when_and_what():
    steps = [("2013", "word2vec", "vectors", "no context"), ("2018", "BERT", "a", "b")]
    svg = show(timeline(steps, "Two steps"), "a time line of two steps").svg
    assert all(word in svg for step in steps for word in step) and "Two steps" in svg


# --- tokens are shown as themselves --------------------------------------------------

TOKENS = ["$", "$x$", "a$b$c", r"\$", r"$\frac$", "^", "_", "_x", "{}", "#", "%", "\\"]
TOKENS += ["<unk>", "<b>", "&", "&amp;", "-->", '"', "'", 'id="q"', "url(#a)", INK]
TOKENS += [
    "naïve",
    "Łódź",
    "注意",
    "שלום",
    "…",
    "−",
    "`",
    "[CLS]",
    "##ing",
    "Ġthe",
    "x" * 40,
]
SEEN = {
    "": "∅",
    " ": "␣",
    "  ": "␣␣",
    "\n": "↵",
    "\t": "⇥",
    " the": "␣the",
    ".\n": ".↵",
}
SEEN |= {"\x00": "␀", "\x1b": "␛", "\x7f": "␡", "\ud800": "\ufffd", "\xa0": "␣"}
ALL = [*TOKENS, *SEEN]


def texts(picture: Picture) -> list[str]:
    return [text.text for text in ET.fromstring(picture.svg).iter(f"{SVG}text")]


SVG = "{http://www.w3.org/2000/svg}"


def draw_heatmap() -> Picture:
    return show(heatmap(np.eye(len(ALL)), ALL, ALL, "A finding"), "alt")


def draw_curves() -> Picture:
    return show(curves([1, 2], {t: [1, 2] for t in ALL}, "t", "x", "y"), "alt")


def draw_timeline() -> Picture:
    return show(timeline([(t, t, t, t) for t in TOKENS], "t"), "alt")


def draw_bars() -> Picture:
    """As chapters draw: matplotlib's own axes, tokens as categories and as notes."""
    ax = heatmap([[1]], ["q"], ["k"], "").add_subplot()
    ax.bar([visible(t) for t in ALL], range(len(ALL)))
    for place, token in enumerate(ALL):
        ax.annotate(visible(token), (0, place))
        ax.text(1, place, visible(token))
    return show(ax.get_figure(), "alt")


@pytest.mark.parametrize("draw", [draw_heatmap, draw_curves, draw_timeline, draw_bars])
def test_a_token_in_a_figure_is_that_token(draw):
    shown = texts(draw())
    assert set(TOKENS) <= set(shown)
    if draw is not draw_timeline:
        assert set(SEEN.values()) <= set(shown)


@pytest.mark.parametrize("part", ["title", "query_label", "key_label"])
@pytest.mark.parametrize("token", ["the token $x$", "$", r"$\frac$", "<unk>"])
def test_a_token_in_the_words_around_a_heatmap_is_that_token(part, token):
    figure = heatmap([[1]], ["q"], ["k"], **({"title": ""} | {part: token}))
    assert token in texts(show(figure, "alt"))


@pytest.mark.parametrize(
    "figure", [draw_heatmap, lambda: explore_attention([[0]], "q", "k", "alt")]
)
def test_no_notebook_reads_formulas_in_a_figure(figure):
    first = re.search(r'<(?:div|figure) [^>]*class="([^"]*)"', figure()._repr_html_())
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(first[1].split())


def test_the_numbers_of_a_logarithmic_axis_are_plain_letters():
    wide = texts(
        show(curves([1, 1000], {"a": [1, 0.01]}, "", "", "", logx=True, logy=True), "a")
    )
    assert {"10³", "10⁻²"} <= set(wide) and not any("$" in text for text in wide)
    narrow = texts(
        show(curves([1, 2], {"a": [0.002, 0.003]}, "", "", "", logy=True), "a")
    )
    assert "2×10⁻³" in narrow


@pytest.mark.parametrize(("token", "seen"), SEEN.items())
def test_what_is_not_seen_has_a_sign(token, seen):
    assert visible(token) == seen
    assert visible("a b") == "a b"
