"""A picture under a spotlight: a slider says where the light falls."""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np

from attention.figures.interactive_parts import SLIDER_STYLE
from attention.figures.live_figure import Interactive, compose, figure_id, safe

DARKEST = 0.8  # how much of the picture the shade hides where nothing is attended
SPOTLIGHT_SCRIPT = """
(() => {
  const box = document.getElementById('ID'), data = DATA;
  const shade = box.querySelector('.shade'), gaze = box.querySelector('.gaze');
  const input = box.querySelector('input'), says = box.querySelector('[role=status]');
  const draw = () => {
    const at = Number(input.value);
    shade.setAttribute('href', data.shades[at]);
    gaze.setAttribute('cx', data.gaze[at][0]);
    gaze.setAttribute('cy', data.gaze[at][1]);
    says.textContent = data.sentences[at];
    input.setAttribute('aria-valuetext', data.positions[at]);
  };
  input.addEventListener('input', draw);
  draw();
})();
"""


def spotlight_figure(
    picture: np.ndarray,
    weights: np.ndarray,
    positions: Sequence[str],
    *,
    alt: str,
    title: str,
    label: str,
    sentences: Sequence[str],
    start: int = 0,
) -> Interactive:
    """Let readers move a slider and see which parts of a picture are attended to.

    Args:
        picture: (..., ..., 3), from 0 to 1, of any resolution.
        weights: (positions, H, W), not negative, with H and W even; the largest of
            each is fully lit.
        positions: what each position of the slider is called.
        alt: what the figure shows.
        title: the finding.
        label: what the slider sets.
        sentences: what there is to see at each position.
        start: the first position.

    Raises:
        ValueError: if the shapes disagree or alt is empty.

    """
    n, height, width = weights.shape
    if not n == len(positions) == len(sentences) or height % 2 or width % 2:
        raise ValueError(
            "weights must be (positions, H, W), H and W even, with a sentence a "
            f"position: got {weights.shape}, {len(positions)} positions and "
            f"{len(sentences)} sentences"
        )
    lit = weights.reshape(n, height // 2, 2, width // 2, 2).max((2, 4))
    lit = lit / lit.max((1, 2), keepdims=True)
    peaks = [np.unravel_index(w.argmax(), w.shape) for w in weights]
    gaze = [[int(column), int(row)] for row, column in peaks]
    shades = [_shade(part) for part in lit]
    data = {
        "shades": shades,
        "gaze": gaze,
        "positions": list(positions),
        "sentences": list(sentences),
    }
    whole = f'width="{width}" height="{height}" preserveAspectRatio="none"'
    column, row = gaze[start]
    body = (
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<image {whole} href="{png((picture * 255).round().astype(np.uint8))}"/>'
        f'<image class="shade" {whole} href="{shades[start]}"/>'
        f'<circle class="gaze" r="3" cx="{column}" cy="{row}" fill="none" '
        'stroke="white" stroke-width="1"/></svg>'
        f'<label>{safe(label)} <input type="range" min="0" '
        f'max="{len(positions) - 1}" step="1" value="{start}"></label>'
    )
    name = figure_id(data, alt, title, label, str(start))
    said, script = sentences[start], SPOTLIGHT_SCRIPT
    return compose(name, title, body, said, SLIDER_STYLE, script, data, alt)


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
