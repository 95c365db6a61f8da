"""Pictures of mechanisms: rooms, arrows with the shape of what flows, rows of tokens.

`draw` turns a list of parts into an SVG that follows the page's ink. Lengths are CSS
pixels; draw the wide picture about 720 across and the narrow one about 330: a phone
shows the narrow one. Colours come from `attention.figures.meaning`, with its letter.

    draw(
        [
            *token_row("x", ["le", "chat"], at=(0, 100)),
            Room("encoder", at=(60, 40), name="encoder", second="reads"),
            Room("q", at=(260, 40), name="query", kind=QUERY),
            Arrow("x0", "encoder", "2×128"),
            Arrow("encoder", "q", "1×128", QUERY),
        ],
        alt="Two words enter the encoder, which hands a query on.",
        title="The encoder reads both words at once",
    )
"""

import html
from collections.abc import Mapping, Sequence

from attention.figures.drawing_parts import (
    Arrow,
    Frame,
    Note,
    Part,
    Room,
    boxes_of,
    place_shape,
    route_arrow,
    surround,
    token_row,
)
from attention.figures.live_figure import read_part
from attention.figures.meaning import Meaning
from attention.figures.plots import Picture

__all__ = ["Arrow", "Frame", "Note", "Part", "Room", "draw", "mark", "token_row"]
TIP = 8.0  # the length of an arrow's head
MARGIN = 14.0


def draw(
    parts: Sequence[Part],
    *,
    alt: str,
    title: str = "",
    narrow: Sequence[Part] = (),
    here: Sequence[str] = (),
) -> Picture:
    """Draw rooms, arrows, frames and notes.

    Args:
        parts: what is drawn, from the back to the front.
        alt: what is seen, for those who do not see it.
        title: the finding, above the picture.
        narrow: the same for a phone, about 330 pixels across; by default the picture
            is scaled down.
        here: the keys of rooms that are meant; all others are grey.

    Raises:
        ValueError: if alt is empty, or a key names no room.

    """
    if not alt.strip():
        raise ValueError("draw() needs alt text: say what is seen in the picture")
    label = html.escape(" ".join(alt.split()))
    drawn = "".join(
        _svg(list(these), label, name, here)
        for these, name in ((parts, "wide"), (narrow, "narrow"))
        if these
    )
    caption = f"<figcaption>{html.escape(title)}</figcaption>" if title else ""
    style = f"<style>{read_part('drawing.css')}</style>"
    return Picture(f'{style}<figure class="drawing">{caption}{drawn}</figure>')


def mark(kind: Meaning, x: float, y: float) -> str:
    """Return the mark of a part of attention, 10 pixels large, around a point."""
    paths = {
        "arrow": "M-5-1.5h5v-3.5l5 5-5 5v-3.5h-5z",
        "square": "M-4.5-4.5h9v9h-9z",
        "circle": "M-5 0a5 5 0 1 0 10 0 5 5 0 1 0-10 0z",
        "diamond": "M0-6l6 6-6 6-6-6z",
        "bar": "M-2.5-6h5v12h-5z",
        "hatching": "M-5 1l6-6M-5 5l10-10M-1 5l6-6",
    }
    name = "hatch" if kind.shape == "hatching" else "mark"
    return (
        f'<path class="{name}" transform="translate({x:g} {y:g})" '
        f'd="{paths[kind.shape]}"/>'
    )


def _svg(parts: list[Part], label: str, name: str, here: Sequence[str]) -> str:
    rooms = {part.key: part for part in parts if isinstance(part, Room)}
    unknown = {key for part in parts for key in _named(part)} | set(here)
    if lost := sorted(unknown - rooms.keys()):
        raise ValueError(f"{', '.join(lost)}: no room of that key; got {[*rooms]}")
    boxes = [box for part in parts for box in boxes_of(part, rooms)]
    left, top = (min(box[i] for box in boxes) - MARGIN for i in (0, 1))
    width = max(box[2] for box in boxes) + MARGIN - left
    height = max(box[3] for box in boxes) + MARGIN - top
    drawn = [_part(part, rooms, here) for part in parts]
    inside = "".join(sorted(drawn, key=lambda part: '<g class="away' not in part))
    return (
        f'<svg class="{name}" role="img" aria-label="{label}" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}" '
        f'style="max-width:{1.15 * width:.0f}px">{inside}</svg>'
    )


def _named(part: Part) -> Sequence[str]:
    """Return the keys of the rooms that a part speaks of."""
    if isinstance(part, Arrow):
        return part.start, part.end
    return part.around if isinstance(part, Frame) else ()


def _part(part: Part, rooms: Mapping[str, Room], here: Sequence[str]) -> str:
    """Return the SVG of a part; grey unless it is what the picture is about."""
    match part:
        case Room():
            body, meant, name = _room(part), part.key in here, "room"
        case Arrow():
            body, meant, name = _arrow(part, rooms), set(_named(part)) <= set(here), ""
        case Frame(around=around):
            body, meant, name = _frame(part, rooms), set(around) <= set(here), "frame"
        case Note(at=(x, y), text=text):
            body, meant, name = _write(text, x, y, "left"), True, ""
    state = "" if not here else " here" if meant else " away"
    kind = getattr(part, "kind", None)
    own = f' style="--own:{kind.css}"' if kind else ""
    named = f' class="{look}"' if (look := (name + state).strip()) else ""
    return f"<g{named}{own}>{body}</g>"


def _write(text: str, x: float, y: float, name: str) -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{html.escape(text)}</text>'


def _room(room: Room) -> str:
    (x, y), (w, h) = room.at, room.half
    middle = x + (12 if room.kind else 0)
    parts = [
        f'<rect x="{x - w:g}" y="{y - h:g}" width="{2 * w:g}" height="{2 * h:g}" '
        'rx="6"/>',
        _write(room.name, middle, y - 3 if room.second else y + 5, "name"),
    ]
    if room.second:
        parts.append(_write(room.second, middle, y + 14, "second"))
    if room.kind:
        parts.append(mark(room.kind, x - w + 12, y))
        parts.append(_write(room.kind.letter, x - w + 25, y + 4.5, "letter"))
    return "".join(parts)


def _frame(frame: Frame, rooms: Mapping[str, Room]) -> str:
    left, top, right, bottom = surround(frame, rooms)
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" '
        f'height="{bottom - top:g}" rx="10"/>'
    ) + _write(frame.name, left + 10, top + 17, "left name")


def _arrow(arrow: Arrow, rooms: Mapping[str, Room]) -> str:
    points = route_arrow(arrow, rooms)
    (x0, y0), (x1, y1) = points[-2:]
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-6)
    dx, dy = (x1 - x0) / length * TIP, (y1 - y0) / length * TIP
    head = (
        f"M{x1:.1f} {y1:.1f}L{x1 - dx - 0.5 * dy:.1f} {y1 - dy + 0.5 * dx:.1f} "
        f"{x1 - dx + 0.5 * dy:.1f} {y1 - dy - 0.5 * dx:.1f}z"
    )
    shaft = [*points[:-1], (x1 - dx / 2, y1 - dy / 2)]
    joint = "Q" if arrow.turn == "arc" else "L"
    line = f"M{shaft[0][0]:.1f} {shaft[0][1]:.1f}{joint}" + " ".join(
        f"{x:.1f} {y:.1f}" for x, y in shaft[1:]
    )
    thick = f'style="stroke-width:{0.4 + 1.4 * arrow.weight:.2f}" '
    look = "" if arrow.weight == 1 else thick  # the style of them all
    (x, y), anchor = place_shape(points)
    shape = _write(arrow.shape, x, y, f"shape {anchor}") if arrow.shape else ""
    return (
        f'<path class="line" {look}d="{line}"/><path class="head" d="{head}"/>{shape}'
    )
