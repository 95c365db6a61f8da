"""Which pictures are shown, and the one in the place of one that did not come."""

from __future__ import annotations

import base64

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
