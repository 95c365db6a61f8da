"""Cues: conspicuity, weights, what comes back, and the gain of a task."""

import numpy as np
import pytest

from attention.mechanisms.cues import (
    attend,
    combine_cues,
    conspicuity,
    cue_weights,
    volitional_scores,
)

RNG = np.random.default_rng(0)


def test_the_odd_one_out_is_the_most_conspicuous_by_hand():
    found = conspicuity(np.array([[1.0, 0], [0, 0], [0, 0], [0, 0]]))
    assert found == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])


def test_conspicuity_is_the_difference_from_the_mean_of_the_others():
    features = RNG.normal(size=(5, 3))
    for i, found in enumerate(conspicuity(features)):
        others = np.delete(features, i, axis=0).mean(axis=0)
        assert found == pytest.approx(np.abs(features[i] - others).sum())


def test_one_thing_alone_stands_out_from_nothing():
    with pytest.raises(ValueError, match="at least 2 things are needed, got 1"):
        conspicuity(np.zeros((1, 3)))


def test_weights_of_a_map_sum_to_1_over_all_of_it():
    scores = RNG.normal(size=(3, 5))
    weights = cue_weights(scores, 0.5)
    assert weights.sum() == pytest.approx(1)
    assert weights == pytest.approx(np.exp(2 * scores) / np.exp(2 * scores).sum())


def test_weights_by_hand_and_for_scores_that_would_overflow():
    expected = [0.125, 0.25, 0.625]
    scores = np.log([1.0, 2, 5])
    assert cue_weights(scores) == pytest.approx(expected)
    assert cue_weights(scores + 5000) == pytest.approx(expected)


def test_temperature_goes_from_all_alike_to_the_best_alone():
    scores = np.array([1.0, 2.0, 0.0])
    assert cue_weights(scores, 1e9) == pytest.approx([1 / 3] * 3)
    assert cue_weights(scores, 1e-3) == pytest.approx([0, 1, 0])


@pytest.mark.parametrize("temperature", [0, -1])
def test_a_temperature_that_is_not_positive_is_refused(temperature):
    with pytest.raises(ValueError, match=f"positive, got {temperature}"):
        cue_weights(np.zeros(3), temperature)


def test_the_weighted_sum_by_hand():
    values = np.array([[8.0, 0], [0, 4]])
    assert attend(np.array([0.25, 0.75]), values) == pytest.approx([2, 3])


def test_as_many_weights_as_values():
    with pytest.raises(ValueError, match=r"weights must be \(3,\), got \(2,\)"):
        attend(np.zeros(2), np.zeros((3, 5)))


def test_scores_are_the_dot_product_at_every_place():
    features, query = RNG.normal(size=(2, 3, 5)), RNG.normal(size=5)
    found = volitional_scores(features, query)
    for at in np.ndindex(2, 3):
        assert found[at] == pytest.approx(sum(features[at] * query))


def test_a_wish_with_other_features_is_refused():
    with pytest.raises(ValueError, match=r"query must be \(5,\), got \(3,\)"):
        volitional_scores(np.zeros((2, 5)), np.zeros(3))


def test_the_gain_multiplies_the_task_alone():
    saliency, task = np.array([1.0, 2]), np.array([10.0, 20])
    assert combine_cues(saliency, task, 0).tolist() == [1, 2]
    assert combine_cues(saliency, task, 0.5).tolist() == [6, 12]


def test_cues_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"task must be \(2,\), got \(3,\)"):
        combine_cues(np.zeros(2), np.zeros(3), 1)
