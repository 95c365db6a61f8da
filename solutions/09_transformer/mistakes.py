"""Wrong answers that students give, and other right ones. Never run as a script."""

import math

import torch
from torch import nn


# %% mistake="norm-unbiased" of="norm" fails="norm-by-hand norm-each-vector norm-weights norm-torch-hidden"
# hint: Your variance is divided by d - 1, as `x.var` does by default. Layer norm divides by d.
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        variance = x.var(-1, keepdim=True)
        return (x - x.mean(-1, keepdim=True)) / (
            variance + self.eps
        ).sqrt() * self.weight + self.bias


# %% mistake="norm-eps-outside" of="norm" fails="norm-by-hand norm-torch-hidden"
# hint: You add eps to the standard deviation. It belongs inside the root, to the variance.
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        deviation = x.var(-1, correction=0, keepdim=True).sqrt()
        return (x - x.mean(-1, keepdim=True)) / (
            deviation + self.eps
        ) * self.weight + self.bias


# %% mistake="norm-no-root" of="norm" fails="norm-by-hand norm-each-vector norm-weights norm-torch-hidden"
# hint: You divide by the variance. Divide by its root.
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        variance = x.var(-1, correction=0, keepdim=True)
        return (x - x.mean(-1, keepdim=True)) / (
            variance + self.eps
        ) * self.weight + self.bias


# %% mistake="norm-over-the-batch" of="norm" fails="norm-each-vector norm-weights norm-torch-hidden"
# hint: You normalise over the first axis, as a batch norm does. Each vector is measured by itself: the last axis.
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        centred = x - x.mean(0, keepdim=True)
        variance = (centred**2).mean(0, keepdim=True)
        return centred / (variance + self.eps).sqrt() * self.weight + self.bias


# %% mistake="norm-over-everything" of="norm" fails="norm-each-vector norm-weights norm-torch-hidden"
# hint: You take one mean and one variance for all vectors together. Each vector has its own.
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        centred = x - x.mean()
        return (
            centred / ((centred**2).mean() + self.eps).sqrt() * self.weight
            + self.bias
        )


# %% mistake="norm-not-centred" of="norm" fails="norm-by-hand norm-each-vector norm-weights norm-torch-hidden"
# hint: You divide, but never subtract the mean. (That is close to RMSNorm, which came later.)
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        variance = x.var(-1, correction=0, keepdim=True)
        return x / (variance + self.eps).sqrt() * self.weight + self.bias


# %% mistake="norm-no-weights" of="norm" fails="norm-weights norm-torch-hidden"
# hint: You make `weight` and `bias`, but never use them.
# see: sec-09-norm
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return centred / ((centred**2).mean(-1, keepdim=True) + self.eps).sqrt()


# %% right="loops" of="norm"
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.d, self.eps = d, eps
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, self.d):
            mean = sum(row) / self.d
            variance = sum((a - mean) * (a - mean) for a in row) / self.d
            rows.append(
                (row - mean) / (variance + self.eps) ** 0.5 * self.weight
                + self.bias
            )
        return torch.stack(rows).reshape(x.shape)


# %% right="double" of="norm"
class LayerNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))
        self.bias = nn.Parameter(torch.zeros(d))
        self.eps = eps

    def forward(self, x):
        y = x.double()
        variance, mean = torch.var_mean(y, dim=-1, correction=0, keepdim=True)
        return ((y - mean) * torch.rsqrt(variance + self.eps)).to(
            x.dtype
        ) * self.weight + self.bias


# %% mistake="network-no-relu" of="network" fails="network-by-hand network-hidden encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-hidden"
# hint: There is no ReLU between the two maps: together they are then one linear map.
# see: sec-09-feed-forward
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.W_2(self.W_1(x))


# %% mistake="network-relu-at-the-end" of="network" fails="network-by-hand network-hidden encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-hidden"
# hint: Your ReLU comes after the second map, so nothing negative can come out. It stands between the two.
# see: sec-09-feed-forward
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return torch.relu(self.W_2(self.W_1(x)))


# %% mistake="network-two-relus" of="network" fails="network-hidden encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-hidden"
# hint: One ReLU too many: what comes out may be negative.
# see: sec-09-feed-forward
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return torch.relu(self.W_2(torch.relu(self.W_1(x))))


# %% mistake="network-relu-first" of="network" fails="network-by-hand network-hidden encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-hidden"
# hint: Your ReLU stands in front of both maps. It belongs between them.
# see: sec-09-feed-forward
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.W_2(self.W_1(torch.relu(x)))


# %% mistake="network-gelu" of="network" fails="network-hidden encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-hidden"
# hint: This is a GELU, as in BERT and GPT. The Transformer of the paper has a ReLU.
# see: sec-09-feed-forward
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return self.W_2(nn.functional.gelu(self.W_1(x)))


# %% mistake="network-with-residual" of="network" fails="network-by-hand network-hidden encoder-nothing-added encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-hidden"
# hint: You add x here. The residual connection belongs to the layer around the network.
# see: sec-09-residual
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return x + self.W_2(torch.relu(self.W_1(x)))


# %% mistake="network-no-bias" of="network" fails="network-by-hand network-positions network-hidden encoder-nothing-added encoder-post encoder-pre encoder-mask encoder-hidden decoder-post decoder-pre decoder-causal decoder-memory decoder-hidden"
# hint: Your maps have no biases; both have one.
# see: sec-09-feed-forward
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1 = nn.Linear(d_model, d_ff, bias=False)
        self.W_2 = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x):
        return self.W_2(torch.relu(self.W_1(x)))


# %% right="loops" of="network"
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1 = nn.Linear(d_model, d_ff)
        self.W_2 = nn.Linear(d_ff, d_model)

    def forward(self, x):
        rows = [
            self.W_2(self.W_1(row).clamp(min=0))
            for row in x.reshape(-1, x.shape[-1])
        ]
        return torch.stack(rows).reshape(x.shape)


# %% right="double" of="network"
class FeedForward(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.W_1 = nn.Linear(d_model, d_ff)
        self.W_2 = nn.Linear(d_ff, d_model)

    def forward(self, x):
        inside = (
            torch.einsum("...i,ji->...j", x, self.W_1.weight) + self.W_1.bias
        )
        inside = torch.where(inside > 0, inside, torch.zeros_like(inside))
        return (
            torch.einsum("...i,ji->...j", inside, self.W_2.weight)
            + self.W_2.bias
        )


# %% mistake="encoder-always-post" of="encoder" fails="encoder-nothing-added encoder-pre encoder-mask encoder-hidden"
# hint: You ignore `pre_norm`: your layer is post-LN whatever it says.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_2(x + self.feed_forward(x))


# %% mistake="encoder-always-pre" of="encoder" fails="encoder-post encoder-mask encoder-hidden"
# hint: You ignore `pre_norm`: your layer is pre-LN whatever it says.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        y = self.norm_1(x)
        x = x + self.self_attn(y, y, y, mask)
        return x + self.feed_forward(self.norm_2(x))


# %% mistake="encoder-turned" of="encoder" fails="encoder-nothing-added encoder-post encoder-pre encoder-mask encoder-hidden"
# hint: `pre_norm` is turned around: True puts the norm in front of the sublayer.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if not self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_2(x + self.feed_forward(x))


# %% mistake="encoder-norm-before-adding" of="encoder" fails="encoder-post encoder-mask encoder-hidden"
# hint: In post-LN you normalise the sublayer's answer and then add x. Add first, then normalise the sum.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm_2(x))
        x = x + self.norm_1(self.self_attn(x, x, x, mask))
        return x + self.norm_2(self.feed_forward(x))


# %% mistake="encoder-adds-the-norm" of="encoder" fails="encoder-nothing-added encoder-pre encoder-mask encoder-hidden"
# hint: In pre-LN you add the normalised x. What is added is x as it came in: that path stays free.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = y + self.self_attn(y, y, y, mask)
            y = self.norm_2(x)
            return y + self.feed_forward(y)
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_2(x + self.feed_forward(x))


# %% mistake="encoder-no-residual" of="encoder" fails="encoder-nothing-added encoder-post encoder-pre encoder-mask encoder-hidden"
# hint: Your sublayers replace x. Each only adds to what came in.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            return self.feed_forward(self.norm_2(self.self_attn(y, y, y, mask)))
        x = self.norm_1(self.self_attn(x, x, x, mask))
        return self.norm_2(self.feed_forward(x))


# %% mistake="encoder-no-mask" of="encoder" fails="encoder-mask encoder-hidden"
# hint: The mask never reaches the attention: pass it on.
# see: sec-09-decoder
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y)
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.self_attn(x, x, x))
        return self.norm_2(x + self.feed_forward(x))


# %% mistake="encoder-norm-of-the-query-alone" of="encoder" fails="encoder-pre encoder-mask encoder-hidden"
# hint: In pre-LN you normalise the query alone. In self-attention queries, keys and values are the same vectors.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, x, x, mask)
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_2(x + self.feed_forward(x))


# %% mistake="encoder-one-norm" of="encoder" fails="encoder-post encoder-pre encoder-mask encoder-hidden"
# hint: You use `norm_1` twice. Each sublayer has a norm of its own.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm_1(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_1(x + self.feed_forward(x))


# %% mistake="encoder-extra-norm" of="encoder" fails="encoder-nothing-added encoder-pre encoder-mask encoder-hidden"
# hint: You normalise once more at the end of a pre-LN layer. That norm stands once, after the last layer of the stack.
# see: sec-09-residual
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return self.norm_2(x + self.feed_forward(self.norm_2(x)))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_2(x + self.feed_forward(x))


# %% right="loops" of="encoder"
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.norm_1, self.norm_2 = (
            LayerNorm(d_model, 1e-5),
            LayerNorm(d_model, 1e-5),
        )
        self.feed_forward = FeedForward(d_model, d_ff)
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.order = "pre" if pre_norm else "post"

    def forward(self, x, mask=None):
        steps = (
            (self.norm_1, lambda y: self.self_attn(y, y, y, mask)),
            (self.norm_2, self.feed_forward),
        )
        for norm, sublayer in steps:
            if self.order == "pre":
                x = x + sublayer(norm(x))
            else:
                x = norm(sublayer(x) + x)
        return x


# %% right="double" of="encoder"
class EncoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.before = (
            [self.norm_1, self.norm_2] if pre_norm else [lambda x: x] * 2
        )
        self.after = (
            [lambda x: x] * 2 if pre_norm else [self.norm_1, self.norm_2]
        )

    def forward(self, x, mask=None):
        y = self.before[0](x)
        x = self.after[0](x.add(self.self_attn(y, y, y, mask)))
        return self.after[1](x.add(self.feed_forward(self.before[1](x))))


# %% mistake="decoder-no-cross" of="decoder" fails="decoder-post decoder-pre decoder-memory decoder-hidden"
# hint: The encoder's output is never looked at: the second sublayer takes its keys and values from `memory`.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-cross-first" of="decoder" fails="decoder-post decoder-pre decoder-hidden"
# hint: You look at the encoder's output first. Self-attention comes before it.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            x = x + self.cross_attn(self.norm_2(x), memory, memory, memory_mask)
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_2(x + self.cross_attn(x, memory, memory, memory_mask))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-values-of-the-target" of="decoder" fails="decoder-post decoder-pre decoder-causal decoder-memory decoder-hidden"
# hint: In the cross-attention your values come from the target. Keys and values are both `memory`.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        def look(y):
            n = memory.shape[1]
            values = y.mean(1, keepdim=True).expand(-1, n, -1)
            return self.cross_attn(y, memory, values, memory_mask)

        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = x + look(self.norm_2(x))
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + look(x))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-no-causal" of="decoder" fails="decoder-causal decoder-hidden"
# hint: `mask` never reaches the self-attention, so each token sees the future.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y)
            x = x + self.cross_attn(self.norm_2(x), memory, memory, memory_mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x))
        x = self.norm_2(x + self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-no-memory-mask" of="decoder" fails="decoder-memory decoder-hidden"
# hint: `memory_mask` never reaches the cross-attention, so padding is looked at.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = x + self.cross_attn(self.norm_2(x), memory, memory)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + self.cross_attn(x, memory, memory))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-norms-the-memory" of="decoder" fails="decoder-pre decoder-memory decoder-hidden"
# hint: In pre-LN you normalise the memory too. It comes normalised from the encoder; `norm_2` is for the queries.
# see: sec-09-residual
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            m = self.norm_2(memory)
            x = x + self.cross_attn(self.norm_2(x), m, m, memory_mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-always-post" of="decoder" fails="decoder-pre decoder-hidden"
# hint: Your decoder layer ignores `pre_norm`, and is post-LN whatever it says.
# see: sec-09-residual
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-norms-exchanged" of="decoder" fails="decoder-post decoder-pre decoder-hidden"
# hint: `norm_2` and `norm_3` are exchanged: the second belongs to the cross-attention.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = x + self.cross_attn(self.norm_3(x), memory, memory, memory_mask)
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_3(x + self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_2(x + self.feed_forward(x))


# %% mistake="decoder-one-attention" of="decoder" fails="decoder-post decoder-pre decoder-hidden"
# hint: You use `self_attn` for both attentions. The cross-attention has weights of its own.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = x + self.self_attn(self.norm_2(x), memory, memory, memory_mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + self.self_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-no-residual-of-the-look" of="decoder" fails="decoder-post decoder-pre decoder-hidden"
# hint: The cross-attention replaces x. It adds to it, like each sublayer.
# see: sec-09-residual
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = self.cross_attn(self.norm_2(x), memory, memory, memory_mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))


# %% mistake="decoder-own-causal-mask" of="decoder" fails="decoder-post decoder-pre decoder-causal decoder-hidden"
# hint: Your layer makes a causal mask by itself. The caller passes the mask; without one, nothing is hidden.
# see: sec-09-decoder
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        m = x.shape[1]
        past = torch.ones(m, m, dtype=torch.bool).tril()
        mask = past if mask is None else mask & past
        if self.pre_norm:
            y = self.norm_1(x)
            x = x + self.self_attn(y, y, y, mask)
            x = x + self.cross_attn(self.norm_2(x), memory, memory, memory_mask)
            return x + self.feed_forward(self.norm_3(x))
        x = self.norm_1(x + self.self_attn(x, x, x, mask))
        x = self.norm_2(x + self.cross_attn(x, memory, memory, memory_mask))
        return self.norm_3(x + self.feed_forward(x))


# %% right="loops" of="decoder"
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        for name in ("self_attn", "cross_attn"):
            setattr(self, name, MultiHeadedAttention(h, d_model))
        for name in ("norm_1", "norm_2", "norm_3"):
            setattr(self, name, LayerNorm(d_model, 1e-5))
        self.feed_forward = FeedForward(d_model, d_ff)
        self.pre_norm = pre_norm

    def forward(self, x, memory, mask=None, memory_mask=None):
        sublayers = (
            lambda y: self.self_attn(y, y, y, mask),
            lambda y: self.cross_attn(y, memory, memory, memory_mask),
            self.feed_forward,
        )
        for i, sublayer in enumerate(sublayers, start=1):
            norm = getattr(self, f"norm_{i}")
            x = (
                x + sublayer(norm(x))
                if self.pre_norm
                else norm(x + sublayer(x))
            )
        return x


# %% right="double" of="decoder"
class DecoderLayer(nn.Module):
    def __init__(self, d_model, h, d_ff, pre_norm=False):
        super().__init__()
        self.self_attn = MultiHeadedAttention(h, d_model)
        self.cross_attn = MultiHeadedAttention(h, d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm_1 = nn.LayerNorm(d_model)
        self.norm_2 = nn.LayerNorm(d_model)
        self.norm_3 = nn.LayerNorm(d_model)
        self.forward = self.pre if pre_norm else self.post

    def pre(self, x, memory, mask=None, memory_mask=None):
        y = self.norm_1(x)
        first = x + self.self_attn(y, y, y, mask)
        second = first + self.cross_attn(
            self.norm_2(first), memory, memory, memory_mask
        )
        return second + self.feed_forward(self.norm_3(second))

    def post(self, x, memory, mask=None, memory_mask=None):
        first = self.norm_1(x + self.self_attn(x, x, x, mask))
        second = self.norm_2(
            first + self.cross_attn(first, memory, memory, memory_mask)
        )
        return self.norm_3(second + self.feed_forward(second))


# %% mistake="loss-over-the-wrong-classes" of="loss" fails="loss-by-hand loss-smoothed loss-ignored loss-hidden"
# hint: You spread epsilon over the V - 1 wrong classes. Here it goes to all V, the true one too.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * (log_p.sum(-1) - true) / (
        log_p.shape[-1] - 1
    )
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-sum-of-classes" of="loss" fails="loss-by-hand loss-smoothed loss-ignored loss-hidden"
# hint: You add epsilon · log p of every class. The mass epsilon is shared: epsilon / V each.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.sum(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-no-less-on-the-true" of="loss" fails="loss-by-hand loss-smoothed loss-ignored loss-hidden"
# hint: The true class keeps all its mass in your q. It gives up epsilon: 1 - epsilon stays.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-no-smoothing" of="loss" fails="loss-by-hand loss-smoothed loss-ignored loss-hidden"
# hint: You ignore epsilon: this is the plain cross-entropy.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -true
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-counts-the-ignored" of="loss" fails="loss-ignored loss-all-ignored loss-hidden"
# hint: You divide by the number of all targets. Ignored ones are not counted.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / targets.numel()


# %% mistake="loss-ignored-still-cost" of="loss" fails="loss-ignored loss-all-ignored loss-hidden"
# hint: Ignored targets still pay the smoothed part. They cost nothing at all.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    true = true.masked_fill(~counted, 0.0)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.sum() / counted.sum().clamp(min=1)


# %% mistake="loss-no-ignore" of="loss" fails="loss-ignored loss-all-ignored loss-hidden"
# hint: You never look at `ignore`.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = torch.ones_like(targets, dtype=torch.bool)
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-overflows" of="loss" fails="loss-hidden"
# hint: You take the logarithm of a softmax: large logits make it infinite. Use `log_softmax`.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.softmax(-1).log()
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-none-counted" of="loss" fails="loss-all-ignored"
# hint: If all targets are ignored, you divide 0 by 0. Return 0 there.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum()


# %% mistake="loss-none-counted-no-gradient" of="loss" fails="loss-all-ignored"
# hint: If all are ignored, your 0 has no gradient, and `backward()` fails. Make it of the logits.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    if not counted.any():
        return torch.tensor(0.0)
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum()


# %% mistake="loss-ignores-negatives-alone" of="loss" fails="loss-ignored loss-hidden"
# hint: You leave out negative targets, whatever `ignore` is. It may be one of the classes, too.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets >= 0
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% mistake="loss-a-sum" of="loss" fails="loss-plain loss-smoothed loss-ignored loss-hidden"
# hint: You return the sum. Return the mean over the targets that count.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum()


# %% mistake="loss-one-loss-a-target" of="loss" fails="loss-by-hand loss-plain loss-smoothed loss-ignored loss-all-ignored loss-hidden"
# hint: You return one loss for each target. Return their mean, one number.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0)


# %% mistake="loss-two-axes-only" of="loss" fails="loss-smoothed loss-hidden"
# hint: You index rows with `arange`: that works for logits (n, V) alone. There may be more axes in front, or none.
# see: sec-09-smoothing
def label_smoothing_loss(logits, targets, epsilon, ignore):
    log_p = logits.log_softmax(-1)
    counted = targets != ignore
    safe = targets.masked_fill(~counted, 0)
    true = log_p[torch.arange(len(targets)), safe]
    cost = -(1 - epsilon) * true - epsilon * log_p.mean(-1)
    return cost.masked_fill(~counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% right="loops" of="loss"
def label_smoothing_loss(logits, targets, epsilon, ignore):
    V = logits.shape[-1]
    costs = []
    for row, y in zip(
        logits.reshape(-1, V), targets.reshape(-1).tolist(), strict=True
    ):
        if y != ignore:
            q = torch.full((V,), epsilon / V, dtype=row.dtype)
            q[y] = q[y] + 1 - epsilon
            log_p = row - row.max().detach()
            log_p = log_p - log_p.exp().sum().log()
            costs.append(-(q * log_p).sum())
    return sum(costs) / len(costs) if costs else (logits * 0).sum()


# %% right="double" of="loss"
def label_smoothing_loss(logits, targets, epsilon, ignore):
    V = logits.shape[-1]
    flat, truth = logits.reshape(-1, V), targets.reshape(-1)
    kept = truth != ignore
    if not kept.any():
        return flat.sum() * 0.0
    log_p = flat[kept].double() - flat[kept].double().logsumexp(
        -1, keepdim=True
    )
    q = (torch.arange(V) == truth[kept][:, None]) * (
        1.0 - epsilon
    ) + epsilon / V
    return -(q * log_p).sum(-1).mean().to(logits.dtype)


# %% mistake="rate-larger-of-the-two" of="rate" fails="rate-by-hand rate-shape rate-before-the-first rate-hidden"
# hint: You take the larger of the two terms. The smaller one rises first and falls later.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)


# %% mistake="rate-d-model-not-rooted" of="rate" fails="rate-by-hand rate-shape rate-before-the-first rate-hidden"
# hint: The factor is 1 / √d_model, not 1 / d_model.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-1.0 * min(step**-0.5, step * warmup**-1.5)


# %% mistake="rate-exponential" of="rate" fails="rate-by-hand rate-shape rate-hidden"
# hint: Your rate falls exponentially after the warm-up. It falls as 1 / √step.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    peak = (d_model * warmup) ** -0.5
    return peak * min(step / warmup, 0.5 ** ((step - warmup) / warmup))


# %% mistake="rate-no-warm-up" of="rate" fails="rate-by-hand rate-shape rate-before-the-first rate-hidden"
# hint: There is no rise: the second term is missing.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * step**-0.5


# %% mistake="rate-warm-up-minus-one-half" of="rate" fails="rate-by-hand rate-shape rate-before-the-first rate-hidden"
# hint: The rise is step · warmup^(-3/2): with another power the two terms don't meet at the end of the warm-up.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(step**-0.5, step * warmup**-0.5)


# %% mistake="rate-linear-fall" of="rate" fails="rate-by-hand rate-shape rate-hidden"
# hint: Your rate falls as 1 / step. It falls with the root: four times the steps, half the rate.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(warmup**0.5 / step, step * warmup**-1.5)


# %% mistake="rate-first-step-fails" of="rate" fails="rate-before-the-first"
# hint: This is the chapter's function, which refuses step 0. Here its rate is 0.0.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step < 1:
        raise ValueError(f"the first step is 1: got {step}")
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


# %% mistake="rate-of-step-one-at-zero" of="rate" fails="rate-before-the-first"
# hint: You count from 0: step 0 gets the rate of step 1. There it is 0.0.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    step = max(step, 1)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


# %% mistake="rate-constant-after" of="rate" fails="rate-by-hand rate-shape rate-hidden"
# hint: Your rate stays at its peak after the warm-up. It falls as 1 / √step.
# see: sec-09-smoothing
def warmup_rate(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(warmup**-0.5, step * warmup**-1.5)


# %% right="loops" of="rate"
def warmup_rate(step, d_model, warmup):
    if step <= warmup:
        return float(step / math.sqrt(d_model) / warmup**1.5)
    return 1 / math.sqrt(d_model * step)


# %% right="double" of="rate"
def warmup_rate(step, d_model, warmup):
    if step < 1:
        return 0.0
    terms = torch.tensor(
        [step**-0.5, step / warmup / warmup**0.5], dtype=torch.float64
    )
    return (terms.min() / d_model**0.5).item()


# %% mistake="beam-greedy-only" of="beam" fails="beam-wider beam-calls beam-hidden"
# hint: You keep one beam whatever `width` is: that is greedy decoding.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:1]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-sum-as-score" of="beam" fails="beam-by-hand beam-greedy beam-wider beam-ties beam-pushed-out beam-hidden"
# hint: You compare sums at the end. The score is the sum divided by the number of tokens.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1])
    return tokens, total


# %% mistake="beam-counts-the-start" of="beam" fails="beam-by-hand beam-greedy beam-wider beam-ties beam-pushed-out beam-hidden"
# hint: You count `start` in the length. It was not written.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / (len(beam[0]) + 1))
    return tokens, total / (len(tokens) + 1)


# %% mistake="beam-returns-the-start" of="beam" fails="beam-by-hand beam-greedy beam-wider beam-calls beam-ties beam-pushed-out beam-hidden"
# hint: What you return begins with `start`. Leave it out.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return [start, *tokens], total / len(tokens)


# %% mistake="beam-drops-the-end" of="beam" fails="beam-by-hand beam-greedy beam-wider beam-calls beam-hidden"
# hint: You cut off `end`. It was written, and belongs to the answer.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    score = total / len(tokens)
    return [k for k in tokens if k != end], score


# %% mistake="beam-goes-on-after-the-end" of="beam" fails="beam-by-hand beam-calls beam-hidden"
# hint: You continue beams that have ended. They stay as they are.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            found += [
                ([*tokens, k], total + p) for k, p in enumerate(next(rows))
            ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-puts-aside" of="beam" fails="beam-pushed-out beam-hidden"
# hint: You put ended beams aside, as the chapter does. Here they keep competing, and can be pushed out.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams, aside = [([], 0.0)], []
    for _ in range(max_len):
        if not beams:
            break
        rows = step(
            torch.tensor([[start, *tokens] for tokens, _ in beams])
        ).tolist()
        found = [
            ([*tokens, k], total + p)
            for (tokens, total), row in zip(beams, rows, strict=True)
            for k, p in enumerate(row)
        ]
        found = sorted(found, key=lambda beam: -beam[1])[: width - len(aside)]
        aside += [beam for beam in found if beam[0][-1] == end]
        beams = [beam for beam in found if beam[0][-1] != end]
    tokens, total = max(aside + beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-puts-aside-and-fills-up" of="beam" fails="beam-pushed-out beam-hidden"
# hint: You put ended beams aside and go on with `width` others. Here they compete for the same `width` places.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams, aside = [([], 0.0)], []
    for _ in range(max_len):
        if not beams:
            break
        rows = step(
            torch.tensor([[start, *tokens] for tokens, _ in beams])
        ).tolist()
        found = [
            ([*tokens, k], total + p)
            for (tokens, total), row in zip(beams, rows, strict=True)
            for k, p in enumerate(row)
        ]
        found = sorted(found, key=lambda beam: -beam[1])[:width]
        aside += [beam for beam in found if beam[0][-1] == end]
        beams = [beam for beam in found if beam[0][-1] != end]
    tokens, total = max(aside + beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-stops-at-the-first-end" of="beam" fails="beam-by-hand beam-calls beam-pushed-out beam-hidden"
# hint: You stop as soon as one beam has ended. A longer one may still have a better score.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
        if any(tokens[-1] == end for tokens, _ in beams):
            break
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-best-sum-only" of="beam" fails="beam-by-hand beam-hidden"
# hint: You return the beam with the largest sum. The winner is the one with the greatest score.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = beams[0]
    return tokens, total / len(tokens)


# %% mistake="beam-ranks-by-the-score" of="beam" fails="beam-hidden"
# hint: You keep the beams with the greatest mean in each round. Rounds compare sums; only the winner is chosen by the mean.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1] / len(beam[0]))[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-probabilities-added-twice" of="beam" fails="beam-by-hand beam-greedy beam-wider beam-calls beam-ties beam-pushed-out beam-hidden"
# hint: `step` returns log-probabilities already: don't take their logarithm or softmax again.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live]))
            .softmax(-1)
            .tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-one-round-too-many" of="beam" fails="beam-greedy beam-ties beam-pushed-out beam-hidden"
# hint: You write one token more than `max_len`.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len + 1):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-the-last-of-equals" of="beam" fails="beam-ties beam-pushed-out beam-hidden"
# hint: Of equal sums you take the later. A sort with `reverse=True` keeps the order; turning a sorted list round does not.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: beam[1])[::-1][:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-start-is-the-end" of="beam" fails="beam-hidden"
# hint: Where `start` equals `end`, you take the first beam for one that has ended. `start` was not written.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if [start, *tokens][-1] != end]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if [start, *tokens][-1] == end:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
    if beams == [([], 0.0)]:
        return [], 0.0
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% mistake="beam-brings-back-the-pushed-out" of="beam" fails="beam-pushed-out beam-hidden"
# hint: A beam that ended and was pushed out wins in the end. Once it is out, it is out: choose among the beams of the last round.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams, complete = [([], 0.0)], []
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: -beam[1])[:width]
        complete += [beam for beam in beams if beam[0][-1] == end]
    tokens, total = max(
        complete + beams, key=lambda beam: beam[1] / len(beam[0])
    )
    return tokens, total / len(tokens)


# %% mistake="beam-compares-tokens-in-a-tie" of="beam" fails="beam-hidden"
# hint: Of equal sums you take the smaller list of tokens, as a sort of tuples does. What comes from an earlier beam goes first.
# see: sec-09-beam
def beam_search(step, start, end, width, max_len):
    beams = [([], 0.0)]
    for _ in range(max_len):
        live = [tokens for tokens, _ in beams if tokens[-1:] != [end]]
        if not live:
            break
        rows = iter(
            step(torch.tensor([[start, *tokens] for tokens in live])).tolist()
        )
        found = []
        for tokens, total in beams:
            if tokens[-1:] == [end]:
                found.append((tokens, total))
            else:
                found += [
                    ([*tokens, k], total + p) for k, p in enumerate(next(rows))
                ]
        beams = sorted(found, key=lambda beam: (-beam[1], beam[0]))[:width]
    tokens, total = max(beams, key=lambda beam: beam[1] / len(beam[0]))
    return tokens, total / len(tokens)


# %% right="loops" of="beam"
def beam_search(step, start, end, width, max_len):
    beams, sums, ended = [[start]], [0.0], [False]
    for _ in range(max_len):
        going = [i for i, over in enumerate(ended) if not over]
        if not going:
            break
        table = step(torch.tensor([beams[i] for i in going]))
        found = []
        for i, beam in enumerate(beams):
            if ended[i]:
                found.append((sums[i], beam, True))
                continue
            row = table[going.index(i)]
            for k in range(len(row)):
                found.append((sums[i] + float(row[k]), [*beam, k], k == end))
        best = []
        while found and len(best) < width:
            largest = max(range(len(found)), key=lambda i: found[i][0])
            best.append(found.pop(largest))
        sums, beams, ended = map(list, zip(*best, strict=True))
    scores = [s / (len(b) - 1) for s, b in zip(sums, beams, strict=True)]
    winner = scores.index(max(scores))
    return beams[winner][1:], scores[winner]


# %% right="double" of="beam"
def beam_search(step, start, end, width, max_len):
    beams = torch.tensor([[start]])  # ended rows are filled up with end
    sums, lengths = (
        torch.zeros(1, dtype=torch.float64),
        torch.zeros(1, dtype=torch.long),
    )
    ended = torch.zeros(1, dtype=torch.bool)
    for _ in range(max_len):
        if ended.all():
            break
        table = step(beams[~ended]).double()
        V = table.shape[1]
        whole = torch.full((len(beams), V), -torch.inf, dtype=torch.float64)
        whole[~ended] = sums[~ended, None] + table
        whole[ended, end] = sums[ended]
        order = whole.flatten().sort(descending=True, stable=True).indices
        order = order[whole.flatten()[order] > -torch.inf][:width]
        rows, tokens = order // V, order % V
        sums = whole.flatten()[order]
        lengths = lengths[rows] + (~ended[rows]).long()
        ended = ended[rows] | (tokens == end)
        beams = torch.cat([beams[rows], tokens[:, None]], dim=1)
    scores = sums / lengths
    winner = int((scores == scores.max()).nonzero()[0])
    return beams[winner, 1 : 1 + int(lengths[winner])].tolist(), scores[
        winner
    ].item()


# %% [markdown] answer="adam" of="post-to-pre" points=2
# Adam's steps are as long in both, that is right. But small changes of the weights grow
# from layer to layer in a post-LN stack, until all vectors are one. After the move a norm
# is missing at the end of the stack.

# %% [markdown] answer="norm" of="post-to-pre" points=1
# They forgot the norm after the last layer.

# %% [markdown] answer="none" of="post-to-pre" points=0
# The learning rate was too small.
