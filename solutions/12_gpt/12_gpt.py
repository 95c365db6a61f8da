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
# # GPT
#
# **50 points**, about an hour. Chapter 12 trained a small GPT and let it write.
# Here you write what stands around such a model: the loss, the filters for
# sampling, the cache of keys and values, the attention that looks back into it,
# the loop that generates, and the score by which induction heads are found.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - $V$ is the number of tokens in the vocabulary; ids are integers from 0 to
#   $V - 1$;
# - positions, layers and tokens count from 0;
# - `(..., n)` means: any axes in front, or none;
# - results have the dtype of the floating-point arguments;
# - no function changes its arguments in place.

# %% given="imports"
import itertools
import math

import torch
from torch import nn
from torch.nn import functional as F

# %% [markdown] given="loss-text"
# ## 1. The loss of the next token (6 points)
#
# The section "The loss of the next token" has whole texts. Here padding is left
# out, any axes stand in front, and a batch may have nothing to guess.
#
# `next_token_loss(logits, ids)` takes logits `(..., n, V)` and ids `(..., n)`.
# The logits at position $t$ are a guess at the id at position $t + 1$. So the
# last logits have nothing to guess, and nobody guesses the first id. The loss
# is the mean of the cross-entropies, with natural logarithms, over **all**
# pairs that count, in all sequences together:
#
# $$L = -\frac{1}{|C|} \sum_{t \in C} \log \mathrm{softmax}(\mathbf
# z_t)_{x_{t+1}}$$
#
# with the logits $\mathbf z_t$, the ids $x_t$, and $C$ the positions whose next
# id counts.
#
# A **negative** id is padding. As a target it does not count: it costs nothing,
# and the mean is over the other targets. What stands at position $t$ itself
# does not matter: the first token behind padding is a target like any other. If
# no target counts (one position alone, or nothing but padding) the loss is 0,
# with a gradient of zeros or with none. Return a tensor without axes.
# Logits may be in the thousands.
#
# *Example.* V = 2, ids `[0, 1, 1]`, logits `[[0, log 3], [0, 0], [9, 9]]`. The
# targets are 1 and 1, with probabilities 3/4 and 1/2, so the loss is (0.288 +
# 0.693) / 2 = 0.490.


# %% solution="loss"
def next_token_loss(logits, ids):
    """Return the mean cross-entropy of each next id, padding left out."""
    ### BEGIN SOLUTION
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = targets >= 0
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)
    ### END SOLUTION


# %% test="loss-by-hand" points=1
logits = torch.tensor([[0.0, math.log(3)], [0.0, 0.0], [9.0, 9.0]])
found = next_token_loss(logits, torch.tensor([0, 1, 1]))
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - (math.log(4 / 3) + math.log(2)) / 2) < 1e-4, (
    "The example of the text: which logits guess which id?"
)

# %% test="loss-batch" points=1
g = torch.Generator().manual_seed(1)
logits, ids = torch.randn(3, 5, 7, generator=g), torch.arange(15).view(3, 5) % 7
expected = F.cross_entropy(logits[:, :4].reshape(12, 7), ids[:, 1:].reshape(12))
found = next_token_loss(logits, ids)
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - expected) < 1e-4, (
    "Shift inside each sequence: the last token of one does not guess the "
    "next one's."
)

# %% test="loss-padding" points=2
# Sequences of five, three and four tokens, one of them padded in front.
# Padding is any negative id: -1 and -7 here.
g = torch.Generator().manual_seed(2)
logits = 2 * torch.randn(3, 5, 7, generator=g)
ids = torch.tensor([[1, 2, 3, 4, 5], [6, 5, 4, -7, -1], [-1, 0, 2, 2, 6]])
logs = logits.log_softmax(-1)
pairs = [(0, 0, 2), (0, 1, 3), (0, 2, 4), (0, 3, 5), (1, 0, 5), (1, 1, 4)]
pairs += [(2, 0, 0), (2, 1, 2), (2, 2, 2), (2, 3, 6)]
expected = -sum(logs[b, t, k].item() for b, t, k in pairs) / len(pairs)
found = next_token_loss(logits, ids)
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - expected) < 1e-4, (
    f"Ten targets count here, and the loss is {expected:.3f}: yours is "
    f"{found:.3f}. Which ids are targets, and by what do you divide?"
)

# %% test="loss-hidden" points=2
# Hidden: other axes and dtypes, other negative ids, nothing to guess, large
# logits, gradients, and arguments that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (lead, n, V) in enumerate(
    [((), 11, 3), ((2, 3), 7, 5), ((5,), 2, 13)]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        logits = torch.randn(*lead, n, V, generator=g).to(dtype)
        ids = torch.randint(0, V, (*lead, n), generator=g)
        ids.view(-1)[1] = -100
        ids.view(-1)[-1] = -1
        kept, before = ids.clone(), logits.clone()
        logs, costs = logits.log_softmax(-1).view(-1, n, V), []
        for b, row in enumerate(ids.view(-1, n).tolist()):
            costs += [
                -logs[b, t, k].item() for t, k in enumerate(row[1:]) if k >= 0
            ]
        found = next_token_loss(logits, ids)
        assert found.shape == (), "One number for all: a tensor without axes."
        assert found.dtype == dtype, "The loss has the dtype of the logits."
        assert abs(found - sum(costs) / len(costs)) < 1e-4, (
            "Not the mean over the targets that count: try other axes."
        )
        assert torch.equal(ids, kept), "Leave the ids as they are."
        assert torch.equal(logits, before), "Leave the logits as they are."
for ids in (
    torch.tensor([[3], [4]]),
    torch.tensor([[2, -1, -1], [-7, -1, -1]]),
):
    found = next_token_loss(torch.randn(*ids.shape, 5), ids)
    assert found.shape == () and found == 0, "Nothing to guess costs 0."
large = torch.tensor([[3000.0, 0.0], [0.0, 3000.0], [0.0, 0.0]])
found = next_token_loss(large, torch.tensor([0, 0, 0]))
assert abs(found - 1500) < 0.1, "Large logits: a log of a softmax overflows."
logits = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(7))
ids = torch.tensor([[0, 2, 1, 1, 0], [1, 2, -1, -1, -1]])
logits.requires_grad_()
next_token_loss(logits, ids).backward()
twin = logits.detach().clone().requires_grad_()
F.cross_entropy(
    twin[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), ignore_index=-1
).backward()
assert logits.grad is not None, "Let the gradient pass."
assert torch.allclose(logits.grad, twin.grad, atol=1e-5), (
    "The gradient differs: what does not count must send none."
)
### END HIDDEN TESTS


# %% [markdown] given="filter-text"
# ## 2. Temperature, top-k, top-p (11 points)
#
# The section "One distribution, three filters" filters one list of
# probabilities. Here each row of logits is filtered by itself, temperature 0
# and ties included.
#
# `filter_logits(logits, temperature, top_k, top_p)` takes logits `(..., V)` and
# returns a new tensor of the same shape and dtype, to be sampled from after a
# softmax. Each distribution, along the last axis, is filtered by itself. In
# this order:
#
# 1. **Temperature** $\ge 0$: divide the logits by it. At a temperature of **0**
#    only the largest logit stays (of equal ones the first), as it is,
#    undivided; steps 2 and 3 then have nothing to do.
# 2. **Top-k**, an integer $\ge 1$, or `None` for all: the $k$ largest stay. Of
#    equal logits the one with the smaller id wins, so that **exactly** $k$
#    stay; all $V$ if $k > V$.
# 3. **Top-p**, with $0 < p \le 1$, or `None` for all: take the softmax of what
#    step 2 **has left**, in the dtype of the logits, so that it sums to 1
#    again. Go through the tokens from the most probable on, of equal ones the
#    smaller id first. A token stays as long as the sum of those **before** it
#    is less than $p$. So the token that crosses $p$ stays too, there is always
#    one at least, and `1` removes nothing, not even where the sum is rounded up
#    to 1 before the end.
#
# What is removed becomes `-inf`. A logit that is `-inf` already has a
# probability of 0 and stays `-inf`; there is at least one that is finite. Raise
# a `ValueError` for a negative temperature, for `top_k < 1`, and for a `top_p`
# that is not in (0, 1].
#
# *Example.* Probabilities of .4, .3, .2 and .1, given as logarithms, with a
# temperature of 1. `top_k=2` leaves .4 and .3. `top_p=0.6` leaves them too:
# before the second the sum is .4, before the third .7. With `top_k=2` **and**
# `top_p=0.55` only the first stays: of the two that top-k has left it has 4/7 =
# .57.
#
# *One way.* Sort each row once with `argsort(descending=True, stable=True)`,
# decide on the sorted row, and put all back in its place with `scatter`.
# Without `stable=True` equal logits may change places, in long rows above all.


# %% solution="filter"
def filter_logits(logits, temperature, top_k, top_p):
    """Return logits to sample from: divided, -inf where one is removed."""
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must not be negative: got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1: got {top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must lie in (0, 1]: got {top_p}")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        falling = falling.masked_fill(
            torch.arange(logits.shape[-1]) >= top_k, -math.inf
        )
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)
    ### END SOLUTION


# %% test="filter-temperature" points=1
logits = torch.tensor([[2.0, -4.0, 0.0], [1.0, 3.0, 2.0]])
found = filter_logits(logits, 0.5, None, None)
assert found.shape == (2, 3), "The shape stays (..., V)."
assert torch.allclose(
    found, torch.tensor([[4.0, -8.0, 0.0], [2.0, 6.0, 4.0]])
), "Divide by the temperature; without top_k and top_p nothing is removed."

# %% test="filter-top-k" points=1
# Of the three equal logits, those with the smaller ids win.
logits = torch.tensor([[1.0, 5.0, 3.0, 4.0, 2.0], [3.0, 0.0, 3.0, 1.0, 3.0]])
gone = -math.inf
for k, rows in (
    (1, [[gone, 5.0, gone, gone, gone], [3.0, gone, gone, gone, gone]]),
    (2, [[gone, 5.0, gone, 4.0, gone], [3.0, gone, 3.0, gone, gone]]),
    (7, logits.tolist()),
):
    found = filter_logits(logits, 1.0, k, None)
    assert found.tolist() == rows, (
        "Exactly k of each row stay, of equal ones the first; or all, if k > V."
    )
found = filter_logits(torch.zeros(50), 1.0, 3, None).isfinite()
assert found.nonzero().flatten().tolist() == [0, 1, 2], (
    "Of 50 equal logits the ids 0, 1 and 2 stay; yours: "
    f"{found.nonzero().flatten().tolist()}. Is your sort stable?"
)

# %% test="filter-top-p" points=2
# .4, .3, .2 and .1, in another order.
logits = torch.tensor([0.2, 0.4, 0.1, 0.3]).log()
for p, kept in (
    (0.05, [1]),
    (0.35, [1]),
    (0.6, [1, 3]),
    (0.75, [0, 1, 3]),
    (0.95, [0, 1, 2, 3]),
    (1, [0, 1, 2, 3]),
):
    found = filter_logits(logits, 1.0, None, p)
    assert found.isfinite().nonzero().flatten().tolist() == kept, (
        "The sum of those before a token decides. Does the token that crosses "
        "p stay?"
    )
    assert torch.allclose(found[kept], logits[kept]), (
        "What stays stays as it is."
    )
found = filter_logits(torch.zeros(4), 1.0, None, 0.5)
assert found.isfinite().tolist() == [True, True, False, False], (
    "Four quarters: before the third the sum is .5, which is not less than p."
)

# %% test="filter-order" points=1
# Of .4 and .3, which top-k leaves, the first has 4/7; of all four at a
# temperature of .5, where probabilities are squared, it has 16/30.
logits = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
for (temperature, k, p), kept in (
    ((1.0, 2, 0.55), 1),
    ((1.0, 2, 0.6), 2),
    ((0.5, None, 0.5), 1),
    ((0.5, None, 0.6), 2),
    ((2.0, None, 0.65), 3),
):
    found = filter_logits(logits, temperature, k, p)
    assert found.isfinite().tolist() == [True] * kept + [False] * (4 - kept), (
        "First the temperature, then top-k, then top-p on the softmax of what "
        "is left."
    )
    assert torch.allclose(found[:kept], logits[:kept] / temperature), (
        "What stays is the logit divided by the temperature."
    )

# %% test="filter-greedy" points=1
logits = torch.tensor([[-1.0, 2.0, 2.0], [0.5, -7.0, 0.0], [-3.0, -5.0, -2.0]])
gone = -math.inf
expected = [[gone, 2.0, gone], [0.5, gone, gone], [gone, gone, -2.0]]
for k, p in ((None, None), (2, None), (None, 1.0), (3, 0.9)):
    found = filter_logits(logits, 0, k, p)
    assert found.tolist() == expected, (
        "At a temperature of 0 the largest stays, of equal ones the first, "
        "undivided."
    )

# %% test="filter-errors" points=1
logits = torch.tensor([1.0, 3.0, 2.0])
for temperature, k, p in (
    (-0.1, None, None),
    (1.0, 0, None),
    (1.0, -2, None),
    (1.0, None, 0.0),
    (1.0, None, -0.5),
    (1.0, None, 1.01),
):
    try:
        filter_logits(logits, temperature, k, p)
        refused = False
    except ValueError:
        refused = True
    assert refused, f"No ValueError for {temperature}, {k}, {p}."
assert filter_logits(logits, 2.0, 1, 1.0).tolist() == [
    -math.inf,
    1.5,
    -math.inf,
], "top_k=1 and top_p=1.0 are right."


# %% test="filter-hidden" points=3
# Hidden: against a slow version, with other axes, dtypes and settings; many
# equal logits; the logits stay as they are.
### BEGIN HIDDEN TESTS
def slowly(row, temperature, k, p):
    """Follow the text to the letter, token by token."""
    numbers = [x / temperature for x in row]
    order = sorted(range(len(row)), key=lambda j: -numbers[j])[:k]
    shares = [math.exp(numbers[j] - numbers[order[0]]) for j in order]
    total, kept, before = sum(shares), set(), 0.0
    for j, share in zip(order, shares, strict=True):
        if p is None or before < p:
            kept.add(j)
        before += share / total
    return [x if j in kept else -math.inf for j, x in enumerate(numbers)]


# Each p lies well between two sums, for all rows of its setting.
for seed, (lead, V, temperature, k, p) in enumerate(
    [
        ((), 11, 1.0, None, 0.7),
        ((5,), 7, 0.7, 3, None),
        ((2, 3), 13, 1.3, 5, 0.8),
        ((3,), 17, 3.0, None, 0.25),
        ((2,), 5, 0.1, 11, 0.99),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        steps = torch.stack([torch.randperm(V, generator=g) for _ in range(30)])
        logits = 0.73 * steps[: math.prod(lead)].reshape(*lead, V).to(dtype)
        before = logits.clone()
        found = filter_logits(logits, temperature, k, p)
        rows = [
            slowly(r, temperature, k, p) for r in logits.view(-1, V).tolist()
        ]
        expected = torch.tensor(rows, dtype=dtype).view(*lead, V)
        assert found.shape == expected.shape, "The shape stays (..., V)."
        assert found.dtype == dtype, "The dtype stays that of the logits."
        assert torch.equal(found.isfinite(), expected.isfinite()), (
            "Not the tokens that stay: try other axes, and top-k with top-p."
        )
        assert torch.allclose(found, expected, atol=1e-4), (
            "The right tokens with other logits."
        )
        assert torch.equal(logits, before), "Leave the logits as they are."
even = torch.zeros(2, 13)
for k, p, kept in ((5, None, 5), (None, 0.5, 7), (5, 0.5, 3), (13, 1.0, 13)):
    found = filter_logits(even, 1.0, k, p)
    assert (
        found.isfinite().tolist() == [[True] * kept + [False] * (13 - kept)] * 2
    ), "All logits are equal: the smaller ids stay."
### END HIDDEN TESTS

# %% test="filter-extremes" points=1
# Hidden: logits that are -inf already, large ones, long tails.
### BEGIN HIDDEN TESTS
holes = torch.tensor([-math.inf, 1.0, -math.inf, 2.0, 0.0])
for (k, p), kept in (
    ((None, None), [1, 3, 4]),
    ((4, None), [1, 3, 4]),
    ((2, None), [1, 3]),
    ((None, 0.8), [1, 3]),
    ((2, 0.7), [3]),
    ((None, 1.0), [1, 3, 4]),
):
    found = filter_logits(holes, 1.0, k, p)
    assert not found.isnan().any(), "A logit of -inf gives NaN."
    assert found.isfinite().nonzero().flatten().tolist() == kept, (
        "A logit of -inf has a probability of 0, and stays -inf."
    )
largest = holes.where(holes == 2, -math.inf)
for lead in ((), (2, 3)):
    found = filter_logits(holes.expand(*lead, 5), 0.0, 3, 0.3)
    assert found.shape == (*lead, 5), "The shape stays (..., V)."
    assert torch.equal(found, largest.expand(*lead, 5)), (
        "At a temperature of 0 the largest stays alone."
    )
tail = torch.cat([torch.tensor([30.0]), torch.zeros(1008)])
found = filter_logits(tail, 1.0, None, 1.0)
assert torch.equal(found, tail), (
    "top_p=1 removes nothing, not even a long tail."
)
found = filter_logits(tail[:7] * 100, 1.0, None, 0.5)
assert found.tolist() == [3000.0] + [-math.inf] * 6, "Large logits overflow."
### END HIDDEN TESTS


# %% [markdown] given="cache-text"
# ## 3. A cache of keys and values (8 points)
#
# A model that writes token by token needs the keys and values of all earlier
# tokens again and again, in each layer. `KVCache()` keeps them. Unlike that of
# the section "What need not be computed again", it counts layer by layer,
# refuses what does not fit, and can forget. It is a class with three methods:
#
# - `append(layer, keys, values)` stores new positions behind those that this
#   layer has, and returns `(all_keys, all_values)` of this layer, oldest first;
# - `length(layer=0)` returns how many positions this layer has, an `int`; 0 if
#   nothing was stored for it;
# - `crop(length)` forgets all positions from `length` on, **in all layers**. A
#   layer that has no more than that stays as it is. It returns nothing.
#
# Keys are `(batch, heads, n, d)` and values `(batch, heads, n, d_v)`; a call
# may bring any number `n` of new positions. Layers are integers and come in any
# order. One layer, or one cache, never changes another.
#
# `append` raises a `ValueError` if keys and values differ in batch, heads or
# `n`, or if they differ from what this layer has in batch, heads or width.
# After an error the cache is what it was before. `crop` raises a `ValueError`
# for a negative length.
#
# *Example.* After `append(0, k, v)` with 5 positions and `append(0, k, v)` with
# one more, `length()` is 6 and `length(1)` is 0. After `crop(2)` the first two
# are left.


# %% solution="cache"
class KVCache:
    """Keep the keys and values of each layer, position by position."""

    def __init__(self):
        ### BEGIN SOLUTION
        self.layers = {}
        ### END SOLUTION

    def append(self, layer, keys, values):
        """Store new positions of a layer; return all its keys and values."""
        ### BEGIN SOLUTION
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError(
                f"keys {keys.shape} and values {values.shape} differ"
            )
        if layer in self.layers:
            for old, new in zip(
                self.layers[layer], (keys, values), strict=True
            ):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError(
                        f"{new.shape} does not fit behind {old.shape}"
                    )
            old_keys, old_values = self.layers[layer]
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values
        ### END SOLUTION

    def length(self, layer=0):
        """Return how many positions a layer has."""
        ### BEGIN SOLUTION
        return self.layers[layer][0].shape[2] if layer in self.layers else 0
        ### END SOLUTION

    def crop(self, length):
        """Forget all positions from `length` on, in all layers."""
        ### BEGIN SOLUTION
        if length < 0:
            raise ValueError(f"length must not be negative: got {length}")
        self.layers = {
            layer: (keys[:, :, :length], values[:, :, :length])
            for layer, (keys, values) in self.layers.items()
        }
        ### END SOLUTION


# %% test="cache-appends" points=2
# Five positions, then one, then two.
g = torch.Generator().manual_seed(1)
keys, values = torch.randn(2, 2, 3, 8, 7, generator=g)
cache = KVCache()
for start, end in ((0, 5), (5, 6), (6, 8)):
    found = cache.append(0, keys[:, :, start:end], values[:, :, start:end])
    for name, x, whole in zip(
        ("keys", "values"), found, (keys, values), strict=True
    ):
        assert x.shape == (2, 3, end, 7), (
            f"All {name} are (batch, heads, so far, d)."
        )
        assert torch.equal(x, whole[:, :, :end]), (
            f"The {name} are not those stored so far, oldest first."
        )

# %% test="cache-layers" points=1
# Two caches, two layers each; the numbers say where each tensor belongs.
one, other = KVCache(), KVCache()
for cache, layer, number in ((one, 1, 1.0), (one, 0, 2.0), (other, 1, 3.0)):
    full = torch.full((1, 2, 3, 5), number)
    cache.append(layer, full, -full)
keys, values = one.append(1, torch.ones(1, 2, 2, 5), -torch.ones(1, 2, 2, 5))
assert keys.shape == (1, 2, 5, 5), "Layer 1 of this cache has 3 + 2 positions."
assert (keys == 1).all() and (values == -1).all(), (
    "Something of another layer, or of another cache, has come in."
)

# %% test="cache-length" points=1
cache, x = KVCache(), torch.ones(2, 3, 5, 7)
lengths = [cache.length()]
for layer, n in ((0, 5), (0, 2), (1, 4)):
    cache.append(layer, x[:, :, :n], x[:, :, :n])
    lengths.append(cache.length())
assert lengths == [0, 5, 7, 7], (
    "The positions of layer 0: 0, then 5, then 5 + 2."
)
assert (cache.length(1), cache.length(2)) == (4, 0), "Each layer has a length."

# %% test="cache-crop" points=1
g = torch.Generator().manual_seed(2)
keys, values = torch.randn(2, 2, 3, 8, 7, generator=g)
cache = KVCache()
cache.append(0, keys, values)
cache.append(1, keys[:, :, :3], values[:, :, :3])
cache.append(2, values, keys)
cache.crop(5)
assert [cache.length(layer) for layer in (0, 1, 2)] == [5, 3, 5], (
    "All layers are cropped; those with less stay as they are."
)
found = cache.append(2, values[:, :, 7:], keys[:, :, 7:])
for x, whole in zip(found, (values, keys), strict=True):
    assert x.shape == (2, 3, 6, 7), (
        "Five positions were left; now there are six."
    )
    assert torch.equal(x, whole[:, :, [0, 1, 2, 3, 4, 7]]), (
        "The first positions stay, and new ones come behind them."
    )

# %% test="cache-errors" points=1
cache, x = KVCache(), torch.arange(210.0).view(2, 3, 5, 7)
cache.append(0, x, x)
for layer, keys, values in (
    (0, x, x[:, :, :4]),  # another number of positions
    (0, x[:, :2], x),  # other heads
    (0, x[:1], x[:1]),  # another batch than before
    (0, x[:, :1], x[:, :1]),  # other heads than before
    (0, x[..., :1], x),  # keys of another width than before
    (0, x, x[..., :6]),  # values of another width than before
    (1, x, x[:, :, :1]),  # nothing was stored for layer 1: another number,
    (1, x, x[:, :1]),  # other heads,
    (1, x[:1], x),  # another batch
):
    try:
        cache.append(layer, keys, values)
        refused = False
    except ValueError:
        refused = True
    assert refused, (
        f"Layer {layer}: no ValueError for {tuple(keys.shape)}, "
        f"{tuple(values.shape)}."
    )
try:
    cache.crop(-1)
    refused = False
except ValueError:
    refused = True
assert refused, "No ValueError for a negative length."
for layer, whole in ((0, torch.cat([x, x[:, :, :1]], 2)), (1, x[:, :, :1])):
    for found in cache.append(layer, x[:, :, :1], x[:, :, :1]):
        assert found.shape == whole.shape, (
            "An append that is refused stores nothing."
        )
        assert torch.equal(found, whole), "Not what was stored."

# %% test="cache-hidden" points=2
# Hidden: other sizes and dtypes, values of another width than the keys, layers
# in any order, cropping to nothing and then going on, and arguments that stay
# as they are.
### BEGIN HIDDEN TESTS
g = torch.Generator().manual_seed(3)
for batch, heads, d, d_v, dtype in (
    (1, 1, 3, 3, torch.float32),
    (3, 2, 5, 11, torch.float64),
    (2, 7, 2, 1, torch.float32),
):
    cache, kept = KVCache(), {}
    for layer, n in ((3, 2), (0, 5), (3, 1), (11, 7), (0, 1), (3, 3), (0, 2)):
        keys = torch.randn(batch, heads, n, d, generator=g).to(dtype)
        values = torch.randn(batch, heads, n, d_v, generator=g).to(dtype)
        before = keys.clone(), values.clone()
        old = kept.get(layer, (keys[:, :, :0], values[:, :, :0]))
        kept[layer] = tuple(
            torch.cat(pair, 2) for pair in zip(old, (keys, values), strict=True)
        )
        found = cache.append(layer, keys, values)
        for x, expected in zip(found, kept[layer], strict=True):
            assert x.shape == expected.shape, "Not all positions of this layer."
            assert x.dtype == dtype, "The dtype stays what it was."
            assert torch.equal(x, expected), (
                "Not what was stored, oldest first."
            )
        assert torch.equal(keys, before[0]), "Leave the keys as they are."
        assert torch.equal(values, before[1]), "Leave the values as they are."
    lengths = [cache.length(layer) for layer in (0, 3, 11, 1)]
    assert lengths == [8, 6, 7, 0], "Each layer has a length."
    cache.crop(7)
    cache.crop(7)
    lengths = [cache.length(layer) for layer in (0, 3, 11, 1)]
    assert lengths == [7, 6, 7, 0], (
        "Only positions from `length` on are forgotten."
    )
    cache.crop(3)
    for layer, old in kept.items():
        new = [x[:, :, :2] + 1 for x in old]
        for x, first, more in zip(
            cache.append(layer, *new), old, new, strict=True
        ):
            assert x.shape[2] == 5, "Three positions stay, two are new."
            assert torch.equal(x, torch.cat([first[:, :, :3], more], 2)), (
                "In each layer the first positions stay, keys and values."
            )
    cache.crop(0)
    assert [cache.length(layer) for layer in (0, 3, 11)] == [0, 0, 0], (
        "crop(0) forgets everything."
    )
    new = [
        torch.randn(batch, heads, 3, w, generator=g).to(dtype) for w in (d, d_v)
    ]
    for x, expected in zip(cache.append(0, *new), new, strict=True):
        assert x.shape == expected.shape, "After crop(0) the cache begins anew."
        assert torch.equal(x, expected), "After crop(0) the cache begins anew."
### END HIDDEN TESTS


# %% [markdown] given="attention-text"
# ## 4. Attention behind a cache (7 points)
#
# The section "What need not be computed again" compares three masks for one
# text. Here you write the right one for any number of new tokens behind any
# cache.
#
# With a cache, the queries are those of the **new** tokens alone, while keys
# and values are those of all tokens so far. `causal_attention(query, keys,
# values)` takes `query` `(..., m, d)`, `keys` `(..., n, d)` and `values` `(...,
# n, d_v)`, with $m \le n$. The queries belong to the **last** `m` of the `n`
# positions: query $i$ stands at position $n - m + i$, and may attend to this
# position and to all before it. Return the output `(..., m, d_v)` of scaled
# dot-product attention, softmax over the keys of the scores divided by $\sqrt
# d$.
#
# For $m = n$ this is the causal attention of training, for $m = 1$ the last
# step of generation, where nothing is hidden; what lies between is needed when
# a long prompt comes in chunks. If $m > n$, raise a `ValueError`. Scores may be
# in the thousands, of hidden keys too.
#
# *Example.* With `m = 2` queries and `n = 3` keys, all of them `[0.]`, and the
# values `[[3.], [6.], [9.]]`, query 0 sees two keys and query 1 all three: the
# output is `[[4.5], [6.]]`.


# %% solution="attention"
def causal_attention(query, keys, values):
    """Attend from the last m of n positions, each to itself and to the past."""
    ### BEGIN SOLUTION
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError(f"more queries than keys: got {m} and {n}")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values
    ### END SOLUTION


# %% test="attention-by-hand" points=1
values = torch.tensor([[3.0], [6.0], [9.0]])
found = causal_attention(torch.zeros(2, 1), torch.zeros(3, 1), values)
assert found.shape == (2, 1), "One row for each query."
assert torch.allclose(found, torch.tensor([[4.5], [6.0]])), (
    "The example of the text: query 0 stands at position 1, query 1 at "
    "position 2."
)

# %% test="attention-chunks" points=2
# Eleven positions at once; then in chunks; then one by one.
g = torch.Generator().manual_seed(1)
query, keys, values = torch.randn(3, 2, 3, 11, 5, generator=g)
whole = F.scaled_dot_product_attention(query, keys, values, is_causal=True)
for borders in ([0, 11], [0, 5, 7, 11], [0, 2, 11], list(range(12))):
    for start, end in itertools.pairwise(borders):
        found = causal_attention(
            query[..., start:end, :], keys[..., :end, :], values[..., :end, :]
        )
        assert found.shape == (2, 3, end - start, 5), (
            "The output is (..., m, d_v)."
        )
        assert torch.allclose(found, whole[..., start:end, :], atol=1e-4), (
            f"Queries {start} to {end - 1} behind {end} keys get another "
            "output than "
            "when all come at once. Which keys may each of them see?"
        )

# %% test="attention-future" points=1
# Query 0 stands at position 2, so keys 3 and 4 are its future.
g = torch.Generator().manual_seed(2)
query, keys, values = torch.randn(3, 5, 7, generator=g)
before = causal_attention(query[2:], keys, values)
assert before.shape == (3, 7), "The output is (..., m, d_v)."
keys[4], values[4] = 100 * query[4], 1000.0
after = causal_attention(query[2:], keys, values)
assert torch.allclose(before[:2], after[:2], atol=1e-4), (
    "A key that comes later changes what a query gets."
)
assert torch.allclose(after[2], values[4], atol=0.1), (
    "The last query stands at position 4 and sees the key there."
)
# Two positions, all scores -14400: query 0 sees key 0 alone, query 1 both.
x, values = torch.full((2, 1), 120.0), torch.tensor([[3.0], [6.0]])
found = causal_attention(x, -x, values)
assert torch.allclose(found, torch.tensor([[3.0], [4.5]])), (
    "Whatever the scores are, a hidden key has a weight of 0: the output is 3 "
    f"and 4.5, yours {found.flatten().tolist()}."
)

# %% test="attention-errors" points=1
x = torch.arange(15.0).view(5, 3)
for m, n in ((5, 4), (2, 1)):
    try:
        causal_attention(x[:m], x[:n], x[:n])
        refused = False
    except ValueError:
        refused = True
    assert refused, "More queries than keys: raise a ValueError."
found = causal_attention(x[:1], x[1:2], x[2:3])
assert found.shape == (1, 3), "The output is (..., m, d_v)."
assert torch.allclose(found, x[2:3]), (
    "One query, one key: all the weight is on it."
)

# %% test="attention-hidden" points=2
# Hidden: other axes, sizes and dtypes, values of another width, large scores,
# and arguments that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (lead, m, n, d, d_v) in enumerate(
    [
        ((), 3, 7, 5, 2),
        ((5,), 1, 11, 3, 3),
        ((2, 3), 5, 5, 7, 11),
        ((3,), 6, 7, 1, 5),
    ]
):
    for scale, dtype in (
        (1.0, torch.float64),
        (1.0, torch.float32),
        (60.0, None),
    ):
        g = torch.Generator().manual_seed(seed)
        query = scale * torch.randn(*lead, m, d, generator=g).to(
            dtype or torch.float64
        )
        keys = scale * torch.randn(*lead, n, d, generator=g).to(query.dtype)
        values = torch.randn(*lead, n, d_v, generator=g).to(query.dtype)
        kept = query.clone(), keys.clone(), values.clone()
        mask = torch.arange(n) <= torch.arange(n - m, n)[:, None]
        expected = F.scaled_dot_product_attention(query, keys, values, mask)
        found = causal_attention(query, keys, values)
        assert found.shape == expected.shape, "The output is (..., m, d_v)."
        assert found.dtype == query.dtype, "The dtype stays what it was."
        assert torch.allclose(found, expected, atol=1e-4), (
            "Not causal attention, for other sizes or for large scores."
        )
        assert all(map(torch.equal, (query, keys, values), kept)), (
            "An argument changed."
        )
### END HIDDEN TESTS


# %% [markdown] given="generate-text"
# ## 5. Generate (10 points)
#
# `generate(model, ids, n, generator, cache=True)` continues each row of `ids`,
# int64 `(batch, t)` with $t \ge 1$, by `n` tokens, and returns `(batch, t +
# n)`: the ids that came, then the new ones. In the section "Writing" the model
# fills a cache that it is handed. Here, as in many libraries, it hands back
# itself what it wants to remember:
#
# `logits, past = model(tokens, past)`
#
# The model is a function or a module, and is called in this way only.
#
# - `tokens` are integers `(batch, m)`; the logits are `(batch, m, V)`, one
#   distribution behind each token that was given, so the last one tells what
#   comes next;
# - `past` is what the model remembers of the tokens it got in earlier calls.
#   You need not know what it is: `None` says that there were none, and what the
#   model returns is what you give it with the tokens that come **next**.
#
# With `cache=True` the first call gets all of `ids`, and each later one only
# the token that was drawn last, `(batch, 1)`, with the newest `past`. With
# `cache=False` each call gets all tokens so far and `None`. In both cases there
# are exactly `n` calls (no call for the last token drawn, none at all for
# `n=0`), made under `torch.no_grad()`.
#
# Draw the next token of all rows at once, with one call a step:
# `torch.multinomial(probabilities, 1, generator=generator)`, the probabilities
# being the softmax of the last logits, in their own dtype. Nothing is filtered
# here. Who wants a temperature or top-k wraps the model in a function that
# filters its logits.
#
# *Example.* If the logits of a model are 0 for the token behind the one that it
# got last and `-inf` for all others, then `[[3, 4]]` becomes `[[3, 4, 5, 6,
# 7]]` with `n=3`. With the cache the calls get `[[3, 4]]`, `[[5]]` and `[[6]]`;
# without it `[[3, 4]]`, `[[3, 4, 5]]` and `[[3, 4, 5, 6]]`.


# %% solution="generate"
def generate(model, ids, n, generator, cache=True):
    """Return the ids (batch, t + n): those given, then n that are drawn."""
    ### BEGIN SOLUTION
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids
    ### END SOLUTION


# %% given="generate-models"
def summing(V, notes, grads=None):
    """Make a model that is sure of its next token: the sum so far, modulo V.

    Its past is the sum of the tokens of earlier calls. What it is called with
    goes into `notes`, and whether gradients are recorded then into `grads`.
    """
    grads = [] if grads is None else grads

    def model(tokens, past):
        """Return the logits, and the sum of all tokens so far."""
        grads.append(torch.is_grad_enabled())
        notes.append((tokens.tolist(), None if past is None else past.tolist()))
        sums = tokens.cumsum(1) + (0 if past is None else past[:, None])
        logits = torch.full((*tokens.shape, V), -math.inf)
        return logits.scatter(2, sums[:, :, None] % V, 0.0), sums[:, -1]

    return model


def guessing(table):
    """Make a model that looks at the last token alone: logits (V, V)."""
    return lambda tokens, past: (table[tokens], None)


# %% test="generate-sure" points=1
# 1 + 2 = 3, 1 + 2 + 3 = 6, and so on, modulo 7.
for cache in (True, False):
    found = generate(
        summing(7, []), torch.tensor([[1, 2]]), 5, torch.Generator(), cache
    )
    assert found.shape == (1, 7), "The ids that came, then n new ones."
    assert found.tolist() == [[1, 2, 3, 6, 5, 3, 6]], (
        "The model is sure of each token. Is it called with what it expects?"
    )

# %% test="generate-cache" points=2
# With the cache the model gets each token once, with what it remembers of the
# others.
notes, grads = [], []
ids = torch.tensor([[3, 1, 2], [0, 0, 5]])
found = generate(summing(11, notes, grads), ids, 4, torch.Generator())
assert found.tolist() == [[3, 1, 2, 6, 1, 2, 4], [0, 0, 5, 5, 10, 9, 7]], (
    f"Got {found.tolist()}. Does each call get the newest `past` of the model?"
)
assert len(notes) == 4, (
    "Four new tokens need exactly 4 calls of the model: there were "
    f"{len(notes)}."
)
assert notes == [
    ([[3, 1, 2], [0, 0, 5]], None),
    ([[6], [5]], [6, 5]),
    ([[1], [10]], [12, 10]),
    ([[2], [9]], [13, 20]),
], (
    "Look at what each call gets: only new tokens, and the past of all before "
    "them."
)
assert not any(grads), (
    f"{sum(grads)} of 4 calls record gradients: call the model under "
    "torch.no_grad()."
)

# %% test="generate-no-cache" points=1
notes = []
found = generate(
    summing(11, notes), torch.tensor([[3, 1, 2]]), 3, None, cache=False
)
assert found.tolist() == [[3, 1, 2, 6, 1, 2]], (
    "The same tokens as with the cache."
)
assert len(notes) == 3, (
    "Three new tokens need exactly 3 calls of the model: there were "
    f"{len(notes)}."
)
assert notes == [
    ([[3, 1, 2]], None),
    ([[3, 1, 2, 6]], None),
    ([[3, 1, 2, 6, 1]], None),
], "Without the cache, each call gets all tokens so far and no past."

# %% test="generate-draws" points=2
# The same generator gives the same text, drawn as the text says.
g = torch.Generator().manual_seed(1)
table = torch.randn(7, 7, generator=g)
ids = torch.tensor([[0], [3], [6]])
expected, own = ids, torch.Generator().manual_seed(2)
for _ in range(11):
    shares = table[expected[:, -1]].softmax(-1)
    drawn = torch.multinomial(shares, 1, generator=own)
    expected = torch.cat([expected, drawn], 1)
for cache in (True, False):
    generator = torch.Generator().manual_seed(2)
    found = generate(guessing(table), ids, 11, generator, cache)
    assert found.shape == (3, 12), "The ids that came, then n new ones."
    assert torch.equal(found, expected), (
        "Not the tokens that multinomial draws from the softmax with this "
        "generator."
    )


# %% given="generate-gpt"
class SmallGPT(nn.Module):
    """Two layers of attention behind a cache, with learned positions."""

    def __init__(self, V, heads, d, longest, make_cache, attend, seed):
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        width = heads * d
        self.heads, self.make_cache, self.attend = heads, make_cache, attend
        self.tokens = torch.randn(V, width, generator=g)
        self.positions = torch.randn(longest, width, generator=g)
        self.maps = torch.randn(2, width, 3 * width, generator=g) / math.sqrt(
            width
        )

    def forward(self, tokens, past):
        """Return the logits, and the cache with these tokens in it."""
        past = self.make_cache() if past is None else past
        start = past.length()  # asked for before anything is appended
        x = (
            self.tokens[tokens]
            + self.positions[start : start + tokens.shape[1]]
        )
        for layer, W in enumerate(self.maps):
            q, k, v = (
                y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
                for y in (x @ W).chunk(3, dim=-1)
            )
            all_keys, all_values = past.append(layer, k, v)
            x = x + self.attend(q, all_keys, all_values).transpose(
                1, 2
            ).flatten(2)
        return x @ self.tokens.T / x.shape[-1], past


class NoCache:
    """Keeps nothing: for whole sequences."""

    def length(self):
        """Nothing is stored."""
        return 0

    def append(self, layer, keys, values):
        """Give back what came."""
        return keys, values


def in_torch(query, keys, values):
    """Attend to the past, in torch."""
    return F.scaled_dot_product_attention(query, keys, values, is_causal=True)


# %% test="generate-gpt-cache" points=2
# Your cache, your attention and your loop in a small GPT. Without a cache, and
# with torch's own attention, it writes the same.
V, heads, d = 13, 2, 3
ids = torch.tensor([[1, 5, 2, 8, 0], [7, 7, 3, 11, 12]])
model = SmallGPT(V, heads, d, 11, KVCache, causal_attention, seed=3)
found = [
    generate(model, ids, 6, torch.Generator().manual_seed(4), cache)
    for cache in (True, False)
]
twin, expected = SmallGPT(V, heads, d, 11, NoCache, in_torch, seed=3), ids
own = torch.Generator().manual_seed(4)
for _ in range(6):
    shares = twin(expected, None)[0][:, -1].softmax(-1)
    drawn = torch.multinomial(shares, 1, generator=own)
    expected = torch.cat([expected, drawn], 1)
assert found[1].shape == (2, 11), "The ids that came, then n new ones."
assert torch.equal(found[1], expected), (
    "Without the cache another text comes out: look at exercise 4 and at "
    "`generate`."
)
assert torch.equal(found[0], expected), "With the cache another text comes out."

# %% test="generate-hidden" points=2
# Hidden: other sizes, no new tokens, a single one, logits of -inf, no
# gradients, and ids that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (batch, t, n, V) in enumerate(
    [(1, 1, 7, 3), (5, 2, 3, 11), (2, 7, 1, 5)]
):
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, V, (batch, t), generator=g)
    table = 2 * torch.randn(V, V, generator=g)
    table[torch.rand(V, V, generator=g) < 0.3] = -math.inf
    table.fill_diagonal_(1.0)
    kept, expected = ids.clone(), ids
    own = torch.Generator().manual_seed(seed)
    for _ in range(n):
        shares = table[expected[:, -1]].softmax(-1)
        drawn = torch.multinomial(shares, 1, generator=own)
        expected = torch.cat([expected, drawn], 1)
    for cache in (True, False):
        notes, grads = [], []
        sure = summing(V, notes, grads)
        generator = torch.Generator().manual_seed(seed)
        found = generate(guessing(table), ids, n, generator, cache)
        assert found.shape == (batch, t + n), (
            "The ids that came, then n new ones."
        )
        assert torch.equal(found, expected), "Not what multinomial draws."
        found, total = generate(sure, ids, n, generator, cache), ids
        for _ in range(n):
            total = torch.cat([total, total.sum(1, keepdim=True) % V], 1)
        assert torch.equal(found, total), "Not what the model is sure of."
        assert len(notes) == n, "One call for each new token, and no more."
        fed = sum(len(tokens[0]) for tokens, _ in notes)
        every = t + n - 1 if cache else n * t + n * (n - 1) // 2
        assert fed == every, (
            "Count the tokens that the model gets, in all calls."
        )
        assert grads == [False] * n, "Call the model under torch.no_grad()."
    assert torch.equal(ids, kept), "Leave the ids as they are."
notes, ids = [], torch.tensor([[2, 3, 5]])
assert generate(summing(7, notes), ids, 0, None).tolist() == [[2, 3, 5]], (
    "No new token: the ids as they came."
)
assert notes == [], "No new token: no call."
### END HIDDEN TESTS


# %% [markdown] given="induction-text"
# ## 6. Who looks behind the last occurrence? (5 points)
#
# The section "Induction heads" computes this score of one matrix by hand. Here
# any axes stand in front, and periods that make no sense are refused.
#
# In a sequence of distinct tokens that repeats itself every `period` tokens, an
# induction head looks from each token to the one that **followed** its last
# occurrence: there stands what will come next.
#
# `induction_score(weights, period)` takes attention weights `(..., n, n)`,
# queries then keys, and returns `(...)`: for each matrix the mean weight that a
# query at position $t$ puts on the key at position $t - \text{period} + 1$. The
# mean is over the queries whose token **has occurred before**, $t =
# \text{period}, \dots, n - 1$; `n` need not be a multiple of the period. A
# period of 1, which the chapter's function allows, is refused here: the key
# behind the last occurrence would be the query itself. Batch, heads and
# whatever else stands in front are kept; for a single matrix a tensor without
# axes comes back. Raise a `ValueError` unless $2 \le \text{period} < n$.
#
# *Example.* In A B C A B the period is 3. The second A, at position 3, should
# look at B, position 1, and the second B, at position 4, at C, position 2. If
# these weights are 0.6 and 0.2, the score is 0.4.


# %% solution="induction"
def induction_score(weights, period):
    """Return the mean weight on the token behind the last occurrence: (...)."""
    ### BEGIN SOLUTION
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError(f"period must lie in [2, {n - 1}]: got {period}")
    queries = torch.arange(period, n)
    return weights[..., queries, queries - period + 1].mean(-1)
    ### END SOLUTION


# %% test="induction-by-hand" points=1
# The example of the text, A B C A B; position 2 looks at position 0 for no
# reason.
weights = torch.eye(5)
weights[2] = torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0])
weights[3] = torch.tensor([0.1, 0.6, 0.1, 0.2, 0.0])
weights[4] = torch.tensor([0.3, 0.1, 0.2, 0.0, 0.4])
found = induction_score(weights, 3)
assert found.shape == (), "One matrix, one number: a tensor without axes."
assert abs(found - 0.4) < 1e-5, (
    "Which queries count, and at which key should they look?"
)

# %% test="induction-heads" points=1
# Four heads: behind the last occurrence, at it, at the token before, at all
# alike.
n, period = 14, 7
t = torch.arange(n)
heads = torch.zeros(4, n, n)
heads[0, t, (t - period + 1).clamp(min=0)] = 1
heads[1, t, (t - period).clamp(min=0)] = 1
heads[2, t, (t - 1).clamp(min=0)] = 1
heads[3] = torch.ones(n, n).tril() / (t + 1)[:, None]
found = induction_score(heads, period)
assert found.shape == (4,), "One score for each head."
expected = [1.0, 0.0, 0.0, sum(1 / (t + 1) for t in range(7, 14)) / 7]
assert torch.allclose(found, torch.tensor(expected), atol=1e-5), (
    "Head 0 is an induction head; the others are not."
)

# %% test="induction-errors" points=1
weights = torch.ones(5, 5).tril() / torch.arange(1.0, 6.0)[:, None]
for period in (0, 1, -3, 5, 6, 11):
    try:
        induction_score(weights, period)
        refused = False
    except ValueError:
        refused = True
    assert refused, f"A period of {period} with 5 tokens: no ValueError."
assert abs(induction_score(weights, 4) - 0.2) < 1e-5, "A period of 4 is right."
assert abs(induction_score(weights, 2) - 47 / 180) < 1e-5, (
    "A period of 2 is right."
)

# %% test="induction-hidden" points=2
# Hidden: other axes, lengths, periods and dtypes, against a slow version.
### BEGIN HIDDEN TESTS
for seed, (lead, n, period) in enumerate(
    [
        ((), 11, 2),
        ((3,), 13, 5),
        ((2, 3), 7, 6),
        ((2, 1, 5), 23, 11),
        ((7,), 10, 3),
    ]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        weights = (
            (3 * torch.randn(*lead, n, n, generator=g)).softmax(-1).to(dtype)
        )
        before = weights.clone()
        found = induction_score(weights, period)
        flat = weights.view(-1, n, n).tolist()
        rows = [
            sum(w[t][t - period + 1] for t in range(period, n)) / (n - period)
            for w in flat
        ]
        expected = torch.tensor(rows, dtype=dtype).view(lead)
        assert found.shape == lead, "The axes in front are kept."
        assert found.dtype == dtype, "The dtype stays that of the weights."
        assert torch.allclose(found, expected, atol=1e-5), (
            "Another mean, for other sizes: which queries, and which key for "
            "each?"
        )
        assert torch.equal(weights, before), "Leave the weights as they are."
### END HIDDEN TESTS


# %% [markdown] given="written-text"
# ## 7. In your own words (3 points)
#
# The section "What need not be computed again" starts from a mask and shows
# what goes wrong. Here you start from what goes wrong, and count.
#
# A friend has put a cache into a GPT with 12 layers, 12 heads and $d = 64$
# numbers a head, multi-head attention. A call with a single token uses no mask,
# any other call does. Text that is written token by token is right. But when a
# prompt of 1,000 tokens is read in chunks of 100, the answers differ from those
# without a cache, from the second chunk on. What is most likely wrong, and why
# does it not show when tokens come one by one, or in the first chunk? How many
# numbers does the cache hold after these 1,000 tokens, for one sequence, and
# how many if four query heads shared each key head? Three to five sentences.

# %% [markdown] written="chunks" points=3
# Its causal mask forgets the length of the past: query i of a chunk is allowed
# keys 0 to i, where it should see all of the past and the chunk up to itself.
# No mask at all would spoil the first chunk too (1 point). A single token gets
# no mask and may see everything; in the first chunk the past is empty, and a
# mask without offset is the right one (1 point). It holds keys and values, so
# 2 · 12 layers · 12 heads · 64 · 1,000 tokens = 18.4 million numbers; with 3
# key heads in place of 12 a quarter of that, 4.6 million (1 point).
