"""A stage for live figures: a page in a browser, and what each must do on every page.

A test gets it as the fixture `stage`: `tab = stage(figure)` is a page 390 pixels wide
with the figure in it, `stage(one, other, theme="dark", width=760)` another. What goes
wrong there, or is said on the console, fails the test at its end.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support.places import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from attention.figures.live_figure import Interactive

THEMES = {"light": ("#ffffff", "#222832"), "dark": ("#14181e", "#ced6dd")}
in_both_themes = pytest.mark.parametrize("theme", THEMES)
FINGER = 24  # pixels
CONTROLS = ("button", "checkbox", "combobox", "radio", "slider")
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Figures</title>
<style>body {{ font-family: sans-serif; background: {ground}; color: {ink} }}
{style}</style><main><h1>Figures</h1>{figures}</main></html>"""


def course_style() -> str:
    """Return the style of the course's pages."""
    return (ROOT / "book/_static/course.css").read_text("utf-8")


class Stage:
    """Opens pages with figures, and keeps what goes wrong in them."""

    def __init__(self, browser, folder: Path) -> None:
        self.browser, self.file = browser, folder / "page.html"
        self.tabs: list[Page] = []
        self.faults: list[str] = []

    def __call__(
        self,
        *figures: Interactive | str,
        theme: str = "light",
        width: int = 390,
        height: int = 844,
        script: bool = True,
        style: str = "",
        **options,
    ) -> Page:
        """Open a page with figures; `options` are those of a browser's context."""
        ground, ink = THEMES[theme]
        body = "".join(getattr(figure, "html", figure) for figure in figures)
        look = {"theme": theme, "ground": ground, "ink": ink, "style": style}
        self.file.write_text(PAGE.format(figures=body, **look), "utf-8")
        size = {"width": width, "height": height}
        options |= {"viewport": size, "java_script_enabled": script}
        tab = self.browser.new_page(**options)
        self.tabs.append(tab)
        tab.on("console", lambda message: self.faults.append(message.text))
        tab.on("pageerror", lambda error: self.faults.append(str(error)))
        tab.goto(self.file.as_uri())
        return tab

    def close(self) -> None:
        """Close all pages."""
        for tab in self.tabs:
            tab.close()


@cache
def axe_script() -> str:
    """Return the script of axe-core, which looks for barriers in a page."""
    package = distribution("axe-playwright-python")
    path = package.locate_file("axe_playwright_python/axe.min.js")
    return Path(str(path)).read_text("utf-8")


def axe_faults(tab: Page) -> list[tuple[str, list[str]]]:
    """Return the rules that a page breaks, each with the elements that break it."""
    tab.evaluate(axe_script())
    broken = tab.evaluate("axe.run()")["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken]


def overflow(tab: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    size = tab.viewport_size
    assert size
    return tab.evaluate("document.documentElement.scrollWidth") - size["width"]


def small_targets(place: Page | Locator, selector: str) -> list[str]:
    """Return which of the elements (one at least) are too small for a finger."""
    found = place.locator(selector).all()
    assert found, f"no {selector}"
    boxes = [(one, one.bounding_box() or {"width": 0, "height": 0}) for one in found]
    small = [one for one, box in boxes if min(box["width"], box["height"]) < FINGER]
    return [one.evaluate("e => e.outerHTML") for one in small]


def controls(place: Page | Locator) -> int:
    """Return how many controls readers are offered."""
    return sum(place.get_by_role(role).count() for role in CONTROLS)


def controls_left(stage: Stage, figure: Interactive) -> list[str]:
    """Return where a figure offers controls that can do nothing: no script, paper."""
    paper = stage(figure, style=course_style())
    paper.emulate_media(media="print")
    places = {"no script": stage(figure, script=False), "paper": paper}
    return [name for name, tab in places.items() if controls(tab)]


def said(place: Page | Locator) -> str:
    """Return the sentence that tells the state of a figure."""
    return place.get_by_role("status").inner_text()


def weights_shown(table: Locator, cells: str = "tbody td:last-child") -> np.ndarray:
    """Return the weights that a page has computed, with all their digits."""
    width = "all => all.map(td => Number(td.style.getPropertyValue('--w')))"
    return np.array(table.locator(cells).evaluate_all(width))
