"""A masked language model's task: what stood there, what is read, what counts."""

from collections.abc import Sequence

from attention.figures.drawing import Arrow, Note, Part, Room, draw
from attention.figures.meaning import MASK
from attention.figures.plots import Picture

HIDDEN_TOKEN = "[MASK]"


def draw_blanks(
    true: Sequence[str], read: Sequence[str], chosen: Sequence[bool], **around: str
) -> Picture:
    """Draw the true tokens, below them what the model reads, and where the loss is.

    Args:
        true: the tokens of the text.
        read: what the model reads in their place.
        chosen: which of them it is asked for.
        around: `title` and `alt`.

    Raises:
        ValueError: if the three are not of one length, or alt is empty.

    """
    columns = list(zip(true, read, chosen, strict=True))
    names = [Note((0, 5), "the text"), Note((0, 89), "what is read")]
    wide = [*names, *_draw_blank_columns(columns, (130, 22), 84)]
    return draw(wide, narrow=_draw_blank_columns(columns, (0, 2), 76), **around)


def _draw_blank_columns(
    columns: Sequence[tuple[str, str, bool]], places: tuple[float, float], down: float
) -> list[Part]:
    """Return a column for each token: from `left` on, `gap` apart."""
    (x, gap), parts = places, list[Part]()
    for i, (true, read, asked) in enumerate(columns):
        fate = _tell_fate(true, read) if asked else ""
        masked = MASK if read == HIDDEN_TOKEN else None
        width = (34 if masked else 14) + 7.6 * max(
            len(true), len(read.strip("[]")), len(fate)
        )
        at, size = x + width / 2, (width, 30.0)
        parts += [
            Room(f"true{i}", (at, 0), true, size=size),
            Room(f"read{i}", (at, down), "MASK" if masked else read, "", masked, size),
        ]
        if asked:
            parts += [
                Arrow(f"true{i}", f"read{i}", ""),
                Note((at - 3.6 * len(fate), down + 34), fate),
                Note((at - 20, down + 54), "✓ loss"),
            ]
        x += width + gap
    return parts


def _tell_fate(true: str, read: str) -> str:
    """Say what became of a chosen token."""
    if read == HIDDEN_TOKEN:
        return "hidden"
    return "kept" if read == true else "replaced"
