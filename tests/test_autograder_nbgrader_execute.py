"""Two lines of nbgrader_config.py put the wall and the split into nbgrader."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from nbgrader.plugins import ExportPlugin

from autograder import nbgrader_execute
from autograder.authoring.from_notebook import assignment_from, runnable
from autograder.course import Course, CourseError
from autograder.gradebook.export import QUOTED
from autograder.grading.grade import Options, grade
from autograder.model.outcome import plan
from autograder.model.source_code import free_names
from autograder.nbgrader_execute import (
    Execute,
    Repair,
    check_kernel,
    engine,
    keep_outputs,
)
from autograder.wall.warm import WarmPair
from tests.support.courses import copy_config
from tests.support.elsewhere import (
    ANSWER,
    ELSEWHERE,
    NOTHING,
    WHY,
    both,
    no_ids,
    split,
    unanswered,
)
from tests.support.gradebooks import contents
from tests.support.hand_ins import NAME, blank, by_id, code, hand_in, index, solved
from tests.support.places import ROOT

TWO_LINES = "\nfrom autograder.nbgrader_execute import use\nuse(c)\n"
HOOK = """get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])
def total(x, axis=-1):
    return 0"""
WARNS = """import sys
def total(x, axis=-1):
    print("careful", file=sys.stderr)
    return np.asarray(x).sum(axis)"""
PATCH = """import numpy
numpy.allclose = numpy.isclose = lambda *a, **k: True
def total(x, axis=-1):
    return 0"""

# Each new gradebook asks alembic, for two seconds, what never changes.
ONCE = """import functools
from nbgrader import api
api.get_alembic_version = functools.cache(api.get_alembic_version)
"""

# nbgrader's own tests of autograde that do not pass with ours in place, and why.
EXCEPTIONS = {
    "test_side_effects": "files that a notebook writes stay behind the wall",
    "test_hidden_tests_single_notebook": "a test takes one of the student's functions "
    "away from another (`del squares`); it has no access to the student's process",
}


def autograde(course, *more):
    """Run `nbgrader autograde` and return how it ended, and what it said."""
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME, *more]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.fixture
def course(released_course):
    """A course with a released assignment."""
    return released_course


@pytest.fixture
def ours(course):
    """A course whose nbgrader uses our preprocessors."""
    copy_config(course.root, walled=True)
    return course


def tampered(change):
    notebook = solved(total="def total(x, axis=-1):\n    return 0")
    change(notebook)
    return notebook


def skip(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]


def duplicate(notebook):
    own = {**by_id(notebook, "total-hidden"), "source": "pass"}
    notebook["cells"].insert(index(notebook, "total-hidden"), own)


def other_schema(notebook):
    by_id(notebook, "total-hidden")["metadata"]["nbgrader"]["schema_version"] = 1


def no_points(notebook):
    del by_id(notebook, "total-hidden")["metadata"]["nbgrader"]["points"]


CHEATS = {"skip": skip, "duplicate": duplicate, "schema": other_schema}
CHEATS["points"] = no_points


@pytest.mark.slow
def test_marks_are_right_and_no_cheat_or_broken_notebook_loses_the_class(ours):
    hand_in(ours, "ada", solved())
    hand_in(ours, "hook", solved(total=HOOK))
    hand_in(ours, "patch", solved(total=PATCH))
    hand_in(ours, "zoe", solved())
    hand_in(ours, "warns", solved(total=WARNS))
    helped = solved(total="def total(x, axis=-1):\n    return add(x, axis)")
    helper = "print('hello')\ndef add(x, axis):\n    return np.asarray(x).sum(axis)"
    helped["cells"].insert(2, code(helper, id="own"))
    hand_in(ours, "helped", helped)
    for name, change in CHEATS.items():
        hand_in(ours, name, tampered(change))
    hand_in(ours, "broken", b"{")
    status, said = autograde(ours)
    assert status == 1 and "broken" in said
    book = contents(ours)
    scores = {student: marks["score"] for student, marks in book.items()}
    assert [scores.pop(name) for name in ("ada", "helped", "warns", "zoe")] == [10] * 4
    assert scores.pop("broken") == 0
    assert set(scores) == {"hook", "patch", *CHEATS}
    assert set(scores.values()) == {0}
    text = (ours.autograded / "helped" / NAME / f"{NAME}.ipynb").read_text()
    assert "hello" in text
    feedback = (ours.autograded / "hook" / NAME / f"{NAME}.ipynb").read_text()
    assert "Look at the axis: -1 is the last one." in feedback
    kept = {cell.id: cell.metadata for cell in nbformat.reads(feedback, 4).cells}
    assert kept["total-of-rows"]["autograder"]["outcome"] != "passed"


def changed(change, **sources):
    """Return a solved notebook without a written answer, changed."""
    notebook = unanswered(**sources)
    change(notebook)
    return notebook


PIXEL = "iVBORw0KGgo="
MAGICS = """%matplotlib inline
!pip install --quiet \\
    numpy
import numpy as np
def total(x, axis=-1):
    return np.asarray(x).sum(axis)"""
NUMBERS = {"output_type": "stream", "name": "stdout", "text": "0.5, " * 100_000}
SHAPES = {
    "picture": lambda nb: by_id(nb, WHY).update(
        source="![image.png](attachment:image.png)",
        attachments={"image.png": {"image/png": PIXEL}},
    ),
    "picture-in-the-text": lambda nb: by_id(nb, WHY).update(
        source=f"![](data:image/png;base64,{PIXEL * 100_000})"
    ),
    "picture-that-never-came": lambda nb: by_id(nb, WHY).update(
        source="![image.png](attachment:image.png)"
    ),
    "magics": lambda nb: by_id(nb, "total").update(source=MAGICS),
    "numbers": lambda nb: by_id(nb, "total").update(outputs=[NUMBERS]),
    "answered": lambda nb: by_id(nb, WHY).update(source=ANSWER),
    "nothing-solved": lambda nb: nb.update(blank()),
    "wrong": lambda nb: by_id(nb, "total").update(source=PATCH),
    "two-halves": lambda nb: split(nb, (True, True)),
    "first-half-named": lambda nb: split(nb, (True, False)),
    "second-half-named": lambda nb: split(nb, (False, True)),
    "answered-without-ids": both(
        lambda nb: by_id(nb, WHY).update(source=ANSWER), no_ids
    ),
}


def marks_of(course):
    """Return what a gradebook says of each student's cells."""
    return {
        student: (said["grades"], said["comments"], said["needs_manual_grade"])
        for student, said in contents(course).items()
    }


@pytest.mark.slow
def test_both_graders_give_the_same_marks_whatever_the_shape(ours, tmp_path):
    shapes = (
        SHAPES | NOTHING | {name: change for name, (change, _) in ELSEWHERE.items()}
    )
    for name, change in shapes.items():
        hand_in(ours, name, changed(change))
    theirs = Course(shutil.copytree(ours.root, tmp_path / "theirs"))
    list(grade(ours, NAME, Options(jobs=2)))
    status, said = autograde(theirs)
    assert status == 0, said[-2000:]
    one, other = marks_of(ours), marks_of(theirs)
    assert one == other and set(one) == set(shapes)
    waiting = {name for name, (*_, waits) in one.items() if waits}
    assert waiting == {*ELSEWHERE, *SHAPES} - {"magics", "numbers", "wrong"} - {
        "nothing-solved"
    }


def test_values_that_tests_use_are_taken_from_the_solutions_before_them():
    def cell(source, wanted, **flags):
        own = {"grade_id": wanted, "points": 1, **flags}
        return code(source, id=wanted, metadata={"nbgrader": own})

    notebook = {
        "cells": [
            code("import math", id="free", metadata={}),
            cell("# YOUR CODE HERE", "set-a", solution=True),
            cell("b = a + 1\nassert math.sqrt(a) == b", "test-a", grade=True),
            cell("assert f(b, x=3) == b", "test-f", grade=True),
            cell("pass", "by-hand", grade=True, solution=True),
        ]
    }
    made = runnable(assignment_from("any", Path("any.ipynb"), notebook))
    steps = {step.id: step for step in plan(made, {"set-a": "a = 1"})}
    assert steps["set-a"].defines == (("a", "value"), ("f", "value"))
    assert steps["by-hand"].role == "solution"


def test_this_courses_own_settings_have_the_wall(tmp_path):
    own = Course(ROOT).settings.Autograde
    assert own.sanitize_preprocessors[0] is Repair
    assert own.autograde_preprocessors[0] is Execute
    copy_config(tmp_path, walled=False)
    assert "Autograde" not in Course(tmp_path).settings


def test_this_courses_export_quotes_names():
    chosen = Course(ROOT).settings.ExportApp.plugin_class
    module, name = chosen.rsplit(".", 1)
    assert f"--ExportApp.plugin_class={chosen}" == QUOTED
    assert issubclass(getattr(import_module(module), name), ExportPlugin)


@pytest.mark.parametrize(
    ("kernel", "fits"),
    [
        ({}, True),
        ({"name": "python3"}, True),
        ({"name": "my-conda", "language": "python"}, True),
        ({"name": "ir", "language": "R"}, False),
        ({"name": "julia-1.9"}, False),
    ],
)
def test_a_notebook_for_another_language_is_refused(kernel, fits):
    notebook = nbformat.from_dict({"metadata": {"kernelspec": kernel}})
    with contextlib.nullcontext() if fits else pytest.raises(CourseError, match="Py"):
        check_kernel(notebook)


def test_where_nothing_is_run_a_test_that_was_left_out_has_no_points():
    handed_in, made = solved(), solved()
    for cell in handed_in["cells"]:
        cell["outputs"] = ["theirs"]
    del handed_in["cells"][index(handed_in, "total-hidden")]
    for cell in made["cells"]:
        cell["outputs"] = ["error"]
    keep_outputs(nbformat.from_dict(handed_in), made)
    assert by_id(made, "total-hidden")["outputs"] == ["error"]
    assert by_id(made, "total-of-rows")["outputs"] == ["theirs"]


COURSE = Course(ROOT)


def test_a_warm_process_that_died_is_started_anew(monkeypatch):
    class Warm(WarmPair):
        def __init__(self):
            self.process = self
            self.student = self.checker = self
            self.status = None

        def poll(self):
            return self.status

    class Split:
        def __init__(self, sandbox, hidden):
            self.warm = Warm()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.ended = True

    monkeypatch.setattr("autograder.grading.engine.Split", Split)
    monkeypatch.setattr(nbgrader_execute, "ENGINES", {})
    first = engine("bwrap", COURSE)
    assert engine("bwrap", COURSE) is first
    first.warm.status = -9
    assert engine("bwrap", COURSE) is not first and first.ended


def test_names_are_used_where_they_are_read_and_not_made():
    assert free_names("y = [x for x in z]\ndef f(a): return a + b\nlambda q: q") == {
        "z",
        "b",
    }
    assert free_names("1 +") == set()


@pytest.mark.slow
def test_nbgraders_own_tests_of_autograde_pass_but_for_the_exceptions(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()" + TWO_LINES)
    (tmp_path / "once.py").write_text(ONCE)
    own = {"JUPYTER_CONFIG_DIR": str(tmp_path)}
    own |= {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "once", "--durations=15"]
    command += ["--pyargs", "nbgrader.tests.apps.test_nbgrader_autograde"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | own, capture_output=True, text=True
    )
    failed = set(re.findall(r"^FAILED \S*::(\w+)", done.stdout, re.M))
    passed = int(re.findall(r"(\d+) passed", done.stdout)[0])
    assert failed == set(EXCEPTIONS), done.stdout[-2000:]
    assert passed == 38, done.stdout[-2000:]
