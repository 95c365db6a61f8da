"""The Sphinx extension: quizzes, cards, cells that run, the map."""

import ast
import json
import re

import pytest

from course_site import ahead, assignment, coursemap
from course_site.library import find_definition
from tests.support.pace import PATIENCE
from tests.support.places import ROOT
from tests.support.small_course import QUIZ
from tests.support.small_site import Site

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


def test_no_name_of_the_extension_means_two_things():
    found = [
        node.name
        for path in (EXTENSIONS / "course_site").glob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name != "setup"
    ]
    assert sorted(found) == sorted(set(found))


# --- a site in a temporary folder ----------------------------------------------------


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
    assert assignment.read_released(path) == assignment.Assignment(
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
until = time.monotonic() + {patience}
while not pathlib.Path("{other}.here").exists():
    assert time.monotonic() < until, "{other} never ran at the same time"
    time.sleep(0.05)
print("{mine} has met {other}")
"""


@pytest.mark.slow
def test_pages_run_at_the_same_time_and_each_runs_once(site):
    for mine, other in ("ab", "ba"):
        site.page(
            f"book/{mine}", cell(MEET.format(mine=mine, other=other, patience=PATIENCE))
        )
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
    assert ahead.order_longest_first(names[::-1], tmp_path) == names
    measured = tmp_path / ahead.MEASURED
    measured.parent.mkdir(parents=True)
    times = {"01_short": {"seconds": 1.5}, "02_long": {"seconds": 80.0}}
    measured.write_text(json.dumps({"chapters": times}))
    assert ahead.order_longest_first(names, tmp_path) == [names[2], names[1], names[0]]


# --- predictions, and the library on the site ----------------------------------------

PREDICTION = """\
# Page

```{predict}
Which sums are 1?

---

The rows: $a < b$.
```
"""


def test_the_answer_to_a_prediction_waits_to_be_opened(site):
    site.page("page", PREDICTION)
    assert "predict:" not in site.build()
    html = site.html("page")
    box = re.search(r'<div class="predict".*?</div>', html, re.S)[0]
    question, answer = box.split("<details>")
    assert "Which sums are 1?" in question and "rows" not in question
    assert "<summary>Compare your answer</summary>" in answer and "rows" in answer


@pytest.mark.parametrize("body", ["Only asked?", "---\n\nAn answer.", "A?\n\n---"])
def test_a_prediction_without_question_or_answer_is_a_warning(site, body):
    site.page("page", f"# Page\n\n```{{predict}}\n{body}\n```\n")
    assert "page.md:3: WARNING: predict: write a question" in site.build()


LIBRARY = '''\
"""Where to look."""


def attend(query, keys: list[float], mask: bool | None = None) -> float:
    """Return a weighted mean.

    The rest is not shown.
    """
    return 0.0


class Heads(dict):
    """Several at once."""

    def __init__(self, h: int, width_of_the_whole_model: int, dropout_of_weights=0.1):
        """Make them."""

    def helper(self):
        """Help."""
'''


@pytest.fixture
def library(site):
    folder = site.root / "book" / "attention"
    folder.mkdir()
    (folder / "heads.py").write_text(LIBRARY)
    return site


def test_a_signature_shows_how_a_function_is_called_and_links_to_its_source(library):
    text = "# Page\n\n```{library} attention.heads.attend\n```\n\n"
    library.page("page", f"{text}See {{lib}}`attention.heads.Heads`.\n")
    assert "library:" not in library.build()
    html = library.html("page")
    seen = re.sub(r"<[^>]+>", "", html)
    assert "def attend(query, keys, mask=None):" in seen
    assert "Return a weighted mean." in seen and "not shown" not in seen
    assert 'href="library/attention/heads.html#attend"' in html
    assert 'href="library/attention/heads.html#Heads"' in html
    source = library.html("library/attention/heads")
    assert '<div id="attend">' in source and '<div id="Heads">' in source


def test_a_classes_signature_is_how_it_is_made_and_called(tmp_path):
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "heads.py").write_text(LIBRARY)
    found = find_definition(tmp_path, "attention.heads.Heads").signature
    assert found.startswith('class Heads(dict):\n    """Several at once."""')
    assert "helper" not in found and "dropout_of_weights=0.1):" in found
    assert max(map(len, found.splitlines())) <= 80


@pytest.mark.parametrize(
    "name", ["attention.heads.no", "attention.no.attend", "os.path"]
)
def test_a_name_that_the_library_lacks_is_a_warning(library, name):
    library.page("page", f"# Page\n\n```{{library}} {name}\n```\n\n{{lib}}`{name}`\n")
    said = library.build()
    assert f"page.md:3: WARNING: library: {name}" in said
    assert f"WARNING: lib: {name}" in said


# --- the map -------------------------------------------------------------------------


def test_the_map_names_every_chapter_and_links_those_that_exist():
    chapters = [
        coursemap.Chapter("01_cues", "Cues", "Where <do> we look?", None),
        coursemap.Chapter("02_queries", "Queries", "What comes back?", "02.html"),
    ]
    svg = coursemap.draw_map(coursemap.WIDE, [("Part I", chapters)])
    assert svg.count("<a ") == 1 and 'href="02.html"' in svg
    assert "Where &lt;do&gt; we look?" in svg
    assert "2 chapters in 1 parts. Chapters 2 can be read" in svg
