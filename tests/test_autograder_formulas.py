"""The formulas of the feedback say what their TeX says, in what browsers draw."""

import re

import pytest

from autograder.authoring.solution_file import read_assignment
from autograder.feedback import clean
from autograder.feedback.formulas import formula
from autograder.feedback.held import Held
from tests.support.places import ROOT
from tests.support.tex import core_faults, read_mathml, read_tex, tree


def formulas_of_the_course():
    """Yield each formula of a text of the assignments, once."""
    seen = set()
    for path in sorted(ROOT.glob("solutions/*/*.py")):
        if path.name == "mistakes.py":
            continue
        for cell in read_assignment(path).cells:
            parts = clean.CODE.split(cell.source)[::2] if cell.text else []
            for found in (m for part in parts for m in clean.PLACED.finditer(part)):
                one = found[1] or found[2], bool(found[1])
                if one not in seen:
                    seen.add(one)
                    yield pytest.param(*one, id=f"{path.parent.name} {one[0]}")


@pytest.mark.parametrize(("source", "display"), formulas_of_the_course())
def test_a_formula_of_the_course_says_what_its_tex_says(source, display):
    made = formula(source, display)
    assert read_mathml(made) == read_tex(source)
    assert core_faults(made) == [] and "\\" not in made


def test_no_formula_of_the_course_is_overlooked():
    for path in sorted(ROOT.glob("solutions/*/*.py")):
        if path.name != "mistakes.py":
            for cell in read_assignment(path).cells:
                parts = clean.CODE.split(cell.source)[::2] if cell.text else []
                for part in parts:
                    assert "$" not in clean.keep_formulas(part, Held()).replace(
                        "\\$", ""
                    ), f"{path.name}: {part}"


def test_no_hint_holds_a_formula():
    for path in ROOT.glob("solutions/*/mistakes.py"):
        hints = re.findall(r"^# hint: .*(?:\n#   .*)*", path.read_text(), re.M)
        assert hints and not any(clean.PLACED.search(hint) for hint in hints)


SAID = {  # as TeX -> as MathML says it
    r"\mathbf x \mathbf{W_1} \mathbf{12} \mathbf{\Sigma}": "𝐱𝐖_{𝟏}𝟏𝟐𝚺",
    r"\mathbb{R} \mathbb{E} \mathbb{1}": "ℝ𝔼𝟙",
    r"\mathcal{L} \mathcal{N} \mathscr{H}": "ℒ𝒩ℋ",
    r"\mathfrak{g} \mathfrak{C}": "𝔤ℭ",
    r"\mathsf{A} \mathsf{ab}": "𝖠𝖺𝖻",
    r"\mathtt{x1}": "𝚡𝟷",
    r"\mathit{ab}": "ab",
    r"\boldsymbol{\alpha} \boldsymbol{x} \bm{h}": "𝜶𝒙𝒉",
    r"{\bf x}": "𝐱",
    r"\textbf{bold} \texttt{cut\_frac} \text{if 5\%}": '"𝐛𝐨𝐥𝐝""cut_frac""if 5%"',
    r"\text{a<b \& c}": '"a<b & c"',
    r"q<k, a>b": "q<k,a>b",
    r"\mathrm{d}x \mathrm{softmax}(x)": "'dx'softmax(x)",
    r"\operatorname{rank} A": "'rankA",
    r"\operatorname*{arg\,max}_x f": "'arg\u2009max_{x}f",
    r"\mathop{\mathrm{argmax}}_x f": "'argmax_{x}f",
    r"\Phi \nabla f": "'Φ'∇f",
    r"a \sim b \iff c": "a∼b⟺c",
    r"a \not= b": "a≠b",
    r"[x; y]": "[x;y]",
    r"\hat x \tilde x": "ˆ(x)~(x)",
    r"\begin{aligned}a&=b\\&=c\end{aligned}": "[a&=b¶&=c]",
}


@pytest.mark.parametrize("source", SAID)
def test_other_alphabets_and_names_are_said_in_mathml_core(source):
    made = formula(source, False)
    assert read_mathml(made) == SAID[source]
    assert core_faults(made) == []


@pytest.mark.parametrize(
    "source",
    [r"\foo{x}", r"\boxed{x}", r"\cancel{x}", r"\xrightarrow{f}", r"\frac{a}",
     r"\begin{array}{c|c}a&b\end{array}", r"\begin{foo}x\end{foo}", "a & b",
     r"\text{<b onclick=x>} \foo"],
)  # fmt: skip
def test_what_cannot_be_drawn_is_shown_as_it_was_typed(source):
    made = clean.clean_markdown(f"${source}$", formulas=True)
    assert f"<code>{source}</code>" in made.replace("&lt;", "<").replace(
        "&gt;", ">"
    ).replace("&amp;", "&")
    assert "<b" not in made


@pytest.mark.parametrize("kind", ["pmatrix", "bmatrix", "vmatrix"])
def test_each_matrix_has_brackets_of_its_own_height(kind):
    small, large = (
        rf"\begin{{{kind}}} {cells} \end{{{kind}}}" for cells in ("a", r"b \\ c")
    )
    made = tree(formula(f"x = {small} {large} {small}", True))
    rows = [row for row in made.iter() if row.find("mtable") is not None]
    assert [[one.tag for one in row] for row in rows] == [["mo", "mtable", "mo"]] * 3


def test_a_name_has_space_around_it_and_a_sign_before_a_number_has_none():
    def spaces(source):
        return [one.get("width") for one in tree(formula(source, False)).iter("mspace")]

    assert spaces(r"a\log p") == ["0.1667em", "0.1667em"]
    assert spaces(r"\log(p)") == spaces(r"=\max(0, x)") == []
    signs = [*tree(formula(r"a = -b - c(-d)", False)).iter("mo")]
    forms = [one.get("form") for one in signs if one.text == "−"]
    assert forms == ["prefix", None, "prefix"]
