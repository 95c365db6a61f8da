"""A beat to learn from: short tones at even distances, made here, and its levels."""

import math

import torch
from torch import Tensor

RATE = 2000  # samples a second
PERIOD = 192  # samples from one stroke to the next
SOUND_LEVELS = 32


def make_beat(n: int, generator: torch.Generator, period: int = PERIOD) -> Tensor:
    """Return n samples between -1 and 1: every fourth stroke higher, a little noise.

    A stroke dies away within about a hundred samples; the rest is silence.
    """
    time = torch.arange(n)
    since, stroke = time % period, time // period
    pitch = torch.tensor([330.0, 220.0])[(stroke % 4 > 0).long()]
    tone = torch.sin(2 * math.pi * pitch * since / RATE) * torch.exp(-since / 22.0)
    return (tone + 0.02 * torch.randn(n, generator=generator)).clamp(-1, 1)


def to_levels(sound: Tensor, levels: int = SOUND_LEVELS) -> Tensor:
    """Cut samples between -1 and 1 into levels, finer near 0: the μ-law.

    As WaveNet does, with 256 levels there: van den Oord et al. (2016), section 2.2.
    """
    mu = levels - 1
    bent = sound.sign() * torch.log1p(mu * sound.abs()) / math.log1p(mu)
    return ((bent + 1) / 2 * mu).round().long()


def from_levels(ids: Tensor, levels: int = SOUND_LEVELS) -> Tensor:
    """Return the sample that each level stands for, between -1 and 1."""
    mu = levels - 1
    bent = 2 * ids.float() / mu - 1
    return bent.sign() * torch.expm1(bent.abs() * math.log1p(mu)) / mu


def find_strokes(ids: Tensor, quiet: int = 40) -> Tensor:
    """Return where a stroke begins: loud, after so many quiet samples (length,)."""
    loud = from_levels(ids).abs() > 0.25
    at = loud.nonzero()[:, 0]
    gaps = torch.diff(at, prepend=torch.tensor([-quiet]))
    return at[gaps >= quiet]
