"""The table of the cousins: its numbers, its HTML, its text."""

import json
from html.parser import HTMLParser
from statistics import fmean

import pytest

from attention.data.files import book_file
from attention.figures.cousin_table import TABLE_CAPTION, read_cousins, show_cousins

FOUND = json.loads(book_file("data/cousins.json").read_text("utf-8"))


def test_each_number_is_the_mean_over_the_seeds_with_its_range():
    runs = [
        part["scores"]["seconds"]["right"]
        for name, part in FOUND["parts"].items()
        if name.startswith("run/recall/dilated/")
    ]
    score = read_cousins()["dilated"]["recall"]["seconds"]["right"]
    assert len(runs) == 3
    assert score.mean == pytest.approx(fmean(runs))
    assert (score.low, score.high) == (min(runs), max(runs))


def test_self_attention_is_the_measure_of_seconds():
    for task in FOUND["setup"]:
        found = read_cousins()["attention"][task]
        assert found["times"] == 1
        assert found["steps"] == found["seconds"]


class Table(HTMLParser):
    """Counts cells and reads row headings."""

    def __init__(self, text):
        super().__init__()
        self.cells, self.rows, self.scopes = 0, 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.rows += tag == "tr"
        self.cells += tag == "td"
        self.scopes += [value for name, value in attrs if name == "scope"]


def test_the_table_has_a_cell_for_each_model_and_headings_for_rows_and_columns():
    table = show_cousins()
    found, models = Table(table._repr_html_()), len(FOUND["models"])
    assert found.cells == 1 + models * len(table.rows())
    assert found.scopes.count("col") == models
    assert found.scopes.count("row") == len(table.rows())
    assert found.scopes.count("rowgroup") == len(FOUND["setup"])


def test_the_text_says_the_same():
    text = repr(show_cousins())
    assert text.startswith(TABLE_CAPTION)
    for _, label, cells in show_cousins().rows():
        assert label[0] in text and all(main in text for main, _ in cells)
