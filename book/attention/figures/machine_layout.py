"""Where the parts of the machine stand: two towers of floors, drawn from the ground up.

Lengths are CSS pixels. Each word has a column through its tower. A sublayer's norm has
two places: in front of the block and, `post`, behind the sum; the style moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from attention.figures.drawing import mark
from attention.figures.live_figure import safe
from attention.figures.machine_parts import MACHINE
from attention.figures.meaning import KEY, QUERY, VALUE

SLIM, BROAD = set("iljtfr.,'’"), set("mw<>")
SLIT = 6.0  # between a block and what stands above it
NORM, SUM = 26.0, 12.0  # the style moves a block by NORM + SLIT


@dataclass(frozen=True)
class Plan:
    """The sizes of a layout: one for a page, one for a phone."""

    name: str
    attention: float  # the height of a block with a map and two or three lines
    plain: float  # of a block with one line
    cell: float  # of the small maps
    word: float  # the height of a word


WIDE = Plan("wide", 58, 32, 4.6, 24)
NARROW = Plan("narrow", 44, 26, 3.9, 24)


def measure(word: str) -> float:
    """Return about how wide a word is."""
    return sum(4.2 if c in SLIM else 9.3 if c in BROAD else 6.9 for c in word)


def place_columns(
    words: Sequence[str], left: float, right: float = 0
) -> list[tuple[float, float]]:
    """Return for each word the middle and the width of its column.

    They stand close, or are spread as far as `right`.
    """
    widths = [max(measure(word) + 5, 16) for word in words]
    gap = max((right - left - sum(widths)) / max(len(words) - 1, 1), 3.5)
    columns: list[tuple[float, float]] = []
    x = left
    for width in widths:
        columns.append((round(x + width / 2), round(width)))
        x += width + gap
    return columns


@dataclass
class Tower:
    """A stack that grows upwards; `drawn` is its SVG so far."""

    plan: Plan
    left: float
    right: float
    y: float  # the top of what stands already
    side: float  # where the path around a sublayer runs
    now: int = 0  # the word that is written
    drawn: list[str] = field(default_factory=list)
    tops: dict[str, float] = field(default_factory=dict)

    def block(self, part: str, height: float, inside: str = "", gap: float = SLIT):
        """Put a block on top: a button, once the script runs."""
        self.y -= height + gap
        self.tops[part] = self.y
        self.drawn.append(self._button(part, self.y, height, inside))

    def _button(
        self, part: str, y: float, height: float, inside: str, kind: str = "", up=0.0
    ) -> str:
        name = MACHINE[part].name
        middle = (self.left + self.right) / 2
        text = inside or write(name, middle, y + height / 2 + 4.5)
        style = f' style="--up:{up:g}px"' if up else ""
        return (
            f'<g class="part{kind}" data-part="{part}"{style}>'
            f"{box('face', self.left, y, self.right - self.left, height)}{text}</g>"
        )

    def sublayer(self, part: str, height: float, inside: str = "") -> None:
        """Put a norm, a block and a sum on top, and the path around them."""
        ground = self.y
        norms = f"{part.partition('-')[0].replace('cross', 'decoder')}-norms"
        y = ground - SLIT - NORM
        up = -(height + SUM + 2 * SLIT)
        norm = self._button(norms, y, NORM, "", " norm", up)
        self.drawn.append('<g class="body">')
        self.y = y
        self.block(part, height, inside)
        y = self.y - SLIT - SUM
        middle = (self.left + self.right) / 2
        self.drawn += [
            box("face sum", self.left, y, self.right - self.left, SUM),
            f"{write('+', middle, y + SUM - 1.5, 'middle')}</g>",
            norm,
            self._around("pre", ground, y + SUM / 2),
            self._around("post", ground, y + SUM / 2 + NORM + SLIT),
        ]
        self.y = y

    def _around(self, order: str, start: float, end: float) -> str:
        """Draw the residual path: past norm and block, into the sum."""
        inner = self.left if self.side < self.left else self.right
        head = 5 if inner > self.side else -5
        return (
            f'<path class="around {order}" d="M{inner + 2 * head:g} {start - 2:g}'
            f'H{self.side:g}V{end:g}H{inner - head:g}"/>'
            f'<path class="head {order}" d="M{inner:g} {end:g}l{-head * 1.4:g}-4v8z"/>'
        )


def box(name: str, x: float, y: float, width: float, height: float) -> str:
    """Return a rectangle with round corners."""
    return (
        f'<rect class="{name}" x="{x:g}" y="{y:g}" width="{width:g}" '
        f'height="{height:g}"/>'
    )


def write(text: str, x: float, y: float, name: str = "") -> str:
    """Return a line of text, around x unless its class says `start` or `end`."""
    kind = f' class="{name}"' if name else ""
    return f'<text{kind} x="{x:.0f}" y="{y:.0f}">{safe(text)}</text>'


SOURCES = {  # from where an attention has its queries, and its keys and values
    "encoder-attention": ("", "of the source"),
    "decoder-attention": ("", "of the target so far"),
    "cross-attention": ("of the target", "of the source"),
}


def attention_block(
    tower: Tower, part: str, weights: Sequence[Sequence[float]], ground: float
) -> str:
    """Return what stands in a block: a map of weights, its name, who asks whom."""
    plan = tower.plan
    y = ground - 2 * SLIT - NORM - plan.attention
    top = y + (plan.attention - plan.cell * len(weights)) / 2
    x = tower.left + plan.cell * 11 + 16
    lines = [write(MACHINE[part].name, x, y + 18, "start name")]
    if plan is WIDE:
        lines.append(write(MACHINE[part].does, x, y + 34, "start"))
    grid = draw_weights(weights, (tower.left + 8, top), plan.cell, part, tower.now)
    return grid + "".join(lines) + marks(x, y + plan.attention - 9, *SOURCES[part])


def marks(x: float, y: float, asks: str, tells: str) -> str:
    """Say with signs and words where queries, keys and values come from."""
    said = [sign(QUERY, x + 5, y)]
    x += 24
    if asks:
        said.append(write(asks, x, y, "start"))
        x += measure(asks) + 6
    said += [
        sign(KEY, x + 5, y),
        sign(VALUE, x + 30, y),
        write(tells, x + 49, y, "start"),
    ]
    return "".join(said)


def sign(kind, x: float, y: float) -> str:
    """Return the mark and the letter of a part of attention."""
    return (
        f'<g style="--own:{kind.css}">{mark(kind, x, y - 4)}'
        f"{write(kind.letter, x + 7, y, 'start letter')}</g>"
    )


def draw_weights(
    weights: Sequence[Sequence[float]],
    at: tuple[float, float],
    cell: float,
    part: str,
    now: int,
) -> str:
    """Draw weights as a grid; the decoder's grow by a row a word, the future hatched.

    A map shows tenths.
    """
    rows, columns = len(weights), len(weights[0])
    causal = part == "decoder-attention"
    groups = [weights] if part == "encoder-attention" else [[row] for row in weights]
    drawn = "".join(
        f'<g class="{column_state(i, now)}" data-t="{i}">{_map_cells(group, i)}</g>'
        if len(groups) > 1
        else _map_cells(group)
        for i, group in enumerate(groups)
    )
    hatch = "".join(
        f"M{j} {i}.5l1-1" for i in range(rows) for j in range(i + 1, columns)
    )
    x, y = at
    return (
        f'<g class="map" transform="translate({x:g} {y + cell / 2:g}) scale({cell})">'
        f'<path class="edge" d="M0-.5h{columns}v{rows}h-{columns}z"/>{drawn}'
        + (f'<path class="future" d="{hatch}"/></g>' if causal else "</g>")
    )


def column_state(i: int, now: int) -> str:
    """Say whether a word's column is past, now or later."""
    return "now" if i == now else "past" if i < now else "later"


def _map_cells(rows: Sequence[Sequence[float]], first: int = 0) -> str:
    """Return a path for all cells of one tenth, the more opaque the larger."""
    paths: dict[int, str] = {}
    ends: dict[int, tuple[int, int]] = {}  # where each path has come to
    for i, row in enumerate(rows, first):
        for j, weight in enumerate(row):
            tenth = round(10 * weight)
            step = "h1" if ends.get(tenth) == (i, j) else f"M{j} {i}h1"
            paths[tenth] = paths.get(tenth, "") + step
            ends[tenth] = i, j + 1
    return "".join(
        f'<path opacity="{tenth / 10:g}" d="{path}"/>'
        for tenth, path in sorted(paths.items())
        if tenth
    )
