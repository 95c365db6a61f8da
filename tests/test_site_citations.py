"""Papers have one name each: in the text, in the list, in notebooks, in the library."""

import re
import subprocess
import sys
from collections import Counter

import pytest
from pybtex.database import Entry, parse_file, parse_string

from course_site.citations import CourseStyle, letter_years, name_authors, name_paper
from course_site.plain import PlainWriter
from tests.support.pace import PATIENCE
from tests.support.places import ROOT

PAPERS = parse_file(str(ROOT / "book" / "references.bib")).entries
letter_years(PAPERS.values())
NAMES = [name_paper(entry) for entry in PAPERS.values()]
WRITTEN = [
    path
    for folder in ("book", "solutions")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".md", ".py") and "_ext" not in path.parts
]
# not the end of a list that names all the authors
BY_HAND = re.compile(
    r"(?<!, )\b((?:van den )?\w[\w-]+ (?:et al\.|and \w+)),? \(?((?:19|20)\d\d[a-z]?)\b"
)


def make_papers(*papers: tuple[str, str, str]) -> list[Entry]:
    """Return entries of authors, year and title."""
    text = "".join(
        f"@misc{{p{k}, author={{{who}}}, year={{{year}}}, title={{{title}}}}}\n"
        for k, (who, year, title) in enumerate(papers)
    )
    return list(parse_string(text, "bibtex").entries.values())


def test_no_two_papers_have_one_name():
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []


FOLD = str.maketrans("üş", "us")


def test_the_list_shows_the_names_in_alphabetical_order():
    style = CourseStyle()
    ordered = style.sort(PAPERS.values())
    labels = list(style.format_labels(ordered))
    assert labels == [name_paper(entry) for entry in ordered]
    plain = [label.casefold().translate(FOLD).split(", ") for label in labels]
    assert plain == sorted(plain)


@pytest.mark.parametrize(
    ("papers", "names"),
    [
        ([("Li, A", "2020", "X")], ["Li, 2020"]),
        ([("Li, A", "2020", "Y"), ("Li, B", "2021", "X")], ["Li, 2020", "Li, 2021"]),
        ([("Li, A", "2020", "Y"), ("Li, A", "2020", "X")], ["Li, 2020b", "Li, 2020a"]),
        ([("Li, B", "2020", "X"), ("Li, A", "2020", "Y")], ["Li, 2020b", "Li, 2020a"]),
        (
            [("Li, A and Ma, B", "2020", "X"), ("Li, A and Ma, C", "2020", "Y")],
            ["Li and Ma, 2020a", "Li and Ma, 2020b"],
        ),
        (
            [(f"Li, A and {k}, B and Ma, C", "2020", "T") for k in "XYZ"],
            ["Li et al., 2020a", "Li et al., 2020b", "Li et al., 2020c"],
        ),
        (
            [
                ("Li, A and Ma, B", "2020", "X"),
                ("Li, A and M, B and N, C", "2020", "X"),
            ],
            ["Li and Ma, 2020", "Li et al., 2020"],
        ),
        ([("{Some Group}", "2020", "X")], ["Some Group, 2020"]),
        ([("van den Oord, A", "2016", "X")], ["van den Oord, 2016"]),
        ([(r"Sch{\"u}tze, H", "1992", "X")], ["Schütze, 1992"]),
        (
            [(r"Schutze, H", "1992", "X"), (r"Sch{\"u}tze, H", "1992", "X")],
            ["Schutze, 1992", "Schütze, 1992"],
        ),
    ],
)
def test_papers_with_one_name_get_letters_in_the_lists_order(papers, names):
    entries = make_papers(*papers)
    for _ in "ab":  # a second build finds the letters of the first
        letter_years(entries)
        assert [name_paper(entry) for entry in entries] == names


def test_a_paper_without_year_or_author_has_a_name():
    entries = parse_string(
        "@misc{a, title={T}}\n@misc{b, author={Li, A}, title={T}}\n"
        "@book{c, editor={Ma, B}, title={T}, year={2001}}",
        "bibtex",
    ).entries.values()
    letter_years(entries)
    assert [*map(name_paper, entries)] == ["T, n.d.", "Li, n.d.", "Ma, 2001"]


@pytest.mark.parametrize("key", PAPERS)
def test_a_notebook_names_a_paper_as_the_list_does(key):
    writer, entry = PlainWriter(papers=PAPERS), PAPERS[key]
    assert writer.convert(f"{{cite:p}}`{key}`") == f"({name_paper(entry)})"
    year = entry.fields["year"]
    assert writer.convert(f"{{cite:t}}`{key}`") == f"{name_authors(entry)} ({year})"


def test_names_that_are_written_by_hand_are_those_of_the_list():
    for path in WRITTEN:
        text = re.sub(r"\s*\n[\s#]*", " ", path.read_text("utf-8"))
        for who, year in BY_HAND.findall(text):
            assert f"{who}, {year}" in NAMES, path.relative_to(ROOT)


CONFIG = f"""\
import sys
sys.path.insert(0, {str(ROOT / "book" / "_ext")!r})
extensions = ["myst_nb", "sphinxcontrib.bibtex", "course_site"]
html_theme = "sphinx_book_theme"
bibtex_bibfiles = ["papers.bib"]
bibtex_default_style = "course"
bibtex_reference_style = "author_year"
"""
BIB = """\
@misc{one, author={Li, A and Ma, B}, year={2020}, title={Zeros}}
@misc{two, author={Li, A and Ma, C}, year={2020}, title={Ones}}
@misc{three, author={van Li, A and Ma, C and Wu, D}, year={2020}, title={Twos}}
"""
PAGE = """\
# Start

{cite:t}`two` {cite:p}`one` {cite:p}`two` {cite:t}`three` {cite:p}`three`

```{bibliography}
```
"""


@pytest.mark.slow
def test_text_and_list_of_a_site_show_the_same_names(tmp_path):
    for name, text in (("conf.py", CONFIG), ("papers.bib", BIB), ("index.md", PAGE)):
        (tmp_path / name).write_text(text)
    (tmp_path / "book").mkdir()
    for _ in "ab":
        command = [sys.executable, "-m", "sphinx", "-n", "-W", ".", "_build/html"]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE)
        (tmp_path / "index.md").touch()
    page = (tmp_path / "_build" / "html" / "index.html").read_text("utf-8")
    in_text = re.findall(r'<span class="bibtex-citation".*?</a>\]</span>', page)
    in_list = re.findall(r'<span class="label">.*?\]</span></span>', page)
    seen = [re.sub("<[^>]*>", "", found) for found in (*in_text, *in_list)]
    assert seen == [
        *("Li and Ma [2020b]", "[Li and Ma, 2020a]", "[Li and Ma, 2020b]"),
        *("van Li et al. [2020]", "[van Li et al., 2020]"),
        *("[Li and Ma, 2020a]", "[Li and Ma, 2020b]", "[van Li et al., 2020]"),
    ]
    assert "Zeros. 2020a." in page and "Ones. 2020b." in page
