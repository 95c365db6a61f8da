"""A sliding window twice: as a mask over all scores, and by blocks that skip them."""

from typing import Any

import torch
from torch import Tensor

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
)
from attention.mechanisms.windows import sliding_window_mask

SCORE_USED, SCORE_MADE, SCORE_LEFT = "seen", "made", "left"


def block_states(n: int, window: int) -> tuple[Tensor, Tensor]:
    """Return which scores are used, and which the blocks compute.

    Returns:
        Two tables of booleans (n, n). A block of `window` queries meets its own keys
        and those of the block before, as in `window_attention`.

    """
    block = torch.arange(n) // window
    behind = block[:, None] - block
    return sliding_window_mask(n, window), (behind == 0) | (behind == 1)


def show_window_blocks(n: int, start: int, *, title: str, alt: str) -> Interactive:
    """Let readers choose a window, and see what a mask and what blocks compute.

    Args:
        n: queries and keys.
        start: the window to begin with.
        title: the finding.
        alt: what is seen.

    """
    used, made = block_states(n, start)
    tables = (
        ("as a mask", used, torch.ones(n, n).bool()),
        ("by blocks", used, made),
    )
    body = (
        '<div class="both" aria-hidden="true">'
        + "".join(_draw_score_table(*table) for table in tables)
        + f"</div>{BLOCKS_KEY}<label hidden>window "
        f"{range_input(n, start - 1)}<b>{start}</b></label>"
    )
    data: dict[str, Any] = {"n": n}
    said = say_blocks(n, start)
    parts = ("window_blocks.css", "window_blocks.js")
    name = figure_id(data, title, alt, str(start))
    return compose(name, body, said, parts, data, title=title, alt=alt)


BLOCKS_KEY = (
    '<p class="key"><span><i class="seen"></i>α, used</span><span>'
    '<i class="made"></i>✕ computed and thrown away</span><span><i class="left"></i>'
    "never computed</span></p>"
)


def say_blocks(n: int, window: int) -> str:
    """Say how many scores are used and computed, as the script does."""
    used, made = block_states(n, window)
    return (
        f"Window {window}: {int(used.sum())} scores are used. As a mask all {n * n} "
        f"are computed, by blocks {int(made.sum())}."
    )


def _draw_score_table(name: str, used: Tensor, made: Tensor) -> str:
    """Return a table of scores, a row for each query."""
    looks = [
        SCORE_USED if use else SCORE_MADE if make else SCORE_LEFT
        for use, make in zip(
            used.flatten().tolist(), made.flatten().tolist(), strict=True
        )
    ]
    cells = "".join(f'<i class="{look}"></i>' for look in looks)
    return (
        f'<div><p><b>{name}</b> <span class="q">q ↓</span> <span class="k">k →</span>'
        f'</p><div class="table" style="--n:{len(used)}">{cells}</div></div>'
    )
