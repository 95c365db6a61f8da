"""Drawn wolves and huskies, on snow or on grass: Ribeiro et al. (2016), section 6.4."""

from typing import NamedTuple

import numpy as np

PIXELS = 32  # pixels
SKY, SNOW, GRASS = (0.55, 0.70, 0.85), (0.93, 0.94, 0.97), (0.30, 0.50, 0.20)
FUR, MUZZLE, MASK_OF_HUSKY = (0.42, 0.40, 0.38), (0.52, 0.47, 0.40), (0.80,) * 3
AMBER, BLUE, NOSE = (0.70, 0.55, 0.10), (0.20, 0.45, 0.90), (0.08,) * 3


class Pictures(NamedTuple):
    """Drawn animals."""

    images: np.ndarray  # (pictures, PIXELS, PIXELS, 3), 0 to 1
    wolf: np.ndarray  # 1 for a wolf, 0 for a husky
    snow: np.ndarray  # 1 for snow, 0 for grass
    animal: np.ndarray  # booleans, (pictures, PIXELS, PIXELS): where the animal is


def draw_animal(
    wolf: bool, snow: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one head; a wolf has a dark muzzle and amber eyes, a husky a white mask.

    Returns:
        The picture (PIXELS, PIXELS, 3), and where the animal is, (PIXELS, PIXELS).

    """
    y, x = np.mgrid[:PIXELS, :PIXELS]
    sky = np.array(SKY) + rng.normal(0, 0.04, 3)
    ground = np.array(SNOW if snow else GRASS) + rng.normal(0, 0.03, 3)
    horizon = rng.integers(9, 15)
    picture = np.where((y < horizon)[..., None], sky, ground)
    cx, cy, r = rng.uniform(10, 22), rng.uniform(15, 22), rng.uniform(5.5, 7.5)
    animal = _inside(x, y, (cx, cy), (r, 0.95 * r))
    for side in (-1, 1):
        narrow = np.abs(x - cx - side * 0.6 * r) < 0.35 * (y - cy + 1.55 * r)
        animal |= narrow & (y < cy - 0.3 * r) & (y > cy - 1.55 * r)
    picture[animal] = np.array(FUR) + rng.normal(0, 0.04)
    face = _inside(x, y, (cx, cy + 0.25 * r), (0.62 * r, 0.6 * r))
    picture[face] = MUZZLE if wolf else MASK_OF_HUSKY
    for side in (-1, 1):
        eye = _inside(x, y, (cx + side * 0.38 * r, cy - 0.2 * r), (1.26, 1.26))
        picture[eye] = AMBER if wolf else BLUE
    picture[_inside(x, y, (cx, cy + 0.55 * r), (1.48, 1.48))] = NOSE
    picture += rng.normal(0, 0.05, picture.shape)
    return picture.clip(0, 1), animal


def _inside(
    x: np.ndarray,
    y: np.ndarray,
    middle: tuple[float, float],
    radii: tuple[float, float],
) -> np.ndarray:
    """Return which pixels lie in an ellipse."""
    across, down = (x - middle[0]) / radii[0], (y - middle[1]) / radii[1]
    return across**2 + down**2 < 1


def draw_pictures(count: int, agree: float, rng: np.random.Generator) -> Pictures:
    """Draw pictures; in a share `agree` of them wolves are on snow, huskies on grass.

    In the others it is the other way round.
    """
    wolf = rng.integers(0, 2, count)
    snow = np.where(rng.random(count) < agree, wolf, 1 - wolf)
    drawn = [draw_animal(*kind, rng) for kind in zip(wolf > 0, snow > 0, strict=True)]
    images, animals = (np.stack(parts) for parts in zip(*drawn, strict=True))
    return Pictures(images, wolf, snow, animals)
