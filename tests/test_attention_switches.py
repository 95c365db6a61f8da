"""Switches and evidence: the page answers as Python does, by hand and by keyboard."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from attention.figures.evidence import Evidence, evidence_figure, say_evidence
from attention.figures.switches import (
    Asked,
    Case,
    answer_states,
    say_switches,
    signed,
    state_of,
    switch_figure,
    trace,
)
from tests.support.markup import from_outside
from tests.support.places import ROOT
from tests.support.stage import axe_faults, controls, course_style, overflow, said

AROUND = {"title": "Hide the animal", "alt": "a picture with three parts"}
ASKED = Asked(
    models=["one", "two"], answer="p(wolf)", weight="LIME's weight", gone="Hidden"
)
WHERE = np.array([[0, 0, 1], [2, 2, 1]])


def picture(name="wolf", off=(1,)) -> Case:
    rng = np.random.default_rng(len(name))
    return Case(
        name=name,
        parts=["sky", "animal", "snow"],
        answers=rng.random((2, 8)).round(2),
        weights=np.array([[0.5, -0.25, 0.0], [0.1, 0.2, -0.4]]),
        off=off,
        image=rng.random((2, 3, 3)),
        where=WHERE,
    )


def test_the_sentence_says_what_is_off_and_what_the_models_answer():
    case = picture()
    assert state_of(case) == 0b101
    one, two = case.answers[:, 0b101]
    expected = f"Hidden: animal. p(wolf): one {one:.2f}; two {two:.2f}."
    assert say_switches(case, ASKED) == expected
    assert say_switches(picture(off=()), ASKED).startswith("Hidden: nothing.")


def test_a_trace_covers_its_pixels_run_by_run():
    assert trace(WHERE == 2) == "M0 1h2v1h-2z"
    assert trace(WHERE == 1) == "M2 0h1v1h-1zM2 1h1v1h-1z"


def test_every_state_is_asked_and_bit_i_is_part_i():
    found = answer_states(3, lambda kept: kept @ np.array([1.0, 10.0, 100.0]))
    assert found.tolist() == [0, 1, 10, 11, 100, 101, 110, 111]


def test_numbers_have_their_sign():
    assert signed(-0.254) == "−0.25" and signed(0.5) == "+0.50"


def test_answers_must_be_there_for_every_state():
    with pytest.raises(ValueError, match=r"answers \(models, states\)"):
        switch_figure(
            [picture()], Asked(models=["a"], answer="", weight="", gone=""), **AROUND
        )


def test_a_single_column_of_weights_has_no_second_heading():
    weights = np.array([[0.5, -0.25, 0.0]])
    case = replace(picture(), answers=np.zeros((1, 8)), weights=weights)
    asked = replace(ASKED, models=["this model"])
    one, two = (
        switch_figure([shown], words, **AROUND).html.count('class="head"')
        for shown, words in ((case, asked), (picture(), ASKED))
    )
    assert (one, two) == (1, 2)


def test_the_switches_ask_nothing_of_the_network_and_are_the_same_each_time():
    html = switch_figure([picture()], ASKED, **AROUND).html
    assert html == switch_figure([picture()], ASKED, **AROUND).html
    assert not from_outside(html)


@pytest.mark.slow
def test_switches_answer_as_python_does(stage):
    cases = [picture(), picture("a husky", off=())]
    tab = stage(switch_figure(cases, ASKED, **AROUND), style=course_style())
    assert axe_faults(tab) == [] and overflow(tab) == 0
    assert said(tab) == say_switches(cases[0], ASKED)
    tab.locator("section:visible label", has_text="snow").locator("input").press(" ")
    assert said(tab) == say_switches(picture(off=(1, 2)), ASKED)
    tab.locator("section:visible path").nth(1).click()  # the picture is a switch, too
    assert said(tab) == say_switches(picture(off=(2,)), ASKED)
    tab.locator(".cases input").nth(1).check()
    assert said(tab) == say_switches(cases[1], ASKED)
    shown = tab.locator("section:visible .meter b").all_inner_texts()
    assert shown == [f"{x:.2f}" for x in cases[1].answers[:, 7]]


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_on_paper_the_rows_stay_without_their_switches(stage, script):
    figure = switch_figure([picture()], ASKED, **AROUND)
    inside = f'<div class="bd-article">{figure.html}</div>'  # the page hides controls
    style = (ROOT / "book/_static/page.css").read_text("utf-8")
    tab = stage(inside, style=course_style() + style, script=script)
    tab.emulate_media(media="print")
    assert controls(tab) == 0
    rows = tab.locator(".rows label")
    assert [row.is_visible() for row in rows.all()] == [True] * 3
    assert "+0.50" in rows.nth(0).inner_text()


@pytest.mark.slow
def test_without_a_script_switches_stand_still_with_no_dead_control(stage):
    figure = switch_figure([picture()], ASKED, **AROUND)
    tab = stage(figure, style=course_style(), script=False)
    assert controls(tab) == 0
    assert said(tab) == say_switches(picture(), ASKED)


# --- evidence ---

METHODS = ["attention", "rollout", "LIME"]


def text(words="a sun b moon", true=(1, 3)) -> Evidence:
    split = words.split()
    truth = torch.zeros(len(split), dtype=torch.bool)
    truth[list(true)] = True
    draw = torch.Generator().manual_seed(len(words))
    return Evidence(
        words=split,
        truth=truth,
        scores={
            "net": {"attention": torch.tensor([0.1, 0.9, 0.5, 0.2])},
            "other": {m: torch.rand(4, generator=draw) for m in METHODS},
        },
    )


def test_what_is_found_is_counted_among_the_highest():
    assert text().find("net", "attention") == (1, 2)
    assert text().find("net", "LIME") is None
    found = say_evidence(2, text(), ["net", "other"], "LIME")
    assert found.startswith(
        "Text 2, by LIME, true words among the highest: net has none; other"
    )


def test_there_must_be_a_score_for_each_word():
    wrong = Evidence(
        words=["a"],
        truth=torch.ones(1).bool(),
        scores={"net": {"attention": torch.rand(2)}},
    )
    with pytest.raises(ValueError, match="scores"):
        evidence_figure([wrong], ["attention"], start="attention", **AROUND)


@pytest.mark.slow
def test_evidence_answers_as_python_does(stage):
    texts = [text(), text("moon bc d sun", (0, 3))]
    figure = evidence_figure(texts, METHODS, start="attention", **AROUND)
    assert not from_outside(figure.html)
    tab = stage(figure, style=course_style())
    assert axe_faults(tab) == [] and overflow(tab) == 0
    models = ["net", "other"]
    assert said(tab) == say_evidence(1, texts[0], models, "attention")
    tab.get_by_label("LIME").check()
    assert said(tab) == say_evidence(1, texts[0], models, "LIME")
    tab.locator("select").select_option(index=1)
    assert said(tab) == say_evidence(2, texts[1], models, "LIME")
    row = tab.locator("section").nth(1).locator(".words b")
    heights = row.evaluate_all("(all) => all.map((b) => parseInt(b.style.height))")
    scores = texts[1].scores["other"]["LIME"]
    assert heights == (100 * scores / scores.max()).round().int().tolist()
