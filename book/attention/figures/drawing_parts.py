"""The parts of a drawing, and where they stand: rooms, arrows, frames, notes."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from attention.figures.meaning import Meaning
from attention.figures.tokens import visible

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
LETTER = 7.8  # about as wide as a letter of the names


@dataclass(frozen=True)
class Room:
    """A box with a name, a second line, and the part of attention that it is."""

    key: str  # what arrows and frames call it
    at: Point  # its centre
    name: str
    second: str = ""
    kind: Meaning | None = None
    size: Point | None = None  # width and height; by default its text fits

    @property
    def half(self) -> Point:
        """Half its width and height."""
        longest = max(len(self.name), 0.9 * len(self.second))
        fits = max(longest, 1) * LETTER + (46 if self.kind else 20)
        width, height = self.size or (fits, 50.0 if self.second else 34.0)
        return width / 2, height / 2


@dataclass(frozen=True)
class Arrow:
    """An arrow from one room to another, and what flows along it."""

    start: str
    end: str
    shape: str  # of what flows, "7×128"; empty if that is said elsewhere
    kind: Meaning | None = None
    turn: Literal["straight", "across", "up", "arc"] = "straight"  # what comes first
    weight: float = 1.0  # from 0 to 1: how thick, of an attention weight
    via: Sequence[Point] = ()  # corners in between


@dataclass(frozen=True)
class Frame:
    """A dashed line around rooms, with a name above it."""

    name: str
    around: Sequence[str]


@dataclass(frozen=True)
class Note:
    """A line of text that begins at a point."""

    at: Point
    text: str
    kind: Meaning | None = None


Part = Room | Arrow | Frame | Note


def token_row(
    key: str,
    words: Sequence[str],
    at: Point,
    kind: Meaning | None = None,
    gap: float = 6.0,
) -> list[Room]:
    """Return a room for each word, from left to right: `key0`, `key1` and so on.

    Args:
        key: what the row is called.
        words: its tokens.
        at: the left end, and the height of the middle.
        kind: the part of attention that they are.
        gap: what is left free between two.

    """
    rooms: list[Room] = []
    left = at[0]
    for i, word in enumerate(words):
        width = 2 * Room("", at, visible(word), "", kind).half[0] - 6
        middle = (left + width / 2, at[1])
        rooms.append(Room(f"{key}{i}", middle, visible(word), "", kind, (width, 30)))
        left += width + gap
    return rooms


def boxes_of(part: Part, rooms: Mapping[str, Room]) -> Iterator[Box]:
    """Yield what a part takes up: left, top, right, bottom."""
    match part:
        case Room(at=(x, y), half=(w, h)):
            yield x - w, y - h, x + w, y + h
        case Frame():
            yield surround(part, rooms)
        case Note(at=(x, y), text=text):
            yield x, y - 12, x + len(text) * LETTER, y + 4
        case Arrow(shape=shape):
            points = route_arrow(part, rooms)
            (x, y), anchor = place_shape(points)
            yield x, y - 12, x + (len(shape) * 7 if anchor == "left" else 0), y
            yield from ((x, y, x, y) for x, y in points)


def surround(frame: Frame, rooms: Mapping[str, Room]) -> Box:
    """Return the box of a frame: that of its rooms, room around it and for its name."""
    boxes = [box for key in frame.around for box in boxes_of(rooms[key], rooms)]
    left, top = (min(box[i] for box in boxes) - 8 for i in (0, 1))
    right, bottom = (max(box[i] for box in boxes) + 8 for i in (2, 3))
    return left, top - (18 if frame.name else 0), right, bottom


def place_shape(points: Sequence[Point]) -> tuple[Point, str]:
    """Return where an arrow's shape stands: beside its longest stretch."""
    pairs = itertools.pairwise(points)
    (x0, y0), (x1, y1) = max(
        pairs, key=lambda p: abs(p[0][0] - p[1][0]) + abs(p[0][1] - p[1][1])
    )
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if abs(x1 - x0) > abs(y1 - y0):
        return (x, y - 6), ""
    return (x + 6, y + 4), "left"


def route_arrow(arrow: Arrow, rooms: Mapping[str, Room]) -> list[Point]:
    """Return an arrow's corners, from the edge of one room to that of the other."""
    start, end = rooms[arrow.start], rooms[arrow.end]
    (x0, y0), (x1, y1) = start.at, end.at
    corners = list(arrow.via)
    match arrow.turn:
        case "across":
            corners.append((x1, y0))
        case "up":
            corners.append((x0, y1))
        case "arc":
            lift = 0.3 * abs(x1 - x0) + 20
            corners.append(((x0 + x1) / 2, min(y0, y1) - lift))
    if corners:
        return [_leave(start, corners[0]), *corners, _leave(end, corners[-1])]
    x, y = _shared(start, end, 0), _shared(start, end, 1)
    if x is not None:
        return [_leave(start, (x, y1), x), _leave(end, (x, y0), x)]
    if y is not None:
        return [_leave(start, (x1, y), None, y), _leave(end, (x0, y), None, y)]
    return [_leave(start, end.at), _leave(end, start.at)]


def _shared(one: Room, other: Room, axis: int) -> float | None:
    """Return the middle of what two rooms share of an axis, if they do."""
    low = max(room.at[axis] - room.half[axis] for room in (one, other))
    high = min(room.at[axis] + room.half[axis] for room in (one, other))
    return (low + high) / 2 if low < high else None


def _leave(
    room: Room, goal: Point, x: float | None = None, y: float | None = None
) -> Point:
    """Return where a line from a room to a point crosses the room's edge."""
    x0, y0 = room.at[0] if x is None else x, room.at[1] if y is None else y
    dx, dy = goal[0] - x0, goal[1] - y0
    (w, h), (cx, cy) = room.half, room.at
    reach = [
        (c + (half if d > 0 else -half) - o) / d
        for c, half, d, o in ((cx, w, dx, x0), (cy, h, dy, y0))
        if d
    ]
    share = min(reach, default=0.0)
    return x0 + share * dx, y0 + share * dy
