"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="dot-scaled" of="dot" fails="dot-one-query dot-many-queries dot-hidden general-by-hand general-sizes general-hidden"
# hint: You divide by √d_k. Luong's dot score is not scaled; that comes in chapter 6.
# see: sec-05-kinship
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    if query.dim() == 2:
        return (keys @ query.unsqueeze(-1)).squeeze(-1) / math.sqrt(
            query.shape[-1]
        )
    return query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])


# %% mistake="dot-not-summed" of="dot" fails="dot-one-query dot-many-queries dot-checks dot-hidden general-by-hand general-sizes general-hidden"
# hint: You multiply query and key but do not sum: an axis of components is left.
# see: sec-05-scores
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    if query.dim() == 2:
        return query.unsqueeze(1) * keys
    return query.unsqueeze(2) * keys.unsqueeze(1)


# %% mistake="dot-across-sentences" of="dot" fails="dot-one-query dot-checks dot-hidden general-by-hand general-hidden"
# hint: With one query a sentence, `query @ keys.transpose(-2, -1)` lets each query meet the keys of all sentences. Give the query an axis of its own.
# see: sec-05-scores
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    return query @ keys.transpose(-2, -1)


# %% mistake="dot-no-check" of="dot" fails="dot-checks"
# hint: Sizes that differ pass unseen: of size 1, broadcasting hides it. Compare the last axes first.
# see: sec-05-scores
def dot_score(query, keys):
    if query.dim() == 2:
        return (query.unsqueeze(1) * keys).sum(-1)
    return (query.unsqueeze(2) * keys.unsqueeze(1)).sum(-1)


# %% mistake="dot-softmax" of="dot" fails="dot-one-query dot-many-queries dot-checks dot-hidden general-by-hand general-sizes general-hidden"
# hint: You return weights. A score function returns the scores; the softmax comes later.
# see: sec-05-scores
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    if query.dim() == 2:
        return (keys @ query.unsqueeze(-1)).squeeze(-1).softmax(-1)
    return (query @ keys.transpose(-2, -1)).softmax(-1)


# %% mistake="dot-keys-by-queries" of="dot" fails="dot-many-queries dot-hidden general-sizes general-hidden"
# hint: Your result is (batch, n, m). A row belongs to one query: (batch, m, n).
# see: sec-05-scores
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    if query.dim() == 2:
        return (keys @ query.unsqueeze(-1)).squeeze(-1)
    return keys @ query.transpose(-2, -1)


# %% mistake="dot-cosine" of="dot" fails="dot-one-query dot-many-queries dot-checks dot-hidden general-by-hand general-sizes general-hidden"
# hint: You divide by the lengths of the vectors. The dot score takes them as they are.
# see: sec-05-scores
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    query, keys = (
        nn.functional.normalize(query, dim=-1),
        nn.functional.normalize(keys, dim=-1),
    )
    if query.dim() == 2:
        return (keys @ query.unsqueeze(-1)).squeeze(-1)
    return query @ keys.transpose(-2, -1)


# %% mistake="dot-keeps-axis" of="dot" fails="dot-one-query dot-checks dot-hidden general-by-hand general-hidden"
# hint: With one query a sentence, (batch, size), the result has no axis for queries: it is (batch, n).
# see: sec-05-scores
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("queries and keys differ in size")
    if query.dim() == 2:
        query = query.unsqueeze(1)
    return query @ keys.transpose(-2, -1)


# %% mistake="general-transposed" of="general" fails="general-by-hand general-sizes general-hidden"
# hint: W stands the wrong way round: the query meets its rows, the key its columns.
# see: sec-05-scores
def general_score(query, keys, W):
    return dot_score(query @ W.T, keys)


# %% mistake="general-no-matrix" of="general" fails="general-by-hand general-sizes general-hidden"
# hint: W is not used: that is the dot score.
# see: sec-05-kinship
def general_score(query, keys, W):
    return dot_score(query, keys)


# %% mistake="general-tanh" of="general" fails="general-by-hand general-sizes general-hidden"
# hint: There is no tanh in the general score: it is a dot product with a projected key.
# see: sec-05-kinship
def general_score(query, keys, W):
    return dot_score(torch.tanh(query @ W), keys)


# %% mistake="general-scaled" of="general" fails="general-by-hand general-sizes general-hidden"
# hint: You divide by √d. `W` is the paper's W_a: the divisor of the chapter's library belongs to its own W_k, where W_a = W_k / √d.
# see: sec-05-kinship
def general_score(query, keys, W):
    return dot_score(query @ W, keys) / math.sqrt(keys.shape[-1])


# %% mistake="general-both-projected" of="general" fails="general-by-hand general-sizes general-hidden"
# hint: You project the query and the key. W stands between them once.
# see: sec-05-kinship
def general_score(query, keys, W):
    return dot_score(query @ W, keys @ W.T)


# %% mistake="general-many-only" of="general" fails="general-by-hand general-hidden"
# hint: Your sum is written for many queries; with one query a sentence there is no axis m.
# see: sec-05-scores
def general_score(query, keys, W):
    return torch.einsum("bmq,qk,bnk->bmn", query, W, keys)


# %% mistake="general-float32" of="general" fails="general-hidden"
# hint: You turn numbers into float32. Keep the dtype that came in.
# see: sec-05-scores
def general_score(query, keys, W):
    return dot_score((query @ W).float(), keys.float())


# %% mistake="general-softmax" of="general" fails="general-by-hand general-sizes general-hidden"
# hint: You return weights. A score function returns the scores.
# see: sec-05-scores
def general_score(query, keys, W):
    return dot_score(query @ W, keys).softmax(-1)


# %% mistake="concat-no-tanh" of="concat" fails="concat-by-hand concat-shape concat-pairs concat-hidden"
# hint: There is no tanh between W and v: without it the query adds the same to all scores.
# see: sec-05-kinship
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    for_query, for_keys = query @ W[:, :size].T, keys @ W[:, size:].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return (for_query + for_keys) @ v


# %% mistake="concat-tanh-last" of="concat" fails="concat-by-hand concat-shape concat-pairs concat-hidden"
# hint: You take tanh of the score. It belongs to the hidden layer, before v.
# see: sec-05-scores
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    for_query, for_keys = query @ W[:, :size].T, keys @ W[:, size:].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return torch.tanh((for_query + for_keys) @ v)


# %% mistake="concat-tanh-apart" of="concat" fails="concat-by-hand concat-shape concat-pairs concat-hidden"
# hint: You take tanh of the query's part and of the key's part. Add them first: it is one hidden layer of both.
# see: sec-05-kinship
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    for_query, for_keys = query @ W[:, :size].T, keys @ W[:, size:].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return (torch.tanh(for_query) + torch.tanh(for_keys)) @ v


# %% mistake="concat-key-first" of="concat" fails="concat-by-hand concat-pairs concat-hidden"
# hint: The first columns of W meet the key in your score. The query comes first.
# see: sec-05-scores
def concat_score(query, keys, W, v):
    size = keys.shape[-1]
    for_query, for_keys = query @ W[:, size:].T, keys @ W[:, :size].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return torch.tanh(for_query + for_keys) @ v


# %% mistake="concat-no-v" of="concat" fails="concat-by-hand concat-pairs concat-hidden"
# hint: You sum the hidden layer. Weigh its units with v.
# see: sec-05-scores
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    for_query, for_keys = query @ W[:, :size].T, keys @ W[:, size:].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return torch.tanh(for_query + for_keys).sum(-1)


# %% mistake="concat-rows" of="concat" fails="concat-by-hand concat-shape concat-pairs concat-hidden"
# hint: You cut W by rows, as the chapter's code does. Here W is (hidden, query + key): cut its columns.
# see: sec-05-scores
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    for_query, for_keys = query @ W[:size], keys @ W[size:]
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return torch.tanh(for_query + for_keys) @ v


# %% mistake="concat-many-only" of="concat" fails="concat-by-hand concat-shape concat-hidden"
# hint: You always add an axis for queries. With one query a sentence there is none.
# see: sec-05-scores
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    hidden = (query @ W[:, :size].T).unsqueeze(-2) + (
        keys @ W[:, size:].T
    ).unsqueeze(-3)
    return torch.tanh(hidden) @ v


# %% mistake="concat-product" of="concat" fails="concat-by-hand concat-shape concat-pairs concat-hidden"
# hint: You multiply the two halves of the hidden layer. Concat adds them: W [q; k] is a sum.
# see: sec-05-kinship
def concat_score(query, keys, W, v):
    size = query.shape[-1]
    for_query, for_keys = query @ W[:, :size].T, keys @ W[:, size:].T
    if query.dim() == 3:
        for_query, for_keys = for_query.unsqueeze(2), for_keys.unsqueeze(1)
    else:
        for_query = for_query.unsqueeze(1)
    return torch.tanh(for_query * for_keys) @ v


# %% mistake="window-open" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: Your window leaves out its ends. A key at a distance of exactly D belongs to it.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return real & ((keys - position[..., None]).abs() < half_width)


# %% mistake="window-rounded" of="window" fails="window-example window-many-queries window-hidden"
# hint: You round the position. Take it as it is: around 2.5, keys 2 and 3 are equally far.
# see: sec-05-predictive
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return real & (
        (keys - position.float().round()[..., None]).abs() <= half_width
    )


# %% mistake="window-truncated" of="window" fails="window-example window-many-queries window-hidden"
# hint: You cut the position to a whole number. Take it as it is.
# see: sec-05-predictive
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return real & ((keys - position.long()[..., None]).abs() <= half_width)


# %% mistake="window-padding" of="window" fails="window-example window-many-queries window-hidden"
# hint: Your window reaches into the padding: keys from `lengths` on are not real.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    return (keys - position[..., None]).abs() <= half_width


# %% mistake="window-from-one" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: You count keys from 1. Positions count from 0: the first key is at 0.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(1, n_keys + 1)
    real = keys <= lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return real & ((keys - position[..., None]).abs() <= half_width)


# %% mistake="window-shifted" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: At an end you shift the window so that it stays as wide. It is cut off there.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    last = (
        lengths[:, None] - 1 - half_width
        if position.dim() == 2
        else lengths - 1 - half_width
    )
    centre = torch.minimum(position, last).clamp(min=half_width)
    return real & ((keys - centre[..., None]).abs() <= half_width)


# %% mistake="window-clamped" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: You move a position that lies past the sentence back into it. Then the window is empty: leave it so.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    last = lengths[:, None] - 1 if position.dim() == 2 else lengths - 1
    centre = torch.minimum(position, last).clamp(min=0)
    return real & ((keys - centre[..., None]).abs() <= half_width)


# %% mistake="window-one-side" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: Your window reaches to the left alone. It reaches D keys to either side.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    distance = position[..., None] - keys
    return real & (distance >= 0) & (distance <= half_width)


# %% mistake="window-full-width" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: You take D as the whole width. It is the half: D keys on either side.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return real & ((keys - position[..., None]).abs() <= half_width / 2)


# %% mistake="window-lengths-by-query" of="window" fails="window-many-queries window-hidden"
# hint: You compare lengths with the queries' axis: with many queries, `lengths` needs an axis for them.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    return real & ((keys - position[..., None]).abs() <= half_width)


# %% mistake="window-numbers" of="window" fails="window-example"
# hint: Your mask is made of numbers. Return booleans.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return (real & ((keys - position[..., None]).abs() <= half_width)).float()


# %% mistake="window-inverted" of="window" fails="window-example window-ends window-many-queries window-hidden"
# hint: Your mask is True on what is hidden. Here True means that a query may attend.
# see: sec-05-windows
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys)
    real = keys < lengths[:, None]
    if position.dim() == 2:
        real = real[:, None]
    return ~(real & ((keys - position[..., None]).abs() <= half_width))


# %% mistake="position-no-tanh" of="position" fails="position-by-hand position-many-queries position-hidden"
# hint: There is no tanh after W_p: the network has one hidden layer.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.sigmoid(query @ W_p.T @ v_p)
    lengths = lengths.to(query.dtype)
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="position-no-sigmoid" of="position" fails="position-middle position-by-hand position-many-queries position-hidden"
# hint: There is no sigmoid: your position is not a share of the sentence, and may lie anywhere.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.tanh(query @ W_p.T) @ v_p
    lengths = lengths.to(query.dtype)
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="position-share" of="position" fails="position-middle position-by-hand position-many-queries position-hidden"
# hint: You return the share. Times the length of the sentence it is a position.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    return torch.sigmoid(torch.tanh(query @ W_p.T) @ v_p)


# %% mistake="position-last-index" of="position" fails="position-middle position-by-hand position-many-queries position-hidden"
# hint: You multiply by S - 1. The formula has S, the number of words.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.sigmoid(torch.tanh(query @ W_p.T) @ v_p)
    lengths = lengths.to(query.dtype) - 1
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="position-longest" of="position" fails="position-middle position-many-queries position-hidden"
# hint: You multiply by the longest sentence's length. Each sentence has its own.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.sigmoid(torch.tanh(query @ W_p.T) @ v_p)
    return share * lengths.max().to(query.dtype)


# %% mistake="position-rounded" of="position" fails="position-middle position-by-hand position-many-queries position-hidden"
# hint: You round the position, and no gradient gets through a rounding.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.sigmoid(torch.tanh(query @ W_p.T) @ v_p)
    lengths = lengths.to(query.dtype)
    return (share * (lengths if query.dim() == 2 else lengths[:, None])).round()


# %% mistake="position-transposed" of="position" fails="position-middle position-by-hand position-many-queries position-hidden"
# hint: W_p is (hidden, query), as in nn.Linear: multiply rows by its transpose.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.sigmoid(torch.tanh(query @ W_p) @ v_p)
    lengths = lengths.to(query.dtype)
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="position-by-query" of="position" fails="position-many-queries position-hidden"
# hint: You multiply the axis of queries by the lengths: with many queries, give `lengths` an axis for them.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.sigmoid(torch.tanh(query @ W_p.T) @ v_p)
    return share * lengths.to(query.dtype)


# %% mistake="position-tanh-by-hand" of="position" fails="position-hidden"
# hint: Your own tanh divides ∞ by ∞ for a large query: there is `torch.tanh`.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    x = query @ W_p.T
    hidden = (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))
    share = torch.sigmoid(hidden @ v_p)
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="position-sigmoid-by-hand" of="position" fails="position-middle"
# hint: Your sigmoid is e^z / (1 + e^z): for a large z that is ∞/∞, NaN. `torch.sigmoid` is not.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    z = torch.tanh(query @ W_p.T) @ v_p
    share = torch.exp(z) / (1 + torch.exp(z))
    lengths = lengths.to(query.dtype)
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="position-swapped" of="position" fails="position-middle position-by-hand position-many-queries position-hidden"
# hint: Sigmoid and tanh have changed places: tanh belongs to the hidden layer.
# see: sec-05-predictive
def predict_position(query, W_p, v_p, lengths):
    share = torch.tanh(torch.sigmoid(query @ W_p.T) @ v_p)
    lengths = lengths.to(query.dtype)
    return share * (lengths if query.dim() == 2 else lengths[:, None])


# %% mistake="gaussian-normalised" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-many-queries gaussian-hidden"
# hint: You make the weights sum to 1 again. The paper does not: they sum to less.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    found = weights * torch.exp(-2 * distance**2 / half_width**2).to(
        weights.dtype
    )
    return found / found.sum(-1, keepdim=True)


# %% mistake="gaussian-sigma-is-d" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-checks gaussian-many-queries gaussian-hidden"
# hint: Your σ is D. It is D/2.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return weights * torch.exp(-(distance**2) / (2 * half_width**2)).to(
        weights.dtype
    )


# %% mistake="gaussian-no-two" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-checks gaussian-many-queries gaussian-hidden"
# hint: You divide by σ². The Gaussian divides by 2σ².
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return weights * torch.exp(-4 * distance**2 / half_width**2).to(
        weights.dtype
    )


# %% mistake="gaussian-not-squared" of="gaussian" fails="gaussian-width gaussian-many-queries gaussian-hidden"
# hint: Your distance is not squared: that is no Gaussian.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return weights * torch.exp(-2 * distance.abs() / half_width**2).to(
        weights.dtype
    )


# %% mistake="gaussian-sigma-not-squared" of="gaussian" fails="gaussian-width gaussian-checks gaussian-many-queries gaussian-hidden"
# hint: You divide by 2σ. The Gaussian divides by 2σ².
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return weights * torch.exp(-(distance**2) / half_width).to(weights.dtype)


# %% mistake="gaussian-density" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-checks gaussian-many-queries gaussian-hidden"
# hint: You divide by σ√2π, as for a density. Here a weight at the position itself loses nothing.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    sigma = half_width / 2
    gaussian = torch.exp(-(distance**2) / (2 * sigma**2)) / (
        sigma * math.sqrt(2 * math.pi)
    )
    return weights * gaussian.to(weights.dtype)


# %% mistake="gaussian-added" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-checks gaussian-many-queries gaussian-hidden"
# hint: You add the Gaussian. It multiplies the weights.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return weights + torch.exp(-2 * distance**2 / half_width**2).to(
        weights.dtype
    )


# %% mistake="gaussian-no-check" of="gaussian" fails="gaussian-checks"
# hint: A half width of 0 or less passes. Raise a ValueError.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return weights * torch.exp(-2 * distance**2 / half_width**2).to(
        weights.dtype
    )


# %% mistake="gaussian-rounded" of="gaussian" fails="gaussian-many-queries gaussian-hidden"
# hint: You round the position. The Gaussian moves with every small step of it: that is how it is learned.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position.round()[..., None]
    return weights * torch.exp(-2 * distance**2 / half_width**2).to(
        weights.dtype
    )


# %% mistake="gaussian-from-one" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-checks gaussian-many-queries gaussian-hidden"
# hint: You count keys from 1. The first key is at position 0.
# see: sec-05-windows
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(1, weights.shape[-1] + 1) - position[..., None]
    return weights * torch.exp(-2 * distance**2 / half_width**2).to(
        weights.dtype
    )


# %% mistake="gaussian-in-place" of="gaussian" fails="gaussian-many-queries gaussian-hidden"
# hint: `weights *= …` changes the weights of your caller. Make a new tensor.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    weights *= torch.exp(-2 * distance**2 / half_width**2).to(weights.dtype)
    return weights


# %% mistake="gaussian-sigma-rounded" of="gaussian" fails="gaussian-width gaussian-checks gaussian-hidden"
# hint: You take D // 2 for σ, which is 0 for a half width of 1. σ is D / 2.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError(f"half_width: expected more than 0, got {half_width}")
    sigma = half_width // 2
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    gaussian = torch.exp(-(distance**2) / (2 * torch.tensor(sigma) ** 2))
    return weights * gaussian.to(weights.dtype)


# %% mistake="gaussian-alone" of="gaussian" fails="gaussian-by-hand gaussian-width gaussian-many-queries gaussian-hidden"
# hint: You return the Gaussian and forget the weights.
# see: sec-05-predictive
def gaussian_reweight(weights, position, half_width):
    if not half_width > 0:
        raise ValueError("half_width must be more than 0")
    distance = torch.arange(weights.shape[-1]) - position[..., None]
    return (
        torch.exp(-2 * distance**2 / half_width**2).to(weights.dtype)
        + 0 * weights
    )


# %% mistake="cell-old-state-asks" of="cell" fails="cell-look cell-hidden"
# hint: The state before the step asks: that is Bahdanau's order. Move first, then look with h_t.
# see: sec-05-order
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        before, state = state, self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ before.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-not-fed" of="cell" fails="cell-move cell-hidden"
# hint: The last attentional state does not reach the GRU: that is what input feeding is.
# see: sec-05-feeding
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, 0 * fed], dim=-1), state)
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


# %% mistake="cell-fed-first" of="cell" fails="cell-move cell-hidden"
# hint: You put the attentional state before the token. The GRU reads [y; h̃].
# see: sec-05-feeding
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([fed, y], dim=-1), state)
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


# %% mistake="cell-from-fed" of="cell" fails="cell-move cell-hidden"
# hint: Your GRU starts from the attentional state. It goes from h_{t-1} to h_t; h̃ is a part of its input.
# see: sec-05-feeding
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), fed)
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


# %% mistake="cell-state-first" of="cell" fails="cell-attentional cell-hidden"
# hint: You join [h_t; c_t]. The context comes first.
# see: sec-05-order
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([state, context], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-no-tanh" of="cell" fails="cell-attentional cell-hidden"
# hint: There is no tanh around W_c.
# see: sec-05-order
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = self.W_c(torch.cat([context, state], dim=-1))
        return state, attentional, weights


# %% mistake="cell-combines-old-state" of="cell" fails="cell-attentional cell-hidden"
# hint: You join the context with h_{t-1}. The state after the step belongs there.
# see: sec-05-order
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        before, state = state, self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, before], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-scaled" of="cell" fails="cell-look cell-hidden"
# hint: You divide the scores by a root. `W_a` is the paper's: the divisor of the chapter's library goes with its own W_k, where W_a = W_k / √d.
# see: sec-05-divisor
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1) / math.sqrt(
            state.shape[-1]
        )
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-mask-after" of="cell" fails="cell-mask cell-hidden"
# hint: You mask after the softmax: what is left does not sum to 1. Mask the scores.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-mask-ignored" of="cell" fails="cell-mask cell-hidden"
# hint: The mask is not used: the weights reach into the padding.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        weights = scores.softmax(-1)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-mask-inverted" of="cell" fails="cell-mask cell-hidden"
# hint: You hide the keys that may be attended to. True means may attend.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-minus-infinity" of="cell" fails="cell-mask"
# hint: A row of -∞ alone has a softmax of 0/0. Treat the sentence in which nothing may be attended to.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, float("-inf"))
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights * mask
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-empty-uniform" of="cell" fails="cell-mask"
# hint: In a sentence without keys your weights spread over the padding. They must be 0.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-empty-context" of="cell" fails="cell-mask"
# hint: You set the weights of an empty sentence to 0 after you made the context: h̃ still holds the mean of the padding.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return state, attentional, weights


# %% mistake="cell-fill-too-high" of="cell" fails="cell-hidden"
# hint: You fill hidden scores with a number that real scores may come near. Take -∞, or the lowest number of the dtype.
# see: sec-05-windows
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -1000.0)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        attentional = torch.tanh(self.W_c(torch.cat([context, state], dim=-1)))
        return state, attentional, weights


# %% mistake="cell-returns-context" of="cell" fails="cell-attentional cell-hidden"
# hint: You return the context in place of the attentional state.
# see: sec-05-order
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=-1), state)
        scores = (self.W_a(keys) @ state.unsqueeze(-1)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool()
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        context = (weights.unsqueeze(1) @ keys).squeeze(1)
        return state, context, weights


# %% mistake="cell-order-returned" of="cell" fails="cell-move cell-look cell-attentional cell-hidden"
# hint: You return the attentional state first. The order is h_t, h̃_t, weights.
# see: sec-05-order
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
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
        return attentional, state, weights


# %% right="loops" of="dot"
def dot_score(query, keys):
    if query.size(-1) != keys.size(-1):
        raise ValueError(
            f"queries of size {query.size(-1)}, keys of {keys.size(-1)}"
        )
    if query.ndim == 2:
        rows = [
            [sum(a * b for a, b in zip(q, k)) for k in sentence]
            for q, sentence in zip(query, keys)
        ]
        return torch.stack([torch.stack(row) for row in rows])
    return torch.stack(
        [dot_score(query[:, t], keys) for t in range(query.size(1))], 1
    )


# %% right="loops" of="general"
def general_score(query, keys, W):
    many = query if query.ndim == 3 else query[:, None]
    rows = []
    for t in range(many.size(1)):
        row = [
            (many[:, t] * (keys[:, i] @ W.T)).sum(-1)
            for i in range(keys.size(1))
        ]
        rows.append(torch.stack(row, -1))
    found = torch.stack(rows, 1)
    return found if query.ndim == 3 else found[:, 0]


# %% right="loops" of="concat"
def concat_score(query, keys, W, v):
    many = query if query.ndim == 3 else query[:, None]
    rows = []
    for t in range(many.size(1)):
        row = []
        for i in range(keys.size(1)):
            joined = torch.cat([many[:, t], keys[:, i]], -1)
            row.append(torch.tanh(joined @ W.T) @ v)
        rows.append(torch.stack(row, -1))
    found = torch.stack(rows, 1)
    return found if query.ndim == 3 else found[:, 0]


# %% right="loops" of="window"
def local_window_mask(position, lengths, half_width, n_keys):
    def row(p, length):
        return [i < length and abs(i - p) <= half_width for i in range(n_keys)]

    rows = []
    for centres, length in zip(position.tolist(), lengths.tolist()):
        if isinstance(centres, list):
            rows.append([row(p, length) for p in centres])
        else:
            rows.append(row(centres, length))
    return torch.tensor(rows, dtype=torch.bool)


# %% right="loops" of="position"
def predict_position(query, W_p, v_p, lengths):
    found = []
    for asked, length in zip(query, lengths.tolist()):
        hidden = torch.tanh(asked @ W_p.T)
        found.append(length / (1 + torch.exp(-(hidden * v_p).sum(-1))))
    return torch.stack(found)


# %% right="loops" of="gaussian"
def gaussian_reweight(weights, position, half_width):
    if half_width <= 0:
        raise ValueError("no window")
    sigma = half_width / 2
    columns = [
        weights[..., i] * torch.exp(-0.5 * ((i - position) / sigma) ** 2)
        for i in range(weights.shape[-1])
    ]
    return torch.stack(columns, -1).to(weights.dtype)


# %% right="loops" of="cell"
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat((y, fed), 1), state)
        rows, contexts = [], []
        for b in range(len(y)):
            seen = (
                torch.ones(len(keys[b])).bool()
                if mask is None
                else mask[b] != 0
            )
            row = torch.zeros(len(keys[b]), dtype=keys.dtype)
            if seen.any():
                row[seen] = torch.softmax(self.W_a(keys[b][seen]) @ state[b], 0)
            rows.append(row)
            contexts.append(row @ keys[b])
        context, weights = torch.stack(contexts), torch.stack(rows)
        return state, self.W_c(torch.cat((context, state), 1)).tanh(), weights


# %% right="einsum" of="dot"
def dot_score(query, keys):
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError("sizes differ")
    form = "bd,bnd->bn" if query.ndim == 2 else "bmd,bnd->bmn"
    return torch.einsum(form, query, keys)


# %% right="einsum" of="general"
def general_score(query, keys, W):
    form = "bq,qk,bnk->bn" if query.ndim == 2 else "bmq,qk,bnk->bmn"
    return torch.einsum(form, query, W, keys)


# %% right="einsum" of="concat"
def concat_score(query, keys, W, v):
    many = query[:, None] if query.ndim == 2 else query
    m, n = many.shape[1], keys.shape[1]
    q = many[:, :, None].expand(-1, -1, n, -1)
    k = keys[:, None].expand(-1, m, -1, -1)
    hidden = torch.einsum("bmnd,hd->bmnh", torch.cat([q, k], -1), W).tanh()
    scores = torch.einsum("bmnh,h->bmn", hidden, v)
    return scores.squeeze(1) if query.ndim == 2 else scores


# %% right="einsum" of="window"
def local_window_mask(position, lengths, half_width, n_keys):
    keys = torch.arange(n_keys, dtype=torch.float64)
    low, high = position.double() - half_width, position.double() + half_width
    lengths = lengths.reshape(-1, *[1] * (position.ndim - 1)).expand(
        position.shape
    )
    seen = torch.ge(keys, low.unsqueeze(-1)) * torch.le(
        keys, high.unsqueeze(-1)
    )
    return seen * torch.lt(keys, lengths.unsqueeze(-1))


# %% right="einsum" of="position"
def predict_position(query, W_p, v_p, lengths):
    hidden = torch.einsum("...q,hq->...h", query, W_p).tanh()
    share = torch.einsum("...h,h->...", hidden, v_p).sigmoid()
    return torch.einsum("b...,b->b...", share, lengths.to(share.dtype))


# %% right="einsum" of="gaussian"
def gaussian_reweight(weights, position, half_width):
    if half_width <= 0:
        raise ValueError(f"{half_width} is no half width")
    keys = torch.arange(weights.shape[-1], dtype=weights.dtype)
    z = (keys - position.to(weights.dtype).unsqueeze(-1)) / half_width
    return torch.einsum("...n,...n->...n", weights, torch.exp(-2 * z * z))


# %% right="einsum" of="cell"
class LuongDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size):
        super().__init__()
        self.rnn = nn.GRUCell(input_size + state_size, state_size)
        self.W_a = nn.Linear(key_size, state_size, bias=False)
        self.W_c = nn.Linear(key_size + state_size, state_size, bias=False)

    def forward(self, y, state, fed, keys, mask=None):
        state = self.rnn(torch.cat([y, fed], dim=1), state)
        scores = general_score(state, keys, self.W_a.weight)
        if mask is not None:
            bias = torch.zeros(mask.shape).masked_fill(mask == 0, float("-inf"))
            scores = scores + bias
        weights = torch.nan_to_num(scores.softmax(-1), nan=0.0)
        context = torch.einsum("bn,bnk->bk", weights, keys)
        joined = torch.cat([context, state], dim=1)
        return state, torch.tanh(joined @ self.W_c.weight.T), weights


# %% [markdown] answer="full" of="when-local" points=3
# It saves no time worth having: subtitles are short, and seven words of ten is nearly all; masked windows save nothing
# at all. It will translate badly, since English needs the verb early and Japanese has it at the end, outside of the
# window. I would use local-m where the order is kept and sources are long, such as transcribing speech.

# %% [markdown] answer="half" of="when-local" points=1.5
# The verb is outside the window because the order of words is different, so it translates badly.

# %% [markdown] answer="no" of="when-local" points=0
# Yes, local attention is always faster and more accurate because it ignores words that do not matter.
