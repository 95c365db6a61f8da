"""Parts that a reader switches off, and what models answer with what is left.

The parts are a picture's superpixels, or heads of a network. Every state was computed
beforehand; the figure looks its answer up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attention.figures.interactive_picture import png
from attention.figures.live_figure import Interactive, compose, figure_id, safe
from attention.shapes import check_shape

SWITCH_FILES = ("switches.css", "switches.js")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One picture or network, its parts, and the answers in every state."""

    name: str
    parts: Sequence[str]  # what each part is called
    answers: np.ndarray  # (models, 2 ** parts), 0 to 1; bit i is on where part i is
    weights: np.ndarray  # (models, parts): what an explanation says of each part
    off: Sequence[int]  # parts that are off at first
    image: np.ndarray | None = None  # (side, side, 3)
    where: np.ndarray | None = None  # the part of each pixel, (side, side)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked, and of which models."""

    models: Sequence[str]
    answer: str  # "p(wolf)"
    weight: str  # "LIME's weight"
    gone: str  # "hidden": what a part that is off is called


def switch_figure(
    cases: Sequence[Case], asked: Asked, *, title: str, alt: str
) -> Interactive:
    """Let readers switch parts off and on, and read each model's answer.

    Args:
        cases: one of them is shown; the first to begin with.
        asked: the models and the words.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if a shape does not fit, or alt is empty.

    """
    for case in cases:
        n, models = len(case.parts), len(asked.models)
        check_shape("answers (models, states)", case.answers, models, 2**n)
        check_shape("weights (models, parts)", case.weights, models, n)
    data = {
        "parts": [list(case.parts) for case in cases],
        "answers": [
            (case.answers * 100).round().astype(int).tolist() for case in cases
        ],
        "words": [list(asked.models), asked.answer, asked.gone],
    }
    name = figure_id(data, title, alt)
    body = _choose_case(name, cases) + "".join(
        _draw_case(case, asked, hidden=i > 0) for i, case in enumerate(cases)
    )
    said = say_switches(cases[0], asked)
    return compose(name, body, said, SWITCH_FILES, data, title=title, alt=alt)


def state_of(case: Case) -> int:
    """Return the number of a case's first state: bit i is 1 where part i is on."""
    return sum(2**i for i in range(len(case.parts)) if i not in case.off)


def say_switches(case: Case, asked: Asked) -> str:
    """Say what is off and what the models answer, as the script does."""
    off = ", ".join(case.parts[i] for i in sorted(case.off)) or "nothing"
    answers = case.answers[:, state_of(case)]
    found = "; ".join(
        f"{model} {answer:.2f}"
        for model, answer in zip(asked.models, answers, strict=True)
    )
    return f"{asked.gone}: {off}. {asked.answer}: {found}."


def _choose_case(name: str, cases: Sequence[Case]) -> str:
    """Return a radio button for each case, or nothing for one."""
    if len(cases) < 2:
        return ""
    buttons = "".join(
        f'<label><input type="radio" name="{name}c" value="{i}"'
        f"{'' if i else ' checked'}>{safe(case.name)}</label>"
        for i, case in enumerate(cases)
    )
    return (
        f'<fieldset class="cases" hidden><legend>picture</legend>{buttons}</fieldset>'
    )


def _draw_case(case: Case, asked: Asked, hidden: bool) -> str:
    """Return a picture, if there is one, the answers, and a row for each part."""
    answers = case.answers[:, state_of(case)]
    meters = "".join(
        f'<p class="meter"><span>{safe(model)}</span><b>{answer:.2f}</b>'
        f'<i class="bar"><i style="width:{100 * answer:.0f}%"></i></i></p>'
        for model, answer in zip(asked.models, answers, strict=True)
    )
    rows = "".join(_draw_row(case, i) for i in range(len(case.parts)))
    heads = "".join(f"<span>{safe(model)}</span>" for model in asked.models)
    heads = f'<p class="head" aria-hidden="true"><span></span>{heads}</p>'
    heads *= len(asked.models) > 1  # a single column needs no name
    room = 2.2 + 0.52 * max(map(len, case.parts))
    return (
        f"<section{' hidden' if hidden else ''} "
        f'style="--m:{len(asked.models)};--name:{room:.1f}rem">'
        f'<div class="look">{_draw_picture(case)}<div class="meters" '
        f'aria-hidden="true"><p class="what">{safe(asked.answer)}</p>{meters}</div>'
        f'</div><div class="rows"><p class="head" aria-hidden="true"><span></span>'
        f"<em>{safe(asked.weight)}</em></p>"
        f"{heads}{rows}</div></section>"
    )


def _draw_row(case: Case, part: int) -> str:
    """Return a part's switch and its weight for each model: a bar from the middle."""
    largest = float(np.abs(case.weights).max()) or 1.0
    bars = []
    for weight in case.weights[:, part]:
        width = 50 * abs(weight) / largest
        left = 50 - (width if weight < 0 else 0)
        side = "minus" if weight < 0 else "plus"
        bars.append(
            f'<i class="w"><i class="{side}" style="left:{left:.0f}%;'
            f'width:{width:.0f}%"></i><small>{signed(weight)}</small></i>'
        )
    on = part not in case.off
    return (
        f'<label class="named {"on" if on else "off"}">'
        f'<span><input type="checkbox" hidden{" checked" if on else ""}>'
        f"{safe(case.parts[part])}</span>{''.join(bars)}</label>"
    )


def _draw_picture(case: Case) -> str:
    """Return the picture, with a grey cover for each part."""
    if case.image is None or case.where is None:
        return ""
    h, w = case.where.shape
    looks = ["off" if i in case.off else "on" for i in range(len(case.parts))]
    covers = "".join(
        f'<path class="{look}" d="{trace(case.where == i)}"/>'
        for i, look in enumerate(looks)
    )
    pixels = (case.image * 255).round().astype(np.uint8)
    return (
        f'<svg viewBox="0 0 {w} {h}" aria-hidden="true"><image width="{w}" '
        f'height="{h}" href="{png(pixels)}"/>{covers}</svg>'
    )


def trace(mask: np.ndarray) -> str:
    """Return an SVG path that covers the pixels of a mask (h, w), run by run."""
    runs = []
    for y, row in enumerate(np.pad(mask, ((0, 0), (1, 1))).astype(int)):
        turns = np.flatnonzero(np.diff(row))
        runs += [
            f"M{a} {y}h{b - a}v1h{a - b}z"
            for a, b in zip(turns[::2], turns[1::2], strict=True)
        ]
    return "".join(runs)


def answer_states(n: int, answer: Any) -> np.ndarray:
    """Ask for an answer in every state of n parts.

    Args:
        n: how many parts.
        answer: turns booleans (states, n), True where a part is on, into (states,).

    Returns:
        (states,), bit i of a state's number being part i.

    """
    states = np.arange(2**n)[:, None] >> np.arange(n) & 1
    return np.asarray(answer(states.astype(bool)), dtype=float)


def signed(weight: float) -> str:
    """Write a number with its sign and two digits."""
    return f"{weight:+.2f}".replace("-", "−")
