"""What one token looks at in every head, in two sentences that differ in one token.

A grid of thumbnails shows all heads at once, the first sentence above the second;
readers choose one, and see its weights side by side.
"""

import base64
import html
import struct
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)
from attention.figures.meaning import WEIGHT
from attention.shapes import check_shape

THUMB_EDGE, THUMB_BAND = 1, 3  # of a thumbnail, in pixels of the picture
ROWS_PARTS = ("head_rows.css", "head_rows.js")
TURN_SIGNS = {1: ("right", "✓"), -1: ("wrong", "✗"), 0: ("", "")}


class Sentences(NamedTuple):
    """Two sentences that differ in one token, and what is asked of them."""

    tokens: tuple[Sequence[str], Sequence[str]]
    names: tuple[str, str]
    query: int
    marked: Sequence[int]  # the keys that matter


def head_rows(
    weights: ArrayLike,
    sentences: Sentences,
    *,
    turns: ArrayLike,
    start: tuple[int, int],
    title: str,
    alt: str,
) -> Interactive:
    """Let readers choose a head and see what a token looks at in two sentences.

    Args:
        weights: (layers, heads, 2, keys), the query's row in both sentences.
        sentences: both, of as many tokens, and the query.
        turns: (layers, heads), 1 where the head turns the right way, -1 the wrong way.
        start: the layer and the head that are shown first.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if a shape is wrong or alt is empty.

    """
    table = np.asarray(weights, dtype=float)
    keys = len(sentences.tokens[0])
    check_shape("weights (layers, heads, 2, keys)", table, "layers", "heads", 2, keys)
    layers, heads = table.shape[:2]
    signs = np.asarray(turns).astype(int)
    check_shape("turns (layers, heads)", signs, layers, heads)
    first = start[0] * heads + start[1]
    data = _pack_rows(table, sentences, signs)
    body = (
        f"{_draw_thumbnails(table, signs, first, sentences.names)}"
        f"<label hidden><b>layer {start[0]}, head {start[1]}</b>"
        f"{range_input(layers * heads, first)}</label>"
        f"{_draw_both_rows(table[start], sentences)}"
    )
    said = say_head(data, table[start], first)
    name = figure_id(data, title, alt, str(first))
    return compose(name, body, said, ROWS_PARTS, data, title=title, alt=alt)


def say_head(data: dict[str, Any], rows: np.ndarray, head: int) -> str:
    """Say in a sentence what a head does in both, as the page's script does."""
    (a, b), each, words = data["marked"], data["heads"], data["words"]
    both = "; ".join(
        f"{name}: {words[0]} {row[a]:.2f}, {words[1]} {row[b]:.2f}"
        for name, row in zip(data["names"], rows, strict=True)
    )
    how = {1: "turns the right way", -1: "turns the wrong way", 0: "does not turn"}
    return (
        f"Layer {head // each}, head {head % each}, {both}. "
        f"It {how[data['turns'][head]]}."
    )


def _pack_rows(
    table: np.ndarray, sentences: Sentences, signs: np.ndarray
) -> dict[str, Any]:
    """Return what the page's script reads: weights in hundredths of a percent."""
    codes = np.round(table * 10_000).astype(">u2")
    return {
        "weights": base64.b64encode(codes.tobytes()).decode(),
        "heads": table.shape[1],
        "keys": table.shape[3],
        "turns": signs.ravel().tolist(),
        "names": list(sentences.names),
        "marked": list(sentences.marked),
        "words": [sentences.tokens[0][i] for i in sentences.marked],
    }


def _draw_thumbnails(
    table: np.ndarray, signs: np.ndarray, first: int, names: tuple[str, str]
) -> str:
    """Draw a thumbnail for each head, its sign, and the names of rows and columns."""
    layers, heads = signs.shape
    signed = [TURN_SIGNS[sign] for sign in signs.ravel().tolist()]
    cells = "".join(
        f'<i class="{name}{" on" if i == first else ""}">{sign}</i>'
        for i, (name, sign) in enumerate(signed)
    )
    top = "".join(f"<span>{j}</span>" for j in range(heads))
    side = "".join(f"<span>{i}</span>" for i in range(layers))
    return (
        f'<div class="map" style="--heads:{heads};--layers:{layers}" '
        'aria-hidden="true">'
        f'<span class="corner">head</span><div class="top">{top}</div>'
        f'<div class="side">{side}</div>'
        f'<div class="grid"><img alt="" src="{_picture_of_heads(table)}">'
        f"{cells}</div></div>"
        '<p class="key"><span><i class="right">✓</i>turns as the meaning does</span>'
        '<span><i class="wrong">✗</i>turns the other way</span><span>in each: '
        f"{html.escape(names[0])} above, {html.escape(names[1])} below</span></p>"
    )


def _draw_both_rows(rows: np.ndarray, sentences: Sentences) -> str:
    """Draw both sentences as bars that grow away from their tokens."""
    lines = []
    for i, (one, other) in enumerate(zip(*sentences.tokens, strict=True)):
        word = safe(one) if one == other else f"{safe(one)} · {safe(other)}"
        kind = "asks" if i == sentences.query else "asked" * (i in sentences.marked)
        lines.append(
            f'<tr class="{kind}"><td>{_draw_weight_bar(rows[0, i])}</td>'
            f'<th scope="row">{word}</th><td>{_draw_weight_bar(rows[1, i])}</td></tr>'
        )
    left, right = (html.escape(name) for name in sentences.names)
    return (
        f'<table><thead><tr><th scope="col">{left}</th><td></td>'
        f'<th scope="col">{right}</th></tr></thead><tbody>{"".join(lines)}</tbody>'
        "</table>"
    )


def _draw_weight_bar(weight: float) -> str:
    """Draw a weight as a bar with its number."""
    return (
        f'<span><b style="width:{75 * weight:.1f}%"></b><small>{weight:.2f}</small>'
        "</span>"
    )


def _picture_of_heads(table: np.ndarray) -> str:
    """Return all thumbnails as one PNG: the weight's colour, the more the denser."""
    layers, heads, _, keys = table.shape
    high, wide = 2 * (THUMB_EDGE + THUMB_BAND), keys + 2 * THUMB_EDGE
    dense = np.zeros((layers, high, heads, wide))
    shown = table.transpose(2, 0, 1, 3) ** 0.5
    for k, row in enumerate(shown):  # (layers, heads, keys)
        at = THUMB_EDGE + k * THUMB_BAND
        dense[:, at : at + THUMB_BAND, :, THUMB_EDGE:-THUMB_EDGE] = row[:, None]
    pixels = np.round(255 * dense.reshape(layers * high, heads * wide)).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(_write_png(pixels)).decode()


def _write_png(pixels: np.ndarray) -> bytes:
    """Write opacities (rows, columns) as a PNG of the weight's colour."""
    rows, columns = pixels.shape
    ink = bytes.fromhex(WEIGHT.color[1:])
    raw = b"".join(b"\0" + line.tobytes() for line in pixels)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0),
        b"PLTE": ink * 256,
        b"tRNS": bytes(range(256)),
        b"IDAT": zlib.compress(raw, 9),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
