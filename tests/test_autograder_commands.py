"""One table of commands, one rule for their exit codes."""

from dataclasses import replace

import pytest

from autograder.__main__ import COMMANDS, main, parser
from autograder.collect.platforms import PLATFORMS
from autograder.course import CourseError

NAME = "01_tiny"
OTHERS = {"collect": [NAME, "hand-ins.zip"], "check": ["mine.ipynb"], "doctor": []}
every_command = pytest.mark.parametrize("command", COMMANDS)


def words(command):
    """Return a command with what it has to be given."""
    return [command, *OTHERS.get(command, [NAME])]


def raises(error):
    """Return a command that raises an error."""

    def run(course, options):
        raise error

    return run


@pytest.fixture
def failing(monkeypatch, tiny):
    """Return what runs a command that raises an error, and gives its status."""

    def run(command, error):
        made = replace(COMMANDS[command], run=raises(error))
        monkeypatch.setitem(COMMANDS, command, made)
        return main(["--course", str(tiny.root), *words(command)])

    return run


@every_command
def test_the_course_is_named_before_or_after_the_command(command):
    before = parser().parse_args(["--course", "there", *words(command)])
    after = parser().parse_args([*words(command), "--course", "there"])
    assert before.course == after.course and before.course.name == "there"
    assert parser().parse_args(words(command)).course is None


@every_command
def test_a_course_that_is_no_folder_ends_each_command_with_2(command, tmp_path, capsys):
    assert main([*words(command), "--course", str(tmp_path / "none")]) == 2
    assert "none is no folder" in capsys.readouterr().err


@every_command
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CourseError("Mend it."), "Mend it."),
        (ModuleNotFoundError("none", name="nbgrader"), "nbgrader is not installed"),
        (PermissionError(13, "Permission denied", "/x"), "mend its permissions"),
    ],
    ids=["course", "package", "file"],
)
def test_what_keeps_a_command_from_its_work_ends_it_with_2_and_a_cure(
    command, error, said, failing, capsys
):
    assert failing(command, error) == 2
    assert said in capsys.readouterr().err


@every_command
def test_ctrl_c_ends_each_command_with_130_and_says_what_is_kept(
    command, failing, capsys
):
    assert failing(command, KeyboardInterrupt()) == 130
    said = capsys.readouterr().err
    assert said.startswith("\nStopped. ") and "same command" in said


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"check", "doctor"}))
def test_an_unknown_assignment_ends_each_command_with_2(command, tiny, capsys):
    given = [word.replace(NAME, "99_none") for word in words(command)]
    assert main([*given, "--course", str(tiny.root)]) == 2
    assert "No assignment is called '99_none'" in capsys.readouterr().err


def test_the_help_of_collect_names_every_platform(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["collect", "--help"])
    said = capsys.readouterr().out
    assert all(platform.name in said for platform in PLATFORMS)
