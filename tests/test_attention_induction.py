"""The induction score, and sequences that repeat themselves."""

import pytest
import torch

from attention.mechanisms.induction import induction_score, repeated


def test_a_perfect_head_scores_1_and_its_neighbours_0():
    n, period = 17, 5
    for shift, expected in ((period - 1, 1), (period, 0), (period - 2, 0)):
        weights = torch.zeros(n, n)
        for t in range(period, n):
            weights[t, t - shift] = 1
        assert induction_score(weights, period) == expected


def test_the_score_equals_a_loop():
    weights = torch.rand(2, 3, 13, 13).softmax(-1)
    slow = torch.stack([weights[..., t, t - 7 + 1] for t in range(7, 13)]).mean(0)
    assert torch.allclose(induction_score(weights, 7), slow)
    assert induction_score(weights, 7).shape == (2, 3)


def test_the_score_by_hand():
    weights = torch.tensor(
        [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.1, 0.7, 0.2, 0], [0.1, 0.2, 0.4, 0.3]]
    )
    assert torch.isclose(induction_score(weights, 2), torch.tensor((0.7 + 0.4) / 2))


def test_queries_of_the_first_copy_do_not_count():
    weights = torch.rand(11, 11)
    other = weights.clone()
    other[:4] = 0
    assert induction_score(weights, 4) == induction_score(other, 4)


@pytest.mark.parametrize(
    ("shape", "period"), [((5, 4), 2), ((5,), 2), ((5, 5), 5), ((5, 5), 0)]
)
def test_what_has_no_score_is_an_error(shape, period):
    with pytest.raises(ValueError, match="expected"):
        induction_score(torch.zeros(shape), period)


def test_sequences_repeat_distinct_tokens():
    ids = repeated(11, 7, 3, 13, torch.Generator().manual_seed(0))
    assert ids.shape == (11, 21)
    assert torch.equal(ids[:, :7], ids[:, 7:14])
    assert torch.equal(ids[:, :7], ids[:, 14:])
    assert all(len(set(row[:7].tolist())) == 7 for row in ids)
    assert len({tuple(row.tolist()) for row in ids}) == 11
    with pytest.raises(ValueError, match="at most 13, got 14"):
        repeated(1, 14, 2, 13, torch.Generator())
