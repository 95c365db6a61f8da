"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="self-attention-no-scale" of="self-attention" fails="self-attention-by-hand self-attention-hidden"
# hint: The scores are not divided by √d_k.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-scale-by-d-model" of="self-attention" fails="self-attention-by-hand self-attention-hidden"
# hint: You divide by the root of d_model. The dot product has the width of queries and keys, d_k.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(x.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-scale-by-d-k" of="self-attention" fails="self-attention-by-hand self-attention-hidden"
# hint: You divide by d_k. Divide by its root.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / query.shape[-1]
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-over-queries" of="self-attention" fails="self-attention-by-hand self-attention-batch self-attention-mask self-attention-nothing self-attention-hidden"
# hint: Your softmax runs over the queries. Each token shares its weight among the keys: the last axis.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-2)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-keys-ask" of="self-attention" fails="self-attention-by-hand self-attention-hidden"
# hint: Queries and keys have changed places: row i must belong to the query of token i.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = key @ query.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-no-values" of="self-attention" fails="self-attention-by-hand self-attention-batch self-attention-shuffled self-attention-nothing self-attention-hidden"
# hint: You average x itself. Average the values, x W_v.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key = x @ W_q, x @ W_k
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ x, weights


# %% mistake="self-attention-values-are-keys" of="self-attention" fails="self-attention-by-hand self-attention-batch self-attention-shuffled self-attention-nothing self-attention-hidden"
# hint: You average the keys. What is found by the key is the value: x W_v.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key = x @ W_q, x @ W_k
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ key, weights


# %% mistake="self-attention-one-matrix" of="self-attention" fails="self-attention-by-hand self-attention-hidden"
# hint: Your keys are made with W_q. They have a matrix of their own, W_k.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_q, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-weights-from-x" of="self-attention" fails="self-attention-by-hand self-attention-hidden"
# hint: You compare the tokens themselves. Compare their queries with their keys.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, value = x @ W_q, x @ W_v
    scores = x @ x.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-mask-inverted" of="self-attention" fails="self-attention-mask self-attention-nothing self-attention-hidden"
# hint: You hide what may be attended to. True means may attend.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask != 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask != 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-mask-too-late" of="self-attention" fails="self-attention-mask self-attention-nothing self-attention-hidden"
# hint: You mask after the softmax, so that the rest no longer shares 1. Mask the scores.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        pass
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-ignores-mask" of="self-attention" fails="self-attention-mask self-attention-nothing self-attention-hidden"
# hint: The mask is never used.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if False:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if False:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-nan-row" of="self-attention" fails="self-attention-nothing"
# hint: A row that is filled with -∞ gives NaN: 0 divided by 0. Set its weights to 0.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -torch.inf)
    weights = scores.softmax(-1)
    return weights @ value, weights


# %% mistake="self-attention-uniform-row" of="self-attention" fails="self-attention-nothing"
# hint: A token that may attend to nothing spreads its weight over hidden keys. Set its weights to 0.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    return weights @ value, weights


# %% mistake="self-attention-one-sequence" of="self-attention" fails="self-attention-batch self-attention-hidden"
# hint: This works for one sequence. With axes in front, exchange the last two alone: `key.transpose(-2, -1)`.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.permute(1, 0) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-swapped-answer" of="self-attention" fails="self-attention-by-hand self-attention-batch self-attention-mask self-attention-shuffled self-attention-nothing self-attention-hidden"
# hint: Your answer is (weights, output). The output comes first.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights, weights @ value


# %% mistake="self-attention-always-causal" of="self-attention" fails="self-attention-by-hand self-attention-shuffled self-attention-hidden"
# hint: You hide the future. Without a mask each token sees all.
# see: sec-08-equivariance
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    past = torch.ones(x.shape[-2], x.shape[-2]).tril()
    mask = past if mask is None else past * mask
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-overflow" of="self-attention" fails="self-attention-mask self-attention-hidden"
# hint: exp of a large score overflows, and the weights become NaN. Take the largest score away first, or use `softmax`.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    e = torch.exp(query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1]))
    if mask is not None:
        e = e * (mask != 0)
    weights = e / e.sum(-1, keepdim=True).clamp(min=1e-9)
    return weights @ value, weights


# %% mistake="self-attention-hidden-largest" of="self-attention" fails="self-attention-mask self-attention-hidden"
# hint: The score that you take away is the largest of all, hidden keys included: then nothing is left of the others. Mask the scores first.
# see: sec-08-six-steps
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    if mask is not None:
        e = e * (mask != 0)
    weights = e / (e.sum(-1, keepdim=True) + 1e-9)
    return weights @ value, weights


# %% mistake="self-attention-one-mask" of="self-attention" fails="self-attention-hidden"
# hint: You take the same mask for all sequences. With axes in front, each sequence may have its own.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        mask = mask.expand(x.shape[-2], x.shape[-2])
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="self-attention-mask-is-one" of="self-attention" fails="self-attention-hidden"
# hint: You let a token attend where the mask is 1. It may attend wherever the mask is not 0.
# see: sec-08-matrix
def self_attention(x, W_q, W_k, W_v, mask=None):
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        mask = mask == 1
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="sinusoidal-frequency-a-column" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-hidden"
# hint: Each of your columns has a frequency of its own. Sine and cosine of a pair share one: the exponent is 2i/d, i being the pair.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError("odd")
    column = torch.arange(d)
    angles = torch.arange(n)[:, None] * 10000 ** (-column / d)
    return torch.where(column % 2 == 0, angles.sin(), angles.cos())


# %% mistake="sinusoidal-exponent-doubled" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-hidden"
# hint: Your frequencies fall twice as fast: 2i is already the column of the sine.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-2 * torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% mistake="sinusoidal-exponent-halved" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-hidden"
# hint: Your exponent is i/d. It is 2i/d.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(d // 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% mistake="sinusoidal-halves" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-hidden"
# hint: You put all sines first, then all cosines. Here a pair is two neighbouring columns.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


# %% mistake="sinusoidal-cosine-first" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-odd sinusoidal-hidden"
# hint: The sine stands in column 2i, the cosine in 2i + 1.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(1)


# %% mistake="sinusoidal-from-one" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-odd sinusoidal-hidden"
# hint: Your first row is position 1. Positions count from 0.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(1, n + 1)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% mistake="sinusoidal-growing" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-hidden"
# hint: Your frequencies grow. They fall from 1: the exponent is negative.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% mistake="sinusoidal-all-sines" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-hidden"
# hint: All columns hold sines. Every second one holds the cosine.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.sin()], dim=-1).flatten(1)


# %% mistake="sinusoidal-transposed" of="sinusoidal" fails="sinusoidal-values sinusoidal-one-frequency sinusoidal-odd sinusoidal-hidden"
# hint: The shape is (d, n). One row belongs to one position.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).T


# %% mistake="sinusoidal-odd-accepted" of="sinusoidal" fails="sinusoidal-odd"
# hint: An odd width leaves a sine without its cosine: raise a ValueError.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d]


# %% mistake="sinusoidal-float64" of="sinusoidal" fails="sinusoidal-values"
# hint: The values are right, the dtype is not: float32.
# see: sec-08-sinusoidal
def sinusoidal_positions(n, d):
    if d % 2:
        raise ValueError(f"d must be even: got {d}")
    rates = 10000 ** (-torch.arange(0, d, 2) / d)
    angles = torch.arange(n)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).double()


# %% mistake="rotation-other-side" of="rotation" fails="rotation-one-pair rotation-moves rotation-back rotation-hidden"
# hint: Your matrix works from the left, R @ P[p]. Here it stands on the right: transpose it.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = k * 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = angles.sin(), -angles.sin()
    return R


# %% mistake="rotation-one-angle" of="rotation" fails="rotation-moves rotation-hidden"
# hint: All pairs turn by the same angle. Each has its own frequency.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = torch.full((d // 2,), float(k))
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = -angles.sin(), angles.sin()
    return R


# %% mistake="rotation-halves" of="rotation" fails="rotation-moves rotation-back rotation-hidden"
# hint: Your pairs are columns i and i + d/2. Here a pair is two neighbouring columns.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = k * 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(d // 2)
    R[even, even], R[even + d // 2, even + d // 2] = angles.cos(), angles.cos()
    R[even, even + d // 2], R[even + d // 2, even] = -angles.sin(), angles.sin()
    return R


# %% mistake="rotation-no-minus" of="rotation" fails="rotation-one-pair rotation-moves rotation-back rotation-hidden"
# hint: Both sines have the same sign. That is no rotation: one of them is negative.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = k * 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = angles.sin(), angles.sin()
    return R


# %% mistake="rotation-only-forward" of="rotation" fails="rotation-back rotation-hidden"
# hint: Steps back are taken forward: keep the sign of k.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = abs(k) * 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = -angles.sin(), angles.sin()
    return R


# %% mistake="rotation-one-step" of="rotation" fails="rotation-moves rotation-back rotation-hidden"
# hint: Your matrix goes one step, whatever k is: multiply the angle by k.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = -angles.sin(), angles.sin()
    return R


# %% mistake="rotation-exponent" of="rotation" fails="rotation-moves rotation-hidden"
# hint: Your frequencies are not those of the encoding: the exponent is -2i/d for pair i, and 2i is the pair's first column.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = k * 10000 ** (-torch.arange(d // 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.cos(), angles.cos()
    R[even, even + 1], R[even + 1, even] = -angles.sin(), angles.sin()
    return R


# %% mistake="rotation-sine-and-cosine-swapped" of="rotation" fails="rotation-one-pair rotation-moves rotation-back rotation-hidden"
# hint: Sines and cosines have changed places: with no step at all the matrix must be the identity.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = k * 10000 ** (-torch.arange(0, d, 2) / d)
    R = torch.zeros(d, d)
    even = torch.arange(0, d, 2)
    R[even, even], R[even + 1, even + 1] = angles.sin(), angles.sin()
    R[even, even + 1], R[even + 1, even] = -angles.cos(), angles.cos()
    return R


# %% mistake="rotation-of-the-encoding" of="rotation" fails="rotation-one-pair rotation-moves rotation-back rotation-hidden"
# hint: You return a product of encodings. The matrix must lead from any position k steps on: fill in cosines and sines of the angles.
# see: sec-08-sinusoidal
def rotation_to(k, d):
    angles = k * 10000 ** (-torch.arange(0, d, 2) / d)
    p = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten()
    return p[:, None] * p


# %% mistake="rope-backwards" of="rope" fails="rope-by-hand rope-dtype rope-hidden"
# hint: You turn the other way: a cos - b sin comes first.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() + b * angles.sin()
    second = -a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-halves" of="rope" fails="rope-by-hand rope-dtype rope-hidden"
# hint: You turn columns i and i + d/2 together. Here a pair is two neighbouring columns.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x.chunk(2, dim=-1)
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.cat([first, second], dim=-1).to(x.dtype)


# %% mistake="rope-not-interleaved-again" of="rope" fails="rope-by-hand rope-dtype rope-hidden"
# hint: You turn the right pairs, but put all first parts in front and all second ones behind. Each goes back into its own column.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.cat([first, second], dim=-1).to(x.dtype)


# %% mistake="rope-counts-itself" of="rope" fails="rope-by-hand rope-distance rope-dtype rope-hidden"
# hint: You count 0, 1, 2 … yourself. Use `positions`.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    positions = torch.arange(x.shape[-2])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-added" of="rope" fails="rope-by-hand rope-distance rope-batch rope-dtype rope-hidden"
# hint: You add sines and cosines. RoPE turns: each new number mixes both numbers of the pair.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a + angles.sin()
    second = b + angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-one-angle" of="rope" fails="rope-by-hand rope-dtype rope-hidden"
# hint: All pairs of a vector turn by the same angle, its position. Each pair has a frequency of its own.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = torch.ones(x.shape[-1] // 2)
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-frequency-by-pair" of="rope" fails="rope-by-hand rope-dtype rope-hidden"
# hint: Your exponent is i/d. It is 2i/d, with i the number of the pair.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(x.shape[-1] // 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-stays-float32" of="rope" fails="rope-dtype"
# hint: You return float32. Go back to the dtype that you got.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).float()


# %% mistake="rope-half-angles" of="rope" fails="rope-dtype"
# hint: You compute the angles in the dtype of x. float16 has too few digits for far positions: use float32.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = (positions[..., None].to(x.dtype) * rates.to(x.dtype)).to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-no-heads" of="rope" fails="rope-batch rope-hidden"
# hint: positions of shape (batch, n) meets the axes (heads, n) of x. Add an axis for the heads.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-first-row-for-all" of="rope" fails="rope-batch rope-hidden"
# hint: Every sequence gets the positions of the first. Each has its own.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[0]
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    return torch.stack([first, second], dim=-1).flatten(-2).to(x.dtype)


# %% mistake="rope-in-place" of="rope" fails="rope-distance rope-batch rope-hidden"
# hint: You write into x. Make a new tensor.
# see: sec-08-learned
def apply_rope(x, positions):
    rates = 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    if positions.dim() == 2:
        positions = positions[:, None]  # (batch, 1, n): the same for all heads
    angles = positions[..., None] * rates
    a, b = x[..., 0::2], x[..., 1::2]
    first = a * angles.cos() - b * angles.sin()
    second = a * angles.sin() + b * angles.cos()
    x[..., 0::2], x[..., 1::2] = first, second
    return x


# %% mistake="alibi-plus" of="alibi" fails="alibi-values alibi-slopes alibi-hidden"
# hint: Your biases are positive: far keys would gain. The distance is taken away.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    return slopes[:, None, None] * (place[:, None] - place).abs()


# %% mistake="alibi-signed" of="alibi" fails="alibi-values alibi-hidden"
# hint: The bias has another sign for keys after the query. It is the distance that counts: take the absolute value.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place)


# %% mistake="alibi-slopes-from-zero" of="alibi" fails="alibi-values alibi-slopes alibi-hidden"
# hint: Your heads count from 0, so that the first slope is 1. They count from 1.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.arange(h) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).abs()


# %% mistake="alibi-fixed-factor" of="alibi" fails="alibi-values alibi-hidden"
# hint: Your slopes are 1/2, 1/4, 1/8 … whatever h is. That holds for 8 heads; the exponent is -8j/h.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2.0 ** -torch.arange(1, h + 1)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).abs()


# %% mistake="alibi-linear-slopes" of="alibi" fails="alibi-values alibi-slopes alibi-hidden"
# hint: Your slopes fall by equal steps. They fall by equal factors: powers of 2.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 1 / (8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).abs()


# %% mistake="alibi-one-slope" of="alibi" fails="alibi-values alibi-slopes alibi-hidden"
# hint: All heads have the same slope.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.ones(h) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).abs()


# %% mistake="alibi-reversed" of="alibi" fails="alibi-values alibi-slopes alibi-hidden"
# hint: Your heads stand in reverse order. The first has the steepest slope.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = (2 ** (-8 * torch.arange(1, h + 1) / h)).flip(0)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).abs()


# %% mistake="alibi-squared" of="alibi" fails="alibi-values alibi-slopes alibi-hidden"
# hint: You square the distance. The bias is linear in it.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (place[:, None] - place).square()


# %% mistake="alibi-hides-the-future" of="alibi" fails="alibi-values alibi-hidden"
# hint: You hide the future with -∞. That is the causal mask's part; here the distance counts to both sides.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    bias = -slopes[:, None, None] * (place[:, None] - place).abs()
    return bias.masked_fill(place[:, None] < place, -torch.inf)


# %% mistake="alibi-one-row" of="alibi" fails="alibi-values alibi-hidden"
# hint: You return distances to the last query alone. There is one row for each query.
# see: sec-08-learned
def alibi_bias(h, n):
    slopes = 2 ** (-8 * torch.arange(1, h + 1) / h)
    place = torch.arange(n)
    return -slopes[:, None, None] * (n - 1 - place).expand(n, n)


# %% mistake="path-recurrent-one-less" of="path" fails="path-one-layer path-unknown"
# hint: You count the steps between cells. Count the cells: the token's own is one of them.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n - 1
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-n-over-kernel" of="path" fails="path-convolution path-hidden"
# hint: You divide n by the kernel. Each layer looks kernel - 1 positions further back, and the first token is n - 1 away.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    if kind == "convolution":
        return -(-n // kernel)
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-reach-of-kernel" of="path" fails="path-convolution path-dilated path-hidden"
# hint: A layer looks at `kernel` positions, its own included, so it reaches kernel - 1 back.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, kernel
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * kernel
        layers += 1
    return layers


# %% mistake="path-both-sides" of="path" fails="path-convolution path-dilated path-hidden"
# hint: You let a convolution look to both sides. Here it looks back only, kernel - 1 positions.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, (kernel - 1) / 2
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1) / 2
        layers += 1
    return layers


# %% mistake="path-rounded-logarithm" of="path" fails="path-dilated path-hidden"
# hint: log n / log k is not exact: for 125 and 5 it is a little more than 3. Multiply whole numbers until they are enough.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    if kind == "dilated":
        return max(1, math.ceil(math.log(n) / math.log(kernel)))
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-logarithm-less-a-little" of="path" fails="path-hidden"
# hint: Taking a little from the logarithm helps at powers of the kernel, and then fails one position further in a long sequence. Multiply whole numbers.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    if kind == "dilated":
        return max(1, math.ceil(math.log(n, kernel) - 1e-9))
    return max(1, -(-(n - 1) // (kernel - 1)))


# %% mistake="path-floor-of-logarithm" of="path" fails="path-dilated path-hidden"
# hint: You round the logarithm down. The layers must reach all the way: round up.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    if kind == "dilated":
        count = 0
        while kernel ** (count + 1) <= n:
            count += 1
        return max(1, count)
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-gaps-of-two" of="path" fails="path-dilated path-hidden"
# hint: Your gaps double. Here they grow by the factor `kernel`.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * 2 if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-no-gaps" of="path" fails="path-dilated path-hidden"
# hint: Your dilated layers have no gaps: they grow from layer to layer.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-nothing-for-one" of="path" fails="path-one-layer"
# hint: A single token still passes a layer: return at least 1.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 0, 1, 0
    while reach < n - 1:
        reach += gap * (kernel - 1)
        gap = gap * kernel if kind == "dilated" else 1
        layers += 1
    return layers


# %% mistake="path-kernel-fixed" of="path" fails="path-convolution path-dilated path-hidden"
# hint: You ignore `kernel`, and count with 3.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, 2
    while reach < n - 1:
        gap = gap * 3 if kind == "dilated" else 1
        reach += gap * 2
        layers += 1
    return layers


# %% mistake="path-unknown-accepted" of="path" fails="path-unknown"
# hint: An unknown kind is no convolution: raise a ValueError.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return layers


# %% mistake="path-float" of="path" fails="path-convolution path-dilated"
# hint: The number is right, but it is a float. Count in whole numbers.
# see: sec-08-path
def path_length(kind, n, kernel=3):
    if kind == "recurrent":
        return n
    if kind == "attention":
        return 1
    if kind not in ("convolution", "dilated"):
        raise ValueError(f"unknown kind: {kind!r}")
    layers, gap, reach = 1, 1, kernel - 1
    while reach < n - 1:
        gap = gap * kernel if kind == "dilated" else 1
        reach += gap * (kernel - 1)
        layers += 1
    return float(layers)


# %% right="loops" of="self-attention"
def self_attention(x, W_q, W_k, W_v, mask=None):
    """Ask with one token after the other."""
    query, key, value = x @ W_q, x @ W_k, x @ W_v
    n = x.shape[-2]
    every = torch.ones(n, n, dtype=torch.bool)
    allowed = every if mask is None else (mask != 0) & every
    rows = []
    for i in range(n):
        scores = (query[..., i, None, :] * key).sum(-1) / key.shape[-1] ** 0.5
        seen = allowed[..., i, :]
        scores = torch.where(seen, scores, -1e30)
        e = torch.where(
            seen, torch.exp(scores - scores.amax(-1, keepdim=True)), 0.0
        )
        rows.append(e / e.sum(-1, keepdim=True).clamp(min=1e-30))
    weights = torch.stack(rows, dim=-2)
    return (weights[..., None] * value[..., None, :, :]).sum(-2), weights


# %% right="loops" of="sinusoidal"
def sinusoidal_positions(n, d):
    """Fill in one number after the other."""
    if d % 2 == 1:
        raise ValueError("a pair needs two columns")
    P = torch.zeros(n, d)
    for p in range(n):
        for i in range(d // 2):
            angle = p / 10000 ** (2 * i / d)
            P[p, 2 * i], P[p, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return P


# %% right="loops" of="rotation"
def rotation_to(k, d):
    """Fill in one block after the other."""
    R = torch.zeros(d, d)
    for i in range(0, d, 2):
        angle = k / 10000 ** (i / d)
        c, s = math.cos(angle), math.sin(angle)
        R[i : i + 2, i : i + 2] = torch.tensor([[c, -s], [s, c]])
    return R


# %% right="loops" of="rope"
def apply_rope(x, positions):
    """Turn one pair after the other, in float64."""
    d = x.shape[-1]
    found = torch.zeros(x.shape, dtype=torch.float64)
    p = (
        positions.double()
        if positions.dim() == 1
        else positions.double().unsqueeze(1)
    )
    for i in range(d // 2):
        angle = p / 10000 ** (2 * i / d)
        a, b = x[..., 2 * i].double(), x[..., 2 * i + 1].double()
        found[..., 2 * i] = a * torch.cos(angle) - b * torch.sin(angle)
        found[..., 2 * i + 1] = a * torch.sin(angle) + b * torch.cos(angle)
    return found.to(x.dtype)


# %% right="loops" of="alibi"
def alibi_bias(h, n):
    """Write out lists."""
    return torch.tensor(
        [
            [
                [-(2 ** (-8 * j / h)) * abs(p - r) for r in range(n)]
                for p in range(n)
            ]
            for j in range(1, h + 1)
        ]
    )


# %% right="loops" of="path"
def path_length(kind, n, kernel=3):
    """Walk back from the last position, layer by layer."""
    if kind in ("recurrent", "attention"):
        return n if kind == "recurrent" else 1
    if kind != "convolution" and kind != "dilated":
        raise ValueError(kind)
    place, layers = n - 1, 0
    while place > 0 or layers == 0:
        place -= (kernel - 1) * (kernel**layers if kind == "dilated" else 1)
        layers += 1
    return layers


# %% right="einsum" of="self-attention"
def self_attention(x, W_q, W_k, W_v, mask=None):
    """Score in one sum, with rows that see nothing treated apart."""
    scores = torch.einsum("...id,dk,ek,...je->...ij", x, W_q, W_k, x)
    scores = scores / W_q.shape[1] ** 0.5
    if mask is None:
        mask = torch.ones(1, dtype=torch.bool)
    mask = mask.bool().expand(scores.shape)
    empty = ~mask.any(-1, keepdim=True)
    scores = scores.masked_fill(~mask & ~empty, float("-inf"))
    weights = torch.softmax(scores, dim=-1).masked_fill(empty, 0.0)
    return torch.einsum("...ij,...jd,dv->...iv", weights, x, W_v), weights


# %% right="einsum" of="sinusoidal"
def sinusoidal_positions(n, d):
    """Write into every second column, with frequencies by exp and log, in float64."""
    if d % 2 != 0:
        raise ValueError("d")
    rates = torch.exp(torch.arange(0, d, 2).double() * (-math.log(10000.0) / d))
    P = torch.empty(n, d)
    angles = torch.einsum("n,i->ni", torch.arange(n).double(), rates)
    P[:, 0::2], P[:, 1::2] = torch.sin(angles), torch.cos(angles)
    return P


# %% right="einsum" of="rotation"
def rotation_to(k, d):
    """Spread the blocks over the diagonal."""
    angle = k * torch.pow(10000.0, -2 * torch.arange(d // 2) / d)
    c, s = angle.cos(), angle.sin()
    blocks = torch.stack(
        [torch.stack([c, -s], -1), torch.stack([s, c], -1)], -2
    )
    return torch.einsum("iab,ij->iajb", blocks, torch.eye(d // 2)).reshape(d, d)


# %% right="einsum" of="rope"
def apply_rope(x, positions):
    """Multiply complex numbers."""
    d = x.shape[-1]
    angle = torch.einsum(
        "...n,i->...ni",
        positions.float(),
        10000.0 ** (-2 * torch.arange(d // 2) / d),
    )
    turn = torch.polar(torch.ones_like(angle), angle)
    if positions.dim() == 2:
        turn = turn[:, None]
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], d // 2, 2))
    return torch.view_as_real(pairs * turn).reshape(x.shape).to(x.dtype)


# %% right="einsum" of="alibi"
def alibi_bias(h, n):
    """Multiply slopes and distances."""
    slope = torch.exp2(-8 * torch.arange(1, h + 1) / h)
    distance = torch.cdist(
        torch.arange(n).float()[:, None], torch.arange(n).float()[:, None]
    )
    return torch.einsum("h,pr->hpr", -slope, distance.round())


# %% right="einsum" of="path"
def path_length(kind, n, kernel=3):
    """Divide and round up; multiply for the powers."""
    if kind == "dilated":
        layers = 1
        while kernel**layers < n:
            layers += 1
        return layers
    table = {
        "recurrent": n,
        "attention": 1,
        "convolution": max(1, -(-(n - 1) // (kernel - 1))),
    }
    if kind not in table:
        raise ValueError(f"one of {sorted(table)}, not {kind}")
    return table[kind]


# %% [markdown] answer="full" of="extrapolate" points=3
# It is right that every position has an encoding and that k steps on is one rotation. But the network never trained on
# positions or distances beyond 31, so its weights do whatever they do there; the loss jumps after the trained length.
# With RoPE I would evaluate the same model on 128 tokens with a window that hides keys more than 31 back. If the loss is
# then as low as inside, far distances are guilty, as in the chapter, because places don't enter at all.

# %% [markdown] answer="half" of="extrapolate" points=1.5
# The encoding exists for all positions, but the model has never seen them and so it fails after 32 tokens.

# %% [markdown] answer="no" of="extrapolate" points=0
# It will work, because sinusoids are periodic and repeat after some time.
