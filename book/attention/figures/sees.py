"""Who sees what: for each model, the words that the state at one place has read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)
from attention.shapes import check_shape

SEES_PARTS = ("sees.css", "sees.js")
SEES_KEY = (
    '<p class="key"><span><i class="at"></i>the state asked about, q</span><span>'
    '<i class="seen"></i>k, seen</span><span><i class="unseen"></i>✕, not seen</span>'
    "</p>"
)


def who_sees(
    words: Sequence[str],
    sees: Mapping[str, ArrayLike],
    *,
    start: int,
    title: str,
    alt: str,
) -> Interactive:
    """Let readers choose a word and see which words each model's state there has read.

    Args:
        words: the text.
        sees: for each model (states, words), true where a state has read a word.
        start: the word that is chosen first.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if a table has another shape, or alt is empty.

    """
    tables = {name: np.asarray(table).astype(bool) for name, table in sees.items()}
    for name, table in tables.items():
        check_shape(f"{name} (states, words)", table, len(words), len(words))
    data: dict[str, Any] = {"words": list(words), "names": list(tables)}
    data["sees"] = [_write_rows(table) for table in tables.values()]
    rows = "".join(
        f'<tr><th scope="row">{safe(name)}</th>'
        f"{_draw_squares(words, start, table)}</tr>"
        for name, table in tables.items()
    )
    body = (
        f'<table style="--n:{len(words)}"><tbody>'
        f"{rows}</tbody></table>{SEES_KEY}"
        f"<label hidden>the state at {range_input(len(words), start)}"
        f"<b>{safe(words[start])}</b></label>"
    )
    said = say_seen(words, tables, start)
    name = figure_id(data, title, alt, str(start))
    return compose(name, body, said, SEES_PARTS, data, title=title, alt=alt)


def say_seen(words: Sequence[str], tables: Mapping[str, np.ndarray], at: int) -> str:
    """Say how many words each model's state has read, as the page's script does."""
    counts = "; ".join(
        f"{name} {int(table[at].sum())}" for name, table in tables.items()
    )
    return f"At “{words[at]}” a state has read, of {len(words)} words: {counts}."


def _write_rows(table: np.ndarray) -> list[str]:
    return ["".join("01"[int(bit)] for bit in row) for row in table]


def _draw_squares(words: Sequence[str], at: int, table: np.ndarray) -> str:
    """Draw each word: what is asked about framed, what is not seen hatched."""
    return "".join(
        f'<td class="{"seen" if table[at, i] else "unseen"}{" at" * (i == at)}">'
        f"{safe(word)}</td>"
        for i, word in enumerate(words)
    )
