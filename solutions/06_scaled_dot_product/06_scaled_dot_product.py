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
# # Scaled dot-product attention
#
# **44 points**, about an hour. Chapter 6 built the pieces on small examples.
# Here you write the forms that a transformer uses: for any batch, with masks,
# in half precision, and with rows that may attend to nothing.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - a mask is `True` where a query **may attend**;
# - no function changes its arguments in place;
# - torch is enough.

# %% given="imports"
import math

import torch
from torch.nn import functional as F

# %% [markdown] given="variance-text"
# ## 1. The variance of a dot product (6 points)
#
# From *The variance grows with the width*. There one sample was drawn from
# torch's global state; here width, number, scale and generator are arguments.
#
# `score_variance(d_k, n_samples, scale, generator)` measures what chapter 6
# predicts. Draw `n_samples` queries and as many keys, independent of each
# other, all components from a normal distribution with mean 0 and variance 1.
# Take the dot product of query $i$ with key $i$, multiply it by `scale`, and
# return the variance of these numbers as a `float`.
#
# Draw with `generator` (as in `torch.randn(2, 3, generator=generator)`) and
# with nothing else: the same seed gives the same result, and torch's global
# random state stays as it was.
#
# *Example.* For `d_k=64` the result is near 64 with `scale=1.0`, near 1 with
# `scale=1/8`, near 0.25 with `scale=1/16`.


# %% solution="variance"
def score_variance(d_k, n_samples, scale, generator):
    """Return the variance of n_samples scaled dot products of width d_k."""
    ### BEGIN SOLUTION
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    scores = (query * key).sum(-1) * scale
    return scores.var().item()
    ### END SOLUTION


# %% test="variance-raw" points=2
# The variance of 4001 samples is off by 2% or so; 14% is six times as much.
found = score_variance(61, 4001, 1.0, torch.Generator().manual_seed(1))
assert isinstance(found, float), (
    "Return a float: `.item()` makes one from a tensor."
)
assert 1e-7 < abs(found / 61 - 1) < 0.14, (
    f"For d_k = 61 and scale = 1 you return {found:.4g}; a sample has a "
    "variance near 61, and never exactly 61. Which axis is summed?"
)

# %% test="variance-scaled" points=1
found = score_variance(61, 4001, 61**-0.5, torch.Generator().manual_seed(2))
assert 1e-7 < abs(found - 1) < 0.14, (
    f"For d_k = 61 and scale = 1/√61 you return {found:.4g}; a sample has a "
    "variance near 1. Where does the scale enter?"
)

# %% test="variance-generator" points=1
before = torch.get_rng_state()
seeds = (3, 3, 5)
found = [
    score_variance(7, 101, 1.0, torch.Generator().manual_seed(s)) for s in seeds
]
assert found[0] == found[1], "The same seed must give the same result."
assert found[0] != found[2], "Another seed must give another result."
assert torch.equal(torch.get_rng_state(), before), (
    "Draw with `generator` alone."
)

# %% test="variance-hidden" points=2
# Hidden: other widths, scales other than 1 and 1/√d_k, and very few samples.
### BEGIN HIDDEN TESTS
for d_k, scale in ((3, 1.0), (17, 2.0), (127, 1 / 127), (251, 0.25)):
    generator = torch.Generator().manual_seed(d_k)
    found = score_variance(d_k, 4001, scale, generator)
    error = math.sqrt((2 + 6 / d_k) / 4001)  # standard error, relative
    assert 1e-7 < abs(found / (scale**2 * d_k) - 1) < 6 * error, (
        "A number that is multiplied by `scale` has a variance times scale²."
    )
generator = torch.Generator().manual_seed(9)
pairs = [score_variance(7, 2, 1.0, generator) for _ in range(23)]
assert max(pairs) > 2 * min(pairs), (
    "The variance of two samples is hardly ever the expected one. Do you "
    "draw them?"
)
### END HIDDEN TESTS


# %% [markdown] given="jacobian-text"
# ## 2. The Jacobian of the softmax (6 points)
#
# From *Large scores switch the softmax off*. There `p` was one vector; here it
# has any number of axes in front.
#
# `softmax_jacobian(p)` takes weights that a softmax gave, of shape `(..., n)`
# with any number of axes in front, and returns how they change with the scores,
# of shape `(..., n, n)`:
#
# $$J_{ij} = \frac{\partial p_i}{\partial s_j} = p_i\,(\delta_{ij} - p_j)$$
#
# *Example.* For `p = [0.5, 0.5]` it is `[[0.25, -0.25], [-0.25, 0.25]]`, and
# for `p = [1, 0]` all of it is 0.


# %% solution="jacobian"
def softmax_jacobian(p):
    """Return the softmax's Jacobian (..., n, n) at its output p (..., n)."""
    ### BEGIN SOLUTION
    return torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)
    ### END SOLUTION


# %% test="jacobian-by-hand" points=1
found = softmax_jacobian(torch.tensor([0.2, 0.3, 0.5]))
expected = [[0.16, -0.06, -0.10], [-0.06, 0.21, -0.15], [-0.10, -0.15, 0.25]]
assert found.shape == (3, 3), "For p of shape (n,) the Jacobian is (n, n)."
assert torch.allclose(found, torch.tensor(expected), atol=1e-6), (
    "Check the diagonal, p_i (1 - p_i), and then the rest, -p_i p_j."
)

# %% test="jacobian-saturated" points=1
found = softmax_jacobian(torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0]))
assert found.shape == (5, 5), "For p of shape (n,) the Jacobian is (n, n)."
assert found.eq(0).all(), "With all the weight on one key, nothing moves."
found = softmax_jacobian(torch.tensor([0.5, 0.5]))
assert abs(found.abs().max() - 0.25) < 1e-6, (
    "With two equal weights, all move by 1/4."
)

# %% test="jacobian-batch" points=2
p = torch.randn(3, 5, generator=torch.Generator().manual_seed(1)).softmax(-1)
found = softmax_jacobian(p)
assert found.shape == (3, 5, 5), (
    "For p of shape (..., n) the Jacobian is (..., n, n)."
)
for row, J in zip(p, found, strict=True):
    assert torch.allclose(J, softmax_jacobian(row), atol=1e-6), (
        "Each row of p has a Jacobian of its own."
    )
assert not torch.allclose(found[0], found[1], atol=1e-3), (
    "Two rows of p that differ have the same Jacobian."
)

# %% test="jacobian-hidden" points=2
# Hidden: more axes, the sums of the rows, and torch's own derivative.
### BEGIN HIDDEN TESTS
scores = torch.randn(
    2, 3, 7, generator=torch.Generator().manual_seed(2)
).double()
p = scores.softmax(-1)
kept = p.clone()
found = softmax_jacobian(p)
assert found.shape == (2, 3, 7, 7), "For p of shape (..., n) it is (..., n, n)."
assert found.sum(-1).abs().max() < 1e-6, (
    "Weights always sum to 1, so rows sum to 0."
)
for i in range(2):
    for j in range(3):
        true = torch.autograd.functional.jacobian(
            lambda s: s.softmax(-1), scores[i, j]
        )
        assert torch.allclose(found[i, j].double(), true, atol=1e-6), (
            "This is not the derivative of the softmax for each row of a batch."
        )
assert torch.equal(p, kept), "Leave p as it is."
### END HIDDEN TESTS


# %% [markdown] given="causal-text"
# ## 3. The causal mask (4 points)
#
# From *Masks*. The library's mask can have fewer queries than keys; this one is
# square.
#
# `causal_mask(n)` returns booleans of shape `(n, n)`. Row $i$ is query $i$, and
# it may attend to itself and to what comes before it.
#
# *Example.* For `n=3` the rows are `[True, False, False]`, `[True, True,
# False]` and `[True, True, True]`.


# %% solution="causal"
def causal_mask(n):
    """Return booleans (n, n), True where query i may see key j: j <= i."""
    ### BEGIN SOLUTION
    return torch.ones(n, n, dtype=torch.bool).tril()
    ### END SOLUTION


# %% test="causal-values" points=2
expected = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
found = causal_mask(3)
assert found.shape == (3, 3), "n queries by n keys."
assert found.tolist() == expected, (
    "Which keys come before query 0, and which before 2?"
)

# %% test="causal-boolean" points=1
found = causal_mask(11)
assert found.dtype == torch.bool, "A mask is made of booleans."
assert (found[0, 2:] != found[2:, 0]).all(), (
    "Of the first token and a far one, only one may see the other."
)

# %% test="causal-hidden" points=1
# Hidden: longer sequences, and a single token.
### BEGIN HIDDEN TESTS
assert causal_mask(1).tolist() == [[1]], "A single token attends to itself."
for n in (7, 13):
    found = causal_mask(n).tolist()
    assert found == [[j <= i for j in range(n)] for i in range(n)], (
        "Look at a longer sequence: itself and all before, nothing after."
    )
### END HIDDEN TESTS


# %% [markdown] given="padding-text"
# ## 4. The padding mask (5 points)
#
# From *Masks*. There the mask is `(batch, n)` and is indexed afterwards; here
# it has the axes for heads and queries.
#
# `padding_mask(lengths, n)` takes the lengths of the sequences in a batch,
# integers of shape `(batch,)`, and the length `n` to which all are padded at
# the end. It returns booleans of shape `(batch, 1, 1, n)`, `True` on real keys:
# with scores of shape (batch, heads, queries, keys) it then broadcasts over
# heads and queries. A length may be 0 or `n`, and `n` may be greater than all
# lengths.
#
# *Example.* `padding_mask(torch.tensor([2, 3]), 4)[:, 0, 0]` is `[[True, True,
# False, False], [True, True, True, False]]`.


# %% solution="padding"
def padding_mask(lengths, n):
    """Return booleans (batch, 1, 1, n), True on each sequence's real keys."""
    ### BEGIN SOLUTION
    real = torch.arange(n) < lengths[:, None]  # (batch, n)
    return real[:, None, None, :]
    ### END SOLUTION


# %% test="padding-shape" points=1
found = padding_mask(torch.tensor([2, 5, 3]), 7)
assert found.shape == (3, 1, 1, 7), "The shape is (batch, 1, 1, n)."
assert found.dtype == torch.bool, "A mask is made of booleans."
changes = found[..., 1:] != found[..., :-1]
assert (changes.sum(-1) == 1).all(), (
    "In each row real keys end once, padding begins."
)

# %% test="padding-values" points=2
found = padding_mask(torch.tensor([1, 3, 5]), 5).reshape(-1, 5)
expected = [[1, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
assert found.tolist() == expected, (
    "The first `length` keys of each sequence are real."
)

# %% test="padding-hidden" points=2
# Hidden: empty sequences, room to spare, and scores with heads and queries.
### BEGIN HIDDEN TESTS
lengths, n = [0, 7, 3, 5, 1], 11
found = padding_mask(torch.tensor(lengths), n)
try:
    spread = torch.broadcast_to(found, (5, 2, 3, n))
except RuntimeError:
    spread = torch.zeros(0)
assert spread.numel(), "It must broadcast to (batch, heads, queries, keys)."
for row, length in zip(spread, lengths, strict=True):
    for queries in row.tolist():
        for keys in queries:
            assert keys == [j < length for j in range(n)], (
                "Each query of a sequence sees the real keys of that sequence."
            )
### END HIDDEN TESTS


# %% [markdown] given="attention-text"
# ## 5. Attention (20 points)
#
# $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}(QK^\top / \sqrt{d_k})\, V$$
#
# From *Two scores and their cost*, *Rows with nothing to attend to* and *Half
# precision*. There the library's `weigh_keys` and `scaled_dot_product` did the
# masking; here you write all of it, for any axes in front.
#
# | argument | shape |
# |---|---|
# | `query` | (..., queries, $d_k$) |
# | `key` | (..., keys, $d_k$) |
# | `value` | (..., keys, $d_v$) |
# | `mask` | broadcasts to (..., queries, keys); `True` or non-zero: may attend |
# | `dropout` | a function or module that takes weights and returns weights |
#
# `attention(query, key, value, mask=None, dropout=None)` returns `(output,
# weights)` of shapes (..., queries, $d_v$) and (..., queries, keys), in the
# dtype of the arguments. Any number of axes may stand in front, or none.
#
# - Hidden keys have a weight of 0. The others share 1, as if the hidden ones
#   were not there.
# - A query that may attend to **nothing** has weights of 0 and an output of 0,
#   and all gradients stay finite.
# - `dropout` is applied to the weights. The weights that you return are those
#   that the values were multiplied by.
# - It works in float16, which ends at 65504. The scaled scores fit into it; the
#   product $q \cdot k$ before scaling may not.
#
# *Example.* With one query `[[2., 0.]]`, keys `[[√2, 0.], [0., √2]]` and values
# `[[1.], [0.]]` the scores are 2 and 0, the weights .88 and .12, and the output
# is .88.


# %% solution="attention"
def attention(query, key, value, mask=None, dropout=None):
    """Return softmax(Q Kᵀ / √d_k) V and the weights that made it."""
    ### BEGIN SOLUTION
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        hidden = mask == 0
        scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(hidden, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights
    ### END SOLUTION


# %% test="attention-one-key" points=1
query, key, value = torch.randn(5, 3), torch.randn(1, 3), torch.randn(1, 2)
output, weights = attention(query, key, value)
assert weights.tolist() == [[1.0]] * 5, (
    "With one key, each query gives it all weight."
)
assert torch.equal(output, value.expand(5, 2)), "Each query gets the one value."

# %% test="attention-one-query" points=2
query = torch.tensor([[1.0, 0, 2, 0, 0]])
key = torch.stack([query[0] * math.log(3) / math.sqrt(5), torch.zeros(5)])
value = torch.tensor([[4.0, 0, 8], [0, 4, 8]])
output, weights = attention(query, key, value)  # scores log 3 and 0
assert torch.allclose(weights, torch.tensor([[0.75, 0.25]]), atol=1e-5), (
    "The weights should be .75 and .25, you return "
    f"{[round(w, 3) for w in weights.flatten().tolist()]}: by what do you "
    "divide?"
)
assert torch.allclose(output, torch.tensor([[3.0, 1.0, 8.0]]), atol=1e-4), (
    "The weights are right, the output is not: it is a weighted sum of values."
)

# %% test="attention-batch" points=2
generator = torch.Generator().manual_seed(1)
query = torch.randn(2, 3, 5, 11, generator=generator)
key = torch.randn(2, 3, 7, 11, generator=generator)
value = torch.randn(2, 3, 7, 13, generator=generator)
output, weights = attention(query, key, value)
assert weights.shape == (2, 3, 5, 7), (
    "Weights are (batch, heads, queries, keys)."
)
assert output.shape == (2, 3, 5, 13), (
    "The output is (batch, heads, queries, d_v)."
)
alone, _ = attention(query[1, 2, 3:4], key[1, 2], value[1, 2])
assert torch.allclose(output[1, 2, 3], alone[0], atol=1e-5), (
    "A query in a batch must get what it gets alone."
)
assert not torch.allclose(output[1, 2, 3], output[1, 2, 4], atol=1e-3), (
    "Two queries that differ get the same output."
)

# %% test="attention-mask" points=2
generator = torch.Generator().manual_seed(2)
query = torch.randn(3, 11, generator=generator)
key = torch.randn(5, 11, generator=generator)
value = torch.randn(5, 2, generator=generator)
mask = torch.tensor([[1, 0, 1, 1, 0]] * 3)
for kind in (mask, mask.bool()):
    output, weights = attention(query, key, value, kind)
    assert weights[:, [1, 4]].eq(0).all(), (
        "Hidden keys must have a weight of 0."
    )
    assert torch.allclose(weights.sum(-1), torch.ones(3)), (
        "The others must share 1."
    )
    alone, _ = attention(query, key[[0, 2, 3]], value[[0, 2, 3]])
    assert torch.allclose(output, alone, atol=1e-5), (
        "The others must attend as if the hidden keys were not there."
    )

# %% test="attention-nothing" points=2
generator = torch.Generator().manual_seed(3)
query = torch.randn(3, 5, generator=generator).requires_grad_()
key, value = torch.randn(2, 2, 5, generator=generator)
mask = torch.tensor([[True, True], [False, False], [True, False]])
output, weights = attention(query, key, value, mask)
assert weights[1].tolist() == [0, 0], (
    "Query 1 may attend to nothing: weights of 0."
)
assert output[1].eq(0).all(), "Query 1 may attend to nothing: an output of 0."
assert torch.allclose(weights[2], torch.tensor([1.0, 0.0])), (
    "Query 2 sees one key."
)
output.sum().backward()
assert query.grad.isfinite().all(), "All gradients must be finite."

# %% test="attention-dropout" points=2
generator = torch.Generator().manual_seed(4)
query, key = torch.randn(2, 3, 5, generator=generator)
value = torch.randn(3, 7, generator=generator)
_, whole = attention(query, key, value)
output, weights = attention(query, key, value, dropout=lambda w: w * 3)
assert torch.allclose(weights, whole * 3, atol=1e-5), (
    "Return the weights as dropout made them, and don't normalise them again."
)
assert weights.max() > whole.max(), (
    "Three times the weights are more than before."
)
assert torch.allclose(output, whole * 3 @ value, atol=1e-4), (
    "Dropout belongs on the weights, before they meet the values."
)

# %% test="attention-half" points=2
query = torch.full((3, 509), 16.0, dtype=torch.float16)
key = torch.stack([query[0], -query[0]])
value = torch.eye(2, dtype=torch.float16)
output, weights = attention(query, key, value)  # q · k is 130,304
assert output.dtype == weights.dtype == torch.float16, (
    "Give back the dtype you got."
)
assert weights.tolist() == [[1.0, 0.0]] * 3, (
    "float16 ends at 65504: where is a score greater than that?"
)
_, weights = attention(query, key, value, torch.tensor([False, True]))
assert weights.tolist() == [[0.0, 1.0]] * 3, (
    "Does the mask work in float16 too?"
)

# %% test="attention-torch-hidden" points=2
# Hidden: equal to torch's own function, for other shapes, masks and dtypes.
### BEGIN HIDDEN TESTS
for seed, lead in enumerate([(), (3,), (2, 3), (2, 1, 3)]):
    for dtype, tolerance in ((torch.float32, 1e-5), (torch.float64, 1e-5)):
        generator = torch.Generator().manual_seed(seed)
        query = torch.randn(*lead, 7, 17, generator=generator).to(dtype)
        key = torch.randn(*lead, 11, 17, generator=generator).to(dtype)
        value = torch.randn(*lead, 11, 5, generator=generator).to(dtype)
        some = torch.rand(7, 11, generator=generator) < 0.5
        some[:, 4] = True
        row = torch.arange(11) < 8
        for mask in (None, some, row):
            output, _ = attention(query, key, value, mask)
            full = None if mask is None else mask.expand(7, 11)
            expected = F.scaled_dot_product_attention(query, key, value, full)
            assert output.shape == expected.shape, (
                "The shape is (..., queries, d_v)."
            )
            assert torch.allclose(output, expected, atol=tolerance), (
                "Not the output of torch: try other shapes, and masks that "
                "broadcast."
            )
### END HIDDEN TESTS

# %% test="attention-causal-hidden" points=2
# Hidden: with a causal mask, a change of the future leaves the past as it was.
### BEGIN HIDDEN TESTS
generator = torch.Generator().manual_seed(6)
x = torch.randn(2, 3, 11, 5, generator=generator)
mask = torch.ones(11, 11, dtype=torch.bool).tril()
before, _ = attention(x, x, x, mask)
assert before.shape == x.shape, "The output has the shape of the values here."
changed = x.clone()
changed[..., 7:, :] = 40.0
after, _ = attention(changed, changed, changed, mask)
assert torch.allclose(after[..., :7, :], before[..., :7, :], atol=1e-5), (
    "A position sees what comes after it. Where does the mask act?"
)
assert not torch.allclose(after[..., 7:, :], before[..., 7:, :]), (
    "A position must see itself."
)
assert not torch.allclose(before[..., 1:, :], x[..., 1:, :]), (
    "A position must see what came before it."
)
### END HIDDEN TESTS

# %% test="attention-gradient-hidden" points=2
# Hidden: the gradients are torch's own, also where a query sees nothing.
### BEGIN HIDDEN TESTS
for length in (5, 0):
    mask = torch.arange(7) < torch.tensor([[[3]], [[length]]])  # (2, 1, 7)
    gradients = []
    for function in (attention, F.scaled_dot_product_attention):
        generator = torch.Generator().manual_seed(7)
        tensors = [
            torch.randn(2, n, d, generator=generator).requires_grad_()
            for n, d in ((3, 11), (7, 11), (7, 5))
        ]
        result = function(*tensors, mask.expand(2, 3, 7))
        output = result[0] if function is attention else result
        output.square().sum().backward()
        gradients.append([x.grad for x in tensors])
    for ours, true in zip(*gradients, strict=True):
        assert ours is not None, "Query, key and value must all get a gradient."
        assert torch.allclose(ours, true, atol=1e-4), (
            "The gradients are not right. Do you leave torch, or fill with "
            "infinity?"
        )
### END HIDDEN TESTS

# %% test="attention-leaves-arguments-hidden" points=1
# Hidden: query, key, value and mask are as they were.
### BEGIN HIDDEN TESTS
generator = torch.Generator().manual_seed(8)
query, key = torch.randn(2, 3, 5, generator=generator)
value = torch.randn(3, 7, generator=generator)
mask = torch.ones(3, 3).tril()
kept = [x.clone() for x in (query, key, value, mask)]
output, weights = attention(query, key, value, mask)
assert all(map(torch.equal, (query, key, value, mask), kept)), (
    "An argument has changed. Methods that end in `_`, and `/=`, work in place."
)
assert output.any() and torch.allclose(output, weights @ value, atol=1e-5), (
    "The output is the weighted sum of the values."
)
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A colleague leaves out the division by $\sqrt{d_k}$. The projections start so
# that the components of queries and keys have mean 0 and a variance of 1/4, not
# 1. With $d_k = 16$ the model learns as well as yours, and the colleague says:
# "The projections are learned, they find the right scale by themselves." With
# $d_k = 1024$, started the same way, it hardly learns. Explain both with one
# number each. How could the colleague start the projections at $d_k = 1024$,
# and still leave out the division? Three to five sentences.

# %% [markdown] written="why-divide" points=3
# What decides is the variance of the scores when training starts, σ⁴ d_k. With
# σ² = 1/4 and d_k = 16 it is 16/16 = 1, the same as with the division and
# components of variance 1: the small start does its work (1 point). With d_k =
# 1024 it is 1024/16 = 64. Then one key has nearly all the weight, the softmax's
# Jacobian is close to 0, and most examples send hardly any gradient back, so
# nothing is "found" (1 point). The start must shrink as d_k grows: the variance
# of the components should be 1/√1024 = 1/32, so each projection √8 ≈ 2.8 times
# smaller than now (1 point).
