"""What a student wrote is whole: on the page of feedback, and for who marks it."""

import base64
import html
import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert import HTMLExporter
from traitlets.config import Config

from autograder.feedback import clean

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
WHOLE = [  # shown as they are typed
    "If q<k and k>0 then the weight grows, so List<int> stays",
    "a<b>c",
    "a</b>c",
    "if a<b: c>d",
    "a<b and c>d, but e</b>",
    "x<-1, a <= b, c -> d, e <- f, g <=> h, 1<2>0",
    "<unk>",
    "[CLS] <pad> <mask> <|endoftext|>",
    "<s> The cat </s>",
    "<q> and <k> and </q>",
    "f<T>(x), Tensor<float, 3>, std::pair<int,int>, <T extends U>",
    "<int:5> is no address",
    "<!-- <b>note</b> -->",
    "a <!-- <b>note</b> --> b",
    "<!-- never closed",
    "<![CDATA[ x<y ]]>",
    "a <![CDATA[ x ]]> b",
    "<?php echo 1 ?>",
    "<!DOCTYPE html> is a line",
    "<script>top.owned = 1</script>",
    "a <style>b { color: red }</style> c",
    "<iframe src=x></iframe> <details><summary>x</summary></details>",
    "<img src=",
    "<img src='x.png' alt='never",
    "<b x='never",
    "</div>",
    "x<td>y</td>z",
    "> x",
    "&not_causal and &copy=1 and a&b",
    "&notsure; and &copyleft; and a&&b;",
    "[IMG] <img> <image> <img alt=x>",
    "[CLS]: classification",
    "[CLS]: classification\n[SEP]: end",
    "self.layers[0](x) and heads[i](q<k)",
    "[x](notes.md 'a title')".replace("'", '"'),
    "[x] done",
    "- [x] done",
    "Term\n: 3 < 4",
    "data:image/png;base64,AAAA",
    "| a<b | c |\n| no | table |",
    "costs $5 <b and \\$6 more".replace("\\", ""),
    "$q<k$",
    "$$a<b>c$$",
    "\\begin{align}a<b>c\\end{align}",
]
READ = {  # typed -> shown
    "H<sub>2</sub>O <b>bold</b><br/>next": "H2O boldnext",
    "&lt; &amp;lt; &#60; \\<b>": "< &lt; < <b>",
    "`a<b>c` and `&lt;`": "a<b>c and &lt;",
    "```\na<b>c\n```": "a<b>c",
    "```what is <this>\na\n```": "what is <this>\na",
    "    a<b>c": "a<b>c",
    "# a<b>c": "a<b>c",
    "a<b>c\n=====": "a<b>c",
    "- q<k and k>0\n- List<int>": "q<k and k>0\nList<int>",
    "> q<k and k>0": "q<k and k>0",
    "above\n> q<k and k>0\n1. ": "above q<k and k>0",
    "> a<b\n1. c\n> d": "a<b c d",
    "> a<b\n- c\n# d": "a<b c d",
    "[a<b>c](https://x.y)": "a<b>c",
    "<https://x.y/a> <a@b.c>": "https://x.y/a a@b.c",
    "\\(a<b\\)": "(a<b)",
    "\\\\(a<b\\\\)": "$a<b$",
    "<div>\n\n**bold** a<b\n\n</div>": "bold a<b",
    "<div>a < b & c<k></div>": "a < b & c<k>",
    "<ul><li>a<li>q<k and k</ul>": "aq<k and k",
    "<table><tr><td>1<td>2<k></table>": "12<k>",
    "| a<b | `c` |\n|---|---|\n| List<int> | <unk> |": "a<b\nc\nList<int>\n<unk>",
    "![a<b>c](x.png)": "a<b>c (the picture x.png did not come with the notebook)",
    "![x.png](attachment:x.png)": "(the picture x.png did not come with the notebook)",
    "<img src='my drawing.png'>": (
        "(the picture my drawing.png did not come with the notebook)"
    ),
    "![x](https://a.b/c.png)": (
        "x (the picture https://a.b/c.png lies elsewhere and is not loaded)"
    ),
}
GRADERS = {"page": False, "formgrader": True}


def visible(made):
    """Return the text that a browser shows, white space joined."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", made)).split())


def joined(text):
    return " ".join(text.split())


@pytest.mark.parametrize("where", GRADERS)
@pytest.mark.parametrize("text", WHOLE)
def test_what_is_no_tag_is_shown_as_it_was_typed(text, where):
    shown = visible(clean.clean_markdown(text, marking=GRADERS[where]))
    assert shown == joined(re.sub(r"^[->] ", "", text))


@pytest.mark.parametrize("where", GRADERS)
@pytest.mark.parametrize("text", READ)
def test_what_is_markdown_is_read_and_nothing_else_is_lost(text, where):
    shown = visible(clean.clean_markdown(text, marking=GRADERS[where]))
    assert shown == joined(READ[text])


ALPHABET = [*"kzkzkz<<>>/=\"' -?[]()&;:|#+.\n`$\\,3", "<b", "</b", "<br/>", "<!--"]
ALPHABET += ["-->", "<![CDATA[", "]]>", "<?", "<div>", "</div>", "<table>", "<td>"]
ALPHABET += [
    "</table>",
    "<pre>",
    "</pre>",
    "<script>",
    "</script>",
    "$$",
    "\\(",
    "\n\n",
]
ALPHABET += ["](", "http://a.b/", "<k>", "</k>", "|---|---|", "    ", "- ", "> ", "1. "]


@pytest.mark.parametrize("where", GRADERS)
@given(text=st.lists(st.sampled_from(ALPHABET), max_size=50).map("".join))
def test_no_letter_is_lost_whatever_stands_around_it(where, text):
    text = re.sub("``+", "`", text)  # a fence's language is not shown
    shown = visible(clean.clean_markdown(text, marking=GRADERS[where]))
    # Sorted: a browser puts text that stands in a table, but in no cell, before it.
    letters = [sorted(re.sub("[^kz]", "", one)) for one in (shown, text)]
    assert letters[0] == letters[1]
    if "<table>" not in text:
        assert re.sub("[^kz]", "", shown) == re.sub("[^kz]", "", text)


@pytest.mark.parametrize("where", GRADERS)
@given(parts=st.lists(st.sampled_from([w for w in WHOLE if "b>" not in w]), max_size=6))
def test_pieces_beside_each_other_change_nothing(where, parts):
    parts = [part for part in parts if not re.search(r"[$]|^[<|>-]|div|<!|<\?", part)]
    shown = visible(clean.clean_markdown("\n\n".join(parts), marking=GRADERS[where]))
    assert shown == joined(" ".join(parts))


def test_tags_that_are_allowed_stay_tags():
    made = clean.clean_markdown("H<sub>2</sub>O<br><B>x</B>\n\n3. three\n4. four")
    assert "<sub>2</sub>" in made and "<br>" in made and "<b>x</b>" in made
    assert '<ol start="3">' in made


def test_in_formgrader_a_dollar_that_is_money_opens_no_formula():
    made = clean.clean_markdown("\\$5 < x and \\$6, but $q<k$", marking=True)
    assert made.count("<span>$</span>") == 2 and "$q&lt;k$" in made
    assert "<span>" not in clean.clean_markdown("\\$5 < x")


# --- pictures -------------------------------------------------------------------------

NAMES = {  # as typed -> the attachment's name
    "![x](attachment:x.png)": "x.png",
    "![](attachment:my%20drawing.png)": "my drawing.png",
    "![](<attachment:my drawing.png>)": "my drawing.png",
    "<img src='attachment:x.png' width=300>": "x.png",
    "![](attachment:a%20b.png)": "a%20b.png",
    "![](attachment:u\u0308.png)": "u\u0308.png",
    "![](attachment:%C3%BC.png)": "u\u0308.png",
    "<img src='attachment:my%20picture.png'>": "my picture.png",
    "See ![x][1]\n\n[1]: attachment:x.png": "x.png",
    "[![x](attachment:x.png)](https://x.y)": "x.png",
    "| a |\n|---|\n| ![](attachment:Ü.png) |": "Ü.png",
}
IN_THE_TEXT = [
    "![image.png](data:image/png;base64,{})",
    "<img src='data:image/png;base64,{}' width=300>",
    '<div><img alt="x" src="data:image/PNG;base64,\n{}\n"></div>',
    "![][image1]\n\n[image1]: <data:image/png;base64,{}>",
]


@pytest.mark.parametrize("where", GRADERS)
@pytest.mark.parametrize("text", NAMES)
def test_a_picture_beside_the_text_is_shown(text, where):
    pictures = {NAMES[text]: {"image/png": DOT}}
    made = clean.clean_markdown(text, attachments=pictures, marking=GRADERS[where])
    assert f'<img src="data:image/png;base64,{DOT}"' in made and "picture" not in made


@pytest.mark.parametrize("where", GRADERS)
@pytest.mark.parametrize("text", IN_THE_TEXT)
def test_a_picture_in_the_text_counts_for_no_length(text, where):
    data = base64.b64encode(b"\1" * 900_000).decode()
    text = f"a<b {text.format(data)}" if text[0] == "!" else text.format(data)
    made = clean.clean_markdown(text + "\n\n**end**", marking=GRADERS[where])
    assert data in made and "<strong>end</strong>" in made
    assert not re.search(r"base64", visible(made))


def test_pictures_are_shown_where_the_text_stands_as_typed():
    text = f"\\href{{x}} ![](data:image/png;base64,{DOT}) ![](attachment:y.png)"
    beside = {"y.png": {"image/png": DOT}, "unused.png": {"image/png": DOT}}
    made = clean.clean_markdown(text, attachments=beside, marking=True)
    assert made.count("<img") == 2 and "\\href{x}" in visible(made)


@pytest.mark.parametrize(
    "pictures",
    [None, {}, [], {"x.png": {}}, {"x.png": None}, {"x.png": {"image/png": 5}},
     {"x.png": {"image/png": "no base64!"}}, {"x.png": {"text/html": "PHA+"}},
     {"x.png": {"image/png": "A" * 8_000_004}},
     {"x.png": {'image/png" onerror="x': DOT}}],
)  # fmt: skip
def test_a_picture_that_did_not_come_is_named_in_words(pictures):
    made = clean.clean_markdown("a ![x](attachment:x.png) b", attachments=pictures)
    assert "<img" not in made and "onerror" not in made
    assert re.fullmatch(r"a x \(the picture x.png .*\) b", visible(made))


def test_one_picture_named_a_thousand_times_makes_no_page_of_gigabytes():
    text = "![](attachment:x.png) " * 1_000
    made = clean.clean_markdown(text, attachments={"x.png": {"image/png": DOT}})
    assert made.count("<img") == 3 and "is shown above" in made


@pytest.mark.parametrize("where", GRADERS)
def test_what_stands_for_a_picture_cannot_be_made_up(where):
    marks = "&#xe000;0&#xe001; \ue0000\ue001 %EE%80%800%EE%80%81"
    text = f'![" onload="x](attachment:x.png) <a href="https://{marks}">{marks}</a>'
    made = clean.clean_markdown(
        f"{text} [{marks}](https://{marks}) &#x202e; &#xe000;99999&#xe001;",
        attachments={"x.png": {"image/png": DOT}}, marking=GRADERS[where],
    )  # fmt: skip
    for address in re.findall(r'href="([^"]*)"', made):
        assert not re.search("[<>\ue000\ue001]", address)
    outside = re.sub(r'"[^"]*"', "", made)
    assert "onload" not in re.sub(r">[^<]*<", "", outside) and "\u202e" not in made


# --- formgrader -----------------------------------------------------------------------


def marked(cell):
    """Return the text of a cell on formgrader's page, and the page's part with it."""
    from nbgrader.server_extensions.formgrader.handlers import template_path

    class Resources(dict):
        def __missing__(self, key):
            return ""

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    config.HTMLExporter.filters = {
        "markdown2html": "autograder.feedback.clean.for_marking"
    }
    place = Resources(index=0, total=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook, place)
    shown = page.split("rendered_html")[-1].partition(">")[2].split("</main>")[0]
    return visible(shown), shown


@pytest.mark.parametrize(
    "text",
    [WHOLE[0], "`[x](files/y)` a[x](files/y) <s> </s>", "$q<k$ and \\href{x}{y}<k>"],
)
def test_formgrader_shows_all_of_a_written_answer(text):
    assert marked(nbformat.v4.new_markdown_cell(text))[0] == text.replace("`", "")


@pytest.mark.parametrize("came", [True, False])
def test_formgrader_shows_the_pictures_of_a_written_answer(came):
    cell = nbformat.v4.new_markdown_cell("See ![x](attachment:x.png)")
    if came:
        cell["attachments"] = {"x.png": {"image/png": DOT}}
    text, page = marked(cell)
    assert (DOT in page) is came and ("did not come" in text) is not came
