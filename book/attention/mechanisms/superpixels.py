"""Superpixels: parts of a picture that are alike and lie together."""

import numpy as np

from attention.shapes import check_shape

GREY = 0.5  # what a hidden superpixel is filled with


def find_superpixels(
    image: np.ndarray, per_side: int, weight: float = 0.6, rounds: int = 6
) -> np.ndarray:
    """Group pixels by k-means on colour and place: SLIC without its search window.

    Args:
        image: (h, w, 3), 0 to 1.
        per_side: there are at most per_side * per_side superpixels.
        weight: how much the place counts beside the colour.
        rounds: of k-means.

    Returns:
        The number of each pixel's superpixel, (h, w), from 0 on.

    Raises:
        ValueError: if the picture has another shape.

    """
    check_shape("image", image, "h", "w", 3)
    h, w, _ = image.shape
    y, x = np.mgrid[:h, :w]
    place = weight * per_side * np.stack([y / h, x / w], -1) / 2
    pixels = np.concatenate([image, place], -1).reshape(-1, 5)
    down, across = (
        ((np.arange(per_side) + 0.5) * n / per_side).astype(int) for n in (h, w)
    )
    middles = np.stack([pixels[i * w + j] for i in down for j in across])
    for _ in range(rounds):
        number = ((pixels[:, None] - middles) ** 2).sum(-1).argmin(1)
        for i in np.unique(number):
            middles[i] = pixels[number == i].mean(0)
    return np.unique(number, return_inverse=True)[1].reshape(h, w)


def hide_superpixels(
    image: np.ndarray,
    parts: np.ndarray,
    kept: np.ndarray,
    fill: float | np.ndarray = GREY,
) -> np.ndarray:
    """Return the picture once for each row of `kept`, hidden superpixels filled.

    Args:
        image: (h, w, 3).
        parts: the number of each pixel's superpixel, (h, w).
        kept: booleans, (samples, superpixels).
        fill: the brightness that hides, or a picture (h, w, 3) that does.

    Returns:
        (samples, h, w, 3).

    """
    check_shape("parts", parts, *image.shape[:2])
    return np.where(kept[:, parts][..., None], image, fill)
