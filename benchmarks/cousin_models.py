"""Five bodies of one size for `cousins`: what happens between embedding and output."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attention.mechanisms.convolution import causal_dilated_conv
from attention.mechanisms.experts import Experts
from attention.mechanisms.masking import weigh_keys
from attention.mechanisms.masks import causal_mask
from attention.mechanisms.multi_head import merge_heads, split_heads
from attention.mechanisms.positions import apply_rope
from attention.models.blocks import FeedForward
from attention.models.neural_gpu import NeuralGPU


class Attend(nn.Module):
    """Self-attention with RoPE, then a network for each position or a few experts."""

    def __init__(self, d: int, h: int, d_ff: int, causal: bool, experts: int = 0):
        super().__init__()
        self.h, self.causal = h, causal
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.network = Experts(d, d_ff, experts, 2) if experts else FeedForward(d, d_ff)

    def forward(self, x: Tensor) -> Tensor:
        """Turn x (batch, n, d) into as many vectors."""
        n = x.shape[1]
        parts = self.qkv(self.norms[0](x)).chunk(3, -1)
        q, k, v = (split_heads(part, self.h) for part in parts)
        q, k = (apply_rope(part, torch.arange(n)) for part in (q, k))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        mask = causal_mask(n, n) if self.causal else None
        x = x + self.out(merge_heads(weigh_keys(scores, mask) @ v))
        y = self.norms[1](x).flatten(0, 1)
        return x + self.network(y).view_as(x)


class Gated(nn.Module):
    """WaveNet's block: a dilated convolution with a gate."""

    def __init__(self, d: int, dilation: int, causal: bool):
        super().__init__()
        self.dilation, self.causal = dilation, causal
        self.conv, self.out = nn.Conv1d(d, 2 * d, 3), nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        """Add a gated look at the places a dilation apart to x (batch, n, d)."""
        y, weight = x.transpose(1, 2), self.conv.weight
        if self.causal:
            y = causal_dilated_conv(y, weight, self.dilation)
        else:
            y = F.conv1d(y, weight, padding="same", dilation=self.dilation)
        a, b = (y.transpose(1, 2) + self.conv.bias).chunk(2, -1)
        return x + self.out(a.tanh() * b.sigmoid())


class Separable(nn.Module):
    """SliceNet's block: ReLU, a filter for each channel, a mix, a norm."""

    def __init__(self, d: int, k: int, causal: bool):
        super().__init__()
        self.before = (k - 1, 0) if causal else (k // 2, k // 2)
        self.depthwise = nn.Conv1d(d, d, k, groups=d, bias=False)
        self.pointwise, self.norm = nn.Linear(d, d), nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        """Add what filter and mix make of x (batch, n, d)."""
        y = self.depthwise(F.pad(x.relu().transpose(1, 2), self.before))
        return x + self.norm(self.pointwise(y.transpose(1, 2)))


class Repeated(NeuralGPU):
    """The Neural GPU's step over vectors; causal, it sees two places to the left."""

    def __init__(self, d: int, causal: bool, steps: int | None):
        super().__init__(1, 1, d, diagonal=not causal)
        self.causal, self.steps = causal, steps

    def forward(self, x: Tensor, steps: int | None = None) -> Tensor:
        """Take the step as often as told, or as x (batch, n, d) is long."""
        s = self._squash(x.transpose(0, 1))
        for _ in range(steps or self.steps or x.shape[1]):
            s = self.step(s)
        return s.transpose(0, 1)

    def _see(self, linear: nn.Linear, s: Tensor) -> Tensor:
        wide = F.pad(s, (0, 0, 0, 0, 2, 0) if self.causal else (0, 0, 0, 0, 1, 1))
        seen: Tensor = linear(torch.cat([wide[:-2], wide[1:-1], wide[2:]], -1))
        noise = self.noise * torch.randn_like(seen) if self.training else 0.0
        return seen + noise


class Reader(nn.Module):
    """Embed, apply a body, answer at every place."""

    def __init__(self, symbols: int, answers: int, d: int, body: nn.Module):
        super().__init__()
        self.embed, self.body = nn.Embedding(symbols, d), body
        self.out = nn.Linear(d, answers)

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (batch, n, answers) for ids (batch, n)."""
        answers: Tensor = self.out(self.body(self.embed(ids)))
        return answers


def attend(causal: bool, steps: int | None) -> tuple[int, nn.Module]:
    return 40, nn.Sequential(*(Attend(40, 2, 160, causal) for _ in range(2)))


def mixture(causal: bool, steps: int | None) -> tuple[int, nn.Module]:
    return 40, nn.Sequential(*(Attend(40, 2, 40, causal, 4) for _ in range(2)))


def dilated(causal: bool, steps: int | None) -> tuple[int, nn.Module]:
    return 30, nn.Sequential(*(Gated(30, 2**i, causal) for i in range(6)))


def separable(causal: bool, steps: int | None) -> tuple[int, nn.Module]:
    return 76, nn.Sequential(*(Separable(76, 7, causal) for _ in range(6)))


def repeated(causal: bool, steps: int | None) -> tuple[int, nn.Module]:
    return 66, Repeated(66, causal, steps)


Body = Callable[[bool, int | None], tuple[int, nn.Module]]
BODIES: dict[str, tuple[str, Body]] = {
    "attention": ("attention", attend),
    "dilated": ("dilated", dilated),
    "separable": ("separable", separable),
    "neural-gpu": ("Neural GPU", repeated),
    "experts": ("experts", mixture),
}


def make_reader(
    kind: str, symbols: int, answers: int, causal: bool, steps: int | None
) -> Reader:
    """Make a model; `steps` is how often the Neural GPU's step is taken, n if None."""
    d, body = BODIES[kind][1](causal, steps)
    return Reader(symbols, answers, d, body)
