"""Soft lookup, kernels, masks and the learned width, in NumPy."""

import math

import numpy as np
import pytest

from attention.mechanisms.pooling import (
    epanechnikov,
    error_and_slope,
    gaussian,
    learn_width,
    masked_softmax,
    nadaraya_watson,
    soft_lookup,
    softmax,
    triangular,
)

RNG = np.random.default_rng(0)


def slow_weights(scores):
    shares = [math.exp(score) for score in scores]
    return [share / sum(shares) for share in shares]


# --- softmax ---


def test_softmax_equals_a_slow_one_on_every_row():
    scores = RNG.normal(size=(3, 5))
    for row, weights in zip(scores, softmax(scores), strict=True):
        assert weights == pytest.approx(slow_weights(row))


def test_softmax_by_hand():
    assert softmax(np.log([1.0, 2.0, 5.0])) == pytest.approx([1 / 8, 2 / 8, 5 / 8])


def test_a_constant_changes_no_weight_however_large():
    scores = RNG.normal(size=7)
    assert softmax(scores + 1e6) == pytest.approx(softmax(scores), rel=1e-6)


def test_a_single_score_has_weight_1():
    assert softmax(np.array([-1e300])).tolist() == [1.0]


# --- soft lookup ---


def test_lookup_equals_a_slow_one():
    query, keys, values = (RNG.normal(size=s) for s in (3, (5, 3), (5, 2)))
    mixture, weights = soft_lookup(query, keys, values)
    expected = slow_weights([sum(query[i] * key[i] for i in range(3)) for key in keys])
    assert weights == pytest.approx(expected)
    assert mixture == pytest.approx(sum(expected[i] * values[i] for i in range(5)))


def test_a_sharp_query_is_a_dictionary_and_a_zero_one_a_mean():
    keys, values = np.eye(3), np.array([3.0, 5.0, 7.0])
    assert soft_lookup(1000 * keys[1], keys, values)[0] == 5
    assert soft_lookup(0 * keys[1], keys, values)[0] == pytest.approx(5)


def test_lookup_says_which_shape_it_expected():
    with pytest.raises(ValueError, match=r"keys must be \(5, 3\), got \(5, 2\)"):
        soft_lookup(np.zeros(3), np.zeros((5, 2)), np.zeros((5, 7)))


# --- masks ---


def test_masked_softmax_is_the_softmax_of_what_is_left():
    scores, mask = RNG.normal(size=5), np.array([True, False, True, True, False])
    weights = masked_softmax(scores, mask)
    assert weights[mask] == pytest.approx(slow_weights(scores[mask]))
    assert not weights[~mask].any()


@pytest.mark.parametrize("hidden", [0.0, 1e300, np.inf, np.nan])
def test_a_hidden_score_has_no_influence(hidden):
    mask = np.array([True, True, False])
    weights = masked_softmax(np.array([0.0, 0.0, hidden]), mask)
    assert weights.tolist() == [0.5, 0.5, 0.0]


def test_a_fully_masked_row_has_no_weight():
    assert masked_softmax(np.ones(3), np.zeros(3, dtype=bool)).tolist() == [0, 0, 0]


def test_masking_leaves_the_scores_as_they_were():
    scores = np.arange(3.0)
    masked_softmax(scores, np.array([True, False, True]))
    assert scores.tolist() == [0, 1, 2]


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"mask must be \(3,\), got \(2,\)"):
        masked_softmax(np.zeros(3), np.ones(2, dtype=bool))


# --- kernels ---


@pytest.mark.parametrize("kernel", [gaussian, triangular, epanechnikov])
def test_a_kernel_is_even_has_area_1_and_falls(kernel):
    u = np.linspace(-8, 8, 16001)
    assert kernel(u).sum() * 0.001 == pytest.approx(1, abs=1e-6)
    assert kernel(-u) == pytest.approx(kernel(u))
    assert (np.diff(kernel(u[8000:])) <= 0).all()


def test_triangular_and_epanechnikov_are_not_the_same():
    assert triangular(np.array([0, 0.5, 1, 2])).tolist() == [1, 0.5, 0, 0]
    assert epanechnikov(np.array([0, 0.5, 1, 2])).tolist() == [0.75, 0.5625, 0, 0]


def test_regression_equals_the_formula_with_kernels():
    x, y, points = (RNG.normal(size=n) for n in (7, 7, 5))
    found = nadaraya_watson(points, x, y, 0.7)
    for point, prediction in zip(points, found, strict=True):
        kernel = gaussian((point - x) / 0.7)
        assert prediction == pytest.approx(sum(kernel * y) / sum(kernel))


def test_a_very_wide_kernel_predicts_the_mean_and_a_narrow_one_the_neighbour():
    x, y = np.array([0.0, 1.0, 3.0]), np.array([2.0, 3.0, 7.0])
    assert nadaraya_watson(np.array([0.9]), x, y, 1e6) == pytest.approx(4)
    assert nadaraya_watson(np.array([0.9]), x, y, 1e-3) == pytest.approx(3)


@pytest.mark.parametrize("width", [0, -1])
def test_a_width_has_to_be_positive(width):
    with pytest.raises(ValueError, match="width must be positive"):
        nadaraya_watson(np.zeros(1), np.zeros(2), np.zeros(2), width)


# --- learned width ---


@pytest.mark.parametrize("leave_self_out", [True, False])
@pytest.mark.parametrize("log_width", [-2.0, -0.5, 1.0])
def test_the_slope_is_the_finite_difference(leave_self_out, log_width):
    x, y = np.sort(RNG.uniform(0, 5, 11)), RNG.normal(size=11)
    low, high = (
        error_and_slope(x, y, log_width + e, leave_self_out)[0] for e in (-1e-5, 1e-5)
    )
    slope = error_and_slope(x, y, log_width, leave_self_out)[1]
    assert slope == pytest.approx((high - low) / 2e-5, rel=1e-4, abs=1e-8)


def test_the_error_without_self_predicts_each_pair_from_the_others():
    x, y = RNG.uniform(0, 5, 7), RNG.normal(size=7)
    others = ~np.eye(7, dtype=bool)
    expected = [
        (nadaraya_watson(x[i : i + 1], x[o], y[o], 0.5)[0] - y[i]) ** 2
        for i, o in enumerate(others)
    ]
    error = error_and_slope(x, y, np.log(0.5))[0]
    assert error == pytest.approx(np.mean(expected))


def test_with_self_in_view_the_learned_width_is_smaller():
    x = np.linspace(0, 5, 29)
    y = np.sin(x) + np.random.default_rng(1).normal(0, 0.5, 29)
    assert learn_width(x, y, leave_self_out=False) < learn_width(x, y)


def test_one_pair_has_no_others():
    with pytest.raises(ValueError, match="at least 2 pairs"):
        error_and_slope(np.zeros(1), np.zeros(1), 0.0)
