"""matplotlib's SVG file becomes a part of a page: its ink, its width, own ids."""

import hashlib
import html
import re

INK = "#808182"  # stands for the page's text colour until a figure is shown


def move_into_page(svg: str, alt: str) -> str:
    """Make matplotlib's SVG file a part of a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.S)  # it would rule the page
    prefix = "f" + hashlib.sha256((alt + svg).encode()).hexdigest()[:8]
    # in tags alone: a token may look like an id or like the ink
    svg = re.sub("<[^>]*>", lambda tag: _change_tag(tag[0], prefix), svg)
    points = re.findall(r'width="([\d.]+)pt"', svg)[0]
    width = float(points) * 4 / 3
    head = (
        f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" '
        f'style="width:100%;max-width:{width:.0f}px;height:auto" '
        'stroke-linejoin="round" stroke-linecap="butt" '
    )
    svg = re.sub(
        r'^<svg ([^>]*?)width="[^"]*" height="[^"]*"', r"<svg \1", svg, count=1
    )
    return svg.replace("<svg ", head, 1)


def _change_tag(tag: str, prefix: str) -> str:
    """Give a tag the page's ink, and ids that no other figure has."""
    tag = tag.replace(INK, "currentColor")
    tag = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', tag)
    tag = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", tag)
    return re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', tag)
