"""Full, separable and super-separable convolutions for pictures."""

import pytest
import torch

from attention.data.digits import Digits
from attention.models.xception import SeparableConv2d, SmallXception
from attention.training.pictures import learn_digits, told_right


@pytest.mark.parametrize(
    ("kind", "width", "weights"),
    [("full", 16, 6960), ("separable", 43, 6837), ("super-separable", 60, 6600)],
)
def test_the_weights_of_the_body_are_counted(kind, width, weights):
    assert SmallXception(kind, width).body_size() == weights


def test_a_depthwise_filter_does_not_mix_channels():
    layer, x = SeparableConv2d(6), torch.randn(1, 6, 5, 5)
    other = x.clone()
    other[:, 2] += 1
    moved = (layer.depthwise(other) - layer.depthwise(x)).abs().amax((0, 2, 3)) > 1e-6
    assert moved.tolist() == [False, False, True, False, False, False]


def test_groups_keep_channels_apart():
    layer, x = SeparableConv2d(6, groups=2), torch.randn(1, 6, 5, 5)
    other = x.clone()
    other[:, 0] += 1
    moved = (layer(other) - layer(x)).abs().amax((0, 2, 3)) > 1e-6
    assert moved.tolist() == [True] * 3 + [False] * 3


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind"):
        SmallXception("dense", 8)


def test_a_net_learns_to_tell_ink_from_paper():
    images = torch.zeros(40, 8, 8)
    images[::2] = 1
    digits = Digits(images, torch.tensor([1, 0] * 20))
    torch.manual_seed(0)
    net = SmallXception("separable", 6)
    learn_digits(net, digits, steps=40, seed=0)
    assert told_right(net, digits) == 1
