"""Which pictures are shown, how they are found, and the one in place of a lost one."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

# In an <img> a browser runs no script of an SVG either, and loads nothing for it.
PICTURE_KINDS = {
    f"image/{name}" for name in ("png", "jpeg", "gif", "webp", "bmp", "svg+xml")
}
DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="420" height="32">'
    '<rect width="100%" height="100%" fill="#eee" stroke="#999"/>'
    '<text x="10" y="21" font-family="sans-serif" font-size="14" fill="#333">'
    "This picture did not come with the notebook.</text></svg>"
)
MISSING_PICTURE = {"image/svg+xml": base64.b64encode(DRAWN.encode()).decode()}


def find_alike(name: str, held: Mapping[str, Any]) -> Any:
    """Return the picture of a name, in whatever spelling its text or its cell has it.

    Jupyter's older editor writes `a%20b.png` in both, the newer in the text alone.
    """
    for spelled in (name, unquote(name)):
        for form in (spelled, normalize("NFC", spelled), normalize("NFD", spelled)):
            if found := held.get(form):
                return found
    return None
