"""A reader says how much code the pages show: all, the idea, none."""

import pytest

from benchmarks.pages import WATCH_SHIFT, serve
from tests.support.built_site import CHAPTERS, HTML

pytestmark = pytest.mark.slow
PAGE = f"book/{CHAPTERS[5]}.html"
CHOICES = ("all", "idea", "none")
SEEN = """chosen => [...document.querySelectorAll('article ' + chosen)]
  .filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"""
CODE, RESULT = ".cell_input", ".cell_output"
DENIED = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('denied', 'SecurityError'); }})"""


@pytest.fixture(scope="module")
def address():
    with serve(HTML) as running:
        yield running


@pytest.fixture
def reader(browser):
    """Open pages as one reader does, who has chosen nothing yet."""
    contexts = []

    def open_page(url, width=1400, first="", **options):
        size = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=size, **options))
        page = contexts[-1].new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        if first:
            page.add_init_script(first)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def choose(page, choice):
    page.locator(f".code-switch input[value={choice}]").evaluate("e => e.click()")


def counted(page):
    return page.evaluate(SEEN, CODE), page.evaluate(SEEN, RESULT)


@pytest.mark.parametrize("width", [1400, 390])
def test_each_choice_shows_its_code_and_none_takes_a_result_away(
    reader, address, width
):
    page = reader(address + PAGE, width)
    idea = counted(page)
    choose(page, "all")
    everything = counted(page)
    choose(page, "none")
    nothing = counted(page)
    choose(page, "idea")
    assert counted(page) == idea
    assert nothing[0] == 0 < idea[0] < everything[0]
    assert 0 < nothing[1] == idea[1] <= everything[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_arrows_choose_and_the_choice_is_said(reader, address):
    page = reader(address + PAGE)
    assert page.get_by_role("group", name="Code").is_visible()
    page.locator(".code-switch input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.documentElement.dataset.code") == "none"
    assert page.locator(".code-switch [role=status]").text_content() == (
        "Code is hidden, results stay."
    )


def test_what_is_chosen_shows_that_it_has_the_focus(reader, address):
    page = reader(address + PAGE)
    place = page.locator(".code-switch")
    page.locator(".code-switch input:checked").focus()
    page.keyboard.press("ArrowRight")
    focused = place.screenshot()
    page.evaluate("document.activeElement.blur()")
    assert focused != place.screenshot()


@pytest.mark.parametrize("choice", ["all", "none"])
def test_a_choice_stays_on_the_next_page_which_does_not_move(reader, address, choice):
    page = reader(address + PAGE, first=f"({WATCH_SHIFT})()")
    choose(page, choice)
    page.goto(f"{address}book/{CHAPTERS[6]}.html", wait_until="networkidle")
    assert page.locator(".code-switch input:checked").get_attribute("value") == choice
    code, _ = counted(page)
    assert (code == 0) == (choice == "none")
    assert page.evaluate("window.shifted") <= 0.02


def test_what_is_read_stays_where_it_is_when_code_goes(reader, address):
    page = reader(address + PAGE)
    heading = page.locator("article h2").nth(6)
    heading.evaluate("e => window.scrollTo(0, e.offsetTop - 30)")
    before = heading.bounding_box()["y"]
    for choice in CHOICES:
        choose(page, choice)
        assert heading.bounding_box()["y"] == pytest.approx(before, abs=2)


def test_where_nothing_can_be_kept_the_choice_holds_for_the_page(reader, address):
    page = reader(address + PAGE, first=DENIED)
    choose(page, "none")
    assert counted(page)[0] == 0
    page.locator(".theme-switch-button").click()
    assert page.evaluate("document.documentElement.dataset.mode") != "auto"
    assert not page.faults


def test_without_a_script_and_on_paper_there_is_no_switch(reader, address):
    plain = reader(address + PAGE, java_script_enabled=False)
    assert not plain.locator(".code-switch").is_visible()
    page = reader(address + PAGE)
    idea = counted(page)[0]
    choose(page, "none")
    page.emulate_media(media="print")
    assert not page.locator(".code-switch").is_visible()
    assert counted(page)[0] == idea
