"""Self-attention: its formula, its symmetry, and what breaks it."""

import pytest
import torch
from torch.nn import functional as F

from attention.mechanisms.masks import causal_mask
from attention.mechanisms.self_attention import self_attention

BATCH, N, D_MODEL, D_K, D_V = 3, 5, 7, 11, 13


def sample(seed=0):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(BATCH, N, D_MODEL, generator=g)
    return x, *(torch.randn(D_MODEL, d, generator=g) for d in (D_K, D_K, D_V))


def test_two_tokens_worked_by_hand():
    x = torch.eye(2)
    W_q = torch.tensor([[2.0], [0.0]])
    output, weights = self_attention(x, W_q, torch.tensor([[1.0], [0.0]]), torch.eye(2))
    first = torch.tensor(2.0).sigmoid()  # scores 2 and 0
    by_hand = torch.tensor([[first, 1 - first], [0.5, 0.5]])
    assert torch.allclose(weights, by_hand) and torch.allclose(output, by_hand)


def test_it_agrees_with_torchs_function():
    x, W_q, W_k, W_v = sample()
    output, weights = self_attention(x, W_q, W_k, W_v)
    torchs = F.scaled_dot_product_attention(x @ W_q, x @ W_k, x @ W_v)
    assert torch.allclose(output, torchs, atol=1e-5)
    assert weights.shape == (BATCH, N, N) and output.shape == (BATCH, N, D_V)


def test_shuffled_tokens_give_shuffled_outputs_unless_a_mask_forbids():
    x, *W = sample(1)
    order = torch.tensor([3, 0, 4, 1, 2])
    assert torch.allclose(
        self_attention(x[:, order], *W)[0],
        self_attention(x, *W)[0][:, order],
        atol=1e-5,
    )
    mask = causal_mask(N, N)
    masked = [self_attention(y, *W, mask)[0] for y in (x, x[:, order])]
    assert not torch.allclose(masked[1], masked[0][:, order], atol=0.1)


def test_with_a_causal_mask_the_future_changes_nothing():
    x, *W = sample(2)
    changed = torch.cat([x[:, :3], torch.zeros(BATCH, 2, D_MODEL)], dim=1)
    before, after = (
        self_attention(y, *W, causal_mask(N, N))[0][:, :3] for y in (x, changed)
    )
    assert torch.allclose(before, after)


def test_a_matrix_that_does_not_fit_is_named():
    x, W_q, W_k, W_v = sample()
    with pytest.raises(ValueError, match=r"W_k: expected \(7, width\), got \(11, 7\)"):
        self_attention(x, W_q, W_k.T, W_v)
