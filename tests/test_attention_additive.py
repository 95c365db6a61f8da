"""Additive attention: scores, weights, context."""

import math

import pytest
import torch

from attention.mechanisms.additive import AdditiveAttention, additive_scores


def sample(seed=0):
    """Return query, keys, W_q, W_k, v: 2 sentences, 3 queries, 5 keys."""
    g = torch.Generator().manual_seed(seed)
    shapes = (2, 3, 7), (2, 5, 11), (7, 13), (11, 13), (13,)
    return [torch.randn(shape, generator=g) for shape in shapes]


def slow_score(query, key, W_q, W_k, v):
    """Score one pair in plain Python."""
    total = 0.0
    for j in range(len(v)):
        hidden = sum(query[a] * W_q[a][j] for a in range(len(query)))
        hidden += sum(key[b] * W_k[b][j] for b in range(len(key)))
        total += v[j] * math.tanh(hidden)
    return total


def test_scores_agree_with_a_loop():
    query, keys, *weights = sample()
    found = additive_scores(query, keys, *weights)
    plain = [w.tolist() for w in weights]
    for b, t, i in ((0, 0, 0), (0, 2, 4), (1, 1, 3)):
        expected = slow_score(query[b, t].tolist(), keys[b, i].tolist(), *plain)
        assert found[b, t, i].item() == pytest.approx(expected, abs=1e-4)


def test_a_score_worked_by_hand():
    found = additive_scores(
        torch.tensor([[1.0, 0.0]]),
        torch.tensor([[0.0, 1.0], [1.0, 1.0]]),
        torch.eye(2),
        torch.eye(2),
        torch.ones(2),
    )
    by_hand = [2 * math.tanh(1), math.tanh(2) + math.tanh(1)]
    assert found.tolist() == [pytest.approx(by_hand)]


def test_reordering_the_keys_reorders_the_scores():
    query, keys, *weights = sample()
    order = torch.tensor([3, 0, 4, 1, 2])
    found = additive_scores(query, keys[:, order], *weights)
    expected = additive_scores(query, keys, *weights)[..., order]
    assert torch.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("which", "name"), [(2, "W_q"), (3, "W_k")])
def test_a_weight_of_the_wrong_shape_is_named(which, name):
    arguments = sample()
    arguments[which] = arguments[which].T
    with pytest.raises(ValueError, match=rf"{name}: expected .* got"):
        additive_scores(*arguments)


def test_the_module_gives_the_softmax_of_the_scores():
    query, keys, W_q, W_k, v = sample()
    attend = AdditiveAttention(7, 11, 13)
    attend.load_state_dict(
        {"W_q.weight": W_q.T, "W_k.weight": W_k.T, "v.weight": v[None]}
    )
    context, weights = attend(query[:, 1], keys)
    expected = additive_scores(query, keys, W_q, W_k, v)[:, 1].softmax(-1)
    assert torch.allclose(weights, expected, atol=1e-5)
    assert torch.allclose(context, (expected[..., None] * keys).sum(1), atol=1e-5)


def test_equal_keys_share_the_weight():
    attend = AdditiveAttention(7, 11, 13)
    keys = torch.ones(2, 5, 11)
    context, weights = attend(torch.randn(2, 7), keys)
    assert torch.allclose(weights, torch.full((2, 5), 0.2))
    assert torch.allclose(context, keys[:, 0])


def test_padding_changes_nothing_and_an_empty_sentence_gives_zero():
    query, keys, *_ = sample()
    attend = AdditiveAttention(7, 11, 13)
    mask = torch.tensor([[True, True, True, False, False], [False] * 5])
    context, weights = attend(query[:, 0], keys, mask)
    alone, _ = attend(query[:1, 0], keys[:1, :3])
    assert torch.allclose(context[:1], alone, atol=1e-6)
    assert (weights[0, 3:] == 0).all()
    assert (weights[1] == 0).all() and (context[1] == 0).all()


def test_one_key_takes_all_the_weight_in_half_precision_too():
    attend = AdditiveAttention(7, 11, 13).half()
    keys = torch.randn(2, 1, 11).half()
    context, weights = attend(torch.randn(2, 7).half(), keys)
    assert (weights == 1).all()
    assert torch.equal(context, keys[:, 0])


def test_keys_projected_beforehand_give_the_same():
    query, keys, *_ = sample()
    attend = AdditiveAttention(7, 11, 13)
    found = attend(query[:, 0], keys, projected=attend.W_k(keys))
    assert torch.equal(found[0], attend(query[:, 0], keys)[0])
