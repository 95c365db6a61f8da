"""A desk, drawn by arithmetic: papers, a book, a pencil and one red cup."""

import numpy as np

Coordinates = tuple[np.ndarray, np.ndarray]

SIZE = (96, 144)  # rows, columns
FINER = 3  # each pixel is the mean of 3 x 3 points, so that edges are smooth
PAPERS = ((26, 30, -12), (60, 24, 8), (30, 66, 6), (78, 58, -6), (54, 122, 14))
PLACES = {  # row, column, half the height, half the width
    "cup": (50, 91, 10, 12),
    "book": (22, 108, 15, 12),
    "pencil": (80, 96, 4, 17),
    **{f"paper {i}": (*at, 17, 13) for i, (*at, _) in enumerate(PAPERS, 1)},
}


def draw_desk(detail: int = 1) -> np.ndarray:
    """Return the picture of a desk, (96, 144, 3), red, green and blue from 0 to 1.

    With more `detail` it has so many times the rows and columns.
    """
    points = FINER * detail
    rows, columns = (np.arange(n * points) / points for n in SIZE)
    y, x = rows[:, None], columns[None, :]
    image = np.empty((len(rows), len(columns), 3))
    grain = 0.02 * np.sin(y / 3 + 0.4 * np.sin(x / 14))
    image[:] = np.array([0.60, 0.55, 0.49]) + grain[..., None]
    for row, column, angle in PAPERS:
        _paper(image, y - row, x - column, angle)
    _book(image, *_turned(y - 22, x - 108, 8))
    _pencil(image, *_turned(y - 80, x - 96, 10))
    _cup(image, y - 50, x - 91)
    height, width = SIZE[0] * detail, SIZE[1] * detail
    small = image.reshape(height, FINER, width, FINER, 3).mean((1, 3))
    return np.clip(small, 0, 1)


def _turned(y: np.ndarray, x: np.ndarray, degrees: float) -> Coordinates:
    """Return coordinates along the sides of a thing that is turned."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return cos * y - sin * x, sin * y + cos * x


def _box(y: np.ndarray, x: np.ndarray, height: float, width: float) -> np.ndarray:
    return (np.abs(y) < height) & (np.abs(x) < width)


def _paper(image: np.ndarray, y: np.ndarray, x: np.ndarray, angle: float) -> None:
    image[_box(*_turned(y - 1.2, x - 1.2, angle), 14, 10)] *= 0.82  # shadow
    v, u = _turned(y, x, angle)
    image[_box(v, u, 14, 10)] = (0.93, 0.93, 0.92)
    lines = (np.mod(v + 12, 3) < 0.8) & _box(v, u - np.sin(v), 11.5, 7)
    image[lines] = (0.62, 0.62, 0.63)


def _book(image: np.ndarray, v: np.ndarray, u: np.ndarray) -> None:
    image[_box(v - 1.5, u - 1.5, 13, 10)] *= 0.75
    image[_box(v, u, 13, 10)] = (0.42, 0.53, 0.50)
    image[_box(v, u + 8.4, 13, 1.0)] = (0.33, 0.43, 0.41)
    image[_box(v + 5, u - 1, 2.6, 6)] = (0.72, 0.74, 0.66)


def _pencil(image: np.ndarray, v: np.ndarray, u: np.ndarray) -> None:
    image[_box(v, u, 1.3, 15)] = (0.36, 0.34, 0.33)
    image[_box(v, u - 15.5, 0.7, 1.5)] = (0.85, 0.78, 0.66)


def _cup(image: np.ndarray, y: np.ndarray, x: np.ndarray) -> None:
    radius = np.hypot(y, x)
    image[np.hypot(y - 1.6, x - 1.6) < 8] *= 0.75
    handle = np.hypot(y + 4.5, x - 8)
    image[(handle < 3.6) & (handle > 1.9)] = (0.78, 0.16, 0.14)
    image[radius < 8] = (0.84, 0.18, 0.15)
    image[radius < 6.2] = (0.62, 0.10, 0.09)
    image[radius < 5.4] = (0.24, 0.14, 0.09)  # coffee
