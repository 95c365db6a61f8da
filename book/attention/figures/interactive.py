"""A curve that answers to the reader: one HTML, SVG and script snippet.

It needs no library and no network, follows the page's theme, and works by pointer,
touch and keyboard. All that it says aloud is written here; the script only shows it.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.interactive_parts import SLIDER_SCRIPT, SLIDER_STYLE
from attention.figures.live_figure import Interactive, compose, figure_id, safe

Scale = Callable[[ArrayLike], np.ndarray]


def slider_figure(
    x: ArrayLike,
    lines: ArrayLike,
    positions: Sequence[str],
    *,
    alt: str,
    title: str,
    label: str,
    sentences: Sequence[str],
    xlabel: str,
    ylabel: str,
    points: tuple[ArrayLike, ArrayLike] | None = None,
    reference: ArrayLike | None = None,
    start: int = 0,
) -> Interactive:
    """Let readers move a slider and see the curve that belongs to each position.

    Args:
        x: (points,).
        lines: (positions, points), a curve for each position of the slider.
        positions: what each position is called.
        alt: what the figure shows.
        title: the finding.
        label: what the slider sets.
        sentences: what there is to see at each position.
        xlabel: the horizontal axis.
        ylabel: the vertical axis.
        points: data, drawn as dots.
        reference: (points,), a second curve, dashed, that stays.
        start: the first position.

    Raises:
        ValueError: if the shapes disagree or alt is empty.

    """
    across, table = np.asarray(x, dtype=float), np.asarray(lines, dtype=float)
    if (
        not table.shape
        == (len(positions), len(across))
        == (len(sentences), across.size)
    ):
        raise ValueError(
            "lines must be (positions, points), with a sentence a position: expected "
            f"{(len(positions), len(across))}, got {table.shape} and "
            f"{len(sentences)} sentences"
        )
    dots = np.asarray(points if points is not None else ((), ()), dtype=float)
    still = np.empty(0) if reference is None else np.asarray(reference, dtype=float)
    ticks_x, to_x = _scale(np.concatenate([across, dots[0]]), 44, 410)
    ticks_y, to_y = _scale(np.concatenate([table.ravel(), dots[1], still]), 250, 16)
    data = {
        "x": to_x(across).round(1).tolist(),
        "y": to_y(table).round(1).tolist(),
        "positions": list(positions),
        "sentences": list(sentences),
    }
    name = figure_id(data, alt, title, label, xlabel, ylabel, str(start))
    marks = "".join(
        f'<circle class="dot" r="3.5" cx="{cx:.1f}" cy="{cy:.1f}"/>'
        for cx, cy in zip(to_x(dots[0]), to_y(dots[1]), strict=True)
    )
    if reference is not None:
        marks += f'<path class="truth" d="{_path(data["x"], to_y(still))}"/>'
    moving = _path(data["x"], data["y"][start])
    body = (
        f'<svg viewBox="0 0 420 300" aria-hidden="true">'
        f"{_axes(ticks_x, to_x, ticks_y, to_y, safe(xlabel), safe(ylabel))}{marks}"
        f'<path class="line" d="{moving}"/></svg>'
        f'<label>{safe(label)} <input type="range" min="0" '
        f'max="{len(positions) - 1}" step="1" value="{start}"></label>'
    )
    said = sentences[start]
    return compose(name, title, body, said, SLIDER_STYLE, SLIDER_SCRIPT, data, alt)


def _scale(values: np.ndarray, first: float, last: float) -> tuple[np.ndarray, Scale]:
    """Return round ticks, and a function from values to places in the drawing."""
    low, high = float(values.min()), float(values.max())
    step = 10 ** np.floor(np.log10(max(high - low, 1e-9)))
    while (high - low) / step < 3:
        step /= 2
    low, high = np.floor(low / step) * step, np.ceil(high / step) * step
    ticks = np.arange(low, high + step / 2, step)
    slope = (last - first) / (high - low)
    return ticks, lambda v: first + slope * (np.asarray(v) - low)


def _axes(
    ticks_x: np.ndarray,
    to_x: Scale,
    ticks_y: np.ndarray,
    to_y: Scale,
    xlabel: str,
    ylabel: str,
) -> str:
    """Draw the two axes with their ticks and labels."""
    left, right, bottom, top = 44, 410, 250, 16
    text = f'<path class="axis" d="M{left} {top}V{bottom}H{right}"/>'
    for tick in ticks_x:
        text += (
            f'<text x="{to_x(tick):.1f}" y="268" text-anchor="middle">{tick:g}</text>'
        )
    for tick in ticks_y:
        text += (
            f'<text x="{left - 6}" y="{to_y(tick) + 4:.1f}" '
            f'text-anchor="end">{tick:g}</text>'
        )
    middle = (left + right) / 2
    text += f'<text x="{middle}" y="290" text-anchor="middle">{xlabel}</text>'
    return text + (
        f'<text transform="translate(12 {(top + bottom) / 2}) rotate(-90)" '
        f'text-anchor="middle">{ylabel}</text>'
    )


def _path(x: Sequence[float], y: ArrayLike) -> str:
    return "M" + "L".join(
        f"{a:.1f} {b:.1f}" for a, b in zip(x, np.asarray(y), strict=True)
    )
