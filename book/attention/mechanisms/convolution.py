"""Convolutions along a sequence: dilated, separable, and how far they see."""

from collections.abc import Iterable

from torch import Tensor
from torch.nn import functional as F

from attention.shapes import check_shape


def causal_dilated_conv(x: Tensor, weight: Tensor, dilation: int = 1) -> Tensor:
    """Mix each position with some before it: van den Oord et al. (2016), WaveNet.

    y[t] = Σ_j weight[:, :, j] x[t - (k - 1 - j) · dilation]; what lies before the
    start counts as 0, and the last tap is on the present.

    Args:
        x: (batch, c_in, n).
        weight: (c_out, c_in, k), no turning round: a cross-correlation, as in torch.
        dilation: how many positions lie between two taps, at least 1.

    Returns:
        (batch, c_out, n).

    Raises:
        ValueError: if the weight does not take x's channels, or dilation is below 1.

    """
    check_shape("x", x, "batch", "c_in", "n")
    check_shape("weight", weight, "c_out", x.shape[1], "k")
    if dilation < 1:
        raise ValueError(f"expected a dilation of at least 1, got {dilation}")
    before = (weight.shape[2] - 1) * dilation
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)


def receptive_field(dilations: Iterable[int], kernel: int) -> int:
    """Count the inputs that one output of a stack can see: 1 + (kernel - 1) Σ d.

    Args:
        dilations: one number a layer.
        kernel: how many taps each layer has.

    Raises:
        ValueError: if the kernel or a dilation is below 1.

    """
    gaps = list(dilations)
    if kernel < 1 or any(d < 1 for d in gaps):
        raise ValueError(f"expected at least 1, got kernel {kernel}, dilations {gaps}")
    return 1 + (kernel - 1) * sum(gaps)


def separable_conv(x: Tensor, depthwise: Tensor, pointwise: Tensor) -> Tensor:
    """Filter each channel along the sequence, then mix channels at each position.

    Chollet (2017), section 1.2; zeros stand on both sides of the sequence.

    Args:
        x: (batch, c_in, n).
        depthwise: (c_in, 1, k), one filter a channel, k odd.
        pointwise: (c_out, c_in).

    Returns:
        (batch, c_out, n).

    Raises:
        ValueError: if shapes do not fit, or k is even.

    """
    check_shape("x", x, "batch", "c_in", "n")
    c_in = x.shape[1]
    check_shape("depthwise", depthwise, c_in, 1, "k")
    check_shape("pointwise", pointwise, "c_out", c_in)
    k = depthwise.shape[2]
    if k % 2 == 0:
        raise ValueError(f"depthwise: expected an odd number of taps, got {k}")
    filtered = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return F.conv1d(filtered, pointwise[:, :, None])


def reached(dilations: Iterable[int], kernel: int, at: int) -> list[list[int]]:
    """Return which positions of each layer reach one output, from the input up.

    Args:
        dilations: one number a layer, from the first to the last.
        kernel: how many taps each layer has.
        at: the position of the output; nothing stands before position 0.

    """
    levels = [[at]]
    for gap in reversed(list(dilations)):
        behind = {t - j * gap for t in levels[-1] for j in range(kernel)}
        levels.append(sorted(t for t in behind if t >= 0))
    return levels[::-1]


def count_paths(dilations: Iterable[int], kernel: int) -> list[int]:
    """Count, by lag, the ways from an input to an output of a stack with residuals.

    In each layer a way takes one of the taps, or the residual past it, which leads to
    the present as the last tap does. Entry i is for the input i positions back.
    """
    ways = [1]
    for gap in dilations:
        longer = [0] * (len(ways) + (kernel - 1) * gap)
        for shift in (0, *(j * gap for j in range(kernel))):
            for lag, count in enumerate(ways):
                longer[lag + shift] += count
        ways = longer
    return ways
