"""What figures with one slider share: its positions, their sentences, the labels."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from attention.figures.live_figure import (
    Interactive,
    compose,
    figure_id,
    range_input,
    safe,
)


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What stands around the drawing."""

    alt: str  # what the figure shows
    title: str  # the finding
    label: str  # what the slider sets


@dataclass(frozen=True)
class Stops:
    """The positions of the slider."""

    positions: Sequence[str]  # what each is called
    sentences: Sequence[str]  # what there is to see at each
    start: int  # the first


def compose_slider(
    drawing: str, places: dict[str, Any], stops: Stops, labels: Labels, script: str
) -> Interactive:
    """Put a slider below a drawing, and a script that reads `places` at its stops."""
    slider = range_input(len(stops.positions), stops.start)
    data = {
        **places,
        "positions": list(stops.positions),
        "sentences": list(stops.sentences),
    }
    return compose(
        figure_id(data, *astuple(labels), str(stops.start)),
        f"{drawing}<label hidden>{safe(labels.label)} {slider}</label>",
        stops.sentences[stops.start],
        ("slider.css", script),
        data,
        title=labels.title,
        alt=labels.alt,
    )
