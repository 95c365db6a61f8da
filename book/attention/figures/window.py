"""A window over the source, and the Gaussian in it, under the reader's finger.

Each place of the window and each width is computed beforehand, by the library: the
script shows, and computes nothing.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from attention.figures.live_figure import Interactive, compose, figure_id, safe
from attention.mechanisms.local import gaussian_reweight, local_window_mask
from attention.mechanisms.masking import weigh_keys
from attention.shapes import check_shape

PER_WORD = 5  # places of the window from one word to the next
DRAWN = 3.2  # a Gaussian is drawn as far as so many σ


def window_states(
    scores: Tensor, positions: Tensor, half_width: float
) -> tuple[Tensor, Tensor]:
    """Return the weights in the window, before and after the Gaussian.

    Args:
        scores: (n,), of one query.
        positions: (places,), the centres p of the window.
        half_width: D.

    Returns:
        Two tables (places, n).

    """
    n = torch.tensor(len(scores))
    window = local_window_mask(positions, n, half_width, len(scores))
    before = weigh_keys(scores.expand(len(positions), -1), window)
    return before, gaussian_reweight(before, positions, half_width)


def show_window(
    scores: Tensor,
    words: Sequence[str],
    widths: Sequence[int],
    *,
    start: tuple[float, int],
    title: str,
    alt: str,
) -> Interactive:
    """Let a reader move and widen a window, and see score, softmax and weight.

    Args:
        scores: (n,), of one query.
        words: a name for each of the n keys.
        widths: the half widths D to choose from.
        start: the place p and the half width D to begin with.
        title: the finding.
        alt: what is seen.

    """
    check_shape("scores", scores, len(words))
    places = torch.arange(PER_WORD * (len(words) - 1) + 1) / PER_WORD
    states = {width: window_states(scores, places, width) for width in widths}
    data = _pack_states(states)
    at = round(start[0] * PER_WORD)
    before, after = (table[at] for table in states[start[1]])
    sliders = _draw_window_sliders(
        len(places), at, len(widths), list(widths).index(start[1])
    )
    return compose(
        figure_id(data, title, alt, str(start)),
        f'<div class="window" style="--n:{len(words)};--p:{start[0]:g};--d:{start[1]}">'
        f"{_draw_scores(scores, before)}{_draw_weights(before, after, start)}"
        f"{_draw_words(words)}{sliders}</div>",
        say_window(start[0], start[1], after),
        ("window.css", "window.js"),
        data,
        title=title,
        alt=alt,
    )


def _pack_states(states: dict[int, tuple[Tensor, Tensor]]) -> dict[str, Any]:
    """Return what the script shows: the weights for each half width and place."""
    return {
        "per": PER_WORD,
        "widths": list(states),
        "before": [_per_mille(before) for before, _ in states.values()],
        "after": [_per_mille(after) for _, after in states.values()],
        "bells": [_bell(width) for width in states],
    }


def _draw_words(words: Sequence[str]) -> str:
    spans = "".join(f"<span>{safe(word)}</span>" for word in words)
    return f'<div class="cells" aria-hidden="true">{spans}</div>'


def say_window(p: float, half_width: float, after: Tensor) -> str:
    """Say where the window lies, and what the Gaussian has left."""
    left, right = p - half_width, p + half_width
    return (
        f"p = {p:.2f}, D = {half_width:g}: the window reaches from {left:.2f} "
        f"to {right:.2f}. The softmax in it sums to 1; times the Gaussian "
        f"{after.sum().item():.2f} is left."
    )


def _per_mille(table: Tensor) -> list[list[int]]:
    return (table * 1000).round().int().tolist()


def _bell(half_width: float) -> str:
    """Return the path of the Gaussian around 0, a word wide for each unit, 1 high."""
    x = torch.linspace(-DRAWN, DRAWN, 41) * half_width / 2
    y = gaussian_reweight(torch.ones(41, 1), -x, half_width)[:, 0]
    return "M" + "L".join(
        f"{a:.2f} {1 - b:.3f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )


def _draw_scores(scores: Tensor, before: Tensor) -> str:
    """Return the scores as bars with their numbers; outside the window, hatched."""
    heights = (scores - scores.min()) / (scores.max() - scores.min())
    rows = zip(heights.tolist(), scores.tolist(), before.tolist(), strict=True)
    bars = "".join(
        f'<i class="{"off" if weight == 0 else "on"}" style="--w:{h:.3f}">'
        f"<u>{score:.1f}</u></i>"
        for h, score, weight in rows
    )
    return (
        '<div class="part" aria-hidden="true"><p><b>scores</b> '
        "<span>✕ outside the window: weight 0</span></p>"
        f'<div class="bars low">{bars}</div></div>'
    )


def _draw_weights(before: Tensor, after: Tensor, start: tuple[float, int]) -> str:
    """Return the weights before and after the Gaussian, and the window's edges."""
    bars = "".join(
        f'<i style="--w:{a:.3f};--v:{b:.3f}"><s></s><em></em></i>'
        for a, b in zip(before.tolist(), after.tolist(), strict=True)
    )
    place, bell = start[0] + 0.5, _bell(start[1])
    return (
        '<div class="part" aria-hidden="true"><p><b>weights</b> '
        '<span><i class="outline"></i> softmax in the window</span> '
        '<span><i class="bell"></i> the Gaussian</span> '
        '<span><i class="filled"></i> their product α</span></p>'
        f'<div class="bars"><b class="edges"></b><b class="centre"></b>{bars}'
        f'<svg viewBox="0 0 {len(before)} 1" preserveAspectRatio="none">'
        f'<path transform="translate({place:g} 0)" d="{bell}"/></svg></div></div>'
    )


def _draw_window_sliders(places: int, at: int, widths: int, width: int) -> str:
    """Return the sliders for p, under its columns, and for D; a script shows them."""
    return (
        '<div class="controls" hidden><label class="place"><span>Drag p, the middle of '
        f'the window</span><input type="range" min="0" max="{places - 1}" '
        f'value="{at}"></label><label class="width"><span>D, its half width</span>'
        f'<input type="range" min="0" max="{widths - 1}" value="{width}"></label></div>'
    )
