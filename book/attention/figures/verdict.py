"""The verdict on heads: how often each is right, beside what luck alone would give.

A cone shows every head's share against the number of sentences looked at; dots show
the shares at one number, and a slider moves it. Luck is one fair coin for each head.
"""

import base64
from collections.abc import Sequence
from math import comb, log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
)
from attention.figures.svg_words import words_at
from attention.shapes import check_shape

WISE = 0.75  # a share from which a head looks wise
TOP_OF_PANEL, LOWEST, FROM, TO, PANEL_HEIGHT = 26, 226, 42, 344, 268  # of a panel
VERDICT_PARTS = ("verdict.css", "verdict.js")


class Count(NamedTuple):
    """How often each head was right, and how often the luckiest coin is."""

    right: np.ndarray  # (sentences, heads): among the first 1, 2, … sentences
    lucky: np.ndarray  # (sentences,)
    layers: int

    def shares(self, n: int) -> np.ndarray:
        """Return each head's share among the first n, (heads,)."""
        return self.right[n - 1] / n

    def best(self, n: int) -> int:
        """Return the head that was right most often; the first of equals."""
        return int(self.right[n - 1].argmax())

    def name(self, head: int) -> str:
        """Return layer and number, as 3.1."""
        size = self.right.shape[1] // self.layers
        return f"{head // size}.{head % size}"


def luck_of_the_best(n: int, heads: int, sure: float = 0.975) -> int:
    """Return how often the best of so many coins comes up heads in n throws.

    It is the least k that no coin exceeds with probability `sure`; by symmetry none
    stays below n - k with that probability either.
    """
    wanted, below = sure ** (1 / heads), 0
    for k in range(n + 1):
        below += comb(n, k)
        if below / 2**n >= wanted:
            return k
    return n


def count_hits(hits: ArrayLike, layers: int) -> Count:
    """Count, sentence by sentence, how often each head was right.

    Args:
        hits: (sentences, heads), 1 where a head is right; layer by layer.
        layers: how many layers the heads belong to.

    Raises:
        ValueError: if the heads can't be dealt out to the layers.

    """
    table = np.asarray(hits).astype(int)
    check_shape("hits (sentences, heads)", table, len(table), table.shape[-1])
    if table.shape[1] % layers:
        raise ValueError(f"{table.shape[1]} heads in {layers} layers: not as many each")
    lucky = [luck_of_the_best(n + 1, table.shape[1]) for n in range(len(table))]
    return Count(table.cumsum(0), np.array(lucky), layers)


def choose_stops(last: int) -> list[int]:
    """Return numbers from 1 to the last, at first each, later ever fewer."""
    steps, n = [], 1
    while n < last:
        steps.append(n)
        n += max(1, n // 14)
    return [*steps, last]


def say_verdict(count: Count, n: int) -> str:
    """Say how the heads stand after n sentences, as the page's script does."""
    shares, size = count.shares(n), count.right.shape[1]
    wise, best = int((shares >= WISE).sum()), count.best(n)
    equals = int((shares == shares[best]).sum())
    who = f"are {equals} heads" if equals > 1 else f"is {count.name(best)}"
    return (
        f"After {n} sentence{'s' if n > 1 else ''} {wise or 'none'} of {size} heads "
        f"look{'s' if wise < 2 else ''} wise: right in three quarters or more. The "
        f"best {who} with {_round_percent(shares[best])}; luck alone takes the best of "
        f"{size} coins up to {_round_percent(count.lucky[n - 1] / n)}."
    )


def verdict_figure(
    hits: ArrayLike, *, layers: int, title: str, alt: str
) -> Interactive:
    """Let readers choose how many sentences are looked at, and see the heads fall.

    Args:
        hits: (sentences, heads), 1 where a head is right; layer by layer.
        layers: how many layers the heads belong to.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if the heads can't be dealt out to the layers, or alt is empty.

    """
    count = count_hits(hits, layers)
    last = len(count.right)
    stops = choose_stops(last)
    data = _pack_hits(np.asarray(hits), count, stops)
    slider = range_input(len(stops), len(stops) - 1)
    body = (
        f'<div class="panels">{_draw_cone(count, stops)}{_draw_heads(count, last)}'
        f"</div>{_draw_verdict_key(count)}<label hidden>sentences looked at {slider}"
        f"<b>{last}</b></label>"
    )
    name, said = figure_id(data, title, alt), say_verdict(count, last)
    return compose(name, body, said, VERDICT_PARTS, data, title=title, alt=alt)


def verdict_still(
    hits: ArrayLike, at: Sequence[int], *, layers: int, title: str, alt: str
) -> Interactive:
    """Show the heads after so many sentences, a panel for each number.

    Args:
        hits: (sentences, heads), 1 where a head is right; layer by layer.
        at: numbers of sentences.
        layers: how many layers the heads belong to.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if the heads can't be dealt out to the layers, or alt is empty.

    """
    count = count_hits(hits, layers)
    panels = "".join(_draw_heads(count, n, width=250) for n in at)
    data = {"at": list(at), "right": count.right[list(at)[-1] - 1].tolist()}
    body = f'<div class="panels">{panels}</div>{_draw_verdict_key(count)}'
    name, said = figure_id(data, title, alt), say_verdict(count, at[-1])
    return compose(name, body, said, VERDICT_PARTS, {}, title=title, alt=alt)


def _pack_hits(hits: np.ndarray, count: Count, stops: list[int]) -> dict[str, Any]:
    """Return what the page's script reads: one bit for each head and sentence."""
    bits = np.packbits(hits.astype(bool).ravel())
    return {
        "hits": base64.b64encode(bits.tobytes()).decode(),
        "heads": count.right.shape[1],
        "layers": count.layers,
        "lucky": count.lucky.tolist(),
        "stops": stops,
        "cursor": [round(_place_of_number(n, stops[-1]), 1) for n in stops],
        "scale": [TOP_OF_PANEL, LOWEST],
        "wise": WISE,
    }


def _round_percent(share: float) -> str:
    return f"{int(100 * share + 0.5)}%"


def _share_height(share: float) -> float:
    """Return the height in a panel at which a share stands."""
    return LOWEST - share * (LOWEST - TOP_OF_PANEL)


def _place_of_number(n: int, last: int) -> float:
    """Return where a number of sentences stands: the axis is logarithmic."""
    return FROM + (TO - FROM) * log(n) / log(last)


def _draw_verdict_axes(right: float, xlabel: str, words: str) -> str:
    """Draw what both panels have: shares upwards, a line at one half, a name."""
    ticks = "".join(
        words_at(FROM - 5, _share_height(s) + 4, f"{s:.0%}", "end") for s in (0, 0.5, 1)
    )
    middle = (FROM + right) / 2
    return (
        f'<path class="axis" d="M{FROM} {TOP_OF_PANEL}V{LOWEST}H{right}"/>'
        f'<path class="half" d="M{FROM} {_share_height(0.5):.0f}H{right}"/>{ticks}'
        f"{words_at(middle, PANEL_HEIGHT - 4, xlabel)}"
        f"{words_at(right, 11, words, 'end', 'name')}"
    )


def _draw_cone(count: Count, stops: list[int]) -> str:
    """Draw every head's share against the number of sentences, and luck's band."""
    last, best = stops[-1], count.best(stops[-1])
    x = [_place_of_number(n, last) for n in stops]
    table = np.array([count.shares(n) for n in stops])  # (stops, heads)
    lines = "".join(_draw_share_line(x, share) for share in np.delete(table, best, 1).T)
    high = np.array([count.lucky[n - 1] / n for n in stops])
    band = (
        _draw_share_line(x, high)
        + _draw_share_line(x[::-1], 1 - high[::-1]).replace("M", "L")
        + "Z"
    )
    ticks = "".join(
        words_at(_place_of_number(n, last), LOWEST + 18, n)
        for n in (*(n for n in (1, 3, 10, 30, 100) if n < last / 2), last)
    )
    return (
        f'<svg viewBox="0 0 350 {PANEL_HEIGHT}" aria-hidden="true"><path class="band" '
        f'd="{band}"/><path class="lines" d="{lines}"/>'
        f'<path class="best" d="{_draw_share_line(x, table[:, best])}"/>'
        f"{_draw_verdict_axes(TO, 'sentences looked at', 'share right')}{ticks}"
        f'<path class="cursor" d="M{TO} {TOP_OF_PANEL}V{LOWEST}"/></svg>'
    )


def _draw_share_line(x: Sequence[float], shares: np.ndarray) -> str:
    places = (f"{a:.0f} {_share_height(s):.0f}" for a, s in zip(x, shares, strict=True))
    return "M" + "L".join(places)


def _draw_heads(count: Count, n: int, width: int = 350) -> str:
    """Draw a dot for each head, layer by layer, over luck's band."""
    shares, right = count.shares(n), width - 6
    best, size = count.best(len(count.right)), count.right.shape[1]
    step = (right - FROM) / size
    x = [FROM + step * (i + 0.5) for i in range(size)]
    dots = "".join(
        f'<circle{" class=wise" if share >= WISE else ""} r="3" cx="{a:.1f}" '
        f'cy="{_share_height(share):.1f}"/>'
        for a, share in zip(x, shares, strict=True)
    )
    each = (right - FROM) / count.layers
    ticks = "".join(
        words_at(FROM + each * (k + 0.5), LOWEST + 18, k) for k in range(count.layers)
    )
    high, y = count.lucky[n - 1] / n, _share_height(shares[best])
    words = f"after {n} sentence{'s' if n > 1 else ''}"
    return (
        f'<svg viewBox="0 0 {width} {PANEL_HEIGHT}" aria-hidden="true">'
        f'<rect class="band" x="{FROM}" width="{right - FROM}" '
        f'y="{_share_height(high):.1f}" '
        f'height="{_share_height(1 - high) - _share_height(high):.1f}"/>'
        f"{_draw_verdict_axes(right, 'layer, 12 heads in each', words)}{ticks}{dots}"
        f'<g class="leader" transform="translate({x[best]:.1f} {y:.1f})">'
        '<circle r="7"/>'
        f'<text y="{22 if y < TOP_OF_PANEL + 20 else -11}" text-anchor="middle">'
        f"{count.name(best)}</text></g></svg>"
    )


def _draw_verdict_key(count: Count) -> str:
    """Say what the marks are."""
    best, size = count.name(count.best(len(count.right))), count.right.shape[1]
    return (
        '<p class="key"><span>height: how often right</span><span>'
        '<i class="luck"></i>grey: where luck alone keeps all '
        f"{size} coins (95% sure)</span><span><i></i>a head</span><span>"
        f'<i class="wise"></i>a head that looks wise</span><span><i class="ring"></i>'
        f"{best}, the best in the end</span></p>"
    )
