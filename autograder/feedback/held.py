"""What is kept apart while a text is read; a mark stands in its place meanwhile."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections import Counter
from typing import Any
from urllib.parse import unquote

from autograder.feedback.tags import Tag, pair_tags
from autograder.model.pictures import MISSING_PICTURE, PICTURE_KINDS, find_alike

LONGEST_IMAGE = 8_000_000
LONGEST_ALT = 1_000
MOST_SHOWN = 3  # times that one picture is shown: a page is no longer than its notebook
PICTURE_START = r"data:image/[a-z0-9.+-]{1,40};base64,"
INLINE_PICTURE = re.compile(
    rf"(?<=\"){PICTURE_START}[A-Za-z0-9+/=\s]+(?=\")|(?<='){PICTURE_START}[A-Za-z0-9+/=\s]+(?=')|"
    rf"{PICTURE_START}[A-Za-z0-9+/=]+",
    re.I,
)
MARK = re.compile("\ue000(\\d{1,6})\ue001")
MARKS = re.compile("[\ue000\ue001]")


class Held:
    """The tags, the pictures and the finished HTML of one text."""

    def __init__(self, attachments: Any = None) -> None:
        self.items: list[Tag | str | bytes] = []  # bytes: the data of a picture
        self.attachments = attachments if isinstance(attachments, dict) else {}
        self.shown: Counter[str] = Counter()

    def hold(self, item: Tag | str | bytes) -> str:
        """Keep something; return the mark that stands for it."""
        self.items.append(item)
        return f"\ue000{len(self.items) - 1}\ue001"

    def item(self, found: re.Match[str]) -> Tag | str | bytes | None:
        """Return what a mark stands for; None if somebody typed it."""
        place = int(found[1])
        return self.items[place] if place < len(self.items) else None

    def cut_pictures(self, text: str) -> str:
        """Return a text with marks for the pictures whose data it holds."""
        return INLINE_PICTURE.sub(lambda found: self.hold(found[0].encode()), text)

    def settle_tags(self, text: str) -> str:
        """Return HTML with the tags that count put back, and the others as text."""
        items = map(self.item, MARK.finditer(text))
        kept = pair_tags([item for item in items if isinstance(item, Tag)])
        place = -1

        def settle(found: re.Match[str]) -> str:
            nonlocal place
            tag = self.item(found)
            if not isinstance(tag, Tag):
                return found[0]
            place += 1
            return tag.source if place in kept else html.escape(tag.source)

        return MARK.sub(settle, text)

    def put_back(self, text: str) -> str:
        """Return HTML with what is finished put back, and data of pictures named."""

        def settle(found: re.Match[str]) -> str:
            item = self.item(found)
            return shorten(item) if isinstance(item, bytes) else str(item or "")

        return MARK.sub(settle, text)

    def show_plain(self, text: str) -> str:
        """Return a text as it was typed, the pictures in it and beside it shown."""
        parts, end = [], 0
        for found in MARK.finditer(text):
            parts += [wrap_plain(text[end : found.start()])]
            parts += [self.show_picture(found[0], "")[0]]
            end = found.end()
        parts += [wrap_plain(text[end:])]
        named = (name for name in self.attachments if f"attachment:{name}" in text)
        parts += [self.show_picture(f"attachment:{name}", name)[0] for name in named]
        return "".join(parts)

    def read_plain(self, text: str) -> str:
        """Return the text of some HTML that has marks, for where no HTML can stand."""
        text = re.sub(r"<[^>]{0,9999}>", "", text)

        def settle(found: re.Match[str]) -> str:
            item = self.item(found)
            if isinstance(item, bytes):
                return shorten(item)
            return html.escape(item.source) if isinstance(item, Tag) else ""

        return MARKS.sub("", html.unescape(MARK.sub(settle, text)))

    def show_picture(self, source: str, alt: str) -> tuple[str, str]:
        """Return a picture's HTML; or nothing, and what to say in its place."""
        name, pictures = self.find_picture(source)
        if re.match(r"https?://", source, re.I):
            return "", f"(the picture {name} lies elsewhere and is not loaded)"
        if not pictures:
            return "", f"(the picture {name} did not come with the notebook)"
        made = next(filter(None, (image(*one, alt) for one in pictures.items())), "")
        if not made:
            return "", f"(the picture {name} can't be shown)"
        self.shown[source] += 1
        if self.shown[source] > MOST_SHOWN:
            return "", f"(the picture {name} is shown above)"
        return made, ""

    def find_picture(self, source: str) -> tuple[str, dict[str, Any]]:
        """Return a picture's name, and its data by kind as far as it came."""
        plain = unquote(source)
        found = MARK.fullmatch(plain)
        item = self.item(found) if found else None
        if isinstance(item, bytes):
            kind, _, data = item.decode().partition(";base64,")
            return "in the text", {kind.lower().removeprefix("data:"): data}
        name = source.removeprefix("attachment:")
        kinds = find_alike(name, self.attachments) if name != source else None
        if not isinstance(kinds, dict) or kinds == MISSING_PICTURE:
            kinds = {}
        return plain.removeprefix("attachment:") or "in the text", kinds


def wrap_plain(text: str) -> str:
    """Return a piece of plain text as HTML."""
    return f"<pre>{html.escape(text)}</pre>" if text.strip() else ""


def shorten(data: bytes) -> str:
    """Return a picture's data as text, cut: nobody reads a million letters."""
    text = data[:80].decode()
    return text if len(data) <= 80 else f"{text}… ({len(data):,} characters)"


def image(kind: str, data: Any, alt: str) -> str:
    """Return a picture that carries its own bytes; a browser runs no script in it."""
    if not isinstance(data, str) or len(data) > LONGEST_IMAGE:
        return ""
    if kind not in PICTURE_KINDS:
        return ""
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    text, alt = base64.b64encode(raw).decode(), html.escape(alt[:LONGEST_ALT])
    return f'<img src="data:{kind};base64,{text}" alt="{alt}">'
