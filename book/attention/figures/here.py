"""You are here: a small Transformer in which all but one part is grey.

In a folded cell of a chapter, as its last value:

    from attention.figures.here import you_are_here

    you_are_here("cross-attention", title="What Bahdanau built is the bridge of 2017")
"""

from attention.figures.drawing import Arrow, Frame, Part, Room, draw
from attention.figures.drawing_parts import Point
from attention.figures.meaning import VALUE
from attention.figures.plots import Picture

ENCODER = ("encoder-embedding", "encoder-attention", "encoder-network")
DECODER = (
    "decoder-embedding",
    "decoder-attention",
    "cross-attention",
    "decoder-network",
    "output",
)
DECODER_SIDE = (*DECODER, "target")
LIT_BY: dict[str, tuple[str, ...]] = {
    **{key: (key,) for key in (*ENCODER, *DECODER)},
    "encoder": ENCODER,
    "decoder": DECODER,
    "decoder-alone": tuple(key for key in DECODER if key != "cross-attention"),
    "embeddings": ("encoder-embedding", "decoder-embedding"),
    "positions": ("encoder-embedding", "decoder-embedding"),
    "self-attention": ("encoder-attention", "decoder-attention"),
    "attention": ("encoder-attention", "decoder-attention", "cross-attention"),
    "networks": ("encoder-network", "decoder-network"),
}
NAMES = {
    "decoder-alone": "decoder without cross-attention",
    **{
        f"{side}-{part}": f"{side}’s {long}"
        for side in ("encoder", "decoder")
        for part, long in (
            ("embedding", "embedding"),
            ("attention", "self-attention"),
            ("network", "feed-forward network"),
        )
    },
}
LEVELS = {  # what stands in a room; | is where a narrow one breaks; its height
    "source": ("the words| to translate", 274),
    "encoder-embedding": ("embedding| + position", 220),
    "encoder-attention": ("self-attention", 154),
    "encoder-network": ("feed-forward| network", 100),
    "target": ("the words| written so far", 274),
    "decoder-embedding": ("embedding| + position", 220),
    "decoder-attention": ("masked| self-attention", 154),
    "cross-attention": ("cross-attention", 100),
    "decoder-network": ("feed-forward| network", 46),
    "output": ("next word:| a score for each", -22),
}
FLOWS = (  # from where, to where, the shape of what flows
    ("source", "encoder-embedding", "n"),
    ("encoder-embedding", "encoder-attention", "n×d"),
    ("encoder-attention", "encoder-network", "n×d"),
    ("target", "decoder-embedding", "m"),
    ("decoder-embedding", "decoder-attention", "m×d"),
    ("decoder-attention", "cross-attention", "m×d"),
    ("cross-attention", "decoder-network", "m×d"),
    ("decoder-network", "output", "m×d"),
)
ALT = (
    "The Transformer as boxes. Left the encoder, from the bottom up: the words to "
    "translate, embedding + position, self-attention, feed-forward. Right the decoder: "
    "what is written so far, embedding + position, masked self-attention, "
    "cross-attention, to which an arrow leads from the encoder, feed-forward, a "
    "score for each next word. Marked: {}; the rest is grey."
)


def you_are_here(*places: str, title: str = "") -> Picture:
    """Draw the Transformer with some parts lit and the others grey.

    Args:
        places: what is lit: a part (`encoder-embedding`, `encoder-attention`,
            `encoder-network`, `decoder-embedding`, `decoder-attention`,
            `cross-attention`, `decoder-network`, `output`) or parts that belong
            together (`encoder`, `decoder`, `decoder-alone`, which has no
            cross-attention, `embeddings` or `positions`, `self-attention`,
            `attention`, `networks`).
        title: the finding; by default "You are here" and the names.

    Raises:
        ValueError: if there is no such part, or none is given.

    """
    lost = [place for place in places if place not in LIT_BY]
    if lost or not places:
        raise ValueError(f"expected some of {', '.join(LIT_BY)}; got {places}")
    lit = [key for place in places for key in LIT_BY[place]]
    names = ", ".join(NAMES.get(place, place) for place in places)
    return draw(
        _machine((130, 550), 236, wide=True),
        narrow=_machine((72, 256), 140, wide=False),
        here=lit,
        title=title or f"You are here: {names}",
        alt=ALT.format(names),
    )


def _machine(middles: Point, width: float, wide: bool) -> list[Part]:
    """Return the parts of both stacks, around these middles."""
    rooms = [
        _room_of(key, (middles[key in DECODER_SIDE], y), text, (width, 36), wide)
        for key, (text, y) in LEVELS.items()
    ]
    bridge = "keys and values, n×d" if wide else ""
    return [
        *rooms,
        *(Arrow(*flow) for flow in FLOWS),
        Arrow("encoder-network", "cross-attention", bridge, VALUE),
        Frame("encoder", ENCODER[1:]),
        Frame("decoder", DECODER[1:-1]),
    ]


def _room_of(key: str, at: Point, text: str, size: Point, wide: bool) -> Room:
    """Return a room whose text stands on one line, or on two."""
    first, _, second = text.partition("|")
    names = (first + second, "") if wide else (first, second.strip())
    return Room(key, at, *names, size=size)
