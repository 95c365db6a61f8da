"""The attention explorer: a live figure of scores and the weights they become.

Readers choose a token, a layer, a head, a mask and a temperature, and the page
computes the softmax again. Without script the figure shows the first choice.
"""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.explorer_data import (
    Row,
    are_softmax,
    as_scores,
    first_row,
    pack,
    say,
    write_bits,
)
from attention.figures.explorer_map import draw_map
from attention.figures.explorer_markup import draw_body
from attention.figures.explorer_options import (
    Options,
    Pane,
    check_keys,
    choose_temperatures,
    fill_in,
    find_panes,
    find_start,
    name_ways,
)
from attention.figures.live_figure import Interactive, compose, figure_id
from attention.figures.tokens import visible

PARTS = ("explorer.css", "explorer.js")
SMALL = 4  # queries or keys; fewer need no map


def explore_attention(
    scores: ArrayLike | None,
    queries: Sequence[str],
    keys: Sequence[str],
    alt: str,
    *,
    weights: ArrayLike | None = None,
    **options: Unpack[Options],
) -> Interactive:
    """Let readers choose a token and see its scores and weights, softmax(s / τ).

    Args:
        scores: (queries, keys), (heads, queries, keys) or (layers, heads, queries,
            keys), before any mask; -inf becomes a weight of 0. None with `weights`.
        queries: a token for each row.
        keys: a token for each column.
        alt: what the figure shows.
        weights: in place of scores, in the same shapes; their logarithms are shown:
            the scores, up to a constant in each row.
        options: title, masks, names of layers and heads, two of them beside each
            other, and so on: see `Options`.

    Raises:
        ValueError: if a shape or a number is wrong, there is no such start, or alt is
            empty.

    """
    chosen = fill_in(options)
    size = len(queries), len(keys)
    table = as_scores(scores, weights, size, chosen["layers"], chosen["heads"])
    shares = weights is not None and not are_softmax(np.exp(table))
    chosen["temperatures"] = choose_temperatures(chosen, shares)
    starts = find_start(chosen, table)
    data = _describe(table, queries, keys, chosen, shares)
    named = [*chosen["layers"], *chosen["heads"], *(chosen["masks"] or ())]
    name = figure_id(data, alt, chosen["title"], *named, *map(str, starts.values()))
    shown = _show_first(data, table, chosen)
    number = "score" if weights is None else "log weight"
    body = draw_body(name, data, chosen, shown, number)
    said = _say_first(data, shown, chosen["start"])
    return compose(
        name, body, said, PARTS, data, title=chosen["title"], alt=alt, shared=True
    )


def _describe(
    table: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    chosen: Options,
    shares: bool,
) -> dict[str, Any]:
    """Return what the page's script reads."""
    masks, size = chosen["masks"] or {}, table.shape[2:]
    beside, panes = find_panes(chosen)
    own = check_keys(chosen, table.shape[1], len(keys))
    return {
        "queries": [visible(q) for q in queries],
        "keys": [visible(k) for k in keys],
        "headKeys": [[visible(k) for k in names] for names in own],
        **name_ways(chosen),
        "layers": table.shape[0],
        "heads": table.shape[1],
        "masks": [write_bits(mask, name, size) for name, mask in masks.items()],
        "hides": bool(masks) or not (shares or np.isfinite(table).all()),
        "temperatures": chosen["temperatures"],
        "shares": shares,
        "beside": beside,
        "names": _name_panes(beside, chosen),
        "at": [[pane.layer, pane.head] for pane in panes],
        **pack(table),
    }


def _name_panes(beside: str, chosen: Options) -> list[str]:
    """Return the names of what is compared."""
    names = {"head": chosen["heads"], "layer": chosen["layers"], "": ()}[beside]
    return [visible(name) for name in names]


def _show_first(
    data: dict[str, Any], table: np.ndarray, chosen: Options
) -> list[tuple[Pane, Row, str]]:
    """Return what is shown before anything is chosen: one list, or two."""
    size = table.shape[2:]
    wanted = min(size) >= SMALL if chosen["map"] is None else chosen["map"]
    shown = []
    for pane in find_panes(chosen)[1]:
        scores = table[pane.layer, pane.head]
        rows = [first_row(data, scores, query) for query in range(size[0])]
        whole = (np.array([row.weights for row in rows]), [row.allowed for row in rows])
        picture = draw_map(whole[0], np.array(whole[1])) if wanted else ""
        named = pane._replace(name=visible(pane.name) if pane.name else "")
        shown.append((named, rows[chosen["start"]], picture))
    return shown


def _say_first(
    data: dict[str, Any], shown: Sequence[tuple[Pane, Row, str]], start: int
) -> str:
    """Say what is shown at first, of one list or of two."""
    said = []
    for pane, row, _ in shown:
        keys = data["headKeys"][pane.head] if data["headKeys"] else data["keys"]
        sentence = say(data["queries"], start, keys, row.weights)
        said.append(f"{pane.name}: {sentence}" if pane.name else sentence)
    return "\n".join(said)
