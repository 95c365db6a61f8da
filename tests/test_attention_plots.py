"""Figures: inline SVG that follows the theme and says what it shows."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from attention.figures.plots import INK, Picture, curves, heatmap, show, timeline

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


def test_curves_differ_in_dash_or_marker_as_well_as_in_colour():
    fig = curves([1, 2], {"a": [1, 2], "b": [2, 1]}, "t", "x", "y")
    a, b = fig.axes[0].lines
    assert (a.get_linestyle(), a.get_marker()) != (b.get_linestyle(), b.get_marker())


def test_a_time_line_says_when_and_what():
    steps = [("2013", "word2vec", "vectors", "no context"), ("2018", "BERT", "a", "b")]
    svg = show(timeline(steps, "Two steps"), "a time line of two steps").svg
    assert all(word in svg for step in steps for word in step) and "Two steps" in svg
