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
# # Efficient attention
#
# **48 points**, about an hour. Chapter 15 asked where the $n^2$ goes, and what
# can be done about it. Here you write the pieces: a softmax that needs no
# second look, attention that never holds all scores, a window, attention
# without a softmax, and heads that share their keys.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - `(..., n, d)` means: any axes in front, or none;
# - queries, keys and heads count from 0;
# - arguments are float32 or float64, where nothing else is said, and results
#   have their dtype;
# - no function changes its arguments in place;
# - torch is enough.

# %% given="imports"
import math

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

# %% [markdown] given="online-text"
# ## 1. A softmax in one pass (10 points)
#
# A softmax needs the largest score $m$ and the sum of $e^{x - m}$. Both can be
# had from scores that come chunk by chunk, each looked at once and then
# forgotten. (No test sees here whether you forget them; in exercise 2 one
# does.)
#
# `online_softmax(chunks)` gets the scores of one or more rows, cut along the
# last axis. `chunks` is **anything that `for` can go through, once**: a list,
# or a generator, which has no length and is empty after the first pass. There
# is at least one chunk. Each has shape `(..., b)`, with $b \ge 1$ that may
# **differ** from chunk to chunk; the axes in front are the same for all.
#
# Return `(largest, total)`, both of shape `(...)`: for each row the largest of
# all scores, and
#
# $$\mathrm{total} = \sum_j e^{x_j - \mathrm{largest}}$$
#
# - For chunks of shape `(b,)` both are tensors of shape `()`.
# - Scores may be in the thousands, positive or negative.
# - A score of `-inf` is that of a hidden key: it adds nothing. A whole chunk of
#   a row may be hidden, the first one too.
# - A row in which **all** scores are `-inf` has a largest of `-inf` and a total
#   of 0.
#
# *Example.* The chunks `[0, log 3]` and `[log 8]` give log 8 and 1/8 + 3/8 + 1
# = 1.5. After the first chunk alone it would have been log 3 and 1/3 + 1.


# %% solution="online"
def online_softmax(chunks):
    """Return each row's largest score and its sum of exponentials, (...)."""
    ### BEGIN SOLUTION
    largest = total = None
    for scores in chunks:
        if largest is None:
            largest = torch.full_like(scores[..., 0], -math.inf)
            total = torch.zeros_like(largest)
        new = torch.maximum(largest, scores.amax(-1))
        finite = new.masked_fill(new == -math.inf, 0.0)
        total = total * (largest - finite).exp()
        total = total + (scores - finite[..., None]).exp().sum(-1)
        largest = new
    return largest, total
    ### END SOLUTION


# %% test="online-by-hand" points=1
chunks = [torch.tensor([0.0, math.log(3)]), torch.tensor([math.log(8)])]
largest, total = online_softmax(chunks)
assert largest.shape == total.shape == (), "One row: two tensors without axes."
assert abs(largest - math.log(8)) < 1e-5, "The largest of all scores is log 8."
assert abs(total - 1.5) < 1e-4, (
    f"The total of the example is 1.5, yours is {total:.4g}. When a larger "
    "score comes, what becomes of the sum so far?"
)

# %% test="online-cuts" points=2
# The same seven scores, cut in several ways: the answer is the same.
for row in ([1.0, 2, 3, 4, 5, 6, 7], [7.0, 6, 5, 4, 3, 2, 1], [3.0] * 7):
    x = torch.tensor(row)
    for sizes in ([7], [3, 4], [1, 4, 2], [5, 1, 1], [1] * 7):
        largest, total = online_softmax(list(x.split(sizes)))
        assert largest.shape == total.shape == (), "One row: no axes."
        assert largest == x.max(), (
            f"{row} in chunks of {sizes}: the largest is {x.max():g}."
        )
        assert abs(total - (x - x.max()).exp().sum()) < 1e-4, (
            f"{row} in chunks of {sizes}: another total than in one chunk."
        )

# %% test="online-rows" points=1
# Each row of a batch has a largest and a total of its own.
x = torch.randn(2, 3, 11, generator=torch.Generator().manual_seed(1))
largest, total = online_softmax(list(x.split([5, 2, 4], -1)))
assert largest.shape == total.shape == (2, 3), (
    "For chunks (..., b) both results are (...)."
)
assert torch.equal(largest, x.amax(-1)), "Each row has a largest of its own."
weights = (x - largest[..., None]).exp() / total[..., None]
assert torch.allclose(weights, x.softmax(-1), atol=1e-5), (
    "With your results the softmax of a row is not torch's."
)

# %% test="online-huge" points=1
steps = torch.tensor([0.0, 1.0, 3.0])
weight = steps.exp().sum() / math.exp(3)
for start in (5000.0, -5000.0):
    for other in (-2000.0, 2000.0):
        chunks = [steps + start, steps + start + other]
        largest, total = online_softmax(chunks)
        assert largest == start + max(other, 0) + 3, (
            "The largest of all scores, also if all are negative."
        )
        assert abs(total - weight) < 2e-3, (  # float32 has steps of 5e-4 here
            "Scores in the thousands: take no exponential of a score itself."
        )

# %% test="online-hidden-keys" points=2
# Four rows: hidden at first, hidden later, hidden throughout, not hidden.
gone = -math.inf
first = torch.tensor([[gone, gone], [2.0, gone], [gone, gone], [0.0, 0.0]])
later = torch.tensor([[1.0, 1.0, gone], [gone] * 3, [gone] * 3, [gone, 0, 0]])
largest, total = online_softmax([first, later])
assert largest.shape == total.shape == (4,), "One result for each of the rows."
assert not total.isnan().any(), (
    "A total is NaN: -inf minus -inf is. Which rows have no finite score yet?"
)
assert largest.tolist() == [1.0, 2.0, gone, 0.0], (
    "Hidden scores don't change the largest; a row without any other has -inf."
)
assert torch.allclose(total, torch.tensor([2.0, 1.0, 0.0, 4.0])), (
    f"Totals of 2, 1, 0 and 4, yours: {total.tolist()}."
)

# %% test="online-one-pass" points=1
# A generator: no length, no index, and nothing is left after one pass.
x = torch.tensor([[1.0, 4.0, 2.0, 3.0, 5.0], [9.0, 8.0, 6.0, 9.0, 7.0]])
expected = (x - x.amax(-1)[:, None]).exp().sum(-1)
chunks = (part.clone() for part in x.split([2, 1, 2], -1))
largest, total = online_softmax(chunks)
assert largest.tolist() == [5.0, 9.0], (
    "From a generator another largest than from all scores: 5 and 9."
)
assert torch.allclose(total, expected, atol=1e-5), (
    "From a generator another total than from all scores: what if each chunk "
    "comes only once?"
)

# %% test="online-hidden" points=2
# Hidden: other axes, cuts and dtypes, many chunks, rows that are hidden here
# and there, and chunks that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (lead, sizes) in enumerate(
    [((), [3, 1, 13]), ((5,), [1] * 11), ((2, 3), [7, 2, 2]), ((2, 1, 3), [17])]
):
    for dtype in (torch.float32, torch.float64):
        g = torch.Generator().manual_seed(seed)
        whole = torch.randn(*lead, sum(sizes), generator=g).to(dtype)
        x = 3 * whole + torch.arange(sum(sizes)) * (-1) ** seed
        x = x + (900 - 700 * seed)  # 900, 200, -500, -1200
        part = torch.rand(*lead, sum(sizes), generator=g) < 0.3
        part[..., 0], part[..., -1] = True, False
        for case in (x, x.masked_fill(part, -math.inf), x * 0 - math.inf):
            chunks = list(case.split(sizes, -1))
            kept = [chunk.clone() for chunk in chunks]
            largest, total = online_softmax(chunks)
            assert largest.shape == lead, "Both results are (...)."
            assert total.shape == lead, "Both results are (...)."
            assert largest.dtype == total.dtype == dtype, "The dtype stays."
            assert torch.equal(largest, case.amax(-1)), "Not the largest score."
            top = largest.clamp(min=-1e9)[..., None]
            expected = (case - top).exp().sum(-1)
            assert torch.allclose(total, expected, rtol=1e-3, atol=1e-4), (
                "Not the sum: try other cuts, and rows hidden in part."
            )
            assert all(map(torch.equal, chunks, kept)), "A chunk has changed."
### END HIDDEN TESTS


# %% [markdown] given="tiled-text"
# ## 2. Attention in tiles (12 points)
#
# The same trick for the output: it too can be mended when a larger score comes.
# So attention needs no room for all scores.
#
# `tiled_attention(q, k, v, block)` returns the same as plain attention,
# $\mathrm{softmax}(QK^\top / \sqrt d)\,V$, for `q` and `k` of shape `(..., n,
# d)` and `v` of shape `(..., n, d_v)`; the output is `(..., n, d_v)`. Nothing
# is masked.
#
# - Take the keys and values `block` at a time; you may take all queries at
#   once. **There are never more than `(..., n, block)` scores.** The last block
#   may be shorter than the others, and `block` may be larger than `n`. If it is
#   less than 1, raise a `ValueError`.
# - Scores may be in the thousands, positive or negative, and so may the step
#   from one block to the next.
# - The arguments may be float16 too, which ends at 65504 and has three decimal
#   digits. Compute in float32 then, products and running sums, and return
#   float16. (FlashAttention keeps its sums in float32 too.)
#
# How is the room tested? In your notebook, the given cell below counts the
# numbers in the tensors that torch made and that are still held. The grader
# gives your code 1 GiB of memory, and in one test the full n × n scores alone
# take 1.08 GB.
#
# *Example.* `q = [[2, 0, 0, 0], [0, 0, 0, 0]]`, `k = [[log 3, 0, 0, 0], [0, 0,
# 0, 0]]` and `v = [[4], [8]]`. Query 0 has scores of log 3 and 0, so weights of
# 3/4 and 1/4 and an output of 5; query 1 has equal weights and an output of 6.


# %% solution="tiled"
def tiled_attention(q, k, v, block):
    """Return softmax(Q Kᵀ / √d) V, with never more than n x block scores."""
    ### BEGIN SOLUTION
    if block < 1:
        raise ValueError(f"block must be at least 1: got {block}")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)  # (..., n, 1)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)
    ### END SOLUTION


# %% given="watch"
class Watch(TorchFunctionMode):
    """Within `with Watch() as watch:`, notes how many numbers are held at once.

    It sees torch's functions in this process alone: in your notebook yours, in
    the grader only those of the test.
    """

    def __init__(self):
        super().__init__()
        self.held, self.most = WeakTensorKeyDictionary(), 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Call a function of torch; count what it made and what is left."""
        if (
            function is F.scaled_dot_product_attention
        ):  # may hold all its scores
            q, k = [*args, *(kwargs or {}).values()][:2]
            self.most = max(self.most, q.shape[-2] * k.shape[-2])
        found = function(*args, **(kwargs or {}))
        for x in found if isinstance(found, (tuple, list)) else (found,):
            if isinstance(x, torch.Tensor):
                self.held[x] = x.numel()
        self.most = max(self.most, sum(self.held.values()))
        return found


# %% test="tiled-by-hand" points=1
q = torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0]])
k = torch.tensor([[math.log(3), 0, 0, 0], [0, 0, 0, 0]])
v = torch.tensor([[4.0], [8.0]])
for block in (2, 1):
    found = tiled_attention(q, k, v, block)
    assert found.shape == (2, 1), "One row for each query."
    assert torch.allclose(found, torch.tensor([[5.0], [6.0]]), atol=1e-4), (
        f"The example, {block} key(s) at a time, gives 5 and 6; yours: "
        f"{[round(x, 3) for x in found.flatten().tolist()]}."
    )

# %% test="tiled-blocks" points=2
# Seven keys in blocks of all lengths, also such as do not divide 7.
q, k, v = torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(1))
expected = F.scaled_dot_product_attention(q, k, v)
for block in (7, 1, 2, 3, 6, 11, 1000):
    found = tiled_attention(q, k, v, block)
    assert found.shape == (7, 5), "The output is (..., n, d_v)."
    assert torch.allclose(found, expected, atol=1e-5), (
        f"With blocks of {block} the output is not that of plain attention."
    )

# %% test="tiled-axes" points=1
g = torch.Generator().manual_seed(2)
q, k = torch.randn(2, 2, 3, 11, 5, generator=g)
v = torch.randn(2, 3, 11, 13, generator=g)
found = tiled_attention(q, k, v, 4)
assert found.shape == (2, 3, 11, 13), "The output is (..., n, d_v)."
assert torch.allclose(
    found, F.scaled_dot_product_attention(q, k, v), atol=1e-5
), "Axes in front, and values of another width: not plain attention."

# %% test="tiled-huge" points=1
# Scores that rise or fall from block to block, and scores that are all low.
v = torch.randn(7, 3, generator=torch.Generator().manual_seed(3))
for scores in (
    torch.arange(7.0) * 1000,
    torch.arange(7.0) * -1000,
    torch.arange(7.0) - 5000,
    torch.arange(7.0) + 5000,
    torch.tensor([0.0, 3000, 0, 0, 3001, -3000, 2999]),
):
    found = tiled_attention(torch.ones(7, 1), scores[:, None], v, 2)
    assert found.shape == (7, 3), "The output is (..., n, d_v)."
    expected = (scores - scores.max()).softmax(-1) @ v
    # float32 has steps of 5e-4 near 5000
    assert torch.allclose(found, expected.expand(7, 3), atol=5e-3), (
        f"The scores {scores.tolist()} give another output than plain "
        "attention. Which number do you subtract, and what is mended with it?"
    )

# %% test="tiled-half" points=2
# float16: products of 130,304; scores of 1024, 1024.25, 1024.5…, where float16
# has steps of 1; one large weight, and then many small ones.
q = torch.full((3, 509), 16.0, dtype=torch.float16)
k = torch.stack([q[0], -q[0], q[0] * 0])
found = tiled_attention(q, k, torch.eye(3, dtype=torch.float16), 2)
assert found.dtype == torch.float16, "Return the dtype of the arguments."
assert found.tolist() == [[1.0, 0.0, 0.0]] * 3, (
    "float16 ends at 65504: where is a number greater than that?"
)
q = torch.tensor([[32.0, 1, 0, 0]] * 17).half()
k = torch.tensor([[64.0, j / 2, 0, 0] for j in range(17)]).half()
found = tiled_attention(q, k, torch.eye(17, dtype=torch.float16), 17)
assert found.shape == (17, 17), "The output is (..., n, d_v)."
assert (found - (torch.arange(17) / 4).softmax(-1)).abs().max() < 0.005, (
    "The scores are rounded to whole numbers: is the product float32?"
)
q, k = torch.ones(505, 1).half(), torch.zeros(505, 1).half()
k[0] = 9.3  # each other key weighs 1e-4 of this one, all together 5%
v = torch.ones(505, 2).half()
v[1:, 0] = 0
found = tiled_attention(q, k, v, 5)
assert found.shape == (505, 2), "The output is (..., n, d_v)."
assert (found - k[:, 0].float().softmax(0) @ v.float()).abs().max() < 0.01, (
    "Many small weights get lost: 1 + 0.0004 is 1 in float16. Where do the "
    "sums run?"
)

# %% test="tiled-memory" points=2
# First watched, which says something in your notebook alone; then with as many
# keys as make 1.08 GB of scores, which is more than the grader's 1 GiB.
g = torch.Generator().manual_seed(4)
for n, block in ((1009, 13), (16411, 251)):
    q, k = torch.randint(-3, 4, (2, n, 1), generator=g).float()
    v = torch.randint(-9, 10, (n, 2), generator=g).float()
    with Watch() as watch:
        found = tiled_attention(q, k, v, block)
    assert watch.most < n * n / 2, (
        f"n = {n}, block = {block}: {watch.most:,} numbers are held at once."
    )
    assert found.shape == (n, 2), "The output is (..., n, d_v)."
    expected = (q[::97] @ k.T).softmax(-1) @ v
    assert torch.allclose(found[::97], expected, atol=1e-3), (
        "With many keys the output is not that of plain attention."
    )

# %% test="tiled-errors" points=1
q = torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 2.0]])
for block in (0, -1, -7):
    try:
        tiled_attention(q, q, q, block)
        refused = False
    except ValueError:
        refused = True
    assert refused, f"A block of {block} keys: raise a ValueError."
found = tiled_attention(q, q, q, 1)
assert found.shape == (3, 2), (
    "A block of 1 is allowed. With it the output of this test is (3, 2); yours "
    f"is {tuple(found.shape)}."
)
expected = F.scaled_dot_product_attention(q, q, q)
assert torch.allclose(found, expected), (
    "A block of 1 is allowed. With it query 2 should get "
    f"{[round(x, 3) for x in expected[2].tolist()]}, as in plain attention; "
    f"yours gets {[round(x, 3) for x in found[2].tolist()]}."
)

# %% test="tiled-hidden" points=2
# Hidden: other axes, sizes, blocks and dtypes, large scores, and arguments that
# stay as they are.
### BEGIN HIDDEN TESTS
for seed, (lead, n, d, d_v) in enumerate(
    [((), 13, 3, 2), ((5,), 1, 7, 3), ((3, 2), 17, 16, 5), ((2, 1, 3), 5, 1, 1)]
):
    for dtype in (torch.float32, torch.float64, torch.float16):
        for block in (1, 3, 4, n, n + 2):
            g = torch.Generator().manual_seed(seed)
            q, k = torch.randn(2, *lead, n, d, generator=g).to(dtype)
            v = torch.randn(*lead, n, d_v, generator=g).to(dtype)
            kept = q.clone(), k.clone(), v.clone()
            found = tiled_attention(q, k, v, block)
            expected = F.scaled_dot_product_attention(
                q.double(), k.double(), v.double()
            )
            assert found.shape == expected.shape, "The output is (..., n, d_v)."
            assert found.dtype == dtype, "The dtype stays what it was."
            near = 5e-3 if dtype == torch.float16 else 1e-5
            assert torch.allclose(found.double(), expected, atol=near), (
                "Not plain attention: try other sizes, axes and blocks."
            )
            assert all(map(torch.equal, (q, k, v), kept)), (
                "An argument changed."
            )
for low, high in ((-40, 41), (-60, -19)):  # all scores negative in the second
    g = torch.Generator().manual_seed(11)
    q = torch.randint(high - 61, high, (3, 19, 4), generator=g).float().abs()
    k = torch.randint(low, high, (3, 19, 4), generator=g).float()
    v = torch.randn(3, 19, 2, generator=g)
    expected = (q.double() @ k.double().mT / 2).softmax(-1) @ v.double()
    for block in (1, 5, 18):
        found = tiled_attention(q, k, v, block).double()
        assert found.shape == (3, 19, 2), "The output is (..., n, d_v)."
        assert torch.allclose(found, expected, atol=5e-3), (
            "With large scores the output is not that of plain attention."
        )
### END HIDDEN TESTS


# %% [markdown] given="window-text"
# ## 3. A sliding window (6 points)
#
# `sliding_window_mask(n, window)` returns booleans of shape `(n, n)`, `True`
# where query $i$ may attend to key $j$: to itself and to what comes before it,
# but to no more than `window` keys in all,
#
# $$i - \mathrm{window} < j \le i.$$
#
# The first queries have fewer keys. A window of `n` or more is the causal mask.
# If `window` is less than 1, raise a `ValueError`.
#
# *Example.* For `n=4` and `window=2` the rows are `[True, False, False,
# False]`, `[True, True, False, False]`, `[False, True, True, False]` and
# `[False, False, True, True]`.


# %% solution="window"
def sliding_window_mask(n, window):
    """Return booleans (n, n), True on itself and the window - 1 keys before."""
    ### BEGIN SOLUTION
    if window < 1:
        raise ValueError(f"window must be at least 1: got {window}")
    back = torch.arange(n)[:, None] - torch.arange(n)
    return (back >= 0) & (back < window)
    ### END SOLUTION


# %% test="window-by-hand" points=2
# The example of the text, and a window of 3.
found = sliding_window_mask(4, 2)
assert found.shape == (4, 4), "n queries by n keys."
expected = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
assert found.tolist() == expected, (
    "Row i is query i. Which key is its first, and which its last?"
)
found = sliding_window_mask(5, 3)
assert found.shape == (5, 5), "n queries by n keys."
assert found.sum(-1).tolist() == [1, 2, 3, 3, 3], (
    "`window` keys, or all before."
)
assert found[4].tolist() == [0, 0, 1, 1, 1], "The window ends at the query."

# %% test="window-boolean" points=1
found = sliding_window_mask(11, 5)
assert found.dtype == torch.bool, "A mask is made of booleans."
assert found.shape == (11, 11), "n queries by n keys."
assert found.diagonal().all() and not found[0, 1:].any(), (
    "A query sees itself, and query 0 nothing else."
)

# %% test="window-edges" points=1
for window in (1, 7, 8, 1000):
    found = sliding_window_mask(7, window)
    assert found.shape == (7, 7), "n queries by n keys."
    rows = [
        [max(0, i - window + 1) <= j <= i for j in range(7)] for i in range(7)
    ]
    assert found.tolist() == rows, (
        "A window of 1 is the query itself, one of n or more the causal mask."
    )

# %% test="window-errors" points=1
for window in (0, -1, -5):
    try:
        sliding_window_mask(3, window)
        refused = False
    except ValueError:
        refused = True
    assert refused, f"A window of {window}: raise a ValueError."
found = sliding_window_mask(2, 1)
assert found.tolist() == [[1, 0], [0, 1]], (
    "sliding_window_mask(2, 1) is the identity: a window of 1 is allowed. "
    f"Yours is {found.tolist()}."
)

# %% test="window-hidden" points=1
# Hidden: other lengths and windows, and a single token.
### BEGIN HIDDEN TESTS
assert sliding_window_mask(1, 1).tolist() == [[1]], "A token sees itself."
assert sliding_window_mask(1, 3).tolist() == [[1]], "A token sees itself."
for n, window in ((13, 4), (17, 11), (6, 5), (23, 2), (5, 6)):
    found = sliding_window_mask(n, window)
    assert found.shape == (n, n), "n queries by n keys."
    rows = [[i - window < j <= i for j in range(n)] for i in range(n)]
    assert found.tolist() == rows, "Not the window, for other sizes."
### END HIDDEN TESTS


# %% [markdown] given="linear-text"
# ## 4. Linear attention (9 points)
#
# Take as the weight of a key, before normalising, not $e^{q \cdot k / \sqrt d}$
# but $\phi(q) \cdot \phi(k)$, with a function $\phi$ that makes features of a
# query or key. Then the order of the products is free.
#
# `linear_attention(q, k, v, feature_map)` takes queries `(..., m, d)`, keys
# `(..., n, d)` and values `(..., n, d_v)`. It returns `(..., m, d_v)`,
#
# $$y_i = \frac{\sum_j \big(\phi(q_i) \cdot \phi(k_j)\big)\, v_j}
# {\sum_j \phi(q_i) \cdot \phi(k_j)},$$
#
# the sums over **all** keys: nothing is masked, and nothing is divided by
# $\sqrt d$.
#
# - `feature_map` is $\phi$, a function or module. Call it with all queries, and
#   with all keys: `(..., m, d)` becomes `(..., m, r)`, and `r` need not be `d`.
#   Features are not negative.
# - **Cost.** There may be so many queries and keys that $m \times n$ numbers
#   have no room. The tests see to that as in exercise 2. (An `einsum` of three
#   arguments may make m × n numbers that the notebook's count doesn't see;
#   `check` does.)
# - Where the denominator is 0, no key has a weight, and the output is 0. Else
#   it is used as it is: features may be small, so add nothing to it.
#
# *Example.* $\phi$ leaves its argument as it is, keys `[[1, 0], [1, 1]]`,
# values `[[6], [12]]`. The query `[1, 0]` has weights of 1 and 1 and gets 9;
# `[1, 1]` has weights of 1 and 2 and gets (6 + 2 · 12) / 3 = 10; `[0, 0]` gets
# 0.


# %% solution="linear"
def linear_attention(q, k, v, feature_map):
    """Return attention by weights φ(q)·φ(k), normalised: (..., m, d_v)."""
    ### BEGIN SOLUTION
    q, k = feature_map(q), feature_map(k)
    state = k.transpose(-2, -1) @ v  # (..., r, d_v)
    seen = k.sum(-2).unsqueeze(-1)  # (..., r, 1)
    above, below = q @ state, q @ seen
    empty = below == 0
    return (above / below.masked_fill(empty, 1.0)).masked_fill(empty, 0.0)
    ### END SOLUTION


# %% test="linear-by-hand" points=1
q = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
k, v = torch.tensor([[1.0, 0.0], [1.0, 1.0]]), torch.tensor([[6.0], [12.0]])
found = linear_attention(q, k, v, lambda x: x)
assert found.shape == (2, 1), "The output is (..., m, d_v)."
assert torch.allclose(found, torch.tensor([[9.0], [10.0]])), (
    f"The example gives 9 and 10; yours: {found.flatten().tolist()}. Do the "
    "weights of a query sum to 1?"
)

# %% test="linear-definition" points=2
# Against the formula, with all weights written down; elu(x) + 1 is positive.
g = torch.Generator().manual_seed(1)
q = torch.randn(2, 3, 5, 11, generator=g)
k = torch.randn(2, 3, 7, 11, generator=g)
v = torch.randn(2, 3, 7, 13, generator=g)
found = linear_attention(q, k, v, lambda x: F.elu(x) + 1)
assert found.shape == (2, 3, 5, 13), "The output is (..., m, d_v)."
weights = (F.elu(q) + 1) @ (F.elu(k) + 1).mT
expected = weights / weights.sum(-1, keepdim=True) @ v
assert torch.allclose(found, expected, atol=1e-5), (
    "Not the formula of the text. Along which axis does each sum run?"
)

# %% test="linear-features" points=1
# Features of another width, and features that count for queries and keys.
g = torch.Generator().manual_seed(2)
q, k = torch.randn(5, 3, generator=g), torch.randn(7, 3, generator=g)
v = torch.randn(7, 2, generator=g)
for phi in (
    lambda x: torch.cat([x.relu(), (-x).relu()], -1),
    lambda x: x.square().sum(-1, keepdim=True),
    torch.nn.Sequential(torch.nn.Hardtanh(0.5, 2.0)),
):
    found = linear_attention(q, k, v, phi)
    assert found.shape == (5, 2), "The output is (..., m, d_v)."
    weights = phi(q) @ phi(k).mT
    expected = weights / weights.sum(-1, keepdim=True) @ v
    assert torch.allclose(found, expected, atol=1e-4), (
        "Another feature map: is it used for the queries and for the keys?"
    )

# %% test="linear-zero" points=1
# Query 0 has no feature in common with any key; features may be tiny.
q = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 3.0]])
k = torch.tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
v = torch.tensor([[4.0, 0.0], [8.0, 4.0]])
expected = torch.tensor([[0.0, 0.0], [6.0, 2.0], [7.0, 3.0]])
for size in (1.0, 1e-12):
    found = linear_attention(q, k, v, lambda x, size=size: x * size)
    assert found.shape == (3, 2), "The output is (..., m, d_v)."
    assert not found.isnan().any(), "A denominator is 0: an output of 0."
    assert torch.allclose(found, expected, atol=1e-3), (
        f"Features times {size:g} have the same weights once they are "
        "normalised; a query that no key answers gets 0."
    )

# %% test="linear-memory" points=2
# As in exercise 2: all weights together would need 1.08 GB.
g = torch.Generator().manual_seed(3)
for m, n in ((997, 1009), (16411, 16417)):
    q = torch.randint(1, 9, (m, 2), generator=g).float()
    k = torch.randint(0, 9, (n, 2), generator=g).float()
    v = torch.arange(float(n))[:, None] % 7
    with Watch() as watch:
        found = linear_attention(q, k, v, torch.square)
    assert watch.most < m * n / 2, (
        f"{m} queries, {n} keys: {watch.most:,} numbers are held at once. "
        "Which product comes first?"
    )
    assert found.shape == (m, 1), "The output is (..., m, d_v)."
    weights = q[::997].square() @ k.square().T
    expected = weights / weights.sum(-1, keepdim=True) @ v
    assert torch.allclose(found[::997], expected, atol=1e-3), (
        "With many keys the output is not the formula's."
    )

# %% test="linear-hidden" points=2
# Hidden: other axes, sizes, dtypes and feature maps, queries and keys that have
# nothing in common, and arguments that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (lead, m, n, d, d_v) in enumerate(
    [
        ((), 5, 3, 2, 7),
        ((3,), 1, 11, 5, 2),
        ((2, 5), 7, 1, 3, 3),
        ((7,), 6, 6, 4, 4),
    ]
):
    for dtype in (torch.float32, torch.float64):
        for phi in (
            torch.relu,
            lambda x: (F.elu(x) + 1) / 1e12,
            lambda x: torch.cat([x.exp(), torch.ones_like(x)], -1),
        ):
            g = torch.Generator().manual_seed(seed)
            q = torch.randn(*lead, m, d, generator=g).to(dtype)
            q[..., 0, :] = -1.0  # relu leaves it nothing
            k = torch.randn(*lead, n, d, generator=g).to(dtype)
            v = torch.randn(*lead, n, d_v, generator=g).to(dtype)
            kept = q.clone(), k.clone(), v.clone()
            found = linear_attention(q, k, v, phi)
            weights = phi(q) @ phi(k).mT
            below = weights.sum(-1, keepdim=True)
            expected = (weights @ v / below).masked_fill(below == 0, 0.0)
            assert found.shape == expected.shape, "The output is (..., m, d_v)."
            assert found.dtype == dtype, "The dtype stays what it was."
            assert torch.allclose(found, expected, atol=1e-4), (
                "Not the formula: try other sizes, axes and feature maps."
            )
            assert all(map(torch.equal, (q, k, v), kept)), (
                "An argument changed."
            )
### END HIDDEN TESTS


# %% [markdown] given="grouped-text"
# ## 5. Heads that share their keys (8 points)
#
# `grouped_query_attention(q, k, v)` takes queries `(batch, h, n, d)`, and keys
# and values `(batch, g, n, d)` of **fewer** heads: $h / g$ query heads in a row
# share a head of keys and its values. Query head $i$ uses head
#
# $$\left\lfloor \frac{i}{h / g} \right\rfloor$$
#
# of keys and values. Each query head attends with its own queries, softmax over
# the keys of the scores divided by $\sqrt d$, and nothing is masked. Return
# `(batch, h, n, d)`.
#
# With $g = h$ this is multi-head attention, with $g = 1$ multi-query attention.
# If $g$ does not divide $h$, raise a `ValueError`. Scores may be in the
# thousands.
#
# *Example.* With h = 6 and g = 3 the query heads 0 and 1 use head 0 of the
# keys, 2 and 3 use head 1, and 4 and 5 use head 2. If the values are all 10 in
# head 0, all 20 in head 1 and all 30 in head 2, the outputs of the six heads
# are 10, 10, 20, 20, 30 and 30, whatever the scores are.


# %% solution="grouped"
def grouped_query_attention(q, k, v):
    """Let each of h query heads attend to one of g heads of keys and values."""
    ### BEGIN SOLUTION
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError(
            f"{g} heads of keys do not divide {h} heads of queries"
        )
    queries = q.unflatten(1, (g, h // g)) / math.sqrt(q.shape[-1])
    scores = queries @ k.unsqueeze(2).transpose(-2, -1)  # (batch, g, h/g, n, n)
    return (scores.softmax(-1) @ v.unsqueeze(2)).flatten(1, 2)
    ### END SOLUTION


# %% test="grouped-values" points=1
# The example of the text: whose values does each head get?
g = torch.Generator().manual_seed(1)
q = torch.randn(1, 6, 5, 2, generator=g)
k = torch.randn(1, 3, 5, 2, generator=g)
v = torch.tensor([10.0, 20, 30]).view(1, 3, 1, 1).expand(1, 3, 5, 2)
found = grouped_query_attention(q, k, v)
assert found.shape == (1, 6, 5, 2), "The output is (batch, h, n, d)."
heads = found[0, :, 0, 0].round().tolist()
assert heads == [10, 10, 20, 20, 30, 30], (
    f"The heads should get 10, 10, 20, 20, 30 and 30; yours get {heads}."
)
assert torch.allclose(found, found[:, :, :1, :1].round(), atol=1e-3), (
    "All values of a head are equal, so all its outputs are."
)

# %% test="grouped-keys" points=1
# Query head i asks for component i // 2 of the key heads; n = 2, d = 4.
q = torch.zeros(1, 4, 2, 4)
q[0, :, 0, 0] = 2.0  # so the scores are the keys' first components
k = torch.zeros(1, 2, 2, 4)
k[0, 0, 0, 0], k[0, 1, 0, 0] = math.log(3), math.log(7)
v = torch.tensor([8.0, 0.0])[None, None, :, None].expand(1, 2, 2, 4)
found = grouped_query_attention(q, k, v)
assert found.shape == (1, 4, 2, 4), "The output is (batch, h, n, d)."
assert torch.allclose(
    found[0, :, 0, 0], torch.tensor([6.0, 6.0, 7.0, 7.0]), atol=1e-4
), (
    "Query 0 of the four heads should get 6, 6, 7 and 7; yours: "
    f"{[round(x, 3) for x in found[0, :, 0, 0].tolist()]}. By what do you "
    "divide, and which keys does each head use?"
)
assert torch.allclose(found[0, :, 1], torch.full((4, 4), 4.0), atol=1e-4), (
    "Query 1 has equal scores and gets the mean of the values."
)

# %% test="grouped-heads" points=2
# Each head by itself, with torch's attention; from one key head to as many as
# there are query heads.
for h, g in ((6, 1), (6, 2), (6, 3), (6, 6)):
    generator = torch.Generator().manual_seed(h + g)
    q = torch.randn(5, h, 7, 11, generator=generator)
    k, v = torch.randn(2, 5, g, 7, 11, generator=generator)
    found = grouped_query_attention(q, k, v)
    assert found.shape == q.shape, "The output is (batch, h, n, d)."
    for i in range(h):
        j = i * g // h
        alone = F.scaled_dot_product_attention(q[:, i], k[:, j], v[:, j])
        assert torch.allclose(found[:, i], alone, atol=1e-5), (
            f"h = {h}, g = {g}: query head {i} should use head {j} of keys and "
            "values."
        )

# %% test="grouped-errors" points=1
x = torch.arange(120.0).view(1, 6, 5, 4) / 100
for h, g in ((6, 4), (4, 3), (3, 6), (5, 2)):
    try:
        grouped_query_attention(x[:, :h], x[:, :g], x[:, :g])
        refused = False
    except ValueError:
        refused = True
    assert refused, f"{g} heads do not divide {h}: raise a ValueError."
found = grouped_query_attention(x[:, :4], x[:, :2], x[:, :2])
assert found.shape == (1, 4, 5, 4), (
    "2 heads of keys for 4 of queries are allowed. The output of this test is "
    f"(1, 4, 5, 4); yours is {tuple(found.shape)}."
)
alone = F.scaled_dot_product_attention(x[:, 3], x[:, 1], x[:, 1])
assert torch.allclose(found[:, 3], alone, atol=1e-4), (
    "2 heads of keys for 4 of queries are allowed. Query 0 of head 3 should "
    f"get {[round(x, 3) for x in alone[0, 0].tolist()]}; yours gets "
    f"{[round(x, 3) for x in found[0, 3, 0].tolist()]}."
)

# %% test="grouped-hidden" points=3
# Hidden: other sizes and dtypes, scores in the thousands, heads and sequences
# that must not meet, and arguments that stay as they are.
### BEGIN HIDDEN TESTS
for seed, (batch, h, g, n, d) in enumerate(
    [
        (1, 8, 2, 3, 5),
        (3, 15, 5, 7, 2),
        (2, 4, 4, 1, 3),
        (7, 9, 3, 9, 9),
        (2, 5, 1, 5, 4),
    ]
):
    for dtype in (torch.float32, torch.float64):
        generator = torch.Generator().manual_seed(seed)
        q = torch.randn(batch, h, n, d, generator=generator).to(dtype)
        k, v = torch.randn(2, batch, g, n, d, generator=generator).to(dtype)
        kept = q.clone(), k.clone(), v.clone()
        found = grouped_query_attention(q, k, v)
        assert found.shape == q.shape, "The output is (batch, h, n, d)."
        assert found.dtype == dtype, "The dtype stays what it was."
        for i in range(h):
            j = i // (h // g)
            alone = F.scaled_dot_product_attention(q[:, i], k[:, j], v[:, j])
            assert torch.allclose(found[:, i], alone, atol=1e-5), (
                "Not the attention of each head: try other sizes."
            )
        assert all(map(torch.equal, (q, k, v), kept)), "An argument changed."
generator = torch.Generator().manual_seed(11)
q = torch.randint(-60, 61, (2, 6, 5, 4), generator=generator).float()  # exact
k = torch.randint(-60, 61, (2, 2, 5, 4), generator=generator).float()
v = torch.randn(2, 2, 5, 4, generator=generator)
found = grouped_query_attention(q, k, v)
assert found.shape == q.shape, "The output is (batch, h, n, d)."
for i in range(6):
    expected = (q[:, i] @ k[:, i // 3].mT / 2).softmax(-1) @ v[:, i // 3]
    assert torch.allclose(found[:, i], expected, atol=5e-3), (
        "With scores in the thousands it is not the attention of each head."
    )
### END HIDDEN TESTS


# %% [markdown] given="written-text"
# ## 6. In your own words (3 points)
#
# A model with 32 layers, 32 heads and $d = 128$ reads prompts of $n = 32{,}768$
# tokens, and runs out of memory. It reads one prompt at a time and stores each
# number in two bytes. Two friends have advice.
#
# - Anna: "Take tiled attention with blocks of 128. Scores and cache become
#   small, and it needs less arithmetic too, so four times as long a prompt will
#   take only four times as long."
# - Ben: "Take a sliding window of 4,096 in all layers of the trained model. 32
#   layers reach back 32 · 4,095 tokens, more than a prompt has. So nothing is
#   lost, and nothing needs training."
#
# What is right and what is wrong in each? Give bytes for the scores of one head
# of one layer, before and after, and for the cache of keys and values, and say
# what would make the cache four times smaller. What may go wrong when a
# question at the end of the prompt asks for a number that stands 20,000 tokens
# before it? Six to nine sentences.

# %% [markdown] written="friends" points=3
# Anna is right about the scores: n² · 2 bytes = 2 GiB for one head (4 with the
# weights) become n · 128 · 2 bytes = 8 MiB with all queries at once, or 128 ·
# 128 · 2 bytes = 32 KiB with 128 queries at a time (either is right), and the
# output stays the same. But each score is still computed, so the arithmetic is
# the same and four times as long a prompt needs 16 times as much (1 point). And
# the cache does not change: 2 · 32 layers · 32 heads · 128 · 32,768 tokens · 2
# bytes = 16 GiB; 8 heads of keys and values, each shared by 4 query heads,
# would make it 4 GiB (1 point). Ben is right that a path exists. But the number
# is in no key or value that the last query can see: it would have to be handed
# on, over at least five windows, in states of fixed width, by layers that do
# not yet know what will be asked, and that were trained to look directly. So
# the answer may well be lost, and the model's outputs change from position
# 4,096 on (1 point).
