"""You are here: the small Transformer in which a part is lit and the rest is grey."""

import re

import pytest

from attention.figures.here import DECODER, FLOWS, LEVELS, LIT_BY, you_are_here


def lit(*places: str) -> set[str]:
    html = you_are_here(*places)._repr_html_()
    wide = html.split("<svg")[1]
    return set(re.findall(r'room here".*?<text class="name"[^>]*>([^<]*)', wide))


def test_one_part_is_lit_and_all_others_are_grey():
    html = you_are_here("cross-attention")._repr_html_()
    assert lit("cross-attention") == {"cross-attention"}
    assert html.count('"room away"') == 2 * (len(LEVELS) - 1)  # wide and narrow


def test_parts_that_belong_together_are_lit_together():
    assert lit("attention") == {
        "self-attention",
        "masked self-attention",
        "cross-attention",
    }
    assert "cross-attention" not in lit("decoder-alone")
    rooms = len(LEVELS) - 2  # all but the words below; two names stand on both sides
    assert len(lit("encoder", "decoder")) == rooms - 2


@pytest.mark.parametrize("places", [(), ("attic",), ("encoder", "attic")])
def test_a_place_that_is_none_is_refused(places):
    with pytest.raises(ValueError, match="expected some of encoder-embedding"):
        you_are_here(*places)


@pytest.mark.parametrize("place", LIT_BY)
def test_the_words_for_the_picture_name_what_is_lit(place):
    html = you_are_here(place)._repr_html_()
    assert re.search(r'aria-label="[^"]*Marked: \w', html)
    assert "<figcaption>You are here: " in html
    assert (
        "<figcaption>Its heir</figcaption>"
        in you_are_here(place, title="Its heir")._repr_html_()
    )


def test_the_next_word_follows_from_the_words_written_so_far():
    steps = {start: end for start, end, _ in FLOWS}
    path = ["target"]
    while path[-1] in steps:
        path.append(steps[path[-1]])
    assert path[1:] == list(DECODER)
