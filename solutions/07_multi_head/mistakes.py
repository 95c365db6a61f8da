"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="split-view-alone" of="split" fails="split-by-hand split-batch split-hidden layer-torch layer-attn layer-mask layer-dropout layer-masks-hidden layer-gradient-hidden"
# hint: A view alone gives the right shape and mixes time and heads. Cut each vector first, then transpose.
# see: sec-07-view-transpose
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return x.reshape(*x.shape[:-2], h, x.shape[-2], x.shape[-1] // h)


# %% mistake="split-no-transpose" of="split" fails="split-by-hand split-batch split-refuses split-hidden layer-names layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: The vectors are cut, but the heads still stand behind the words: transpose.
# see: sec-07-view-transpose
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return x.unflatten(-1, (h, -1))


# %% mistake="split-every-other-feature" of="split" fails="split-by-hand split-batch split-refuses split-hidden layer-names layer-torch layer-attn layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: Head i has every h-th feature. It should have d_k features that follow each other.
# see: sec-07-view-transpose
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return x.unflatten(-1, (-1, h)).movedim(-1, -3)


# %% mistake="split-batch-only" of="split" fails="split-batch split-hidden"
# hint: You count the axes from the front, as chapter 7 does for a batch. Count from the end: -2, -3.
# see: sec-07-view-transpose
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return x.view(x.shape[0], x.shape[1], h, x.shape[-1] // h).transpose(1, 2)


# %% mistake="split-heads-first" of="split" fails="split-by-hand split-batch split-refuses split-hidden layer-names layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: The heads stand before the batch. They come just before the words.
# see: sec-07-view-transpose
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return torch.stack(x.chunk(h, -1))


# %% mistake="split-cuts-the-words" of="split" fails="split-by-hand split-batch split-refuses split-hidden layer-names layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: You cut the sequence into pieces. Cut the vectors: each head sees all words.
# see: sec-07-subspaces
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    if x.shape[-2] % h:
        pad = h - x.shape[-2] % h
        x = torch.cat([x, torch.zeros_like(x[..., :pad, :])], -2)
    return torch.stack(x.chunk(h, -2), -3)


# %% mistake="split-no-check" of="split" fails="split-refuses"
# hint: If h does not divide d_model, say so with a ValueError of your own.
# see: sec-07-view-transpose
def split_heads(x, h):
    return x.unflatten(-1, (h, x.shape[-1] // h)).transpose(-2, -3)


# %% mistake="split-drops-features" of="split" fails="split-refuses"
# hint: If h does not divide d_model, features are left out without a word. Raise a ValueError.
# see: sec-07-view-transpose
def split_heads(x, h):
    d_k = x.shape[-1] // h
    return torch.stack([x[..., i * d_k : (i + 1) * d_k] for i in range(h)], -3)


# %% mistake="split-shared-features" of="split" fails="split-by-hand split-batch split-refuses split-hidden layer-names layer-torch layer-attn layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: Every head gets the same first features. Head i starts at i · d_k.
# see: sec-07-subspaces
def split_heads(x, h):
    if x.shape[-1] % h:
        raise ValueError(f"h = {h} does not divide d_model = {x.shape[-1]}")
    return torch.stack([x[..., : x.shape[-1] // h]] * h, -3)


# %% mistake="merge-view-alone" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-torch layer-attn layer-nothing layer-dropout layer-masks-hidden layer-gradient-hidden"
# hint: A reshape alone mixes time and heads. Bring the heads behind the words first.
# see: sec-07-view-transpose
def merge_heads(x):
    return x.reshape(*x.shape[:-3], x.shape[-2], x.shape[-3] * x.shape[-1])


# %% mistake="merge-features-first" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-names layer-torch layer-attn layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: The heads end up behind the features, so their features are shuffled. They belong between words and features.
# see: sec-07-view-transpose
def merge_heads(x):
    return x.movedim(-3, -1).flatten(-2)


# %% mistake="merge-sum" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-names layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: You add the heads. Write them side by side; adding is what W_o is for.
# see: sec-07-subspaces
def merge_heads(x):
    return x.sum(-3)


# %% mistake="merge-mean" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-names layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: You average the heads. Write them side by side: that each has a place of its own is the point.
# see: sec-07-one-head
def merge_heads(x):
    return x.mean(-3, dtype=torch.float32)


# %% mistake="merge-along-time" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-names layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: The heads stand one after the other along the words. Put them side by side along the features.
# see: sec-07-view-transpose
def merge_heads(x):
    return x.flatten(-3, -2)


# %% mistake="merge-batch-only" of="merge" fails="merge-undoes-split merge-hidden"
# hint: `transpose(1, 2)` fits a batch alone. Count the axes from the end, -2 and -3, and any number may stand in front.
# see: sec-07-view-transpose
def merge_heads(x):
    return x.transpose(1, 2).flatten(2)


# %% mistake="merge-view-after-transpose" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-masks-hidden layer-gradient-hidden"
# hint: After a transpose, `view` refuses: the numbers lie in another order. Use `flatten` or `reshape`.
# see: sec-07-view-transpose
def merge_heads(x):
    x = x.transpose(-2, -3)
    return x.view(*x.shape[:-2], -1)


# %% mistake="merge-first-head" of="merge" fails="merge-by-hand merge-undoes-split merge-hidden layer-names layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: Only the first head comes back.
# see: sec-07-subspaces
def merge_heads(x):
    return x[..., 0, :, :]


# %% mistake="layer-no-output-projection" of="layer" fails="layer-names layer-one-head layer-torch layer-attn layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: W_o is never used: the heads are only written side by side. Mix them with it.
# see: sec-07-subspaces
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return merge_heads(self.attn @ v)


# %% mistake="layer-no-bias" of="layer" fails="layer-names layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: Your projections have no biases; the table asks for them.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model, bias=False)
        self.W_k = nn.Linear(d_model, d_model, bias=False)
        self.W_v = nn.Linear(d_model, d_model, bias=False)
        self.W_o = nn.Linear(d_model, d_model, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-other-names" of="layer" fails="layer-names layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: Your layers have other names than the table's, so that weights can't be loaded into them.
# see: sec-07-torch
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.out = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.query(query), self.h)
        k = split_heads(self.key(key), self.h)
        v = split_heads(self.value(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.out(merge_heads(self.attn @ v))


# %% mistake="layer-small-projections" of="layer" fails="layer-names layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: You cut the input and project the pieces. Project the whole input and cut the result, so that each head sees all features.
# see: sec-07-subspaces
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model // h, d_model // h)
        self.W_k = nn.Linear(d_model // h, d_model // h)
        self.W_v = nn.Linear(d_model // h, d_model // h)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = self.W_q(split_heads(query, self.h))
        k = self.W_k(split_heads(key, self.h))
        v = self.W_v(split_heads(value, self.h))
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-keys-through-w-q" of="layer" fails="layer-one-head layer-torch layer-attn layer-masks-hidden layer-gradient-hidden"
# hint: Queries and keys go through the same projection. W_k is for the keys.
# see: sec-07-subspaces
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_q(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-values-from-keys" of="layer" fails="layer-one-head layer-torch layer-attn layer-mask layer-dropout layer-masks-hidden layer-gradient-hidden"
# hint: The values are made of `key`. They are made of `value`.
# see: sec-07-subspaces
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(key), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-values-not-projected" of="layer" fails="layer-names layer-one-head layer-torch layer-attn layer-dropout layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: The values skip W_v.
# see: sec-07-subspaces
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(value, self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-scale-d-model" of="layer" fails="layer-torch layer-attn layer-masks-hidden layer-gradient-hidden"
# hint: You divide by √d_model. The vectors that are compared have the width of a head: √d_k.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(query.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-no-scale" of="layer" fails="layer-one-head layer-torch layer-attn layer-masks-hidden layer-gradient-hidden"
# hint: The scores are not divided by √d_k.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-softmax-over-heads" of="layer" fails="layer-names layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-refuses layer-masks-hidden layer-gradient-hidden"
# hint: The softmax runs over the heads. It runs over the keys, in each head alone.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-softmax-over-queries" of="layer" fails="layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-masks-hidden layer-gradient-hidden"
# hint: The softmax runs over the queries. It runs over the keys, the last axis.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-2)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-view-alone" of="layer" fails="layer-torch layer-attn layer-mask layer-dropout layer-masks-hidden layer-gradient-hidden"
# hint: You cut with a view alone, which mixes time and heads. Cut each vector, then transpose.
# see: sec-07-view-transpose
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def cut(self, x):
        return x.view(x.shape[0], self.h, x.shape[1], -1)

    def forward(self, query, key, value, mask=None):
        q = self.cut(self.W_q(query))
        k = self.cut(self.W_k(key))
        v = self.cut(self.W_v(value))
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-merged-by-view" of="layer" fails="layer-torch layer-attn layer-nothing layer-dropout layer-masks-hidden layer-gradient-hidden"
# hint: You put the heads together with a reshape alone, which mixes time and heads. Transpose first.
# see: sec-07-view-transpose
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o((self.attn @ v).reshape(query.shape))


# %% mistake="layer-mask-not-lifted" of="layer" fails="layer-mask layer-masks-hidden"
# hint: A mask (batch, n_q, n_k) has no axis for the heads: give it one after the batch.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-always-lifted" of="layer" fails="layer-nothing layer-masks-hidden layer-gradient-hidden"
# hint: Every mask gets an axis for the heads, those too that have one. Look at the number of axes.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1)
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-lifted-in-front" of="layer" fails="layer-mask layer-masks-hidden"
# hint: The new axis of the mask stands before the batch, so that sentences take each other's masks. It belongs after the batch.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = (
                hidden.repeat(self.h, 1, 1).unflatten(0, (-1, self.h))
                if hidden.dim() == 3 and len(hidden) > 1
                else hidden
            )
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-of-one-head" of="layer" fails="layer-mask layer-nothing layer-masks-hidden layer-gradient-hidden"
# hint: The mask acts on the first head alone.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            hidden = hidden.expand(scores.shape).clone()
            hidden[:, 1:] = False
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-inverted" of="layer" fails="layer-mask layer-nothing layer-masks-hidden layer-gradient-hidden"
# hint: Your mask hides what may be seen. True means "may attend" here; in torch's layer it hides.
# see: sec-07-torch
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask != 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-ignored" of="layer" fails="layer-mask layer-nothing layer-masks-hidden layer-gradient-hidden"
# hint: The mask is never used.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        weights = scores.softmax(-1)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-after-softmax" of="layer" fails="layer-mask layer-masks-hidden layer-gradient-hidden"
# hint: You mask after the softmax, so hidden keys still act through the sum. Mask the scores.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-infinite-fill" of="layer" fails="layer-nothing"
# hint: A row of -∞ alone has a softmax of NaN. Treat the query that may attend to nothing.
# see: sec-07-torch
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, -torch.inf)
        weights = scores.softmax(-1)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-uniform-row" of="layer" fails="layer-nothing"
# hint: A query that may attend to nothing spreads its weight over hidden keys. Set its weights to 0.
# see: sec-07-torch
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-equals-one" of="layer" fails="layer-mask"
# hint: You hide whatever is not 1. Any number but 0 means "may attend": compare with 0.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask != 1
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-mask-unsqueezed-in-place" of="layer" fails="layer-masks-hidden"
# hint: `unsqueeze_` changes the mask of whoever calls. Use `unsqueeze`, without the underscore.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            if mask.dim() == 3:
                mask.unsqueeze_(1)
            hidden = mask == 0
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-small-fill" of="layer" fails="layer-mask"
# hint: Your fill is not low enough: where all other scores are lower, the hidden keys win. Fill with the lowest number of the dtype, or with -∞.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, -100.0)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-empty-row-of-all-heads" of="layer" fails="layer-nothing"
# hint: You look for queries that may attend to nothing in any head. With a mask for each head, one head alone may have an empty row.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            empty = (
                hidden.expand_as(scores)
                .all(-1, keepdim=True)
                .all(1, keepdim=True)
            )
            weights = weights.masked_fill(empty, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-booleans-only" of="layer" fails="layer-mask"
# hint: `~mask` turns round booleans alone: with numbers, 1 becomes -2. Compare with 0.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = (
                (~mask).bool() if not mask.is_floating_point() else mask == 0
            )
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-no-dropout" of="layer" fails="layer-dropout"
# hint: `dropout` is never used.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = weights
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-dropout-on-output" of="layer" fails="layer-dropout"
# hint: You drop from the output. Drop from the weights, before they meet the values.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = weights
        return self.dropout(self.W_o(merge_heads(self.attn @ v)))


# %% mistake="layer-dropout-renormalised" of="layer" fails="layer-dropout"
# hint: You make the rows sum to 1 again after dropout. Leave them: what is kept is divided by 1 - dropout, no more.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        weights = self.dropout(weights)
        self.attn = weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-dropout-unscaled" of="layer" fails="layer-dropout"
# hint: What is kept must be divided by 1 - dropout, as `nn.Dropout` does, so that the mean stays.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        if self.training:
            weights = weights * (torch.rand_like(weights) >= self.dropout.p)
        self.attn = weights
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-dropout-same-for-heads" of="layer" fails="layer-dropout"
# hint: The same weights are dropped in every head. Each is dropped on its own.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = weights * self.dropout(torch.ones_like(weights[:, :1]))
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-attn-before-dropout" of="layer" fails="layer-dropout"
# hint: `attn` holds the weights as they were before dropout. Keep those that met the values.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = weights
        return self.W_o(merge_heads(self.dropout(weights) @ v))


# %% mistake="layer-dropout-at-evaluation" of="layer" fails="layer-dropout"
# hint: You drop after eval() too. `nn.Dropout` knows when not to, and so does `F.dropout(x, p, self.training)`.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = F.dropout(weights, self.dropout.p)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-attn-mean" of="layer" fails="layer-attn layer-mask layer-nothing layer-dropout layer-masks-hidden"
# hint: `attn` is the mean over the heads, as torch's layer returns it by default. Keep every head's own weights.
# see: sec-07-torch
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        weights = self.dropout(weights)
        self.attn = weights.mean(1)
        return self.W_o(merge_heads(weights @ v))


# %% mistake="layer-attn-missing" of="layer" fails="layer-attn layer-mask layer-nothing layer-dropout layer-masks-hidden"
# hint: `attn` is never set: keep the weights of each call in it.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        return self.W_o(merge_heads(self.dropout(weights) @ v))


# %% mistake="layer-one-length" of="layer" fails="layer-one-head layer-torch layer-attn layer-mask layer-nothing layer-dropout layer-masks-hidden"
# hint: You cut keys to the number of queries, or take it for theirs. Keys may be more or fewer than queries.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        k, v = k[:, :, : q.shape[2]], v[:, :, : q.shape[2]]
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-no-check" of="layer" fails="layer-refuses"
# hint: If h does not divide d_model, raise a ValueError when the layer is made.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="layer-leaves-torch" of="layer" fails="layer-nothing layer-gradient-hidden"
# hint: No gradient gets back through `.detach()`, NumPy, or `torch.no_grad()`. Stay in torch from query to output.
# see: sec-07-layer
class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError(f"h = {h} does not divide d_model = {d_model}")
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.dropout = nn.Dropout(dropout)
        self.attn = None

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.W_q(query), self.h)
        k = split_heads(self.W_k(key), self.h)
        v = split_heads(self.W_v(value), self.h)
        scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
        if mask is not None:
            hidden = mask == 0
            hidden = hidden.unsqueeze(1) if hidden.dim() == 3 else hidden
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        weights = scores.detach().softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hidden, 0.0)
        self.attn = self.dropout(weights)
        return self.W_o(merge_heads(self.attn @ v))


# %% mistake="cost-no-biases" of="cost" fails="cost-example cost-projections-hidden"
# hint: The biases are parameters too: d_model in each of the four projections.
# see: sec-07-layer
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * d_model * d_model,
        4 * n * d_model * d_model,
        h * 2 * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-three-projections" of="cost" fails="cost-example cost-projections-hidden"
# hint: There are four projections: W_o is one as well.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        3 * (d_model * d_model + d_model),
        3 * n * d_model * d_model,
        h * 2 * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-narrow-projections" of="cost" fails="cost-example cost-projections-hidden"
# hint: You count the projections of a single head. All heads together have full ones.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_k + d_k),
        4 * n * d_model * d_k,
        h * 2 * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-wide-heads" of="cost" fails="cost-example cost-attention-hidden"
# hint: You count heads that are d_model wide. Each of the h heads has d_k = d_model / h.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        h * 2 * n * n * d_model,
        h * n * n,
    )


# %% mistake="cost-wide-everything" of="cost" fails="cost-example cost-projections-hidden cost-attention-hidden"
# hint: You count h full layers. The heads are slices of one: h does not multiply the projections.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    return (
        h * 4 * (d_model * d_model + d_model),
        h * 4 * n * d_model * d_model,
        h * 2 * n * n * d_model,
        h * n * n,
    )


# %% mistake="cost-one-head" of="cost" fails="cost-example cost-attention-hidden"
# hint: You count the attention of one head. There are h.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        2 * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-scores-only" of="cost" fails="cost-example cost-attention-hidden"
# hint: You count the scores, not the weighted sums of the values; they take as many again.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        h * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-one-table" of="cost" fails="cost-example cost-attention-hidden"
# hint: Each head has its own table of weights: h of them.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        h * 2 * n * n * d_k,
        n * n,
    )


# %% mistake="cost-both-operations" of="cost" fails="cost-example cost-projections-hidden cost-attention-hidden"
# hint: You count a multiplication and an addition as two. A multiply-add is one.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        2 * 4 * n * d_model * d_model,
        2 * h * 2 * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-linear" of="cost" fails="cost-example cost-attention-hidden"
# hint: Each of n queries meets each of n keys: n² pairs.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        h * 2 * n * d_k,
        h * n,
    )


# %% mistake="cost-one-word" of="cost" fails="cost-example cost-projections-hidden"
# hint: You project one word. There are n.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        4 * d_model * d_model,
        h * 2 * n * n * d_k,
        h * n * n,
    )


# %% mistake="cost-floats" of="cost" fails="cost-example"
# hint: Some of your numbers are floats. `//` divides integers.
# see: sec-07-cost
def head_cost(n, d_model, h):
    if d_model % h:
        raise ValueError(f"h = {h} does not divide d_model = {d_model}")
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        h * 2 * n * n * (d_model / h),
        h * n * n,
    )


# %% mistake="cost-no-check" of="cost" fails="cost-refuses"
# hint: If h does not divide d_model, raise a ValueError.
# see: sec-07-cost
def head_cost(n, d_model, h):
    d_k = d_model // h
    return (
        4 * (d_model * d_model + d_model),
        4 * n * d_model * d_model,
        h * 2 * n * n * d_k,
        h * n * n,
    )


# %% right="loops" of="split"
def split_heads(x, h):
    """Take slice after slice."""
    d_k, rest = divmod(x.shape[-1], h)
    if rest:
        raise ValueError("d_model must be a multiple of h")
    return torch.stack(
        [x[..., i * d_k : (i + 1) * d_k] for i in range(h)], dim=-3
    )


# %% right="loops" of="merge"
def merge_heads(x):
    """Write head after head beside each other."""
    return torch.cat([x[..., i, :, :] for i in range(x.shape[-3])], dim=-1)


# %% right="loops" of="layer"
class MultiHeadedAttention(nn.Module):
    """Go through sentences, heads and queries, and see only the keys that may be seen."""

    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model / h != d_model // h:
            raise ValueError("d_model must be a multiple of h")
        self.h, self.d_k, self.p = h, d_model // h, dropout
        self.W_q, self.W_k, self.W_v, self.W_o = (
            nn.Linear(d_model, d_model) for _ in range(4)
        )

    def forward(self, query, key, value, mask=None):
        whole = (len(query), self.h, query.shape[1], key.shape[1])
        if mask is None:
            mask = torch.ones(whole)
        if mask.dim() == 3:
            mask = mask[:, None]
        seen = mask.bool().expand(whole)
        q, k, v = self.W_q(query), self.W_k(key), self.W_v(value)
        outputs, tables = [], []
        for b in range(len(query)):
            heads, weights = [], []
            for i in range(self.h):
                own = slice(i * self.d_k, (i + 1) * self.d_k)
                table = torch.stack(
                    [
                        self.row(q[b, t, own], k[b, :, own], seen[b, i, t])
                        for t in range(query.shape[1])
                    ]
                )
                table = F.dropout(table, self.p, self.training)
                weights.append(table)
                heads.append(table @ v[b, :, own])
            outputs.append(self.W_o(torch.cat(heads, dim=-1)))
            tables.append(torch.stack(weights))
        self.attn = torch.stack(tables)
        return torch.stack(outputs)

    def row(self, q, k, seen):
        scores = (k * q).sum(-1) / self.d_k**0.5
        if not seen.any():
            return scores * 0.0
        return torch.softmax(torch.where(seen, scores, -torch.inf), dim=-1)


# %% right="loops" of="cost"
def head_cost(n, d_model, h):
    """Add up, head by head."""
    if d_model % h != 0:
        raise ValueError("d_model must be a multiple of h")
    parameters = projections = attention = weights = 0
    for _ in "qkvo":
        parameters += d_model * d_model + d_model
        projections += n * d_model * d_model
    for _ in range(h):
        attention += n * (d_model // h) * n + n * n * (d_model // h)
        weights += n * n
    return parameters, projections, attention, weights


# %% right="einsum" of="split"
def split_heads(x, h):
    """Reshape, then move the heads before the words."""
    *lead, n, d_model = x.shape
    if d_model % h:
        raise ValueError("d_model must be a multiple of h")
    return x.reshape(*lead, n, h, d_model // h).movedim(-2, -3)


# %% right="einsum" of="merge"
def merge_heads(x):
    """Name the axes, then reshape."""
    x = torch.einsum("...hnd->...nhd", x)
    return x.reshape(*x.shape[:-2], x.shape[-2] * x.shape[-1])


# %% right="einsum" of="layer"
class MultiHeadedAttention(nn.Module):
    """Heads by einsum; the exponential written out, so that nothing can be NaN."""

    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError("d_model must be a multiple of h")
        self.h, self.drop = h, nn.Dropout(dropout)
        for name in ("W_q", "W_k", "W_v", "W_o"):
            setattr(self, name, nn.Linear(d_model, d_model))

    def forward(self, query, key, value, mask=None):
        q, k, v = (
            W(x).reshape(*x.shape[:2], self.h, -1)
            for W, x in ((self.W_q, query), (self.W_k, key), (self.W_v, value))
        )
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) * q.shape[-1] ** -0.5
        e = torch.exp(scores - scores.detach().amax(-1, keepdim=True))
        if mask is not None:
            seen = (mask[:, None] if mask.dim() == 3 else mask) != 0
            lowest = torch.finfo(scores.dtype).min
            best = (
                scores.detach()
                .masked_fill(~seen, lowest)
                .amax(-1, keepdim=True)
            )
            best = torch.where(seen.any(-1, keepdim=True), best, 0.0)
            e = torch.exp((scores - best).masked_fill(~seen, 0.0)) * seen
        total = e.sum(-1, keepdim=True)
        weights = e / torch.where(total == 0, 1.0, total)
        weights = self.drop(weights)
        self.attn = weights.detach()
        return self.W_o(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(2))


# %% right="einsum" of="cost"
def head_cost(n, d_model, h):
    """Ask the layer for its parameters, and the sizes for the rest."""
    if d_model % h:
        raise ValueError("d_model must be a multiple of h")
    projection = nn.Linear(d_model, d_model)
    parameters = 4 * sum(p.numel() for p in projection.parameters())
    return parameters, 4 * n * d_model**2, 2 * n**2 * d_model, n**2 * h


# %% right="torchs" of="layer"
class MultiHeadedAttention(nn.Module):
    """Let torch's scaled dot product make the weights, with the identity as values."""

    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        if d_model % h:
            raise ValueError("d_model must be a multiple of h")
        self.h, self.dropout = h, nn.Dropout(dropout)
        self.W_q, self.W_k = (
            nn.Linear(d_model, d_model),
            nn.Linear(d_model, d_model),
        )
        self.W_v, self.W_o = (
            nn.Linear(d_model, d_model),
            nn.Linear(d_model, d_model),
        )

    def forward(self, query, key, value, mask=None):
        q = self.W_q(query).unflatten(-1, (self.h, -1)).transpose(1, 2)
        k = self.W_k(key).unflatten(-1, (self.h, -1)).transpose(1, 2)
        v = self.W_v(value).unflatten(-1, (self.h, -1)).transpose(1, 2)
        eye = torch.eye(k.shape[2], dtype=k.dtype).expand(*k.shape[:3], -1)
        if mask is not None:
            mask = (mask != 0).unsqueeze(1) if mask.dim() == 3 else mask != 0
            mask = mask.expand(*q.shape[:3], k.shape[2])
        weights = F.scaled_dot_product_attention(q, k, eye, mask)
        self.attn = self.dropout(weights)
        return self.W_o((self.attn @ v).transpose(1, 2).flatten(2))


# %% [markdown] answer="full" of="eight-heads" points=3
# The multiply-adds and the parameters are the same, since all heads are cut from one full projection and each is an eighth as wide
# as before. What grows is the table of weights: 64 tables of 4096 by 4096 instead of 8, about a billion numbers instead of 134
# million, and the softmax over them. With 8 features a head can compare words only coarsely: the rank of its scores is at most 8.

# %% [markdown] answer="half" of="eight-heads" points=1.5
# The cost is about the same since the heads are narrower. There are eight times as many attention weights.

# %% [markdown] answer="no" of="eight-heads" points=0
# That is wrong, 64 heads are 64 attentions, so eight times the work. It is worth it because the model is larger.
