"""The built website in a real browser: no outside request, no error, no barrier.

The site must stand in `_build/html`, newer than the book: `make site` builds it.
"""

import functools
import hashlib
import http.server
import json
import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

import nbformat
import pytest
import yaml

from course_site.page_source import read_page
from tests.support.pace import PATIENCE
from tests.support.places import ROOT

HTML = ROOT / "_build" / "html"

pytestmark = pytest.mark.slow
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
LISTED = [c["file"] for part in TOC["parts"] for c in part["chapters"]]
PAGES = [f"{name}.html" for name in (TOC["root"], *LISTED)] + [
    "search.html",
    "genindex.html",
]
CHAPTERS = [name for name in LISTED if re.match(r"book/\d\d_", name)]
NOTEBOOKS = [
    name
    for name in (TOC["root"], *LISTED)
    if (ROOT / f"{name}.md").is_file()
    and read_page((ROOT / f"{name}.md").read_text("utf-8")).code_cells
]
READS_MORE = {"book/measured", "book/attacks"}  # files outside of book/
TRAVELLING = [name for name in NOTEBOOKS if name not in READS_MORE]
THEMES = ("light", "dark")
each_page = pytest.mark.parametrize("page", PAGES)
each_theme = pytest.mark.parametrize("theme", THEMES)
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


# --- the site, a server, a browser ---------------------------------------------------


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site; it is built if it is missing or older than its sources."""
    written = [p for p in (ROOT / "book").rglob("*") if p.is_file()]
    written += [ROOT / "_config.yml", ROOT / "_toc.yml"]
    written = [p for p in written if "__pycache__" not in p.parts]
    index = HTML / "searchindex.js"
    newest = max(p.stat().st_mtime for p in written)
    if not index.is_file() or index.stat().st_mtime < newest:
        done = subprocess.run(
            ["make", "site"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60 * PATIENCE,
        )
        if done.returncode:
            pytest.fail(
                f"`make site` failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
            )
    return HTML


@pytest.fixture(scope="session")
def server(site):
    """The address of a server of the site, on this machine alone."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


SETTLED = """() => Promise.all(document.getAnimations()
  .filter(a => Number.isFinite(a.effect.getComputedTiming().endTime))
  .map(a => a.finished.catch(() => null))).then(() => null)"""


class Tab:
    """A page in the browser, and all that went wrong in it."""

    def __init__(self, context, base: str) -> None:
        self.base = base
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.faults.append(f"script: {e}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a reader who leaves a page ends it
            self.faults.append(f"failed: {request.url}: {request.failure}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"outside: {request.url}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def open(self, path: str):
        """Open a page and wait until its quizzes are armed."""
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("!document.querySelector('details.quiz-option')")
        self.page.evaluate(SETTLED)  # colours that are still changing say nothing
        return self.page


@pytest.fixture(scope="module")
def contexts(browser, server):
    """A browser context for each theme and width, opened once."""
    opened = {
        (theme, width): browser.new_context(
            color_scheme=theme,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
        )
        for theme in THEMES
        for width in (1280, 390)
    }
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture
def tab(contexts, server):
    """Open tabs: `tab(theme, width)`; they are closed at the end of the test."""
    tabs = []

    def open_tab(theme: str = "light", width: int = 1280) -> Tab:
        tabs.append(Tab(contexts[theme, width], server))
        return tabs[-1]

    yield open_tab
    for one in tabs:
        one.page.close()


# --- every page ----------------------------------------------------------------------


# The theme waits before it sees a new width: so does a timer of the page's own.
RESIZED = """() => new Promise(done => requestAnimationFrame(
  () => requestAnimationFrame(() => setTimeout(done, 600)))).then(() => null)"""

TOO_WIDE = """() => document.documentElement.scrollWidth <= 390 ? [] :
  [...document.querySelectorAll('body *')].filter(e => {
    if (e.getBoundingClientRect().right <= 391) return false;
    for (let up = e.parentElement; up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return false;
    return true;
  }).map(e => e.outerHTML.slice(0, 120))"""

NAMELESS = """() => [...document.querySelectorAll('main img, main svg')]
  .filter(e => !e.closest('[aria-hidden=true], button, a.btn'))
  .filter(e => !(e.alt || e.getAttribute('aria-label')
    || e.closest('figure[aria-label]')))
  .map(e => e.outerHTML.slice(0, 120))"""

READABLE = """() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1])
    + 0.0722 * channel(c[2]);
  const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const seen = e => e.getClientRects().length && getComputedStyle(e).opacity !== '0';
  const chosen = 'article p, article li, article code, article pre span, article td, '
    + 'article th, article h1, article h2, article summary, article svg text, '
    + 'article button, article math :is(mi, mn, mo, mtext), nav a';
  for (const e of document.querySelectorAll(chosen)) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !seen(e)) continue;
    const style = getComputedStyle(e);
    const svg = e instanceof SVGElement;
    const ink = parse(svg ? style.fill : style.color);
    if (svg && (style.fill === 'none' || drawnOn(e))) continue;
    const [a, b] = [light(ink), light(ground(svg ? e.closest('svg') : e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 3) bad.push(`${ratio.toFixed(1)} ${e.outerHTML.slice(0, 100)}`);
  }
  return bad;
  function drawnOn(text) {  // white numbers stand on the dark cells of a heat map
    const white = /255, 255, 255/.test(getComputedStyle(text).fill);
    return white && text.closest('.picture');
  }
}"""


AXE = "axe.run({preload: false, resultTypes: ['violations']})"
AXE_ON_A_PHONE = """axe.run({preload: false, resultTypes: ['violations'],
  runOnly: ['scrollable-region-focusable', 'nested-interactive', 'region']})"""


AXE_ON_ANSWERS = "axe.run('.quiz', {preload: false})"
PRESS_ALL = "document.querySelectorAll('.quiz-choice').forEach(b => b.click())"

FACTS = """() => {
  const all = chosen => [...document.querySelectorAll(chosen)];
  const eqno = place => document.getElementById(place)?.querySelector('.eqno');
  return {
    formulas: all('math').length,
    wrong: all('merror, .math > code').length,
    stops: all('.formula[tabindex], math[tabindex]').length,
    equations: all('.eqno').map(e => e.innerText.trim()),
    references: all('a[href*="#equation-"]')
      .filter(a => a.pathname === location.pathname)
      .map(a => [a.textContent, eqno(a.hash.slice(1))?.innerText ?? '']),
    ids: all('[id]').map(e => e.id),
    options: all('.quiz').map(quiz => [true, false].map(
      right => quiz.querySelectorAll(`[data-right=${right}]`).length)),
  };
}"""


@dataclass(frozen=True)
class Visit:
    """What one look at a page has shown."""

    theme: str
    facts: dict
    faults: list[str]
    barriers: list[str]
    barriers_of_answers: list[str]
    faint: list[str]
    nameless: list[str]
    too_wide: list[str]


def said(violations: list[dict]) -> list[str]:
    """Return what axe found, a line for each place."""
    return [f"{v['id']}: {n['html'][:200]}" for v in violations for n in v["nodes"]]


@pytest.fixture(scope="module")
def visit(contexts, server, axe):
    """Look at a page in a theme, once for all tests."""

    @functools.cache
    def look(path: str, theme: str) -> Visit:
        tab = Tab(contexts[theme, 1280], server)
        view = tab.open(path)
        shown = view.evaluate("document.documentElement.dataset.theme")
        facts = view.evaluate(FACTS)
        view.evaluate(axe)
        found = view.evaluate(AXE)["violations"]
        faint, nameless = view.evaluate(READABLE), view.evaluate(NAMELESS)
        answers = []
        if facts["options"]:
            view.evaluate(PRESS_ALL)
            answers = view.evaluate(AXE_ON_ANSWERS)["violations"]
            view.evaluate(PRESS_ALL)
        view.set_viewport_size({"width": 390, "height": 900})
        view.evaluate(RESIZED)
        too_wide = view.evaluate(TOO_WIDE)
        found += view.evaluate(AXE_ON_A_PHONE)["violations"]
        view.close()
        return Visit(
            shown,
            facts,
            tab.faults,
            said(found),
            said(answers),
            faint,
            nameless,
            too_wide,
        )

    return look


@each_theme
@each_page
def test_a_page_loads_with_no_error_and_asks_no_other_host(visit, page, theme):
    assert not visit(page, theme).faults


@each_theme
@each_page
def test_a_page_follows_the_readers_theme(visit, page, theme):
    assert visit(page, theme).theme == theme


@each_theme
@each_page
def test_axe_finds_no_barrier(visit, page, theme):
    assert not visit(page, theme).barriers


@each_theme
@each_page
def test_text_can_be_told_from_its_ground(visit, page, theme):
    """Axe passes over text in drawings and formulas, and what it can't decide."""
    assert not visit(page, theme).faint


@each_theme
@each_page
def test_every_drawing_has_a_name(visit, page, theme):
    assert not visit(page, theme).nameless


@each_theme
@each_page
def test_a_page_fits_a_phone(visit, page, theme):
    assert not visit(page, theme).too_wide


@each_page
def test_links_within_the_site_lead_somewhere(site, page):
    for found in (site / page).parent, site:
        assert found.is_dir()
    text = (site / page).read_text("utf-8")
    for href in set(re.findall(r'(?:href|src)="([^"#?]+)[^"]*"', text)):
        if not re.match(r"[a-z]+:", href):
            assert ((site / page).parent / href).resolve().exists(), href


@each_page
def test_links_into_a_page_find_their_place(site, page):
    text = (site / page).read_text("utf-8")
    for file, place in set(re.findall(r'href="([^"#?:]*)#([^"]+)"', text)):
        target = (site / page).parent / file if file else site / page
        assert f'id="{place}"' in target.read_text("utf-8"), (file, place)


def test_no_page_names_another_host_for_what_it_loads(site):
    loads = re.compile(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:[^"]+)"')
    for path in site.rglob("*.html"):
        found = [u for u in loads.findall(path.read_text("utf-8"))]
        assert not found, path.relative_to(site)


def test_the_site_gives_no_solution_away(site):
    secret = re.compile(rb"### (?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)")
    given = [
        p for p in site.rglob("*") if p.suffix in (".html", ".ipynb", ".js", ".md")
    ]
    assert given
    for path in given:
        assert not secret.search(path.read_bytes()), path.relative_to(site)


# --- formulas, references, search ----------------------------------------------------


@each_chapter
def test_formulas_are_set_and_none_is_wrong(visit, chapter):
    facts = visit(f"{chapter}.html", "light").facts
    assert facts["formulas"] > 0
    assert facts["wrong"] == 0
    assert facts["stops"] == 0  # no stop for the tab key


@each_chapter
def test_equations_are_numbered_by_chapter_and_references_lead_there(visit, chapter):
    facts = visit(f"{chapter}.html", "light").facts
    number = int(re.search(r"\d\d", chapter)[0])
    assert facts["equations"]
    for index, label in enumerate(facts["equations"], 1):
        assert label.startswith(f"({number}.{index})")
    for text, shown in facts["references"]:
        assert shown and (text in shown or text == "#"), (text, shown)


NUMBERS_HIT = """() => [...document.querySelectorAll('.eqno')].flatMap(eqno => {
  const a = eqno.getBoundingClientRect();
  return [...eqno.parentElement.querySelectorAll('math :is(mi, mn, mo, mtext)')]
    .map(part => part.getBoundingClientRect())
    .filter(b => b.width && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5)
    .map(() => eqno.innerText);
})"""


@each_chapter
def test_no_formula_runs_under_its_number(tab, chapter):
    view = tab().open(f"{chapter}.html")
    assert view.locator(".eqno").count() > 0
    for width in (1280, 768, 390, 320):
        view.set_viewport_size({"width": width, "height": 900})
        view.evaluate(RESIZED)
        assert view.evaluate(NUMBERS_HIT) == [], width


@each_chapter
def test_no_formula_is_wider_than_a_phone(tab, chapter):
    view = tab("dark", 390).open(f"{chapter}.html")
    view.evaluate(RESIZED)
    wide = ".formula[data-more]"
    found = view.locator(wide).evaluate_all("all => all.map(f => f.parentElement.id)")
    assert found == []


def test_a_formula_wider_than_the_page_shows_on_which_side_more_follows(tab):
    view = tab("light", 390).open("book/07_multi_head.html")
    view.set_viewport_size({"width": 260, "height": 900})
    view.evaluate(RESIZED)
    formula = view.locator("#equation-eq-07-multi-head .formula")
    assert formula.get_attribute("data-more") == "right"
    shade = formula.evaluate("e => getComputedStyle(e).maskImage")
    assert shade.startswith("linear-gradient(to right, rgb(0, 0, 0)")
    assert shade.endswith("rgba(0, 0, 0, 0))")
    formula.focus()
    view.keyboard.press("End")
    formula.evaluate("e => { e.scrollLeft = e.scrollWidth; }")
    view.evaluate(RESIZED)
    assert formula.get_attribute("data-more") == "left"


COLORS = """() => ['query', 'key', 'value', 'output'].map(name => {
  const letter = document.querySelector(`article math .m-${name}`);
  const probe = document.createElement('i');
  probe.style.color = `var(--course-${name})`;
  letter.closest('math').parentElement.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return [name, getComputedStyle(letter).color === color, color];
})"""


@pytest.mark.parametrize("theme", THEMES)
def test_letters_of_formulas_have_the_colour_of_what_they_mean(tab, theme):
    found = tab(theme).open("book/08_self_attention.html").evaluate(COLORS)
    assert all(same for _, same, _ in found), found
    assert len({color for *_, color in found}) == 4


def test_the_font_of_the_formulas_comes_from_the_site(tab):
    view = tab().open("book/06_scaled_dot_product.html")
    view.evaluate("document.fonts.ready.then(() => null)")
    assert view.evaluate("document.fonts.check('16px \"Course Math\"', '𝑥')")
    loaded = "[...document.fonts].map(f => [f.family, f.status])"
    assert ["Course Math", "loaded"] in view.evaluate(loaded)


CITED = re.compile(r'<span class="bibtex-citation"[^>]*>(.*?</a>\])</span>')
LISTED_AS = re.compile(
    r'<div class="citation" id="(\w+)"[^>]*>\s*<span class="label">(.*?)\s*<p>'
)


def test_each_paper_has_the_name_in_the_list_that_the_text_gives_it(site):
    plain = functools.partial(re.sub, "<[^>]*>", "")
    page = (site / "book" / "bibliography.html").read_text("utf-8")
    labels = {place: plain(label) for place, label in LISTED_AS.findall(page)}
    assert len(set(labels.values())) == len(labels) > 50
    for name in CHAPTERS:
        cited = CITED.findall((site / f"{name}.html").read_text("utf-8"))
        assert cited
        for text in cited:  # Cho et al. [2014a], or [Cho et al., 2014a, Elman, 1990]
            shown = plain(text).replace("\xa0", " ").strip("[]").replace(" [", ", ")
            places = re.findall(r'href="bibliography.html#(\w+)"', text)
            assert shown == ", ".join(labels[place].strip("[]") for place in places)


@pytest.mark.parametrize("word", ["softmax", "query"])
def test_search_finds_a_word_of_the_chapters(tab, word):
    opened = tab()
    view = opened.open(f"search.html?q={word}")
    view.wait_for_selector("#search-results ul.search li")
    texts = view.locator("#search-results ul.search li a").all_inner_texts()
    assert any(re.match(r"\d+\. ", text) for text in texts), texts
    assert not opened.faults


BUTTONS = (
    "Copy",
    "Click to",
    "Show code",
    "Hide code",
    "Not this one.",
    "Print or PDF",
)


@pytest.mark.parametrize("word", ["softmax", "dropout", "bahdanau", "import"])
def test_summaries_of_a_search_are_text_and_no_words_of_buttons(tab, word):
    view = tab().open(f"search.html?q={word}")
    view.wait_for_selector("#search-results ul.search li p.context")
    view.wait_for_load_state("networkidle")
    said = view.locator("#search-results p.context").all_inner_texts()
    assert len(said) > 2
    assert not [text for text in said if any(words in text for words in BUTTONS)]


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("softmax", {"softmax"}),
        ("queries", {"queries", "query"}),
        ("Softmax MASK", {"softmax", "mask"}),
        ("token", {"token"}),
    ],
)
@each_theme
def test_words_that_were_searched_for_are_marked_on_each_page_found(
    tab, words, marked, theme
):
    opened = tab(theme)
    view = opened.open(f"search.html?q={words}")
    view.wait_for_selector("#search-results ul.search li a")
    links = view.locator("#search-results ul.search li a").evaluate_all(
        "all => all.map(a => a.href)"
    )
    chapters = [link for link in links if re.search(r"/book/\d\d_", link)][:2]
    assert len(chapters) == 2
    for link in chapters:  # opened in another tab, say: nothing is kept but the link
        view = opened.open(link.removeprefix(opened.base))
        marks = view.locator(".bd-article span.highlighted")
        assert {text.lower() for text in marks.all_text_contents()} <= marked
        assert marks.count() > 3 and "highlight" not in view.url
        outside = "span.highlighted:not(.bd-article *), math span.highlighted"
        assert view.locator(outside).count() == 0
        view.get_by_role("button", name="Remove the marks").click()
        assert marks.count() == view.locator(".search-marks").count() == 0
    assert not opened.faults


def test_marks_go_with_escape_have_no_barrier_and_leave_the_page_as_it_was(tab, axe):
    opened = tab("dark")
    view = opened.open(f"{CHAPTERS[1]}.html")
    text = "document.querySelector('article').innerText"
    before = view.evaluate(text)
    view = opened.open(f"{CHAPTERS[1]}.html?highlight=softmax+token")
    assert view.locator("span.highlighted").count() > 5
    view.evaluate(axe)
    assert said(view.evaluate(AXE)["violations"]) == []
    view.keyboard.press("Escape")
    assert view.evaluate(text) == before
    view = opened.open(f"{CHAPTERS[1]}.html")
    assert view.locator("span.highlighted, .search-marks").count() == 0


def test_a_word_that_is_not_on_the_page_says_nothing(tab):
    view = tab().open(f"{CHAPTERS[1]}.html?highlight=xylophone+%3Cb%3E+%5B")
    assert view.locator("span.highlighted, .search-marks").count() == 0


def test_search_opens_by_keyboard(tab):
    view = tab().open(PAGES[0])
    view.keyboard.press("Control+k")
    view.keyboard.type("mask")
    view.keyboard.press("Enter")
    view.wait_for_url("**/search.html?q=mask*")
    view.wait_for_selector("#search-results ul.search li")


def test_the_theme_switches_by_keyboard_and_stays(tab):
    opened = tab()
    view = opened.open(PAGES[0])
    view.locator(".theme-switch-button:visible").first.focus()
    before = view.evaluate("document.documentElement.dataset.mode")
    view.keyboard.press("Enter")
    after = view.evaluate("document.documentElement.dataset.mode")
    assert after != before
    again = opened.open(PAGES[1])
    assert again.evaluate("document.documentElement.dataset.mode") == after
    view.evaluate("localStorage.clear()")


# --- paper ---------------------------------------------------------------------------

PAPER = 718  # pixels: A4 between the browser's own margins
CUT = """width => [...document.querySelectorAll(
    'article :is(pre, table, svg, figure, math, mi, mo)')].filter(e => {
  const box = e.getBoundingClientRect();
  const cut = e.matches('pre') && e.scrollWidth > e.clientWidth + 1;
  return box.width && (box.right > width + 4 || cut);
}).map(e => e.outerHTML.slice(0, 120))"""
# Folded code stays away: paper has the idea.
FOLDED = "document.querySelectorAll('details:not([open], .above-input)').length"


def announce(view, event: str) -> None:
    view.evaluate(f"window.dispatchEvent(new Event('{event}'))")


@each_page
def test_nothing_is_cut_or_folded_on_paper(tab, page):
    view = tab().open(page)
    folded = view.evaluate(FOLDED)
    view.set_viewport_size({"width": PAPER, "height": 1000})
    view.emulate_media(media="print")
    announce(view, "beforeprint")
    assert view.evaluate(CUT, PAPER) == []
    assert view.evaluate(FOLDED) == 0
    announce(view, "afterprint")
    assert view.evaluate(FOLDED) == folded


def test_on_paper_the_explorer_keeps_the_words_that_ask(tab):
    view = tab().open("book/06_scaled_dot_product.html")
    view.emulate_media(media="print")
    words = view.locator("figure.interactive .token")
    assert words.count() >= 6
    assert all(words.nth(i).is_visible() for i in range(words.count()))


# --- the first page ------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_the_map_links_each_chapter_that_exists(tab, width):
    view = tab("light", width).open(PAGES[0])
    map_ = view.locator("svg.course-map:visible")
    assert map_.count() == 1
    assert map_.locator(".map-chapter").count() == 15
    links = map_.locator("a").evaluate_all("all => all.map(a => a.href.baseVal)")
    assert [Path(link).stem for link in links] == [Path(c).name for c in CHAPTERS]
    assert "15 chapters" in map_.get_attribute("aria-label")


def test_a_chapter_opens_from_the_map_by_keyboard(tab):
    view = tab().open(PAGES[0])
    view.locator("svg.course-map:visible a").first.focus()
    view.keyboard.press("Enter")
    view.wait_for_url(f"**/{CHAPTERS[0]}.html")


def test_a_live_figure_answers_to_the_keyboard(tab):
    view = tab().open(PAGES[0])
    figure = view.locator("figure.interactive").first
    before = figure.locator("[role=status]").inner_text()
    figure.locator("input").first.focus()
    view.keyboard.press("ArrowDown")
    assert figure.locator("[role=status]").inner_text() != before


# --- quizzes -------------------------------------------------------------------------


@each_chapter
def test_every_option_of_a_quiz_answers_with_its_reason_by_keyboard(tab, chapter):
    opened = tab()
    view = opened.open(f"{chapter}.html")
    buttons = view.locator(".quiz button.quiz-choice")
    assert buttons.count() >= 6
    for button in buttons.all():
        box = button.locator("xpath=..")
        answer = box.locator("[aria-live=polite]")
        assert answer.inner_text() == ""
        button.focus()
        view.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        assert button.get_attribute("aria-controls") == answer.get_attribute("id")
        right = box.get_attribute("data-right") == "true"
        verdict, _, reason = answer.inner_text().partition("\n")
        assert verdict.endswith("Right." if right else "Not this one.")
        assert len(reason.strip()) > 10
        view.keyboard.press("Space")
        assert button.get_attribute("aria-expanded") == "false"
    assert not opened.faults


@each_chapter
def test_every_question_has_a_right_and_a_wrong_option_and_its_own_id(visit, chapter):
    facts = visit(f"{chapter}.html", "light").facts
    assert len(facts["ids"]) == len(set(facts["ids"]))
    assert facts["options"]
    assert all(right >= 1 and wrong >= 1 for right, wrong in facts["options"])


@each_theme
@each_chapter
def test_open_answers_have_no_barrier(visit, chapter, theme):
    seen = visit(f"{chapter}.html", theme)
    assert seen.facts["options"] and not seen.barriers_of_answers


def test_a_quiz_reads_without_a_script(browser, server):
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(f"{server}{CHAPTERS[0]}.html")
    option = view.locator("details.quiz-option").first
    assert not option.locator(".quiz-reason").is_visible()
    option.locator("summary").focus()
    view.keyboard.press("Enter")
    assert option.locator(".quiz-reason").is_visible()
    context.close()


# --- downloads -----------------------------------------------------------------------


def travelling(site: Path, name: str) -> Path:
    return site / "notebooks" / f"{Path(name).name}.ipynb"


@pytest.mark.parametrize("name", TRAVELLING)
def test_a_notebook_page_downloads_from_its_menu_by_keyboard(tab, name, tmp_path):
    view = tab().open(f"{name}.html")
    view.locator(".dropdown-download-buttons > button").focus()
    view.keyboard.press("Enter")
    link = view.locator("a.btn-download-notebook-button")
    link.wait_for(state="visible")
    with view.expect_download() as started:
        link.focus()
        view.keyboard.press("Enter")
    path = tmp_path / "page.ipynb"
    started.value.save_as(path)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [c for c in notebook.cells if c.cell_type == "code"]
    written = (ROOT / f"{name}.md").read_text("utf-8")
    assert len(code) == 1 + len(read_page(written).code_cells)
    assert not any(c.outputs for c in code)


@pytest.mark.parametrize("name", TRAVELLING)
def test_a_notebook_that_travels_reads_without_extensions(site, name):
    notebook = nbformat.read(travelling(site, name), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[\w:-]+\}`|^(```|:::)\{", cell.source, re.M), cell
            assert not re.search(r"^\([\w-]+\)=$", cell.source, re.M)
            text = re.sub(r"(`+).+?\1", "code", cell.source)
            assert not re.search(r"\[\s*\]\(|\]\((?!https?:)|\(\s*\)", text), cell


@pytest.mark.parametrize("name", [TOC["root"], CHAPTERS[0]])
def test_a_notebook_runs_in_an_empty_folder(site, name, tmp_path, monkeypatch):
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    class Bare(AsyncKernelManager):
        """Starts Python without its .pth files: a reader has no library installed."""

        def format_kernel_cmd(self, extra_arguments=None):
            python, *rest = super().format_kernel_cmd(extra_arguments)
            return [python, "-S", *rest]

    monkeypatch.setenv("PYTHONPATH", get_path("purelib"))
    notebook = nbformat.read(travelling(site, name), as_version=4)
    own = {"resources": {"metadata": {"path": str(tmp_path)}}, "timeout": PATIENCE}
    NotebookClient(notebook, kernel_manager_class=Bare, **own).execute()
    assert (tmp_path / "attention" / "__init__.py").is_file()


@each_chapter
def test_an_assignment_downloads_from_its_chapter(site, tab, chapter, tmp_path):
    name = Path(chapter).name
    view = tab().open(f"{chapter}.html")
    card = view.locator(".assignment")
    assert "points" in card.inner_text()
    with view.expect_download() as started:
        card.locator("a.download").focus()
        view.keyboard.press("Enter")
    path = tmp_path / "assignment.ipynb"
    started.value.save_as(path)
    released = ROOT / "exercises" / name / f"{name}.ipynb"
    assert digest(path) == digest(released)
    notebook = json.loads(path.read_text("utf-8"))
    graded = [c["metadata"].get("nbgrader", {}) for c in notebook["cells"]]
    points = sum(g["points"] for g in graded if g.get("grade"))
    assert f"{points:g} points" in card.inner_text()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
