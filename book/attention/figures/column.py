"""A figure fits its column: as wide as the page's text, and drawn again for a phone."""

import io
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from matplotlib.gridspec import GridSpec, GridSpecBase
from matplotlib.legend import Legend
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN, PHONE = 7.66, 3.65  # inches of 96 pixels: 737 with the edge, and 352
FLAT = 2.9  # inches that a panel on a phone keeps, if it had them
SMALLEST = 8.4  # points: 11 pixels
SMALLER = 0.84  # letters on a phone


@contextmanager
def measuring() -> Iterator[None]:
    """Let pass what is wrong with matplotlib's letters: the page's own are drawn."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font")
        # a figure that is too full is drawn as it was
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        yield


def write_svg(fig: "Figure") -> str:
    """Return matplotlib's SVG file of a figure as it stands."""
    buffer = io.StringIO()
    fig.savefig(
        buffer,
        format="svg",
        bbox_inches="tight",
        pad_inches=0.04,
        metadata={"Date": None},
    )
    return buffer.getvalue()


def fit_column(fig: "Figure") -> None:
    """Give a figure the column's width, and somewhat more height if it was narrow."""
    width, height = fig.get_size_inches()
    fig.set_layout_engine("constrained", w_pad=0.03, h_pad=0.05)
    # a picture keeps its form
    power = 1 if any(ax.get_aspect() == 1 for ax in fig.axes) else 0.3
    higher = min((COLUMN / width) ** power, 1.2 if power < 1 else 1.5)
    fig.set_size_inches(COLUMN, height * higher)
    _put_legends_below(fig)
    _wrap_titles(fig)


def fit_phone(fig: "Figure") -> None:
    """Lay the figure out anew for a phone: panels below each other, small letters."""
    width, height = fig.get_size_inches()
    side_by_side = _stack(fig.axes)
    panel = height * PHONE * side_by_side / width
    low = min(height, FLAT * max([1, *map(_rows, fig.axes)]))
    if not any(ax.get_aspect() == 1 for ax in fig.axes):
        low = max(low, SMALLER * height)  # lines of text don't come nearer
    fig.set_size_inches(PHONE, side_by_side * min(height, max(panel, low)))
    for text in fig.findobj(Text):
        text.set_fontsize(max(SMALLEST, SMALLER * float(text.get_fontsize())))
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_tick_params(labelsize=SMALLEST)
    _put_legends_below(fig, crossed=True)
    _wrap_titles(fig)


def _rows(ax: "Axes") -> int:
    """Return how many rows of panels the grid has that a panel stands in."""
    grid = _grid(ax)
    return grid.nrows if grid else 1


def _grid(ax: "Axes") -> GridSpecBase | None:
    place = ax.get_subplotspec()
    grid = place.get_gridspec() if place else None
    return grid if isinstance(grid, GridSpecBase) else None


def _stack(panels: "list[Axes]") -> int:
    """Put panels that stand in one row below each other; return how many there are."""
    grids = {_grid(ax) for ax in panels}
    grid = next(iter(grids)) if len(grids) == 1 else None
    if grid is None or grid.nrows != 1 or grid.ncols != len(panels) or grid.ncols < 2:
        return 1
    rows = GridSpec(len(panels), 1, figure=panels[0].get_figure(root=True))
    for i, ax in enumerate(panels):
        ax.set_subplotspec(rows[i, 0])
        if ax.get_shared_y_axes().joined(ax, panels[0]):
            ax.set_ylabel(ax.get_ylabel() or panels[0].get_ylabel())
            ax.tick_params(labelleft=True)
    return len(panels)


def _put_legends_below(fig: "Figure", *, crossed: bool = False) -> None:
    """Put legends that stand outside of their panels below them all, where room is.

    Below the last panel there is room for one that its own lines cross, too.
    """
    fig.draw_without_rendering()
    outside = list(fig.legends)
    for ax in fig.axes:
        legend, box = ax.get_legend(), ax.get_window_extent()
        if legend and (
            not box.padded(40).containsy(legend.get_window_extent().y0)
            or (crossed and ax is fig.axes[-1] and _is_crossed(ax, legend))
        ):
            outside.append(legend)
    for legend in outside:
        _put_below(fig, legend)


def _is_crossed(ax: "Axes", legend: Legend) -> bool:
    """Say whether a line of the panel goes through its legend."""
    box = legend.get_window_extent().padded(-4)
    paths = (line.get_path().transformed(line.get_transform()) for line in ax.lines)
    return any(path.intersects_bbox(box, filled=False) for path in paths)


def _put_below(fig: "Figure", legend: Legend) -> None:
    """Write a legend anew below all panels, in as many columns as fit."""
    names = legend.get_texts()
    size = float(names[0].get_fontsize())
    widest = max(name.get_window_extent().width for name in names) + 5 * size
    columns = min(max(1, int(fig.bbox.width / widest)), len(names))
    lines = -(-len(names) // columns)
    fig.set_figheight(fig.get_figheight() + 1.6 * size * lines / 72)
    legend.remove()
    fig.legend(
        [handle for handle in legend.legend_handles if handle],
        [name.get_text() for name in names],
        loc="outside lower left",
        ncols=columns,
        fontsize=size,
    )


def _wrap_titles(fig: "Figure") -> None:
    """Break titles that would stand out of the figure."""
    fig.draw_without_rendering()
    right = fig.bbox.width
    children = [(ax, child) for ax in fig.axes for child in ax.get_children()]
    titles = [
        child
        for ax, child in children
        if isinstance(child, Text) and child not in ax.texts
    ]
    for title in titles + fig.texts:
        _wrap(title, right)


def _wrap(title: Text, right: float) -> None:
    """Break a text into the lines that fit between its left end and an edge."""
    words = title.get_text().replace("\n", " ")
    if not words or title.get_rotation():
        return
    box = title.get_window_extent()
    room = right - box.x0
    if box.x1 > right and room > 0:
        letters = max(12, int(len(words) * room / box.width))
        title.set_text("\n".join(textwrap.wrap(words, letters)))
