"""Displays of red and green bars in which readers look for one, against a clock."""

from collections.abc import Sequence

import numpy as np

from attention.figures.live_figure import Interactive, compose, figure_id, safe
from attention.mechanisms.search import LYING, RED, TARGETS, make_display
from attention.shapes import check_shape

PER_SIDE, CELL = 6, 40  # cells to a side of a display, and units to a side of a cell
FILES = ("search_display.css", "search_display.js")
INVITED = "On each side one bar has no twin. How long do you take to find it?"


def place_bars(seed: int) -> np.ndarray:
    """Return a place for each of 36 bars, (36, 2), x and y; the target comes first.

    Each has a cell of its own and lies a little off the middle of it.
    """
    rng = np.random.default_rng(seed)
    cells = rng.permutation(PER_SIDE * PER_SIDE)
    middles = CELL * np.stack([cells % PER_SIDE, cells // PER_SIDE], -1) + CELL // 2
    return middles + rng.integers(-5, 6, middles.shape)


def find_the_bar(
    places: Sequence[dict[str, np.ndarray]],
    titles: dict[str, str],
    *,
    count: int = 25,
    title: str,
    alt: str,
) -> Interactive:
    """Let readers search displays of either kind and see how long they took.

    Args:
        places: for each display and kind the places of 36 bars, see `place_bars`; the
            first display is what stands on paper.
        titles: what stands above the display of each kind.
        count: how many bars are shown at first.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if places are not (36, 2) or alt is empty.

    """
    for display in places:
        for kind in TARGETS:
            check_shape("places", display[kind], PER_SIDE * PER_SIDE, 2)
    bars = {kind: describe_bars(kind) for kind in TARGETS}
    data = {
        "bars": bars,
        "places": [{k: p.tolist() for k, p in one.items()} for one in places],
        "titles": titles,
    }
    panels = "".join(
        f'<div class="panel" data-kind="{kind}"><b>{safe(titles[kind])}</b>'
        f"{_draw_display(bars[kind], places[0][kind], count)}"
        f'<button type="button" hidden>Start: {safe(titles[kind])}</button></div>'
        for kind in TARGETS
    )
    name = figure_id(data, str(count), title, alt)
    body = f'<div class="panels">{panels}</div>{_offer_counts(name, count)}'
    return compose(name, body, INVITED, FILES, data, title=title, alt=alt)


def describe_bars(kind: str) -> list[list[int]]:
    """Return for each of 36 bars if it is red and if it lies, 0 or 1."""
    features = make_display(PER_SIDE * PER_SIDE, kind)
    return [[int(bar @ RED), int(bar @ LYING)] for bar in features]


def _offer_counts(name: str, count: int) -> str:
    """Let readers choose how many bars are shown."""
    counts = "".join(
        f'<label><input type="radio" name="{name}-n" value="{n}"'
        f"{' checked' if n == count else ''}> {n}</label>"
        for n in (9, 16, 25, 36)
    )
    return f"<fieldset hidden><legend>bars</legend>{counts}</fieldset>"


def _draw_display(bars: list[list[int]], places: np.ndarray, count: int) -> str:
    """Draw so many bars; the ring around the first is hidden."""
    drawn = "".join(
        f'<path class="{"red" if red else "green"}" d="{_bar(x, y, lying)}"/>'
        for (red, lying), (x, y) in zip(bars[:count], places[:count], strict=True)
    )
    x, y = places[0]
    return (
        f'<svg viewBox="0 0 {PER_SIDE * CELL} {PER_SIDE * CELL}" aria-hidden="true">'
        f'<g>{drawn}</g><circle class="ring" r="21" cx="{x}" cy="{y}"/></svg>'
    )


def _bar(x: int, y: int, lying: int) -> str:
    """Return the outline of a bar around a place."""
    wide, high = (28, 9) if lying else (9, 28)
    return f"M{x - wide / 2:g} {y - high / 2:g}h{wide}v{high}h-{wide}z"
