"""Position encodings: sinusoids and their rotation, RoPE, ALiBi."""

import math

import pytest
import torch

from attention.mechanisms.positions import (
    alibi_bias,
    apply_rope,
    frequencies,
    rotation_to,
    sinusoidal_positions,
)


def test_a_pair_shares_one_frequency_worked_by_hand():
    found = sinusoidal_positions(3, 4)
    by_hand = [
        [0, 1, 0, 1],
        [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)],
        [math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)],
    ]
    assert torch.allclose(found, torch.tensor(by_hand), atol=1e-6)


def test_sinusoids_agree_with_a_loop_over_places_and_columns():
    n, d = 7, 6
    slow = [
        [
            (math.cos if j % 2 else math.sin)(p / 10000 ** (2 * (j // 2) / d))
            for j in range(d)
        ]
        for p in range(n)
    ]
    assert torch.allclose(sinusoidal_positions(n, d), torch.tensor(slow), atol=1e-6)


def test_a_pair_is_a_point_on_the_unit_circle():
    pairs = sinusoidal_positions(101, 14).view(101, 7, 2)
    assert torch.allclose(pairs.norm(dim=-1), torch.ones(101, 7))


@pytest.mark.parametrize("k", [0, 1, 5, -3])
def test_one_matrix_leads_from_every_place_to_the_one_k_steps_on(k):
    P, start = sinusoidal_positions(61, 10), max(0, -k)
    here = torch.arange(start, 61 - max(0, k))
    assert torch.allclose(P[here] @ rotation_to(k, 10), P[here + k], atol=1e-5)


def test_the_matrix_is_a_rotation_and_steps_add_up():
    R = rotation_to(3, 10)
    assert torch.allclose(R @ R.T, torch.eye(10), atol=1e-6)
    assert torch.linalg.det(R).item() == pytest.approx(1, abs=1e-5)
    assert torch.allclose(R @ rotation_to(4, 10), rotation_to(7, 10), atol=1e-5)
    assert torch.equal(rotation_to(0, 4), torch.eye(4))


def test_rope_turns_a_pair_worked_by_hand():
    x = torch.tensor([[1.0, 0.0, 0.0, 2.0]])
    found = apply_rope(x, torch.tensor([3]))
    slow = 3 / 100
    by_hand = [[math.cos(3), math.sin(3), -2 * math.sin(slow), 2 * math.cos(slow)]]
    assert torch.allclose(found, torch.tensor(by_hand), atol=1e-6)


def test_rope_agrees_with_a_complex_product():
    x = torch.randn(2, 3, 7, 10, generator=torch.Generator().manual_seed(0))
    positions = torch.tensor([0, 1, 2, 5, 11, 4, 3])
    turns = torch.polar(torch.ones(7, 5), positions[:, None] * frequencies(10))
    slow = torch.view_as_real(torch.view_as_complex(x.view(2, 3, 7, 5, 2)) * turns)
    assert torch.allclose(apply_rope(x, positions), slow.flatten(-2), atol=1e-5)


def test_scores_after_rope_depend_on_distances_alone():
    q, k = torch.randn(2, 7, 16, generator=torch.Generator().manual_seed(1)).double()
    here, there = torch.arange(7), torch.arange(7) + 50

    def scores(at):
        return apply_rope(q, at) @ apply_rope(k, at).T

    assert torch.allclose(scores(here), scores(there), atol=1e-4)
    assert not torch.allclose(scores(here), q @ k.T, atol=0.1)


def test_rope_keeps_lengths_dtype_and_its_argument():
    for dtype in (torch.float16, torch.float32, torch.float64):
        x = torch.randn(5, 6, generator=torch.Generator().manual_seed(2)).to(dtype)
        kept = x.clone()
        found = apply_rope(x, torch.arange(5))
        assert found.dtype == dtype and torch.equal(x, kept)
        assert torch.allclose(found.norm(dim=-1), x.norm(dim=-1), rtol=5e-3)


def test_rope_takes_positions_of_a_batch():
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(3))
    positions = torch.tensor([[0, 1, 2], [7, 8, 9]])
    found = apply_rope(x, positions)
    for row, at, one in zip(x, positions, found, strict=True):
        assert torch.allclose(apply_rope(row, at), one, atol=1e-6)


def test_alibi_worked_by_hand():
    found = alibi_bias(2, 3)  # slopes 1/16 and 1/256
    steps = torch.tensor([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    assert torch.equal(found, torch.stack([-steps / 16, -steps / 256]))


def test_the_slopes_of_eight_heads_are_those_of_the_paper():
    assert alibi_bias(8, 2)[:, 1, 0].tolist() == [-(2.0**-j) for j in range(1, 9)]


@pytest.mark.parametrize("h", [1, 3, 12])
def test_slopes_fall_by_one_factor_to_two_to_the_minus_eight(h):
    slopes = -alibi_bias(h, 2)[:, 1, 0]
    assert slopes[-1].item() == pytest.approx(2**-8)
    assert torch.allclose(slopes[1:] / slopes[:-1], torch.tensor(2 ** (-8 / h)))


@pytest.mark.parametrize(
    "call",
    [
        lambda: sinusoidal_positions(3, 5),
        lambda: rotation_to(1, 5),
        lambda: apply_rope(torch.randn(3, 5), torch.arange(3)),
    ],
)
def test_an_odd_width_is_refused(call):
    with pytest.raises(ValueError, match=r"d must be even.*got 5"):
        call()


def test_rope_wants_one_position_a_vector():
    with pytest.raises(ValueError, match=r"expected \(\.\.\., 3\), got \(4,\)"):
        apply_rope(torch.randn(3, 6), torch.arange(4))


@pytest.mark.parametrize(("h", "n"), [(0, 3), (2, 0)])
def test_alibi_wants_heads_and_positions(h, n):
    with pytest.raises(ValueError, match="at least 1"):
        alibi_bias(h, n)
