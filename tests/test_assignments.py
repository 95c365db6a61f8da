"""Every assignment in solutions/ keeps what CONTRIBUTING.md promises.

`python -m autograder try NAME` shows the same for one assignment, with reasons.
"""

import ast
import html
import json
import re
import subprocess
import sys
from functools import cache

import pytest

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.solution_file import read_assignment
from autograder.authoring.unsplit import stubs
from autograder.course import Course
from autograder.gradebook.release import released_bytes
from autograder.model.assignment import mark_line
from autograder.model.dependencies import dependent_tests
from autograder.model.source_code import definitions, signature
from autograder.wall.session import run_submission
from course_site.page_source import read_page
from tests.support.places import ROOT
from tests.support.split import PATIENT, warm
from tests.support.trivial import ANSWERS, EMPTY, RIGHT, trivial_versions

COURSE = Course(ROOT)
NAMES = COURSE.names()
SYLLABUS = json.loads((ROOT / "tests" / "data" / "syllabus.json").read_text())

SLOW = pytest.mark.slow
each_assignment = pytest.mark.parametrize("name", NAMES)
each_trivial_answer = pytest.mark.parametrize(
    "kind", [k if k == "zeros" else pytest.param(k, marks=SLOW) for k in ANSWERS]
)


@cache
def read(name):
    assignment = read_assignment(COURSE.solution(name))
    return assignment, read_catalogue(assignment)


def mistakes():
    """Yield each mistake with its assignment; the first of a function is fast."""
    for name in NAMES:
        catalogue = COURSE.solutions / name / "mistakes.py"
        text = catalogue.read_text() if catalogue.exists() else ""
        seen = set()
        for mistake, of in re.findall(
            r'^# %% mistake="([^"]+)" of="([^"]+)"', text, re.M
        ):
            yield pytest.param(name, mistake, marks=[SLOW] if of in seen else [])
            seen.add(of)


def styles():
    for name in NAMES:
        catalogue = COURSE.solutions / name / "mistakes.py"
        found = catalogue.read_text() if catalogue.exists() else ""
        for style in sorted(set(re.findall(r'^# %% right="([^"]+)"', found, re.M))):
            yield name, style


def by_solution(assignment):
    """Return {solution id: the test cells between it and the next solution}."""
    found, current = {}, []
    for cell in assignment.cells:
        if cell.role == "solution":
            found[cell.id] = current = []
        elif cell.role == "test":
            current.append(cell)
    return found


# What the text says ----------------------------------------------------------


@each_assignment
def test_the_total_in_the_first_cell_is_the_sum_of_all_points(name):
    assignment, _ = read(name)
    said = re.findall(r"\*\*([\d.]+) points\*\*", assignment.cells[0].source)
    assert [float(points) for points in said] == [assignment.points]


@each_assignment
def test_each_heading_says_the_points_of_its_exercise(name):
    assignment, _ = read(name)
    said, earned = [], []
    for cell in assignment.cells:
        heading = re.search(r"^## .*\(([\d.]+) points?\)", cell.source, re.M)
        if cell.text and heading:
            said.append(float(heading[1]))
            earned.append(0.0)
        if cell.graded:
            assert earned, f"{cell.id} stands before the first heading with points"
            earned[-1] += cell.points
    assert said == earned


@each_assignment
def test_there_is_one_written_question(name):
    assignment, _ = read(name)
    assert len(assignment.role("written")) == 1


# What is asked for -----------------------------------------------------------


@each_assignment
def test_every_function_of_the_syllabus_is_asked_for_as_it_stands_there(name):
    assignment, _ = read(name)
    nodes = [definitions(cell.source)[0] for cell in assignment.role("solution")]
    asked = {node.name: signature(node) for node in nodes}
    for wanted in SYLLABUS[name]:
        function = wanted.partition("(")[0]
        assert function in asked, f"{function} is missing"
        if "(" in wanted:
            assert asked[function] == wanted


@each_assignment
def test_every_function_has_a_test_that_students_see_and_one_they_do_not(name):
    assignment, _ = read(name)
    for solution, tests in by_solution(assignment).items():
        hidden = {test.hidden for test in tests}
        assert hidden == {False, True}, f"{solution} lacks a visible or a hidden test"


@each_assignment
def test_the_first_code_cell_imports_numpy_and_torch_alone(name):
    assignment, _ = read(name)
    allowed = {"numpy", "torch", "math", "itertools", "collections"}
    for cell in assignment.cells:
        for node in ast.walk(ast.parse("" if cell.text else cell.source)):
            if isinstance(node, ast.Import):
                assert {a.name.partition(".")[0] for a in node.names} <= allowed
            if isinstance(node, ast.ImportFrom):
                assert str(node.module).partition(".")[0] in allowed


# What the tests do -----------------------------------------------------------


@each_assignment
def test_the_reference_gets_full_marks(runner, name):
    outcome = runner.run(read(name)[0])
    assert not outcome.failed, outcome.tests


@each_assignment
def test_no_test_prints(runner, name):
    assert runner.run(read(name)[0]).printed == []


@each_assignment
def test_no_test_needs_names_that_another_test_made(runner, name):
    outcome = runner.run(read(name)[0], isolated=True)
    assert not outcome.failed, outcome.tests


@each_assignment
def test_the_untouched_notebook_gets_nothing(runner, name):
    assignment, _ = read(name)
    outcome = runner.run(assignment, stubs(assignment))
    assert outcome.failed == {cell.id for cell in assignment.role("test")}


@each_assignment
def test_the_reference_called_from_a_trivial_answer_gets_full_marks(runner, name):
    outcome = runner.run(read(name)[0], trivial_versions(read(name)[0], RIGHT))
    assert not outcome.failed, outcome.tests


@each_trivial_answer
@each_assignment
def test_answers_that_compute_nothing_get_nothing(runner, name, kind):
    assignment, _ = read(name)
    outcome = runner.run(assignment, trivial_versions(assignment, ANSWERS[kind]))
    assert outcome.tests.keys() - outcome.failed == set()


@SLOW
@each_assignment
def test_an_answer_that_computes_nothing_loses_its_exercise_among_right_ones(
    runner, name
):
    assignment, _ = read(name)
    own = by_solution(assignment)
    for kind, expression in ANSWERS.items():
        for cell, version in trivial_versions(assignment, expression).items():
            failed = runner.run(assignment, {cell: version}).failed
            assert {test.id for test in own[cell]} <= failed, (cell, kind)


@SLOW
@each_assignment
def test_answers_that_compute_nothing_get_nothing_from_the_grader(name):
    assignment, _ = read(name)
    tests = {cell.id for cell in assignment.role("test")}
    wanted = {key: set() for key in [*ANSWERS.values(), EMPTY]} | {RIGHT: tests}
    for expression, passed in wanted.items():
        cells = trivial_versions(assignment, expression)
        outcomes = run_submission(cells, assignment, warm(), PATIENT)
        assert {o.grade_id for o in outcomes if o.points} == passed, expression


@pytest.mark.parametrize(("name", "mistake"), mistakes())
def test_a_mistake_loses_exactly_the_tests_it_names(runner, name, mistake):
    assignment, catalogue = read(name)
    [found] = [m for m in catalogue.mistakes if m.name == mistake]
    outcome = runner.run(assignment, {found.of: found.source})
    assert outcome.failed == set(found.fails), outcome.tests


@SLOW
@pytest.mark.parametrize(("name", "style"), styles())
def test_another_right_answer_gets_full_marks(runner, name, style):
    assignment, catalogue = read(name)
    outcome = runner.run(assignment, catalogue.styles()[style])
    assert not outcome.failed, outcome.tests


@SLOW
@each_assignment
def test_an_unsolved_exercise_loses_the_tests_that_need_it_and_no_more(runner, name):
    assignment, _ = read(name)
    for cell in assignment.role("solution"):
        outcome = runner.run(assignment, {cell.id: cell.released})
        assert outcome.failed == dependent_tests(assignment, {cell.id}), cell.id


@SLOW
@each_assignment
def test_pasting_the_cells_of_the_chapter_loses_marks(runner, name):
    assignment, _ = read(name)
    pasted = chapter_versions(name, assignment)
    if not pasted:
        pytest.skip("the chapter defines none of the assignment's names")
    untouched = stubs(assignment)
    outcome = runner.run(assignment, untouched | pasted)
    assert outcome.failed, f"{sorted(pasted)} from the chapter get full marks"


def chapter_versions(name, assignment):
    """Return what a student gets who pastes the chapter's cells as answers."""
    chapter = read_page((COURSE.book / f"{name}.md").read_text())
    sources = [cell.source for cell in chapter.code_cells if parses(cell.source)]
    nodes = [node for source in sources for node in ast.parse(source).body]
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    pasted = "\n\n".join(ast.unparse(node) for node in nodes if isinstance(node, kept))
    defined = {node.name for source in sources for node in definitions(source)}
    return {
        cell.id: pasted
        for cell in assignment.role("solution")
        if cell.defines in defined
    }


def parses(source):
    try:
        return bool(ast.parse(source))
    except SyntaxError:
        return False


@SLOW
@each_assignment
def test_the_solution_file_runs_as_a_script_and_prints_nothing(name):
    script = subprocess.run(
        [sys.executable, COURSE.solution(name)], capture_output=True, text=True
    )
    assert (script.returncode, script.stdout, script.stderr) == (0, "", "")


# The catalogue ---------------------------------------------------------------


@each_assignment
def test_every_function_has_at_least_five_mistakes(name):
    assignment, catalogue = read(name)
    few = {c.id: len(catalogue.of(c.id)) for c in assignment.role("solution")}
    assert all(count >= 5 for count in few.values()), few


@each_assignment
def test_there_are_two_styles_of_right_answers_and_one_for_each_function(name):
    assignment, catalogue = read(name)
    assert len(catalogue.styles()) >= 2
    rewritten = {right.of for right in catalogue.rights}
    assert rewritten == {cell.id for cell in assignment.role("solution")}


@each_assignment
def test_every_hint_sends_to_a_label_of_the_chapter(name):
    _, catalogue = read(name)
    labels = read_page((COURSE.book / f"{name}.md").read_text()).sections
    assert {mistake.see for mistake in catalogue.mistakes} <= set(labels)


# What students get -----------------------------------------------------------


@each_assignment
def test_the_committed_notebook_is_the_one_made_from_the_solution_file(name):
    committed = COURSE.exercises / name / f"{name}.ipynb"
    assert committed.exists(), "run `make release`"
    assert committed.read_bytes() == released_bytes(read(name)[0]), "run `make release`"


@each_assignment
def test_no_data_file_is_left_that_the_assignment_does_not_have(name):
    folder = COURSE.exercises / name
    files = [path for path in folder.rglob("*") if path.is_file()]
    there = {path.relative_to(folder).as_posix() for path in files}
    there = {path for path in there if ".ipynb_checkpoints/" not in path}
    assert there == {f"{name}.ipynb", *read(name)[0].files}


def test_no_notebook_is_left_of_an_assignment_that_is_gone():
    folders = [path.name for path in COURSE.exercises.iterdir() if path.is_dir()]
    assert sorted(folders) == NAMES


@each_assignment
def test_the_students_notebook_says_what_it_is_made_from(name):
    notebook = json.loads((COURSE.exercises / name / f"{name}.ipynb").read_bytes())
    for metadata in (notebook["metadata"], notebook["cells"][0]["metadata"]):
        assert f"solutions/{name}/{name}.py" in metadata["generated"]


@each_assignment
def test_ids_of_cells_are_the_ids_of_the_solution_file(name):
    notebook = json.loads((COURSE.exercises / name / f"{name}.ipynb").read_bytes())
    ids = [cell["id"] for cell in notebook["cells"]]
    assert ids == [cell.id for cell in read(name)[0].cells]
    assert ids == [
        cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"]
    ]


@each_assignment
def test_the_students_notebook_holds_no_solution_and_no_hidden_test(name):
    assignment, _ = read(name)
    file = COURSE.exercises / name / f"{name}.ipynb"
    cells = json.loads(file.read_bytes())["cells"]
    shown = "\n".join("".join(cell["source"]) for cell in cells)
    for what in ("SOLUTION", "HIDDEN TESTS"):
        assert mark_line(what, "BEGIN") not in shown
    assert not secrets(assignment, 12) & lines(shown)


@SLOW
@each_assignment
def test_the_website_holds_no_solution_and_no_hidden_test(name):
    site = ROOT / "_build" / "html"
    if not site.exists():
        pytest.fail("the website is not built: run `make site`")
    book = [*COURSE.book.glob("*.md"), *COURSE.book.glob("attention/**/*.py")]
    assignment, _ = read(name)
    known = [path.read_text() for path in book]
    # What any assignment hands out is public, and the chapters' own text is.
    known += [cell.released for other in NAMES for cell in read(other)[0].cells]
    # A page is searched for parts of lines, so parts of public lines are no secret.
    known = "\n".join(known)
    wanted = {secret for secret in secrets(assignment, 30) if secret not in known}
    for page, text in shown_by(site).items():
        leaked = {secret for secret in wanted if secret in text}
        assert not leaked, f"{page} shows {leaked}"


@cache
def shown_by(site):
    """Return {file of the website: its text, without tags}."""
    shown = {}
    for kind in ("html", "ipynb", "txt", "md", "js"):
        for page in site.rglob(f"*.{kind}"):
            text = html.unescape(
                re.sub(r"<[^>]*>", "", page.read_text(errors="ignore"))
            )
            if kind == "ipynb":
                text = text.replace("\\n", "\n").replace('\\"', '"')
            shown[page] = text
    assert shown
    return shown


def secrets(assignment, length):
    """Return the lines that only the author may see, short ones left out."""
    secret = "\n".join("\n".join(cell.secret) for cell in assignment.cells)
    public = "\n".join(cell.released for cell in assignment.cells)
    return {line for line in lines(secret) - lines(public) if len(line) >= length}


def lines(text):
    return {line.strip() for line in text.splitlines()}
