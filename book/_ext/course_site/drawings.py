"""Drawings in a page in few letters: the same lines, colours and texts in half as many.

matplotlib writes each line's look beside the line, wraps all in groups that say
nothing, and names what it draws twice with twenty letters. On a page the looks are
classes, groups that say nothing are gone, names are short, and what repeats (marks,
the lines of a grid) is one path.
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

DRAWING = re.compile(r"<svg\b.*?</svg>", re.S)
PLOTTED = 'stroke-linejoin="round" stroke-linecap="butt"'  # in each of matplotlib's
PLACES = re.compile(r'(?<= )(?:d|x|y|points|transform)="[^"]*"')
LONG_NAME = re.compile(r"(?<=#)f[0-9a-f]{8}-[\w-]+|^f[0-9a-f]{8}-[\w-]+")
NAMESPACES = re.compile(r'\sxmlns(?::\w+)?="[^"]*"|(?<=\s)xlink:(?=href=)')
STRAIGHT = re.compile(r"\s*M[^A-Za-z]*L[^A-Za-z]*")
WHOLE = {"overflow": "visible", "markerUnits": "userSpaceOnUse"}
FIRST_PICTURE = '<div class="picture'


class Drawings:
    """The drawings of one page: which looks and names they share."""

    def __init__(self) -> None:
        self.looks: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.thin: set[str] = set()  # looks of lines that are grids
        self.marks: set[str] = set()

    def lighten(self, html: str) -> str:
        """Return the page's text with its drawings in fewer letters."""
        html = DRAWING.sub(lambda found: self._lighten(found[0]), html)
        rules = "".join(
            f".picture .{name}{{{look}}}" for look, name in self.looks.items()
        )
        sheet = f"<style>{rules}</style>{FIRST_PICTURE}" if rules else FIRST_PICTURE
        return html.replace(FIRST_PICTURE, sheet, 1)

    def _lighten(self, svg: str) -> str:
        if PLOTTED in svg:
            try:
                root = ElementTree.fromstring(NAMESPACES.sub("", svg))
            except ParseError:  # HTML's own names of letters, say
                return thin_drawing(svg)
            root.attrib.pop("version", None)  # of SVG; a page asks for none
            root[:] = unwrap(root)
            for part in root.iter():
                self._rename(part, part is root)
            for part in [*root.iter()]:
                part[:] = self._join(part)
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
            name = self.looks.setdefault(look, f"p{len(self.looks)}")
            part.set("class", name)
            if "stroke-opacity" in look:
                self.thin.add(name)

    def _join(self, part: Element) -> list[Element]:
        """Return what is in a part; what repeats is one path, where the first was."""
        alike: dict[tuple[str, ...], list[Element]] = {}
        for child in part:
            alike.setdefault(self._describe(child), []).append(child)
        inside: list[Element] = []
        for (tag, *look), these in alike.items():
            if tag == "path":
                these[0].set("d", "".join(line.attrib["d"] for line in these))
                inside.append(these[0])
            elif tag == "use" and len(these) > 2:
                inside += self._repeat(look[0], look[1], these)
            else:
                inside += these
        return inside

    def _describe(self, part: Element) -> tuple[str, ...]:
        """Return what a thin line or a mark shares with others; all else is alone."""
        look = part.get("class", "")
        if part.tag == "use" and part.attrib.keys() == {"href", "x", "y", "class"}:
            return "use", part.attrib["href"], look
        if look in self.thin and STRAIGHT.fullmatch(part.get("d", "")):
            return "path", part.get("clip-path", ""), look
        return "", str(id(part))

    def _repeat(self, link: str, look: str, marks: list[Element]) -> list[Element]:
        """Return a path with a mark at each corner, and the mark, once a page."""
        name = self._short(f"mark {link} {look}")
        corners = "L".join(f"{mark.get('x')} {mark.get('y')}" for mark in marks)
        style = f"fill:none;marker:url(#{name})"
        made = [Element("path", {"d": f"M{corners}", "style": style})]
        if name not in self.marks:
            self.marks.add(name)
            once = Element("marker", {"id": name, **WHOLE})
            once.append(Element("use", {"href": link, "class": look}))
            made.insert(0, once)
        return made

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

    svg = re.sub(r">\s*\n\s*<", "><", svg).replace(" />", "/>")
    return PLACES.sub(shorten, svg)
