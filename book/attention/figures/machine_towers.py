"""The machine as SVG: the encoder's tower, the decoder's, and the bridge between."""

from collections.abc import Mapping, Sequence

from attention.figures.machine_layout import (
    NORM,
    SLIT,
    SUM,
    WIDE,
    Plan,
    Tower,
    attention_block,
    box,
    column_state,
    measure,
    place_columns,
    sign,
    write,
)
from attention.figures.machine_watch import Watched
from attention.figures.meaning import KEY, VALUE

Columns = list[tuple[float, float]]
AIR = 17.0  # between what has a shape written there
EDGE = 19.0  # for the path around a sublayer
MEMORY = 36.0  # the height of what the encoder hands over


def draw_machine(seen: Watched, plan: Plan, start: int) -> str:
    """Return the whole machine, at the moment when word `start` is written."""
    wide = plan is WIDE
    source = place_columns(seen.source, EDGE)
    left = _end(source) + 62 if wide else EDGE
    target = place_columns(seen.given, left)
    right = _end(source) if wide else _end(target)
    encoder = Tower(plan, EDGE, right, -plan.word, 6, start)
    source = place_columns(seen.source, EDGE, right)
    _raise_encoder(encoder, seen, source, start)
    floor = 0.0 if wide else encoder.y - 50
    ends = left, _end(target)
    side = ends[1] + 14 if wide else 6
    decoder = Tower(plan, *ends, floor - plan.word, side, start)
    _raise_decoder(decoder, seen, target, floor, start)
    width, top = ends[1] + (22 if wide else 24), decoder.y - 2
    inside = [*encoder.drawn, *decoder.drawn]
    inside += [
        _bridge(encoder, decoder, source, seen, start),
        write("the source", EDGE, 14, "start place"),
        write("the target so far", left, floor + 14, "start place"),
    ]
    return (
        f'<svg class="{plan.name}" role="img" aria-label="The machine" '
        f'viewBox="0 {top:.0f} {width:.0f} {18 - top:.0f}">{"".join(inside)}</svg>'
    )


def _end(columns: Columns) -> float:
    return columns[-1][0] + columns[-1][1] / 2


def _raise_encoder(tower: Tower, seen: Watched, columns: Columns, start: int) -> None:
    """Build from the source's words up to what is handed over."""
    first = seen.moments[start].shapes
    tower.block("source-embedding", tower.plan.plain)
    looks = seen.looks["encoder"].tolist()
    inside = attention_block(tower, "encoder-attention", looks, tower.y - AIR)
    _raise_storeys(
        tower,
        f"encoder, {seen.layers} layers",
        [("encoder-attention", inside), ("encoder-network", "")],
        "source-embedding",
        first,
    )
    tower.block("encoder-norm", NORM)
    _write_shape(tower, "encoder-norm", first)
    top = tower.y - AIR - MEMORY
    lines = "".join(f'<path class="wire" d="M{x} -24V{top:.0f}"/>' for x, _ in columns)
    tower.drawn.insert(0, lines)
    for j, (word, (x, w)) in enumerate(zip(seen.source, columns, strict=True)):
        weight = seen.looks["cross"][start, j].item()
        look = f'data-j="{j}" style="--w:{weight:.2f}"'
        tower.drawn.append(
            f'<g class="source" {look}>{_cell(x, -24, w, 24)}'
            f"{write(word, x, -8)}</g>"
            f'<g class="memory" {look}>{_cell(x, top, w, MEMORY)}'
            f"{write(word, x, top + 15)}"
            f"{write(short(weight), x, top + 30, 'weight')}</g>"
        )
    tower.y = top


def _raise_decoder(
    tower: Tower, seen: Watched, columns: Columns, floor: float, start: int
) -> None:
    """Build from the words that are given up to the next word."""
    first = seen.moments[start].shapes
    tower.block("target-embedding", tower.plan.plain)
    storeys = [
        ("decoder-attention", seen.looks["decoder"]),
        ("cross-attention", seen.looks["cross"]),
    ]
    height = tower.plan.attention + NORM + SUM + 3 * SLIT
    drawn = [
        (part, attention_block(tower, part, looks.tolist(), tower.y - AIR - i * height))
        for i, (part, looks) in enumerate(storeys)
    ]
    _raise_storeys(
        tower,
        f"decoder, {seen.layers} layers",
        [*drawn, ("decoder-network", "")],
        "target-embedding",
        first,
    )
    tower.block("decoder-norm", NORM)
    _write_shape(tower, "decoder-norm", first)
    tower.block("output", tower.plan.plain, gap=AIR)
    top = tower.y - AIR - 26
    wires, fronts = zip(
        *(
            _column(seen, i, at, (floor, top), (tower.left, tower.right), start)
            for i, at in enumerate(columns)
        ),
        strict=True,
    )
    tower.drawn = [*wires, *tower.drawn, *fronts]
    tower.y = top


def _raise_storeys(
    tower: Tower,
    name: str,
    storeys: Sequence[tuple[str, str]],
    below: str,
    shapes: Mapping[str, str],
) -> None:
    """Put sublayers on top, and a frame around them."""
    ground = tower.y
    _write_shape(tower, below, shapes)
    tower.y -= AIR
    for part, inside in storeys:
        height = tower.plan.attention if inside else tower.plan.plain
        tower.sublayer(part, height, inside)
    tower.y -= AIR
    left = min(tower.left, tower.side) - 4
    right = max(tower.right, tower.side) + 4
    tower.drawn += [
        box("frame", left, tower.y + 2, right - left, ground - tower.y - 6),
        write(name, left + 8, tower.y + 14, "start place"),
    ]


def _write_shape(tower: Tower, part: str, shapes: Mapping[str, str]) -> None:
    """Write on top what comes out of the part below."""
    tower.drawn.append(
        f'<text class="end shape" data-shape="{part}" x="{tower.right - 4:.0f}" '
        f'y="{tower.y - 5:.0f}">{shapes[part]}</text>'
    )


def _cell(x: float, y: float, width: float, height: float) -> str:
    """Return the box of a word."""
    return box("face", x - width / 2, y, width, height)


def short(weight: float) -> str:
    """Write a weight of at least five hundredths: .57."""
    return "·" if weight < 0.045 else f"{min(weight, 0.99):.2f}"[1:]


def _column(
    seen: Watched,
    i: int,
    at: tuple[float, float],
    heights: tuple[float, float],
    ends: tuple[float, float],
    start: int,
) -> tuple[str, str]:
    """Return a column behind the blocks, and what of it stands in front."""
    (x, w), (floor, top) = at, heights
    state = column_state(i, start)
    word = seen.written[i]
    half = measure(word) * 0.65 + 7
    middle = min(max(x, ends[0] + half), ends[1] - half)
    wire = (
        f'<g class="column {state}" data-t="{i}">'
        f'<path class="wire" d="M{x} {floor - 24:.0f}V{top + 26:.0f}"/></g>'
    )
    front = (
        f'<g class="column {state}" data-t="{i}">'
        f"{box('lit', x - w / 2, top + 26, w, floor - 24 - top - 26)}"
        f"{_cell(x, floor - 24, w, 24)}"
        f"{write(seen.given[i], x, floor - 8)}"
        f'<g class="next">{_cell(middle, top, 2 * half, 26)}'
        f"{write(word, middle, top + 17)}</g></g>"
    )
    return wire, front


def _bridge(
    encoder: Tower, decoder: Tower, columns: Columns, seen: Watched, start: int
) -> str:
    """Return the arcs from what is handed over to the cross-attention."""
    wide = encoder.plan is WIDE
    goal, bend = (
        (decoder.left, decoder.left - 24)
        if wide
        else (decoder.right, decoder.right + 13)
    )
    top, end = encoder.y, decoder.tops["cross-attention"] + encoder.plan.attention - 14
    weights = seen.looks["cross"][start].tolist()
    turn = (
        f"{top + 24:.0f}V{end - 14:.0f}" if wide else f"{top - 44:.0f}V{end + 14:.0f}"
    )
    arcs = "".join(
        f'<path class="arc" data-j="{j}" style="--w:{weight:.2f}" '
        f'd="M{x} {top:.0f}C{x} {top - 26:.0f} {bend:.0f} {top - 26:.0f} {bend:.0f} '
        f'{turn}Q{bend:.0f} {end:.0f} {goal:.0f} {end:.0f}"/>'
        for j, ((x, _), weight) in enumerate(zip(columns, weights, strict=True))
    )
    if wide:
        x, y, down = bend - 23, end - 34, (0, 18)
    else:
        x, y, down = bend - 96, top - 38, (26, 0)
    return arcs + sign(KEY, x, y) + sign(VALUE, x + down[0], y + down[1])
