"""A state of fixed size while pairs are written into it: what it still recalls.

Each stop is computed beforehand, with the state written pair by pair; the script
shows it, and computes nothing.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
)
from attention.shapes import check_shape

STATE_TONES = "0123456789a"  # of 0 to the largest number, without signs


@dataclass(frozen=True)
class Filling:
    """What a state of fixed size recalls while it is filled."""

    states: Tensor  # (pairs, d_k, d_v), after each pair
    recalled: Tensor  # (pairs, pairs): after pair i, whether pair j is recalled


def fill_state(keys: Tensor, codes: Tensor, which: Tensor) -> Filling:
    """Write pairs into a state, and ask for all written ones after each.

    Args:
        keys: (pairs, d_k).
        codes: (values, d_v), a vector for each value there is.
        which: (pairs,), the value that belongs to each key.

    Returns:
        The states, and what is recalled: the value whose vector is the nearest to
        q S, by its dot product.

    """
    check_shape("which, one a key", which, keys.shape[0])
    pairs = keys[:, :, None] * codes[which][:, None]  # (pairs, d_k, d_v)
    states = pairs.cumsum(0)
    answers = (keys @ states @ codes.T).argmax(-1)  # (after, asked)
    written = torch.ones(len(keys), len(keys)).tril().bool()
    return Filling(states, (answers == which) & written)


def show_forgetting(
    filling: Filling, start: int, *, title: str, alt: str
) -> Interactive:
    """Let readers write one pair after another, and see which are recalled.

    Args:
        filling: the states, and what they recall.
        start: pairs written at first.
        title: the finding.
        alt: what is seen.

    """
    n, d_k, d_v = filling.states.shape
    sizes = filling.states.abs()
    tones = (sizes / sizes.max() * 10).round().int()
    right = filling.recalled.sum(1).tolist()
    data = {
        "tones": ["".join(STATE_TONES[t] for t in s.flatten().tolist()) for s in tones],
        "right": ["".join("01"[b] for b in row) for row in filling.recalled.int()],
        "sides": [d_k, d_v],
    }
    at = start - 1
    cells = "".join(
        f'<i style="--a:{tone / 10:g}"></i>' for tone in tones[at].flatten().tolist()
    )
    boxes = "".join(
        f'<i class="{_look_of_pair(j, at, filling)}">{j + 1}</i>' for j in range(n)
    )
    body = (
        f'<div class="both" aria-hidden="true"><div><p><b>state S</b>, {d_k} × {d_v}, '
        "always</p>"
        f'<div class="state" style="--n:{d_v}">{cells}</div></div>'
        f'<div><p><b>pairs</b> that it recalls</p><div class="pairs">{boxes}</div>'
        f"{PAIRS_KEY}</div></div>{_draw_recalled(right, at)}"
        f"<label hidden>pairs written {range_input(n, at)}</label>"
    )
    said = say_filling(right[at], start, d_k, d_v)
    name = figure_id({"right": data["right"]}, title, alt, str(start))
    parts = ("forgetting.css", "forgetting.js")
    return compose(name, body, said, parts, data, title=title, alt=alt)


PAIRS_KEY = (
    '<p class="key"><span><i class="yes"></i>✓ recalled</span>'
    '<span><i class="no"></i>✕ another value comes back</span></p>'
)


def say_filling(right: int, written: int, d_k: int, d_v: int) -> str:
    """Say what is recalled and what is held, as the script does."""
    cache = written * (d_k + d_v)
    percent = int(100 * right / written + 0.5)
    return (
        f"{written} pairs written, {right} recalled ({percent}%) from "
        f"{d_k * d_v} numbers. A cache would hold {cache} numbers, and a softmax over "
        "it recalls all."
    )


def _look_of_pair(j: int, at: int, filling: Filling) -> str:
    if j > at:
        return "todo"
    return "yes" if filling.recalled[at, j] else "no"


def _draw_recalled(right: list[int], at: int) -> str:
    """Return how many are recalled by how many were written, and the line of all."""
    n = len(right)
    points = " ".join(f"{i + 1},{n - y}" for i, y in enumerate(right))
    return (
        '<div class="chart" aria-hidden="true"><span class="up">recalled</span>'
        f'<svg viewBox="0 0 {n} {n}" preserveAspectRatio="none">'
        f'<path class="all" d="M0 {n}L{n} 0"/><polyline points="0,{n} {points}"/></svg>'
        f'<b class="dot" style="--x:{(at + 1) / n:.4f};--y:{right[at] / n:.4f}"></b>'
        f'<em style="--x:.36;--y:.74">softmax over a cache: all</em>'
        f'<em style="--x:.72;--y:{right[int(0.7 * n)] / n - 0.14:.2f}">'
        "state of fixed size</em>"
        f'<span class="across">pairs written, 0 to {n}</span></div>'
    )
