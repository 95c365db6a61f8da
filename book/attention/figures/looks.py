"""Where several models look, one below the other, for the same written token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attention.figures.live_figure import Interactive, compose, figure_id, safe
from attention.shapes import check_shape


@dataclass(frozen=True, kw_only=True)
class Looker:
    """A model, and its weights (written tokens, read tokens)."""

    name: str
    note: str  # where it may look
    weights: Tensor  # 0 where it can't


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was read and written, and which part of it is the true one."""

    written: Sequence[str]
    read: Sequence[str]
    links: Sequence[range]  # for each written token; empty if it comes from nowhere
    true_part: str  # "the year, the month or the day"


def compare_looks(
    lookers: Sequence[Looker], looked: Looked, *, title: str, alt: str, start: int = 0
) -> Interactive:
    """Let a reader choose a written token, and see where each model looks for it.

    Args:
        lookers: a row of bars for each model.
        looked: the tokens on both sides, and their links.
        title: the finding.
        alt: what is seen.
        start: the token to begin with.

    Raises:
        ValueError: if a model's weights are not (written, read).

    """
    m, n = len(looked.written), len(looked.read)
    for looker in lookers:
        check_shape(f"{looker.name}: weights", looker.weights, m, n)
    data = _pack_looks(lookers, looked)
    name = figure_id(data, title, alt, str(start))
    rows = "".join(_draw_looker(looker, looked, start) for looker in lookers)
    rows = _draw_choice(name, looked, start) + rows + _draw_read(looked)
    return compose(
        name,
        f'<div class="looks" style="--n:{n}">{rows}</div>',
        data["sentences"][start],
        ("looks.css", "looks.js"),
        data,
        title=title,
        alt=alt,
    )


def _pack_looks(lookers: Sequence[Looker], looked: Looked) -> dict[str, Any]:
    """Return what the script shows for each written token."""
    steps = range(len(looked.written))
    shares = [
        [_on_truth(looker.weights[t], looked.links[t]) for looker in lookers]
        for t in steps
    ]
    return {
        "w": [(k.weights * 1000).round().int().tolist() for k in lookers],
        "off": [(k.weights == 0).int().tolist() for k in lookers],
        "truth": [[link.start, link.stop] for link in looked.links],
        "shares": [[f"{share:.0%}" for share in row] for row in shares],
        "sentences": [_say_looks(lookers, looked, t, shares[t]) for t in steps],
    }


def _draw_read(looked: Looked) -> str:
    """Return the tokens that are read, and what frame and hatching mean."""
    read = "".join(f"<span>{safe(token)}</span>" for token in looked.read)
    return (
        f'<div class="cells" aria-hidden="true">{read}</div>'
        f'<p class="key" aria-hidden="true"><span><i class="box"></i> '
        f'{safe(looked.true_part)}</span><span><i class="hatch"></i> ✕ outside the '
        "window: weight 0</span></p>"
    )


def _on_truth(weights: Tensor, link: range) -> float:
    """Return the weight on the true part; 0 if there is none."""
    return float(weights[torch.tensor(list(link), dtype=torch.long)].sum())


def _say_looks(
    lookers: Sequence[Looker], looked: Looked, t: int, shares: Sequence[float]
) -> str:
    """Say how much of each model's weight lies on the true part."""
    text = "".join(looked.written)
    head = f"Writing {text}, character {t + 1}: {looked.written[t]}."
    if not looked.links[t]:
        return f"{head} It comes from nowhere in the text."
    parts = [
        f"{looker.name} {share:.0%}"
        for looker, share in zip(lookers, shares, strict=True)
    ]
    return f"{head} Weight on its true part: {', '.join(parts)}."


def _draw_choice(name: str, looked: Looked, start: int) -> str:
    """Return a radio button for each written token."""
    buttons = "".join(
        f'<label><input type="radio" name="{name}w" value="{t}"'
        f"{' checked' if t == start else ''}><span>{safe(token)}</span></label>"
        for t, token in enumerate(looked.written)
    )
    return (
        f'<fieldset hidden style="--m:{len(looked.written)}"><legend>choose a '
        f"character that is written</legend>{buttons}</fieldset>"
    )


def _draw_looker(looker: Looker, looked: Looked, start: int) -> str:
    """Return a bar for each token that is read, and a frame around the true part."""
    row, link = looker.weights[start], looked.links[start]
    bars = "".join(
        f'<i class="{"off" if weight == 0 else "on"}" style="--w:{weight:.3f}"></i>'
        for weight in row.tolist()
    )
    share = f"{_on_truth(row, link):.0%}" if link else ""
    return (
        f'<section aria-hidden="true"><p><b>{safe(looker.name)}</b> '
        f'<span>{safe(looker.note)}</span> <span class="share">{share}</span></p>'
        f'<div class="bars"><b class="truth" style="--a:{link.start};'
        f'--b:{link.stop}"></b>{bars}</div></section>'
    )
