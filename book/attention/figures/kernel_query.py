"""Regression as a lookup: readers drag the query and set how wide it looks.

The page computes the Gaussian's weights by the formula of `nadaraya_watson`; the first
state is computed by that function.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.explorer_data import fixed
from attention.figures.live_figure import Interactive, compose, figure_id
from attention.figures.value_triangle import color_names, diamonds, path
from attention.mechanisms.pooling import nadaraya_watson, softmax
from attention.shapes import check_shape

X_LOW, X_HIGH, Y_LOW, Y_HIGH = 34, 712, 330, 12  # where the axes stand in the drawing
BELL = 110  # height of the kernel, in units of the drawing
LEGEND = (
    '<p class="legend"><span><b class="v">●</b> value y, filled by its weight</span>'
    "<span><b>- -</b> true curve</span>"
    '<span><b class="o">—</b> outputs of all queries, <b class="o">◆</b> of this one'
    '</span><span><b class="w">▲</b> kernel, around the query</span></p>'
)


@dataclass(frozen=True)
class Pairs:
    """Noisy pairs, the grid on which fits are judged, and what is true there."""

    x: np.ndarray  # (n,), the keys
    y: np.ndarray  # (n,), the values
    grid: np.ndarray  # (m,), from the lowest to the highest query
    truth: np.ndarray  # (m,)

    def weights(self, query: float, width: float) -> np.ndarray:
        """Return the weights, (n,), of the pairs for a query."""
        return softmax(-(((query - self.x) / width) ** 2) / 2)

    def fit(self, width: float) -> np.ndarray:
        """Return the outputs, (m,), on the grid."""
        return nadaraya_watson(self.grid, self.x, self.y, width)

    def places(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Return where points stand in the drawing, (..., 2)."""
        low, high = self.heights
        across = (np.asarray(x) - self.grid[0]) / (self.grid[-1] - self.grid[0])
        up = (np.asarray(y) - low) / (high - low)
        return np.stack(
            [X_LOW + (X_HIGH - X_LOW) * across, Y_LOW - (Y_LOW - Y_HIGH) * up], -1
        )

    @property
    def rounded(self) -> "Pairs":
        """Return the pairs that the page has: four decimals."""
        return Pairs(*(np.round(part, 4) for part in vars(self).values()))

    @property
    def heights(self) -> tuple[float, float]:
        """Return the lowest and the highest y of the drawing."""
        both = np.concatenate([self.y, self.truth])
        return float(np.floor(both.min())), float(np.ceil(both.max()))


def drag_kernel(
    pairs: Pairs,
    widths: ArrayLike,
    *,
    start: tuple[int, float],
    title: str,
    alt: str,
) -> Interactive:
    """Let readers drag a query along x and choose the width of its kernel.

    Args:
        pairs: what is looked up.
        widths: (positions,), a width for each position of the slider.
        start: the first position, and the first query.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if there is not one y for each x, or alt is empty.

    """
    check_shape("y, one for each x", pairs.y, len(pairs.x))
    pairs = pairs.rounded
    sizes = np.round(np.asarray(widths, dtype=float), 4)
    position, query = start
    data = {k: part.tolist() for k, part in vars(pairs).items()}
    data |= {"heights": pairs.heights, "widths": sizes.tolist(), "start": list(start)}
    width = float(sizes[position])
    body = (
        f'<div class="wrap" style="{color_names()}">'
        f"{_draw_fit(pairs, query, width)}{LEGEND}"
        f"{_write_ranges(pairs, len(sizes), start)}</div>"
    )
    parts = ("kernel_query.css", "kernel_query.js")
    name, said = figure_id(data, title, alt), say_fit(pairs, query, width)
    return compose(name, body, said, parts, data, title=title, alt=alt)


def say_fit(pairs: Pairs, query: float, width: float) -> str:
    """Return the sentence for a state; the page's script says the same."""
    weights = np.sort(pairs.weights(query, width))[::-1]
    most = int((weights.cumsum() < 0.9).sum()) + 1
    output = nadaraya_watson(np.array([query]), pairs.x, pairs.y, width)[0]
    error = np.mean((pairs.fit(width) - pairs.truth) ** 2)
    return (
        f"Width {fixed(width)}: the query at x = {fixed(query)} takes 90% of its output"
        f" from {most} of {len(pairs.x)} pairs, and the output is {fixed(output)}. "
        f"Test error of this width: {error:.3f}."
    )


def _draw_fit(pairs: Pairs, query: float, width: float) -> str:
    """Draw pairs, true curve, fit, kernel, query and output."""
    weights = pairs.weights(query, width)
    dots = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{3 + 5 * part:.1f}" '
        f'style="fill-opacity:{part:.3f}"/>'
        for (x, y), part in zip(
            pairs.places(pairs.x, pairs.y), weights / weights.max(), strict=True
        )
    )
    output = nadaraya_watson(np.array([query]), pairs.x, pairs.y, width)
    (x, y) = place = pairs.places(query, output[0])
    bell = np.exp(-(((pairs.grid - query) / width) ** 2) / 2)
    across = pairs.places(pairs.grid, pairs.grid)[:, 0]
    hill = np.stack([across, Y_LOW - BELL * bell], -1)
    return (
        '<svg viewBox="0 0 740 386" aria-hidden="true">'
        f'<path class="bell" d="{path(hill)}V{Y_LOW}H{across[0]:.1f}z"/>'
        f"{_draw_axes(pairs)}{dots}"
        f'<path class="truth" d="{path(pairs.places(pairs.grid, pairs.truth))}"/>'
        f'<path class="fit" d="{path(pairs.places(pairs.grid, pairs.fit(width)))}"/>'
        f'<path class="up" d="M{x:.1f} {Y_LOW}L{x:.1f} {y:.1f}"/>'
        f'<path class="output" d="{diamonds(place[None], 10)}"/>'
        f'<g class="asked" transform="translate({x:.1f} {Y_LOW})">'
        '<path d="M0 0l-9 18h6v16h6v-16h6z"/><text x="14" y="34">q</text></g></svg>'
    )


def _draw_axes(pairs: Pairs) -> str:
    """Draw both axes, with a whole number at each tick."""
    low, high = pairs.heights
    ticks = np.arange(np.ceil(pairs.grid[0]), pairs.grid[-1] + 0.15)
    levels = np.arange(low, high + 1)
    below = "".join(
        f'<text x="{x:.1f}" y="{Y_LOW + 18}" text-anchor="middle">{tick:g}</text>'
        for tick, x in zip(ticks, pairs.places(ticks, ticks)[:, 0], strict=True)
    )
    beside = "".join(
        f'<text x="{X_LOW - 7}" y="{y + 5:.1f}" text-anchor="end">'
        f"{fixed(level)[:-3]}</text>"
        for level, y in zip(levels, pairs.places(levels, levels)[:, 1], strict=True)
    )
    return (
        f'<path class="axis" d="M{X_LOW} {Y_HIGH}V{Y_LOW}H{X_HIGH}"/>{below}{beside}'
        f'<text x="{X_HIGH}" y="{Y_LOW + 38}" text-anchor="end">x</text>'
        f'<text x="{X_LOW + 8}" y="{Y_HIGH + 8}">y</text>'
    )


def _write_ranges(pairs: Pairs, positions: int, start: tuple[int, float]) -> str:
    low, high = pairs.grid[0], pairs.grid[-1]
    return (
        '<div class="controls" hidden><label>query x <input type="range" name="query" '
        f'min="{low:g}" max="{high:g}" step="0.05" value="{start[1]:g}"></label>'
        '<label>width w <input type="range" name="width" min="0" '
        f'max="{positions - 1}" step="1" value="{start[0]}"></label></div>'
    )
