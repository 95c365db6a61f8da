"""Attention in tiles: what lies in the large memory, and what in the small fast one."""

import torch

from attention.figures.drawing import Arrow, Frame, Note, Part, Room, draw
from attention.figures.inline_svg import Picture
from attention.figures.meaning import KEY, OUTPUT, QUERY, VALUE
from attention.mechanisms.online_softmax import read_chunk
from attention.mechanisms.tiled import tiled_attention

LARGE = {"Q": (QUERY, "q"), "K": (KEY, "k"), "V": (VALUE, "v"), "O": (OUTPUT, "o")}
Points = dict[str, tuple[float, float]]
WIDE: Points = {
    **{"Q": (80, 60), "K": (80, 150), "V": (80, 240), "O": (80, 330)},
    **{"q": (330, 60), "k": (330, 150), "v": (330, 240), "o": (520, 330)},
    **{"tile": (520, 105), "sums": (630, 190)},
}
NARROW: Points = {
    **{"Q": (45, 50), "K": (125, 50), "V": (205, 50), "O": (285, 50)},
    **{"q": (45, 180), "k": (125, 180), "v": (205, 180), "o": (285, 370)},
    **{"tile": (85, 270), "sums": (85, 370)},
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
    return draw(
        _parts(WIDE, (110, 150), n, d, block),
        narrow=_parts(NARROW, (72, 150), n, d, block),
        title="The table of scores is never written: only tiles of it exist",
        alt="Two frames. In the large, slow memory lie Q, K, V and the output O. In "
        "the small, fast one a block of each, one tile of scores, the largest and "
        "the sum of each row, and the output so far. Blocks of Q go in once, those "
        f"of K and V {n // block} times, and each block of output comes back once.",
    )


def _parts(
    at: Points, widths: tuple[float, float], n: int, d: int, block: int
) -> list[Part]:
    """Return rooms, arrows and frames; each room has its shape as its second line."""
    shapes, again = tile_shapes(n, d, block), f"{n // block} times"
    wide = widths[0] > 80

    def room(key: str, name: str, width: float) -> Room:
        kind = LARGE[key.upper()][0] if key.upper() in LARGE else None
        return Room(key, at[key], name, shapes[key], kind, (width, 50))

    rooms = [room(key, "", widths[0]) for key in "QKVO"]
    rooms += [room(key, "", widths[0]) for key in "qkvo"]
    rooms += [
        room("tile", "tile of scores", widths[1]),
        room("sums", "largest, sum", widths[1]),
    ]
    arrows = [
        Arrow("Q", "q", "once" if wide else "1×", QUERY),
        Arrow("K", "k", again if wide else f"{n // block}×", KEY),
        Arrow("V", "v", again if wide else f"{n // block}×", VALUE),
        Arrow("q", "tile", "", QUERY, "across" if wide else "straight"),
        Arrow("k", "tile", "", KEY, "across" if wide else "straight"),
        Arrow("tile", "sums", ""),
        Arrow("tile", "o", "") if wide else Arrow("tile", "o", "", None, "across"),
        Arrow("v", "o", "", VALUE, "across"),
        Arrow("sums", "o", "shrinks"),
        Arrow("o", "O", "once" if wide else "1×", OUTPUT),
    ]
    frames: list[Part] = [
        Frame("large memory, slow", "QKVO"),
        Frame("small memory, fast", [*"qkvo", "tile", "sums"]),
    ]
    return [*frames, *rooms, *arrows]


__all__ = ["Note", "tile_shapes", "tiles_drawing"]
