"""Windows on the source: where they lie, and the Gaussian in them."""

import math

import pytest
import torch

from attention.mechanisms.local import (
    gaussian_reweight,
    local_window_mask,
    predict_position,
)


def test_a_window_by_hand_ends_included():
    mask = local_window_mask(torch.tensor([2.0]), torch.tensor([7]), 1, 7)
    assert mask.tolist() == [[False, True, True, True, False, False, False]]
    between = local_window_mask(torch.tensor([2.5]), torch.tensor([7]), 1, 7)
    assert between.int().tolist() == [[0, 0, 1, 1, 0, 0, 0]]


def test_a_window_stops_at_the_sentences_ends_and_may_be_empty():
    position, lengths = torch.tensor([[0, 4, 9]]), torch.tensor([[5]])
    mask = local_window_mask(position, lengths, 2, 7).int()
    assert mask.tolist() == [
        [[1, 1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0]]
    ]


def test_the_window_agrees_with_a_loop():
    g = torch.Generator().manual_seed(1)
    position = 13 * torch.rand(3, 5, generator=g)
    lengths = torch.tensor([[11], [2], [7]])
    mask = local_window_mask(position, lengths, 3, 11)
    for b in range(3):
        for t in range(5):
            p = position[b, t].item()
            expected = [abs(i - p) <= 3 and i < lengths[b, 0].item() for i in range(11)]
            assert mask[b, t].tolist() == expected


def test_a_position_by_hand():
    query = torch.tensor([[0.0, 0.0], [1.0, -1.0]])
    W_p, v_p = torch.eye(2), torch.tensor([1.0, 2.0])
    found = predict_position(query, W_p, v_p, torch.tensor([6, 10]))
    assert found[0] == 3  # sigmoid(0) is one half
    expected = 10 / (1 + math.exp(math.tanh(1.0)))
    assert found[1].item() == pytest.approx(expected, rel=1e-5)


def test_positions_stay_within_the_sentence_and_scale_with_it():
    g = torch.Generator().manual_seed(2)
    query = 3 * torch.randn(2, 5, 7, generator=g)
    W_p, v_p = torch.randn(7, 3, generator=g), torch.randn(3, generator=g)
    short = predict_position(query, W_p, v_p, torch.tensor([[11], [11]]))
    long = predict_position(query, W_p, v_p, torch.tensor([[22], [33]]))
    assert short.shape == (2, 5) and (short > 0).all() and (short < 11).all()
    assert torch.allclose(long, short * torch.tensor([[2.0], [3.0]]))


def test_the_gaussian_by_hand():
    weights = gaussian_reweight(torch.full((5,), 0.2), torch.tensor(2.0), 2)
    expected = [0.2 * math.exp(-((i - 2) ** 2) / 2) for i in range(5)]  # sigma is 1
    assert weights.tolist() == pytest.approx(expected, rel=1e-5)


def test_the_gaussian_takes_weight_away_and_keeps_its_argument():
    before = torch.rand(3, 5, 11).softmax(-1)
    kept = before.clone()
    after = gaussian_reweight(before, 11 * torch.rand(3, 5), 4)
    assert torch.equal(before, kept)
    assert (after.sum(-1) < 1).all() and (after <= before).all()


def test_the_position_learns_through_the_gaussian_alone():
    position = torch.tensor([2.2], requires_grad=True)
    assert not local_window_mask(position, torch.tensor([5]), 1, 5).requires_grad
    gaussian_reweight(torch.full((1, 5), 0.2), position, 2)[0, 4].backward()
    assert position.grad > 0  # towards the key whose weight is asked for


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: predict_position(torch.ones(2, 3), torch.ones(5, 7), torch.ones(7),
                                  torch.ones(2)), r"W_p: expected \(3, 7\)"),
        (lambda: gaussian_reweight(torch.ones(2, 5), torch.ones(5), 2),
         r"position: expected \(2,\), got \(5,\)"),
        (lambda: gaussian_reweight(torch.ones(2, 5), torch.ones(2), 0),
         "half_width: expected more than 0"),
        (lambda: local_window_mask(torch.ones(2), torch.ones(3), 1, 5),
         r"lengths must broadcast.*\(2,\), got \(3,\)"),
    ],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()
