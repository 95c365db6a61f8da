"""A drawn picture as a case of switches: what networks say in each of its states."""

from collections.abc import Sequence

import numpy as np
from torch import nn

from attention.figures.switches import Case, answer_states
from attention.mechanisms.superpixels import hide_superpixels
from attention.models.snow import wolf_probability

BRIGHT = 0.85  # snow is brighter, sky and grass are not


def name_superpixels(
    image: np.ndarray, animal: np.ndarray, parts: np.ndarray
) -> list[str]:
    """Name each superpixel by what it shows, with a number where there are several.

    Args:
        image: (h, w, 3).
        animal: booleans, (h, w).
        parts: the number of each pixel's superpixel, (h, w).

    """
    kinds = []
    for i in range(parts.max() + 1):
        mine = parts == i
        ground = "snow" if image[mine].mean() > BRIGHT else "sky"
        kinds.append("animal" if animal[mine].mean() > 0.5 else ground)
    return [
        kind if kinds.count(kind) == 1 else f"{kind} {kinds[: i + 1].count(kind)}"
        for i, kind in enumerate(kinds)
    ]


def snow_case(
    name: str,
    picture: tuple[np.ndarray, np.ndarray],
    parts: np.ndarray,
    models: Sequence[nn.Module],
    weights: np.ndarray,
    off: Sequence[str] = (),
) -> Case:
    """Ask networks about a picture in all states of its superpixels.

    Args:
        name: of the picture.
        picture: the picture (h, w, 3), and where its animal is (h, w).
        parts: the number of each pixel's superpixel, (h, w).
        models: give p(wolf).
        weights: what an explanation says, (models, superpixels).
        off: names of superpixels that are hidden at first.

    """
    image, animal = picture
    names = name_superpixels(image, animal, parts)
    answers = [
        answer_states(
            len(names),
            lambda kept, model=model: wolf_probability(
                model, hide_superpixels(image, parts, kept)
            ),
        )
        for model in models
    ]
    return Case(
        name=name,
        parts=names,
        answers=np.stack(answers),
        weights=weights,
        off=[i for i, part in enumerate(names) if part in off],
        image=image,
        where=parts,
    )
