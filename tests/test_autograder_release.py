"""Solution files become notebooks: the same bytes each time, whole or not at all."""

import errno
import json
import os
import shutil
import subprocess
import sys

import pytest

from autograder.__main__ import main
from autograder.authoring.percent import AuthoringError
from autograder.authoring.solution_file import read_assignment
from autograder.course import CourseError
from autograder.files import write_atomic
from autograder.gradebook.release import release, released_bytes
from tests.support.places import ROOT

TINY = "01_tiny"


@pytest.fixture
def assignment(tiny):
    return read_assignment(tiny.solution(TINY))


def cells(content):
    return {cell["id"]: cell for cell in json.loads(content)["cells"]}


def test_the_same_solution_gives_the_same_bytes(assignment):
    assert released_bytes(assignment) == released_bytes(assignment)


def test_nbgrader_takes_out_what_the_author_expects(assignment):
    released = cells(released_bytes(assignment))
    for cell in assignment.cells:
        assert "".join(released[cell.id]["source"]) == cell.released


def test_cells_carry_nbgraders_metadata(assignment):
    released = cells(released_bytes(assignment))
    wanted = {
        "imports": {"grade": False, "solution": False, "locked": True},
        "total": {"grade": False, "solution": True, "locked": False},
        "total-hidden": {"grade": True, "solution": False, "locked": True, "points": 3},
        "why-zero": {"grade": True, "solution": True, "locked": False, "points": 2},
    }
    for cell, facts in wanted.items():
        found = released[cell]["metadata"]["nbgrader"]
        assert facts.items() <= found.items()
        assert (found["grade_id"], found["schema_version"]) == (cell, 3)


def test_release_writes_source_and_exercise_once(course):
    assert [path.parent.parent.name for path in release(course, TINY)] == [
        "source",
        "exercises",
    ]
    assert release(course, TINY) == []


def test_a_changed_solution_file_replaces_the_old_release(course):
    release(course, TINY)
    path = course.solution(TINY)
    path.write_text(
        path.read_text().replace("# Two functions", "# Two little functions")
    )
    release(course, TINY)
    released = course.exercises / TINY / f"{TINY}.ipynb"
    assert "Two little functions" in released.read_text()


def test_a_malformed_file_leaves_the_earlier_release_whole(course):
    release(course, TINY)
    released = course.exercises / TINY / f"{TINY}.ipynb"
    before = released.read_bytes()
    path = course.solution(TINY)
    path.write_text(path.read_text().replace("### END SOLUTION", ""))
    with pytest.raises(CourseError, match="never closed"):
        release(course, TINY)
    assert released.read_bytes() == before


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_cells_may_not_change_once_marks_depend_on_them(course):
    from nbgrader.api import Gradebook

    release(course, TINY)
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        book.update_or_create_student("ada")
        book.update_or_create_submission(TINY, "ada")
    path = course.solution(TINY)
    path.write_text(path.read_text().replace('"share-hidden"', '"share-secret"'))
    with pytest.raises(CourseError, match="move build/ away"):
        release(course, TINY)


def no_space(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["fsync_free_write", "replace", "mkstemp"])
def test_a_full_disk_is_said_and_leaves_the_old_file_whole(tmp_path, monkeypatch, step):
    path = tmp_path / "notebook.ipynb"
    write_atomic(path, b"old")
    target = {
        "fsync_free_write": "autograder.files.os.fdopen",
        "replace": "autograder.files.os.replace",
        "mkstemp": "autograder.files.tempfile.mkstemp",
    }[step]
    monkeypatch.setattr(target, no_space)
    with pytest.raises(CourseError, match="No space left on device") as caught:
        write_atomic(path, b"new")
    monkeypatch.undo()
    assert str(path) in str(caught.value)
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["notebook.ipynb"]


def test_an_assignment_that_does_not_exist_names_those_that_do(course, capsys):
    assert main(["--course", str(course.root), "release", "02_tiny"]) == 2
    said = capsys.readouterr().err
    assert "'02_tiny'" in said
    assert "01_tiny" in said


def test_the_command_says_what_it_released(course, capsys):
    assert main(["--course", str(course.root), "release"]) == 0
    assert main(["--course", str(course.root), "release", TINY]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[1/1] 01_tiny  released")
    assert second.startswith("[1/1] 01_tiny  unchanged")


def test_one_malformed_assignment_keeps_no_other_from_being_released(course, capsys):
    broken = course.solutions / "00_broken" / "00_broken.py"
    broken.parent.mkdir()
    broken.write_text(course.solution(TINY).read_text().replace("### END", "# END"))
    assert main(["--course", str(course.root), "release"]) == 1
    said = capsys.readouterr()
    assert f"{broken}:" in said.err
    assert "misspelt" in said.err
    assert "00_broken  NOT RELEASED" in said.out
    assert "01_tiny  released" in said.out
    assert not (course.exercises / "00_broken").exists()


@pytest.mark.slow
def test_the_command_shows_authors_what_each_mistake_loses(tiny, capsys):
    assert main(["--course", str(tiny.root), "try"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "ok   10/10  01_tiny: the reference"
    assert said[1] == "ok    0/10  an untouched notebook"
    assert len(said) == 2 + 2 + 4


@pytest.mark.slow
def test_a_mistake_with_a_wrong_list_is_shown_with_the_right_one(tiny, capsys):
    path = tiny.solution(TINY).with_name("mistakes.py")
    wrong = path.read_text().replace("total-hidden share-hidden", "total-of-rows", 1)
    path.write_text(
        wrong.replace('fails="total-hidden share-hidden"', 'fails="total-hidden"')
    )
    assert main(["--course", str(tiny.root), "try"]) == 1
    said = capsys.readouterr().out
    assert 'fails="total-hidden share-hidden"' in said
    assert "loses share-hidden as well: " in said


@pytest.mark.parametrize("command", ["release", "sample", "marks", "feedback"])
def test_without_the_course_s_packages_the_command_says_how_to_get_them(tiny, command):
    (tiny.submitted / "ada" / TINY).mkdir(parents=True)
    bare = [sys.executable, "-S", "-m", "autograder"]  # -S: no site-packages
    done = subprocess.run(
        [*bare, "--course", tiny.root, command],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "is not installed" in done.stderr
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr


def test_data_files_are_handed_out_beside_the_notebook(course):
    data = course.solution(TINY).with_name("data")
    (data / "more").mkdir(parents=True)
    (data / "more" / "pairs.txt").write_bytes(b"a b")
    changed = release(course, TINY)
    for folder in (course.source, course.exercises):
        copy = folder / TINY / "data" / "more" / "pairs.txt"
        assert copy in changed and copy.read_bytes() == b"a b"
    assert release(course, TINY) == []


def test_data_that_is_no_more_is_removed_and_what_is_not_ours_stays(course):
    data = course.solution(TINY).with_name("data")
    (data / "more").mkdir(parents=True)
    for name in ("kept", "gone", "changed", "more/deep"):
        (data / name).write_text(name)
    release(course, TINY)
    place = course.exercises / TINY / "data"
    (place / "by-hand").write_text("not ours")
    (place / "changed").write_text("not as it was released")
    shutil.rmtree(data)
    data.mkdir()
    (data / "kept").write_text("kept")
    removed = release(course, TINY)
    assert place / "gone" in removed and course.source / TINY / "data/gone" in removed
    assert sorted(p.name for p in place.iterdir()) == ["by-hand", "changed", "kept"]
    assert {p.name for p in (course.source / TINY / "data").iterdir()} == {"kept"}
    assert release(course, TINY) == []


def test_data_that_is_too_much_or_no_plain_file_is_refused_with_a_cure(course):
    data = course.solution(TINY).with_name("data")
    data.mkdir()
    (data / "big").write_bytes(bytes(9 << 20))
    with pytest.raises(AuthoringError, match=r"9.0 MiB. Keep it to .* 8 MiB"):
        release(course, TINY)
    (data / "big").unlink()
    (data / "link").symlink_to("/etc/passwd")
    with pytest.raises(AuthoringError, match="data/link is no plain file"):
        release(course, TINY)
