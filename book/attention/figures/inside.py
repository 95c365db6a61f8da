"""Attention from the inside: drawings whose shapes are those of real tensors.

Wide pictures run from left to right, those for a phone from the top down.
"""

import torch
from torch import Tensor

from attention.figures.drawing import Arrow, Frame, Part, Room, draw
from attention.figures.drawing_parts import Point
from attention.figures.meaning import KEY, OUTPUT, QUERY, VALUE, WEIGHT
from attention.figures.plots import Picture
from attention.mechanisms.multi_head import MultiHeadedAttention, split_heads
from attention.mechanisms.self_attention import self_attention

ASKED = ((QUERY, "Q"), (KEY, "K"), (VALUE, "V"))
SPELT_OUT = ("queries", "keys", "values")


def draw_self_attention(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Picture:
    """Draw how queries, keys and values come from one X, with the shapes they have.

    Args:
        x: (n, d).
        w_q: (d, d_k).
        w_k: (d, d_k).
        w_v: (d, d_v).

    """
    matrices = [x @ w for w in (w_q, w_k, w_v)]
    output, weights = self_attention(x, w_q, w_k, w_v)
    shapes = [_sizes(part) for part in (x, *matrices, weights, output)]
    return draw(
        _self_attention(shapes, wide=True),
        narrow=_self_attention(shapes, wide=False),
        title="Queries, keys and values come from the same words",
        alt=(
            "From X three arrows lead to queries Q, keys K and values V, each through "
            "a matrix of its own. Q and K meet in the scores; a softmax makes weights "
            f"of them, {shapes[4]}; the weights and V make the output Y, {shapes[5]}."
        ),
    )


def draw_heads(layer: MultiHeadedAttention, x: Tensor) -> Picture:
    """Draw how a layer splits one wide attention into heads, with its real shapes.

    Args:
        layer: with h heads.
        x: (n, d_model).

    """
    with torch.no_grad():
        output = layer(x[None], x[None], x[None])[0]
        wide = layer.W_q(x[None])
        narrow = split_heads(wide, layer.h)[0, 0]
    assert layer.attn is not None  # the call has set it
    shapes = [_sizes(s) for s in (x, wide[0], narrow, layer.attn[0, 0], output)]
    return draw(
        _heads(shapes, layer.h, wide=True),
        narrow=_heads(shapes, layer.h, wide=False),
        title=f"A head is a slice: {layer.h} times {shapes[2]}, side by side again",
        alt=(
            f"X, {shapes[0]}, becomes Q, K and V of {shapes[1]}. Each of {layer.h} "
            f"heads takes a slice of {shapes[2]} of all three, has weights of its "
            f"own, {shapes[3]}, and hands on {shapes[2]}. Side by side they are "
            f"{shapes[1]} again, and one more matrix mixes them."
        ),
    )


def _sizes(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape))


def _at(along: float, across: float, wide: bool) -> Point:
    """Return a point: what follows stands to the right, or below."""
    return (along, across) if wide else (across, along)


def _projections(wide: bool, along: float, gap: float, size: Point) -> list[Part]:
    """Return rooms for Q, K and V, with arrows from X."""
    rooms = [
        Room(name, _at(along, place * gap, wide), name, long, kind, size)
        for place, (kind, name), long in zip((-1, 0, 1), ASKED, SPELT_OUT, strict=True)
    ]
    return [*rooms, *(Arrow("X", name, "", kind) for kind, name in ASKED)]


def _self_attention(shapes: list[str], wide: bool) -> list[Part]:
    """Return the parts of one attention from X to Y."""
    x, q, k, v, weights, output = shapes
    step, gap, size = (150, 84, (104.0, 48.0)) if wide else (108, 112, (98.0, 48.0))
    low, high = (step * 2, step * 3.05) if wide else (step * 1.95, step * 2.75)
    return [
        Room("X", _at(0, 0, wide), "X", x, size=(80, 48)),
        *_projections(wide, step * 0.95, gap, size),
        Room("scores", _at(low, -gap / 2, wide), "Q Kᵀ / √d", "scores", size=(98, 48)),
        Room("weights", _at(high, -gap / 2, wide), "softmax", "weights", WEIGHT),
        Room("Y", _at(high + step, -gap / 2, wide), "Y", output, OUTPUT),
        Arrow("Q", "scores", q, QUERY),
        Arrow("K", "scores", k, KEY),
        Arrow("scores", "weights", weights),
        Arrow("weights", "Y", weights, WEIGHT),
        Arrow("V", "Y", v, VALUE, "across" if wide else "up"),
    ]


def _heads(shapes: list[str], h: int, wide: bool) -> list[Part]:
    """Return the parts of a layer with heads from X to its output."""
    x, full, slim, weights, output = shapes
    step, gap, spread = (150, 88, 66) if wide else (108, 108, 82)
    size = (84.0, 48.0) if wide else (76.0, 48.0)
    heads = [f"head {i + 1}" for i in range(h)]
    rooms = [
        Room(name, _at(2.1 * step, (i - (h - 1) / 2) * spread, wide), name, weights,
             size=size)
        for i, name in enumerate(heads)
    ]  # fmt: skip
    slices = [
        Arrow(
            name, head, slim if wide and (name, head) == ("Q", heads[0]) else "", kind
        )
        for head in heads
        for kind, name in ASKED
    ]
    return [
        Room("X", _at(0, 0, wide), "X", x, size=(70, 48)),
        *_projections(wide, step, gap, (98.0, 48.0)),
        *rooms,
        *slices,
        Frame("weights" if wide else "", heads),
        Room("concat", _at(3.3 * step, 0, wide), "side by side", full),
        *(
            Arrow(head, "concat", slim if i == 1 else "")
            for i, head in enumerate(heads)
        ),
        Room("output", _at(4.2 * step, 0, wide), "Wᴼ mixes", output, OUTPUT),
        Arrow("concat", "output", ""),
    ]
