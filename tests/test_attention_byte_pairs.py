"""Byte-pair encoding: the most frequent neighbours are joined, again and again."""

import pytest

from attention.data.byte_pairs import join_pair, learn_merges, take_apart

WORDS = {"low": 5, "lower": 2, "newest": 6, "widest": 3}  # as in the paper


def test_the_merges_of_a_few_words_are_those_worked_out_by_hand():
    # e-s: 6 + 3 = 9, as s-t; the first found wins. Then es-t: 9. Then l-o: 5 + 2.
    assert learn_merges(WORDS, 3) == [("e", "s"), ("es", "t"), ("l", "o")]


def test_a_word_never_seen_is_taken_apart_into_known_pieces():
    merges = learn_merges(WORDS, 4)
    assert take_apart("lowest", merges) == ["low", "est"]


@pytest.mark.parametrize("word", ["", "a", "newest", "zebra", "  low "])
def test_the_pieces_of_a_word_are_the_word(word):
    assert "".join(take_apart(word, learn_merges(WORDS, 7))) == word


def test_merging_ends_when_nothing_is_left_to_join():
    assert learn_merges({"ab": 1}, 9) == [("a", "b")]
    assert learn_merges({}, 9) == []


def test_a_pair_of_equal_letters_is_joined_from_the_left():
    assert join_pair("aaa", ("a", "a")) == ["aa", "a"]
