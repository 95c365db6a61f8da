"""Associative recall: what is drawn, and layers that answer or forget."""

import pytest
import torch

from attention.data.recall import RECALL_KEYS, RECALL_VALUES, draw_pairs
from attention.models.recall import RECALL_KINDS, RecallLayer, write_by_delta
from attention.training.recall import recall_share, train_recall


def test_each_answer_is_the_value_that_stood_beside_the_key():
    draws = torch.Generator().manual_seed(1)
    keys, values, asked, answers = draw_pairs(3, 7, 5, draws)
    for row in range(3):
        beside = dict(zip(keys[row].tolist(), values[row].tolist(), strict=True))
        assert len(beside) == 7
        assert [beside[key] for key in asked[row].tolist()] == answers[row].tolist()


def test_more_pairs_than_keys_are_an_error():
    with pytest.raises(ValueError, match="pairs: expected 1 to 256, got 257"):
        draw_pairs(1, RECALL_KEYS + 1, 1, torch.Generator())


@pytest.mark.parametrize("kind", RECALL_KINDS)
def test_the_order_of_the_pairs_counts_for_the_delta_rule_alone(kind):
    torch.manual_seed(2)
    layer = RecallLayer(kind, d_k=5)
    keys, values, asked, _ = draw_pairs(2, 9, 3, torch.Generator().manual_seed(2))
    found, turned = (
        layer(keys, values, asked),
        layer(keys.flip(1), values.flip(1), asked),
    )
    assert found.shape == (2, 3, RECALL_VALUES)
    assert torch.allclose(found, turned, atol=1e-5) == (kind != "delta")


def test_a_window_sees_the_last_pairs_alone():
    torch.manual_seed(3)
    layer = RecallLayer("softmax", window=4)
    keys, values, asked, _ = draw_pairs(2, 9, 3, torch.Generator().manual_seed(3))
    short = layer(keys[:, -4:], values[:, -4:], asked)
    torch.testing.assert_close(layer(keys, values, asked), short)


def test_the_delta_rule_replaces_what_a_key_had():
    key = torch.eye(3)[None, :1].repeat(1, 2, 1)  # the same key twice
    values = torch.tensor([[[1.0, 2.0], [5.0, 6.0]]])
    found = write_by_delta(key[:, :1], key, values, torch.ones(1, 2, 1))
    assert found.tolist() == [[[5, 6]]]


def test_an_unknown_kind_is_an_error():
    with pytest.raises(ValueError, match="kind: expected one of softmax, elu"):
        RecallLayer("magic")


def test_a_softmax_learns_to_recall():
    torch.manual_seed(4)
    layer = RecallLayer("softmax")
    assert recall_share(layer, 8) < 0.3
    train_recall(layer, seed=4, steps=120, most=8)
    assert recall_share(layer, 8) > 0.9
