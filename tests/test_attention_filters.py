"""Three filters on one distribution: the page cuts as the library does."""

import math
import re

import pytest
import torch

from attention.figures.filters import HEATS, MASSES, Filter, filter_figure
from attention.models.sampling import filter_logits
from tests.support.markup import from_outside
from tests.support.stage import axe_faults, course_style, overflow

LOGITS = torch.randn(31, generator=torch.Generator().manual_seed(2)) * 2
TOKENS = [chr(97 + i) if i < 26 else str(i) for i in range(31)]
SETTINGS = [Filter(1.0, 31, 0.8), Filter(0.5, 7, 1.0), Filter(2.0, 13, 0.35)]


def figure(start=SETTINGS[0]):
    around = {"title": "Temperature bends", "alt": "bars of the likeliest"}
    return filter_figure(LOGITS, TOKENS, start=start, **around)


@pytest.mark.parametrize("setting", [*SETTINGS, Filter(1.3, 1, 0.05)])
def test_what_is_cut_is_what_the_library_cuts(setting):
    ordered = LOGITS.double().sort(descending=True)[0]
    how = {"temperature": setting.heat, "top_k": setting.k, "top_p": setting.p}
    expected = filter_logits(ordered, **how) > -math.inf
    p, kept = setting.apply(ordered.tolist())
    assert kept == expected.tolist()
    assert torch.allclose(torch.tensor(p), (ordered / setting.heat).softmax(-1).float())


def test_the_others_share_one_bar_that_is_cut_with_the_tail():
    html = figure().html
    assert html.count("<small>") == 25 and "+7</small>" in html
    cut = re.findall(r"<span class=cut>.*?<small>(.*?)</small>", html)
    assert len(cut) == 25 - sum(SETTINGS[0].apply(LOGITS.sort()[0].tolist()[::-1])[1])


def test_the_sentence_tells_what_is_left():
    said = Filter(1.0, 2, 1.0).say([1.0, 1.0, 0.0], ["a", "b", "c"])
    assert said == (
        "τ = 1, k = 2, p = 1.00: 2 of 3 are left, with 84% of the probability. "
        "Drawn from now: a 0.50, b 0.50"
    )


def test_names_and_logits_must_agree_in_number():
    with pytest.raises(ValueError, match=r"logits \(tokens,\): expected \(2,\)"):
        filter_figure(LOGITS, ["a", "b"], start=SETTINGS[0], title="", alt="bars")


def test_the_figure_asks_nothing_of_the_network_and_is_the_same_each_time():
    assert figure().html == figure().html
    assert not from_outside(figure().html)


@pytest.mark.slow
def test_the_sliders_bend_and_cut_as_python_does(stage):
    tab = stage(figure(), style=course_style())
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
    for setting in SETTINGS:
        heat, k, p = (tab.locator("input").nth(i) for i in range(3))
        heat.fill(str(HEATS.index(setting.heat)))
        k.fill(str(setting.k - 1))
        p.fill(str(MASSES.index(setting.p)))
        still = figure(setting).html
        assert f">{tab.get_by_role('status').inner_text()}</p>" in still
        heights = tab.evaluate(
            "[...document.querySelectorAll('.bars b')].map((b) => b.style.height)"
        )
        drawn = re.findall(r'<b style="height:([\d.]+)%', still)
        assert [float(h.rstrip("%")) for h in heights] == [float(h) for h in drawn]
        assert tab.locator(".cut").count() == still.count("<span class=cut>")
