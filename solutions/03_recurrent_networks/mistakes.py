"""Wrong answers that students give, and other right ones. Never run as a script."""


# --- 1. a plain recurrent step ---


# %% mistake="rnn-torch-layout" of="rnn" fails="rnn-by-hand rnn-torch rnn-no-state rnn-axes rnn-hidden"
# hint: This is the chapter's step, for weights as torch keeps them. Here a weight is `(in, out)`: `x @ W_x`, without a transpose.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.zeros(*x.shape[:-1], len(b), dtype=x.dtype) if h is None else h
    return torch.tanh(x @ W_x.T + h @ W_h.T + b)


# %% mistake="rnn-no-none" of="rnn" fails="rnn-no-state rnn-hidden"
# hint: At the first token `h` is `None`: take a state of zeros then.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    return torch.tanh(x @ W_x + h @ W_h + b)


# %% mistake="rnn-ignores-the-state" of="rnn" fails="rnn-by-hand rnn-torch rnn-axes rnn-hidden"
# hint: The state before the step has no part in your result: add `h @ W_h`.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    return torch.tanh(x @ W_x + b)


# %% mistake="rnn-no-bias" of="rnn" fails="rnn-by-hand rnn-torch rnn-no-state rnn-axes rnn-hidden"
# hint: Your step has no bias.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.zeros(*x.shape[:-1], len(b), dtype=x.dtype) if h is None else h
    return torch.tanh(x @ W_x + h @ W_h)


# %% mistake="rnn-no-tanh" of="rnn" fails="rnn-by-hand rnn-torch rnn-no-state rnn-axes rnn-hidden"
# hint: The state is the tanh of the sum; yours is the sum itself.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.zeros(*x.shape[:-1], len(b), dtype=x.dtype) if h is None else h
    return x @ W_x + h @ W_h + b


# %% mistake="rnn-logistic" of="rnn" fails="rnn-by-hand rnn-torch rnn-no-state rnn-axes rnn-hidden"
# hint: You use the logistic function. A plain recurrent step ends with tanh.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.zeros(*x.shape[:-1], len(b), dtype=x.dtype) if h is None else h
    return torch.sigmoid(x @ W_x + h @ W_h + b)


# %% mistake="rnn-tanh-of-parts" of="rnn" fails="rnn-by-hand rnn-torch rnn-axes rnn-hidden"
# hint: You take the tanh of the token's part and of the state's part apart. Add them up first, then take one tanh.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.zeros(*x.shape[:-1], len(b), dtype=x.dtype) if h is None else h
    return torch.tanh(x @ W_x + b) + torch.tanh(h @ W_h)


# %% mistake="rnn-zeros-of-float32" of="rnn" fails="rnn-no-state rnn-hidden"
# hint: Your state of zeros is float32, whatever comes in: give `torch.zeros` the dtype of `x`.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.zeros(*x.shape[:-1], len(b)) if h is None else h
    return torch.tanh(x @ W_x + h @ W_h + b)


# %% mistake="rnn-none-is-ones" of="rnn" fails="rnn-no-state rnn-hidden"
# hint: `None` stands for a state of zeros; yours starts from ones.
# see: sec-03-state
def rnn_step(x, h, W_x, W_h, b):
    h = torch.ones(*x.shape[:-1], len(b), dtype=x.dtype) if h is None else h
    return torch.tanh(x @ W_x + h @ W_h + b)


# --- 2. LSTM ---


# %% mistake="lstm-torch-layout" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-no-state lstm-untouched lstm-hidden"
# hint: This is the chapter's step, for weights as torch keeps them. Here a weight is `(in, out)`: `x @ W`, without a transpose.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W.T + h @ U.T + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-order-ifog" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-no-state lstm-hidden"
# hint: You take the blocks in the order i, f, o, g. Here it is torch's: i, f, g, o.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, o, g = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-order-figo" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-no-state lstm-hidden"
# hint: You take the forget gate for the first block. The order is i, f, g, o.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    f, i, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-interleaved" of="lstm" fails="lstm-keeps lstm-torch lstm-no-state lstm-hidden"
# hint: You take every fourth number for a gate. All units of the input gate stand first, then all of the forget gate: cut the axis into four blocks.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    total = x @ W + h @ U + b
    i, f, g, o = total.unflatten(-1, (-1, 4)).unbind(-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-first-axis" of="lstm" fails="lstm-torch lstm-no-state lstm-hidden"
# hint: You cut the first axis into four. The gates stand along the last one: `chunk(4, dim=-1)`.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-proposal-logistic" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-no-state lstm-untouched lstm-hidden"
# hint: The proposal g goes through tanh: what is added to the memory may be negative.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.sigmoid()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-state-without-tanh" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-no-state lstm-hidden"
# hint: The state is the output gate times the *tanh* of the memory.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c, c


# %% mistake="lstm-forgets-what-it-keeps" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-untouched lstm-hidden"
# hint: Your forget gate works the wrong way round: the memory is multiplied by σ(f) itself, which keeps it when it is 1.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = (1 - f.sigmoid()) * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-coupled-gates" of="lstm" fails="lstm-by-hand lstm-torch lstm-no-state lstm-untouched lstm-hidden"
# hint: You add 1 − σ(f) times the proposal. That is another cell; this one has an input gate of its own.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + (1 - f.sigmoid()) * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-old-memory" of="lstm" fails="lstm-by-hand lstm-torch lstm-no-state lstm-hidden"
# hint: Your state is made of the memory before the step. Make the new memory first, then the state from it.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), new


# %% mistake="lstm-swapped" of="lstm" fails="lstm-by-hand lstm-keeps lstm-torch lstm-no-state lstm-untouched lstm-hidden"
# hint: You return memory and state in the wrong order: first h, then c.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
    h, c = (zero, zero) if state is None else state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return c, o.sigmoid() * c.tanh()


# %% mistake="lstm-no-none" of="lstm" fails="lstm-no-state lstm-hidden"
# hint: At the first token `state` is `None`: take zeros for both parts then.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    h, c = state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# %% mistake="lstm-in-place" of="lstm" fails="lstm-untouched"
# hint: You change the caller's memory: write `c = f * c + …`, not `c *= f`.
# see: sec-03-lstm
def lstm_step(x, state, W, U, b):
    if state is None:
        zero = torch.zeros(*x.shape[:-1], len(U), dtype=x.dtype)
        state = zero, zero.clone()
    h, c = state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c *= f.sigmoid()
    c += i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# --- 3. the GRU of the paper ---


# %% mistake="gru-reset-after" of="gru" fails="gru-reset-first gru-hidden"
# hint: Your reset gate acts after the matrix product, as torch's does. The paper's acts before: multiply `r * h`, then by `U_n`.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b)[..., 2 * k :] + r * (h @ U[:, 2 * k :]))
    return z * h + (1 - z) * n


# %% mistake="gru-torch-layout" of="gru" fails="gru-by-hand gru-keeps gru-reset-first gru-torch-open gru-no-state gru-hidden"
# hint: You transpose the weights, as torch's layout needs it. Here a weight is `(in, out)`: `x @ W`.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    W, U = W.T, U.T
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :])
    return z * h + (1 - z) * n


# %% mistake="gru-keeps-with-one-minus-z" of="gru" fails="gru-by-hand gru-keeps gru-reset-first gru-torch-open gru-no-state gru-hidden"
# hint: You have z and 1 − z the wrong way round. Here z keeps the old state; papers differ in this.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :])
    return (1 - z) * h + z * n


# %% mistake="gru-order-zrn" of="gru" fails="gru-by-hand gru-keeps gru-reset-first gru-torch-open gru-no-state gru-hidden"
# hint: You take the update gate for the first block. The order is r, z, n.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    z, r = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :])
    return z * h + (1 - z) * n


# %% mistake="gru-no-reset" of="gru" fails="gru-by-hand gru-reset-first gru-hidden"
# hint: The reset gate has no part in your proposal: it uses `r * h`, not `h`.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b + h @ U)[..., 2 * k :])
    return z * h + (1 - z) * n


# %% mistake="gru-resets-the-token" of="gru" fails="gru-by-hand gru-keeps gru-reset-first gru-no-state gru-hidden"
# hint: Your reset gate multiplies the token's part as well. It acts on the state alone.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh(r * (x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :])
    return z * h + (1 - z) * n


# %% mistake="gru-bias-inside-the-reset" of="gru" fails="gru-by-hand gru-keeps gru-reset-first gru-no-state gru-hidden"
# hint: Your bias of n stands inside the reset, as torch's second one does. Here it is outside: only `(r * h) @ U_n` is reset.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh(
        (x @ W)[..., 2 * k :] + r * b[2 * k :] + (r * h) @ U[:, 2 * k :]
    )
    return z * h + (1 - z) * n


# %% mistake="gru-keeps-the-reset-state" of="gru" fails="gru-by-hand gru-keeps gru-hidden"
# hint: You keep `z * (r * h)`. The reset gate acts within the proposal alone; z multiplies the state as it came.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :])
    return z * (r * h) + (1 - z) * n


# %% mistake="gru-proposal-logistic" of="gru" fails="gru-by-hand gru-keeps gru-reset-first gru-torch-open gru-no-state gru-hidden"
# hint: The proposal n goes through tanh, not through the logistic function.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = ((x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :]).sigmoid()
    return z * h + (1 - z) * n


# %% mistake="gru-no-none" of="gru" fails="gru-no-state gru-hidden"
# hint: Your GRU does not take `None` for the state of zeros at the first token.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    r, z = (x @ W + b + h @ U)[..., : 2 * k].sigmoid().chunk(2, dim=-1)
    n = torch.tanh((x @ W + b)[..., 2 * k :] + (r * h) @ U[:, 2 * k :])
    return z * h + (1 - z) * n


# %% mistake="gru-interleaved" of="gru" fails="gru-keeps gru-reset-first gru-torch-open gru-no-state gru-hidden"
# hint: You take every third number for a gate. All units of r stand first, then all of z, then all of n.
# see: sec-03-gru
def gru_step(x, h, W, U, b):
    k = len(U)
    if h is None:
        h = torch.zeros(*x.shape[:-1], k, dtype=x.dtype)
    r, z, _ = (x @ W + b + h @ U).unflatten(-1, (-1, 3)).sigmoid().unbind(-1)
    n = torch.tanh((x @ W + b)[..., 2::3] + (r * h) @ U[:, 2::3])
    return z * h + (1 - z) * n


# --- 4. the loss of a batch ---


# %% mistake="loss-ignores-lengths" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-gradient loss-hidden"
# hint: You average over all places. Padding counts neither in the sum nor in the number: use `lengths`.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


# %% mistake="loss-padding-is-token-0" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-large-logits loss-gradient loss-hidden"
# hint: You take token 0 for padding, as the library does. Here only `lengths` says what is padding, and 0 is a token.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=0
    )


# %% mistake="loss-mean-of-means" of="loss" fails="loss-every-token-counts loss-padding loss-gradient loss-hidden"
# hint: You average each sentence first, and then the sentences: a token of a short sentence counts for more. Add up all real tokens, then divide once.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    costs = -logits.log_softmax(-1).gather(
        -1, targets.clamp(0, logits.shape[-1] - 1)[:, :, None]
    )[:, :, 0]
    costs = torch.where(real, costs, 0.0).sum(1) / lengths.clamp(min=1)
    return costs.mean()


# %% mistake="loss-divides-by-all-places" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-gradient loss-hidden"
# hint: Your sum is right; divide it by the number of real tokens, not by all places.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    total = nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )
    return total / targets.numel()


# %% mistake="loss-divides-by-sentences" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-large-logits loss-gradient loss-hidden"
# hint: You divide by the number of sentences. The loss is a mean over tokens.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    total = nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )
    return total / len(targets)


# %% mistake="loss-sum" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-large-logits loss-gradient loss-hidden"
# hint: This is the sum. Divide it by the number of real tokens.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    return nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )


# %% mistake="loss-multiplies-by-a-mask" of="loss" fails="loss-padding loss-gradient loss-hidden"
# hint: You multiply the padding's costs by 0; NaN times 0 is NaN. Take the real tokens out with `logits[real]`, or replace the others with `torch.where` before the softmax.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    costs = -logits.log_softmax(-1).gather(
        -1, targets.clamp(0, logits.shape[-1] - 1)[:, :, None]
    )[:, :, 0]
    return (costs * real).sum() / real.sum().clamp(min=1)


# %% mistake="loss-masks-after-the-softmax" of="loss" fails="loss-gradient"
# hint: You replace the padding's costs after the softmax: the loss is right, but the gradient of its logits is NaN. Replace the logits themselves, or leave them out.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    costs = -logits.log_softmax(-1).gather(
        -1, targets.clamp(0, logits.shape[-1] - 1)[:, :, None]
    )[:, :, 0]
    return torch.where(real, costs, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-log-of-softmax" of="loss" fails="loss-large-logits"
# hint: You take the log of a softmax, which is log 0 for unlikely tokens: use `log_softmax` or `cross_entropy`.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    p = logits[real].softmax(-1)
    costs = -p[torch.arange(len(p)), targets[real]].log()
    return costs.sum() / max(len(p), 1)


# %% mistake="loss-ignores-by-index" of="loss" fails="loss-by-hand loss-gradient loss-hidden"
# hint: You mark the padding's targets with `ignore_index`: its loss is left out, but the softmax of its NaN is still differentiated. Take the real rows out first, `logits[real]`.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    marked = targets.masked_fill(~real, -100)
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), marked.flatten(), ignore_index=-100
    )


# %% mistake="loss-nothing-is-nan" of="loss" fails="loss-by-hand loss-hidden"
# hint: Without any real token you divide 0 by 0. The loss is then 0.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    return nn.functional.cross_entropy(logits[real], targets[real])


# %% mistake="loss-one-token-short" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-large-logits loss-gradient loss-hidden"
# hint: You leave out the last real token of each sentence: place `t`, counted from 0, is real if `t < lengths[b]`.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(1, targets.shape[1] + 1) < lengths[:, None]
    total = nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )
    return total / real.sum().clamp(min=1)


# %% mistake="loss-no-minus" of="loss" fails="loss-by-hand loss-every-token-counts loss-padding loss-large-logits loss-gradient loss-hidden"
# hint: Your loss is negative: the cross-entropy is *minus* the log-probability.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    total = nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )
    return -total / real.sum().clamp(min=1)


# %% mistake="loss-detached" of="loss" fails="loss-gradient"
# hint: Your loss is a number without a history, so nothing can be learned from it. Return the tensor itself, not `.item()` or `.detach()`.
# see: sec-03-forcing
def sequence_loss(logits, targets, lengths):
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    total = nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )
    return (total / real.sum().clamp(min=1)).detach()


# --- 5. greedy decoding, with scores ---


# %% mistake="decode-chapters-table" of="decode" fails="decode-one-row decode-rows-end decode-scores decode-calls decode-hidden"
# hint: This is the chapter's form, a table filled up with `end`. Here the result is a list for each row, and the scores.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    token, written = start, []
    ended = torch.zeros(len(start)).bool()
    while len(written) < max_len and not ended.all():
        logits, state = step(token, state)
        token = logits.argmax(-1).masked_fill(ended, end)
        ended = ended | (token == end)
        written.append(token)
    return (
        torch.stack(written, 1) if written else start.new_empty(len(start), 0)
    )


# %% mistake="decode-keeps-the-end" of="decode" fails="decode-one-row decode-rows-end decode-scores decode-calls decode-hidden"
# hint: Your rows hold `end`. It ends the row and is not part of it.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if number != end or not (row and row[-1] == end):
                row.append(number)
    return rows, scores


# %% mistake="decode-holds-the-start" of="decode" fails="decode-one-row decode-rows-end decode-scores decode-calls decode-hidden"
# hint: Your rows begin with `start`. It is read, not written.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[s] for s in start.tolist()], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-stops-with-the-first" of="decode" fails="decode-rows-end decode-scores decode-calls decode-hidden"
# hint: You stop when the first row has ended. The others go on: stop when *all* have.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.any():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-never-stops" of="decode" fails="decode-calls"
# hint: You call `step` `max_len` times in any case. When all rows have ended, stop.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-writes-after-its-end" of="decode" fails="decode-rows-end decode-scores decode-calls decode-hidden"
# hint: A row that has ended goes on writing: keep in mind which rows have ended.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = scores + best
        ended = token == end
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-scores-go-on" of="decode" fails="decode-rows-end decode-scores decode-hidden"
# hint: The score of a row that has ended goes on falling. Add nothing to it after its `end`.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = scores + best
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-score-without-end" of="decode" fails="decode-one-row decode-rows-end decode-scores decode-hidden"
# hint: You leave out the log-probability of `end`. To end is a choice of the model too.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        scores = torch.where(ended, scores, scores + best)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-adds-logits" of="decode" fails="decode-one-row decode-rows-end decode-scores decode-hidden"
# hint: You add up logits. Only after `log_softmax` are they log-probabilities.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-adds-probabilities" of="decode" fails="decode-one-row decode-rows-end decode-scores decode-hidden"
# hint: You add up probabilities. The probability of a row is a product, so add their logarithms.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-log-of-softmax" of="decode" fails="decode-scores"
# hint: You take `exp` of the logits as they are, which overflows when they are large. `log_softmax` takes the largest off first.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = (
            logits.exp().div(logits.exp().sum(-1, keepdim=True)).log().max(-1)
        )
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-one-state-for-all-steps" of="decode" fails="decode-one-row decode-scores decode-calls decode-hidden"
# hint: Every step starts from the first state. Hand on the state that the last step returned.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, _ = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-reads-the-start-again" of="decode" fails="decode-rows-end decode-calls decode-hidden"
# hint: Every step reads `start`. From the second step on a row reads what it wrote last.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(start, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-reads-on-after-its-end" of="decode" fails="decode-calls"
# hint: A row that has ended does not read `end` but what the model would have written.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-ended-rows-read-0" of="decode" fails="decode-calls"
# hint: A row that has ended reads 0. It reads `end`, whose number need not be 0.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(torch.where(ended, 0, token), state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-ended-by-its-start" of="decode" fails="decode-one-row decode-hidden"
# hint: A row whose `start` is `end` writes nothing with you. It ends by what it writes: at first no row has ended.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, start == end
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-one-call-too-many" of="decode" fails="decode-hidden"
# hint: You call `step` once before the loop, so once too often for rows that are cut off, and even with `max_len = 0`. Call it when a token is to be written.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    ended = torch.zeros(len(start)).bool()
    logits, state = step(start, state)
    for _ in range(max_len):
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
        if ended.all():
            break
        logits, state = step(token, state)
    return rows, scores


# %% mistake="decode-one-step-short" of="decode" fails="decode-hidden"
# hint: You write one token too few: `max_len` is how many there may be, `end` counted.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len - 1):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# %% mistake="decode-last-of-equals" of="decode" fails="decode-hidden"
# hint: Of equal logits you take the last. Take the first, as `argmax` does.
# see: sec-03-writing
def greedy_decode(step, state, start, end, max_len):
    rows, scores = [[] for _ in start], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start)).bool()
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).flip(-1).max(-1)
        token = logits.shape[-1] - 1 - token
        scores = torch.where(ended, scores, scores + best)
        token = torch.where(ended, end, token)
        ended = ended | (token == end)
        for row, number, over in zip(rows, token.tolist(), ended.tolist()):
            if not over:
                row.append(number)
    return rows, scores


# --- other right answers ---


# %% right="loops" of="rnn"
def rnn_step(x, h, W_x, W_h, b):
    if x.dim() > 1:
        states = [None] * len(x) if h is None else h
        rows = [rnn_step(row, s, W_x, W_h, b) for row, s in zip(x, states)]
        return torch.stack(rows)
    units = []
    for j in range(len(b)):
        total = b[j] + sum(x[k] * W_x[k, j] for k in range(len(x)))
        if h is not None:
            total = total + sum(h[k] * W_h[k, j] for k in range(len(h)))
        units.append(torch.tanh(total))
    return torch.stack(units)


# %% right="loops" of="lstm"
def lstm_step(x, state, W, U, b):
    size = U.shape[0]
    if state is None:
        state = (
            x.new_zeros(*x.shape[:-1], size),
            x.new_zeros(*x.shape[:-1], size),
        )
    h, c = state
    gates = []
    for k, function in enumerate(
        (torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid)
    ):
        block = slice(k * size, (k + 1) * size)
        gates.append(function(x @ W[:, block] + h @ U[:, block] + b[block]))
    memory = gates[1] * c + gates[0] * gates[2]
    return gates[3] * torch.tanh(memory), memory


# %% right="loops" of="gru"
def gru_step(x, h, W, U, b):
    size = len(b) // 3
    if h is None:
        h = x.new_zeros(*x.shape[:-1], size)
    parts = [slice(k * size, (k + 1) * size) for k in range(3)]
    gates = [
        1 / (1 + torch.exp(-(x @ W[:, p] + h @ U[:, p] + b[p])))
        for p in parts[:2]
    ]
    p = parts[2]
    proposal = torch.tanh(x @ W[:, p] + (gates[0] * h) @ U[:, p] + b[p])
    return proposal + gates[1] * (h - proposal)


# %% right="loops" of="loss"
def sequence_loss(logits, targets, lengths):
    costs = []
    for scores, numbers, length in zip(logits, targets, lengths.tolist()):
        for t in range(length):
            costs.append(torch.logsumexp(scores[t], 0) - scores[t, numbers[t]])
    if not costs:
        return logits.new_zeros(())
    return torch.stack(costs).mean()


# %% right="loops" of="decode"
def greedy_decode(step, state, start, end, max_len):
    batch = len(start)
    rows, scores = [[] for _ in range(batch)], [0.0] * batch
    going, tokens = set(range(batch)), start.tolist()
    for _ in range(max_len):
        if not going:
            break
        logits, state = step(torch.tensor(tokens), state)
        for i in range(batch):
            if i not in going:
                tokens[i] = end
                continue
            tokens[i] = int(logits[i].argmax())
            scores[i] += float(logits[i].double().log_softmax(0)[tokens[i]])
            if tokens[i] == end:
                going.discard(i)
            else:
                rows[i].append(tokens[i])
    return rows, torch.tensor(scores, dtype=torch.float64)


# %% right="einsum" of="rnn"
def rnn_step(x, h, W_x, W_h, b):
    h = x.new_zeros(*x.shape[:-1], W_h.shape[0]) if h is None else h
    joined, weights = torch.cat([x, h], -1), torch.cat([W_x, W_h], 0)
    return (torch.einsum("...i,ih->...h", joined, weights) + b).tanh()


# %% right="einsum" of="lstm"
def lstm_step(x, state, W, U, b):
    gates = torch.einsum("...i,ih->...h", x, W) + b
    if state is not None:
        gates = gates + torch.einsum("...j,jh->...h", state[0], U)
    i, f, g, o = gates.unflatten(-1, (4, -1)).unbind(-2)
    c = torch.sigmoid(i) * torch.tanh(g)
    if state is not None:
        c = torch.addcmul(c, torch.sigmoid(f), state[1])
    return torch.sigmoid(o) * torch.tanh(c), c


# %% right="einsum" of="gru"
def gru_step(x, h, W, U, b):
    h = x.new_zeros(*x.shape[:-1], U.shape[0]) if h is None else h
    W_r, W_z, W_n = W.chunk(3, 1)
    U_r, U_z, U_n = U.chunk(3, 1)
    b_r, b_z, b_n = b.chunk(3)
    r = torch.sigmoid(torch.einsum("...i,ih->...h", x, W_r) + h @ U_r + b_r)
    z = torch.sigmoid(torch.einsum("...i,ih->...h", x, W_z) + h @ U_z + b_z)
    n = torch.tanh(torch.einsum("...j,jh->...h", r * h, U_n) + x @ W_n + b_n)
    return torch.lerp(n, h, z)


# %% right="einsum" of="loss"
def sequence_loss(logits, targets, lengths):
    n_tokens = logits.shape[-1]
    padding = torch.arange(targets.shape[1])[None, :] >= lengths[:, None]
    safe = logits.masked_fill(padding[:, :, None], 0.0).log_softmax(-1)
    truth = nn.functional.one_hot(targets.masked_fill(padding, 0), n_tokens)
    kept = truth * ~padding[:, :, None]
    picked = torch.where(kept.bool(), safe, torch.zeros((), dtype=safe.dtype))
    return -picked.sum() / max(int(lengths.sum()), 1)


# %% right="einsum" of="decode"
def greedy_decode(step, state, start, end, max_len):
    tokens, costs = [start], []
    while len(costs) < max_len:
        ended = (
            torch.stack([t == end for t in tokens[1:]]).any(0)
            if costs
            else None
        )
        if ended is not None and ended.all():
            break
        logits, state = step(tokens[-1], state)
        chosen = logits.argmax(-1)
        best = logits.gather(-1, chosen[:, None])[:, 0] - logits.logsumexp(-1)
        if ended is not None:
            chosen, best = (
                chosen.masked_fill(ended, end),
                best.masked_fill(ended, 0),
            )
        tokens.append(chosen)
        costs.append(best)
    if not costs:
        return [[] for _ in range(len(start))], torch.zeros(len(start))
    table = torch.stack(tokens[1:], 1).tolist()
    rows = [row[: row.index(end)] if end in row else row for row in table]
    return rows, torch.stack(costs).sum(0)


# --- what students write ---


# %% [markdown] answer="full" of="why-long-sentences-are-lost" points=3
# Measure how large the gradient of the last state is at the first word, against the
# last word, after training. If it is tiny she is right; if both are alike she is
# wrong. In the chapter the trained GRU had open update gates and the first letter
# arrived as well as the last, but the strings were lost, so I expect that the vector
# is full. With twice the units it goes a few words farther, but every vector is too
# small for some sentence.

# %% [markdown] answer="size-only" of="why-long-sentences-are-lost" points=1
# The vector is too small. More units help for a while, but a longer sentence is lost
# again, so she needs attention.
