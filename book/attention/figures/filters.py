"""One distribution and three filters: temperature, top-k, top-p, each a slider.

Bars stand on a logarithmic scale, so that the tail is seen; what is cut is hatched.
"""

from collections.abc import Sequence
from math import exp, log10
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)
from attention.figures.tokens import visible
from attention.shapes import check_shape

FILTER_PARTS = ("filters.css", "filters.js")
HEATS = (0.2, 0.3, 0.5, 0.7, 1.0, 1.3, 1.6, 2.0)
MASSES = tuple(i / 20 for i in range(1, 21))
DECADES = 5  # that the scale shows: from 1 down to 0.00001
SHOWN = 24  # bars, and one for the others
FILTER_KEY = (
    '<p class="key">Height: probability, on a scale of powers of ten. Hatched and ✕: '
    "cut. The short line: as the model gave it.</p>"
)


class Filter(NamedTuple):
    """How a distribution is bent and cut."""

    heat: float
    k: int
    p: float

    def apply(self, logits: Sequence[float]) -> tuple[list[float], list[bool]]:
        """Return probabilities before the cut, and which stay; likeliest first."""
        exps = [exp((z - logits[0]) / self.heat) for z in logits]
        kept, before, total = [], 0.0, sum(exps[: self.k])
        for i, x in enumerate(exps):
            kept.append(i < self.k and (i == 0 or self.p >= 1 or before < self.p))
            before += x / total
        return [x / sum(exps) for x in exps], kept

    def say(self, logits: Sequence[float], names: Sequence[str]) -> str:
        """Say how many are left, and the likeliest of them, as the script does."""
        p, kept = self.apply(logits)
        mass = sum(x for x, stays in zip(p, kept, strict=True) if stays)
        first = ", ".join(
            f"{names[i]} {p[i] / mass:.2f}" for i in range(min(3, sum(kept)))
        )
        return (
            f"τ = {self.heat:g}, k = {self.k}, p = {self.p:.2f}: {sum(kept)} of "
            f"{len(p)} are left, with {100 * mass:.0f}% of the probability. "
            f"Drawn from now: {first}{' …' if sum(kept) > 3 else ''}"
        )


def filter_figure(
    logits: ArrayLike,
    tokens: Sequence[str],
    *,
    start: Filter,
    title: str,
    alt: str,
) -> Interactive:
    """Let readers bend and cut the distribution of the next token.

    Args:
        logits: (tokens,).
        tokens: their names.
        start: what is shown first; its heat and p are among `HEATS` and `MASSES`.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if names and logits differ in number, or alt is empty.

    """
    given = np.asarray(logits, dtype=float)
    check_shape("logits (tokens,)", given, len(tokens))
    order = np.argsort(-given, kind="stable")
    z = [round(float(given[i]), 4) for i in order]
    names = [visible(tokens[i]) for i in order]
    data = {"logits": z, "names": names, "heats": HEATS, "masses": MASSES}
    body = (
        f'<div class="bars" aria-hidden="true">{_draw_shares()}'
        f"{_draw_bars(z, names, start)}</div>{FILTER_KEY}"
        f'<div class="set" hidden>{_write_sliders(len(z), start)}</div>'
    )
    said, name = start.say(z, names), figure_id(data, title, alt)
    return compose(name, body, said, FILTER_PARTS, data, title=title, alt=alt)


def _write_sliders(size: int, start: Filter) -> str:
    """Return the three sliders with their values."""
    sliders = (
        ("temperature τ", range_input(len(HEATS), HEATS.index(start.heat)), start.heat),
        ("top-k", range_input(size, start.k - 1), start.k),
        ("top-p", range_input(len(MASSES), MASSES.index(start.p)), f"{start.p:.2f}"),
    )
    return "".join(
        f"<label>{name} {slider}<b>{value}</b></label>"
        for name, slider, value in sliders
    )


def _draw_shares() -> str:
    """Draw a line for each power of ten."""
    return "".join(
        f'<i class="tick" style="bottom:{100 * (1 - k / DECADES):.0f}%">'
        f"{10.0**-k:g}</i>"
        for k in range(DECADES)
    )


def _draw_bars(logits: Sequence[float], names: Sequence[str], at: Filter) -> str:
    """Draw the likeliest tokens, and one bar for what all others have together."""
    p, kept = at.apply(logits)
    plain, _ = Filter(1.0, len(p), 1.0).apply(logits)
    mass = sum(x for x, stays in zip(p, kept, strict=True) if stays)
    heights = [x / mass if stays else x for x, stays in zip(p, kept, strict=True)]
    groups = [[i] for i in range(min(SHOWN, len(p)))]
    if len(p) > SHOWN:
        groups.append(list(range(SHOWN, len(p))))
    return "".join(
        f"<span{'' if kept[g[0]] else ' class=cut'}>"
        f'<b style="height:{_log_height(sum(heights[i] for i in g)):.1f}%"></b>'
        f'<s style="bottom:{_log_height(sum(plain[i] for i in g)):.1f}%"></s>'
        f"<small>{safe(names[g[0]]) if len(g) == 1 else f'+{len(g)}'}</small></span>"
        for g in groups
    )


def _log_height(p: float) -> float:
    """Return how high a probability stands, in percent of the scale."""
    return max(0.0, 100 * (1 + log10(max(p, 1e-12)) / DECADES))
