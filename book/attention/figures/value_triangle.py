"""The triangle of three values: where every weighted mean of them must lie."""

from collections.abc import Sequence

import numpy as np

from attention.figures.meaning import MEANINGS

SIDE, MIDDLE = 280, 140  # of a drawing, in its own units
CORNERS = np.array([[0.0, 1.0], [0.95, -0.65], [-0.95, -0.65]])  # v1, v2, v3
REACH = 104  # units of the drawing for 1 of a value
DIAMOND = 9


def to_drawing(points: np.ndarray) -> np.ndarray:
    """Return where points of the values' plane, (..., 2), stand in the drawing."""
    return np.stack(
        [MIDDLE + REACH * points[..., 0], MIDDLE + 14 - REACH * points[..., 1]], -1
    )


def path(points: np.ndarray) -> str:
    """Return a path through points of the drawing, (n, 2)."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def diamonds(points: np.ndarray, size: float) -> str:
    """Return one path with a diamond around each point of the drawing, (n, 2)."""
    s = f"{size:g}"
    around = f"l{s} {s} -{s} {s} -{s} -{s}z"
    return "".join(f"M{x:.1f} {y - size:.1f}{around}" for x, y in points)


def color_names() -> str:
    """Return the colours of query, key, value and so on as style of a figure."""
    return ";".join(f"--{part.name}:{part.css}" for part in MEANINGS)


def draw_corners(values: np.ndarray, names: Sequence[str], *, discs: bool) -> str:
    """Draw three values: a ring each, the name beside it, a disc for the weight."""
    marks = []
    for i, (x, y) in enumerate(to_drawing(values)):
        above = y < MIDDLE
        disc = '<circle class="disc"/>' if discs else ""
        marks.append(
            f'<g class="value" transform="translate({x:.1f} {y:.1f})">{disc}'
            f'<circle class="ring" r="13"/><path class="hatch" d="{HATCH}"/>'
            f'<text y="{-19 if above else 30}" text-anchor="middle">{names[i]}</text>'
            "</g>"
        )
    return "".join(marks)


HATCH = "M-12-3L-3-12M-12 6L6-12M-8 11L11-8M-1 13L13-1M-6-6L6 6M-6 6L6-6"
