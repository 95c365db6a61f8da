"""The markup of the attention explorer: controls, tokens, lines and the table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.explorer_data import Row, count_names, first_position, fixed
from attention.figures.explorer_options import Options
from attention.figures.live_figure import list_choices, range_input, safe

ROW = 28  # pixels a token; more than the 24 that a finger needs
TALL = 44  # pixels for two lines
NO_SCRIPT = "<noscript>With JavaScript you can choose here.</noscript>"
NOTE = '<p class="note">✕, crossed out and hatched: masked</p>'


def draw_body(
    name: str, data: dict[str, Any], chosen: Options, layers: int, row: Row, plain: bool
) -> str:
    """Return all that stands between title and sentence.

    Args:
        name: the figure's id.
        data: what the script reads.
        chosen: the author's options.
        layers: how many there are.
        row: the scores and weights that are shown at first.
        plain: the numbers are scores, not logarithms of weights.

    """
    start, height = chosen["start"], data["row"]
    number = "score" if plain else "log weight"
    return (
        f'<div class="controls" hidden>{_draw_controls(data, chosen, layers)}</div>'
        f'<div class="grid" style="--row:{height}px;--lines:{1 + (height == TALL)}">'
        f"{_draw_tokens(name, data['queries'], chosen['query_label'], start)}"
        f"{_draw_lines(row.weights, data, start)}"
        f"{_draw_table(data['keys'], chosen['key_label'], number, row)}</div>"
        f"{NOTE if data['masks'] else ''}{NO_SCRIPT}"
    )


def _draw_controls(data: dict[str, Any], chosen: Options, layers: int) -> str:
    """Return lists to choose from, and the slider."""
    by = [data["labels"][0], data["turned"][0]] if chosen["both_ways"] else []
    layer_names = chosen["layers"] or count_names(layers)
    head_names = chosen["heads"] or count_names(data["heads"])
    return (
        list_choices("layer", layer_names, chosen["layer_name"], chosen["start_layer"])
        + list_choices("head", head_names, chosen["head_name"], chosen["start_head"])
        + list_choices("mask", list(chosen["masks"] or ()), "mask")
        + list_choices("by", by, "choose by")
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


def _draw_tokens(name: str, tokens: Sequence[str], label: str, start: int) -> str:
    """Return the tokens to choose from; the script enables them."""
    choices = "".join(
        f'<label class="token"><input type="radio" disabled name="{name}"'
        f"{' checked' if i == start else ''}><span><b>{safe(token)}</b></span></label>"
        for i, token in enumerate(tokens)
    )
    return f"<fieldset><legend>{safe(label)}</legend><div>{choices}</div></fieldset>"


def _draw_lines(row: np.ndarray, data: dict[str, Any], start: int) -> str:
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


def _draw_table(keys: Sequence[str], label: str, number: str, row: Row) -> str:
    """Return the table of the chosen token's scores and weights."""
    rows = "".join(
        f'<tr class="{"" if may else "off"}"><th scope="row"><b>'
        f"<i{' hidden' if may else ''}>✕<span>masked</span></i><u>{safe(key)}</u></b>"
        f'</th><td>{fixed(s)}</td><td style="--w:{w:.6f}">{fixed(w)}</td></tr>'
        for key, s, may, w in zip(keys, *row, strict=True)
    )
    return (
        '<table aria-label="scores and weights">'
        f'<thead><tr><th scope="col">{safe(label)}</th>'
        f'<th scope="col">{number}</th><th scope="col">weight</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
