"""Make what a student wrote or printed safe to show: no script, no style, no load.

What comes out holds no class, id or style either, so that nothing in it can look like
the grader's own panels.
"""

from __future__ import annotations

import base64
import html
import re
from typing import Any

import nh3
from jinja2 import pass_context

from autograder.feedback.formulas import formula
from autograder.feedback.held import INLINE_PICTURE, MARKS, Held, image
from autograder.feedback.tags import HTML_TAGS
from autograder.feedback.written import SAFE_LINK, write_html
from autograder.gradebook.outputs import strip_controls

ALT_OF_DRAWN = "A picture that the code drew"
LONGEST_TEXT = 50_000
LONGEST_PLAIN = 1_000_000  # of what a student wrote, where it is shown as it stands
HTML_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
DROPPED = set("script style template svg math iframe object embed noscript".split())
IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
PLACED = re.compile(
    r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?!\s)((?:[^$\n]|\n(?!\s*\n))+?)(?<![\s\\])\$(?!\w)",
    re.S,
)
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.S)
MATHJAX = re.compile(r"\\(?:href|class|cssId|style|require|unicode|mmlToken)\b")
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def allowed(tag: str, attribute: str, value: str) -> str | None:
    """Return the value of an attribute, or None if it has to go."""
    value = MARKS.sub("", value)  # what is put in the place of a mark is for text
    if attribute == "href":
        return value if SAFE_LINK.match(value) else None
    if attribute == "src":
        return value if IMAGE.match(value) else None
    if attribute in ("start", "colspan", "rowspan"):
        return value if re.fullmatch(r"\d{1,9}", value) else None
    return value


def clean_html(text: str) -> str:
    """Return the harmless part of a program's HTML; too much of it becomes text."""
    if len(INLINE_PICTURE.sub("", text)) > LONGEST_TEXT:
        return preformatted(text)
    return keep_harmless(text)


def keep_harmless(text: str) -> str:
    """Return HTML of which only harmless tags are left."""
    cleaned = nh3.clean(
        text,
        tags=HTML_TAGS,
        clean_content_tags=DROPPED,
        attributes=HTML_ATTRIBUTES,
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )
    return DIRECTIONS.sub(REPLACEMENT, cleaned)


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return text without terminal codes and marks that turn its direction, cut."""
    text = DIRECTIONS.sub(REPLACEMENT, strip_controls(text))
    return text if len(text) <= longest else text[:longest] + "\n… (cut)"


def clean_markdown(
    text: str, formulas: bool = False, attachments: Any = None, marking: bool = False
) -> str:
    """Return a Markdown text as harmless HTML that shows all of it.

    Formulas are drawn where the text is the course's. `attachments` are the pictures
    that came beside the text. `marking` is for a page on which MathJax reads on.
    """
    held = Held(attachments)
    text = held.cut_pictures(MARKS.sub(REPLACEMENT, text))
    if len(text) > LONGEST_TEXT or (marking and MATHJAX.search(text)):
        return held.show_plain(clean_text(text, LONGEST_PLAIN))
    text = clean_text(text)
    if formulas:
        parts = CODE.split(text)
        parts[::2] = [keep_formulas(part, held) for part in parts[::2]]
        text = "".join(parts)
    return held.put_back(keep_harmless(write_html(text, held, marking)))


@pass_context
def for_marking(context: Any, text: str) -> str:
    """Return a cell's Markdown as harmless HTML for formgrader, whose MathJax sets it.

    MathJax can make links and name styles: a text that asks for it is shown as typed.
    """
    attachments = context.get("cell", {}).get("attachments")
    shown = clean_markdown(text, attachments=attachments, marking=True)
    return shown.replace("files/", "files&#47;")  # its template takes that away


def keep_formulas(text: str, held: Held) -> str:
    """Put the formulas of a text aside, and a mark in the place of each."""

    def one(found: re.Match[str]) -> str:
        return held.hold(formula(found[1] or found[2], bool(found[1])))

    return PLACED.sub(one, text)


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
        if picture := image(kind, data.get(kind), ALT_OF_DRAWN):
            return picture
    if isinstance(data.get("image/svg+xml"), str):
        raw = data["image/svg+xml"].encode("utf-8", "replace")
        return image("image/svg+xml", base64.b64encode(raw).decode(), ALT_OF_DRAWN)
    if isinstance(data.get("text/html"), str):
        return clean_html(data["text/html"])
    if isinstance(data.get("text/markdown"), str):
        return clean_markdown(data["text/markdown"])
    for kind in ("text/latex", "text/plain"):
        if isinstance(data.get(kind), str):
            return preformatted(data[kind])
    return preformatted("(output of a kind that is not shown)") if data else ""


def preformatted(text: str) -> str:
    """Return plain text as HTML."""
    return f"<pre>{html.escape(clean_text(text))}</pre>" if text.strip() else ""
