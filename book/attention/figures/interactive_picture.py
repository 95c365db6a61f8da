"""A picture under a spotlight: a slider says where the light falls."""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np

from attention.figures.live_figure import Interactive
from attention.figures.slider import Labels, Stops, compose_slider

DARKEST = 0.8  # how much of the picture the shade hides where nothing is attended


def spotlight_figure(
    picture: np.ndarray,
    weights: np.ndarray,
    positions: Sequence[str],
    *,
    sentences: Sequence[str],
    start: int = 0,
    **labels: str,
) -> Interactive:
    """Let readers move a slider and see which parts of a picture are attended to.

    Args:
        picture: (..., ..., 3), from 0 to 1, of any resolution.
        weights: (positions, H, W), not negative, with H and W even; the largest of
            each is fully lit.
        positions: what each position of the slider is called.
        sentences: what there is to see at each position.
        start: the first position.
        labels: `alt`, `title` and `label`, see `Labels`.

    Raises:
        ValueError: if the shapes disagree or alt is empty.

    """
    _check_weights(weights, positions, sentences)
    gaze = [[int(column), int(row)] for row, column in map(_peak, weights)]
    shades = [_shade(part) for part in _light(weights)]
    drawing = _draw_scene(picture, weights.shape[1:], shades[start], gaze[start])
    places = {"shades": shades, "gaze": gaze}
    stops = Stops(positions, sentences, start)
    return compose_slider(drawing, places, stops, Labels(**labels), "spotlight.js")


def _check_weights(
    weights: np.ndarray, positions: Sequence[str], sentences: Sequence[str]
) -> None:
    """Raise ValueError unless each position has its even map and its sentence."""
    n, height, width = weights.shape
    if not n == len(positions) == len(sentences) or height % 2 or width % 2:
        raise ValueError(
            "weights must be (positions, H, W), H and W even, with a sentence a "
            f"position: got {weights.shape}, {len(positions)} positions and "
            f"{len(sentences)} sentences"
        )


def _light(weights: np.ndarray) -> np.ndarray:
    """Return how lit each tile of 2 x 2 is, from 0 to 1, in each map."""
    n, height, width = weights.shape
    lit = weights.reshape(n, height // 2, 2, width // 2, 2).max((2, 4))
    return lit / lit.max((1, 2), keepdims=True)


def _peak(weights: np.ndarray) -> tuple[np.intp, ...]:
    return np.unravel_index(weights.argmax(), weights.shape)


def _draw_scene(
    picture: np.ndarray, size: Sequence[int], shade: str, gaze: Sequence[int]
) -> str:
    """Draw the picture, the shade over it, and a ring where most light falls."""
    height, width = size
    whole = f'width="{width}" height="{height}" preserveAspectRatio="none"'
    return (
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<image {whole} href="{png((picture * 255).round().astype(np.uint8))}"/>'
        f'<image class="shade" {whole} href="{shade}"/>'
        f'<circle class="gaze" r="3" cx="{gaze[0]}" cy="{gaze[1]}" fill="none" '
        'stroke="white" stroke-width="1"/></svg>'
    )


def _shade(lit: np.ndarray) -> str:
    """Return a black picture, less opaque where there is light, (H, W), 0 to 1."""
    levels = np.round((1 - np.sqrt(lit)) * 24) / 24  # few levels make a small file
    alpha = (255 * DARKEST * levels).round().astype(np.uint8)
    return png(np.stack([np.zeros_like(alpha), alpha], -1))


def png(pixels: np.ndarray) -> str:
    """Return a data URI of pixels, (H, W, channels): grey, grey + alpha, RGB or RGBA.

    Raise ValueError unless they are bytes and have 1 to 4 channels.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or not 0 < pixels.shape[2] < 5:
        raise ValueError(
            f"expected (H, W, 1 to 4) uint8, got {pixels.shape} {pixels.dtype}"
        )
    height, width, channels = pixels.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))  # 0: no filter
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0),
        b"IDAT": zlib.compress(rows.tobytes(), 9),
        b"IEND": b"",
    }
    file = b"\x89PNG\r\n\x1a\n"
    for name, body in parts.items():
        check = struct.pack(">I", zlib.crc32(name + body))
        file += struct.pack(">I", len(body)) + name + body + check
    return "data:image/png;base64," + base64.b64encode(file).decode()
