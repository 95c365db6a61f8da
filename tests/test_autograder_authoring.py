"""A solution file is read whole, and all that is wrong with it is said."""

import ast
import re

import jupytext
import pytest

from autograder.authoring.percent import AuthoringError
from autograder.authoring.solution_file import read_assignment

TINY = "solutions/01_tiny/01_tiny.py"


def edited(course, *changes):
    """Return the tiny solution file's path after replacing texts in it."""
    path = course.root / TINY
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    return path


def problems(path):
    """Return what reading a file complains of, as (line, text) pairs."""
    with pytest.raises(AuthoringError) as caught:
        read_assignment(path)
    return [(p.line, str(p)) for p in caught.value.problems]


def line_of(path, text):
    """Return the number of the first line that holds a text, or of the one below."""
    text, below, _ = text.partition(" BELOW")
    lines = path.read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line) + bool(below)


def test_cells_are_read_with_role_points_and_text(tiny):
    assignment = read_assignment(tiny.root / TINY)
    assert assignment.title == "Tiny sums"
    assert assignment.points == 12
    assert [cell.role for cell in assignment.cells[:5]] == [
        "given",
        "given",
        "given",
        "solution",
        "test",
    ]
    assert assignment.by_id["why-zero"].source.startswith("The total may be zero.")
    assert assignment.by_id["total"].defines == "total"
    assert assignment.by_id["total-hidden"].hidden


def test_jupytext_reads_the_same_cells(tiny):
    path = tiny.root / TINY
    ours = [cell.source for cell in read_assignment(path).cells]
    assert ours == [cell["source"] for cell in jupytext.read(path)["cells"]]


def test_what_students_see_of_a_solution_is_signature_docstring_and_stub(tiny):
    released = read_assignment(tiny.root / TINY).by_id["total"].released
    assert released.endswith("    # YOUR CODE HERE\n    raise NotImplementedError()")
    assert ast.get_docstring(ast.parse(released).body[0])
    assert "summed_up" not in released


def test_what_students_see_of_a_hidden_test_is_its_comment(tiny):
    released = read_assignment(tiny.root / TINY).by_id["total-hidden"].released
    assert released == "# Hidden tests: another axis and other sizes."


END = "    ### END SOLUTION\n"
HIDE = "### BEGIN HIDDEN TESTS\n"
TEST = '# %% test="total-of-rows" points=2'
MALFORMED = {
    "an unclosed mark": ((END, ""), "### BEGIN SOLUTION", "never closed"),
    "a mark closed twice": ((END, END + END), "### END BELOW", "where no mark is open"),
    "a nested mark": (
        ("    summed_up =", "    ### BEGIN SOLUTION\n    summed_up ="),
        "### BEGIN BELOW",
        "is closed",
    ),
    "a misspelt mark": (("    ### END SOL", "    # END SOL"), "# END SOL", "misspelt"),
    "a solution without marks": (
        ("    ### BEGIN SOLUTION\n", ""),
        "### END",
        "no mark is open",
    ),
    "hidden tests in a solution": (
        ("    ### BEGIN SOLUTION\n", "    ### BEGIN HIDDEN TESTS\n"),
        "### BEGIN",
        "belongs in a test cell",
    ),
    "hidden tests in a text": (
        ("# Two functions", "# BEGIN HIDDEN TESTS"),
        "# BEGIN",
        "belongs in a test cell",
    ),
    "a duplicate id": (
        ('test="total-hidden"', 'test="total-of-rows"'),
        'test="total-of-rows" points=3',
        "choose another",
    ),
    "a test without points": ((TEST, TEST[:-9]), TEST[:-9], "Add points=2"),
    "points that are no number": ((TEST, TEST[:-1] + "two"), "=two", "half number"),
    "no points at all": ((TEST, TEST[:-1] + "0"), 'rows" points=0', "half number"),
    "points on a solution": (
        ('solution="total"', 'solution="total" points=2'),
        'solution="total"',
        "drop them",
    ),
    "an unknown key": ((TEST, TEST + " hide=1"), "hide=1", "'hide' is unknown"),
    "a key twice": ((TEST, TEST + " points=3"), "points=3", "Drop one"),
    "a word in a header": ((TEST, TEST + " please"), "please", "not understood"),
    "no role": ((TEST, "# no\n# %%"), "# no BELOW", "Give it one of"),
    "two roles": ((TEST, TEST + ' given="x"'), 'given="x"', "2 roles"),
    "a bad id": (('given="imports"', 'given="My_Imports"'), "My_Imports", "letters"),
    "code in a text cell": (("# Two functions", "two = 1 #"), "two = 1", "# `"),
    "a test as text": (
        ("# %% test", "# %% [markdown] test"),
        "[markdown] test",
        "Drop",
    ),
    "an answer as code": (
        ('# %% [markdown] written="why-zero"', '# %% written="why-zero"'),
        'written="why-zero"',
        "Add [markdown]",
    ),
    "a syntax error": (("import numpy as np", "import numpy as"), "numpy as", "script"),
    "a second definition": (
        (END, END + "\n\nhelper = 1\n"),
        'solution="total"',
        "nothing else",
    ),
    "a signature between the marks": (
        (
            'def total(x, axis=-1):\n    """Return the sum of x along an axis."""\n'
            "    ### BEGIN SOLUTION\n",
            "### BEGIN SOLUTION\ndef total(x, axis=-1):\n",
        ),
        'solution="total"',
        "below the docstring",
    ),
    "no docstring": (
        ('    """Return the sum of x along an axis."""\n', ""),
        'solution="total"',
        "docstring",
    ),
    "a test without assert": (
        ("assert np.allclose(total(x), [3, 12])", "np.allclose(total(x), [3, 12])"),
        TEST,
        "Its last statement is an assert",
    ),
    "an empty hidden cell": (
        ("# Hidden tests: another axis and other sizes.\n", ""),
        'test="total-hidden"',
        "Put a comment",
    ),
    "an answer without question": (
        ('# %% [markdown] given="why-text"', '# %% given="why-text"\nx = 1\n# more'),
        'written="why-zero"',
        "with the question above",
    ),
    "a cell before the header": (("# ---\n", TEST + "\n# ---\n"), TEST, "jupytext"),
    "a reserved word": (("# Two functions", "# BEGIN MARK SCHEME"), "MARK", "nbgrader"),
    "code outside a cell": (("# ---\n\n", "# ---\n\nx = 1\n\n"), "x = 1", "in no cell"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_file_is_an_error_with_file_line_and_cure(tiny, kind):
    change, where, cure = MALFORMED[kind]
    path = edited(tiny, change)
    found = problems(path)
    line = line_of(path, where)
    assert any(
        at == line and text.startswith(f"{path}:{line}: ") and cure in text
        for at, text in found
    ), found


def test_all_problems_are_said_at_once(tiny):
    path = edited(tiny, (TEST, TEST[:-9]), ('given="imports"', 'given="Imports"'))
    assert len(problems(path)) == 2


def test_a_file_without_header_is_an_error(tiny):
    path = edited(tiny, ("# ---\n", ""), ("# ---\n", ""))
    assert any("jupytext header is missing" in text for _, text in problems(path))


def test_a_file_that_is_not_text_is_an_error(tiny):
    path = tiny.root / TINY
    path.write_bytes(b"\xff\xfe\x00")
    assert any("UTF-8" in text for _, text in problems(path))


def test_problems_stand_in_the_order_of_the_lines(tiny):
    path = edited(tiny, ('written="why-zero"', 'written="W"'), (TEST, TEST[:-9]))
    lines = [line for line, _ in problems(path)]
    assert lines == sorted(lines)


@pytest.mark.parametrize("points", ["1", "0.5", "12"])
def test_points_may_be_whole_or_half(tiny, points):
    path = edited(tiny, (TEST, re.sub(r"2$", points, TEST)))
    assert read_assignment(path).by_id["total-of-rows"].points == float(points)
