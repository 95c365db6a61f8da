"""Whether a snippet of markup is whole, and whether it stands alone."""

import re
from html.parser import HTMLParser


class Nesting(HTMLParser):
    """Checks that every tag is closed in turn, but for those that have no end."""

    def __init__(self, *void: str) -> None:
        super().__init__()
        self.void = void
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def unclosed(markup: str, *void: str) -> list[str]:
    """Return the tags that stay open; fail where one is closed out of turn."""
    parser = Nesting(*void)
    parser.feed(markup)
    return parser.open


def from_outside(markup: str) -> list[str]:
    """Return what in a snippet may ask something of the network."""
    return re.findall(r"https?:|src=|@import|url\(", markup)
