"""Visual search: displays, and looks until the target is found."""

import numpy as np
import pytest

from attention.mechanisms.cues import conspicuity
from attention.mechanisms.search import (
    GREEN,
    LYING,
    RED,
    UPRIGHT,
    count_looks,
    make_display,
)


def test_a_feature_target_is_red_among_green():
    bars = make_display(5, "feature")
    assert (bars @ RED).tolist() == [1, 0, 0, 0, 0]
    assert (bars @ UPRIGHT).tolist() == [1] * 5


@pytest.mark.parametrize("n", [4, 7, 32])
def test_a_conjunction_target_alone_has_both_features(n):
    bars = make_display(n, "conjunction")
    both = (bars @ RED) * (bars @ LYING)
    assert both.tolist() == [1] + [0] * (n - 1)
    assert abs((bars @ RED).sum() - (bars @ GREEN).sum()) <= 2
    assert (bars.sum(-1) == 2).all()


def test_a_feature_target_is_the_most_conspicuous_and_a_conjunction_is_not():
    feature = conspicuity(make_display(16, "feature"))
    conjunction = conspicuity(make_display(16, "conjunction"))
    assert feature[0] > 10 * feature[1:].max()
    assert conjunction[0] <= conjunction.max()
    assert conjunction.min() == pytest.approx(conjunction[0])


def test_a_display_needs_a_target_and_two_others():
    with pytest.raises(ValueError, match="at least 3 bars, got 2"):
        make_display(2, "feature")


def test_all_the_weight_on_the_target_needs_one_look():
    weights = np.array([0.5e-9, 1 - 1e-9, 0.5e-9])
    assert count_looks(weights, 1, np.random.default_rng(0)) == 1


def test_equal_weights_need_half_the_items_on_average():
    generator = np.random.default_rng(0)
    looks = [count_looks(np.full(9, 1 / 9), 4, generator) for _ in range(2000)]
    assert min(looks) == 1 and max(looks) == 9
    assert np.mean(looks) == pytest.approx(5, abs=0.25)  # 4 standard errors
