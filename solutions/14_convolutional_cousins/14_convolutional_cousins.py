# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.1
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---


# %% [markdown] given="intro"
# # Convolutional cousins
#
# **48 points**, about an hour. Chapter 14 built what was tried beside
# attention. Here you write the five parts that its models are made of: the
# convolution of WaveNet and ByteNet and how far a stack of them sees, the
# separable convolution of Xception and SliceNet, one step of the Neural GPU,
# and the gate of a mixture of experts.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - a sequence is `(batch, channels, n)`, as for torch's `F.conv1d`, which you
#   may use: the positions lie along the **last** axis, and count from 0;
# - kernels are not flipped: position $t$ and tap $j$ count in the same
#   direction, as in torch;
# - where a kernel sticks out of the sequence, it meets zeros;
# - results have the dtype of the tensors that come in, which is the same for
#   all of them: float32 or float64;
# - no function changes its arguments in place.

# %% given="imports"
import math

import torch
from torch.nn import functional as F

# %% [markdown] given="dilated-text"
# ## 1. A causal dilated convolution (10 points)
#
# $$y_{b,o,t} = \sum_{c} \sum_{j=0}^{k-1} w_{o,c,j}\; x_{b,\,c,\;t - (k-1-j)\,
# d}$$
#
# where $d$ is the dilation, and $x$ is 0 before the start, at $t < 0$. The last
# tap, $j = k - 1$, lies on the present, the one before it $d$ positions
# earlier, the next $2d$ earlier. Nothing comes from the future.
#
# | argument | |
# |---|---|
# | `x` | (batch, $c_{in}$, n) |
# | `weight` | ($c_{out}$, $c_{in}$, k), with any $k \ge 1$, odd or even |
# | `dilation` | the integer $d \ge 1$ |
#
# `causal_dilated_conv(x, weight, dilation)` returns $y$ of shape (batch,
# $c_{out}$, n): as long as `x`. The kernel may be wider than the sequence.
# Raise a `ValueError` if the dilation is less than 1.
#
# *Example.* One channel, `x = [1, 2, 3, 4, 5]`, taps `[100, 10, 1]`, a dilation
# of 2: the answer is `[1, 2, 13, 24, 135]`. The last number is 1 · 5 + 10 · 3 +
# 100 · 1.


# %% solution="dilated"
def causal_dilated_conv(x, weight, dilation):
    """Return the convolution (batch, c_out, n), the last tap on the present."""
    ### BEGIN SOLUTION
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)
    ### END SOLUTION


# %% test="dilated-by-hand" points=2
# One channel; each decimal place of an answer shows what one tap has met.
x = torch.tensor([[[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0]]])
taps = torch.tensor([[[1000.0, 100.0, 10.0, 1.0]]])
for dilation, expected in (
    (1, [3.0, 31.0, 314.0, 3141.0, 1415.0, 4159.0, 1592.0]),
    (2, [3.0, 1.0, 34.0, 11.0, 345.0, 119.0, 3452.0]),
    (3, [3.0, 1.0, 4.0, 31.0, 15.0, 49.0, 312.0]),
):
    found = causal_dilated_conv(x, taps, dilation)
    assert found.shape == (1, 1, 7), "The answer is as long as x."
    assert torch.allclose(found[0, 0], torch.tensor(expected), atol=1e-3), (
        f"With a dilation of {dilation} you get {found[0, 0].tolist()}, not "
        f"{expected}: which position does each tap meet?"
    )

# %% test="dilated-channels" points=2
# Two sequences, 3 channels in, 5 out. Two taps, one of them 2 positions back.
g = torch.Generator().manual_seed(1)
x = torch.randn(2, 3, 7, generator=g).double()
weight = torch.randn(5, 3, 2, generator=g).double()
found = causal_dilated_conv(x, weight, 2)
assert found.shape == (2, 5, 7), "The shape is (batch, c_out, n)."
assert found.dtype == torch.float64, "The dtype stays that of x."
for b, o, t in ((0, 0, 2), (0, 4, 6), (1, 1, 3), (1, 3, 1)):
    total = weight[o, :, 1] @ x[b, :, t]
    if t >= 2:
        total = total + weight[o, :, 0] @ x[b, :, t - 2]
    assert abs(found[b, o, t] - total) < 1e-4, (
        "Each channel out sums over all channels in, each with taps of its own."
    )

# %% test="dilated-causal" points=1
g = torch.Generator().manual_seed(2)
x = torch.randn(1, 2, 11, generator=g)
weight = torch.randn(3, 2, 3, generator=g)
other = x.clone()
other[:, :, 6] += 1.0  # one position has changed
moved = causal_dilated_conv(other, weight, 2) - causal_dilated_conv(
    x, weight, 2
)
assert moved.shape == (1, 3, 11), "The shape is (batch, c_out, n)."
places = moved[0].abs().amax(0) > 1e-5
assert not places[:6].any(), "Outputs before position 6 see the future."
assert places.nonzero().flatten().tolist() == [6, 8, 10], (
    "Position 6 is seen from 6, 8 and 10, at a dilation of 2 with three taps."
)
assert torch.allclose(moved[0, :, 6], weight[:, :, -1].sum(1), atol=1e-4), (
    "The last tap lies on the present."
)

# %% test="dilated-wide" points=1
# One tap, an even number of taps, and kernels wider than the sequence.
x = torch.tensor([[[1.0, 2.0, 3.0]]])
for taps, dilation, expected in (
    ([7.0], 5, [7.0, 14.0, 21.0]),
    ([1000.0, 100.0, 10.0, 1.0], 1, [1.0, 12.0, 123.0]),
    ([100.0, 10.0, 1.0], 2, [1.0, 2.0, 13.0]),
    ([10.0, 1.0], 5, [1.0, 2.0, 3.0]),
):
    found = causal_dilated_conv(x, torch.tensor([[taps]]), dilation)
    assert found.shape == (1, 1, 3), "The answer is as long as x."
    assert torch.allclose(found[0, 0], torch.tensor(expected), atol=1e-3), (
        f"{len(taps)} taps with a dilation of {dilation} on three positions: "
        f"{expected}, yours are {found[0, 0].tolist()}."
    )

# %% test="dilated-errors" points=1
x, taps = torch.ones(1, 1, 3), torch.tensor([[[10.0, 1.0]]])
taken = []
for dilation in (0, -1, -2):
    try:
        causal_dilated_conv(x, taps, dilation)
        taken.append(dilation)
    except ValueError:
        pass
assert not taken, f"No ValueError for a dilation of {taken}."
found = causal_dilated_conv(x, taps, 1)
assert found.shape == (1, 1, 3), "The answer is as long as x."
assert torch.allclose(
    found[0, 0], torch.tensor([1.0, 11.0, 11.0]), atol=1e-3
), f"With a dilation of 1 it is [1, 11, 11], yours is {found[0, 0].tolist()}."

# %% test="dilated-hidden" points=3
# Hidden: other sizes, dilations and dtypes, against the formula; the arguments
# stay as they are.
### BEGIN HIDDEN TESTS
for seed, (batch, c_in, c_out, n, k, d) in enumerate(
    [
        (1, 1, 2, 5, 3, 1),
        (3, 5, 2, 13, 2, 4),
        (2, 3, 3, 11, 4, 3),
        (2, 2, 7, 17, 5, 2),
        (5, 7, 1, 3, 3, 7),
        (1, 3, 5, 1, 2, 1),
        (2, 5, 3, 7, 1, 3),
        (2, 3, 2, 29, 3, 11),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(batch, c_in, n, generator=g).to(dtype)
        weight = torch.randn(c_out, c_in, k, generator=g).to(dtype)
        kept = x.clone(), weight.clone()
        found = causal_dilated_conv(x, weight, d)
        expected = torch.zeros(batch, c_out, n, dtype=torch.float64)
        for t in range(n):
            for j in range(k):
                back = t - (k - 1 - j) * d
                if back >= 0:
                    expected[:, :, t] += (
                        x[:, :, back].double() @ weight[:, :, j].double().T
                    )
        assert found.shape == expected.shape, "The shape is (batch, c_out, n)."
        assert found.dtype == dtype, "The dtype stays that of x."
        assert torch.allclose(found.double(), expected, atol=1e-4), (
            "Not the formula, for other sizes."
        )
        assert torch.equal(x, kept[0]), "Leave x as it is."
        assert torch.equal(weight, kept[1]), "Leave the weights as they are."
### END HIDDEN TESTS


# %% [markdown] given="field-text"
# ## 2. How far a stack sees (6 points)
#
# Convolutions as in exercise 1 stand on each other, one for each number in
# `dilations`, each with `kernel` taps. `receptive_field(dilations, kernel)`
# returns, as an `int`, the length of what the last output sees: from the
# **oldest** position that it can depend on to the present, both counted, and
# with all that lies between, even if the taps leave some of it out.
#
# `dilations` is a list or a tuple of integers in any order; the same one may
# come several times. Without layers the answer is 1: the present. Raise a
# `ValueError` if `kernel` or one of the dilations is less than 1.
#
# *Example.* One layer of two taps with a dilation of 4 sees the present and the
# position 4 before it: its receptive field is 5. Dilations of 1, 2 and 4 with
# two taps: 8.


# %% solution="field"
def receptive_field(dilations, kernel):
    """Return how many positions lie from the oldest one seen to the present."""
    ### BEGIN SOLUTION
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * sum(dilations)
    ### END SOLUTION


# %% test="field-by-hand" points=2
for dilations, kernel, expected in (
    ([1], 3, 3),
    ([5], 2, 6),
    ([5], 3, 11),
    ([2], 5, 9),
    ([1, 1, 1, 1], 2, 5),
    ([1, 2, 4], 3, 15),
    ([3, 3], 2, 7),
    ([1, 3, 9], 3, 27),
):
    found = receptive_field(dilations, kernel)
    assert isinstance(found, int), "Return an int."
    assert found == expected, (
        f"Dilations {dilations}, {kernel} taps: how many positions back does "
        f"each layer lead, and how many all of them? Yours: {found}."
    )

# %% test="field-wavenet" points=1
# WaveNet's dilations, 1, 2, 4 … 512, reach over 1024 positions with two taps.
block = [2**i for i in range(10)]
assert receptive_field(block, 2) == 1024, "One block sees 1024 positions."
assert receptive_field(tuple(3 * block), 2) == 3070, (
    "Three blocks on each other: the present is counted once."
)
assert receptive_field(block[::-1], 2) == 1024, "The order does not matter."

# %% test="field-edges" points=1
assert receptive_field([], 3) == 1, "Without layers only the present is seen."
assert receptive_field([1, 2, 4], 1) == 1, "A single tap lies on the present."
taken = []
for dilations, kernel in (([1, 0, 2], 2), ([-1, 4], 3), ([1, 2], 0), ([3], -1)):
    try:
        receptive_field(dilations, kernel)
        taken.append((dilations, kernel))
    except ValueError:
        pass
assert not taken, f"No ValueError for these dilations and kernels: {taken}."
assert receptive_field([2], 2) == 3, (
    "Dilations and kernels from 1 on are right."
)

# %% test="field-hidden" points=2
# Hidden: other stacks, compared with the gradient that comes back through them.
### BEGIN HIDDEN TESTS
for dilations, kernel in (
    ([2], 4),
    ([1, 4, 2], 2),
    ((7, 7, 1), 3),
    ([1, 1, 2, 2], 5),
    ([6, 3], 4),
    ([1, 2, 4, 8, 1, 2, 4, 8], 2),
    ([4], 1),
):
    n = 101
    x = torch.zeros(1, 1, n, dtype=torch.float64, requires_grad=True)
    y = x
    for dilation in dilations:
        left = F.pad(y, ((kernel - 1) * dilation, 0))
        ones = torch.ones(1, 1, kernel, dtype=torch.float64)
        y = F.conv1d(left, ones, dilation=dilation)
    y[0, 0, -1].backward()
    oldest = x.grad[0, 0].nonzero().min().item()
    found = receptive_field(dilations, kernel)
    assert isinstance(found, int), "Return an int."
    assert found == n - oldest, "Not what a stack of convolutions sees."
kept = [5, 1, 3]
assert receptive_field(kept, 2) == 10, "Not what this stack sees."
assert kept == [5, 1, 3], "Leave the list as it is."
### END HIDDEN TESTS


# %% [markdown] given="separable-text"
# ## 3. A separable convolution (9 points)
#
# A full convolution looks along the positions and mixes the channels at once. A
# separable one does it in two steps. First, each channel is convolved **by
# itself**, with one kernel of its own, whose middle tap lies on the position:
#
# $$z_{b,c,t} = \sum_{j=0}^{k-1} v_{c,0,j}\; x_{b,\,c,\;t + j - (k-1)/2}$$
#
# Then the channels are mixed, at each position by itself:
#
# $$y_{b,o,t} = \sum_c p_{o,c}\; z_{b,c,t}$$
#
# | argument | shape |
# |---|---|
# | `x` | (batch, $c_{in}$, n) |
# | `depthwise`, $v$ | ($c_{in}$, 1, k), k odd |
# | `pointwise`, $p$ | ($c_{out}$, $c_{in}$) |
#
# `separable_conv(x, depthwise, pointwise)` returns $y$ of shape (batch,
# $c_{out}$, n). This one is **not** causal: it looks to both sides, with zeros
# before the start and after the end. There is no bias, and nothing between the
# two steps. The kernel may be wider than the sequence. Raise a `ValueError` if
# k is even: there is no middle tap then.
#
# *Example.* One channel, `x = [1, 2, 3]`, taps `[100, 10, 1]`, `pointwise =
# [[1]]`: the answer is `[12, 123, 230]`.


# %% solution="separable"
def separable_conv(x, depthwise, pointwise):
    """Return (batch, c_out, n): each channel along n, then all mixed."""
    ### BEGIN SOLUTION
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return pointwise @ alone
    ### END SOLUTION


# %% test="separable-by-hand" points=2
# One channel; each decimal place of an answer shows what one tap has met.
x = torch.tensor([[[3.0, 1.0, 4.0, 1.0, 5.0]]])
for taps, expected in (
    ([100.0, 10.0, 1.0], [31.0, 314.0, 141.0, 415.0, 150.0]),
    ([1e4, 1e3, 100.0, 10.0, 1.0], [314.0, 3141.0, 31415.0, 14150.0, 41500.0]),
):
    found = separable_conv(x, torch.tensor([[taps]]), torch.tensor([[2.0]]))
    assert found.shape == (1, 1, 5), "The answer is as long as x."
    assert torch.allclose(found[0, 0] / 2, torch.tensor(expected)), (
        "The middle tap lies on the position, the last one after it. Half of "
        f"your answer: {(found[0, 0] / 2).tolist()}, not {expected}."
    )

# %% test="separable-channels" points=2
# Three channels: the first kernel looks back, the second at the position, the
# third ahead. Both numbers of channels are alike here.
x = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 8, 7, 6]])
x = torch.stack([x, -2 * x.flip(0)])
depthwise = torch.eye(3)[:, None]
moved = torch.tensor([[0.0, 1.0, 2.0, 3.0], [5.0, 6.0, 7.0, 8.0], [8, 7, 6, 0]])
found = separable_conv(x, depthwise, torch.eye(3))
assert found.shape == (2, 3, 4), "The shape is (batch, c_out, n)."
assert torch.allclose(found[0], moved), (
    "Each channel has a kernel of its own, and meets no other channel."
)
pointwise = torch.tensor([[1.0, 10.0, 0.0], [0.0, 0.0, 1.0], [2.0, 0.0, 0.5]])
found = separable_conv(x, depthwise, pointwise)
first = [[50.0, 61.0, 72.0, 83.0], [8.0, 7.0, 6.0, 0.0], [4.0, 5.5, 7.0, 6.0]]
assert torch.allclose(found[0], torch.tensor(first)), (
    "Row o of `pointwise` says how the channels are mixed into channel o."
)
second = [
    [-100.0, -138.0, -156.0, -174.0],
    [-4, -6, -8, 0],
    [-2, -39, -36, -28],
]
assert torch.allclose(found[1], torch.tensor(second)), (
    "The second sequence is not right: nothing is 0 but what lies outside, and "
    "there is nothing between the two steps."
)

# %% test="separable-full" points=1
# The same as one full convolution, with the products of both kernels; then the
# kernel is wider than the sequence.
g = torch.Generator().manual_seed(1)
depthwise = torch.randn(3, 1, 5, generator=g).double()
pointwise = torch.randn(7, 3, generator=g).double()
full = pointwise[:, :, None] * depthwise[:, 0]
for n in (11, 2):
    x = torch.randn(2, 3, n, generator=g).double()
    found = separable_conv(x, depthwise, pointwise)
    assert found.shape == (2, 7, n), "The shape is (batch, c_out, n)."
    assert found.dtype == torch.float64, "The dtype stays that of x."
    assert torch.allclose(found, F.conv1d(x, full, padding=2), atol=1e-4), (
        f"Five taps on {n} positions: not the full convolution with kernels p "
        "v. What happens between the steps?"
    )

# %% test="separable-errors" points=1
x = torch.ones(1, 3, 5)
taken = []
for k in (2, 4, 6):
    try:
        separable_conv(x, torch.ones(3, 1, k), torch.ones(2, 3))
        taken.append(k)
    except ValueError:
        pass
assert not taken, f"No ValueError for kernels of {taken} taps."
found = separable_conv(x, torch.ones(3, 1, 3), torch.ones(2, 3))
assert found.shape == (1, 2, 5), "The shape is (batch, c_out, n)."
expected = torch.tensor([6.0, 9.0, 9.0, 9.0, 6.0])
assert torch.allclose(found[0, 1], expected, atol=1e-3), (
    f"Three taps of 1 give [6, 9, 9, 9, 6], yours {found[0, 1].tolist()}."
)
found = separable_conv(x, 2 * torch.ones(3, 1, 1), torch.ones(2, 3))
assert found.shape == (1, 2, 5), "The shape is (batch, c_out, n)."
assert torch.allclose(found, torch.tensor(6.0), atol=1e-3), (
    f"A single tap of 2 gives 6 everywhere, yours {found[0].tolist()}."
)

# %% test="separable-hidden" points=3
# Hidden: other sizes and dtypes, one tap, kernels wider than the sequence,
# against the formula; the arguments stay as they are.
### BEGIN HIDDEN TESTS
for seed, (batch, c_in, c_out, n, k) in enumerate(
    [
        (1, 2, 3, 5, 3),
        (3, 5, 2, 13, 7),
        (2, 3, 3, 11, 5),
        (5, 1, 7, 3, 1),
        (2, 7, 1, 2, 5),
        (1, 3, 5, 1, 3),
        (2, 2, 5, 3, 11),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(batch, c_in, n, generator=g).to(dtype)
        depthwise = torch.randn(c_in, 1, k, generator=g).to(dtype)
        pointwise = torch.randn(c_out, c_in, generator=g).to(dtype)
        kept = x.clone(), depthwise.clone(), pointwise.clone()
        found = separable_conv(x, depthwise, pointwise)
        between = torch.zeros(batch, c_in, n, dtype=torch.float64)
        for t in range(n):
            for j in range(k):
                place = t + j - (k - 1) // 2
                if 0 <= place < n:
                    between[:, :, t] += (
                        x[:, :, place].double() * depthwise[:, 0, j].double()
                    )
        expected = torch.einsum("oc,bct->bot", pointwise.double(), between)
        assert found.shape == expected.shape, "The shape is (batch, c_out, n)."
        assert found.dtype == dtype, "The dtype stays that of x."
        assert torch.allclose(found.double(), expected, atol=1e-4), (
            "Not the formula, for other sizes."
        )
        assert all(map(torch.equal, kept, (x, depthwise, pointwise))), (
            "An argument changed."
        )
### END HIDDEN TESTS


# %% [markdown] given="cgru-text"
# ## 4. One step of the Neural GPU (11 points)
#
# The state $\mathbf s$ of a Neural GPU is a row of $n$ places with $m$ numbers
# each. A step changes all places at once, by a gated unit like the GRU's, with
# convolutions in place of matrices. It is the CGRU of Kaiser and Sutskever
# (2016), here with one row:
#
# $$\mathbf u = \sigma(\mathrm{conv}_u(\mathbf s)), \qquad \mathbf r =
# \sigma(\mathrm{conv}_r(\mathbf s))$$
#
# $$\mathbf s_{next} = \mathbf u \odot \mathbf s + (1 - \mathbf u) \odot
# \tanh(\mathrm{conv}_c(\mathbf r \odot \mathbf s))$$
#
# $\odot$ is the product number by number, $\sigma$ the sigmoid $1 / (1 +
# e^{-x})$, and each conv a full convolution with a bias. Its middle tap lies on
# the place; before the start and after the end are zeros:
#
# $$\mathrm{conv}(\mathbf s)_{b,o,i} = \beta_o + \sum_{c} \sum_{j=0}^{k-1}
# U_{o,c,j}\; s_{b,\,c,\;i + j - (k-1)/2}$$
#
# `cgru_step(s, weights)` takes the state `s`, (batch, m, n), and a dict that
# has a pair `(kernel, bias)`, that is $(\mathbf U, \beta)$, for each
# convolution:
#
# | key | for |
# |---|---|
# | `"update"` | $\mathrm{conv}_u$ |
# | `"reset"` | $\mathrm{conv}_r$ |
# | `"candidate"` | $\mathrm{conv}_c$ |
#
# A kernel is (m, m, k): channel out, channel in, tap; $k$ is odd, and the same
# for all three. A bias is (m,): one number a channel, the same at all places.
#
# The answer is $\mathbf s_{next}$, (batch, m, n). Look closely: what does
# $\mathbf u = 1$ do, and what exactly does the reset gate multiply? The
# convolutions may give numbers in the thousands, and $e^{1000}$ overflows.
#
# *Example.* One place, one channel, `s = 8`. All kernels are 0, the biases are
# `log 3` for `update`, 0 for `reset`, `(log 3)/2` for `candidate`. Then $u$ is
# .75, the tanh is .5, and the new state .75 · 8 + .25 · .5 = 6.125.


# %% solution="cgru"
def cgru_step(s, weights):
    """Return the state (batch, m, n) after one step of the CGRU."""

    ### BEGIN SOLUTION
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate
    ### END SOLUTION


# %% test="cgru-gates" points=2
# Kernels of 0: two channels that differ in their biases alone.
log3 = math.log(3)  # sigmoid(log 3) = 3/4, tanh(log(3)/2) = 1/2
s = torch.tensor([[[8.0, 4.0, 0.0], [8.0, 4.0, 0.0]]])
zero = torch.zeros(2, 2, 1)
weights = {
    "update": (zero, torch.tensor([log3, -log3])),
    "reset": (zero, torch.tensor([0.0, 0.0])),
    "candidate": (zero, torch.tensor([log3 / 2, -log3 / 2])),
}
found = cgru_step(s, weights)
assert found.shape == (1, 2, 3), "The shape stays (batch, m, n)."
expected = torch.tensor([[6.125, 3.125, 0.125], [1.625, 0.625, -0.375]])
assert torch.allclose(found[0], expected, atol=1e-4), (
    "u = 3/4 in the first channel and 1/4 in the second, the tanh is 1/2 and "
    f"-1/2. Your states are {found[0].tolist()}. How much of s is kept, and "
    "what does r multiply?"
)

# %% test="cgru-reset" points=2
# One channel, one tap. Both gates are 3/4 where s = 2, 1/2 where s = 0 and 1/4
# where s = -2. The candidate's tap is log 3 / 3.
log3 = math.log(3)
s = torch.tensor([[[2.0, 0.0, -2.0]]])
weights = {
    "update": (torch.full((1, 1, 1), log3 / 2), torch.zeros(1)),
    "reset": (torch.full((1, 1, 1), log3 / 2), torch.zeros(1)),
    "candidate": (torch.full((1, 1, 1), log3 / 3), torch.zeros(1)),
}
found = cgru_step(s, weights)
assert found.shape == (1, 1, 3), "The shape stays (batch, m, n)."
assert abs(found[0, 0, 0] - 1.625) < 1e-4, (
    "r s is 1.5 at the first place, so the tanh is 1/2, and the new state 3/4 "
    f"of 2 and 1/4 of 1/2. Yours: {found[0, 0, 0]:.4f}. What does r multiply?"
)
assert abs(found[0, 0, 1]) < 1e-6, "A state of 0 without biases stays 0."
expected = -2 / 4 - math.tanh(log3 / 6) * 3 / 4
assert abs(found[0, 0, 2] - expected) < 1e-4, (
    "At the last place both gates are 1/4."
)

# %% test="cgru-neighbours" points=2
# Three taps, u = 0, r = 1 or nearly so. First the candidate takes what stands
# before, then what stands after.
s = torch.tensor([[[0.3, -0.6, 0.9, 0.5]]])
still = torch.zeros(1, 1, 3)
for taps, taken in (
    ([1.0, 0.0, 0.0], [0.0, 0.3, -0.6, 0.9]),
    ([0.0, 0.0, 1.0], [-0.6, 0.9, 0.5, 0.0]),
    ([0.5, 1.0, 0.0], [0.3, -0.45, 0.6, 0.95]),
):
    weights = {
        "update": (still, torch.tensor([-30.0])),
        "reset": (still, torch.tensor([30.0])),
        "candidate": (torch.tensor([[taps]]), torch.zeros(1)),
    }
    found = cgru_step(s, weights)
    assert found.shape == (1, 1, 4), "The shape stays (batch, m, n)."
    assert torch.allclose(found[0, 0], torch.tensor(taken).tanh(), atol=1e-4), (
        f"Taps {taps}: the first one takes what stands before, the last one "
        "what stands after, and outside there is 0."
    )
# Now r is 1 or 0: it looks at the place before, and closes where that is 0.9.
weights["reset"] = torch.tensor([[[-400.0, 0.0, 0.0]]]), torch.tensor([200.0])
weights["candidate"] = torch.tensor([[[0.0, 0.0, 1.0]]]), torch.zeros(1)
found = cgru_step(s, weights)
expected = torch.tensor([-0.6, 0.9, 0.0, 0.0]).tanh()
assert torch.allclose(found[0, 0], expected, atol=1e-4), (
    "Each place is multiplied by its own r, before the convolution: 0.5 is "
    "closed, and the place before it gets 0."
)
# At last u: it looks at the place after, and is 0 where that is 0.9, else 1.
weights["update"] = torch.tensor([[[0.0, 0.0, -500.0]]]), torch.tensor([350.0])
weights["candidate"] = torch.tensor([[[0.0, 0.0, 1000.0]]]), torch.zeros(1)
found = cgru_step(s, weights)
expected = torch.tensor([0.3, 1.0, 0.9, 0.5])
assert torch.allclose(found[0, 0], expected, atol=1e-4), (
    "Each place has a u of its own, which sees its neighbours. Here -0.6 alone "
    f"is replaced, by tanh(900). Yours: {found[0, 0].tolist()}."
)

# %% test="cgru-channels" points=1
# Three channels; each takes one other channel. u = 0; r = 1, but 3/4 in the
# last channel. The order of the dict means nothing.
g = torch.Generator().manual_seed(1)
s = torch.rand(2, 3, 5, generator=g).double()
take = torch.zeros(3, 3, 1).double()
take[0, 1], take[1, 2], take[2, 1] = 1.0, -1.0, 0.5
bias = torch.tensor([0.0, 0.0, 0.25]).double()
weights = {
    "candidate": (take, bias),
    "reset": (0 * take, torch.tensor([30.0, 30.0, math.log(3)]).double()),
    "update": (0 * take, 0 * bias - 30),
}
found = cgru_step(s, weights)
assert found.shape == (2, 3, 5), "The shape stays (batch, m, n)."
assert found.dtype == torch.float64, "The dtype stays that of s."
taken = torch.stack([s[:, 1], -0.75 * s[:, 2], s[:, 1] / 2 + 0.25], dim=1)
assert torch.allclose(found, taken.tanh(), atol=1e-4), (
    "A kernel is (channel out, channel in, tap), a bias belongs to the channel "
    "out, and each channel has its own r, here 1, 1 and 3/4."
)

# %% test="cgru-two-places" points=1
# With three taps a step leads two places on: one by r, one by the candidate.
g = torch.Generator().manual_seed(2)
s = torch.randn(1, 2, 11, generator=g)
kernels = torch.randn(3, 2, 2, 3, generator=g)
names = ("update", "reset", "candidate")
weights = {
    name: (kernel, torch.zeros(2))
    for name, kernel in zip(names, kernels, strict=True)
}
other = s.clone()
other[:, :, 5] += 1.0  # one place has changed
moved = cgru_step(other, weights) - cgru_step(s, weights)
assert moved.shape == (1, 2, 11), "The shape stays (batch, m, n)."
places = moved[0].abs().amax(0) > 1e-5
assert places.nonzero().flatten().tolist() == [3, 4, 5, 6, 7], (
    "Place 5 changes the places 3 to 7 in one step; yours: "
    f"{places.nonzero().flatten().tolist()}."
)

# %% test="cgru-hidden" points=3
# Hidden: other sizes and dtypes, against the formula, step after step; large
# numbers; the arguments stay as they are.
### BEGIN HIDDEN TESTS
for seed, (batch, m, n, k, size) in enumerate(
    [
        (1, 1, 7, 3, 1.0),
        (3, 2, 5, 1, 1.0),
        (2, 5, 3, 3, 0.5),
        (2, 3, 11, 5, 0.5),
        (5, 2, 1, 3, 1.0),
        (1, 3, 2, 7, 1.0),
        (2, 2, 5, 3, 3000.0),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        state = torch.randn(batch, m, n, generator=g).to(dtype)
        weights = {}
        for name in ("candidate", "update", "reset"):
            kernel = size * torch.randn(m, m, k, generator=g).to(dtype)
            weights[name] = kernel, torch.randn(m, generator=g).to(dtype)
        kept = {
            name: (a.clone(), b.clone()) for name, (a, b) in weights.items()
        }
        for _ in range(2 if size <= 1 else 1):
            before = state.clone()
            found = cgru_step(state, weights).detach()
            assert torch.equal(state, before), "Leave the state as it is."
            old = before.double().numpy()
            made = {}
            for name in ("update", "reset", "candidate"):
                kernel, bias = (p.double().numpy() for p in kept[name])
                read = old * made["reset"] if name == "candidate" else old
                total = 0 * old + bias[:, None]
                for i in range(n):
                    for j in range(k):
                        place = i + j - (k - 1) // 2
                        if 0 <= place < n:
                            total[:, :, i] += (
                                read[:, :, place] @ kernel[:, :, j].T
                            )
                total = torch.from_numpy(total)
                squash = torch.tanh if name == "candidate" else torch.sigmoid
                made[name] = squash(total).numpy()
            u = made["update"]
            expected = torch.from_numpy(u * old + (1 - u) * made["candidate"])
            assert found.shape == (batch, m, n), (
                "The shape stays (batch, m, n)."
            )
            assert found.dtype == dtype, "The dtype stays that of s."
            assert torch.allclose(found.double(), expected, atol=1e-4), (
                "Not the formula: try other sizes, and large numbers."
            )
            state = found
        for name, parts in kept.items():
            assert all(map(torch.equal, weights[name], parts)), (
                "Leave the weights as they are."
            )
### END HIDDEN TESTS


# %% [markdown] given="gate-text"
# ## 5. The gate of the experts (9 points)
#
# In a mixture of experts a gate says for each input how much of each expert's
# answer is taken. So that the others need not be computed, all but $k$ of the
# weights are 0.
#
# `top_k_gate(logits, k)` takes logits `(..., n)`, with any axes in front, or
# none. Along the last axis it returns the softmax over the $k$ largest logits,
# and exactly 0 elsewhere, in the same shape:
#
# $$g_i = \frac{e^{z_i}}{\sum_{j \in K} e^{z_j}} \;\text{ for } i \in K, \qquad
# g_i = 0 \;\text{ otherwise}$$
#
# - $K$ holds **exactly** $k$ experts: of equal logits the one with the smaller
#   index comes first. If $k \ge n$ it holds all $n$.
# - A logit of `-inf` switches an expert off: its weight is 0, even if it is
#   among the $k$ largest. In a row of nothing but `-inf` all weights are 0.
# - Logits may be in the thousands, and $e^{1000}$ overflows.
# - Raise a `ValueError` if `k` is less than 1.
#
# *Example.* `logits = [0, log 6, log 2, log 3]`. With `k=2` the weights are
# `[0, 2/3, 0, 1/3]`, with `k=1` they are `[0, 1, 0, 0]`, and with `k=7` they
# are `[1/12, 6/12, 2/12, 3/12]`.
#
# *One way.* `logits.argsort(dim=-1, descending=True, stable=True)` gives the
# experts from the largest logit on; without `stable=True` equal ones may change
# places.


# %% solution="gate"
def top_k_gate(logits, k):
    """Return the softmax over the k largest logits of each row, 0 elsewhere."""
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)
    ### END SOLUTION


# %% test="gate-by-hand" points=2
logits = torch.tensor([5.0, 1.0, 2.0, 4.0, 8.0]).log()
for k, expected in (
    (1, [0.0, 0.0, 0.0, 0.0, 1.0]),
    (2, [5 / 13, 0.0, 0.0, 0.0, 8 / 13]),
    (3, [5 / 17, 0.0, 0.0, 4 / 17, 8 / 17]),
    (5, [0.25, 0.05, 0.1, 0.2, 0.4]),
    (7, [0.25, 0.05, 0.1, 0.2, 0.4]),
):
    kept = logits.clone()
    found = top_k_gate(logits, k)
    assert torch.equal(logits, kept), "Leave the logits as they are."
    assert found.shape == (5,), "The shape stays that of the logits."
    assert torch.allclose(found, torch.tensor(expected), atol=1e-5), (
        f"k = {k}: yours are {found.tolist()}. Which stay, each in its place, "
        "and do they share 1?"
    )
    assert (found == 0).sum() == max(0, 5 - k), "The others are exactly 0."

# %% test="gate-rows" points=1
# Each row for itself. The numbers are negative and small: 0 is no mark for what
# is left out, and a large row must not take from another.
logits = torch.tensor(
    [[-1.0, -3.0, -2.0], [-9.0, -7.0, -8.0], [206.0, 207, 205]]
)
e = math.e
first, second = e / (e + 1), 1 / (e + 1)
rows = [[first, 0.0, second], [0.0, first, second], [second, first, 0.0]]
for shaped in (logits, logits.view(1, 3, 1, 3)):
    found = top_k_gate(shaped, 2)
    assert found.shape == shaped.shape, "The shape stays that of the logits."
    assert torch.allclose(found.view(3, 3), torch.tensor(rows), atol=1e-5), (
        "Two of each row stay, along the last axis, and share 1. Yours: "
        f"{found.tolist()}. (NaN: does a large logit overflow?)"
    )

# %% test="gate-ties" points=1
logits = torch.tensor([[2.0, 7.0, 2.0, 2.0], [3.0, 3.0, 3.0, 3.0]])
found = top_k_gate(logits, 2)
assert found.shape == (2, 4), "The shape stays that of the logits."
assert (found > 0).tolist() == [[True, True, False, False]] * 2, (
    "Exactly two of each row stay; of equal ones those with smaller indices."
)
assert torch.allclose(found[1, :2], torch.tensor([0.5, 0.5])), "They share 1."
found = top_k_gate(torch.zeros(2, 101), 5)
assert found.shape == (2, 101), "The shape stays that of the logits."
for row in found:
    assert row.nonzero().flatten().tolist() == [0, 1, 2, 3, 4], (
        "Of 101 equal logits those at "
        f"{row.nonzero().flatten().tolist()} stay. Is your sort stable?"
    )

# %% test="gate-off" points=1
off = -math.inf
logits = torch.tensor([[0.0, off, 0.0, off], [off, 4.0, off, off], [off] * 4])
for k in (2, 3, 4):
    found = top_k_gate(logits, k)
    assert found.shape == (3, 4), "The shape stays that of the logits."
    assert not found.isnan().any(), "NaN: what if all in a row are -inf?"
    assert found.tolist() == [[0.5, 0.0, 0.5, 0.0], [0, 1, 0, 0], [0.0] * 4], (
        f"k = {k}: an expert whose logit is -inf has a weight of 0."
    )

# %% test="gate-large" points=1
log3 = math.log(3)
for shift in (3000.0, -3000.0):
    logits = torch.tensor([shift, shift + log3, shift - 50.0]).double()
    found = top_k_gate(logits, 2)
    assert found.shape == (3,), "The shape stays that of the logits."
    assert found.dtype == torch.float64, "The dtype stays that of the logits."
    shares = torch.tensor([0.25, 0.75, 0.0]).double()
    assert torch.allclose(found, shares, atol=1e-3), (
        "Large logits, of either sign: a softmax is the same if all of them "
        "are shifted."
    )

# %% test="gate-errors" points=1
logits = torch.tensor([1.0, 3.0, 3.0])
taken = []
for k in (0, -1, -2):
    try:
        top_k_gate(logits, k)
        taken.append(k)
    except ValueError:
        pass
assert not taken, f"No ValueError for k = {taken}."
found = top_k_gate(logits, 1)
assert found.tolist() == [0.0, 1.0, 0.0], (
    f"k = 1 gives [0, 1, 0], yours {found.tolist()}."
)

# %% test="gate-hidden" points=2
# Hidden: other axes, dtypes and k, ties and -inf among them, against a slow
# version; the logits stay as they are.
### BEGIN HIDDEN TESTS
for seed, (lead, n, k) in enumerate(
    [
        ((), 7, 3),
        ((5,), 11, 2),
        ((2, 3), 13, 5),
        ((3, 1, 2), 5, 4),
        ((7,), 3, 3),
        ((2,), 2, 5),
        ((3,), 1, 1),
        ((2,), 131, 17),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        whole = torch.randint(-4, 5, (*lead, n), generator=g).to(dtype)
        fine = torch.randn(*lead, n, generator=g).to(dtype)
        holes = fine.masked_fill(
            torch.rand(*lead, n, generator=g) < 0.4, -math.inf
        )
        shut = torch.full_like(fine, -math.inf)
        for logits in (whole, fine, 100 * fine, holes, shut):
            kept = logits.clone()
            found = top_k_gate(logits, k)
            assert found.shape == logits.shape, "The shape stays."
            assert found.dtype == dtype, "The dtype stays that of the logits."
            assert torch.equal(logits, kept), "Leave the logits as they are."
            for row, mine in zip(
                logits.reshape(-1, n).tolist(),
                found.reshape(-1, n).tolist(),
                strict=True,
            ):
                best = sorted(range(n), key=lambda i: -row[i])[:k]
                best = [i for i in best if row[i] > -math.inf]
                parts = [math.exp(row[i] - row[best[0]]) for i in best]
                expected = dict.fromkeys(range(n), 0.0)
                for i, part in zip(best, parts, strict=True):
                    expected[i] = part / sum(parts)
                for i in range(n):
                    assert abs(mine[i] - expected[i]) < 1e-4, (
                        "Not the softmax over the k largest of each row."
                    )
                    assert i in best or mine[i] == 0, "Exactly 0 elsewhere."
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A Neural GPU was trained on sums of binary numbers of up to 20 bits. Now it
# adds 1,000 pairs of **random** numbers of 100 bits, and every sum is right.
# Its author says: "It has learned to carry, however far." Why does this test
# say little about that? Think of one column of a random sum: with which
# probability is a carry made there, handed on, or ended (1 + 1 makes one,
# whatever comes in)? In a sum of 100 columns, how far is the longest carry
# likely to run? Which sums would you test instead, and what must be among them
# so that the rule "a carry always runs on to the end" is found out too? Three
# to six sentences.

# %% [markdown] written="carry" points=3
# In a random column both bits are 1 with probability 1/4 and make a carry, both
# are 0 with probability 1/4 and end it, and with probability 1/2 they differ
# and hand it on. Each further column halves the chance that a carry is still on
# its way: in a sum of 100 bits the farthest is handed on over five columns on
# average, over 12 or more in one sum of 200, over 20 or more in one of 50,000
# (1 point). So a network that looks back 16 columns and no farther gets 2,999
# of 3,000 random sums right, and 1,000 of them can't tell it from one that
# adds; that they have 100 bits and not 20 hardly makes them harder (1 point).
# Test sums with planted carries of every length up to 100, such as 1 + 111…1,
# and count what is right by length; beside each a twin that differs in one
# column, in which the carry ends on its way or is never made, so that far away
# the answer is another one, and "always on to the end" fails (1 point).
