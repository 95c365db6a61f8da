"""The `{assignment}` directive: a card with what a released assignment asks for."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)
TIME = re.compile(r"(?:about )?(?:\d+(?: to \d+)? minutes|an hour)")
USUAL_TIME = "30 to 60 minutes"


@dataclass(frozen=True)
class Assignment:
    """What a released notebook says of itself."""

    title: str
    points: float
    written: float
    parts: tuple[str, ...]
    time: str


def read_released(path: Path) -> Assignment:
    """Read a released notebook.

    Raises:
        ValueError: if it is not a notebook with a title.

    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError("not a notebook") from error
    texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    title = next(m.group(1) for t in texts if (m := re.search(r"^# (.+)$", t, re.M)))
    points = written = 0.0
    parts: list[str] = []
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade"):
            points += marks["points"]
            written += marks["points"] if marks["solution"] else 0
        elif marks.get("solution"):
            parts += _find_definitions("".join(cell["source"]))
    said = next((m.group() for t in texts[:2] if (m := TIME.search(t))), USUAL_TIME)
    return Assignment(title.strip(), points, written, tuple(parts), said)


def _find_definitions(code: str) -> list[str]:
    """Return the functions and classes that a cell defines at top level."""
    kinds = ast.FunctionDef | ast.ClassDef
    return [node.name for node in ast.parse(code).body if isinstance(node, kinds)]


class AssignmentDirective(SphinxDirective):
    """Show the card of the assignment that the argument names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the card, or warn with what is missing and how to get it."""
        name = self.arguments[0]
        file = f"exercises/{name}/{name}.ipynb"
        path = Path(self.env.srcdir) / file
        self.env.note_dependency(str(path))
        try:
            return [self._card(name, file, read_released(path))]
        except FileNotFoundError:
            self._warn(f"{file} is missing: run `make release`")
        except (ValueError, StopIteration, SyntaxError, KeyError) as error:
            why = error or "no title"
            self._warn(f"{file} can't be read ({why}): run `make release`")
        return []

    def _warn(self, message: str) -> None:
        where = (self.env.docname, self.lineno)
        LOGGER.warning("assignment: %s", message, location=where, type="assignment")

    def _card(self, name: str, file: str, what: Assignment) -> nodes.Node:
        anchor = f"assignment-{name.replace('_', '-')}"
        total = f"{what.points:g} points"
        if what.written:
            total += f", {what.written:g} of them for a written answer"
        card = nodes.container("", ids=[anchor], classes=["assignment"])
        card += nodes.paragraph("", what.title, classes=["assignment-title"])
        card += nodes.paragraph("", f"{total}. Time: {what.time}.")
        card += nodes.paragraph("", "You write:")
        items = [nodes.list_item("", _code_paragraph(part)) for part in what.parts]
        card += nodes.bullet_list("", *items, classes=["assignment-parts"])
        link = addnodes.download_reference(
            "",
            "",
            nodes.inline("", "Download the assignment (.ipynb)"),
            reftarget=f"/{file}",
            refdoc=self.env.docname,
        )
        card += nodes.paragraph("", "", link, classes=["assignment-download"])
        domain = self.env.get_domain("std")
        domain.anonlabels[anchor] = self.env.docname, anchor
        domain.labels[anchor] = self.env.docname, anchor, what.title
        return card


def _code_paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.literal(text, text))


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("assignment", AssignmentDirective)
