"""Copying strings of letters: training, and letters replaced on the way."""

import pytest
import torch

from attention.data.batches import make_batch
from attention.data.files import book_file
from attention.data.vocabulary import START
from attention.models.recurrent import Translator
from attention.models.translate import exact_match, translate
from attention.training.checkpoints import load_half
from attention.training.copying import (
    ALPHABET,
    FIRST_LETTER,
    disturbed,
    replace_letters,
    train_copying,
)


def given_letters():
    return make_batch([("abz", "abz"), ("q", "q")], ALPHABET, ALPHABET).given


def test_each_replaced_letter_becomes_another_letter():
    given = given_letters()
    letters = given >= FIRST_LETTER
    torch.manual_seed(0)
    for _ in range(100):
        replaced = replace_letters(given, torch.ones_like(letters))
        assert (replaced[letters] != given[letters]).all()
        assert (replaced[letters] >= FIRST_LETTER).all()
        assert replaced[letters].max() < len(ALPHABET)


def test_what_is_no_letter_and_what_is_not_chosen_stays():
    given = given_letters()
    nowhere = replace_letters(given, torch.zeros_like(given).bool())
    assert torch.equal(nowhere, given)
    everywhere = replace_letters(given, torch.ones_like(given).bool())
    assert (everywhere[:, 0] == START).all()
    assert everywhere[1, 2:].tolist() == given[1, 2:].tolist()  # padding


def test_one_letter_in_ten_is_replaced_and_the_targets_stay_true():
    batch = make_batch([("abcdefghijklmnopqrst",) * 2] * 200, ALPHABET, ALPHABET)
    torch.manual_seed(1)
    [moved] = disturbed([batch])
    assert torch.equal(moved.target, batch.target)
    share = (moved.given != batch.given)[:, 1:].float().mean()
    assert 0.08 < share < 0.12


def test_a_training_changes_the_weights_and_repeats_with_its_seed():
    trained = []
    for _ in range(2):
        torch.manual_seed(0)
        model = Translator(len(ALPHABET), len(ALPHABET), attention=False)
        before = model.encoder.embed.weight.clone()
        train_copying(model, steps=2, seed=1, label="")
        assert not torch.equal(model.encoder.embed.weight, before)
        trained.append(model.encoder.embed.weight)
    assert torch.equal(*trained)


@pytest.mark.parametrize(
    "name, size", [("16-units", 16), ("64-units", 64), ("twice-the-steps", 64)]
)
def test_a_stored_copier_copies_two_letters_and_not_twenty(name, size):
    n = len(ALPHABET)
    model = Translator(n, n, hidden_size=size, attention=False)
    load_half(model, book_file(f"data/copier-{name}.npz"))
    for strings, copied in ((["ab", "zq"], 1), (["abcdefghijklmnopqrst"], 0)):
        written = translate(model, strings, ALPHABET, ALPHABET)
        assert exact_match([t.tokens for t in written], strings) == copied
