"""Batches of one length, the small transformer, and the loop that trains it."""

import random

import pytest
import torch

from attention.data.batches import group_equal_lengths, sentence_batches
from attention.models.small_transformer import SmallTransformer
from attention.training.language_model import next_token_loss
from attention.training.pretraining import pretrain, token_layers

ROWS = [[4] * n for n in (3, 5, 3, 3, 7, 5, 3)]


def small(causal: bool) -> SmallTransformer:
    torch.manual_seed(10)
    return SmallTransformer(13, 6, h=2, layers=2, causal=causal, longest=7).eval()


def test_a_group_has_rows_of_one_length_and_each_row_comes_once():
    groups = group_equal_lengths(ROWS, 2, random.Random(0))
    assert sorted(i for g in groups for i in g) == list(range(7))
    assert all(len({len(ROWS[i]) for i in g}) == 1 and len(g) <= 2 for g in groups)
    assert sorted(map(len, groups)) == [1, 2, 2, 2]


def test_batches_go_on_after_the_last_group_and_repeat_with_the_seed():
    once, again = (
        [b.shape for b in sentence_batches(ROWS, 2, 11, seed)] for seed in (3, 3)
    )
    assert len(once) == 11 and once == again


def test_without_its_mask_each_position_sees_all_and_with_it_the_past():
    ids = torch.tensor([[4, 5, 6, 7, 8]])
    other = torch.tensor([[4, 5, 9, 7, 8]])
    for causal in (True, False):
        model = small(causal)
        with torch.no_grad():
            moved = (model(ids) != model(other)).any(-1)[:, 0]
        assert moved[0].tolist() == [False, False, True, False, False]
        expected = [not causal, not causal, True, True, True]
        assert moved[1].tolist() == moved[2].tolist() == expected


def test_logits_are_products_with_the_embedding():
    model = small(True)
    states = torch.randn(3, 6)
    model.bias.data.normal_()
    slow = torch.stack([(model.embed.weight * x).sum(-1) for x in states]) + model.bias
    assert torch.allclose(model.logits(states), slow, atol=1e-6)


def test_a_sentence_may_not_be_longer_than_the_positions():
    with pytest.raises(ValueError, match="at most 7 tokens, got 8"):
        small(True)(torch.ones(1, 8, dtype=torch.long))


def test_pretraining_learns_a_text_that_repeats():
    model, rows = small(True), [[1, 4, 5, 6, 7, 2]] * 8
    losses = pretrain(
        model,
        lambda ids: next_token_loss(model.logits(model(ids)[-1]), ids),
        sentence_batches(rows, 8, 60, seed=0),
        steps=60,
        rate=2e-2,
        label="test",
    )
    assert len(losses) == 60 and losses[-1] < 0.3 < 2 < losses[0]
    assert not model.training


def test_layers_come_in_the_order_of_the_rows():
    model = small(False)
    rows = [[4, 5, 6], [7, 8], [9, 10, 11]]
    found = token_layers(model, rows)
    for row, layers in zip(rows, found, strict=True):
        assert layers.shape == (3, len(row), 6)
        assert torch.allclose(layers, model(torch.tensor([row]))[:, 0], atol=1e-5)
