"""Outputs of many random queries, at one width after another, undivided and divided.

The page computes softmax and mean from the scores; the first state is computed here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import Interactive, compose, figure_id, range_input
from attention.figures.value_triangle import (
    CORNERS,
    MIDDLE,
    color_names,
    diamonds,
    draw_corners,
    path,
    to_drawing,
)
from attention.mechanisms.pooling import softmax
from attention.shapes import check_shape

SCALINGS = ("scores q·k", "scores q·k / √dₖ")
ALONE = 0.95  # a weight above this: the output sits on a corner
LEVEL, STRETCH = 296, 22  # where scores stand, and units for 1 of asinh(score)


def spread_widths(
    scores: ArrayLike, widths: Sequence[int], *, start: int, title: str, alt: str
) -> Interactive:
    """Let readers choose a width and see where the outputs of random queries lie.

    Args:
        scores: (widths, queries, 3), dot products of queries with three keys each.
        widths: d_k of each.
        start: the first position of the slider.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if the shapes disagree or alt is empty.

    """
    table = np.round(np.asarray(scores, dtype=float), 2)
    check_shape("scores (widths, queries, 3)", table, len(widths), "queries", 3)
    data = {
        "scores": table.tolist(),
        "widths": list(widths),
        "values": CORNERS.tolist(),
    }
    at = table[start], widths[start]
    name, said = figure_id(data, title, alt, str(start)), say_width(*at)
    columns = "".join(
        f"<div><b>{label}</b>{_draw_outputs(table[start] / divisor)}</div>"
        for label, divisor in zip(SCALINGS, (1, np.sqrt(at[1])), strict=True)
    )
    body = (
        f'<div class="wrap" style="{color_names()}"><div class="parts">{columns}</div>'
        "<label hidden>width dₖ <span aria-hidden='true'></span>"
        f"{range_input(len(widths), start)}</label></div>"
    )
    parts = ("query_widths.css", "query_widths.js")
    return compose(name, body, said, parts, data, title=title, alt=alt)


def count_stuck(scores: np.ndarray) -> int:
    """Count the queries, rows of (n, 3), that give one key nearly all weight."""
    return int((softmax(scores).max(-1) > ALONE).sum())


def say_width(scores: np.ndarray, width: int) -> str:
    """Return the sentence for a width; the page's script says the same."""
    raw, divided = count_stuck(scores), count_stuck(scores / np.sqrt(width))
    return (
        f"Width {width}: as they are, the scores have a variance of "
        f"{scores.var():.1f}, and {raw} of {len(scores)} outputs sit on a corner. "
        f"Divided, {(scores / np.sqrt(width)).var():.1f}, and {divided} do."
    )


def _draw_outputs(scores: np.ndarray) -> str:
    """Draw the triangle with an output a query, and all scores on a line below."""
    outputs = to_drawing(softmax(scores) @ CORNERS)
    corners = draw_corners(CORNERS, ["v₁", "v₂", "v₃"], discs=False)
    ticks = "".join(
        f'<text class="t{abs(tick)}" x="{MIDDLE + STRETCH * np.arcsinh(tick):.1f}" '
        f'y="{LEVEL + 28}" '
        f'text-anchor="middle">{str(tick).replace("-", "−")}</text>'
        for tick in (-100, -10, 0, 10, 100)
    )
    return (
        '<svg viewBox="0 16 280 314" aria-hidden="true">'
        f'<path class="kept" d="{path(to_drawing(CORNERS))}z"/>{corners}'
        f'<path class="output" d="{diamonds(outputs, 5)}"/>'
        f'<path class="axis" d="M8 {LEVEL + 12}H272"/>{ticks}'
        f'<text x="8" y="{LEVEL - 16}">scores</text>'
        f'<path class="score" d="{strip(scores)}"/></svg>'
    )


def strip(scores: np.ndarray) -> str:
    """Return one path with a stroke for each score, closer and closer outwards."""
    places = MIDDLE + STRETCH * np.arcsinh(scores.ravel())
    return "".join(f"M{x:.1f} {LEVEL - 8}v18" for x in places)
