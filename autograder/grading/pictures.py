"""See that each picture a text names is there when somebody opens the page.

nbconvert stops where a text shows an attachment that its cell lacks: formgrader's page
and nbgrader's feedback then fail as a whole. The text stays as it was written; what it
names and nobody handed in gets a picture that says so.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice

from autograder.model.pictures import MISSING_PICTURE, find_alike
from autograder.model.submission import Attachments

PREFIX = "attachment:"
MOST_NAMES = 1_000  # a text with more of them is no answer; it takes a second
MOST_COPIED = 32 << 20
LONGEST_LINK = 2_000
LINKED = re.compile(r"\][(:](?=\s{0,99}+<?(?:attachment:|[^\s&\\]{0,99}+[&\\]))")
SHOWN_BY_TAG = re.compile(
    r"<img\b[^<>]{0,2000}?\bsrc\s{0,9}=\s{0,9}"
    r"(?:\"([^\"<>]{0,2000})\"|'([^'<>]{0,2000})'|([^\s\"'<>]{1,2000}))",
    re.I,
)


def complete_attachments(source: str, held: Attachments) -> Attachments:
    """Return a text cell's attachments, one for each that its text may ask for."""
    made, copied = dict(held), 0
    for name in named_in(source):
        if name in made:
            continue
        found = find_alike(name, held) or {}
        copied += sum(map(len, found.values()))
        made[name] = found if found and copied <= MOST_COPIED else MISSING_PICTURE
    return made


def named_in(source: str) -> Iterator[str]:
    """Yield the names of attachments in a Markdown text, as nbconvert looks them up.

    A name too many does no harm: nobody asks whether a link is one, or stands in code.
    """
    from mistune.helpers import parse_link_href, unescape_char
    from mistune.util import escape_url

    for found in islice(LINKED.finditer(source), MOST_NAMES):
        window = source[found.end() : found.end() + LONGEST_LINK]
        link = escape_url(unescape_char(parse_link_href(window, 0)[0] or ""))
        if link.startswith(PREFIX):
            yield link.removeprefix(PREFIX)
    for found in islice(SHOWN_BY_TAG.finditer(source), MOST_NAMES):
        link = html.unescape(found[1] or found[2] or found[3] or "").strip()
        if link.startswith(PREFIX):
            yield link.removeprefix(PREFIX)
