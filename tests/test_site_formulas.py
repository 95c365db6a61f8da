"""Formulas of the site: set at the build, coloured, in a font of its own."""

import html
import re
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.feedback.formulas import build_formula, style_letter
from course_site.formulas import HELD, hold, mark_letters, split_lines
from tests.support.places import ROOT
from tests.support.small_site import Site
from tests.support.tex import core_faults

PAGES = sorted(ROOT.glob("book/*.md"))
MARKDOWN = MarkdownIt().use(dollarmath_plugin, allow_digits=False)
LETTERS = {"𝐪": "query", "𝐤": "key", "𝐊": "key", "𝐯": "value", "𝐜": "output"}


def formulas_in(text):
    """Yield each formula of a page, those in directives too: its TeX, if displayed."""
    for token in MARKDOWN.parse(text):
        name = token.info.strip() if token.type.endswith("fence") else ""
        if name.startswith("{math}"):
            yield re.sub(r"^:\w.*\n", "", token.content).strip(), True
        elif name.startswith("{") and not name.startswith("{code-cell}"):
            yield from formulas_in(token.content)
        elif token.type.startswith("math_block"):
            yield token.content.strip(), True
        for child in token.children or ():
            if child.type.startswith("math"):
                yield child.content, False


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_each_formula_of_the_book_is_set_in_what_browsers_draw(page):
    for source, display in {*formulas_in(page.read_text("utf-8"))}:
        for part in (p for line in split_lines(source) for ps in line for p in ps):
            made = build_formula(part, display)
            assert core_faults(ElementTree.tostring(made, "unicode")) == [], source


def test_the_book_has_formulas_in_lines_displayed_and_in_directives():
    found = [one for page in PAGES for one in formulas_in(page.read_text("utf-8"))]
    assert sum(display for _, display in found) > 50 and len(found) > 600
    assert len([*formulas_in("```{quiz} a\nOf $x$\n\n- [x] $y$\n```\n")]) == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"a = b, \qquad c", [[["a = b,"], ["c"]]]),
        (r"\frac{a \quad b}{c}", [[[r"\frac{a \quad b}{c}"]]]),
        (r"\left( a \quad b \right)", [[[r"\left( a \quad b \right)"]]]),
        (r"\begin{gathered} a \\ b \quad c \end{gathered}", [[["a"]], [["b"], ["c"]]]),
        (
            r"\begin{aligned} a &= b \quad c \\ d \end{aligned}",
            [[[r"\begin{aligned} a &= b \quad c \\ d \end{aligned}"]]],
        ),
        (r"a \allowbreak = b", [[["a", "= b"]]]),
    ],
)
def test_a_narrow_page_may_part_a_formula_at_its_wide_spaces(source, expected):
    assert split_lines(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\mathbf q_i \cdot \mathbf k^\top", {"𝐪": "query", "𝐤": "key"}),
        (r"\sqrt{\mathbf q} \frac{\mathbf K}{2}", {"𝐪": "query", "𝐊": "key"}),
        (r"\mathbf v_i + \bar{\mathbf v}_i", {"𝐯": "value"}),
        (r"\mathbf v_a^\top \mathbf v_p \mathbf v^\top", {}),
        (r"d_k d_v q k", {}),
        (r"W_i^Q \mathbf W^K \mathbf W_v", {"Q": "query", "K": "key", "v": "value"}),
        (r"{\mathbf c}_t {\mathbf q}", {}),
        (r"\mathbf c_t = \sum_i a_i \mathbf v_i", {"𝐜": "output", "𝐯": "value"}),
    ],
)
def test_letters_that_mean_a_part_of_attention_get_its_class(source, expected):
    made = build_formula(source, False)
    mark_letters(made, LETTERS)
    marked = {one.text: one.get("class") for one in made.iter() if one.get("class")}
    assert marked == {letter: f"m-{name}" for letter, name in expected.items()}


def test_on_a_page_of_its_own_meaning_a_letter_stays_plain():
    made = build_formula(r"\mathbf v", False)
    mark_letters(made, {"𝐯": "plain"})
    assert not any(one.get("class") for one in made.iter())


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("in <math>x</math>, and", "<math>x</math>,"),
        ("an (<math>x</math>).", "(<math>x</math>)."),
        ("<math>n</math>-grams of", "<math>n</math>-grams"),
    ],
)
def test_no_line_breaks_between_a_formula_and_the_sign_beside_it(text, held):
    assert f'<span class="held">{held}</span>' in HELD.sub(hold, text)


@pytest.mark.parametrize("text", ["a <math>x</math> b", "<p><math>x</math></p>"])
def test_a_formula_between_spaces_is_left_as_it_is(text):
    assert HELD.sub(hold, text) == text


# --- a site in a temporary folder ----------------------------------------------------


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


PAGE = r"""# Start

Width $d_k$, see {eq}`eq-one`. Letters: $\mathbf q, x, \hat y, \sqrt h$.

```{math}
:label: eq-one
\sum_{i=1}^n \left(\frac{a_i}{b}\right) = 1, \qquad \epsilon > 0
```
"""


@pytest.mark.slow
def test_a_formula_that_cannot_be_set_is_a_warning_with_file_and_line(site):
    text = "# Start\n\nText.\n\nA wrong $\\foo{x}$ here.\n\n$$\n\\frac{a}\n$$\n"
    site.page("index", text)
    said = site.build()
    for line, source in ((5, r"\\foo{x}"), (7, r"\\frac{a}")):
        assert re.search(
            rf"index\.md:{line}: WARNING: formula can't be set: {source}", said
        ), said


@pytest.mark.slow
def test_a_site_sets_numbers_and_refers_to_formulas_without_a_script(site):
    site.page("index", PAGE)
    assert ": WARNING: " not in site.build()
    made = site.html("index")
    assert made.count("<math") == 4 and not re.search("src=[^>]*mathjax", made, re.I)
    assert '<div class="math" id="equation-eq-one">' in made
    assert re.search(r'<span class="eqno">\(1\)<a class="headerlink"', made)
    assert re.search(r'href="#equation-eq-one">\(1\)</a>', made)
    assert "\\" not in "".join(re.findall(r"<math.*?</math>", made))


@pytest.mark.slow
def test_the_font_has_the_letters_of_the_pages_and_little_else(site):
    site.page("index", PAGE)
    site.build()
    path = site.root / "_build" / "html" / "_static" / "math.woff2"
    font = TTFont(path)
    made = "".join(re.findall(r"<math.*?</math>", site.html("index")))
    letters = {*html.unescape(re.sub(r"<[^>]*>|\s", "", made))}
    needed = letters | {style_letter(letter, "ITALIC") for letter in letters} | {"√"}
    assert {ord(letter) for letter in needed} <= font.getBestCmap().keys()
    assert "MATH" in font and ord("𝐤") not in font.getBestCmap()
    assert path.stat().st_size < 30_000
    assert "Open Font License" in font["name"].getDebugName(13)


@pytest.mark.slow
def test_without_the_fonts_package_the_build_says_what_to_install(site):
    site.page("index", PAGE)
    conf = site.root / "conf.py"
    told = 'import course_site.mathfont as font\nfont.PACKAGE = "no-such-font"\n'
    conf.write_text(conf.read_text() + told)
    assert "package no-such-font is missing: pip install -r" in site.build()
