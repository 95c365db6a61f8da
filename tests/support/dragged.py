"""Small figures to drag: one vector and attention, a window, two models' looks."""

import torch

from attention.figures.bottleneck import Route, Showing, show_bottleneck
from attention.figures.looks import Looked, Looker, compare_looks
from attention.figures.window import show_window

TEXT = "abcde"  # lengths 2 to 5
FRAME = Showing(
    title="Long strings are lost",
    alt="A string and what came out",
    start=4,
    trained=3,
    counted="Share copied",
)
VECTOR = Route(
    name="one vector",
    note="always 6 numbers",
    written=["ab", "abc", "bacd", "bae"],
    shares=[1, 0.9, 0.2, 0],
)
LOOKS = Route(
    name="attention",
    note="a state for each letter",
    written=["ab", "abc", "abcd", "abcde"],
    shares=[1, 1, 1, 0.5],
    weights=[torch.eye(n) for n in (2, 3, 4, 5)],
)


def bottleneck(*routes: Route, **changes) -> str:
    frame = Showing(**vars(FRAME) | changes)
    return show_bottleneck(TEXT, routes or (VECTOR, LOOKS), frame).html


SCORES = torch.tensor([0.3, -1.0, 2.0, 0.5, 0.0, 1.1, -0.7])
WORDS = "a b c d e f g".split()


def window(**changes) -> str:
    given = {"start": (2.4, 2), "title": "t", "alt": "a window over seven words"}
    return show_window(SCORES, WORDS, [1, 2, 3], **given | changes).html


def looks(**changes) -> str:
    everywhere = torch.tensor([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]])
    masked = torch.tensor([[1.0, 0, 0], [0, 0.5, 0.5]])
    lookers = [
        Looker(name="general", note="everywhere", weights=everywhere),
        Looker(name="local", note="a window", weights=masked),
    ]
    looked = Looked(
        written=["x", "-"],
        read=["p", "q", "r"],
        links=[range(1, 3), range(0, 0)],
        true_part="the answer",
    )
    given = {"title": "t", "alt": "two models look"}
    return compare_looks(changes.pop("lookers", lookers), looked, **given).html
