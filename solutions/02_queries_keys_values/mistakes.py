# Wrong and other right answers to the assignment, as CONTRIBUTING.md describes them.

# --- 1. softmax ---

# %% mistake="softmax-of-one-row-only" of="softmax" fails="softmax-hidden"
# hint: This is the chapter's softmax: it runs over the last axis. Here `axis` says which one; pass it to max and to sum.
# see: sec-02-softmax
def softmax(x, axis=-1):
    shifted = x - x.max(-1, keepdims=True)
    exponentials = np.exp(shifted)
    return exponentials / exponentials.sum(-1, keepdims=True)


# %% mistake="softmax-over-everything" of="softmax" fails="softmax-last-axis softmax-large-scores softmax-hidden lookup-many-queries lookup-sharp lookup-batch lookup-hidden kernel-by-hand kernel-hidden memory-hidden"
# hint: Your weights sum to 1 over the whole array. Sum along `axis` alone: `sum(axis=axis, keepdims=True)`.
# see: sec-02-softmax
def softmax(x, axis=-1):
    exponentials = np.exp(x - x.max())
    return exponentials / exponentials.sum()


# %% mistake="softmax-overflows" of="softmax" fails="softmax-large-scores softmax-hidden lookup-sharp kernel-far kernel-hidden"
# hint: `np.exp(1000)` overflows. Subtract the largest score along `axis` first (adding it makes things worse); the weights stay the same.
# see: sec-02-softmax
def softmax(x, axis=-1):
    exponentials = np.exp(x)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# %% mistake="softmax-one-maximum-for-all" of="softmax" fails="softmax-large-scores softmax-hidden"
# hint: You subtract the largest score of the whole array. A row far below it becomes 0/0: take the maximum along `axis`.
# see: sec-02-softmax
def softmax(x, axis=-1):
    exponentials = np.exp(x - x.max())
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# %% mistake="softmax-divides-scores" of="softmax" fails="softmax-one-row softmax-last-axis softmax-large-scores softmax-hidden lookup-one-query lookup-hidden kernel-by-hand kernel-width kernel-far kernel-hidden memory-follows-a-chain memory-hidden"
# hint: You divide the scores by their sum. Take the exponential of each score first: weights are never negative.
# see: sec-02-softmax
def softmax(x, axis=-1):
    return x / x.sum(axis=axis, keepdims=True)


# %% mistake="softmax-loses-the-axis" of="softmax" fails="softmax-last-axis softmax-large-scores softmax-hidden lookup-many-queries lookup-sharp lookup-values-have-no-say lookup-batch lookup-hidden kernel-by-hand kernel-hidden memory-one-hop memory-hidden"
# hint: Without `keepdims=True` the sums line up with the wrong axis of the array: each row is divided by another's sum.
# see: sec-02-softmax
def softmax(x, axis=-1):
    exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis)


# %% mistake="softmax-log" of="softmax" fails="softmax-one-row softmax-last-axis softmax-large-scores softmax-hidden lookup-one-query lookup-many-queries lookup-sharp lookup-batch lookup-hidden kernel-by-hand kernel-width kernel-many-dimensions kernel-far kernel-hidden memory-follows-a-chain memory-untouched memory-no-hop memory-hidden"
# hint: You return logarithms of weights. Weights are positive: take the exponential at the end.
# see: sec-02-softmax
def softmax(x, axis=-1):
    x = x - x.max(axis=axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


# --- 2. masked softmax ---


# %% mistake="masked-one-row-only" of="masked" fails="masked-broadcast masked-no-leak masked-empty-row masked-untouched masked-hidden"
# hint: This is the chapter's version for one row. Rows in a batch allow different numbers of keys: keep the shape, and give hidden keys a score that the softmax turns into 0.
# see: sec-02-masks
def masked_softmax(scores, mask):
    weights = np.zeros(len(scores))
    mask = mask.astype(bool)
    if mask.any():
        weights[mask] = softmax(scores[mask])
    return weights


# %% mistake="masked-after-softmax" of="masked" fails="masked-one-row masked-broadcast masked-no-leak masked-empty-row masked-untouched masked-hidden"
# hint: You mask after the softmax, so hidden scores are still in the denominator and the rows no longer sum to 1. Mask the scores.
# see: sec-02-masks
def masked_softmax(scores, mask):
    return softmax(scores) * np.asarray(mask, dtype=bool)


# %% mistake="masked-renormalised" of="masked" fails="masked-no-leak masked-empty-row masked-hidden"
# hint: You take the softmax of all keys and divide by what is left after the mask. If a hidden score is very large, nothing is left: 0/0. Mask the scores.
# see: sec-02-masks
def masked_softmax(scores, mask):
    weights = softmax(scores) * np.asarray(mask, dtype=bool)
    return weights / weights.sum(axis=-1, keepdims=True)


# %% mistake="masked-inverted" of="masked" fails="masked-one-row masked-broadcast masked-no-leak masked-empty-row masked-untouched masked-hidden"
# hint: Your mask is upside down: in this course True means that a query may attend.
# see: sec-02-masks
def masked_softmax(scores, mask):
    hidden = np.broadcast_to(np.asarray(mask, dtype=bool), scores.shape)
    filled = np.where(hidden, -1e300, scores)
    return np.where(hidden, 0.0, softmax(filled))


# %% mistake="masked-empty-row-uniform" of="masked" fails="masked-empty-row masked-hidden"
# hint: In a row with no allowed key all scores are the same large negative number, so its weights are 1/n. Set hidden weights to 0 once more at the end.
# see: sec-02-masks
def masked_softmax(scores, mask):
    return softmax(np.where(np.asarray(mask, dtype=bool), scores, -1e300))


# %% mistake="masked-empty-row-nan" of="masked" fails="masked-empty-row masked-hidden"
# hint: In a row with no allowed key the softmax of minus infinities is NaN. Give such a row finite scores, or leave it out.
# see: sec-02-masks
def masked_softmax(scores, mask):
    with np.errstate(invalid="ignore"):
        return softmax(np.where(np.asarray(mask, dtype=bool), scores, -np.inf))


# %% mistake="masked-scores-to-zero" of="masked" fails="masked-one-row masked-broadcast masked-no-leak masked-empty-row masked-untouched masked-hidden"
# hint: A hidden score of 0 still weighs exp(0) = 1. Hide a key with a score of minus infinity, not by multiplying its score by 0.
# see: sec-02-masks
def masked_softmax(scores, mask):
    return softmax(scores * np.asarray(mask, dtype=bool))


# %% mistake="masked-adds-a-number" of="masked" fails="masked-no-leak"
# hint: You add a large negative number to hidden scores; a hidden score that is larger still comes through. Replace hidden scores with `np.where`.
# see: sec-02-masks
def masked_softmax(scores, mask):
    allowed = np.asarray(mask, dtype=bool)
    return softmax(scores + np.where(allowed, 0.0, -1e9)) * allowed


# %% mistake="masked-in-place" of="masked" fails="masked-untouched"
# hint: You write into the caller's scores. Work on a copy, for example with `np.where`.
# see: sec-02-masks
def masked_softmax(scores, mask):
    allowed = np.broadcast_to(np.asarray(mask, dtype=bool), scores.shape)
    if scores.dtype.kind == "f":
        scores[~allowed] = -1e300
    else:
        scores = np.where(allowed, scores, -1e300)
    return softmax(scores) * allowed


# %% mistake="masked-overflows" of="masked" fails="masked-no-leak masked-hidden"
# hint: `np.exp` gets a score that is too large for it: take off the largest score that a row may attend to, and keep hidden scores out of `np.exp`.
# see: sec-02-softmax
def masked_softmax(scores, mask):
    exponentials = np.exp(scores) * np.asarray(mask, dtype=bool)
    total = exponentials.sum(axis=-1, keepdims=True)
    return exponentials / np.where(total == 0, 1, total)


# --- 3. soft lookup ---


# %% mistake="lookup-one-query-only" of="lookup" fails="lookup-one-query lookup-many-queries lookup-sharp lookup-values-have-no-say lookup-batch lookup-hidden memory-one-hop memory-follows-a-chain memory-untouched memory-no-hop memory-hidden"
# hint: This is the chapter's lookup for one query. Here queries are rows of a matrix: all scores are `query` times `keys` transposed.
# see: sec-02-lookup
def soft_lookup(query, keys, values):
    weights = softmax(keys @ query)
    return weights @ values, weights


# %% mistake="lookup-softmax-over-queries" of="lookup" fails="lookup-one-query lookup-many-queries lookup-sharp lookup-batch lookup-hidden memory-follows-a-chain memory-untouched memory-no-hop memory-hidden"
# hint: Your softmax runs over the queries. A row of weights belongs to one query: normalise over the keys, the last axis.
# see: sec-02-lookup
def soft_lookup(query, keys, values):
    weights = softmax(query @ np.swapaxes(keys, -1, -2), axis=-2)
    return weights @ values, weights


# %% mistake="lookup-scaled" of="lookup" fails="lookup-one-query lookup-batch lookup-hidden memory-follows-a-chain memory-hidden"
# hint: You divide the scores by √d. That comes in chapter 6; here the score is the dot product itself.
# see: sec-02-lookup
def soft_lookup(query, keys, values):
    weights = softmax(
        query @ np.swapaxes(keys, -1, -2) / np.sqrt(query.shape[-1])
    )
    return weights @ values, weights


# %% mistake="lookup-compares-values" of="lookup" fails="lookup-one-query lookup-sharp lookup-values-have-no-say lookup-batch lookup-hidden memory-follows-a-chain memory-no-hop memory-hidden"
# hint: You compare the query with the values. Values are only averaged: the scores come from the keys.
# see: sec-02-values
def soft_lookup(query, keys, values):
    d = min(query.shape[-1], values.shape[-1])
    weights = softmax(query[..., :d] @ np.swapaxes(values[..., :d], -1, -2))
    return weights @ values, weights


# %% mistake="lookup-averages-keys" of="lookup" fails="lookup-one-query lookup-many-queries lookup-sharp lookup-values-have-no-say lookup-batch lookup-hidden memory-one-hop memory-follows-a-chain memory-no-hop memory-hidden"
# hint: You return a mixture of the keys. What comes back is a mixture of the values.
# see: sec-02-values
def soft_lookup(query, keys, values):
    weights = softmax(query @ np.swapaxes(keys, -1, -2))
    return weights @ keys, weights


# %% mistake="lookup-best-only" of="lookup" fails="lookup-one-query lookup-hidden memory-hidden"
# hint: You return the value of the best key alone, as a dictionary does. A soft lookup mixes all values by their weights.
# see: sec-02-lookup
def soft_lookup(query, keys, values):
    scores = query @ np.swapaxes(keys, -1, -2)
    weights = (scores == scores.max(axis=-1, keepdims=True)).astype(float)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ values, weights


# %% mistake="lookup-no-softmax" of="lookup" fails="lookup-one-query lookup-many-queries lookup-sharp lookup-batch lookup-hidden memory-follows-a-chain memory-untouched memory-no-hop memory-hidden"
# hint: You use the scores as weights. Normalise them with the softmax first.
# see: sec-02-softmax
def soft_lookup(query, keys, values):
    weights = query @ np.swapaxes(keys, -1, -2)
    return weights @ values, weights


# %% mistake="lookup-transposes-everything" of="lookup" fails="lookup-batch lookup-hidden memory-hidden"
# hint: `.T` reverses all axes, those in front too. Exchange the last two alone: `np.swapaxes(keys, -1, -2)`.
# see: sec-02-lookup
def soft_lookup(query, keys, values):
    weights = softmax(query @ keys.T)
    return weights @ values, weights


# %% mistake="lookup-returns-no-weights" of="lookup" fails="lookup-one-query lookup-many-queries lookup-sharp lookup-values-have-no-say lookup-batch lookup-hidden memory-one-hop memory-follows-a-chain memory-untouched memory-no-hop memory-hidden"
# hint: Return two things: the mixtures and the weights that made them.
# see: sec-02-lookup
def soft_lookup(query, keys, values):
    return softmax(query @ np.swapaxes(keys, -1, -2)) @ values


# --- 4. regression with a kernel ---


# %% mistake="kernel-one-dimension-only" of="kernel" fails="kernel-by-hand kernel-width kernel-many-dimensions kernel-hidden"
# hint: This is the chapter's version for numbers. Here points have coordinates: add up the squared differences of all of them.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    u = (x_query[:, None] - x_train) / width
    return softmax(-(u**2) / 2) @ y_train


# %% mistake="kernel-width-multiplies" of="kernel" fails="kernel-width kernel-hidden"
# hint: You multiply distances by the width. They are measured in units of it: divide, so that a larger width reaches farther.
# see: sec-02-width
def nadaraya_watson(x_query, x_train, y_train, width):
    squares = ((x_query[:, None] - x_train) ** 2).sum(axis=-1) * width**2
    return softmax(-squares / 2) @ y_train


# %% mistake="kernel-width-not-squared" of="kernel" fails="kernel-width kernel-hidden"
# hint: You divide the squared distance by the width. Divide the distance, and then square.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    squares = ((x_query[:, None] - x_train) ** 2).sum(axis=-1) / width
    return softmax(-squares / 2) @ y_train


# %% mistake="kernel-without-half" of="kernel" fails="kernel-by-hand kernel-width kernel-hidden"
# hint: The exponent of the Gaussian kernel is minus *half* the squared distance.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    squares = ((x_query[:, None] - x_train) ** 2).sum(axis=-1) / width**2
    return softmax(-squares) @ y_train


# %% mistake="kernel-prefers-the-far" of="kernel" fails="kernel-by-hand kernel-width kernel-far kernel-hidden"
# hint: Your scores grow with the distance, so the farthest pairs weigh most. Put a minus in front.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    squares = ((x_query[:, None] - x_train) ** 2).sum(axis=-1) / width**2
    return softmax(squares / 2) @ y_train


# %% mistake="kernel-underflows" of="kernel" fails="kernel-far kernel-hidden"
# hint: Far from all pairs every kernel is 0, and you divide 0 by 0. Take a softmax of the exponents: it subtracts the largest first.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    squares = ((x_query[:, None] - x_train) ** 2).sum(axis=-1) / width**2
    kernel = np.exp(-squares / 2)
    return kernel @ y_train / kernel.sum(axis=-1)


# %% mistake="kernel-of-the-distance" of="kernel" fails="kernel-by-hand kernel-width kernel-far kernel-hidden"
# hint: The exponent holds the *squared* distance; yours holds the distance itself.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    distances = np.sqrt(((x_query[:, None] - x_train) ** 2).sum(axis=-1))
    return softmax(-distances / width / 2) @ y_train


# %% mistake="kernel-not-normalised" of="kernel" fails="kernel-by-hand kernel-width kernel-many-dimensions kernel-far kernel-hidden"
# hint: You add up kernels times targets. Divide by the sum of the kernels, or the result is no mean.
# see: sec-02-pooling
def nadaraya_watson(x_query, x_train, y_train, width):
    squares = ((x_query[:, None] - x_train) ** 2).sum(axis=-1) / width**2
    return np.exp(-squares / 2) @ y_train


# --- 6. reading a memory several times ---


# %% mistake="memory-chapter-shape" of="memory" fails="memory-one-hop memory-follows-a-chain memory-no-hop memory-hidden"
# hint: This is the chapter's version for one query. Here the weights of a hop have the shape (..., m, n).
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    weights = np.zeros((hops, len(keys)))
    for hop in range(hops):
        found, weights[hop] = soft_lookup(query, keys, values)
        query = query + found
    return query, weights


# %% mistake="memory-same-query" of="memory" fails="memory-follows-a-chain memory-hidden"
# hint: Every hop reads with the first query. Read with the query that the hop before left.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    weights = np.zeros((hops, *query.shape[:-1], keys.shape[-2]))
    state = query
    for hop in range(hops):
        found, weights[hop] = soft_lookup(query, keys, values)
        state = state + found
    return state, weights


# %% mistake="memory-forgets-the-query" of="memory" fails="memory-one-hop memory-follows-a-chain memory-untouched memory-no-hop memory-hidden"
# hint: You replace the query by what comes back. Add it: the question is still needed.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    weights = np.zeros((hops, *query.shape[:-1], keys.shape[-2]))
    for hop in range(hops):
        query, weights[hop] = soft_lookup(query, keys, values)
    return query, weights


# %% mistake="memory-in-place" of="memory" fails="memory-untouched"
# hint: `query += found` writes into the caller's array. Write `query = query + found`.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    weights = np.zeros((hops, *query.shape[:-1], keys.shape[-2]))
    if query.dtype.kind != "f":
        query = query.astype(float)
    for hop in range(hops):
        found, weights[hop] = soft_lookup(query, keys, values)
        query += found
    return query, weights


# %% mistake="memory-last-weights" of="memory" fails="memory-one-hop memory-follows-a-chain memory-hidden"
# hint: You return the weights of the last hop alone. Keep those of every hop, on a new first axis.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    weights = np.zeros((0, *query.shape[:-1], keys.shape[-2]))
    for _ in range(hops):
        found, weights = soft_lookup(query, keys, values)
        query = query + found
    return query, weights


# %% mistake="memory-hops-at-the-end" of="memory" fails="memory-one-hop memory-follows-a-chain memory-no-hop memory-hidden"
# hint: The hops stand on the *first* axis of the weights.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    weights = np.zeros((*query.shape[:-1], keys.shape[-2], hops))
    for hop in range(hops):
        found, weights[..., hop] = soft_lookup(query, keys, values)
        query = query + found
    return query, weights


# %% mistake="memory-none-is-one" of="memory" fails="memory-no-hop memory-hidden"
# hint: With `hops=0` nothing is read. Yours reads once all the same.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    found, weights = soft_lookup(query, keys, values)
    query, all_weights = query + found, [weights]
    for _ in range(hops - 1):
        found, weights = soft_lookup(query, keys, values)
        query = query + found
        all_weights.append(weights)
    return query, np.array(all_weights)


# %% mistake="memory-integer-query" of="memory" fails="memory-hidden"
# hint: You store what comes back in an array of the query's type: with integers the fractions are cut off.
# see: sec-02-memory
def key_value_read(query, keys, values, hops):
    state = np.array(query)
    weights = np.zeros((hops, *query.shape[:-1], keys.shape[-2]))
    for hop in range(hops):
        found, weights[hop] = soft_lookup(state, keys, values)
        state[...] = state + found
    return state, weights


# --- other right answers ---


# %% right="loops" of="softmax"
def softmax(x, axis=-1):
    rows = np.moveaxis(np.asarray(x), axis, -1)
    out = np.empty(rows.shape)
    for at in np.ndindex(rows.shape[:-1]):
        largest = max(rows[at])
        shares = [np.exp(float(score - largest)) for score in rows[at]]
        out[at] = [share / sum(shares) for share in shares]
    return np.moveaxis(out, -1, axis)


# %% right="loops" of="masked"
def masked_softmax(scores, mask):
    allowed = np.broadcast_to(mask, scores.shape) != 0
    weights = np.zeros(scores.shape)
    for at in np.ndindex(scores.shape[:-1]):
        if allowed[at].any():
            weights[at][allowed[at]] = softmax(scores[at][allowed[at]])
    return weights


# %% right="loops" of="lookup"
def soft_lookup(query, keys, values):
    *front, m, _ = query.shape
    n, v = values.shape[-2:]
    weights, mixtures = np.zeros((*front, m, n)), np.zeros((*front, m, v))
    for at in np.ndindex(*front, m):
        pairs = at[:-1]
        scores = np.array([np.dot(query[at], key) for key in keys[pairs]])
        weights[at] = softmax(scores)
        for weight, value in zip(weights[at], values[pairs]):
            mixtures[at] += weight * value
    return mixtures, weights


# %% right="loops" of="kernel"
def nadaraya_watson(x_query, x_train, y_train, width):
    predictions = []
    for point in x_query:
        u = np.array(
            [np.linalg.norm(point - other) / width for other in x_train]
        )
        kernel = np.exp((min(u) ** 2 - u**2) / 2)
        predictions.append(sum(kernel * y_train) / sum(kernel))
    return np.array(predictions)


# %% right="loops" of="memory"
def key_value_read(query, keys, values, hops):
    state, all_weights = np.array(query, dtype=float), []
    while len(all_weights) < hops:
        found, weights = soft_lookup(state, keys, values)
        all_weights.append(weights)
        state = state + found
    shape = (hops, *query.shape[:-1], keys.shape[-2])
    return state, np.array(all_weights).reshape(shape)


# %% right="float32" of="softmax"
def softmax(x, axis=-1):
    x = np.asarray(x, dtype=np.float32)
    x = x - np.amax(x, axis=axis, keepdims=True)
    return np.exp(x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True)))


# %% right="float32" of="masked"
def masked_softmax(scores, mask):
    allowed = np.logical_and(np.ones(scores.shape, dtype=bool), mask)
    filled = np.where(allowed, scores, np.finfo(np.float32).min)
    return np.where(allowed, softmax(filled), 0)


# %% right="float32" of="lookup"
def soft_lookup(query, keys, values):
    weights = softmax(np.einsum("...md,...nd->...mn", query, keys))
    return np.einsum("...mn,...nv->...mv", weights, values), weights


# %% right="float32" of="kernel"
def nadaraya_watson(x_query, x_train, y_train, width):
    query, train = x_query[:, np.newaxis], x_train[np.newaxis]
    distances = np.linalg.norm((query - train).astype(np.float32), axis=2)
    return softmax(-0.5 * np.square(distances / width)).dot(y_train)


# %% right="float32" of="memory"
def key_value_read(query, keys, values, hops):
    if hops == 0:
        return query.copy(), np.zeros((0, *query.shape[:-1], keys.shape[-2]))
    found, weights = soft_lookup(query, keys, values)
    state, rest = key_value_read(query + found, keys, values, hops - 1)
    return state, np.concatenate([weights[None], rest])


# --- written answers ---

# %% [markdown] answer="full" of="written-width" points=3
# The smallest width: the twin of the left-out pair is still there, at distance 0 and with the same noise, so it predicts without error.
# Take the doubles out first. With two real measurements the errors differ, so the twin gives nothing away and may stay.

# %% [markdown] answer="half" of="written-width" points=1.5
# Near 0, because each point finds its copy. With two measurements it is the same problem, so I would always leave out both.

# %% [markdown] answer="wrong" of="written-width" points=0
# The width comes out twice as small because there are twice as many points. That is good, since more data allow a narrower kernel.
