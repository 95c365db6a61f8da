"""Which tags of a text are HTML: those that we allow, each opened and closed.

All else that looks like a tag is what a student wrote: a comparison, a type, a token.
A browser, or a cleaner, would take `<k and k>` out of "if q<k and k>0".
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from html import unescape

HTML_TAGS = set(
    "a abbr b big blockquote br caption center cite code dd del div dl dt em font h1 "
    "h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike "
    "strong sub sup table tbody td tfoot th thead tr tt u ul var".split()
)
TOKENS = {"s", "q"}  # a sentence's start and a query are not struck out and quoted
WRITTEN_TAGS = HTML_TAGS - TOKENS
ALONE = {"br", "hr", "img"}
OF_TABLE = ("caption", "tbody", "td", "tfoot", "th", "thead", "tr")
ENDED_BY = {"table": OF_TABLE, "ul": ("li",), "ol": ("li",), "dl": ("dt", "dd")}
BARE = {"compact", "download", "hidden", "ismap", "nowrap", "reversed"}
VALUE = r"\"[^\"]{0,9999}\"|'[^']{0,9999}'|[^\s\"'=<>`]{1,9999}"
ATTRIBUTE = re.compile(rf"\s+([a-zA-Z_:][\w.:-]*)(?:\s*=\s*({VALUE}))?")
TAG = re.compile(
    rf"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z_:][\w.:-]*(?:\s*=\s*(?:{VALUE}))?)*)"
    r"\s*/?>"
)


@dataclass(frozen=True)
class Tag:
    """A tag as it was typed, and what it says."""

    source: str
    name: str
    closes: bool
    attributes: tuple[tuple[str, str], ...]


def read_tag(found: re.Match[str]) -> Tag | None:
    """Return the tag that was found, None where it is one that we don't allow.

    What has a name without a value, as `<b and c>`, is a sentence, and `<img>` without
    a picture's address a token.
    """
    name, closes = found[2].lower(), bool(found[1])
    parts = [(key.lower(), value) for key, value in ATTRIBUTE.findall(found[3])]
    said = all(value or key in BARE for key, value in parts)
    if name not in WRITTEN_TAGS or not said or (closes and parts):
        return None
    if name == "img" and "src" not in dict(parts):
        return None
    if closes and name in ALONE - {"br"}:  # </br> is <br> to a browser
        return None
    values = tuple((key, unescape(strip_quotes(value))) for key, value in parts)
    return Tag(found[0], name, closes, values)


def strip_quotes(value: str) -> str:
    """Return an attribute's value without its quotes."""
    return value[1:-1] if value[:1] in ("'", '"') else value


def pair_tags(tags: list[Tag]) -> set[int]:
    """Return the places of the tags that count, as each is opened and closed."""
    open_tags: dict[str, list[int]] = defaultdict(list)
    kept = set()
    for place, tag in enumerate(tags):
        if tag.name in ALONE:
            kept.add(place)
        elif not tag.closes:
            open_tags[tag.name].append(place)
        elif open_tags[tag.name]:
            first = open_tags[tag.name].pop()
            kept |= {first, place}
            for part in ENDED_BY.get(tag.name, ()):  # HTML leaves their end out
                while open_tags[part] and open_tags[part][-1] > first:
                    kept.add(open_tags[part].pop())
    return kept - find_strays(tags, kept)


def find_strays(tags: list[Tag], kept: set[int]) -> set[int]:
    """Return the parts of a table that stand in none: a parser drops them."""
    depth, strays = 0, set()
    for place in sorted(kept):
        tag = tags[place]
        if tag.name == "table":
            depth += -1 if tag.closes else 1
        elif tag.name in OF_TABLE and depth == 0:
            strays.add(place)
    return strays
