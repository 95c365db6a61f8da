"""The markup of the attention explorer: controls, tokens, lines, tables and maps."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.explorer_data import (
    Row,
    count_names,
    first_position,
    fixed,
    keep_rows,
)
from attention.figures.explorer_options import Options, Pane
from attention.figures.live_figure import list_choices, range_input, safe

ROW = 26  # pixels a token; more than the 24 that a finger needs
HEAD = 28  # pixels of a heading
LONG, LONGEST = 12, 22  # letters of which one line has room, on a phone and else
DOWN = '<span class="mark q">q</span> ↓'
ACROSS = '<span class="mark k">k</span> →'
NO_SCRIPT = "<noscript>With JavaScript you can choose here.</noscript>"
HINT = (
    '<span class="hint" hidden>Point at a line to look, click to keep it; '
    "Esc lets go.</span>"
)


def draw_body(
    name: str,
    data: dict[str, Any],
    chosen: Options,
    shown: Sequence[tuple[Pane, Row, str]],
    number: str,
) -> str:
    """Return all that stands between title and sentence.

    Args:
        name: the figure's id.
        data: what the script reads.
        chosen: the author's options.
        shown: one list of weights, or two: whose, its first row, and its map.
        number: what the numbers are: scores, or logarithms of weights.

    """
    two = len(shown) > 1
    tokens = _draw_tokens(name, data, chosen["start"])
    parts = [
        (_draw_lines(row, data, chosen["start"], i if two else 1), pane)
        for i, (_, row, _) in enumerate(shown)
        for pane in [_draw_pane(data, i, *shown[i][:2], number)]
    ]
    (lines, pane), *more = parts
    body = f"{pane}{lines}{tokens}" if two else f"{tokens}{lines}{pane}"
    body += "".join(f"{lines}{pane}" for lines, pane in more)
    style = f"--top:{HEAD * two}px"
    kind = f"{'two' if two else 'one'} {_measure(data)}".strip()
    return (
        f'<div class="controls" hidden>{_draw_controls(data, chosen)}</div>'
        f'<div class="stage {kind}"><div class="grid" style="{style}">{body}</div>'
        f"{_draw_maps(data, shown, chosen['start'])}</div>{_note(data, number)}"
        f"{NO_SCRIPT}"
    )


def _measure(data: dict[str, Any]) -> str:
    """Return whether tokens need two lines on a phone, or everywhere."""
    own = [key for names in data["headKeys"] for key in names]
    longest = max(map(len, [*data["queries"], *data["keys"], *own]))
    return "longest" if longest > LONGEST else "long" if longest > LONG else ""


def _note(data: dict[str, Any], number: str) -> str:
    what = "masked" if number == "score" else "masked, its weight is 0"
    note = f"<span>✕, crossed out and hatched: {what}</span>"
    return f'<p class="notes">{note if data["hides"] else ""}{HINT}</p>'


def _draw_controls(data: dict[str, Any], chosen: Options) -> str:
    """Return lists to choose from, and the slider."""
    layers = chosen["layers"] or count_names(data["layers"])
    heads = chosen["heads"] or count_names(data["heads"])
    layer = list_choices("layer", layers, chosen["layer_name"], chosen["start_layer"])
    head = list_choices("head", heads, chosen["head_name"], chosen["start_head"])
    return (
        (layer if data["beside"] != "layer" else "")
        + (head if data["beside"] != "head" else "")
        + list_choices("mask", list(chosen["masks"] or ()), "mask")
        + list_choices("by", data["ways"] if chosen["both_ways"] else [], "show")
        + _draw_slider(data["temperatures"])
    )


def _draw_slider(temperatures: Sequence[float]) -> str:
    if len(temperatures) == 0:
        return ""
    at = first_position(temperatures)
    return (
        f"<label>temperature τ {range_input(len(temperatures), at)} "
        f'<span aria-hidden="true">{temperatures[at]:g}</span></label>'
    )


def _draw_tokens(name: str, data: dict[str, Any], start: int) -> str:
    """Return the tokens to choose from; the script enables them."""
    choices = "".join(
        f'<label class="token"><input type="radio" disabled name="{name}"'
        f"{' checked' if i == start else ''}><span><b>{safe(token)}</b></span></label>"
        for i, token in enumerate(data["queries"])
    )
    return (
        f"<fieldset><legend>{_head('q', data['labels'][0])}</legend>"
        f"<div>{choices}</div></fieldset>"
    )


def _head(letter: str, label: str) -> str:
    """Return a heading with the letter of what stands below it."""
    mark = f'<span class="mark {letter}" aria-hidden="true">{letter}</span>'
    return f"{mark}<b>{safe(label)}</b>"


def _draw_lines(row: Row, data: dict[str, Any], start: int, side: int) -> str:
    """Return a line from the chosen token to each other, as wide as its weight.

    The tokens stand on the left of the lines, or on their right where side is 0.
    """
    kept = keep_rows(row)
    places = ROW * (np.cumsum(kept) - 0.5)
    a, height = ROW * (start + 0.5), ROW * len(data["queries"])
    near, far = (0, 100) if side else (100, 0)
    paths = "".join(
        f'<path style="--w:{w:.3f}"{"" if k else " hidden"} '
        f'd="M{near} {a:g} C50 {a:g} 50 {b:g} {far} {b:g}"/>'
        for w, k, b in zip(row.weights, kept, places, strict=True)
    )
    height = max(height, ROW * len(kept))
    return (
        f'<div aria-hidden="true" class="lines"><svg viewBox="0 0 100 {height}" '
        f'width="100%" height="{height}" preserveAspectRatio="none">{paths}</svg></div>'
    )


def _draw_pane(data: dict[str, Any], i: int, pane: Pane, row: Row, number: str) -> str:
    """Return the table of the chosen token's scores and weights."""
    keys = data["headKeys"][pane.head] if data["headKeys"] else data["keys"]
    rows = "".join(
        f'<tr class="{"" if may else "off"}"{"" if k else " hidden"}>'
        f'<th scope="row"><b>'
        f"<i{' hidden' if may else ''}>✕<span>masked</span></i><u>{safe(key)}</u></b>"
        f'</th><td>{fixed(s)}</td><td style="--w:{w:.6f}">{fixed(w)}</td></tr>'
        for key, s, may, w, k in zip(keys, *row, keep_rows(row), strict=True)
    )
    label = " ".join([pane.name, "scores and weights"]).strip()
    return (
        f'<div class="pane">{_draw_name(data, i, pane)}'
        f'<table aria-label="{safe(label)}"><thead><tr>'
        f'<th scope="col">{_head("k", data["labels"][1])}</th>'
        f'<th scope="col">{number}</th><th scope="col">weight</th></tr></thead>'
        f"<tbody>{rows}</tbody>{_draw_rest(row)}</table></div>"
    )


def _draw_name(data: dict[str, Any], i: int, pane: Pane) -> str:
    """Return whose weights these are, where two stand next to each other."""
    if not data["beside"]:
        return ""
    names, at = data["names"], data["names"].index(pane.name)
    menu = list_choices(f"beside{i}", names if len(names) > 2 else [], "list", at)
    choice = re.sub("^<label>list ", f'<label hidden aria-label="list {i + 1}">', menu)
    return f'<div class="name"><strong>{safe(pane.name)}</strong>{choice}</div>'


def _draw_rest(row: Row) -> str:
    """Return two lines for what a long list folds: small weights, and the masked."""
    folded = ~keep_rows(row)
    small, hidden = folded & row.allowed, folded & ~row.allowed
    total, none = fixed(row.weights[small].sum()), " hidden"
    count, masked = int(small.sum()), int(hidden.sum())
    return (
        f'<tfoot><tr{none if not count else ""}><th scope="row">'
        f"<span>{count} other{'s' * (count != 1)}</span> "
        '<button type="button" hidden aria-expanded="false">show</button></th>'
        f'<td></td><td style="--w:{row.weights[small].sum():.6f}">{total}</td></tr>'
        f'<tr class="off"{none if not masked else ""}><th scope="row">'
        f"<span>✕ {masked} masked</span></th><td></td><td>0.00</td></tr></tfoot>"
    )


def _draw_maps(
    data: dict[str, Any], shown: Sequence[tuple[Pane, Row, str]], start: int
) -> str:
    """Return all weights of each list, small, with a frame around the chosen row."""
    n, m = len(data["queries"]), len(data["keys"])
    maps = "".join(
        f'<div class="map"><div aria-hidden="true">{DOWN} {ACROSS}</div>'
        f'<svg viewBox="0 0 {m} {n}" role="img" aria-label="all '
        f'weights: {n} rows of queries, {m} columns of keys">'
        f'<image width="{m}" height="{n}" preserveAspectRatio="none" href="{picture}"/>'
        f'<rect class="edge" width="{m}" height="{n}"/>'
        f'<rect class="pick" y="{start}" width="{m}" height="1"/></svg></div>'
        for _, _, picture in shown
        if picture
    )
    return f'<div class="maps">{maps}</div>' if maps else ""
