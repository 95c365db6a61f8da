"""A carry that runs through the state of a Neural GPU: what it would answer, by step.

The numbers are written as on paper, the ones at the right. A reader chooses through how
many places the carry runs; each choice is computed beforehand, by the model.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from attention.data.addition import Sums, write_sums
from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    list_choices,
    range_input,
)
from attention.models.neural_gpu import NeuralGPU
from attention.shapes import check_shape


def one_carry_each(bits: int, seed: int = 0) -> Sums:
    """Return sums whose carry runs from the ones through 1, 2, … `bits` places.

    In each of these places but the first just one number has a 1, by chance which; all
    places beyond are 0. So the sums are 2, 4, 8, ….
    """
    drawn = torch.Generator().manual_seed(seed)
    a = torch.randint(2, (bits,), generator=drawn).expand(bits, -1)
    within = torch.ones(bits, bits).tril().bool()
    a, b = (torch.where(within, x, 0) for x in (a, 1 - a))
    a[:, 0] = b[:, 0] = 1
    return write_sums(a, b)


@torch.no_grad()
def answers_by_step(model: NeuralGPU, columns: Tensor) -> Tensor:
    """Return what the model would answer at first and after each step.

    Args:
        model: a Neural GPU in evaluation mode.
        columns: (rows, n).

    Returns:
        (rows, n + 1, n): bits, the ones first.

    """
    answers = [model.out(s).argmax(-1).T for s in model.states(columns)]
    return torch.stack(answers, 1)


def carry_figure(
    answers: Mapping[str, Tensor], sums: Sums, *, start: int, title: str, alt: str
) -> Interactive:
    """Let a reader choose how far a carry runs, and see the answer grow right.

    Args:
        answers: of each model, by its name, (rows, steps, n), the first before any
            step. The first model is shown at first.
        sums: the rows' columns and right answers, (rows, n).
        start: the row to begin with.
        title: the finding.
        alt: what is seen.

    Raises:
        ValueError: if shapes do not fit, or alt is empty.

    """
    rows, n = sums.columns.shape
    check_shape("sums", sums.sums, rows, n)
    for name, bits in answers.items():
        check_shape(f"answers of {name}", bits, rows, "steps", n)
    data = _pack_answers(answers, sums)
    steps, right = data["steps"][0][start], data["sum"][start]
    grid = _bit_row("", data["a"][start]) + _bit_row("+", data["b"][start], "", "last")
    grid += "".join(_bit_row(str(t), found, right) for t, found in enumerate(steps))
    controls = (
        f"<label>the carry runs through {range_input(rows, start)} <b></b></label>"
        + list_choices("model", list(answers), "trained")
    )
    return compose(
        figure_id(data, title, alt, str(start), *answers),
        f'<p class="key">Left: the step. <u>Underlined</u>: a bit that would be wrong '
        f'if the answer were read now.</p><div class="sum" style="--n:{n}">{grid}</div>'
        f'<div class="controls" hidden>{controls}</div>',
        say_carry(steps, right, start + 1),
        ("carry.css", "carry.js"),
        data,
        title=title,
        alt=alt,
    )


def _pack_answers(answers: Mapping[str, Tensor], sums: Sums) -> dict[str, Any]:
    """Return what the script shows: all bits, as strings."""
    return {
        "a": [_write_bits(row) for row in _bits(sums.columns, 1)],
        "b": [_write_bits(row) for row in _bits(sums.columns, 2)],
        "sum": [_write_bits(row) for row in sums.sums],
        "steps": [
            [[_write_bits(step) for step in row] for row in bits]
            for bits in answers.values()
        ],
    }


def say_carry(steps: Sequence[str], right: str, places: int) -> str:
    """Say from which step on all bits are right, or how many are not.

    The page's script says the same.
    """
    wrong = [sum(x != y for x, y in zip(step, right, strict=True)) for step in steps]
    begin = f"The carry runs through {places} place{'s' if places > 1 else ''}: "
    if wrong[-1]:
        bits = "1 bit is" if wrong[-1] == 1 else f"{wrong[-1]} bits are"
        return f"{begin}after {len(steps) - 1} steps {bits} wrong."
    first = max((t + 1 for t, count in enumerate(wrong) if count), default=0)
    return f"{begin}all bits are right from step {first} on."


def _bits(columns: Tensor, worth: int) -> Tensor:
    """Return the bits of the number that is worth 1 or 2 in a column's symbol."""
    return (columns - 1).clamp(min=0) // worth % 2


def _write_bits(bits: Tensor) -> str:
    """Write bits as on paper, the ones last."""
    return "".join(str(int(bit)) for bit in bits.flip(0))


def _bit_row(label: str, bits: str, right: str = "", name: str = "") -> str:
    """Return a row of the grid; what differs from the right bits is marked."""
    cells = "".join(
        f"<i class=off>{bit}</i>" if right and bit != right[i] else f"<i>{bit}</i>"
        for i, bit in enumerate(bits)
    )
    look = f' class="{name}"' if name else ""
    return f"<div{look}><span>{label}</span>{cells}</div>"
