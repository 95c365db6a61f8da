"""The attention explorer: a live figure of scores and the weights they become.

Readers choose a token, a layer, a head, a mask and a temperature, and the page
computes the softmax again. Without script the figure shows the first choice.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.explorer_data import (
    are_softmax,
    as_scores,
    bits,
    counted,
    fixed,
    pack,
    say,
    weigh,
)
from attention.figures.explorer_parts import SCRIPT, STYLE
from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    options,
    safe,
    visible,
)

ROW = 28  # pixels a token; more than the 24 that a finger needs
TALL, LONG = 44, 12  # pixels for two lines, where a token has more letters than this
TEMPERATURES = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10)
NO_SCRIPT = "<noscript>With JavaScript you can choose here.</noscript>"
NOTE = '<p class="note">✕, crossed out and hatched: masked</p>'


def explore_attention(
    scores: ArrayLike | None,
    queries: Sequence[str],
    keys: Sequence[str],
    alt: str,
    *,
    weights: ArrayLike | None = None,
    title: str = "",
    query_label: str = "query",
    key_label: str = "key",
    masks: Mapping[str, ArrayLike] | None = None,
    layers: Sequence[str] = (),
    heads: Sequence[str] = (),
    temperatures: Sequence[float] | None = None,
    both_ways: bool = True,
    start: int = 0,
    start_layer: int = 0,
    start_head: int = 0,
) -> Interactive:
    """Let readers choose a token and see its scores and weights, softmax(s / τ).

    Args:
        scores: (queries, keys), (heads, queries, keys) or (layers, heads, queries,
            keys), before any mask; -inf becomes a weight of 0. None with `weights`.
        queries: a token for each row.
        keys: a token for each column.
        alt: what the figure shows.
        weights: in place of scores, in the same shapes. Their logarithms are shown:
            the scores, up to a constant in each row.
        title: the finding.
        query_label: what the queries are.
        key_label: what the keys are.
        masks: a name for each mask to choose from; broadcastable to (queries, keys),
            True where a query may attend. The first is chosen first.
        layers: a name for each layer; numbers by default.
        heads: a name for each head; numbers by default.
        temperatures: the positions of the slider; an empty list leaves it out. It
            starts at 1, or at the first where 1 is not among them.
        both_ways: let readers choose a key too, and see which queries look at it.
        start: the query that is chosen first.
        start_layer: the layer that is chosen first, counted from 0.
        start_head: the head that is chosen first, counted from 0.

    Raises:
        ValueError: if a shape is wrong, a score is NaN or infinite, a weight is not in
            0 to 1, there is no such start, alt is empty, or weights that do not sum to
            1 are to be masked or to have a temperature.

    """
    table = as_scores(scores, weights, (len(queries), len(keys)), layers, heads)
    shares = weights is not None and not are_softmax(np.exp(table))
    if temperatures is None:
        temperatures = () if shares else TEMPERATURES
    if shares and (masks or temperatures):
        raise ValueError(
            "weights that do not sum to 1 come from no softmax: they take neither "
            "masks nor temperatures"
        )
    if any(t <= 0 for t in temperatures):
        raise ValueError(f"temperatures must be above 0, got {list(temperatures)}")
    starts = {"start_layer": start_layer, "start_head": start_head, "start": start}
    for (what, first), size in zip(starts.items(), table.shape, strict=False):
        if not 0 <= first < size:
            raise ValueError(f"{what} must be 0 to {size - 1}, got {first}")
    at = list(temperatures).index(1) if 1 in temperatures else 0
    data = {
        "queries": [visible(q) for q in queries],
        "keys": [visible(k) for k in keys],
        "labels": [query_label, key_label],
        "heads": table.shape[1],
        "masks": [bits(m, name, table.shape[2:]) for name, m in (masks or {}).items()],
        "temperatures": list(temperatures),
        "shares": shares,
        "row": TALL if max(map(len, [*queries, *keys])) > LONG else ROW,
        **pack(table),
    }
    name = figure_id(
        data, alt, title, *layers, *heads, *(masks or ()), *map(str, starts.values())
    )
    controls = (
        options("layer", layers or counted(table.shape[0]), "layer", start_layer)
        + options("head", heads or counted(table.shape[1]), "head", start_head)
        + options("mask", list(masks or ()), "mask")
        + options("by", [query_label, key_label] if both_ways else [], "choose by")
        + _slider(temperatures, at)
    )
    row = np.round(table[start_layer, start_head, start] / data["step"]) * data["step"]
    allowed = np.ones(len(keys), dtype=bool)
    if masks:
        size = start * len(keys)
        allowed = np.array(list(data["masks"][0][size : size + len(keys)])) == "1"
    shown = weigh(row, allowed, temperatures[at] if temperatures else 1, shares)
    number = "score" if weights is None else "log weight"
    body = (
        f'<div class="controls" hidden>{controls}</div><div class="grid" '
        f'style="--row:{data["row"]}px;--lines:{1 + (data["row"] == TALL)}">'
        f"{_choices(name, queries, query_label, start)}{_lines(shown, data, start)}"
        f"{_rows(keys, key_label, number, row, allowed, shown)}</div>"
        f"{NOTE if masks else ''}{NO_SCRIPT}"
    )
    said = say(data["queries"], start, data["keys"], shown)
    return compose(name, title, body, said, STYLE, SCRIPT, data, alt)


def _slider(temperatures: Sequence[float], at: int) -> str:
    if len(temperatures) == 0:
        return ""
    return (
        f'<label>temperature τ <input type="range" min="0" '
        f'max="{len(temperatures) - 1}" step="1" value="{at}"> '
        f'<span aria-hidden="true">{temperatures[at]:g}</span></label>'
    )


def _choices(name: str, tokens: Sequence[str], label: str, start: int) -> str:
    """Return the tokens to choose from; the script enables them."""
    choices = "".join(
        f'<label class="token"><input type="radio" disabled name="{name}"'
        f"{' checked' if i == start else ''}><span><b>{safe(token)}</b></span></label>"
        for i, token in enumerate(tokens)
    )
    return f"<fieldset><legend>{safe(label)}</legend><div>{choices}</div></fieldset>"


def _lines(row: np.ndarray, data: dict, start: int) -> str:
    """Return a line from the chosen token to each other, as wide as its weight."""
    height = data["row"] * max(len(data["queries"]), len(data["keys"]))
    a = data["row"] * (start + 0.5)
    paths = "".join(
        f'<path style="--w:{w:.3f}" d="M0 {a:g} C50 {a:g} 50 {b:g} 100 {b:g}"/>'
        for w, b in zip(row, data["row"] * (np.arange(len(row)) + 0.5), strict=True)
    )
    return (
        f'<div aria-hidden="true" class="lines"><svg viewBox="0 0 100 {height}" '
        f'width="100%" height="{height}" preserveAspectRatio="none">{paths}</svg></div>'
    )


def _rows(
    keys: Sequence[str],
    label: str,
    number: str,
    scores: np.ndarray,
    allowed: np.ndarray,
    weights: np.ndarray,
) -> str:
    """Return the table of the chosen token's scores and weights."""
    rows = "".join(
        f'<tr class="{"" if may else "off"}"><th scope="row"><b>'
        f"<i{' hidden' if may else ''}>✕<span>masked</span></i><u>{safe(key)}</u></b>"
        f'</th><td>{fixed(s)}</td><td style="--w:{w:.6f}">{fixed(w)}</td></tr>'
        for key, s, w, may in zip(keys, scores, weights, allowed, strict=True)
    )
    return (
        '<table aria-label="scores and weights">'
        f'<thead><tr><th scope="col">{safe(label)}</th>'
        f'<th scope="col">{number}</th><th scope="col">weight</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
