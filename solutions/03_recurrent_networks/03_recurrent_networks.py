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
# # Recurrent networks
#
# **40 points**, about an hour. Chapter 3 stepped through three networks with
# weights as torch keeps them. Here you write the general forms: for any axes in
# front, from no state at all, with the GRU of the paper; then a loss that
# padding cannot spoil, and a decoder that also says how likely its rows are.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - vectors are rows: a weight has the shape `(in, out)`, and a formula is
#   written as $\mathbf x \mathbf W$. torch's cells keep the transposed weights,
#   `(out, in)`;
# - there is one bias for each block of weights. In torch's RNN and LSTM cells
#   it is the sum of two, `bias_ih` and `bias_hh`; torch's GRU needs both, since
#   one of them stands inside its reset gate, but the paper's needs only one;
# - tensors are float32 or float64, all of one call alike, and so is what you
#   return;
# - no function changes its arguments in place.

# %% given="imports"
import torch
from torch import nn

# %% [markdown] given="draw-text"
# The tests draw their numbers with this function; you may use it for trials.


# %% given="draw"
def draw(*shape, seed, dtype=torch.float32):
    """Return normal random numbers, the same for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=dtype)


# %% [markdown] given="rnn-text"
# ## 1. A plain recurrent step (5 points)
#
# From the section "One state for all that was read". New here: `h` may be
# `None`, any axes may stand in front, and the weights are laid out the other
# way round.
#
# `rnn_step(x, h, W_x, W_h, b)` returns the state after the token `x`:
#
# $$\mathbf h_t = \tanh(\mathbf x_t \mathbf W_x + \mathbf h_{t-1} \mathbf W_h +
# \mathbf b)$$
#
# | argument | shape |
# |:--|:--|
# | `x` | `(..., input_size)` |
# | `h` | `(..., hidden_size)`, or `None` at the first token |
# | `W_x`, `W_h` | `(input_size, hidden_size)`, `(hidden_size, hidden_size)` |
# | `b` | `(hidden_size,)` |
# | result | `(..., hidden_size)` |
#
# The dots stand for the same axes in `x` and `h`: none, a batch, or more.
# `None` stands for a state of zeros.
#
# *Example.* With `x = [1, 2]`, `h = [0.5]`, `W_x = [[1], [-1]]`, `W_h = [[2]]`
# and `b = [0.25]` the state is tanh(1 − 2 + 1 + 0.25) = 0.2449.


# %% solution="rnn"
def rnn_step(x, h, W_x, W_h, b):
    """Return the state after the token x, (..., hidden_size)."""
    ### BEGIN SOLUTION
    total = x @ W_x + b
    if h is not None:
        total = total + h @ W_h
    return torch.tanh(total)
    ### END SOLUTION


# %% test="rnn-by-hand" points=1
x, h, b = torch.tensor([1.0, 2.0]), torch.tensor([0.5]), torch.tensor([0.25])
found = rnn_step(x, h, torch.tensor([[1.0], [-1.0]]), torch.tensor([[2.0]]), b)
assert found.shape == (1,), "One token, one unit: the state has the shape (1,)."
assert abs(found.item() - 0.2449) < 1e-3, (
    "The example of the text gives another number. What stands inside tanh?"
)

# %% test="rnn-torch" points=1
# torch's cell makes the same step, with its weights transposed.
cell = nn.RNNCell(5, 7)
x, h = draw(3, 5, seed=1), draw(3, 7, seed=2)
expected = cell(x, h).detach()
W_x, W_h = cell.weight_ih.detach().T, cell.weight_hh.detach().T
found = rnn_step(x, h, W_x, W_h, (cell.bias_ih + cell.bias_hh).detach())
assert found.shape == (3, 7), "A batch of 3 has 3 states."
assert torch.allclose(found, expected, atol=1e-5), (
    "nn.RNNCell gives another state."
)

# %% test="rnn-no-state" points=1
# Once in float32, once in float64.
for dtype in (torch.float32, torch.float64):
    x, b = draw(2, 5, seed=3, dtype=dtype), draw(7, seed=4, dtype=dtype)
    W_x, W_h = draw(5, 7, seed=5, dtype=dtype), draw(7, 7, seed=6, dtype=dtype)
    found = rnn_step(x, None, W_x, W_h, b)
    assert found.shape == (2, 7), "Without a state the result is still (2, 7)."
    assert torch.allclose(found, torch.tanh(x @ W_x + b), atol=1e-5), (
        "`None` stands for a state of zeros."
    )

# %% test="rnn-axes" points=1
x, h, b = draw(2, 3, 5, seed=7), draw(2, 3, 7, seed=8), draw(7, seed=9)
W_x, W_h = draw(5, 7, seed=10), draw(7, 7, seed=11)
found = rnn_step(x, h, W_x, W_h, b)
assert found.shape == (2, 3, 7), "Axes in front stay in front."
alone = torch.tanh(x[1, 2] @ W_x + h[1, 2] @ W_h + b)
assert torch.allclose(found[1, 2], alone, atol=1e-5), "Each row is on its own."

# %% test="rnn-hidden" points=1
# Hidden: other sizes, three axes in front or none, float64, several steps from
# None.
### BEGIN HIDDEN TESTS
double = torch.float64
for axes in ((), (3,), (2, 5, 3)):
    W_x, W_h = (
        draw(11, 13, seed=1, dtype=double),
        draw(13, 13, seed=2, dtype=double),
    )
    b, h = draw(13, seed=3, dtype=double), None
    expected = torch.zeros(*axes, 13, dtype=double)
    for t in range(3):
        x = draw(*axes, 11, seed=20 + t, dtype=double)
        h = rnn_step(x, h, W_x, W_h, b)
        expected = torch.tanh(x @ W_x + expected @ W_h + b)
        assert h.dtype == double, "float64 comes in, float64 goes out."
        assert h.shape == expected.shape, "Axes in front stay in front."
        assert torch.allclose(h, expected, atol=1e-5), (
            "Compare with the formula."
        )
### END HIDDEN TESTS


# %% [markdown] given="lstm-text"
# ## 2. LSTM (8 points)
#
# From the section "LSTM: a memory that is added to". New here: no state at
# first, any axes in front, and weights `(in, out)`.
#
# `lstm_step(x, state, W, U, b)` returns the pair $(\mathbf h_t, \mathbf c_t)$:
# first the state, then the memory.
#
# $$[\mathbf i; \mathbf f; \mathbf g; \mathbf o] = \mathbf x_t \mathbf W +
# \mathbf h_{t-1} \mathbf U + \mathbf b$$
#
# $$\mathbf c_t = \sigma(\mathbf f) \odot \mathbf c_{t-1} +
# \sigma(\mathbf i) \odot \tanh(\mathbf g), \qquad
# \mathbf h_t = \sigma(\mathbf o) \odot \tanh(\mathbf c_t)$$
#
# | argument | shape |
# |:--|:--|
# | `x` | `(..., input_size)` |
# | `state` | `(h, c)`, `(..., hidden_size)` each; `None`, for zeros, at first |
# | `W`, `U` | `(input_size, 4 * hidden_size)`, `(hidden_size, 4 * hidden_size)` |
# | `b` | `(4 * hidden_size,)` |
# | result | a pair of `(..., hidden_size)` each |
#
# Along the axis of size `4 * hidden_size` stand four blocks, in torch's order:
# first all units of the input gate **i**, then the forget gate **f**, the
# proposal **g**, the output gate **o**.
#
# *Example.* One unit, all weights 0, `b = [0, 1, 0.5, -1]` and a memory of 2:
# the new memory is σ(1)·2 + σ(0)·tanh(0.5) = 1.6932, the state
# σ(−1)·tanh(1.6932) = 0.2512.


# %% solution="lstm"
def lstm_step(x, state, W, U, b):
    """Return state and memory after the token x, (..., hidden_size) each."""
    ### BEGIN SOLUTION
    if state is None:
        h = c = torch.zeros(*x.shape[:-1], U.shape[0], dtype=x.dtype)
    else:
        h, c = state
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
    ### END SOLUTION


# %% test="lstm-by-hand" points=1
zero, b = torch.zeros(1, 4), torch.tensor([0.0, 1.0, 0.5, -1.0])
h, c = lstm_step(
    torch.zeros(1), (torch.zeros(1), torch.tensor([2.0])), zero, zero, b
)
assert h.shape == c.shape == (1,), (
    "One unit: a state and a memory of shape (1,)."
)
swapped = abs(c.item() - 0.2512) < 1e-3 and abs(h.item() - 1.6932) < 1e-3
assert not swapped, "The pair is the wrong way round: first h, then c."
assert abs(c.item() - 1.6932) < 1e-3, (
    f"The example's memory is 1.6932, yours {c.item():.4f}. The blocks stand "
    "in the order i, f, g, o."
)
assert abs(h.item() - 0.2512) < 1e-3, (
    f"The example's state is 0.2512, yours {h.item():.4f}. The memory is "
    "right: look at the output gate, the fourth block."
)

# %% test="lstm-keeps" points=1
# Input gates shut, forget gates open: the memory stays for 20 steps. Then the
# reverse.
W, U, kept = (
    torch.zeros(5, 12),
    torch.zeros(3, 12),
    torch.tensor([-2.0, 0.5, 1.0]),
)
for forget, expected in ((40.0, kept), (-40.0, torch.full((3,), 3.0).tanh())):
    b = torch.tensor([-forget, forget, 3.0, 40.0]).repeat_interleave(3)
    state = torch.zeros(3), kept
    for t in range(20):
        state = lstm_step(draw(5, seed=t), state, W, U, b)
    h, c = state
    assert torch.allclose(c, expected, atol=1e-4), (
        f"With i near {0 if forget > 0 else 1} and f near "
        f"{1 if forget > 0 else 0} the memory is {expected.tolist()}, yours is "
        f"{c.tolist()}. Which block is which gate?"
    )
    assert torch.allclose(h, expected.tanh(), atol=1e-4), (
        "The memory is right, the state is not. Is o the last block? With o "
        "near 1 the state is the tanh of the memory."
    )

# %% test="lstm-torch" points=2
cell = nn.LSTMCell(5, 7)
x, h, c = draw(3, 5, seed=1), draw(3, 7, seed=2), draw(3, 7, seed=3)
expected = [part.detach() for part in cell(x, (h, c))]
W, U = cell.weight_ih.detach().T, cell.weight_hh.detach().T
found = lstm_step(x, (h, c), W, U, (cell.bias_ih + cell.bias_hh).detach())
assert found[0].shape == found[1].shape == (3, 7), "A batch of 3: (3, 7) each."
assert torch.allclose(found[1], expected[1], atol=1e-5), (
    "nn.LSTMCell's memory differs."
)
assert torch.allclose(found[0], expected[0], atol=1e-5), (
    "nn.LSTMCell's state differs."
)

# %% test="lstm-no-state" points=1
x, W, U, b = (draw(*s, seed=4) for s in ((2, 5), (5, 12), (3, 12), (12,)))
h, c = lstm_step(x, None, W, U, b)
i, _, g, o = (x @ W + b).split(3, dim=-1)
memory = i.sigmoid() * g.tanh()
assert c.shape == (2, 3), (
    "Without a state the memory still has the shape (2, 3)."
)
assert torch.allclose(c, memory, atol=1e-5), (
    "`None` stands for zeros: nothing to keep."
)
assert torch.allclose(h, o.sigmoid() * memory.tanh(), atol=1e-5), (
    "The state comes from the new memory."
)

# %% test="lstm-untouched" points=1
x, h, c = torch.ones(5), torch.ones(3), torch.full((3,), 3.0)
W, U, b = torch.zeros(5, 12), torch.zeros(3, 12), torch.ones(12)
_, memory = lstm_step(x, (h, c), W, U, b)
assert torch.equal(c, torch.full((3,), 3.0)), (
    "You write into the caller's memory."
)
assert torch.equal(h, torch.ones(3)), "You write into the caller's state."
assert torch.equal(b, torch.ones(12)), "You write into the caller's bias."
assert torch.allclose(memory, torch.full((3,), 2.7499), atol=1e-3), (
    "All gates are σ(1): the memory is σ(1)·3 + σ(1)·tanh(1)."
)

# %% test="lstm-hidden" points=2
# Hidden: other sizes, more axes in front or none, float64, several steps from
# None.
### BEGIN HIDDEN TESTS
double = torch.float64
for axes in ((), (3,), (2, 5)):
    W, U = draw(7, 44, seed=1, dtype=double), draw(11, 44, seed=2, dtype=double)
    b, state = draw(44, seed=3, dtype=double), None
    h = c = torch.zeros(*axes, 11, dtype=double)
    for t in range(3):
        x = draw(*axes, 7, seed=20 + t, dtype=double)
        state = lstm_step(x, state, W, U, b)
        total = x @ W + h @ U + b
        gates = total.sigmoid()
        c = gates[..., 11:22] * c + gates[..., :11] * total[..., 22:33].tanh()
        h = gates[..., 33:] * c.tanh()
        assert state[1].shape == c.shape, "Axes in front stay in front."
        assert state[0].dtype == double, "float64 comes in, float64 goes out."
        assert torch.allclose(state[1], c, atol=1e-5), (
            "The memory: see the formula."
        )
        assert torch.allclose(state[0], h, atol=1e-5), (
            "The state: see the formula."
        )
### END HIDDEN TESTS


# %% [markdown] given="gru-text"
# ## 3. The GRU of the paper (8 points)
#
# From the section "GRU: one state, two gates". The chapter's code is torch's
# GRU; here you write the paper's, so pasting it fails.
#
# `gru_step(x, h, W, U, b)` returns the state after the token `x`. It is the GRU
# of Cho et al. (2014b), whose reset gate acts on the state **before** the
# matrix product. torch's acts after it, so that the two differ:
#
# $$\mathbf r = \sigma(\mathbf x_t \mathbf W_r + \mathbf h_{t-1} \mathbf U_r +
# \mathbf b_r), \qquad
# \mathbf z = \sigma(\mathbf x_t \mathbf W_z + \mathbf h_{t-1} \mathbf U_z +
# \mathbf b_z)$$
#
# $$\mathbf n = \tanh(\mathbf x_t \mathbf W_n + (\mathbf r \odot
# \mathbf h_{t-1}) \mathbf U_n + \mathbf b_n), \qquad \mathbf h_t = \mathbf z
# \odot \mathbf h_{t-1} + (1 - \mathbf z) \odot \mathbf n$$
#
# | argument | shape |
# |:--|:--|
# | `x` | `(..., input_size)` |
# | `h` | `(..., hidden_size)`, or `None` at the first token: zeros |
# | `W`, `U` | `(input_size, 3 * hidden_size)`, `(hidden_size, 3 * hidden_size)` |
# | `b` | `(3 * hidden_size,)`: one bias for each of the three, outside of the reset |
# | result | `(..., hidden_size)` |
#
# Along the axis of size `3 * hidden_size` stand three blocks: **r**, **z**,
# **n**.
#
# *Example.* One unit, `W = 0`, `U = [[0, 0, 2]]`, `b = [-1, 1, 0.5]`, `h =
# [0.5]`: n = tanh(σ(−1)·0.5·2 + 0.5) = 0.6462, z = σ(1), and the new state is
# 0.5393.


# %% solution="gru"
def gru_step(x, h, W, U, b):
    """Return the state after the token x, (..., hidden_size)."""
    ### BEGIN SOLUTION
    size = U.shape[0]
    if h is None:
        h = torch.zeros(*x.shape[:-1], size, dtype=x.dtype)
    given = x @ W + b
    gates = given[..., : 2 * size] + h @ U[:, : 2 * size]
    r, z = torch.sigmoid(gates).chunk(2, dim=-1)
    n = torch.tanh(given[..., 2 * size :] + (r * h) @ U[:, 2 * size :])
    return z * h + (1 - z) * n
    ### END SOLUTION


# %% test="gru-by-hand" points=1
U, b = torch.tensor([[0.0, 0.0, 2.0]]), torch.tensor([-1.0, 1.0, 0.5])
found = gru_step(torch.zeros(1), torch.tensor([0.5]), torch.zeros(1, 3), U, b)
assert found.shape == (1,), "One unit: the state has the shape (1,)."
assert abs(found.item() - 0.5393) < 1e-3, "The example's state is 0.5393."

# %% test="gru-keeps" points=1
# Update gates at 1 keep the state, at 0 they replace it by the proposal.
x, h = draw(5, seed=1), torch.tensor([0.5, -2.0, 3.0])
for bias, expected in (
    (40.0, h),
    (-40.0, torch.tensor([0.5, 0.5, 0.5]).tanh()),
):
    b = torch.tensor([0.0, bias, 0.5]).repeat_interleave(3)
    found = gru_step(x, h, torch.zeros(5, 9), torch.zeros(3, 9), b)
    assert found.shape == (3,), "Three units, three numbers."
    assert torch.allclose(found, expected, atol=1e-4), (
        "z = 1 keeps h, z = 0 takes n, here tanh(0.5). Which block is z?"
    )

# %% test="gru-reset-first" points=2
# U_n exchanges two units, and only the first is reset: it matters which comes
# first.
U_n = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
U = torch.cat([torch.zeros(2, 4), U_n], dim=1)
b = torch.tensor([-40.0, 40.0, -40.0, -40.0, 0.25, 0.25])
found = gru_step(
    torch.zeros(3), torch.tensor([1.0, 2.0]), torch.zeros(3, 6), U, b
)
expected = torch.tensor([2.25, 0.25]).tanh()
assert found.shape == (2,), "Two units, two numbers."
assert torch.allclose(found, expected, atol=1e-4), (
    "The state [1, 2] is reset to [0, 2], then exchanged: n = tanh([2, 0] + "
    "0.25)."
)

# %% test="gru-torch-open" points=1
# With all reset gates open, torch's GRU and the paper's agree.
cell = nn.GRUCell(5, 7)
W, U, b = draw(5, 21, seed=1), draw(7, 21, seed=2), draw(21, seed=3)
b[:7] = 60.0
parts = {
    "weight_ih": W.T,
    "weight_hh": U.T,
    "bias_ih": b,
    "bias_hh": torch.zeros(21),
}
cell.load_state_dict(parts)
x, h = draw(3, 5, seed=4), draw(3, 7, seed=5)
found = gru_step(x, h, W, U, b)
assert found.shape == (3, 7), "A batch of 3 has 3 states."
assert torch.allclose(found, cell(x, h).detach(), atol=1e-4), (
    "With r near 1 the state is that of nn.GRUCell. Where do b and x enter n?"
)

# %% test="gru-no-state" points=1
x, W, U, b = (draw(*s, seed=6) for s in ((2, 5), (5, 9), (3, 9), (9,)))
found = gru_step(x, None, W, U, b)
_, z, n = (x @ W + b).split(3, dim=-1)
assert found.shape == (2, 3), (
    "Without a state the result still has the shape (2, 3)."
)
assert torch.allclose(found, (1 - z.sigmoid()) * n.tanh(), atol=1e-5), (
    "`None` stands for a state of zeros."
)

# %% test="gru-hidden" points=2
# Hidden: other sizes, more axes in front or none, float64, several steps from
# None.
### BEGIN HIDDEN TESTS
double = torch.float64
for axes in ((), (3,), (2, 5)):
    W, U = draw(7, 33, seed=1, dtype=double), draw(11, 33, seed=2, dtype=double)
    b, state = draw(33, seed=3, dtype=double), None
    h = torch.zeros(*axes, 11, dtype=double)
    for t in range(3):
        x = draw(*axes, 7, seed=20 + t, dtype=double)
        state = gru_step(x, state, W, U, b)
        r = (x @ W[:, :11] + h @ U[:, :11] + b[:11]).sigmoid()
        z = (x @ W[:, 11:22] + h @ U[:, 11:22] + b[11:22]).sigmoid()
        n = (x @ W[:, 22:] + (r * h) @ U[:, 22:] + b[22:]).tanh()
        h = z * h + (1 - z) * n
        assert state.shape == h.shape, "Axes in front stay in front."
        assert state.dtype == double, "float64 comes in, float64 goes out."
        assert torch.allclose(state, h, atol=1e-5), "Compare with the formulas."
### END HIDDEN TESTS


# %% [markdown] given="loss-text"
# ## 4. The loss of a batch (8 points)
#
# From the section "In training it reads the truth". New here: `lengths` says
# what is padding, token 0 is a token, and NaN in the padding does no harm.
#
# `sequence_loss(logits, targets, lengths)` is what teacher forcing minimises:
# the mean cross-entropy over all *real* tokens of the batch. Sentence `b` has
# `lengths[b]` of them; what stands after them is padding.
#
# $$L = -\frac{1}{\sum_b m_b} \sum_b \sum_{t=1}^{m_b}
# \log p_{b,t}(y_{b,t}), \qquad
# \mathbf p_{b,t} = \mathrm{softmax}(\text{logits}_{b,t})$$
#
# | argument | shape |
# |:--|:--|
# | `logits` | `(batch, m, n_tokens)` |
# | `targets` | `(batch, m)`, whole numbers (int64) |
# | `lengths` | `(batch,)`, whole numbers from 0 to `m` |
# | result | a tensor with one number, shape `()` |
#
# - Every real token counts the same, in whichever sentence it stands. A token
#   may have any number, 0 too: only `lengths` says what is padding.
# - Padding has no influence. Its logits may be NaN or infinite, its targets may
#   be numbers that are no tokens, such as −100. The gradient of its logits is
#   exactly 0.
# - Real logits may be thousands apart.
# - If the batch has no real token, the loss is 0.
#
# *Example.* Two tokens, logits all 0: each real token adds log 2, so the loss
# is log 2 = 0.6931, whatever the lengths.


# %% solution="loss"
def sequence_loss(logits, targets, lengths):
    """Return the mean cross-entropy over the real tokens, shape ()."""
    ### BEGIN SOLUTION
    real = torch.arange(targets.shape[1]) < lengths[:, None]
    total = nn.functional.cross_entropy(
        logits[real], targets[real], reduction="sum"
    )
    return total / lengths.sum().clamp(min=1)
    ### END SOLUTION


# %% test="loss-by-hand" points=1
# Probabilities 1/2, 1/4, 1/4 and 1/8, 1/8, 3/4.
logits = torch.tensor([[[4.0, 2.0, 2.0], [1.0, 1.0, 6.0]]]).log()
found = sequence_loss(logits, torch.tensor([[1, 2]]), torch.tensor([2]))
assert found.shape == (), "The loss is one number: a tensor of shape ()."
assert abs(found.item() - 0.8370) < 1e-3, (
    "The targets have 1/4 and 3/4: the loss is (log 4 + log 4/3) / 2 = 0.8370."
)
found = sequence_loss(logits, torch.tensor([[1, 2]]), torch.tensor([1]))
assert abs(found.item() - 1.3863) < 1e-3, "With one real token it is log 4."
found = sequence_loss(logits, torch.tensor([[1, 2]]), torch.tensor([0]))
assert found.item() == 0, f"Without a real token it is 0, not {found.item()}."

# %% test="loss-every-token-counts" points=1
# 1 token that costs log 4 and 3 tokens that cost log 2; token 0 is a token.
logits = torch.tensor([[1.0, 3.0], [1.0, 1.0]]).log()[:, None].expand(2, 3, 2)
lengths = torch.tensor([1, 3])
found = sequence_loss(logits, torch.zeros(2, 3, dtype=torch.int64), lengths)
expected = (1.3863 + 3 * 0.6931) / 4
assert abs(found.item() - expected) < 1e-3, (
    "Add up the costs of all 4 real tokens, and divide by 4."
)

# %% test="loss-padding" points=2
logits, targets = draw(2, 5, 3, seed=1), torch.tensor([[0, 1, 2, 0, 1]] * 2)
lengths = torch.tensor([5, 2])
costs = -logits.log_softmax(-1).gather(-1, targets[:, :, None])[:, :, 0]
expected = (costs[0].sum() + costs[1, :2].sum()) / 7
for filling, number in ((0.0, 0), (float("nan"), -100), (float("inf"), 999)):
    logits[1, 2:], targets[1, 2:] = filling, number
    found = sequence_loss(logits, targets, lengths)
    assert torch.allclose(found, expected, atol=1e-5), (
        f"Logits of {filling} and targets of {number} in the padding change "
        f"the loss from {expected.item():.4f} to {found.item():.4f}."
    )

# %% test="loss-large-logits" points=1
logits = torch.tensor([[[0.0, 3000.0], [-5000.0, 0.0], [2000.0, 2000.0]]])
found = sequence_loss(logits, torch.tensor([[1, 0, 1]]), torch.tensor([3]))
assert torch.allclose(
    found, torch.tensor((0 + 5000 + 0.6931) / 3), atol=1e-2
), "These tokens cost 0, 5000 and log 2. Don't take the log of a softmax."

# %% test="loss-gradient" points=1
# The gradient of a real token is (p - truth) / number of real tokens, that of
# padding is 0.
logits, targets = draw(2, 5, 3, seed=2), torch.tensor([[0, 1, 2, 0, 1]] * 2)
logits[1, 2:] = float("nan")
logits.requires_grad_()
sequence_loss(logits, targets, torch.tensor([5, 2])).backward()
slope = logits.grad
assert slope is not None, "The loss has no gradient. Did you leave torch?"
assert not slope.isnan().any(), (
    "The gradient is NaN: the padding's logits went through the softmax before "
    "you left them out. Leave them out first."
)
assert (slope[1, 2:] == 0).all(), (
    "The padding's logits have gradients of up to "
    f"{slope[1, 2:].abs().max():.3f}; they must be exactly 0."
)
expected = logits.detach().softmax(-1) - nn.functional.one_hot(targets, 3)
assert torch.allclose(slope[0], expected[0] / 7, atol=1e-5), (
    "The gradient of the real tokens differs. By what do you divide?"
)

# %% test="loss-hidden" points=2
# Hidden: other sizes, float64, an empty sentence, a batch without any real
# token.
### BEGIN HIDDEN TESTS
logits = draw(5, 7, 11, seed=3, dtype=torch.float64)
targets = draw(5, 7, 11, seed=4).argmax(-1)
lengths = torch.tensor([7, 0, 3, 1, 5])
cost, count = 0.0, 0
for b in range(5):
    for t in range(lengths[b]):
        scores = logits[b, t]
        cost += (scores.exp().sum().log() - scores[targets[b, t]]).item()
        count += 1
for b in range(5):
    targets[b, lengths[b] :] = -1
    logits[b, lengths[b] :] = float("-inf")
found = sequence_loss(logits, targets, lengths)
assert found.shape == () and found.dtype == torch.float64, (
    "One number, in float64."
)
assert abs(found.item() - cost / count) < 1e-5, (
    "Sum over real tokens, then divide."
)
none = sequence_loss(logits, targets, torch.zeros(5, dtype=torch.int64))
assert none.item() == 0.0, "Without any real token the loss is 0."
one = sequence_loss(logits[:1], targets[:1], lengths[:1])
expected = nn.functional.cross_entropy(logits[0], targets[0])
assert torch.allclose(one, expected, atol=1e-5), "One sentence without padding."
### END HIDDEN TESTS


# %% [markdown] given="decode-text"
# ## 5. Greedy decoding, with scores (8 points)
#
# From the section "The decoder reads its own words". New here: rows come back
# as lists without their ends, and each has a score.
#
# `greedy_decode(step, state, start, end, max_len)` lets any model write: at
# each step the likeliest token, which is then read at the next step.
#
# - `step(tokens, state)` takes the last token of each row, `(batch,)`, and the
#   state before them. It returns logits of what comes next, `(batch,
#   n_tokens)`, and the state after them.
# - `state` is what the first step starts from; hand it on without looking into
#   it.
# - `start` holds the token that each row reads first, `(batch,)`, int64. It may
#   be `end` too: a row ends by what it writes, not by what it reads.
# - `end` is the number of the token that ends a row.
# - `max_len` says how many tokens a row may have at the most, `end` counted.
#
# Return a pair `(rows, scores)`:
#
# - `rows`, a list of one list of `int` for each row: the tokens that it wrote,
#   without `start`, up to its `end` and without it;
# - `scores`, a tensor `(batch,)`: the sum of the log-probabilities of the
#   tokens that the row wrote, its `end` included. They are the log-softmax of
#   the logits.
#
# Rows end at different steps. One that has ended writes nothing more, its score
# stays as it is, and from then on it reads `end`, while the others go on.
# `step` is called no more once all rows have ended, and at most `max_len`
# times. Of equal logits take the first. With `max_len = 0`, rows are empty and
# scores 0,
# in float32.
#
# *Example.* `step` gives token 2 the probability 3/4 at first and `end` the
# probability 1/2 after that: the row is `[2]`, its score log 3/4 + log 1/2 =
# −0.9808.


# %% solution="decode"
def greedy_decode(step, state, start, end, max_len):
    """Return what each row wrote, as lists, and its log-probability."""
    ### BEGIN SOLUTION
    rows, scores = [[] for _ in range(len(start))], torch.zeros(len(start))
    token, ended = start, torch.zeros(len(start), dtype=torch.bool)
    for _ in range(max_len):
        if ended.all():
            break
        logits, state = step(token, state)
        best, token = logits.log_softmax(-1).max(-1)
        scores = scores + best.masked_fill(ended, 0.0)
        token = token.masked_fill(ended, end)
        ended = ended | (token == end)
        for row, number, over in zip(
            rows, token.tolist(), ended.tolist(), strict=True
        ):
            if not over:
                row.append(number)
    return rows, scores
    ### END SOLUTION


# %% test="decode-one-row" points=1
# The example of the text; 0 ends a row. The state counts the steps.
def example_step(tokens, state):
    later = [[4.0, 2.0, 2.0]] if state else [[0.5, 0.5, 3.0]]
    return torch.tensor(later).log(), state + 1


rows, scores = greedy_decode(example_step, 0, torch.tensor([1]), 0, 7)
assert rows == [[2]], (
    "The row is a list of numbers, without start and end: [[2]]."
)
assert scores.shape == (1,), "There is one score for the one row."
assert abs(scores[0].item() + 0.9808) < 1e-3, "The example's score is -0.9808."
rows, _ = greedy_decode(example_step, 0, torch.tensor([0]), 0, 7)
assert rows == [[2]], "A row that starts from `end` writes all the same."


# %% test="decode-rows-end" points=2
# Each row writes the number after the one that it read, and ends after 5.
def next_step(tokens, state):
    return nn.functional.one_hot((tokens + 1) % 6, 6).float(), state


rows, scores = greedy_decode(next_step, None, torch.tensor([3, 1, 5]), 0, 11)
assert [list(row) for row in rows] == [[4, 5], [2, 3, 4, 5], []], (
    "Each row goes up to its own end, which may be the first thing it writes."
)
expected = -1.0436 * torch.tensor([3.0, 5.0, 1.0])
assert scores.shape == (3,) and torch.allclose(
    scores.float(), expected, atol=1e-2
), (
    "Each token, end included, has the log-probability -1.0436: 3, 5 and 1 of "
    "them. The third row reads 5 and writes its end at once."
)


# %% test="decode-scores" points=2
# Logits that depend on the step alone; the first row ends before the second.
def timed_step(tokens, time):
    return table[time], time + 1


table = draw(5, 2, 7, seed=1) + 400
table[:, :, 6], table[1, 0, 6], table[3, 1, 6] = 0.0, 402.0, 402.0
best = table.log_softmax(-1).max(-1).values
expected = torch.stack([best[:2, 0].sum(), best[:4, 1].sum()])
rows, scores = greedy_decode(timed_step, 0, torch.tensor([2, 3]), 6, 5)
assert [len(row) for row in rows] == [1, 3], (
    "The rows write 1 and 3 tokens, then end."
)
assert rows[1] == table[:3, 1].argmax(-1).tolist(), "Take the likeliest token."
assert scores.shape == (2,) and torch.allclose(
    scores.float(), expected, atol=1e-3
), (
    "Add up log-probabilities, not logits, up to the end of each row and no "
    "farther."
)

# %% test="decode-calls" points=1
read, states = [], []


def watched_step(tokens, state):
    read.append(tokens.tolist())
    states.append(state)
    return nn.functional.one_hot((tokens + 1) % 7, 7).float(), [*state, "more"]


rows, _ = greedy_decode(watched_step, [], torch.tensor([2, 4]), 6, 11)
assert [list(row) for row in rows] == [[3, 4, 5], [5]], (
    "These rows end after 5."
)
assert read == [[2, 4], [3, 5], [4, 6], [5, 6]], (
    "Each row reads what it wrote last, one that has ended reads `end`, and no "
    "call is made when all have ended."
)
assert [len(state) for state in states] == [0, 1, 2, 3], (
    "Hand on the state of the last step."
)


# %% test="decode-hidden" points=2
# Hidden: rows that are cut off, max_len 0 and 1, how often `step` is called
# then, rows that start with `end`, equal logits, a state per row.
### BEGIN HIDDEN TESTS
def counting_step(tokens, left):
    calls.append(len(tokens))
    logits = nn.functional.one_hot((tokens + 2) % 13, 13).float() * 9
    logits[left == 0, 12] = 10.0
    return logits, left - 1


first, left = torch.tensor([1, 12, 3, 5]), torch.tensor([7, 2, 0, 5])
for max_len in (0, 1, 3, 5, 17):
    calls = []
    rows, scores = greedy_decode(counting_step, left, first, 12, max_len)
    assert len(calls) <= max_len, "`step` is called at most `max_len` times."
    for i in range(4):
        state, token, wrote, cost = left[i : i + 1], first[i : i + 1], [], 0.0
        for _ in range(max_len):
            logits, state = counting_step(token, state)
            token = logits.argmax(-1)
            cost += logits.log_softmax(-1).max().item()
            if token == 12:
                break
            wrote.append(token.item())
        assert list(rows[i]) == wrote, (
            "A row ends by `end` or after `max_len` tokens."
        )
        assert abs(scores[i].item() - cost) < 1e-3, (
            "Add up what the row itself wrote."
        )
    assert len(rows) == 4 and scores.shape == (4,), "Four rows, four scores."


def undecided_step(tokens, state):
    return torch.tensor([[1.0, 7.0, 7.0, 0.0]] * len(tokens)), state


rows, _ = greedy_decode(undecided_step, None, torch.tensor([0, 0, 0]), 3, 2)
assert [list(row) for row in rows] == [[1, 1]] * 3, (
    "Of equal logits take the first."
)
### END HIDDEN TESTS

# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A colleague trains a translator: an LSTM reads the sentence, its last state is
# all that the decoder gets. Sentences of 30 words come out wrong, those of 8
# right. "The gradient vanishes", she says, "so I will start with the forget
# gates open." Name a measurement on her *trained* model that would show whether
# she is right, and what it would show if she is wrong. Which of chapter 3's
# measurements (there of a GRU) tells you what to expect? If she is wrong, would
# twice the units cure her model? Four to six sentences.

# %% [markdown] written="why-long-sentences-are-lost" points=3
# Take the gradient of the encoder's last state, or of the loss, by the first
# word of a long sentence, and compare it with that by a late word: if she is
# right it is smaller by many orders, if she is wrong it is of about the same
# size (1 point). Chapter 3's trained copier, whose update gate keeps what the
# forget gate keeps in an LSTM, had opened its gates in training, and the first
# of 20 letters arrived as strongly as the last; still the string was lost. So
# opening the gates is likely to change little: what is full is one vector of
# fixed size (1 point). Twice the units move the limit to somewhat longer
# sentences, as 64 units copied more letters than 16, and do not remove it; a
# memory that grows with the sentence does, such as all the encoder's states (1
# point).
