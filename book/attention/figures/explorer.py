"""The attention explorer: a live figure of scores and the weights they become.

Readers choose a token, a layer, a head, a mask and a temperature, and the page
computes the softmax again. Without script the figure shows the first choice.
"""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.explorer_data import (
    are_softmax,
    as_scores,
    first_row,
    pack,
    say,
    write_bits,
)
from attention.figures.explorer_markup import ROW, TALL, draw_body
from attention.figures.explorer_options import (
    Options,
    choose_temperatures,
    fill_in,
    find_start,
)
from attention.figures.live_figure import Interactive, compose, figure_id
from attention.figures.tokens import visible

PARTS = ("explorer.css", "explorer.js")
LONG = 12  # letters; where a token has more, each token gets two lines


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
        options: title, masks, names of layers and heads, and so on: see `Options`.

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
    row = first_row(data, table[tuple(starts.values())], chosen)
    body = draw_body(name, data, chosen, len(table), row, weights is None)
    said = say(data["queries"], chosen["start"], data["keys"], row.weights)
    return compose(name, body, said, PARTS, data, title=chosen["title"], alt=alt)


def _describe(
    table: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    chosen: Options,
    shares: bool,
) -> dict[str, Any]:
    """Return what the page's script reads."""
    masks, size = chosen["masks"] or {}, table.shape[2:]
    return {
        "queries": [visible(q) for q in queries],
        "keys": [visible(k) for k in keys],
        "labels": [chosen["query_label"], chosen["key_label"]],
        "turned": ["looked at", f"by {chosen['query_label']}"],
        "heads": table.shape[1],
        "masks": [write_bits(mask, name, size) for name, mask in masks.items()],
        "temperatures": chosen["temperatures"],
        "shares": shares,
        "row": TALL if max(map(len, [*queries, *keys])) > LONG else ROW,
        **pack(table),
    }
