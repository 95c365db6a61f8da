"""Drawings of attention: the shapes on them are those of the real modules."""

import html
import re

import torch

from attention.figures.inside import (
    draw_heads,
    draw_self_attention,
    draw_sharing,
    draw_split,
)
from attention.mechanisms.multi_head import MultiHeadedAttention


def texts(picture) -> list[list[str]]:
    """Return what is written in the wide picture and in the narrow one."""
    drawn = re.findall(r"<svg.*?</svg>", picture._repr_html_(), re.S)
    return [
        [html.unescape(t) for t in re.findall(r"<text[^>]*>(.*?)</text>", one)]
        for one in drawn
    ]


def heads(h: int = 2):
    return draw_heads(MultiHeadedAttention(h, 14), torch.randn(11, 14))


def self_attention(n: int = 11):
    matrices = torch.randn(5, 3), torch.randn(5, 3), torch.randn(5, 2)
    return draw_self_attention(torch.randn(n, 5), *matrices)


def test_each_head_of_the_layer_is_drawn_with_its_weights():
    for drawn in texts(heads(h=2)):
        assert drawn.count("11×11") == 2
        assert {"head 1", "head 2", "11×14"} <= set(drawn)
        assert "head 3" not in drawn


def test_a_head_hands_on_a_slice_of_the_width():
    assert all("11×7" in drawn for drawn in texts(heads(h=2)))
    assert all("11×2" in drawn for drawn in texts(heads(h=7)))


def test_self_attention_carries_the_shapes_of_its_matrices():
    for drawn in texts(self_attention()):
        assert drawn.count("11×3") == 2  # queries and keys
        assert drawn.count("11×2") == 2  # values, and the output
        assert drawn.count("11×11") == 2 and "11×5" in drawn
    assert all("13×13" in drawn for drawn in texts(self_attention(n=13)))


def test_queries_keys_and_values_have_their_letters():
    for drawn in (*texts(heads()), *texts(self_attention())):
        assert {"q", "k", "v", "o"} <= set(drawn)


def test_the_same_layer_gives_the_same_drawing_dropout_or_not():
    layer, x = MultiHeadedAttention(2, 14, dropout=0.5), torch.randn(11, 14)
    assert draw_heads(layer, x)._repr_html_() == draw_heads(layer, x)._repr_html_()


def test_head_1_is_marked_in_every_word_and_by_a_view_alone_in_the_first_words():
    picture = draw_split(torch.arange(12).view(3, 4), 2)._repr_html_()
    wide = re.findall(r"<svg.*?</svg>", picture, re.S)[0]
    cells = re.findall(r'<g class="room (\w+)".*?<text[^>]*>(\d+)</text>', wide)
    marked = [int(number) for state, number in cells if state == "here"]
    assert marked == [0, 1, 4, 5, 8, 9, 0, 1, 2, 3, 4, 5]


def test_query_heads_share_the_key_heads_of_their_group():
    for drawn in texts(draw_sharing(6, 5, (3, 1))):
        assert drawn.count("q") == 12 and drawn.count("k") == 4
        assert any("30 numbers a word" in text for text in drawn)
        assert any("10 numbers a word" in text for text in drawn)
