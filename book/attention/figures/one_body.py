"""A picture of one body between two entrances and two exits."""

from typing import Literal

from attention.figures.drawing import Arrow, Frame, Part, Room, draw
from attention.figures.drawing_parts import Point
from attention.figures.meaning import WEIGHT
from attention.figures.plots import Picture

PATCHES, WORDS_READ, BODY_WIDTH, EXPERTS = 16, 24, 48, 4


def multi_model_picture() -> Picture:
    """Draw one body between two entrances and two exits."""
    wide: dict[str, Point] = {
        "image": (65, 50),
        "text": (65, 210),
        "conv": (225, 130),
        "attend": (370, 130),
        **{f"e{i}": (485, 55 + 50 * i) for i in range(EXPERTS)},
        "sum": (585, 130),
        "digit": (700, 50),
        "kind": (700, 210),
    }
    narrow: dict[str, Point] = {
        "image": (80, -20),
        "text": (250, -20),
        "conv": (165, 145),
        "attend": (165, 220),
        **{f"e{i}": (54 + 74 * i, 300) for i in range(EXPERTS)},
        "sum": (165, 375),
        "digit": (80, 460),
        "kind": (250, 460),
    }
    return draw(
        _multi_model(wide, sideways=True),
        narrow=_multi_model(narrow, sideways=False),
        title="Two entrances, two exits, one body between them",
        alt="Patches of a digit and words of a review each go through an entrance of "
        "their own and become vectors of width 48. Both go through the same body, "
        "twice: convolution, self-attention, and two of four experts, whose answers "
        "are weighted and added. Each leaves by an exit of its own, to ten digits or "
        "to kind and unkind.",
    )


def _multi_model(at: dict[str, Point], sideways: bool) -> list[Part]:
    """Return rooms at their places and the arrows between them."""
    within: Literal["across", "up"] = "across" if sideways else "up"
    out: Literal["across", "up"] = "up" if sideways else "across"
    asked = (0, 2)
    body = [
        Room("conv", at["conv"], "convolution", "each channel"),
        Room("attend", at["attend"], "self-attention", "3 heads"),
        *(_expert(i, at[f"e{i}"], i in asked) for i in range(EXPERTS)),
        Room("sum", at["sum"], "Σ α·E"),
    ]
    return [
        Room("image", at["image"], "8×8 pixels", "16 patches of 4"),
        Room("text", at["text"], "a review", "24 words"),
        *body,
        Frame("the body, twice", [room.key for room in body]),
        Room("digit", at["digit"], "a digit"),
        Room("kind", at["kind"], "kind or not"),
        Arrow("image", "conv", f"{PATCHES}×{BODY_WIDTH}", turn=within),
        Arrow("text", "conv", f"{WORDS_READ}×{BODY_WIDTH}", turn=within),
        Arrow("conv", "attend", ""),
        *(Arrow("attend", f"e{i}", "", WEIGHT) for i in asked),
        *(Arrow(f"e{i}", "sum", "", WEIGHT) for i in asked),
        Arrow("sum", "digit", "10", turn=out),
        Arrow("sum", "kind", "2", turn=out),
    ]


def _expert(i: int, at: Point, asked: bool) -> Room:
    return Room(f"e{i}", at, f"E{i + 1}", "", WEIGHT if asked else None, (64, 34))
