"""The moment when Sphinx writes a page, without the arguments that nobody reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


@dataclass(frozen=True)
class WrittenPage:
    """A page that is about to be written, and what its template will see."""

    app: Sphinx
    name: str
    context: dict[str, Any]
    is_written_by_hand: bool  # the index and the search page are not


def connect_page(
    app: Sphinx, change: Callable[[WrittenPage], None], priority: int
) -> None:
    """Call a function with each page before it is written."""

    def call(
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        change(WrittenPage(app, pagename, context, doctree is not None))

    app.connect("html-page-context", call, priority=priority)
