"""Multi-head attention against a loop over heads, by hand, and torch's layer."""

import math

import pytest
import torch
from torch import nn

from attention.mechanisms.masks import causal_mask, padding_mask
from attention.mechanisms.multi_head import (
    MultiHeadedAttention,
    merge_heads,
    split_heads,
)
from attention.mechanisms.torch_heads import (
    mask_from_torch,
    mask_to_torch,
    weights_from_torch,
)

BATCH, HEADS, QUERIES, KEYS, D_K = 2, 3, 5, 7, 11
D_MODEL = HEADS * D_K
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-6}


def sample(dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(BATCH, n, D_MODEL, generator=generator, dtype=dtype)
        for n in (QUERIES, KEYS, KEYS)
    ]


def layers(dtype=torch.float32):
    """Return torch's layer and ours, with the same weights."""
    torch.manual_seed(1)
    theirs = nn.MultiheadAttention(D_MODEL, HEADS, batch_first=True, dtype=dtype)
    for bias in (theirs.in_proj_bias, theirs.out_proj.bias):
        nn.init.normal_(bias)  # they start at 0, which would hide a mistake
    ours = MultiHeadedAttention(HEADS, D_MODEL).to(dtype).eval()
    ours.load_state_dict(weights_from_torch(theirs))
    return theirs, ours


def mask_named(name):
    generator = torch.Generator().manual_seed(2)
    if name == "padding":
        real = padding_mask(torch.tensor([3, 7]), KEYS)
        return real[:, None, :].expand(BATCH, QUERIES, KEYS)
    if name == "causal":
        return causal_mask(QUERIES, KEYS)
    shape = (BATCH, HEADS, QUERIES, KEYS) if name == "per head" else (BATCH, 5, KEYS)
    mask = torch.rand(shape, generator=generator) < 0.5
    mask[..., 4] = True
    return mask


def test_heads_are_slices_of_each_vector():
    x = torch.tensor([[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]])
    first, second = split_heads(x, 2)[0].tolist()
    assert first == [[0, 1], [10, 11], [20, 21]]
    assert second == [[2, 3], [12, 13], [22, 23]]


@pytest.mark.parametrize("h", [1, HEADS, D_MODEL])
def test_merging_undoes_splitting(h):
    query, _, _ = sample()
    heads = split_heads(query, h)
    assert heads.shape == (BATCH, h, QUERIES, D_MODEL // h)
    assert torch.equal(merge_heads(heads), query)


def test_the_layer_agrees_with_a_loop_over_heads_queries_and_keys():
    query, key, value = sample(torch.float64)
    _, ours = layers(torch.float64)
    found = ours.requires_grad_(False)(query, key, value)
    q, k, v = ours.W_q(query)[1], ours.W_k(key)[1], ours.W_v(value)[1]
    for i in range(QUERIES):
        parts = []
        for head in range(HEADS):
            own = slice(head * D_K, (head + 1) * D_K)
            e = [math.exp(q[i, own] @ row[own] / math.sqrt(D_K)) for row in k]
            parts += [sum(a * row[own] for a, row in zip(e, v, strict=True)) / sum(e)]
        assert torch.allclose(found[1, i], ours.W_o(torch.cat(parts)), atol=1e-12)


@pytest.mark.parametrize("name", ["none", "padding", "causal", "batch", "per head"])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_output_and_weights_are_those_of_torch(dtype, name):
    theirs, ours = layers(dtype)
    mask = None if name == "none" else mask_named(name)
    torchs = None if mask is None else mask_to_torch(mask, HEADS)
    output = ours(*sample(dtype), mask)
    expected, weights = theirs(
        *sample(dtype), attn_mask=torchs, average_attn_weights=False
    )
    assert output.dtype == dtype and ours.attn.shape == weights.shape
    assert (output - expected).abs().max() < TOLERANCE[dtype]
    assert (ours.attn - weights).abs().max() < TOLERANCE[dtype]


def test_gradients_are_those_of_torch():
    theirs, ours = layers()
    mask = mask_named("per head")
    ours(*sample(), mask).square().sum().backward()
    theirs(*sample(), attn_mask=mask_to_torch(mask, HEADS))[0].square().sum().backward()
    found = torch.cat([W.weight.grad for W in (ours.W_q, ours.W_k, ours.W_v)])
    assert torch.allclose(found, theirs.in_proj_weight.grad, rtol=1e-4, atol=1e-4)


def test_torchs_own_masks_mean_the_same_once_converted():
    theirs, ours = layers()
    hidden = ~mask_named("per head").flatten(0, 1)
    padding = ~padding_mask(torch.tensor([5, 6]), KEYS)
    for attn_mask in (hidden, ~causal_mask(QUERIES, KEYS), None):
        for padded in (padding, None):
            expected, _ = theirs(
                *sample(), attn_mask=attn_mask, key_padding_mask=padded
            )
            found = ours(*sample(), mask_from_torch(HEADS, attn_mask, padded))
            assert (found - expected).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["padding", "causal", "per head"])
def test_a_mask_goes_to_torch_and_back(name):
    mask = mask_named(name)
    back = mask_from_torch(HEADS, mask_to_torch(mask, HEADS))
    whole = (BATCH, HEADS, QUERIES, KEYS)
    mask = mask[:, None] if mask.dim() == 3 else mask
    assert torch.equal(back.broadcast_to(whole), mask.broadcast_to(whole))


def test_a_query_that_sees_nothing_gets_the_bias_alone():
    theirs, ours = layers()
    mask = torch.ones(QUERIES, KEYS, dtype=torch.bool)
    mask[2] = False
    output = ours(*sample(), mask)
    assert ours.attn[:, :, 2].eq(0).all()
    assert torch.equal(output[:, 2], ours.W_o.bias.expand(BATCH, -1))
    assert theirs(*sample(), attn_mask=~mask)[0][:, 2].isnan().all()
    output.sum().backward()
    assert all(p.grad.isfinite().all() for p in ours.parameters())


def test_the_number_of_heads_changes_no_parameter_count():
    sizes = {
        sum(p.numel() for p in MultiHeadedAttention(h, 24).parameters())
        for h in (1, 2, 3, 24)
    }
    assert sizes == {4 * 24 * 24 + 4 * 24}


def test_weights_of_training_are_those_that_dropout_left():
    torch.manual_seed(3)
    _, ours = layers()
    ours.train()(*sample())
    dropped = ours.attn.eq(0).float().mean().item()
    assert 0.02 < dropped < 0.25 and not ours.attn.requires_grad


@pytest.mark.parametrize(
    "call",
    [
        lambda: MultiHeadedAttention(3, 32),
        lambda: MultiHeadedAttention(0, 32),
        lambda: split_heads(torch.ones(2, 5, 32), 3),
        lambda: split_heads(torch.ones(5, 32), 4),
        lambda: MultiHeadedAttention(4, 32)(*[torch.ones(2, 5, 31)] * 3),
        lambda: mask_to_torch(torch.ones(2, 4, 5, 7), 3),
        lambda: mask_from_torch(3, torch.zeros(5, 7)),
        lambda: weights_from_torch(nn.MultiheadAttention(12, 3, bias=False)),
        lambda: weights_from_torch(nn.MultiheadAttention(12, 3, kdim=7)),
    ],
)
def test_a_wrong_size_is_refused_with_what_came(call):
    with pytest.raises(ValueError, match="got"):
        call()
