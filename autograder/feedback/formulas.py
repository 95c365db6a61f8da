"""Formulas as MathML that browsers draw by themselves, without a script.

latex2mathml writes for MathML 3. What browsers draw is MathML Core: bold letters are
characters there, no attribute; spaces are lengths, no names; there are no frames and
lines. What is not in it is put otherwise here, or the formula is shown as typed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from xml.etree.ElementTree import Element, tostring

CORE = set(
    "math mi mn mo mtext mspace mrow mstyle mpadded mphantom mfrac msqrt mroot msub "
    "msup msubsup munder mover munderover mtable mtr mtd".split()
)
ATTRIBUTES = set(  # `columnalign` is none of them: the page's style sheet reads it
    "accent accentunder columnalign depth display displaystyle fence form height "
    "largeop linethickness lspace mathbackground mathcolor mathvariant maxsize minsize "
    "movablelimits rspace scriptlevel stretchy symmetric voffset width xmlns".split()
)
MEANT = {"columnlines", "linebreak", "notation", "rowlines"}  # for the meaning
LENGTHS = {"width", "height", "depth", "voffset", "lspace", "rspace"}
LENGTH = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:em|ex|px)?\Z")
ROWS = {"math", "mrow", "mtd", "mstyle", "msqrt", "mpadded", "mphantom"}
PARTS = dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2)
PARTS |= {"msubsup": 3, "munderover": 3}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
STYLES = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "bold-script": "BOLD SCRIPT",
    "fraktur": "FRAKTUR",
    "bold-fraktur": "BOLD FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "bold-sans-serif": "SANS-SERIF BOLD",
    "sans-serif-italic": "SANS-SERIF ITALIC",
    "sans-serif-bold-italic": "SANS-SERIF BOLD ITALIC",
    "monospace": "MONOSPACE",
}
OLDER = {"FRAKTUR": "BLACK-LETTER"}  # ℭ, ℂ, ℒ had names before the alphabets came
REWRITTEN = (  # what latex2mathml does not know, in words that it knows
    (r"\{aligned\}", "{split}"),
    (r"\\operatorname\*?\{arg(?:\\[,; ]|\s)*(max|min)\}", r"\\arg\1 "),
    (r"\\operatorname\*", r"\\operatorname"),
    (r"\\mathop\{\\(?:mathrm|text|operatorname)\{(\w+)\}\}", r"\\operatorname{\1}"),
    (r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}"),
    (r"\\not\s*=", r"\\ne "),
    (r"\\not\s*\\in(?![a-zA-Z])", r"\\notin "),
)
UPRIGHT = re.compile(r"&#x000(?:4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]);")
ESCAPED = re.compile(r"\\([_%#&${} ])")
THIN = "0.1667em"
AROUND = {"⊙": "0.2222em", "…": "0.1em"}  # browsers have none, or too much
SIGNS, OPENING, CLOSING = set("−+±∓"), set("([{⌊⌈⟨"), set(")]}⌋⌉⟩!")
LETTERS = set("∞∂∇∅⊤⊥∀∃")  # to latex2mathml operators, with space around them
PUNCTUATION = set(";:′")
LIMITS = {"lim", "max", "min", "sup", "inf"}
UNDER = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
CAPITALS = set("ΓΔΘΛΞΠΣΥΦΨΩ∇")
BARS = set("|‖")
ACCENTS = set("^~ˆ¯―‾˙¨→")
BIG = set("∑∏∫∬∭∮⋃⋂⨁⨂")


class Unknown(ValueError):
    """A formula that holds what can't be drawn."""


@cache
def formula(source: str, display: bool) -> str:
    """Return a formula as MathML, or as it was typed where that is not known."""
    try:
        return draw_formula(source, display)
    except Exception:  # the library raises many kinds; the source can be read too
        return f"<code>{html.escape(source)}</code>"


def draw_formula(source: str, display: bool) -> str:
    """Return a formula as MathML Core; raise an error where it can't be said in it."""
    return tostring(build_formula(source, display), encoding="unicode")


def build_formula(source: str, display: bool) -> Element:
    """Return a formula as elements of MathML Core, for the feedback and the site."""
    from latex2mathml.converter import convert_to_element

    for old, new in REWRITTEN:
        source = re.sub(old, new, source)
    made = convert_to_element(source, display="block" if display else "inline")
    named = {one for one in made.iter() if is_function(one)}
    check_whole(source, made)
    for one in [*made.iter()]:
        say_in_core(one)
    for one in [*made.iter()]:
        if one.tag in SCRIPTS:
            set_scripts(one)
    for one in [*made.iter()]:
        if one.tag in ROWS:
            set_row(one, named)
    return made


def check_whole(source: str, made: Element) -> None:
    """Refuse what lost a part or an environment on the way."""
    wrong = [one.tag for one in made.iter() if len(one) != PARTS.get(one.tag, len(one))]
    if wrong or source.count(r"\begin") > len([*made.iter("mtable")]):
        raise Unknown(source)


def say_in_core(one: Element) -> None:
    """Say an element in MathML Core: its letters and its attributes."""
    if one.tag not in CORE or MEANT & set(one.attrib):
        raise Unknown(one.tag)
    raw = one.text or ""
    if one.tag == "mi" and UPRIGHT.fullmatch(raw):  # \mathrm{d}
        one.set("mathvariant", "normal")
    text = html.unescape(raw)
    if one.tag == "mtext":
        text = ESCAPED.sub(r"\1", text)
    if "\\" in text or raw == "&" or text == "⧸" or (one.tag == "mo" and not text):
        raise Unknown(text)
    if one.tag == "mi" and text == "~":  # \sim
        text = "∼"
    one.tag = choose_tag(one.tag, text)
    if one.tag == "mi" and text in CAPITALS:
        one.attrib.setdefault("mathvariant", "normal")  # TeX sets them upright
    set_letters(one, text)
    for name, value in [*one.attrib.items()]:
        wrong = name in LENGTHS and not LENGTH.match(value)
        if wrong and one.tag == "mpadded":
            raise Unknown(name)
        if wrong or name not in ATTRIBUTES:
            del one.attrib[name]


def choose_tag(tag: str, text: str) -> str:
    """Return the element that a letter or an operator belongs into."""
    if tag == "mi" and not text:
        return "mrow"
    if tag == "mo" and text in LETTERS:
        return "mi"
    is_operator = unicodedata.category(text) == "Sm" if len(text) == 1 else False
    if tag == "mi" and text not in LETTERS and (is_operator or text in PUNCTUATION):
        return "mo"
    return tag


def set_scripts(one: Element) -> None:
    """Set what stands over and under a letter, or beside it."""
    base = one[0]
    if base.tag == "mo" and (base.text in LIMITS or base.get("movablelimits")):
        one.tag = UNDER.get(one.tag, one.tag)
        base.set("movablelimits", "true")
    if one.tag == "mover" and one[1].tag == "mo":
        over = one[1]
        if over.text in ACCENTS:
            one.set("accent", "true")  # near, and of its own size
        if over.text == "^" and one.get("accent"):
            over.text = "ˆ"
            over.set("stretchy", "false")
        elif over.text == "―":
            over.text = "‾"
            over.set("stretchy", "true")
    for script in one[1:]:  # TeX puts no space there
        for sign in script.iter("mo"):
            sign.attrib |= {"lspace": "0", "rspace": "0"}


def set_letters(one: Element, text: str) -> None:
    """Set an element's text, in the letters that its `mathvariant` asks for."""
    variant = one.attrib.pop("mathvariant", None)
    if variant == "normal" and one.tag == "mi" and len(text) == 1:
        one.set("mathvariant", "normal")  # all else is upright without being told
    elif variant == "monospace" and one.tag == "mtext":
        code = Element("code")  # can be copied: it is a name of the program
        code.text, text = text, ""
        one.append(code)
    elif variant in STYLES and not (variant == "italic" and len(text) == 1):
        text = "".join(style_letter(letter, STYLES[variant]) for letter in text)
    if text or one.text:
        one.text = text


@cache
def style_letter(letter: str, style: str) -> str:
    """Return a letter or digit of one of Unicode's mathematical alphabets."""
    name = re.sub(r"LATIN |GREEK |LETTER |LUNATE ", "", unicodedata.name(letter, ""))
    if (letter, style) == ("h", "ITALIC"):
        return "\N{PLANCK CONSTANT}"
    for full in (f"MATHEMATICAL {style} {name}", f"{OLDER.get(style, style)} {name}"):
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return letter


def is_function(one: Element) -> bool:
    """Whether an element is the name of a function: of a logarithm, say."""
    text = html.unescape(one.text or "")
    return one.tag in ("mi", "mo") and len(text) > 1 and text[0].isalpha()


def hold_tables(row: Element) -> None:
    """Put each matrix into a row with its brackets, which grow with their row."""
    at = 1
    while at < len(row) - 1 and len(row) > 3:
        before, table, after = row[at - 1 : at + 2]
        is_held = before.text in OPENING | BARS and after.text in CLOSING | BARS
        if table.tag == "mtable" and before.tag == after.tag == "mo" and is_held:
            held = Element("mrow")
            held[:] = [before, table, after]
            row[at - 1 : at + 2] = [held]
        at += 1


def set_row(row: Element, named: set[Element]) -> None:
    """Set the spaces of a row as TeX does, and names in one piece."""
    hold_tables(row)
    children = [*row]
    if len(children) > 1 and all(is_upright(child) for child in children):
        made = Element("mi")
        made.text = "".join(child.text or "" for child in children)
        row[:] = [made]
        return
    if row.tag == "mrow" and len(children) == 1 and children[0].tag == "mo":
        children[0].attrib |= {"lspace": "0", "rspace": "0"}  # {,} is no list's comma
    kinds = [kind_of(child, named) for child in children]
    row[:] = [*spaced(children, kinds)]


def spaced(children: list[Element], kinds: list[str]) -> Iterator[Element]:
    """Yield a row's children with thin spaces around functions' names."""
    before = ""
    for child, kind in zip(children, kinds, strict=True):
        if (before, kind) in (
            *(("ordinary", "function"), ("close", "function")),
            *(("function", "function"), ("function", "ordinary")),
        ):
            yield Element("mspace", width=THIN)
        if child.tag == "mo" and child.text in SIGNS and before in ("", "open", "sign"):
            child.set("form", "prefix")
        if child.tag == "mspace" and child.get("width", "-").startswith("-"):
            continue  # TeX takes back what it put there; nothing was put here
        yield child
        before = kind


def kind_of(one: Element, named: set[Element]) -> str:
    """Return which of TeX's kinds a child is, its own spaces set."""
    base = one
    while base.tag in SCRIPTS and len(base):
        base = base[0]
    if base in named:
        if base.tag == "mo":
            base.attrib |= {"lspace": "0", "rspace": "0"}
        return "function"
    if base.tag == "mspace":
        return "space"
    if base.tag == "mrow" and len(base) and base[0].get("form") == "prefix":
        return "open"  # what \left and \right hold
    if base.tag == "mo" and base.text in BARS | {"/"}:
        base.attrib |= {"lspace": "0", "rspace": "0"}
    for name in ("lspace", "rspace"):
        if base.tag == "mo" and base.text in AROUND:
            base.attrib.setdefault(name, AROUND[base.text])
    if base.tag != "mo" or base.text in BARS:
        return "ordinary"
    if base.text in OPENING or base.text in CLOSING:
        return "open" if base.text in OPENING else "close"
    return "big" if base.text in BIG else "sign"


def is_upright(one: Element) -> bool:
    """Whether an element is one upright letter, of a name that is set in letters."""
    return one.tag == "mi" and one.get("mathvariant") == "normal"
