"""The Sphinx extension: quizzes, cards, fingerprints, notebooks that travel."""

import json
import os
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import nbformat
import pytest

from course_site import ahead, assignment, coursemap, downloads, plain, sources
from course_site.fingerprints import fingerprint

ROOT = Path(__file__).resolve().parents[1]
EXTENSIONS = ROOT / "book" / "_ext"

HEADER = """\
---
orphan: true
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""
QUIZ = """\
```{quiz} sums
What do weights sum to?

- [x] To 1, see $x$.

  A softmax divides by the sum.
- [ ] To `0`.

  None of them is negative.
```
"""


# --- what a page depends on ----------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    """A tiny course: three modules, two data files, one page."""
    library = tmp_path / "book" / "attention"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("")
    (library / "masking.py").write_text("import json\n")
    (library / "additive.py").write_text("from attention.masking import f\n")
    (library / "dates.py").write_text(
        'from pathlib import Path\nFILE = Path(__file__) / "data" / "dates.txt"\n'
    )
    data = tmp_path / "book" / "data"
    data.mkdir()
    (data / "dates.txt").write_text("1 May")
    (data / "pairs.tsv").write_text("a\tb")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\npytest==9.2.0\n")
    return tmp_path


def page(course: Path, code: str) -> Path:
    path = course / "book" / "page.md"
    path.write_text(f"{HEADER}\n# Page\n\n```{{code-cell}}\n{code}\n```\n")
    return path


def changes(course: Path, code: str, file: str, text: str) -> bool:
    """Say whether an edit to a file changes the fingerprint of a page."""
    path = page(course, code)
    before = fingerprint(path, course)
    (course / file).write_text(text)
    return fingerprint(path, course) != before


def test_a_page_follows_imports_through_the_library(course):
    found = sources.needs("from attention.additive import x", course).modules
    assert [p.name for p in found] == ["__init__.py", "additive.py", "masking.py"]


@pytest.mark.parametrize(
    "code", ["import attention.masking", "from attention import additive"]
)
def test_an_edit_to_an_imported_module_is_seen(course, code):
    assert changes(course, code, "book/attention/masking.py", "x = 1")


def test_an_edit_to_another_module_is_not(course):
    code = "import attention.dates"
    assert not changes(course, code, "book/attention/masking.py", "x = 1")


def test_an_edit_to_a_data_file_that_the_library_names_is_seen(course):
    assert changes(course, "import attention.dates", "book/data/dates.txt", "2 May")


def test_an_edit_to_a_data_file_that_nothing_names_is_not(course):
    assert not changes(course, "import attention.dates", "book/data/pairs.tsv", "c\td")


def test_a_page_that_names_the_data_folder_alone_depends_on_all_of_it(course):
    code = 'import os\nos.listdir("data")'
    assert changes(course, code, "book/data/pairs.tsv", "c\td")


def test_a_data_file_is_known_by_how_its_name_begins(course):
    module = 'from pathlib import Path\nF = Path("data") / f"pairs.{1}"\n'
    (course / "book" / "attention" / "pairs.py").write_text(module)
    code = "import attention.pairs, attention.dates"
    found = sources.needs(code, course).files
    assert {path.name for path in found} == {"pairs.tsv", "dates.txt"}


def test_another_version_of_an_imported_package_is_seen(course):
    text = "numpy==2.4.7\npytest==9.2.0\n"
    assert changes(course, "import numpy", "constraints.txt", text)


def test_another_version_of_a_tool_is_not(course):
    text = "numpy==2.4.6\npytest==9.2.1\n"
    assert not changes(course, "import numpy", "constraints.txt", text)


def test_a_page_without_cells_has_no_fingerprint(course):
    path = course / "book" / "page.md"
    path.write_text("# Page\n")
    assert fingerprint(path, course) == ""


def test_code_that_does_not_parse_still_has_a_fingerprint(course):
    assert fingerprint(page(course, "def f(:"), course)


# --- a site in a temporary folder ----------------------------------------------------

CONFIG = """\
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_nb", "course_site"]
html_theme = "sphinx_book_theme"
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = []
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
mathjax_path = "mathjax/tex-chtml.js"
exclude_patterns = ["exercises", "_build"]
"""


class Site:
    """A small Sphinx project that uses the extension."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        (folder / "book").mkdir()
        (folder / "conf.py").write_text(CONFIG.format(extensions=str(EXTENSIONS)))
        self.page("index", "# Start\n")

    def page(self, name: str, text: str) -> None:
        (self.root / f"{name}.md").write_text(text)

    def build(self) -> str:
        """Build the site; return what Sphinx says."""
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-n", ".", "_build/html"],
            cwd=self.root,
            text=True,
            capture_output=True,
            timeout=120,
            env=os.environ | {"NO_COLOR": "1"},
        )
        return done.stdout + done.stderr

    def html(self, name: str) -> str:
        return (self.root / "_build" / "html" / f"{name}.html").read_text()


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


@pytest.mark.slow
def test_a_quiz_reads_without_a_script_and_can_be_linked(site):
    site.page("index", f"# Start\n\n{QUIZ}\nSee {{ref}}`it <quiz-sums>`.\n")
    assert ": WARNING: " not in site.build()
    html = site.html("index")
    assert html.count('<details class="quiz-option"') == 2
    assert re.search(
        r'data-right="true">\s*<summary class="quiz-choice">To 1, see', html
    )
    assert "[x]" not in html and "[ ]" not in html
    assert 'href="#quiz-sums"' in html and 'id="quiz-sums"' in html


WRONG = {
    "no-right-option": (QUIZ.replace("[x]", "[ ]"), "no option is right", 6),
    "no-reason": (
        QUIZ.replace("\n  None of them is negative.\n", ""),
        "gives no reason",
        9,
    ),
    "no-mark": (QUIZ.replace("[ ] To", "To"), r"start with \[x\] or \[ \]", 9),
    "one-option": (QUIZ[: QUIZ.index("- [ ]")] + "```\n", "at least two", 6),
    "no-question": (
        QUIZ.replace("What do weights sum to?\n\n", ""),
        "question is missing",
        3,
    ),
    "no-options": ("```{quiz} sums\nWhat?\n```\n", "must end with the list", 3),
    "bad-id": (QUIZ.replace("sums", "Sums!"), "lower-case", 3),
    "same-id": (f"{QUIZ}\n{QUIZ}", "taken by index.md:3", 14),
}


@pytest.mark.slow
def test_a_malformed_quiz_is_a_warning_that_names_file_and_line(site):
    for name, (text, _, _) in WRONG.items():
        if name != "same-id":
            text = text.replace("{quiz} sums", f"{{quiz}} {name}")
        top = "# Page\n\n"
        site.page("index" if name == "same-id" else name, f"{top}{text}")
    said = site.build()
    for name, (_, message, line) in WRONG.items():
        file = "index" if name == "same-id" else name
        found = re.search(rf"{file}\.md:{line}: WARNING: quiz .*{message}", said)
        assert found, (name, re.findall(rf"{file}\.md.*quiz.*", said))


CARD = "# Page\n\n```{assignment} 02_tiny\n```\n"


def notebook(**changed) -> dict:
    """Return a released notebook: two functions, 5 points, 3 for a written answer."""
    marks = {"grade": False, "solution": False, "locked": True, "grade_id": "x"}

    def cell(kind: str, text: str, **grade) -> dict:
        return {
            "cell_type": kind,
            "source": text,
            "metadata": {"nbgrader": marks | grade},
        }

    cells = [
        cell("markdown", "# Tiny steps\n\n**8 points**, about 20 minutes"),
        cell("code", "def one(x):\n    raise NotImplementedError()", solution=True),
        cell("code", "class Two:\n    pass", solution=True),
        cell("code", "assert one(1)", grade=True, points=5),
        cell("markdown", "Why?", grade=True, solution=True, points=3),
    ]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": cells,
    } | changed


def release(site: Site, text: str) -> None:
    folder = site.root / "exercises" / "02_tiny"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "02_tiny.ipynb").write_text(text)


@pytest.mark.slow
def test_an_assignments_card_says_what_the_notebook_says(site):
    site.page("index", CARD)
    release(site, json.dumps(notebook()))
    assert ": WARNING: " not in site.build()
    html = site.html("index")
    for text in ("Tiny steps", "8 points, 3 of them", "about 20 minutes", "one", "Two"):
        assert text in html
    link = re.search(r'href="(_downloads/[^"]+/02_tiny\.ipynb)"', html)[1]
    assert json.loads((site.root / "_build" / "html" / link).read_text())["cells"]


@pytest.mark.slow
@pytest.mark.parametrize("text", [None, "{", "[]", json.dumps(notebook(cells=[]))])
def test_an_assignment_that_cannot_be_read_is_a_warning_with_its_cure(site, text):
    site.page("index", CARD)
    if text is not None:
        release(site, text)
    said = site.build()
    warning = re.search(r"index\.md:3: WARNING: assignment: (.*)", said)[1]
    assert "exercises/02_tiny/02_tiny.ipynb" in warning
    assert "make release" in warning


def test_an_assignment_is_read_as_data(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(notebook()))
    assert assignment.read(path) == assignment.Assignment(
        "Tiny steps", 8, 3, ("one", "Two"), "about 20 minutes"
    )


@pytest.mark.slow
def test_a_cell_runs_again_when_the_library_changes_and_only_then(site):
    library = site.root / "book" / "attention"
    library.mkdir()
    (library / "__init__.py").write_text("")
    (library / "masking.py").write_text("ANSWER = 'first answer'\n")
    (library / "other.py").write_text("")
    code = "from attention.masking import ANSWER\nprint(ANSWER)"
    site.page("book/page", f"{HEADER}\n# Page\n\n```{{code-cell}}\n{code}\n```\n")
    assert "Executing notebook" in site.build()
    assert "first answer" in site.html("book/page")

    (library / "other.py").write_text("x = 1\n")
    assert "Executing notebook" not in site.build()

    (library / "masking.py").write_text("ANSWER = 'second answer'\n")
    assert "Executing notebook" in site.build()
    assert "second answer" in site.html("book/page")
    assert "first answer" not in site.html("book/page")


@pytest.mark.slow
def test_a_failed_build_is_not_taken_for_done(site):
    library = site.root / "book" / "attention"
    library.mkdir()
    (library / "__init__.py").write_text("")
    (library / "masking.py").write_text("ANSWER = 1\n")
    code = "from attention.masking import ANSWER\nassert ANSWER == 1"
    site.page("book/page", f"{HEADER}\n# Page\n\n```{{code-cell}}\n{code}\n```\n")
    assert "Executing notebook" in site.build()
    (library / "masking.py").write_text("ANSWER = 2\n")
    for _ in range(2):
        assert "Executing notebook failed" in site.build()


def cell(code: str) -> str:
    return f"{HEADER}\n# Page\n\n```{{code-cell}}\n{code}\n```\n"


MEET = """\
import pathlib, time
pathlib.Path("{mine}.here").touch()
with open("{mine}.runs", "a") as runs:
    runs.write("once ")
until = time.monotonic() + 60
while not pathlib.Path("{other}.here").exists():
    assert time.monotonic() < until, "{other} never ran at the same time"
    time.sleep(0.05)
print("{mine} has met {other}")
"""


@pytest.mark.slow
def test_pages_run_at_the_same_time_and_each_runs_once(site):
    for mine, other in ("ab", "ba"):
        site.page(f"book/{mine}", cell(MEET.format(mine=mine, other=other)))
    said = site.build()
    assert said.count("Executed notebook") == 2 and "failed" not in said
    for mine, other in ("ab", "ba"):
        assert f"{mine} has met {other}" in site.html(f"book/{mine}")
        assert (site.root / "book" / f"{mine}.runs").read_text() == "once "


@pytest.mark.slow
def test_of_pages_run_together_one_that_fails_ends_the_build_and_says_where(site):
    site.page("book/good", cell("print('went ' + 'well')"))
    site.page("book/bad", cell("x = 3\nassert x == 4, 'not ' + 'four'"))
    said = site.build()
    assert re.search(r"WARNING: .*bad\.md: Executing notebook failed", said)
    assert "not four" in said
    assert not (site.root / "_build" / "html" / "book" / "bad.html").exists()
    site.page("book/bad", cell("x = 4"))
    said = site.build()  # what ran well is known
    assert said.count("Executing notebook") == 1
    assert "went well" in site.html("book/good")


def test_what_was_never_measured_starts_first_and_then_the_longest(tmp_path):
    names = ["book/01_short", "book/02_long", "book/03_new"]
    assert ahead.longest_first(names[::-1], tmp_path) == names
    measured = tmp_path / ahead.MEASURED
    measured.parent.mkdir(parents=True)
    times = {"01_short": {"seconds": 1.5}, "02_long": {"seconds": 80.0}}
    measured.write_text(json.dumps({"chapters": times}))
    assert ahead.longest_first(names, tmp_path) == [names[2], names[1], names[0]]


# --- notebooks that travel -----------------------------------------------------------


@pytest.fixture
def writer():
    return plain.Writer(
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
        ("```{math}\n:label: eq-02-softmax\nx = 1\n```", "$$\nx = 1\n\\tag{2.1}\n$$"),
        ("```{note}\nMind.\n```", "> **Note**\n>\n> Mind."),
        (
            ":::{admonition} Mind\n:class: tip\nThe gap.\n:::",
            "> **Mind**\n>\n> The gap.",
        ),
        ("% a comment\ntext", "text"),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
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
    writer = plain.Writer(papers=papers)
    assert writer.convert("{cite:t}`bahdanau2015`") == "Bahdanau et al. (2015)"
    both = writer.convert("{cite:p}`bahdanau2015,luong2015`")
    assert both == "(Bahdanau et al., 2015; Luong et al., 2015)"


def test_the_same_files_give_the_same_archive(course):
    book = course / "book"
    files = sorted(p for p in book.rglob("*") if p.is_file())
    once = downloads.pack(files, book)
    for path in files:
        os.utime(path, (1, 1))
    assert downloads.pack(reversed(files), book) == once


def test_the_first_cell_unpacks_the_library_and_keeps_what_is_there(
    course, tmp_path, monkeypatch
):
    import base64

    book = course / "book"
    archive = downloads.pack(sorted((book / "attention").glob("*.py")), book)
    names = zipfile.ZipFile(BytesIO(base64.b64decode(archive))).namelist()
    assert "attention/masking.py" in names
    folder = tmp_path / "empty folder"
    (folder / "attention").mkdir(parents=True)
    (folder / "attention" / "masking.py").write_text("mine = 1\n")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    travelling = downloads.convert(made, plain.Writer(), "about", archive)
    nbformat.validate(travelling)
    code = travelling.cells[1].source + "\nimport attention.dates"
    command = [sys.executable, "-S", "-c", code]  # -S: readers have not installed it
    subprocess.run(command, cwd=folder, check=True)
    assert (folder / "attention" / "additive.py").is_file()
    assert (folder / "attention" / "masking.py").read_text() == "mine = 1\n"


# --- the map -------------------------------------------------------------------------


def test_the_map_names_every_chapter_and_links_those_that_exist():
    chapters = [
        coursemap.Chapter("01_cues", "Cues", "Where <do> we look?", None),
        coursemap.Chapter("02_queries", "Queries", "What comes back?", "02.html"),
    ]
    svg = coursemap.draw(coursemap.WIDE, [("Part I", chapters)])
    assert svg.count("<a ") == 1 and 'href="02.html"' in svg
    assert "Where &lt;do&gt; we look?" in svg
    assert "2 chapters in 1 parts. Chapters 2 can be read" in svg
