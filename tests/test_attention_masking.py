"""The softmax over the keys that a query may attend to."""

import math

import pytest
import torch

from attention.mechanisms.masking import broadcast_mask, weigh_keys

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
ROUNDING = {torch.float16: 2e-3, torch.bfloat16: 2e-2}  # a few last places of 1


def slow_softmax(scores, mask):
    """Softmax of one row in plain Python."""
    seen = [math.exp(s) if m else 0.0 for s, m in zip(scores, mask, strict=True)]
    return [w / sum(seen) if sum(seen) else 0.0 for w in seen]


def sample(seed=0, shape=(2, 3, 5, 7)):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(shape, generator=generator)
    mask = torch.rand(shape, generator=generator) > 0.4
    mask[..., 2, :] = False
    return scores, mask


def test_two_equal_keys_share_what_a_masked_one_would_take():
    weights = weigh_keys(
        torch.tensor([1.0, 1.0, 9.0]), torch.tensor([True, True, False])
    )
    assert weights.tolist() == [0.5, 0.5, 0.0]


def test_the_weights_agree_with_a_loop():
    scores, mask = sample()
    found = weigh_keys(scores, mask).flatten(0, 2).tolist()
    rows = zip(scores.flatten(0, 2).tolist(), mask.flatten(0, 2).tolist(), strict=True)
    for row, expected in zip(found, (slow_softmax(*r) for r in rows), strict=True):
        assert row == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_sum_to_one_or_to_zero_in_every_dtype(dtype):
    scores, mask = sample()
    weights = weigh_keys(scores.to(dtype), mask)
    assert weights.dtype == dtype
    totals = weights.double().sum(-1)
    expected = mask.any(-1).double()
    assert (totals - expected).abs().max() <= ROUNDING.get(dtype, 1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_masked_key_weighs_exactly_nothing_beside_the_largest_scores(dtype):
    largest = torch.finfo(dtype).max
    scores = torch.tensor([-largest / 2, largest / 2, 0.0], dtype=dtype)
    weights = weigh_keys(scores, torch.tensor([True, False, False]))
    assert weights.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_fully_masked_row_has_weights_of_zero_and_gradients_of_zero(dtype):
    scores = torch.randn(3, 5).to(dtype).requires_grad_()
    mask = torch.ones(3, 5, dtype=torch.bool)
    mask[1] = False
    weights = weigh_keys(scores, mask)
    (weights * torch.arange(5)).sum().backward()
    assert weights[1].eq(0).all()
    assert scores.grad[1].eq(0).all()
    assert scores.grad.isfinite().all()
    assert scores.grad[0].ne(0).any()


def test_what_stands_at_a_masked_key_changes_nothing():
    scores, mask = sample()
    other = scores.masked_fill(~mask, 1e4)
    assert torch.equal(weigh_keys(other, mask), weigh_keys(scores, mask))


def test_gradients_are_those_of_finite_differences():
    scores, mask = sample(shape=(2, 3, 5))
    scores = scores.double().requires_grad_()
    assert torch.autograd.gradcheck(lambda s: weigh_keys(s, mask), scores)


def test_no_mask_is_a_mask_that_allows_all():
    scores, _ = sample()
    every = torch.ones(7, dtype=torch.bool)
    assert torch.equal(weigh_keys(scores), weigh_keys(scores, every))


def test_a_mask_of_numbers_allows_where_it_is_not_zero():
    scores, mask = sample()
    expected = weigh_keys(scores, mask)
    for dtype in (torch.int64, torch.float32, torch.uint8):
        assert torch.equal(weigh_keys(scores, mask.to(dtype)), expected)


def test_the_keys_may_lie_along_another_axis():
    scores, mask = sample()
    expected = weigh_keys(scores, mask).transpose(-2, -1)
    found = weigh_keys(scores.transpose(-2, -1), mask.transpose(-2, -1), dim=-2)
    assert torch.allclose(found, expected)


def test_nothing_is_changed_in_place():
    scores, mask = sample()
    before = scores.clone(), mask.clone()
    weigh_keys(scores, mask)
    assert torch.equal(scores, before[0])
    assert torch.equal(mask, before[1])


def test_one_key_gets_all_the_weight_or_none():
    one = torch.tensor([[3.0]])
    assert weigh_keys(one, torch.tensor([[True]])).item() == 1
    assert weigh_keys(one, torch.tensor([[False]])).item() == 0


@pytest.mark.parametrize("shape", [(3,), (2, 3, 5, 7, 1), (2, 2, 5, 7)])
def test_a_mask_that_does_not_fit_is_refused(shape):
    scores, _ = sample()
    with pytest.raises(ValueError, match=r"expected \(2, 3, 5, 7\), got"):
        weigh_keys(scores, torch.ones(shape))


def test_a_broadcast_mask_has_the_shape_asked_for():
    assert broadcast_mask(torch.ones(7), torch.Size([2, 5, 7])).shape == (2, 5, 7)
