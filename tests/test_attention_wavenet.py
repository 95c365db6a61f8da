"""WaveNet sees what the formula says, keeps to the past, and writes alike both ways."""

import pytest
import torch

from attention.data.beats import (
    PERIOD,
    find_strokes,
    from_levels,
    make_beat,
    to_levels,
)
from attention.figures.cousins import wavenet_block
from attention.figures.drawing import Arrow
from attention.mechanisms.convolution import receptive_field
from attention.models.wavenet import WaveNet, write_samples


def small(**sizes):
    torch.manual_seed(0)
    return WaveNet(13, d=7, **{"k": 3, "dilations": (1, 2, 5), **sizes}).eval()


def test_its_reach_by_gradient_is_the_formulas():
    net = small()
    x = torch.randn(1, 31, 7, requires_grad=True)
    net.read(x)[0, -1].sum().backward()
    first = x.grad[0].abs().sum(-1).nonzero().min().item()
    assert 31 - first == receptive_field((1, 2, 5), 3) == 17


def test_it_does_not_see_the_future():
    net, ids = small(), torch.randint(13, (2, 11))
    other = ids.clone()
    other[:, 6:] = (ids[:, 6:] + 1) % 13
    assert torch.equal(net(ids)[:, :6], net(other)[:, :6])


@pytest.mark.parametrize("k", [2, 3])
def test_queues_give_the_logits_of_the_whole_text(k):
    net, ids = small(k=k), torch.randint(13, (2, 23))
    queues = net.make_queues(2)
    steps = torch.stack([net.step(token, queues) for token in ids.unbind(1)], dim=1)
    assert torch.allclose(steps, net(ids), atol=1e-5)


def test_both_ways_to_write_draw_the_same_tokens():
    net, ids = small(), torch.randint(13, (3, 5))
    one, two = (
        write_samples(net, ids, 29, torch.Generator().manual_seed(1), queues=queues)
        for queues in (True, False)
    )
    assert one.shape == (3, 34)
    assert torch.equal(one, two)
    assert torch.equal(one[:, :5], ids)


def test_its_drawing_writes_the_shapes_that_flow():
    block = small().blocks[1]
    shapes = {part.shape for part in wavenet_block(block, 11) if type(part) is Arrow}
    assert shapes == {"", "11×7"}


def test_a_level_stands_for_a_sample_near_its_own():
    sound = torch.linspace(-1, 1, 1001)
    assert to_levels(sound).min() == 0 and to_levels(sound).max() == 31
    assert (from_levels(to_levels(sound)) - sound).abs().max() < 0.12
    ids = torch.arange(32)
    assert torch.equal(to_levels(from_levels(ids)), ids)


def test_the_strokes_of_the_beat_are_a_period_apart():
    ids = to_levels(make_beat(10 * PERIOD, torch.Generator().manual_seed(0)))
    gaps = find_strokes(ids).diff()
    assert len(gaps) == 9
    assert ((gaps - PERIOD).abs() <= 2).all()
