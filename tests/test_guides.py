"""What the guides say happens, happens: in small, step by step."""

import json
import os
import re
import subprocess
import sys

import pytest

from autograder.course import CourseError
from autograder.gradebook.release import release
from autograder.grading.grade import Options, grade
from autograder.inside.cures import SHOWN_PACKAGES
from course_site import downloads, paths, sources
from course_site.page_source import read_page
from tests.support.hand_ins import NAME, hand_in, solved
from tests.support.places import ROOT

BOOK = ROOT / "book"
WRONG = "def total(x, axis=-1):\n    return np.asarray(x).sum()"


@pytest.fixture
def course(released_course):
    """A course of two, graded: ada is right, bob's first function is wrong."""
    hand_in(released_course, "ada", solved())
    hand_in(released_course, "bob", solved(total=WRONG))
    run(released_course)
    return released_course


def run(course):
    """Grade; return the status of each student."""
    steps = list(
        grade(course, NAME, Options(jobs=1, engine="tests.support.engines:Plain"))
    )
    return {step.verdict.student: step.verdict.status for step in steps}


def mend(course, old, new):
    """Change the solution file of the course."""
    path = course.solution(NAME)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def scores(course):
    """Return score, maximum and the marks given by hand, by student."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", "attention") as gradebook:
        return {
            submission.student.id: (
                submission.score,
                submission.max_score,
                {
                    grade.name: grade.manual_score
                    for grade in submission.notebooks[0].grades
                    if grade.manual_score is not None
                },
            )
            for submission in gradebook.assignment_submissions(NAME)
        }


def override(course, student, **points):
    """Give points by hand, as formgrader does."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", "attention") as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, NAME, student)
        for given in notebook.grades:
            if (name := given.name.replace("-", "_")) in points:
                given.manual_score = points[name]
        gradebook.db.commit()


# --- mend a test and grade again -----------------------------------------------------


def test_a_mended_test_changes_marks_and_leaves_what_a_person_gave(course):
    override(course, "bob", total_hidden=1.5, why_zero=2)
    by_hand = {"total-hidden": 1.5, "why-zero": 2}
    assert scores(course) == {"ada": (10, 12, {}), "bob": (3.5, 12, by_hand)}
    mend(course, "(total(x), [3, 12])", "(np.sum(total(x)), 15)")
    release(course, NAME)
    status = run(course)
    assert scores(course) == {"ada": (10, 12, {}), "bob": (5.5, 12, by_hand)}
    assert set(status.values()) == {"flagged"}, "their copies hold the old test"


def test_a_mended_hidden_test_flags_nobody(course):
    mend(course, "(total(x, axis=1), x[:, 0] + x[:, 1])", "(total(x), x.sum(-1))")
    release(course, NAME)
    assert set(run(course).values()) == {"graded"}
    assert scores(course)["ada"][0] == 10


def test_other_points_need_a_release_and_keep_an_override(course):
    override(course, "bob", total_hidden=2.5)
    mend(course, 'test="total-hidden" points=3', 'test="total-hidden" points=2')
    with pytest.raises(CourseError, match="was changed since it was released"):
        run(course)
    release(course, NAME)
    run(course)
    assert scores(course)["ada"][:2] == (9, 11)
    assert scores(course)["bob"] == (2.5, 11, {"total-hidden": 2.5})


@pytest.mark.parametrize("new", ["total-others", ""])
def test_ids_with_marks_are_kept_and_the_refusal_changes_nothing(course, new):
    before = scores(course)
    text = course.solution(NAME).read_text("utf-8")
    if new:
        mend(course, "total-hidden", new)
    else:
        start = text.index('# %% test="share-hidden"')
        end = text.index('# %% [markdown] given="why-text"')
        mend(course, text[start:end], "")
    with pytest.raises(CourseError, match="keep them, or move"):
        release(course, NAME)
    assert scores(course) == before


# --- JupyterHub's exchange -----------------------------------------------------------


def nbgrader(folder, exchange, *arguments):
    """Run an nbgrader command with the exchange in a folder."""
    home = folder.parent / "home"
    settings = {"HOME": str(home), "JUPYTER_DATA_DIR": str(home / "data")}
    own = [f"--Exchange.root={exchange}", "--course=attention"]
    command = [sys.executable, "-m", "nbgrader", *arguments, *own]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=os.environ | settings
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
def test_the_exchange_takes_an_assignment_there_and_its_feedback_back(
    released_course, tmp_path
):
    course, exchange, student = released_course, tmp_path / "exchange", tmp_path / "ada"
    for folder in (exchange, student):
        folder.mkdir()
    exchange.chmod(0o777)
    nbgrader(course.root, exchange, "release_assignment", NAME)
    nbgrader(student, exchange, "fetch_assignment", NAME)
    released = course.exercises / NAME / f"{NAME}.ipynb"
    fetched = student / NAME / f"{NAME}.ipynb"
    assert fetched.read_bytes() == released.read_bytes()
    fetched.write_text(json.dumps(solved()))
    nbgrader(student, exchange, "submit", NAME)
    nbgrader(course.root, exchange, "collect", NAME)
    assert set(run(course).values()) == {"graded"}
    nbgrader(course.root, exchange, "generate_feedback", NAME)
    nbgrader(course.root, exchange, "release_feedback", NAME)
    nbgrader(student, exchange, "fetch_feedback", NAME)
    (page,) = (student / NAME / "feedback").rglob("*.html")
    assert "total-of-rows" in page.read_text("utf-8")


def test_what_names_the_feedback_of_a_hand_in_is_kept_beside_its_marks(course):
    folder = course.submitted / "ada" / NAME
    (folder / "submission_secret.txt").write_text("told-to-ada-alone")
    run(course)
    kept = course.autograded / "ada" / NAME / "submission_secret.txt"
    assert kept.read_text() == "told-to-ada-alone"
    assert not (course.autograded / "bob" / NAME / "submission_secret.txt").exists()


# --- the pages -----------------------------------------------------------------------


def chapters():
    """Return the chapters that are there, by number."""
    return {path.name[:2]: path for path in sorted(BOOK.glob("[0-9][0-9]_*.md"))}


def test_each_section_on_a_path_is_one_of_its_chapter():
    text = (BOOK / "paths.md").read_text("utf-8")
    labels = re.findall(r"^((?:sec|ch)-(\d\d)-[a-z0-9-]+)$", text, re.M)
    assert len(labels) > 40
    for label, number in labels:
        if number in chapters():
            there = read_page(chapters()[number].read_text("utf-8")).sections
            assert label in there, f"{label} is no section of {chapters()[number].name}"


def test_the_evening_fits_into_two_hours_and_the_weekend_into_two_days():
    text = (BOOK / "paths.md").read_text("utf-8")
    blocks = re.findall(r"```\{path\}\n(.*?)```", text, re.S)
    took = [sum(map(length, block.split())) for block in blocks]
    evening, saturday, sunday = took
    assert 60 < evening <= 120
    assert 50 < saturday <= 240 and 50 < sunday <= 240


def length(label):
    """Return the minutes of a section or chapter, 0 if it is not there yet."""
    page = chapters().get(label.split("-")[1])
    if page is None:
        return 0
    text = page.read_text("utf-8")
    whole = label.startswith("ch-")
    return paths.count_minutes(text if whole else read_page(text).sections[label].text)


def test_minutes_count_words_and_lines_of_code_that_are_shown():
    words = "word " * 300
    cell = "```{code-cell} ipython3\n" + "x = 1\n" * 20 + "```\n"
    hidden = cell.replace("ipython3\n", "ipython3\n:tags: [hide-input]\n")
    assert paths.count_minutes(words) == 2
    assert paths.count_minutes(f"{words}\n{cell}") == 4
    assert paths.count_minutes(f"{words}\n{hidden}") == 2
    assert paths.count_minutes(f"{words}\n## Quiz\n{words}") == 2


def test_students_install_what_the_notebooks_need():
    text = (BOOK / "students.md").read_text("utf-8")
    (line,) = re.findall(r"pip install (jupyterlab .+)", text)
    needed = set(downloads.list_packages(sources.Tracer(ROOT)))
    brought = {"cycler", "ipython"}  # by matplotlib, by jupyterlab
    assert needed - brought <= set(line.split())


def test_students_read_which_python_and_packages_the_grader_has():
    text = (BOOK / "students.md").read_text("utf-8")
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    tested = re.search(r"on Python ([\d.]+)", constraints)
    assert tested and f"It has Python {tested[1]}," in text
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+)", text, re.M))
    pins = dict(re.findall(r"^(\w+)==([\d.]+)$", constraints, re.M))
    assert told == {name: pins[name] for name in told}
    assert told.keys() == {
        *SHOWN_PACKAGES,
        "ipython",
    }  # as a message says of another package


def test_the_notebook_says_a_python_that_its_packages_run_on(monkeypatch):
    wants = {"old": ">=3.8", "new": ">=3.12", "none": None}
    monkeypatch.setattr(sources, "metadata", lambda n: {"Requires-Python": wants[n]})
    assert sources.oldest_python_for(["old", "none"]) == "3.11"
    assert sources.oldest_python_for(["old", "new"]) == "3.12"


def test_each_command_of_the_guides_exists():
    from autograder.__main__ import parser

    commands = set(parser()._subparsers._group_actions[0].choices)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for name in ("students", "instructors", "grader", "paths"):
        text = (BOOK / f"{name}.md").read_text("utf-8")
        ours = re.findall(r"python -m autograder ([a-z]+)", text)
        made = re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)
        assert set(ours) <= commands and set(made) <= targets
