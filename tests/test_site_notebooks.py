"""Notebooks that travel: plain Markdown, and a library that unpacks itself."""

import base64
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import nbformat
import pytest

from course_site import downloads, plain
from course_site.sources import Tracer
from tests.support.places import ROOT
from tests.support.small_course import FLAT, NESTED, QUIZ, write_course


@pytest.fixture
def writer():
    return plain.PlainWriter(
        equations={"eq-02-softmax": "2.1"},
        titles={"02_queries": "Queries", "sec-02-softmax": "Softmax"},
    )


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("(sec-02-softmax)=\n## Softmax", "## Softmax"),
        ("see {eq}`eq-02-softmax`", "see (2.1)"),
        ("a {term}`query` and {term}`keys <key>`", "a query and keys"),
        ("in {ref}`sec-02-softmax`", "in Softmax"),
        ("in {ref}`that part <sec-02-softmax>`", "in that part"),
        ("{doc}`02_queries`", "Queries"),
        ("[chapter 4](04_bahdanau.md#x)", "chapter 4"),
        ("[site](https://example.org)", "[site](https://example.org)"),
        ("[me](mailto:a@example.org)", "[me](mailto:a@example.org)"),
        ("see [](#sec-02-softmax).", "see Softmax."),
        ("see [](sec-02-softmax).", "see Softmax."),
        ("see [](02_queries.md#sec-02-softmax).", "see Softmax."),
        ("see [](../book/02_queries.md).", "see Queries."),
        ("see [](</book/02_queries.md>).", "see Queries."),
        ('see [](02_queries.md "a title").', "see Queries."),
        ("by [](#eq-02-softmax).", "by (2.1)."),
        ("by [](eq-02-softmax).", "by (2.1)."),
        ("by {eq}`(see) <eq-02-softmax>`.", "by (2.1)."),
        ("by {math:numref}`eq-02-softmax`.", "by (2.1)."),
        ("by <project:#eq-02-softmax>.", "by (2.1)."),
        ("see <project:02_queries.md>.", "see Queries."),
        ("see {numref}`sec-02-softmax`", "see Softmax"),
        ("see {doc}`/book/02_queries`", "see Queries"),
        ("see {doc}`it <02_queries>`", "see it"),
        ("see [](#unknown-label).", "see unknown-label."),
        ("see [the {term}`query`](#sec-02-softmax).", "see the query."),
        ("a {math}`x_1`, a {py:func}`len`, {kbd}`Esc`", "a $x_1$, a `len`, `Esc`"),
        ("`f[a](b)`, ``[](#x) {ref}`y` ``", "`f[a](b)`, ``[](#x) {ref}`y` ``"),
        ("![alt](picture.png)", "![alt](picture.png)"),
        ("```{math}\n:label: eq-02-softmax\nx = 1\n```", "$$\nx = 1\n\\tag{2.1}\n$$"),
        ("```{note}\nMind.\n```", "> **Note**\n>\n> Mind."),
        (
            ":::{admonition} Mind\n:class: tip\nThe gap.\n:::",
            "> **Mind**\n>\n> The gap.",
        ),
        ("% a comment\ntext", "text"),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
        (
            "```python\n% no comment\nf[a](b) + {ref}`x`\n```",
            "```python\n% no comment\nf[a](b) + {ref}`x`\n```",
        ),
        ("see [](02_queries.md)", "see Queries"),
        (
            "::::{grid} 1 1 2 2\n:gutter: 3\n\n"
            ":::{grid-item-card} Read\nOne.\n:::\n::::",
            "> **Read**\n>\n> One.",
        ),
        ("```{container} promises\n- Runs.\n```", "- Runs."),
        ("The map:\n\n```{coursemap}\n```", "The map:"),
        (
            "```{note}\nMind:\n\n:::{math}\n:label: eq-02-softmax\nx\n:::\n```",
            "> **Note**\n>\n> Mind:\n>\n> $$\n> x\n> \\tag{2.1}\n> $$",
        ),
    ],
)
def test_myst_becomes_plain_markdown(writer, myst, markdown):
    assert writer.convert(myst) == markdown


def test_a_quiz_becomes_folded_answers(writer):
    text = writer.convert(QUIZ)
    assert "<summary>To 1, see $x$.</summary>\n\n**Right.** A softmax" in text
    assert "<summary>To `0`.</summary>\n\n**Not this one.** None" in text
    assert "{quiz}" not in text and "[x]" not in text


def test_a_citation_becomes_names_and_year():
    from pybtex.database import parse_file

    papers = parse_file(str(ROOT / "book" / "references.bib")).entries
    writer = plain.PlainWriter(papers=papers)
    assert writer.convert("{cite:t}`bahdanau2015`") == "Bahdanau et al. (2015)"
    both = writer.convert("{cite:p}`bahdanau2015,luong2015`")
    assert both == "(Bahdanau et al., 2015; Luong et al., 2015)"


@pytest.mark.parametrize("files", [FLAT, NESTED], ids=["flat", "nested"])
def test_the_same_files_give_the_same_archive(tmp_path, files):
    book = write_course(tmp_path, files) / "book"
    paths = sorted(p for p in book.rglob("*") if p.is_file())
    once = downloads.pack_files(paths, book)
    for path in paths:
        os.utime(path, (1, 1))
    assert downloads.pack_files(reversed(paths), book) == once


def packed(course: Path) -> str:
    """Return the archive of a course's library."""
    return downloads.pack_files(Tracer(course).library_files, course / "book")


def unpack(archive: str, folder: Path, code: str) -> None:
    """Run the first cell of a notebook in a folder, and then some code."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    travelling = downloads.convert_notebook(made, plain.PlainWriter(), "about", archive)
    nbformat.validate(travelling)
    folder.mkdir(parents=True, exist_ok=True)
    first = travelling.cells[1].source
    run = [sys.executable, "-S", "-c", f"{first}\n{code}"]  # -S: nothing is installed
    subprocess.run(run, cwd=folder, check=True)


def test_the_library_travels_with_its_packages_scripts_and_styles(tmp_path):
    archive = packed(write_course(tmp_path, NESTED))
    names = zipfile.ZipFile(BytesIO(base64.b64decode(archive))).namelist()
    assert names == sorted(name for name in NESTED if not name.endswith(".pyc"))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (FLAT, "import attention.dates"),
        (NESTED, "from attention.figures.explorer import SCRIPT, STYLE"),
    ],
    ids=["flat", "nested"],
)
def test_the_first_cell_unpacks_a_library_that_can_be_imported(tmp_path, files, code):
    unpack(packed(write_course(tmp_path, files)), tmp_path / "empty folder", code)


def test_the_first_cell_keeps_what_is_there(tmp_path):
    folder = tmp_path / "empty folder"
    mine = folder / "attention" / "masking.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine = 1\n")
    unpack(packed(write_course(tmp_path, FLAT)), folder, "import attention.dates")
    assert mine.with_name("additive.py").is_file()
    assert mine.read_text() == "mine = 1\n"


def test_the_first_cell_unpacks_nothing_where_the_library_is_installed(
    tmp_path, monkeypatch
):
    course = write_course(tmp_path, NESTED)
    archive, folder = packed(course), tmp_path / "empty folder"
    monkeypatch.setenv("PYTHONPATH", str(course / "book"))
    unpack(archive, folder, "import attention.figures.explorer")
    assert not list(folder.iterdir())
    (course / "book/attention/shapes.py").unlink()  # an older copy of the course
    unpack(archive, folder, "import attention.shapes")
    assert (folder / "attention" / "shapes.py").is_file()
