"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="variance-no-scale" of="variance" fails="variance-scaled variance-hidden"
# hint: Your scores are never multiplied by `scale`.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    return (query * key).sum(-1).var().item()


# %% mistake="variance-scaled-after" of="variance" fails="variance-scaled variance-hidden"
# hint: You multiply the variance by `scale`. Multiply the scores: their variance then changes by scale².
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    return (query * key).sum(-1).var().item() * scale


# %% mistake="variance-divided" of="variance" fails="variance-scaled variance-hidden"
# hint: You divide by `scale`; it is a factor.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    return ((query * key).sum(-1) / scale).var().item()


# %% mistake="variance-deviation" of="variance" fails="variance-raw variance-hidden"
# hint: This is the standard deviation; the variance is its square.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    return ((query * key).sum(-1) * scale).std().item()


# %% mistake="variance-over-samples" of="variance" fails="variance-raw variance-scaled variance-hidden"
# hint: You sum over the samples. A dot product sums over the components, the last axis.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    return ((query * key).sum(0) * scale).var().item()


# %% mistake="variance-of-products" of="variance" fails="variance-raw variance-scaled variance-hidden"
# hint: You take the variance of single products. Sum over the components first.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    key = torch.randn(n_samples, d_k, generator=generator)
    return (query * key * scale).var().item()


# %% mistake="variance-query-with-itself" of="variance" fails="variance-raw variance-scaled variance-hidden"
# hint: Your keys are your queries. Draw them independently: q · q has mean d_k and variance 2 d_k.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k, generator=generator)
    return ((query * query).sum(-1) * scale).var().item()


# %% mistake="variance-uniform" of="variance" fails="variance-raw variance-scaled variance-hidden"
# hint: `torch.rand` is uniform from 0 to 1. The components have mean 0 and variance 1: `torch.randn`.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.rand(n_samples, d_k, generator=generator)
    key = torch.rand(n_samples, d_k, generator=generator)
    return ((query * key).sum(-1) * scale).var().item()


# %% mistake="variance-global-seed" of="variance" fails="variance-generator"
# hint: You draw from torch's global random state. Pass `generator=generator` to both draws.
# see: sec-06-variance
def score_variance(d_k, n_samples, scale, generator):
    query = torch.randn(n_samples, d_k)
    key = torch.randn(n_samples, d_k)
    return ((query * key).sum(-1) * scale).var().item()


# %% mistake="jacobian-diagonal-only" of="jacobian" fails="jacobian-by-hand jacobian-hidden"
# hint: This is the diagonal alone. A higher score also lowers all the other weights: -p_i p_j.
# see: sec-06-saturation
def softmax_jacobian(p):
    return torch.diag_embed(p * (1 - p))


# %% mistake="jacobian-no-outer" of="jacobian" fails="jacobian-by-hand jacobian-saturated jacobian-hidden"
# hint: This is diag(p). Subtract the outer product of p with itself.
# see: sec-06-saturation
def softmax_jacobian(p):
    return torch.diag_embed(p)


# %% mistake="jacobian-sign" of="jacobian" fails="jacobian-by-hand jacobian-hidden"
# hint: The sign is turned around: a higher score raises its own weight, so the diagonal is positive.
# see: sec-06-saturation
def softmax_jacobian(p):
    return p.unsqueeze(-1) * p.unsqueeze(-2) - torch.diag_embed(p)


# %% mistake="jacobian-identity" of="jacobian" fails="jacobian-by-hand jacobian-saturated jacobian-hidden"
# hint: You start from the identity. δ_ij is multiplied by p_i: start from diag(p).
# see: sec-06-saturation
def softmax_jacobian(p):
    return torch.eye(p.shape[-1], dtype=p.dtype) - p.unsqueeze(
        -1
    ) * p.unsqueeze(-2)


# %% mistake="jacobian-one-vector" of="jacobian" fails="jacobian-batch jacobian-hidden"
# hint: This works for one vector, as in the chapter. `torch.outer` and `torch.diag` know no batch: keep the axes in front.
# see: sec-06-saturation
def softmax_jacobian(p):
    return torch.diag(p) - torch.outer(p, p)


# %% mistake="jacobian-across-the-batch" of="jacobian" fails="jacobian-batch jacobian-hidden"
# hint: You flatten the batch, so that weights of different rows meet. Each row has a Jacobian of its own.
# see: sec-06-saturation
def softmax_jacobian(p):
    flat = p.reshape(-1)
    return torch.diag(flat) - torch.outer(flat, flat)


# %% mistake="jacobian-softmax-again" of="jacobian" fails="jacobian-by-hand jacobian-saturated jacobian-hidden"
# hint: p is already the output of the softmax; don't take the softmax of it.
# see: sec-06-saturation
def softmax_jacobian(p):
    p = p.softmax(-1)
    return torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)


# %% mistake="causal-only-the-future" of="causal" fails="causal-values causal-hidden"
# hint: Your mask is True on the future. Here True means "may attend": invert it.
# see: sec-06-masks
def causal_mask(n):
    return torch.ones(n, n, dtype=torch.bool).triu(1)


# %% mistake="causal-without-itself" of="causal" fails="causal-values causal-hidden"
# hint: A query may attend to itself too: keep the diagonal.
# see: sec-06-masks
def causal_mask(n):
    return torch.ones(n, n, dtype=torch.bool).tril(-1)


# %% mistake="causal-transposed" of="causal" fails="causal-values causal-hidden"
# hint: Rows and columns are exchanged. A row is a query, and row 0 sees key 0 alone.
# see: sec-06-masks
def causal_mask(n):
    return torch.ones(n, n, dtype=torch.bool).triu()


# %% mistake="causal-one-too-many" of="causal" fails="causal-values causal-hidden"
# hint: Each query sees one key of the future. The diagonal is the last one allowed.
# see: sec-06-masks
def causal_mask(n):
    return torch.ones(n, n, dtype=torch.bool).tril(1)


# %% mistake="causal-numbers" of="causal" fails="causal-boolean"
# hint: The values are right, the dtype is not: make booleans, with `dtype=torch.bool` or a comparison.
# see: sec-06-masks
def causal_mask(n):
    return torch.ones(n, n).tril()


# %% mistake="causal-added" of="causal" fails="causal-values causal-boolean causal-hidden"
# hint: This is a mask to add to scores, with -∞ on the future. Return booleans, True where a query may attend.
# see: sec-06-true
def causal_mask(n):
    return torch.full((n, n), -torch.inf).triu(1)


# %% mistake="padding-on-the-padding" of="padding" fails="padding-values padding-hidden"
# hint: Your mask is True on the padding. Here True means "may attend": invert it.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(n) >= lengths[:, None])[:, None, None, :]


# %% mistake="padding-one-too-many" of="padding" fails="padding-values padding-hidden"
# hint: One key too many is real. Positions count from 0: the last real one is length - 1.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(n) <= lengths[:, None])[:, None, None, :]


# %% mistake="padding-two-axes" of="padding" fails="padding-shape padding-hidden"
# hint: (batch, n) does not broadcast over heads and queries. Add two axes of size 1 between them.
# see: sec-06-masks
def padding_mask(lengths, n):
    return torch.arange(n) < lengths[:, None]


# %% mistake="padding-no-heads" of="padding" fails="padding-shape padding-hidden"
# hint: (batch, 1, n) lacks the axis of the heads: against four axes, your batch would stand for heads.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(n) < lengths[:, None])[:, None, :]


# %% mistake="padding-hides-queries" of="padding" fails="padding-shape padding-hidden"
# hint: Your mask hides queries, (batch, 1, n, 1). Padding is hidden as a key: the last axis.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(n) < lengths[:, None])[:, None, :, None]


# %% mistake="padding-in-front" of="padding" fails="padding-values padding-hidden"
# hint: You hide the first keys. The padding stands at the end.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(n) >= n - lengths[:, None])[:, None, None, :]


# %% mistake="padding-longest" of="padding" fails="padding-shape padding-hidden"
# hint: Your mask is as long as the longest sequence. It must be `n` long.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(int(lengths.max())) < lengths[:, None])[
        :, None, None, :
    ]


# %% mistake="padding-numbers" of="padding" fails="padding-shape"
# hint: The mask holds numbers. Leave it as the comparison made it: booleans.
# see: sec-06-masks
def padding_mask(lengths, n):
    return (torch.arange(n) < lengths[:, None])[:, None, None, :].float()


# %% mistake="attention-no-scale" of="attention" fails="attention-one-query attention-half attention-torch-hidden attention-gradient-hidden"
# hint: The scores are not divided by √d_k.
# see: sec-06-variance
def attention(query, key, value, mask=None, dropout=None):
    scores = query @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-scale-by-d" of="attention" fails="attention-one-query attention-torch-hidden attention-gradient-hidden"
# hint: You divide by d_k. Its root keeps the variance at 1.
# see: sec-06-variance
def attention(query, key, value, mask=None, dropout=None):
    scores = query / query.shape[-1] @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-multiplied" of="attention" fails="attention-one-query attention-half attention-torch-hidden attention-gradient-hidden"
# hint: You multiply by √d_k. Divide.
# see: sec-06-variance
def attention(query, key, value, mask=None, dropout=None):
    scores = query * math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-scale-by-values" of="attention" fails="attention-one-query attention-half attention-torch-hidden attention-gradient-hidden"
# hint: You divide by the root of d_v, the width of the values. The dot product has the width of the keys.
# see: sec-06-variance
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(value.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-scale-by-keys" of="attention" fails="attention-one-query attention-mask attention-half attention-torch-hidden attention-gradient-hidden"
# hint: You divide by the root of the number of keys. d_k is the width of one key: the last axis.
# see: sec-06-variance
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(key.shape[-2]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-over-queries" of="attention" fails="attention-one-key attention-one-query attention-batch attention-mask attention-nothing attention-half attention-torch-hidden attention-causal-hidden attention-gradient-hidden"
# hint: Your softmax runs over the queries. Each query shares its weight among the keys: the last axis.
# see: sec-06-matrix
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-2)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-one-sequence" of="attention" fails="attention-batch attention-torch-hidden attention-causal-hidden attention-gradient-hidden"
# hint: This works for one sequence. With axes in front, exchange the last two alone: `key.transpose(-2, -1)`.
# see: sec-06-matrix
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.permute(1, 0)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-returns-scores" of="attention" fails="attention-one-key attention-one-query attention-mask attention-nothing attention-dropout attention-half attention-leaves-arguments-hidden"
# hint: Second in your answer are scores. Return the weights.
# see: sec-06-matrix
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, scores


# %% mistake="attention-ignores-mask" of="attention" fails="attention-mask attention-nothing attention-half attention-torch-hidden attention-causal-hidden attention-gradient-hidden"
# hint: `mask` is never used.
# see: sec-06-masks
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    weights = scores.softmax(-1)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-mask-inverted" of="attention" fails="attention-mask attention-nothing attention-half attention-torch-hidden attention-causal-hidden attention-gradient-hidden"
# hint: You hide the keys that may be attended to. Here True means "may attend".
# see: sec-06-true
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask != 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask != 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-mask-too-late" of="attention" fails="attention-mask attention-nothing attention-half attention-torch-hidden attention-causal-hidden attention-gradient-hidden"
# hint: You mask after the softmax: the rows no longer sum to 1, and hidden keys still act. Mask the scores.
# see: sec-06-masks
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights * (mask != 0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-mask-and-normalise" of="attention" fails="attention-half attention-causal-hidden"
# hint: You mask after the softmax and divide by what is left. Nothing is left where a hidden score is large. Mask the scores.
# see: sec-06-masks
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights * (mask != 0)
        weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-4)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-hidden-score-zero" of="attention" fails="attention-mask attention-nothing attention-half attention-torch-hidden attention-causal-hidden attention-gradient-hidden"
# hint: Hidden scores are set to 0, and exp(0) is 1: those keys still get weight. Fill with the lowest number.
# see: sec-06-masks
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores * (mask != 0)
    weights = scores.softmax(-1)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-infinite-fill" of="attention" fails="attention-nothing attention-gradient-hidden"
# hint: A row of -∞ alone has a softmax of 0/0, NaN. Treat the query that may attend to nothing.
# see: sec-06-fully-masked
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -torch.inf)
    weights = scores.softmax(-1)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-nan-to-num" of="attention" fails="attention-nothing attention-gradient-hidden"
# hint: `nan_to_num` mends the weights but not the gradients, which are still NaN. Fill with a finite number instead.
# see: sec-06-fully-masked
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores + torch.where(mask == 0, -torch.inf, 0.0).to(
            scores.dtype
        )
    weights = torch.exp(scores - scores.amax(-1, keepdim=True))
    weights = (weights / weights.sum(-1, keepdim=True)).nan_to_num(0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-uniform-row" of="attention" fails="attention-nothing attention-gradient-hidden"
# hint: A query that may attend to nothing spreads its weight evenly over hidden keys. Set its weights to 0.
# see: sec-06-fully-masked
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-fixed-fill" of="attention" fails="attention-half"
# hint: -1e9 is no number in float16. Ask the dtype for its lowest: `torch.finfo(scores.dtype).min`.
# see: sec-06-half-precision
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-scaled-late" of="attention" fails="attention-half"
# hint: You divide after the product, which is infinite in float16 before you get there. Divide the query first.
# see: sec-06-half-precision
def attention(query, key, value, mask=None, dropout=None):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-stays-float32" of="attention" fails="attention-half attention-torch-hidden"
# hint: You compute in float32, which is safe, but you return float32 too. Go back to the dtype that you got.
# see: sec-06-half-precision
def attention(query, key, value, mask=None, dropout=None):
    scores = query.float() @ key.float().transpose(-2, -1)
    scores = scores / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value.float(), weights


# %% mistake="attention-ignores-dropout" of="attention" fails="attention-dropout"
# hint: `dropout` is never called.
# see: sec-06-dropout
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="attention-dropout-on-output" of="attention" fails="attention-dropout"
# hint: You drop from the output. Drop from the weights, before they meet the values.
# see: sec-06-dropout
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    output = weights @ value
    if dropout is not None:
        output = dropout(output)
    return output, weights


# %% mistake="attention-dropout-on-scores" of="attention" fails="attention-dropout"
# hint: You drop scores. A score of 0 is not a weight of 0: drop after the softmax.
# see: sec-06-dropout
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if dropout is not None:
        scores = dropout(scores)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    return weights @ value, weights


# %% mistake="attention-normalised-again" of="attention" fails="attention-dropout"
# hint: You normalise after dropout. Rows that do not sum to 1 are meant in training.
# see: sec-06-dropout
def attention(query, key, value, mask=None, dropout=None):
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
        weights = weights / weights.sum(-1, keepdim=True)
    return weights @ value, weights


# %% mistake="attention-query-in-place" of="attention" fails="attention-batch attention-mask attention-dropout attention-torch-hidden attention-causal-hidden attention-gradient-hidden attention-leaves-arguments-hidden"
# hint: `query /= …` changes the query of your caller. Make a new tensor: `query = query / …`.
# see: sec-06-half-precision
def attention(query, key, value, mask=None, dropout=None):
    with torch.no_grad():
        query /= math.sqrt(query.shape[-1])
    scores = query @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% mistake="attention-leaves-torch" of="attention" fails="attention-nothing attention-gradient-hidden"
# hint: No gradient gets back through `.detach()` or NumPy. Stay in torch from query to output.
# see: sec-06-saturation
def attention(query, key, value, mask=None, dropout=None):
    query, key = query.detach(), key.detach()
    scores = query / math.sqrt(query.shape[-1]) @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(mask == 0, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% right="loops" of="variance"
def score_variance(d_k, n_samples, scale, generator):
    """Draw one pair after the other, and write the variance out."""
    scores = []
    for _ in range(n_samples):
        query, key = torch.randn(2, d_k, generator=generator)
        scores.append(scale * float(query @ key))
    mean = sum(scores) / n_samples
    return sum((s - mean) ** 2 for s in scores) / (n_samples - 1)


# %% right="loops" of="jacobian"
def softmax_jacobian(p):
    """Fill the entries one at a time."""
    n = p.shape[-1]
    J = torch.zeros(*p.shape, n, dtype=p.dtype)
    for i in range(n):
        for j in range(n):
            J[..., i, j] = p[..., i] * (float(i == j) - p[..., j])
    return J


# %% right="loops" of="causal"
def causal_mask(n):
    """Ask each pair."""
    return torch.tensor([[j <= i for j in range(n)] for i in range(n)])


# %% right="loops" of="padding"
def padding_mask(lengths, n):
    """Write Trues, sequence by sequence."""
    mask = torch.zeros(len(lengths), 1, 1, n, dtype=torch.bool)
    for i, length in enumerate(lengths.tolist()):
        mask[i, 0, 0, :length] = True
    return mask


# %% right="loops" of="attention"
def attention(query, key, value, mask=None, dropout=None):
    """Go through the queries, in float64, with an exponential of its own."""
    dtype = query.dtype
    query, key, value = query.double(), key.double(), value.double()
    every = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool)
    allowed = every if mask is None else (mask != 0) & every
    rows = []
    for i in range(query.shape[-2]):
        scores = (query[..., i, None, :] * key).sum(-1) / query.shape[-1] ** 0.5
        seen = allowed[..., i, :]
        scores = torch.where(seen, scores, -1e30)
        top = scores.detach().amax(-1, keepdim=True)
        e = torch.where(seen, torch.exp(scores - top), 0.0)
        rows.append(e / e.sum(-1, keepdim=True).clamp(min=1e-30))
    weights = torch.stack(rows, -2)
    if dropout is not None:
        weights = dropout(weights)
    output = (weights[..., None] * value[..., None, :, :]).sum(-2)
    return output.to(dtype), weights.to(dtype)


# %% right="einsum" of="variance"
def score_variance(d_k, n_samples, scale, generator):
    """Use the known mean of 0: the variance is the mean square."""
    query, key = torch.randn(2, n_samples, d_k, generator=generator).double()
    scores = scale * torch.einsum("nd,nd->n", query, key)
    return float(scores.square().mean())


# %% right="einsum" of="jacobian"
def softmax_jacobian(p):
    """Write δ as the identity."""
    eye = torch.eye(p.shape[-1], dtype=p.dtype)
    return torch.einsum("...i,...ij->...ij", p, eye - p[..., None, :])


# %% right="einsum" of="causal"
def causal_mask(n):
    """Compare positions."""
    position = torch.arange(n)
    return position[None, :] <= position[:, None]


# %% right="einsum" of="padding"
def padding_mask(lengths, n):
    """Compare positions, with the axes in place from the start."""
    return torch.arange(n).reshape(1, 1, 1, n) < lengths.reshape(-1, 1, 1, 1)


# %% right="einsum" of="attention"
def attention(query, key, value, mask=None, dropout=None):
    """Share the root between query and key; empty rows by a mask of rows."""
    root = query.shape[-1] ** 0.25
    scores = torch.einsum("...qd,...kd->...qk", query / root, key / root)
    if mask is None:
        mask = torch.ones(1, dtype=torch.bool)
    mask = mask.bool().expand(scores.shape)
    empty = ~mask.any(-1, keepdim=True)
    scores = scores.masked_fill(~mask & ~empty, float("-inf"))
    weights = torch.softmax(scores, dim=-1).masked_fill(empty, 0.0)
    if dropout is not None:
        weights = dropout(weights)
    return torch.einsum("...qk,...kv->...qv", weights, value), weights


# %% right="torchs" of="attention"
def attention(query, key, value, mask=None, dropout=None):
    """Take the weights from torch's function, with the identity as values."""
    eye = torch.eye(key.shape[-2], dtype=query.dtype)
    eye = eye.expand(*key.shape[:-1], key.shape[-2])
    if mask is not None:
        mask = (mask != 0).expand(*query.shape[:-1], key.shape[-2])
    weights = F.scaled_dot_product_attention(query, key, eye, mask)
    if dropout is not None:
        weights = dropout(weights)
    return weights @ value, weights


# %% [markdown] answer="full" of="why-divide" points=3
# The variance of the scores at the start is σ⁴ d_k. For d_k = 16 and σ² = 1/4 that is 1, as if they had divided, so it works.
# For d_k = 1024 it is 64: nearly all the weight sits on one key, the Jacobian of the softmax is about 0, and the projections get
# almost no gradient, so they cannot find any scale. They should start with components of variance 1/32, then σ⁴ d_k is 1 again.

# %% [markdown] answer="half" of="why-divide" points=1.5
# For d_k = 1024 the scores have a variance of 64, so the softmax saturates and the gradients vanish. With 16 they are small.

# %% [markdown] answer="no" of="why-divide" points=0
# The colleague is wrong, because the weights must sum to 1 and without the division they do not.
