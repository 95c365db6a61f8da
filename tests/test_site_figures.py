"""A chapter shows early what it finds, and never goes long without a picture.

A screen is 840 pixels high in a window 1400 wide. The report says where a gap is.
"""

import re
from functools import cache

import pytest

from benchmarks.pages import serve
from tests.support.built_site import CHAPTERS, HTML, each_built_chapter

pytestmark = pytest.mark.slow
SCREEN = 840
FIRST, APART = 2 * SCREEN, 3 * SCREEN
PATH = "two-hours-from-a-query-to-gpt"

FIGURES = """() => {
  const article = document.querySelector('article');
  const start = article.getBoundingClientRect().top;
  const found = [...article.querySelectorAll('figure, .picture, svg, img, canvas')]
    .filter(e => !e.closest('button, summary, .headerlink, mjx-container, .math'))
    .filter(e => !e.closest('details:not([open])'))
    .map(e => e.getBoundingClientRect())
    .filter(box => box.width >= 200 && box.height >= 60)
    .map(box => [box.top - start, box.bottom - start]);
  const heads = [...article.querySelectorAll('h1, h2, h3')]
    .map(e => [e.getBoundingClientRect().top - start, e.firstChild.textContent.trim()]);
  return {found, heads};
}"""
HAS_ONE = """place => [...(document.getElementById(place).closest('section')
  ?? document.getElementById(place)).querySelectorAll('figure, .picture, svg, img')]
  .some(e => e.getBoundingClientRect().width >= 200
    && e.getBoundingClientRect().height >= 60 && !e.closest('.math, mjx-container'))"""


@pytest.fixture(scope="module")
def page(browser):
    with serve(HTML) as address:
        context = browser.new_context(viewport={"width": 1400, "height": SCREEN})
        view = context.new_page()
        view.address = address
        yield view
        context.close()


@pytest.fixture(scope="module")
def figures(page):
    """Where a chapter's figures are, and its headings, from the article's top."""

    @cache
    def look(chapter):
        page.goto(f"{page.address}book/{chapter}.html", wait_until="networkidle")
        return page.evaluate(FIGURES)

    return look


def place(heads: list, top: float) -> str:
    """Return the heading that stands last above a place."""
    return [heads[0][1], *(text for above, text in heads if above <= top + 1)][-1]


def gaps(seen: dict) -> list[tuple[float, str]]:
    """Return each stretch without a figure, up to the summary, and where it begins."""
    end = next(top for top, text in seen["heads"] if text == "Summary")
    found, reached = [], 0.0
    for top, bottom in [*sorted(seen["found"]), (end, end)]:
        if top > end:
            break
        found.append((top - reached, place(seen["heads"], reached)))
        reached = max(reached, bottom)
    return found


@each_built_chapter
def test_the_first_figure_is_within_two_screens(figures, chapter):
    tops = [top for top, _ in figures(chapter)["found"]]
    assert tops, f"{chapter}: no figure at all"
    first = min(tops)
    assert first <= FIRST, f"{chapter}: first figure after {first / SCREEN:.1f} screens"


@each_built_chapter
def test_no_two_figures_are_more_than_three_screens_apart(figures, chapter):
    far = [
        f"{chapter}: {gap / SCREEN:.1f} screens without a figure from “{where}”"
        for gap, where in gaps(figures(chapter))
        if gap > APART
    ]
    assert not far, "\n".join(far)


def test_the_two_hour_path_passes_a_figure_in_each_of_its_chapters(page):
    text = (HTML / "book" / "paths.html").read_text("utf-8")
    section = re.search(rf'<section id="{PATH}">.*?</section>', text, re.S)
    links = re.findall(r'href="((\d\d_\w+)\.html#([\w-]+))"', section[0])
    passed = dict.fromkeys((chapter for _, chapter, _ in links), False)
    for link, chapter, anchor in links:
        page.goto(f"{page.address}book/{link}", wait_until="load")
        passed[chapter] |= page.evaluate(HAS_ONE, anchor)
    assert set(passed) <= set(CHAPTERS) and passed
    assert all(passed.values()), [c for c, seen in passed.items() if not seen]
