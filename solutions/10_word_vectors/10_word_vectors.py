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
# # From word vectors to pretrained models
#
# **46 points**, about an hour. Chapter 10 trained six small models on one text.
# Here you write the piece that was new in each of five: two losses, a mix of
# layers, a schedule, and the way to ask a language model about anything.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - tensors are torch's; floats are float32 or float64, all those of one call
#   alike, and what comes back has that dtype;
# - "(..., d)" means any number of axes in front, or none;
# - a loss is a tensor without axes, and gradients flow through it;
# - logarithms are natural;
# - no function changes its arguments in place.

# %% given="imports"
import math

import torch
from torch.nn import functional as F

# %% [markdown] given="negative-text"
# ## 1. Negative sampling (9 points)
#
# Skip-gram asks of a pair of words: did they stand near each other in the text,
# or has one of them been drawn at random? For the center's vector $\mathbf v$,
# the vector $\mathbf u$ of a word that stood near it, and $k$ vectors $\mathbf
# u_1 \dots \mathbf u_k$ of words that were drawn, the loss of *one pair* is
#
# $$-\log \sigma(\mathbf v \cdot \mathbf u) -
# \sum_{j=1}^{k} \log \sigma(-\mathbf v \cdot \mathbf u_j)$$
#
# `negative_sampling_loss(center, positive, negatives)` returns the **mean over
# all pairs** of this, where the negatives of a pair are **summed**.
#
# *From the section "word2vec: a word is known by its neighbours". New here: all
# pairs may share their negatives, and there may be none. The chapter's function
# checks that each pair has its own; that check, copied, refuses what is right
# here.*
#
# | argument | shape |
# |---|---|
# | `center`, `positive` | (..., d) |
# | `negatives` | (..., k, d): the same axes in front, or (k, d): all pairs share them |
#
# `k` may be 0: then only the first term is left. Scores may be in the
# thousands, of either sign: the loss is then large, but finite and right. If
# the three differ in `d`, raise a `ValueError`, also for a `d` of 1, which
# broadcasting would let pass.
#
# *Example.* Where the score of `positive` is $\log 3$ (so $\sigma = 3/4$) and
# the one negative scores 0, the loss of the pair is $\log \frac43 + \log 2 =
# 0.981$.


# %% solution="negative"
def negative_sampling_loss(center, positive, negatives):
    """Return the mean loss of pairs, each with its positive and k negatives."""
    ### BEGIN SOLUTION
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()
    ### END SOLUTION


# %% test="negative-one-pair" points=2
# Scores of log 3 for the positive, 0 and log 4 for the negatives.
center = torch.tensor([1.0, 2.0])
positive = torch.tensor([math.log(3), 0.0])
negatives = torch.tensor([[2.0, -1.0], [0.0, math.log(2)]])
found = negative_sampling_loss(center, positive, negatives)
assert found.shape == (), "The loss has no axes."
one = negative_sampling_loss(center, positive, negatives[1:]).item()
assert abs(one - math.log(4 / 3) - math.log(5)) < 1e-4, (
    f"With the second negative alone: {one:.3f}. The sigmoids of its two "
    "scores are 3/4 and 4/5. Which of them goes in as it is, which with the "
    "sign turned, and is a pair's loss the sum of its terms?"
)
true = math.log(4 / 3) + math.log(2) + math.log(5)
assert abs(found.item() - true) < 1e-4, (
    f"With one negative the loss is right, with two it is {found.item():.3f}: "
    "are the negatives of a pair summed, not averaged, each with a sigmoid "
    "of its own?"
)

# %% test="negative-batch" points=2
g = torch.Generator().manual_seed(1)
center, positive = torch.randn(2, 2, 3, 7, generator=g)
negatives = torch.randn(2, 3, 5, 7, generator=g)
found = negative_sampling_loss(center, positive, negatives)
assert found.shape == (), "The loss has no axes, whatever stands in front."
true = 0.0
for i in range(2):
    for j in range(3):
        one = negative_sampling_loss(
            center[i, j], positive[i, j], negatives[i, j]
        )
        score = (center[i, j] * positive[i, j]).sum().item()
        others = (negatives[i, j] @ center[i, j]).tolist()
        own = math.log(1 + math.exp(-score))
        own += sum(math.log(1 + math.exp(other)) for other in others)
        assert abs(one.item() - own) < 1e-3, (
            f"One pair alone, with 5 negatives: {one.item():.3f}. Its terms "
            "are all summed; a mean is taken over pairs only."
        )
        true += own / 6
assert abs(found.item() - true) < 1e-3, (
    f"Each pair alone is right, all 2 · 3 together give {found.item():.3f}: "
    "take the mean over the pairs."
)

# %% test="negative-shared" points=1
# Positives score 0; negatives ±log 2 and log 7 for pair 0, log 4, 0, log 4 for
# pair 1.
center = torch.tensor(
    [[math.log(2), 0.0, math.log(7)], [0.0, math.log(4), 0.0]]
)
positive = torch.tensor([[0.0, 3.0, 0.0], [5.0, 0.0, 5.0]])
negatives = torch.tensor([[1.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
found = negative_sampling_loss(center, positive, negatives)
assert found.shape == (), "The loss has no axes."
first, second = 2 * 3 * 1.5 * 8, 2 * 5 * 2 * 5
assert abs(found.item() - math.log(first * second) / 2) < 1e-4, (
    f"Found {found.item():.3f}. With negatives of shape (k, d), each pair "
    "meets all k; are they still summed within a pair?"
)
found = negative_sampling_loss(center, positive, negatives[:0])
assert abs(found.item() - math.log(2)) < 1e-4, (
    "Without negatives one term is left."
)

# %% test="negative-large" points=1
# Scores of ±3000: σ is 0 or 1 in floating point.
center = torch.tensor([[30.0, 0.0]], requires_grad=True)
far, near = torch.tensor([[-100.0, 1.0]]), torch.tensor([[100.0, 1.0]])
found = negative_sampling_loss(center, far, torch.stack([near, near], 1))
assert abs(found.item() - 9000) < 1, (
    "Three scores of the wrong sign cost 3000 each."
)
assert negative_sampling_loss(center, near, far[None]).item() < 1e-6, (
    "Where all is as it should be, nothing is left of the loss."
)
found.backward()
assert torch.allclose(center.grad, torch.tensor([[300.0, 1.0]]), atol=1e-3), (
    "The gradient must survive large scores too."
)

# %% test="negative-sizes" points=1
for sizes in ((3, 5, 5), (3, 3, 1), (1, 3, 3), (3, 1, 3)):
    v, u, n = (torch.ones(2, size) for size in sizes)
    try:
        came = negative_sampling_loss(v, u, n)
    except Exception as error:
        came = error
    assert isinstance(came, ValueError), (
        f"Vectors of the sizes {sizes}: look at the sizes first and raise a "
        f"ValueError. What came: {came!r}"
    )
found = negative_sampling_loss(
    torch.zeros(2, 1), torch.ones(2, 1), torch.ones(3, 1)
)
assert abs(found.item() - 4 * math.log(2)) < 1e-4, (
    "A size of 1 for all three is right: scores of 0 cost log 2 each."
)

# %% test="negative-hidden" points=2
# Hidden: other shapes, float64, many axes in front, gradients, arguments
# unchanged.
### BEGIN HIDDEN TESTS
for seed, (lead, k, d) in enumerate(
    [((), 3, 5), ((11,), 1, 2), ((3, 2, 5), 7, 13)]
):
    g = torch.Generator().manual_seed(seed)
    center = torch.randn(*lead, d, generator=g, dtype=torch.float64)
    positive = torch.randn(*lead, d, generator=g, dtype=torch.float64)
    negatives = torch.randn(*lead, k, d, generator=g, dtype=torch.float64)
    args = [x.requires_grad_() for x in (center, positive, negatives)]
    kept = [x.detach().clone() for x in args]
    found = negative_sampling_loss(*args)
    assert found.shape == () and found.dtype == torch.float64, (
        "No axes, same dtype."
    )
    v, u, n = kept
    near = torch.sigmoid(torch.einsum("...d,...d->...", v, u))
    drawn = torch.sigmoid(torch.einsum("...d,...kd->...k", v, n))
    true = (-near.log() - (1 - drawn).log().sum(-1)).mean()
    assert abs(found.item() - true.item()) < 1e-3, (
        "Not the mean loss of the pairs."
    )
    found.backward()
    far = drawn[..., None] * v.unsqueeze(-2) / near.numel()
    close = -(1 - near)[..., None] * v / near.numel()
    slope = torch.einsum("...k,...kd->...d", drawn, n)
    slope = (slope - (1 - near)[..., None] * u) / near.numel()
    for x, right in zip(args, (slope, close, far), strict=True):
        assert x.grad is not None, "Let the gradient pass, to all three."
        assert torch.allclose(x.grad, right, atol=1e-4), (
            "A gradient is not right."
        )
    same = zip(kept, args, strict=True)
    assert all(torch.equal(a, b.detach()) for a, b in same), (
        "An argument changed."
    )
### END HIDDEN TESTS


# %% [markdown] given="glove-text"
# ## 2. GloVe (9 points)
#
# GloVe fits the logarithm of how often word $i$ and context word $j$ were
# counted together, $X_{ij}$.
#
# *From the section "GloVe: count first, then fit". New here: the chapter took a
# list of cells that are not 0; you get the whole table, with its zeros.*
#
# $$J = \sum_{i,j} f(X_{ij}) \left(\mathbf w_i \cdot \mathbf c_j + b_i +
# \tilde b_j - \log X_{ij}\right)^2, \qquad
# f(x) = \min\left(1, (x / x_{\max})^{\alpha}\right)$$
#
# `glove_loss(w, c, b_w, b_c, counts, x_max, alpha)` returns $J$: the sum over
# all cells, neither halved nor averaged.
#
# | argument | shape | |
# |---|---|---|
# | `w`, `b_w` | (V, d), (V,) | the words: rows of `counts` |
# | `c`, `b_c` | (U, d), (U,) | the context words: columns of `counts` |
# | `counts` | (V, U) | int64, or floats in the dtype of `w`; 0 or more, fractions too |
# | `x_max`, `alpha` | numbers | greater than 0; 0 or more |
#
# A cell whose count is 0 weighs nothing, **whatever `alpha` is**, and leaves no
# trace: neither the loss nor a gradient may become infinite or NaN because
# $\log 0 = -\infty$. To compute with $\log 0$ and throw the result away with
# `torch.where` is too late: its gradient, $0 \cdot \infty$, is NaN. Pick the
# cells that count, or put a harmless number in the place of each 0 *before* you
# take logarithms. A count of 0.5 is no such 0.
#
# *Example.* `w = c = [[0.]]`, `b_w = [1.]`, `b_c = [2.]`, `counts = [[1]]`,
# `x_max=4` and `alpha=0.5` give $\sqrt{1/4} \cdot (0 + 1 + 2 - 0)^2 = 4.5$.


# %% solution="glove"
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    """Return GloVe's weighted squared error, summed over all cells."""
    ### BEGIN SOLUTION
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()
    ### END SOLUTION


# %% test="glove-by-hand" points=2
# Products 2 and 6, biases 1, 3 and 5; logarithms 0 and 1.
w, c = torch.tensor([[1.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 6.0]])
b_w, b_c = torch.tensor([1.0]), torch.tensor([-3.0, -5.0])
counts = torch.tensor([[1.0, math.e]])
found = glove_loss(w, c, b_w, b_c, counts, 16 * math.e, 0.5)
assert found.shape == (), "The loss has no axes."
# Errors of 2 + 1 - 3 - 0 = 0 and 6 + 1 - 5 - 1 = 1; the second weighs √(1/16).
assert abs(found.item() - 0.25 * 1**2) < 1e-4, (
    "The second cell costs 1/4, the first 0."
)
found = glove_loss(w, c, b_w + 2, b_c, counts, 16 * math.e, 0.5)
true = math.sqrt(1 / (16 * math.e)) * 2**2 + 0.25 * 3**2
assert abs(found.item() - true) < 1e-4, (
    f"Errors of 2 and 3: {found.item():.3f}. Look at the weight, then at the "
    "square, then at what is summed."
)

# %% test="glove-cap" points=1
w, c, zero = torch.tensor([[2.0]]), torch.tensor([[3.0]]), torch.zeros(1)
for count in (10, 11, 1000):
    found = glove_loss(w, c, zero, zero, torch.tensor([[count]]), 10, 0.75)
    assert found.shape == (), "The loss has no axes."
    assert abs(found.item() - (6 - math.log(count)) ** 2) < 1e-4, (
        "From x_max on the weight is 1, but the logarithm is still that of "
        "the count."
    )

# %% test="glove-words-and-contexts" points=1
g = torch.Generator().manual_seed(1)
w, c = torch.randn(2, 5, generator=g), torch.randn(3, 5, generator=g)
b_w, b_c = torch.tensor([0.5, 7.0]), torch.tensor([2.0, -3.0, 11.0])
counts = torch.tensor([[1, 2, 3], [4, 5, 6]])
found = glove_loss(w, c, b_w, b_c, counts, 1, 0.75)
true = 0.0
for i in range(2):
    for j in range(3):
        error = (w[i] @ c[j] + b_w[i] + b_c[j]).item() - math.log(counts[i, j])
        true += error**2
assert abs(found.item() / true - 1) < 1e-4, (
    "Rows of the counts are words, columns are contexts: which bias goes where?"
)

# %% test="glove-fractions" points=1
# Neighbours far apart add less than 1: counts of 1/2 and 1/4.
w, c, zero = torch.tensor([[1.0]]), torch.tensor([[0.0]]), torch.zeros(1)
for count in (0.5, 0.25):
    found = glove_loss(w, c, zero, zero, torch.tensor([[count]]), 2, 1.0).item()
    assert abs(found - count / 2 * math.log(count) ** 2) < 1e-4, (
        f"A count of {count} gives {found:.3f}. Does it enter weight and "
        "logarithm as it is, neither raised to 1 nor cut to 0?"
    )

# %% test="glove-nothing" points=2
w = torch.tensor([[1.0], [2.0]], requires_grad=True)
b_c = torch.tensor([0.0, 1.0], requires_grad=True)
counts = torch.tensor([[3.0, 0.0], [0.0, 0.0]])
for alpha, weight in ((0.5, 0.5), (1.0, 0.25), (0.0, 1.0)):
    found = glove_loss(
        w, torch.ones(2, 1), torch.ones(2), b_c, counts, 12, alpha
    )
    true = weight * (2 - math.log(3)) ** 2
    assert abs(found.item() - true) < 1e-4, (
        f"alpha = {alpha}: {found.item():.3f}. A count of 0 weighs 0, "
        "whatever alpha is."
    )
found = glove_loss(w, torch.ones(2, 1), torch.ones(2), b_c, counts, 12, 0.5)
found.backward()
slope = 2 - math.log(3)  # 2 · weight · error
assert torch.allclose(w.grad, torch.tensor([[slope], [0.0]]), atol=1e-4), (
    "A cell without counts has a share in the gradient of `w`, or turns it "
    "into NaN."
)
assert torch.allclose(b_c.grad, torch.tensor([slope, 0.0]), atol=1e-4), (
    "A cell without counts has a share in the gradient of a bias."
)

# %% test="glove-hidden" points=2
# Hidden: other sizes and numbers; counts of 0, below 1, above x_max; integers
# and floats; float64; gradients; arguments unchanged.
### BEGIN HIDDEN TESTS
for V, U, d, x_max, alpha, kind in (
    (7, 5, 3, 10, 0.75, torch.int64),
    (5, 5, 2, 2.5, 0.5, torch.float64),
    (2, 11, 7, 100, 1.0, torch.float64),
    (3, 2, 5, 4, 0.0, torch.int64),
):
    g = torch.Generator().manual_seed(V)
    draw = {"generator": g, "dtype": torch.float64}
    w, c = torch.randn(V, d, **draw), torch.randn(U, d, **draw)
    b_w, b_c = torch.randn(V, **draw), torch.randn(U, **draw)
    counts = torch.randint(0, 20, (V, U), generator=g)
    counts[0, 0], counts[0, 1], counts[1, 0] = 0, 1, 1000
    counts = counts if kind == torch.int64 else counts.to(kind) / 4
    learned = [x.requires_grad_() for x in (w, c, b_w, b_c)]
    args = [*learned, counts]
    kept = [x.detach().clone() for x in args]
    found = glove_loss(*args, x_max, alpha)
    assert found.shape == () and found.dtype == torch.float64, (
        "No axes, same dtype."
    )
    true, slopes = 0.0, [torch.zeros_like(x) for x in kept[:4]]
    for i in range(V):
        for j in range(U):
            x = counts[i, j].item()
            if x > 0:
                error = (w[i] @ c[j] + b_w[i] + b_c[j]).item() - math.log(x)
                true += min(1, (x / x_max) ** alpha) * error**2
                slope = 2 * min(1, (x / x_max) ** alpha) * error
                slopes[0][i] += slope * kept[1][j]
                slopes[1][j] += slope * kept[0][i]
                slopes[2][i] += slope
                slopes[3][j] += slope
    assert abs(found.item() / true - 1) < 1e-3, (
        "Not the weighted sum over the cells."
    )
    found.backward()
    for x, slope in zip(learned, slopes, strict=True):
        assert x.grad is not None, (
            "Let the gradient pass, to vectors and biases."
        )
        assert torch.allclose(x.grad, slope, atol=1e-2, rtol=1e-3), (
            "Not the gradient."
        )
    same = zip(kept, args, strict=True)
    assert all(torch.equal(a, b.detach()) for a, b in same), (
        "An argument changed."
    )
### END HIDDEN TESTS


# %% [markdown] given="elmo-text"
# ## 3. ELMo's mix (8 points)
#
# ELMo hands a task all of its layers, and each task learns how to mix them:
#
# $$\gamma \sum_{j} \mathrm{softmax}(\mathbf s)_j\, \mathbf h_j$$
#
# `elmo_mix(layers, s, gamma)` takes the states of `n` layers, the token's own
# among them (the chapter's $L + 1$), and the scores of one task or of several
# at once. $\gamma$ stands outside of the softmax.
#
# *From the section "ELMo: the states of two language models". New here: many
# tasks at once, each with scores and a gamma of its own.*
#
# | | `layers` | `s` | `gamma` | result |
# |---|---|---|---|---|
# | one task | (n, ..., d) | (n,) | a number or a tensor without axes | (..., d) |
# | many tasks | (n, ..., d) | (T, n) | a tensor (T,) | (T, ..., d) |
#
# Entries of `s` may be in the thousands. If the last axis of `s` is not `n`
# long, raise a `ValueError`, also if it is 1 long, which broadcasting would let
# pass.
#
# *Example.* `layers = [[8.], [4.]]`, `s = [0., log 3]` and `gamma=2` give `2 ·
# (8/4 + 4·3/4) = [10.]`.


# %% solution="elmo"
def elmo_mix(layers, s, gamma):
    """Return gamma · Σ softmax(s)_j layers[j], for one task or for many."""
    ### BEGIN SOLUTION
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(-1) * torch.as_tensor(gamma).unsqueeze(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)
    ### END SOLUTION


# %% test="elmo-by-hand" points=2
# Weights of 1/8, 3/8 and 4/8.
layers = torch.tensor([[[8.0, 0.0]], [[0.0, 16.0]], [[2.0, 4.0]]])
s = torch.tensor([0.0, math.log(3), math.log(4)])
for gamma in (0.5, 3, torch.tensor(2.0)):
    found = elmo_mix(layers, s, gamma)
    assert found.shape == (1, 2), "One task: the axis of the layers is gone."
    assert torch.allclose(
        found / gamma, torch.tensor([[2.0, 8.0]]), atol=1e-4
    ), (
        "The softmax runs over the layers' weights alone, and gamma stands "
        "outside."
    )

# %% test="elmo-shapes" points=1
g = torch.Generator().manual_seed(1)
layers = torch.randn(3, 2, 5, 7, generator=g)
for lead in ((2, 5), (5,), ()):
    h = (
        layers[:, 0]
        if lead == (5,)
        else layers[:, 0, 0]
        if lead == ()
        else layers
    )
    found = elmo_mix(h, torch.tensor([5.0, 5.0, 5.0]), 3.0)
    assert found.shape == (*lead, 7), (
        "Whatever axes the states have, they stay."
    )
    assert torch.allclose(found, h[0] + h[1] + h[2], atol=1e-4), (
        "Three equal weights and a gamma of 3 add the layers up."
    )

# %% test="elmo-tasks" points=2
g = torch.Generator().manual_seed(2)
layers = torch.randn(3, 5, 7, generator=g)
s, gamma = torch.randn(2, 3, generator=g), torch.tensor([0.5, 3.0])
found = elmo_mix(layers, s, gamma)
assert found.shape == (2, 5, 7), "Many tasks: their axis comes first."
for t in range(2):
    powers = [math.exp(x) for x in s[t].tolist()]
    true = sum(p * h for p, h in zip(powers, layers, strict=True)) / sum(powers)
    assert torch.allclose(found[t], gamma[t] * true, atol=1e-4), (
        "Each task has a softmax and a gamma of its own."
    )

# %% test="elmo-sizes" points=1
for shape in ((2,), (1,), (5, 2), (5, 1), (3, 5)):
    try:
        came = elmo_mix(
            torch.ones(3, 7, 11), torch.ones(shape), torch.ones(shape[:-1])
        )
    except Exception as error:
        came = error
    assert isinstance(came, ValueError), (
        f"3 layers and scores of shape {shape}: look at the shape first and "
        f"raise a ValueError. What came is of the type {type(came).__name__}."
    )
found = elmo_mix(torch.ones(3, 7, 11), torch.ones(5, 3), torch.full((5,), 2.0))
assert found.shape == (5, 7, 11), "(T, ..., d)."
assert torch.allclose(found, torch.tensor(2.0)), "A mix of ones, times 2, is 2."

# %% test="elmo-hidden" points=2
# Hidden: other sizes, as many tasks as layers, large weights, float64,
# gradients of s and gamma, arguments unchanged.
### BEGIN HIDDEN TESTS
for seed, (shape, tasks) in enumerate(
    [((5, 3), 5), ((2, 7, 11), 3), ((7, 2, 3, 5), 1)]
):
    g = torch.Generator().manual_seed(seed)
    draw = {"generator": g, "dtype": torch.float64}
    layers, s = (
        torch.randn(*shape, **draw),
        torch.randn(tasks, shape[0], **draw),
    )
    gamma = torch.rand(tasks, **draw) + 0.5
    for t in range(tasks):
        s[t] += 3000 * seed * (-1) ** t
    s.requires_grad_()
    gamma.requires_grad_()
    args = [layers, s, gamma]
    kept = [x.detach().clone() for x in args]
    found = elmo_mix(*args)
    assert found.shape == (tasks, *shape[1:]), "(T, ..., d)."
    assert found.dtype == torch.float64, "Give back the dtype that you got."
    weights = torch.exp(kept[1] - kept[1].max(-1, keepdim=True)[0])
    weights = weights / weights.sum(-1, keepdim=True)
    mixed = torch.einsum("tl,l...->t...", weights, layers)
    for t in range(tasks):
        assert torch.allclose(found[t], kept[2][t] * mixed[t], atol=1e-4), (
            "Not the mix of a task, for other sizes or larger weights."
        )
    one = elmo_mix(layers, kept[1][0], kept[2][0])
    assert one.shape == shape[1:], "One task: (..., d)."
    assert torch.allclose(one, kept[2][0] * mixed[0], atol=1e-4), (
        "Not one task's mix."
    )
    found.sum().backward()
    assert gamma.grad is not None and s.grad is not None, (
        "Let the gradient pass."
    )
    assert torch.allclose(gamma.grad, mixed.flatten(1).sum(1), atol=1e-4), (
        "gamma's gradient is the mix without gamma."
    )
    sums = layers.flatten(1).sum(1)
    slope = weights * (sums - (weights * sums).sum(-1, keepdim=True))
    assert torch.allclose(s.grad, kept[2][:, None] * slope, atol=1e-4), (
        "The gradient of s is not right."
    )
    same = zip(kept, args, strict=True)
    assert all(torch.equal(a, b.detach()) for a, b in same), (
        "An argument changed."
    )
### END HIDDEN TESTS


# %% [markdown] given="slanted-text"
# ## 4. Slanted triangular rates (8 points)
#
# ULMFiT lets the learning rate rise fast and fall slowly. With `steps` $= T$
# and $\mathrm{cut} = \lfloor T \cdot \texttt{cut\_frac} \rfloor$, at step $t$
#
# $$p = \begin{cases} t / \mathrm{cut} & \text{if } t < \mathrm{cut}\\
# (T - t) / (T - \mathrm{cut}) & \text{if } \mathrm{cut} \le t \le T\\
# 0 & \text{if } t > T \end{cases}$$
#
# $$\eta_t = \mathrm{peak} \cdot
# \frac{1 + p\, (\mathrm{ratio} - 1)}{\mathrm{ratio}}$$
#
# `slanted_triangular(step, steps, cut_frac, ratio, peak)` returns $\eta_t$ as a
# number. Steps count from 0, and `steps` is 1 or more. Where cut is not 0, the
# rate is `peak / ratio` at step 0, `peak` at step cut, and `peak / ratio` again
# at step $T$ and ever after. Where cut is 0 there is no way up: the rate is
# `peak` at step 0. Raise a `ValueError` unless $0 \le \texttt{cut\_frac} < 1$.
#
# *From the section "ULMFiT: fine-tune all of it, gently". New here: the
# chapter's function raises an error behind the last step and where cut is 0;
# yours gives a rate.*
#
# (Howard and Ruder write $1 - \frac{t - \mathrm{cut}}{\mathrm{cut}\, (1 /
# \texttt{cut\_frac} - 1)}$ for the way down. That is the same where $T \cdot
# \texttt{cut\_frac}$ is a whole number. Where it is not, it comes down too
# early, and the last rates may be negative. Use the formula above.)
#
# *Example.* `steps=10`, `cut_frac=0.25`, `ratio=4` and `peak=8`: cut is 2, and
# the rates of steps 0, 1, 2, 6 and 10 are 2, 5, 8, 5 and 2.


# %% solution="slanted"
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    """Return the learning rate at a step: a short way up, a long way down."""
    ### BEGIN SOLUTION
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio
    ### END SOLUTION


# %% test="slanted-up" points=1
# cut = 5; the rate climbs from 3 by 6 a step.
for step in range(6):
    found = slanted_triangular(step, 20, 0.25, 11, 33.0)
    assert abs(found - (3 + 6 * step)) < 1e-4, (
        f"Step {step}: {found:.3f}. Look at the first step, at step cut, and "
        "at the line between them."
    )

# %% test="slanted-down" points=2
# cut = 5; 15 steps from 33 down to 3.
for step in range(5, 21):
    found = slanted_triangular(step, 20, 0.25, 11, 33.0)
    assert abs(found - (3 + 2 * (20 - step))) < 1e-4, (
        f"Step {step}: {found:.3f}. From step cut to the last step the rate "
        "falls in a line, to peak / ratio."
    )

# %% test="slanted-beyond" points=1
for step, true in ((19, 5), (20, 3), (21, 3), (23, 3), (1000, 3)):
    found = slanted_triangular(step, 20, 0.25, 11, 33.0)
    assert abs(found - true) < 1e-4, (
        f"Step {step} of 20: {found:.3f}. From the last step on the rate is "
        "peak / ratio, and not before."
    )

# %% test="slanted-rounded" points=1
# steps · cut_frac is 4.75: cut is 4.
steps, true = (
    (0, 3, 4, 9, 18, 19),
    (2.0, 23.0, 30.0, 20 + 2 / 3, 3 + 13 / 15, 2.0),
)
found = [slanted_triangular(step, 19, 0.25, 15, 30.0) for step in steps]
for step in range(6):
    assert abs(found[step] - true[step]) < 1e-4, (
        f"Step {steps[step]}: {found[step]:.3f}. How is cut rounded, and how "
        "long is the way down?"
    )

# %% test="slanted-no-way-up" points=1
for cut_frac in (0.0, 0.0625):
    for step, true in ((0, 7.0), (5, 5.0), (10, 3.0), (15, 1.0), (16, 1.0)):
        found = slanted_triangular(step, 15, cut_frac, 7, 7.0)
        assert abs(found - true) < 1e-4, (
            f"Step {step}: {found:.3f}. Where cut is 0 the rate starts at its "
            "peak."
        )

# %% test="slanted-refuses" points=1
for cut_frac in (1.0, 1.5, -0.25):
    try:
        slanted_triangular(3, 20, cut_frac, 11, 33.0)
        refused = False
    except ValueError:
        refused = True
    assert refused, f"cut_frac = {cut_frac}: no ValueError."
found = slanted_triangular(3, 20, 0.25, 11, 33.0)
assert abs(found - 21) < 1e-4, "A share of 1/4 is not refused."

# %% test="slanted-hidden" points=1
# Hidden: other numbers, every step, cuts that are rounded and others.
### BEGIN HIDDEN TESTS
for steps, cut_frac, ratio, peak in (
    (100, 0.125, 32, 7.0),
    (64, 0.75, 2, 0.3),
    (23, 0.5, 3.5, 11.0),
    (7, 0.125, 5, 3.0),
    (1, 0.5, 8, 5.0),
):
    cut, low = int(steps * cut_frac), peak / ratio
    every = range(steps + 3)
    found = [slanted_triangular(t, steps, cut_frac, ratio, peak) for t in every]
    for t in every:
        up, down = t / max(1, cut), max(0, steps - t) / (steps - cut)
        true = low + (peak - low) * (up if t < cut else down)
        assert abs(found[t] - true) < 1e-4, "Not the rate of some step."
### END HIDDEN TESTS


# %% [markdown] given="gpt-text"
# ## 5. One model, any task (9 points)
#
# The OpenAI transformer reads one sequence from left to right. So a task with
# several texts is written as one sequence, or as several whose answers are put
# together. `gpt_inputs(task, texts, special)` returns **always a list of
# sequences**, each a list of ids.
#
# *From the section "The OpenAI transformer: one model, every task". New here:
# sequences can be filled up to one length.*
#
# | `task` | `texts` | sequences |
# |---|---|---|
# | `"classification"` | [text] | [S, text, E] |
# | `"entailment"` | [premise, hypothesis] | [S, premise, D, hypothesis, E] |
# | `"similarity"` | [a, b] | [S, a, D, b, E], *then* [S, b, D, a, E] |
# | `"choice"` | [context, answer, answer...] | for each [S, context, D, answer, E] |
#
# A text is a list of ids, perhaps an empty one; the table's rows stand for its
# ids one after the other, not for lists in lists. `special` is a dict that
# holds the ids of the marks S, D and E under the names `"start"`, `"delimiter"`
# and `"extract"`; look them up by name. The answers of a choice keep their
# order, and there are two or more. Raise a `ValueError` for any other task, and
# for more or fewer texts than the table says.
#
# Sequences of a choice differ in length, and a batch wants them alike. So
# `special` may hold a fourth id, `"pad"`, which may be 0. If it does, each
# sequence is filled up with it, behind E, to the length of the longest one. If
# not, all stay as they are.
#
# *Example.* With `special = {"start": 90, "delimiter": 91, "extract": 92}`, the
# entailment of `[[5, 6], [7]]` gives `[[90, 5, 6, 91, 7, 92]]`. The choice of
# `[[5], [6, 7], [8]]`, with `"pad": 0` as well, gives `[[90, 5, 91, 6, 7, 92],
# [90, 5, 91, 8, 92, 0]]`.


# %% solution="gpt"
def gpt_inputs(task, texts, special):
    """Return the sequences, lists of ids, in which a model gets a task."""
    ### BEGIN SOLUTION
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences
    ### END SOLUTION


# %% test="gpt-one-sequence" points=1
special = {"start": 90, "delimiter": 91, "extract": 92}
found = gpt_inputs("classification", [[5, 6, 7]], special)
assert found == [[90, 5, 6, 7, 92]], (
    "A list of one sequence, with a mark at each end."
)
found = gpt_inputs("entailment", [[5, 6], [7]], special)
assert found == [[90, 5, 6, 91, 7, 92]], "Premise, a mark between, hypothesis."

# %% test="gpt-similarity" points=1
special = {"start": 90, "delimiter": 91, "extract": 92}
found = gpt_inputs("similarity", [[5, 6], [7]], special)
assert len(found) == 2, "Neither text comes before the other: two sequences."
assert found[0] == [90, 5, 6, 91, 7, 92], (
    "The first has the texts as they came."
)
assert found[1] == [90, 7, 91, 5, 6, 92], "The second turns them round."

# %% test="gpt-choice" points=2
special = {"start": 90, "delimiter": 91, "extract": 92}
context, answers = [1, 2, 3], [[4], [5, 6], [7, 8, 9]]
found = gpt_inputs("choice", [context, *answers], special)
assert len(found) == 3, "One sequence an answer."
assert found[0] == [90, 1, 2, 3, 91, 4, 92], (
    "The first answer stands with its context."
)
assert found[1:] == [
    [90, 1, 2, 3, 91, 5, 6, 92],
    [90, 1, 2, 3, 91, 7, 8, 9, 92],
], "Each answer stands alone with the context, which stays as it was."

# %% test="gpt-pad" points=1
special = {"start": 90, "delimiter": 91, "extract": 92, "pad": 0}
found = gpt_inputs("choice", [[1], [4], [5, 6, 7], [8, 9]], special)
lengths = [len(sequence) for sequence in found]
assert lengths == [7, 7, 7], (
    f"Sequences of {lengths} tokens: `special` holds a pad, so all get the "
    "length of the longest. The pad's id is 0 here; is 0 taken for none?"
)
assert [sequence[:5] for sequence in found] == [
    [90, 1, 91, 4, 92],
    [90, 1, 91, 5, 6],
    [90, 1, 91, 8, 9],
], "What fills up a sequence stands behind all the rest of it."
assert [sequence[5:] for sequence in found] == [[0, 0], [7, 92], [92, 0]], (
    "The longest needs nothing more; the others are filled up with the id "
    "for that."
)

# %% test="gpt-refuses" points=2
special = {"start": 90, "delimiter": 91, "extract": 92}
wrong = [
    ("translation", 1),
    ("", 2),
    ("classification", 0),
    ("classification", 2),
]
wrong += [
    ("entailment", 1),
    ("entailment", 3),
    ("similarity", 1),
    ("similarity", 3),
]
wrong += [("choice", 0), ("choice", 1), ("choice", 2)]
for task, n in wrong:
    try:
        came = gpt_inputs(task, [[5, 6]] * n, special)
    except Exception as error:
        came = error
    assert isinstance(came, ValueError), (
        f"The task {task!r} with {n} texts: raise a ValueError. What came: "
        f"{came!r}"
    )
right = [
    ("classification", 1),
    ("entailment", 2),
    ("similarity", 2),
    ("choice", 3),
]
for task, n in [*right, ("choice", 7)]:
    found = gpt_inputs(task, [[5, 6]] * n, special)
    assert found and 6 in found[0], f"{task} with {n} texts is in the table."

# %% test="gpt-hidden" points=2
# Hidden: other ids, the marks in another order, empty texts, many answers, with
# and without filling up, arguments unchanged.
### BEGIN HIDDEN TESTS
special = {"extract": 3, "start": 1, "delimiter": 2}
cases = [
    ("classification", [[]], [[1, 3]]),
    ("classification", [[8, 8, 2]], [[1, 8, 8, 2, 3]]),
    ("entailment", [[], [9, 4]], [[1, 2, 9, 4, 3]]),
    ("similarity", [[7, 5], []], [[1, 7, 5, 2, 3], [1, 2, 7, 5, 3]]),
    ("choice", [[], [6], [5]], [[1, 2, 6, 3], [1, 2, 5, 3]]),
    (
        "choice",
        [[11, 12], [6], [], [7, 5], [6], [0]],
        [
            [1, 11, 12, 2, 6, 3],
            [1, 11, 12, 2, 3],
            [1, 11, 12, 2, 7, 5, 3],
            [1, 11, 12, 2, 6, 3],
            [1, 11, 12, 2, 0, 3],
        ],
    ),
]
for task, texts, true in cases:
    kept = [list(text) for text in texts]
    found = gpt_inputs(task, texts, special)
    assert found == true, (
        "Not the sequences, for other ids or marks, or for texts without words."
    )
    found = gpt_inputs(task, texts, {"pad": 99, **special})
    longest = max(len(sequence) for sequence in true)
    assert found == [
        sequence + [99] * (longest - len(sequence)) for sequence in true
    ], "Not the sequences, filled up."
    assert texts == kept, "The caller's texts have changed."
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# In "the bank of the river" and "the bank of the city", the word that tells the
# senses apart comes after "bank". Which of word2vec, ELMo, the OpenAI
# transformer and BERT can give "bank" different vectors in the two, and why?
# What do the layers of BERT do with the words on the left and on the right of
# "bank" that ELMo's do not? And why can the OpenAI transformer not be trained,
# with its own loss, on states that see both sides? Three to six sentences.

# %% [markdown] written="senses" points=3
# word2vec has one row for "bank" whatever stands around it, and the OpenAI
# transformer sees only "the bank", which is the same in both; ELMo's backward
# model and BERT have read "river" or "city" (1 point). ELMo lays two one-way
# states side by side: no unit of its layers is made from both sides, only the
# task's model behind them sees both. BERT's attention joins left and right in
# every layer (1 point). Its loss is the next word: a state that sees the right
# side has that word before its eyes and can copy it, so nothing is left to
# learn. BERT hides the words it asks for instead (1 point).
