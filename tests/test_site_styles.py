"""The site's one sheet keeps what pages use, code its inks, a drawing its looks."""

import base64

import pytest

from course_site.lighter import (
    drop_blank_lines,
    group_inks,
    move_pictures,
    move_scripts,
    squeeze_blocks,
    thin_code,
)
from course_site.styles import Names, drop_unused_variables, keep_dark, prune
from tests.support.small_site import Site

PAGE = '<main id="here" class="text wide" data-open="1"><p>a</p></main>'


@pytest.fixture
def names():
    found = Names()
    found.add_page(PAGE)
    found.add_script("box.classList.add('shown'); root.dataset.pageTheme = 'dark'")
    return found


@pytest.mark.parametrize(
    "selector",
    [
        "main",
        ".text.wide",
        "#here>p",
        "main:hover",
        "p::before",
        "[data-open]",
        ".wide.shown",
        "[data-page-theme=dark] p",
        "p:not(.missing)",
        ":is(.missing,.text) p",
        "*",
        ":root",
    ],
)
def test_a_rule_that_a_page_or_a_script_can_use_stays(names, selector):
    assert prune(f"{selector} {{ color: red }}", names).endswith("{color:red}")


@pytest.mark.parametrize(
    "selector",
    ["aside", ".text.missing", "#there", "[data-other]", ":is(.missing, aside) p"],
)
def test_a_rule_that_nothing_can_use_goes(names, selector):
    assert prune(f"{selector} {{ color: red }}", names) == ""


def test_of_a_list_of_selectors_the_used_ones_stay(names):
    assert prune("aside, p, .missing { color: red }", names) == "p{color:red}"


def test_rules_for_paper_stay_and_empty_ones_go(names):
    paper = "@media print { p { color: red } aside { color: red } }"
    assert prune(paper, names) == "@media print{p{color:red}}"
    assert prune("@media print { aside { color: red } }", names) == ""


def test_the_icon_font_goes(names):
    font = '@font-face { font-family: "Font Awesome 6 Free"; src: url(a.woff2) }'
    assert prune(font, names) == ""
    rule = "p { font: var(--fa-font-solid); color: red }"
    assert prune(rule, names) == "p{color:red}"


def test_variables_stay_as_long_as_something_names_them(names):
    sheet = prune(
        ":root { --a: 1px; --b: var(--a); --c: 'x;y'; --d: 2px } p { top: var(--b) }",
        names,
    )
    assert drop_unused_variables(sheet, names) == (
        ":root{--a:1px;--b:var(--a)}p{top:var(--b)}"
    )


def test_movements_stay_if_a_rule_names_them(names):
    sheet = "@keyframes in{to{top:0}}@keyframes out{to{top:1px}}p{animation:in 1s}"
    assert drop_unused_variables(sheet, names) == (
        "@keyframes in{to{top:0}}p{animation:in 1s}"
    )


def test_code_has_an_element_only_where_its_ink_changes():
    inks = {"n": "", "p": "", "s2": "s1", "s1": "s1", "k": "k"}
    parts = ("k", "if"), ("n", "x"), ("s1", "a"), ("s2", "b"), ("p", ":")
    code = "".join(f'<span class="{ink}">{text}</span>' for ink, text in parts)
    page = f'<div class="highlight"><pre><span></span>{code}\n</pre></div>'
    assert thin_code(page, inks) == (
        '<div class="highlight"><pre><x-k>if</x-k>x<x-s1>ab</x-s1>:\n</pre></div>'
    )
    assert thin_code(f"<p>{code}</p>", inks) == f"<p>{code}</p>"


def test_inks_are_told_apart_in_either_theme():
    inks = group_inks(["a11y-high-contrast-light", "a11y-high-contrast-dark"])
    assert inks["n"] == inks["p"] == ""
    assert inks["s1"] == inks["s2"] != inks["k"]


def test_a_large_picture_becomes_a_file_and_a_small_one_stays(tmp_path):
    large, small = bytes(range(256)) * 20, b"little"
    page = tmp_path / "book" / "page.html"
    as_text = [
        f"data:image/png;base64,{base64.b64encode(data).decode()}"
        for data in (large, small)
    ]
    html = "".join(f'<image href="{text}"/>' for text in as_text)
    moved = move_pictures(html, tmp_path, page)
    [written] = (tmp_path / "_images").iterdir()
    assert written.read_bytes() == large
    assert moved == (
        f'<image href="../_images/{written.name}"/><image href="{as_text[1]}"/>'
    )


def test_a_large_script_becomes_a_file_that_runs_after_the_text(tmp_path):
    (tmp_path / "_static").mkdir()
    large, small = f"const data = '{'<>' * 5000}';", "const data = 1;"
    html = f"<script>{small}</script><p>a</p><script>{large}</script>"
    moved = move_scripts(html, tmp_path, tmp_path / "page.html")
    [written] = (tmp_path / "_static" / "figures").iterdir()
    assert written.read_text() == large
    assert moved == (
        f"<script>{small}</script><p>a</p>"
        f'<script defer src="_static/figures/{written.name}"></script>'
    )


def test_a_large_script_that_others_call_runs_before_them(tmp_path):
    (tmp_path / "_static").mkdir()
    shared = f"\nwindow.attention_explorer = (box, data) => {{}};{' ' * 9000}"
    call = "<script>attention_explorer(1, 2);</script>"
    html = f"<script>{shared}</script>{call}"
    moved = move_scripts(html, tmp_path, tmp_path / "page.html")
    [written] = (tmp_path / "_static" / "figures").iterdir()
    place = f"_static/figures/{written.name}"
    assert moved == f'<script src="{place}"></script>{call}'


def test_between_blocks_stands_nothing_and_code_keeps_its_lines():
    code, text = "<pre>a\n\n  b</pre>", "<p>a <b>b</b>\nc</p>"
    html = f'<div class="output notranslate">{code}\n</div>\n\n{text}'
    assert squeeze_blocks(html) == f'<div class="output">{code}</div>{text}'


def test_what_templates_leave_empty_is_gone_and_code_keeps_its_blank_lines():
    code = "<pre>a\n\n  b</pre>"
    html = f"<p>a</p>\n\n   \n  <p>{code}</p>\n\n"
    assert drop_blank_lines(html) == f"<p>a</p>\n<p>{code}</p>\n"


@pytest.mark.slow
def test_a_style_that_changes_alone_comes_to_the_site_and_nothing_changed_is_no_fault(
    tmp_path,
):
    site = Site(tmp_path)
    style = tmp_path / "_static" / "own.css"
    style.parent.mkdir()
    conf = tmp_path / "conf.py"
    conf.write_text(conf.read_text() + 'html_static_path = ["_static"]\n')
    for text in ("p { color: red }", "p { color: blue }", "p { color: blue }"):
        style.write_text(text)
        assert "build succeeded" in site.build()
        assert (tmp_path / "_build/html/_static/own.css").read_text() == text


def test_a_cell_keeps_the_classes_that_its_fold_is_styled_by():
    cell = '<div class="cell tag_hide-input docutils container">'
    inside = '<div class="cell_input above-output-prompt docutils container">'
    assert squeeze_blocks(cell) == '<div class="cell docutils container">'
    assert squeeze_blocks(inside) == '<div class="cell_input above-output-prompt">'


def test_the_dark_theme_holds_without_a_script_that_sets_it():
    sheet = 'html[data-theme="dark"] p{color:red}html[data-theme=light] p{color:blue}'
    kept = keep_dark(sheet + "@media print{html[data-theme=dark]{color:black}}")
    assert kept == "html[data-theme] p{color:red}"
