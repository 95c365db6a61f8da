"""The map of the course: fifteen chapters in five parts, as inline SVG.

The chapters and their questions stand in `course.yml`. A chapter that is in the table
of contents is a link; the others are outlined, to come.
"""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

FILE = Path(__file__).with_name("course.yml")
GAP = 12


class coursemap(nodes.General, nodes.Element):
    """The place of the map."""


@dataclass(frozen=True)
class Chapter:
    """A chapter on the map."""

    name: str
    title: str
    question: str
    url: str | None

    @property
    def number(self) -> int:
        """The chapter's number."""
        return int(self.name[:2])


@dataclass(frozen=True)
class Layout:
    """How the boxes of the map are set out, in pixels."""

    name: str
    columns: int
    width: int
    box: tuple[int, int]
    line: int


WIDE = Layout("wide", columns=3, width=760, box=(240, 84), line=31)
NARROW = Layout("narrow", columns=1, width=340, box=(340, 78), line=46)


def read_parts() -> list[dict]:
    """Return the parts of the course with their chapters, as written in the file."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))["parts"]


def draw_map(layout: Layout, parts: list[tuple[str, list[Chapter]]]) -> str:
    """Return the map as SVG."""
    body: list[str] = []
    top = 0
    for caption, chapters in parts:
        caption = caption if layout.columns > 1 else caption.removeprefix("Part ")
        body.append(
            f'<text class="map-part" x="0" y="{top + 16}">{html.escape(caption)}</text>'
        )
        top += 28
        for index, chapter in enumerate(chapters):
            row, column = divmod(index, layout.columns)
            x = column * (layout.box[0] + GAP + 8)
            y = top + row * (layout.box[1] + GAP)
            if column:
                road = y + layout.box[1] // 2
                body.append(
                    f'<path class="map-road" d="M{x - GAP - 8} {road}h{GAP + 8}"/>'
                )
            body += _draw_box(layout, chapter, x, y)
        rows = -(-len(chapters) // layout.columns)
        top += rows * (layout.box[1] + GAP) + 14
    ready = [c.number for _, chapters in parts for c in chapters if c.url]
    total = sum(len(chapters) for _, chapters in parts)
    label = (
        f"Map of the course: {total} chapters in {len(parts)} parts. Chapters "
        f"{', '.join(map(str, ready))} can be read; the others are to come."
    )
    return (
        f'<svg class="course-map map-{layout.name}" role="group" '
        f'aria-label="{html.escape(label)}" '
        f'viewBox="-1 0 {layout.width + 2} {top}">' + "\n".join(body) + "</svg>"
    )


def _draw_box(layout: Layout, chapter: Chapter, x: int, y: int) -> Iterator[str]:
    """Yield one chapter's box, a link if the chapter can be read."""
    width, height = layout.box
    state = "ready" if chapter.url else "coming"
    yield (
        f'<a href="{html.escape(chapter.url)}" class="map-chapter {state}">'
        if chapter.url
        else f'<g class="map-chapter {state}">'
    )
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
    yield (
        f'<text class="map-title" x="{x + 14}" y="{y + 25}">'
        f'<tspan class="map-number">{chapter.number}</tspan>'
        f'<tspan dx="8">{html.escape(chapter.title)}</tspan></text>'
    )
    for index, line in enumerate(_wrap_lines(chapter.question, layout.line)):
        yield (
            f'<text class="map-question" x="{x + 14}" y="{y + 46 + 17 * index}">'
            f"{html.escape(line)}</text>"
        )
    yield "</a>" if chapter.url else "</g>"


def _wrap_lines(text: str, length: int) -> list[str]:
    """Break a question into lines."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= length:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


class CourseMapDirective(SphinxDirective):
    """Mark the place of the map, and read the page anew in each build."""

    def run(self) -> list[nodes.Node]:
        """Return the node that the writer replaces."""
        self.env.note_dependency(str(FILE))
        self.env.note_dependency(str(Path(self.env.srcdir) / "_toc.yml"))
        return [coursemap()]


def _visit_map(self: HTML5Translator, node: coursemap) -> None:
    env = self.builder.env
    here = self.builder.current_docname
    shown = []
    for part in read_parts():
        chapters = []
        for name, entry in part["chapters"].items():
            page = f"book/{name}"
            exists = page in env.found_docs
            url = self.builder.get_relative_uri(here, page) if exists else None
            chapters.append(Chapter(name, entry["title"], entry["question"], url))
        shown.append((part["caption"], chapters))
    self.body.append('<div class="course-maps">')
    self.body += [draw_map(layout, shown) for layout in (WIDE, NARROW)]
    self.body.append("</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Add the directive and its node."""
    app.add_directive("coursemap", CourseMapDirective)
    app.add_node(coursemap, html=(_visit_map, None))
