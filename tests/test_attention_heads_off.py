"""Heads switched off one at a time."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attention.mechanisms.induction import induction_score, repeated
from attention.models.encoder_heads import Finder, finding_importance, token_moves
from attention.models.gpt import GPT
from attention.models.heads_off import (
    NOT_ASKED,
    answer_loss,
    head_importance,
    heads_off,
)
from attention.models.planted import TransformerReader
from attention.models.pretrained import load_pretrained
from attention.models.semantic import load_entries, load_questions
from attention.models.shown import read_shown
from attention.training.checkpoints import load_half


def test_a_head_that_is_off_adds_nothing():
    torch.manual_seed(0)
    model = TransformerReader(d=12, h=3, layers=2)
    ids = torch.randint(0, 50, (5, 16))
    with heads_off(model, [(0, 1), (1, 2)]):
        found = model(ids)
    for layer, head in ((0, 1), (1, 2)):  # slowly: its columns of W_o become 0
        mix = model.layers[layer].self_attn.W_o
        mix.weight.data[:, 4 * head : 4 * head + 4] = 0
    assert torch.allclose(found, model(ids), atol=1e-6)


def test_a_model_is_whole_again_afterwards():
    torch.manual_seed(0)
    model = TransformerReader(d=12, h=3, layers=2)
    ids, labels = torch.randint(0, 50, (7, 16)), torch.randint(0, 2, (7,))
    before = model(ids)
    rise = head_importance(model, (ids, labels))
    assert rise.shape == (2, 3)
    assert torch.equal(model(ids), before)
    with heads_off(model, [(1, 0)]):
        loss = F.cross_entropy(model(ids), labels)
    assert torch.isclose(rise[1, 0], loss - F.cross_entropy(before, labels), atol=1e-6)


def test_where_nobody_asks_the_loss_does_not_count():
    torch.manual_seed(0)
    model, ids = GPT(11, d_model=8, h=2, layers=2), torch.randint(0, 11, (3, 7))
    labels = torch.full_like(ids, NOT_ASKED)
    labels[:, 2] = 5
    rise = head_importance(model, (ids, labels))
    cut = head_importance(model, (ids[:, :3], labels[:, :3]))  # the past alone
    assert rise.shape == (2, 2) and torch.allclose(rise, cut, atol=1e-5)


@pytest.mark.parametrize("head", [(2, 0), (0, 3), (-1, 0)])
def test_a_head_that_is_not_there_is_an_error(head):
    with (
        pytest.raises(ValueError, match="no head"),
        heads_off(TransformerReader(d=12, h=3, layers=2), [head]),
    ):
        pass


def test_a_model_without_heads_is_an_error():
    with pytest.raises(ValueError, match="no attention"):
        head_importance(nn.Linear(3, 2), (torch.zeros(1, 3), torch.zeros(1).long()))


def test_the_stored_induction_heads_copy_and_one_head_carries_them():
    model = GPT(64, d_model=64, h=4, layers=2, d_ff=0).eval()
    load_half(model, "data/induction-heads.npz")
    ids = repeated(16, 20, 2, 64, torch.Generator().manual_seed(3))
    labels = torch.full_like(ids, NOT_ASKED)
    labels[:, 20:-1] = ids[:, 21:]
    rise = head_importance(model, (ids, labels))
    assert (model(ids)[:, 20:-1].argmax(-1) == ids[:, 21:]).float().mean() > 0.95
    assert induction_score(model.attention(), 20).mean(1)[1].min() > 0.8
    assert rise[0].max() > 1 and rise[1].max() < 0.4


def test_what_is_stored_of_the_encoder_has_a_number_for_each_head():
    for name in ("heads finding", "it moves tired", "it moves wide"):
        assert read_shown(name).shape == (6, 12)


@pytest.mark.slow
def test_the_stored_numbers_are_those_of_the_encoder():
    encoder, tokenizer = load_pretrained()
    terms, keys = list(load_entries()), read_shown("keys")
    asked = [(text, terms.index(term)) for text, term in load_questions()]
    found = finding_importance(asked, keys, encoder, tokenizer)
    assert torch.allclose(found, read_shown("heads finding"), atol=2e-3)
    ids = tokenizer.encode([text for text, _ in asked]).ids
    right = torch.tensor([number for _, number in asked])
    whole = answer_loss(Finder(encoder, keys), (ids, right))
    assert abs(whole - 3.02) < 0.01  # chapter 13 says so
    text = "The animal didn't cross the street because it was too wide."
    moves = token_moves(text, "it", encoder, tokenizer)
    assert torch.allclose(moves, read_shown("it moves wide"), atol=1e-3)
    ids = tokenizer.encode([asked[0][0]]).ids
    assert Finder(encoder, keys)(ids).shape == (1, len(terms))
