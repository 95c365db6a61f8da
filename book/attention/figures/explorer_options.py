"""What authors may choose of an attention explorer, and what they get by default."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike

TEMPERATURES = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10)


class Options(TypedDict, total=False):
    """The choices of `explore_attention`, all of them keyword arguments."""

    title: str  # the finding
    query_label: str  # what the queries are
    key_label: str  # what the keys are
    # A name for each mask to choose from, the first of them chosen first; broadcastable
    # to (queries, keys), True where a query may attend.
    masks: Mapping[str, ArrayLike] | None
    layers: Sequence[str]  # a name for each layer; numbers by default
    heads: Sequence[str]  # a name for each head; numbers by default
    layer_name: str  # what the menu of layers chooses: "sentence", say
    head_name: str  # what the menu of heads chooses: "model", say
    # The positions of the slider; an empty list leaves it out. It starts at 1, or at
    # the first where 1 is not among them.
    temperatures: Sequence[float] | None
    both_ways: bool  # choose a key too, and see which queries look at it
    start: int  # the query that is chosen first
    start_layer: int  # the layer that is chosen first, counted from 0
    start_head: int  # the head that is chosen first, counted from 0
    # The names of two heads, or of two layers, that are seen next to each other.
    beside: tuple[str, str] | None
    head_keys: Sequence[Sequence[str]]  # each head's own keys, two sentences' say
    map: bool | None  # draw all weights, small; by default from 4 queries and keys on


DEFAULTS = Options(
    title="",
    query_label="query",
    key_label="key",
    masks=None,
    layers=(),
    heads=(),
    layer_name="layer",
    head_name="head",
    temperatures=None,
    both_ways=True,
    start=0,
    start_layer=0,
    start_head=0,
    beside=None,
    head_keys=(),
    map=None,
)


class Pane(NamedTuple):
    """One list of weights: whose it is, and what it is called beside another."""

    layer: int
    head: int
    name: str


def fill_in(options: Options) -> Options:
    """Return all options, those that were not given by default.

    Raises:
        TypeError: if there is no such option.

    """
    unknown = options.keys() - DEFAULTS.keys()
    if unknown:
        raise TypeError(
            f"explore_attention() has no option {', '.join(sorted(unknown))}; it has "
            f"{', '.join(DEFAULTS)}"
        )
    return {**DEFAULTS, **options}


def choose_temperatures(options: Options, shares: bool) -> list[float]:
    """Return the slider's positions; weights that are mere shares have none."""
    given = options["temperatures"]
    chosen = ([] if shares else TEMPERATURES) if given is None else given
    if shares and (options["masks"] or chosen):
        raise ValueError(
            "weights that do not sum to 1 come from no softmax: they take neither "
            "masks nor temperatures"
        )
    if any(t <= 0 for t in chosen):
        raise ValueError(f"temperatures must be above 0, got {list(chosen)}")
    return list(chosen)


def find_start(options: Options, table: np.ndarray) -> dict[str, int]:
    """Return the layer, head and query to begin with, or say which is not there."""
    starts = {
        "start_layer": options["start_layer"],
        "start_head": options["start_head"],
        "start": options["start"],
    }
    for (what, first), size in zip(starts.items(), table.shape, strict=False):
        if not 0 <= first < size:
            raise ValueError(f"{what} must be 0 to {size - 1}, got {first}")
    return starts


def find_panes(options: Options) -> tuple[str, list[Pane]]:
    """Return what is compared, "head", "layer" or nothing, and the lists to draw."""
    layer, head = options["start_layer"], options["start_head"]
    names = options["beside"]
    if names is None:
        return "", [Pane(layer, head, "")]
    heads, layers = list(options["heads"]), list(options["layers"])
    if len(names) == 2 and set(names) <= set(heads):
        return "head", [Pane(layer, heads.index(name), name) for name in names]
    if len(names) == 2 and set(names) <= set(layers):
        return "layer", [Pane(layers.index(name), head, name) for name in names]
    raise ValueError(
        f"beside must name two of the heads {heads} or two of the layers {layers}, "
        f"got {names}"
    )


def check_keys(options: Options, heads: int, keys: int) -> list[list[str]]:
    """Return each head's own keys, if there are any; raise ValueError on others."""
    own = [list(names) for names in options["head_keys"]]
    if own and [len(names) for names in own] != [keys] * heads:
        raise ValueError(
            f"head_keys must be {keys} keys for each of {heads} heads, got "
            f"{[len(names) for names in own]}"
        )
    return own


def name_ways(options: Options) -> dict[str, list[str]]:
    """Return the headings for both directions, and what the switch calls them."""
    query, key = options["query_label"], options["key_label"]
    verb = key == "looks at"
    this = query if query.startswith("this ") else "it"
    return {
        "labels": [query, key],
        "turned": [query, "is looked at by"] if verb else [key, query],
        "ways": [f"where {this} looks", f"who looks at {this}"],
    }
