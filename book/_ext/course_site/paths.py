"""Ways through the course: `{path}` lists sections, `{term-plan}` the weeks of a class.

Minutes are counted from the pages, points read from the released notebooks.
A chapter that is not in the table of contents is named without a link.
"""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .assignment import read_released
from .coursemap import read_parts
from .page_source import read_page

LOGGER = logging.getLogger(__name__)
WORDS_A_MINUTE = 150
LINES_A_MINUTE = 10


def count_minutes(text: str) -> int:
    """Return how long a text takes: its words, and the lines of the cells it shows."""
    page = read_page(text)
    shown = [cell for cell in page.code_cells if cell.is_shown]
    lines = [
        line for cell in shown for line in cell.source.splitlines() if line.strip()
    ]
    words = page.count_words(before="Quiz")
    return max(1, round(words / WORDS_A_MINUTE + len(lines) / LINES_A_MINUTE))


def find_page(number: str, book: Path) -> Path | None:
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
            page = find_page(number, book)
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
            title, text = _find_section(label, page)
            if not title:
                where = (self.env.docname, self.lineno)
                LOGGER.warning("path: no section %s", label, location=where)
                continue
            took += count_minutes(text)
            links += [nodes.Text(" · ")] if links.children else []
            links += _link(label, title) if known else nodes.Text(title)
        return took, links


class TermDirective(SphinxDirective):
    """Show a class's weeks: chapter, minutes, assignment, points."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table of the first so many chapters, one a week."""
        self.env.note_dependency(str(Path(self.env.srcdir) / "_toc.yml"))
        titles = {
            name: chapter["title"]
            for part in read_parts()
            for name, chapter in part["chapters"].items()
        }
        weeks = [
            self._week(name, title)
            for name, title in list(titles.items())[: int(self.arguments[0])]
        ]
        rows = [row for row, _ in weeks]
        total = sum(points for _, points in weeks)
        rows.append([_text(""), _text("together"), _text(""), _text(f"{total:g}")])
        heads = ("week", "chapter", "minutes to read", "assignment")
        return [_table(heads, rows, (8, 40, 17, 35))]

    def _week(self, name: str, title: str) -> tuple[list[nodes.Node], float]:
        """Return the row of a chapter, and its assignment's points."""
        root = Path(self.env.srcdir)
        page = root / "book" / f"{name}.md"
        file = root / "exercises" / name / f"{name}.ipynb"
        self.env.note_dependency(str(page))
        self.env.note_dependency(str(file))
        took, work, points = "", "to come", 0.0
        chapter: nodes.Node = nodes.Text(title)
        if f"book/{name}" in self.env.found_docs:
            took = str(count_minutes(page.read_text("utf-8")))
            chapter = _link(f"ch-{name.replace('_', '-')}", title)
        if file.is_file():
            what = read_released(file)
            points = what.points
            work = f"{points:g} points, {what.time}"
        cells = [_text(str(int(name[:2]))), nodes.paragraph("", "", chapter)]
        return [*cells, _text(took), _text(work)], points


def _find_section(label: str, page: Path) -> tuple[str, str]:
    """Return the title and text of a section, or of the whole chapter."""
    text = page.read_text("utf-8")
    section = read_page(text).sections.get(label)
    if section is None:
        return "", ""
    if label.startswith("ch-"):
        title = section.title.partition(". ")[2] or section.title
        return f"the whole chapter: {title}", text
    return section.title, section.text


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
