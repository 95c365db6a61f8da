"""Two arcs that appear together: how an induction head grows while it is trained.

In "… A B … A" the first layer's head looks from B back to A, and the second layer's
from the new A to B. Each arc is as dense as its weight at the chosen step.
"""

from collections.abc import Sequence
from typing import NamedTuple

from attention.figures.drawing import mark
from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
)
from attention.figures.meaning import KEY, OUTPUT, QUERY, Meaning
from attention.figures.svg_words import words_at

ARC_PARTS = ("induction_arcs.css", "induction_arcs.js")
TOKEN_PLACES = {"A": 46, "B": 116, "A2": 246, "next": 310}  # from the left
LINE, LOW_ARC, HIGH_ARC = 150, 226, 40  # heights: the tokens, the ends of both arcs
ASKED_BELOW, LEFT_OF_WORDS = "layer 1: what stood before me?", 52
AXIS_X, END_X, TOP_Y, AXIS_Y = 38, 340, 24, 206  # of the curve


class Moment(NamedTuple):
    """What was measured at a step of the training."""

    step: int
    loss: float  # on the second copy
    right: float  # share of the second copy
    before: float  # layer 1's mean weight on the token before
    score: float  # layer 2's mean weight on what followed last time

    def say(self) -> str:
        """Say in a sentence what both heads do."""
        return (
            f"Step {self.step}: layer 1 puts {self.before:.2f} on the token before, "
            f"layer 2 puts {self.score:.2f} on what followed last time; "
            f"{self.right:.0%} of the second copy is right."
        )


def induction_arcs(
    moments: Sequence[Moment], reference: Sequence[float], *, title: str, alt: str
) -> Interactive:
    """Let readers move through a training and see two heads appear.

    Args:
        moments: what was measured, step by step.
        reference: the loss of another model at the same steps, drawn dashed.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if the reference has other steps, or alt is empty.

    """
    if len(reference) != len(moments):
        raise ValueError(
            f"reference: expected {len(moments)} losses, got {len(reference)}"
        )
    top = max(*(m.loss for m in moments), *reference)
    end = moments[-1].step
    data = {
        "pairs": [[round(m.before, 3), round(m.score, 3)] for m in moments],
        "right": [round(m.right, 3) for m in moments],
        "dots": [[_step_x(m.step, end), _loss_y(m.loss, top)] for m in moments],
        "names": [f"step {m.step}" for m in moments],
        "sentences": [m.say() for m in moments],
    }
    last, slider = moments[-1], range_input(len(moments), len(moments) - 1)
    body = (
        f'<div class="panels">{_draw_two_heads(last)}'
        f"{_draw_both_losses(moments, reference, top)}</div>"
        f"<label hidden>training step {slider}<b>{last.step}</b></label>"
    )
    name = figure_id(data, title, alt)
    return compose(name, body, last.say(), ARC_PARTS, data, title=title, alt=alt)


def induction_still(moments: Sequence[Moment], *, title: str, alt: str) -> Interactive:
    """Show both heads at some steps of a training, side by side.

    Args:
        moments: what was measured, step by step.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if alt is empty.

    """
    panels = "".join(map(_draw_two_heads, moments))
    name = figure_id({"moments": moments}, title, alt)
    body, said = f'<div class="panels">{panels}</div>', moments[-1].say()
    return compose(name, body, said, ARC_PARTS, {}, title=title, alt=alt)


def _draw_two_heads(moment: Moment) -> str:
    """Draw the text, an arc for each head, and the prediction."""
    a, b, a2, out = TOKEN_PLACES.values()
    tokens = _draw_token("A", a) + _draw_token("B", b) + _draw_token("A", a2)
    return (
        '<svg viewBox="0 0 350 248" aria-hidden="true">'
        f"{words_at(4, 16, f'step {moment.step}', 'start', 'name step')}"
        f"{_draw_arc('two', (a2, b), (LINE - 18, HIGH_ARC), moment.score)}"
        f"{_draw_arc('one', (b, a), (LINE + 18, LOW_ARC), moment.before)}"
        f"{tokens}{words_at(14, LINE + 4, '…')}{words_at(181, LINE + 4, '…')}"
        f"{_draw_sign(QUERY, a2 - 26)}{_draw_sign(KEY, b + 26)}"
        f'<g class="next" style="--w:{moment.right:.3f};color:{OUTPUT.css}">'
        f'<rect x="{out - 22}" y="{LINE - 18}" width="44" height="36" rx="5"/>'
        f"{mark(OUTPUT, out - 7, LINE - 28)}"
        f"{words_at(out + 6, LINE - 24, OUTPUT.letter, 'start', 'letter')}</g>"
        f"{words_at(out, LINE + 5, 'B', name='name')}"
        f'<path class="flow" d="M{a2 + 18} {LINE}h20m-6-5l6 5l-6 5"/>'
        f"{words_at(out, LINE + 36, f'{moment.right:.0%} right', name='right')}</svg>"
    )


def _draw_arc(
    name: str, ends: tuple[int, int], heights: tuple[int, int], weight: float
) -> str:
    """Draw what a head's query looks at: an arc with its weight, from query to key."""
    (x0, x1), (y, far) = ends, heights
    up = far < y
    tail = y - 9 if up else y + 9
    asked = "layer 2: what followed A last time?" if up else ASKED_BELOW
    place = f'x="{LEFT_OF_WORDS if up else 4}" y="{34 if up else 238}"'
    return (
        f'<g class="arc {name}" style="--w:{weight:.3f}"><path d="M{x0} {y}'
        f'C{x0} {far} {x1} {far} {x1} {y}"/>'
        f'<path d="M{x1 - 5} {tail}L{x1} {y}L{x1 + 5} {tail}"/></g>'
        f'<text {place}>{asked} <tspan class="{name}">{weight:.2f}</tspan></text>'
    )


def _draw_token(word: str, x: int) -> str:
    return (
        f'<rect class="token" x="{x - 18}" y="{LINE - 18}" width="36" height="36" '
        f'rx="5"/>{words_at(x, LINE + 5, word, name="name")}'
    )


def _draw_sign(kind: Meaning, x: int) -> str:
    """Draw the sign and the letter of a part of attention beside a token."""
    letter = words_at(x, LINE + 14, kind.letter, name="letter")
    return f'<g style="color:{kind.css}">{mark(kind, x, LINE - 8)}{letter}</g>'


def _step_x(step: int, last: int) -> float:
    return round(AXIS_X + (END_X - AXIS_X) * step / last, 1)


def _loss_y(loss: float, top: float) -> float:
    return round(AXIS_Y - (AXIS_Y - TOP_Y) * loss / top, 1)


def _draw_both_losses(
    moments: Sequence[Moment], reference: Sequence[float], top: float
) -> str:
    """Draw both losses against the steps, and a dot at the step that is shown."""
    last = moments[-1].step
    x = [_step_x(m.step, last) for m in moments]
    y = [_loss_y(m.loss, top) for m in moments]
    other = [_loss_y(loss, top) for loss in reference]
    return (
        '<svg viewBox="0 0 350 248" aria-hidden="true">'
        f'<path class="axis" d="M{AXIS_X} {TOP_Y}V{AXIS_Y}H{END_X}"/>'
        f"{_write_around(last, top)}"
        f"{words_at(END_X, other[-1] - 8, 'one layer', 'end')}"
        f'<path class="loss" d="{_join(x, y)}"/>'
        f'<path class="other" d="{_join(x, other)}"/>'
        f'<path class="cursor" d="M{x[-1]} {TOP_Y}V{AXIS_Y}"/>'
        f'<circle r="6" cx="{x[-1]}" cy="{y[-1]}"/></svg>'
    )


def _join(x: Sequence[float], y: Sequence[float]) -> str:
    return "M" + "L".join(f"{a} {b}" for a, b in zip(x, y, strict=True))


def _write_around(last: int, top: float) -> str:
    """Write ticks and names of the curve."""
    middle = (AXIS_X + END_X) / 2
    texts = [
        *(words_at(_step_x(s, last), AXIS_Y + 17, s) for s in (0, last // 2, last)),
        *(
            words_at(AXIS_X - 6, _loss_y(v, top) + 4, v, "end")
            for v in range(0, int(top) + 1, 2)
        ),
        words_at(END_X, AXIS_Y - 12, "two layers", "end"),
        words_at(AXIS_X, 12, "loss on the second copy", "start", "name"),
        words_at(middle, AXIS_Y + 36, "training step"),
    ]
    return "".join(texts)
