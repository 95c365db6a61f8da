"""ULMFiT's rates and its unfreezing."""

import pytest
from torch import nn, optim

from attention.training.fine_tuning import (
    discriminative_rates,
    parameter_groups,
    slanted_triangular,
    unfreeze,
)


def test_the_triangle_by_hand():
    # cut = 2 of 10: p = 0, 1/2, 1 and then down by 1/8 a step; 0.3 · (1 + 2p) / 3
    found = [slanted_triangular(t, 10, 0.2, 3, 0.3) for t in (0, 1, 2, 6, 10)]
    assert found == pytest.approx([0.1, 0.2, 0.3, 0.2, 0.1])


@pytest.mark.parametrize("steps", [10, 100, 730])
def test_it_is_the_papers_formula_where_that_makes_sense(steps):
    cut = steps // 10
    for t in range(steps + 1):
        p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / 0.1 - 1))
        expected = 0.01 * (1 + p * 31) / 32
        assert slanted_triangular(t, steps) == pytest.approx(expected)


def test_it_ends_above_0_where_the_papers_formula_does_not():
    assert 1 - (19 - 1) / (1 * (1 / 0.1 - 1)) < -0.5  # p at the end of 19 steps
    assert slanted_triangular(19, 19) == pytest.approx(0.01 / 32)


def test_the_peak_is_reached_once():
    rates = [slanted_triangular(t, 57, 0.29, 16, 2.0) for t in range(58)]
    assert max(rates) == 2.0 and rates.count(2.0) == 1 and rates.index(2.0) == 16
    assert min(rates) == pytest.approx(2 / 16)


@pytest.mark.parametrize("step", [-1, 11])
def test_a_step_outside_is_refused(step):
    with pytest.raises(ValueError, match="expected 0 to 10"):
        slanted_triangular(step, 10)


@pytest.mark.parametrize(("steps", "cut_frac"), [(9, 0.1), (10, 1.0)])
def test_both_sides_of_the_triangle_have_a_step(steps, cut_frac):
    with pytest.raises(ValueError, match="expected 1 to"):
        slanted_triangular(0, steps, cut_frac)


def test_lower_layers_learn_more_slowly():
    assert discriminative_rates(3, 1.0, 2.0) == [0.25, 0.5, 1.0]
    assert discriminative_rates(2, 2.6) == pytest.approx([1.0, 2.6])
    layers = [nn.Linear(2, 3), nn.Linear(3, 5)]
    groups = parameter_groups(layers, [0.1, 0.2])
    optimizer = optim.SGD(groups)
    assert [g["lr"] for g in optimizer.param_groups] == [0.1, 0.2]
    assert [len(g["params"]) for g in groups] == [2, 2]


def test_layers_thaw_from_the_top():
    layers = [nn.Linear(2, 2) for _ in range(3)]
    learns = []
    for epoch in (1, 2, 3, 4):
        unfreeze(layers, epoch)
        learns.append([layer.weight.requires_grad for layer in layers])
    assert learns[0] == [False, False, True]
    assert learns[1] == [False, True, True]
    assert learns[2] == learns[3] == [True, True, True]
    with pytest.raises(ValueError, match="first epoch is 1"):
        unfreeze(layers, 0)
