"""nbgrader's own commands and its formgrader page work on the course unchanged."""

import csv
import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from autograder.authoring.notebook import source_notebook
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course
from autograder.gradebook.release import release, released_bytes
from autograder.sample.students import notebook_json, notebook_with, solution_only
from tests.support.courses import copy_config
from tests.support.pace import PATIENCE, wait_until
from tests.support.places import ROOT

pytestmark = pytest.mark.slow
NAMES = Course(ROOT).names()
BIN = Path(sys.executable).parent


WRITTEN = (
    "Because it can, for $a<b$. <script>done()</script> <b onclick='done()'>*so*</b> "
    "[marks](javascript:done())"
)
CHEAT = """get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])
def total(x, axis=-1):
    return 0"""


@pytest.fixture
def course(course):
    """The course with the settings that it ships with: nbgrader's autograde walled."""
    copy_config(course.root, walled=True)
    return course


def nbgrader(course, *arguments):
    """Run a command of nbgrader in the course's folder; return what it said."""
    done = subprocess.run(
        [BIN / "nbgrader", *arguments], cwd=course.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def solved(assignment):
    """Return the students' notebook with the reference's solutions put in."""
    versions = {c.id: solution_only(c.source) for c in assignment.role("solution")}
    versions |= {cell.id: WRITTEN for cell in assignment.role("written")}
    return notebook_with(json.loads(released_bytes(assignment)), versions)


def hand_in(course, name, student, content):
    path = course.submitted / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def graded_course(course, name):
    """Release, hand in a solved and an untouched notebook, autograde by nbgrader."""
    assignment = read_assignment(course.solution(name))
    release(course, name)
    hand_in(course, name, "solved", solved(assignment))
    hand_in(course, name, "untouched", released_bytes(assignment))
    nbgrader(course, "autograde", name)
    return assignment


def check_marks(course, assignment):
    nbgrader(course, "export", "--to", "build/marks.csv")
    with (course.build / "marks.csv").open() as file:
        scores = {r["student_id"]: float(r["score"]) for r in csv.DictReader(file)}
    by_test = sum(cell.points for cell in assignment.role("test"))
    assert scores == {"solved": by_test, "untouched": 0}


def test_autograde_feedback_and_export_work(course):
    assignment = graded_course(course, "01_tiny")
    check_marks(course, assignment)
    nbgrader(course, "generate_feedback", "01_tiny")
    for student in ("solved", "untouched"):
        page = course.feedback / student / "01_tiny" / "01_tiny.html"
        assert "share-hidden" in page.read_text()


@pytest.mark.parametrize("name", NAMES[-1:])
def test_a_real_assignment_is_graded_by_nbgrader(course, name):
    shutil.copytree(ROOT / "solutions" / name, course.solutions / name)
    check_marks(course, graded_course(course, name))


def test_generate_assignment_makes_the_bytes_that_are_committed(course):
    release(course, "01_tiny")
    wanted = released_bytes(read_assignment(course.solution("01_tiny")))
    shutil.rmtree(course.exercises)
    nbgrader(course, "generate_assignment", "01_tiny")
    released = course.exercises / "01_tiny" / "01_tiny.ipynb"
    assert released.read_bytes() == wanted


def test_the_commands_need_nothing_to_be_built_first(tiny):
    assert "assignments" in nbgrader(tiny, "db", "assignment", "list")
    assert tiny.gradebook.exists()


def test_the_commands_find_the_course_and_its_gradebook_by_themselves(course):
    release(course, "01_tiny")
    said = nbgrader(course, "db", "assignment", "list")
    assert "01_tiny" in said
    assert not list(course.root.glob("*.db"))


@pytest.mark.parametrize("done", [True, False])
def test_validate_tells_students_whether_the_visible_tests_pass(course, done):
    assignment = read_assignment(course.solution("01_tiny"))
    content = solved(assignment) if done else released_bytes(assignment)
    path = course.root / "homework.ipynb"
    path.write_bytes(content)
    said = nbgrader(course, "validate", str(path))
    assert ("passes all the tests" in said) == done
    assert ("failed" in said) != done


def test_the_source_notebook_passes_its_own_validation(course):
    path = course.root / "source.ipynb"
    assignment = read_assignment(course.solution("01_tiny"))
    path.write_bytes(notebook_json(source_notebook(assignment)))
    assert "passes all the tests" in nbgrader(course, "validate", str(path))


@pytest.fixture
def server(course):
    """JupyterLab over the course, with one graded class: (address, token)."""
    (course.root / "autograder").symlink_to(ROOT / "autograder")
    graded_course(course, "01_tiny")
    token = "a-token-of-this-test"
    with (course.root / "lab.log").open("w") as log:
        process = subprocess.Popen(
            [
                BIN / "jupyter",
                "lab",
                "--no-browser",
                "--allow-root",
                "--ServerApp.ip=127.0.0.1",
                "--ServerApp.port=0",
                f"--IdentityProvider.token={token}",
            ],
            cwd=course.root,
            stdout=log,
            stderr=log,
        )
    try:
        yield address(course.root / "lab.log", process), token
    finally:
        process.terminate()
        process.wait(PATIENCE)


def address(log, process):
    """Return where the server listens, once it does: its log names a port before."""

    def told():
        assert process.poll() is None, log.read_text()
        return re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text())

    found = wait_until(told, "the server's start")
    wait_until(lambda: listens(int(found[1])), "the server's first answer")
    return found[0]


def listens(port):
    """Say whether something takes connections at a port of this machine."""
    with socket.socket() as end:
        return end.connect_ex(("127.0.0.1", port)) == 0


def get(server, path, content=None):
    where, token = server
    headers = {"Authorization": f"token {token}"}
    request = Request(where + path, content, headers)
    with urlopen(request, timeout=PATIENCE) as answer:
        return answer.read().decode()


def test_formgrader_shows_the_class_in_jupyterlab(server):
    [assignment] = json.loads(get(server, "formgrader/api/assignments"))
    assert assignment["name"] == "01_tiny"
    assert assignment["max_score"] == 12
    assert assignment["num_submissions"] == 2
    found = json.loads(get(server, "formgrader/api/submissions/01_tiny"))
    scores = {
        one["student"]: (one["score"], one["needs_manual_grade"]) for one in found
    }
    assert scores == {"solved": (10, True), "untouched": (0, False)}
    assert "nbgrader formgrade" in get(server, "formgrader")


def test_formgraders_lightning_runs_students_code_behind_the_wall(server, course):
    """A wrong answer that meddles with later tests earns nothing there either."""
    assignment = read_assignment(course.solution("01_tiny"))
    versions = {"total": CHEAT}
    content = notebook_with(json.loads(released_bytes(assignment)), versions)
    hand_in(course, "01_tiny", "cheat", content)
    path = "formgrader/api/submission/01_tiny/cheat"
    done = json.loads(get(server, f"{path}/autograde", b""))
    assert done["success"], done
    assert json.loads(get(server, path))["score"] == 0


def test_formgrader_shows_a_notebook_with_its_written_answer(server):
    path = "formgrader/api/submitted_notebooks/01_tiny/01_tiny"
    notebooks = json.loads(get(server, path))
    solved_one = next(n for n in notebooks if n["student"] == "solved")
    page = get(server, f"formgrader/submissions/{solved_one['id']}/")
    assert "Because it can, for $a&lt;b$." in page and "<em>so</em>" in page
    assert "&lt;script&gt;done()&lt;/script&gt;" in page  # read, and never run
    assert not re.search(r"<[^<>]*done\(\)", page)
    assert not re.search(r"<script(?:(?!</script).)*done\(\)", page, re.S)
