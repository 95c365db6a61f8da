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
# # The Transformer
#
# **46 points**, about an hour. Chapter 9 put a translator together. Here you
# write its parts: the norm, the feed-forward network, both layers in both
# orders, the smoothed loss, the learning rate, and a beam search.
#
# Replace `raise NotImplementedError()` in each cell, then run the tests below
# it. Hidden tests use other sizes and other numbers, but ask for nothing that
# the text does not say. In the whole notebook:
#
# - a mask is `True` where a query **may attend**;
# - weights are loaded with `load_state_dict`, so names of parameters and
#   submodules must be those of the text, and there may be no others;
# - vectors, logits and log-probabilities come in float32; what you return may
#   be float32 or float64;
# - there is no dropout, and no function changes its arguments in place.

# %% given="imports"
import math

import torch
from torch import nn
from torch.nn import functional as F


# %% given="heads"
class MultiHeadedAttention(nn.Module):
    """Attend h times in parallel: what you built for chapter 7, no dropout."""

    def __init__(self, h, d_model):
        super().__init__()
        self.h = h
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        """Return (batch, q, d_model); the mask broadcasts to (batch, q, k)."""
        q, k, v = (
            f(x).unflatten(-1, (self.h, -1)).transpose(1, 2)
            for f, x in ((self.W_q, query), (self.W_k, key), (self.W_v, value))
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if mask is not None:
            mask = mask.unsqueeze(-3)  # the same for all heads
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        return self.W_o((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


# %% [markdown] given="norm-text"
# ## 1. Layer norm (5 points)
#
# *From "Layer norm". The chapter normalises one vector by hand; here there are
# learned weights, and any axes in front.*
#
# `LayerNorm(d, eps)` is a module with two parameters of shape `(d,)`: `weight`,
# which starts as ones, and `bias`, which starts as zeros. Its `forward(x)`
# takes `x` of shape `(..., d)`, with any axes in front or none, and returns the
# same shape:
#
# $$\frac{\mathbf x - \mu}{\sqrt{\sigma^2 + \varepsilon}} \odot \mathbf w
# + \mathbf b$$
#
# $\mu$ and $\sigma^2$ are mean and variance of *each vector by itself*, over
# the last axis. The variance is the biased one, divided by `d`; $\varepsilon$
# stands inside the root. Write it out: don't call `nn.LayerNorm` or
# `F.layer_norm`.
#
# *Example.* With `eps=0`, `[1., 2., 3., 6.]` has mean 3 and variance 3.5, and
# becomes `[-1.069, -0.535, 0., 1.604]`.


# %% solution="norm"
class LayerNorm(nn.Module):
    """Bring each vector to mean 0 and variance 1, then scale and shift it."""

    def __init__(self, d, eps):
        super().__init__()
        ### BEGIN SOLUTION
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred**2).mean(-1, keepdim=True)
        return (
            centred / torch.sqrt(variance + self.eps) * self.weight + self.bias
        )
        ### END SOLUTION


# %% test="norm-by-hand" points=1
# (1, 3) has mean 2 and variance 1; with eps = 3 it is divided by 2.
found = LayerNorm(2, 3.0)(torch.tensor([1.0, 3.0])).float()
assert found.shape == (2,), "One vector comes back as one vector."
assert torch.allclose(found, torch.tensor([-0.5, 0.5]), atol=1e-5), (
    "Check the mean, then the variance (divided by d), then where eps is added."
)

# %% test="norm-each-vector" points=1
g = torch.Generator().manual_seed(1)
x = 3 * torch.randn(2, 3, 5, 7, generator=g) + 11
found = LayerNorm(7, 1e-5)(x).float()
assert found.shape == x.shape, "The shape stays (..., d)."
assert found.mean(-1).abs().max() < 1e-3, (
    "Each vector has mean 0, over its last axis."
)
assert (found.var(-1, correction=0) - 1).abs().max() < 1e-3, (
    "Each vector has a (biased) variance of 1, over its last axis."
)

# %% test="norm-weights" points=1
module = LayerNorm(3, 0.0)
names = sorted(module.state_dict())
assert names == ["bias", "weight"], f"Two parameters, not these: {names}."
x = torch.tensor([[0.0, 0.0, 6.0], [7.0, 1.0, 1.0]])
half = 1 / math.sqrt(2)  # (-2, -2, 4) / √8
expected = torch.tensor([[-half, -half, 2 * half], [2 * half, -half, -half]])
found = module(x).float()
assert found.shape == (2, 3), f"The shape stays (..., d): {tuple(found.shape)}."
assert torch.allclose(found, expected, atol=1e-4), (
    f"Fresh weights change nothing, so look at mean and variance: {found[0]}."
)
weight, bias = torch.tensor([2.0, 3.0, 5.0]), torch.tensor([7.0, 11.0, 13.0])
module.load_state_dict({"weight": weight, "bias": bias})
assert torch.allclose(module(x).float(), expected * weight + bias, atol=1e-4), (
    "Scale with `weight` and shift by `bias`, after normalising."
)

# %% test="norm-torch-hidden" points=2
# Hidden: equal to torch's, gradients too, for other shapes, sizes and eps.
### BEGIN HIDDEN TESTS
for seed, (shape, eps) in enumerate(
    [((5,), 0.5), ((3, 11), 1e-5), ((2, 1, 3, 13), 2.0)]
):
    g = torch.Generator().manual_seed(seed)
    parts = {n: torch.randn(shape[-1], generator=g) for n in ("weight", "bias")}
    ours = LayerNorm(shape[-1], eps)
    ours.load_state_dict(parts)
    x = torch.randn(shape, generator=g)
    found = ours(x).float()
    true = F.layer_norm(x, shape[-1:], parts["weight"], parts["bias"], eps)
    assert found.shape == true.shape, "The shape stays (..., d)."
    assert torch.allclose(found, true, atol=1e-4), (
        "Not the formula: look at the axis, the divisor d, eps in the root."
    )
g = torch.Generator().manual_seed(7)
x = torch.randn(3, 11, generator=g).requires_grad_()
twin = x.detach().clone().requires_grad_()
(LayerNorm(11, 0.5)(x) ** 3).sum().backward()
(F.layer_norm(twin, [11], eps=0.5) ** 3).sum().backward()
assert x.grad is not None, "Let the gradient pass."
assert torch.allclose(x.grad, twin.grad, atol=1e-2, rtol=1e-3), (
    "The gradient also passes through mean and variance."
)
### END HIDDEN TESTS


# %% [markdown] given="network-text"
# ## 2. The feed-forward network (4 points)
#
# *From "A network at every position": the equation there, for any axes in
# front.*
#
# `FeedForward(d_model, d_ff)` has two submodules, both `nn.Linear` with a bias:
# `W_1` from `d_model` to `d_ff`, and `W_2` back. Its `forward(x)` takes
# `(..., d_model)` and returns
# $\max(0, \mathbf x \mathbf W_1 + \mathbf b_1)\, \mathbf W_2 + \mathbf b_2$ of
# the same shape.
#
# *Example.* With `d_model = d_ff = 1`, both weights 2 and both biases 1, the
# vector `[3.]` becomes 2 · 7 + 1 = `[15.]`, and `[-3.]` becomes 2 · 0 + 1 =
# `[1.]`.


# %% solution="network"
class FeedForward(nn.Module):
    """Two linear maps with a ReLU between, the same at every position."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        ### BEGIN SOLUTION
        self.W_1 = nn.Linear(d_model, d_ff)
        self.W_2 = nn.Linear(d_ff, d_model)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.W_2(torch.relu(self.W_1(x)))
        ### END SOLUTION


# %% given="network-weights"
def network_weights(d_model, d_ff, seed):
    """Draw a state dict for a feed-forward network."""
    g = torch.Generator().manual_seed(seed)
    return {
        "W_1.weight": torch.randn(d_ff, d_model, generator=g),
        "W_1.bias": torch.randn(d_ff, generator=g),
        "W_2.weight": torch.randn(d_model, d_ff, generator=g),
        "W_2.bias": torch.randn(d_model, generator=g),
    }


# %% test="network-by-hand" points=1
module = FeedForward(1, 1)
two, one = torch.tensor([[2.0]]), torch.tensor([1.0])
module.load_state_dict(
    {"W_1.weight": two, "W_1.bias": one, "W_2.weight": two, "W_2.bias": one}
)
found = module(torch.tensor([[3.0], [-3.0]])).float()
assert found.shape == (2, 1), "The shape stays (..., d_model)."
assert torch.allclose(found, torch.tensor([[15.0], [1.0]]), atol=1e-5), (
    "The example of the text: where does the ReLU stand?"
)

# %% test="network-positions" points=1
# A word in another place changes that place, and no other.
module = FeedForward(5, 13)
module.load_state_dict(network_weights(5, 13, seed=1))
x = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(2))
other = x.clone()
other[:, 3] = 2.0
before, after = module(x).float(), module(other).float()
assert before.shape == (2, 7, 5), "The shape stays (..., d_model)."
assert not torch.allclose(before, x, atol=0.5), (
    "What comes out is what went in."
)
moved = (before - after).abs().amax(-1) > 1e-3
assert moved.tolist() == [[False] * 3 + [True] + [False] * 3] * 2, (
    "Each position passes by itself."
)

# %% test="network-hidden" points=2
# Hidden: other sizes, d_ff less than d_model too, and any axes in front.
### BEGIN HIDDEN TESTS
for seed, (lead, d_model, d_ff) in enumerate(
    [((), 7, 3), ((5,), 3, 11), ((2, 1, 3), 5, 5)]
):
    parts = network_weights(d_model, d_ff, seed)
    module = FeedForward(d_model, d_ff)
    module.load_state_dict(parts)
    x = torch.randn(
        *lead, d_model, generator=torch.Generator().manual_seed(seed)
    )
    inside = (x @ parts["W_1.weight"].T + parts["W_1.bias"]).clamp(min=0)
    expected = inside @ parts["W_2.weight"].T + parts["W_2.bias"]
    found = module(x).float()
    assert found.shape == x.shape, "The shape stays (..., d_model)."
    assert torch.allclose(found, expected, atol=1e-4), (
        "Not the formula: two maps with biases, and one ReLU between."
    )
### END HIDDEN TESTS


# %% [markdown] given="encoder-text"
# ## 3. An encoder layer (7 points)
#
# *From "Residuals, and where the norm stands". The chapter wraps each sublayer
# in a `Residual`; here the layer holds its norms itself, by other names.*
#
# `EncoderLayer(d_model, h, d_ff, pre_norm=False)` has four submodules:
#
# | name | what |
# |:--|:--|
# | `self_attn` | `MultiHeadedAttention(h, d_model)`, given above |
# | `feed_forward` | your `FeedForward(d_model, d_ff)` |
# | `norm_1`, `norm_2` | your `LayerNorm(d_model, 1e-5)`, or `nn.LayerNorm(d_model)` |
#
# `forward(x, mask=None)` takes `x` of shape `(batch, n, d_model)` and a mask
# that broadcasts to `(batch, n, n)`. The first sublayer is self-attention, with
# `norm_1`; the second is the feed-forward network, with `norm_2`. Each has a
# residual connection:
#
# - `pre_norm=False`, the paper's post-LN: `norm(x + sublayer(x))`;
# - `pre_norm=True`, pre-LN: `x + sublayer(norm(x))`. There is no norm at the
#   end; that one belongs to the stack.
#
# *Example.* If all weights and biases of attention and network are 0, pre-LN
# returns `x` as it is, and post-LN returns `norm_2(norm_1(x))`.


# %% solution="encoder"
class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network, each with a residual."""

    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm
        ### END SOLUTION

    def forward(self, x, mask=None):
        ### BEGIN SOLUTION
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_2(x + self.feed_forward(x))
        ### END SOLUTION


# %% given="layer-weights"
def from_torch(layer):
    """Turn the state dict of one of torch's own layers into one of yours."""
    parts = {}
    attentions = {"self_attn": "self_attn", "multihead_attn": "cross_attn"}
    for name, tensor in layer.state_dict().items():
        first, _, rest = name.partition(".")
        if first in attentions and rest.startswith("in_proj_"):
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                parts[f"{attentions[first]}.W_{part}.{rest[8:]}"] = piece
        elif first in attentions:
            parts[f"{attentions[first]}.W_o.{rest[9:]}"] = tensor
        elif first.startswith("linear"):
            parts[f"feed_forward.W_{first[-1]}.{rest}"] = tensor
        else:
            parts[f"norm_{first[-1]}.{rest}"] = tensor
    return parts


def torch_layer(kind, d_model, h, d_ff, pre_norm, seed):
    """Make one of torch's own layers, with weights that a seed fixes."""
    make = {
        "encoder": nn.TransformerEncoderLayer,
        "decoder": nn.TransformerDecoderLayer,
    }
    layer = make[kind](
        d_model, h, d_ff, 0.0, batch_first=True, norm_first=pre_norm
    )
    g = torch.Generator().manual_seed(seed)
    drawn = {
        n: torch.randn(w.shape, generator=g)
        for n, w in layer.state_dict().items()
    }
    layer.load_state_dict({n: w / 2 for n, w in drawn.items()})
    return layer


# %% test="encoder-nothing-added" points=1
# The example of the text: sublayers that add nothing.
x = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(1))
parts = from_torch(torch_layer("encoder", 6, 3, 11, True, seed=1))
still = {n: w if n.startswith("norm") else w * 0 for n, w in parts.items()}
pre = EncoderLayer(6, 3, 11, True)
names = {name.split(".")[0] for name in pre.state_dict()}
assert names == {"self_attn", "feed_forward", "norm_1", "norm_2"}, (
    f"The four submodules of the table, not {sorted(names)}."
)
pre.load_state_dict(still)
assert torch.allclose(pre(x).float(), x, atol=1e-5), (
    "Pre-LN: what comes in is added to what the sublayer says, unchanged."
)
assert pre(x).shape == (2, 5, 6) and pre(x).std() > 0.1, (
    "The shape stays as it is."
)
pre.load_state_dict(parts)
assert not torch.allclose(pre(x).float(), x, atol=0.1), (
    "With weights, the sublayers add."
)

# %% test="encoder-post" points=1
x = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(2))
true = torch_layer("encoder", 6, 3, 11, False, seed=2)
layer = EncoderLayer(6, 3, 11)
layer.load_state_dict(from_torch(true))
found = layer(x).float()
assert found.shape == (2, 5, 6), "The shape stays (batch, n, d_model)."
assert torch.allclose(found, true(x), atol=1e-4), (
    "Post-LN, the default: add, then normalise, twice. Which norm comes when?"
)

# %% test="encoder-pre" points=1
x = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(3))
true = torch_layer("encoder", 6, 3, 11, True, seed=3)
layer = EncoderLayer(6, 3, 11, True)
layer.load_state_dict(from_torch(true))
found = layer(x).float()
assert found.shape == (2, 5, 6), "The shape stays (batch, n, d_model)."
assert torch.allclose(found, true(x), atol=1e-4), (
    "Pre-LN: normalise what goes into a sublayer, add its answer to x itself."
)

# %% test="encoder-mask" points=2
# Two sentences, of five tokens and of three: the padding changes nothing.
g = torch.Generator().manual_seed(4)
x = torch.randn(2, 5, 6, generator=g)
mask = (torch.arange(5) < torch.tensor([[5], [3]]))[:, None]  # (batch, 1, n)
for pre_norm in (False, True):
    layer = EncoderLayer(6, 3, 11, pre_norm)
    true = torch_layer("encoder", 6, 3, 11, pre_norm, seed=4)
    layer.load_state_dict(from_torch(true))
    found, alone = layer(x, mask), layer(x[1:, :3])
    assert alone.shape == (1, 3, 6), "The shape stays (batch, n, d_model)."
    assert torch.allclose(found[1, :3], alone[0], atol=1e-4), (
        "A padded sentence differs from it alone. Does the mask get there?"
    )
    assert torch.allclose(alone.float(), true(x[1:, :3]), atol=1e-4), (
        "Without a mask, the layer is torch's. Look at the two tests above."
    )

# %% test="encoder-hidden" points=2
# Hidden: other sizes, both orders, and masks for each query.
### BEGIN HIDDEN TESTS
for seed, (d_model, h, d_ff) in enumerate([(10, 5, 3), (14, 2, 17)]):
    for pre_norm in (False, True):
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(3, 7, d_model, generator=g)
        kept = x.clone()
        mask = torch.rand(7, 7, generator=g) < 0.5
        mask |= torch.eye(7, dtype=torch.bool)
        true = torch_layer("encoder", d_model, h, d_ff, pre_norm, seed)
        layer = EncoderLayer(d_model, h, d_ff, pre_norm)
        layer.load_state_dict(from_torch(true))
        found, expected = layer(x, mask).float(), true(x, src_mask=~mask)
        assert found.shape == expected.shape, (
            "The shape stays (batch, n, d_model)."
        )
        assert torch.allclose(found, expected, atol=1e-3), (
            "Not torch's layer: try other sizes, and one mask a query."
        )
        assert torch.equal(x, kept), "Leave x as it is."
### END HIDDEN TESTS


# %% [markdown] given="decoder-text"
# ## 4. A decoder layer (7 points)
#
# *From "The decoder's two looks". The chapter shows pre-LN without padding;
# here there are both orders and both masks.*
#
# `DecoderLayer(d_model, h, d_ff, pre_norm=False)` has three sublayers, in this
# order:
#
# | sublayer | name | norm |
# |:--|:--|:--|
# | self-attention of the target | `self_attn` | `norm_1` |
# | attention to the encoder's output | `cross_attn` | `norm_2` |
# | feed-forward network | `feed_forward` | `norm_3` |
#
# `forward(x, memory, mask=None, memory_mask=None)` takes the target `x`,
# `(batch, m, d_model)`, the encoder's output `memory`, `(batch, n, d_model)`, a
# mask for the self-attention that broadcasts to `(batch, m, m)`, and one for
# the cross-attention that broadcasts to `(batch, m, n)`. It makes **no** causal
# mask by itself: the caller passes it. `memory` comes normalised; no norm of
# this layer touches it. Residuals and `pre_norm` are as in exercise 3.


# %% solution="decoder"
class DecoderLayer(nn.Module):
    """Self-attention, attention to the encoder, feed-forward network."""

    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm
        ### END SOLUTION

    def forward(self, x, memory, mask=None, memory_mask=None):
        ### BEGIN SOLUTION
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = x + self.cross_attn(self.norm_2(x), memory, memory, memory_mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))
        ### END SOLUTION


# %% test="decoder-post" points=1
g = torch.Generator().manual_seed(1)
x, memory = torch.randn(2, 5, 6, generator=g), torch.randn(2, 7, 6, generator=g)
true = torch_layer("decoder", 6, 3, 11, False, seed=1)
layer = DecoderLayer(6, 3, 11)
names = {name.split(".")[0] for name in layer.state_dict()}
parts = {
    "self_attn",
    "cross_attn",
    "feed_forward",
    "norm_1",
    "norm_2",
    "norm_3",
}
assert names == parts, f"Six submodules, by their names, not {sorted(names)}."
layer.load_state_dict(from_torch(true))
found = layer(x, memory).float()
assert found.shape == (2, 5, 6), (
    "As many vectors as the target has: (batch, m, ...)."
)
future = torch.ones(5, 5, dtype=torch.bool).triu(1)  # torch: True is hidden
assert not torch.allclose(found, true(x, memory, future), atol=1e-4), (
    "Your layer hides the future by itself. Without a mask, nothing is hidden."
)
assert torch.allclose(found, true(x, memory), atol=1e-4), (
    "Post-LN: three times add, then normalise. In the second, who asks, and "
    "who answers?"
)

# %% test="decoder-pre" points=1
g = torch.Generator().manual_seed(2)
x, memory = torch.randn(2, 5, 6, generator=g), torch.randn(2, 7, 6, generator=g)
true = torch_layer("decoder", 6, 3, 11, True, seed=2)
layer = DecoderLayer(6, 3, 11, True)
layer.load_state_dict(from_torch(true))
found = layer(x, memory).float()
assert found.shape == (2, 5, 6), (
    "As many vectors as the target has: (batch, m, ...)."
)
future = torch.ones(5, 5, dtype=torch.bool).triu(1)  # torch: True is hidden
assert not torch.allclose(found, true(x, memory, future), atol=1e-4), (
    "Your layer hides the future by itself. Without a mask, nothing is hidden."
)
assert torch.allclose(found, true(x, memory), atol=1e-4), (
    "Pre-LN: normalise what asks, not the memory; add the answer to x itself."
)

# %% test="decoder-causal" points=1
# With a causal mask, a change of the last two tokens leaves those before.
g = torch.Generator().manual_seed(3)
x, memory = torch.randn(2, 5, 6, generator=g), torch.randn(2, 7, 6, generator=g)
changed = x.clone()
changed[:, 3:] = 2.0
past = torch.ones(5, 5, dtype=torch.bool).tril()
layer = DecoderLayer(6, 3, 11)
layer.load_state_dict(
    from_torch(torch_layer("decoder", 6, 3, 11, False, seed=3))
)
before, after = layer(x, memory, past), layer(changed, memory, past)
assert before.shape == (2, 5, 6), (
    "As many vectors as the target has: (batch, m, ...)."
)
assert torch.allclose(before[:, :3], after[:, :3], atol=1e-5), (
    "A token sees the future. Which attention gets `mask`?"
)
assert not torch.allclose(before[:, 1], layer(x, memory)[:, 1], atol=1e-3), (
    "With the mask and without it the answers are alike: either `mask` gets "
    "lost, or your layer hides the future by itself."
)

# %% test="decoder-memory" points=2
# Padding in the source changes nothing; the source itself does.
g = torch.Generator().manual_seed(4)
x, memory = torch.randn(2, 5, 6, generator=g), torch.randn(2, 7, 6, generator=g)
real = (torch.arange(7) < torch.tensor([[7], [3]]))[:, None]  # (batch, 1, n)
for pre_norm in (False, True):
    layer = DecoderLayer(6, 3, 11, pre_norm)
    parts = from_torch(torch_layer("decoder", 6, 3, 11, pre_norm, seed=4))
    layer.load_state_dict(parts)
    found, alone = layer(x, memory, None, real), layer(x[1:], memory[1:, :3])
    assert alone.shape == (1, 5, 6), "As many vectors as the target has."
    assert torch.allclose(found[1], alone[0], atol=1e-4), (
        "Padding in the source changes the output. Which attention gets "
        "`memory_mask`?"
    )
    assert not torch.allclose(found[0], layer(x, memory + 1)[0], atol=1e-3), (
        "Another memory gives the same output."
    )

# %% test="decoder-hidden" points=2
# Hidden: other sizes, m greater and less than n, both masks, the gradient.
### BEGIN HIDDEN TESTS
for seed, (d_model, h, d_ff, m, n) in enumerate(
    [(10, 5, 3, 7, 3), (14, 2, 17, 3, 11)]
):
    for pre_norm in (False, True):
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(2, m, d_model, generator=g)
        memory = torch.randn(2, n, d_model, generator=g)
        past = torch.ones(m, m, dtype=torch.bool).tril()
        real = torch.arange(n) < torch.tensor([[n], [2]])
        true = torch_layer("decoder", d_model, h, d_ff, pre_norm, seed)
        layer = DecoderLayer(d_model, h, d_ff, pre_norm)
        layer.load_state_dict(from_torch(true))
        kept = x.clone(), memory.clone()
        found = layer(x, memory, past, real[:, None]).float()
        expected = true(x, memory, ~past, memory_key_padding_mask=~real)
        assert found.shape == expected.shape, (
            "The shape is (batch, m, d_model)."
        )
        assert torch.allclose(found, expected, atol=1e-3), (
            "Not torch's layer: try both masks at once, and m other than n."
        )
        assert torch.equal(x, kept[0]) and torch.equal(memory, kept[1]), (
            "Leave the arguments as they are."
        )
    left = [part.clone().requires_grad_() for part in (x, memory)]
    right = [part.clone().requires_grad_() for part in (x, memory)]
    (layer(*left) ** 2).sum().backward()
    (true(*right) ** 2).sum().backward()
    for ours, theirs in zip(left, right, strict=True):
        assert ours.grad is not None, (
            "Let the gradient pass, to the memory too."
        )
        assert torch.allclose(ours.grad, theirs.grad, atol=1e-2, rtol=1e-2), (
            "The gradient differs from torch's. Is something detached?"
        )
### END HIDDEN TESTS


# %% [markdown] given="loss-text"
# ## 5. Label smoothing (7 points)
#
# *From "Two habits of its training". The chapter has one target; here there are
# many, and some are not counted.*
#
# `label_smoothing_loss(logits, targets, epsilon, ignore)` takes logits
# `(..., V)`, any axes in front or none, and integer targets of the shape in
# front, `(...)`. With $p$ the softmax of the logits, a target $y$ costs
#
# $$-\sum_{k=1}^V q_k \log p_k, \qquad q_k = (1-\varepsilon)\,[k = y] +
# \varepsilon / V$$
#
# where $[k = y]$ is 1 for the true class and 0 for the others. So $\varepsilon$
# is spread over **all** `V` classes, the true one included, as torch does.
# Targets equal to `ignore` cost nothing and are **not counted**: return the
# mean over the others, a tensor without axes. If all are ignored, the loss is
# 0, and still has a gradient with respect to the logits: zeros, so that
# `backward()` works. `ignore` may be any integer: one of the classes (padding,
# say), or one such as -100 that is none. Write it out: `F.cross_entropy` and
# its relatives are not for this exercise. Large logits, such as 1000, must not
# overflow.
#
# *Example.* For logits `[0., 0.]` each class has p = 1/2, so the loss is log 2
# = 0.693 whatever `epsilon` is. For logits `[log 3, 0.]`, target 0 and
# `epsilon` 0.2, q is `[0.9, 0.1]` and p `[0.75, 0.25]`: the loss is 0.398.


# %% solution="loss"
def label_smoothing_loss(logits, targets, epsilon, ignore):
    """Return the mean smoothed cross-entropy of the targets that count."""
    ### BEGIN SOLUTION
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)  # any class: it is not counted
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)
    ### END SOLUTION


# %% test="loss-by-hand" points=1
logits = torch.tensor([[math.log(3), 0.0]])
found = label_smoothing_loss(logits, torch.tensor([0]), 0.2, -100)
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - 0.3975) < 1e-3, (
    "The second example of the text: q is [0.9, 0.1]."
)

# %% test="loss-plain" points=1
g = torch.Generator().manual_seed(1)
logits, targets = torch.randn(7, 5, generator=g), torch.arange(7) % 5
found = label_smoothing_loss(logits, targets, 0.0, -100)
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - F.cross_entropy(logits, targets)) < 1e-4, (
    "With epsilon = 0 it is the cross-entropy."
)

# %% test="loss-smoothed" points=1
g = torch.Generator().manual_seed(2)
logits, targets = (
    2 * torch.randn(2, 3, 5, generator=g),
    torch.arange(6).view(2, 3) % 5,
)
found = label_smoothing_loss(logits, targets, 0.3, -100)
true = F.cross_entropy(
    logits.flatten(0, 1), targets.flatten(), label_smoothing=0.3
)
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - true) < 1e-4, "Is epsilon spread over all V classes?"

# %% test="loss-ignored" points=1
# The class 0 is padding here.
g = torch.Generator().manual_seed(3)
logits, targets = torch.randn(5, 7, generator=g), torch.tensor([3, 0, 1, 0, 0])
found = label_smoothing_loss(logits, targets, 0.1, 0)
alone = label_smoothing_loss(logits[[0, 2]], targets[[0, 2]], 0.1, 0)
true = F.cross_entropy(logits[[0, 2]], targets[[0, 2]], label_smoothing=0.1)
assert found.shape == (), "One number for all: a tensor without axes."
assert abs(found - alone) < 1e-4, (
    "Ignored targets cost nothing and are not counted."
)
assert abs(alone - true) < 1e-4, "Those that count cost what they cost alone."
outside = torch.where(targets == 0, -100, targets)
found = label_smoothing_loss(logits, outside, 0.1, -100)
assert abs(found - true) < 1e-4, (
    f"With ignore = -100, which is no class, it is {float(found):.3f}."
)

# %% test="loss-all-ignored" points=1
logits = torch.randn(3, 5, generator=torch.Generator().manual_seed(4))
leaf = logits.clone().requires_grad_()
found = label_smoothing_loss(leaf, torch.full((3,), -100), 0.1, -100)
assert found.shape == (), "One number for all: a tensor without axes."
assert found == 0, f"All are ignored: the loss is 0, not {float(found)}."
assert found.requires_grad, "0 as it is has no gradient: make it of the logits."
found.backward()
assert leaf.grad is not None and not leaf.grad.any(), "The gradient is zeros."
some = label_smoothing_loss(logits, torch.tensor([1, -100, -100]), 0.0, -100)
assert abs(some + logits[0].log_softmax(-1)[1]) < 1e-4, "One of three counts."

# %% test="loss-hidden" points=2
# Hidden: any axes, other numbers to ignore, large logits, gradients.
### BEGIN HIDDEN TESTS
for seed, (shape, ignore) in enumerate(
    [((3,), 2), ((2, 5), -100), ((2, 3, 2), -1)]
):
    g = torch.Generator().manual_seed(seed)
    logits = torch.randn(*shape, 11, generator=g)
    targets = torch.randint(0, 11, shape, generator=g)
    targets.view(-1)[1] = ignore
    kept = targets.clone()
    found = label_smoothing_loss(logits, targets, 0.2, ignore)
    true = F.cross_entropy(
        logits.flatten(0, -2),
        targets.flatten(),
        ignore_index=ignore,
        label_smoothing=0.2,
    )
    assert found.shape == (), "One number for all: a tensor without axes."
    assert abs(found - true) < 1e-4, "Not the mean over the targets that count."
    assert torch.equal(targets, kept), "Leave the targets as they are."
single = label_smoothing_loss(torch.zeros(7), torch.tensor(3), 0.1, -100)
assert abs(single - math.log(7)) < 1e-4, (
    "A single target, without axes in front."
)
large = torch.tensor([[1000.0, 0.0], [0.0, 1000.0]])
found = label_smoothing_loss(large, torch.tensor([0, 1]), 0.1, -100)
assert abs(found - 50) < 0.01, "Large logits: a log of a softmax overflows."
logits = torch.randn(
    5, 3, generator=torch.Generator().manual_seed(7)
).requires_grad_()
targets = torch.tensor([0, 2, -100, 1, -100])
label_smoothing_loss(logits, targets, 0.2, -100).backward()
twin = logits.detach().clone().requires_grad_()
F.cross_entropy(twin, targets, label_smoothing=0.2).backward()
assert logits.grad is not None, "Let the gradient pass."
assert torch.allclose(logits.grad, twin.grad, atol=1e-5), (
    "The gradient differs: ignored targets must send none."
)
### END HIDDEN TESTS


# %% [markdown] given="rate-text"
# ## 6. Warm-up (4 points)
#
# *From "Two habits of its training". Unlike the chapter's function, which
# refuses step 0, yours has an answer for it.*
#
# `warmup_rate(step, d_model, warmup)` returns the paper's learning rate,
# equation 3, a `float`:
#
# $$d_\text{model}^{-1/2} \cdot \min(\text{step}^{-1/2},\ \text{step} \cdot
# \text{warmup}^{-3/2})$$
#
# Steps count from 1. Step 0 is before the first: there the rate is 0.0.
# `warmup` is at least 1.
#
# *Example.* With `d_model=16` and `warmup=4` the rates of steps 1, 4 and 16 are
# 1/32, 1/8 and 1/16.


# %% solution="rate"
def warmup_rate(step, d_model, warmup):
    """Return the rate of a step: a linear rise, then a fall as 1 / √step."""
    ### BEGIN SOLUTION
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    ### END SOLUTION


# %% test="rate-by-hand" points=1
found = [warmup_rate(step, 16, 4) for step in (1, 4, 16)]
assert all(isinstance(rate, float) for rate in found), "Return a float."
assert torch.allclose(
    torch.tensor(found), torch.tensor([1 / 32, 1 / 8, 1 / 16])
), "The example of the text. Is the smaller of the two taken?"

# %% test="rate-shape" points=1
rates = torch.tensor(
    [warmup_rate(step, 512, 100) for step in (25, 50, 100, 400)]
)
expected = torch.tensor([0.25, 0.5, 1.0, 0.5]) * 0.1 * 512**-0.5
assert torch.allclose(rates, expected, rtol=1e-4), (
    "A straight line up to the last step of the warm-up; then 4 times the "
    "steps, half the rate."
)

# %% test="rate-before-the-first" points=1
# A schedule may be asked before any step. The chapter's function raises here.
found = [warmup_rate(step, 16, 4) for step in (0, 1)]
assert found[0] == 0, f"At step 0 the rate is 0.0, not {found[0]}."
assert abs(found[1] - 1 / 32) < 1e-6, f"At step 1 it is 1/32, not {found[1]}."

# %% test="rate-hidden" points=1
# Hidden: other sizes, a warm-up of one step.
### BEGIN HIDDEN TESTS
for d_model, warmup in ((7, 3), (64, 1), (1, 11)):
    for step in (1, 2, 3, 5, 11, 10_000):
        rise, fall = step / warmup / math.sqrt(warmup), 1 / math.sqrt(step)
        true = (rise if step < warmup else fall) / math.sqrt(d_model)
        found = warmup_rate(step, d_model, warmup)
        assert abs(found / true - 1) < 1e-4, "Not equation 3, for other sizes."
### END HIDDEN TESTS


# %% [markdown] given="beam-text"
# ## 7. Beam search (9 points)
#
# *From "Beam search". The chapter puts a beam that ends aside; here it stays in
# the race, and can be pushed out. And the division is always by the length (the
# chapter's `alpha` = 1).*
#
# `beam_search(step, start, end, width, max_len)` looks for a likely sequence.
# `step` takes beams, a tensor of integers `(beams, t)`, each row with the token
# `start` in front, and returns the log-probabilities of what comes next,
# `(beams, V)`, all finite.
#
# There is one beam at first: `start` alone, with a sum of 0. In each round
#
# 1. each beam that has **not ended** is continued with each of the `V` tokens;
#    the sum of a continuation is that of its beam plus the new log-probability.
#    Call `step` once, with these beams alone;
# 2. each beam that **has ended** stays as it is, and keeps competing with its
#    sum. A beam has ended when the last token that was *written* is `end`. The
#    first beam has written nothing, so it has not ended, even where `start` and
#    `end` are one number.
# 3. Of all these the `width` with the largest sums are the new beams, best
#    first; if there are fewer, all. Of equal sums, the earlier wins: what comes
#    from an earlier beam, and within a beam the smaller token.
#
# Sums may be kept in float32 or as Python's floats; where ties are tested, they
# are exact in both. It stops when all beams have ended, or after `max_len`
# rounds, at least one. The winner is the beam with the greatest **score**: its
# sum divided by the number of its tokens, `end` counted and `start` not; of
# equal scores, the earlier. Return `(tokens, score)`: a `list` of `int` without
# `start`, with its `end` if it has one, and a `float`.
#
# *Example.* V = 3, `start` 0, `end` 2. After 0 the probabilities of 0, 1, 2 are
# .1, .5, .4, after 1 they are .3, .3, .4. With `width=2` and `max_len=2`: round
# 1 keeps [1] (.5) and [2] (.4). Round 2 keeps [2] (.4) and [1, 2] (.2). The
# scores are log(.4) = -0.916 and log(.2) / 2 = -0.805, so the answer is
# `([1, 2], -0.805)`.


# %% solution="beam"
def beam_search(step, start, end, width, max_len):
    """Return the best sequence found with `width` beams, and its score."""
    ### BEGIN SOLUTION
    beams = [([start], 0.0)]
    for _ in range(max_len):
        live = [
            tokens
            for tokens, _ in beams
            if tokens[-1] != end or len(tokens) == 1
        ]
        if not live:
            break
        rows = iter(step(torch.tensor(live)).tolist())
        found = []
        for tokens, total in beams:
            if tokens[-1] == end and len(tokens) > 1:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / (len(beam[0]) - 1))
    return tokens[1:], total / (len(tokens) - 1)
    ### END SOLUTION


# %% given="languages"
def chain(table):
    """Return a step whose log-probabilities depend on the last token alone."""
    return lambda beams: table[beams[:, -1]]


def drawn(V, seed):
    """Draw a table of log-probabilities (V, V): a row for each last token."""
    g = torch.Generator().manual_seed(seed)
    return (2 * torch.randn(V, V, generator=g)).log_softmax(-1)


# %% test="beam-by-hand" points=1
table = torch.tensor([[0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.2, 0.2, 0.6]]).log()
tokens, score = beam_search(chain(table), 0, 2, 2, 2)
assert isinstance(tokens, list) and isinstance(score, float), (
    "A list and a float."
)
assert tokens == [1, 2], "The example of the text: follow it round by round."
assert abs(score - math.log(0.2) / 2) < 1e-4, (
    "The sum divided by the number of tokens."
)

# %% test="beam-greedy" points=1
# One beam takes the likeliest token at each step, until it ends or has no room.
for seed in (1, 2, 3):
    table, expected = drawn(7, seed), [0]
    while len(expected) < 6 and expected[-1] != 2:
        expected.append(int(table[expected[-1]].argmax()))
    found, score = beam_search(chain(table), 0, 2, 1, 5)
    assert found == expected[1:], (
        "With one beam it is greedy. When does it stop?"
    )
    logs = [
        table[expected[i], expected[i + 1]] for i in range(len(expected) - 1)
    ]
    assert abs(score - float(sum(logs)) / len(logs)) < 1e-4, (
        "Its score: a mean."
    )

# %% test="beam-wider" points=1
# Greedy begins with 2; two beams also try 3, which ends well.
table = torch.tensor(
    [
        [0.001, 0.001, 0.6, 0.398],
        [0.25, 0.25, 0.25, 0.25],
        [0.01, 0.33, 0.33, 0.33],
        [0.03, 0.9, 0.03, 0.04],
    ]
).log()
assert beam_search(chain(table), 0, 1, 1, 2)[0][0] == 2, "One beam is greedy."
found, score = beam_search(chain(table), 0, 1, 2, 2)
assert found == [3, 1], "Two beams keep the second-best beginning as well."
assert abs(score - math.log(0.398 * 0.9) / 2) < 1e-4, (
    "The mean of two logarithms."
)

# %% test="beam-calls" points=1
# What `step` gets: integers (beams, t), `start` in front, none that has ended.
seen = []


def watched(beams):
    """Note the beams, and give each the same log-probabilities."""
    seen.append(beams)
    return torch.tensor([0.1, 0.2, 0.3, 0.4]).log().expand(len(beams), 4)


found, _ = beam_search(watched, 1, 3, 3, 3)
assert found == [3], "Token 3 ends a beam, and is the likeliest here."
assert [x.tolist() for x in seen] == [[[1]], [[1, 2], [1, 1]], [[1, 2, 2]]], (
    "One call a round, with those beams that have not ended, best first."
)

# %% test="beam-ties" points=1
table = torch.full((5, 5), 0.2).log()
found, score = beam_search(chain(table), 1, 4, 2, 3)
assert abs(score - math.log(0.2)) < 1e-4, "The mean of equal logarithms."
assert found == [0, 0, 0], (
    "Of equal sums the earlier wins, in each round and at last."
)

# %% test="beam-pushed-out" points=1
# [1] ends in round 1 with .25. In round 2 [2, 3] has .6 · .48 and [2, 4] has
# .6 · .46: both are more probable, and two beams are kept. So [1] is out for
# good, though its score, log .25, is better than that of all that follows.
table = torch.full((13, 13), 0.0997)
table[:, :3] = 0.001
table[0] = torch.tensor([0.05, 0.25, 0.60] + [0.01] * 10)
table[2] = torch.tensor([0.005, 0.005, 0.005, 0.48, 0.46] + [0.045 / 8] * 8)
found, score = beam_search(chain(table.log()), 0, 1, 2, 5)
assert found != [1], "[1] was pushed out in round 2, and can't come back."
assert found == [2, 3, 3, 3, 3], f"Not {found}: which two beams has each round?"
true = math.log(0.6 * 0.48) + math.log(0.0997) * 3
assert abs(score - true / 5) < 1e-4, "The mean of five logarithms."


# %% test="beam-hidden" points=3
# Hidden: all rounds against a slow search, other sizes, `start` equal to `end`,
# beams that are pushed out, and ties between beams that have ended and others.
### BEGIN HIDDEN TESTS
def slowly(table, start, end, width, max_len):
    """Follow the text to the letter, beam by beam."""
    beams = [((), 0.0)]
    for _ in range(max_len):
        found = []
        for tokens, total in beams:
            if tokens and tokens[-1] == end:
                found.append((tokens, total))
                continue
            last = tokens[-1] if tokens else start
            for k in range(len(table)):
                found.append(((*tokens, k), total + float(table[last, k])))
        found.sort(key=lambda beam: beam[1], reverse=True)
        beams = found[:width]
    best = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return list(best[0]), best[1] / len(best[0])


for V, start, end, width, max_len, seeds in (
    (5, 0, 1, 3, 7, (121, 339)),
    (7, 2, 3, 5, 5, (223, 300)),
    (3, 1, 0, 11, 3, (1, 2)),
    (11, 5, 7, 2, 1, (3, 4)),
    (5, 3, 3, 3, 5, (195, 166)),
):
    for seed in seeds:
        table = drawn(V, seed)
        tokens, score = beam_search(chain(table), start, end, width, max_len)
        expected, best = slowly(table, start, end, width, max_len)
        assert list(tokens) == expected, (
            "Not the beam of the text: look at beams that ended, at the score."
        )
        assert abs(score - best) < 1e-4, "The right tokens with another score."
# [1] ends at once, is pushed out in round 2, and would have the best score.
table = torch.tensor([[0.1, 0.1, 0.1, 0.15, 0.15, 0.2, 0.2]]).repeat(7, 1)
table[0] = torch.tensor([0.05, 0.25, 0.6, 0.04, 0.03, 0.02, 0.01])
table[2] = torch.tensor([0.02, 0.02, 0.02, 0.46, 0.44, 0.02, 0.02])
tokens, score = beam_search(chain(table.log()), 0, 1, 2, 11)
expected, best = slowly(table.log(), 0, 1, 2, 11)
assert tokens == expected, "A beam that was pushed out cannot win."
assert abs(score - best) < 1e-4, "The right tokens with another score."
# In round 2, [2, 2] and the ended [0] have equal sums, exact in any float.
halvings = torch.tensor([[3, 3, 1, 3, 3]]).repeat(5, 1)
halvings[2] = torch.tensor([4, 3, 2, 1, 4])
table, seen = -0.6875 * halvings, []  # log 2, rounded


def noted(beams):
    """Note the beams, and look them up in the table."""
    seen.append(beams.tolist())
    return table[beams[:, -1]]


tokens, _ = beam_search(noted, 1, 0, 2, 3)
assert list(tokens) == slowly(table, 1, 0, 2, 3)[0], "Not the best score."
assert seen[1:] == [[[1, 2]], [[1, 2, 3], [1, 2, 2]]], (
    "Of equal sums, what comes from an earlier beam wins, ended or not."
)
### END HIDDEN TESTS


# %% [markdown] given="written-text"
# ## 8. In your own words (3 points)
#
# A friend trains a post-LN model of twelve layers, without warm-up. After three
# steps its encoder gives all tokens one and the same vector, and the loss stays
# where it is. They say: "I read that the gradients near the output are too
# large. But Adam divides the size of a gradient away, so that can't be the
# whole reason. I'll move each norm in front of its sublayer, and all else
# stays. After 200 steps it is far ahead: pre-LN is better." What is right in
# that, what else makes the first model break down, what have they forgotten
# when they moved the norms, and does the last sentence follow? Three to six
# sentences.

# %% [markdown] written="post-to-pre" points=3
# Right: Adam's first step moves each weight by about the rate, in both orders,
# however large its gradient is. But a fresh post-LN stack amplifies a small
# change of its weights: each layer normalises the sum, so the branch has as
# much say as the main path, layer after layer. At full rate the encoder's
# vectors collapse into one, and then hardly any gradient comes back through all
# those norms (1 point). In pre-LN nothing brings the sums back to size, so they
# grow: one more norm is needed after the last layer, before the logits (1
# point). And no: 200 steps show who starts well. A warm-up or a smaller rate
# may save the first model, and where both train, post-LN with few layers often
# ends ahead (1 point).
