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
# # Bahdanau's attention
#
# **37 points**, about an hour. Chapter 4 let one decoder state look at one
# sentence. Here you write the general form: many queries at once, batches with
# padding, values that are not the keys, and the cell that a decoder is made of.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - shapes are (batch, queries, keys); a query is a target step, a key a source
#   token;
# - a mask is `True` where a query **may attend**;
# - no function changes its arguments in place.

# %% given="imports"
import torch
from torch import nn

# %% [markdown] given="scores-text"
# ## 1. Additive scores (6 points)
#
# From the section "Who fits the decoder's state?". New here: many queries at
# once, any axes in front, and weights `(in, out)`.
#
# `additive_scores(query, keys, W_q, W_k, v)` scores every key for every query
# with the alignment model, a network with one hidden layer:
#
# $$e_{t,i} = \mathbf v \cdot
# \tanh(\mathbf q_t \mathbf W_q + \mathbf k_i \mathbf W_k)$$
#
# | argument | shape |
# |:--|:--|
# | `query` | `(..., m, query_size)` |
# | `keys` | `(..., n, key_size)` |
# | `W_q`, `W_k` | `(query_size, hidden_size)`, `(key_size, hidden_size)` |
# | `v` | `(hidden_size,)` |
# | result | `(..., m, n)`: row `t` holds the scores of query `t` |
#
# The dots stand for the same axes in both: none, a batch, or more. Loop over
# none. The scores have the dtype of the arguments, float32 or float64.
#
# *Example.* With `W_q` and `W_k` the identity and `v = [1, 1]`, the query `[1,
# 0]` gives the key `[0, 1]` the score tanh(1) + tanh(1) = 1.5232, and the key
# `[1, 1]` the score tanh(2) + tanh(1) = 1.7256.


# %% solution="scores"
def additive_scores(query, keys, W_q, W_k, v):
    """Return the additive score of every key for every query, (..., m, n)."""
    ### BEGIN SOLUTION
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return torch.tanh(hidden) @ v
    ### END SOLUTION


# %% test="scores-by-hand" points=1
query = torch.tensor([[1.0, 0.0]])
keys = torch.tensor([[0.0, 1.0], [1.0, 1.0]])
found = additive_scores(query, keys, torch.eye(2), torch.eye(2), torch.ones(2))
assert torch.allclose(found, torch.tensor([[1.5232, 1.7256]]), atol=1e-3), (
    "The scores of the example are [[1.5232, 1.7256]], yours "
    f"{found.tolist()}. Where does tanh stand, and where v?"
)

# %% test="scores-weights" points=1
# One query, one key: each weight has a part in the result.
query, keys = torch.tensor([[0.5, -1.0]]), torch.tensor([[2.0]])
W_q = torch.tensor([[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]])
W_k = torch.tensor([[0.25, 0.5, -1.0]])
found = additive_scores(query, keys, W_q, W_k, torch.tensor([1.0, -2.0, 3.0]))
by_hand = torch.tensor([[0.5, 0.0, -1.0]]).tanh() @ torch.tensor(
    [1.0, -2.0, 3.0]
)
assert torch.allclose(found, by_hand.view(1, 1), atol=1e-5), (
    "The hidden layer of this pair is tanh([0.5, 0, -1]). What is yours?"
)

# %% test="scores-shape" points=1
query, keys = torch.ones(2, 3, 7), torch.ones(2, 5, 11)
W_q, W_k, v = torch.ones(7, 13), torch.ones(11, 13), torch.ones(13)
found = additive_scores(query, keys, W_q, W_k, v)
assert found.shape == (2, 3, 5), (
    "2 sentences, 3 queries and 5 keys give (2, 3, 5): which axes do you add?"
)
assert torch.allclose(found, torch.tensor(13.0)), (
    "Where all is 1, each of the 13 hidden units adds tanh(7 + 11), which is 1."
)

# %% test="scores-pairs" points=1
# Entry [b, t, i] depends on sentence b, query t and key i alone.
g = torch.Generator().manual_seed(2)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 11, generator=g),
)
W_q, W_k = torch.randn(7, 13, generator=g), torch.randn(11, 13, generator=g)
v = torch.randn(13, generator=g)
found = additive_scores(query, keys, W_q, W_k, v)
alone = additive_scores(query[1, 2:], keys[1, 3:4], W_q, W_k, v)
assert torch.allclose(found[1, 2, 3], alone.squeeze(), atol=1e-4), (
    "Scored alone, this pair gets another score than in the batch."
)
assert not torch.allclose(found[1], alone.squeeze(), atol=1e-4), (
    "All pairs of the sentence get the same score."
)

# %% test="scores-hidden" points=2
# Hidden: other sizes, more axes in front or none, float64.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(3)
for axes in ((), (2,), (2, 17)):
    query = torch.randn(*axes, 5, 3, generator=g, dtype=torch.float64)
    keys = torch.randn(*axes, 7, 13, generator=g, dtype=torch.float64)
    W_q = torch.randn(3, 11, generator=g, dtype=torch.float64)
    W_k = torch.randn(13, 11, generator=g, dtype=torch.float64)
    v = torch.randn(11, generator=g, dtype=torch.float64)
    found = additive_scores(query, keys, W_q, W_k, v)
    assert found.shape == (*axes, 5, 7), (
        "The axes in front must stay as they are."
    )
    assert found.dtype == torch.float64, "float64 comes in, float64 goes out."
    for t in range(5):
        for i in range(7):
            hidden = query[..., t, :] @ W_q + keys[..., i, :] @ W_k
            expected = (hidden.tanh() * v).sum(-1)
            assert torch.allclose(found[..., t, i], expected, atol=1e-5), (
                "A score differs from v · tanh(q W_q + k W_k) of its pair."
            )
### END HIDDEN TESTS


# %% [markdown] given="context-text"
# ## 2. The context vector (5 points)
#
# From the section "What comes back". New here: batches, one query or many, and
# an error where the numbers of weights and values differ.
#
# `context_vector(weights, values)` averages the values with the weights of each
# query:
#
# $$\mathbf c_t = \sum_i \alpha_{t,i}\, \mathbf v_i$$
#
# A decoder asks one query at a time, training may ask many at once. Take both
# forms:
#
# | `weights` | `values` | result |
# |:--|:--|:--|
# | `(batch, n)` | `(batch, n, value_size)` | `(batch, value_size)` |
# | `(batch, m, n)` | `(batch, n, value_size)` | `(batch, m, value_size)` |
#
# If weights and values disagree about `n`, raise a `ValueError` that says so.
# That holds for `n = 1` too, which broadcasting would let pass.
#
# *Example.* Weights `[[0.25, 0.75]]` and values `[[[4, 0], [0, 8]]]` give `[[1,
# 6]]`.


# %% solution="context"
def context_vector(weights, values):
    """Return the mean of the values under the weights of each query."""
    ### BEGIN SOLUTION
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError(
            f"expected as many values as weights, {weights.shape[-1]}, "
            f"got {values.shape[-2]}"
        )
    if weights.dim() == 2:
        return (weights.unsqueeze(1) @ values).squeeze(1)
    return weights @ values
    ### END SOLUTION


# %% test="context-one-query" points=1
weights = torch.tensor([[0.25, 0.75]])
values = torch.tensor([[[4.0, 0.0], [0.0, 8.0]]])
found = context_vector(weights, values)
assert found.shape == (1, 2), (
    "One sentence, values of size 2: the result is (1, 2)."
)
assert torch.allclose(found, torch.tensor([[1.0, 6.0]])), (
    "The example of the text gives other numbers. Which axis do you sum?"
)

# %% test="context-many-queries" points=1
g = torch.Generator().manual_seed(1)
weights = torch.randn(2, 3, 5, generator=g).softmax(-1)
values = torch.randn(2, 5, 7, generator=g)
found = context_vector(weights, values)
assert found.shape == (2, 3, 7), (
    "Each of the 3 queries has a context of its own."
)
for t in range(3):
    alone = context_vector(weights[:, t], values)
    assert torch.allclose(found[:, t], alone, atol=1e-5), (
        "A query asked alone gets another context than asked with others."
    )
assert not torch.allclose(found[:, 0], found[:, 1], atol=1e-3), (
    "Two queries with other weights get the same context."
)

# %% test="context-picks" points=1
# All the weight on one key gives its value.
values = torch.arange(2 * 5 * 3.0).reshape(2, 5, 3)
weights = torch.zeros(2, 5)
weights[0, 4] = weights[1, 2] = 1.0
found = context_vector(weights, values)
expected = torch.stack([values[0, 4], values[1, 2]])
assert found.shape == (2, 3) and torch.equal(found, expected), (
    "With a weight of 1 on one key, the context is that key's value."
)

# %% test="context-checks" points=1
for n_weights, n_values in ((5, 3), (5, 1), (1, 5)):
    for shape in ((2, n_weights), (2, 7, n_weights)):
        try:
            context_vector(torch.ones(shape), torch.ones(2, n_values, 11))
        except ValueError:
            raised = True
        else:
            raised = False
        assert raised, (
            f"{n_weights} weights for {n_values} values: no ValueError."
        )
for shape in ((2, 1), (2, 7, 1)):
    found = context_vector(torch.ones(shape), torch.full((2, 1, 11), 3.0))
    assert torch.allclose(found, torch.tensor(3.0)), (
        "One weight for one value is no error: here the context is 3."
    )

# %% test="context-hidden" points=1
# Hidden: other sizes, and weights that do not sum to 1.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(4)
weights = torch.rand(3, 7, 11, generator=g)
values = torch.randn(3, 11, 5, generator=g)
expected = torch.zeros(3, 7, 5)
for i in range(11):
    expected = expected + weights[:, :, i : i + 1] * values[:, i : i + 1]
found = context_vector(weights, values)
assert found.shape == expected.shape, "Many queries: (batch, m, value_size)."
assert torch.allclose(found, expected, atol=1e-4), (
    "Is each value times its weight?"
)
found = context_vector(weights[:, 2], values)
assert found.shape == (3, 5), "One query a sentence: (batch, value_size)."
assert torch.allclose(found, expected[:, 2], atol=1e-4), (
    "Which axis do you sum?"
)
### END HIDDEN TESTS


# %% [markdown] given="attention-text"
# ## 3. AdditiveAttention (9 points)
#
# From the section "The module". New here: many queries a sentence, values apart
# from the keys, and sentences of which nothing may be seen.
#
# A module with the weights of the alignment model. Tests load weights by name,
# so these names are fixed:
#
# | attribute | what it is |
# |:--|:--|
# | `self.W_q` | `nn.Linear(query_size, hidden_size, bias=False)` |
# | `self.W_k` | `nn.Linear(key_size, hidden_size, bias=False)` |
# | `self.v` | `nn.Linear(hidden_size, 1, bias=False)` |
#
# `forward(query, keys, values=None, mask=None)` takes
#
# - `query`, `(batch, m, query_size)`, and `keys`, `(batch, n, key_size)`;
# - `values`, `(batch, n, value_size)`; without it the keys are the values;
# - `mask`, `(batch, n)`: `True` where the sentence has a token that may be
#   attended to.
#
# It returns the contexts, `(batch, m, value_size)`, and the weights, `(batch,
# m, n)`. Weights of keys that are masked are exactly 0, those of the others sum
# to 1. In a sentence whose mask is `False` everywhere all weights are 0, and so
# is the context. Scores may be hundreds apart: weights and gradients must stay
# finite.
#
# `nn.Linear` keeps its weight as `(out, in)`: `self.W_q.weight` has the shape
# `(hidden_size, query_size)`.


# %% solution="attention"
class AdditiveAttention(nn.Module):
    """Attend with additive scores, from many queries to a sentence's keys."""

    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)
        ### END SOLUTION

    def forward(self, query, keys, values=None, mask=None):
        ### BEGIN SOLUTION
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights @ values, weights
        ### END SOLUTION


# %% test="attention-names" points=1
g = torch.Generator().manual_seed(1)
W_q, W_k = torch.randn(13, 7, generator=g), torch.randn(13, 11, generator=g)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 11, generator=g),
)
module, found = AdditiveAttention(7, 11, 13), []
for v in (torch.zeros(1, 13), torch.randn(1, 13, generator=g)):
    parts = {"W_q.weight": W_q, "W_k.weight": W_k, "v.weight": v}
    loaded = module.load_state_dict(parts)
    assert loaded is not None, "The three weights of the table, and no others."
    found.append(module(query, keys)[1])
assert torch.allclose(found[0], found[0][0, 0, 0]), (
    "With v = 0 all scores are the same, and so are all weights."
)
assert not torch.allclose(found[1], found[0], atol=1e-3), (
    "With another v the weights stay as they were."
)

# %% test="attention-by-hand" points=1
# Scores 1.5232 and 1.7256, as in exercise 1: weights 0.4496 and 0.5504.
module = AdditiveAttention(2, 2, 2)
eye, ones = torch.eye(2), torch.ones(1, 2)
module.load_state_dict({"W_q.weight": eye, "W_k.weight": eye, "v.weight": ones})
context, weights = module(
    torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0], [1.0, 1.0]]])
)
assert torch.allclose(weights, torch.tensor([[[0.4496, 0.5504]]]), atol=1e-3), (
    "The weights are the softmax of the scores, over the keys."
)
assert torch.allclose(context, torch.tensor([[[0.5504, 1.0]]]), atol=1e-3), (
    "Without values, the context is the mean of the keys under the weights."
)

# %% test="attention-values" points=1
# One value for all keys comes back as it is; the shape is that of the values.
g = torch.Generator().manual_seed(2)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 11, generator=g),
)
values = torch.randn(2, 1, 17, generator=g).expand(2, 5, 17)
module = AdditiveAttention(7, 11, 13)
context, weights = module(query, keys, values)
assert weights.shape == (2, 3, 5), "The weights are (batch, m, n)."
assert context.shape == (2, 3, 17), "The context has the size of the values."
assert torch.allclose(context, values[:, :3], atol=1e-5), (
    "A mean of equal values is that value. Do the weights sum to 1 over the "
    "keys?"
)

# %% test="attention-mask" points=1
# Padding changes nothing, and gets a weight of exactly 0.
g = torch.Generator().manual_seed(3)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 11, generator=g),
)
mask = torch.tensor([[True] * 5, [True, True, False, False, False]])
module = AdditiveAttention(7, 11, 13)
context, weights = module(query, keys, mask=mask)
assert (weights[1, :, 2:] == 0).all(), "A masked key has a weight of exactly 0."
assert torch.allclose(weights.sum(-1), torch.ones(2, 3), atol=1e-5), (
    "The weights that are left sum to 1. Do you mask before the softmax?"
)
short, _ = module(query[1:], keys[1:, :2])
assert torch.allclose(context[1:], short, atol=1e-5), (
    "A sentence with padding must give what it gives without."
)

# %% test="attention-empty" points=1
# A sentence in which nothing may be attended to.
g = torch.Generator().manual_seed(4)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 11, generator=g),
)
mask = torch.tensor([[True] * 5, [False] * 5])
context, weights = AdditiveAttention(7, 11, 13)(query, keys, mask=mask)
assert (weights[1] == 0).all() and (context[1] == 0).all(), (
    "Where the mask is False everywhere, weights and context are 0."
)
assert torch.allclose(weights[0].sum(-1), torch.ones(3), atol=1e-5), (
    "The other sentence of the batch must be as always."
)

# %% test="attention-hidden-numbers" points=2
# Hidden: other sizes, given weights, against a loop.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(5)
W_q, W_k = torch.randn(5, 3, generator=g), torch.randn(5, 2, generator=g)
v = torch.randn(1, 5, generator=g)
module = AdditiveAttention(3, 2, 5)
module.load_state_dict({"W_q.weight": W_q, "W_k.weight": W_k, "v.weight": v})
query, keys = (
    torch.randn(7, 13, 3, generator=g),
    torch.randn(7, 11, 2, generator=g),
)
values = torch.randn(7, 11, 17, generator=g)
context, weights = module(query, keys, values)
assert context.shape == (7, 13, 17), "The contexts are (batch, m, value_size)."
for b, t in ((0, 0), (3, 5), (6, 12)):
    hidden = torch.tanh(W_q @ query[b, t] + keys[b] @ W_k.T)  # (keys, hidden)
    expected = (hidden @ v[0]).softmax(0)
    assert torch.allclose(weights[b, t], expected, atol=1e-4), "Other weights."
    assert torch.allclose(context[b, t], expected @ values[b], atol=1e-4), (
        "The weights are right, the mean of the values is not."
    )
### END HIDDEN TESTS

# %% test="attention-hidden-mask" points=2
# Hidden: masks with gaps, scores far apart, gradients.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(6)
query, keys = (
    torch.randn(3, 2, 5, generator=g),
    torch.randn(3, 7, 11, generator=g),
)
mask = torch.tensor(
    [[0, 1, 0, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0, 0]]
).bool()
module = AdditiveAttention(5, 11, 13)
W_q, W_k = torch.randn(13, 5, generator=g), torch.randn(13, 11, generator=g)
v = 40 * torch.randn(1, 13, generator=g)  # scores far apart
module.load_state_dict({"W_q.weight": W_q, "W_k.weight": W_k, "v.weight": v})
query, keys = query.requires_grad_(), keys.requires_grad_()
before = mask.clone()
context, weights = module(query, keys, None, mask)
assert torch.equal(mask, before), "The mask was changed in place."
for b in range(3):
    kept, _ = module(query[b : b + 1], keys[b : b + 1, mask[b]])
    assert torch.allclose(context[b], kept[0], atol=1e-3), (
        "Leaving the masked keys out must give the same context."
    )
assert (weights.masked_select(~mask[:, None].expand(3, 2, 7)) == 0).all(), (
    "A masked key has a weight of exactly 0."
)
assert weights.max() > 0.5 and torch.allclose(
    context, weights @ keys, atol=1e-3
), "The context is the mean of the keys under the weights."
(slope,) = torch.autograd.grad(context.sum(), keys)
assert torch.isfinite(slope).all(), "A gradient is not finite."
assert (slope[~mask] == 0).all(), "A masked key has a gradient."
### END HIDDEN TESTS


# %% [markdown] given="cell-text"
# ## 4. One step of the decoder (8 points)
#
# From the section "A decoder that looks before each step". New here: the step
# is a module that owns its attention and its GRU.
#
# `BahdanauDecoderCell(input_size, state_size, key_size, hidden_size)` goes from
# one state to the next. These names are fixed:
#
# | attribute | what it is |
# |:--|:--|
# | `self.attention` | your `AdditiveAttention(state_size, key_size, hidden_size)` |
# | `self.rnn` | `nn.GRUCell(input_size + key_size, state_size)` |
#
# `forward(y, state, keys, mask=None)` takes the embedded token $y_{t-1}$,
# `(batch, input_size)`, the state $s_{t-1}$, `(batch, state_size)`, the
# encoder's states, `(batch, n, key_size)`, and their mask, `(batch, n)`. It
# does what the paper does, in this order:
#
# 1. look with $s_{t-1}$ as the query; keys and values are both the encoder's
#    states;
# 2. put token and context into one vector, $[y_{t-1}; c_t]$, the token first;
# 3. let the GRU go from $s_{t-1}$ to $s_t$ with that vector as its input.
#
# It returns three tensors: $s_t$, `(batch, state_size)`; $c_t$, `(batch,
# key_size)`; and the weights $\alpha_t$, `(batch, n)`.


# %% solution="cell"
class BahdanauDecoderCell(nn.Module):
    """Make one step of a decoder that looks before it moves."""

    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)
        ### END SOLUTION

    def forward(self, y, state, keys, mask=None):
        ### BEGIN SOLUTION
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1), state)
        return state, context, weights
        ### END SOLUTION


# %% given="cell-weights"
def cell_weights(input_size, state_size, key_size, hidden_size, seed):
    """Draw a state dict for a cell of these sizes."""
    g = torch.Generator().manual_seed(seed)
    shapes = {
        "attention.W_q.weight": (hidden_size, state_size),
        "attention.W_k.weight": (hidden_size, key_size),
        "attention.v.weight": (1, hidden_size),
        "rnn.weight_ih": (3 * state_size, input_size + key_size),
        "rnn.weight_hh": (3 * state_size, state_size),
        "rnn.bias_ih": (3 * state_size,),
        "rnn.bias_hh": (3 * state_size,),
    }
    return {
        name: torch.randn(shape, generator=g) for name, shape in shapes.items()
    }


# %% test="cell-shapes" points=1
cell = BahdanauDecoderCell(3, 5, 7, 11)
cell.load_state_dict(cell_weights(3, 5, 7, 11, seed=1))
keys = torch.full((2, 13, 7), 3.0)
state, context, weights = cell(torch.ones(2, 3), torch.ones(2, 5), keys)
assert state.shape == (2, 5), "s_t is (batch, state_size)."
assert context.shape == (2, 7), "c_t is (batch, key_size)."
assert weights.shape == (2, 13), (
    "The weights are (batch, n): one query a sentence."
)
assert torch.allclose(context, torch.tensor(3.0), atol=1e-5), (
    "A mean of keys that are all 3 is 3."
)

# %% test="cell-query" points=2
# The weights depend on s_{t-1} and not on the token.
g = torch.Generator().manual_seed(2)
keys, state = torch.randn(2, 13, 7, generator=g), torch.randn(2, 5, generator=g)
cell = BahdanauDecoderCell(3, 5, 7, 11)
cell.load_state_dict(cell_weights(3, 5, 7, 11, seed=2))
_, _, first = cell(torch.zeros(2, 3), state, keys)
_, _, second = cell(torch.ones(2, 3), state, keys)
_, _, third = cell(torch.zeros(2, 3), -state, keys)
assert torch.allclose(first, second, atol=1e-6), (
    "Another token changes the weights. Which state is the query?"
)
assert not torch.allclose(first, third, atol=1e-3), (
    "Another state leaves the weights as they are. What is the query?"
)

# %% test="cell-step" points=2
# With what the cell says it saw, a GRU makes the same step.
g = torch.Generator().manual_seed(3)
y, state = torch.randn(2, 3, generator=g), torch.randn(2, 5, generator=g)
keys = torch.randn(2, 13, 7, generator=g)
parts = cell_weights(3, 5, 7, 11, seed=3)
cell = BahdanauDecoderCell(3, 5, 7, 11)
cell.load_state_dict(parts)
after, context, weights = cell(y, state, keys)
gru = nn.GRUCell(10, 5)
gru.load_state_dict(
    {k[4:]: w for k, w in parts.items() if k.startswith("rnn.")}
)
assert torch.allclose(
    context, (weights[:, :, None] * keys).sum(1), atol=1e-4
), "The context is the mean of the encoder's states under the weights."
assert torch.allclose(
    after, gru(torch.cat([y, context], -1), state), atol=1e-4
), "The GRU goes from s_{t-1}, with [token; context] as its input."

# %% test="cell-mask" points=1
g = torch.Generator().manual_seed(4)
y, state = torch.randn(2, 3, generator=g), torch.randn(2, 5, generator=g)
keys = torch.randn(2, 13, 7, generator=g)
mask = (torch.arange(13) < 11).expand(2, 13)
cell = BahdanauDecoderCell(3, 5, 7, 11)
cell.load_state_dict(cell_weights(3, 5, 7, 11, seed=4))
padded = cell(y, state, keys, mask)
short = cell(y, state, keys[:, :11])
assert torch.allclose(padded[0], short[0], atol=1e-4), (
    "Two masked keys change the state. Does the mask reach the attention?"
)
assert (padded[2][:, 11:] == 0).all(), "A masked key has a weight."
assert padded[2].max() > 0, "All keys have a weight of 0."
assert not torch.equal(padded[0], state), "The state stays as it was."

# %% test="cell-hidden" points=2
# Hidden: other sizes and several steps, against the paper's equations.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(5)
sizes = (2, 11, 3, 7)  # token, state, key, hidden
parts = cell_weights(*sizes, seed=5)
cell = BahdanauDecoderCell(*sizes)
cell.load_state_dict(parts)
gru = nn.GRUCell(5, 11)
gru.load_state_dict(
    {k[4:]: w for k, w in parts.items() if k.startswith("rnn.")}
)
keys = torch.randn(5, 13, 3, generator=g)
mask = torch.arange(13) < torch.tensor([[13], [2], [7], [1], [5]])
state = expected = torch.zeros(5, 11)
for _ in range(3):
    y = torch.randn(5, 2, generator=g)
    q = expected @ parts["attention.W_q.weight"].T
    k = keys @ parts["attention.W_k.weight"].T
    scores = torch.tanh(q[:, None] + k) @ parts["attention.v.weight"][0]
    alpha = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    c = (alpha[:, :, None] * keys).sum(1)
    expected = gru(torch.cat([y, c], -1), expected)
    state, context, weights = cell(y, state, keys, mask)
    assert torch.allclose(weights, alpha, atol=1e-3), (
        "Which state is the query?"
    )
    assert torch.allclose(context, c, atol=1e-3), (
        "What is averaged for the context?"
    )
    assert torch.allclose(state, expected, atol=1e-3), "What goes into the GRU?"
### END HIDDEN TESTS


# %% [markdown] given="error-text"
# ## 5. Alignment error (6 points)
#
# From the section "How wrong is an alignment?". New here: the links are a table
# of True and False, and a whole batch is *one* count. The chapter takes the
# error of each sentence and then the mean; a visible test tells the two apart.
#
# `alignment_error(weights, gold)` compares weights with known links. Both have
# the shape `(..., m, n)`: target tokens by source tokens, with any axes in
# front. `gold` is `True` where the target token comes from the source token; a
# target token may have several links, or none.
#
# - A target token *counts* if it has a link. Hyphens of a date and padding have
#   none.
# - It is *wrong* if its largest weight stands on a source token that is not one
#   of its links. If several weights are the largest, take the first of them.
# - The result is a `float`: the number of wrong tokens over the number of those
#   that count, all sentences taken together. If none counts, it is `0.0`.
#
# *Example.* The weights `[[.7, .3], [.6, .4], [.5, .5]]` with the links `[[1,
# 0], [0, 1], [0, 0]]` give 0.5: the first token is right, the second wrong, the
# third does not count.


# %% solution="error"
def alignment_error(weights, gold):
    """Return the share of linked targets whose largest weight is on no link."""
    ### BEGIN SOLUTION
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = gold.gather(-1, heaviest).squeeze(-1)
    counts = gold.any(-1)
    wrong = (counts & ~right).sum().item()
    return wrong / max(counts.sum().item(), 1)
    ### END SOLUTION


# %% test="error-example" points=1
weights = torch.tensor([[0.7, 0.3], [0.6, 0.4], [0.5, 0.5]])
gold = torch.tensor([[True, False], [False, True], [False, False]])
found = alignment_error(weights, gold)
assert isinstance(found, float), "Return a float, not a tensor."
assert abs(found - 0.5) < 1e-6, "Of two tokens that count, one is wrong."
assert abs(alignment_error(weights[:1], gold[:1])) < 1e-6, (
    "The first token is right."
)

# %% test="error-extremes" points=1
gold = torch.eye(7).bool()
found = alignment_error(torch.eye(7), gold)
assert abs(found) < 1e-6, "Every token looks at its link."
found = alignment_error(torch.eye(7).flip(-1), gold)
assert abs(found - 6 / 7) < 1e-6, (  # float32 is good enough
    "Reversed, only the middle one of 7 tokens looks at its link."
)

# %% test="error-several-links" points=1
# "May" tells both digits of 05: any of its letters is right.
weights = torch.tensor([[0.1, 0.2, 0.7, 0.0, 0.0], [0.1, 0.1, 0.1, 0.6, 0.1]])
gold = torch.tensor([[True, True, True, False, False]] * 2)
found = alignment_error(weights[:1], gold[:1])
assert abs(found) < 1e-6, "The first token looks at one of its three links."
found = alignment_error(weights[1:], gold[1:])
assert abs(found - 1) < 1e-6, "The second token looks at none of its links."

# %% test="error-sentences" points=1
# 1 of 1 wrong in the first sentence, 0 of 3 in the second: 1 of 4.
weights = torch.eye(3).repeat(2, 1, 1)
gold = torch.eye(3).repeat(2, 1, 1).bool()
gold[0] = torch.tensor([[0, 1, 0], [0, 0, 0], [0, 0, 0]]).bool()
assert abs(alignment_error(weights, gold) - 0.25) < 1e-6, (
    "Count over all sentences together: 1 wrong token of 4 is 0.25. A mean of "
    "the sentences' errors, 1 and 0, is 0.5."
)
assert abs(alignment_error(weights[1:], gold[1:])) < 1e-6, (
    "The second sentence alone has no wrong token."
)

# %% test="error-hidden" points=2
# Hidden: random weights and links, more axes, no links at all, ties.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(1)
for axes in ((), (3,), (2, 5)):
    weights = torch.rand(*axes, 7, 11, generator=g)
    gold = torch.rand(*axes, 7, 11, generator=g) < 0.2
    wrong = counted = 0
    for row, links in zip(
        weights.reshape(-1, 11), gold.reshape(-1, 11), strict=True
    ):
        true = [i for i in range(11) if links[i]]
        counted += bool(true)
        wrong += bool(true) and max(range(11), key=lambda i: row[i]) not in true
    assert abs(alignment_error(weights, gold) - wrong / counted) < 1e-6, (
        "Count the wrong tokens, and those with a link."
    )
empty = alignment_error(torch.rand(2, 3, generator=g), torch.zeros(2, 3).bool())
assert abs(empty) < 1e-6, "Without any link the error is 0."
tied, first = torch.full((1, 3), 1 / 3), torch.tensor([[True, False, False]])
assert abs(alignment_error(tied, first)) < 1e-6, (
    "Of equal weights, take the first."
)
last = alignment_error(tied, first.flip(-1))
assert abs(last - 1) < 1e-6, "Of equal weights, take the first."
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A colleague knows that one neuron on `[state; h_i]` is not enough, so he gives
# both a hidden layer: `score = v · (tanh(W state) + tanh(U h_i))`. The model
# trains, but the weights are the same at every step of the decoder. Explain
# why, although there is a tanh; say what is different in Bahdanau's score; and
# decide, with a reason, whether the score `state · (U h_i)`, which has no tanh
# at all, would have the same trouble. Three to five sentences.

# %% [markdown] written="why-hidden-layer" points=3
# His score is a sum of a number that depends on the state alone and one that
# depends on the key alone; at one step the first is the same for all keys, and
# a softmax does not change when the same number is added to all scores, so the
# state drops out (1 point). Bahdanau adds state and key *inside* the tanh: the
# state moves each hidden unit to another part of the curve, where a key counts
# for more or less, so the effect of a key depends on the state and the ranking
# can change (1 point). The dot product has no such trouble, since the state
# multiplies the key: it can't be written as a part of the state plus a part of
# the key (1 point).
