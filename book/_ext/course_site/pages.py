"""Equation numbers by chapter, and mends to the theme."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from .downloads import add_downloads

CHAPTER = re.compile(r"(?:.*/)?(\d\d)_\w+")
ROLES = re.compile(r' role="(?:doc-biblioentry|doc-backlink)"|(?<=<div) role="list"')
FOLDS = {  # what MyST-NB calls the parts of a cell, and what readers call them
    "source": "code",
    "content": "code and what it gives",
    "output": "result",
    "outputs": "results",
}


def setup(app: Sphinx) -> None:
    """Connect to reading and to page writing."""
    for script in ("print.js", "search.js"):
        app.add_js_file(script, loading_method="defer")
    # before Sphinx keeps the chapter's title
    app.connect("doctree-read", number_chapter, priority=100)
    app.connect("doctree-read", number_equations)
    app.connect("html-page-context", change_page, priority=990)  # after the theme


def number_chapter(app: Sphinx, doctree: nodes.document) -> None:
    """Put a chapter's number, from its file's name, before its title."""
    chapter = CHAPTER.fullmatch(app.env.docname)
    title = next(iter(doctree.findall(nodes.title)), None)
    if chapter and title is not None:
        title.insert(0, nodes.Text(f"{int(chapter[1])}. "))


def number_equations(app: Sphinx, doctree: nodes.document) -> None:
    """Number the labelled equations of chapter 6 as 6.1, 6.2 and so on."""
    chapter = CHAPTER.fullmatch(app.env.docname)
    if not chapter:
        return
    equations = app.env.get_domain("math").equations
    for block in doctree.findall(nodes.math_block):
        if block.get("number") and block.get("label") in equations:
            block["number"] = f"{int(chapter[1])}.{block['number']}"
            equations[block["label"]] = app.env.docname, block["number"]


def change_page(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Change what the theme will make of a page; the search page has no doctree."""
    mend_roles(context)
    name_folds(context)
    if doctree is not None:
        add_downloads(app, pagename, context)


def mend_roles(context: dict[str, Any]) -> None:
    """Leave out roles of the bibliography that ARIA no longer knows."""
    if "body" in context:
        context["body"] = ROLES.sub("", context["body"])


def name_folds(context: dict[str, Any]) -> None:
    """Call the folded parts of cells, seen and spoken, by words that a reader uses."""
    if "body" in context:
        context["body"] = re.sub(
            rf"(?<=>)(Show|Hide) the ({'|'.join(FOLDS)})(?=<)",
            lambda match: f"{match[1]} the {FOLDS[match[2]]}",
            context["body"].replace(' aria-label="Toggle hidden content"', ""),
        )
