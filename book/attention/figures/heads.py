"""Several heads at once: arcs over one line of text, and what each is good for.

A reader switches heads off and sees the answers without them, all of them measured
with the model itself.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attention.figures.live_figure import Interactive, compose, figure_id, range_input

HIGHEST = 94  # percent of the height: the arc that goes furthest


@dataclass(frozen=True)
class Ablated:
    """What a model says with each choice of its heads; bit i stands for head i.

    A position looks back on a ring: question j asks for the letter `offsets[j]` back.
    """

    text: str  # n letters
    offsets: Sequence[int]  # one for each question
    weights: Sequence[Sequence[Sequence[int]]]  # (h, n, n), percent
    right: Sequence[Sequence[float]]  # (2^h, questions), on new examples
    answers: Sequence[Sequence[str]]  # (2^h, questions), n letters each

    def whose(self) -> list[int]:
        """Return for each question the head without which it is answered worst."""
        every = len(self.right) - 1
        left = [self.right[every & ~(1 << i)] for i in range(len(self.weights))]
        return [int(np.argmin(column)) for column in np.transpose(left)]


def heads_at_once(
    model: Ablated, *, letter: int, off: Sequence[int], title: str, alt: str
) -> Interactive:
    """Let readers switch heads off and see which question loses its answer.

    Args:
        model: what was measured.
        letter: the letter whose weights are drawn to begin with.
        off: the heads that are switched off to begin with.
        title: the finding.
        alt: what the figure shows.

    Raises:
        ValueError: if there is not one case for each choice of heads, or alt is empty.

    """
    heads, cases = len(model.weights), len(model.right)
    if not 2**heads == cases == len(model.answers):
        raise ValueError(
            f"expected {2**heads} cases for {heads} heads: got {cases} rows of right "
            f"and {len(model.answers)} of answers"
        )
    state = cases - 1 - sum(1 << i for i in off)
    data = {
        "text": model.text,
        "offsets": list(model.offsets),
        "back": [[far for far, _ in head] for head in _looks_back(model)],
        "right": [[round(float(r), 2) for r in case] for case in model.right],
        "answers": [list(case) for case in model.answers],
    }
    return compose(
        figure_id(data, title, alt, f"{letter} {off}"),
        _switches(model, letter) + _picture(model, letter, state),
        _say_answers(model, state),
        ("heads.css", "heads.js"),
        data,
        title=title,
        alt=alt,
    )


def _looks_back(model: Ablated) -> list[list[tuple[int, int]]]:
    """Return for each head and letter how far back its largest weight is, in percent.

    The text is a ring: what stands before its start is its end.
    """
    n = len(model.text)
    return [
        [((q - int(np.argmax(row))) % n, max(row)) for q, row in enumerate(table)]
        for table in model.weights
    ]


def _say_answers(model: Ablated, state: int) -> str:
    """Say which heads are left, and how often each question is answered right."""
    heads = len(model.weights)
    off = [str(i + 1) for i in range(heads) if not state >> i & 1]
    which = f"Without head{'s' * (len(off) > 1)} {', '.join(off)}" if off else "All on"
    each = ", ".join(
        f"{offset} back {right:.2f}"
        for offset, right in zip(model.offsets, model.right[state], strict=True)
    )
    return f"{which}: right on new examples {each}."


def _switches(model: Ablated, letter: int) -> str:
    slider = range_input(len(model.text), letter)
    return (
        f'<div class="controls" hidden><label>letter {slider}'
        f"<b>{letter + 1}</b></label></div>"
    )


def _picture(model: Ablated, letter: int, state: int) -> str:
    """Draw the text under its arcs, and a row of answers for each question."""
    rows = "".join(
        _row(model, question, head, letter, state)
        for question, head in enumerate(model.whose())
    )
    return (
        f'<div class="top"><span class="asks">where heads look</span>'
        f'<div class="line">{_draw_arcs(model, letter, state)}'
        f"{_line(model.text, '', letter)}</div>"
        f'<span class="score">right</span></div>{rows}'
    )


def _line(text: str, expected: str, letter: int) -> str:
    """Write letters on the grid; one that is not as expected is marked."""
    wrong = [bool(expected) and c != expected[i] for i, c in enumerate(text)]
    marked = (
        f'<b class="{"at " * (i == letter)}{"no" * wrong[i]}">{html.escape(c)}</b>'
        for i, c in enumerate(text)
    )
    return f'<div class="letters" aria-hidden="true">{"".join(marked)}</div>'


def _row(model: Ablated, question: int, head: int, letter: int, state: int) -> str:
    """Write the switch of a head, the answers to its question, and their share."""
    offset, right = model.offsets[question], model.right[state][question]
    on = state >> head & 1
    expected = model.text[-offset:] + model.text[:-offset]
    return (
        f'<div class="ask hd{head}{"" if on else " off"}"><label class="named">'
        f'<input type="checkbox" value="{head}"{" checked" * on} hidden>'
        '<span class="said">head</span>'
        f"<i>{head + 1}</i><span>{offset} back<u>{'' if on else ', off'}</u></span>"
        f"</label>{_line(model.answers[state][question], expected, letter)}"
        f'<span class="score" style="--w:{right:.2f}">{right:.2f}</span></div>'
    )


def _draw_arcs(model: Ablated, letter: int, state: int) -> str:
    """Draw where each head looks: all letters faintly, the chosen one in full."""
    n, far = len(model.text), max(model.offsets)
    looks = _looks_back(model)
    paths = "".join(
        f'<path class="hd{head}{" at" * (q == letter)}" style="--w:{weight}" '
        f'd="{_arc(q, back, far, n)}"/>'
        for head, letters in enumerate(looks)
        for q, (back, weight) in enumerate(letters)
    )
    off = "".join(f" off{i}" for i in range(len(looks)) if not state >> i & 1)
    badges = "".join(
        _badge(head, letter, looks[head][letter][0], far, n, state >> head & 1)
        for head in model.whose()
    )
    return (
        f'<div class="arcs{off}"><svg viewBox="0 0 {n} 100" preserveAspectRatio="none" '
        f'aria-hidden="true">{paths}</svg>{badges}</div>'
    )


def _height(back: int, far: int) -> float:
    """Return how high an arc is, in percent: near ones still stand apart."""
    return HIGHEST * min(1.0, (back / far) ** 0.5)


def _arc(query: int, back: int, far: int, n: int) -> str:
    """Return an arc; one that leaves at the start comes in again at the end."""
    control = 100 - 2 * _height(back, far)  # a quadratic curve reaches half of it
    ends = [query + 0.5] if query >= back else [query + 0.5, query + n + 0.5]
    return "".join(
        f"M{x} 100Q{x - back / 2} {control:.0f} {x - back} 100" for x in ends
    )


def _badge(head: int, letter: int, back: int, far: int, n: int, on: int) -> str:
    """Put the head's number on the arc of its largest weight."""
    return (
        f'<i class="hd{head}{"" if on else " off"}" '
        f'style="left:{_middle(letter, back, n):.2f}%;'
        f'bottom:{_height(back, far):.1f}%">{head + 1}</i>'
    )


def _middle(letter: int, back: int, n: int) -> float:
    """Return where an arc is highest, in percent of the line's width."""
    return 100 * max(0.5, letter + 0.5 - back / 2) / n
