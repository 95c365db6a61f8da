"""mistakes.py is read whole, and all that is wrong with it is said."""

import pytest

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.percent import AuthoringError
from autograder.authoring.solution_file import read_assignment


@pytest.fixture
def assignment(tiny):
    return read_assignment(tiny.solution("01_tiny"))


def test_mistakes_right_versions_and_answers_are_read(assignment):
    catalogue = read_catalogue(assignment)
    assert [m.name for m in catalogue.of("share")] == [
        "share-not-divided",
        "share-last",
    ]
    assert set(catalogue.styles()) == {"loops", "keepdims"}
    assert catalogue.styles()["keepdims"].keys() == {"total", "share"}
    [answer] = catalogue.answers
    assert (answer.of, answer.points) == ("why-zero", 1)


def test_a_hint_may_go_on_over_lines_and_is_no_part_of_the_code(assignment):
    mistake = read_catalogue(assignment).of("share")[0]
    assert mistake.hint.endswith("Each has to be divided by the total.")
    assert mistake.see == "sec-01-share"
    assert mistake.source.startswith("def share(x, axis=-1):")


MALFORMED = {
    "an unknown test": (
        'fails="total-hidden share-hidden"',
        'fails="total-secret"',
        "there is no test 'total-secret'",
    ),
    "an unknown function": ('of="share" fails', 'of="shares" fails', "'shares'"),
    "no fails": (' fails="total-hidden share-hidden"', "", "'fails' is missing"),
    "empty fails": (
        'fails="total-hidden share-hidden"',
        'fails=""',
        "name the tests it fails",
    ),
    "no hint": ("# hint: You always", "# You always", "has no hint"),
    "no see": ("# see: sec-01-total\n", "", "has no see"),
    "a name twice": ('"total-last"', '"total-flat"', "stands already on line"),
    "another signature": (
        "def total(x, axis=-1):",
        "def total(x, axis):",
        "Keep the signature",
    ),
    "another name": ("def total(x", "def totals(x", "nothing of that name"),
    "too many points": ("points=1", "points=9", "from 0 to those of its question"),
    "no kind": ('mistake="total-last" ', "", "of no known kind"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_catalogue_is_an_error_with_file_line_and_cure(assignment, kind):
    old, new, said = MALFORMED[kind]
    path = assignment.path.with_name("mistakes.py")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(AuthoringError) as caught:
        read_catalogue(assignment)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{caught.value.problems[0].line}: ")


def test_a_missing_catalogue_is_an_error(assignment):
    assignment.path.with_name("mistakes.py").unlink()
    with pytest.raises(
        AuthoringError, match=r"mistakes\.py:1: the file cannot be read"
    ):
        read_catalogue(assignment)
