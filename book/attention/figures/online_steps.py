"""The online softmax, block after block: what is carried, and the output it gives.

Each row is computed beforehand by the library's step; the script shows rows and
computes nothing. Without it all rows stand there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)
from attention.mechanisms.online_softmax import read_chunk
from attention.shapes import check_shape

SHOWN_PARTS = 8  # components of the output that have room


@dataclass(frozen=True)
class OnlineStep:
    """What is carried after a block: for one query."""

    largest: float
    shrink: float  # by which the sums before this block were multiplied
    total: float
    output: Tensor  # (d_v,), divided by the total


def online_steps(scores: Tensor, values: Tensor, block: int) -> list[OnlineStep]:
    """Return what one query carries after each block.

    Args:
        scores: (n,).
        values: (n, d_v).
        block: keys that are read at a time.

    """
    largest, total = torch.tensor(-torch.inf), torch.tensor(0.0)
    summed, steps = torch.zeros(values.shape[-1]), []
    for part, rows in zip(scores.split(block), values.split(block), strict=True):
        largest, total, shrink, exps = read_chunk(largest, total, part)
        summed = summed * shrink + exps @ rows
        steps.append(
            OnlineStep(largest.item(), shrink.item(), total.item(), summed / total)
        )
    return steps


def show_online_softmax(
    scores: Tensor,
    values: Tensor,
    words: Sequence[str],
    block: int,
    *,
    title: str,
    alt: str,
) -> Interactive:
    """Let readers step through the blocks of one query's scores.

    Args:
        scores: (n,), of one query.
        values: (n, d_v); the 8 largest components of the output are drawn.
        words: a name for each key.
        block: keys that are read at a time.
        title: the finding.
        alt: what is seen.

    Raises:
        ValueError: if the shapes disagree.

    """
    check_shape("scores", scores, len(words))
    check_shape("values, one a key", values, len(words), "d_v")
    steps = online_steps(scores, values, block)
    goal = scores.softmax(-1) @ values
    said = [say_step(steps, i, goal) for i in range(len(steps))]
    body = (
        f'<div class="scores" aria-hidden="true" style="--n:{len(words)}">'
        f"{_draw_blocks(scores, words, block)}</div>{STEPS_KEY}"
        f'<div class="steps" role="presentation">{STEPS_HEAD}'
        f"{_draw_steps(steps, goal)}</div>"
        '<div class="controls" hidden><button type="button">next block</button>'
        f"<label>blocks read {range_input(len(steps), len(steps) - 1)}</label></div>"
    )
    data = {"said": said}
    name = figure_id(data, title, alt, str(scores.tolist()))
    parts = ("online_steps.css", "online_steps.js")
    return compose(name, body, said[-1], parts, data, title=title, alt=alt)


STEPS_KEY = (
    '<p class="key"><span><i class="bar"></i>score</span><span><i class="filled"></i>'
    '<b class="o">o</b> so far</span><span><i class="outline"></i>'
    '<b class="o">o</b> of the softmax over all keys</span></p>'
)
STEPS_HEAD = (
    '<div class="line head" aria-hidden="true"><span>blocks</span><span>largest</span>'
    '<span>old sums ×</span><span>sum</span><span class="wide">'
    "output so far, its 8 largest components</span></div>"
)


def say_step(steps: Sequence[OnlineStep], at: int, goal: Tensor) -> str:
    """Say what the block changed, and how far the output is from the softmax's."""
    step, last = steps[at], at == len(steps) - 1
    risen = f"largest score {step.largest:.1f}"
    if at and step.shrink < 1:
        risen += f" is new, so what was summed shrinks by {step.shrink:.2f}"
    far = (step.output - goal).abs().max().item()
    end = f"The output is off by {far:.2f} at most."
    if last:
        end = f"The output is the softmax’s: difference {far:.0e}."
    name = f"Block {at + 1} of {len(steps)}: "
    return f"{name}{risen}; the sum is {step.total:.2f}. {end}"


def _draw_blocks(scores: Tensor, words: Sequence[str], block: int) -> str:
    """Return the scores as bars over their keys, in blocks."""
    low, high = min(0.0, scores.min().item()), scores.max().item()
    base = -low / (high - low)
    bars = [
        f'<i style="--w:{abs(s) / (high - low):.3f};--b:{base:.3f}"'
        f' class="{"up" if s >= 0 else "down"}"><u>{s:.1f}</u></i><b>{safe(w)}</b>'
        for s, w in zip(scores.tolist(), words, strict=True)
    ]
    cells = [f'<span class="cell">{bar}</span>' for bar in bars]
    return "".join(
        f'<div class="block" style="--m:{len(cells[i : i + block])}">'
        f"{''.join(cells[i : i + block])}</div>"
        for i in range(0, len(cells), block)
    )


def _draw_steps(steps: Sequence[OnlineStep], goal: Tensor) -> str:
    """Return a row for each block, with the largest components of the output."""
    drawn = goal.abs().argsort(descending=True)[:SHOWN_PARTS].sort().values
    high = max(step.output[drawn].abs().max().item() for step in steps)
    return "".join(
        _draw_step(step, i, drawn, goal, high) for i, step in enumerate(steps)
    )


def _draw_step(
    step: OnlineStep, at: int, drawn: Tensor, goal: Tensor, high: float
) -> str:
    """Return what is carried after a block, and the output in front of its goal."""
    shrink = f"{step.shrink:.2f}" if at else "–"
    bars = "".join(
        f'<i style="--v:{max(v, 0) / high:.3f};--d:{max(-v, 0) / high:.3f};'
        f'--g:{max(g, 0) / high:.3f};--h:{max(-g, 0) / high:.3f}"></i>'
        for v, g in zip(step.output[drawn].tolist(), goal[drawn].tolist(), strict=True)
    )
    return (
        f'<div class="line"><span>{at + 1}</span><span><small>largest </small>'
        f"{step.largest:.1f}</span><span><small>old sums × </small>{shrink}</span>"
        f"<span><small>sum </small>{step.total:.2f}</span>"
        f'<span class="wide bars" aria-hidden="true">{bars}</span></div>'
    )
