"""Feedback tells a student what is wrong, and nothing of a student's runs in it."""

import http.server
import re
import shutil
import threading
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest
from traitlets.config import Config

from autograder.course import Course
from autograder.feedback import clean, write
from autograder.feedback.where_to_read import places_of_hints
from autograder.gradebook.marks import Marks
from autograder.grading.autograded import add_verdict
from autograder.grading.grade import grade
from autograder.model.explanation import Compared, Explanation
from autograder.model.verdict import CellVerdict, Printed
from tests.support.gradebooks import PLAIN, nbgrader, opened
from tests.support.hand_ins import NAME, by_id, code, hand_in, solved, tiny_assignment
from tests.support.places import ROOT

HOSTILE = """
<script>top.owned = 1</script><img src=x onerror="top.owned = 2">
<img src="{outside}pixel.png"><a href="javascript:top.owned=3">click</a>
<a href="{outside}link">away</a> <a href=" JaVaScRiPt:top.owned=4">again</a>
<iframe src="{outside}frame"></iframe><object data="{outside}object"></object>
<meta http-equiv="refresh" content="0;url={outside}refresh"><base href="{outside}">
<form action="{outside}form"><button autofocus onfocus="top.owned=5">go</button></form>
<svg onload="top.owned=6"><script>top.owned=7</script><image href="{outside}svg"/></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1
onerror=top.owned=8&gt;"></table></mtext></math><details open ontoggle="top.owned=9">
<style>.grader {{ display: none }} @import "{outside}css";</style>
<link rel="stylesheet" href="{outside}sheet"><video poster="{outside}poster"></video>
<section class="grader full" id="top" style="position: fixed; inset: 0"><h2>12 / 12
all points</h2></section></div></section></main><p class="total"><b>12</b></p>
</pre></code>]]><!-- --><plaintext>
"""


@pytest.fixture
def course(released_course):
    """A course with a released assignment."""
    return released_course


def run(course):
    return list(
        grade(course, NAME, replace(PLAIN, engine="tests.support.engines:Plain"))
    )


def page(course, student, change=None):
    """Return a student's page, made in this process; `change` spoils the notebook."""
    from nbgrader.preprocessors import GetGrades

    from autograder.feedback.exporter import FeedbackExporter

    config = Config()
    config.CourseDirectory.root = str(course.root)
    config.Exporter.default_preprocessors = []
    exporter = FeedbackExporter(config=config)
    exporter.register_preprocessor(GetGrades, enabled=True)
    path = course.autograded / student / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if change:
        change({cell.id: cell for cell in notebook.cells})
    place = {"notebook": NAME, "assignment": NAME, "student": student}
    place["db_url"] = f"sqlite:///{course.gradebook}"
    return exporter.from_notebook_node(notebook, {"nbgrader": place})[0]


def text_of(html):
    """Return the text of a page, white space joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def panel(html, name):
    """Return the text of a test's panel."""
    found = re.search(rf'<section[^>]*id="cell-{name}".*?</section>', html, re.S)
    return text_of(found[0])


def failing(ename, evalue, *traceback):
    """Return an error output, as the grader or nbgrader leaves it."""
    made = nbformat.v4.new_output("error", ename=ename, evalue=evalue)
    return made | {"traceback": list(traceback)}


def put_verdict(cell, own):
    """Put a verdict on a test into its cell, as grading does."""
    verdict = SimpleNamespace(cells={"it": own}, reason=None)
    add_verdict(cell, "it", True, verdict, Printed(errors="careful"))
    cell.outputs = [nbformat.from_dict(output) for output in cell.outputs]


@pytest.mark.slow
def test_a_lost_test_says_points_hint_expected_got_and_where_to_read(course):
    hand_in(course, "ada", solved(total="def total(x, axis=-1):\n    return 0"))
    run(course)
    hint = "You add up the whole array: the sum takes `axis=axis`."
    compared = (Compared("total(x)", "", "float64 array (2,)", "15"),)
    why = Explanation("Look at the axis.", compared=compared)

    def change(cells):
        put_verdict(cells["total-of-rows"], CellVerdict(0, 2, "failed", why, hint))

    html = page(course, "ada", change)
    told = "You add up the whole array: the sum takes axis=axis ."
    said = panel(html, "total-of-rows")
    for part in ("0 / 2", "no points", told, "Look at the axis.", "Expected float64",
                 "Got 15", "Looked at total(x)", "Chapter “Tiny”",
                 "section “Totals”"):  # fmt: skip
        assert part in said
    top = text_of(html[: html.index("<main>")])
    assert told in top  # seen at once
    assert "waits for a person" in top


def test_a_test_whose_score_is_0_gave_no_points():
    cell = nbformat.v4.new_code_cell("0")
    put_verdict(cell, CellVerdict(0, 2, "failed", Explanation()))
    assert cell.outputs[-1]["evalue"] == "The test gave no points."


@pytest.mark.slow
def test_what_an_exception_comes_of_stands_at_the_top_too(course):
    hand_in(course, "ada", solved(total="def total(x, axis=-1):\n    return 0"))
    run(course)
    why = Explanation("x" * 999, "RuntimeError", remark="There is no GPU: none. Leave.")

    def change(cells):
        put_verdict(cells["total-of-rows"], CellVerdict(0, 2, "error", why))

    html = page(course, "ada", change)
    top = text_of(html[: html.index("<main>")])
    assert "RuntimeError: xxx" in top and "xxx… There is no GPU: none." in top
    assert "Leave." not in top and "none. Leave." in panel(html, "total-of-rows")


def test_hidden_tests_are_nowhere_in_the_page(course):
    hand_in(course, "ada", solved(total="def total(x, axis=-1):\n    return 0"))
    run(course)
    source = tiny_assignment().by_id["total-hidden"].source
    lines = source.split("### BEGIN HIDDEN TESTS")[1].split("### END")[0].splitlines()
    secrets = [line.strip() for line in lines if len(line) > 12]
    assert secrets

    def change(cells):  # as nbgrader's own autograde leaves it
        said = failing("AssertionError", "Use the axis you are given.", *lines)
        cells["total-hidden"].outputs = [said]

    html = page(course, "ada", change)
    plain = text_of(html).replace("&quot;", '"').replace("&#39;", "'")
    assert "Use the axis you are given." in plain
    assert "another axis and other sizes" in plain
    for secret in secrets:
        assert secret not in plain and secret not in html
    assert "arange(30" not in html and "HIDDEN TESTS" not in html


def test_a_harmless_warning_costs_nothing_and_is_shown(course):
    hand_in(course, "ada", solved())
    run(course)

    def change(cells):
        warned = nbformat.v4.new_output("stream", name="stderr", text="a warning!")
        cells["total-of-rows"].outputs = [warned]

    html = page(course, "ada", change)
    assert "a warning!" in html and "they cost no points" in html
    assert "2 / 2" in panel(html, "total-of-rows")


def test_an_authors_own_words_are_no_comparison_of_the_grader(course):
    hand_in(course, "ada", solved())
    run(course)
    text = "x, expected 3, got 4"

    def change(cells):
        why = Explanation(text)
        put_verdict(cells["total-of-rows"], CellVerdict(0, 2, "failed", why))

    said = panel(page(course, "ada", change), "total-of-rows")
    assert text in said and "Looked at" not in said


def test_a_verdict_that_a_student_wrote_into_the_notebook_is_not_shown(course):
    hand_in(course, "ada", solved())
    run(course)

    def change(cells):
        own = cells["total-of-rows"]
        put_verdict(own, CellVerdict(0, 2, "failed", Explanation("Well done."), "Yes."))
        own.outputs = [failing("AssertionError", "Look at the axis.")]

    said = panel(page(course, "ada", change), "total-of-rows")
    assert "Look at the axis." in said and "Well done" not in said


def test_a_warning_during_a_test_and_part_of_its_points_are_shown(course):
    hand_in(course, "ada", solved())
    run(course)

    def change(cells):
        put_verdict(cells["total-of-rows"], CellVerdict(1.5, 2, "partial"))

    html = page(course, "ada", change)
    assert "careful" in html and "they cost no points" in html
    assert "The test says" not in panel(html, "total-of-rows")


def test_a_notebook_that_was_not_graded_says_so_at_the_top(course):
    hand_in(course, "ada", b"<html>not a notebook</html>")
    run(course)
    html = page(course, "ada")
    top = html[: html.index("<main>")]
    assert "This notebook was not graded." in top
    assert "0</b> of 12 points" in top and "Your own cell" not in html


def test_a_cell_that_only_says_it_is_the_courses_is_shown_as_the_students(course):
    notebook = solved()
    notebook["cells"].insert(0, code("pass"))
    hand_in(course, "ada", notebook)
    run(course)

    def change(cells):
        cells["intro"].source = "# You passed: 12 of 12"

    html = page(course, "ada", change)
    assert '<section class="text"><h1>You passed' not in html
    assert "Your answer" in html


def test_an_answer_is_whole_and_its_pictures_are_on_the_page(course):
    hand_in(course, "ada", solved())
    run(course)

    def change(cells):
        cells["why-zero"].source = (
            "If q<k and k>0 then List<int> ![x](attachment:x.png) stays, "
            "![y](attachment:y.png) too"
        )
        cells["why-zero"]["attachments"] = {"x.png": {"image/png": "AAAA"}}

    html = page(course, "ada", change)
    assert '<img src="data:image/png;base64,AAAA" alt="x">' in html
    gone = "y (the picture y.png did not come with the notebook) too"
    said = text_of(html).replace("&lt;", "<").replace("&gt;", ">")
    assert f"If q<k and k>0 then List<int> stays, {gone}" in said


@pytest.mark.parametrize(
    "text",
    ["<div>" * 9_000, "<b><i>" * 30_000, "[" * 40_000, "> " * 20_000, "`" * 49_999,
     "\x1b[2J\u202e evil \0", "$" * 20_000, "<" * 49_999, "*a " * 16_000],
)  # fmt: skip
def test_strange_texts_end_as_harmless_ones(text):
    made = clean.clean_markdown(text) + clean.preformatted(text)
    assert "\x1b" not in made and "\u202e" not in made and "\0" not in made


def test_formulas_of_the_course_are_drawn_without_a_script():
    made = clean.clean_markdown("Width $d_k$, `$x$`, \\$5 and $$a^2$$", formulas=True)
    assert made.count("<math") == 2 and "<code>$x$</code>" in made
    assert "<math" not in clean.clean_markdown("$d_k$")


# --- in a browser ---------------------------------------------------------------------


@pytest.fixture
def outside():
    """The address of a listener on this machine, and what it was asked for."""
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_HEAD = do_GET

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/", asked
        running.shutdown()


@pytest.fixture
def tab(browser):
    """A page of the system's Chromium."""
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    yield opened
    opened.close()


def hostile_page(course, address):
    """Return the page of a student who puts hostile things wherever possible."""
    evil = HOSTILE.format(outside=address)
    notebook = solved(why_zero=evil, total=f'"""{evil}"""\n' + by_source("total"))
    extra = {"cell_type": "markdown", "id": "extra-1", "metadata": {}, "source": evil}
    notebook["cells"] += [extra, code(f"print({evil!r})", id="extra-2")]
    hand_in(course, "eve", notebook)
    run(course)

    def change(cells):
        for kind in ("text/html", "image/svg+xml", "text/markdown", "text/latex",
                     "application/javascript", "text/plain"):  # fmt: skip
            rich = nbformat.v4.new_output("display_data", {kind: evil})
            cells["share"].outputs.append(rich)
        cells["share"].outputs.append(failing("E", evil, evil))
        said = failing("failed", evil, evil, "", f"Hint: {evil}")
        cells["share-hidden"].outputs = [said]
        cells["extra-2"].metadata = {"tags": [evil], "nbgrader": {}}

    with opened(course) as gradebook:
        comment = gradebook.find_comment("why-zero", NAME, NAME, "eve")
        comment.manual_comment = evil
        gradebook.db.commit()
    return page(course, "eve", change)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier(course, tab, axe, theme):
    notebook = solved(total="def total(x, axis=-1):\n    print('hm')\n    return 0")
    hand_in(course, "ada", notebook)
    run(course)
    path = course.root / "page.html"
    path.write_text(page(course, "ada"), encoding="utf-8")
    tab.emulate_media(color_scheme=theme)
    tab.goto(path.as_uri())
    tab.evaluate(axe)
    found = tab.evaluate("axe.run()")["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (theme == "light")


def by_source(wanted):
    return by_id(solved(), wanted)["source"]


@pytest.mark.slow
@pytest.mark.parametrize("policy", [True, False], ids=["policy", "cleaning-alone"])
def test_nothing_of_a_hostile_notebook_runs_or_loads(course, outside, tab, policy):
    address, asked = outside
    html = hostile_page(course, address)
    if not policy:
        html = re.sub(r"<meta http-equiv=.*?>", "", html)
    path = course.root / "page.html"
    path.write_text(html, encoding="utf-8")
    tab.on("dialog", lambda dialog: dialog.dismiss())
    tab.goto(path.as_uri())
    tab.evaluate("() => new Promise(done => setTimeout(done, 1000)).then(() => null)")
    assert tab.evaluate("window.owned") is None
    assert asked == [] and tab.url == path.as_uri()
    found = tab.evaluate(
        """() => ({
            bad: document.querySelectorAll('script, iframe, object, embed, form, base,'
                + 'link, video, svg, .held style, [style], .held [class*=grader]'
            ).length,
            handlers: [...document.querySelectorAll('*')].filter(e =>
                [...e.attributes].some(a => /^on/i.test(a.name))).length,
            links: [...document.querySelectorAll('.held a')].map(a => a.protocol),
            totals: document.querySelectorAll('.total').length,
            wide: document.documentElement.scrollWidth,
        })"""
    )
    assert found["bad"] == found["handlers"] == 0
    assert set(found["links"]) <= {"http:", "https:", "mailto:", "file:", ":"}
    assert found["totals"] == 1 and found["wide"] <= 390
    inside = tab.locator("text=12 / 12")
    assert inside.count() > 0
    for one in inside.all():  # a student's "12 / 12" stands in a student's frame
        assert one.evaluate(
            "e => !!e.closest('.student, .said, .hint, .short, .comment')"
        )


@pytest.mark.slow
def test_nbgraders_own_command_and_ours_write_the_same_page(course):
    from autograder.feedback.write import write_feedback

    shutil.copytree(ROOT / "autograder", course.root / "autograder")
    hand_in(course, "ada", solved(total="def total(x, axis=-1):\n    return 0"))
    run(course)
    nbgrader(course, "generate_feedback", NAME)
    path = course.feedback / "ada" / NAME / f"{NAME}.html"
    first = path.read_text(encoding="utf-8")
    assert "Content-Security-Policy" in first and "arange(30" not in first
    assert [r.problem for r in write_feedback(course, [NAME])] == [None]
    assert path.read_text(encoding="utf-8") == first


def edit(path, old, new):
    """Replace a text of a file."""
    path.write_text(path.read_text().replace(old, new))


def test_a_sections_new_title_is_told_at_once_and_code_is_no_section(course):
    chapter = course.book / "01_tiny.md"
    edit(chapter, "(sec-01", "```\n(sec-01-share)=\n## Code\n```\n\n(sec-01")
    for old, new in (("# Totals", "# Sums"), ("# Tiny", "# Little")):
        edit(chapter, old, new)
        told = " ".join(str(place) for _, place in places_of_hints(course, NAME))
        assert new.strip("# ") in told and "section “Shares”" in told


CHANGES = {
    "style": lambda course, page: edit(page / "page.css", "}", "; color: red }"),
    "template": lambda course, page: edit(page / "page.html.j2", "<body>", "<body >"),
    "title": lambda course, page: edit(course.book / "01_tiny.md", "# Tiny", "# Short"),
    "hint": lambda course, page: edit(
        course.solutions / NAME / "mistakes.py", "# hint: ", "# hint: Look: "
    ),
    "address": lambda course, page: edit(
        course.root / "nbgrader_config.py",
        "c = get_config()",
        "c = get_config()\nc.FeedbackExporter.site = 'https://course.example'",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_pages_are_written_again_after_a_change_of(what, course, monkeypatch):
    page = shutil.copytree(write.PAGE_FOLDER, course.root / "page")
    monkeypatch.setattr(write, "PAGE_FOLDER", page)
    before = write.digest_common(Course(course.root), NAME)
    assert write.digest_common(Course(course.root), NAME) == before
    CHANGES[what](course, page)
    assert write.digest_common(Course(course.root), NAME) != before


def test_a_page_is_written_again_after_a_change_of_what_lateness_costs(course):
    path = course.graded("ada", NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"{}")
    marks = Marks({"test": 2}, {}, {})
    late = replace(marks, penalty=1)
    before, after = (
        write.digest_page(course, NAME, "ada", m, "") for m in (marks, late)
    )
    assert before != after
