"""Copying by position: a net with one tap at the right lag learns it quickly."""

import torch

from attention.models.wavenet import WaveNet
from attention.training.repeats import learn_repeats, share_copied


def test_a_lag_of_one_tap_is_learned_at_its_own_period_alone():
    torch.manual_seed(0)
    net = WaveNet(64, d=48, dilations=(4,))
    learn_repeats(net, [5], steps=120, rate=1e-2)
    assert share_copied(net, 5) > 0.9
    assert share_copied(net, 6) < 0.1
