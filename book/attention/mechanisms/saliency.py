"""What stands out of a picture by itself (after Itti, Koch and Niebur 1998)."""

import numpy as np

SCALES = ((1, 6), (2, 12), (3, 20))  # radii of centre and surround, in pixels


def window_mean(channel: np.ndarray, radius: int) -> np.ndarray:
    """Average a channel, (H, W), over the square up to `radius` pixels to each side.

    At the border the square is cut off: only pixels that exist are averaged.
    """
    for axis in (0, 1):
        n = channel.shape[axis]
        sums = np.insert(np.cumsum(channel, axis), 0, 0, axis)
        first = np.maximum(np.arange(n) - radius, 0)
        end = np.minimum(np.arange(n) + radius + 1, n)
        counts = np.expand_dims(end - first, 1 - axis)
        channel = (np.take(sums, end, axis) - np.take(sums, first, axis)) / counts
    return channel


def center_surround(image: np.ndarray, center: int, surround: int) -> np.ndarray:
    """Return how much each small window of one channel, (H, W), differs from a large.

    Both are squares around the same pixel, `center` and `surround` pixels to each
    side. Raise ValueError unless 0 <= center < surround and there are two axes.
    """
    if image.ndim != 2 or not 0 <= center < surround:
        raise ValueError(
            "expected (H, W) and 0 <= center < surround, "
            f"got {image.shape}, {center} and {surround}"
        )
    return np.abs(window_mean(image, center) - window_mean(image, surround))


def color_channels(image: np.ndarray) -> np.ndarray:
    """Return light, red-green and blue-yellow, (3, H, W), of a picture.

    The picture is (H, W, 3). Grey is 0 in both colours.
    """
    red, green, blue = np.moveaxis(image, -1, 0)
    light, yellow = (red + green + blue) / 3, (red + green) / 2
    return np.stack([light, red - green, blue - yellow])


def promote(found: np.ndarray, cell: int = 12) -> np.ndarray:
    """Scale a map, (H, W), to a largest value of 1; weaken it by other peaks.

    It is multiplied by (1 - the mean of the others) squared, a peak being the
    largest value of a tile of `cell` pixels. A flat map becomes 0.
    """
    if found.max() == 0:
        return np.zeros_like(found)
    found = found / found.max()
    peaks = [
        found[row : row + cell, column : column + cell].max()
        for row in range(0, found.shape[0], cell)
        for column in range(0, found.shape[1], cell)
    ]
    others = np.sort(peaks)[:-1]
    return found * (1 - (others.mean() if len(others) else 0)) ** 2


def saliency_map(image: np.ndarray) -> np.ndarray:
    """Return how much each place of a picture, (H, W, 3), stands out, from 0 to 1."""
    total = np.zeros(image.shape[:2])
    for channel in color_channels(image):
        maps = [promote(center_surround(channel, c, s)) for c, s in SCALES]
        total += promote(np.sum(maps, 0))
    return total / max(total.max(), 1e-12)
