"""Drawings in a page in few letters: the same lines, colours and texts in half as many.

matplotlib writes each line's look beside the line, wraps all in groups that say
nothing, and names what it draws twice with twenty letters. On a page the looks are
classes, groups that say nothing are gone, and names are short.
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

DRAWING = re.compile(r"<svg\b.*?</svg>", re.S)
PLOTTED = 'stroke-linejoin="round" stroke-linecap="butt"'  # in each of matplotlib's
PLACES = re.compile(r'(?<= )(?:d|x|y|points|transform)="[^"]*"')
LONG_NAME = re.compile(r"(?<=#)f[0-9a-f]{8}-[\w-]+|^f[0-9a-f]{8}-[\w-]+")
NAMESPACES = re.compile(r'\sxmlns(?::\w+)?="[^"]*"|(?<=\s)xlink:(?=href=)')
SHOWN = '<div class="picture'


class Drawings:
    """The drawings of one page: which looks and names they share."""

    def __init__(self) -> None:
        self.looks: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def lighten(self, html: str) -> str:
        """Return the page's text with its drawings in fewer letters."""
        html = DRAWING.sub(lambda found: self._lighten(found[0]), html)
        rules = "".join(
            f".picture .{name}{{{look}}}" for look, name in self.looks.items()
        )
        sheet = f"<style>{rules}</style>{SHOWN}" if rules else SHOWN
        return html.replace(SHOWN, sheet, 1)

    def _lighten(self, svg: str) -> str:
        if PLOTTED in svg:
            try:
                root = ElementTree.fromstring(NAMESPACES.sub("", svg))
            except ParseError:  # HTML's own names of letters, say
                return thin_drawing(svg)
            root[:] = unwrap(root)
            for part in root.iter():
                self._rename(part, part is root)
            svg = ElementTree.tostring(root, encoding="unicode")
        return thin_drawing(svg)

    def _rename(self, part: Element, is_root: bool) -> None:
        """Give a part a class in place of its look, and a short name."""
        for key, value in part.attrib.items():
            short = LONG_NAME.sub(lambda name: self._short(name[0]), value)
            part.set(key, short)
        if part.get("transform") == "":
            del part.attrib["transform"]
        if "style" in part.attrib and "class" not in part.attrib and not is_root:
            look = re.sub(r"\s*([:;])\s*", r"\1", part.attrib.pop("style")).strip(";")
            part.set("class", self.looks.setdefault(look, f"p{len(self.looks)}"))

    def _short(self, name: str) -> str:
        return self.names.setdefault(name, f"p-{len(self.names)}")


def unwrap(part: Element) -> list[Element]:
    """Return what is in a part, without groups around it that say nothing."""
    inside: list[Element] = []
    for child in part:
        child[:] = unwrap(child)
        bare = child.tag == "g" and not child.attrib and not (child.text or "").strip()
        inside += list(child) if bare else [child]
    return inside


def thin_drawing(svg: str) -> str:
    """Write a drawing in fewer letters: places to a hundredth of a pixel, no indent.

    Numbers below 1 stay: a scale is one of them.
    """

    def shorten(found: re.Match[str]) -> str:
        text = re.sub(r"(\b[1-9]\d*\.\d\d)\d+", r"\1", found[0])
        return re.sub(r"\s*([A-Za-z])\s+", r"\1", text) if text[0] == "d" else text

    svg = re.sub(r">\s*\n\s*<", "><", svg)
    return PLACES.sub(shorten, svg)
