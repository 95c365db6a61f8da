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
# # Multi-head attention
#
# **40 points**, about an hour. Chapter 7 built the layer step by step. Here you
# write its general form: heads of vectors with any axes in front, two sequences
# of different lengths, every kind of mask, and the cost in numbers.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - a mask is `True`, or not zero, where a query **may attend**;
# - `h` heads cut `d_model` features into `h` equal parts of `d_k = d_model /
#   h`; the first head has the first `d_k` features;
# - where `h` does not divide `d_model`, raise a `ValueError`;
# - no function changes its arguments in place;
# - torch is enough, but for `nn.MultiheadAttention` and its functional twin:
#   the tests compare you with them.

# %% given="imports"
import math

import torch
from torch import nn
from torch.nn import functional as F

# %% [markdown] given="split-text"
# ## 1. Split (6 points)
#
# From *View and transpose*. There `x` had one axis in front, the batch; here it
# has any number, or none.
#
# `split_heads(x, h)` takes vectors `(..., n, d_model)` with any number of axes
# in front, or none, and returns `(..., h, n, d_k)`: for each head its features
# of all $n$ words. It may return a view of `x`.
#
# *Example.* For `x = [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]` and `h
# = 2`, head 1 is `[[0, 1], [10, 11], [20, 21]]`, and head 2 `[[2, 3], [12, 13],
# [22, 23]]`.


# %% solution="split"
def split_heads(x, h):
    """Cut vectors (..., n, d_model) into heads (..., h, n, d_model / h)."""
    ### BEGIN SOLUTION
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return x.unflatten(-1, (h, -1)).transpose(-2, -3)
    ### END SOLUTION


# %% test="split-by-hand" points=1
x = torch.tensor([[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]])
found = split_heads(x, 2)
assert found.shape == (1, 2, 3, 2), "The shape is (batch, heads, words, d_k)."
first = [[0, 1], [10, 11], [20, 21]]
assert found[0, 0].tolist() == first, (
    "Head 1 has features 0 and 1 of every word."
)
assert found[0, 1, 2].tolist() == [22, 23], "Head 2 has the other two."

# %% test="split-batch" points=2
x = torch.randn(2, 7, 15, generator=torch.Generator().manual_seed(1))
found = split_heads(x, 3)
assert found.shape == (2, 3, 7, 5), "The shape is (batch, heads, words, d_k)."
for i in range(3):
    assert torch.equal(found[:, i], x[:, :, 5 * i : 5 * i + 5]), (
        f"Head {i} must have features {5 * i} to {5 * i + 4} of every word. "
        "A view alone mixes time and heads."
    )

alone = split_heads(x[0], 3)  # one sentence, without a batch
assert alone.shape == (3, 7, 5), (
    "Without an axis in front: (heads, words, d_k)."
)
assert torch.equal(alone, found[0]), "A sentence alone is cut as in a batch."

# %% test="split-refuses" points=1
for d_model, h in ((15, 4), (7, 2), (3, 5)):
    refused = False
    try:
        split_heads(torch.ones(2, 3, d_model), h)
    except ValueError:
        refused = True
    assert refused, "If h does not divide d_model, raise a ValueError."
x = torch.arange(14.0).reshape(1, 1, 14)
assert split_heads(x, 7)[0, 6, 0].tolist() == [12, 13], "7 does divide 14."

# %% test="split-hidden" points=2
# Hidden: no axis in front, or several; one head; as many heads as features.
### BEGIN HIDDEN TESTS
for lead in ((), (2,), (5, 2), (2, 1, 3)):
    for h in (1, 3, 7, 21):
        x = torch.randn(
            *lead, 11, 21, generator=torch.Generator().manual_seed(h)
        )
        expected = torch.stack(x.chunk(h, -1), -3)
        found = split_heads(x, h)
        assert found.shape == expected.shape, "The shape is (..., h, n, d_k)."
        assert torch.equal(found, expected), (
            "Count the axes from the end: there may be any number in front."
        )
### END HIDDEN TESTS


# %% [markdown] given="merge-text"
# ## 2. Merge (5 points)
#
# From the end of *View and transpose*, again for any number of axes.
#
# `merge_heads(x)` is the way back: from `(..., h, n, d_k)` to `(..., n, h *
# d_k)`, the features of the heads side by side, again with any axes in front,
# or none.
#
# *Example.* `[[[0, 1], [10, 11], [20, 21]], [[2, 3], [12, 13], [22, 23]]]`
# gives the `x` of the first example.


# %% solution="merge"
def merge_heads(x):
    """Put heads (..., h, n, d_k) side by side: (..., n, h * d_k)."""
    ### BEGIN SOLUTION
    return x.transpose(-2, -3).flatten(-2)
    ### END SOLUTION


# %% test="merge-by-hand" points=1
heads = torch.tensor(
    [[[[0, 1], [10, 11], [20, 21]], [[2, 3], [12, 13], [22, 23]]]]
)
found = merge_heads(heads)
assert found.shape == (1, 3, 4), "The shape is (batch, words, d_model)."
assert found[0, 1].tolist() == [10, 11, 12, 13], (
    "A word gets its own features back."
)

# %% test="merge-undoes-split" points=2
x = torch.randn(2, 7, 15, generator=torch.Generator().manual_seed(2))
heads = torch.stack(x.split(5, -1), 1)  # as they should come out of split_heads
found = merge_heads(heads)
assert found.shape == x.shape, "The shape is (batch, words, d_model)."
assert torch.equal(found, x), (
    "The heads of a word stand side by side, in their order."
)

alone = merge_heads(heads[0])  # one sentence, without a batch
assert alone.shape == (7, 15), "Without an axis in front: (words, d_model)."
assert torch.equal(alone, x[0]), "A sentence alone is merged as in a batch."

# %% test="merge-hidden" points=2
# Hidden: no axis in front, or several; one head; as many heads as features.
### BEGIN HIDDEN TESTS
for lead in ((), (2,), (5, 2), (2, 1, 3)):
    for h in (1, 3, 7, 21):
        x = torch.randn(
            *lead, 11, 21, generator=torch.Generator().manual_seed(h)
        )
        heads = torch.stack(x.chunk(h, -1), -3)
        kept = heads.clone()
        found = merge_heads(heads)
        assert torch.equal(heads, kept), "The argument has changed."
        assert found.shape == x.shape, "The shape is (..., n, h * d_k)."
        assert torch.equal(found, x), (
            "Count the axes from the end: there may be any number in front."
        )
### END HIDDEN TESTS


# %% [markdown] given="layer-text"
# ## 3. The layer (20 points)
#
# $$\mathrm{MultiHead}(Q, K, V) = \mathrm{Concat}(\mathrm{head}_1, \dots,
# \mathrm{head}_h)\, W^O, \qquad \mathrm{head}_i =
# \mathrm{softmax}\!\left(\frac{Q_i K_i^\top}{\sqrt{d_k}}\right) V_i$$
#
# From *The layer*. There `scaled_dot_product` did the masking; here you write
# all of it, and masks may be numbers and have sizes of 1.
#
# Here $Q_i$, $K_i$, $V_i$ are head $i$'s slices of the **projected** queries,
# keys and values. Write `MultiHeadedAttention(h, d_model, dropout=0.1)`. It has
# four layers with biases, and no other parameters, so that weights can be
# loaded by name:
#
# | name | shape | what it projects |
# |---|---|---|
# | `W_q.weight`, `W_q.bias` | (d_model, d_model), (d_model,) | queries |
# | `W_k.weight`, `W_k.bias` | the same | keys |
# | `W_v.weight`, `W_v.bias` | the same | values |
# | `W_o.weight`, `W_o.bias` | the same | the heads' outputs, side by side |
#
# A `nn.Linear` has exactly that: it computes `x @ weight.T + bias`.
#
# `layer(query, key, value, mask=None)` takes `(batch, n_q, d_model)` and twice
# `(batch, n_k, d_model)`, and returns `(batch, n_q, d_model)` in their dtype
# (float32, or float64 after `layer.double()`).
#
# - `mask` has the shape `(n_q, n_k)`, or `(batch, n_q, n_k)`, the same for all
#   heads, or `(batch, h, n_q, n_k)`. An axis may also be of size 1; then it is
#   meant for all. It holds booleans or numbers, any number but 0 for "may
#   attend".
# - Hidden keys have a weight of 0, and act on nothing, however low the scores
#   of the others are. A query that may attend to **nothing** in a head has
#   weights of 0 there. If that holds in all heads, its output is the bias of
#   `W_o`. All gradients stay finite.
# - In training, dropout with probability `dropout` is applied to the weights
#   and to nothing else, as `nn.Dropout` does it: each weight, on its own, is
#   set to 0 or divided by `1 - dropout`. After `layer.eval()` there is none.
# - After a call, `layer.attn` holds the weights of all heads, `(batch, h, n_q,
#   n_k)`: those that the values were multiplied by, so after dropout.
#
# You may use `split_heads` and `merge_heads`; you need not.


# %% given="layer-helpers"
def draw_weights(d_model, seed):
    """Draw weights and biases for the four projections."""
    g = torch.Generator().manual_seed(seed)
    parts = {}
    for x in "qkvo":
        weight = torch.randn(d_model, d_model, generator=g)
        parts[f"W_{x}.weight"] = 1.5 * weight / math.sqrt(d_model)
        parts[f"W_{x}.bias"] = torch.randn(d_model, generator=g)
    return parts


def torch_layer(parts, h):
    """Return torch's own layer with these weights (its True means hidden)."""
    layer = nn.MultiheadAttention(len(parts["W_o.bias"]), h, batch_first=True)
    state = {
        f"in_proj_{kind}": torch.cat([parts[f"W_{x}.{kind}"] for x in "qkv"])
        for kind in ("weight", "bias")
    }
    state |= {
        f"out_proj.{kind}": parts[f"W_o.{kind}"] for kind in ("weight", "bias")
    }
    layer.load_state_dict(state)
    return layer


def draw_inputs(n_q, n_k, d_model, seed):
    """Draw a query (2, n_q, d_model), a key and a value (2, n_k, d_model)."""
    g = torch.Generator().manual_seed(seed)
    return [torch.randn(2, n, d_model, generator=g) for n in (n_q, n_k, n_k)]


# %% solution="layer"
class MultiHeadedAttention(nn.Module):
    """Attend h times, each head in its own slice of the projections."""

    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        ### BEGIN SOLUTION
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None
        ### END SOLUTION

    def forward(self, query, key, value, mask=None):
        ### BEGIN SOLUTION
        q = split_heads(self.W_q(query), self.h)  # (batch, h, n_q, d_k)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))
        ### END SOLUTION


# %% test="layer-names" points=1
# The names and shapes of the table, and no others: torch says what is missing.
layer, parts = (
    MultiHeadedAttention(3, 15, dropout=0.0),
    draw_weights(15, seed=1),
)
layer.load_state_dict(parts)
output = layer(*[torch.zeros(1, 1, 15)] * 3)  # one key, of zeros
expected = parts["W_o.weight"] @ parts["W_v.bias"] + parts["W_o.bias"]
assert torch.allclose(output, expected, atol=1e-4), (
    "With a single key of zeros, only the biases of W_v and W_o are left, "
    "and W_o."
)

# %% test="layer-one-head" points=2
# One head is plain attention between projections.
layer, parts = MultiHeadedAttention(1, 5, dropout=0.0), draw_weights(5, seed=2)
layer.load_state_dict(parts)
inputs = draw_inputs(3, 7, 5, seed=2)
q, k, v = (
    F.linear(x, parts[f"W_{name}.weight"], parts[f"W_{name}.bias"])
    for name, x in zip("qkv", inputs, strict=True)
)
head = F.scaled_dot_product_attention(q, k, v)
expected = F.linear(head, parts["W_o.weight"], parts["W_o.bias"])
output = layer(*inputs)
assert output.shape == (2, 3, 5), "The output is (batch, n_q, d_model)."
assert torch.allclose(output, expected, atol=1e-4), (
    "With h = 1: project, attend, project. Which input goes through which "
    "layer?"
)

# %% test="layer-torch" points=3
# Three heads give what torch's layer gives, with more keys than queries.
layer, parts = (
    MultiHeadedAttention(3, 15, dropout=0.0),
    draw_weights(15, seed=3),
)
layer.load_state_dict(parts)
inputs = draw_inputs(7, 11, 15, seed=3)
expected, _ = torch_layer(parts, 3)(*inputs)
output = layer(*inputs)
assert output.shape == (2, 7, 15), "The output is (batch, n_q, d_model)."
assert torch.allclose(output, expected, atol=1e-4), (
    f"Off by {(output - expected).abs().max():.2g} with h = 3. If h = 1 was "
    "right, look at the cut first: each head needs a slice of every projected "
    "word, and the scale is that of a head."
)

# %% test="layer-attn" points=2
layer, parts = (
    MultiHeadedAttention(3, 15, dropout=0.0),
    draw_weights(15, seed=4),
)
layer.load_state_dict(parts)
inputs = draw_inputs(5, 7, 15, seed=4)
output, theirs = layer(*inputs), torch_layer(parts, 3)
expected, weights = theirs(*inputs, average_attn_weights=False)
assert layer.attn.shape == (2, 3, 5, 7), "`attn` is (batch, h, n_q, n_k)."
assert torch.allclose(layer.attn, weights, atol=1e-5), (
    "`attn` holds the weights of each head, as they came from the softmax."
)
assert torch.allclose(output, expected, atol=1e-4), "The output is not torch's."

# %% test="layer-mask" points=2
# The mask (batch, n_q, n_k) is the same for all heads; booleans or numbers.
layer, parts = (
    MultiHeadedAttention(3, 15, dropout=0.0),
    draw_weights(15, seed=5),
)
layer.load_state_dict(parts)
query, key, value = draw_inputs(5, 7, 15, seed=5)
mask = torch.ones(2, 5, 7, dtype=torch.bool)
mask[0, :, 4:] = False  # the first sentence has 4 keys
for kind in (mask, mask.int(), -0.25 * mask):
    output = layer(query, key, value, kind)
    assert output.shape == (2, 5, 15), "The output is (batch, n_q, d_model)."
    assert layer.attn[0, :, :, 4:].eq(0).all(), (
        "Hidden keys have a weight of 0."
    )
    alone = layer(query[:1], key[:1, :4], value[:1, :4])
    assert torch.allclose(output[:1], alone, atol=1e-4), (
        "The others must attend as if the hidden keys were not there."
    )
    whole = layer(query[1:], key[1:], value[1:])
    assert torch.allclose(output[1:], whole, atol=1e-4), (
        "The second sentence hides nothing. Whose mask does it get?"
    )
assert not torch.allclose(output[0, 0], output[0, 1], atol=1e-2), (
    "Two queries that differ get the same output."
)
assert not torch.allclose(layer(query, key, -value, mask), output, atol=1e-2), (
    "Other values give the same output."
)
# Now every visible key has a score of -224, and the hidden ones have 0.
for name, x in parts.items():
    parts[name] = torch.eye(15) if x.dim() == 2 else torch.zeros(15)
layer.load_state_dict(parts)
low = torch.full((2, 7, 15), -10.0)
low[0, 4:] = 0.0
layer(torch.full((2, 5, 15), 10.0), low, value, mask)
assert torch.allclose(layer.attn[0, :, :, :4], torch.full((3, 5, 4), 0.25)), (
    "Hidden keys must not act, however low the scores of the others are."
)

# %% test="layer-nothing" points=2
layer, parts = (
    MultiHeadedAttention(3, 15, dropout=0.0),
    draw_weights(15, seed=6),
)
layer.load_state_dict(parts)
query, key, value = draw_inputs(5, 7, 15, seed=6)
query.requires_grad_()
mask = torch.ones(5, 7, dtype=torch.bool)
mask[2] = False
output = layer(query, key, value, mask)
assert output.shape == (2, 5, 15), "The output is (batch, n_q, d_model)."
assert layer.attn[:, :, 2].eq(0).all(), (
    "Query 2 may attend to nothing: weights of 0."
)
assert torch.allclose(output[:, 2], parts["W_o.bias"], atol=1e-6), (
    "Query 2 may attend to nothing: all that is left is the bias of W_o."
)
whole = layer(query, key, value)
assert torch.allclose(output[:, 3], whole[:, 3], atol=1e-5), (
    "Query 3 sees all keys."
)
assert not torch.allclose(output[:, 3], output[:, 2], atol=1e-2), (
    "A query that sees all keys gets what a query gets that sees none."
)
assert not torch.allclose(output[:, 3], output[:, 4], atol=1e-2), (
    "Two queries that see all keys, and differ, get the same output."
)
output.square().sum().backward()
assert query.grad.isfinite().all(), "All gradients must be finite."
mask = torch.ones(2, 3, 5, 7, dtype=torch.bool)
mask[1, 0, 3] = False
layer(query, key, value, mask)
rows = torch.ones(2, 3, 5)
rows[1, 0, 3] = 0.0
assert torch.allclose(layer.attn.sum(-1), rows, atol=1e-5), (
    "Query 3 of the second sentence sees nothing in the first head; all others "
    "do see."
)

# %% test="layer-dropout" points=2
layer, parts = (
    MultiHeadedAttention(3, 15, dropout=0.4),
    draw_weights(15, seed=7),
)
layer.load_state_dict(parts)
query, key, value = draw_inputs(11, 13, 15, seed=7)
values = F.linear(value, parts["W_v.weight"], parts["W_v.bias"]).split(5, -1)
found = {}
for training in (True, False):
    layer.train(training)
    output, weights = layer(query, key, value), layer.attn
    share = weights.eq(0).float().mean().item()  # of 858 weights
    assert (0.32 < share < 0.48) == training, (
        "In training a weight is 0 with probability `dropout`; after eval() "
        f"none is. Here {share:.2f} are, with dropout=0.4 and "
        f"training={training}."
    )
    heads = [weights[:, i] @ values[i] for i in range(3)]
    expected = F.linear(
        torch.cat(heads, -1), parts["W_o.weight"], parts["W_o.bias"]
    )
    assert torch.allclose(output, expected, atol=1e-4), (
        "`attn` must be the weights that the values were multiplied by."
    )
    found[training] = weights
kept = found[True] != 0
assert torch.allclose(found[True][kept], found[False][kept] / 0.6, atol=1e-5), (
    "What is not dropped is divided by 1 - dropout, and by nothing else."
)
for axis in range(4):
    assert not torch.equal(kept.any(axis), kept.all(axis)), (
        "Each weight is dropped on its own, not with others."
    )
assert not torch.allclose(
    found[False][:, :, 0], found[False][:, :, 1], atol=1e-2
), "Two queries that differ have the same weights."

# %% test="layer-refuses" points=1
for h, d_model in ((2, 15), (4, 6)):
    refused = False
    try:
        MultiHeadedAttention(h, d_model)
    except ValueError:
        refused = True
    assert refused, "If h does not divide d_model, raise a ValueError."
layer, parts = MultiHeadedAttention(2, 6, dropout=0.0), draw_weights(6, seed=8)
layer.load_state_dict(parts)
output = layer(*[torch.zeros(1, 1, 6)] * 3)
expected = parts["W_o.weight"] @ parts["W_v.bias"] + parts["W_o.bias"]
assert torch.allclose(output, expected, atol=1e-4), "2 does divide 6."

# %% test="layer-masks-hidden" points=3
# Hidden: all the shapes of masks, other sizes, both dtypes, against torch.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(9)
for h, d_model, n_q, n_k in ((5, 35, 3, 13), (2, 14, 11, 7), (7, 7, 5, 5)):
    parts = draw_weights(d_model, seed=h)
    inputs = draw_inputs(n_q, n_k, d_model, seed=h)
    whole = (2, h, n_q, n_k)
    shapes = [(n_q, n_k), (2, n_q, n_k), (2, 1, n_k), (1, n_q, n_k), whole]
    for shape in [*shapes, (2, 1, 1, n_k), (1, n_k), (1, h, 1, n_k)]:
        mask = torch.rand(shape, generator=g) < 0.5
        mask[..., 2] = True
        kept = mask.clone()
        full = mask.unsqueeze(1) if mask.dim() == 3 else mask
        hidden = ~full.expand(whole).reshape(-1, n_q, n_k)
        for dtype, tolerance in ((torch.float32, 1e-4), (torch.float64, 1e-5)):
            layer = MultiHeadedAttention(h, d_model, dropout=0.0)
            layer.load_state_dict(parts)
            layer = layer.to(dtype)
            cast = [x.to(dtype) for x in inputs]
            theirs = torch_layer(parts, h).to(dtype)
            expected, weights = theirs(
                *cast, attn_mask=hidden, average_attn_weights=False
            )
            output = layer(*cast, mask)
            assert mask.shape == kept.shape and torch.equal(mask, kept), (
                "The mask has changed: work on a mask of your own."
            )
            assert output.dtype == dtype, "Give back the dtype you got."
            assert output.shape == expected.shape, (
                "It is (batch, n_q, d_model)."
            )
            assert torch.allclose(output, expected, atol=tolerance), (
                "Not torch's output: look at each shape that a mask may have."
            )
            assert layer.attn.shape == weights.shape, (
                "`attn` is (batch, h, n_q, n_k)."
            )
            assert torch.allclose(layer.attn, weights, atol=tolerance), (
                "Not torch's weights: look at each shape that a mask may have."
            )
### END HIDDEN TESTS

# %% test="layer-gradient-hidden" points=2
# Hidden: gradients are torch's own; the arguments are as they were.
### BEGIN HIDDEN TESTS
parts = draw_weights(21, seed=10)
mask = torch.ones(11, 11).tril()
gradients = []
for ours in (True, False):
    inputs = draw_inputs(11, 11, 21, seed=10)
    kept = [x.clone() for x in (*inputs, mask)]
    inputs = [x.requires_grad_() for x in inputs]
    if ours:
        layer = MultiHeadedAttention(3, 21, dropout=0.0)
        layer.load_state_dict(parts)
        layer.requires_grad_(False)  # the gradients of the inputs are asked for
        output = layer(*inputs, mask)
        assert all(map(torch.equal, (*inputs, mask), kept)), (
            "An argument has changed."
        )
    else:
        output, _ = torch_layer(parts, 3)(*inputs, attn_mask=mask == 0)
    output.square().sum().backward()
    gradients.append([x.grad for x in inputs])
for mine, true in zip(*gradients, strict=True):
    assert mine is not None, "Query, key and value must all get a gradient."
    assert torch.allclose(mine, true, rtol=1e-3, atol=1e-3), (
        "The gradients are not right. Do you leave torch, or hide the wrong "
        "keys?"
    )
### END HIDDEN TESTS


# %% [markdown] given="cost-text"
# ## 4. The cost (6 points)
#
# From *What heads cost*. There one sum was checked; here the parts come one by
# one, with the biases among the parameters.
#
# `head_cost(n, d_model, h)` says what your layer costs when one sequence of `n`
# words attends to itself, without a mask. It returns a tuple of four integers:
#
# 1. the number of parameters, biases included;
# 2. the multiply-adds of the four projections;
# 3. the multiply-adds of the scores and of the weighted sums of the values, in
#    all heads together;
# 4. the number of attention weights, in all heads together.
#
# A multiply-add is one multiplication and the addition that follows it: the
# product of an $(a, b)$ by a $(b, c)$ matrix takes $abc$ of them. Adding a
# bias, dividing, and the softmax are not counted.
#
# *Example.* `head_cost(3, 4, 2)` is `(80, 192, 72, 18)`.


# %% solution="cost"
def head_cost(n, d_model, h):
    """Return parameters, multiply-adds (projections, attention), weights."""
    ### BEGIN SOLUTION
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    parameters = 4 * (d_model * d_model + d_model)
    projections = 4 * n * d_model * d_model
    attention = h * 2 * n * n * d_k
    return parameters, projections, attention, h * n * n
    ### END SOLUTION


# %% test="cost-example" points=1
found = tuple(head_cost(3, 4, 2))
assert len(found) == 4, "Return four numbers."
assert all(isinstance(x, int) for x in found), (
    "Return integers: `//` divides them."
)
for place, expected in enumerate((80, 192, 72, 18)):
    assert found[place] == expected, (
        f"Number {place + 1} of the example is {expected}, you return "
        f"{found[place]}."
    )

# %% test="cost-refuses" points=1
refused = False
try:
    head_cost(3, 5, 2)
except ValueError:
    refused = True
assert refused, "If h does not divide d_model, raise a ValueError."
grown = [head_cost(n, 3, 3)[3] for n in (2, 5)]
assert grown[1] > grown[0] > 0, (
    "3 does divide 3; a longer sequence has more weights."
)

# %% test="cost-projections-hidden" points=2
# Hidden: parameters and projections (numbers 1 and 2) for other sizes.
### BEGIN HIDDEN TESTS
for n, d_model, h in ((7, 15, 3), (11, 15, 5), (1, 13, 13), (128, 512, 8)):
    found = tuple(head_cost(n, d_model, h))
    parameters = sum(
        w.numel() for w in nn.MultiheadAttention(d_model, h).parameters()
    )
    assert found[0] == parameters, "The parameters: count what your layer has."
    assert found[1] == 4 * n * d_model**2, (
        "The multiply-adds of the projections."
    )
### END HIDDEN TESTS

# %% test="cost-attention-hidden" points=2
# Hidden: attention and weights (numbers 3 and 4) for other sizes.
### BEGIN HIDDEN TESTS
for n, d_model, h in ((7, 15, 3), (11, 15, 5), (5, 13, 13), (128, 512, 8)):
    found = tuple(head_cost(n, d_model, h))
    head = 2 * n**2 * (d_model // h)
    assert found[2] == h * head, (
        "The multiply-adds of the attention, in all heads."
    )
    assert found[3] == h * n**2, "The weights, in all heads."
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 5. In your own words (3 points)
#
# A layer of width 512 with 8 heads reads 4,096 words. Someone proposes: "Take
# 64 heads of width 8 instead. That is eight times as many views, and the
# multiply-adds don't change." What stays as it was, and why? What grows, from
# which number to which? And what can a head of width 8 do less well than one of
# width 64? Three to five sentences.

# %% [markdown] written="eight-heads" points=3
# The multiply-adds and the parameters stay: the heads are slices of the same
# four full projections, and what h multiplies, the width d_k divides (1 point).
# The attention weights grow eight times, from 8 · 4096² ≈ 134 million to 64 ·
# 4096² ≈ 1,074 million; they must be held and pass through a softmax, and at
# this length that is felt (1 point). A head of width 8 compares two words by 8
# numbers only: its table of scores has rank 8 at most, so it can look at more
# places, but choose each less precisely (1 point).
