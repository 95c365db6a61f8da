"""Pictures that were pasted into a text stay; one that never came stops no page."""

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.authoring.from_notebook import assignment_from
from autograder.grading.autograded import autograded_notebook, notebook_text
from autograder.grading.pictures import complete_attachments, named_in
from autograder.intake.attachments import read_attachments
from autograder.intake.take_in import take_in
from autograder.model.pictures import MISSING_PICTURE
from autograder.model.verdict import reject_submission
from tests.support.hand_ins import NAME, as_bytes, by_id, solved, tiny_assignment

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
HELD = {"image.png": {"image/png": PNG}}
SHOWS = "![image.png](attachment:image.png)"


def graded(notebook, assignment=None):
    """Return the autograded notebook to one that was handed in."""
    assignment = assignment or tiny_assignment()
    submission = take_in(as_bytes(notebook), assignment)
    verdict = reject_submission("ada", assignment, "", "")
    made = autograded_notebook(assignment, submission, verdict, {})
    node = nbformat.reads(notebook_text(made).decode(), as_version=4)
    nbformat.validate(node)
    return node


def page(node):
    return HTMLExporter().from_notebook_node(node)[0]


def own(source, kind="markdown", **more):
    cell = {"cell_type": kind, "id": "own", "metadata": {}, "source": source, **more}
    return {**solved(), "cells": [*solved()["cells"], cell]}


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_picture_in_a_text_of_ones_own_stays(kind):
    made = graded(own(SHOWS, kind, attachments=HELD))
    cell = next(c for c in made.cells if c.source == SHOWS)
    assert cell.cell_type == kind and cell.attachments == HELD
    assert kind == "raw" or PNG in page(made)


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_a_picture_in_a_written_answer_stays_whatever_the_cell_became(kind):
    notebook = solved()
    by_id(notebook, "why-zero").update(
        source=SHOWS, attachments=HELD, cell_type=kind, outputs=[]
    )
    made = graded(notebook)
    cell = next(c for c in made.cells if c.id == "why-zero")
    assert cell.cell_type == "markdown" and cell.attachments == HELD
    assert PNG in page(made)


@pytest.mark.parametrize("handed", ["kept", "without", "deleted"])
def test_a_picture_of_the_assignments_own_text_stays(handed):
    source = solved()
    by_id(source, "intro").update(source=SHOWS, attachments=HELD)
    node = nbformat.from_dict(source)
    assignment = assignment_from(NAME, tiny_assignment().path, node)
    if handed == "without":
        by_id(source, "intro").pop("attachments")
    if handed == "deleted":
        source["cells"] = source["cells"][1:]
    made = graded(source, assignment)
    assert made.cells[0].attachments == HELD
    assert PNG in page(made)


def test_lines_of_base64_are_one_picture():
    lines = [PNG[:76] + "\n", PNG[76:]]
    made = graded(own(SHOWS, attachments={"image.png": {"image/png": lines}}))
    assert made.cells[-1].attachments == HELD


NEVER_CAME = [
    SHOWS,
    "![](attachment:a%20b.png)",
    "![](<attachment:a b.png>)",
    "![](attachment:a(1).png 'title')",
    "![][r]\n\n[r]: attachment:a.png",
    "![r]\n\n[r]:\n  <attachment:a b.png> 'x'",
    "![](&#97;ttachment:a.png)",
    "![](attachment\\:a\\_b.png)",
    "![](attachment:Bildschirmfoto-Übung.png)",
    "![](attachment:a&amp;b.png)",
    "![](\nattachment:a.png\n)",
    "[![a](attachment:a.png)](http://x)",
    "| a |\n|---|\n| ![a](attachment:a.png) |",
    "> * ![a](attachment:a.png)",
    "![](attachment:)",
    "![](attachment:\N{NO-BREAK SPACE}x.png)",
    "text ![](attachment:a.png)![](attachment:b.png) text",
]


@pytest.mark.parametrize("text", NEVER_CAME)
@pytest.mark.parametrize("where", ["own", "written", "other-kind-of-file"])
def test_a_picture_that_never_came_has_one_in_its_place(text, where):
    notebook = solved()
    if where == "own":
        notebook = own(text, attachments={"other.png": {"image/png": PNG}})
    elif where == "written":
        by_id(notebook, "why-zero")["source"] = text
    else:
        notebook = own(text, attachments={"a.png": {"application/pdf": PNG}})
    made = graded(notebook)
    assert text in [cell.source for cell in made.cells]
    assert MISSING_PICTURE["image/svg+xml"] in page(made)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a b.png", "![](attachment:a%20b.png)"),
        ("a b.png", "![](<attachment:a b.png>)"),
        ("Übung.png", "![](attachment:%C3%9Cbung.png)"),
        ("U\u0308bung.png", "![](attachment:Übung.png)"),
    ],
)
def test_a_picture_is_found_under_another_spelling_of_its_name(name, text):
    made = graded(own(text, attachments={name: {"image/png": PNG}}))
    assert f"data:image/png;base64,{PNG}" in page(made)


def test_an_html_tag_has_its_picture_too():
    held = complete_attachments('<img width="3" src="attachment:a.png">', {})
    assert held == {"a.png": MISSING_PICTURE}


class Asked(dict):
    """Attachments that remember what they were asked for."""

    def __contains__(self, name):
        self[name] = {"image/png": PNG}
        return True


parts = st.sampled_from(
    [
        "![",
        "a",
        "](",
        "attachment:",
        "x.png",
        ")",
        "(",
        "<",
        ">",
        "\\",
        "&amp;",
        "%20",
        " ",
        "\n",
        "[r]:",
        "[r]",
        "]",
        "`",
        "'t'",
        '"',
        "|",
        "\n\n",
        "> ",
        "é",
        "&#97;",
        "*",
        "$",
        "\t",
        "\xa0",
        "![r]\n\n[r]: ",
        "![a](attachment:",
        "\x0b",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(parts, max_size=14).map("".join))
def test_each_name_that_nbconvert_looks_up_is_known(text):
    asked = Asked()
    renderer = IPythonRenderer(escape=False, attachments=asked)
    MarkdownWithMath(renderer=renderer).render(f"![a](attachment:{text})")
    assert set(asked) <= set(named_in(f"![a](attachment:{text})"))


STRANGE = [
    None,
    [],
    "image.png",
    {"image.png": None},
    {"image.png": {}},
    {"image.png": "x"},
    {"image.png": {"image/png": None}},
    {"image.png": {"image/png": {"a": 1}}},
    {"image.png": {"image/png": '"><script>alert(1)</script>'}},
    {"image.png": {"image/png": "A"}},
    {"image.png": {"image/png": "AAAA==="}},
    {"image.png": {"text/html": PNG}},
    {"image.png": {'image/png" onerror="alert(1)': PNG}},
    {"\ud800": {"image/png": PNG}},
    {"": {"image/png": PNG}},
    {"a" * 5000: {"image/png": PNG}},
]


@pytest.mark.parametrize("held", STRANGE, ids=lambda held: repr(held)[:40])
def test_what_is_no_picture_is_left_out_and_stops_no_page(held):
    assert read_attachments(held) == {}
    made = page(graded(own(SHOWS, attachments=held)))
    assert "alert(1)" not in made
    assert MISSING_PICTURE["image/svg+xml"] in made


anything = st.recursive(
    st.none() | st.text(max_size=5) | st.integers() | st.just(PNG),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["image.png", "image/png", "text/html", ""]), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_no_attachments_make_a_notebook_that_is_none(held):
    made = graded(own(SHOWS, attachments=held))
    assert json.dumps(made)
    assert "image.png" in made.cells[-1].attachments
