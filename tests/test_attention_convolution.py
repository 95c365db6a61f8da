"""Dilated, causal and separable convolutions, against loops and by hand."""

import pytest
import torch

from attention.mechanisms.convolution import (
    causal_dilated_conv,
    count_paths,
    reached,
    receptive_field,
    separable_conv,
)


def by_loops(x, weight, dilation):
    batch, _, n = x.shape
    c_out, _, k = weight.shape
    y = torch.zeros(batch, c_out, n)
    for t in range(n):
        for j in range(k):
            at = t - (k - 1 - j) * dilation
            if at >= 0:
                y[:, :, t] += x[:, :, at] @ weight[:, :, j].T
    return y


@pytest.mark.parametrize("dilation", [1, 3, 13])
def test_a_dilated_convolution_equals_its_loops(dilation):
    x, weight = torch.randn(2, 5, 11), torch.randn(7, 5, 3)
    found = causal_dilated_conv(x, weight, dilation)
    assert torch.allclose(found, by_loops(x, weight, dilation), atol=1e-5)


def test_the_last_tap_is_on_the_present():
    x, weight = torch.tensor([[[1.0, 10, 100]]]), torch.tensor([[[2.0, 1.0]]])
    assert causal_dilated_conv(x, weight, 2).tolist() == [[[1, 10, 102]]]


def test_the_future_changes_nothing():
    x, weight = torch.randn(2, 5, 11), torch.randn(7, 5, 3)
    other = x.clone()
    other[:, :, 6:] += 1
    one, two = (causal_dilated_conv(y, weight, 2)[:, :, :6] for y in (x, other))
    assert torch.equal(one, two)


@pytest.mark.parametrize(
    ("shape", "dilation", "said"),
    [((7, 3, 2), 1, "weight: expected"), ((7, 5, 2), 0, "dilation of at least 1")],
)
def test_what_does_not_fit_is_refused(shape, dilation, said):
    with pytest.raises(ValueError, match=said):
        causal_dilated_conv(torch.zeros(2, 5, 11), torch.zeros(shape), dilation)


@pytest.mark.parametrize(
    ("dilations", "kernel", "field"),
    [((), 3, 1), ((1, 2, 4, 8), 2, 16), ((1, 3, 9), 3, 27), ((5, 5), 1, 1)],
)
def test_the_receptive_field_by_hand(dilations, kernel, field):
    assert receptive_field(dilations, kernel) == field


def test_a_gap_of_zero_has_no_field():
    with pytest.raises(ValueError, match="at least 1"):
        receptive_field([1, 0], 2)


def test_the_cone_is_where_the_gradient_is():
    dilations, kernel, at = (1, 2, 5), 3, 19
    x = torch.zeros(1, 1, 23, requires_grad=True)
    y = x
    for gap in dilations:
        y = causal_dilated_conv(y, torch.ones(1, 1, kernel), gap)
    y[0, 0, at].backward()
    seen = x.grad[0, 0].nonzero()[:, 0].tolist()
    assert reached(dilations, kernel, at)[0] == seen


def test_the_ways_are_the_gradient_of_a_stack_with_residuals():
    dilations, kernel = (1, 2, 4, 8), 2
    x = torch.zeros(1, 1, 20, requires_grad=True)
    y = x
    for gap in dilations:
        y = y + causal_dilated_conv(y, torch.ones(1, 1, kernel), gap)
    y[0, 0, -1].backward()
    ways = count_paths(dilations, kernel)
    assert x.grad[0, 0].flip(0)[: len(ways)].tolist() == ways
    assert (ways[0], ways[8], ways[15]) == (16, 8, 1)


def test_a_separable_convolution_is_a_full_one_whose_weights_factor():
    x = torch.randn(2, 5, 11)
    depthwise, pointwise = torch.randn(5, 1, 3), torch.randn(7, 5)
    full = torch.nn.functional.conv1d(
        x, pointwise[:, :, None] * depthwise[:, 0], padding=1
    )
    assert torch.allclose(separable_conv(x, depthwise, pointwise), full, atol=1e-5)


def test_a_separable_convolution_by_hand():
    x = torch.tensor([[[1.0, 2, 3], [4, 5, 6]]])
    depthwise = torch.tensor([[[0.0, 0, 1]], [[1.0, 0, 0]]])  # the next, the one before
    pointwise = torch.tensor([[1.0, 10]])
    assert separable_conv(x, depthwise, pointwise).tolist() == [[[2, 43, 50]]]


def test_an_even_number_of_taps_has_no_middle():
    with pytest.raises(ValueError, match="odd"):
        separable_conv(torch.zeros(1, 2, 3), torch.zeros(2, 1, 4), torch.zeros(3, 2))
