"""matplotlib's SVG file becomes a part of a page: its ink, its width, own ids."""

import base64
import hashlib
import html
import io
import re

from matplotlib.image import imread, imsave

from attention.figures.meaning import MEANINGS

INK = "#808182"  # stands for the page's text colour until a figure is shown

TONES = {part.color: part.css for part in MEANINGS}
PLACES = re.compile(r' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
PNG = re.compile(r"data:image/png;base64,([^\"]+)")
PHOTO = 12_000  # letters; a picture that takes more is no map of cells
FAR = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")  # a number with decimals

SWITCH = (  # which of two drawings is seen
    "<style>.picture>svg+svg{display:none!important}@media(max-width:600px){"
    ".picture>svg:has(+svg){display:none!important}"
    ".picture>svg+svg{display:block!important}}</style>"
)
NO_FORMULAS = "tex2jax_ignore mathjax_ignore"  # classes, for MathJax 2 and 3


class Picture:
    """A finished figure: an SVG that a notebook shows inline, and one for a phone."""

    def __init__(self, svg: str, narrow: str = "") -> None:
        """Keep the SVG's text, and that of a narrow one if there is one."""
        self.svg = svg
        self.narrow = narrow

    def _repr_html_(self) -> str:
        # Jupyter would set formulas between two $ of a figure's texts.
        both = f"{SWITCH}{self.svg}{self.narrow}" if self.narrow else self.svg
        return f'<div class="picture {NO_FORMULAS}">{both}</div>'

    def __repr__(self) -> str:
        """Name the figure by its alternative text."""
        label = re.search(r'aria-label="([^"]*)"', self.svg)
        return f"Picture: {html.unescape(label.group(1)) if label else ''}"


def move_into_page(svg: str, alt: str) -> str:
    """Make matplotlib's SVG file a part of a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.S)  # it would rule the page
    svg = _shrink(svg)
    prefix = "f" + hashlib.sha256((alt + svg).encode()).hexdigest()[:8]
    # in tags alone: a token may look like an id or like the ink
    svg = re.sub("<[^>]*>", lambda tag: _change_tag(tag[0], prefix), svg)
    points = re.findall(r'width="([\d.]+)pt"', svg)[0]
    width = float(points) * 4 / 3
    head = (
        f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" '
        f'style="width:100%;max-width:{width:.0f}px;height:auto" '
        'font-family="sans-serif" stroke-linejoin="round" stroke-linecap="butt" '
    )
    svg = re.sub(
        r'^<svg ([^>]*?)width="[^"]*" height="[^"]*"', r"<svg \1", svg, count=1
    )
    return svg.replace("<svg ", head, 1)


def _shrink(svg: str) -> str:
    """Leave out what nobody sees: comments, blanks, unused ids, far decimals."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(PNG, _shrink_photo, svg)
    svg = re.sub("<[^>]*>", lambda tag: _shrink_tag(tag[0], used), svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r'<path d="[^"]*" style="fill: none"/>', "", svg)  # draws nothing
    empty = 1
    while empty:
        svg, empty = re.subn(r"<g/>|<g></g>|<defs></defs>", "", svg)
    return svg


def _shrink_tag(tag: str, used: set[str]) -> str:
    """Round a tag's places to tenths of a point, and drop an id that nobody uses."""
    tag = re.sub(r' id="([^"]+)"', lambda name: name[0] if name[1] in used else "", tag)
    tag = re.sub(r" font-family: [^;]*;|\brotate\(-0 [^)]*\)", "", tag)
    tag = re.sub(PLACES, lambda part: re.sub(FAR, _round, part[0]), tag)
    return re.sub(r"\s+", " ", tag)


def _shrink_photo(uri: re.Match[str]) -> str:
    """Write a picture of many kilobytes as WebP, which loses what nobody sees."""
    if len(uri[0]) < PHOTO:
        return uri[0]
    pixels = imread(io.BytesIO(base64.b64decode(uri[1])), format="png")
    buffer = io.BytesIO()
    imsave(buffer, pixels, format="webp", pil_kwargs={"quality": 82, "method": 6})
    text = base64.b64encode(buffer.getvalue()).decode()
    return min(uri[0], f"data:image/webp;base64,{text}", key=len)


def _round(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 1) + 0.0:g}"


def _change_tag(tag: str, prefix: str) -> str:
    """Give a tag the page's ink, and ids that no other figure has."""
    tag = tag.replace(INK, "currentColor")
    if tag.startswith("<text"):  # letters need the page's own, darker or lighter, tone
        tag = re.sub("#[0-9a-f]{6}", lambda tone: TONES.get(tone[0], tone[0]), tag)
    tag = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', tag)
    tag = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", tag)
    return re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', tag)
