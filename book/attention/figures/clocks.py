"""Positions as clocks: eight hands for a place, the stripes they write, their sum.

The page computes by the formulas of `attention.mechanisms.positions`: sinusoids of two
places and their dot product, or a query and a key that RoPE turns. The tests hold both
against each other.
"""

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from attention.figures.live_figure import Interactive, compose, figure_id
from attention.mechanisms.positions import frequencies
from attention.shapes import check_shape

SHADES = 9  # shades of the stripes
LOW = 0.15  # of the curve's height, below 0
KEY_TO_CLOCKS = (
    "A clock for each pair, the fastest first. Below it: how many letters a turn "
    "takes, and the cosine of the angle between both hands."
)


@dataclass(frozen=True)
class Places:
    """What turns, and where its two hands stand."""

    text: str  # a place for each letter
    omega: np.ndarray  # (pairs,), radians a step
    query: np.ndarray  # (pairs,), where the query points before it is turned
    key: np.ndarray  # (pairs,)
    sizes: np.ndarray  # (pairs,), length of the query's pair times that of the key's
    at: tuple[int, int]

    def angles(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the angles (pairs,) that the sinusoids of both places have turned."""
        return self.omega * self.at[0], self.omega * self.at[1]


def position_clocks(
    text: str, query: Tensor, key: Tensor, at: tuple[int, int], *, title: str, alt: str
) -> Interactive:
    """Let readers move two places along a text and see what tells them apart.

    Args:
        text: n letters, a place each.
        query: (d,), before it is turned.
        key: (d,), the same.
        at: the place of the query and that of the key to begin with.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if the widths differ or are odd, or alt is empty.

    """
    check_shape("key, as wide as the query", key, query.shape[-1])
    q, k = (np.asarray(x.detach(), float).reshape(-1, 2) for x in (query, key))
    omega = frequencies(query.shape[-1]).double().numpy()
    directions = [np.arctan2(x[:, 1], x[:, 0]) for x in (q, k)]
    sizes = np.hypot(*q.T) * np.hypot(*k.T)
    places = Places(text, omega, directions[0], directions[1], sizes, at)
    data = {
        "letters": text,
        "w": omega.tolist(),
        "q": directions[0].tolist(),
        "k": directions[1].tolist(),
        "sizes": sizes.tolist(),
    }
    name = figure_id(data, title, alt, str(at))
    return compose(
        name,
        _body(places, name),
        _said(places),
        ("clocks.css", "clocks.js"),
        data,
        title=title,
        alt=alt,
    )


def _said(places: Places) -> str:
    """Say what the sinusoids of both places have in common."""
    p, r = places.at
    both = " and ".join(f"{at} “{places.text[at]}”" for at in places.at)
    total = np.cos(places.omega * (p - r)).sum()
    return (
        f"Places {both}: {abs(p - r)} apart. The cosines add up to {total:.2f}, "
        f"as at any two places {abs(p - r)} apart."
    )


def _body(places: Places, name: str) -> str:
    """Return controls, text, stripes, clocks and curve, in this order."""
    return (
        f'<div class="controls" hidden>{_modes(name)}{_ranges(places)}</div>'
        f'<div class="strip">{_letters(places)}{_stripes(places)}</div>'
        f'<p class="key">{KEY_TO_CLOCKS}</p>'
        f'<div class="dials" aria-hidden="true">{"".join(_clocks(places))}</div>'
        f"{_plot(places)}"
    )


def _modes(name: str) -> str:
    choices = ("add sines and cosines", "RoPE: turn q and k")
    radios = "".join(
        f'<label><input type="radio" name="{name}-mode"{" checked" * (i == 0)}> '
        f"{choice}</label>"
        for i, choice in enumerate(choices)
    )
    return (
        f'<fieldset><legend class="said">positions by</legend>{radios}</fieldset>'
        '<label><input type="checkbox"> move both by the same</label>'
    )


def _ranges(places: Places) -> str:
    most = len(places.text) - 1
    return "".join(
        f'<label class="range"><span class="{name[-1]}">{name}</span><input '
        f'type="range" min="0" max="{most}" step="1" value="{at}"><b>{at}</b></label>'
        for name, at in zip(("place p", "place r"), places.at, strict=True)
    )


def _letters(places: Places) -> str:
    marks = {places.at[1]: ' class="r"', places.at[0]: ' class="p"'}
    letters = "".join(
        f"<b{marks.get(i, '')}>{html.escape(letter)}</b>"
        for i, letter in enumerate(places.text)
    )
    return f'<div class="text" aria-hidden="true">{letters}</div>'


def _stripes(places: Places) -> str:
    """Draw the encodings as a table of shades, a row for each sine and cosine."""
    n, rows = len(places.text), 2 * len(places.omega)
    angles = np.arange(n)[:, None] * places.omega
    values = np.stack([np.sin(angles), np.cos(angles)], -1).reshape(n, rows)
    tones = np.rint((values + 1) / 2 * (SHADES - 1)).astype(int)
    paths = "".join(
        f'<path opacity="{0.8 * tone / (SHADES - 1):.2f}" d="{_cells(tones == tone)}"/>'
        for tone in range(1, SHADES)
    )
    done = places.at[0] + 1
    handles = "".join(
        f'<i class="{name}" style="left:{100 * (at + 0.5) / n:.2f}%"></i>'
        for name, at in zip("rp", places.at[::-1], strict=True)
    )
    return (
        f'<div class="stripes"><svg viewBox="0 0 {n} {rows}" aria-hidden="true" '
        f'preserveAspectRatio="none">{paths}<rect class="cover" x="{done}" y="-0.1" '
        f'width="{n - done}" height="{rows + 0.2}"/></svg>{handles}'
        '<p class="none" hidden>nothing is added to the letters</p></div>'
    )


def _cells(chosen: np.ndarray) -> str:
    """Return a path through the chosen cells of (n, rows), runs of a row as one."""
    runs = []
    for row, line in enumerate(chosen.T):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line, [0]])))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            runs.append(f"M{start} {row}h{end - start}v1h{start - end}z")
    return "".join(runs)


def _clocks(places: Places) -> Iterator[str]:
    """Yield a clock for each pair, with both hands and the cosine between them."""
    for omega, p, r in zip(places.omega, *places.angles(), strict=True):
        hands = _hand("r", r) + _hand("p", p)
        period = 2 * math.pi / omega
        yield (
            f'<div><svg viewBox="-31 -31 62 62"><circle r="29"/>{hands}</svg>'
            f"<span>{period:,.0f}</span><b>{_signed(math.cos(p - r))}</b></div>"
        )


def _hand(name: str, angle: float) -> str:
    """Draw a hand; a clock's begins at the top and turns to the right."""
    length = 20 if name == "p" else 14
    tip = "M0 -29l-6 12h12z" if name == "p" else "M-5 -19h10v10h-10z"
    return (
        f'<g class="{name}" transform="rotate({math.degrees(angle) % 360:.1f})">'
        f'<path class="stem" d="M0 0V-{length}"/><path class="tip" d="{tip}"/></g>'
    )


def _signed(value: float) -> str:
    """Write a number with its sign."""
    return f"{value:+.2f}".replace("-", "−").replace("−0.00", "+0.00")


def _plot(places: Places) -> str:
    """Draw the sum of the cosines against where r stands, seen from p."""
    n, most = len(places.text), float(places.sizes.sum())
    steps = np.arange(1 - n, n)
    sums = np.cos(places.omega[:, None] * steps).sum(0)
    path = "L".join(
        f"{step} {-total:.2f}" for step, total in zip(steps, sums, strict=True)
    )
    now = places.at[1] - places.at[0]
    total = sums[now + n - 1]
    return (
        '<div class="plot"><p class="what">sum of the cosines</p>'
        f'<svg viewBox="{1 - n} {-most:.2f} {2 * n - 2} {(1 + LOW) * most:.2f}" '
        f'preserveAspectRatio="none" aria-hidden="true"><path class="zero" '
        f'd="M{1 - n} 0H{n - 1}M0 {-most}V0"/><path class="curve" d="M{path}"/>'
        f'<path class="seen" d="M{now} {-total:.2f}h0"/></svg>'
        f'<i class="now" style="left:{100 * (now + n - 1) / (2 * n - 2):.2f}%;'
        f'top:{100 * (most - total) / ((1 + LOW) * most):.1f}px"></i>'
        f'<p class="ends"><span>r is {n - 1} before p</span><span>same place</span>'
        f"<span>{n - 1} after p</span></p></div>"
    )
