"""The characters of Shakespeare's plays."""

import pytest
import torch

from attention.data.shakespeare import Characters, load_shakespeare


def test_the_text_is_cut_into_nine_tenths_and_one():
    text, held_out = load_shakespeare()
    assert (len(text), len(held_out)) == (1003854, 111540)
    assert text.startswith("First Citizen:")


def test_there_are_65_characters_and_they_come_back():
    text, held_out = load_shakespeare()
    characters = Characters(text + held_out)
    assert len(characters) == 65
    assert characters.decode(characters.encode(text[:500])) == text[:500]
    assert characters.encode("ab\n").dtype == torch.long
    with pytest.raises(KeyError):
        characters.encode("é")
