"""The cone of inputs that one output of a stack of convolutions can see."""

import math
from typing import NamedTuple

from attention.figures.live_figure import Interactive, compose, figure_id
from attention.mechanisms.convolution import count_paths, reached, receptive_field

CONE_PLACES, CONE_LAYERS = 32, 4


class ConeState(NamedTuple):
    """What a reader chooses."""

    kernel: int = 2
    layers: int = 4
    doubling: bool = True
    at: int = 25  # the output's position

    @property
    def dilations(self) -> list[int]:
        """The gap of each layer, from the first."""
        return [2**i if self.doubling else 1 for i in range(self.layers)]


def show_cone(*, title: str, alt: str, start: ConeState | None = None) -> Interactive:
    """Let readers choose taps, layers and gaps, and move the output.

    Args:
        title: the finding.
        alt: what is seen at first.
        start: what is chosen first.

    """
    state = start or ConeState()
    data = {"places": CONE_PLACES, "layers": CONE_LAYERS}
    name = figure_id(data, title, alt, str(state))
    rows = "".join(
        f'<b class="name">{row}</b><div class="dots" aria-hidden="true">{dots}</div>'
        for row, dots in _draw_rows(state)
    )
    body = (
        f'<div class="stack" style="--n:{CONE_PLACES};--rows:{CONE_LAYERS + 1}">{rows}'
        f'<svg viewBox="0 0 {CONE_PLACES} {CONE_LAYERS + 1}" aria-hidden="true" '
        f'preserveAspectRatio="none"><path d="{draw_edges(state)}"/></svg></div>'
        f"{_write_key()}{_draw_cone_controls(state, name)}"
    )
    parts = ("cone.css", "cone.js")
    return compose(name, body, say_cone(state), parts, data, title=title, alt=alt)


def say_cone(state: ConeState) -> str:
    """Say what the output sees, and by how many ways, as the page's script does."""
    gaps, k, at = state.dilations, state.kernel, state.at
    field, ways = receptive_field(gaps, k), count_paths(gaps, k)
    seen = reached(gaps, k, at)[0]
    lost = field - 1 - at
    gone = f" {lost} of the field's places lie before the start." if lost > 0 else ""
    return (
        f"{k} taps, gaps {', '.join(map(str, gaps))}: receptive field "
        f"1 + {k - 1} · {sum(gaps)} = {field}. Output {at} sees inputs "
        f"{seen[0]} to {seen[-1]}.{gone} Ways, if a residual passes each layer: "
        f"to the newest input {ways[0]}, to the one {field - 1} back {ways[-1]}."
    )


def draw_edges(state: ConeState) -> str:
    """Return the path of all lines of the cone, a column and a row a unit each."""
    levels, lines = reached(state.dilations, state.kernel, state.at), []
    for layer, gap in reversed([*enumerate(state.dilations, start=1)]):
        y = CONE_LAYERS + 0.5 - layer
        lines += [
            f"M{t + 0.5:g} {y:g}L{t - j * gap + 0.5:g} {y + 1:g}"
            for t in levels[layer]
            for j in range(state.kernel)
            if t >= j * gap
        ]
    return "".join(lines)


def _draw_rows(state: ConeState) -> list[tuple[str, str]]:
    """Return name and marks of each row, the highest layer first, the ways last."""
    levels = reached(state.dilations, state.kernel, state.at)
    rows = []
    for layer in range(CONE_LAYERS, -1, -1):
        if layer > state.layers:
            rows.append(("", "".join("<i></i>" for _ in range(CONE_PLACES))))
            continue
        lit, top = set(levels[layer]), layer == state.layers
        marks = "".join(
            f'<i class="{_mark(t, lit, state.at, top)}"></i>'
            for t in range(CONE_PLACES)
        )
        rows.append((f"gap {state.dilations[layer - 1]}" if layer else "input", marks))
    ways = count_paths(state.dilations, state.kernel)
    heights = [_way_height(ways, state.at - t) for t in range(CONE_PLACES)]
    bars = "".join(f'<i class="way" style="--w:{h:.3f}"></i>' for h in heights)
    return [*rows, ("ways", bars)]


def _mark(t: int, lit: set[int], at: int, top: bool) -> str:
    if t > at:
        return "later"
    return ("top" if top else "lit") if t in lit else "dark"


def _way_height(ways: list[int], lag: int) -> float:
    """Return how high a bar is: the logarithm, so that one way can be seen."""
    if not 0 <= lag < len(ways):
        return 0.0
    return math.log2(1 + ways[lag]) / math.log2(1 + max(ways))


def _write_key() -> str:
    return (
        '<p class="key"><span><i class="top"></i>output</span>'
        '<span><i class="lit"></i>reaches it</span>'
        '<span><i class="dark"></i>does not</span>'
        '<span><i class="later"></i>future</span></p>'
    )


def _draw_cone_controls(state: ConeState, figure: str) -> str:
    """Return what readers choose by; a script shows it."""

    def choose(label: str, options: list[tuple[str, str]], on: str) -> str:
        buttons = "".join(
            f'<label><input type="radio" name="{figure}-{label}" value="{value}"'
            f"{' checked' if value == on else ''}>{text}</label>"
            for value, text in options
        )
        return f"<fieldset><legend>{label}</legend>{buttons}</fieldset>"

    gaps = [("1", "double"), ("0", "stay 1")]
    return (
        '<div class="controls" hidden><label class="place"><span>Move the output'
        f'</span><input type="range" name="at" min="0" max="{CONE_PLACES - 1}" '
        f'value="{state.at}"></label>'
        + choose("taps", [("2", "2"), ("3", "3")], str(state.kernel))
        + choose("gaps", gaps, str(int(state.doubling)))
        + '<label class="layers">layers <input type="range" name="layers" min="1" '
        f'max="{CONE_LAYERS}" value="{state.layers}"></label></div>'
    )
