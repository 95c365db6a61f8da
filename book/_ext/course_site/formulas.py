"""Formulas, set when the site is built: MathML with a font and colours of its own.

The grader's feedback is set by the same hand. Here a formula that can't be set is a
warning, which ends the build: on a page of the course none may stay as it was typed.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util.logging import getLogger
from sphinx.writers.html5 import HTML5Translator

from autograder.feedback.formulas import build_formula, style_letter

from .mathfont import FONT, write_font

NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
MATH = re.compile(r"<math\b.*?</math>", re.S)
PRELOAD = '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>'
HELD = re.compile(rf"([(\[„“‘]?)({MATH.pattern})([^\s<>—–]*)", re.S)
TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.S)
ROWS = re.compile(r"\\begin\{gathered\}(.*)\\end\{gathered\}", re.S)
OPENS, CLOSES = {"{", r"\begin", r"\left"}, {"}", r"\end", r"\right"}
QUADS = {r"\quad", r"\qquad"}
HUNG = {"msub", "msup", "msubsup"}
PROJECTIONS = {"W", "𝐖"}  # say in a script what they make
OF_PROJECTIONS = {"Q": "query", "K": "key", "V": "value"}
OF_PROJECTIONS |= {letter.lower(): name for letter, name in OF_PROJECTIONS.items()}
OF_SCORES = {"a", "p", "⊤"}  # hang on vectors 𝐯 that are no values

logger = getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Set formulas here and not in the browser, and bring the font for them."""
    app.add_config_value("formula_letters", {}, "html", types=[dict])
    app.add_html_math_renderer("course", (set_inline, None), (set_block, None))
    app.add_js_file("formulas.js", loading_method="defer")
    app.connect("html-page-context", change_body, priority=990)
    app.connect("build-finished", bring_font)


def set_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula that stands in a line of text."""
    writer.body.append(draw(writer, node, node.astext(), display=False))
    raise nodes.SkipNode


def set_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own, its number before it."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({node["number"]})')
        writer.add_permalink_ref(node, _("Link to this equation"))
        writer.body.append("</span>")
    writer.body.append('<div class="formula">')
    for line in split_lines(node.astext()):
        writer.body.append('<div class="formula-line">')
        for part in line:
            drawn = [draw(writer, node, piece, display=True) for piece in part]
            one = "".join(drawn)
            writer.body.append(f"<span>{one}</span>" if len(drawn) > 1 else one)
        writer.body.append("</div>")
    writer.body.append("</div></div>\n")
    raise nodes.SkipNode


def draw(
    writer: HTML5Translator, node: nodes.Element, source: str, *, display: bool
) -> str:
    """Return a formula as MathML; warn where it can't be set, and show it as typed."""
    try:
        made = build_formula(source, display)
    except Exception as error:  # the library raises many kinds
        logger.warning("formula can't be set: %s (%r)", source, error, location=node)
        return f"<code>{html.escape(source)}</code>"
    mark_letters(made, letters_of(writer))
    drawn = tostring(made, encoding="unicode")
    return drawn.replace(NAMESPACE, "").replace(' display="inline"', "", 1)


def split_lines(source: str) -> list[list[list[str]]]:
    r"""Return a formula's lines, their parts, and the pieces of these.

    Lines are those of a `gathered`. A narrow page may break a line between its parts,
    which a quad of space holds apart, and where the formula says `\allowbreak`.
    """
    whole = ROWS.fullmatch(source.strip())
    lines = [*split(whole[1], {r"\\"})] if whole else [source]
    return [
        [[*split(part, {r"\allowbreak"})] for part in split(line, QUADS)]
        for line in lines
    ]


def split(source: str, marks: set[str]) -> Iterator[str]:
    """Yield what stands between the marks that are in no braces or environment."""
    depth, part = 0, ""
    for token in TOKEN.findall(source):
        depth += (token in OPENS) - (token in CLOSES)
        if depth == 0 and token in marks:
            yield part.strip()
            part = ""
        else:
            part += token
    yield part.strip()


# --- colours with a meaning ----------------------------------------------------------


def letters_of(writer: HTML5Translator) -> dict[str, str]:
    """Return what each letter of a page's formulas means: `{"𝐪": "query"}`."""
    chosen = writer.builder.config.formula_letters
    page = Path(writer.docnames[-1]).name if writer.docnames else ""
    return {
        letter: meaning
        for place in ("everywhere", page)
        for meaning, letters in chosen.get(place, {}).items()
        for letter in letters
    }


def mark_letters(row: Element, letters: dict[str, str]) -> None:
    """Give each letter that means a query, key, value, output or weight its class.

    A size such as d_k means none, nor does the vector v_a of a score: what hangs below
    a letter is left alone. W^Q is told by its script. A letter in braces stays plain.
    """
    for child in row:
        base, *scripts = child if child.tag in HUNG else [child]
        if base.text in PROJECTIONS:
            for script in scripts:
                mark_letter(script, OF_PROJECTIONS)
        elif base.tag == "mi":
            of_score = base.text == "𝐯" and scripts and scripts[0].text in OF_SCORES
            mark_letter(base, {} if of_score else letters)
        elif row.tag != "mrow" or len(base) > 1 or base.tag != "mrow":
            mark_letters(base, letters)


def mark_letter(letter: Element, letters: dict[str, str]) -> None:
    """Give a letter the class of its meaning, if it has one."""
    meaning = letters.get(letter.text or "", "plain")
    if meaning != "plain":
        letter.set("class", f"m-{meaning}")


# --- pages ---------------------------------------------------------------------------


def change_body(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Hold commas at their formulas, and let the font come with the style sheets.

    What is set before the font is there moves when it comes.
    """
    if "<math" in context.get("body", ""):
        context["body"] = HELD.sub(hold, context["body"])
        font = context["pathto"](f"_static/{FONT}", 1)
        context["metatags"] = context.get("metatags", "") + PRELOAD.format(font)


def hold(match: re.Match[str]) -> str:
    """Return a formula, bound to the signs beside it: no line breaks between them."""
    if (not match[1] and not match[3]) or 'display="block"' in match[2][:30]:
        return match[0]
    return f'<span class="held">{match[0]}</span>'


def bring_font(app: Sphinx, error: Exception | None) -> None:
    """Write the font with the letters that the pages' formulas have, beside them."""
    if error is not None or app.builder.format != "html":
        return
    drawn = {
        match
        for page in Path(app.outdir).rglob("*.html")
        for match in MATH.findall(page.read_text("utf-8"))
    }
    if drawn:
        write_font(letters_in("".join(drawn)), Path(app.outdir) / "_static")


def letters_in(drawn: str) -> set[str]:
    """Return the letters that browsers look up for formulas: single ones are italic."""
    letters = {*html.unescape(re.sub(r"<[^>]*>", "", drawn)), "√"}  # an msqrt's
    return letters | {style_letter(letter, "ITALIC") for letter in letters}
