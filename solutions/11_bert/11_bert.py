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
# # BERT
#
# **48 points**, about an hour. Chapter 11 trained an encoder on blanks, and
# then filled the course's own modules with weights that others had trained.
# Here you write both ends: the blanks and their loss, and an encoder that reads
# a checkpoint.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - `ids` are tokens as integers (int64), and so are `segments` and `labels`;
# - a label of **-100** marks a token that nobody asks for;
# - a mask over tokens is `True`, or non-zero, where a token is **real**, not
#   padding;
# - no function changes its arguments in place.

# %% given="imports"
import math

import torch
from torch import nn
from torch.nn import functional as F

# %% [markdown] given="mask-text"
# ## 1. Blanks (13 points)
#
# The section "Hide some words" uses one chance for all tokens. Here a token may
# have its own, special tokens and odd vocabularies are refused or left alone,
# and only the given generator decides.
#
# `mask_tokens(ids, special, vocab_size, mask_id, generator, p=0.15)` returns
# `(inputs, labels)`, two new tensors of integers in the shape of `ids`,
# whatever that is.
#
# 1. **Choose.** Each token is chosen with probability `p`, by itself. `p` is a
#    number, or a tensor that broadcasts to the shape of `ids`: then each token
#    has its own. Tokens whose number stands in `special` (a list, tuple or set
#    of integers, maybe empty) are never chosen.
# 2. **Label.** A chosen token's label is its true number. All others have -100.
# 3. **Hide.** With probability 0.8 a chosen token becomes `mask_id`, with 0.1 a
#    random token, and with 0.1 it stays as it is. Each of them has its own
#    fate. Tokens that were not chosen stay as they are.
#
# A random token is drawn uniformly from the **ordinary** ones: 0 to
# `vocab_size` - 1, without those in `special` and without `mask_id` (whether
# `special` holds it or not). The true token is one of them, so it may come out
# again. All that is random is drawn with `generator`, a `torch.Generator`, and
# nothing else: a generator in the same state gives the same answer. In what
# order you draw is up to you.
#
# If `p`, or any number in it, is not in 0 to 1, or if no ordinary token exists,
# raise a `ValueError`.
#
# *Example.* Let `ids` be `[[1, 8, 5, 6, 2]]`, `special` `(0, 1, 2)` and
# `mask_id` 3. If 8 and 6 are chosen, and only 6 stays as it is, the inputs are
# `[[1, 3, 5, 6, 2]]` and the labels `[[-100, 8, -100, 6, -100]]`.


# %% solution="mask"
def mask_tokens(ids, special, vocab_size, mask_id, generator, p=0.15):
    """Return what the model reads and what it is asked for, both like ids."""
    ### BEGIN SOLUTION
    ordinary = [
        t for t in range(vocab_size) if t not in special and t != mask_id
    ]
    p = torch.as_tensor(p)
    if (p < 0).any() or (p > 1).any():
        raise ValueError(f"p must be 0 to 1, got {p}")
    if not ordinary:
        raise ValueError("no ordinary token is left to draw")
    fixed = torch.isin(ids, torch.tensor(sorted(special), dtype=torch.long))
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~fixed
    fate = torch.rand(ids.shape, generator=generator)
    drawn = torch.randint(len(ordinary), ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(
        chosen & (fate >= 0.9), torch.tensor(ordinary)[drawn], inputs
    )
    return inputs, torch.where(chosen, ids, -100)
    ### END SOLUTION


# %% test="mask-none-or-all" points=2
ids = torch.tensor([[1, 8, 5, 6, 2, 0, 0], [1, 4, 7, 4, 9, 5, 2]])
generator = torch.Generator().manual_seed(1)
inputs, labels = mask_tokens(ids, (0, 1, 2), 11, 3, generator, 0.0)
assert inputs.shape == labels.shape == ids.shape, "Both have the shape of ids."
assert inputs.dtype == labels.dtype == torch.int64, (
    "Both hold integers, as ids does."
)
assert torch.equal(inputs, ids), "With p = 0 nothing is hidden."
assert labels.eq(-100).all(), "With p = 0 no token is asked for."
_, labels = mask_tokens(ids, (0, 1, 2), 11, 3, generator, 1.0)
true = [[-100, 8, 5, 6, -100, -100, -100], [-100, 4, 7, 4, 9, 5, -100]]
assert labels.tolist() == true, (
    "With p = 1 every token is chosen but the special ones; the label is the "
    "true one."
)

# %% test="mask-leaves-the-rest" points=2
generator = torch.Generator().manual_seed(2)
ids = torch.randint(0, 31, (41, 53), generator=generator)
kept = ids.clone()
inputs, labels = mask_tokens(ids, [0, 1, 2], 31, 3, generator, 0.5)
assert torch.equal(ids, kept), "ids have changed."
assert inputs.shape == labels.shape == ids.shape, "Both have the shape of ids."
chosen = labels != -100
assert 800 < chosen.sum() < 1200, (
    "Half of those that are not special, 28 of 31."
)
assert torch.equal(inputs[~chosen], ids[~chosen]), (
    "A token that was not chosen has changed."
)
assert torch.equal(labels[chosen], ids[chosen]), (
    "The label of a chosen token is its true number."
)
assert ids[chosen].min() > 2, "A special token was chosen."

# %% test="mask-shares" points=3
# 20,011 chosen tokens, all number 7: the shares are right within 5 standard
# errors.
ids = torch.full((20011,), 7)
generator = torch.Generator().manual_seed(3)
inputs, labels = mask_tokens(ids, {0}, 101, 3, generator, 1.0)
assert torch.equal(labels, ids), (
    "All are chosen, hidden or not: each has its label."
)
assert abs(inputs.eq(3).float().mean() - 0.8) < 0.015, (
    "How many become mask_id?"
)
other = inputs.ne(3) & inputs.ne(7)
assert abs(other.float().mean() - 0.1) < 0.011, (
    "How many become a random token?"
)
assert abs(inputs.eq(7).float().mean() - 0.1) < 0.011, (
    "How many stay as they are?"
)

# %% test="mask-own-p" points=1
# Every row has its own p, then every column.
ids = torch.full((3, 1009), 5)
generator = torch.Generator().manual_seed(4)
p = torch.tensor([[1.0], [0.0], [0.5]])
_, labels = mask_tokens(ids, (0, 1), 11, 3, generator, p)
count = (labels == 5).sum(-1).tolist()
assert count[:2] == [1009, 0] and 400 < count[2] < 610, (
    "Here each row has its own p."
)
_, labels = mask_tokens(ids.T, (0, 1), 11, 3, generator, p[:, 0])
assert (labels == 5).sum(0).tolist()[:2] == [1009, 0], (
    "Here each column has its own."
)

# %% test="mask-generator" points=2
ids = torch.arange(5, 94)
answers = []
for seed, noise in ((1, 1), (1, 2), (2, 1)):
    torch.manual_seed(noise)  # the global generator must not matter
    generator = torch.Generator().manual_seed(seed)
    found = [mask_tokens(ids, (), 97, 3, generator, 0.5) for _ in range(2)]
    answers.append([part for pair in found for part in pair])
assert len(answers[0]) == 4 and answers[0][1].shape == ids.shape, (
    "Two tensors in the shape of ids."
)
assert all(map(torch.equal, answers[0], answers[1])), (
    "The same generator, another answer: what do you draw with?"
)
assert not torch.equal(answers[0][1], answers[2][1]), (
    "Another generator, the same choice."
)
assert not torch.equal(answers[0][1], answers[0][3]), (
    "The next call makes the same choice: each call goes on drawing."
)

# %% test="mask-hidden" points=3
# Hidden: the default p; each token by itself, its fate too; which tokens are
# drawn, and how often; other shapes and kinds of `special`; what is refused.
### BEGIN HIDDEN TESTS
generator = torch.Generator().manual_seed(5)
ids = torch.randint(3, 13, (2003, 13), generator=generator)
inputs, labels = mask_tokens(ids, (0, 1, 2), 13, 2, generator)
chosen = labels != -100
assert abs(chosen.float().mean() - 0.15) < 0.012, (
    "Where p is not given, it is 0.15."
)
hidden = inputs[chosen].eq(2).float().mean()
assert abs(hidden - 0.8) < 0.04, "80% of the chosen, not of all."
_, labels = mask_tokens(ids[:, :5], [], 17, 2, generator, 0.5)
patterns = {tuple(row) for row in (labels != -100).tolist()}
assert len(patterns) == 32, (
    "Each token is chosen by itself: any choice may come out."
)
ids = torch.full((20011,), 6)
for special, ordinary in (((8, 0), 8), ([3, 0, 8], 8), (set(), 10)):
    inputs, labels = mask_tokens(ids, special, 11, 3, generator, 1.0)
    assert inputs.shape == labels.shape == ids.shape, (
        "Both have the shape of ids."
    )
    seen = torch.bincount(inputs, minlength=11).float() / 20011
    assert len(seen) == 11, "A token beyond the vocabulary."
    for token in range(11):
        share = 0.1 / ordinary * (token not in special)
        share = share + 0.1 if token == 6 else 0.8 if token == 3 else share
        assert abs(seen[token] - share) < (
            0.015 if token in (3, 6) else 0.004
        ), "Which tokens may a random one be, and how often is each?"
        assert share or not seen[token], "A random token is an ordinary one."
ids = torch.full((2, 5003), 6)
for turned in (False, True):
    inputs, _ = mask_tokens(ids.T if turned else ids, (), 11, 3, generator, 1.0)
    one, other = inputs.T if turned else inputs
    both = (one.eq(3) & other.eq(3)).float().mean()
    assert abs(both - 0.64) < 0.05, (
        "Each token of each sentence has its own fate."
    )
    both = one.ne(3) & one.ne(6) & other.ne(3) & other.ne(6)
    assert one[both].eq(other[both]).float().mean() < 0.5, (
        "A random token is drawn for each place, and not the same for all "
        "sentences."
    )
ids = torch.full((5,), 6)
masked = [
    mask_tokens(ids, (), 11, 3, generator, 1.0)[0] == 3 for _ in range(100)
]
masked = torch.stack(masked)
assert len(set(masked.sum(-1).tolist())) > 2, (
    "Not always the same number of five."
)
assert abs(masked[:, 0].float().mean() - 0.8) < 0.2, (
    "The first of five has its chance."
)
ids = torch.arange(11).repeat(2)
inputs, labels = mask_tokens(ids, (9, 3, 5), 11, 3, generator, 1.0)
fixed = (ids == 9) | (ids == 3) | (ids == 5)
assert torch.equal(labels == -100, fixed), (
    "Special are those in `special` alone."
)
assert torch.equal(inputs[fixed], ids[fixed]), "A special token has changed."
assert (
    mask_tokens(torch.tensor(5), (), 7, 3, generator, 1.0)[1].tolist() == 5
), "ids may have any shape, that of a single token too."
for special, size, p in (
    ((), 7, 1.5),
    ((), 7, -0.1),
    ((), 7, torch.tensor([0.5, 1.5])),
    ((0, 1, 2, 4), 5, 0.5),
):
    try:
        mask_tokens(torch.tensor([5, 6]), special, size, 3, generator, p)
        refused = False
    except ValueError:
        refused = True
    assert refused, "A p beyond 0 to 1, or no ordinary token: ValueError."
### END HIDDEN TESTS


# %% [markdown] given="loss-text"
# ## 2. The loss on blanks (7 points)
#
# The section "The loss is on all that was chosen" has one batch of float32.
# Here any axes stand in front, float16 must not overflow, and a batch without
# blanks has a loss of 0.
#
# `mlm_loss(logits, labels)` takes logits `(..., V)`, any axes in front or none,
# and labels of the shape in front, `(...)`. Labels of -100 are ignored,
# whatever their logits are. Return the mean over **all** the other tokens
# together of $-\log p$ of the true token, $p$ being the softmax of its logits;
# a tensor without axes.
#
# - It does not matter what became of a token in the input: those that stayed as
#   they were count like the others.
# - If no token was chosen, the loss is 0, and `backward()` gives gradients of
#   0.
# - Logits may be float16. The largest number there is 65504, so a **sum** over
#   tens of thousands of tokens may overflow: take care that it doesn't.
#
# `F.cross_entropy` is allowed.
#
# *Example.* `logits = [[0., 0., 0., 0.], [9., 0., 0., 0.]]` and `labels = [2,
# -100]` give log 4 = 1.386.


# %% solution="loss"
def mlm_loss(logits, labels):
    """Return the mean cross-entropy of the tokens that were chosen."""
    ### BEGIN SOLUTION
    chosen = labels != -100
    log_p = logits[chosen].float().log_softmax(-1)
    true = log_p.gather(-1, labels[chosen][:, None])
    return -true.sum() / chosen.sum().clamp(min=1)
    ### END SOLUTION


# %% test="loss-by-hand" points=1
# Probabilities of 1/4 and 3/4 for the true tokens; the third token is not asked
# for.
logits = torch.tensor([[0.0, math.log(3)], [0.0, math.log(3)], [5.0, 0.0]])
found = mlm_loss(logits, torch.tensor([0, 1, -100]))
assert found.shape == (), "One number for all: a tensor without axes."
expected = (math.log(4) - math.log(3 / 4)) / 2
assert abs(found - expected) < 1e-4, (
    "The mean of -log p of the two that are asked for."
)

# %% test="loss-batch" points=2
# One sentence with three blanks and one with a single one: four terms of equal
# weight.
g = torch.Generator().manual_seed(1)
logits = 2 * torch.randn(2, 5, 7, generator=g)
labels = torch.tensor([[3, -100, 6, 0, -100], [-100, -100, 2, -100, -100]])
kept = labels.clone()
found = mlm_loss(logits, labels)
assert found.shape == (), "One number for all: a tensor without axes."
true = F.cross_entropy(
    logits.flatten(0, 1), labels.flatten(), ignore_index=-100
)
assert abs(found - true) < 1e-4, (
    "The mean over the four blanks, each of equal weight."
)
wild = logits.clone()
wild[labels == -100] = 1000.0 * torch.randn(6, 7, generator=g)
assert abs(mlm_loss(wild, labels) - true) < 1e-4, (
    "An ignored token changes the loss."
)
assert torch.equal(labels, kept), "Leave the labels as they are."

# %% test="loss-nothing" points=1
logits = torch.randn(
    3, 5, generator=torch.Generator().manual_seed(2)
).requires_grad_()
found = mlm_loss(logits, torch.full((3,), -100))
assert found.shape == () and found == 0, "No token was chosen: the loss is 0."
found.backward()
assert logits.grad is not None and logits.grad.eq(0).all(), (
    "`backward()` must work, and give gradients of 0."
)
one = mlm_loss(torch.zeros(3, 5), torch.tensor([-100, 4, -100]))
assert abs(one - math.log(5)) < 1e-4, (
    "With one chosen token it is that one's loss."
)

# %% test="loss-hidden" points=3
# Hidden: other axes, gradients, logits that are large, and float16.
### BEGIN HIDDEN TESTS
for seed, shape in enumerate([(7,), (3, 5), (2, 3, 5)]):
    g = torch.Generator().manual_seed(seed)
    logits = (3 * torch.randn(*shape, 11, generator=g)).requires_grad_()
    labels = torch.randint(0, 11, shape, generator=g)
    labels[torch.rand(shape, generator=g) < 0.6] = -100
    labels.view(-1)[1] = 10
    twin = logits.detach().clone().requires_grad_()
    true = F.cross_entropy(
        twin.flatten(0, -2), labels.flatten(), ignore_index=-100
    )
    true.backward()
    found = mlm_loss(logits, labels)
    assert found.shape == (), "One number for all: a tensor without axes."
    assert abs(found - true) < 1e-4, (
        "Not the mean over the tokens that were chosen."
    )
    found.backward()
    assert logits.grad is not None, "Let the gradient pass."
    assert torch.allclose(logits.grad, twin.grad, atol=1e-5), (
        "The gradient differs: ignored tokens must send none."
    )
single = mlm_loss(torch.zeros(7), torch.tensor(3))
assert abs(single - math.log(7)) < 1e-4, (
    "A single token, without axes in front."
)
large = torch.tensor([[1000.0, 0.0], [0.0, 1000.0], [math.inf, math.nan]])
found = mlm_loss(large, torch.tensor([1, 1, -100]))
assert found.isfinite(), "Ignored means ignored: infinite logits and nan too."
assert abs(found - 500) < 0.01, "Large logits: the log of a softmax overflows."
half = torch.zeros(20011, 2).half()
half[:, 0] = 16.0  # each of 20,011 tokens costs 16
found = mlm_loss(half, torch.ones(20011, dtype=torch.long)).float()
assert abs(found - 16) < 0.05, "In float16 a sum over many tokens overflows."
### END HIDDEN TESTS


# %% [markdown] given="embed-text"
# ## 3. What goes in (7 points)
#
# The sum of the section "Three tables, then the encoder you know", for any axes
# in front, with defaults and errors.
#
# BERT adds three learned vectors for each token: one for the token, one for its
# position, one for the segment (text A or text B) that it belongs to.
# `bert_embed(ids, segments, tables)` returns this **sum**, `(..., n, d)`. There
# is no factor $\sqrt d$ here, and the norm that follows in BERT belongs to
# exercise 5.
#
# | argument | |
# |:--|:--|
# | `ids` | `(..., n)`: any axes in front, or none |
# | `segments` | of the shape of `ids`; `None`: every token is of segment 0 |
# | `tables["token"]` | `(V, d)`: row $t$ belongs to token $t$ |
# | `tables["position"]` | `(L, d)`: row $i$ belongs to position $i$ |
# | `tables["segment"]` | `(S, d)`: row $s$ belongs to segment $s$ |
#
# Positions count from 0 at the start of each sequence, and run on through
# segments and padding. BERT has no vector for a position beyond its table: if
# `n` is greater than `L`, raise a `ValueError`, also if `L` is 1. If the shape
# of `segments` is not that of `ids`, raise one too. Gradients reach all three
# tables.
#
# *Example.* With one column, tokens `[[1.], [2.], [3.]]`, positions `[[10.],
# [20.]]` and segments `[[100.], [200.]]`, the ids `[2, 0]` in segments `[0, 1]`
# become `[[113.], [221.]]`.


# %% solution="embed"
def bert_embed(ids, segments, tables):
    """Return the sum of token, position and segment vectors, (..., n, d)."""
    ### BEGIN SOLUTION
    n, longest = ids.shape[-1], len(tables["position"])
    if segments is None:
        segments = torch.zeros_like(ids)
    if segments.shape != ids.shape:
        raise ValueError(
            f"segments: expected {ids.shape}, got {segments.shape}"
        )
    if n > longest:
        raise ValueError(f"expected at most {longest} tokens, got {n}")
    words, kinds = tables["token"][ids], tables["segment"][segments]
    return words + tables["position"][:n] + kinds
    ### END SOLUTION


# %% given="tables"
def make_tables(V, L, S, d, seed):
    """Draw three tables."""
    g = torch.Generator().manual_seed(seed)
    sizes = {"token": V, "position": L, "segment": S}
    return {
        name: torch.randn(size, d, generator=g) for name, size in sizes.items()
    }


# %% test="embed-by-hand" points=2
tables = {
    "token": torch.tensor([[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]]),
    "position": torch.tensor(
        [[10.0, 0.0], [20.0, 0.0], [30.0, 0.0], [40.0, 0.0]]
    ),
    "segment": torch.tensor([[100.0, 0.5], [200.0, 0.25]]),
}
found = bert_embed(
    torch.tensor([2, 0, 2]), torch.tensor([0, 0, 1]), tables
).float()
assert found.shape == (3, 2), "One vector for each token: (n, d)."
expected = torch.tensor([[113.0, -2.5], [121.0, -0.5], [233.0, -2.75]])
assert torch.allclose(found, expected, atol=1e-4), (
    "A sum of three rows. Which row of each table belongs to a token?"
)

# %% test="embed-batch" points=1
tables = make_tables(13, 11, 3, 5, seed=1)
g = torch.Generator().manual_seed(2)
ids, segments = torch.randint(0, 13, (2, 7), generator=g), torch.arange(14) % 3
segments = segments.view(2, 7)
found = bert_embed(ids, segments, tables).float()
assert found.shape == (2, 7, 5), "The shape is (batch, n, d)."
for b in range(2):
    for i in range(7):
        word, kind = (
            tables["token"][ids[b, i]],
            tables["segment"][segments[b, i]],
        )
        assert torch.allclose(
            found[b, i], word + tables["position"][i] + kind
        ), "Each sequence of the batch begins at position 0."

# %% test="embed-refuses" points=2
tables = make_tables(5, 3, 2, 7, seed=3)
short = make_tables(5, 1, 2, 7, seed=3)
four, three = torch.tensor([1, 0, 4, 4]), torch.tensor([0, 0, 1])
for ids, segments, some in (
    (four, torch.zeros_like(four), tables),
    (four, None, short),
    (four[:3], torch.tensor([1]), tables),
    (four[None, :3], three, tables),
):
    try:
        bert_embed(ids, segments, some)
        refused = False
    except ValueError:
        refused = True
    assert refused, (
        "Too many tokens, or segments of another shape: a ValueError."
    )
found = bert_embed(four[:3], three, tables).float()
assert found.shape == (3, 7), "As many tokens as positions is not too many."
last = tables["token"][4] + tables["position"][2] + tables["segment"][1]
assert torch.allclose(found[2], last, atol=1e-5), (
    "The last position has its row too."
)

# %% test="embed-hidden" points=2
# Hidden: other axes, no segments, gradients, the arguments stay as they are.
### BEGIN HIDDEN TESTS
for seed, (shape, S) in enumerate([((5,), 1), ((3, 7), 2), ((2, 3, 1), 5)]):
    tables = {
        name: table.requires_grad_()
        for name, table in make_tables(17, 7, S, 3, seed).items()
    }
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 17, shape, generator=g)
    for segments in (torch.randint(0, S, shape, generator=g), None):
        kept = ids.clone()
        found = bert_embed(ids, segments, tables)
        kinds = torch.zeros_like(ids) if segments is None else segments
        place = torch.arange(shape[-1]).expand(shape)
        named = (("token", ids), ("position", place), ("segment", kinds))
        expected = sum(
            F.embedding(where, tables[name]) for name, where in named
        )
        assert found.shape == expected.shape, "The shape is (..., n, d)."
        assert torch.allclose(found.float(), expected, atol=1e-5), (
            "Not the sum, for other axes, or where segments is None."
        )
        assert torch.equal(ids, kept), "Leave ids as they are."
    for table in tables.values():
        table.grad = None
    (bert_embed(ids, None, tables) ** 2).sum().backward()
    ours = [table.grad for table in tables.values()]
    theirs = torch.autograd.grad((expected**2).sum(), list(tables.values()))
    for mine, true in zip(ours, theirs, strict=True):
        assert mine is not None, "Let the gradient pass to each table."
        assert torch.allclose(mine, true, atol=1e-4), "The gradient differs."
### END HIDDEN TESTS


# %% [markdown] given="pool-text"
# ## 4. One vector for a sentence (6 points)
#
# The section "One vector for a sentence" averages one padded batch. Here what
# stands on padding may be anything, and a text may be empty.
#
# `mean_pool(states, mask)` takes states `(..., n, d)` and a mask `(..., n)`,
# booleans or numbers. It returns `(..., d)` in the dtype of the states: the
# mean of the **real** tokens' states, each with the same weight.
#
# What stands on padding never counts, not even `nan` or `inf`. A sequence with
# no real token gets zeros. Gradients are finite everywhere, and 0 on padding.
# States may be float16: a sum that is beyond 65504 must not make the mean
# infinite.
#
# *Example.* The states `[[1., 5.], [3., 7.], [9., 9.]]` with the mask `[1, 1,
# 0]` give `[2., 6.]`.


# %% solution="pool"
def mean_pool(states, mask):
    """Return the mean of the real tokens' states, (..., d)."""
    ### BEGIN SOLUTION
    real = (mask != 0).unsqueeze(-1)
    total = states.masked_fill(~real, 0.0).float().sum(-2)
    return (total / real.sum(-2).clamp(min=1)).to(states.dtype)
    ### END SOLUTION


# %% test="pool-by-hand" points=1
states = torch.tensor([[1.0, 5.0], [4.0, 7.0], [9.0, 9.0], [4.0, 3.0]])
found = mean_pool(states, torch.tensor([True, True, False, True])).float()
assert found.shape == (2,), "One vector for the sequence: (d,)."
assert torch.allclose(found, torch.tensor([3.0, 5.0]), atol=1e-5), (
    "The mean of the three real tokens. What is summed, and what divides?"
)
found = mean_pool(states.double(), torch.tensor([1, 0, 1, 1]))
assert found.dtype == torch.float64, "The dtype is that of the states."

# %% test="pool-padding" points=2
g = torch.Generator().manual_seed(1)
states = torch.randn(3, 7, 5, generator=g)
mask = (torch.arange(7) < torch.tensor([[7], [2], [5]])).long()
kept = states.clone()
found = mean_pool(states, mask).float()
assert torch.equal(states, kept), "The states have changed."
assert found.shape == (3, 5), "One vector for each sequence: (batch, d)."
for b, n in enumerate((7, 2, 5)):
    assert torch.allclose(found[b], states[b, :n].mean(0), atol=1e-5), (
        "A sequence with padding must get what it gets alone."
    )
states[1, 2:], states[2, 6] = float("nan"), float("inf")
again = mean_pool(states, mask).float()
assert torch.allclose(again, found, atol=1e-5), (
    "What stands on padding counts: nan times 0 is nan."
)

# %% test="pool-nothing" points=1
g = torch.Generator().manual_seed(2)
states = torch.randn(2, 3, 5, generator=g).requires_grad_()
mask = torch.tensor([[0, 0, 0], [0, 1, 0]])
found = mean_pool(states, mask)
assert found.shape == (2, 5), "One vector for each sequence: (batch, d)."
assert found[0].eq(0).all(), "No real token: zeros."
assert torch.allclose(found[1].float(), states[1, 1], atol=1e-5), (
    "A single real token is its own mean."
)
found.sum().backward()
assert torch.equal(states.grad.ne(0), mask.bool()[..., None].expand(2, 3, 5)), (
    "The gradient goes to real tokens, and is 0 elsewhere."
)
assert states.grad.isfinite().all(), "The gradient is not finite."

# %% test="pool-hidden" points=2
# Hidden: other axes, masks with gaps and of other types, gradients, float16.
### BEGIN HIDDEN TESTS
for seed, shape in enumerate([(5,), (3, 7), (2, 5, 3)]):
    g = torch.Generator().manual_seed(seed)
    number = torch.randint(0, 3, shape, generator=g)  # 0, 1 or 2
    number[..., 0] = 2
    states = torch.randn(*shape, 11, generator=g)
    for mask in (number, number.bool(), number.float()):
        found = mean_pool(states, mask).float()
        rows = zip(
            states.reshape(-1, shape[-1], 11),
            number.reshape(-1, shape[-1]),
            strict=True,
        )
        expected = torch.stack([some[real > 0].mean(0) for some, real in rows])
        assert found.shape == (*shape[:-1], 11), "The shape is (..., d)."
        assert torch.allclose(found, expected.view(found.shape), atol=1e-5), (
            "Not the mean: try masks with gaps, and masks of numbers."
        )
x = torch.ones(2, 3, 2)
x[:, 2] = float("nan")
x = x.requires_grad_()
found = mean_pool(x, torch.tensor([[1, 1, 0], [0, 0, 0]]))
found.sum().backward()
half = torch.tensor([0.5, 0.5, 0.0])[:, None].expand(3, 2)
assert x.grad is not None and torch.allclose(x.grad[0], half, atol=1e-5), (
    "Each real token gets its share of the gradient, and padding none, nan or "
    "not."
)
assert x.grad[1].eq(0).all() and found[1].eq(0).all(), "No real token: zeros."
half = torch.full((4001, 3), 31.0, dtype=torch.float16)  # the sum is 124,031
found = mean_pool(half, torch.ones(4001))
assert found.dtype == torch.float16, "The dtype is that of the states."
assert found.shape == (3,) and (found.float() - 31).abs().max() < 0.05, (
    "In float16 a sum over many tokens overflows."
)
### END HIDDEN TESTS


# %% [markdown] given="load-text"
# ## 5. An encoder from a checkpoint (12 points)
#
# The section "Real weights in your modules" copies weights into classes that
# exist. Here you read names and shapes yourself, and refuse what does not fit.
#
# A checkpoint is a dict of names and tensors. The cell below lists the names
# that Hugging Face gives BERT's weights, and their shapes. A `dense` or `query`
# is what `nn.Linear` holds: its weight is (out, in), as `F.linear` wants it.
#
# `load_encoder(state_dict, config)` returns a function, or a module:
# `encoder(ids, segments=None, mask=None)`, which takes ids and segments
# `(batch, n)` as `bert_embed` does, and a mask `(batch, n)` of booleans or
# numbers (`None`: all tokens are real). Each sequence has a real token. It
# returns the last states, `(batch, n, d)`, with $d$ the `hidden_size`:
#
# 1. your `bert_embed`, then the norm `embeddings.LayerNorm`;
# 2. in each layer, attention with `num_attention_heads` heads (`attend` below
#    does it, once you have queries, keys and values), then the map
#    `attention.output.dense`; then the norm `attention.output.LayerNorm` of
#    **input plus output**;
# 3. then `intermediate.dense`, an exact GELU ($x\, \Phi(x)$, not its
#    approximation by a tanh), `output.dense`; then the norm `output.LayerNorm`
#    of input plus output.
#
# Tokens that are not real are hidden as **keys**, in each layer; what comes out
# at their own places does not matter. Each norm has `layer_norm_eps`. There is
# no dropout. Weights may be of any float type, float16 too: compute in float32.
#
# *Before* that, `load_encoder` checks what it got. It raises a `ValueError`
#
# - whose message has the full name of the weight in it, if a weight is missing,
#   if its shape is wrong, or if there is one that the list does not have. Many
#   checkpoints have some that start with `pooler.` and one called
#   `embeddings.position_ids`: these are no error, and not used;
# - if `num_attention_heads` does not divide `hidden_size`;
# - if `hidden_act` is not `"gelu"`.
#
# `config` has more keys than you need. The checkpoint stays as it is. Write the
# layers out: torch's own encoder layers are not for this exercise. What you
# write can read the real checkpoint of chapter 11, with the config that lies
# beside it.


# %% given="names-and-heads"
def weight_shapes(config):
    """Return {name: shape} of all weights of an encoder."""
    d, d_ff = config["hidden_size"], config["intermediate_size"]
    norm = {"LayerNorm.weight": (d,), "LayerNorm.bias": (d,)}
    square = {"weight": (d, d), "bias": (d,)}
    layer = {
        **{f"attention.self.query.{n}": s for n, s in square.items()},
        **{f"attention.self.key.{n}": s for n, s in square.items()},
        **{f"attention.self.value.{n}": s for n, s in square.items()},
        **{f"attention.output.dense.{n}": s for n, s in square.items()},
        **{f"attention.output.{n}": s for n, s in norm.items()},
        "intermediate.dense.weight": (d_ff, d),
        "intermediate.dense.bias": (d_ff,),
        "output.dense.weight": (d, d_ff),
        "output.dense.bias": (d,),
        **{f"output.{n}": s for n, s in norm.items()},
    }
    shapes = {
        "embeddings.word_embeddings.weight": (config["vocab_size"], d),
        "embeddings.position_embeddings.weight": (
            config["max_position_embeddings"],
            d,
        ),
        "embeddings.token_type_embeddings.weight": (
            config["type_vocab_size"],
            d,
        ),
        **{f"embeddings.{n}": s for n, s in norm.items()},
    }
    for i in range(config["num_hidden_layers"]):
        shapes |= {f"encoder.layer.{i}.{name}": s for name, s in layer.items()}
    return shapes


def attend(query, key, value, h, mask=None):
    """Attend with h heads, (batch, n, d) each; mask: to (batch, n, n)."""
    q, k, v = (
        x.unflatten(-1, (h, -1)).transpose(1, 2)  # (batch, h, n, d / h)
        for x in (query, key, value)
    )
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(
            ~mask.unsqueeze(-3), torch.finfo(scores.dtype).min
        )
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


# %% solution="load"
def load_encoder(state_dict, config):
    """Return encoder(ids, segments=None, mask=None): (batch, n, d)."""
    ### BEGIN SOLUTION
    shapes, h = weight_shapes(config), config["num_attention_heads"]
    unused = ("pooler.", "embeddings.position_ids")
    weights = {
        n: w.float() for n, w in state_dict.items() if not n.startswith(unused)
    }
    if config["hidden_size"] % h:
        raise ValueError(f"{h} heads do not divide {config['hidden_size']}")
    if config["hidden_act"] != "gelu":
        raise ValueError(
            f"hidden_act: expected gelu, got {config['hidden_act']}"
        )
    for name in shapes | weights:
        if name not in weights:
            raise ValueError(f"missing: {name}")
        if name not in shapes:
            raise ValueError(f"not a weight of this encoder: {name}")
        if weights[name].shape != shapes[name]:
            got = tuple(weights[name].shape)
            raise ValueError(f"{name}: expected {shapes[name]}, got {got}")

    def linear(name, x):
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name, x):
        scale, shift = (
            weights[f"{name}LayerNorm.{n}"] for n in ("weight", "bias")
        )
        return F.layer_norm(
            x, scale.shape, scale, shift, config["layer_norm_eps"]
        )

    def encoder(ids, segments=None, mask=None):
        names = {
            "token": "word",
            "position": "position",
            "segment": "token_type",
        }
        tables = {
            to: weights[f"embeddings.{of}_embeddings.weight"]
            for to, of in names.items()
        }
        keys = None if mask is None else (mask != 0).unsqueeze(1)
        x = norm("embeddings.", bert_embed(ids, segments, tables))
        for i in range(config["num_hidden_layers"]):
            layer = f"encoder.layer.{i}."
            parts = ("query", "key", "value")
            q, k, v = (
                linear(f"{layer}attention.self.{part}", x) for part in parts
            )
            y = linear(
                f"{layer}attention.output.dense", attend(q, k, v, h, keys)
            )
            x = norm(f"{layer}attention.output.", x + y)
            y = F.gelu(linear(f"{layer}intermediate.dense", x))
            x = norm(f"{layer}output.", x + linear(f"{layer}output.dense", y))
        return x

    return encoder
    ### END SOLUTION


# %% given="checkpoints"
def make_config(layers, h, d, d_ff, eps=1e-12):
    """Make a small config, with keys as in BERT's own."""
    return {
        "model_type": "bert",
        "hidden_act": "gelu",
        "num_hidden_layers": layers,
        "num_attention_heads": h,
        "hidden_size": d,
        "intermediate_size": d_ff,
        "vocab_size": 17,
        "max_position_embeddings": 13,
        "type_vocab_size": 2,
        "layer_norm_eps": eps,
    }


def make_checkpoint(config, seed):
    """Make weights without chance, the same on any machine."""
    weights = {}
    for k, (name, shape) in enumerate(weight_shapes(config).items()):
        at = torch.arange(math.prod(shape), dtype=torch.float64)
        wave = torch.sin(0.37 * (at + 1) ** 2 + 2.3 * k + seed)
        weights[name] = wave.float().view(shape)
    return weights


# %% test="load-no-layers" points=2
# An encoder without layers: the sum of exercise 3, and its norm.
config = make_config(0, 3, 6, 5, eps=0.5)
weights = make_checkpoint(config, seed=1)
ids, segments = (
    torch.tensor([[1, 16, 4, 4, 2]]),
    torch.tensor([[0, 0, 0, 1, 1]]),
)
found = load_encoder(weights, config)(ids, segments).float()
assert found.shape == (1, 5, 6), "The shape is (batch, n, d)."
total = (
    weights["embeddings.word_embeddings.weight"][ids]
    + weights["embeddings.position_embeddings.weight"][:5]
    + weights["embeddings.token_type_embeddings.weight"][segments]
)
scale, shift = (
    weights[f"embeddings.LayerNorm.{n}"] for n in ("weight", "bias")
)
assert torch.allclose(
    found, F.layer_norm(total, [6], scale, shift, 0.5), atol=1e-4
), (
    "The sum of three tables, then `embeddings.LayerNorm`, with the eps of "
    "the config."
)

# %% test="load-still" points=1
# A layer whose maps add nothing: three norms are left. In which order?
config = make_config(1, 3, 6, 5)
weights = make_checkpoint(config, seed=2)
weights = {n: w * 0 if ".output.dense." in n else w for n, w in weights.items()}
ids = torch.tensor([[1, 5, 2], [7, 7, 7]])
x = weights["embeddings.word_embeddings.weight"][ids]
x = x + weights["embeddings.position_embeddings.weight"][:3]
x = x + weights["embeddings.token_type_embeddings.weight"][0]
inside = "encoder.layer.0."
for name in ("embeddings.", f"{inside}attention.output.", f"{inside}output."):
    scale, shift = (weights[f"{name}LayerNorm.{n}"] for n in ("weight", "bias"))
    x = F.layer_norm(x, [6], scale, shift, 1e-12)
found = load_encoder(weights, config)(ids).float()
assert found.shape == (2, 3, 6), "The shape is (batch, n, d)."
assert torch.allclose(found, x, atol=3e-4), (
    "Both sublayers add 0 here, so each leaves the norm of its input. In what "
    "order?"
)

# %% test="load-one-layer" points=2
# A whole layer: what comes out at the second token, to four decimals.
config = make_config(1, 2, 4, 3, eps=0.01)
encoder = load_encoder(make_checkpoint(config, seed=3), config)
found = encoder(torch.tensor([[3, 14, 15]]), torch.tensor([[0, 1, 1]])).float()
assert found.shape == (1, 3, 4), "The shape is (batch, n, d)."
expected = torch.tensor([-0.7501, 0.828, 1.1549, -0.0645])
assert torch.allclose(found[0, 1], expected, atol=3e-4), (
    "Check query, key and value, both residuals, both norms, and the GELU."
)

# %% test="load-padding" points=2
# Three sentences at once: padding, at the end or in the middle, changes
# nothing.
config = make_config(2, 3, 6, 5)
encoder = load_encoder(make_checkpoint(config, seed=4), config)
ids = torch.tensor([[1, 8, 5, 6, 2], [1, 9, 2, 0, 0], [1, 12, 13, 14, 2]])
mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 1, 1]])
found = encoder(ids, None, mask).float()
assert found.shape == (3, 5, 6), "The shape is (batch, n, d)."
alone = encoder(ids[1:2, :3]).float()
assert torch.allclose(found[1, :3], alone[0], atol=1e-4), (
    "A padded sentence differs from the same one alone. Does the mask get "
    "there?"
)
other = torch.where(mask == 0, 11, ids)
again = encoder(other, None, mask.bool()).float()
assert torch.allclose(again[mask == 1], found[mask == 1], atol=1e-4), (
    "What stands on padding counts, or a mask of booleans means something else."
)
all_real = encoder(ids).float()
assert not torch.allclose(all_real[2, 0], found[2, 0], atol=1e-2), (
    "Without a mask all tokens are real, and seen."
)
same = encoder(ids, None, torch.ones_like(ids)).float()
assert torch.allclose(all_real, same, atol=1e-4), (
    "Without a mask all tokens are real, number 0 too."
)
assert not torch.allclose(found[0, 0], found[2, 0], atol=1e-2), (
    "Two sentences give the same vector."
)

# %% test="load-refuses" points=2
config = make_config(2, 3, 6, 5)
weights = make_checkpoint(config, seed=5)
name = "encoder.layer.1.output.dense.weight"
spoiled = {
    "missing": {n: w for n, w in weights.items() if n != name},
    "of a wrong shape": weights | {name: weights[name].T},
    "too many": weights
    | {"encoder.layer.2.output.dense.weight": weights[name]},
}
for what, some in spoiled.items():
    try:
        load_encoder(some, config)
        said = "nothing was raised"
    except ValueError as error:
        said = str(error)
    wanted = name.replace("1", "2") if what == "too many" else name
    assert wanted in said, (
        f"A weight is {what}: a ValueError that has its name."
    )
more = weights | {
    "pooler.dense.weight": torch.ones(6, 6),
    "pooler.dense.bias": torch.ones(6),
    "embeddings.position_ids": torch.arange(13),
}
names = list(more)
found = load_encoder(more, config)(torch.tensor([[1, 3, 2]])).float()
assert list(more) == names, "The checkpoint has lost names."
assert found.shape == (1, 3, 6), "The shape is (batch, n, d)."
last = "encoder.layer.1.output.LayerNorm."  # each vector leaves the last norm
inside = (found - weights[f"{last}bias"]) / weights[f"{last}weight"]
assert inside.mean(-1).abs().max() < 1e-3 and inside.std() > 0.5, (
    "The last norm is missing: each vector leaves `output.LayerNorm` of layer "
    "1."
)
without = load_encoder(weights, config)(torch.tensor([[1, 3, 2]])).float()
assert torch.allclose(found, without, atol=1e-5), (
    "A pooler and `embeddings.position_ids` are no error, and change nothing."
)


# %% test="load-hidden" points=3
# Hidden: equal to torch's own layers for other sizes, eleven layers and an eps
# that matters too; float16; the checkpoint stays as it is; more that is
# refused.
### BEGIN HIDDEN TESTS
def by_torch(weights, config, ids, segments, hidden):
    """Return what an encoder of torch's own layers says."""
    eps, d = config["layer_norm_eps"], config["hidden_size"]
    h, n = config["num_attention_heads"], ids.shape[1]
    keys = hidden[:, None].expand(-1, n, n).repeat_interleave(h, 0)
    front = "embeddings."
    place = torch.arange(n)
    x = sum(
        F.embedding(where, weights[f"{front}{name}_embeddings.weight"])
        for name, where in (
            ("word", ids),
            ("position", place),
            ("token_type", segments),
        )
    )
    parts = [weights[f"{front}LayerNorm.{n}"] for n in ("weight", "bias")]
    x = F.layer_norm(x, [d], *parts, eps)
    for i in range(config["num_hidden_layers"]):
        layer = nn.TransformerEncoderLayer(
            d,
            h,
            config["intermediate_size"],
            0.0,
            activation="gelu",
            layer_norm_eps=eps,
            batch_first=True,
        )
        inside = f"encoder.layer.{i}."
        own = {}
        for end in ("weight", "bias"):
            names = [
                f"{inside}attention.self.{n}.{end}"
                for n in ("query", "key", "value")
            ]
            own[f"self_attn.in_proj_{end}"] = torch.cat(
                [weights[n] for n in names]
            )
            for to, of in (
                ("self_attn.out_proj", "attention.output.dense"),
                ("norm1", "attention.output.LayerNorm"),
                ("linear1", "intermediate.dense"),
                ("linear2", "output.dense"),
                ("norm2", "output.LayerNorm"),
            ):
                own[f"{to}.{end}"] = weights[f"{inside}{of}.{end}"]
        layer.load_state_dict(own)
        x = layer(x, src_mask=keys).detach()
    return x


for seed, (layers, h, d, d_ff, eps) in enumerate(
    [
        (1, 5, 10, 3, 1e-12),
        (3, 2, 14, 29, 0.3),
        (11, 3, 6, 7, 1e-5),
        (2, 1, 7, 5, 0.1),
    ]
):
    config = make_config(layers, h, d, d_ff, eps)
    weights = make_checkpoint(config, seed + 11)
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 17, (3, 7), generator=g)
    segments = torch.randint(0, 2, (3, 7), generator=g)
    mask = torch.rand(3, 7, generator=g) < 0.6
    mask[:, 2] = True
    kept = {name: tensor.clone() for name, tensor in weights.items()}
    given = 2 * mask if seed % 2 else mask  # a number that is not zero is real
    found = load_encoder(weights, config)(ids, segments, given).float()
    expected = by_torch(kept, config, ids, segments, ~mask)
    assert found.shape == (3, 7, d), "The shape is (batch, n, d)."
    assert torch.allclose(found[mask], expected[mask], atol=3e-4), (
        "Not the encoder of the text, for other sizes, an eps that matters, "
        "or masks."
    )
    assert list(weights) == list(kept), "The checkpoint has lost or got names."
    assert all(map(torch.equal, weights.values(), kept.values())), (
        "A weight changed."
    )
config = make_config(2, 3, 6, 5)
half = {name: w.half() for name, w in make_checkpoint(config, 2).items()}
found = load_encoder(half, config)(ids).float()
none = torch.zeros_like(ids)
whole = {name: w.float() for name, w in half.items()}
expected = by_torch(whole, config, ids, none, none.bool())
assert found.shape == (3, 7, 6), "The shape is (batch, n, d)."
assert torch.allclose(found, expected, atol=3e-4), (
    "Compute float16 weights in float32."
)
weights = make_checkpoint(config, 2)
name = "encoder.layer.0.output.dense.weight"
spoiled = [
    (weights | {name: weights[name][:, 1:]}, config, name),
    (weights | {"cls.bias": torch.ones(17)}, config, "cls.bias"),
    (weights, config | {"vocab_size": 19}, "embeddings.word_embeddings.weight"),
    (weights, config | {"num_hidden_layers": 3}, "encoder.layer.2."),
    (weights, config | {"num_attention_heads": 5}, ""),
    (weights, config | {"hidden_act": "relu"}, ""),
    (weights, config | {"hidden_act": "gelu_new"}, ""),
]
for some, other, wanted in spoiled:
    try:
        load_encoder(some, other)
        said = None
    except ValueError as error:
        said = str(error)
    assert said is not None, "What does not fit must be a ValueError, at once."
    assert wanted in said, "The error must have the name of the weight."
### END HIDDEN TESTS


# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A friend trains a masked language model for search. "15% of the tokens are
# chosen, and all of these become [MASK], no 80/10/10. I take the loss over
# *all* tokens, also the ones that stayed in sight: more signal. It works: 90%
# of the tokens are right." What do these 90% say? Search will read whole
# sentences without any [MASK]: what need the model not have learned for that,
# and which change is to blame? Which number would you look at, beside which
# baseline? Three to five sentences.

# %% [markdown] written="all-masked" points=3
# 85% of the tokens stand in the input, where each is the true one: copying them
# is enough for 85%, so the 90% say little, and most of the loss pays for
# copying (1 point). At a token in sight the model may pass on what it reads
# without a look at the context, and such states are all that search will use.
# In BERT any token in sight may be a random one, and the loss asks for it, so
# each has to be held against its context; turning all chosen tokens into [MASK]
# took that away, and the loss over all tokens rewards what is left (1 point).
# The number is the accuracy on the chosen tokens alone, in held-out text,
# beside always guessing the most frequent token, the unigram baseline (1
# point).
