"""The built website as the browser's tests see it: `make site` builds it."""

import re

import pytest

from tests.support.places import ROOT

HTML = ROOT / "_build" / "html"
CHAPTERS = [p.stem for p in sorted((ROOT / "book").glob("[0-9][0-9]_*.md"))]
each_built_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def read_built(chapter: str) -> str:
    """Return the HTML of a chapter's page."""
    return (HTML / "book" / f"{chapter}.html").read_text("utf-8")


def articles_of(chapter: str) -> str:
    """Return what stands between a page's bars and menus."""
    found = re.search(r"<article.*</article>", read_built(chapter), re.S)
    assert found
    return found[0]
