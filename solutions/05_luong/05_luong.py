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
# # Luong's attention
#
# **46 points**, about an hour. Chapter 5 computed Luong's scores and windows on
# small examples. Here you write them for batches, with one query a sentence or
# with many, and then the cell of a decoder that moves first and looks second.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - a sentence has either **one query**, `(batch, query_size)`, or **many**,
#   `(batch, m, query_size)`; every function that gets queries takes both forms,
#   and the result has an axis `m` if and only if the queries have one;
# - positions count from **0**: the first word of the source is at position 0;
# - a mask is `True` where a query **may attend**;
# - floats are float32 or float64, and what comes back has the dtype of the
#   **first argument** (a mask is made of booleans);
# - matrices are the paper's: one that meets a vector has a row for each
#   component of the result, as in `nn.Linear`. The chapter's code holds the
#   transpose;
# - no function changes its arguments in place.

# %% given="imports"
import math

import torch
from torch import nn


def attempt(function, *arguments):
    """Call a function; return its answer, or what torch says of sizes."""
    try:
        return function(*arguments)
    except NotImplementedError:
        raise
    except RuntimeError as error:
        return error


# %% [markdown] given="dot-text"
# ## 1. The dot score (5 points)
#
# Generalises "Three scores". **Other than there**: sentences come in a batch,
# and the queries have an axis of their own or none.
#
# `dot_score(query, keys)` returns the dot product of each query with each key
# of *its own sentence*, not divided by anything:
#
# | `query` | `keys` | result |
# |:--|:--|:--|
# | `(batch, size)` | `(batch, n, size)` | `(batch, n)` |
# | `(batch, m, size)` | `(batch, n, size)` | `(batch, m, n)` |
#
# If queries and keys differ in size, raise a `ValueError` that says so. That
# holds for a size of 1 too, which broadcasting would let pass.
#
# *Example.* The query `[[1, 2]]` and the keys `[[[3, 1], [0, -1]]]` give
# `[[5, -2]]`.


# %% solution="dot"
def dot_score(query, keys):
    """Return the dot product of each query with each key of its sentence."""
    ### BEGIN SOLUTION
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError(
            f"expected keys of size {query.shape[-1]}, got {keys.shape[-1]}"
        )
    if query.dim() == 2:
        return (keys @ query.unsqueeze(-1)).squeeze(-1)
    return query @ keys.transpose(-2, -1)
    ### END SOLUTION


# %% test="dot-one-query" points=1
keys = torch.tensor([[[3.0, 1.0], [0.0, -1.0]], [[1.0, 1.0], [2.0, 5.0]]])
found = dot_score(torch.tensor([[1.0, 2.0], [10.0, 1.0]]), keys)
assert found.shape == (2, 2), "One query a sentence: the result is (batch, n)."
expected = torch.tensor([[5.0, -2.0], [11.0, 25.0]])
assert torch.allclose(found, expected, atol=1e-5), (
    "Each query meets the keys of its own sentence; nothing is divided."
)

# %% test="dot-many-queries" points=1
g = torch.Generator().manual_seed(1)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 7, generator=g),
)
found = dot_score(query, keys)
assert found.shape == (2, 3, 5), "Many queries: the result is (batch, m, n)."
expected = sum(query[1, 2, j] * keys[1, 4, j] for j in range(7))
assert torch.allclose(found[1, 2, 4], expected, atol=1e-4), (
    "Entry [b, t, i] is the dot product of query t with key i, both of "
    "sentence b."
)

# %% test="dot-checks" points=1
for size, other in ((3, 5), (3, 1), (1, 3)):
    for shape in ((2, size), (2, 7, size)):
        try:
            dot_score(torch.ones(shape), torch.ones(2, 11, other))
        except ValueError:
            raised = True
        else:
            raised = False
        assert raised, (
            f"Queries of size {size}, keys of size {other}: no ValueError."
        )
found = dot_score(torch.full((2, 1), 3.0), torch.full((2, 5, 1), 2.0))
assert found.shape == (2, 5), "One query a sentence, five keys: (2, 5)."
assert torch.allclose(found, torch.tensor(6.0)), "Of size 1, 3 times 2 is 6."

# %% test="dot-hidden" points=2
# Hidden: other sizes, both forms, float64, a batch as large as the number of
# queries.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(2)
query = torch.randn(3, 3, 64, generator=g, dtype=torch.float64)
keys = torch.randn(3, 11, 64, generator=g, dtype=torch.float64)
for asked in (query, query[:, 1]):
    found = dot_score(asked, keys)
    many = asked if asked.dim() == 3 else asked[:, None]
    expected = (
        (many[:, :, None] * keys[:, None])
        .sum(-1)
        .reshape(*asked.shape[:-1], 11)
    )
    assert found.shape == expected.shape, (
        "(batch, n) for one query, (batch, m, n)."
    )
    assert found.dtype == torch.float64, "float64 comes in, float64 goes out."
    assert torch.allclose(found, expected, atol=1e-4), (
        "A score is not the plain dot product of its pair."
    )
### END HIDDEN TESTS


# %% [markdown] given="general-text"
# ## 2. The general score (4 points)
#
# Generalises "Three scores" in the same way; use what you wrote. `W` is the
# paper's $\mathbf W_a$: nothing is divided here.
#
# `general_score(query, keys, W)` puts a matrix between query and key:
#
# $$\mathrm{score}(\mathbf q, \mathbf k_i) = \mathbf q^\top \mathbf W \mathbf
# k_i$$
#
# `W` has the shape `(query_size, key_size)`. The query is `(batch, query_size)`
# or `(batch, m, query_size)`, the keys are `(batch, n, key_size)`, and the
# result has the shapes of exercise 1.
#
# *Example.* With `W = [[0, 1], [2, 0]]` the query `[1, 2]` gives the key
# `[3, 1]` the score 13, since it asks like the vector `[4, 1]`.


# %% solution="general"
def general_score(query, keys, W):
    """Return q · W k for each query and each key of its sentence."""
    ### BEGIN SOLUTION
    return dot_score(query @ W, keys)
    ### END SOLUTION


# %% test="general-by-hand" points=1
W = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
query, keys = (
    torch.tensor([[1.0, 2.0]]),
    torch.tensor([[[3.0, 1.0], [0.0, -1.0]]]),
)
found = general_score(query, keys, W)
assert found.shape == (1, 2), "One query a sentence: the result is (batch, n)."
assert torch.allclose(found, torch.tensor([[13.0, -1.0]]), atol=1e-5), (
    "The example of the text gives other numbers. On which side does W stand?"
)

# %% test="general-sizes" points=1
query, keys = torch.ones(2, 3, 5), torch.ones(2, 7, 11)
W = torch.zeros(5, 11)
W[4, 0], W[0, 10] = 2.0, 0.5
query[1, 2] = 3.0
found = general_score(query, keys, W)
assert found.shape == (2, 3, 7), (
    "Query and key may differ in size: (batch, m, n)."
)
assert torch.allclose(found[0], torch.tensor(2.5)), (
    "Where queries and keys are all 1, each score is the sum of all entries of "
    "W."
)
assert torch.allclose(found[1, 2], torch.tensor(7.5)), (
    "A query three times as long has scores three times as high."
)

# %% test="general-hidden" points=2
# Hidden: other sizes and both forms, against the sum that the formula stands
# for.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(3)
query = torch.randn(3, 13, 7, generator=g, dtype=torch.float64)
keys = torch.randn(3, 5, 2, generator=g, dtype=torch.float64)
W = torch.randn(7, 2, generator=g, dtype=torch.float64)
found, alone = (
    general_score(query, keys, W),
    general_score(query[:, 12], keys, W),
)
assert found.shape == (3, 13, 5), "Many queries: (batch, m, n)."
assert alone.shape == (3, 5), "One query: (batch, n)."
assert found.dtype == torch.float64, "float64 comes in, float64 goes out."
for b in range(3):
    for i in range(5):
        expected = query[b, 12] @ W @ keys[b, i]
        assert torch.allclose(found[b, 12, i], expected, atol=1e-4), (
            "A score differs from q · W k of its pair."
        )
        assert torch.allclose(alone[b, i], expected, atol=1e-4), (
            "With one query a sentence a score differs from q · W k of its "
            "pair."
        )
### END HIDDEN TESTS


# %% [markdown] given="concat-text"
# ## 3. The concat score (5 points)
#
# Generalises "Three scores" and "Two old friends". **Other than there**: `W` is
# not transposed, so it is cut between *columns*.
#
# `concat_score(query, keys, W, v)` joins query and key and sends them through
# one hidden layer:
#
# $$\mathrm{score}(\mathbf q, \mathbf k_i) = \mathbf v^\top \tanh(\mathbf W
# [\mathbf q; \mathbf k_i])$$
#
# The query comes first in $[\mathbf q; \mathbf k_i]$. `W` has the shape of the
# paper, and of the weight of an `nn.Linear`:
# `(hidden_size, query_size + key_size)`. `v` is `(hidden_size,)`. The shapes of
# queries, keys and result are those of exercise 2.
#
# *Example.* With `W = [[1, 0, 1], [0, 1, 0]]` and `v = [1, 2]` the query
# `[0.5, -1]` gives the key `[0.25]` the score tanh(0.75) + 2 tanh(-1) =
# -0.8880.


# %% solution="concat"
def concat_score(query, keys, W, v):
    """Return v · tanh(W [q; k]) for each query and key of a sentence."""
    ### BEGIN SOLUTION
    size = query.shape[-1]
    for_query, for_keys = query @ W[:, :size].T, keys @ W[:, size:].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return torch.tanh(for_query + for_keys) @ v
    ### END SOLUTION


# %% test="concat-by-hand" points=1
W, v = (
    torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]),
    torch.tensor([1.0, 2.0]),
)
query, keys = torch.tensor([[0.5, -1.0]]), torch.tensor([[[0.25]]])
found = attempt(concat_score, query, keys, W, v)
assert torch.is_tensor(found), (
    "W is (hidden, query + key): cut its columns, not its rows as the "
    f"chapter's code does. torch says: {found}"
)
assert found.shape == (1, 1), "One query, one key: the result is (1, 1)."
assert abs(found.item() + 0.8880) < 1e-3, (
    "The example of the text gives another number. Which columns of W meet the "
    "query?"
)

# %% test="concat-shape" points=1
W, v = torch.full((13, 18), 0.5), torch.ones(13)
for m in ((), (3,)):
    keys = torch.ones(2, 5, 11)
    keys[1, 4] = -1.0
    found = concat_score(torch.ones(2, *m, 7), keys, W, v)
    assert found.shape == (2, *m, 5), (
        "(batch, n) for one query, (batch, m, n) for m."
    )
    assert torch.allclose(found[0], torch.tensor(13.0)), (
        "Where all is 1, each of the 13 hidden units adds tanh(9), which is 1."
    )
    assert torch.allclose(
        found[1, ..., 4], torch.tensor(13 * math.tanh(-2.0))
    ), "With a key of -1 each of the 13 hidden units adds tanh(7/2 - 11/2)."

# %% test="concat-pairs" points=1
g = torch.Generator().manual_seed(4)
query, keys = (
    torch.randn(2, 3, 7, generator=g),
    torch.randn(2, 5, 11, generator=g),
)
W, v = torch.randn(13, 18, generator=g), torch.randn(13, generator=g)
found = concat_score(query, keys, W, v)
joined = torch.cat([query[1, 2], keys[1, 3]])
expected = (torch.tanh(W @ joined) * v).sum()
assert torch.allclose(found[1, 2, 3], expected, atol=1e-4), (
    "Entry [1, 2, 3] is not v · tanh(W [q; k]) of query 2 and key 3 of "
    "sentence 1."
)

# %% test="concat-hidden" points=2
# Hidden: other sizes, equal sizes of query and key, both forms, float64.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(5)
query = torch.randn(5, 2, 3, generator=g, dtype=torch.float64)
keys = torch.randn(5, 7, 3, generator=g, dtype=torch.float64)
W = torch.randn(11, 6, generator=g, dtype=torch.float64)
v = torch.randn(11, generator=g, dtype=torch.float64)
found, alone = (
    concat_score(query, keys, W, v),
    concat_score(query[:, 1], keys, W, v),
)
assert found.shape == (5, 2, 7), "Many queries: (batch, m, n)."
assert alone.shape == (5, 7), "One query: (batch, n)."
assert found.dtype == torch.float64, "float64 comes in, float64 goes out."
for b in range(5):
    for i in range(7):
        hidden = torch.tanh(W @ torch.cat([query[b, 1], keys[b, i]]))
        expected = (hidden * v).sum()
        assert torch.allclose(found[b, 1, i], expected, atol=1e-4), (
            "A score differs from v · tanh(W [q; k]) of its pair."
        )
        assert torch.allclose(alone[b, i], expected, atol=1e-4), (
            "With one query a sentence a score differs from that of its pair."
        )
### END HIDDEN TESTS


# %% [markdown] given="window-text"
# ## 4. A window on the source (6 points)
#
# Generalises "A window on the source". **Other than there**: each sentence has
# its own length, and one query or many.
#
# `local_window_mask(position, lengths, half_width, n_keys)` says which keys
# each query may see. All sentences are padded at the end to `n_keys`;
# `lengths`, integers of shape `(batch,)`, says how many keys of each are real.
#
# | `position` | result |
# |:--|:--|
# | `(batch,)`: one query a sentence | `(batch, n_keys)` |
# | `(batch, m)` | `(batch, m, n_keys)` |
#
# Key $i$ is seen by a query at position $p$ if it is real and $|i - p| \le D$,
# where $D$ is `half_width`: both ends belong to the window. Positions may be
# integers or floats, and **are not rounded**: around 2.5, with a half width of
# 1, lie keys 2 and 3. At the sentence's ends the window is cut off, not
# shifted. A position may lie outside of the sentence, and a length may be 0; a
# query that sees nothing has a row of `False`. The result is made of booleans.
#
# *Example.*
# `local_window_mask(torch.tensor([1.0, 2.5]), torch.tensor([5, 3]), 1, 6)` is
# `[[T, T, T, F, F, F], [F, F, T, F, F, F]]`.


# %% solution="window"
def local_window_mask(position, lengths, half_width, n_keys):
    """Return booleans: True on real keys within half_width of a position."""
    ### BEGIN SOLUTION
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]  # (batch, n_keys)
    if position.dim() == 2:
        real = real[:, None]
    return real & ((keys - position[..., None]).abs() <= half_width)
    ### END SOLUTION


# %% test="window-example" points=1
found = local_window_mask(torch.tensor([1.0, 2.5]), torch.tensor([5, 3]), 1, 6)
expected = [[1, 1, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0]]
assert found.dtype == torch.bool, "A mask is made of booleans."
assert found.shape == (2, 6), "One query a sentence: (batch, n_keys)."
assert found.int().tolist() == expected, (
    "The example of the text is another one."
)

# %% test="window-ends" points=1
position, lengths = torch.tensor([0, 4, 6, 9]), torch.tensor([7, 7, 7, 7])
found = local_window_mask(position, lengths, 2, 7).int().tolist()
assert found[1] == [0, 0, 1, 1, 1, 1, 1], "Both ends belong to the window."
assert found[0] == [1, 1, 1, 0, 0, 0, 0], (
    "At the left end the window is cut off."
)
assert found[2] == [0, 0, 0, 0, 1, 1, 1], (
    "At the right end the window is cut off."
)
assert found[3] == [0] * 7, "Nothing lies within 2 of position 9."

# %% test="window-many-queries" points=2
# Each query has its own position, each sentence its own length.
position = torch.tensor([[0.0, 2.5, 3.0], [1.5, 4.0, 0.0]])
found = attempt(local_window_mask, position, torch.tensor([5, 3]), 1.5, 7)
assert torch.is_tensor(found), (
    "Lengths belong to sentences: with many queries they need an axis between. "
    f"torch says: {found}"
)
assert found.shape == (2, 3, 7), "Many queries: (batch, m, n_keys)."
assert found[0].int().tolist() == [
    [1, 1, 0, 0, 0, 0, 0],
    [0, 1, 1, 1, 1, 0, 0],
    [0, 0, 1, 1, 1, 0, 0],
], "The first sentence has 5 words. Are positions rounded?"
assert found[1].int().tolist() == [
    [1, 1, 1, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
    [1, 1, 0, 0, 0, 0, 0],
], "The second sentence has 3 words."

# %% test="window-hidden" points=2
# Hidden: other sizes, as many queries as sentences, empty sentences, wide
# windows.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(6)
lengths = [11, 0, 7]
for shape in ((3,), (3, 3), (3, 5)):
    for half_width in (0, 2, 3.5, 20):
        position = 13 * torch.rand(shape, generator=g) - 1
        position[0] = position[0].round()
        found = local_window_mask(
            position, torch.tensor(lengths), half_width, 11
        )
        assert found.shape == (*shape, 11), (
            "(batch, n_keys) or (batch, m, n_keys)."
        )
        rows = found.reshape(3, -1, 11).tolist()
        for b, centres in enumerate(position.reshape(3, -1).tolist()):
            for row, p in zip(rows[b], centres, strict=True):
                expected = [
                    i < lengths[b] and abs(i - p) <= half_width
                    for i in range(11)
                ]
                assert row == expected, (
                    f"Position {p:.2f}, half width {half_width}, length "
                    f"{lengths[b]}."
                )
### END HIDDEN TESTS


# %% [markdown] given="position-text"
# ## 5. Where to look (6 points)
#
# Generalises "A window that the model moves". **Other than there**: `W_p` is
# not transposed, and `lengths` belong to sentences, not to queries.
#
# `predict_position(query, W_p, v_p, lengths)` is the network of local-p:
#
# $$p = S \cdot \mathrm{sigmoid}\big(\mathbf v_p^\top \tanh(\mathbf W_p \mathbf
# q)\big)$$
#
# | argument | shape |
# |:--|:--|
# | `query` | `(batch, query_size)` or `(batch, m, query_size)` |
# | `W_p` | `(hidden_size, query_size)`, as in the paper and in `nn.Linear` |
# | `v_p` | `(hidden_size,)` |
# | `lengths` | `(batch,)`, integers: $S$, the number of real keys of each sentence |
# | result | `(batch,)` or `(batch, m)`, in the dtype of the query |
#
# The result is not rounded, so that gradients get through it. Queries may be
# large: no result and no gradient may be NaN.
#
# *Example.* A query of zeros looks at the middle: with 7 words, at 3.5.


# %% solution="position"
def predict_position(query, W_p, v_p, lengths):
    """Return the position, from 0 to the length, that each query asks for."""
    ### BEGIN SOLUTION
    share = torch.sigmoid(torch.tanh(query @ W_p.T) @ v_p)
    lengths = lengths.to(query.dtype)
    return share * (lengths if query.dim() == 2 else lengths[:, None])
    ### END SOLUTION


# %% test="position-middle" points=1
W_p, v_p = torch.ones(5, 3), torch.ones(5)
found = predict_position(torch.zeros(2, 3), W_p, v_p, torch.tensor([7, 11]))
assert found.shape == (2,), "One query a sentence: (batch,)."
assert torch.allclose(found, torch.tensor([3.5, 5.5])), (
    "A query of zeros looks at the middle of its sentence."
)
first = predict_position(
    torch.full((2, 3), -9.0), W_p, v_p, torch.tensor([7, 11])
)
assert first.shape == (2,), "One query a sentence: (batch,)."
assert (first < 1).all(), (
    "With these weights, a query of -9 looks at the first word."
)
far = predict_position(torch.ones(2, 3), W_p, 100 * v_p, torch.tensor([7, 11]))
assert torch.allclose(far, torch.tensor([7.0, 11.0])), (
    f"sigmoid(498) is 1, so the positions are 7 and 11; found {far.tolist()}."
)

# %% test="position-by-hand" points=2
W_p = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, -1.0]])
v_p = torch.tensor([1.0, -1.0, 2.0])
found = predict_position(
    torch.tensor([[0.5, 0.25]]), W_p, v_p, torch.tensor([10])
)
z = math.tanh(0.5) - math.tanh(0.5) + 2 * math.tanh(0.25)
assert found.shape == (1,), "One query a sentence: (batch,)."
assert abs(found.item() - 10 / (1 + math.exp(-z))) < 1e-3, (
    "The hidden layer is tanh([0.5, 0.5, 0.25]). Where do v_p, sigmoid and S "
    "stand?"
)

# %% test="position-many-queries" points=1
g = torch.Generator().manual_seed(7)
query, W_p = torch.randn(2, 3, 7, generator=g), torch.randn(5, 7, generator=g)
v_p, lengths = torch.randn(5, generator=g), torch.tensor([11, 2])
found = predict_position(query, W_p, v_p, lengths)
assert found.shape == (2, 3), "Many queries: (batch, m)."
for t in range(3):
    alone = predict_position(query[:, t], W_p, v_p, lengths)
    assert torch.allclose(found[:, t], alone, atol=1e-4), (
        "A query asked alone gets another position than asked with others."
    )
for b, length in enumerate((11, 2)):
    z = torch.dot(v_p, torch.tanh(W_p @ query[b, 2])).item()
    assert abs(found[b, 2].item() - length / (1 + math.exp(-z))) < 1e-3, (
        "The position is S · sigmoid(v · tanh(W q)), with S of the query's "
        "sentence."
    )

# %% test="position-hidden" points=2
# Hidden: other sizes, as many queries as sentences, float64, gradients, large
# queries.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(8)
query = torch.randn(3, 3, 5, generator=g, dtype=torch.float64).requires_grad_()
W_p = torch.randn(11, 5, generator=g, dtype=torch.float64)
v_p = torch.randn(11, generator=g, dtype=torch.float64)
lengths = torch.tensor([13, 1, 7])
found = predict_position(query, W_p, v_p, lengths)
assert found.shape == (3, 3), "Many queries: (batch, m)."
assert found.dtype == torch.float64, "The result has the dtype of the query."
for b in range(3):
    for t in range(3):
        z = torch.dot(v_p, torch.tanh(W_p @ query[b, t].detach())).item()
        expected = lengths[b].item() / (1 + math.exp(-z))
        assert abs(found[b, t].item() - expected) < 1e-3, (
            "A position differs from S · sigmoid(v · tanh(W q)) of its query."
        )
(slope,) = torch.autograd.grad(found.sum(), query)
assert slope.abs().min() > 0, "No gradient gets back to a query. Is p rounded?"
far = predict_position(
    1e4 * torch.ones(3, 5), W_p.float(), v_p.float(), lengths
)
assert far.isfinite().all() and (far >= 0).all() and (far <= lengths).all(), (
    "For a large query the position must lie in its sentence."
)
z = (W_p.float().sum(1).sign() * v_p.float()).sum()
assert torch.allclose(far, lengths * torch.sigmoid(z), atol=1e-3), (
    "For a large query each tanh is 1 or -1."
)
query = (1e4 * torch.ones(3, 5)).requires_grad_()
found = predict_position(query, W_p.float(), v_p.float(), lengths)
(slope,) = torch.autograd.grad(found.sum(), query)
assert slope.isfinite().all(), "For a large query the gradient is NaN."
### END HIDDEN TESTS


# %% [markdown] given="gaussian-text"
# ## 6. The Gaussian (6 points)
#
# The other half of "A window that the model moves". **Other than there**: half
# widths need not be whole, nor need positions and weights have the same dtype.
#
# `gaussian_reweight(weights, position, half_width)` multiplies the weights of
# local-p by a Gaussian around the position:
#
# $$\alpha_i \cdot \exp\Big(-\frac{(i - p)^2}{2 \sigma^2}\Big), \qquad \sigma =
# \frac{D}{2}$$
#
# `weights` is `(batch, n)` with positions `(batch,)`, or `(batch, m, n)` with
# positions `(batch, m)`. Positions may be integers or floats. $D$,
# `half_width`, is greater than 0; for another value raise a `ValueError`.
#
# The Gaussian comes after the softmax: the result is **not** normalised again.
# It is not cut off at the window's ends either; the weights outside are 0
# already.
#
# *Example.* With `half_width=2` a weight of 0.5 at distance 1 from the position
# becomes 0.5 · exp(-1/2) = 0.3033.


# %% solution="gaussian"
def gaussian_reweight(weights, position, half_width):
    """Return the weights times a Gaussian around the position of each query."""
    ### BEGIN SOLUTION
    if not half_width > 0:
        raise ValueError(f"half_width: expected more than 0, got {half_width}")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    gaussian = torch.exp(-2 * distance**2 / half_width**2)
    return weights * gaussian.to(weights.dtype)
    ### END SOLUTION


# %% test="gaussian-by-hand" points=1
found = gaussian_reweight(
    torch.tensor([[0.5, 0.25, 0.25]]), torch.tensor([1.0]), 2
)
expected = torch.tensor([[0.3033, 0.25, 0.1516]])
assert found.shape == (1, 3), "One query a sentence: (batch, n)."
assert torch.allclose(found, expected, atol=1e-3), (
    "σ is D/2, so 1 for a half width of 2. Is the result normalised again?"
)

# %% test="gaussian-width" points=1
# Two σ from the position exp(-2) is left, whatever the half width.
for half_width in (1, 3, 5):
    weights = torch.full((1, 11), 0.5)
    found = gaussian_reweight(weights, torch.tensor([5]), half_width)[0]
    assert abs(found[5] - 0.5) < 1e-5, (
        f"Half width {half_width}: 0.5 at the position itself became "
        f"{found[5]:.4f}. "
        f"σ is {half_width / 2}, not rounded."
    )
    for end in (5 - half_width, 5 + half_width):
        assert abs(found[end].item() - math.exp(-2) / 2) < 1e-3, (
            "At the window's end, D from the position, a weight is divided by "
            "e²."
        )

# %% test="gaussian-checks" points=1
for half_width in (0, -2):
    try:
        gaussian_reweight(torch.ones(1, 3), torch.tensor([1.0]), half_width)
    except ValueError:
        raised = True
    else:
        raised = False
    assert raised, f"A half width of {half_width}: no ValueError."
found = gaussian_reweight(torch.ones(1, 3), torch.tensor([1.0]), 0.5)
assert abs(found[0, 0].item() - math.exp(-8)) < 1e-5, (
    "A half width of 0.5 has σ = 0.25: at distance 1 a weight of 1 becomes "
    "0.0003, "
    f"found {found[0, 0]:.4f}."
)

# %% test="gaussian-many-queries" points=1
g = torch.Generator().manual_seed(9)
weights = torch.randn(2, 3, 7, generator=g).softmax(-1)
position = 7 * torch.rand(2, 3, generator=g)
kept = weights.clone()
found = gaussian_reweight(weights, position, 4)
assert torch.equal(weights, kept), "The weights were changed in place."
assert found.shape == (2, 3, 7), "Many queries: (batch, m, n)."
for t in range(3):
    alone = gaussian_reweight(weights[:, t], position[:, t], 4)
    assert torch.allclose(found[:, t], alone, atol=1e-5), (
        "Each query has its own position."
    )
expected = weights[1, 2, 5] * math.exp(-((5 - position[1, 2].item()) ** 2) / 8)
assert abs(found[1, 2, 5] - expected) < 1e-5, (
    "Look at σ, and at the axis of the queries."
)

# %% test="gaussian-hidden" points=2
# Hidden: other sizes, positions between words and outside, float64, gradients.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(10)
weights = torch.rand(5, 5, 5, generator=g, dtype=torch.float64)
position = 9 * torch.rand(5, 5, generator=g, dtype=torch.float64) - 2
position.requires_grad_()
found = gaussian_reweight(weights, position, 3)
assert found.shape == (5, 5, 5), "Many queries: (batch, m, n)."
assert found.dtype == torch.float64, "float64 comes in, float64 goes out."
for b in range(5):
    for t in range(5):
        for i in range(5):
            distance = i - position[b, t].item()
            factor = math.exp(-(distance**2) / (2 * 1.5**2))
            expected = weights[b, t, i].item() * factor
            assert abs(found[b, t, i].item() - expected) < 1e-5, (
                "A weight differs from α · exp(-(i - p)² / 2σ²) of its query "
                "and key."
            )
(slope,) = torch.autograd.grad(found[..., 4].sum(), position)
assert (slope[position < 3.9] > 0).all(), (
    "More weight on word 4 must pull the positions before it to the right."
)
### END HIDDEN TESTS


# %% [markdown] given="cell-text"
# ## 7. One step of the decoder (11 points)
#
# Puts "Move first, then look" and "Input feeding" together. **Other than
# there**: it is one step, in a batch with padding, and `W_a` is the paper's:
# nothing divides the score.
#
# `LuongDecoderCell(input_size, state_size, key_size)` makes a step of a decoder
# with the general score and input feeding. These names are fixed:
#
# | attribute | what it is |
# |:--|:--|
# | `self.rnn` | `nn.GRUCell(input_size + state_size, state_size)` |
# | `self.W_a` | `nn.Linear(key_size, state_size, bias=False)` |
# | `self.W_c` | `nn.Linear(key_size + state_size, state_size, bias=False)` |
#
# `forward(y, state, fed, keys, mask=None)` takes the embedded token $y_{t-1}$,
# `(batch, input_size)`; the state $h_{t-1}$ and the attentional state
# $\tilde h_{t-1}$, both `(batch, state_size)`; the encoder's states,
# `(batch, n, key_size)`; and their mask, `(batch, n)`, `True` on keys that may
# be attended to. It does this, in this order:
#
# 1. the GRU goes from $h_{t-1}$ to $h_t$ with $[y_{t-1}; \tilde h_{t-1}]$ as
#    its input;
# 2. $h_t$ looks, with the general score: key $i$ gets $h_t \cdot (W_a k_i)$;
#    the weights are the softmax over the keys that may be attended to, and
#    exactly 0 for the others. In a sentence whose mask is `False` everywhere
#    all weights are 0;
# 3. the context $c_t$ is the sum of the keys under the weights;
# 4. $\tilde h_t = \tanh(W_c [c_t; h_t])$, the context first.
#
# It returns three tensors: $h_t$ and $\tilde h_t$, both `(batch, state_size)`,
# and the weights, `(batch, n)`.


# %% solution="cell"
class LuongDecoderCell(nn.Module):
    """Make one step of a decoder that moves, looks, and remembers where."""

    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)
        ### END SOLUTION

    def forward(self, y, state, fed, keys, mask=None):
        ### BEGIN SOLUTION
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights
        ### END SOLUTION


# %% given="cell-weights"
def luong_weights(input_size, state_size, key_size, seed):
    """Draw a state dict for a cell of these sizes."""
    g = torch.Generator().manual_seed(seed)
    shapes = {
        "rnn.weight_ih": (3 * state_size, input_size + state_size),
        "rnn.weight_hh": (3 * state_size, state_size),
        "rnn.bias_ih": (3 * state_size,),
        "rnn.bias_hh": (3 * state_size,),
        "W_a.weight": (state_size, key_size),
        "W_c.weight": (state_size, key_size + state_size),
    }
    return {
        name: torch.randn(shape, generator=g) / 2
        for name, shape in shapes.items()
    }


# %% test="cell-move" points=2
# The GRU reads the token and the last attentional state, and nothing else.
g = torch.Generator().manual_seed(11)
y, state = torch.randn(2, 3, generator=g), torch.randn(2, 5, generator=g)
fed, keys = torch.randn(2, 5, generator=g), torch.randn(2, 13, 7, generator=g)
parts = luong_weights(3, 5, 7, seed=11)
cell, gru = LuongDecoderCell(3, 5, 7), nn.GRUCell(8, 5)
cell.load_state_dict(parts)
gru.load_state_dict(
    {k[4:]: w for k, w in parts.items() if k.startswith("rnn.")}
)
after, _, _ = cell(y, state, fed, keys)
assert after.shape == (2, 5), "h_t is (batch, state_size)."
assert torch.allclose(after, gru(torch.cat([y, fed], -1), state), atol=1e-4), (
    "The GRU goes from h_{t-1}, with [token; attentional state] as its input."
)

# %% test="cell-look" points=2
# The state after the step asks.
g = torch.Generator().manual_seed(12)
y, state = torch.randn(2, 3, generator=g), torch.randn(2, 5, generator=g)
fed, keys = torch.randn(2, 5, generator=g), torch.randn(2, 13, 7, generator=g)
parts = luong_weights(3, 5, 7, seed=12)
cell = LuongDecoderCell(3, 5, 7)
cell.load_state_dict(parts)
after, _, weights = cell(y, state, fed, keys)
assert weights.shape == (2, 13), "The weights are (batch, n)."
for b in range(2):
    scores = keys[b] @ parts["W_a.weight"].T @ after[b]
    assert torch.allclose(weights[b], scores.softmax(0), atol=1e-4), (
        "The weights are the softmax of h_t · (W_a k_i). Which state is your "
        "query?"
    )

# %% test="cell-attentional" points=2
# With what the cell says it saw, the attentional state follows.
g = torch.Generator().manual_seed(13)
y, state = torch.randn(2, 3, generator=g), torch.randn(2, 5, generator=g)
fed, keys = torch.randn(2, 5, generator=g), torch.randn(2, 13, 7, generator=g)
parts = luong_weights(3, 5, 7, seed=13)
cell = LuongDecoderCell(3, 5, 7)
cell.load_state_dict(parts)
after, attentional, weights = cell(y, state, fed, keys)
assert torch.allclose(weights.sum(-1), torch.ones(2), atol=1e-4), (
    "Without a mask the weights of a sentence sum to 1."
)
context = (weights[:, :, None] * keys).sum(1)
expected = torch.tanh(torch.cat([context, after], -1) @ parts["W_c.weight"].T)
assert attentional.shape == (2, 5), (
    "The attentional state is (batch, state_size)."
)
assert torch.allclose(attentional, expected, atol=1e-4), (
    "It is tanh(W_c [c_t; h_t]): the context first, then the state after the "
    "step."
)

# %% test="cell-mask" points=2
# Padding changes nothing; a sentence without keys has no weights.
g = torch.Generator().manual_seed(14)
y, state = torch.randn(2, 3, generator=g), torch.randn(2, 5, generator=g)
fed, keys = torch.randn(2, 5, generator=g), torch.randn(2, 13, 7, generator=g)
cell = LuongDecoderCell(3, 5, 7)
cell.load_state_dict(luong_weights(3, 5, 7, seed=14))
mask = torch.arange(13) < torch.tensor([[11], [0]])
after, attentional, weights = cell(y, state, fed, keys, mask)
assert not weights.isnan().any(), (
    "An empty sentence gives NaN: a softmax of -∞ alone."
)
_, short, few = cell(y[:1], state[:1], fed[:1], keys[:1, :11])
assert torch.allclose(attentional[:1], short, atol=1e-4), (
    "Two masked keys change the attentional state."
)
assert torch.allclose(weights[0, :11], few[0], atol=1e-4), (
    "The keys that are left share all the weight. Do you mask before the "
    "softmax?"
)
assert weights[0, :11].std() > 0.01, "All keys that are left weigh the same."
assert (weights[0, 11:] == 0).all(), "A masked key has a weight."
assert abs(weights[0].sum() - 1) < 1e-4, "The weights of real keys sum to 1."
assert (weights[1] == 0).all(), (
    "Where nothing may be attended to, all weights are 0."
)
assert attentional.isfinite().all(), (
    "An empty sentence gives NaN in its context."
)
_, nothing, _ = cell(y[1:], state[1:], fed[1:], torch.zeros(1, 13, 7))
assert torch.allclose(attentional[1:], nothing, atol=1e-4), (
    "Where all weights are 0, so is the context."
)

# %% test="cell-hidden" points=3
# Hidden: other sizes, given weights, several steps in a row with input feeding,
# and
# scores of some thousands, where the one key that may be seen has the lowest.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(15)
sizes = (2, 11, 3)  # token, state, key
parts = luong_weights(*sizes, seed=15)
cell, gru = LuongDecoderCell(*sizes), nn.GRUCell(13, 11)
cell.load_state_dict(parts)
gru.load_state_dict(
    {k[4:]: w for k, w in parts.items() if k.startswith("rnn.")}
)
keys = torch.randn(5, 13, 3, generator=g)
mask = torch.arange(13) < torch.tensor([[13], [2], [7], [1], [5]])
state = fed = h = tilde = torch.zeros(5, 11)
for _ in range(3):
    y = torch.randn(5, 2, generator=g)
    h = gru(torch.cat([y, tilde], -1), h)
    scores = torch.einsum("bs,sk,bnk->bn", h, parts["W_a.weight"], keys)
    alpha = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    c = (alpha[:, :, None] * keys).sum(1)
    tilde = torch.tanh(torch.cat([c, h], -1) @ parts["W_c.weight"].T)
    state, fed, weights = cell(y, state, fed, keys, mask)
    assert torch.allclose(state, h, atol=1e-3), "What goes into the GRU?"
    assert torch.allclose(weights, alpha, atol=1e-3), (
        "Which state is the query?"
    )
    assert torch.allclose(fed, tilde, atol=1e-3), "What goes into W_c?"
far = 1e3 * keys
h = gru(torch.cat([y, tilde], -1), h)
scores = torch.einsum("bs,sk,bnk->bn", h, parts["W_a.weight"], far)
lowest = scores == scores.min(-1, keepdim=True).values
state, fed, weights = cell(y, state, fed, far, lowest)
assert weights.shape == (5, 13), "The weights are (batch, n)."
assert torch.allclose(weights, lowest.float(), atol=1e-3), (
    "The only key that may be attended to has all the weight, however low its "
    "score. "
    "How low is the score of the others?"
)
### END HIDDEN TESTS


# %% [markdown] given="when-local-text"
# ## 8. When does local attention pay? (3 points)
#
# A colleague wants to translate subtitles from Japanese, where the verb comes
# last, to English, with local-m and $D = 3$ "because it saves time". In three
# or four sentences: would it save time, could it translate well, and for which
# task would you recommend local-m instead?

# %% [markdown] written="when-local" points=3
# A subtitle has ten or twenty words: a window of seven saves next to nothing,
# and nothing at all if it is a mask on scores that were computed anyway. The
# English verb is written early, but the Japanese one stands last, outside of
# the window around the step's own number, so the model can know it only from
# what the encoder's backward states passed on. Local-m pays where source and
# target run in step, as in copying or transcribing speech, and where the source
# is long: there it saves time if the window is cut out, and it goes on beyond
# the lengths that it was trained on.
