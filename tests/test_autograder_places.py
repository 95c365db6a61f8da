"""Folders and gradebook are where nbgrader_config.py says, for each command."""

import pytest

from autograder.__main__ import main
from autograder.course import Course, CourseError
from autograder.grading.grade import Options, grade
from autograder.sample.write import read_manifest

NAME = "01_tiny"
RENAMED = """
c.CourseDirectory.source_directory = "with_solutions"
c.CourseDirectory.release_directory = "handed_out"
c.CourseDirectory.submitted_directory = "handed_in"
c.CourseDirectory.autograded_directory = "marked"
c.CourseDirectory.feedback_directory = "pages"
c.CourseDirectory.db_url = f"sqlite:///{root / 'marks.db'}"
"""


@pytest.fixture
def settings(tiny):
    """The file of a course's settings."""
    return tiny.root / "nbgrader_config.py"


def renamed(settings):
    """Rename all folders of a course."""
    settings.write_text(settings.read_text() + RENAMED)
    return Course.load(settings.parent)


def all_the_way(course):
    """Take a course from release to return, grading who of the sample is right."""
    for command in ("release", "sample"):
        assert main(["--course", str(course.root), command, NAME]) == 0
    class_ = read_manifest(course, NAME).items()
    right = next(who for who, made in class_ if made["story"].startswith("right, sty"))
    options = Options(students=right, jobs=1, engine="tests.support.engines:Plain")
    (step,) = grade(course, NAME, options)
    assert step.verdict.score == 10
    for command in ("feedback", "marks", "return"):
        assert main(["--course", str(course.root), command, NAME]) == 0
    return right


@pytest.mark.slow
def test_a_course_whose_folders_are_all_renamed_goes_all_the_way(
    tiny, settings, capsys
):
    right = all_the_way(renamed(settings))
    made = {path.name for path in tiny.root.iterdir() if path.is_dir()}
    assert made == {
        *("solutions", "book", "build", "with_solutions", "handed_out"),
        *("handed_in", "marked", "pages"),
    }
    assert {path.name for path in tiny.build.iterdir()}.isdisjoint(
        {"source", "submitted", "autograded", "feedback", "gradebook.db"}
    )
    assert (tiny.root / "marks.db").is_file()
    page = tiny.root / "pages" / right / NAME / f"{NAME}.html"
    said = capsys.readouterr().out
    assert page.is_file() and f"{tiny.root}/handed_out/{NAME}/{NAME}.ipynb" in said


@pytest.mark.slow
def test_a_course_without_settings_goes_all_the_way(tiny, settings):
    settings.unlink()
    right = all_the_way(Course.load(tiny.root))
    assert (tiny.root / "build" / "feedback" / right / NAME / f"{NAME}.html").is_file()
    assert (tiny.root / "build" / "gradebook.db").is_file()


def test_settings_that_name_no_folder_leave_nbgraders_own(settings):
    settings.write_text("c = get_config()\n")
    course = Course.load(settings.parent)
    assert course.exercises == course.root / "release"
    assert course.autograded == course.root / "autograded"
    assert course.gradebook == course.root / "gradebook.db"


def test_a_gradebook_named_by_a_relative_path_lies_below_the_course(settings):
    settings.write_text('c.CourseDirectory.db_url = "sqlite:///marks/book.db"\n')
    course = Course.load(settings.parent)
    assert course.gradebook == course.root / "marks" / "book.db"
    assert course.db_url == f"sqlite:///{course.gradebook}"


def test_the_gradebook_of_a_database_server_is_no_file(settings):
    settings.write_text('c.CourseDirectory.db_url = "postgresql://db/course"\n')
    course = Course.load(settings.parent)
    assert (course.db_url, course.gradebook) == ("postgresql://db/course", None)


def test_settings_are_read_once(settings):
    course = Course.load(settings.parent)
    settings.write_text("c.CourseDirectory.feedback_directory = 'first'")
    assert course.submitted == course.root / "submitted"
    settings.write_text("c.CourseDirectory.feedback_directory = 'second'")
    assert course.feedback == course.root / "first"


def test_settings_that_cannot_be_read_are_named(settings):
    settings.write_text("c.Nonsense.\n")
    with pytest.raises(CourseError, match=r"nbgrader_config\.py cannot be read"):
        _ = Course.load(settings.parent).submitted


def test_a_course_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(CourseError, match="nowhere is no folder"):
        Course.load(tmp_path / "nowhere")
