"""Feedback for students: one harmless page each. One line of nbgrader_config.py:

    c.GenerateFeedback.exporter_class = "autograder.feedback.exporter.FeedbackExporter"

Then `nbgrader generate_feedback` and formgrader write these pages. Of a hidden test
the page tells its name, points and message, never its source. Nothing of a student's
can run, load or look like the grader's own panels: see `clean.py`; beyond
that, the page's policy forbids the browser all scripts and loads.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any

from nbconvert.exporters import Exporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets import Unicode

from autograder.course import Course
from autograder.feedback import PAGE_FOLDER, clean
from autograder.feedback.where_to_read import Place, places_of_hints, where_to_read
from autograder.gradebook.outputs import METADATA_KEY, WARNED, result_of_test
from autograder.model.explanation import Explanation
from autograder.model.verdict import CellVerdict, cell_from_json

LONGEST_SHORT = 200
STATE_WORDS = {
    "full": "all points",
    "part": "some points lost",
    "none": "no points",
    "waiting": "waits for a person",
    "extra": "no points to earn",
}


class FeedbackExporter(Exporter):
    """Turns an autograded notebook into a page of feedback."""

    site = Unicode("", help="the website's address, for links").tag(config=True)
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # nbconvert has no types
        self, nb: Any, resources: Any = None, **kwargs: Any
    ) -> tuple[str, Any]:
        """Return the page of a notebook whose cells hold their grades."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        page, css = FeedbackPage(self, nb, resources["nbgrader"]), read_style()
        template = make_environment().get_template("page.html.j2")
        made = template.render(page=page, css=css, policy=make_policy(css))
        return made, resources


@cache
def make_environment() -> Any:
    """Return what reads the page's template; all that is put into it is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(PAGE_FOLDER)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.trim_blocks = made.lstrip_blocks = True
    made.filters |= {"points": format_points, "ticks": mark_code}
    return made


def read_style() -> str:
    """Return the page's style sheet."""
    return (PAGE_FOLDER / "page.css").read_text(encoding="utf-8")


def make_policy(style: str) -> str:
    """Return what a browser may do with the page: use this style, show pictures."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def format_points(value: float | None) -> str:
    """Return points as text: `3`, `2.5`."""
    return f"{round(value or 0, 2):g}"


def mark_code(text: str) -> Any:
    """Return plain text as HTML, what stands between backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


class FeedbackPage:
    """What stands on a page of feedback."""

    def __init__(self, exporter: FeedbackExporter, nb: Any, place: Any) -> None:
        self.config, self.site = exporter.config, exporter.site
        self.title = place["notebook"]
        self.places = places_of_hints(Course.of_nbgrader(self.config), self.title)
        self.student = clean.clean_text(place["student"])
        self.score = place["score"]
        self.most = place["max_score"]
        self.late = place["late_penalty"]
        self.facts = read_facts(place)
        self.rejected = next(filter(None, map(why_rejected, nb.cells)), "")
        own = [cell for cell in nb.cells if not self.rejected or is_in_assignment(cell)]
        self.cells = [self.describe_cell(cell) for cell in own]
        self.marked = [cell for cell in self.cells if cell["state"]]
        lost = {"part", "none"}
        self.lost = [cell for cell in self.marked if cell["state"] in lost]
        rest = {"full", "extra"}
        self.rest = [cell for cell in self.marked if cell["state"] in rest]
        first = (cell for cell in self.marked if cell["state"] not in rest)
        self.first = [list(s) for _, s in groupby(first, lambda cell: cell["short"])]
        self.waiting = [cell for cell in self.marked if cell["state"] == "waiting"]

    def describe_cell(self, cell: Any) -> dict[str, Any]:
        """Return what the template needs of one cell."""
        meta = nbgraders_metadata(cell)
        name = meta.get("grade_id", "")
        fact = self.facts.get(name, {})
        role = role_of(cell, meta, fact)
        made: dict[str, Any] = {"role": role, "name": name, "state": ""}
        made["comment"] = clean.clean_markdown(meta.get("comment") or "")
        if role != "text" and (meta.get("grade") or meta.get("task")):
            made["score"], made["most"] = meta.get("score"), meta.get("points")
            made["state"] = name_state(made["score"] or 0, made["most"] or 0, fact)
            made["word"] = STATE_WORDS[made["state"]]
        made["said"] = self.describe_verdict(cell) if role == "test" else {}
        lost = made["state"] in ("none", "part")
        made["short"] = made["said"].get("short", "") if lost else ""
        made["code"] = cell.cell_type == "code"
        made["source"] = self.show_source(cell, role)
        outputs = cell.get("outputs", [])
        if role == "test":
            outputs = texts_of_test(outputs)
        made["outputs"] = clean.outputs_html(outputs)
        return made

    def show_source(self, cell: Any, role: str) -> str:
        """Return a cell's source as harmless HTML, of a test what students may see."""
        if role in ("text", "test", "given"):
            without_hidden(cell, self.config)
        if cell.cell_type == "code":
            return clean.code_html(cell.source)
        if cell.cell_type == "markdown":
            pictures, own = cell.get("attachments"), role == "text"
            return clean.clean_markdown(cell.source, own, pictures)
        return clean.preformatted(cell.source)

    def describe_verdict(self, cell: Any) -> dict[str, Any]:
        """Return what a test says: message, comparisons, hint and where to read."""
        verdict = find_verdict(cell)
        if verdict is None or verdict.outcome == "passed":
            return {}
        why, hint = verdict.why.mapped(clean.clean_text), verdict.hint or ""
        places = where_to_read(self.places, hint)
        without = tuple(one for one in why.compared if not one.expected)
        message = replace(why, compared=without).full.strip()
        short = (
            cut_first_line(hint)
            if hint
            else f"{cut_first_line(message)} {first_sentence(why)}"
        )
        return {
            "short": short.strip(),
            "hint": clean.clean_text(hint),
            "message": message,
            "compared": [one for one in why.compared if one.expected],
            "read": [self.link(place) for place in places],
        }

    def link(self, place: Place) -> tuple[str, str]:
        """Return a section's name and address."""
        return str(place), place.address(self.site)


def cut_first_line(text: str) -> str:
    """Return the first line of a text, cut."""
    first = clean.clean_text(text).strip().partition("\n")[0].removesuffix(":")
    return first if len(first) <= LONGEST_SHORT else f"{first[:LONGEST_SHORT]}…"


def first_sentence(why: Explanation) -> str:
    """Return the first sentence of what is remarked on an exception: its cause."""
    return cut_first_line(re.sub(r"\. .*", ".", why.remark, flags=re.S))


def find_verdict(cell: Any) -> CellVerdict | None:
    """Return the verdict on a test, None where nothing is said of it.

    A verdict in the metadata counts if the outputs are those that go with it: it may
    be the student's own where a cell was run by nbgrader, whose error is taken then.
    """
    with contextlib.suppress(TypeError, AttributeError, KeyError, ValueError):
        verdict = cell_from_json(cell.metadata[METADATA_KEY])
        if all(output in cell.outputs for output in result_of_test(verdict)):
            return verdict
    for error in cell.outputs:
        if error["output_type"] == "error":
            raised = "" if error["ename"] == "AssertionError" else error["ename"]
            return CellVerdict(0, 0, "error", Explanation(error["evalue"], raised))
    return None


def texts_of_test(outputs: list[Any]) -> list[Any]:
    """Return the texts that a student's code wrote during a test, as streams."""
    found = [output for output in outputs if output["output_type"] == "stream"]
    for output in outputs:
        if output.get("metadata") == WARNED:
            text = output["data"]["text/plain"]
            found.append({"output_type": "stream", "name": "stderr", "text": text})
    return found


def is_in_assignment(cell: Any) -> bool:
    """Whether a cell is one of the assignment's."""
    return "grade_id" in nbgraders_metadata(cell)


def why_rejected(cell: Any) -> str:
    """Return what a test's cell says of a notebook that could not be graded."""
    is_test = (
        cell.cell_type == "code"
        and role_of(cell, nbgraders_metadata(cell), {}) == "test"
    )
    verdict = find_verdict(cell) if is_test else None
    refused = verdict is not None and verdict.outcome == "rejected"
    return clean.clean_text(verdict.why.text) if verdict and refused else ""


def nbgraders_metadata(cell: Any) -> Any:
    """Return nbgrader's metadata of a cell."""
    return cell.metadata.get("nbgrader", {})


def role_of(cell: Any, meta: Any, fact: dict[str, Any]) -> str:
    """Return whose a cell is: the course's text, given code or test, or a student's.

    The course's are those alone that the gradebook holds with this very source.
    """
    if meta.get("grade") and not meta.get("solution"):
        return "test"
    if meta.get("task"):
        return "answer"
    if meta.get("solution"):
        return "answer"
    if meta.get("locked") and fact.get("source") == cell.source:
        return "given" if cell.cell_type == "code" else "text"
    return "note" if meta.get("grade_id") is None else "answer"


def name_state(score: float, most: float, fact: dict[str, Any]) -> str:
    """Return what became of a graded cell, in a word."""
    if fact.get("waiting"):
        return "waiting"
    if most <= 0:
        return "extra" if score <= 0 else "full"
    return "full" if score >= most else "part" if score > 0 else "none"


def read_facts(place: Any) -> dict[str, dict[str, Any]]:
    """Return what the gradebook knows of the cells: sources, and who still waits."""
    name, assignment = place["notebook"], place["assignment"]
    with Gradebook(place["db_url"]) as gradebook:
        own = gradebook.find_notebook(name, assignment)
        known = {cell.name: {"source": cell.source} for cell in own.source_cells}
        theirs = gradebook.find_submission_notebook(name, assignment, place["student"])
        for grade in theirs.grades:
            waits = grade.needs_manual_grade and grade.manual_score is None
            waiting = waits and grade.auto_score is None
            known.setdefault(grade.name, {})["waiting"] = waiting
    return known


def without_hidden(cell: Any, config: Any) -> None:
    """Take hidden tests and the scheme of marks out of a cell of the course."""
    hidden, scheme = ClearHiddenTests(config=config), ClearMarkScheme(config=config)
    try:
        hidden._remove_hidden_test_region(cell)
        scheme._remove_mark_scheme_region(cell)
    except RuntimeError:  # marks that do not match: nothing is shown
        cell.source = ""
