"""A string through one vector or past it: what is marked wrong, drawn and said."""

import json
import re

import pytest
import torch

from attention.figures.bottleneck import Route, count_right
from tests.support.dragged import LOOKS, VECTOR
from tests.support.dragged import bottleneck as figure


def data(markup: str) -> dict:
    return json.loads(re.search(r"data = (\{.*\});", markup)[1])


def rows(markup: str, name: str) -> list[str]:
    return re.findall(rf'<div class="cells {name}">(.*?)</div>', markup)


def test_a_letter_counts_where_it_stands_in_its_own_place():
    assert count_right("abcd", "bacd") == 2
    assert count_right("abcd", "abc") == 3


def test_wrong_letters_are_marked_and_right_ones_are_not():
    [row] = rows(figure(VECTOR), "written")
    wrong = re.findall("<span class=wrong>(.)</span>", row)
    assert wrong == ["b", "a"]
    assert re.findall("<span>(.)</span>", row) == ["c", "d"]


def test_a_letter_that_is_missing_is_wrong_and_one_never_asked_for_is_not():
    [row] = rows(figure(VECTOR, start=5), "written")
    assert row.endswith("<span class=wrong>–</span>" * 2)
    [row] = rows(figure(LOOKS, start=3), "written")
    assert row.endswith("<span></span>" * 2) and "wrong" not in row


def test_letters_beyond_the_length_are_faint():
    assert all(row.count("class=off") == 1 for row in rows(figure(), "read"))


def test_one_vector_is_drawn_at_one_width_for_any_string():
    widths = {
        re.search(r'class="vector" d="([^"]*)"', figure(start=n))[1] for n in (2, 5)
    }
    assert len(widths) == 1


def test_attention_is_drawn_as_its_weights_and_small_ones_are_left_out():
    table = torch.tensor([[0.97, 0.03], [0.4, 0.6]])
    looks = Route(**vars(LOOKS) | {"weights": [table, *LOOKS.weights[1:]]})
    found = data(figure(looks))["routes"][0]["links"][0]
    assert found == [[0, 0, 0.97], [1, 0, 0.4], [1, 1, 0.6]]


def test_the_sentence_says_what_each_model_wrote_and_how_often_it_is_right():
    said = data(figure())["sentences"][2]
    assert "One vector writes bacd, 2 of 4 right; it copies 20%" in said
    assert "Attention writes abcd, 4 of 4 right; it copies 100%" in said


def test_the_slider_is_hidden_until_the_script_runs():
    assert '<label class="length" hidden>' in figure()


def test_each_length_needs_an_output_and_a_share():
    short = Route(**vars(VECTOR) | {"shares": [1.0, 0.9]})
    with pytest.raises(ValueError, match="expected 4 outputs and shares, got 4 and 2"):
        figure(short)


def test_the_weights_must_fit_the_letters():
    looks = Route(**vars(LOOKS) | {"weights": [torch.eye(3)] * 4})
    with pytest.raises(ValueError, match="weights"):
        figure(looks)


def test_the_same_figure_has_the_same_bytes():
    assert figure() == figure()
