"""Two arcs that grow: what was measured is drawn and said, at each step."""

import re

import pytest

from attention.figures.induction_arcs import Moment, induction_arcs, induction_still
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, course_style, overflow, said

MOMENTS = [
    Moment(0, 4.5, 0.02, 0.09, 0.03),
    Moment(10, 2.25, 0.55, 0.28, 0.5),
    Moment(20, 0.0, 1.0, 0.88, 0.98),
]
AROUND = {"title": "Both grow", "alt": "two arcs and a curve"}


def arcs():
    return induction_arcs(MOMENTS, [4.5, 4.0, 4.0], **AROUND)


def test_the_sentence_tells_both_weights_and_the_share():
    assert MOMENTS[1].say() == (
        "Step 10: layer 1 puts 0.28 on the token before, layer 2 puts 0.50 on what "
        "followed last time; 55% of the second copy is right."
    )


def test_without_a_script_the_last_step_is_shown():
    html = arcs().html
    assert 'class="arc two" style="--w:0.980"' in html
    assert MOMENTS[-1].say() in html and "<label hidden>" in html


def test_the_dot_stands_on_the_curve():
    x, y = re.search(r'<circle r="6" cx="([\d.]+)" cy="([\d.]+)"', arcs().html).groups()
    assert f"L{x} {y}" in arcs().html
    assert float(y) == 206  # a loss of nothing


def test_a_still_has_a_panel_for_each_moment_and_no_slider():
    html = induction_still(MOMENTS[::2], **AROUND).html
    assert html.count("<svg") == 2 and "<input" not in html
    assert re.findall(r'class="arc one" style="--w:([\d.]+)"', html) == [
        "0.090",
        "0.880",
    ]


def test_another_number_of_reference_losses_is_refused():
    with pytest.raises(ValueError, match="expected 3 losses, got 1"):
        induction_arcs(MOMENTS, [4.5], **AROUND)


def test_the_same_figure_gives_the_same_bytes_and_asks_nothing_of_the_network():
    assert arcs().html == arcs().html
    assert not from_outside(arcs().html)


@pytest.mark.slow
def test_the_slider_moves_arcs_dot_and_sentence(stage):
    tab = stage(arcs(), induction_still(MOMENTS, **AROUND), style=course_style())
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    figure = tab.locator("figure").first
    assert said(figure) == MOMENTS[1].say()  # half-way to begin with
    assert figure.locator("circle").get_attribute("cy") == "115"
    assert figure.locator("g.two").get_attribute("style") == "--w: 0.5;"
    figure.locator("input").press("ArrowLeft")
    assert said(figure) == MOMENTS[0].say()
