"""Figures that answer to the reader: one HTML, SVG and script snippet each.

They need no library and no network, follow the page's theme, and work by pointer, touch
and keyboard. All that they say aloud is written here; the script only shows it.
"""

import hashlib
import html
import json
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from attention.interactive_parts import (
    CURVE,
    EXPLORER_SCRIPT,
    EXPLORER_STYLE,
    SLIDER_SCRIPT,
    SLIDER_STYLE,
    STYLE,
)
from attention.plots import COLORS

Scale = Callable[[ArrayLike], np.ndarray]
ROW = 28  # pixels a token; more than the 24 that a finger needs


class Interactive:
    """A figure that a notebook shows inline and that answers to the reader."""

    def __init__(self, markup: str, alt: str) -> None:
        """Keep the snippet and the text that stands for it."""
        self.html = markup
        self.alt = alt

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Name the figure by its alternative text."""
        return f"Interactive figure: {self.alt}"


def explore_weights(
    weights: ArrayLike,
    queries: Sequence[str],
    keys: Sequence[str],
    alt: str,
    *,
    title: str = "",
    query_label: str = "query",
    key_label: str = "key",
    heads: Sequence[str] = (),
    start: int = 0,
) -> Interactive:
    """Let readers choose a query and see what it attends to.

    Args:
        weights: (queries, keys), or (heads, queries, keys), from 0 to 1.
        queries: a token for each row.
        keys: a token for each column.
        alt: what the figure shows.
        title: the finding.
        query_label: what the queries are.
        key_label: what the keys are.
        heads: a name for each head, if there are several.
        start: the query that is chosen first.

    Raises:
        ValueError: if a shape is wrong, a weight is not in 0 to 1, or alt is empty.

    """
    table = _check_weights(weights, len(queries), len(keys), heads)
    names = list(heads) or [""]
    sentences = [
        [_say(q, row, keys) for q, row in zip(queries, head, strict=True)]
        for head in table
    ]
    data = {
        "weights": table.round(6).tolist(),
        "sentences": sentences,
        "row": ROW,
        "curve": CURVE,
    }
    name = _name(data, alt, title, query_label, key_label, *names, str(start))
    choices = "".join(
        f'<label class="token"><input type="radio" name="{name}-query"'
        f"{' checked' if i == start else ''}><span>{_safe(q)}</span></label>"
        for i, q in enumerate(queries)
    )
    items = "".join(
        f'<li style="--w:0"><b>{_safe(k)}</b> <span></span></li>' for k in keys
    )
    height = ROW * max(len(queries), len(keys))
    body = (
        f"{_head_choice(heads)}"
        f'<div class="grid"><fieldset><legend>{_safe(query_label)}</legend>{choices}'
        f'</fieldset><div aria-hidden="true"><div class="head"></div>'
        f'<svg viewBox="0 0 100 {height}" width="100%" height="{height}" '
        f'preserveAspectRatio="none">{"<path/>" * len(keys)}</svg></div>'
        f'<div><div class="head">{_safe(key_label)}</div><ol>{items}</ol></div></div>'
    )
    said = sentences[0][start]
    return _figure(name, title, body, said, EXPLORER_STYLE, EXPLORER_SCRIPT, data, alt)


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
    name = _name(data, alt, title, label, xlabel, ylabel, str(start))
    marks = "".join(
        f'<circle class="dot" r="3.5" cx="{cx:.1f}" cy="{cy:.1f}"/>'
        for cx, cy in zip(to_x(dots[0]), to_y(dots[1]), strict=True)
    )
    if reference is not None:
        marks += f'<path class="truth" d="{_path(data["x"], to_y(still))}"/>'
    moving = _path(data["x"], data["y"][start])
    body = (
        f'<svg viewBox="0 0 420 300" aria-hidden="true">'
        f"{_axes(ticks_x, to_x, ticks_y, to_y, _safe(xlabel), _safe(ylabel))}{marks}"
        f'<path class="line" d="{moving}"/></svg>'
        f'<label>{_safe(label)} <input type="range" min="0" '
        f'max="{len(positions) - 1}" step="1" value="{start}"></label>'
    )
    said = sentences[start]
    return _figure(name, title, body, said, SLIDER_STYLE, SLIDER_SCRIPT, data, alt)


def _check_weights(
    weights: ArrayLike, queries: int, keys: int, heads: Sequence[str]
) -> np.ndarray:
    """Return the weights as (heads, queries, keys), or say what is wrong."""
    table = np.asarray(weights, dtype=float)
    expected = (len(heads), queries, keys) if heads else (queries, keys)
    if table.shape != expected:
        names = "(heads, queries, keys)" if heads else "(queries, keys)"
        raise ValueError(
            f"weights must be {names}: expected {expected}, got {table.shape}"
        )
    if not np.all((table >= 0) & (table <= 1 + 1e-5)):
        raise ValueError("weights must lie between 0 and 1, and none may be NaN")
    return table.reshape(-1, queries, keys)


def _say(query: str, row: np.ndarray, keys: Sequence[str]) -> str:
    """Say in a sentence what a query attends to."""
    first, *others = np.argsort(-row, kind="stable")
    if row[first] == 0:
        return f"“{query}” attends to nothing."
    said = f"“{query}” attends most to “{keys[first]}” ({row[first]:.2f})"
    if not others or row[others[0]] < 0.005:
        return said + "."
    said += f", then to “{keys[others[0]]}” ({row[others[0]]:.2f})"
    rest = row[others[1:]].sum()
    return said + (f"; the others share {rest:.2f}." if rest >= 0.005 else ".")


def _head_choice(heads: Sequence[str]) -> str:
    options = "".join(f"<option>{_safe(head)}</option>" for head in heads)
    return f"<label>head <select>{options}</select></label>" if heads else ""


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


def _safe(text: str) -> str:
    return html.escape(text) if text.strip() else "␣"


def _name(data: dict, *texts: str) -> str:
    """Return an id that follows from what the figure shows."""
    return "i" + hashlib.sha256(json.dumps([data, texts]).encode()).hexdigest()[:10]


def _figure(
    name: str,
    title: str,
    body: str,
    said: str,
    style: str,
    script: str,
    data: dict,
    alt: str,
) -> Interactive:
    """Put the parts of a figure together."""
    if not alt.strip():
        raise ValueError("an interactive figure needs alt text: say what is seen")
    alt = " ".join(alt.split())
    style = (STYLE + style).replace("#ID", f"#{name}")
    style = style.replace("COLOR", COLORS[0]).replace("SECOND", COLORS[1])
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    caption = f"<figcaption>{html.escape(title)}</figcaption>" if title else ""
    return Interactive(
        f'<figure id="{name}" class="interactive" role="group" '
        f'aria-label="{html.escape(alt)}"><style>{style}</style>{caption}{body}'
        f'<p role="status" aria-live="polite">{html.escape(said)}</p></figure>'
        f"<script>{script.replace('ID', name).replace('DATA', text)}</script>",
        alt,
    )
