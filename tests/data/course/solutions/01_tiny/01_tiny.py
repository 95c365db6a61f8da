# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] given="intro"
# # Tiny sums
#
# Two functions and a question. **12 points**, about five minutes.

# %% given="imports"
import numpy as np

# %% [markdown] given="total-text"
# ## 1. total (5 points)
#
# Add up numbers along an axis: `total([[1, 2], [3, 4]], axis=0)` is `[4, 6]`.


# %% solution="total"
def total(x, axis=-1):
    """Return the sum of x along an axis."""
    ### BEGIN SOLUTION
    summed_up = np.asarray(x).sum(axis=axis)
    return summed_up
    ### END SOLUTION


# %% test="total-of-rows" points=2
x = np.arange(6.0).reshape(2, 3)
assert np.allclose(total(x), [3, 12]), "Look at the axis: -1 is the last one."

# %% test="total-hidden" points=3
# Hidden tests: another axis and other sizes.
### BEGIN HIDDEN TESTS
x = np.arange(30.0).reshape(5, 2, 3)
assert np.allclose(total(x, axis=1), x[:, 0] + x[:, 1]), "Use the axis you are given."
### END HIDDEN TESTS

# %% [markdown] given="share-text"
# ## 2. share (5 points)
#
# Divide numbers by their total, so that they add up to 1.


# %% solution="share"
def share(x, axis=-1):
    """Return x divided by its total along an axis."""
    ### BEGIN SOLUTION
    divided_by_total = x / np.expand_dims(total(x, axis), axis)
    return divided_by_total
    ### END SOLUTION


# %% test="share-sums-to-one" points=2
parts = share(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 1.0]]))
assert np.allclose(parts.sum(-1), 1), "Each row has to add up to 1."

# %% test="share-hidden" points=3
# Hidden tests: the first axis.
### BEGIN HIDDEN TESTS
parts = share(np.array([[1.0, 3.0, 5.0], [3.0, 1.0, 5.0]]), axis=0)
for column in range(3):
    assert np.isclose(parts[:, column].sum(), 1), "Divide along the axis you are given."
### END HIDDEN TESTS

# %% [markdown] given="why-text"
# ## 3. In your words (2 points)
#
# What may go wrong in `share`? One or two sentences.

# %% [markdown] written="why-zero" points=2
# The total may be zero. Then the division gives NaN or infinity.
