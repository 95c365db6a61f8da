"""A class of thirty, each with what a tool or platform does to a notebook.

Nobody loses a mark by it, nobody is merged with another, and nobody is forgotten.
"""

import csv
import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from autograder.__main__ import main
from autograder.course import Course
from autograder.gradebook.marks import read_marks
from tests.support.courses import copy_config
from tests.support.gradebooks import contents
from tests.support.hand_ins import NAME
from tests.support.odd_hand_ins import (
    BROKEN,
    COMPARED,
    DOT,
    MAKERS,
    archive_files,
    everyone,
    roster_text,
    user_name,
)

pytestmark = pytest.mark.slow
HANDED_IN = {user_name(who) for who in [*MAKERS, BROKEN[0]]}
GOOD = {user_name(who) for who in MAKERS}
MOST, BY_HAND = 12, 2


@pytest.fixture(scope="module")
def graded(tiny_released, tmp_path_factory):
    """The class: collected, graded, its feedback written and packed."""
    root = tmp_path_factory.mktemp("odd") / "course"
    shutil.copytree(tiny_released, root)
    copy_config(root, walled=True)
    with zipfile.ZipFile(root / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in archive_files().items():
            archive.writestr(path, content)
    (root / "class.csv").write_text(roster_text())
    said = {}
    for command, *more in (
        ("collect", NAME, root / "class.zip", "--roster", root / "class.csv"),
        ("grade", NAME, "--json", root / "verdicts.json"),
        ("feedback", NAME),
        ("marks", NAME),
        ("return", NAME),
    ):
        said[command] = main(["--course", str(root), command, *map(str, more)])
    assert set(said.values()) <= {0, 1} and said["feedback"] == said["return"] == 0
    return Course.load(root)


def test_all_that_is_right_has_its_points_and_what_is_written_waits(graded):
    marks = read_marks(graded, NAME)
    scores = {who: marks[who].score for who in GOOD}
    assert scores == dict.fromkeys(GOOD, MOST - BY_HAND)
    assert {who for who in GOOD if "why-zero" not in marks[who].waiting} == set()


def test_everyone_of_the_roster_is_listed(graded):
    verdicts = json.loads((graded.root / "verdicts.json").read_text())
    assert {v["student"] for v in verdicts} == {user_name(who) for who in everyone()}
    with (graded.build / "grades.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == NAME]
    assert sorted(row["student_id"] for row in rows) == sorted(
        user_name(who) for who in everyone()
    )


def test_each_hand_in_has_a_page_that_shows_all_of_it_and_is_returned(graded):
    pages = {p.parts[-3]: p.read_text() for p in graded.feedback.rglob("*.html")}
    assert set(pages) == HANDED_IN
    for who in ("ada-attached", "bo-answered-picture", "ed-inline"):
        assert f'src="data:image/png;base64,{DOT}"' in pages[who], who
    assert COMPARED.replace("<", "&lt;").replace(">", "&gt;") in pages["max-compared"]
    with zipfile.ZipFile(graded.build / "returned" / f"{NAME}.zip") as archive:
        returned = {name.partition("/")[0] for name in archive.namelist()}
    assert {name.partition("_")[0] for name in returned} == {*MAKERS, BROKEN[0]}


def test_what_formgrader_shows_can_be_rendered(graded):
    from nbconvert import HTMLExporter

    for who in HANDED_IN:
        page, _ = HTMLExporter().from_filename(str(graded.graded(who, NAME)))
        assert "share" in page, who


def test_nbgraders_own_autograde_gives_the_same_marks(graded):
    ours = contents(graded)
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME, "--force"]
    done = subprocess.run(command, cwd=graded.root, capture_output=True, text=True)
    theirs = contents(graded)
    assert done.returncode == 1  # of the broken one nbgrader says so, and goes on
    for who in GOOD:
        assert theirs[who]["grades"] == ours[who]["grades"], who
