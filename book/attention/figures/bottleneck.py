"""A string goes through a model and out again, and its length is under your finger.

Columns are letters, and lengths as well: the last letter of the string, the point on
the curve below and the slider's thumb stand above one another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from torch import Tensor

from attention.figures.live_figure import Interactive, compose, figure_id, safe
from attention.shapes import check_shape

VECTOR = 6  # columns: how wide the one vector is drawn, whatever the string
DEPTH = 10  # the height of a drawing between two rows of letters
LEAST = 0.05  # smaller weights are not drawn


@dataclass(frozen=True, kw_only=True)
class Route:
    """One model: what came out at each length, and how often it was right."""

    name: str  # "one vector"
    note: str  # what lies between reading and writing
    written: Sequence[str]  # for each length what it wrote
    shares: Sequence[float]  # for each length the share of strings wholly right
    weights: Sequence[Tensor] | None = None  # for each length (letters written, read)


@dataclass(frozen=True, kw_only=True)
class Showing:
    """What stands around the drawing."""

    title: str  # the finding
    alt: str  # what is seen
    start: int  # the length to begin with
    trained: int  # the greatest length that was trained
    counted: str  # "of 100 new strings, the share copied without a mistake"


def show_bottleneck(text: str, routes: Sequence[Route], frame: Showing) -> Interactive:
    """Let a reader lengthen a string and see what each model makes of it.

    Args:
        text: the longest string; each shorter one is its beginning, from 2 letters on.
        routes: one block for each model, in this order.
        frame: title, alternative text, and the length to begin with.

    Raises:
        ValueError: if a route has not one output and one share for each length.

    """
    lengths = range(2, len(text) + 1)
    for route in routes:
        if not len(route.written) == len(route.shares) == len(lengths):
            raise ValueError(
                f"{route.name}: expected {len(lengths)} outputs and shares, "
                f"got {len(route.written)} and {len(route.shares)}"
            )
    sentences = [_say(text[:n], routes, n - 2) for n in lengths]
    data = {
        "text": text,
        "vector": VECTOR,
        "depth": DEPTH,
        "routes": [_pack(route, lengths) for route in routes],
        "sentences": sentences,
    }
    name = figure_id(data, frame.title, frame.alt, str(frame.start))
    blocks = "".join(_draw_route(text, route, frame.start) for route in routes)
    below = _draw_chart(len(text), routes, frame) + _draw_length(len(text), frame)
    return compose(
        name,
        f'<div class="columns" style="--n:{len(text)}">{blocks}{below}</div>',
        sentences[frame.start - 2],
        ("bottleneck.css", "bottleneck.js"),
        data,
        title=frame.title,
        alt=frame.alt,
    )


def count_right(text: str, written: str) -> int:
    """Count the letters that stand where they should."""
    return sum(a == b for a, b in zip(text, written, strict=False))


def _pack(route: Route, lengths: range) -> dict:
    """Return what the script needs of one model."""
    packed = {
        "written": list(route.written),
        "shares": [round(share, 3) for share in route.shares],
    }
    if route.weights is None:
        return packed
    for n, output, table in zip(lengths, route.written, route.weights, strict=True):
        check_shape("weights (written, read)", table, len(output), n)
    return packed | {"links": [_links(table) for table in route.weights]}


def _links(table: Tensor) -> list[list[float]]:
    """Return [written, read, weight] for each weight that is drawn."""
    rows = enumerate(table.tolist())
    return [
        [t, i, round(weight, 2)]
        for t, row in rows
        for i, weight in enumerate(row)
        if weight >= LEAST
    ]


def _say(text: str, routes: Sequence[Route], at: int) -> str:
    """Say what each model wrote, and how it fares at this length."""
    parts = [f"{len(text)} letters, {text}."]
    for route in routes:
        written, share = route.written[at], route.shares[at]
        parts += [
            f"{route.name[0].upper()}{route.name[1:]} writes {written}, "
            f"{count_right(text, written)} of {len(text)} right; it copies "
            f"{share:.0%} of new strings of this length."
        ]
    return " ".join(parts)


def _draw_route(text: str, route: Route, n: int) -> str:
    """Return what is read, what lies between, and what is written."""
    read = "".join(
        f"<span{'' if i < n else ' class=off'}>{safe(letter)}</span>"
        for i, letter in enumerate(text)
    )
    inside = _draw_funnel(n) if route.weights is None else _draw_links(route, n)
    kind = "funnel" if route.weights is None else "links"
    return (
        f'<section class="route" aria-hidden="true"><p><b>{safe(route.name)}</b> '
        f'<span>{safe(route.note)}</span> <span class="right">'
        f"{count_right(text[:n], route.written[n - 2])} of {n} right</span></p>"
        f'<div class="cells read">{read}</div>'
        f'<svg class="{kind}" viewBox="0 0 {len(text)} {DEPTH}" '
        f'preserveAspectRatio="none">{inside}</svg>'
        f'<div class="cells written">'
        f"{_draw_written(text, text[:n], route.written[n - 2])}</div></section>"
    )


def _draw_written(text: str, read: str, written: str) -> str:
    """Return a mark for each column: right, wrong, missing, or not asked."""
    cells = []
    for column, truth, letter in zip_longest(text, read, written[: len(text)]):
        wrong = truth != letter and column is not None
        shown = safe(letter) if letter else "–" if wrong else ""
        cells += [f"<span{' class=wrong' if wrong else ''}>{shown}</span>"]
    return "".join(cells)


def _draw_funnel(n: int) -> str:
    """Return the way from n columns into the vector and out again."""
    top, low = DEPTH * 0.36, DEPTH * 0.64
    bars = "".join(
        f'<path class="unit" d="M{VECTOR * k / 16:.3g} {top:.3g}V{low:.3g}"/>'
        for k in range(1, 16)
    )
    return (
        f'<path class="pour" d="M0 0H{n}L{VECTOR} {top:.3g}V{low:.3g}L{n} {DEPTH}H0Z"/>'
        f'<path class="vector" d="M0 {top:.3g}H{VECTOR}V{low:.3g}H0Z"/>{bars}'
    )


def _draw_links(route: Route, n: int) -> str:
    """Return a line for each weight, from the letter written to the letter read."""
    assert route.weights is not None
    return "".join(
        f'<path style="--w:{weight:g}" d="M{i + 0.5:g} 0L{t + 0.5:g} {DEPTH}"/>'
        for t, i, weight in _links(route.weights[n - 2])
    )


def _draw_chart(width: int, routes: Sequence[Route], frame: Showing) -> str:
    """Return the share of strings copied against their length, with a dot for each."""
    lines, dots, names = "", "", ""
    for route in routes:
        look = "dashed" if route.weights is None else "solid"
        points = "L".join(
            f"{n + 1.5:g} {10 - 10 * share:.3g}" for n, share in enumerate(route.shares)
        )
        lines += f'<path class="{look}" d="M{points}"/>'
        share = route.shares[frame.start - 2]
        dots += f'<i class="dot {look}" style="--x:{frame.start};--y:{share:.3f}"></i>'
        names += f'<span><i class="{look}"></i> {safe(route.name)}</span>'
    ticks = "".join(
        f'<span style="--x:{n}">{n}</span>' for n in (2, *range(5, width + 1, 5))
    )
    levels = "".join(f'<span style="--y:{y}">{y:.0%}</span>' for y in (0, 0.5, 1))
    return (
        f'<div class="chart" aria-hidden="true"><p>{safe(frame.counted)} {names}</p>'
        f'<div class="plot">'
        f'<b class="beyond" style="--x:{frame.trained}">'
        f"<span>longer than any in training</span></b>"
        f'<b class="here" style="--x:{frame.start}"></b>'
        f'<svg viewBox="0 0 {width} 10" preserveAspectRatio="none">'
        f'<path class="grid" d="M1 0H{width}M1 5H{width}M1 10H{width}"/>{lines}</svg>'
        f'{dots}<div class="levels">{levels}</div></div>'
        f'<div class="ticks">{ticks}</div></div>'
    )


def _draw_length(width: int, frame: Showing) -> str:
    """Return the slider, under the columns 2 to the last; a script shows it."""
    return (
        '<label class="length" hidden><span>Drag the length of the string</span>'
        f'<input type="range" min="2" max="{width}" step="1" value="{frame.start}">'
        "</label>"
    )
