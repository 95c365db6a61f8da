"""Key-value memories and histories."""

import numpy as np
import pytest

from attention.mechanisms.memory import answer_slope, interest, key_value_read
from attention.mechanisms.pooling import soft_lookup

RNG = np.random.default_rng(0)


def test_no_hop_leaves_the_query():
    query, keys = RNG.normal(size=3), RNG.normal(size=(5, 3))
    state, weights = key_value_read(query, keys, keys, 0)
    assert np.array_equal(state, query)
    assert weights.shape == (0, 5)


def test_each_hop_reads_with_what_the_hop_before_left():
    query, keys, values = (RNG.normal(size=s) for s in (3, (5, 3), (5, 3)))
    state, weights = key_value_read(query, keys, values, 3)
    for hop in range(3):
        found, expected = soft_lookup(query, keys, values)
        assert weights[hop] == pytest.approx(expected)
        query = query + found
    assert state == pytest.approx(query)


def test_two_hops_follow_a_chain_by_hand():
    keys, values = 50 * np.eye(3)[:2], np.eye(3)[1:] * 2
    state, weights = key_value_read(np.eye(3)[0], keys, values, 2)
    assert weights == pytest.approx(np.eye(2))
    assert state == pytest.approx([1, 2, 2])


def test_reading_leaves_the_query_as_it_was():
    query = np.ones(2)
    key_value_read(query, np.ones((3, 2)), np.ones((3, 2)), 2)
    assert query.tolist() == [1, 1]


def test_values_have_to_fit_the_query():
    with pytest.raises(ValueError, match=r"values must be \(5, 3\), got \(5, 2\)"):
        key_value_read(np.zeros(3), np.zeros((5, 3)), np.zeros((5, 2)), 1)


def test_the_slope_of_an_answer_is_the_finite_difference():
    states, R, keys = (RNG.normal(size=s) for s in ((5, 3), (3, 3), (7, 3)))
    right = RNG.random((5, 7)) < 0.4
    right[:, 0] = True
    _, slope = answer_slope(states, R, keys, right)
    for at in np.ndindex(3, 3):
        step = np.zeros((3, 3))
        step[at] = 1e-5
        up, down = (answer_slope(states, R + s, keys, right)[0] for s in (step, -step))
        assert slope[at] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-8)


def test_a_question_without_an_answer_is_refused():
    with pytest.raises(ValueError, match="holds its answer"):
        answer_slope(np.zeros((1, 2)), np.eye(2), np.zeros((3, 2)), np.zeros((1, 3)))


def test_sharpness_0_scores_by_the_mean_of_the_history():
    candidate, history = RNG.normal(size=3), RNG.normal(size=(5, 3))
    expected = candidate @ history.mean(0)
    assert interest(candidate, history, 0) == pytest.approx(expected)


def test_a_sharp_candidate_reads_the_item_that_is_most_like_it():
    history = np.array([[1.0, 0], [0.9, 0.1], [0, 1]])
    assert interest(np.array([0.0, 1.0]), history, 1000) == pytest.approx(1)


def test_a_history_of_other_items_is_refused():
    with pytest.raises(ValueError, match=r"history must be \(5, 3\), got \(5, 2\)"):
        interest(np.zeros(3), np.zeros((5, 2)), 1)
