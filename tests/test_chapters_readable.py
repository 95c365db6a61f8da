"""Every chapter can be read in about an hour, on a page that is no wider than a book's.

What is folded (tags `hide-input` and `hide-cell`, dropdowns) is not counted: a reader
opens it or goes on.
"""

import ast
import re
from functools import cache
from statistics import median

import pytest

from course_site.page_source import PageCell, parse_blocks, read_directive, read_page
from tests.support.places import ROOT

BOOK = ROOT / "book"
CHAPTERS = sorted(BOOK.glob("[0-9][0-9]_*.md"))
SOLUTIONS = sorted(ROOT.glob("solutions/[0-9]*/[0-9]*.py"))
WIDTH = 80  # columns of code that fit beside the contents at 1024 px
CELL, MEDIAN = 25, 8  # lines of a visible cell
WORDS, LINES = 2600, 260  # of a chapter: about an hour
FOLDED = ("dropdown", "predict", "quiz")
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda p: p.stem)


@cache
def visible_cells(path) -> list[PageCell]:
    """Return the code cells that a reader sees without a click."""
    page = read_page(path.read_text("utf-8"))
    return [cell for cell in page.code_cells if cell.is_shown]


def lines(cell: PageCell) -> list[str]:
    """Return the lines that are not empty."""
    return [line for line in cell.source.splitlines() if line.strip()]


def count_words(text: str) -> int:
    """Count the words that a reader meets: a formula is one, what is folded is none."""
    rows = text.splitlines()
    for block in parse_blocks(text):
        if block.level or not block.map:
            continue
        directive = read_directive(block)
        if directive and directive.name in (*FOLDED, "math", "assignment"):
            for row in range(*block.map):
                rows[row] = ""
    shown = re.sub(r"\{[\w:]+\}`([^`<]+)[^`]*`", r"\1", "\n".join(rows))
    shown = re.sub(r"\$[^$]+\$", "x", shown)
    return len(re.findall(r"[^\W_]+(?:[-'’.,][^\W_]+)*", shown))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two words.", 2),
        ("A formula $a + b + c$ is one.", 5),
        ("A {term}`query <queries>` asks.", 3),
        ("Seen.\n\n```{dropdown} Going deeper\nNot counted here.\n```\n", 1),
        ("Seen.\n\n```{math}\n:label: eq-01-x\na = b\n```\n", 1),
    ],
)
def test_words_are_counted_as_a_reader_meets_them(text, words):
    assert count_words(text) == words


@each_chapter
def test_no_line_of_code_is_wider_than_the_page(chapter):
    page = read_page(chapter.read_text("utf-8"))
    wide = [
        line
        for cell in page.code_cells
        for line in cell.source.splitlines()
        if len(line) > WIDTH
    ]
    assert not wide


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda p: p.stem)
def test_no_line_of_an_assignment_is_wider_than_the_page(path):
    text = path.read_text("utf-8").splitlines()
    wide = [line for line in text if len(line) > WIDTH and not line.startswith("# |")]
    assert not [line for line in wide if not line.startswith("# %%")]


@each_chapter
def test_a_visible_cell_does_one_thing(chapter):
    sizes = {lines(cell)[0]: len(lines(cell)) for cell in visible_cells(chapter)}
    assert not {first: size for first, size in sizes.items() if size > CELL}
    assert median(sizes.values()) <= MEDIAN


@each_chapter
def test_a_chapter_is_read_in_about_an_hour(chapter):
    page = read_page(chapter.read_text("utf-8"))
    assert 800 <= count_words(page.prose) <= WORDS
    assert sum(len(lines(cell)) for cell in visible_cells(chapter)) <= LINES


@each_chapter
def test_a_cell_that_only_prepares_or_only_draws_is_folded(chapter):
    for cell in visible_cells(chapter):
        body = ast.parse(cell.source).body
        kinds = {type(node) for node in body}
        assert not kinds <= {ast.Import, ast.ImportFrom}, lines(cell)[0]
        assert not kinds <= {ast.Assert}, lines(cell)[0]


@each_chapter
def test_a_chapter_asks_before_it_answers_and_a_cell_holds_each_answer(chapter):
    page = read_page(chapter.read_text("utf-8"))
    assert page.prose.count("```{predict}") >= 3
    assert "Predict:" not in page.prose
    waiting = ""
    for cell in page.cells:
        if not cell.is_code:
            start, *asked = re.split(r"^`{3,}\{predict\}", cell.source, flags=re.M)
            assert not (waiting and re.search(r"^## ", start, re.M)), waiting
            waiting = asked[-1][:80] if asked else waiting
        elif re.search(r"^\s*assert ", cell.source, re.M):
            waiting = ""
    assert not waiting
