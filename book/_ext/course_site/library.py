"""The library on the site: a page for each module, signatures, and names that link.

`{library}` shows how a function or class is called, and links to its source;
`{lib}` names it within a sentence. Both take the dotted name.
"""

import ast
import html
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from .sources import LIBRARY

LOGGER = logging.getLogger(__name__)
PAGES = "library"
WIDTH = 80
Named = ast.FunctionDef | ast.ClassDef
METHODS = ("__init__", "forward", "step", "__call__")  # of a class: how it is used


class NotInLibrary(ValueError):
    """A dotted name that means nothing in the library."""


@dataclass(frozen=True)
class Definition:
    """A function or class, and the module that it stands in."""

    module: Path  # from the folder that holds the library
    node: Named

    @property
    def address(self) -> str:
        """Where its source stands on the site."""
        return f"{PAGES}/{self.module.with_suffix('.html')}#{self.node.name}"

    @property
    def signature(self) -> str:
        """How it is called, without types, and what it does in one line."""
        node = self.node
        if isinstance(node, ast.FunctionDef):
            return _write_call(node)
        methods = [
            inner
            for inner in node.body
            if isinstance(inner, ast.FunctionDef) and inner.name in METHODS
        ]
        head = f"class {node.name}{_write_bases(node)}:"
        parts = [_indent(_write_call(inner)) for inner in methods]
        said = [_indent(f'"""{_first_line(node)}"""')]
        return "\n".join([head, *said, *(f"\n{part}" for part in parts)])


def find_definition(book: Path, dotted: str) -> Definition:
    """Return what a dotted name stands for.

    Raises:
        NotInLibrary: if there is no such module, or nothing of that name in it.

    """
    *parts, name = dotted.split(".")
    module = Path(*parts).with_suffix(".py") if parts else Path()
    if parts[:1] != [LIBRARY] or not (book / module).is_file():
        raise NotInLibrary(f"{dotted}: there is no module {'.'.join(parts) or dotted}")
    for node in _parse(book / module).body:
        if isinstance(node, Named) and node.name == name:
            return Definition(module, node)
    raise NotInLibrary(f"{dotted}: {module} defines no function or class {name}")


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _first_line(node: Named) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _write_bases(node: ast.ClassDef) -> str:
    return f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""


def _write_call(node: ast.FunctionDef) -> str:
    """Return a function's head, on one line if it fits, and its first sentence."""
    plain = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(plain, ast.FunctionDef)
    for argument in ast.walk(plain.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    given = ast.unparse(plain.args)
    head = f"def {node.name}({given}):"
    if len(head) > WIDTH - 4:
        head = f"def {node.name}(\n    {given}\n):"
    return f'{head}\n    """{_first_line(node)}"""'


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


class LibraryDirective(SphinxDirective):
    """Show a signature, with a link to the source."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the signature, or warn with file and line."""
        try:
            found = find_definition(_book(self.env.app), self.arguments[0])
        except NotInLibrary as error:
            where = (self.env.docname, self.lineno)
            LOGGER.warning("library: %s", error, location=where, type="library")
            return []
        self.env.note_dependency(str(_book(self.env.app) / found.module))
        block = nodes.literal_block(found.signature, found.signature)
        block["language"] = "python"
        link = _link_source(self.env.docname, found, f"Source: {found.module}")
        box = nodes.container("", block, nodes.paragraph("", "", link))
        box["classes"] = ["library"]
        return [box]


class LibraryRole(SphinxRole):
    """Name a function or class, with a link to its source."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link, or warn and return the text."""
        try:
            found = find_definition(_book(self.env.app), self.text)
        except NotInLibrary as error:
            where = self.get_location()
            LOGGER.warning("lib: %s", error, location=where, type="library")
            return [nodes.literal(self.text, self.text)], []
        self.env.note_dependency(str(_book(self.env.app) / found.module))
        name = nodes.literal(found.node.name, found.node.name)
        return [_link_source(self.env.docname, found, name)], []


def _link_source(
    docname: str, found: Definition, shown: str | nodes.Node
) -> nodes.reference:
    """Return a link from a page to a definition's source."""
    inner = nodes.Text(shown) if isinstance(shown, str) else shown
    up = "../" * docname.count("/")
    return nodes.reference("", "", inner, refuri=f"{up}{found.address}", internal=True)


def _book(app: Sphinx) -> Path:
    return Path(app.srcdir) / "book"


def write_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield a page for each module of the library."""
    book = _book(app)
    for path in sorted((book / LIBRARY).rglob("*.py")):
        name = path.relative_to(book)
        body = _write_body(app, name, path.read_text(encoding="utf-8"))
        yield (
            f"{PAGES}/{name.with_suffix('')}",
            {"title": str(name), "body": body},
            ("page.html"),
        )


def _write_body(app: Sphinx, name: Path, source: str) -> str:
    """Return a module's text in parts: each definition can be linked to."""
    assert isinstance(app.builder, StandaloneHTMLBuilder)  # the event is its own
    highlight = app.builder.highlighter.highlight_block
    parts = [f"<h1>{html.escape(str(name))}</h1>"]
    for anchor, text in _split(source):
        if not text.strip():
            continue
        attribute = f' id="{anchor}"' if anchor else ""
        parts.append(f"<div{attribute}>{highlight(text, 'python')}</div>")
    return "\n".join(parts)


def _split(source: str) -> Iterator[tuple[str, str]]:
    """Yield the definitions of a module by name, and what stands between them."""
    lines, done = source.splitlines(), 0
    for node in ast.parse(source).body:
        if not isinstance(node, Named):
            continue
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
        yield "", "\n".join(lines[done:first])
        yield node.name, "\n".join(lines[first : node.end_lineno])
        done = node.end_lineno or first
    yield "", "\n".join(lines[done:])


def setup(app: Sphinx) -> None:
    """Add the directive, the role and the pages."""
    app.add_directive("library", LibraryDirective)
    app.add_role("lib", LibraryRole())
    app.connect("html-collect-pages", write_pages)
