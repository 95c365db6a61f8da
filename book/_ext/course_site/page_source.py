"""A page of the book as MyST's own readers see it: cells, sections, directives.

Cells are cut by the reader that the build uses, and blocks are those of its parser, so
that an example of a cell within a fence, say, is no cell. What stands within a line is
not read here: MyST's inline tokens don't know their places in the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from docutils.parsers.rst.directives.misc import TestDirective
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

SYNTAX = ("amsmath", "colon_fence", "deflist", "dollarmath", "smartquotes")
CONFIG = MdParserConfig(enable_extensions=set(SYNTAX), disable_syntax=["inline"])
PARSER = create_md_parser(CONFIG, RendererHTML)
FENCES = ("fence", "colon_fence")


@dataclass(frozen=True)
class PageCell:
    """A cell of a page: Markdown, or code with its tags."""

    is_code: bool
    source: str
    tags: frozenset[str]

    @property
    def is_shown(self) -> bool:
        """Whether a reader sees the cell's code without asking for it."""
        return not any(
            t.startswith(("hide-input", "hide-cell", "remove-")) for t in self.tags
        )


@dataclass(frozen=True)
class Section:
    """A heading with a label, and the text from the label to the next one."""

    title: str
    text: str


@dataclass(frozen=True)
class Directive:
    """A fence that Sphinx gives a meaning."""

    name: str
    title: str
    options: dict[str, str]
    body: str


@dataclass(frozen=True)
class PageSource:
    """A page, or a part of one."""

    text: str
    cells: tuple[PageCell, ...]

    @property
    def code_cells(self) -> list[PageCell]:
        """The cells that run."""
        return [cell for cell in self.cells if cell.is_code]

    @property
    def code(self) -> str:
        """The code of all cells, one after another."""
        return "\n".join(cell.source for cell in self.code_cells)

    @property
    def prose(self) -> str:
        """The Markdown without header and code cells."""
        return "\n\n".join(cell.source for cell in self.cells if not cell.is_code)

    @cached_property
    def sections(self) -> dict[str, Section]:
        """The labelled sections by their labels."""
        lines = self.text.splitlines(keepends=True)
        found = list(_find_labels(parse_blocks(self.text)))
        ends = [start for _, _, start in found[1:]] + [len(lines)]
        return {
            label: Section(title, "".join(lines[start:end]))
            for (label, title, start), end in zip(found, ends, strict=True)
        }

    def count_words(self, before: str) -> int:
        """Count the words of the prose up to the section of that title."""
        lines = self.prose.splitlines()
        ends = [
            heading.map[0]
            for heading, title in _find_headings(parse_blocks(self.prose))
            if heading.map and title == before
        ]
        return len(" ".join(lines[: min(ends, default=len(lines))]).split())


@lru_cache(maxsize=128)
def read_page(text: str) -> PageSource:
    """Read a page; the same text is read once."""
    notebook = read_myst_markdown_notebook(text, config=CONFIG)
    cells = [
        PageCell(
            is_code=cell.cell_type == "code",
            source=cell.source,
            tags=frozenset(cell.metadata.get("tags", ())),
        )
        for cell in notebook.cells
    ]
    return PageSource(text, tuple(cells))


def parse_blocks(text: str) -> list[Token]:
    """Return the tokens of a text's blocks; each knows its lines."""
    return PARSER.parse(f"{text}\n")


def read_directive(block: Token) -> Directive | None:
    """Return the directive that a block is, or None for any other block."""
    info = block.info.strip()
    if block.type not in FENCES or not info.startswith("{"):
        return None
    name, _, title = info[1:].partition("}")
    # Of docutils' directives this one alone takes any option.
    parsed = parse_directive_text(TestDirective, title.strip(), block.content)
    body = "\n".join(parsed.body).strip()
    return Directive(name, title.strip(), dict(parsed.options), body)


def _find_headings(blocks: list[Token]) -> Iterator[tuple[Token, str]]:
    """Yield each heading with its title."""
    for block, inner in pairwise(blocks):
        if block.type == "heading_open":
            yield block, inner.content


def _find_labels(blocks: list[Token]) -> Iterator[tuple[str, str, int]]:
    """Yield label, title and first line of each labelled heading."""
    titles = {id(block): title for block, title in _find_headings(blocks)}
    for block, after in pairwise(blocks):
        if block.type == "myst_target" and block.map and id(after) in titles:
            yield block.content, titles[id(after)], block.map[0]
