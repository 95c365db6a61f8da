"""Every chapter keeps the contract of CONTRIBUTING.md, and shows the library's code."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from pybtex.database import parse_file

from course_site import sources
from course_site.page_source import read_page
from tests.support.places import ROOT

BOOK = ROOT / "book"
CHAPTERS = sorted(BOOK.glob("[0-9][0-9]_*.md"))
PAGES = sorted(BOOK.glob("*.md"))
ENDING = ["Summary", "Quiz", "Exercises", "Further reading"]
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda p: p.stem)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)


def split(path: Path) -> tuple[dict, str]:
    """Return a page's header and its text."""
    match = re.match(r"---\n(.*?)\n---\n(.*)", path.read_text("utf-8"), re.S)
    if match is None:
        return {}, path.read_text("utf-8")
    return yaml.safe_load(match[1]), match[2]


def prose(path: Path) -> str:
    """Return a page's text without its code cells."""
    return read_page(path.read_text("utf-8")).prose


def cells(path: Path) -> list[tuple[frozenset[str], str]]:
    """Return the tags and the code of each cell."""
    page = read_page(path.read_text("utf-8"))
    return [(cell.tags, cell.source.strip("\n")) for cell in page.code_cells]


def calls(code: str, name: str) -> list[ast.Call]:
    """Return the calls of a function in a cell."""
    return [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name
    ]


def sections(path: Path) -> dict[str, str]:
    """Return the text under each heading of the second level."""
    parts = re.split(r"^## (.+)$", prose(path), flags=re.M)
    return dict(zip(map(str.strip, parts[1::2]), parts[2::2], strict=True))


def test_there_are_chapters():
    assert CHAPTERS


def test_the_table_of_contents_lists_every_chapter_and_each_exists():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    listed = [c["file"] for part in toc["parts"] for c in part["chapters"]]
    missing = [file for file in listed if not (ROOT / f"{file}.md").is_file()]
    assert not missing
    assert {f"book/{p.stem}" for p in CHAPTERS} <= set(listed)


def test_the_map_knows_every_chapter_by_its_part():
    file = BOOK / "_ext" / "course_site" / "course.yml"
    parts = yaml.safe_load(file.read_text("utf-8"))["parts"]
    names = [name for part in parts for name in part["chapters"]]
    assert [int(name[:2]) for name in names] == list(range(1, 16))
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    captions = {part["caption"]: part["chapters"] for part in parts}
    for part in toc["parts"]:
        for entry in part["chapters"]:
            name = Path(entry["file"]).name
            if re.match(r"\d\d_", name):
                assert name in captions[part["caption"]]


@each_page
def test_a_page_with_cells_has_the_full_header(page):
    header, _ = split(page)
    if not cells(page):
        return
    form = header["jupytext"]["text_representation"]
    assert form["extension"] == ".md"
    assert form["format_name"] == "myst"
    assert "format_version" in form
    assert set(header["kernelspec"]) == {"display_name", "language", "name"}
    assert header["kernelspec"]["name"] == "python3"


@each_chapter
def test_a_chapter_starts_with_label_and_title(chapter):
    label = "ch-" + chapter.stem.replace("_", "-")
    start = split(chapter)[1].lstrip("\n")
    assert re.match(rf"\({label}\)=\n# \S", start)
    assert len(re.findall(r"^# ", prose(chapter), re.M)) == 1


@each_chapter
def test_a_chapter_asks_a_question_and_names_three_goals(chapter):
    opening = re.split(r"^## ", prose(chapter), flags=re.M)[0]
    assert "?" in opening
    assert len(re.findall(r"^(?:[-*]|\d\.) ", opening, re.M)) == 3


@each_chapter
def test_every_section_has_a_label(chapter):
    number = chapter.stem[:2]
    found = re.findall(r"^(?:\(([\w-]+)\)=\n)?## (.+)$", prose(chapter), re.M)
    for label, title in found:
        if title.strip() not in ENDING:
            assert re.fullmatch(rf"sec-{number}-[a-z0-9-]+", label), title


@each_chapter
def test_what_a_chapter_reads_is_small_enough_to_travel_in_its_notebook(chapter):
    needs = sources.Tracer(ROOT).trace(read_page(chapter.read_text("utf-8")).code)
    assert sum(file.stat().st_size for file in needs.files) < 8 * 2**20


@each_chapter
def test_every_displayed_equation_has_a_label(chapter):
    number = chapter.stem[:2]
    blocks = re.findall(r"^```\{math\}[^\n]*\n(.*?)^```", prose(chapter), re.M | re.S)
    assert blocks
    for block in blocks:
        assert re.match(rf":label: eq-{number}-[a-z0-9-]+\n", block), block


@each_chapter
def test_a_chapter_ends_with_summary_quiz_exercises_and_reading(chapter):
    assert list(sections(chapter))[-4:] == ENDING


@each_chapter
def test_the_summary_has_three_to_five_points(chapter):
    points = re.findall(r"^[-*] ", sections(chapter)["Summary"], re.M)
    assert 3 <= len(points) <= 5


@each_chapter
def test_the_quiz_asks_at_least_three_questions(chapter):
    assert len(re.findall(r"^`{3,}\{quiz\}", sections(chapter)["Quiz"], re.M)) >= 3


@each_chapter
def test_the_exercises_show_the_chapters_own_assignment(chapter):
    text = sections(chapter)["Exercises"]
    assert re.findall(r"\{assignment\} (\w+)", text) == [chapter.stem]
    assert (ROOT / "solutions" / chapter.stem / f"{chapter.stem}.py").is_file()


@each_chapter
def test_further_reading_cites_papers(chapter):
    assert "{cite" in sections(chapter)["Further reading"]


@each_chapter
def test_a_chapter_holds_its_predictions_with_asserts(chapter):
    trees = [ast.parse(code) for _, code in cells(chapter)]
    held = [n for t in trees for n in ast.walk(t) if isinstance(n, ast.Assert)]
    assert len(held) >= 5
    assert not [n for n in held if isinstance(n.test, ast.Constant)]


@each_page
def test_a_figure_ends_its_cell_and_says_what_is_seen(page):
    for _, code in cells(page):
        assert "plt.show" not in code
        for call in calls(code, "show"):
            last = ast.parse(code).body[-1]
            assert isinstance(last, ast.Expr) and last.value.lineno <= call.lineno
            alt = {k.arg: k.value for k in call.keywords}["alt"]
            words = ast.unparse(alt).split()
            assert len(words) >= 8, f"line {call.lineno}: say more in the alt text"


@each_chapter
def test_a_chapter_has_a_figure(chapter):
    assert any(calls(code, "show") for _, code in cells(chapter))


@each_page
def test_cells_are_short_and_install_nothing(page):
    for tags, code in cells(page):
        assert not re.search(r"^\s*[!%]", code, re.M)
        if "mirror" not in tags:
            lines = [line for line in code.splitlines() if line.strip()]
            assert len(lines) <= 30, f"{len(lines)} lines from {lines[0]!r}"


def definitions(code: str) -> dict[str, str]:
    """Return the source of each function and class at top level, decorators too."""
    lines = code.splitlines()
    found = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def mirrors() -> list:
    """Return each cell tagged `mirror`, with the chapter that shows it."""
    return [
        pytest.param(code, id=f"{chapter.stem}-{code.splitlines()[0].lstrip('# ')}")
        for chapter in CHAPTERS
        for tags, code in cells(chapter)
        if "mirror" in tags
    ]


@pytest.mark.parametrize("code", mirrors())
def test_a_mirror_cell_equals_the_library_to_the_letter(code):
    head = code.splitlines()[0]
    match = re.fullmatch(rf"# ({sources.LIBRARY}/[\w/]+\.py)", head)
    assert match, f"the first line must name the module, not say {head!r}"
    module = definitions((BOOK / match[1]).read_text("utf-8"))
    shown = definitions(code)
    assert shown, "a mirror cell shows a function or a class"
    for name, source in shown.items():
        assert source == module.get(name), f"{name} differs from {match[1]}"


@each_chapter
def test_a_chapter_shows_what_it_adds_to_the_library(chapter):
    mirrored = any("mirror" in tags for tags, _ in cells(chapter))
    assert mirrored or "```{library}" in prose(chapter)


@each_page
def test_terms_papers_and_equations_that_a_page_names_exist(page):
    text = prose(page)
    glossary = (BOOK / "glossary.md").read_text("utf-8")
    terms = set(re.findall(r"^(\S.*)\n  \S", glossary, re.M))
    papers = set(re.findall(r"@\w+\{(\w+),", (BOOK / "references.bib").read_text()))
    equations = {
        label
        for other in PAGES
        for label in re.findall(r":label: (eq-[\w-]+)", prose(other))
    }
    for role, known in (("term", terms), ("cite:[tp]", papers), ("eq", equations)):
        for shown in re.findall(rf"\{{{role}\}}`([^`]+)`", text):
            target = re.sub(r".*<(.+)>", r"\1", " ".join(shown.split()))
            named = [target] if role == "term" else re.split(r",\s*", target)
            assert set(named) <= known, f"{{{role}}}`{shown}`"


@each_chapter
def test_a_chapter_uses_terms_of_the_glossary(chapter):
    assert "{term}`" in prose(chapter)


# --- notation and glossary ---

GREEK = set(
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma "
    "tau phi chi psi omega Gamma Delta Theta Lambda Sigma Phi Psi Omega".split()
)
DRESS = r"\\(?:mathbf|mathcal|mathbb|bar|tilde|hat|vec|overrightarrow|overleftarrow)"
NO_SYMBOL = r"\\(?:text\w*|mathrm|operatorname\*?|begin|end)\s*\{[^{}]*\}|:label:.*"


def symbols(tex: str) -> set[str]:
    """Return the letters of a formula, Latin and Greek, each in its dress.

    Words, functions and operators are left out; so are digits.
    """
    tex = re.sub(NO_SYMBOL, " ", tex).replace("boldsymbol", "mathbf")
    tex = tex.replace(r"\var", "\\")  # \varepsilon is \epsilon
    tex = re.sub(r"[{}]", " ", tex)
    found = re.findall(rf"((?:{DRESS}\s*)*)(\\[a-zA-Z]+|[a-zA-Z])", tex)
    return {
        re.sub(r"\s", "", dress) + letter
        for dress, letter in found
        if len(letter) == 1 or letter[1:] in GREEK
    }


def formulas(text: str) -> list[str]:
    """Return what stands between dollars."""
    return re.findall(r"\$([^$]+)\$", text)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\mathbf{W}_q x_{t-1}", {"\\mathbfW", "q", "x", "t"}),
        (r"\tilde{\mathbf h}_t = \tanh(\cdot)", {"\\tilde\\mathbfh", "t"}),
        (r"\boldsymbol\alpha \odot \hat y", {r"\mathbf\alpha", "\\haty"}),
        (r"\mathrm{softmax}(e) \text{ over } i", {"e", "i"}),
        (r":label: eq-02-x" + "\n" + r"\frac12 \varepsilon", {r"\epsilon"}),
    ],
)
def test_the_letters_of_a_formula_are_found(tex, expected):
    assert symbols(tex) == expected


@each_chapter
def test_every_letter_of_a_labelled_equation_stands_in_the_notation(chapter):
    table = (BOOK / "notation.md").read_text("utf-8")
    known = set().union(*map(symbols, formulas(table)))
    known |= {symbol.removeprefix(r"\mathbf") for symbol in known}  # Q for a bold Q
    blocks = re.findall(r"^```\{math\}[^\n]*\n(.*?)^```", prose(chapter), re.M | re.S)
    missing = set().union(*map(symbols, blocks)) - known
    assert not missing, f"add to notation.md: {sorted(missing)}"


def entries() -> dict[str, list[str]]:
    """Return the terms of the glossary and the papers of the bibliography."""
    glossary = (BOOK / "glossary.md").read_text("utf-8")
    papers = (BOOK / "references.bib").read_text("utf-8")
    return {
        "glossary": re.findall(r"^(\S.*)\n  \S", glossary, re.M),
        "bibliography": re.findall(r"@\w+\{(\w+),", papers),
    }


def test_the_bibliography_can_be_read():
    papers = parse_file(BOOK / "references.bib", bib_format="bibtex").entries
    assert sorted(papers) == sorted(entries()["bibliography"])


@pytest.mark.parametrize("book", ["glossary", "bibliography"])
def test_no_entry_stands_twice(book):
    names = entries()[book]
    assert sorted(set(names)) == sorted(names)


EVERYDAY = {
    "CPU",
    "END",
    "ISO",
    "PAD",
    "START",
    "WMT",
}  # abbreviations that need no entry


def abbreviations(text: str) -> set[str]:
    """Return words such as GRU, LSTMs and RoPE, without code, formulas and plurals."""
    text = re.sub(r"^(`{3,})\{math\}.*?^\1", " ", text, flags=re.M | re.S)
    text = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)", " ", text)
    found = re.findall(r"\b(?:[A-Z]{2,}|[A-Z]\w*[A-Z]\w*[A-Z])\w*\b", text)
    return {word.removesuffix("s") for word in found}


def test_abbreviations_are_found():
    text = "A `NOT` LSTM, two GRUs and RoPE. $QK$, [a](NO.md), McCulloch, X"
    assert abbreviations(text) == {"LSTM", "GRU", "RoPE"}


@each_chapter
def test_every_abbreviation_of_a_chapter_stands_in_the_glossary(chapter):
    glossary = set(re.findall(r"\w+", (BOOK / "glossary.md").read_text("utf-8")))
    missing = abbreviations(prose(chapter)) - glossary - EVERYDAY
    assert not missing, f"add to glossary.md: {sorted(missing)}"
