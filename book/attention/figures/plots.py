"""Figures that follow the page's theme: inline SVG with the page's own ink.

A figure is drawn once, on a transparent ground, with `INK` for text and axes. `show`
turns it into an SVG in which that ink is the colour of the text around it, so that the
same picture reads in a light page, in a dark page and in JupyterLab.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from attention.figures.column import COLUMN, fit_column, fit_phone, measuring, write_svg
from attention.figures.inline_svg import INK, Picture, move_into_page
from attention.figures.meaning import KEY, QUERY
from attention.figures.tokens import PlainPowers, visible
from attention.shapes import check_shape

COLORS = ("#2a78b8", "#c8590b", "#0c8a68", "#a355b8", "#94700c", "#6b6fd0")
MARKERS = ("o", "s", "^", "D", "v", "P")
PHONE_LETTERS = 34  # that a phone has room for below a map
MEANT = {part.name: part.color for part in (QUERY, KEY)}
FEW = 64  # cells that have room for numbers and lines
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
WEIGHTS = LinearSegmentedColormap.from_list(  # 0 is the ground itself
    "weights", [(0.13, 0.42, 0.70, 0.0), (0.13, 0.42, 0.70, 1.0)]
)

CELLS: dict[str, Any] = {
    "cmap": WEIGHTS,
    "vmin": 0,
    "vmax": 1,
    "interpolation": "none",
    "aspect": "auto",
}
STYLE = {
    "figure.figsize": (COLUMN, 3.5),
    "figure.facecolor": "none",
    "figure.dpi": 96,
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "font.size": 10.5,
    "font.family": "sans-serif",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # a token may hold a $: no text of a figure is a formula
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "grid.color": INK,
    "grid.alpha": 0.25,
    "hatch.color": INK,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.0,
    "axes.prop_cycle": cycler(color=COLORS),
    "path.simplify_threshold": 0.3,
    "svg.fonttype": "none",
    "svg.hashsalt": "attention",
}
plt.style.use(STYLE)


def show(fig: Figure, alt: str) -> Picture:
    """Turn a figure into inline SVG that follows the page's theme, as wide as its text.

    It is drawn twice: for the column, 737 pixels, whatever width the figure was given,
    and for a phone, with panels that stood in one row below each other.

    Args:
        fig: a matplotlib figure; it is closed afterwards.
        alt: what the figure shows, for those who do not see it.

    Raises:
        ValueError: if `alt` is empty.

    """
    if not alt.strip():
        raise ValueError("show() needs alt text: say what is seen in the figure")
    alt = " ".join(alt.split())
    with measuring():
        fit_column(fig)
        wide = move_into_page(write_svg(fig), alt)
        fit_phone(fig)
        narrow = move_into_page(write_svg(fig), alt)
    plt.close(fig)
    return Picture(wide, narrow)


def heatmap(
    weights: ArrayLike,
    queries: Sequence[str],
    keys: Sequence[str],
    title: str,
    *,
    ax: Axes | None = None,
    numbers: bool | None = None,
    gold: Sequence[int | None] | None = None,
    query_label: str = "query",
    key_label: str = "key",
    scale: str = "weight",
) -> Figure:
    """Draw weights as a grid: a row for each query, a column for each key.

    Args:
        weights: (queries, keys), from 0 to 1.
        queries: a token for each row.
        keys: a token for each column.
        title: the finding.
        ax: where to draw; a new figure by default.
        numbers: write the weights into the cells, by default into at most 64.
        gold: for each query the index of its true key, outlined; None leaves it out.
        query_label: what the rows are.
        key_label: what the columns are.
        scale: what the colours mean, beside their scale; without it there is none.

    Raises:
        ValueError: if the shape of the weights is not (queries, keys).

    """
    table = np.asarray(weights, dtype=float)
    check_shape("weights (queries, keys)", table, len(queries), len(keys))
    ax = ax or _new_axes((COLUMN, 1.2 + 0.30 * len(queries)))
    ax.set(title=title, xlabel=key_label, ylabel=query_label)
    _draw_cells(ax, table)
    _write_tokens(ax, queries, keys)
    _write_amounts(ax, table, table.size <= FEW if numbers is None else numbers, scale)
    _outline(ax, gold or [])
    return _figure(ax)


def _write_amounts(ax: Axes, table: np.ndarray, numbers: bool, scale: str) -> None:
    """Say how much the colours mean, in each cell or by a scale."""
    if numbers:
        _write_numbers(ax, table)
    elif scale:
        _draw_scale(ax, scale)


def _draw_cells(ax: Axes, table: np.ndarray) -> None:
    """Draw the weights as one picture, a pixel each, and lines between a few cells."""
    rows, columns = table.shape
    ax.imshow(table, extent=(0, columns, rows, 0), **CELLS)
    ax.spines[:].set(visible=True, alpha=0.5, linewidth=0.6)
    if table.size <= FEW:
        ax.vlines(range(1, columns), 0, rows, color=INK, alpha=0.35, linewidth=0.6)
        ax.hlines(range(1, rows), 0, columns, color=INK, alpha=0.35, linewidth=0.6)


def _draw_scale(ax: Axes, name: str) -> None:
    """Draw what the colours mean, beside the cells: from 0 to 1."""
    bar = ax.inset_axes((1.015, 0, 0.02, 1))
    bar.imshow(np.linspace(0, 1, 64)[:, None], extent=(0, 1, 1, 0), **CELLS)
    bar.invert_yaxis()
    bar.yaxis.tick_right()
    bar.yaxis.set_label_position("right")
    bar.set(xticks=[], yticks=[0, 1])
    bar.set_ylabel(name, labelpad=-4)
    bar.spines[:].set(visible=True, alpha=0.5, linewidth=0.6)
    bar.tick_params(length=0)


def _write_tokens(ax: Axes, queries: Sequence[str], keys: Sequence[str]) -> None:
    """Write the tokens along both sides; long ones below are turned."""
    queries, keys = ([visible(token) for token in side] for side in (queries, keys))
    longest = max(map(len, keys))
    long_tokens = longest > 2 and (longest + 1) * len(keys) > PHONE_LETTERS
    ax.set_xticks(
        np.arange(len(keys)) + 0.5,
        keys,
        rotation=60 if long_tokens else 0,
        ha="right" if long_tokens else "center",
        rotation_mode="anchor" if long_tokens else None,
    )
    ax.set_yticks(np.arange(len(queries)) + 0.5, queries)
    ax.tick_params(length=0)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(MEANT.get(label.get_text(), INK))


def _outline(ax: Axes, columns: Sequence[int | None]) -> None:
    """Frame one cell in each row; None leaves a row out."""
    for row, column in enumerate(columns):
        if column is not None:
            ax.add_patch(
                Rectangle((column, row), 1, 1, fill=False, edgecolor=COLORS[1], lw=1.8)
            )


def _write_numbers(ax: Axes, table: np.ndarray) -> None:
    for (row, column), weight in np.ndenumerate(table):
        ink = "white" if weight > 0.55 else INK
        ax.text(
            column + 0.5,
            row + 0.5,
            f"{weight:.2f}"[1 if weight < 0.995 else 0 :],
            ha="center",
            va="center",
            size=8.5,
            color=ink,
        )


def curves(
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    title: str,
    xlabel: str,
    ylabel: str,
    *,
    ax: Axes | None = None,
    logx: bool = False,
    logy: bool = False,
) -> Figure:
    """Draw one line for each name, told apart by dash and marker as well as by colour.

    Args:
        x: (points,).
        lines: the name of each line and its (points,) values.
        title: the finding.
        xlabel: the horizontal axis, with its unit.
        ylabel: the vertical axis, with its unit.
        ax: where to draw; a new figure by default.
        logx: logarithmic horizontal axis.
        logy: logarithmic vertical axis.

    """
    ax = ax or _new_axes()
    few = len(np.asarray(x)) <= 40  # points, so that each has its marker
    drawn = [
        ax.plot(x, y, label=name, **look)[0]
        for (name, y), look in zip(lines.items(), _looks(few), strict=False)
    ]
    _make_logarithmic(ax, logx, logy)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.grid(True)
    if len(lines) > 1:
        # each by its name: by itself matplotlib leaves out names that begin with _
        ax.legend(drawn, [visible(name) for name in lines])
    return _figure(ax)


def _make_logarithmic(ax: Axes, logx: bool, logy: bool) -> None:
    if logx:
        ax.set_xscale("log")
    if logy:
        ax.set_yscale("log")
    for axis in [ax.xaxis] * logx + [ax.yaxis] * logy:
        axis.set_major_formatter(PlainPowers())
        axis.set_minor_formatter(PlainPowers())


def _looks(markers: bool) -> Iterator[dict[str, Any]]:
    """Yield a look for one line after another, without end."""
    for color, dash, marker in zip(cycle(COLORS), cycle(DASHES), cycle(MARKERS)):
        yield {
            "color": color,
            "linestyle": dash,
            "marker": marker if markers else None,
        }


def timeline(steps: Sequence[tuple[str, str, str, str]], title: str) -> Figure:
    """Draw steps from the top down: when, what, and two lines on it."""
    ax = _new_axes((COLUMN, 0.8 * len(steps)))
    ax.plot([0, 0], [0.3, 0.6 - len(steps)], color=INK)
    for k, (when, name, one, other) in enumerate(steps):
        mark, color = MARKERS[k % len(MARKERS)], COLORS[k % len(COLORS)]
        ax.plot(0, -k, mark, color=color, markersize=9)
        ax.text(-0.15, -k, when, ha="right", va="center", size=10)
        ax.text(0.15, -k, name, va="bottom", weight="bold", size=11)
        ax.text(0.15, -k - 0.05, f"{one}\n{other}", va="top", size=9.5)
    ax.set(xlim=(-1.1, 4), ylim=(0.3 - len(steps), 0.6), title=title)
    ax.axis("off")
    return _figure(ax)


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None  # removed axes can't be drawn on
    return figure


def _new_axes(size: tuple[float, float] | None = None) -> Axes:
    """Return the axes of a new figure that no window manager keeps."""
    return Figure(figsize=size).add_subplot()
