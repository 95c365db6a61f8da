"""A page's drawings in fewer letters look as they were drawn."""

import re
from xml.etree import ElementTree

import pytest

from course_site.drawings import Drawings, thin_drawing

HEAD = '<svg stroke-linejoin="round" stroke-linecap="butt" xmlns:xlink="x">'
LOOK = "fill: none; stroke: #2a78b8"
LINE = f'<path id="f0123abcd-m1" d="M1 2L3 4" style="{LOOK}"/>'
AGAIN = f'<use xlink:href="#f0123abcd-m1" x="1" style="{LOOK}"/>'
CUT = '<g clip-path="url(#f0123abcd-p2)"><text style="fill: red">a &lt; b</text></g>'


def page(inside: str, before: str = "") -> str:
    return f'{before}<div class="picture">{HEAD}{inside}</svg></div>'


def parts(html: str) -> list[ElementTree.Element]:
    svg = re.search(r"<svg.*</svg>", html, re.S)[0]
    return [*ElementTree.fromstring(svg).iter()]


def test_a_drawing_keeps_its_scales_and_says_places_in_short():
    path = '<path d="M 10.123456 0.5 \\nL 2 3 z" transform="scale(0.015625)"/>'
    svg = f"<svg>\n {path}\n</svg>".replace("\\n", "\n")
    assert thin_drawing(svg) == (
        '<svg><path d="M10.12 0.5L2 3 z" transform="scale(0.015625)"/></svg>'
    )


def test_looks_become_classes_that_one_sheet_of_the_page_gives_back():
    html = Drawings().lighten(page(LINE + AGAIN + CUT))
    _, path, use, _, text = parts(html)
    rules = dict(re.findall(r"\.picture \.(\w+)\{(.*?)\}", html))
    assert rules[path.get("class")] == "fill:none;stroke:#2a78b8"
    assert use.get("class") == path.get("class") != text.get("class")
    assert html.count("<style>") == 1 and " style=" not in html


def test_what_is_drawn_again_is_found_under_its_short_name():
    _, path, use, cut, _ = parts(Drawings().lighten(page(LINE + AGAIN + CUT)))
    assert use.get("href") == f"#{path.get('id')}"
    assert len(path.get("id")) < 6
    assert re.fullmatch(r"url\(#p-\d+\)", cut.get("clip-path"))


def test_two_drawings_of_a_page_share_no_name():
    other = LINE.replace("0123abcd", "99999999")
    html = Drawings().lighten(page(LINE) + page(other))
    names = re.findall(r' id="([^"]+)"', html)
    assert len(set(names)) == 2


def test_groups_that_say_nothing_are_gone_and_all_that_is_drawn_stays_in_its_order():
    html = Drawings().lighten(page(f"<g><g>{LINE}</g><g>{CUT}</g></g>{AGAIN}"))
    assert [part.tag for part in parts(html)] == ["svg", "path", "g", "text", "use"]
    assert "a &lt; b" in html


@pytest.mark.parametrize(
    "svg",
    [
        f"{HEAD}<text>a &nbsp; b</text></svg>",  # no XML
        '<svg class="live"><path style="--w: 0.5"/></svg>',  # a script moves it
    ],
)
def test_what_is_not_plotted_keeps_its_styles(svg):
    assert Drawings().lighten(svg) == svg


def test_marks_that_repeat_are_one_path_with_a_mark_at_each_place():
    mark = '<use xlink:href="#f0123abcd-m1" x="{}" y="2" style="fill: red"/>'
    marks = "".join(mark.format(x) for x in (1, 5, 9))
    html = Drawings().lighten(page(LINE + marks) + page(LINE + marks))
    name = re.search(r'<marker id="(p-\d+)"', html)[1]
    assert html.count("<marker ") == 1 and html.count("<use ") == 1
    assert html.count(f'd="M1 2L5 2L9 2" style="fill:none;marker:url(#{name})"') == 2


def test_the_lines_of_a_grid_are_one_path_and_lines_of_data_are_not():
    grid = '<path d="M{0} 0L{0} 9 " style="stroke-opacity: 0.25"/>'
    data = '<path d="M{0} 0L{0} 9 " style="stroke: red"/>'
    both = [line.format(x) for line in (grid, data) for x in (1, 5)]
    drawn = [part.get("d") for part in parts(Drawings().lighten(page("".join(both))))]
    assert drawn[1:] == ["M1 0L1 9 M5 0L5 9 ", "M1 0L1 9 ", "M5 0L5 9 "]
