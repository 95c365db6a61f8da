"""Make what a student wrote or printed safe to show: no script, no style, no load.

What comes out holds no class, id or style either, so that nothing in it can look like
the grader's own panels.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from functools import cache
from typing import Any

import nh3

from autograder.gradebook.outputs import strip_controls

LONGEST_TEXT = 50_000
LONGEST_IMAGE = 8_000_000
HTML_TAGS = set(
    "a abbr b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i "
    "img ins kbd li ol p pre q s samp small span strong sub sup table tbody td tfoot "
    "th thead tr u ul var".split()
)
HTML_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
DROPPED = set("script style template svg math iframe object embed noscript".split())
SAFE_LINK = re.compile(r"(?:https?|mailto):", re.I)
IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
PLACED = re.compile(
    r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?!\w)", re.S
)
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.S)
MATHJAX = re.compile(r"\\(?:href|class|cssId|style|require|unicode|mmlToken)\b")
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def allowed(tag: str, attribute: str, value: str) -> str | None:
    """Return the value of an attribute, or None if it has to go."""
    if attribute == "href":
        return value if SAFE_LINK.match(value) else None
    if attribute == "src":
        return value if IMAGE.match(value) else None
    return value


def clean_html(text: str) -> str:
    """Return HTML of which only harmless tags are left; too much becomes text."""
    if len(text) > LONGEST_TEXT:
        return f"<pre>{html.escape(clean_text(text))}</pre>"
    return nh3.clean(
        text,
        tags=HTML_TAGS,
        clean_content_tags=DROPPED,
        attributes=HTML_ATTRIBUTES,
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def clean_text(text: str) -> str:
    """Return text without terminal codes and marks that turn its direction, cut."""
    text = DIRECTIONS.sub("\N{REPLACEMENT CHARACTER}", strip_controls(text))
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "\n… (cut)"


def clean_markdown(text: str, formulas: bool = False) -> str:
    """Return a Markdown text as harmless HTML; formulas only where text is trusted."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    if len(text) > LONGEST_TEXT:
        return f"<pre>{html.escape(clean_text(text))}</pre>"
    made: list[str] = []
    text = clean_text(text)
    if formulas:
        parts = CODE.split(text)
        parts[::2] = [keep_formulas(part, made) for part in parts[::2]]
        text = "".join(parts)
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    shown = clean_html(str(MarkdownWithMath(renderer=renderer).render(text)))
    return re.sub("\ue000(\\d+)\ue001", lambda m: made[int(m[1])], shown)


def for_marking(text: str) -> str:
    """Return a Markdown text as harmless HTML for formgrader, whose MathJax sets it.

    MathJax can make links and name styles: a text that asks for it is shown as typed.
    """
    if MATHJAX.search(text):
        return preformatted(text)
    return clean_markdown(text)


def keep_formulas(text: str, made: list[str]) -> str:
    """Put the formulas of a text into `made`, and a mark in the place of each."""
    text = re.sub("[\ue000\ue001]", "", text)

    def one(found: re.Match[str]) -> str:
        made.append(formula(found[1] or found[2], bool(found[1])) or found[0])
        return f"\ue000{len(made) - 1}\ue001"

    return PLACED.sub(one, text)


@cache
def formula(source: str, display: bool) -> str:
    """Return a formula as MathML, or as it was typed where that is not known."""
    from latex2mathml.converter import convert

    try:
        return str(convert(source, display="block" if display else "inline"))
    except Exception:  # the library raises many kinds; the source can be read too
        return f"<code>{html.escape(source)}</code>"


def code_html(source: str) -> str:
    """Return Python code as highlighted HTML, everything in it escaped."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(clean_text(source), PythonLexer(), HtmlFormatter(nowrap=True)))


def outputs_html(outputs: list[Any]) -> list[tuple[str, str]]:
    """Return what a cell gave, each as (kind, harmless HTML)."""
    shown = []
    for output in outputs:
        kind, text = output_html(output)
        if text:
            shown.append((kind, text))
    return shown


def output_html(output: Any) -> tuple[str, str]:
    """Return one output's kind and harmless HTML: "out", "err" or "error"."""
    if output["output_type"] == "stream":
        kind = "err" if output.get("name") == "stderr" else "out"
        return kind, preformatted(output.get("text", ""))
    if output["output_type"] == "error":
        lines = output.get("traceback") or [f"{output['ename']}: {output['evalue']}"]
        return "error", preformatted("\n".join(lines))
    return "out", data_html(output.get("data", {}))


def data_html(data: Any) -> str:
    """Return the best harmless form of rich output."""
    for kind in ("image/png", "image/jpeg"):
        if picture := image(kind, data.get(kind)):
            return picture
    if isinstance(data.get("image/svg+xml"), str):
        raw = data["image/svg+xml"].encode("utf-8", "replace")
        return image("image/svg+xml", base64.b64encode(raw).decode())
    if isinstance(data.get("text/html"), str):
        return clean_html(data["text/html"])
    if isinstance(data.get("text/markdown"), str):
        return clean_markdown(data["text/markdown"])
    for kind in ("text/latex", "text/plain"):
        if isinstance(data.get(kind), str):
            return preformatted(data[kind])
    return preformatted("(output of a kind that is not shown)") if data else ""


def image(kind: str, data: Any) -> str:
    """Return a picture that carries its own bytes; a browser runs no script in it."""
    if not isinstance(data, str) or len(data) > LONGEST_IMAGE:
        return ""
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    text = base64.b64encode(raw).decode()
    return f'<img src="data:{kind};base64,{text}" alt="A picture that the code drew">'


def preformatted(text: str) -> str:
    """Return plain text as HTML."""
    return f"<pre>{html.escape(clean_text(text))}</pre>" if text.strip() else ""
