"""The page of systems: the sizes in its tables are those that its cell counts."""

import re

import pytest

from course_site.page_source import read_page
from tests.support.places import ROOT

PAGE = (ROOT / "book/systems.md").read_text("utf-8")


@pytest.mark.slow
def test_every_size_that_the_cell_counts_stands_in_a_table():
    found: dict = {}
    for cell in read_page(PAGE).code_cells:
        exec(cell.source, found)
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    for name, size in found["sizes"].items():
        assert any(f" {size:,} " in row for row in rows), name


def test_every_system_says_where_it_runs():
    rows = re.findall(r"^\| (?!:|system|method)(.+) \|$", PAGE, re.M)
    assert len(rows) >= 20
    assert all("{ref}`" in row for row in rows)
