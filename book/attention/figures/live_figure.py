"""What all figures that answer to the reader share: an id, a style, one snippet.

Styles and scripts stand in files of their own beside this module. Capitals are filled
in: `ID` is the figure's id, `COLOR` and `SECOND` the course's colours, and `DATA` what
a script reads.
"""

import html
import json
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

from attention.figures.inline_svg import NO_FORMULAS
from attention.figures.plots import COLORS
from attention.figures.tokens import visible


class Interactive:
    """A figure that a notebook shows inline and that answers to the reader."""

    def __init__(self, markup: str, alt: str) -> None:
        """Keep the snippet and the text that stands for it."""
        self.html = markup
        self.alt = alt

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Name the figure by its alternative text."""
        return f"Interactive figure: {self.alt}"


def safe(text: str) -> str:
    """Return a token or label for HTML."""
    return html.escape(visible(text))


def figure_id(data: dict, *texts: str) -> str:
    """Return an id that follows from what the figure shows."""
    return "i" + sha256(json.dumps([data, texts]).encode()).hexdigest()[:10]


def list_choices(name: str, choices: Sequence[str], label: str, first: int = 0) -> str:
    """Return a list to choose from, or nothing where there is no choice."""
    items = "".join(
        f"<option{' selected' if i == first else ''}>{safe(choice)}</option>"
        for i, choice in enumerate(choices)
    )
    chosen = f'<label>{safe(label)} <select name="{name}">{items}</select></label>'
    return chosen if len(choices) > 1 else ""


def range_input(positions: int, start: int) -> str:
    """Return a slider with so many positions."""
    return (
        f'<input type="range" min="0" max="{positions - 1}" step="1" value="{start}">'
    )


def read_part(file: str) -> str:
    """Return a style or a script that stands beside this module, not indented."""
    lines = (files(__package__) / file).read_text(encoding="utf-8").splitlines()
    return "\n" + "\n".join(line.lstrip() for line in lines) + "\n"


def compose(
    name: str,
    body: str,
    said: str,
    parts: tuple[str, str],
    data: dict[str, Any],
    *,
    title: str,
    alt: str,
    shared: bool = False,
) -> Interactive:
    """Put the parts of a figure together.

    Args:
        name: the figure's id.
        body: the markup between title and sentence.
        said: the sentence to begin with.
        parts: the files of this kind of figure, its style and its script.
        data: what the script reads.
        title: the finding.
        alt: what the figure shows.
        shared: style and script are the same text for each figure of its kind, so that
            a page may keep the first of them alone; the script gives the window a
            function, attention_explorer say, of the figure and its data.

    Raises:
        ValueError: if alt is empty.

    """
    if not alt.strip():
        raise ValueError("an interactive figure needs alt text: say what is seen")
    alt = " ".join(alt.split())
    style, script = parts
    kind = script.removesuffix(".js")
    scope = f".{kind}:not(#_)" if shared else f"#{name}"  # both as strong as an id
    caption = f"<figcaption>{html.escape(title)}</figcaption>" if title else ""
    return Interactive(
        f'<figure id="{name}" class="interactive {kind} {NO_FORMULAS}" '
        f'role="group" aria-label="{html.escape(alt)}">'
        f"<style>{_fill_style(style, scope)}</style>"
        f'{caption}{body}<p role="status" aria-live="polite">{html.escape(said)}</p>'
        f"</figure>{_call_script(script, name, data, shared)}",
        alt,
    )


def _fill_style(file: str, scope: str) -> str:
    """Return the rules of all figures and those of one kind."""
    style = (read_part("live_figure.css") + read_part(file)).replace("#ID", scope)
    return style.replace("COLOR", COLORS[0]).replace("SECOND", COLORS[1])


def _call_script(file: str, name: str, data: dict[str, Any], shared: bool) -> str:
    """Return a script for one figure; its data can't end the script."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    text, script = text.replace("<", "\\u003c"), read_part(file)
    if not shared:
        return f"<script>{script.replace('ID', name).replace('DATA', text)}</script>"
    kind = file.removesuffix(".js")
    call = f"attention_{kind}(document.getElementById('{name}'), {text});"
    return f"<script>{script}</script><script>{call}</script>"
