"""What a chapter's page weighs and moves; `python -m benchmarks pages` says more."""

import json
import re

import pytest

from benchmarks.pages import (
    MAX_HTML,
    MAX_SHIFT,
    SHARES,
    WIDTHS,
    load_page,
    most,
    serve,
)
from benchmarks.record import RESULTS
from tests.support.built_site import HTML, articles_of, each_built_chapter, read_built
from tests.support.places import ROOT

pytestmark = pytest.mark.slow
MEASURED = json.loads((RESULTS / "pages.json").read_text("utf-8"))["chapters"]


@pytest.fixture(scope="module")
def address():
    with serve(HTML) as running:
        yield running


@each_built_chapter
def test_the_text_of_a_page_stays_light(chapter):
    weight = len(read_built(chapter).encode())
    assert weight <= MAX_HTML


@each_built_chapter
def test_a_page_with_all_that_it_loads_stays_light_and_still(browser, address, chapter):
    for width in WIDTHS:
        found = load_page(browser, f"{address}book/{chapter}.html", width)
        assert found["bytes"] <= most(MEASURED, chapter, "bytes")
        assert found["shift"] <= MAX_SHIFT


@each_built_chapter
def test_a_page_takes_at_most_half_the_processor_time_of_before(chapter):
    for what in SHARES:
        assert MEASURED[chapter]["now"][what] <= most(MEASURED, chapter, what)


@each_built_chapter
def test_no_progress_bar_and_no_time_of_the_machine_that_built_the_page(chapter):
    assert re.findall(r"[^\n>]*(?:[█░]|\d CPU s\b)[^\n<]*", articles_of(chapter)) == []


def test_a_page_has_one_sheet_and_no_script_of_the_theme():
    for page in HTML.glob("book/*.html"):
        text = page.read_text("utf-8")
        without = re.findall(r"<noscript>.*?</noscript>", text, re.S)
        sheets = [part.count('rel="stylesheet"') for part in (text, *without)]
        assert sheets[0] - sum(sheets[1:]) == 1 and sum(sheets[1:]) <= 1
        loaded = re.findall(r'<script[^>]* src="(?:\.\./)?([^"?]*)', text)
        theirs = {f"_static/{path.name}" for path in (ROOT / "book/_static").iterdir()}
        assert {name for name in loaded if "/figures/" not in name} <= theirs
