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
# # Queries, keys and values
#
# **40 points**, about an hour. Chapter 2 looked things up for one query at a
# time. Here you write the general forms: along any axis, for batches, with
# masks, and for numbers that would overflow.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - arguments are NumPy arrays of integers or of floats, and may be float32;
#   what you return is of floats;
# - a mask is `True`, or not zero, where a query **may attend**;
# - no function changes its arguments in place;
# - functions may use those that you wrote before them.
#
# The first cell makes NumPy stop at an overflow or at 0 divided by 0. A right
# answer does neither.

# %% given="imports"
import numpy as np

_ = np.seterr(divide="raise", over="raise", invalid="raise")

# %% [markdown] given="softmax-text"
# ## 1. Softmax along any axis (6 points)
#
# `softmax(x, axis=-1)` turns scores of any shape into weights of the same
# shape. Along `axis` they are positive and sum to 1:
#
# $$\alpha_i = \frac{\exp(x_i)}{\sum_j \exp(x_j)}$$
#
# Scores may be so large that `np.exp` overflows. A constant that is taken from
# all of them does not change the weights.
#
# *Chapter 2, "Reweight, normalise"*, ran along the last axis. Here `axis` says
# which one.
#
# *Example.* `softmax([[0, 0], [0, log 3]])` is `[[0.5, 0.5], [0.25, 0.75]]`,
# and with `axis=0` it is `[[0.5, 0.25], [0.5, 0.75]]`.


# %% solution="softmax"
def softmax(x, axis=-1):
    """Return weights, positive and with sum 1 along axis, in the shape of x."""
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=float)
    exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)
    ### END SOLUTION


# %% test="softmax-one-row" points=1
found = softmax(np.log(np.array([1.0, 2.0, 5.0])))
assert np.allclose(found, [0.125, 0.25, 0.625]), (
    "exp of these scores is 1, 2 and 5. Divide each by the sum of all."
)

# %% test="softmax-last-axis" points=1
parts = np.arange(1.0, 16.0).reshape(3, 5)
found = softmax(np.log(parts))
assert found.shape == (3, 5), "The weights have the shape of the scores."
for row, weights in zip(parts, found, strict=True):
    assert np.allclose(weights, row / row.sum()), (
        "Each row has weights of its own."
    )

# %% test="softmax-large-scores" points=2
found = softmax(np.array([[1000.0, 1000.0], [-1000.0, -1001.0], [0.0, 5000.0]]))
tail = 1 / (1 + np.e)
assert np.allclose(found, [[0.5, 0.5], [1 - tail, tail], [0.0, 1.0]]), (
    "Take a constant from a row's scores before you call np.exp. Which is safe?"
)

# %% test="softmax-hidden" points=2
# Hidden: each of three axes, integers, and large scores along another axis.
### BEGIN HIDDEN TESTS
x = np.random.default_rng(2).normal(size=(2, 3, 7))
for axis in (0, 1, 2, -1, -2, -3):
    found = softmax(x, axis=axis)
    assert found.shape == (2, 3, 7), "The weights have the shape of the scores."
    expected = np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
    assert np.allclose(found, expected), (
        "Normalise along `axis`, whichever it is."
    )
found = softmax(np.array([[-3000, 0], [3000, 0]]), axis=0)
assert np.allclose(found, [[0.0, 0.5], [1.0, 0.5]]), (
    "Integers are scores too, and the constant is taken along `axis`."
)
### END HIDDEN TESTS


# %% [markdown] given="masked-text"
# ## 2. Masked softmax (9 points)
#
# `masked_softmax(scores, mask)` takes scores `(..., n)`, with the keys on the
# last axis, and a mask that can be broadcast to their shape. Each row shares
# its weight among the keys where the mask is True:
#
# - hidden keys weigh exactly 0, and the rest sum to 1;
# - what stands in a hidden place has no influence, however large it is;
# - a row with no key to attend to has weights of 0, all of them;
# - `scores` and `mask` stay as they were.
#
# *Chapter 2, "Masks: some keys are not there"*, had one row of scores and a
# mask of the same shape. Here there are many rows, each may allow another
# number of keys, and a mask may serve several of them.
#
# *Example.* With scores `[[0, 0, 9], [1, 2, 3]]` and mask `[[1, 1, 0], [0, 0,
# 0]]` the weights are `[[0.5, 0.5, 0], [0, 0, 0]]`.


# %% solution="masked"
def masked_softmax(scores, mask):
    """Return the softmax over the keys that the mask allows, (..., n), or 0."""
    ### BEGIN SOLUTION
    mask = np.broadcast_to(np.asarray(mask, dtype=bool), np.shape(scores))
    visible = np.where(mask, scores, -np.inf)
    largest = visible.max(axis=-1, keepdims=True)
    exponentials = np.exp(visible - np.where(np.isneginf(largest), 0, largest))
    total = exponentials.sum(axis=-1, keepdims=True)
    return exponentials / np.where(total == 0, 1, total)
    ### END SOLUTION


# %% test="masked-one-row" points=1
scores = np.log(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
found = masked_softmax(scores, np.array([True, False, True, True, False]))
assert np.allclose(found, [1 / 8, 0, 3 / 8, 4 / 8, 0]), (
    "Keys where the mask is True share the weight; the others stay out of the "
    f"sum. You return {found}."
)

# %% test="masked-broadcast" points=1
parts = np.arange(1.0, 31.0).reshape(2, 3, 5)
mask = np.array([True, True, False, True, False])
found = masked_softmax(np.log(parts), mask)
assert found.shape == (2, 3, 5), (
    "One row of a mask may serve many rows of scores."
)
for row, weights in zip(parts.reshape(6, 5), found.reshape(6, 5), strict=True):
    shares = row * mask / row[mask].sum()
    assert np.allclose(weights, shares), "Each row is on its own."

# %% test="masked-no-leak" points=2
mask = np.array([[True, True, False]])
for hidden in (0.0, 3.0, 1e30, -1e30):
    found = masked_softmax(np.array([[0.0, np.log(3), hidden]]), mask)
    assert np.allclose(found, [[0.25, 0.75, 0]]), (
        f"Whatever the hidden score is, here {hidden}, the others weigh 1/4 "
        f"and 3/4. You return {found}."
    )

# %% test="masked-empty-row" points=2
scores = np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
found = masked_softmax(scores, np.array([[0, 0, 0], [1, 1, 0]]))
assert np.allclose(found, [[0, 0, 0], [0.5, 0.5, 0]]), (
    "A row that may attend to nothing has weights of 0: neither NaN nor 1/n. "
    f"You return {found[0]}."
)

# %% test="masked-untouched" points=1
scores = np.ones((2, 3))
mask = np.array([[True, False, True], [False, True, False]])
found = masked_softmax(scores, mask)
assert np.array_equal(scores, np.ones((2, 3))), "Work on a copy of the scores."
assert mask.tolist() == [[True, False, True], [False, True, False]], (
    "Leave the mask as it was."
)
assert np.allclose(found, [[0.5, 0, 0.5], [0, 1, 0]]), (
    "Equal scores, equal weights."
)

# %% test="masked-hidden" points=2
# Hidden: integers, other broadcasts of the mask, large scores, empty rows.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
scores = rng.integers(-9, 9, size=(3, 5, 7)) * 100
mask = rng.integers(0, 2, size=(3, 1, 7))
mask[1] = 0
found = masked_softmax(scores, mask)
assert found.shape == (3, 5, 7), "The weights have the shape of the scores."
for i, j in np.ndindex(3, 5):
    allowed = np.flatnonzero(mask[i, 0])
    expected = np.zeros(7)
    if len(allowed):
        shifted = np.exp(scores[i, j, allowed] - scores[i, j, allowed].max())
        expected[allowed] = shifted / shifted.sum()
    assert np.allclose(found[i, j], expected), (
        "Integers, masks of 0 and 1, large scores: the rules are the same."
    )
### END HIDDEN TESTS


# %% [markdown] given="lookup-text"
# ## 3. Soft lookup for many queries (8 points)
#
# `soft_lookup(query, keys, values)` looks up every query in a memory. The
# shapes are
#
# - `query`: `(..., m, d)`, that is $m$ queries;
# - `keys`: `(..., n, d)`, and `values`: `(..., n, v)`, that is $n$ pairs.
#
# In front there may be any number of axes, equal in all three. The score of a
# query and a key is their dot product, with no scaling. Return a pair: the
# mixtures of the values, `(..., m, v)`, and the weights, `(..., m, n)`.
#
# *Chapter 2, "The soft lookup"*, looked up one query, `(d,)`. Here there are
# many, and batches of memories.
#
# *Example.* For the query `[[0, 0]]`, which fits all keys alike, the mixture is
# the mean of the values.


# %% solution="lookup"
def soft_lookup(query, keys, values):
    """Return mixtures of the values, (..., m, v), and weights, (..., m, n)."""
    ### BEGIN SOLUTION
    weights = softmax(query @ np.swapaxes(keys, -1, -2))
    return weights @ values, weights
    ### END SOLUTION


# %% test="lookup-one-query" points=1
keys = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
values = np.array([[7.0], [14.0], [21.0]])
mixture, weights = soft_lookup(np.log([[2.0, 2.0]]), keys, values)
assert np.allclose(weights, [[4 / 7, 2 / 7, 1 / 7]]), (
    "The scores are 2 log 2, log 2 and 0: the query's products with the keys."
)
assert np.allclose(mixture, [[11.0]]), "Weigh the values and add them up."

# %% test="lookup-many-queries" points=2
rng = np.random.default_rng(1)
query, keys = rng.normal(size=(5, 3)), rng.normal(size=(7, 3))
values = rng.normal(size=(7, 2))
mixture, weights = soft_lookup(query, keys, values)
assert mixture.shape == (5, 2), (
    "There is one mixture, of size v, for each query."
)
assert weights.shape == (5, 7), "There is a row of weights for each query."
assert np.allclose(weights.sum(axis=-1), 1), (
    "A row of weights belongs to one query."
)
assert np.allclose(mixture, weights @ values), (
    "The weights are those of the mixture."
)
for i in range(5):
    alone, _ = soft_lookup(query[i : i + 1], keys, values)
    assert np.allclose(mixture[i], alone[0]), (
        "Each query is looked up on its own."
    )

# %% test="lookup-sharp" points=1
keys, values = np.eye(5, dtype=int)[:3], np.array([[3], [4], [5]])
mixture, _ = soft_lookup(2000 * keys[[2, 0]], keys, values)
assert np.allclose(mixture, [[5], [3]]), (
    "With very large scores the lookup returns the best key's value, unmixed."
)

# %% test="lookup-values-have-no-say" points=1
rng = np.random.default_rng(2)
query, keys = rng.normal(size=(2, 3)), rng.normal(size=(5, 3))
values = rng.normal(size=(5, 7))
mixture, weights = soft_lookup(query, keys, values)
doubled, same = soft_lookup(query, keys, 2 * values)
assert np.allclose(doubled, 2 * mixture), "The mixture is linear in the values."
assert doubled.any() and np.allclose(mixture, weights @ values), (
    "The mixture is the sum of the values, each times its weight."
)
assert np.allclose(same, weights), "Weights come from query and keys alone."

# %% test="lookup-batch" points=1
wanted = np.array([[0, 4], [2, 1], [3, 3]])
keys = np.tile(np.eye(7, 5), (3, 1, 1))
values = np.arange(3 * 7 * 11.0).reshape(3, 7, 11)
mixture, _ = soft_lookup(30 * np.eye(5)[wanted], keys, values)
assert np.shape(mixture) == (3, 2, 11), (
    "Three memories, two queries each, values of 11 numbers: (3, 2, 11). "
    f"Yours: {np.shape(mixture)}."
)
for one in range(3):
    assert np.allclose(mixture[one], values[one, wanted[one]]), (
        "Each memory of a batch is read by its own queries."
    )

# %% test="lookup-hidden" points=2
# Hidden: axes in front, as many queries as pairs, pairs in another order.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for shape, m, n, d, v in (
    ((2, 3), 5, 7, 11, 13),
    ((5,), 3, 3, 2, 7),
    ((), 2, 1, 3, 5),
):
    query, keys = (
        rng.normal(size=(*shape, m, d)),
        rng.normal(size=(*shape, n, d)),
    )
    values = rng.normal(size=(*shape, n, v))
    mixture, weights = soft_lookup(query, keys, values)
    assert mixture.shape == (*shape, m, v), "Axes in front stay in front."
    assert weights.shape == (*shape, m, n), "Axes in front stay in front."
    for at in np.ndindex(*shape, m):
        scores = keys[at[:-1]] @ query[at]
        expected = np.exp(scores) / np.exp(scores).sum()
        assert np.allclose(weights[at], expected, atol=1e-6), (
            "The score is a dot product."
        )
        assert np.allclose(
            mixture[at], expected @ values[at[:-1]], atol=1e-5
        ), "Each value has the weight of its own key."
    order = rng.permutation(n)
    again, _ = soft_lookup(query, keys[..., order, :], values[..., order, :])
    assert np.allclose(again, mixture, atol=1e-5), (
        "The order of the pairs does not matter."
    )
### END HIDDEN TESTS


# %% [markdown] given="kernel-text"
# ## 4. Regression with a kernel (7 points)
#
# `nadaraya_watson(x_query, x_train, y_train, width)` predicts a target at
# points of any dimension. The shapes are
#
# - `x_query`: `(m, d)`, the points asked for;
# - `x_train`: `(n, d)`, and `y_train`: `(n,)`, the pairs.
#
# Return the predictions, `(m,)`. They are means of `y_train`, weighted by the
# Gaussian kernel of the Euclidean distance, measured in units of `width`. A
# larger width reaches farther:
#
# $$\hat y(\mathbf x) = \frac{\sum_i K_i\, y_i}{\sum_j K_j}, \qquad
# K_i = \exp\left(-\frac{\lVert\mathbf x - \mathbf x_i\rVert^2}
# {2\,\text{width}^2}\right)$$
#
# Far from all pairs every $K_i$ is 0 to the computer. The prediction is still
# defined: the nearest pair decides.
#
# *Chapter 2, "Attention as regression"*, had numbers $x$. Here points have $d$
# coordinates.
#
# *Example.* Halfway between two pairs the prediction is the mean of their
# targets, whatever the width.


# %% solution="kernel"
def nadaraya_watson(x_query, x_train, y_train, width):
    """Return the predictions, (m,), by a Gaussian kernel of that width."""
    ### BEGIN SOLUTION
    differences = x_query[:, None, :] - x_train  # (m, n, d)
    squares = (differences**2).sum(axis=-1) / width**2
    return softmax(-squares / 2) @ y_train
    ### END SOLUTION


# %% test="kernel-by-hand" points=1
x_train, y_train = np.array([[0.0], [2.0]]), np.array([0.0, 8.0])
found = nadaraya_watson(
    np.array([[1.0], [1 + np.log(3) / 2]]), x_train, y_train, 1.0
)
assert np.allclose(found, [4.0, 6.0]), (
    "At 1 both pairs weigh the same; at 1 + (log 3)/2 they weigh 1/4 and 3/4."
)

# %% test="kernel-width" points=1
x_train, y_train = np.array([[0.0], [2.0]]), np.array([0.0, 8.0])
found = nadaraya_watson(np.array([[1 + 2 * np.log(3)]]), x_train, y_train, 2.0)
assert found.shape == (1,), (
    "Return one number for each query, with no other axis."
)
assert np.allclose(found, 6.0), (
    "Divide distances by the width before you square them: these weigh 1/4 and "
    f"3/4. You return {found}."
)

# %% test="kernel-many-dimensions" points=2
x_train = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 5.0]])
y_train = np.array([-7.0, 11.0])
found = nadaraya_watson(np.zeros((1, 3)), x_train, y_train, 3.0)
assert np.allclose(found, [2.0]), (
    "Both points have the distance 5: add the squares of all coordinates."
)

# %% test="kernel-far" points=1
x_train, y_train = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([5.0, 7.0])
found = nadaraya_watson(np.array([[2000.0, 0.0]]), x_train, y_train, 1.0)
assert np.allclose(found, [7.0]), (
    "Far from all pairs every kernel is 0 to the computer, and the nearest "
    f"pair decides. You return {found}."
)

# %% test="kernel-hidden" points=2
# Hidden: more points, a query far away, integers, moved points.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
x_query, x_train = rng.normal(size=(7, 2)), rng.normal(size=(11, 2))
y_train = rng.normal(size=11)
for width in (0.3, 0.7, 5.0):
    found = nadaraya_watson(x_query, x_train, y_train, width)
    assert found.shape == (7,), "Return one number for each query."
    for point, prediction in zip(x_query, found, strict=True):
        kernel = np.exp(-((x_train - point) ** 2).sum(axis=-1) / 2 / width**2)
        expected = (kernel * y_train).sum() / kernel.sum()
        assert np.isclose(prediction, expected, atol=1e-5), (
            "Compare with the formula in the text."
        )
    moved = nadaraya_watson(x_query + 13, x_train + 13, y_train, width)
    assert np.allclose(moved, found, atol=1e-5), "Only distances count."
corners = np.eye(3, dtype=int)[:2]
far = nadaraya_watson(np.array([[999, 0, 0]]), corners, y_train[:2], 1)
assert np.allclose(far, y_train[0]), (
    "Far from all pairs, the nearest one decides."
)
### END HIDDEN TESTS

# %% [markdown] given="written-question"
# ## 5. A question about the width (3 points)
#
# A file of 50 pairs was copied twice into one by mistake, so each pair stands
# in it two times. A friend learns the width on these 100 pairs and does leave
# each pair out when its target is predicted. Near which width does that end,
# and why? What is to be done? And would you do the same with 100 pairs in which
# each $x$ was *measured* twice, with a new error each time?

# %% [markdown] written="written-width" points=3
# Near 0. The pair itself is hidden, but its copy is not: it stands at distance
# 0 with the same target, noise included, so the narrowest kernel predicts each
# target with an error of 0 (1 point). Leave out all copies of a pair, or remove
# the copies first (1 point). Two measurements have errors of their own. The
# other one at the same x is then no copy but a fair neighbour: to follow it
# alone costs its noise, and averaging over more pairs is better, so nothing has
# to be hidden but the pair itself (1 point).


# %% [markdown] given="memory-text"
# ## 6. Reading a memory several times (7 points)
#
# `key_value_read(query, keys, values, hops)` reads a memory `hops` times. The
# query is `(..., m, d)`; keys and values are both `(..., n, d)`, with equal
# axes in front. In each hop all queries are looked up as in exercise 3, and
# what comes back is *added* to the query with which the next hop reads:
#
# $$\mathbf q_{j+1} = \mathbf q_j + \sum_i \alpha_i\,\mathbf v_i$$
#
# Return a pair: the query after the last hop, `(..., m, d)`, and the weights of
# all hops, `(hops, ..., m, n)`. With `hops=0` nothing is read: return the query
# as it came, and an empty array `(0, ..., m, n)`.
#
# *Chapter 2, "A memory that is read twice"*, read with one query and at least
# one hop. Here there are many queries and memories, and `hops` may be 0.
#
# *Example.* With one pair whose value is `[1, 0]`, the query `[[0, 5]]` becomes
# `[[3, 5]]` after 3 hops.


# %% solution="memory"
def key_value_read(query, keys, values, hops):
    """Return the last query, (..., m, d), and weights, (hops, ..., m, n)."""
    ### BEGIN SOLUTION
    weights = np.zeros((hops, *query.shape[:-1], keys.shape[-2]))
    for hop in range(hops):
        found, weights[hop] = soft_lookup(query, keys, values)
        query = query + found
    return query, weights
    ### END SOLUTION


# %% test="memory-one-hop" points=1
rng = np.random.default_rng(1)
query, keys = rng.normal(size=(2, 3)), rng.normal(size=(5, 3))
values = rng.normal(size=(5, 3))
_, expected = soft_lookup(query, keys, values)
assert expected.any(), "The weights of exercise 3 are all 0."
added = query + expected @ values
state, weights = key_value_read(query, keys, values, 1)
assert weights.shape == (1, 2, 5), (
    "The weights of each hop stand on a new first axis."
)
assert np.allclose(weights[0], expected), (
    "The first hop reads with the query itself."
)
assert np.allclose(state, added), "What comes back is added to the query."

# %% test="memory-follows-a-chain" points=2
keys = 30 * np.eye(5)[:3]
values = np.eye(5)[1:4]
query = np.eye(5)[:1]
state, weights = key_value_read(query, keys, 2 * values, 2)
assert np.allclose(weights[0, 0], [1, 0, 0]), (
    "The query fits the first key alone."
)
assert np.allclose(weights[1, 0], [0, 1, 0]), (
    "The first value leads to the second key: the second hop reads with the "
    f"new query. Your second hop looks at {weights[1, 0]}."
)
assert np.allclose(state, [[1, 2, 2, 0, 0]]), (
    "The query keeps all that was added."
)

# %% test="memory-untouched" points=1
query = np.array([[1.0, 2.0]])
state, weights = key_value_read(query, np.ones((3, 2)), np.ones((3, 2)), 2)
assert np.allclose(state, [[3.0, 4.0]]), (
    "Each hop adds the value that it finds."
)
assert query.tolist() == [[1.0, 2.0]], "Leave the caller's query as it was."

# %% test="memory-no-hop" points=1
query, keys = np.array([[30.0, 0.0, 0.0]]), np.eye(5, 3)
values = np.arange(15.0).reshape(5, 3)
state, weights = key_value_read(query, keys, values, 0)
assert np.shape(weights) == (0, 1, 5), (
    f"With no hop there are no weights, (0, 1, 5). Yours: {np.shape(weights)}."
)
assert np.allclose(state, [[30, 0, 0]]), "With no hop the query is as it was."
state, _ = key_value_read(query, keys, values, 1)
assert np.allclose(state, [[30, 1, 2]]), "One hop adds the first value."

# %% test="memory-hidden" points=2
# Hidden: axes in front, integers, many hops and none.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
query, keys = (
    rng.integers(-2, 3, size=(3, 5, 2)),
    rng.normal(size=(3, 7, 2)) / 3,
)
values = rng.normal(size=(3, 7, 2)) / 2
state, weights = key_value_read(query, keys, values, 11)
assert state.shape == (3, 5, 2), "The query keeps its shape."
assert weights.shape == (11, 3, 5, 7), "First the hops, then the axes in front."
for i, j in np.ndindex(3, 5):
    expected = query[i, j].astype(float)
    for hop in range(11):
        kernel = np.exp(keys[i] @ expected)
        assert np.allclose(
            weights[hop, i, j], kernel / kernel.sum(), atol=1e-6
        ), "Each hop reads with the query that the hop before it left."
        expected = expected + kernel @ values[i] / kernel.sum()
    assert np.allclose(state[i, j], expected, atol=1e-5), (
        "Each hop adds what it finds."
    )
state, weights = key_value_read(query, keys, values, 0)
assert np.array_equal(state, query), (
    "With no hop the query comes back as it was."
)
assert weights.shape == (0, 3, 5, 7), "With no hop there are no weights."
### END HIDDEN TESTS
