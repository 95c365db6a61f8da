"""Pictures of mechanisms: where rooms and arrows stand, what is grey, what is said."""

import itertools
import re
from xml.etree import ElementTree

import pytest

from attention.figures.drawing import Arrow, Frame, Note, Room, draw, token_row
from attention.figures.drawing_parts import boxes_of, route_arrow
from attention.figures.meaning import KEY, MEANINGS, QUERY
from tests.support.markup import unclosed
from tests.support.stage import axe_faults, in_both_themes, overflow

LEFT = Room("left", (50, 40), "encoder", "reads", size=(80, 40))
RIGHT = Room("right", (250, 50), "decoder", kind=QUERY, size=(100, 40))
BELOW = Room("below", (50, 140), "tokens", size=(60, 20))
ROOMS = [LEFT, RIGHT, BELOW]
KNOWN = {room.key: room for room in ROOMS}


def picture(*more, **options) -> str:
    return draw([*ROOMS, *more], **{"alt": "three rooms"} | options)._repr_html_()


def svgs(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(s) for s in re.findall("<svg.*?</svg>", html)]


def states(html: str) -> list[str]:
    return [g.get("class", "") for g in svgs(html)[0].iter("g")]


def test_a_straight_arrow_runs_level_where_its_rooms_share_a_height():
    found = route_arrow(Arrow("left", "right", "7×128"), KNOWN)
    assert found == [(90, 45), (200, 45)]  # shared from 30 to 60


def test_a_straight_arrow_runs_upright_where_its_rooms_stand_above_each_other():
    assert route_arrow(Arrow("below", "left", ""), KNOWN) == [(50, 130), (50, 60)]


def test_an_elbow_goes_across_or_up_first():
    across = route_arrow(Arrow("below", "right", "", turn="across"), KNOWN)
    up = route_arrow(Arrow("below", "right", "", turn="up"), KNOWN)
    assert across == [(80, 140), (250, 140), (250, 70)]
    assert up == [(50, 130), (50, 50), (200, 50)]


def test_an_arrow_may_have_corners_of_its_own():
    found = route_arrow(Arrow("left", "right", "", via=[(50, 0), (250, 0)]), KNOWN)
    assert found == [(50, 20), (50, 0), (250, 0), (250, 30)]


def test_each_arrow_has_the_shape_of_what_flows():
    texts = [t.text for t in svgs(picture(Arrow("left", "right", "7×128")))[0].iter()]
    assert "7×128" in texts


def test_a_thick_arrow_is_a_large_weight():
    def width(weight):
        html = picture(Arrow("left", "right", "", weight=weight))
        return float(re.search(r'style="stroke-width:([\d.]+)', html)[1])

    assert width(0.9) > width(0.5) > width(0) > 0


def test_a_row_of_tokens_shows_each_word_and_none_stands_on_another():
    row = token_row("x", ["le", "chat", "dort <b>", " "], (3, 20))
    spans = [next(boxes_of(room, {})) for room in row]
    assert [room.key for room in row] == ["x0", "x1", "x2", "x3"]
    assert spans[0][0] == 3
    assert all(a[2] < b[0] for a, b in itertools.pairwise(spans))
    assert "dort &lt;b&gt;" in (html := picture(*row)) and "␣" in html


@pytest.mark.parametrize("kind", MEANINGS, ids=lambda m: m.name)
def test_a_kind_gives_its_colour_its_letter_and_its_mark(kind):
    html = picture(Room("own", (10, 10), "part", kind=kind))
    assert f"--own:{kind.css}" in html
    assert f">{kind.letter}</text>" in html
    assert 'class="mark"' in html or 'class="hatch"' in html


def test_what_is_not_here_is_grey():
    html = picture(Arrow("left", "right", ""), Frame("both", ["left", "right"]))
    assert not any("away" in state for state in states(html))
    more = [Arrow("left", "right", ""), Arrow("below", "left", "")]
    found = states(picture(*more, here=["left", "right"]))
    assert found == [
        "away",
        "room here",
        "room here",
        "room away",
        "here",
    ]  # grey behind


def test_all_that_is_drawn_lies_in_the_picture():
    html = picture(Note((-40, 0), "a note"), Arrow("left", "right", "", turn="arc"))
    x, y, width, height = map(float, svgs(html)[0].get("viewBox").split())
    assert x < -40 and y < 0 and x + width > 300 and y + height > 150


def test_a_phone_has_a_picture_of_its_own_with_the_same_words_for_it():
    html = picture(narrow=[LEFT], alt='a "small"\n  one')
    wide, narrow = svgs(html)
    assert wide.get("aria-label") == narrow.get("aria-label") == 'a "small" one'
    assert (wide.get("class"), narrow.get("class")) == ("wide", "narrow")
    assert len(svgs(picture())) == 1


def test_a_picture_needs_words_for_it():
    with pytest.raises(ValueError, match="alt text"):
        picture(alt=" ")


@pytest.mark.parametrize(
    ("more", "here"),
    [(Arrow("left", "lost", ""), ()), (Frame("", ["lost"]), ()), (LEFT, ["lost"])],
)
def test_a_key_that_names_no_room_is_refused(more, here):
    with pytest.raises(ValueError, match="lost: no room"):
        picture(more, here=here)


def test_the_same_picture_gives_the_same_bytes_and_asks_nothing_of_the_network():
    assert picture() == picture()
    assert not re.search(r"https?:|src=|url\(|<script", picture())


# --- in a browser ---


@pytest.mark.slow
@pytest.mark.parametrize(("width", "seen"), [(390, "narrow"), (760, "wide")])
def test_one_picture_is_seen_at_a_time_and_the_page_is_not_too_wide(stage, width, seen):
    tab = stage(picture(Arrow("left", "right", "7×8", KEY), narrow=[LEFT]), width=width)
    drawn = tab.locator("svg:visible")
    assert drawn.count() == 1 and drawn.get_attribute("class") == seen
    assert overflow(tab) == 0


@pytest.mark.slow
def test_without_a_narrow_one_a_phone_shows_the_wide_one(stage):
    assert stage(picture()).locator("svg:visible").count() == 1


@pytest.mark.slow
@in_both_themes
def test_axe_finds_no_barrier_in_a_drawing(stage, theme):
    drawn = picture(here=["left"], title="Three rooms")
    tab = stage(drawn, theme=theme, width=760)
    assert axe_faults(tab) == []


def test_a_drawing_is_whole_markup():
    assert not unclosed(picture(Frame("both", ["left", "right"]), title="a < b"))
