"""Path lengths: by hand, by a walk over the graph, and in real stacks of layers."""

import pytest
import torch

from attention.mechanisms.path import path_length
from attention.models.stacks import stack


@pytest.mark.parametrize(
    ("kind", "n", "kernel", "length"),
    [
        ("recurrent", 13, 3, 13),
        ("attention", 13, 3, 1),
        ("convolution", 13, 3, 6),
        ("convolution", 14, 3, 7),
        ("convolution", 14, 5, 4),
        ("dilated", 9, 3, 2),
        ("dilated", 10, 3, 3),
        ("dilated", 243, 3, 5),  # log(243) / log(3) is not 5 in floating point
        ("dilated", 125, 5, 3),
        ("dilated", 126, 5, 4),
    ],
)
def test_path_lengths_worked_by_hand(kind, n, kernel, length):
    assert path_length(kind, n, kernel) == length


def walk(kind, n, kernel):
    """Count layers until the last position has seen the first, one at a time."""
    seen, layers = {n - 1}, 0
    while 0 not in seen or not layers:
        gap = kernel**layers if kind == "dilated" else 1
        steps = range(n) if kind == "attention" else range(0, kernel * gap, gap)
        seen = {p - step for p in seen for step in steps if p >= step}
        layers += 1
    return layers


@pytest.mark.parametrize("kind", ["convolution", "dilated", "attention"])
@pytest.mark.parametrize("kernel", [2, 3, 5])
def test_path_lengths_agree_with_a_walk_over_positions(kind, kernel):
    for n in (1, 2, 3, 5, 9, 10, 17, 26):
        assert path_length(kind, n, kernel) == walk(kind, n, kernel)


@pytest.mark.parametrize("kind", ["convolution", "dilated", "attention"])
@pytest.mark.parametrize("n", [3, 9, 10])
def test_a_stack_of_that_many_layers_reaches_and_one_less_does_not(kind, n):
    torch.manual_seed(0)
    needed = path_length(kind, n)
    for layers in range(1, needed + 1):
        x = torch.randn(5, n, 16, requires_grad=True)
        stack(kind, layers, 16)(x)[:, -1].sum().backward()
        assert x.grad is not None
        assert bool(x.grad[:, 0].norm() > 0) == (layers == needed)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "convolution", "dilated", "attention"])
def test_a_stack_keeps_the_shape(kind):
    assert stack(kind, 2, 6)(torch.randn(3, 7, 6)).shape == (3, 7, 6)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "convolution", "dilated"])
def test_what_only_looks_back_does_not_see_the_future(kind):
    torch.manual_seed(1)
    layers, x = stack(kind, 2, 6), torch.randn(1, 7, 6)
    changed = torch.cat([x[:, :5], torch.zeros(1, 2, 6)], dim=1)
    assert torch.allclose(layers(x)[:, :5], layers(changed)[:, :5], atol=1e-6)


@pytest.mark.parametrize(("n", "kernel"), [(0, 3), (5, 1)])
def test_impossible_sizes_are_refused(n, kernel):
    with pytest.raises(ValueError, match="expected n >= 1 and kernel >= 2"):
        path_length("dilated", n, kernel)


def test_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="no 'pooling'"):
        path_length("pooling", 5)
    with pytest.raises(ValueError, match="no 'LSTM'"):
        stack("LSTM", 1, 6)
