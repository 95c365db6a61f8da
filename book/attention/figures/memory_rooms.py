"""Attention in tiles: what lies in the large memory, and what in the small fast one."""

import torch

from attention.figures.drawing import Arrow, Frame, Note, Part, Room, draw
from attention.figures.inline_svg import Picture
from attention.figures.meaning import KEY, OUTPUT, QUERY, VALUE
from attention.mechanisms.online_softmax import read_chunk
from attention.mechanisms.tiled import tiled_attention

ROOM_KINDS = {"q": QUERY, "k": KEY, "v": VALUE, "o": OUTPUT}
ROOMS_WIDE = {
    **{"Q": (85, 60), "K": (85, 150), "V": (85, 240), "O": (85, 330)},
    **{"q": (320, 60), "k": (320, 150), "v": (320, 240), "o": (535, 310)},
    **{"tile": (535, 105), "sums": (640, 210)},
}
ROOMS_NARROW = {
    **{"Q": (60, 60), "K": (60, 190), "V": (60, 255), "O": (60, 350)},
    **{"q": (250, 60), "k": (250, 190), "v": (250, 255), "o": (250, 350)},
    **{"tile": (250, 125)},
}


def tile_shapes(n: int, d: int, block: int) -> dict[str, str]:
    """Return the shape of each part, of the functions' own tensors, without numbers."""
    q, k, v = torch.empty(3, n, d, device="meta")
    tile = q[:block] @ k[:block].mT
    largest, total, _, exps = read_chunk(tile[:, 0], tile[:, 0], tile)
    found = {"Q": q, "K": k, "V": v, "O": tiled_attention(q, k, v, block)}
    found |= {"q": q[:block], "k": k[:block], "v": v[:block], "tile": tile}
    found |= {"sums": torch.stack([largest, total]), "o": exps @ v[:block]}
    return {name: "×".join(map(str, x.shape)) for name, x in found.items()}


def tiles_drawing(n: int, d: int, block: int) -> Picture:
    """Draw the two memories, and what goes from one to the other how often.

    Args:
        n: tokens.
        d: the width of queries, keys and values.
        block: queries and keys of a tile.

    """
    shapes, times = tile_shapes(n, d, block), n // block
    return draw(
        _wide_rooms(shapes, times),
        narrow=_narrow_rooms(shapes, times),
        title="The table of scores is never written: one tile of it exists at a time",
        alt="Two frames. In the large, slow memory lie Q, K, V and the output O. In "
        "the small, fast one a block of each, one tile of scores, the largest and "
        "the sum of each row, and the output so far. Blocks of Q go in once, those "
        f"of K and V {times} times, and each block of output comes back once.",
    )


def _wide_rooms(shapes: dict[str, str], times: int) -> list[Part]:
    again = f"{times} times"
    tile, sums = (
        Room(key, ROOMS_WIDE[key], name, shapes[key], None, size)
        for key, name, size in (
            ("tile", "tile of scores", (150.0, 106.0)),
            ("sums", "largest, sum", (130.0, 50.0)),
        )
    )
    output = Room("o", ROOMS_WIDE["o"], shapes["o"], "so far", OUTPUT, (150, 90))
    arrows = [
        *(Arrow("Q", "q", "once", QUERY), Arrow("K", "k", again, KEY)),
        *(Arrow("V", "v", again, VALUE), Arrow("o", "O", "once", OUTPUT)),
        *(Arrow("q", "tile", "", QUERY), Arrow("k", "tile", "", KEY)),
        Arrow("v", "o", "", VALUE, via=[(425, 240), (425, 310)]),
        *(Arrow("tile", "o", ""), Arrow("tile", "sums", "")),
        Arrow("sums", "o", "shrinks"),
    ]
    rooms = [*_stored_rooms(ROOMS_WIDE, shapes, (150, 44)), tile, sums, output]
    frames = [
        Frame("large, slow memory", "QKVO"),
        Frame("small, fast memory", ["q", "k", "v", "tile", "sums", "o"]),
    ]
    return [*frames, *rooms, *arrows]


def _narrow_rooms(shapes: dict[str, str], times: int) -> list[Part]:
    again = f"{times} times"
    tile = Room("tile", ROOMS_NARROW["tile"], "tile", shapes["tile"], None, (100, 46))
    output = Room(
        "o", ROOMS_NARROW["o"], shapes["o"], "largest, sum", OUTPUT, (124, 56)
    )
    arrows = [
        *(Arrow("Q", "q", "once", QUERY), Arrow("K", "k", again, KEY)),
        *(Arrow("V", "v", again, VALUE), Arrow("o", "O", "once", OUTPUT)),
        *(Arrow("q", "tile", "", QUERY), Arrow("k", "tile", "", KEY)),
        *(Arrow("v", "o", "", VALUE), Arrow("tile", "o", "", via=TILE_TURNS)),
    ]
    rooms = [*_stored_rooms(ROOMS_NARROW, shapes, (112, 40)), tile, output]
    heads = [Note((4, 26), "large, slow memory"), Note((192, 26), "small, fast memory")]
    return [*heads, *rooms, *arrows]


TILE_TURNS = [(322.0, 125.0), (322.0, 350.0)]


def _stored_rooms(
    at: dict[str, tuple[int, int]], shapes: dict[str, str], size: tuple[float, float]
) -> list[Room]:
    """Return what the large memory holds, and the blocks that are read."""
    return [
        Room(key, at[key], shapes[key], "", ROOM_KINDS[key.lower()], size)
        for key in "QKVOqkv"
    ]
