"""What all figures that answer to the reader share: an id, a style, one snippet."""

import html
import json
from collections.abc import Sequence
from hashlib import sha256

from attention.figures.plots import COLORS

STYLE = """
#ID { margin: 0 0 1rem; color: var(--pst-color-text-base, currentColor);
  font-size: 0.95rem; line-height: 1.35 }
#ID figcaption { font-weight: 600; margin: 0 0 0.4rem; text-align: left;
  color: inherit }
#ID [role=status] { margin: 0.5rem 0 0; min-height: 2.7em }
#ID svg { display: block; overflow: visible }
#ID svg text { fill: currentColor; font: 13px system-ui, sans-serif }
"""


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


def visible(token: str) -> str:
    """Return a token that is seen even if it is blank."""
    return token if token.strip() else "␣"


def safe(text: str) -> str:
    """Return a token or label for HTML."""
    return html.escape(visible(text))


def figure_id(data: dict, *texts: str) -> str:
    """Return an id that follows from what the figure shows."""
    return "i" + sha256(json.dumps([data, texts]).encode()).hexdigest()[:10]


def options(name: str, choices: Sequence[str], label: str, first: int = 0) -> str:
    """Return a list to choose from, or nothing where there is no choice."""
    items = "".join(
        f"<option{' selected' if i == first else ''}>{safe(choice)}</option>"
        for i, choice in enumerate(choices)
    )
    chosen = f'<label>{safe(label)} <select name="{name}">{items}</select></label>'
    return chosen if len(choices) > 1 else ""


def compose(
    name: str,
    title: str,
    body: str,
    said: str,
    style: str,
    script: str,
    data: dict,
    alt: str,
) -> Interactive:
    """Put the parts of a figure together: capitals in style and script are filled in.

    Args:
        name: the figure's id, for ID.
        title: the finding.
        body: the markup between title and sentence.
        said: the sentence to begin with.
        style: rules for this kind of figure; COLOR and SECOND are the course's.
        script: what makes it answer; DATA stands for the data.
        data: what the script reads.
        alt: what the figure shows.

    Raises:
        ValueError: if alt is empty.

    """
    if not alt.strip():
        raise ValueError("an interactive figure needs alt text: say what is seen")
    alt = " ".join(alt.split())
    style = (STYLE + style).replace("#ID", f"#{name}")
    style = style.replace("COLOR", COLORS[0]).replace("SECOND", COLORS[1])
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    text = text.replace("<", "\\u003c")
    caption = f"<figcaption>{html.escape(title)}</figcaption>" if title else ""
    return Interactive(
        f'<figure id="{name}" class="interactive" role="group" '
        f'aria-label="{html.escape(alt)}"><style>{style}</style>{caption}{body}'
        f'<p role="status" aria-live="polite">{html.escape(said)}</p></figure>'
        f"<script>{script.replace('ID', name).replace('DATA', text)}</script>",
        alt,
    )
