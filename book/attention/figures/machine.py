"""The Transformer as a machine that writes a sentence, word by word, before your eyes.

All numbers come from a run of the real model: see `machine_watch`.
"""

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)
from attention.figures.machine_layout import NARROW, WIDE
from attention.figures.machine_parts import MACHINE, address
from attention.figures.machine_towers import draw_machine
from attention.figures.machine_watch import Watched

NO_WEIGHTS = "no weights of its own"
LABEL = "Parts of the machine: arrow keys move, each opens as it is reached"


def show_machine(
    seen: Watched,
    *,
    alt: str,
    title: str = "",
    start: int = 0,
    opened: str = "cross-attention",
) -> Interactive:
    """Draw the Transformer, with a slider for the word that is written.

    A block opens to its formula, its shape, its share of the weights and its code; a
    switch moves the norms to their places in the paper.

    Args:
        seen: what `watch` noted.
        alt: what is seen, for those who do not see it.
        title: the finding.
        start: the word that is written at first.
        opened: the part that is open at first.

    Raises:
        ValueError: if alt is empty, start is no word or opened no part.

    """
    if not 0 <= start < len(seen.written) or opened not in MACHINE:
        raise ValueError(f"expected a word and a part, got {start} and {opened!r}")
    data = collect(seen, start, opened)
    name = figure_id(data, alt, title)
    drawings = "".join(draw_machine(seen, p, start) for p in (WIDE, NARROW))
    body = (
        f"{_controls(seen, start, name)}"
        f'<div class="stage" data-order="{_order(seen)}">'
        f"{_panel(seen, data)}{drawings}</div>"
    )
    said = data["sentences"][start]
    files = ("machine.css", "machine.js")
    return compose(name, body, said, files, data, title=title, alt=alt)


def collect(seen: Watched, start: int, opened: str) -> dict:
    """Return what the script reads."""
    cross = seen.looks["cross"].tolist()
    return {
        "start": start,
        "open": opened,
        "label": LABEL,
        "order": list(MACHINE),
        "written": list(seen.written),
        "cross": [[round(weight, 2) for weight in row] for row in cross],
        "shapes": [
            [moment.shapes[SHAPE_OF.get(part, part)] for part in MACHINE]
            for moment in seen.moments
        ],
        "looks": [dict(moment.weights) for moment in seen.moments],
        "sentences": [_say_word(seen, t) for t in range(len(seen.written))],
        "parts": {part: _describe_place(seen, part) for part in MACHINE},
    }


def _describe_place(seen: Watched, part: str) -> dict[str, str]:
    """Return what a part shows when it is open."""
    place, share = MACHINE[part], seen.shares.get(part)
    side = "decoder" if part in list(MACHINE)[5:] else "encoder"
    return {
        "name": f"{side}: {place.name}",
        "formula": place.formula,
        "post": place.post,
        "share": NO_WEIGHTS
        if share is None
        else f"{seen.numbers[part]:,} weights, {100 * share:.1f}% of all",
        "width": f"{100 * (share or 0):.1f}%",
        "link": address(place.code),
        "code": place.code.rpartition(".")[2],
    }


def _say_size(seen: Watched, t: int, part: str) -> str:
    """Say the shape of what comes out, and of an attention's weights."""
    moment = seen.moments[t]
    looked = moment.weights.get(part)
    also = f"; weights: {looked}" if looked else ""
    return f"comes out: {moment.shapes[SHAPE_OF.get(part, part)]}{also}"


SHAPE_OF = {"encoder-norms": "encoder-network", "decoder-norms": "decoder-network"}


def _say_word(seen: Watched, t: int) -> str:
    """Say what is written, what was read, and where cross-attention looked."""
    (best, sure), (second, less), *_ = seen.moments[t].guesses
    row = seen.looks["cross"][t].tolist()
    first, then = sorted(range(len(row)), key=row.__getitem__, reverse=True)[:2]
    also = f" and “{seen.source[then]}” ({row[then]:.2f})" if row[then] >= 0.1 else ""
    return (
        f"The decoder has read “{' '.join(seen.given[: t + 1])}” and looks across at "
        f"“{seen.source[first]}” ({row[first]:.2f}){also}. It writes “{best}” "
        f"(probability {sure:.2f}; “{second}” {less:.2f})."
    )


def _order(seen: Watched) -> str:
    return "pre" if seen.pre_norm else "post"


def _controls(seen: Watched, start: int, name: str) -> str:
    orders = (("pre", "pre-LN"), ("post", "post-LN"))
    choices = "".join(
        f'<label><input type="radio" name="order-{name}" value="{value}"'
        f"{' checked' if value == _order(seen) else ''}> {text}</label>"
        for value, text in orders
    )
    return (
        f'<div class="controls" hidden><label>word being written '
        f"{range_input(len(seen.written), start)} "
        f'<b class="word">{safe(seen.written[start])}</b></label>'
        f"<fieldset><legend>norms:</legend>{choices}</fieldset></div>"
    )


def _panel(seen: Watched, data: dict) -> str:
    """Return what the open part says of itself."""
    start, opened = data["start"], data["open"]
    part = data["parts"][opened]
    formula = part["formula" if seen.pre_norm or not part["post"] else "post"]
    return (
        f'<div class="panel"><p><b class="what">{part["name"]}</b></p>'
        f'<p class="formula">{formula}</p>'
        f'<p class="size">{_say_size(seen, start, opened)}</p>'
        f'<p><span class="share">{part["share"]}</span>'
        f'<span class="bar"><span style="width:{part["width"]}"></span></span></p>'
        f'<p>code: <a href="{part["link"]}">{part["code"]}</a></p></div>'
    )
