"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="scores-no-tanh" of="scores" fails="scores-by-hand scores-weights scores-shape scores-hidden"
# hint: There is no tanh between the sum and v: without it the query cannot change the ranking of the keys.
# see: sec-04-hidden-layer
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return hidden @ v


# %% mistake="scores-tanh-last" of="scores" fails="scores-by-hand scores-weights scores-shape scores-hidden"
# hint: You take tanh of the score. It belongs to the hidden layer, before v.
# see: sec-04-hidden-layer
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return torch.tanh(hidden @ v)


# %% mistake="scores-tanh-apart" of="scores" fails="scores-by-hand scores-weights scores-shape scores-hidden"
# hint: You take tanh of the query and of the key apart, then add: their effects no longer meet. Take tanh of the sum.
# see: sec-04-hidden-layer
def additive_scores(query, keys, W_q, W_k, v):
    q, k = torch.tanh(query @ W_q), torch.tanh(keys @ W_k)
    return (q.unsqueeze(-2) + k.unsqueeze(-3)) @ v


# %% mistake="scores-product" of="scores" fails="scores-by-hand scores-weights scores-hidden"
# hint: You multiply the projected query and key. Additive attention adds them.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) * (keys @ W_k).unsqueeze(-3)
    return torch.tanh(hidden) @ v


# %% mistake="scores-sigmoid" of="scores" fails="scores-by-hand scores-weights scores-hidden"
# hint: You use a sigmoid; the alignment model has tanh.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return torch.sigmoid(hidden) @ v


# %% mistake="scores-no-v" of="scores" fails="scores-weights scores-hidden"
# hint: You sum the hidden units. Weigh them with v.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return torch.tanh(hidden).sum(-1)


# %% mistake="scores-keys-by-queries" of="scores" fails="scores-by-hand scores-shape scores-pairs scores-hidden"
# hint: Your rows are keys and your columns are queries. A row belongs to one query.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-3) + (keys @ W_k).unsqueeze(-2)
    return torch.tanh(hidden) @ v


# %% mistake="scores-softmax" of="scores" fails="scores-by-hand scores-weights scores-shape scores-pairs scores-hidden"
# hint: You return weights. Scores come before the softmax.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return (torch.tanh(hidden) @ v).softmax(-1)


# %% mistake="scores-fixed-axes" of="scores" fails="scores-by-hand scores-weights scores-pairs scores-hidden"
# hint: Your axes are counted from the left, so that only one axis may stand in front. Count them from the right.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(2) + (keys @ W_k).unsqueeze(1)
    return torch.tanh(hidden) @ v


# %% mistake="scores-float32" of="scores" fails="scores-hidden"
# hint: You turn the scores into float32. Keep the dtype that came in.
# see: sec-04-scores
def additive_scores(query, keys, W_q, W_k, v):
    hidden = (query @ W_q).unsqueeze(-2) + (keys @ W_k).unsqueeze(-3)
    return (torch.tanh(hidden) @ v).float()


# %% mistake="context-matmul-alone" of="context" fails="context-one-query context-many-queries context-picks context-hidden"
# hint: You multiply weights (batch, n) by values (batch, n, d) as they are: each sentence meets the values of all others. Give one query an axis of its own.
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    return weights @ values


# %% mistake="context-no-check" of="context" fails="context-checks"
# hint: You do not compare the numbers of weights and values; one of them being 1, broadcasting hides it.
# see: sec-04-context
def context_vector(weights, values):
    if weights.dim() == 2:
        return (weights.unsqueeze(-1) * values).sum(1)
    return (weights.unsqueeze(-1) * values.unsqueeze(1)).sum(2)


# %% mistake="context-best-key" of="context" fails="context-one-query context-hidden"
# hint: You return the value of the heaviest key. The context is the mean of all values under the weights.
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    best = weights.argmax(-1)
    rows = torch.arange(len(values))
    return (
        values[rows, best]
        if weights.dim() == 2
        else values[rows[:, None], best]
    )


# %% mistake="context-divided" of="context" fails="context-one-query context-picks context-hidden"
# hint: You divide by the number of keys. The weights are the shares already.
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    if weights.dim() == 2:
        return (weights.unsqueeze(1) @ values).squeeze(1) / weights.shape[-1]
    return weights @ values / weights.shape[-1]


# %% mistake="context-softmax-again" of="context" fails="context-one-query context-picks context-hidden"
# hint: You take a softmax of the weights: they are weights already.
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    weights = weights.softmax(-1)
    if weights.dim() == 2:
        return (weights.unsqueeze(1) @ values).squeeze(1)
    return weights @ values


# %% mistake="context-normalised" of="context" fails="context-hidden"
# hint: You make the weights sum to 1 again. Take them as they come.
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    weights = weights / weights.sum(-1, keepdim=True)
    if weights.dim() == 2:
        return (weights.unsqueeze(1) @ values).squeeze(1)
    return weights @ values


# %% mistake="context-not-summed" of="context" fails="context-one-query context-many-queries context-picks context-hidden"
# hint: You weigh the values but do not sum them: an axis of keys is left.
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    if weights.dim() == 2:
        return weights.unsqueeze(-1) * values
    return weights.unsqueeze(-1) * values.unsqueeze(1)


# %% mistake="context-keeps-axis" of="context" fails="context-one-query context-many-queries context-picks context-hidden"
# hint: With one query a sentence, (batch, n), the result has no axis for queries: it is (batch, value_size).
# see: sec-04-context
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError("weights and values differ in their number of keys")
    if weights.dim() == 2:
        weights = weights.unsqueeze(1)
    return weights @ values


# %% mistake="attention-bias" of="attention" fails="attention-names attention-by-hand attention-hidden-numbers attention-hidden-mask cell-shapes cell-query cell-step cell-mask cell-hidden"
# hint: Your linear layers have a bias, so that the weights of the text do not fit. Pass `bias=False`.
# see: sec-04-scores
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=True)
        self.W_k = nn.Linear(key_size, hidden_size, bias=True)
        self.v = nn.Linear(hidden_size, 1, bias=True)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights @ values, weights


# %% mistake="attention-softmax-over-queries" of="attention" fails="attention-by-hand attention-values attention-mask attention-empty attention-hidden-numbers cell-shapes cell-query cell-hidden"
# hint: Your weights sum to 1 over the queries. The softmax runs over the keys, the last axis.
# see: sec-04-scores
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights @ values, weights


# %% mistake="attention-mask-after" of="attention" fails="attention-mask attention-hidden-mask cell-mask cell-hidden"
# hint: You mask after the softmax: the weights that are left no longer sum to 1.
# see: sec-04-batches
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(~mask.bool().unsqueeze(1), 0.0)
        return weights @ values, weights


# %% mistake="attention-mask-inverted" of="attention" fails="attention-mask attention-empty attention-hidden-mask cell-mask cell-hidden"
# hint: Your mask hides the tokens and shows the padding: True means "may attend".
# see: sec-04-batches
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights @ values, weights


# %% mistake="attention-mask-ignored" of="attention" fails="attention-mask attention-empty attention-hidden-mask cell-mask cell-hidden"
# hint: Your mask is never used.
# see: sec-04-batches
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        weights = scores.softmax(-1)
        return weights @ values, weights


# %% mistake="attention-fill-zero" of="attention" fails="attention-mask attention-empty attention-hidden-mask cell-mask cell-hidden"
# hint: Your hidden scores are 0, filled in or multiplied by the mask. exp(0) is 1, so that hidden keys still get a share.
# see: sec-04-batches
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask.bool().unsqueeze(1), 0.0)
        weights = scores.softmax(-1)
        return weights @ values, weights


# %% mistake="attention-minus-infinity" of="attention" fails="attention-empty"
# hint: With -inf in a whole row the softmax gives NaN. A sentence without any key has weights of 0.
# see: sec-04-batches
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(
                ~mask.bool().unsqueeze(1), float("-inf")
            )
        weights = scores.softmax(-1)
        return weights @ values, weights


# %% mistake="attention-empty-uniform" of="attention" fails="attention-empty"
# hint: In a sentence without any key your weights are uniform, over padding. They should be 0.
# see: sec-04-batches
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        return weights @ values, weights


# %% mistake="attention-keys-always" of="attention" fails="attention-values attention-hidden-numbers"
# hint: You average the keys even where values are given.
# see: sec-04-context
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights @ keys, weights


# %% mistake="attention-no-tanh" of="attention" fails="attention-by-hand attention-hidden-numbers cell-query cell-hidden"
# hint: There is no tanh in your hidden layer: the query cannot change the ranking of the keys.
# see: sec-04-hidden-layer
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(hidden).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights @ values, weights


# %% mistake="attention-weights-first" of="attention" fails="attention-names attention-by-hand attention-values attention-mask attention-empty attention-hidden-numbers attention-hidden-mask cell-shapes cell-query cell-step cell-mask cell-hidden"
# hint: You return the weights first; the contexts come first.
# see: sec-04-context
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        values = keys if values is None else values
        hidden = self.W_q(query).unsqueeze(2) + self.W_k(keys).unsqueeze(1)
        scores = self.v(torch.tanh(hidden)).squeeze(-1)
        if mask is not None:
            hide = ~mask.bool().unsqueeze(1)
            scores = scores.masked_fill(hide, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(hide, 0.0)
        return weights, weights @ values


# %% mistake="cell-new-state-asks" of="cell" fails="cell-query cell-hidden"
# hint: You look with a state that the GRU has already moved. Bahdanau looks first, with s_{t-1}; to look after the step is Luong's way.
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        blank = torch.zeros(len(y), keys.shape[-1])
        after = self.rnn(torch.cat([y, blank], dim=-1), state)
        context, weights = self.attention(after.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1), state)
        return state, context, weights


# %% mistake="cell-context-first" of="cell" fails="cell-step cell-hidden"
# hint: You put the context before the token. The input of the GRU is [token; context].
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([context, y], dim=-1), state)
        return state, context, weights


# %% mistake="cell-no-context" of="cell" fails="cell-step cell-hidden"
# hint: The context never reaches the GRU: it sees zeros instead.
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(
            torch.cat([y, torch.zeros_like(context)], dim=-1), state
        )
        return state, context, weights


# %% mistake="cell-mask-dropped" of="cell" fails="cell-mask cell-hidden"
# hint: The mask does not reach the attention.
# see: sec-04-batches
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1), state)
        return state, context, weights


# %% mistake="cell-mask-as-values" of="cell" fails="cell-mask cell-hidden"
# hint: You pass the mask as the third argument, where the values stand. Name it: `mask=mask`.
# see: sec-04-batches
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1), state)
        return state, context, weights


# %% mistake="cell-axes-kept" of="cell" fails="cell-shapes cell-step cell-hidden"
# hint: The axis of the one query is left in your context and weights: squeeze it.
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        state = self.rnn(torch.cat([y, context.squeeze(1)], dim=-1), state)
        return state, context, weights


# %% mistake="cell-old-state" of="cell" fails="cell-step cell-mask cell-hidden"
# hint: You return s_{t-1}. The state after the step is what the GRU gives.
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        _ = self.rnn(torch.cat([y, context], dim=-1), state)
        return state, context, weights


# %% mistake="cell-from-zero" of="cell" fails="cell-step cell-hidden"
# hint: Your GRU starts from zero at each step. Give it s_{t-1} as its state.
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1))
        return state, context, weights


# %% mistake="cell-uniform" of="cell" fails="cell-step cell-mask cell-hidden"
# hint: Your context is the mean of all encoder states. Average them under the weights.
# see: sec-04-context
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = keys.mean(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1), state)
        return state, context, weights


# %% mistake="cell-order-returned" of="cell" fails="cell-shapes cell-step cell-hidden"
# hint: You return the context first. The order is state, context, weights.
# see: sec-04-decoder
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        context, weights = self.attention(state.unsqueeze(1), keys, mask=mask)
        context, weights = context.squeeze(1), weights.squeeze(1)
        state = self.rnn(torch.cat([y, context], dim=-1), state)
        return context, state, weights


# %% mistake="error-accuracy" of="error" fails="error-example error-extremes error-several-links error-sentences error-hidden"
# hint: You return the share that is right. The error is the share that is wrong.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = gold.gather(-1, heaviest).squeeze(-1)
    counts = gold.any(-1)
    wrong = (counts & right).sum().item()
    return wrong / max(counts.sum().item(), 1)


# %% mistake="error-counts-all" of="error" fails="error-example error-sentences error-hidden"
# hint: Target tokens without any link count as wrong. Leave them out.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = gold.gather(-1, heaviest).squeeze(-1)
    counts = torch.ones_like(right)
    wrong = (counts & ~right).sum().item()
    return wrong / max(counts.sum().item(), 1)


# %% mistake="error-divides-by-all" of="error" fails="error-example error-sentences error-hidden"
# hint: You divide by the number of all target tokens. Divide by those that have a link.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = gold.gather(-1, heaviest).squeeze(-1)
    counts = gold.any(-1)
    wrong = (counts & ~right).sum().item()
    return wrong / counts.numel()


# %% mistake="error-best-source" of="error" fails="error-several-links error-hidden"
# hint: You look for the best target of each source. The largest weight is taken along the sources, the last axis.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-2, keepdim=True)
    right = gold.gather(-2, heaviest).squeeze(-2)
    counts = gold.any(-2)
    wrong = (counts & ~right).sum().item()
    return wrong / max(counts.sum().item(), 1)


# %% mistake="error-first-link" of="error" fails="error-several-links error-hidden"
# hint: You compare with the first link alone. Any link of the token is right.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = heaviest.squeeze(-1) == gold.int().argmax(-1)
    counts = gold.any(-1)
    wrong = (counts & ~right).sum().item()
    return wrong / max(counts.sum().item(), 1)


# %% mistake="error-mean-of-sentences" of="error" fails="error-sentences error-hidden"
# hint: You average the errors of sentences. Count the tokens of all sentences together.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    right = gold.gather(-1, weights.argmax(-1, keepdim=True)).squeeze(-1)
    counts = gold.any(-1)
    wrong = (counts & ~right).sum(-1) / counts.sum(-1).clamp(min=1)
    return wrong.mean().item()


# %% mistake="error-mass" of="error" fails="error-example error-several-links error-hidden"
# hint: You sum the weight that lies off the links. The error asks where the largest weight is.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    counts = gold.any(-1)
    off = 1 - (weights * gold).sum(-1)
    return off[counts].sum().item() / max(counts.sum().item(), 1)


# %% mistake="error-nan" of="error" fails="error-hidden"
# hint: Without any link you divide by 0. Return 0.0 then.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = gold.gather(-1, heaviest).squeeze(-1)
    counts = gold.any(-1)
    wrong = (counts & ~right).sum().item()
    return wrong / counts.sum().item()


# %% mistake="error-tensor" of="error" fails="error-example"
# hint: You return a tensor. Make it a float with `.item()`.
# see: sec-04-error
def alignment_error(weights, gold):
    gold = gold.bool()
    heaviest = weights.argmax(-1, keepdim=True)
    right = gold.gather(-1, heaviest).squeeze(-1)
    counts = gold.any(-1)
    wrong = (counts & ~right).sum().item()
    return torch.tensor(wrong / max(counts.sum().item(), 1))


# %% right="loops" of="scores"
def additive_scores(query, keys, W_q, W_k, v):
    rows = [
        (torch.tanh(keys @ W_k + (query[..., t : t + 1, :] @ W_q)) * v).sum(-1)
        for t in range(query.shape[-2])
    ]
    return torch.stack(rows, dim=-2)


# %% right="loops" of="context"
def context_vector(weights, values):
    if weights.size(-1) != values.size(1):
        raise ValueError("not as many weights as values")
    total = 0.0
    for i in range(values.size(1)):
        value = (
            values[:, i] if weights.dim() == 2 else values[:, i].unsqueeze(1)
        )
        total = total + weights[..., i].unsqueeze(-1) * value
    return total


# %% right="loops" of="attention"
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        contexts, rows = [], []
        for t in range(query.shape[1]):
            hidden = torch.tanh(
                self.W_q(query[:, t])[:, None, :] + self.W_k(keys)
            )
            scores = self.v(hidden)[..., 0].double()
            shifted = scores - scores.amax(-1, keepdim=True)
            if mask is not None:
                lowest = scores.masked_fill(mask == 0, -1e300).amax(
                    -1, keepdim=True
                )
                shifted = (scores - lowest).clamp(max=0.0)
            powers = shifted.exp()
            if mask is not None:
                powers = powers * mask
            weights = powers / powers.sum(-1, keepdim=True).clamp(min=1e-300)
            weights = weights.to(keys.dtype)
            used = keys if values is None else values
            contexts.append((weights[..., None] * used).sum(1))
            rows.append(weights)
        return torch.stack(contexts, 1), torch.stack(rows, 1)


# %% right="loops" of="cell"
class BahdanauDecoderCell(nn.Module):
    def __init__(self, input_size, state_size, key_size, hidden_size):
        super().__init__()
        self.attention = AdditiveAttention(state_size, key_size, hidden_size)
        self.rnn = nn.GRUCell(input_size + key_size, state_size)

    def forward(self, y, state, keys, mask=None):
        contexts, weights, states = [], [], []
        for b in range(len(y)):
            allowed = None if mask is None else mask[b : b + 1]
            c, w = self.attention(
                state[b : b + 1, None], keys[b : b + 1], None, allowed
            )
            contexts.append(c[0, 0])
            weights.append(w[0, 0])
            joined = torch.cat([y[b], c[0, 0]]).unsqueeze(0)
            states.append(self.rnn(joined, state[b : b + 1])[0])
        return torch.stack(states), torch.stack(contexts), torch.stack(weights)


# %% right="loops" of="error"
def alignment_error(weights, gold):
    rows = weights.reshape(-1, weights.shape[-1]).tolist()
    links = gold.reshape(-1, gold.shape[-1]).tolist()
    judged = [
        not link[row.index(max(row))]
        for row, link in zip(rows, links)
        if any(link)
    ]
    return sum(judged) / len(judged) if judged else 0.0


# %% right="einsum" of="scores"
def additive_scores(query, keys, W_q, W_k, v):
    q = torch.einsum("...td,dh->...th", query, W_q)[..., :, None, :]
    k = torch.einsum("...id,dh->...ih", keys, W_k)[..., None, :, :]
    return torch.einsum("...tih,h->...ti", (q + k).tanh(), v)


# %% right="einsum" of="context"
def context_vector(weights, values):
    if weights.shape[-1] != values.shape[1]:
        raise ValueError(
            f"{weights.shape[-1]} weights, {values.shape[1]} values"
        )
    form = "bn,bnd->bd" if weights.ndim == 2 else "bmn,bnd->bmd"
    return torch.einsum(form, weights, values)


# %% right="einsum" of="attention"
class AdditiveAttention(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query, keys, values=None, mask=None):
        scores = additive_scores(
            query, keys, self.W_q.weight.T, self.W_k.weight.T, self.v.weight[0]
        )
        if mask is not None:
            bias = torch.zeros(mask.shape).masked_fill(mask == 0, float("-inf"))
            scores = scores + bias[:, None, :]
        weights = torch.nan_to_num(scores.softmax(-1), nan=0.0)
        return context_vector(
            weights, keys if values is None else values
        ), weights


# %% right="einsum" of="error"
def alignment_error(weights, gold):
    counted = gold.sum(-1) > 0
    if not counted.any():
        return 0.0
    chosen = nn.functional.one_hot(weights.argmax(-1), weights.shape[-1])
    hits = (chosen * gold).sum(-1)[counted]
    return 1.0 - hits.double().mean().item()
