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
# # Interpretability
#
# **49 points**, about an hour. Chapter 13 scored explanations against rules
# that it had planted itself. Here you write five of the tools: the rollout of
# attention, gradient times input, the test that takes words out, LIME, and the
# worth of a head. The last question is about what they prove.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - positions, tokens, layers, heads and classes count from 0;
# - a score has a **sign**: it is positive where something speaks for the
#   prediction, negative where it speaks against it. Nothing becomes an absolute
#   value;
# - no function changes its arguments in place.

# %% given="imports"
import itertools
import math
from collections import namedtuple

import torch
from torch import nn
from torch.nn import functional as F

MASK = "[MASK]"  # what stands in the place of a token that is taken out

# %% [markdown] given="rollout-text"
# ## 1. Attention rollout (9 points)
#
# Rollout follows attention through all layers, and the residual connection with
# it. By hand, chapter 13 rolls out one head of one text, whose rows sum to 1.
# Here there are several heads, maybe a batch, and a row may have any sum.
#
# `attention_rollout(weights)` takes the weights of all layers, `(layers, heads,
# n, n)` or `(layers, batch, heads, n, n)`, queries then keys, and returns `(n,
# n)` or `(batch, n, n)`. For each layer $l$, and for each text by itself:
#
# 1. average the heads: $\bar{\mathbf A}_l$;
# 2. add the residual connection, half and half: $\tfrac12 \bar{\mathbf A}_l +
#    \tfrac12 \mathbf I$;
# 3. divide each row by its sum, which gives $\mathbf B_l$. Most rows sum to 1
#    already. But after dropout a row of weights has another sum, and a query
#    that may see nothing has a row of zeros: its row of $\mathbf B_l$ is that
#    of the identity.
#
# Then multiply, from the first layer to the last: $\mathbf R = \mathbf B_{L-1}
# \cdots \mathbf B_1 \mathbf B_0$. So `R[i, j]` says how much of the *input*
# token $j$ has come into position $i$ *after the last layer*, and each row sums
# to 1. The result has the dtype of the weights.
#
# *Example.* Two layers of one head. In the first both tokens look at token 0,
# in the second both at token 1. Then $\mathbf B_0$ is `[[1, 0], [.5, .5]]`,
# $\mathbf B_1$ is `[[.5, .5], [0, 1]]`, and their product `[[.75, .25], [.5,
# .5]]`.


# %% solution="rollout"
def attention_rollout(weights):
    """Return how much of each input token is in each position at the end."""
    ### BEGIN SOLUTION
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found
    ### END SOLUTION


# %% test="rollout-by-hand" points=1
# The example of the text.
weights = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]], [[[0.0, 1.0], [0.0, 1.0]]]])
found = attention_rollout(weights)
assert found.shape == (2, 2), "Without a batch: (n, n)."
expected = torch.tensor([[0.75, 0.25], [0.5, 0.5]])
assert torch.allclose(found, expected, atol=1e-5), (
    "The example of the text: is the first layer the one that reads the input? "
    "Does each row sum to 1?"
)

# %% test="rollout-one-layer" points=1
# One layer of two heads: their mean, half and half with the identity.
weights = torch.tensor([[[[0.2, 0.8], [0.6, 0.4]], [[0.0, 1.0], [1.0, 0.0]]]])
found = attention_rollout(weights)
assert found.shape == (2, 2), "Without a batch: (n, n)."
expected = torch.tensor([[0.55, 0.45], [0.4, 0.6]])
assert torch.allclose(found, expected, atol=1e-5), (
    "One layer alone: average the heads, then half of each."
)

# %% test="rollout-order" points=2
# Three layers. Token 3 alone reads token 0 in the first, token 2 alone reads
# token 3 in the second, token 1 alone reads token 2 in the third; all other
# tokens look at themselves.
weights = torch.eye(5).repeat(3, 2, 1, 1)
for layer, (query, key) in enumerate([(3, 0), (2, 3), (1, 2)]):
    weights[layer, :, query] = torch.eye(5)[key]
found = attention_rollout(weights)
assert found.shape == (5, 5), "Without a batch: (n, n)."
expected = torch.eye(5)
expected[3] = torch.tensor([0.5, 0.0, 0.0, 0.5, 0.0])
expected[2] = torch.tensor([0.25, 0.0, 0.5, 0.25, 0.0])
expected[1] = torch.tensor([0.125, 0.5, 0.25, 0.125, 0.0])
assert torch.allclose(found, expected, atol=1e-5), (
    "Token 0 goes to place 3, then to 2, then to 1. In which order do you "
    "multiply?"
)

# %% test="rollout-rows" points=1
# Two layers of two heads. In the first query 0 sees nothing, and dropout has
# left query 1 a weight of 4 in one head; in the second it is queries 1 and 2.
zeros = [0.0, 0.0, 0.0]
weights = torch.tensor(
    [
        [
            [zeros, [0.0, 0.0, 4.0], [1.0, 0.0, 0.0]],
            [zeros, zeros, [0.0, 1.0, 0.0]],
        ],
        [
            [[0.0, 1.0, 0.0], zeros, [4.0, 0.0, 0.0]],
            [[0.0, 1.0, 0.0], zeros, zeros],
        ],
    ]
)
found = attention_rollout(weights[:1])
assert found.shape == (3, 3), "Without a batch: (n, n)."
expected = torch.tensor([[1.0, 0, 0], [0, 1 / 3, 2 / 3], [0.25, 0.25, 0.5]])
assert torch.allclose(found, expected, atol=1e-5), (
    "Rows that do not sum to 1: when do you divide them by their sum?"
)
found = attention_rollout(weights)
assert found.shape == (3, 3), "Without a batch: (n, n)."
expected = torch.tensor(
    [[0.5, 1 / 6, 1 / 3], [0, 1 / 3, 2 / 3], [0.75, 1 / 12, 1 / 6]]
)
assert torch.allclose(found, expected, atol=1e-5), (
    "Two layers: each has rows that sum to 1 before you multiply."
)

# %% test="rollout-batch" points=1
# Two layers, three texts, five heads, seven tokens.
g = torch.Generator().manual_seed(1)
weights = (2 * torch.randn(2, 3, 5, 7, 7, generator=g)).softmax(-1)
found = attention_rollout(weights)
assert found.shape == (3, 7, 7), "With a batch: (batch, n, n)."
assert torch.allclose(found.sum(-1), torch.ones(3, 7), atol=1e-4), (
    "Each row sums to 1."
)
assert attention_rollout(weights[:, :1]).shape == (1, 7, 7), (
    "A batch of one text is a batch too."
)
for text in range(3):
    alone = attention_rollout(weights[:, text])
    assert torch.allclose(found[text], alone, atol=1e-5), (
        "A text has another rollout alone than in the batch: which axis are "
        "the heads?"
    )
assert abs(found[0, 0, 0] - 0.331) < 2e-3, (
    "The rollout of the first text starts with 0.331."
)
assert attention_rollout(weights.double()).dtype == torch.float64, (
    "The dtype stays that of the weights: here it is float64."
)

# %% test="rollout-hidden" points=3
# Hidden: other sizes and dtypes, rows of other sums, and weights that stay as
# they are, against a slow version.
### BEGIN HIDDEN TESTS
for seed, (layers, batch, heads, n) in enumerate(
    [(1, 0, 3, 7), (5, 0, 2, 3), (3, 2, 5, 11), (2, 7, 1, 5), (3, 1, 3, 1)]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        shape = (layers, *([batch] if batch else []), heads, n, n)
        weights = (2 * torch.randn(shape, generator=g)).softmax(-1).to(dtype)
        weights *= (torch.rand(shape, generator=g) < 0.7) / 0.7
        weights[-1, ..., n // 2, :] = 0
        before = weights.clone()
        found = attention_rollout(weights)
        rows = []
        for text in range(max(batch, 1)):
            own = weights[:, text] if batch else weights
            total = torch.eye(n, dtype=torch.float64)
            for layer in own.double():
                step = torch.eye(n, dtype=torch.float64)
                for head in layer:
                    step = step + head / heads
                total = (step / step.sum(1, keepdim=True)) @ total
            rows.append(total)
        expected = torch.stack(rows) if batch else rows[0]
        assert found.shape == expected.shape, "(n, n), or (batch, n, n)."
        assert found.dtype == dtype, "The dtype stays that of the weights."
        assert torch.allclose(found.double(), expected, atol=1e-5), (
            "Another rollout, for other sizes, or rows of other sums."
        )
        assert torch.equal(weights, before), "Leave the weights as they are."
### END HIDDEN TESTS


# %% [markdown] given="gradient-text"
# ## 2. Gradient times input (9 points)
#
# How much does each token push the logit of a class, to first order? Chapter
# 13 asks its own classifiers. Here the model is any that starts with an
# embedding; a token may occur twice, and the weights may be frozen.
#
# `input_gradient(model, ids, target)`: the model is an `nn.Sequential`.
#
# - `model[0]` is an `nn.Embedding`: ids `(n,)` become vectors $\mathbf e_i$,
#   `(n, d)`;
# - `model[1:]`, all the rest, makes logits `(C,)` of these vectors, $C$ being
#   the number of classes.
#
# Return one score a token, `(n,)`, in the dtype of the embedding; whether the
# result requires a gradient does not matter. It is the gradient of the
# **logit** $z_t$ of class `target` (an integer) with respect to the vector at
# that place, times the vector itself, summed over its width:
#
# $$s_i = \sum_{j=1}^{d} \frac{\partial z_t}{\partial e_{ij}} \, e_{ij}$$
#
# - Each **place** has its own gradient, also where a token occurs twice.
# - The model's parameters may be frozen (`requires_grad=False`). The gradient
#   with respect to the vectors exists all the same.
#
# *Example.* Token 2 has the vector (3, -1), token 0 has (1, 2), and for the ids
# `[2, 0]` the logit is $1 \cdot 3 + 0 \cdot (-1) + 2 \cdot 1 + 1 \cdot 2$, with
# weights (1, 0) and (2, 1) for the two places. The scores are 3 and 4. Here
# they add up to the logit, since it is linear.


# %% solution="gradient"
def input_gradient(model, ids, target):
    """Return gradient times input of the target's logit: one a token."""
    ### BEGIN SOLUTION
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()
    ### END SOLUTION


# %% given="gradient-models"
def linear_model(table, weight):
    """Make a model whose logits are linear in all the vectors of a text.

    The embedding is `table` (V, d), and `weight` is (C, n * d).
    """
    (V, d), (C, width) = table.shape, weight.shape
    model = nn.Sequential(
        nn.Embedding(V, d), nn.Flatten(-2), nn.Linear(width, C, bias=False)
    ).to(table.dtype)
    with torch.no_grad():
        model[0].weight.copy_(table)
        model[2].weight.copy_(weight)
    return model


def curved_model(table, inner, outer):
    """Make a model whose logits are outer @ tanh(inner @ all the vectors)."""
    model = linear_model(table, inner)
    last = nn.Linear(outer.shape[1], len(outer), bias=False).to(table.dtype)
    with torch.no_grad():
        last.weight.copy_(outer)
    return nn.Sequential(*model, nn.Tanh(), last)


# %% test="gradient-by-hand" points=1
# The example of the text, and a second class.
table = torch.tensor([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
weight = torch.tensor([[1.0, 0.0, 2.0, 1.0], [0.0, 2.0, -1.0, 1.0]])
for target, expected in ((0, [3.0, 4.0]), (1, [-2.0, 1.0])):
    found = input_gradient(
        linear_model(table, weight), torch.tensor([2, 0]), target
    )
    assert found.shape == (2,), "One score a token."
    assert torch.allclose(found, torch.tensor(expected), atol=1e-5), (
        f"Class {target}, by hand: the gradient of the logit is its weights."
    )
model = linear_model(table.double(), weight.double())
found = input_gradient(model, torch.tensor([2, 0]), 0)
assert found.dtype == torch.float64, (
    "The dtype is that of the embedding: here it is float64."
)

# %% test="gradient-logit" points=2
# Here the slope depends on the text. Five tokens, seven classes.
g = torch.Generator().manual_seed(1)
table = torch.randn(11, 3, generator=g)
inner = torch.randn(13, 15, generator=g) / 4
outer = torch.randn(7, 13, generator=g)
ids = torch.tensor([4, 0, 10, 7, 2])
model = curved_model(table, inner, outer)
flat = table[ids].flatten()
steep = 1 - torch.tanh(inner @ flat) ** 2
for target in range(7):
    slope = (outer[target] * steep) @ inner
    found = input_gradient(model, ids, target)
    assert found.shape == (5,), "One score a token."
    expected = (slope * flat).view(5, 3).sum(1)
    assert torch.allclose(found, expected, atol=1e-4), (
        "Not the gradient of this class's logit (before any softmax) times the "
        "vectors, summed over the width."
    )

# %% test="gradient-twice" points=2
# Token 1 stands in three places.
table = torch.tensor([[1.0, 2.0], [0.5, 1.0], [3.0, -1.0]])
weight = torch.tensor([[1.0, 0.0, 2.0, 1.0, 0.0, -3.0, 4.0, 0.0]])
found = input_gradient(
    linear_model(table, weight), torch.tensor([1, 2, 1, 1]), 0
)
assert found.shape == (4,), "One score a token."
expected = torch.tensor([0.5, 5.0, -3.0, 2.0])
assert torch.allclose(found, expected, atol=1e-5), (
    "Three places, three gradients: with respect to what do you differentiate?"
)

# %% test="gradient-frozen" points=1
# The same model twice: trainable, then frozen.
table = torch.tensor([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
model = linear_model(table, torch.tensor([[1.0, 0.0, 2.0, 1.0]]))
for frozen in (False, True):
    model.requires_grad_(not frozen)
    try:
        found = input_gradient(model, torch.tensor([0, 2]), 0)
    except RuntimeError as error:
        if not frozen:
            raise
        raise AssertionError(
            "With frozen weights nothing requires a gradient: make the vectors "
            "a leaf, `.detach().requires_grad_()`."
        ) from error
    assert found.shape == (2,), "One score a token."
    assert torch.allclose(found, torch.tensor([1.0, 5.0]), atol=1e-5), (
        "The scores do not depend on whether the weights may be trained."
    )

# %% test="gradient-hidden" points=3
# Hidden: other sizes, a deeper model, float64, against small steps; ids that
# stay as they are.
### BEGIN HIDDEN TESTS
for seed, (V, n, d, C, curved) in enumerate(
    [(7, 11, 2, 3, False), (3, 5, 7, 2, True), (5, 1, 4, 11, True)]
):
    for dtype in (torch.float32, torch.float64):
        torch.manual_seed(seed)
        model = nn.Sequential(
            nn.Embedding(V, d), nn.Flatten(-2), nn.Linear(n * d, C)
        )
        if curved:
            model = nn.Sequential(
                model[0],
                nn.Linear(d, 2 * d),
                nn.GLU(),
                nn.LayerNorm(d),
                nn.Conv1d(n, n, 1),  # the places read each other
                nn.Tanh(),
                model[1],
                model[2],
            )
        model = model.to(dtype)
        if seed == 1:
            model.requires_grad_(False)
        g = torch.Generator().manual_seed(seed)
        ids = torch.randint(0, V, (n,), generator=g)
        kept, target = ids.clone(), seed % C
        exact = nn.Sequential(*model).to(torch.float64)
        with torch.no_grad():
            vectors = exact[0](ids)
            expected = torch.zeros(n, dtype=torch.float64)
            for i in range(n):
                step = torch.zeros(n, d, dtype=torch.float64)
                step[i] = 1e-5 * vectors[i]
                expected[i] = (
                    exact[1:](vectors + step) - exact[1:](vectors - step)
                )[target] / 2e-5
        model = model.to(dtype)
        found = input_gradient(model, ids, target)
        assert found.shape == (n,), "One score a token."
        assert found.dtype == dtype, "The dtype is that of the embedding."
        assert torch.allclose(found.double(), expected, atol=1e-4), (
            "A small step along a vector changes the logit by another amount."
        )
        assert torch.equal(ids, kept), "Leave the ids as they are."
### END HIDDEN TESTS


# %% [markdown] given="faith-text"
# ## 3. Is the explanation faithful? (7 points)
#
# If the scores are right, the prediction falls when the tokens with the highest
# scores are taken out. Chapter 13 measures that on its own models. Here the
# model is a black box, a function that reads words; scores have signs and ties.
#
# `predict(texts)`, here and in the next exercise, takes a **list of texts**,
# each of them a list of $n$ strings, and returns a tensor of any floating dtype
# with one number a text: the probability of the class that is explained. That
# is all you know of the model. A token that is **taken out** is replaced by
# `MASK`, defined above: the others keep their places, and the text its length.
#
# `faithfulness(scores, predict, tokens, k)` takes scores `(n,)`, such a
# function, a text of $n$ tokens and an integer $k$. Return by how much the
# prediction falls when the $k$ tokens with the highest scores are taken out:
# the prediction for the text as it is, minus the one for the text without them;
# a number, or a tensor without axes. Where it rises, the fall is negative.
#
# - The highest are the highest with their sign: -5 is less than 1.
# - Of equal scores the one further to the left goes first, so that **exactly**
#   $k$ are taken out.
# - $k = 0$ takes out nothing, $k = n$ everything. Raise a `ValueError` for a
#   $k$ below 0 or above $n$.
#
# *Example.* Let the prediction be 0.9 for "not a good film", 0.2 for "[MASK] a
# good film" and 0.4 for "[MASK] a [MASK] film". With scores of 3, 0, 1 and -7
# the fall is 0.7 for $k = 1$ and 0.5 for $k = 2$.


# %% solution="faith"
def faithfulness(scores, predict, tokens, k):
    """Return the fall of the prediction without the k highest tokens."""
    ### BEGIN SOLUTION
    if not 0 <= k <= len(tokens):
        raise ValueError(f"k must lie in 0 to {len(tokens)}: got {k}")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after
    ### END SOLUTION


# %% given="faith-models"
def looking_up(table, notes):
    """Make a predict function that knows a table {text: number}.

    A text is written as one string there. What the function is asked goes into
    `notes`; a text that is not in the table is worth -9.
    """

    def predict(texts):
        """Return one number for each text."""
        asked = [" ".join(text) for text in texts]
        notes.extend(asked)
        return torch.tensor([table.get(text, -9.0) for text in asked])

    return predict


def adding_up(values, start, notes, dtype=torch.float32):
    """Make a predict function: `start`, and one value for each token in place.

    What the function is asked goes into `notes`, as lists of strings.
    """

    def predict(texts):
        """Return one number for each text."""
        notes.extend(list(text) for text in texts)
        totals = [
            start + sum(itertools.compress(values, [t != MASK for t in text]))
            for text in texts
        ]
        return torch.tensor(totals, dtype=dtype)

    return predict


# %% test="faith-by-hand" points=1
# The example of the text.
tokens = ["not", "a", "good", "film"]
table = {
    "not a good film": 0.9,
    "[MASK] a good film": 0.2,
    "[MASK] a [MASK] film": 0.4,
}
scores = torch.tensor([3.0, 0.0, 1.0, -7.0])
for k, fall in ((1, 0.7), (2, 0.5)):
    notes = []
    found = faithfulness(scores, looking_up(table, notes), tokens, k)
    assert set(notes) <= set(table), (
        f"The model was asked for {sorted(set(notes) - set(table))}. Which "
        "tokens are taken out, and what stands in their place?"
    )
    assert abs(float(found) - fall) < 1e-5, "The text as it is, minus the rest."

# %% test="faith-every-k" points=1
# Each token adds its value. Taking out one that speaks against the class makes
# the fall smaller again. Tokens 0 and 3 are the same word.
values = [0.05, -0.125, 0.4, 0.2, -0.3, 0.01, 0.15]
tokens = ["so", "long", "fine", "so", "dull", "the", "good"]
scores = torch.tensor([0.02, -0.1, 0.5, 0.25, -0.2, 0.01, 0.2])
falls = [0.0, 0.4, 0.6, 0.75, 0.8, 0.81, 0.685, 0.385]
for k, fall in enumerate(falls):
    notes = []
    found = faithfulness(scores, adding_up(values, 0.5, notes), tokens, k)
    assert max(text.count(MASK) for text in notes) == k, (
        f"For k = {k} exactly {k} tokens are taken out."
    )
    assert abs(float(found) - fall) < 1e-5, (
        f"The {k} tokens with the highest scores, each in its own place."
    )
found = faithfulness(-scores, adding_up(values, 0.5, []), tokens, 1)
assert abs(float(found) + 0.3) < 1e-5, (
    "Without a word that speaks against the class the prediction rises."
)

# %% test="faith-ties" points=1
# Equal scores, and scores that are all negative.
values = [0.1, 0.2, 0.4, 0.8, 1.6]
tokens = ["a", "b", "c", "d", "e"]
for scores, k, fall in (
    ([0.0, 1.0, 0.0, 1.0, 0.0], 1, 0.2),
    ([0.0, 1.0, 0.0, 1.0, 0.0], 3, 1.1),
    ([2.0, 2.0, 2.0, 2.0, 2.0], 2, 0.3),
    ([-5.0, -1.0, -2.0, -4.0, -1.0], 1, 0.2),
    ([-5.0, -1.0, -2.0, -4.0, -1.0], 3, 2.2),
):
    found = faithfulness(
        torch.tensor(scores), adding_up(values, 0.0, []), tokens, k
    )
    assert abs(float(found) - fall) < 1e-5, (
        f"Scores {scores}, k = {k}: the highest with their sign, of equal ones "
        "the first."
    )
long = torch.zeros(50)
values = [1.0 if place < 3 else 0.0 for place in range(50)]
found = faithfulness(long, adding_up(values, 0.0, []), ["x"] * 50, 3)
assert abs(float(found) - 3) < 1e-5, (
    "Of 50 equal scores the first three go: is your sort stable?"
)

# %% test="faith-errors" points=1
scores, tokens = torch.tensor([0.3, 0.1, 0.2]), ["a", "b", "c"]
for k in (-1, -3, 4, 7):
    try:
        faithfulness(scores, adding_up([0.1, 0.2, 0.4], 0.0, []), tokens, k)
        refused = False
    except ValueError:
        refused = True
    assert refused, f"k = {k} with three tokens: no ValueError."
for k, fall in ((1, 0.1), (3, 0.7)):
    found = faithfulness(scores, adding_up([0.1, 0.2, 0.4], 0.0, []), tokens, k)
    assert abs(float(found) - fall) < 1e-5, f"k = {k} is right."

# %% test="faith-hidden" points=3
# Hidden: other lengths, dtypes and scores, order that matters, arguments that
# stay as they are.
### BEGIN HIDDEN TESTS
for seed, n in enumerate((2, 7, 13, 1)):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        scores = torch.randint(-3, 3, (n,), generator=g).to(dtype)
        values = torch.randn(n, generator=g).tolist()
        tokens = [f"w{i % 5}" for i in range(n)]
        kept, before = list(tokens), scores.clone()
        ranked = sorted(range(n), key=lambda i: -scores[i].item())
        for k in range(n + 1):
            notes = []
            predict = adding_up(values, -0.3, notes, dtype)
            found = faithfulness(scores, predict, tokens, k)
            rest = list(tokens)
            for i in ranked[:k]:
                rest[i] = MASK
            assert all(text in (kept, rest) for text in notes), (
                "The model is asked about another text."
            )
            fall = sum(values[i] for i in ranked[:k])
            assert abs(float(found) - fall) < 1e-4, (
                "Not the fall, for other lengths and scores."
            )
            assert tokens == kept, "Leave the tokens as they are."
            assert torch.equal(scores, before), "Leave the scores as they are."
table = {
    "A x B y A": 0.75,
    "A x B y [MASK]": 0.5,
    "A x [MASK] y [MASK]": 1.0,
    "A [MASK] [MASK] y [MASK]": 0.0,
}
scores = torch.tensor([-1.5, 0.5, 0.75, -2.0, 4.0])
for k, fall in ((0, 0.0), (1, 0.25), (2, -0.25), (3, 0.75)):
    predict = looking_up(table, [])
    found = faithfulness(scores, predict, ["A", "x", "B", "y", "A"], k)
    assert abs(float(found) - fall) < 1e-5, "The order of the words matters."
### END HIDDEN TESTS


# %% [markdown] given="lime-text"
# ## 4. LIME (12 points)
#
# LIME explains a black box near one text by a linear model. By hand, chapter 13
# fits the four texts that two words allow. Here you draw the samples, for any
# text. `predict` and `MASK` are those of exercise 3.
#
# `lime_weights(predict, tokens, n_samples, kernel_width, generator)` returns a
# tensor `(n,)`, one weight a token. The weights may have any floating dtype.
#
# 1. **Samples.** A sample $\mathbf z \in \{0, 1\}^n$ says which tokens are kept
#    (1) and which are taken out (0). The first of the `n_samples` samples keeps
#    all. For each of the others, first draw **how many** tokens are taken out,
#    uniformly from 1 to $n$; then **which**, all choices of that many places
#    being equally likely. All that is random is drawn with `generator`, a
#    `torch.Generator`, and nothing else; in what order is up to you.
# 2. **Ask.** `predict` is asked about each sample's text, the same one again
#    where a sample comes twice: `n_samples` texts in all, in one call or many.
#    That gives the $y_{\mathbf z}$.
# 3. **Nearness.** A sample that keeps $m$ of the $n$ tokens has the distance $D
#    = 1 - \sqrt{m / n}$ from the text (the cosine distance of $\mathbf z$ from
#    a row of ones) and the nearness $\pi_{\mathbf z} = \exp(-D^2 / \sigma^2)$,
#    where $\sigma$ is `kernel_width`.
# 4. **Fit.** Find the weights $\mathbf w$ and the intercept $b$ for which this
#    sum over all samples is least, and return $\mathbf w$ alone:
#
# $$\sum_{\mathbf z} \pi_{\mathbf z} \, (y_{\mathbf z} - b - \mathbf w \cdot
# \mathbf z)^2$$
#
# There is no penalty on the weights. The tests have enough samples for a single
# solution. Each place has its own weight, also where a word occurs twice.
#
# *Example.* "not good", and a model that predicts 0.3, plus 0.6 where "good" is
# kept, minus 0.2 where "not" is. It is linear already. So the weights are -0.2
# and 0.6, whatever is drawn and whatever the kernel is.
#
# *One way.* Multiply each row $(\mathbf z, 1)$ and each $y_{\mathbf z}$ by
# $\sqrt{\pi_{\mathbf z}}$; then `torch.linalg.lstsq(rows, column).solution` has
# shape `(n + 1, 1)`, the intercept last. The column has shape `(n_samples, 1)`,
# and `lstsq` wants both of one dtype.


# %% solution="lime"
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    """Return the weights of a linear model fitted near the text: (n,)."""
    ### BEGIN SOLUTION
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row, strict=True)]
        for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    solution = torch.linalg.lstsq(rows, column).solution[:n, 0]
    return solution.to(answers.dtype)
    ### END SOLUTION


# %% given="lime-models"
def choosing(rule, notes, dtype=torch.float32):
    """Make a predict function from a rule that sees which tokens are kept.

    The rule takes a tuple of n times True or False. What is kept in each text
    that the function is asked about goes into `notes`.
    """

    def predict(texts):
        """Return one number for each text."""
        kept = [tuple(token != MASK for token in text) for text in texts]
        notes.extend(kept)
        return torch.tensor([float(rule(k)) for k in kept], dtype=dtype)

    return predict


# %% test="lime-linear" points=2
# A model that is linear already, and "so" twice, with another value in each
# place: the weights are the values, whatever is drawn. Once the predictions
# are float64.
values, tokens = [0.05, -0.2, 0.4, -0.3, 0.1], ["so", "slow", "so", "dull", "x"]
for seed, width in ((1, 0.25), (2, 0.5), (3, 25.0)):
    generator = torch.Generator().manual_seed(seed)
    dtype = torch.float64 if seed == 1 else torch.float32
    predict = adding_up(values, 0.6, [], dtype)
    found = lime_weights(predict, tokens, 83, width, generator)
    assert found.shape == (5,), (
        "One weight a token; the intercept stays inside."
    )
    assert torch.allclose(found.float(), torch.tensor(values), atol=2e-3), (
        "The model is linear, and its weights are known. Is there an "
        "intercept, no penalty, and one weight for each place?"
    )

# %% test="lime-samples" points=3
# What the model is asked: 1,401 texts of seven tokens. Shares are right within
# six standard errors.
values, tokens = [0.1, -0.2, 0.3, 0.0, 0.05, -0.1, 0.15], list("abcdefg")
notes, generator = [], torch.Generator().manual_seed(4)
found = lime_weights(
    adding_up(values, 0.5, notes), tokens, 1401, 1.0, generator
)
assert found.shape == (7,), "One weight a token."
assert len(notes) == 1401, f"{len(notes)} texts, and n_samples was 1401."
assert all(
    len(text) == 7
    and all(text[i] in (token, MASK) for i, token in enumerate(tokens))
    for text in notes
), "Each text has the tokens in their places, or MASK instead."
kept = torch.tensor([[token != MASK for token in text] for text in notes])
assert kept[0].all() and kept.all(1).sum() == 1, (
    "The first sample keeps all; each other one takes out one token at least."
)
count = torch.bincount((~kept).sum(1), minlength=8)[1:]
assert (count - 200).abs().max() < 75, (
    f"1 to 7 tokens are taken out, {count.tolist()} times: each about 200 "
    "times."
)
assert ((~kept).sum(0) - 800).abs().max() < 110, (
    "Each place is taken out about 800 times."
)
three = {tuple(row) for row in kept.tolist() if sum(row) == 4}
assert len(three) > 28, "Any three of the seven places may be taken out."
assert torch.allclose(found.float(), torch.tensor(values), atol=2e-3), (
    "The texts are right, the weights are not."
)

# %% test="lime-kernel" points=2
# Two tokens, and a model that is not linear. Only four texts can be drawn, and
# their residuals, each times the total nearness of its text, differ in the sign
# alone: worked by hand from how often each was drawn, for the nearness of the
# text and for what is often taken in its place.
truth = {(1, 1): 0.9, (1, 0): 0.2, (0, 1): 0.4, (0, 0): 0.6}
shown = {
    z: " ".join(t if k else MASK for t, k in zip("ab", z, strict=True))
    for z in truth
}


def by_hand(notes, powers, intercept=1):
    """Return both weights; a text that keeps m counts exp(-powers[m])."""
    inverse = {z: math.exp(powers[sum(z)]) / notes.count(z) for z in truth}
    inverse[0, 0] *= intercept
    gap = 0.9 - 0.2 - 0.4 + intercept * 0.6
    gap /= sum(inverse.values())
    first = 0.9 - 0.4 - gap * (inverse[1, 1] + inverse[0, 1])
    second = 0.9 - 0.2 - gap * (inverse[1, 1] + inverse[1, 0])
    return torch.tensor([first, second], dtype=torch.float64)


for seed, width in ((5, 0.6), (6, 1.0), (7, 25.0)):
    notes, generator = [], torch.Generator().manual_seed(seed)
    predict = choosing(lambda kept: truth.get(kept, -9.0), notes)
    found = lime_weights(predict, ["a", "b"], 61, width, generator)
    assert found.shape == (2,), "One weight a token."
    assert set(notes) <= truth.keys(), "A text keeps its two places."
    missing = [shown[z] for z in truth if z not in notes]
    assert not missing, f"In 61 samples the text {missing[0]!r} never comes."
    D = 1 - math.sqrt(1 / 2)
    usual = [1 / width**2, D**2 / width**2, 0.0]  # with 0, 1, 2 tokens kept
    expected = by_hand(notes, usual)
    slips = {
        "there were no intercept": by_hand(notes, usual, 0),
        "all samples counted alike": by_hand(notes, [0.0, 0.0, 0.0]),
        "D were not squared": by_hand(notes, [1 / width**2, D / width**2, 0]),
        "sigma were not squared": by_hand(notes, [1 / width, D**2 / width, 0]),
        "the square of the nearness counted: rows and predictions are "
        "multiplied by its root": by_hand(notes, [2 * p for p in usual]),
        "the root of the nearness counted": by_hand(
            notes, [p / 2 for p in usual]
        ),
        "D were the share of the tokens that are taken out": by_hand(
            notes, [1 / width**2, 0.25 / width**2, 0]
        ),
        "D came from the tokens that are taken out": by_hand(
            notes, [0, D**2 / width**2, 1 / width**2]
        ),
    }
    alike = [
        f"It is as if {slip}."
        for slip, weights in slips.items()
        if torch.allclose(found.double(), weights, atol=1e-4)
    ]
    assert torch.allclose(found.double(), expected, atol=1e-3, rtol=0), (
        f"With a kernel width of {width} and these draws the weights are "
        f"{expected[0]:.3f} and {expected[1]:.3f}: yours are {found[0]:.3f} "
        f"and {found[1]:.3f}. "
        + (alike or ["Distance, kernel, weighted squares, intercept?"])[0]
    )

# %% test="lime-generator" points=1
# A model that is not linear: the weights depend on the draws a little.
answers = []
for seed, noise in ((1, 1), (1, 2), (2, 1)):
    torch.manual_seed(noise)  # the global generator must not matter
    generator = torch.Generator().manual_seed(seed)
    predict = choosing(lambda kept: kept[0] and kept[1], [])
    for _ in range(2):
        answers.append(
            lime_weights(predict, list("abcde"), 131, 0.5, generator)
        )
assert all(found.shape == (5,) for found in answers), "One weight a token."
first, second, again, _, other, _ = (found.double() for found in answers)
assert torch.allclose(first, again, atol=1e-4), (
    "The same generator, other weights: what do you draw with?"
)
assert not torch.allclose(first, second, atol=1e-3), (
    "The next call draws the same samples: each call goes on drawing."
)
assert not torch.allclose(first, other, atol=1e-3), (
    "Another generator, the same weights."
)
assert 0.1 < first[:2].min() and first[:2].max() < 1.4, (
    "Tokens a and b matter, whatever is drawn."
)

# %% test="lime-hidden" points=4
# Hidden: the least squares of exactly the samples that were drawn, for other
# lengths, widths, rules and dtypes; tokens that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (n, n_samples, width, dtype) in enumerate(
    [
        (1, 7, 0.5, torch.float64),
        (2, 61, 0.25, torch.float32),
        (3, 127, 0.4, torch.float32),
        (7, 211, 0.3, torch.float64),
        (11, 307, 1.3, torch.float32),
        (5, 97, 0.35, torch.float32),
    ]
):
    g = torch.Generator().manual_seed(100 + seed)
    worth = torch.randn(n, generator=g).tolist()
    pairs = torch.randn(n, n, generator=g).tolist()

    def mixed(kept, worth=worth, pairs=pairs):
        """Return the sum over the kept, and over pairs of neighbours."""
        total = sum(itertools.compress(worth, kept))
        for i, j in itertools.combinations(range(len(kept)), 2):
            total += pairs[i][j] / len(kept) * (kept[i] and not kept[j])
        return total + 0.7

    notes, tokens = [], [f"w{i % 3}" for i in range(n)]
    same, generator = list(tokens), torch.Generator().manual_seed(seed)
    found = lime_weights(
        choosing(mixed, notes, dtype), tokens, n_samples, width, generator
    )
    assert found.shape == (n,), "One weight a token."
    assert tokens == same, "Leave the tokens as they are."
    assert len(notes) == n_samples, "As many texts as n_samples says."
    assert all(len(row) == n for row in notes), "A text keeps its length."
    kept = torch.tensor(notes).double()
    assert kept.sum(1).eq(n).sum() == 1, "One sample keeps all, no other does."
    near = (-((1 - (kept.sum(1) / n).sqrt()) ** 2) / width**2).exp()
    rows = torch.cat([kept, torch.ones(n_samples, 1)], 1).double()
    y = torch.tensor([mixed(row) for row in notes], dtype=torch.float64)
    square = rows.T @ (near[:, None] * rows)
    expected = torch.linalg.solve(square, rows.T @ (near * y))[:n]
    assert torch.allclose(found.double(), expected, atol=5e-4), (
        "Not the weighted least squares of the samples that were drawn."
    )
notes, generator = [], torch.Generator().manual_seed(7)
found = lime_weights(
    adding_up([0.5, -0.25], 0.1, notes), ["a", "b"], 401, 0.7, generator
)
assert found.shape == (2,), "One weight a token."
count = [text.count(MASK) for text in notes]
assert count.count(0) == 1 and abs(count.count(1) - 200) < 60, (
    "Of two tokens one or both are taken out, each in half of the samples."
)
### END HIDDEN TESTS


# %% [markdown] given="heads-text"
# ## 5. What is a head worth? (9 points)
#
# Switch one head off, leave all others on, and see by how much the loss rises.
# Chapter 13 reaches into its own GPT for that. Here any model will do that says
# how many heads it has and takes a switch for each; not every label counts.
#
# `head_importance(model, batch)`: the model offers three things,
#
# - `model.layers` and `model.heads`, two integers: each layer has that many
#   heads;
# - `model.logits(ids, keep)`, which returns logits `(..., C)`: for each label
#   the logits of $C$ classes. `keep` is a tensor `(layers, heads)`, of numbers
#   or of bools: 1 or `True` for a head that is on, 0 or `False` for one that is
#   off.
#
# `batch` is a pair `(ids, labels)`; the labels are `(...)`, one axis or more. A
# label of **-100** does not count; at least one label counts. The loss is the
# mean of the cross-entropies, with natural logarithms, over **all** labels of
# the batch that count, together.
#
# Return a tensor `(layers, heads)`, in the dtype of the logits: the loss when
# that head **alone** is switched off, minus the loss with all heads on. A head
# that the model is better without has a negative importance. Ask for the logits
# exactly 1 + layers · heads times: the loss with all heads on need not be
# computed again for each head.
#
# *Example.* One layer, two heads, two classes, one label: 0. Head 0 adds (log
# 9, 0) to the logits and head 1 adds (0, log 3). With both on, class 0 has a
# probability of 9/12 and the loss is 0.288; without head 0 it is log 4 = 1.386,
# without head 1 0.105. So the importances are 1.099 and -0.182.


# %% solution="heads"
def head_importance(model, batch):
    """Return the rise of the loss without each head: (layers, heads)."""
    ### BEGIN SOLUTION
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises
    ### END SOLUTION


# %% given="heads-models"
Model = namedtuple("Model", "layers heads logits")


def adding_model(parts, notes):
    """Make a model whose heads add to the logits: parts (layers, heads, V, C).

    Each `keep` that it is called with goes into `notes`.
    """

    def logits(ids, keep):
        """Return the sum of what the heads that are on say of each id."""
        keep = torch.as_tensor(keep).to(parts.dtype)
        notes.append(keep.tolist())
        return torch.einsum("lh,lh...c->...c", keep, parts[:, :, ids])

    return Model(parts.shape[0], parts.shape[1], logits)


def stacked_model(table, maps, last):
    """Make a model whose layers read each other.

    The table is (V, d), the maps of the heads are (layers, heads, d, d), and
    `last` is (d, C).
    """

    def logits(ids, keep):
        """Return the logits of each id."""
        keep, x = torch.as_tensor(keep).to(table.dtype), table[ids]
        for layer, heads in enumerate(maps):
            read = [
                torch.tanh(x @ W) * keep[layer, i] for i, W in enumerate(heads)
            ]
            x = x + sum(read)
        return x @ last

    return Model(maps.shape[0], maps.shape[1], logits)


# %% test="heads-by-hand" points=1
# The example of the text: two heads, one label.
parts = torch.tensor([[[[math.log(9), 0.0]], [[0.0, math.log(3)]]]])
found = head_importance(
    adding_model(parts, []), (torch.tensor([0]), torch.tensor([0]))
)
assert found.shape == (1, 2), "(layers, heads)"
expected = torch.tensor([[math.log(4 / (4 / 3)), math.log(10 / 9 / (4 / 3))]])
assert torch.allclose(found, expected, atol=1e-4), (
    "The example of the text: which loss is subtracted from which? Is every "
    "other head on again?"
)

# %% test="heads-one-at-a-time" points=2
# Two layers of three heads, two classes: head (l, h) adds `gain[l, h]` to the
# logit of class 0, which is the right one.
gain = torch.tensor([[1.0, -0.5, 2.0], [0.25, 0.0, -1.5]])
parts = torch.stack([gain, torch.zeros(2, 3)], -1)[:, :, None]
found = head_importance(
    adding_model(parts, []), (torch.tensor([0, 0]), torch.tensor([0, 0]))
)
assert found.shape == (2, 3), "(layers, heads)"
total = gain.sum().item()
for layer in range(2):
    for head in range(3):
        rest = total - gain[layer, head].item()
        rise = math.log1p(math.exp(-rest)) - math.log1p(math.exp(-total))
        assert abs(found[layer, head] - rise) < 1e-4, (
            f"Head {head} of layer {layer}: it alone is off, all others are on."
        )

# %% test="heads-labels" points=2
# Two labels count in the first text and one in the second. With the only head
# the right class has a probability of 1/2, 3/28 and 1/4; without it 1/8.
parts = torch.zeros(1, 1, 3, 8)
parts[0, 0, 0, 5] = math.log(7)
parts[0, 0, 1, 2] = math.log(7 / 3)
parts[0, 0, 2, 1:] = 3.0
ids = torch.tensor([[0, 1, 2, 1], [1, 0, 2, 2]])
labels = torch.tensor([[5, -100, -100, 0], [2, -100, -100, -100]])
found = head_importance(adding_model(parts, []), (ids, labels))
assert found.shape == (1, 1), "(layers, heads)"
share = 3 / 28
losses = [math.log(2), -math.log(share), math.log(4)]
assert abs(found - (math.log(8) - sum(losses) / 3)) < 1e-4, (
    "The mean over the three labels that count, all texts together."
)

# %% test="heads-calls" points=1
# How the model is asked: two layers, three heads.
notes = []
parts = torch.zeros(2, 3, 1, 2)
parts[..., 0, 0] = 1.0
found = head_importance(
    adding_model(parts, notes), (torch.tensor([0]), torch.tensor([0]))
)
assert len(notes) == 7, f"1 + 2 * 3 calls are enough: there were {len(notes)}."
off = [sum(row.count(0.0) for row in keep) for keep in notes]
assert sorted(off) == [0, 1, 1, 1, 1, 1, 1], (
    "Once all heads are on; then one is off each time, the others on."
)
rise = math.log1p(math.exp(-5)) - math.log1p(math.exp(-6))
assert torch.allclose(found, torch.full((2, 3), rise), atol=1e-4), (
    "Six heads that do the same are worth the same."
)
found = head_importance(
    adding_model(parts.double(), []), (torch.tensor([0]), torch.tensor([0]))
)
assert found.dtype == torch.float64, (
    "The dtype is that of the logits: here it is float64."
)

# %% test="heads-hidden" points=3
# Hidden: other sizes and dtypes, layers that read each other, labels with more
# axes, and a batch that stays as it is.
### BEGIN HIDDEN TESTS
for seed, (layers, heads, shape, V, d, C) in enumerate(
    [
        (3, 2, (7,), 5, 3, 2),
        (1, 5, (3, 7), 11, 2, 3),
        (2, 3, (2, 3, 5), 7, 5, 13),
        (5, 1, (1,), 3, 2, 7),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        table = torch.randn(V, d, generator=g).to(dtype)
        maps = torch.randn(layers, heads, d, d, generator=g).to(dtype)
        last = 2 * torch.randn(d, C, generator=g).to(dtype)
        ids = torch.randint(0, V, shape, generator=g)
        labels = torch.randint(0, C, shape, generator=g)
        if len(shape) > 1:
            labels[torch.rand(shape, generator=g) < 0.3] = -100
        before = ids.clone(), labels.clone()
        model = stacked_model(table, maps, last)
        found = head_importance(model, (ids, labels))
        assert found.shape == (layers, heads), "(layers, heads)"
        assert found.dtype == dtype, "The dtype is that of the logits."

        def loss(keep, model=model, ids=ids, labels=labels):
            """Return the mean of the labels that count, one by one."""
            logs = model.logits(ids, keep).double().log_softmax(-1)
            logs = logs.flatten(0, -2)
            costs = [
                -logs[i, label].item()
                for i, label in enumerate(labels.flatten().tolist())
                if label != -100
            ]
            return sum(costs) / len(costs)

        for i, j in itertools.product(range(layers), range(heads)):
            keep = torch.ones(layers, heads)
            keep[i, j] = 0
            rise = loss(keep) - loss(torch.ones(layers, heads))
            assert abs(found[i, j] - rise) < 1e-4, (
                "Another rise, for other sizes: which head, which labels?"
            )
        assert torch.equal(ids, before[0]) and torch.equal(labels, before[1]), (
            "Leave the batch as it is."
        )
### END HIDDEN TESTS


# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A bidirectional GRU reads film reviews; attention then weighs its states. It
# is right for 97 of 100 reviews. For one it says "negative", and the word
# "dull" has a weight of 0.93. The report says: "The attention is on *dull*, so
# *dull* is why." A referee finds other weights for the same states, with 0.04
# on *dull*, that give the same answer, and writes: "So attention explains
# nothing."
#
# Why does 0.93 not yet show that the *word* is the reason? Which experiment
# would tell? One number alone says little: which other experiment do you hold
# it against, and which result would speak against the report? Why does the
# referee's finding not settle it either? Four to six sentences.

# %% [markdown] written="because" points=3
# The weight is on a state, and the GRU has carried other words into it: "dull"
# may hold the weight while "not" two places before decides, and what the weight
# brings in may hardly move the output (1 point). So change the text, not the
# weights: hide "dull" (by a mask that the model has seen in training, lest it
# be surprised by the gap) and see how far the prediction falls, compared with
# hiding another word, one at random or one of little weight; and over many
# reviews, since one proves nothing. If the fall is no larger than theirs, the
# report is wrong, unless a second word says the same: then both must be hidden
# (1 point). The referee's weights are none that this model would compute: that
# another path leads to the same answer doesn't say which one the model took.
# Neighbouring states hold the same words, so that a weight elsewhere may well
# read "dull", and the word may be the reason even so (1 point).
