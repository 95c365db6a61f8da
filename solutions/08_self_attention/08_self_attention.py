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
# # Self-attention
#
# **50 points**, about an hour. Chapter 8 let one sentence attend to itself and
# told it the order in four ways. Here you write the forms that a transformer
# uses: for any batch, for any positions, for any number of heads.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - tensors are torch's; vectors are rows, so a matrix stands on their right: `x
#   @ W`;
# - positions, rows and columns count from 0;
# - pairs are **interleaved**: pair $i$ is columns $2i$ and $2i + 1$, and has
#   the frequency $\omega_i = 10000^{-2i/d}$;
# - no function changes its arguments in place.

# %% given="imports"
import math

import torch
from torch.nn import functional as F

# %% [markdown] given="self-attention-text"
# ## 1. Self-attention (10 points)
#
# This is the formula of the section "One formula". The chapter's cell has one
# sentence and no mask; here any axes stand in front, and keys can be hidden.
#
# $$\mathbf Q = \mathbf X \mathbf W^Q, \quad \mathbf K = \mathbf X \mathbf W^K,
# \quad \mathbf V = \mathbf X \mathbf W^V, \qquad \mathbf Y =
# \mathrm{softmax}(\mathbf Q \mathbf K^\top / \sqrt{d_k})\, \mathbf V$$
#
# | argument | shape |
# |---|---|
# | `x` | (..., n, $d_{model}$), with any number of axes in front, or none |
# | `W_q`, `W_k` | ($d_{model}$, $d_k$) |
# | `W_v` | ($d_{model}$, $d_v$) |
# | `mask` | broadcasts to (..., n, n); `True` or non-zero: may attend |
#
# `self_attention(x, W_q, W_k, W_v, mask=None)` returns `(output, weights)` of
# shapes (..., n, $d_v$) and (..., n, n), in the dtype of `x`, which the
# matrices have too. Row $i$ of the weights belongs to the query of token $i$.
# Hidden keys have a weight of 0, and the others share 1 as if the hidden ones
# were not there: hide them *before* the softmax. A token that may attend to
# **nothing** has weights of 0 and an output of 0. Scores may be in the
# thousands, those of hidden keys too, and $e^{1000}$ overflows.
#
# *Example.* With `x = [[1., 0.], [0., 1.]]`, `W_q = [[2.], [0.]]`, `W_k =
# [[1.], [0.]]` and the identity for `W_v`, the scores of token 0 are 2 and 0,
# those of token 1 are 0 and 0, and the weights are `[[.88, .12], [.5, .5]]`.


# %% solution="self-attention"
def self_attention(x, W_q, W_k, W_v, mask=None):
    """Return the output (..., n, d_v) and the weights (..., n, n)."""
    ### BEGIN SOLUTION
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights
    ### END SOLUTION


# %% test="self-attention-by-hand" points=2
# Widths of 4 and scores of 2 log 3, 0 and 0 for token 0, divided by √4.
x = torch.eye(3)
W_q, W_k = torch.zeros(3, 4), torch.zeros(3, 4)
W_q[0, 1], W_k[1, 1] = 2 * math.log(3), 1.0  # token 0 looks for token 1
W_v = torch.tensor([[5.0, 0.0], [0.0, 10.0], [5.0, 5.0]])
output, weights = self_attention(x, W_q, W_k, W_v)
assert torch.allclose(weights[0], torch.tensor([0.2, 0.6, 0.2]), atol=1e-5), (
    "The weights of token 0 are not right: who asks, who is asked, and what "
    "divides?"
)
assert torch.allclose(output[0], torch.tensor([2.0, 7.0]), atol=1e-4), (
    "The weights are right, the output is not: which vectors are averaged?"
)

# %% test="self-attention-batch" points=2
generator = torch.Generator().manual_seed(1)
x = torch.randn(2, 3, 5, 7, generator=generator)
W_q, W_k = torch.randn(2, 7, 11, generator=generator) / 3
W_v = torch.randn(7, 13, generator=generator)
output, weights = self_attention(x, W_q, W_k, W_v)
assert weights.shape == (2, 3, 5, 5), "The weights are (..., n, n)."
assert output.shape == (2, 3, 5, 13), "The output is (..., n, d_v)."
assert torch.allclose(weights.sum(-1), torch.ones(2, 3, 5), atol=1e-5), (
    "The weights of each query sum to 1 over the keys."
)
alone, _ = self_attention(x[1, 2], W_q, W_k, W_v)
assert torch.allclose(output[1, 2], alone, atol=1e-4), (
    "A sequence in a batch must get what it gets alone."
)
assert not torch.allclose(output[1, 2, 0], output[1, 2, 1], atol=1e-2), (
    "Two tokens that differ get the same output."
)

# %% test="self-attention-mask" points=2
generator = torch.Generator().manual_seed(2)
x = torch.randn(5, 7, generator=generator)
W_q, W_k, W_v = torch.randn(3, 7, 7, generator=generator) / 3
mask = torch.tensor([1, 0, 1, 1, 0])
for kind in (mask, mask.bool()):
    output, weights = self_attention(x, W_q, W_k, W_v, kind)
    assert weights[:, [1, 4]].eq(0).all(), (
        "Hidden keys must have a weight of 0."
    )
    assert torch.allclose(weights.sum(-1), torch.ones(5), atol=1e-5), (
        "The keys that are left share 1."
    )
    few, _ = self_attention(x[[0, 2, 3]], W_q, W_k, W_v)
    assert torch.allclose(output[[0, 2, 3]], few, atol=1e-4), (
        "The others must attend as if the hidden keys were not there."
    )
x = torch.tensor([[1.0, 0.0], [0.0, 300.0]])  # the second key's score: 90,000
_, weights = self_attention(x, *3 * [torch.eye(2)], torch.tensor([1, 0]))
assert torch.equal(weights, torch.tensor([[1.0, 0.0], [1.0, 0.0]])), (
    "A hidden key with a large score: do you mask before the softmax? The "
    "weights "
    f"must be [1, 0] in both rows. Yours: {weights.tolist()}."
)

# %% test="self-attention-shuffled" points=1
generator = torch.Generator().manual_seed(3)
x = torch.randn(7, 5, generator=generator)
W_q, W_k, W_v = torch.randn(3, 5, 5, generator=generator)
order = torch.tensor([4, 2, 6, 0, 5, 1, 3])
output, _ = self_attention(x, W_q, W_k, W_v)
shuffled, weights = self_attention(x[order], W_q, W_k, W_v)
assert torch.allclose(shuffled, output[order], atol=1e-4), (
    "Shuffled tokens must give the same outputs, shuffled alike."
)
assert torch.allclose(shuffled, weights @ (x[order] @ W_v), atol=1e-4), (
    "The output is the weighted mean of the values, x W_v."
)
assert shuffled.std() > 0.1, "All outputs are alike."

# %% test="self-attention-nothing" points=1
generator = torch.Generator().manual_seed(4)
x = torch.randn(3, 5, generator=generator)
W_q, W_k, W_v = torch.randn(3, 5, 5, generator=generator)
mask = torch.tensor([[True, False, False], [False] * 3, [True, True, True]])
output, weights = self_attention(x, W_q, W_k, W_v, mask)
assert weights[1].eq(0).all(), "Token 1 may attend to nothing: weights of 0."
assert output[1].eq(0).all(), "Token 1 may attend to nothing: an output of 0."
assert torch.allclose(output[0], x[0] @ W_v, atol=1e-4), (
    "Token 0 sees itself alone."
)

# %% test="self-attention-hidden" points=2
# Hidden: equal to torch's own function, with other axes, masks (one for each
# sequence too) and dtypes; large scores; the arguments stay as they are.
### BEGIN HIDDEN TESTS
for seed, lead in enumerate([(), (3,), (2, 3)]):
    for dtype in (torch.float32, torch.float64):
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(*lead, 7, 11, generator=generator).to(dtype)
        W_q = torch.randn(11, 5, generator=generator).to(dtype) / 3
        W_k = torch.randn(11, 5, generator=generator).to(dtype) / 3
        W_v = torch.randn(11, 3, generator=generator).to(dtype)
        past = torch.ones(7, 7, dtype=torch.bool).tril()
        some = torch.arange(7) < 5
        own = torch.randint(3, (*lead, 1, 7), generator=generator)  # 0, 1 or 2
        own[..., 0] = 2
        identity = torch.eye(7, dtype=dtype).expand(*lead, 7, 7)
        kept = [t.clone() for t in (x, W_q, W_k, W_v, own)]
        for mask in (None, past, some, past & some, own):
            output, weights = self_attention(x, W_q, W_k, W_v, mask)
            full = None if mask is None else mask.ne(0).expand(*lead, 7, 7)
            query, key, value = x @ W_q, x @ W_k, x @ W_v
            expected = F.scaled_dot_product_attention(query, key, value, full)
            shares = F.scaled_dot_product_attention(query, key, identity, full)
            assert output.shape == expected.shape, "The shape is (..., n, d_v)."
            assert weights.shape == shares.shape, "The weights are (..., n, n)."
            assert torch.allclose(output, expected, atol=1e-4), (
                "Not the output of torch: try other shapes, and masks that "
                "broadcast."
            )
            assert torch.allclose(weights, shares, atol=1e-4), (
                "The output is right, the weights that you return are not."
            )
        assert all(map(torch.equal, kept, (x, W_q, W_k, W_v, own))), (
            "An argument changed."
        )
one = torch.eye(3)
output, _ = self_attention(50 * one, one, one, one)  # scores up to 2500 / √3
assert torch.allclose(output, 50 * one, atol=1e-3), (
    "Scores that are large overflow."
)
output, _ = self_attention(50 * one, one, one, one, ~one.bool())
assert torch.allclose(output, 25 * (1 - one), atol=1e-3), (
    "A hidden key with a large score changes what the others get."
)
### END HIDDEN TESTS


# %% [markdown] given="sinusoidal-text"
# ## 2. Sines and cosines (7 points)
#
# The section "Sines and cosines" builds one row; this is the whole table, and
# it refuses what has no pairs.
#
# `sinusoidal_positions(n, d)` returns a tensor of shape (n, d) and dtype
# float32. Row $p$ encodes position $p = 0 \dots n - 1$:
#
# $$\mathrm{PE}(p, 2i) = \sin(\omega_i\, p), \qquad
# \mathrm{PE}(p, 2i + 1) = \cos(\omega_i\, p), \qquad \omega_i = 10000^{-2i/d}$$
#
# with $i = 0 \dots d/2 - 1$: the two columns of a pair share **one** frequency.
# If `d` is odd, raise a `ValueError`.
#
# *Example.* For `n=2, d=4` the rows are `[0, 1, 0, 1]` and `[sin 1, cos 1, sin
# .01, cos .01]`, that is `[.84, .54, .01, 1.]`.


# %% solution="sinusoidal"
def sinusoidal_positions(n, d):
    """Return the sinusoidal position encoding, (n, d), in interleaved pairs."""
    ### BEGIN SOLUTION
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    ### END SOLUTION


# %% test="sinusoidal-values" points=2
found = sinusoidal_positions(3, 4)
assert found.shape == (3, 4), "One row a position, d columns."
assert found.dtype == torch.float32, "The dtype is float32."
assert torch.allclose(found[0], torch.tensor([0.0, 1.0, 0.0, 1.0])), (
    "At position 0 each sine is 0 and each cosine 1. In which columns do they "
    "stand?"
)
angles = torch.tensor([2.0, 0.02])  # position 2, pairs 0 and 1
expected = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten()
assert torch.allclose(found[2], expected, atol=1e-5), (
    "Look at the frequencies: with d = 4, pair 1 turns a hundred times slower."
)

# %% test="sinusoidal-one-frequency" points=2
found = sinusoidal_positions(11, 14)
assert found.shape == (11, 14), "One row a position, d columns."
pairs = found.reshape(11, 7, 2).float()
assert torch.allclose(pairs.square().sum(-1), torch.ones(11, 7), atol=1e-4), (
    "sin² + cos² of one pair is 1 everywhere, if both have one frequency."
)
assert abs(pairs[10, 6, 0] - math.sin(10 * 10000 ** (-12 / 14))) < 1e-4, (
    "Which frequency has the last pair?"
)

# %% test="sinusoidal-odd" points=1
for d in (3, 7):
    try:
        sinusoidal_positions(5, d)
        refused = False
    except ValueError:
        refused = True
    assert refused, (
        "A width that is odd leaves a sine without its cosine: ValueError."
    )
assert abs(sinusoidal_positions(2, 2)[1, 0] - math.sin(1)) < 1e-5, (
    "Even ones work."
)

# %% test="sinusoidal-hidden" points=2
# Hidden: other lengths and widths, compared with the formula, and a single
# position.
### BEGIN HIDDEN TESTS
for n, d in ((1, 6), (13, 2), (101, 22), (5, 34)):
    found = sinusoidal_positions(n, d)
    assert found.shape == (n, d), "One row a position, d columns."
    for p in {0, n // 2, n - 1}:
        for j in range(d):
            angle = p / 10000 ** (2 * (j // 2) / d)
            true = math.cos(angle) if j % 2 else math.sin(angle)
            assert abs(found[p, j] - true) < 1e-3, (
                "Not the formula, for other sizes."
            )
### END HIDDEN TESTS


# %% [markdown] given="rotation-text"
# ## 3. From one position to another (7 points)
#
# The section "Sines and cosines" shows one pair; here all pairs stand in one
# matrix, and $k$ may lead back.
#
# Whatever the position, one matrix leads $k$ steps on. `rotation_to(k, d)`
# returns it, in float32, of shape (d, d), for the encoding of exercise 2. It
# stands on the **right**:
#
# `P[p] @ rotation_to(k, d)` equals `P[p + k]` for every `p`,
#
# where `P` is the encoding. `k` may be negative or 0. Each pair has a block of
# 2 × 2 on the diagonal, and everything else is 0. Build it from angles; no
# system of equations has to be solved.
#
# *Example.* For `k=1, d=2` it is `[[cos 1, -sin 1], [sin 1, cos 1]]`, that is
# `[[.54, -.84], [.84, .54]]`.


# %% solution="rotation"
def rotation_to(k, d):
    """Return R (d, d) for which P[p] @ R is P[p + k], P being the sinusoids."""
    ### BEGIN SOLUTION
    angles = k * 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = -angles.sin(), angles.sin()
    return R
    ### END SOLUTION


# %% test="rotation-one-pair" points=1
found = rotation_to(1, 2)
assert found.shape == (2, 2), "The shape is (d, d)."
c, s = math.cos(1), math.sin(1)
assert torch.allclose(found, torch.tensor([[c, -s], [s, c]]), atol=1e-5), (
    "[sin p, cos p] @ R must be [sin(p + 1), cos(p + 1)]. Write out both sums."
)

# %% test="rotation-moves" points=2
angles = torch.arange(31.0)[:, None] * 10000 ** (-torch.arange(0, 10, 2) / 10)
P = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # the encoding
for k in (1, 7):
    R = rotation_to(k, 10)
    assert R.shape == (10, 10), "The shape is (d, d)."
    assert torch.allclose(P[:-k] @ R, P[k:], atol=1e-4), (
        "P[p] @ R is not P[p + k]. One pair was right: has each pair its own "
        "angle, "
        "in the block of its own two columns?"
    )

# %% test="rotation-back" points=2
forth, back = rotation_to(5, 6), rotation_to(-5, 6)
assert torch.allclose(forth @ back, torch.eye(6), atol=1e-5), (
    "5 steps on and 5 steps back is no step at all."
)
assert torch.allclose(back, forth.T, atol=1e-5), (
    "Back is the transpose of forth."
)
assert abs(forth[1, 0] - math.sin(5)) < 1e-5, "Look at the first block."
assert torch.allclose(rotation_to(0, 6), torch.eye(6)), (
    "No step changes nothing."
)

# %% test="rotation-hidden" points=2
# Hidden: other widths and steps, to both sides, and that blocks don't mix.
### BEGIN HIDDEN TESTS
for d, steps in ((2, 3), (14, 11), (22, -4), (6, -17)):
    angles = torch.arange(41.0)[:, None] * 10000 ** (-torch.arange(0, d, 2) / d)
    P = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    R = rotation_to(steps, d)
    assert R.shape == (d, d), "The shape is (d, d)."
    assert torch.allclose(P[20] @ R, P[20 + steps], atol=1e-4), (
        "P[p] @ R is not P[p + k], for another width or another k."
    )
    other = torch.arange(d)[:, None] // 2 != torch.arange(d) // 2
    assert R[other].eq(0).all(), "A pair must not mix with another one."
### END HIDDEN TESTS


# %% [markdown] given="rope-text"
# ## 4. RoPE (10 points)
#
# The section "Learned, rotated, biased" turns one query and one key. Here
# positions come as a row for all or as a row for each sequence, with heads
# between, and the dtype is kept.
#
# `apply_rope(x, positions)` turns each pair of a query or a key by its
# position. With $(a, b)$ in columns $2i$ and $2i + 1$ of a vector at position
# $p$, and $\theta = \omega_i\, p$, what comes out in the same two columns is
#
# $$(a \cos\theta - b \sin\theta, \quad a \sin\theta + b \cos\theta)$$
#
# | `x` | `positions` |
# |---|---|
# | (..., n, d) | (n,): one row of positions for all |
# | (batch, heads, n, d) | (batch, n): each sequence has its own, for all its heads |
#
# Positions are whole numbers, in any order; they need not start at 0. The
# answer has the shape and the **dtype** of `x`. Compute the angles in float32
# or finer, whatever the dtype of `x`: float16 has too few digits for a position
# of 3001. `d` is even.
#
# *Example.* `x = [[1., 0., 0., 1.]]` at position 2, with `d=4`, becomes `[[cos
# 2, sin 2, -sin .02, cos .02]]`, that is `[[-.42, .91, -.02, 1.]]`.


# %% solution="rope"
def apply_rope(x, positions):
    """Return x with each interleaved pair turned by its position's angle."""
    ### BEGIN SOLUTION
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)
    ### END SOLUTION


# %% test="rope-by-hand" points=2
x = torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 3.0, 2.0, 0.0]])
found = apply_rope(x, torch.tensor([2, 5]))
assert found.shape == (2, 4), "The shape is that of x."
expected = [
    [math.cos(2), math.sin(2), -math.sin(0.02), math.cos(0.02)],
    [-3 * math.sin(5), 3 * math.cos(5), 2 * math.cos(0.05), 2 * math.sin(0.05)],
]
turned = [[round(x, 2) for x in row] for row in found[:, :2].tolist()]
assert torch.allclose(found[:, :2], torch.tensor(expected)[:, :2], atol=1e-4), (
    "The first pair, (1, 0) at position 2 and (0, 3) at 5, becomes (cos 2, "
    "sin 2) and "
    "(-3 sin 5, 3 cos 5): which way do you turn, and by which position? Yours: "
    f"{turned}."
)
assert torch.allclose(found, torch.tensor(expected), atol=1e-4), (
    "The first pair is right, the second is not. Is it columns 2 and 3? With "
    "d = 4 it "
    "turns a hundred times slower."
)

# %% test="rope-distance" points=2
generator = torch.Generator().manual_seed(1)
q, k = torch.randn(2, 1, 6, generator=generator)


def score(p, r):
    """Score a query at position p and a key at position r."""
    at_p, at_r = torch.tensor([p]), torch.tensor([r])
    return (apply_rope(q, at_p) * apply_rope(k, at_r)).sum().item()


assert abs(score(3, 7) - score(13, 17)) < 1e-4, (
    "A score depends on the distance alone."
)
assert abs(score(3, 7) - score(3, 8)) > 1e-3, (
    "Another distance is another score."
)
assert abs(score(5, 5) - (q * k).sum().item()) < 1e-4, (
    "At distance 0 the score is that of the vectors as they were."
)

# %% test="rope-batch" points=2
generator = torch.Generator().manual_seed(2)
x = torch.randn(3, 3, 5, 14, generator=generator)
row = torch.tensor([4, 0, 1, 9, 2])
found = apply_rope(x, row)
assert found.shape == x.shape, "The shape is that of x."
assert torch.allclose(found[1, 2], apply_rope(x[1, 2], row), atol=1e-5), (
    "With one row of positions, each head is turned as it is alone."
)
positions = torch.stack([row, row + 6, row + 1])
found = apply_rope(x, positions)
assert found.shape == x.shape, "The shape is that of x."
for i in range(3):
    for head in range(3):
        alone = apply_rope(x[i, head], positions[i])
        assert torch.allclose(found[i, head], alone, atol=1e-5), (
            "positions is (batch, n), x is (batch, heads, n, d): which axes "
            "meet? As "
            "many heads as sequences here, and each sequence has its own "
            "positions."
        )
assert not torch.allclose(found[1], x[1], atol=0.1), "Nothing has turned."
assert torch.allclose(found.norm(dim=-1), x.norm(dim=-1), atol=1e-4), (
    "A rotation keeps the length of each vector."
)

# %% test="rope-dtype" points=1
x = torch.tensor([[1.0, 0.0, 1.0, 0.0]])
for dtype, tolerance in ((torch.float16, 1e-3), (torch.float64, 1e-4)):
    found = apply_rope(x.to(dtype), torch.tensor([3001]))
    assert found.dtype == dtype, "Give back the dtype that you got."
    near = apply_rope(x.to(dtype), torch.tensor([1]))[0, 0]
    assert abs(near - math.cos(1)) < tolerance, "Position 1 is wrong already."
    expected = [
        math.cos(3001),
        math.sin(3001),
        math.cos(30.01),
        math.sin(30.01),
    ]
    assert torch.allclose(
        found[0, ::2].double(),
        torch.tensor(expected[::2]).double(),
        atol=tolerance,
    ), (
        "Near positions are right, far ones are off: in which dtype are the "
        "angles?"
    )
    assert torch.allclose(
        found.double(), torch.tensor([expected]).double(), atol=tolerance
    ), "The cosines are right, the sines are not: which way do you turn?"

# %% test="rope-hidden" points=3
# Hidden: other shapes and positions, compared with a product of complex
# numbers; heads as many as sequences; the argument stays as it is.
### BEGIN HIDDEN TESTS
for lead, n, d, own in (
    ((), 7, 10, 0),
    ((3,), 5, 2, 0),
    ((3, 3), 5, 22, 1),
    ((2, 1), 1, 6, 1),
):
    generator = torch.Generator().manual_seed(d)
    x = torch.randn(*lead, n, d, generator=generator)
    shape = (lead[0], n) if own else (n,)
    positions = torch.randint(200, shape, generator=generator)
    kept, at = x.clone(), positions.clone()
    found = apply_rope(x, positions)
    assert torch.equal(x, kept) and torch.equal(positions, at), (
        "An argument changed."
    )
    angles = positions[..., None] * 10000 ** (-torch.arange(0, d, 2) / d)
    turns = torch.polar(torch.ones_like(angles), angles)
    turns = turns[:, None] if own else turns
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], d // 2, 2))
    expected = torch.view_as_real(pairs * turns).flatten(-2)
    assert found.shape == x.shape, "The shape is that of x."
    assert torch.allclose(found, expected, atol=1e-3), (
        "Not a turn of each pair by its position, for other shapes or "
        "positions."
    )
### END HIDDEN TESTS


# %% [markdown] given="alibi-text"
# ## 5. ALiBi (6 points)
#
# The section "Learned, rotated, biased" has one head and hides the future; here
# are all heads, for any number of them, and both directions.
#
# `alibi_bias(h, n)` returns what is added to the scores of `h` heads, in
# float32, of shape (h, n, n). Head $j = 1 \dots h$ (row $j - 1$ of the answer)
# has the slope $m_j = 2^{-8j/h}$, for **any** `h`, and at query $p$ and key $r$
# stands
#
# $$-m_j\, |p - r|$$
#
# also for keys that come after the query: whoever wants to hide the future adds
# a mask.
#
# *Example.* For `h=2` the slopes are 1/16 and 1/256, and `alibi_bias(2, 3)[0]`
# is `[[0, -1/16, -2/16], [-1/16, 0, -1/16], [-2/16, -1/16, 0]]`.


# %% solution="alibi"
def alibi_bias(h, n):
    """Return the biases (h, n, n): minus slope times distance."""
    ### BEGIN SOLUTION
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).abs()
    ### END SOLUTION


# %% test="alibi-values" points=2
found = alibi_bias(2, 3)
assert found.shape == (2, 3, 3), "The shape is (h, n, n)."
steps = torch.tensor([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]])
assert torch.allclose(found[0], -steps / 16, atol=1e-6), (
    "Head 1 of 2 takes 1/16 a step, whichever of query and key comes first."
)
assert torch.allclose(found[1], -steps / 256, atol=1e-6), (
    "Head 2 of 2 takes 1/256."
)

# %% test="alibi-slopes" points=2
found = alibi_bias(8, 5)
assert found.shape == (8, 5, 5), "The shape is (h, n, n)."
for j in range(8):
    assert abs(found[j, 4, 1] + 3 * 2.0 ** -(j + 1)) < 1e-6, (
        "With 8 heads the slopes are 1/2, 1/4 … 1/256; three steps cost that "
        "thrice."
    )

# %% test="alibi-hidden" points=2
# Hidden: heads that are no power of 2, one head, one position, both directions.
### BEGIN HIDDEN TESTS
for h, n in ((1, 7), (3, 5), (12, 2), (5, 11)):
    found = alibi_bias(h, n)
    assert found.shape == (h, n, n), "The shape is (h, n, n)."
    for j in range(h):
        for p in range(n):
            for r in range(n):
                true = -(2 ** (-8 * (j + 1) / h)) * abs(p - r)
                assert abs(found[j, p, r] - true) < 1e-5, (
                    "Not -m |p - r| for another number of heads."
                )
one = alibi_bias(3, 1)
assert one.shape == (3, 1, 1) and one.eq(0).all(), (
    "One position has no distance."
)
### END HIDDEN TESTS


# %% [markdown] given="path-text"
# ## 6. Path lengths (7 points)
#
# The formulas of the section "How far a layer reaches" begin at $n = 2$ and are
# rounded by a logarithm. Here every `n` from 1 on must be exact.
#
# `path_length(kind, n, kernel=3)` returns, as an `int`, how many steps lead
# from the first of `n` tokens to the last output. A step is a cell of a
# recurrent network, or else a layer:
#
# - `"recurrent"`: one layer, whose cell is applied once a token. The first
#   token passes `n` cells, its own included.
# - `"attention"`: one layer of self-attention.
# - `"convolution"`: layers, each of which looks at its own position and at the
#   `kernel - 1` before it.
# - `"dilated"`: layers with gaps. Layer $l = 0, 1, 2 \dots$ looks at its own
#   position and at $g, 2g \dots (\mathrm{kernel} - 1)\, g$ before it, where $g
#   = \mathrm{kernel}^l$.
#
# Count the fewest layers with which the last output depends on the first token,
# and at least 1, also for `n=1`. `kernel` is 2 or more. The numbers must be
# exact: beware of logarithms in floating point. For any other `kind` raise a
# `ValueError`.
#
# *Example.* With `kernel=3`, two contiguous layers reach 4 positions back and
# two dilated ones 2 + 6 = 8. So for `n=9` it is 4 for `"convolution"` and 2 for
# `"dilated"`.


# %% solution="path"
def path_length(kind, n, kernel=3):
    """Return how many steps lead from the first token to the last output."""
    ### BEGIN SOLUTION
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers
    ### END SOLUTION


# %% test="path-one-layer" points=1
for n in (2, 7, 31):
    assert path_length("recurrent", n) == n, "Each token passes a cell."
    assert path_length("attention", n) == 1, "Attention goes there at once."
for kind in ("recurrent", "attention", "convolution", "dilated"):
    assert path_length(kind, 1) == 1, (
        f"{kind}: a single token passes one step too."
    )

# %% test="path-convolution" points=1
for n, kernel, expected in (
    (3, 3, 1),
    (4, 3, 2),
    (9, 3, 4),
    (13, 5, 3),
    (14, 5, 4),
):
    found = path_length("convolution", n, kernel)
    assert isinstance(found, int), "Return an int."
    assert found == expected, "How far back does one more layer look?"
assert path_length("convolution", 9) == 4, (
    "The kernel is 3 where none is given."
)

# %% test="path-dilated" points=2
for n, kernel, expected in (
    (3, 3, 1),
    (4, 3, 2),
    (9, 3, 2),
    (10, 3, 3),
    (17, 2, 5),
):
    found = path_length("dilated", n, kernel)
    assert isinstance(found, int), "Return an int."
    assert found == expected, "How far back do the layers look together?"
found = path_length("dilated", 125, 5)
assert found == 3, (
    f"125 is 5 · 5 · 5: three layers reach it exactly. Yours: {found}."
)

# %% test="path-unknown" points=1
for kind in ("pooling", "", "Recurrent"):
    try:
        path_length(kind, 5)
        refused = False
    except ValueError:
        refused = True
    assert refused, "A kind that is not in the table is a ValueError."
assert path_length("recurrent", 5) == 5, "Those in the table are not refused."

# %% test="path-hidden" points=2
# Hidden: exact powers, where logarithms round; a single token; long sequences.
### BEGIN HIDDEN TESTS
for kernel in (2, 3, 5, 7):
    for layers in range(1, 9):
        n = kernel**layers
        found = [path_length("dilated", m, kernel) for m in (n, n + 1)]
        assert found == [layers, layers + 1], (
            "Look at a power of the kernel, and at one position more."
        )
        reach = 1 + layers * (kernel - 1)
        found = [
            path_length("convolution", m, kernel) for m in (reach, reach + 1)
        ]
        assert found == [layers, layers + 1], (
            "Look at the last length that some layers reach, and at one more."
        )
for kernel, layers in ((2, 43), (3, 29)):
    found = [
        path_length("dilated", kernel**layers + more, kernel) for more in (0, 1)
    ]
    assert found == [layers, layers + 1], "Not exact for a long sequence."
assert path_length("dilated", 2, 7) == 1, "Two tokens pass one layer."
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 7. In your own words (3 points)
#
# A colleague has trained a model with sinusoidal positions on pieces of 32
# tokens, and says: "Sinusoids are defined for any position, and $k$ steps on is
# always the same rotation. So it will work on 128 tokens." What is right about
# this, and what is not? With RoPE in place of sinusoids: by which measurement,
# without training again, do you find out whether it is far *places* or far
# *distances* that hurt? Three to five sentences.

# %% [markdown] written="extrapolate" points=3
# The facts are right: any position has an encoding, and one linear map leads k
# steps on (1 point). But the layers were trained only on what they met, places
# and distances up to 31. What they do with others was never asked for, and in
# chapter 8 the loss rises right behind the trained length (1 point). With RoPE
# hide all keys that are 32 or more positions away and measure the loss at far
# places again: if it comes down to what it was within the trained length,
# distances were to blame, as in chapter 8; shifting all positions by a constant
# shows the same from the other side, for it changes nothing (1 point).
