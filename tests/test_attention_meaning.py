"""The colours that mean something: the same everywhere, legible in both themes."""

import re

import pytest

from attention.figures.meaning import MEANINGS
from tests.support.places import ROOT

CSS = (ROOT / "book/_static/course.css").read_text("utf-8")
GROUNDS = {  # the page, a card, a soft card; of the theme and of the course's own style
    "light": ("#ffffff", "#f7f9fb", "#e8f1fa"),
    "dark": ("#14181e", "#1b222a", "#16283a"),
}


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def themed(name: str) -> dict[str, str]:
    """Return the colour of a part in the light and in the dark theme."""
    found = re.findall(rf"--course-{name}: (#[0-9a-f]{{6}});", CSS)
    return dict(zip(("light", "dark"), found, strict=True))


@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda m: m.name)
@pytest.mark.parametrize("theme", sorted(GROUNDS))
def test_each_part_can_be_read_on_each_ground_of_both_themes(meaning, theme):
    own = themed(meaning.name)[theme]
    assert min(contrast(own, ground) for ground in GROUNDS[theme]) >= 4.5


@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda m: m.name)
def test_where_nothing_is_known_of_the_ground_a_mark_is_seen_on_both(meaning):
    for grounds in GROUNDS.values():
        assert contrast(meaning.color, grounds[0]) >= 3
    assert meaning.css == f"var(--course-{meaning.name}, {meaning.color})"


def test_no_two_parts_share_a_colour_a_letter_or_a_shape():
    for sign in ("color", "letter", "shape", "name"):
        assert len({getattr(m, sign) for m in MEANINGS}) == len(MEANINGS)
