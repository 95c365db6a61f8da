"""Linear attention: a table of weights, a product of matrices and a state are one."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from attention.mechanisms.linear_attention import (
    LinearState,
    elu_features,
    linear_attention,
)

N, KEYS, D, D_V = 11, 13, 5, 7


def sample(*front):
    draws = torch.Generator().manual_seed(5)
    sizes = ((N, D), (KEYS, D), (KEYS, D_V))
    return [
        torch.randn(*front, *size, generator=draws, dtype=torch.float64)
        for size in sizes
    ]


def by_table(q, k, v, feature_map):
    weights = feature_map(q) @ feature_map(k).mT
    return weights / weights.sum(-1, keepdim=True) @ v


@pytest.mark.parametrize("feature_map", [elu_features, torch.exp, lambda x: x**2 + 1])
@pytest.mark.parametrize("front", [(), (2, 3)])
def test_it_is_the_table_of_weights_that_sum_to_1(feature_map, front):
    q, k, v = sample(*front)
    found = linear_attention(q, k, v, feature_map)
    torch.testing.assert_close(found, by_table(q, k, v, feature_map))


def test_one_key_answers_every_query_with_its_value():
    q, k, v = sample()
    found = linear_attention(q, k[:1], v[:1], elu_features)
    torch.testing.assert_close(found, v[:1].expand(N, -1))


def test_the_features_are_positive_and_grow():
    x = torch.tensor([-30.0, -1.0, 0.0, 2.0])
    found = elu_features(x)
    assert found.min() >= 0 and found[2:].tolist() == [1, 3]
    assert (found.diff() > 0).all()


def test_where_no_weight_is_spent_the_output_is_0():
    q, k, v = sample()
    found = linear_attention(q, k, v, torch.zeros_like)
    assert torch.equal(found, torch.zeros(N, D_V, dtype=torch.float64))


def test_no_table_is_multiplied():
    q, k, v = torch.zeros(3, 512, 8)
    with FlopCounterMode(display=False) as counter:
        linear_attention(q, k, v, elu_features)
    assert counter.get_total_flops() // 2 == 512 * 8 * 8 * 2 + 512 * 8


def test_the_state_gives_the_causal_answer_at_every_step():
    q, k, v = sample(2)
    state = LinearState(elu_features)
    for t in range(N):
        state.write(k[:, t], v[:, t])
        expected = by_table(q[:, t : t + 1], k[:, : t + 1], v[:, : t + 1], elu_features)
        torch.testing.assert_close(state.read(q[:, t]), expected[:, 0])


def test_the_state_does_not_grow():
    _, k, v = sample()
    state = LinearState(elu_features)
    for t in range(KEYS):
        state.write(k[t], v[t])
        assert state.state.shape == (D, D_V) and state.total.shape == (D, 1)


def test_an_empty_state_and_another_width_are_errors():
    state = LinearState(elu_features)
    with pytest.raises(ValueError, match="nothing was written"):
        state.read(torch.zeros(D))
    state.write(torch.zeros(D), torch.zeros(D_V))
    with pytest.raises(ValueError, match=r"pair: expected \(5, 7\), got \(5, 8\)"):
        state.write(torch.zeros(D), torch.zeros(8))
