"""Attention from the inside: drawings whose shapes are those of real tensors.

Wide pictures run from left to right, those for a phone from the top down.
"""

import torch
from torch import Tensor

from attention.figures.drawing import Arrow, Frame, Note, Part, Room, draw
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


def draw_split(x: Tensor, h: int) -> Picture:
    """Draw what head 1 gets of x: by view and transpose, and by a view alone.

    Args:
        x: (n, d_model), numbers to write in the cells, no two the same.
        h: how many heads.

    """
    n, d = x.shape
    own = split_heads(x[None], h)[0, 0]  # (n, d_k)
    false = x.view(h, n, d // h)[0]  # as large, of other words
    both = [set(part.flatten().tolist()) for part in (own, false)]
    spots = ((0.0, 0.0), (52.0 * d + 70, 0.0)), ((0.0, 0.0), (0.0, 38.0 * n + 64))
    wide, narrow = (
        [part for i, spot in enumerate(where) for part in _cells_of(x, i, spot)]
        for where in spots
    )
    lit = [
        f"{i}:{row}:{column}"
        for i, chosen in enumerate(both)
        for row in range(n)
        for column in range(d)
        if x[row, column].item() in chosen
    ]
    return draw(
        wide,
        narrow=narrow,
        here=lit,
        title="Head 1 gets a part of every word; by a view alone, some words whole",
        alt=(
            f"Twice the numbers of {n} words, a row for each: {x.tolist()}. Marked is "
            f"what head 1 gets: {own.tolist()} by view and transpose, "
            f"{false.tolist()} by a view alone."
        ),
    )


def _cells_of(x: Tensor, panel: int, spot: Point) -> list[Part]:
    """Return a grid of the numbers of x, under what makes the heads of it."""
    left, top = spot
    cells: list[Part] = [
        Room(
            f"{panel}:{row}:{column}",
            (left + 52 * column, top + 38 * row),
            f"{x[row, column].item():g}",
            size=(44, 30),
        )
        for row in range(x.shape[0])
        for column in range(x.shape[1])
    ]
    words = ("head 1, by view and transpose", "head 1, by a view alone")[panel]
    return [Note((left - 22, top - 30), words), *cells]


def draw_sharing(h: int, d_k: int, groups: tuple[int, ...]) -> Picture:
    """Draw how h heads of queries share each number of key heads.

    Args:
        h: heads of queries.
        d_k: their width.
        groups: the numbers of key heads, a row for each; all divide h.

    """
    kept = {g: f"{2 * g * d_k:,}" for g in groups}
    rows = list(enumerate(groups))
    wide = [p for i, g in rows for p in _shared_keys(h, g, kept[g], (270, 130 * i), 24)]
    slim = [p for i, g in rows for p in _shared_keys(h, g, kept[g], (16, 150 * i), 0)]
    return draw(
        wide,
        narrow=slim,
        title="The fewer key heads, the less is kept for each word",
        alt=f"{h} query heads above, each with an arrow to its key head below: "
        + "; ".join(f"with {g} key heads, {kept[g]} numbers a word" for g in groups)
        + ".",
    )


def _shared_keys(h: int, g: int, kept: str, spot: Point, beside: int) -> list[Part]:
    """Return a row of query heads over the key heads that they share."""
    left, top = spot
    step, size = (44, (36.0, 26.0)) if beside else (37, (33.0, 26.0))
    heads: list[Part] = [
        Room(f"q{i} of {g}", (left + step * i, top), "", "", QUERY, size)
        for i in range(h)
    ]
    keys: list[Part] = [
        Room(
            f"k{i} of {g}",
            (left + step * ((i + 0.5) * h / g - 0.5), top + 72),
            "",
            "",
            KEY,
            size,
        )
        for i in range(g)
    ]
    arrows = [
        Arrow(f"q{i} of {g}", f"k{i * g // h} of {g}", "", QUERY) for i in range(h)
    ]
    one = f"{g} key head{'s' * (g > 1)}"
    text = [f"{one}:", f"{kept} numbers a word"]
    if beside:
        notes = [Note((0, top + 30 + 20 * i), line) for i, line in enumerate(text)]
    else:
        notes = [Note((0, top - 26), " ".join(text))]
    return [*notes, *heads, *keys, *arrows]
