# Wrong and other right answers to the assignment, as CONTRIBUTING.md describes them.

import numpy as np

# --- 1. centre and surround ---


# %% mistake="contrast-one-channel" of="contrast" fails="contrast-dot contrast-border contrast-channels contrast-radii contrast-hidden"
# hint: This is the chapter's version for one channel (H, W). Here the channels stand on the last axis and other axes may stand in front.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    def window_mean(channel, radius):
        for axis in (0, 1):
            n = channel.shape[axis]
            sums = np.insert(np.cumsum(channel, axis), 0, 0, axis)
            first = np.maximum(np.arange(n) - radius, 0)
            end = np.minimum(np.arange(n) + radius + 1, n)
            counts = np.expand_dims(end - first, 1 - axis)
            channel = (
                np.take(sums, end, axis) - np.take(sums, first, axis)
            ) / counts
        return channel

    if image.ndim != 2 or not 0 <= center < surround:
        raise ValueError("expected (H, W) and 0 <= center < surround")
    return np.abs(window_mean(image, center) - window_mean(image, surround))


# %% mistake="contrast-zeros-outside" of="contrast" fails="contrast-border contrast-channels contrast-radii contrast-hidden"
# hint: You fill the outside of the picture with zeros, so every border stands out. Divide by the number of pixels that exist.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")

    def window_mean(x, radius):
        for axis in (-3, -2):
            at = np.arange(x.shape[axis])
            near = np.abs(at[:, None] - at) <= radius
            means = near / (2 * radius + 1)
            x = np.moveaxis(np.tensordot(x, means, axes=(axis, 1)), -1, axis)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference).sum(axis=-1)


# %% mistake="contrast-edge-repeated" of="contrast" fails="contrast-border contrast-radii contrast-hidden"
# hint: You repeat the pixels of the edge beyond the border. Nothing is filled in: a window that is cut off has fewer pixels.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")

    def window_mean(x, radius):
        for axis in (-3, -2):
            at = np.arange(x.shape[axis])
            steps = range(-radius, radius + 1)
            parts = [np.take(x, at + s, axis, mode="clip") for s in steps]
            x = sum(parts) / len(parts)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference).sum(axis=-1)


# %% mistake="contrast-wraps-around" of="contrast" fails="contrast-border contrast-radii contrast-hidden"
# hint: Your windows leave the picture at one side and come back at the other, as `np.roll` does. Cut them off at the border.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")

    def window_mean(x, radius):
        for axis in (-3, -2):
            steps = range(-radius, radius + 1)
            x = sum(np.roll(x, step, axis) for step in steps) / len(steps)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference).sum(axis=-1)


# %% mistake="contrast-with-sign" of="contrast" fails="contrast-dot contrast-border contrast-channels contrast-radii contrast-hidden"
# hint: Dark on light stands out as light on dark does. Take the absolute value of the difference in each channel.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")

    def window_mean(x, radius):
        for axis in (-3, -2):
            at = np.arange(x.shape[axis])
            near = np.abs(at[:, None] - at) <= radius
            means = near / near.sum(axis=1, keepdims=True)
            x = np.moveaxis(np.tensordot(x, means, axes=(axis, 1)), -1, axis)
        return x

    image = np.asarray(image, dtype=float)
    return (window_mean(image, center) - window_mean(image, surround)).sum(
        axis=-1
    )


# %% mistake="contrast-channels-first" of="contrast" fails="contrast-channels contrast-hidden"
# hint: You add the channels before you take the absolute value, so red that is gained and green that is lost cancel. Take it in each channel.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")

    def window_mean(x, radius):
        for axis in (-3, -2):
            at = np.arange(x.shape[axis])
            near = np.abs(at[:, None] - at) <= radius
            means = near / near.sum(axis=1, keepdims=True)
            x = np.moveaxis(np.tensordot(x, means, axes=(axis, 1)), -1, axis)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference.sum(axis=-1))


# %% mistake="contrast-mean-of-channels" of="contrast" fails="contrast-channels contrast-hidden"
# hint: You average the channels. The text asks for their sum.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")

    def window_mean(x, radius):
        for axis in (-3, -2):
            at = np.arange(x.shape[axis])
            near = np.abs(at[:, None] - at) <= radius
            means = near / near.sum(axis=1, keepdims=True)
            x = np.moveaxis(np.tensordot(x, means, axes=(axis, 1)), -1, axis)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference).mean(axis=-1)


# %% mistake="contrast-ring" of="contrast" fails="contrast-dot contrast-border contrast-channels contrast-radii contrast-hidden"
# hint: Your surround leaves the window of the centre out. Here it is the whole square, the pixel itself included.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")
    image = np.asarray(image, dtype=float)
    *front, height, width, channels = image.shape
    found = np.zeros((*front, height, width))
    for y in range(height):
        for x in range(width):
            sums, counts = [], []
            for r in (center, surround):
                rows = slice(max(y - r, 0), y + r + 1)
                columns = slice(max(x - r, 0), x + r + 1)
                window = image[..., rows, columns, :]
                sums.append(window.sum(axis=(-3, -2)))
                counts.append(window.shape[-3] * window.shape[-2])
            ring = sums[1] - sums[0]
            ring = ring / max(counts[1] - counts[0], 1)
            found[..., y, x] = np.abs(sums[0] / counts[0] - ring).sum(axis=-1)
    return found


# %% mistake="contrast-half-a-window" of="contrast" fails="contrast-dot contrast-border contrast-channels contrast-radii contrast-hidden"
# hint: Your windows miss their last row and column: a slice ends before its end. A window goes from `y - r` to `y + r`, both included.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    if not 0 <= center < surround:
        raise ValueError("expected 0 <= center < surround")
    image = np.asarray(image, dtype=float)
    *front, height, width, channels = image.shape
    found = np.zeros((*front, height, width))
    for y in range(height):
        for x in range(width):
            means = []
            for r in (center, surround):
                rows = slice(max(y - r, 0), max(y + r, 1))
                columns = slice(max(x - r, 0), max(x + r, 1))
                if r == 0:
                    rows, columns = slice(y, y + 1), slice(x, x + 1)
                means.append(image[..., rows, columns, :].mean(axis=(-3, -2)))
            found[..., y, x] = np.abs(means[0] - means[1]).sum(axis=-1)
    return found


# %% mistake="contrast-any-radii" of="contrast" fails="contrast-radii"
# hint: Look at the radii first: unless `0 <= center < surround` there is nothing to compare, and the text asks for a `ValueError`.
# see: sec-01-center-surround
def center_surround(image, center, surround):
    def window_mean(x, radius):
        for axis in (-3, -2):
            at = np.arange(x.shape[axis])
            near = np.abs(at[:, None] - at) <= max(radius, 0)
            means = near / near.sum(axis=1, keepdims=True)
            x = np.moveaxis(np.tensordot(x, means, axes=(axis, 1)), -1, axis)
        return x

    image = np.asarray(image, dtype=float)
    difference = window_mean(image, center) - window_mean(image, surround)
    return np.abs(difference).sum(axis=-1)


# --- 2. weights ---


# %% mistake="weights-over-everything" of="weights" fails="weights-many-rows weights-large weights-zero weights-hidden"
# hint: This is the chapter's version: its weights sum to 1 over the whole array. Here each row has weights of its own: use `axis=-1, keepdims=True`.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    exponentials = np.exp((scores - scores.max()) / temperature)
    return exponentials / exponentials.sum()


# %% mistake="weights-no-zero" of="weights" fails="weights-zero weights-hidden"
# hint: You divide by the temperature, which may be 0. Treat 0 by itself: the largest score of a row gets all the weight.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    exponentials = np.exp(shifted / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-first-takes-all" of="weights" fails="weights-zero weights-hidden"
# hint: At temperature 0 you give everything to the first of the largest scores, as `argmax` finds it. Equal scores share equally.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return np.eye(scores.shape[-1])[np.argmax(scores, axis=-1)]
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    exponentials = np.exp(shifted / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-ties-not-shared" of="weights" fails="weights-zero weights-hidden"
# hint: At temperature 0 your largest scores get a weight of 1 each. A row of weights sums to 1: divide by how many they are.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    if temperature == 0:
        return (shifted == 0).astype(float)
    exponentials = np.exp(shifted / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-overflow" of="weights" fails="weights-large weights-hidden"
# hint: `np.exp` of a large number overflows. First take the largest score of the row from all of them: the weights stay the same.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        exponentials = scores == np.max(scores, axis=-1, keepdims=True)
    else:
        exponentials = np.exp(scores / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-one-maximum-for-all" of="weights" fails="weights-large weights-hidden"
# hint: You take the largest score of the whole array from every row. A row far below it becomes 0/0: take each row's own.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        exponentials = scores == np.max(scores, axis=-1, keepdims=True)
    else:
        exponentials = np.exp((scores - np.max(scores)) / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-temperature-multiplies" of="weights" fails="weights-temperature weights-large weights-hidden"
# hint: You multiply by the temperature, so a high one sharpens. Divide the scores by it.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    if temperature == 0:
        exponentials = (shifted == 0).astype(float)
    else:
        exponentials = np.exp(shifted * temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-temperature-outside" of="weights" fails="weights-temperature weights-hidden"
# hint: You divide the exponentials by the temperature; it cancels in the sum. Divide the scores, inside the exponential.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    if temperature == 0:
        exponentials = (shifted == 0).astype(float)
    else:
        exponentials = np.exp(shifted) / temperature
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-without-exponential" of="weights" fails="weights-one-row weights-many-rows weights-temperature weights-large weights-hidden"
# hint: You divide the scores by their sum. Take the exponential first: a weight is never negative.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        scores = (scores == np.max(scores, axis=-1, keepdims=True)).astype(
            float
        )
    return scores / scores.sum(axis=-1, keepdims=True)


# %% mistake="weights-any-temperature" of="weights" fails="weights-hidden"
# hint: A negative temperature prefers the smallest scores. The text asks for a `ValueError`.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    if temperature <= 0:
        exponentials = (shifted == 0).astype(float)
    else:
        exponentials = np.exp(shifted / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-almost-zero" of="weights" fails="weights-hidden"
# hint: You replace a temperature of 0 by a small one, so a score just below the largest still gets a share. Look for the largest by `==`.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    exponentials = np.exp(shifted / max(temperature, 1e-5))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-nearly-the-largest" of="weights" fails="weights-hidden"
# hint: `isclose` takes 999999 for 1000000, so scores share that are not equal. Compare with `==`.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    best = np.max(scores, axis=-1, keepdims=True)
    if temperature == 0:
        exponentials = np.isclose(scores, best).astype(float)
    else:
        exponentials = np.exp((scores - best) / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% mistake="weights-in-place" of="weights" fails="weights-large"
# hint: `-=` writes into the caller's scores. Compute a new array.
# see: sec-01-weights
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    scores -= np.max(scores, axis=-1, keepdims=True)
    if temperature == 0:
        exponentials = (scores == 0).astype(float)
    else:
        exponentials = np.exp(scores / temperature)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# --- 3. what comes back ---


# %% mistake="attend-chapter-shape" of="attend" fails="attend-many-rows attend-pictures attend-hidden"
# hint: This is the chapter's version for one row of weights. Here weights are (..., n) and values (n, ...).
# see: sec-01-weights
def attend(weights, values):
    if weights.shape != (len(values),):
        raise ValueError(
            f"weights must be {(len(values),)}, got {weights.shape}"
        )
    return weights @ values


# %% mistake="attend-matmul" of="attend" fails="attend-pictures attend-hidden"
# hint: `@` takes all but the last two axes of the values as a batch. Join the last axis of the weights with the *first* of the values.
# see: sec-01-weights
def attend(weights, values):
    if weights.shape[-1] != len(values):
        raise ValueError("expected as many weights as values")
    return weights @ values


# %% mistake="attend-normalises" of="attend" fails="attend-pictures attend-hidden"
# hint: You divide by the sum of the weights. Use them as they are.
# see: sec-01-weights
def attend(weights, values):
    if weights.shape[-1] != len(values):
        raise ValueError("expected as many weights as values")
    return np.tensordot(
        weights / weights.sum(axis=-1, keepdims=True), values, axes=1
    )


# %% mistake="attend-mean" of="attend" fails="attend-one-row attend-many-rows attend-pictures attend-hidden"
# hint: You divide by the number of values. The weights are the shares already: add up, no more.
# see: sec-01-weights
def attend(weights, values):
    if weights.shape[-1] != len(values):
        raise ValueError("expected as many weights as values")
    return np.tensordot(weights, values, axes=1) / len(values)


# %% mistake="attend-best-only" of="attend" fails="attend-one-row attend-many-rows attend-pictures attend-hidden"
# hint: You return the value with the largest weight. Every value counts, by its weight.
# see: sec-01-weights
def attend(weights, values):
    if weights.shape[-1] != len(values):
        raise ValueError("expected as many weights as values")
    return values[np.argmax(weights, axis=-1)] * 1.0


# %% mistake="attend-values-first" of="attend" fails="attend-pictures attend-hidden"
# hint: Your result has the axes of the values in front. The axes of the weights come first.
# see: sec-01-weights
def attend(weights, values):
    if weights.shape[-1] != len(values):
        raise ValueError("expected as many weights as values")
    return np.tensordot(values, weights, axes=(0, -1))


# %% mistake="attend-all-rows-together" of="attend" fails="attend-many-rows attend-pictures attend-hidden"
# hint: You add up over the rows of weights as well. Each row has a sum of its own.
# see: sec-01-weights
def attend(weights, values):
    if weights.shape[-1] != len(values):
        raise ValueError("expected as many weights as values")
    rows = weights.reshape(-1, len(values))
    return np.tensordot(rows.sum(axis=0), values, axes=1)


# %% mistake="attend-any-number" of="attend" fails="attend-hidden"
# hint: You cut weights and values to the shorter of both, as `zip` does. If their numbers differ, raise a `ValueError`.
# see: sec-01-weights
def attend(weights, values):
    n = min(weights.shape[-1], len(values))
    return np.tensordot(weights[..., :n], values[:n], axes=1)


# %% mistake="attend-one-weight-for-all" of="attend" fails="attend-hidden"
# hint: A row of a single weight is stretched over all values, as NumPy broadcasts. Compare the numbers of weights and values yourself.
# see: sec-01-weights
def attend(weights, values):
    flat = values.reshape(len(values), -1)
    mixed = np.einsum("...n,nv->...v", weights, flat)
    return mixed.reshape(weights.shape[:-1] + values.shape[1:])


# --- 4. wishes ---


# %% mistake="wishes-one-only" of="wishes" fails="wishes-maps wishes-hidden"
# hint: This is the chapter's version for one wish (d,). Here many wishes may come at once, (..., d).
# see: sec-01-wish
def volitional_scores(features, query):
    if features.shape[-1:] != query.shape:
        raise ValueError(
            f"query must be {features.shape[-1:]}, got {query.shape}"
        )
    return features @ query


# %% mistake="wishes-places-first" of="wishes" fails="wishes-maps wishes-hidden"
# hint: Your places come first. The text asks for the axes of the wishes, then those of the places.
# see: sec-01-wish
def volitional_scores(features, query):
    return np.tensordot(features, query, axes=(-1, -1))


# %% mistake="wishes-transposed" of="wishes" fails="wishes-maps wishes-hidden"
# hint: `.T` turns all axes round, so the places of a picture come out as (W, H). Join the last axes and leave the others in order.
# see: sec-01-wish
def volitional_scores(features, query):
    return np.dot(query, features.T)


# %% mistake="wishes-scaled" of="wishes" fails="wishes-one wishes-maps wishes-hidden"
# hint: You divide by the lengths of wish and features, which makes a cosine. Here the score is the dot product itself.
# see: sec-01-wish
def volitional_scores(features, query):
    sizes = np.linalg.norm(features, axis=-1), np.linalg.norm(query, axis=-1)
    sizes = np.multiply.outer(sizes[1], sizes[0])
    scores = np.tensordot(query, features, axes=(-1, -1))
    return scores / np.where(sizes == 0, 1, sizes)


# %% mistake="wishes-divided" of="wishes" fails="wishes-one wishes-maps wishes-hidden"
# hint: You take the mean over the features. The dot product is the sum.
# see: sec-01-wish
def volitional_scores(features, query):
    return np.tensordot(query, features, axes=(-1, -1)) / query.shape[-1]


# %% mistake="wishes-distance" of="wishes" fails="wishes-one wishes-maps wishes-hidden"
# hint: You measure how far the features are from the wish. Multiply feature by feature and add up.
# see: sec-01-wish
def volitional_scores(features, query):
    wishes = query.reshape(
        query.shape[:-1] + (1,) * (features.ndim - 1) + (-1,)
    )
    return -np.sqrt(((wishes - features) ** 2).sum(axis=-1))


# %% mistake="wishes-pair-up" of="wishes" fails="wishes-maps wishes-hidden"
# hint: You pair the first wish with the first place, and so on, by broadcasting. Every wish is compared with every place.
# see: sec-01-wish
def volitional_scores(features, query):
    return (features * query).sum(axis=-1)


# --- 6. both cues ---


# %% mistake="combine-unscaled" of="combine" fails="combine-by-hand combine-gain combine-units combine-flat combine-untouched combine-batch combine-hidden"
# hint: This is the chapter's sum. Here each map is scaled first, so that it runs from 0 to 1.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    if saliency.shape != task.shape:
        raise ValueError(f"task must be {saliency.shape}, got {task.shape}")
    return saliency + np.asarray(gain)[..., None, None] * task


# %% mistake="combine-whole-batch" of="combine" fails="combine-batch combine-hidden"
# hint: You scale the whole batch together. Each map of (H, W) is scaled by itself: give `axis=(-2, -1), keepdims=True` to min and max.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        spread = np.max(maps) - np.min(maps)
        return (maps - np.min(maps)) / (spread if spread else 1)

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)


# %% mistake="combine-keeps-the-zero" of="combine" fails="combine-by-hand combine-gain combine-units combine-flat combine-untouched combine-batch combine-hidden"
# hint: You divide by the largest value and leave the smallest where it is. Take the smallest away first: a map runs from 0 to 1.
# see: sec-01-desk
def combine_cues(saliency, task, gain):
    def scaled(maps):
        largest = np.max(np.abs(maps), axis=(-2, -1), keepdims=True)
        return maps / np.where(largest == 0, 1, largest)

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)


# %% mistake="combine-divides-by-zero" of="combine" fails="combine-flat combine-hidden"
# hint: In a flat map the largest value is the smallest, and you divide by 0. Such a map becomes 0 everywhere.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        low = np.min(maps, axis=(-2, -1), keepdims=True)
        return (maps - low) / (np.max(maps, axis=(-2, -1), keepdims=True) - low)

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)


# %% mistake="combine-adds-a-little" of="combine" fails="combine-units"
# hint: You add a little to what you divide by, so a map in small units does not reach 1. Divide by the spread itself, and treat flat maps apart.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        low = np.min(maps, axis=(-2, -1), keepdims=True)
        return (maps - low) / (
            np.max(maps, axis=(-2, -1), keepdims=True) - low + 1e-8
        )

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)


# %% mistake="combine-only-large-maps" of="combine" fails="combine-units"
# hint: You divide by 1 wherever the spread is below 1. That is right for a flat map alone.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        low = np.min(maps, axis=(-2, -1), keepdims=True)
        spread = np.max(maps, axis=(-2, -1), keepdims=True) - low
        return (maps - low) / np.maximum(spread, 1)

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)


# %% mistake="combine-mixes" of="combine" fails="combine-by-hand combine-gain combine-units combine-flat combine-untouched combine-batch combine-hidden"
# hint: You take a share of the saliency away as the gain grows. Here the saliency always counts in full, and the task comes on top.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        low = np.min(maps, axis=(-2, -1), keepdims=True)
        spread = np.max(maps, axis=(-2, -1), keepdims=True) - low
        return (maps - low) / np.where(spread == 0, 1, spread)

    gain = np.asarray(gain)[..., None, None]
    return (1 - gain) * scaled(saliency) + gain * scaled(task)


# %% mistake="combine-gain-on-both" of="combine" fails="combine-gain combine-units combine-flat combine-batch combine-hidden"
# hint: You multiply both maps by the gain. It belongs to the task alone: at gain 0 the saliency is left.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        low = np.min(maps, axis=(-2, -1), keepdims=True)
        spread = np.max(maps, axis=(-2, -1), keepdims=True) - low
        return (maps - low) / np.where(spread == 0, 1, spread)

    return np.asarray(gain)[..., None, None] * (scaled(saliency) + scaled(task))


# %% mistake="combine-one-gain" of="combine" fails="combine-batch combine-hidden"
# hint: Your gains meet the wrong axes. There is one gain for each map: give it two axes of size 1 at the end, `gain[..., None, None]`.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        low = np.min(maps, axis=(-2, -1), keepdims=True)
        spread = np.max(maps, axis=(-2, -1), keepdims=True) - low
        return (maps - low) / np.where(spread == 0, 1, spread)

    return scaled(saliency) + gain * scaled(task)


# %% mistake="combine-in-place" of="combine" fails="combine-untouched"
# hint: `-=` writes into the caller's map. Compute a new array.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        if maps.dtype.kind != "f":
            maps = maps.astype(float)
        maps -= np.min(maps, axis=(-2, -1), keepdims=True)
        spread = np.max(maps, axis=(-2, -1), keepdims=True)
        return maps / np.where(spread == 0, 1, spread)

    gain = np.asarray(gain)[..., None, None]
    return scaled(saliency) + gain * scaled(task)


# %% mistake="combine-standardises" of="combine" fails="combine-by-hand combine-gain combine-units combine-flat combine-untouched combine-batch combine-hidden"
# hint: You scale to mean 0 and standard deviation 1. The text asks for a smallest value of 0 and a largest of 1.
# see: sec-01-wish
def combine_cues(saliency, task, gain):
    def scaled(maps):
        mean = np.mean(maps, axis=(-2, -1), keepdims=True)
        spread = np.std(maps, axis=(-2, -1), keepdims=True)
        return (maps - mean) / np.where(spread == 0, 1, spread)

    return scaled(saliency) + np.asarray(gain)[..., None, None] * scaled(task)


# --- other right answers ---


# %% right="loops" of="contrast"
def center_surround(image, center, surround):
    if center < 0 or center >= surround:
        raise ValueError(f"bad radii {center} and {surround}")
    *front, height, width, channels = image.shape
    found = np.zeros((*front, height, width))
    for y in range(height):
        for x in range(width):
            means = []
            for r in (center, surround):
                top, left = max(0, y - r), max(0, x - r)
                window = image[..., top : y + r + 1, left : x + r + 1, :]
                means.append(window.mean(axis=-2).mean(axis=-2))
            for channel in range(channels):
                found[..., y, x] += abs(means[0] - means[1])[..., channel]
    return found


# %% right="loops" of="weights"
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("a temperature is never below 0")
    weights = np.zeros(scores.shape)
    for at in np.ndindex(scores.shape[:-1]):
        row = [float(score) for score in scores[at]]
        best = max(row)
        if temperature == 0:
            parts = [1.0 if score == best else 0.0 for score in row]
        else:
            parts = [np.exp((score - best) / temperature) for score in row]
        weights[at] = [part / sum(parts) for part in parts]
    return weights


# %% right="loops" of="attend"
def attend(weights, values):
    n = values.shape[0]
    if weights.shape[-1] != n:
        raise ValueError("a weight for each value, please")
    total = np.zeros(weights.shape[:-1] + values.shape[1:])
    for at in np.ndindex(weights.shape[:-1]):
        for weight, value in zip(weights[at], values, strict=True):
            total[at] += weight * value
    return total


# %% right="loops" of="wishes"
def volitional_scores(features, query):
    scores = np.zeros(query.shape[:-1] + features.shape[:-1])
    for wish in np.ndindex(query.shape[:-1]):
        for place in np.ndindex(features.shape[:-1]):
            scores[wish + place] = np.dot(query[wish], features[place])
    return scores


# %% right="loops" of="combine"
def combine_cues(saliency, task, gain):
    front = saliency.shape[:-2]
    gains, total = np.broadcast_to(gain, front), np.zeros(saliency.shape)
    for at in np.ndindex(front):
        for share, one in ((1.0, saliency[at]), (gains[at], task[at])):
            low, high = one.min(), one.max()
            if high > low:
                total[at] += share * (one - low) / (high - low)
    return total


# %% right="sums" of="contrast"
def center_surround(image, center, surround):
    if not (0 <= center and center < surround):
        raise ValueError("expected 0 <= center < surround")
    height, width = image.shape[-3:-1]
    sums = np.zeros((*image.shape[:-3], height + 1, width + 1, image.shape[-1]))
    sums[..., 1:, 1:, :] = image.astype(float).cumsum(axis=-3).cumsum(axis=-2)
    means = []
    for r in (center, surround):
        y, x = np.arange(height), np.arange(width)
        top, bottom = np.maximum(y - r, 0), np.minimum(y + r + 1, height)
        left, right = np.maximum(x - r, 0), np.minimum(x + r + 1, width)
        bands = sums[..., bottom, :, :] - sums[..., top, :, :]
        totals = bands[..., right, :] - bands[..., left, :]
        counts = np.outer(bottom - top, right - left)[..., None]
        means.append(totals / counts)
    return np.einsum("...c->...", np.abs(means[0] - means[1]))


# %% right="sums" of="weights"
def cue_weights(scores, temperature=1.0):
    if temperature < 0:
        raise ValueError("expected a temperature of 0 or more")
    scores = np.asarray(scores, dtype=float)
    best = scores.max(axis=-1)[..., None]
    if temperature == 0:
        at_best = np.equal(scores, best)
        return at_best / np.count_nonzero(at_best, axis=-1)[..., None]
    scaled = ((scores - best) / temperature).astype(np.float32)
    return np.exp(scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True)))


# %% right="sums" of="attend"
def attend(weights, values):
    n = len(values)
    if weights.shape[-1] != n:
        raise ValueError("expected as many weights as values")
    flat = values.reshape(n, int(np.prod(values.shape[1:]))).astype(np.float32)
    mixed = np.einsum("...n,nv->...v", weights, flat)
    return mixed.reshape(weights.shape[:-1] + values.shape[1:])


# %% right="sums" of="wishes"
def volitional_scores(features, query):
    wishes = query.reshape(-1, query.shape[-1]).astype(np.float32)
    places = features.reshape(-1, features.shape[-1]).astype(np.float32)
    scores = np.einsum("wd,pd->wp", wishes, places)
    return scores.reshape(query.shape[:-1] + features.shape[:-1])


# %% right="sums" of="combine"
def combine_cues(saliency, task, gain):
    def scaled(maps):
        flat = maps.reshape(*maps.shape[:-2], -1).astype(np.float32)
        flat = flat - flat.min(axis=-1, keepdims=True)
        highest = flat.max(axis=-1, keepdims=True)
        ratio = np.divide(
            flat, highest, out=np.zeros_like(flat), where=highest > 0
        )
        return ratio.reshape(maps.shape)

    gains = np.expand_dims(np.asarray(gain, dtype=np.float32), (-2, -1))
    return scaled(saliency) + gains * scaled(task)


# --- written answers ---

# %% [markdown] answer="full" of="written-dense" points=3
# b · q is the same number for all things, and a softmax does not see a number that is added to all. Above a threshold more or
# fewer things are picked, but in the order of a · x_i. Use the dot product q · x_i as the score, then the order depends on q.

# %% [markdown] answer="half" of="written-dense" points=1.5
# Because the wish adds the same to every score, and the softmax cancels it. One should add a hidden layer, perhaps.

# %% [markdown] answer="wrong" of="written-dense" points=0
# Because the layer has too few weights to learn all wishes. Without a softmax it has more freedom. I would train a larger one.
