"""Layers of self-attention side by side: where a word looks in each, in two texts."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)

ALIKE = 0.02  # weights that differ by less are said to be alike


@dataclass(frozen=True)
class Read:
    """A sentence, and the weights of each layer that read it."""

    words: Sequence[str]
    weights: np.ndarray  # (layers, n, n)


def layers_at_once(
    texts: Sequence[Sequence[str]],
    weights: Sequence[ArrayLike],
    *,
    word: int,
    title: str,
    alt: str,
) -> Interactive:
    """Draw all layers of some sentences beside each other, for one word.

    Args:
        texts: sentences of n words.
        weights: of each sentence (layers, n, n).
        word: the word to begin with; a reader can choose another.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if the shapes do not fit the sentences, or alt is empty.

    """
    reads = [_read(t, table) for t, table in zip(texts, weights, strict=True)]
    data = {
        "words": [list(read.words) for read in reads],
        "weights": [read.weights.round(3).tolist() for read in reads],
    }
    slider = range_input(len(texts[0]), word)
    return compose(
        figure_id(data, title, alt, str(word)),
        f'<div class="controls" hidden><label>word {slider}<b>{safe(texts[0][word])}'
        f'</b></label></div><div class="panels">'
        f"{''.join(_layer_panel(read, word) for read in reads)}</div>",
        " ".join(_say_layers(read, word) for read in reads),
        ("layers.css", "layers.js"),
        data,
        title=title,
        alt=alt,
    )


def _read(words: Sequence[str], weights: ArrayLike) -> Read:
    """Return a sentence with its weights; raise ValueError if they don't fit."""
    n, table = len(words), np.asarray(weights, dtype=float)
    if table.shape[1:] != (n, n):
        raise ValueError(
            f"expected {n} words and weights (layers, {n}, {n}): got {table.shape}"
        )
    return Read(words, table)


def _say_layers(read: Read, word: int) -> str:
    """Say where a word looks in each layer."""
    looks = []
    for row in read.weights[:, word].round(3):
        most = int(row.argmax())
        named = f"at “{read.words[most]}” ({row[most]:.2f})"
        looks.append("at all alike" if np.ptp(row) < ALIKE else named)
    said = f"“{read.words[word]}” looks {', then '.join(looks)}"
    return f"… {read.words[-1]}: {said}."


def _layer_panel(read: Read, word: int) -> str:
    """Draw the words once for each stage, and a layer's lines between two stages."""
    layers = len(read.weights)
    parts = [_stage(read, 0, word)]
    for layer in range(layers):
        parts += [_lines(read.weights[layer, word], word)]
        parts += [_stage(read, layer + 1, word)]
    end = safe(read.words[-1])
    return (
        f'<div class="panel" aria-hidden="true"><p>… too <b>{end}</b></p>'
        f'<div class="stages">{"".join(parts)}</div></div>'
    )


def _stage(read: Read, stage: int, word: int) -> str:
    """Write the words as they stand before the layers, or after so many of them."""
    name = f"after layer {stage}" if stage else "words"
    keys = read.weights[stage, word] if stage < len(read.weights) else None
    cells = "".join(
        f"<li{_role(stage, i, word, keys)}>{html.escape(text)}</li>"
        for i, text in enumerate(read.words)
    )
    return f"<div><p>{name}</p><ol>{cells}</ol></div>"


def _role(stage: int, i: int, word: int, keys: np.ndarray | None) -> str:
    """Return the class of a word: the query's, or that of the key it looks at most."""
    names = ["q"] * (stage > 0 and i == word)
    if keys is not None and np.ptp(keys) >= ALIKE and i == keys.argmax():
        names.append("k")
    return f' class="{" ".join(names)}"' if names else ""


def _lines(row: np.ndarray, word: int) -> str:
    """Draw a line from each key to the query, as thick as its weight."""
    paths = "".join(
        f'<path style="--w:{weight:.3f}" d="{_line_to(key, word)}"/>'
        for key, weight in enumerate(row)
    )
    return (
        f'<svg viewBox="0 0 100 {len(row)}" style="--n:{len(row)}" '
        f'preserveAspectRatio="none">{paths}</svg>'
    )


def _line_to(key: int, query: int) -> str:
    """Return a curve from a key on the left to the query on the right."""
    a, b = key + 0.5, query + 0.5
    return f"M0 {a}C50 {a} 50 {b} 100 {b}"
