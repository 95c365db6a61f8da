"""How a page is read, and what its cells depend on."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from course_site import fingerprints, page_source, sources
from course_site.fingerprints import fingerprint
from course_site.page_source import read_page
from tests.support.places import ROOT
from tests.support.small_course import FLAT, NESTED, write_course

# --- a page as MyST reads it ---------------------------------------------------------

PAGE = """\
---
title: three words here
---

(ch-02)=
# Queries and keys

One `(sec-00-no-label)=` two.

```{code-cell} ipython3
:tags: [hide-input, mirror]

x = 1
```

````{note} Such a cell
:class: tip

```{code-cell}
shown = "not run"
```
````

(sec-02-softmax)=

## The *softmax*

Three.

## Quiz

Four five six.
"""


def test_a_page_has_the_cells_that_run():
    (cell,) = read_page(PAGE).code_cells
    assert (cell.source, cell.tags) == ("x = 1", {"hide-input", "mirror"})
    assert not cell.is_shown
    assert read_page(PAGE).code == "x = 1"


def test_a_pages_prose_has_neither_header_nor_code():
    prose = read_page(PAGE).prose
    assert prose.startswith("(ch-02)=\n# Queries")
    assert "title:" not in prose and "x = 1" not in prose
    assert "Four five six." in prose


def test_a_section_reaches_from_its_label_to_the_next():
    found = read_page(PAGE).sections
    titles = {label: section.title for label, section in found.items()}
    assert titles == {"ch-02": "Queries and keys", "sec-02-softmax": "The *softmax*"}
    assert "".join(section.text for section in found.values()) in PAGE
    assert found["sec-02-softmax"].text.startswith("(sec-02-softmax)=\n\n## The")


def test_words_are_counted_up_to_a_section():
    page = read_page("# A title\n\none two\n\n## Quiz\n\nthree")
    assert page.count_words(before="Quiz") == 5
    assert page.count_words(before="Summary") == 8


def test_a_directive_has_name_title_options_and_body():
    blocks = page_source.parse_blocks(PAGE)
    _, found = filter(None, map(page_source.read_directive, blocks))
    assert (found.name, found.title) == ("note", "Such a cell")
    assert found.options == {"class": "tip"}
    assert found.body.startswith("```{code-cell}\nshown")


@pytest.mark.parametrize("text", ["```python\nx\n```", "# Title", "    {note}"])
def test_what_is_no_directive_is_none(text):
    assert page_source.read_directive(page_source.parse_blocks(text)[0]) is None


def test_pages_are_read_with_the_syntax_that_the_website_reads_them_with():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    assert config["parse"]["myst_enable_extensions"] == list(page_source.SYNTAX)


# --- what a page depends on ----------------------------------------------------------

HEADER = """\
---
jupytext:
  text_representation:
    format_name: myst
---
"""


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path, FLAT)


def page(course: Path, code: str) -> Path:
    path = course / "book" / "page.md"
    path.write_text(f"{HEADER}\n# Page\n\n```{{code-cell}}\n{code}\n```\n")
    return path


def changes(course: Path, code: str, file: str, text: str) -> bool:
    """Say whether an edit to a file changes the fingerprint of a page."""
    before = mark(course, code)
    (course / file).write_text(text)
    return mark(course, code) != before


def mark(course: Path, code: str) -> str:
    """Return the fingerprint of a page with one cell, as a new build makes it."""
    return fingerprint(page(course, code), sources.Tracer(course))


def test_a_page_follows_imports_through_the_library(course):
    found = sources.Tracer(course).trace("from attention.additive import x").modules
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
    found = sources.Tracer(course).trace(code).files
    assert {path.name for path in found} == {"pairs.tsv", "dates.txt"}


@pytest.mark.parametrize(("package", "seen"), [("numpy", True), ("pytest", False)])
def test_another_version_of_a_package_is_seen_if_the_page_imports_it(
    course, monkeypatch, package, seen
):
    before = mark(course, "import numpy")
    installed, other = sources.version, {package: "99.1"}
    monkeypatch.setattr(sources, "version", lambda n: other.get(n) or installed(n))
    assert (mark(course, "import numpy") != before) == seen


def test_a_page_without_cells_has_no_fingerprint(course):
    path = course / "book" / "page.md"
    path.write_text("# Page\n")
    assert fingerprint(path, sources.Tracer(course)) == ""


def test_code_that_does_not_parse_still_has_a_fingerprint(course):
    assert mark(course, "def f(:")


class Build:
    """What the extension sees of a build, with the record that Sphinx keeps of it."""

    def __init__(self, course: Path) -> None:
        self.srcdir, self.doctreedir = course, course / "_build"
        self.found_docs = {"book/page"}
        self.mystnb_config = SimpleNamespace(execution_cache_path=course / "cache")
        self.record = course / "_build" / fingerprints.ENV_PICKLE_FILENAME
        self.record.parent.mkdir(exist_ok=True)
        self.record.write_bytes(b"what Sphinx has read")

    def doc2path(self, name: str) -> Path:
        return self.srcdir / f"{name}.md"

    def find_stale(self) -> list[str]:
        return fingerprints.forget_stale(self, self, set(), set(), set())


def test_a_page_is_stale_once_for_each_change_of_what_it_needs(course):
    page(course, "import attention.masking")
    assert Build(course).find_stale() == ["book/page"]
    assert Build(course).find_stale() == []
    (course / "book/attention/masking.py").write_text("x = 1")
    assert Build(course).find_stale() == ["book/page"]
    assert Build(course).find_stale() == []


def test_a_build_cut_short_after_a_change_leaves_nothing_that_counts_as_read(course):
    page(course, "import attention.masking")
    first = Build(course)
    first.find_stale()
    assert not first.record.exists()  # Sphinx writes it again when all is read
    second = Build(course)
    second.find_stale()
    assert second.record.exists()


# --- a library of packages -----------------------------------------------------------


@pytest.fixture
def nested(tmp_path):
    return write_course(tmp_path, NESTED)


def modules(course: Path, code: str) -> list[str]:
    """Return the files of the library that a cell needs."""
    needs = sources.Tracer(course).trace(code)
    return [p.relative_to(course / "book/attention").as_posix() for p in needs.modules]


@pytest.mark.parametrize(
    "code",
    [
        "from attention.mechanisms.masking import mask",
        "from attention.mechanisms import masking",
        "import attention.mechanisms.masking",
        "import attention.mechanisms.masking as hidden",
    ],
)
def test_an_import_from_a_package_needs_the_packages_on_the_way(nested, code):
    assert modules(nested, code) == [
        "__init__.py",
        "mechanisms/__init__.py",
        "mechanisms/masking.py",
        "shapes.py",
    ]


def test_an_import_relative_to_a_package_is_followed(nested):
    found = modules(nested, "import attention.mechanisms.additive")
    assert {"mechanisms/masking.py", "shapes.py"} < set(found)


def test_a_module_needs_the_script_and_the_style_that_it_reads(nested):
    found = modules(nested, "from attention.figures import explorer")
    assert found == [
        "__init__.py",
        "figures/__init__.py",
        "figures/explorer.css",
        "figures/explorer.js",
        "figures/explorer.py",
    ]


def test_an_edit_to_a_script_that_is_read_is_seen(nested):
    code, edited = "import attention.figures.explorer", "let x;"
    assert changes(nested, code, "book/attention/figures/explorer.js", edited)
    assert not changes(nested, code, "book/attention/figures/other.js", edited)


def test_the_whole_librarys_packages_are_found_in_every_folder(nested):
    found = sources.Tracer(nested).library_packages
    assert {package.lower() for package in found} == {"numpy", "pyyaml"}
