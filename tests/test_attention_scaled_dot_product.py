"""Scaled dot-product attention against torch's, a loop, and a value worked by hand."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attention.mechanisms.masks import causal_mask, padding_mask
from attention.mechanisms.scaled_dot_product import scaled_dot_product

BATCH, HEADS, QUERIES, KEYS, D_K, D_V = 2, 3, 5, 7, 11, 13
# Each output is a mean of values near 1, rounded a few times: some last places.
TOLERANCE = {
    torch.float64: 1e-12,
    torch.float32: 1e-5,
    torch.float16: 5e-3,
    torch.bfloat16: 4e-2,
}


def sample(dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((QUERIES, D_K), (KEYS, D_K), (KEYS, D_V))
    return [
        torch.randn(BATCH, HEADS, *shape, generator=generator).to(dtype)
        for shape in shapes
    ]


def mask_named(name):
    if name == "none":
        return None
    if name == "causal":
        return causal_mask(QUERIES, KEYS)
    if name == "padding":
        return padding_mask(torch.tensor([3, 7]), KEYS)[:, None, None, :]
    generator = torch.Generator().manual_seed(1)
    mask = torch.rand(BATCH, 1, QUERIES, KEYS, generator=generator) > 0.5
    mask[1, :, 2] = False
    return mask


def test_two_orthogonal_keys_worked_by_hand():
    query, key = torch.tensor([[2.0, 0.0]]), torch.eye(2) * math.sqrt(2)
    output, weights = scaled_dot_product(query, key, torch.tensor([[1.0], [0.0]]))
    expected = 1 / (1 + math.exp(-2))  # scores 2√2/√2 = 2 and 0
    assert weights[0, 0].item() == pytest.approx(expected, abs=1e-6)
    assert output.item() == pytest.approx(expected, abs=1e-6)


def test_the_output_agrees_with_a_loop_over_queries_and_keys():
    query, key, value = (x[0, 0].tolist() for x in sample(torch.float64))
    slow = []
    for q in query:
        dots = [sum(a * b for a, b in zip(q, k, strict=True)) for k in key]
        seen = [math.exp(dot / math.sqrt(D_K)) for dot in dots]
        columns = zip(*value, strict=True)
        pairs = [zip(seen, column, strict=True) for column in columns]
        slow.append([sum(w * v for w, v in p) / sum(seen) for p in pairs])
    tensors = [torch.tensor(x, dtype=torch.float64) for x in (query, key, value)]
    output, _ = scaled_dot_product(*tensors)
    assert torch.allclose(output, torch.tensor(slow, dtype=torch.float64))


@pytest.mark.parametrize("name", ["none", "causal", "padding", "with an empty row"])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_the_output_is_that_of_torch(dtype, name):
    query, key, value = sample(dtype)
    mask = mask_named(name)
    output, weights = scaled_dot_product(query, key, value, mask)
    expected = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    assert output.dtype == weights.dtype == dtype
    assert (output - expected).abs().max() <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_a_query_that_may_attend_to_nothing_gets_nothing(dtype):
    query, key, value = sample(dtype)
    mask = mask_named("with an empty row")
    output, weights = scaled_dot_product(query, key, value, mask)
    assert output[1, :, 2].eq(0).all()
    assert weights[1, :, 2].eq(0).all()
    assert output[0].ne(0).all()


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_gradients_are_finite_with_an_empty_row(dtype):
    tensors = [x.requires_grad_() for x in sample(dtype)]
    output, _ = scaled_dot_product(*tensors, mask_named("with an empty row"))
    output.square().sum().backward()
    assert all(x.grad.isfinite().all() and x.grad.ne(0).any() for x in tensors)


def test_gradients_are_those_of_torch():
    ours, theirs = ([x.requires_grad_() for x in sample()] for _ in range(2))
    mask = mask_named("padding")
    scaled_dot_product(*ours, mask)[0].square().sum().backward()
    F.scaled_dot_product_attention(*theirs, attn_mask=mask).square().sum().backward()
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine.grad, other.grad, atol=1e-5)


def test_a_score_that_fits_float16_is_not_lost_on_the_way():
    query = torch.full((1, 1021), 16.0, dtype=torch.float16)
    key = torch.stack([query[0], -query[0]])
    assert (query @ key.T).isinf().all()  # 16² · 1021 is above 65504
    output, weights = scaled_dot_product(query, key, torch.eye(2).half())
    assert weights.tolist() == output.tolist() == [[1.0, 0.0]]


def test_the_past_does_not_see_the_future():
    _, key, value = sample()
    mask = causal_mask(KEYS, KEYS)
    before, _ = scaled_dot_product(key, key, value, mask)
    key[..., 4:, :] += 5
    value[..., 4:, :] -= 5
    after, _ = scaled_dot_product(key, key, value, mask)
    assert torch.equal(after[..., :4, :], before[..., :4, :])
    assert after[..., 4:, :].ne(before[..., 4:, :]).any(-1).all()


def test_what_stands_in_the_padding_changes_nothing():
    query, key, value = sample()
    mask = mask_named("padding")
    before, _ = scaled_dot_product(query, key, value, mask)
    key[0, :, 3:], value[0, :, 3:] = 100.0, -100.0
    after, _ = scaled_dot_product(query, key, value, mask)
    assert torch.equal(after, before)


def test_dropout_is_applied_to_the_weights_that_come_back():
    query, key, value = sample()
    _, kept = scaled_dot_product(query, key, value)
    output, weights = scaled_dot_product(query, key, value, dropout=lambda w: 2 * w)
    assert torch.equal(weights, 2 * kept)
    assert torch.allclose(output, 2 * kept @ value, atol=1e-6)
    _, same = scaled_dot_product(query, key, value, dropout=nn.Dropout(0.5).eval())
    assert torch.equal(same, kept)


@pytest.mark.parametrize("leading", [(), (2,), (2, 3, 5)])
def test_any_leading_axes_will_do(leading):
    x = torch.randn(*leading, 7, 11)
    output, weights = scaled_dot_product(x, x, x)
    assert output.shape == x.shape
    assert weights.shape == (*leading, 7, 7)


def test_one_token_attends_to_itself():
    x = torch.randn(1, 5)
    output, weights = scaled_dot_product(x, x, x)
    assert weights.item() == 1
    assert torch.equal(output, x)


def test_nothing_is_changed_in_place():
    tensors = [*sample(), mask_named("with an empty row")]
    before = [x.clone() for x in tensors]
    scaled_dot_product(*tensors)
    assert all(map(torch.equal, tensors, before))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((5, 11), (7, 13), (7, 11)), r"expected \(\.\.\., keys, 11\), got \(7, 13\)"),
        (((5, 11), (7, 11), (3, 11)), r"expected \(\.\.\., 7, d_v\), got \(3, 11\)"),
        (
            ((11,), (7, 11), (7, 11)),
            r"\(\.\.\., queries, d_k\), got \(11,\)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes, message):
    with pytest.raises(ValueError, match=message):
        scaled_dot_product(*(torch.ones(shape) for shape in shapes))
