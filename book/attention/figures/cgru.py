"""A picture of the Neural GPU's step, the CGRU: two gates, a candidate, a mix."""

from typing import Literal

from attention.figures.drawing import Arrow, Part, Room, draw
from attention.figures.drawing_parts import Point
from attention.figures.plots import Picture

CGRU_SIZE = (24, 21)  # of the state: numbers at a place, places
CGRU_STATE = f"{CGRU_SIZE[0]}×{CGRU_SIZE[1]}"
CgruTurn = Literal["up", "across"]


def cgru_picture() -> Picture:
    """Draw how a state becomes the next one: two gates, a candidate, a mix."""
    wide: dict[str, Point] = {
        "s": (40, 120),
        "r": (175, 200),
        "rs": (310, 200),
        "c": (480, 200),
        "u": (310, 40),
        "next": (640, 120),
    }
    narrow: dict[str, Point] = {
        "s": (165, 30),
        "r": (75, 130),
        "rs": (75, 215),
        "c": (75, 300),
        "u": (255, 215),
        "next": (165, 395),
    }
    return draw(
        _cgru(wide, sideways=True),
        narrow=_cgru(narrow, sideways=False),
        title="Two convolutions in a row: a step sees two places to each side",
        alt="The state goes to three places: to the update gate; to the reset gate, "
        "a convolution; and to a product with the reset gate. The product goes "
        "through another convolution, the candidate. Gate, candidate and old state "
        "are mixed to the next state. All have 24 numbers at 21 places.",
    )


def _cgru(at: dict[str, Point], sideways: bool) -> list[Part]:
    """Return rooms at their places and the arrows between them."""
    turn: CgruTurn = "up" if sideways else "across"
    return [
        Room("s", at["s"], "state s", "", None, (76, 34)),
        Room("r", at["r"], "reset r", "σ(U″ * s + B″)"),
        Room("rs", at["rs"], "r ⊙ s"),
        Room("c", at["c"], "candidate c", "tanh(U * (r ⊙ s) + B)"),
        Room("u", at["u"], "update u", "σ(U′ * s + B′)"),
        Room("next", at["next"], "next state", "u ⊙ s + (1−u) ⊙ c"),
        Arrow("s", "r", CGRU_STATE, turn=turn),
        Arrow("r", "rs", CGRU_STATE),
        Arrow("rs", "c", CGRU_STATE),
        Arrow("s", "u", CGRU_STATE, turn=turn),
        Arrow("u", "next", CGRU_STATE, turn="across" if sideways else "up"),
        Arrow("c", "next", CGRU_STATE, turn="across" if sideways else "up"),
        Arrow("s", "next", CGRU_STATE if sideways else ""),
        Arrow("s", "rs", "", via=_way_round(at, sideways)),
    ]


def _way_round(at: dict[str, Point], sideways: bool) -> list[Point]:
    """Return the corners of the way from the state to the product."""
    if sideways:
        return [(at["rs"][0], at["s"][1])]
    return [(at["s"][0], at["rs"][1])]
