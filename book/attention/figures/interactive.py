"""A curve that answers to the reader: one HTML, SVG and script snippet.

It needs no library and no network, follows the page's theme, and works by pointer,
touch and keyboard. All that it says aloud is written here; the script only shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import Interactive, safe
from attention.figures.slider import Labels, Stops, compose_slider

Scale = Callable[[ArrayLike], np.ndarray]
LEFT, RIGHT, BOTTOM, TOP = 56, 472, 214, 10  # where the axes stand in the drawing


@dataclass(frozen=True, kw_only=True)
class CurveLabels(Labels):
    """What stands around a curve."""

    xlabel: str
    ylabel: str
    line_name: str = ""  # what moves, and what stays: named where both are
    reference_name: str = ""


@dataclass(frozen=True)
class Curves:
    """A curve for each position of the slider, and what stays when they change."""

    x: np.ndarray  # (points,)
    lines: np.ndarray  # (positions, points)
    dots: np.ndarray  # (2, dots)
    still: np.ndarray  # (points,), or nothing


def slider_figure(
    x: ArrayLike,
    lines: ArrayLike,
    positions: Sequence[str],
    *,
    sentences: Sequence[str],
    points: tuple[ArrayLike, ArrayLike] | None = None,
    reference: ArrayLike | None = None,
    start: int = 0,
    **labels: str,
) -> Interactive:
    """Let readers move a slider and see the curve that belongs to each position.

    Args:
        x: (points,).
        lines: (positions, points), a curve for each position of the slider.
        positions: what each position is called.
        sentences: what there is to see at each position.
        points: data, drawn as dots.
        reference: (points,), a second curve, dashed, that stays.
        start: the first position.
        labels: `alt`, `title`, `label`, `xlabel` and `ylabel`, and the names of the
            lines, `line_name` and `reference_name`: see `CurveLabels`.

    Raises:
        ValueError: if the shapes disagree or alt is empty.

    """
    curves = _as_curves(x, lines, points, reference)
    _check_lines(curves, positions, sentences)
    around = CurveLabels(**labels)
    places, drawing = _draw(curves, start, around)
    stops = Stops(positions, sentences, start)
    return compose_slider(drawing, places, stops, around, "slider.js")


def _as_curves(
    x: ArrayLike,
    lines: ArrayLike,
    points: tuple[ArrayLike, ArrayLike] | None,
    reference: ArrayLike | None,
) -> Curves:
    """Turn what was given into arrays; what was not given is empty."""
    return Curves(
        np.asarray(x, dtype=float),
        np.asarray(lines, dtype=float),
        np.asarray(points if points is not None else ((), ()), dtype=float),
        np.empty(0) if reference is None else np.asarray(reference, dtype=float),
    )


def _check_lines(
    curves: Curves, positions: Sequence[str], sentences: Sequence[str]
) -> None:
    """Raise ValueError unless each position has its curve and its sentence."""
    expected = (len(positions), curves.x.size)
    if not curves.lines.shape == expected == (len(sentences), len(curves.x)):
        raise ValueError(
            "lines must be (positions, points), with a sentence a position: expected "
            f"{expected}, got {curves.lines.shape} and {len(sentences)} sentences"
        )


def _draw(
    curves: Curves, start: int, around: CurveLabels
) -> tuple[dict[str, list], str]:
    """Return the places that all curves go through, and the drawing with one."""
    x, lines, dots, still = curves.x, curves.lines, curves.dots, curves.still
    ticks_x, to_x = _scale(np.concatenate([x, dots[0]]), LEFT, RIGHT, tight=True)
    ticks_y, to_y = _scale(np.concatenate([lines.ravel(), dots[1], still]), BOTTOM, TOP)
    places = {"x": to_x(x).round(1).tolist(), "y": to_y(lines).round(1).tolist()}
    marks = "".join(
        f'<circle class="dot" r="3.5" cx="{cx:.1f}" cy="{cy:.1f}"/>'
        for cx, cy in zip(to_x(dots[0]), to_y(dots[1]), strict=True)
    )
    if still.size:
        marks += f'<path class="truth" d="{_path(places["x"], to_y(still))}"/>'
    axes = _draw_across(ticks_x, to_x) + _draw_up(ticks_y, to_y)
    return places, (
        f'<svg viewBox="0 0 480 262" aria-hidden="true">'
        f"{axes}{_write_labels(safe(around.xlabel), safe(around.ylabel))}{marks}"
        f'<path class="line" d="{_path(places["x"], places["y"][start])}"/>'
        f"{_write_names(around)}</svg>"
    )


def _scale(
    values: np.ndarray, first: float, last: float, tight: bool = False
) -> tuple[np.ndarray, Scale]:
    """Return round ticks, and a function from values to places in the drawing.

    The axis ends at a tick, or where the values end if it is tight.
    """
    low, high = float(values.min()), float(values.max())
    step = 10 ** np.floor(np.log10(max(high - low, 1e-9)))
    while (high - low) / step < 3:
        step /= 2
    if tight and high > low:
        inside = np.arange(np.ceil(low / step), np.floor(high / step) + 0.5) * step
    else:
        low, high = np.floor(low / step) * step, np.ceil(high / step) * step
        inside = np.arange(low, high + step / 2, step)
    slope = (last - first) / (high - low)
    return inside, lambda v: first + slope * (np.asarray(v) - low)


def _draw_across(ticks: np.ndarray, to_x: Scale) -> str:
    """Draw both axes, and the ticks of the horizontal one."""
    at = f'y="{BOTTOM + 18}" text-anchor="middle"'
    return f'<path class="axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>' + "".join(
        f'<text x="{to_x(tick):.1f}" {at}>{tick:g}</text>' for tick in ticks
    )


def _draw_up(ticks: np.ndarray, to_y: Scale) -> str:
    """Draw the ticks of the vertical axis."""
    at = f'<text x="{LEFT - 6}"'
    return "".join(
        f'{at} y="{to_y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for tick in ticks
    )


def _write_labels(xlabel: str, ylabel: str) -> str:
    middle = (LEFT + RIGHT) / 2
    return (
        f'<text x="{middle}" y="{BOTTOM + 40}" text-anchor="middle">{xlabel}</text>'
        f'<text transform="translate(12 {(TOP + BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{ylabel}</text>'
    )


def _write_names(around: CurveLabels) -> str:
    """Say which line is which, at the upper right."""
    names = [("line", around.line_name), ("truth", around.reference_name)]
    named = [(kind, name) for kind, name in names if name]
    return "".join(
        f'<path class="{kind}name" d="M{RIGHT - 26} {TOP + 6 + 20 * i}h26"/>'
        f'<text x="{RIGHT - 32}" y="{TOP + 10 + 20 * i}" text-anchor="end">'
        f"{safe(name)}</text>"
        for i, (kind, name) in enumerate(named)
    )


def _path(x: Sequence[float], y: ArrayLike) -> str:
    return "M" + "L".join(
        f"{a:.1f} {b:.1f}" for a, b in zip(x, np.asarray(y), strict=True)
    )
