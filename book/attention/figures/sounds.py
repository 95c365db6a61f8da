"""Sounds to see and to hear: each a still wave and the browser's own player."""

import base64
import io
import wave
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import Interactive, compose, figure_id, safe

DRAWN_ROWS = 40.0  # how high a wave is drawn
PLAYED = 8000  # samples a second of the file: every browser plays that


def play_sounds(
    sounds: Mapping[str, ArrayLike],
    rate: int,
    *,
    marks: Sequence[int] = (),
    title: str,
    alt: str,
) -> Interactive:
    """Show some sounds below each other, and let readers play each.

    Args:
        sounds: samples between -1 and 1 by name, each (length,); all of one length.
        rate: samples a second; a divisor of 8,000.
        marks: where a dashed line stands in each wave.
        title: the finding.
        alt: what is seen.

    Raises:
        ValueError: if the rate divides 8,000 with a remainder.

    """
    if PLAYED % rate:
        raise ValueError(f"rate: expected a divisor of {PLAYED}, got {rate}")
    waves = {name: np.asarray(samples, float) for name, samples in sounds.items()}
    lines = "".join(f'<line x1="{x}" x2="{x}" y1="-20" y2="20"/>' for x in marks)
    rows = "".join(
        f'<div class="sound"><b>{safe(name)}</b>'
        f'<svg viewBox="0 -20 {len(samples)} {DRAWN_ROWS:g}" aria-hidden="true" '
        f'preserveAspectRatio="none">{lines}<path d="{draw_wave(samples)}"/></svg>'
        f'<audio controls preload="metadata" aria-label="{safe(name)}" '
        f'src="data:audio/wav;base64,{encode_wave(samples, rate)}"></audio></div>'
        for name, samples in waves.items()
    )
    seconds = len(next(iter(waves.values()))) / rate
    said = f"Each lasts {seconds:.1f} seconds."
    name = figure_id({"sounds": list(sounds)}, title, alt, rows)
    parts = ("sounds.css", "sounds.js")
    return compose(name, rows, said, parts, {}, title=title, alt=alt)


def draw_wave(samples: np.ndarray, per: int = 4) -> str:
    """Return the outline of a wave: from the lowest to the highest of each few."""
    cut = samples[: len(samples) // per * per].reshape(-1, per)
    low, high = (-18 * cut.max(1)).round(), (-18 * cut.min(1)).round()
    return "".join(
        f"M{i * per} {a - 0.5:g}V{b + 0.5:g}"
        for i, (a, b) in enumerate(zip(low, high, strict=True))
    )


def encode_wave(samples: np.ndarray, rate: int) -> str:
    """Return a WAV file of 8 bits a sample, in base64; between samples it is straight.

    A browser may refuse fewer than 3,000 samples a second.
    """
    finer = PLAYED // rate
    at = np.arange(len(samples) * finer) / finer
    between = np.interp(at, np.arange(len(samples)), samples)
    levels = (127.5 + 120 * np.clip(between, -1, 1)).round().astype(np.uint8)
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(1)
            sound.setframerate(PLAYED)
            sound.writeframes(levels.tobytes())
        return base64.b64encode(file.getvalue()).decode()
