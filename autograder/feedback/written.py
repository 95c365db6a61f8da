"""Markdown as Jupyter reads it, with nothing lost of what a student wrote.

Jupyter's own reader takes for HTML what looks like it, for a link what follows
brackets, and for a link's definition what follows a colon. Here each counts only where
something of it can be shown: the rest is text, as it was typed.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import Any
from urllib.parse import unquote

from mistune import import_plugin
from mistune.block_parser import BlockState
from mistune.inline_parser import InlineState
from mistune.util import unikey
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathBlockParser,
    MathInlineParser,
)

from autograder.feedback.held import MARK, Held
from autograder.feedback.tags import TAG, WRITTEN_TAGS, read_tag

SAFE_LINK = re.compile(r"(?:https?|mailto):", re.I)
CODE_TAGS = {"script", "style", "textarea"}
PLUGINS = ["strikethrough", "table", "url"]  # "[x]" and ": x" stay as they are
LABEL = re.compile(r"\[([^\[\]]{1,999})\](?!:)")
CHARACTER = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{0,31});")
LANGUAGE = re.compile(r"\{?\.?[\w+#.-]+\}?\Z")


class WrittenRenderer(IPythonRenderer):
    """Writes HTML in which a student's tags are marks, to be paired later."""

    def __init__(self, held: Held, marking: bool) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.held, self.marking = held, marking

    def text(self, text: str) -> str:
        """Return a text of Markdown as HTML."""
        return self.typed(unescape(text))

    def typed(self, text: str) -> str:
        """Return text as it was typed; where MathJax reads on, $ opens no formula."""
        shown = escape_typed(text)
        return shown.replace("$", "<span>$</span>") if self.marking else shown

    def inline_html(self, html: str) -> str:
        """Return what looks like a tag, a comment or the like."""
        return self.read_tags(html)

    def block_html(self, html: str) -> str:
        """Return a block of HTML; a comment or a program as it was typed."""
        if html.lstrip().startswith(("<!", "<?")) or not is_read(html):
            return f"<pre>{escape_typed(html)}</pre>\n"
        return self.read_tags(html) + "\n"

    def read_tags(self, source: str) -> str:
        """Return HTML with marks for its tags, and all else of it as text."""
        if source.startswith(("<!", "<?")):
            return self.typed(source)
        made, end = "", 0
        for found in TAG.finditer(source):
            made += html.escape(unescape(source[end : found.start()]))
            made += self.read_one(found)
            end = found.end()
        return made + html.escape(unescape(source[end:]))

    def read_one(self, found: re.Match[str]) -> str:
        """Return a mark for a tag that we allow; a picture; or the text of no tag."""
        tag = read_tag(found)
        if tag is None:
            return self.typed(found[0])
        if tag.name != "img":
            return self.held.hold(tag)
        values = dict(tag.attributes)
        return self.show(values.get("src", ""), values.get("alt", ""))

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Return a link, or what was typed: `heads[0](x)` is code and no link."""
        if SAFE_LINK.match(url):
            return f'<a href="{html.escape(unescape(url))}">{text}</a>'
        more = f' "{title}"' if title else ""
        return f"[{text}]({self.typed(unquote(url) + more)})"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture that came with the text, or say what became of it."""
        return self.show(url, self.held.read_plain(text))

    def show(self, source: str, alt: str) -> str:
        """Return a picture, or its description and what became of it."""
        made, words = self.held.show_picture(source, alt)
        if made:
            return self.held.hold(made)
        named = alt == unquote(source).removeprefix("attachment:")
        return self.typed(words if named else f"{alt} {words}".strip())

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return code, and the line before it where it is more than a language."""
        if info and not LANGUAGE.match(info.strip()):
            code = f"{info.strip()}\n{code}"
        return f"<pre><code>{escape_typed(code)}</code></pre>\n"


class WrittenBlocks(MathBlockParser):
    """Finds blocks; HTML are those alone whose tag we allow."""

    def parse_raw_html(self, m: re.Match[str], state: BlockState) -> int | None:
        """Return the end of a block of HTML, or nothing where it is none."""
        start = m.group(0).strip()
        name = start.strip("</").lower()
        if start[1:2] in ("!", "?") or name in WRITTEN_TAGS | CODE_TAGS:
            return super().parse_raw_html(m, state)
        return None

    def parse_block_quote(self, m: re.Match[str], state: BlockState) -> int:
        """Return the end of a quote; what follows it joins nothing that is before it.

        mistune would put the "1." under a quote into the paragraph above the quote, and
        the quote itself before the last of what ended it, not before the first.
        """
        state.append_token({"type": "blank_line"})
        start, end = len(state.tokens), super().parse_block_quote(m, state)
        if len(state.tokens) > start + 1:
            state.tokens.insert(start, state.tokens.pop(-2))
        return end

    def parse_ref_link(self, m: re.Match[str], state: BlockState) -> int | None:
        """Return the end of a link's definition, if a link needs it and can have it.

        "[CLS]: classification" looks like one too.
        """
        known, label = state.env["ref_links"], unikey(m.group("reflink_1"))
        had, end = label in known, super().parse_ref_link(m, state)
        if had or label not in known:
            return None if had else end
        url = unquote(known[label]["url"])
        used = label in state.env["labels"]
        if used and (SAFE_LINK.match(url) or MARK.match(url) or is_attached(url)):
            return end
        del known[label]
        return None


class WrittenInlines(MathInlineParser):
    """Finds what stands in a line; `<int:5>` is no address."""

    def parse_auto_link(self, m: re.Match[str], state: InlineState) -> int:
        """Return the end of an address in angle brackets, or of the text it is."""
        if SAFE_LINK.match(m.group(0)[1:]):
            return super().parse_auto_link(m, state)
        self.process_text(m.group(0), state)
        return m.end()


def write_html(text: str, held: Held, marking: bool = False) -> str:
    """Return a Markdown text as HTML, its tags paired, with marks for what is held."""
    renderer = WrittenRenderer(held, marking)
    plugins = [import_plugin(name) for name in PLUGINS]
    reader = MarkdownWithMath(renderer, WrittenBlocks(), WrittenInlines(), plugins)
    state = reader.block.state_cls()
    state.env["labels"] = {unikey(label) for label in LABEL.findall(text)}
    made: Any = reader.parse(text, state)[0]
    return held.settle_tags(str(made))


def unescape(text: str) -> str:
    """Return text in which `&lt;` and the like are the characters that they name.

    Python and mistune read the start of `&notsure;` as `&not`, Jupyter does not.
    """

    def one(found: re.Match[str]) -> str:
        known = found[1].startswith("#") or found[1] + ";" in html5
        return html.unescape(found[0]) if known else found[0]

    return CHARACTER.sub(one, text)


def escape_typed(text: str) -> str:
    """Return text as HTML that shows it as it was typed."""
    return html.escape(text, quote=False)


def is_attached(url: str) -> bool:
    """Whether an address names a picture that is kept beside the text."""
    return url.startswith("attachment:")


def is_read(source: str) -> bool:
    """Whether a block of HTML is no program, style or field to write in."""
    found = re.match(r"\s*</?([a-zA-Z][a-zA-Z0-9-]*)", source)
    return found is not None and found[1].lower() not in CODE_TAGS
