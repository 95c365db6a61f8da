"""A query that readers drag: keys answer it, and the output moves among the values.

The page computes scores, softmax and mean by the formulas of
`attention.mechanisms.pooling`; the first state is computed by that module.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.explorer_data import fixed
from attention.figures.live_figure import Interactive, compose, figure_id, safe
from attention.figures.value_triangle import (
    CORNERS,
    MIDDLE,
    color_names,
    diamonds,
    draw_corners,
    path,
    to_drawing,
)
from attention.mechanisms.pooling import masked_softmax
from attention.shapes import check_shape

UNIT = 72  # units of the drawing for a length of 1
LENGTH_MAX = 1.7  # of a query
KEYS = np.array([[0.22, 1.37], [1.26, -0.62], [-1.3, -0.5]])
SUBSCRIPTS = "₁₂₃"


@dataclass(frozen=True)
class Query:
    """What the reader sets: the query, the temperature, and if key 3 is masked."""

    direction: int = 35  # degrees
    length: float = 0.9
    temperature: float = 1.0
    masked: bool = False

    @property
    def vector(self) -> np.ndarray:
        """Return the query, (2,)."""
        angle = np.deg2rad(self.direction)
        return self.length * np.array([np.cos(angle), np.sin(angle)])


@dataclass(frozen=True)
class Answer:
    """What comes of a query, key by key, and the output in the values' plane."""

    scores: np.ndarray  # (3,)
    exponentials: np.ndarray  # (3,), the largest is 1
    weights: np.ndarray  # (3,)
    output: np.ndarray  # (2,)


def answer(query: Query, keys: np.ndarray, values: np.ndarray) -> Answer:
    """Look a query up among keys, (3, 2); mix the values, (3, 2)."""
    scores = keys @ query.vector
    allowed = np.array([True, True, not query.masked])
    weights = masked_softmax(scores / query.temperature, allowed)
    return Answer(scores, weights / weights.max(), weights, weights @ values)


def drag_query(
    *,
    title: str,
    alt: str,
    keys: ArrayLike = KEYS,
    start: Query | None = None,
    names: Sequence[str] = ("", "", ""),
    small: bool = False,
) -> Interactive:
    """Let readers drag a query among three keys and see the output among the values.

    Args:
        title: the finding.
        alt: what the figure shows.
        keys: (3, 2), each at most 1.7 long.
        start: the first state, by default that of `Query`.
        names: what the three things are called, beside their numbers.
        small: leave out the exponentials, the temperature and the mask.

    Raises:
        ValueError: if the keys are not (3, 2) or alt is empty.

    """
    keys = np.asarray(keys, dtype=float)
    check_shape("keys (3, 2)", keys, 3, 2)
    query = start or Query()
    data = {"keys": keys.tolist(), "values": CORNERS.tolist()}
    name = figure_id(data, title, alt, str(small), str(query), *names)
    found = answer(query, keys, CORNERS)
    drawn = (
        _draw_plane(query, keys, names)
        + _write_table(query, found)
        + _draw_triangle(query, keys, found, names)
    )
    body = (
        f'<div class="wrap{" small" if small else ""}" style="{color_names()}">'
        f'<div class="parts">{drawn}</div>{_write_controls(query)}</div>'
    )
    parts, said = ("query_plane.css", "query_plane.js"), say_answer(query, found)
    return compose(name, body, said, parts, data, title=title, alt=alt)


def say_answer(query: Query, found: Answer) -> str:
    """Return the sentence for a state; the page's script says the same."""
    w = [fixed(weight) for weight in found.weights]
    best = SUBSCRIPTS[int(found.weights.argmax())]
    if query.masked:
        return (
            f"Key 3 is masked: its weight is 0, the others are {w[0]} and {w[1]}. "
            "The output can only move on the side from v₁ to v₂."
        )
    if query.length == 0:
        return "A query of length 0: all scores are 0, all weights 0.33."
    return (
        f"Weights {w[0]}, {w[1]} and {w[2]}: most of v{best}. They sum to 1, "
        "so the output stays inside the triangle."
    )


def orbit(query: Query, keys: np.ndarray) -> np.ndarray:
    """Return the outputs, (73, 2), while the query turns once around."""
    turns = (
        Query(5 * turn, query.length, query.temperature, query.masked)
        for turn in range(73)
    )
    return np.array([answer(turn, keys, CORNERS).output for turn in turns])


def _place(point: np.ndarray) -> np.ndarray:
    """Return where a point of the keys' plane stands in the drawing, (..., 2)."""
    return MIDDLE + UNIT * point * [1, -1]


def _draw_plane(query: Query, keys: np.ndarray, names: Sequence[str]) -> str:
    """Draw the keys, the query, its line, and each key's shadow on that line."""
    tip = _place(query.vector)
    along = Query(query.direction, 1.0).vector
    ends = _place(np.array([-LENGTH_MAX, LENGTH_MAX])[:, None] * along)
    parts = [
        f'<circle class="turn" cx="{MIDDLE}" cy="{MIDDLE}" '
        f'r="{UNIT * query.length:.1f}"/>',
        f'<path class="line" d="{path(ends)}"/>',
    ]
    for i, key in enumerate(keys):
        off = " off" if query.masked and i == 2 else ""
        foot = _place(key @ along * along)
        parts.append(_draw_key(_place(key), foot, f"k{SUBSCRIPTS[i]} {names[i]}", off))
    parts.append(
        f'<path class="query" d="M{MIDDLE} {MIDDLE}L{tip[0]:.1f} {tip[1]:.1f}"/>'
        f'<g class="tip" transform="translate({tip[0]:.1f} {tip[1]:.1f}) '
        f'rotate({-query.direction})"><circle class="grip" r="24"/>'
        '<circle class="halo" r="13"/>'
        '<path class="head" d="M8 0L-8-7L-8 7z"/></g>'
        f'<text class="q" text-anchor="middle" x="{_beyond(tip)[0]:.1f}" '
        f'y="{_beyond(tip)[1]:.1f}">q</text>'
    )
    return (
        '<svg class="plane" viewBox="3 0 274 282" aria-hidden="true">'
        '<text x="8" y="14"><tspan class="still">query and keys</tspan>'
        f'<tspan class="hint">drag the query q</tspan></text>{"".join(parts)}</svg>'
    )


def _beyond(tip: np.ndarray) -> np.ndarray:
    """Return where the query's letter stands: beyond its tip."""
    way = tip - MIDDLE
    far = np.hypot(*way)
    return tip + (22 * way / far if far else np.array([0, -22])) + [0, 5]


def _draw_key(tip: np.ndarray, foot: np.ndarray, name: str, off: str) -> str:
    (x, y), (foot_x, foot_y) = tip, foot
    high = y < MIDDLE  # its name stands beside it, below or above
    down = 5 if high else 25 if x > MIDDLE else -14
    at = f'x="{x + 12 * high:.1f}" y="{y + down:.1f}"'
    side = "start" if high else "middle"
    return (
        f'<g class="key{off}"><path class="drop" '
        f'd="M{x:.1f} {y:.1f}L{foot_x:.1f} {foot_y:.1f}"/>'
        f'<circle class="foot" r="4" cx="{foot_x:.1f}" cy="{foot_y:.1f}"/>'
        f'<path class="shaft" d="M{MIDDLE} {MIDDLE}L{x:.1f} {y:.1f}"/>'
        f'<rect x="{x - 7:.1f}" y="{y - 7:.1f}" width="14" height="14"/>'
        f'<text {at} text-anchor="{side}">{safe(name.strip())}</text></g>'
    )


def _draw_triangle(
    query: Query, keys: np.ndarray, found: Answer, names: Sequence[str]
) -> str:
    """Draw the values, all outputs of a turning query, and the output."""
    corners, output = to_drawing(CORNERS), to_drawing(found.output)
    ropes = "".join(
        f'<path class="rope" d="{path(np.array([corner, output]))}" '
        f'style="stroke-width:{9 * weight:.2f}"/>'
        for corner, weight in zip(corners, found.weights, strict=True)
    )
    labels = [safe(f"v{s} {n}".strip()) for s, n in zip(SUBSCRIPTS, names, strict=True)]
    kept = corners[:2] if query.masked else corners
    rings = draw_corners(CORNERS, labels, discs=True)
    for weight in found.weights:
        radius = f'class="disc" r="{12 * np.sqrt(weight):.1f}"'
        rings = rings.replace('class="disc"/', radius + "/", 1)
    if query.masked:
        last = rings.rindex('class="value"')
        rings = rings[:last] + 'class="value off"' + rings[last + 13 :]
    return (
        '<svg class="triangle" viewBox="6 0 268 268" aria-hidden="true">'
        '<text class="caption" x="8" y="14">values and output</text>'
        f'<path class="hull" d="{path(corners)}z"/>'
        f'<path class="kept" d="{path(kept)}z"/>{ropes}'
        f'<path class="orbit" d="{path(to_drawing(orbit(query, keys)))}"/>{rings}'
        f'<path class="output" d="{diamonds(output[None], 10)}"/>'
        f'<text class="o" x="{output[0] + 14:.1f}" y="{output[1] + 5:.1f}">o</text>'
        "</svg>"
    )


def _write_table(query: Query, found: Answer) -> str:
    """Write score, exponential and weight of each key, with a bar each."""
    rows = []
    for i in range(3):
        off = query.masked and i == 2
        score, weight = found.scores[i], found.weights[i]
        cells = (
            (fixed(score), "score", score / 2.5),
            (fixed(found.exponentials[i]), "exp", found.exponentials[i]),
            (fixed(weight), "weight", weight),
        )
        written = "".join(
            f'<td class="{kind}" style="--w:{bar:.4f}"><b>{text}</b><i></i></td>'
            for text, kind, bar in cells
        )
        rows.append(
            f'<tr{" class=off" if off else ""}><th scope="row"><u></u>k'
            f"{SUBSCRIPTS[i]}<s{'' if off else ' hidden'}> ✕</s></th>{written}</tr>"
        )
    return (
        '<table><thead><tr><th scope="col">key</th>'
        '<th scope="col">score<br>q·k</th><th scope="col" class="exp">exp<br>'
        '<small>max 1</small></th><th scope="col">weight<br>α</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _write_controls(query: Query) -> str:
    """Write the controls; the script shows them."""
    power = round(10 * np.log10(query.temperature))
    ranges = (
        ("direction of q", "direction", 0, 359, 1, query.direction),
        ("length of q", "length", 0, LENGTH_MAX, 0.05, query.length),
        ("temperature τ", "temperature", -10, 10, 1, power),
    )
    sliders = "".join(
        f'<label class="{kind}">{label} <span aria-hidden="true"></span>'
        f'<input type="range" name="{kind}" min="{low}" max="{high}" '
        f'step="{step}" value="{value}"></label>'
        for label, kind, low, high, step, value in ranges
    )
    checked = " checked" if query.masked else ""
    return (
        f'<div class="controls" hidden>{sliders}<label class="mask">'
        f'<input type="checkbox"{checked}> mask key 3 ✕</label></div>'
    )
