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
# # Attention cues
#
# **40 points**, about 45 minutes. Chapter 1 worked on one channel, one list of
# things and one wish. Here you write the general forms: pictures with channels,
# batches, many wishes at once, and a temperature that may be 0.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - arrays are NumPy arrays of integers or of floats, and may be float32; what
#   you return is of floats;
# - `...` in a shape stands for any number of axes, none included;
# - no function changes its arguments in place.
#
# The first cell makes NumPy stop at an overflow, at a division by 0 and at
# results that are not numbers. A right answer meets none of them.

# %% given="imports"
import numpy as np

_ = np.seterr(divide="raise", over="raise", invalid="raise")

# %% [markdown] given="contrast-text"
# ## 1. Centre and surround (9 points)
#
# `center_surround(image, center, surround)` measures how much each place of a
# picture stands out. The picture is `(..., H, W, C)`: rows, columns and
# channels, with any axes in front. Return `(..., H, W)`.
#
# - A *window* of radius $r$ around a pixel is the square that reaches $r$
#   pixels to each side; the pixel itself belongs to it. Radius 0 is the pixel
#   alone.
# - At the border the window is cut off: take the mean of the pixels that exist.
#   Nothing is filled in. A window may be larger than the whole picture.
# - In each channel, take the mean over the window of radius `center`, minus the
#   mean over the window of radius `surround`, without its sign. Then add up the
#   channels.
#
# Radii are integers. Raise `ValueError` unless `0 <= center < surround`.
#
# *Chapter 1, "Saliency in a picture"*, had one channel, `(H, W)`. Here channels
# stand on the last axis and are added up, and any axes may stand in front.
#
# *Example.* The row `0, 0, 6` is a picture of shape `(1, 3, 1)`. With
# `center=0` and `surround=1`, the surrounds are `0, 2, 3`, so the answer is
# `[[0, 2, 3]]`.


# %% solution="contrast"
def center_surround(image, center, surround):
    """Return how much places of (..., H, W, C) stand out, (..., H, W)."""
    ### BEGIN SOLUTION
    if not 0 <= center < surround:
        raise ValueError(
            f"expected 0 <= center < surround, got {center}, {surround}"
        )

    def window_mean(x, radius):
        for axis in (-3, -2):
            n = x.shape[axis]
            at = np.arange(n)
            near = np.abs(at[:, None] - at) <= radius
            counts = near.sum(axis=1, keepdims=True)
            means = near / counts  # (n, n), rows sum to 1
            x = np.moveaxis(np.tensordot(x, means, axes=(axis, 1)), -1, axis)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference).sum(axis=-1)
    ### END SOLUTION


# %% test="contrast-dot" points=2
image = np.zeros((3, 5, 1))
image[1, 2] = 18.0
found = center_surround(image, 0, 1)
assert np.shape(found) == (3, 5), "Return one number for each pixel, (H, W)."
assert np.allclose(found[1], [0, 2, 16, 2, 0]), (
    "A bright dot: compare the window of 1 pixel with the window of 3 by 3."
)

# %% test="contrast-border" points=2
image = np.full((2, 3, 1), 5.0)
image[0, 0] = 11.0
found = center_surround(image, 0, 1)
assert np.allclose(found, [[4.5, 1, 0], [1.5, 1, 0]]), (
    "At a border only pixels that exist are averaged: 4 in a corner, 6 at an "
    f"edge of this picture. You return {found}."
)

# %% test="contrast-channels" points=2
image = np.full((3, 7, 2), 3.0)
image[1, 3] = [12.0, -6.0]
found = center_surround(image, 0, 1)
assert np.shape(found) == (3, 7), (
    "The channels are added up; their axis is gone."
)
assert np.allclose(found[1], [0, 0, 2, 16, 2, 0, 0]), (
    "Each channel has its own contrast, without sign. Add them up last."
)

# %% test="contrast-radii" points=1
found = center_surround(np.array([[[0.0], [0.0], [6.0]]]), 0, 1)
assert np.allclose(found, [[0, 2, 3]]), "This is the example in the text."
refused = 0
for center, surround in ((-1, 2), (2, 2), (3, 1)):
    try:
        center_surround(np.ones((3, 5, 2)), center, surround)
    except ValueError:
        refused += 1
assert refused == 3, "Raise ValueError unless 0 <= center < surround."

# %% test="contrast-hidden" points=2
# Hidden: axes in front, larger windows, bytes from 0 to 255.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for shape, center, surround in (((2, 3, 5, 7, 2), 1, 2), ((7, 5, 3), 2, 11)):
    image = rng.integers(0, 256, size=shape).astype(np.uint8)
    found = center_surround(image, center, surround)
    assert np.shape(found) == shape[:-1], "Axes in front stay in front."
    for at in np.ndindex(shape[:-1]):
        *front, y, x = at
        expected = np.zeros(shape[-1])
        for sign, r in ((1, center), (-1, surround)):
            rows = slice(max(y - r, 0), y + r + 1)
            columns = slice(max(x - r, 0), x + r + 1)
            window = image[(*front, rows, columns)].astype(float)
            expected += sign * window.mean(axis=(0, 1))
        assert np.isclose(found[at], np.abs(expected).sum(), atol=1e-3), (
            "Batches, bytes and large windows: the rules are the same."
        )
### END HIDDEN TESTS


# %% [markdown] given="weights-text"
# ## 2. Weights with a temperature (9 points)
#
# `cue_weights(scores, temperature=1.0)` turns scores `(..., n)` into weights of
# the same shape. Each row, along the last axis, has weights of its own that sum
# to 1:
#
# $$\alpha_i = \frac{\exp(s_i/\tau)}{\sum_j \exp(s_j/\tau)}$$
#
# - Scores may be large, up to a million, and the temperature $\tau$ as small as
#   0.001: `np.exp` must not overflow.
# - With `temperature=0` the weights are what they tend to as $\tau$ goes to 0:
#   all the weight is on the largest score of the row, and if several are the
#   largest, they share it equally.
# - Raise `ValueError` if the temperature is negative.
#
# *Chapter 1, "From scores to a spotlight"*, shared a weight of 1 among all
# scores of an array and refused a temperature of 0. Here each row sums to 1,
# and 0 has a meaning.
#
# *Example.* For the scores `[[1, 4, 4], [2, 0, 1]]` and `temperature=0` the
# weights are `[[0, 0.5, 0.5], [1, 0, 0]]`.


# %% solution="weights"
def cue_weights(scores, temperature=1.0):
    """Return weights, (..., n) like the scores, that sum to 1 along a row."""
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, got {temperature}")
    # bytes, say, have no negative numbers
    scores = np.asarray(scores, dtype=float)
    shifted = scores - scores.max(axis=-1, keepdims=True)
    if temperature == 0:
        exponentials = (shifted == 0).astype(float)
    else:
        exponentials = np.exp(shifted / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% test="weights-one-row" points=1
found = cue_weights(np.log(np.array([1.0, 2.0, 5.0])))
assert np.allclose(found, [0.125, 0.25, 0.625]), (
    "exp of these scores is 1, 2 and 5. Divide each by the sum of all."
)

# %% test="weights-many-rows" points=1
parts = np.arange(1.0, 16.0).reshape(3, 5)
found = cue_weights(np.log(parts))
assert np.shape(found) == (3, 5), "The weights have the shape of the scores."
for row, weights in zip(parts, found, strict=True):
    assert np.allclose(weights, row / row.sum()), (
        "Each row has weights of its own."
    )

# %% test="weights-temperature" points=1
scores = np.log(np.array([1.0, 4.0, 25.0]))
found = cue_weights(scores, temperature=2.0)
assert np.allclose(found, [0.125, 0.25, 0.625]), (
    "Divide the scores by the temperature: at 2 these behave like log 1, log 2 "
    f"and log 5. You return {found}."
)

# %% test="weights-large" points=2
scores = np.array([[1e6, 1e6 - 1, 0.0], [-1e6, -1e6, -1e6 - 2]])
found = cue_weights(scores, temperature=1.0)
tail, other = 1 / (1 + np.e), 1 / (2 + np.exp(-2))
assert np.allclose(found[0], [1 - tail, tail, 0]), (
    "Take a constant from a row's scores before you call np.exp. Which is safe?"
)
assert np.allclose(found[1], [other, other, other * np.exp(-2)]), (
    "Each row needs a constant of its own."
)
assert scores[0].tolist() == [1e6, 1e6 - 1, 0], (
    "Leave the caller's scores alone."
)
found = cue_weights(np.array([3000.0, 0.0, 3000.0]), temperature=0.001)
assert np.allclose(found, [0.5, 0, 0.5]), (
    "A low temperature makes large numbers."
)

# %% test="weights-zero" points=2
found = cue_weights(np.array([[1.0, 4.0, 4.0], [2.0, 0.0, 1.0]]), temperature=0)
assert np.shape(found) == (2, 3), "The weights have the shape of the scores."
assert np.allclose(found, [[0, 0.5, 0.5], [1, 0, 0]]), (
    "At temperature 0 the largest score of a row has it all; equals share it. "
    f"You return {found}."
)

# %% test="weights-hidden" points=2
# Hidden: axes in front, integers, large scores, ties, a negative temperature.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
scores = rng.integers(-3, 4, size=(2, 3, 7))
for temperature in (0.25, 1, 5.0):
    found = cue_weights(scores, temperature)
    assert np.shape(found) == (2, 3, 7), (
        "The weights have the shape of the scores."
    )
    expected = np.exp(scores / temperature)
    expected /= expected.sum(axis=-1, keepdims=True)
    assert np.allclose(found, expected, atol=1e-6), "Compare with the formula."
apart = scores + rng.integers(-9, 9, size=(2, 3, 1)) * 100000
assert np.allclose(cue_weights(apart, 5.0), expected, atol=1e-6), (
    "A constant that is added to a whole row changes nothing."
)
found = cue_weights(scores * 100000, 0)
assert np.shape(found) == (2, 3, 7), "The weights have the shape of the scores."
best = scores == scores.max(axis=-1, keepdims=True)
assert best.sum() > 6
expected = best / best.sum(axis=-1, keepdims=True)
assert np.allclose(found, expected), "At temperature 0 equal best scores share."
for close in ([1e6 - 1, 1e6, 0.0], [1.0, 1.0 + 2.0**-20, -1.0]):
    assert np.allclose(cue_weights(np.array(close), 0), [0, 1, 0]), (
        "At temperature 0 a score that is nearly the largest gets nothing."
    )
refused = False
try:
    cue_weights(np.array([1.0, 2.0]), -0.5)
except ValueError:
    refused = True
assert refused, "Raise ValueError if the temperature is negative."
### END HIDDEN TESTS


# %% [markdown] given="attend-text"
# ## 3. What the spotlight brings back (6 points)
#
# `attend(weights, values)` adds up values, each times its weight. There are $n$
# values, and each may be a number, a vector, a picture: an array of any shape.
#
# - `weights`: `(..., n)`; one row of weights for each of many spotlights;
# - `values`: `(n, ...)`; all rows of weights read the same values.
#
# Return the sums: first the axes of the weights without the last, then the axes
# of the values without the first. Use the weights as they are, even if they do
# not sum to 1. Raise `ValueError` if there are not as many weights in a row as
# values.
#
# *Chapter 1, "From scores to a spotlight"*, had one row of weights and values
# that are vectors. Here both have more axes, and their order in the result
# counts.
#
# *Example.* Weights `(2, 3)` and three pictures `(3, 5, 7)` give two pictures,
# `(2, 5, 7)`.


# %% solution="attend"
def attend(weights, values):
    """Return the sums of values (n, ...), weighted by each row of (..., n)."""
    ### BEGIN SOLUTION
    if weights.shape[-1] != len(values):
        raise ValueError(
            f"expected {len(values)} weights, got {weights.shape[-1]}"
        )
    return np.tensordot(weights, np.asarray(values, dtype=float), axes=1)
    ### END SOLUTION


# %% test="attend-one-row" points=1
found = attend(
    np.array([0.25, 0.75]), np.array([[8.0, 0.0, 4.0], [0.0, 4.0, 4.0]])
)
assert np.shape(found) == (3,), (
    "One row of weights and values (n, v) give (v,)."
)
assert np.allclose(found, [2, 3, 4]), "Weigh each value and add them up."

# %% test="attend-many-rows" points=1
weights = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
found = attend(weights, np.array([7.0, 3.0, 13.0]))
assert np.shape(found) == (2,), "Two spotlights over numbers bring two numbers."
assert np.allclose(found, [7, 8]), "Each row of weights has a sum of its own."

# %% test="attend-pictures" points=2
pictures = np.arange(3 * 5 * 7.0).reshape(3, 5, 7)
weights = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, -3.0]])
found = attend(weights, pictures)
assert np.shape(found) == (2, 5, 7), "Two rows of weights, pictures of 5 by 7."
assert np.allclose(found[0], pictures[1]), (
    "All the weight on one picture returns it."
)
assert np.allclose(found[1], 2 * pictures[0] - 3 * pictures[2]), (
    "Use the weights as they are; they need not sum to 1."
)

# %% test="attend-hidden" points=2
# Hidden: more axes on both sides, integers, numbers of weights that do not fit.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for front, n, back in (
    ((2, 3), 5, (7, 2, 3)),
    ((), 3, (3, 3)),
    ((5,), 5, (5,)),
):
    weights = rng.normal(size=(*front, n))
    values = rng.integers(-9, 9, size=(n, *back))
    found = attend(weights, values)
    assert np.shape(found) == (*front, *back), (
        "Axes of the weights, then of the values."
    )
    for at in np.ndindex(front):
        expected = sum(w * v for w, v in zip(weights[at], values, strict=True))
        assert np.allclose(found[at], expected, atol=1e-4), (
            "Every value counts."
        )
refused = 0
for n in (1, 2, 5):
    try:
        attend(np.ones((3, n)) / n, np.ones((3, 7)))
    except ValueError:
        refused += 1
assert refused == 3, (
    "Raise ValueError if there are too few or too many weights."
)
### END HIDDEN TESTS


# %% [markdown] given="wishes-text"
# ## 4. Many wishes (5 points)
#
# `volitional_scores(features, query)` scores every place for every wish.
#
# - `features`: `(..., d)`; the features of things in a list, pixels in a
#   picture, …;
# - `query`: `(..., d)`; how much each wish wants each feature.
#
# The axes in front are not related: there may be more on either side, or none.
# The score is the dot product of wish and features, with no scaling. Return
# first the axes of the wishes, then those of the places.
#
# *Chapter 1, "What you want: the volitional cue"*, had one wish. Here every
# place is scored for every wish.
#
# *Example.* A picture `(5, 7, 3)` and two wishes `(2, 3)` give two maps, `(2,
# 5, 7)`.


# %% solution="wishes"
def volitional_scores(features, query):
    """Return the scores of places for wishes, both (..., d): wishes first."""
    ### BEGIN SOLUTION
    return np.tensordot(query, np.asarray(features, dtype=float), axes=(-1, -1))
    ### END SOLUTION


# %% test="wishes-one" points=1
features = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
found = volitional_scores(features, np.array([5.0, 1.0, -1.0]))
assert np.shape(found) == (2,), "One wish gives one score for each thing."
assert np.allclose(found, [3, 3]), "Multiply feature by feature and add up."

# %% test="wishes-maps" points=2
picture = np.arange(5 * 7 * 3.0).reshape(5, 7, 3)
wishes = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, -1.0]])
found = volitional_scores(picture, wishes)
assert np.shape(found) == (2, 5, 7), "Two wishes over a picture give two maps."
assert np.allclose(found[0], picture[..., 1]), (
    "The first wish wants channel 1 alone."
)
assert np.allclose(found[1], 2 * picture[..., 0] - picture[..., 2]), (
    "Each wish has a map of its own."
)

# %% test="wishes-hidden" points=2
# Hidden: more axes on both sides, integers, as many wishes as places.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for places, wishes, d in (((2, 5), (3, 7), 11), ((3,), (3,), 3), ((), (2,), 5)):
    features = rng.integers(-9, 9, size=(*places, d))
    query = rng.normal(size=(*wishes, d))
    found = volitional_scores(features, query)
    assert np.shape(found) == (*wishes, *places), (
        "First the wishes, then the places."
    )
    for wish in np.ndindex(wishes):
        for place in np.ndindex(places):
            expected = (features[place] * query[wish]).sum()
            assert np.isclose(found[wish + place], expected, atol=1e-4), (
                "The score is the dot product, with no scaling."
            )
### END HIDDEN TESTS

# %% [markdown] given="written-question"
# ## 5. A question about wishes (3 points)
#
# A colleague scores each thing by a dense layer on its features $\mathbf x_i$
# and the wish $\mathbf q$, one number a thing: $s_i = \mathbf a \cdot \mathbf
# x_i + \mathbf b \cdot \mathbf q$. A softmax over the things makes weights.
# After long training the weights on a desk are the same for every wish, to the
# last digit. Why? The colleague then leaves out the softmax and picks all
# things with a score above 0: now the wish changes something. What exactly, and
# what still not? Give the smallest change to the score that lets the wish
# select.

# %% [markdown] written="written-dense" points=3
# The wish adds b · q to the score of every thing alike. The softmax takes out
# what all scores of a row share, since exp(b · q) stands in numerator and
# denominator, so no wish and no training changes a weight (1 point). With a
# threshold the wish moves all scores up or down together: it decides how many
# things are picked, but they are always the first ones of the same ranking,
# that of a · x_i (1 point). Multiply wish and features: s_i = q · x_i, or with
# a learned matrix q · (W x_i); then another wish can give another order (1
# point).


# %% [markdown] given="combine-text"
# ## 6. Both cues, in the same units (8 points)
#
# `combine_cues(saliency, task, gain)` adds two maps, or two batches of maps.
# The cues come from different sources, in different units, so each map is
# scaled first.
#
# - `saliency` and `task` have the same shape `(..., H, W)`.
# - Scale each map of `(H, W)` by itself, so that its smallest value becomes 0
#   and its largest 1, and the others lie in proportion. A flat map, with all
#   values equal, becomes 0 everywhere: it has nothing to say.
# - Return the scaled saliency plus `gain` times the scaled task, `(..., H, W)`.
#   `gain` is a number, or an array with one gain for each map: its shape is
#   that of the axes in front, `(...)`. It may be 0 or negative.
#
# *Chapter 1, "What you want: the volitional cue"*, added the cues as they were,
# and scaled them by hand in "Find the book". Here scaling is part of the
# function, it moves the smallest value to 0 too, and each map of a batch may
# have its own gain.
#
# *Example.* With saliency `[[2, 4, 6]]`, task `[[50, 0, 0]]` and `gain=1` the
# answer is `[[1, 0.5, 1]]`.


# %% solution="combine"
def combine_cues(saliency, task, gain):
    """Return scaled saliency plus gain times scaled task, maps (..., H, W)."""

    ### BEGIN SOLUTION
    def scaled(maps):
        maps = np.asarray(maps, dtype=float)
        low = maps.min(axis=(-2, -1), keepdims=True)
        spread = maps.max(axis=(-2, -1), keepdims=True) - low
        return (maps - low) / np.where(spread == 0, 1, spread)

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)
    ### END SOLUTION


# %% test="combine-by-hand" points=1
saliency = np.array([[2.0, 4.0, 6.0], [2.0, 3.0, 2.0]])
task = np.array([[50.0, 0.0, 0.0], [0.0, 0.0, 20.0]])
found = combine_cues(saliency, task, 1)
assert np.shape(found) == (2, 3), "The answer is a map like the others."
assert np.allclose(found, [[1, 0.5, 1], [0, 0.25, 0.4]]), (
    "Scale each map to run from 0 to 1; at gain 1 both count the same. You "
    f"return {found}."
)

# %% test="combine-gain" points=1
saliency, task = (
    np.array([[1.0, 3.0], [2.0, 1.0]]),
    np.array([[-4.0, 0.0], [0.0, 4.0]]),
)
for gain in (0.0, 3.0):
    found = combine_cues(saliency, task, gain)
    expected = [[0, 1 + gain / 2], [0.5 + gain / 2, gain]]
    assert np.allclose(found, expected), (
        "The gain multiplies the scaled task alone."
    )

# %% test="combine-units" points=1
saliency, task = np.array([[0.0, 2.0, 8.0]]), np.array([[9.0, 7.0, 5.0]])
for unit, zero in ((1.0, 0.0), (1000.0, -7.0), (0.125, 64.0), (2.0**-30, 0.0)):
    found = combine_cues(saliency * unit + zero, task, 2.0)
    assert np.shape(found) == (1, 3), "The answer is a map like the others."
    assert np.allclose(found, [[2, 1.25, 1]]), (
        "Another unit or another zero of a map changes nothing."
    )

# %% test="combine-flat" points=1
flat, task = np.full((2, 3), 7.0), np.array([[0.0, 4.0, 0.0], [1.0, 0.0, 2.0]])
found = combine_cues(flat, task, 2.0)
assert np.allclose(found, [[0, 2, 0], [0.5, 0, 1]]), (
    "A flat map becomes 0 everywhere."
)
found = combine_cues(task, flat, 2.0)
assert np.allclose(found, [[0, 1, 0], [0.25, 0, 0.5]]), (
    "Either map may be flat."
)

# %% test="combine-untouched" points=1
saliency, task = np.array([[2.0, 6.0, 4.0]]), np.array([[0.0, 0.0, 5.0]])
found = combine_cues(saliency, task, 1.0)
assert np.allclose(found, [[0, 1, 1.5]]), "Scale, then add."
assert saliency.tolist() == [[2, 6, 4]], (
    "Leave the caller's saliency as it was."
)
assert task.tolist() == [[0, 0, 5]], "Leave the caller's task as it was."

# %% test="combine-batch" points=1
saliency = np.array([[[2.0, 4.0, 6.0]], [[0.0, 10.0, 5.0]]])
task = np.array([[[0.0, 1.0, 2.0]], [[8.0, 8.0, 0.0]]])
found = combine_cues(saliency, task, np.array([1.0, 3.0]))
assert np.shape(found) == (2, 1, 3), "Two maps of 1 by 3 give two such maps."
assert np.allclose(found, [[[0, 1, 2]], [[3, 4, 0.5]]]), (
    "Each map is scaled by itself, and the second has a gain of 3. You return "
    f"{found}."
)

# %% test="combine-hidden" points=2
# Hidden: batches with one gain or a gain for each map, flat maps, integers.
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for front in ((3,), (2, 5), (2,)):
    saliency = rng.integers(-9, 9, size=(*front, 7, 2)) * 100
    task = rng.normal(size=(*front, 7, 2)) * 3 + 5
    saliency[(0,) * len(front)] = 4
    for gain in (rng.normal(size=front), 0.5):
        found = combine_cues(saliency, task, gain)
        assert np.shape(found) == (*front, 7, 2), "Axes in front stay in front."
        gains = np.broadcast_to(gain, front)
        for at in np.ndindex(front):
            expected = np.zeros((7, 2))
            for share, one in ((1, saliency[at]), (gains[at], task[at])):
                if np.ptp(one) > 0:
                    expected += share * (one - one.min()) / np.ptp(one)
            assert np.allclose(found[at], expected, atol=1e-5), (
                "Each map is scaled by itself and has its own gain."
            )
### END HIDDEN TESTS
