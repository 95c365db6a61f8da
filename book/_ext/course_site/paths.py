"""Ways through the course: `{path}` lists sections, `{term-plan}` the weeks of a class.

Minutes are counted from the pages, points read from the released notebooks.
A chapter that is not in the table of contents is named without a link.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from . import assignment, coursemap

LOGGER = logging.getLogger(__name__)
WORDS_A_MINUTE = 150
LINES_A_MINUTE = 10
LABEL = re.compile(r"^\((?P<label>[a-z0-9-]+)\)=\n+#+ (?P<title>.+)$", re.M)
CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.M | re.S)
HIDDEN = re.compile(r":tags: \[[^\]]*(?:hide-input|remove-)")


def minutes(text: str) -> int:
    """Return how long a text takes: its words, and the lines of its cells."""
    cells = [cell for cell in CELL.findall(text) if not HIDDEN.search(cell)]
    lines = [line for cell in cells for line in cell.splitlines()[1:-1] if line.strip()]
    words = CELL.sub("", text).partition("\n## Quiz")[0].split()
    return max(1, round(len(words) / WORDS_A_MINUTE + len(lines) / LINES_A_MINUTE))


def sections(text: str) -> dict[str, tuple[str, str]]:
    """Return the title and text of each labelled section of a page."""
    found = list(LABEL.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {
        match["label"]: (match["title"], text[match.start() : end])
        for match, end in zip(found, ends, strict=True)
    }


def page_of(number: str, book: Path) -> Path | None:
    """Return the page of a chapter: `sec-06-…` stands in `06_….md`."""
    return next(book.glob(f"{number}_*.md"), None)


class PathDirective(SphinxDirective):
    """Show sections as a table with links and minutes; each line is a label."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the table, or warn about a label that is nowhere."""
        book = Path(self.env.srcdir) / "book"
        self.env.note_dependency(str(book.parent / "_toc.yml"))
        rows: list[list[nodes.Node]] = []
        total = 0
        labels = list(filter(None, map(str.strip, self.content)))
        for number, group in groupby(labels, key=lambda label: label.split("-")[1]):
            page = page_of(number, book)
            if page is None:
                rows.append([_text(str(int(number))), _text("to come"), _text("")])
                continue
            self.env.note_dependency(str(page))
            took, links = self._sections(page, list(group))
            total += took
            rows.append([_text(str(int(number))), links, _text(str(took))])
        rows.append([_text(""), _text("together"), _text(str(total))])
        return [_table(("chapter", "sections", "minutes"), rows, (12, 74, 14))]

    def _sections(self, page: Path, labels: list[str]) -> tuple[int, nodes.Node]:
        """Return the minutes of a chapter's sections, and links to them."""
        known = f"book/{page.stem}" in self.env.found_docs
        links = nodes.paragraph()
        took = 0
        for label in labels:
            title, text = _section(label, page)
            if not title:
                where = (self.env.docname, self.lineno)
                LOGGER.warning("path: no section %s", label, location=where)
                continue
            took += minutes(text)
            links += [nodes.Text(" · ")] if links.children else []
            links += _link(label, title) if known else nodes.Text(title)
        return took, links


class TermDirective(SphinxDirective):
    """Show a class's weeks: chapter, minutes, assignment, points."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table of the first so many chapters, one a week."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "_toc.yml"))
        chapters = {k: v for p in coursemap.parts() for k, v in p["chapters"].items()}
        rows, points = [], 0.0
        for name, entry in list(chapters.items())[: int(self.arguments[0])]:
            page = root / "book" / f"{name}.md"
            known = f"book/{name}" in self.env.found_docs
            file = root / "exercises" / name / f"{name}.ipynb"
            self.env.note_dependency(str(file))
            self.env.note_dependency(str(page))
            took, work = "", "to come"
            if known:
                took = str(minutes(page.read_text("utf-8")))
            if file.is_file():
                what = assignment.read(file)
                points += what.points
                work = f"{what.points:g} points, {what.time}"
            label = f"ch-{name.replace('_', '-')}"
            title = (
                _link(label, entry["title"]) if known else nodes.Text(entry["title"])
            )
            week = str(int(name[:2]))
            rows.append(
                [_text(week), nodes.paragraph("", "", title), _text(took), _text(work)]
            )
        rows.append([_text(""), _text("together"), _text(""), _text(f"{points:g}")])
        heads = ("week", "chapter", "minutes to read", "assignment")
        return [_table(heads, rows, (8, 40, 17, 35))]


def _section(label: str, page: Path) -> tuple[str, str]:
    """Return the title and text of a section, or of the whole chapter."""
    text = page.read_text("utf-8")
    title, own = sections(text).get(label, ("", ""))
    if title and label.startswith("ch-"):
        return f"the whole chapter: {title.partition('. ')[2] or title}", text
    return title, own


def _link(label: str, title: str) -> nodes.Node:
    return addnodes.pending_xref(
        "",
        nodes.inline("", title.replace("`", ""), classes=["std", "std-ref"]),
        refdomain="std",
        reftype="ref",
        reftarget=label,
        refexplicit=True,
        refwarn=True,
    )


def _text(text: str) -> nodes.paragraph:
    return nodes.paragraph("", text)


def _table(
    heads: Iterable[str], rows: list[list[nodes.Node]], widths: tuple[int, ...]
) -> nodes.table:
    """Return a table."""
    table = nodes.table(classes=["course-path"])
    group = nodes.tgroup(cols=len(widths))
    group += [nodes.colspec(colwidth=width) for width in widths]
    head = nodes.thead()
    head += _row([_text(text) for text in heads])
    body = nodes.tbody()
    body += [_row(cells) for cells in rows]
    group += [head, body]
    table += group
    return table


def _row(cells: list[nodes.Node]) -> nodes.row:
    """Return a row of a table; a bare text gets its paragraph."""
    row = nodes.row()
    for cell in cells:
        inner = nodes.paragraph("", "", cell) if isinstance(cell, nodes.Text) else cell
        row += nodes.entry("", inner)
    return row


def setup(app: Sphinx) -> None:
    """Add the directives."""
    app.add_directive("path", PathDirective)
    app.add_directive("term-plan", TermDirective)
