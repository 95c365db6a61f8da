"""A written answer counts wherever it stands: a person looks, and nothing is lost."""

import json
from dataclasses import replace
from functools import cache

import jupytext
import nbformat
import pytest

from autograder.authoring.notebook import notebook_cell
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course
from autograder.gradebook.release import released_bytes
from autograder.grading.autograded import autograded_notebook
from autograder.intake.code_text import kind_of_code, text_from_code
from autograder.intake.take_in import take_in
from autograder.model.assignment import TEXT_STUB
from autograder.model.submission import Submission
from autograder.model.verdict import reject_submission
from tests.support.elsewhere import (
    ANSWER,
    DATABRICKS,
    ELSEWHERE,
    HALVES,
    NOTHING,
    SECOND,
    WHY,
    add,
    commented,
    cut,
    no_ids,
    put,
    split,
    text,
    unanswered,
)
from tests.support.hand_ins import (
    as_bytes,
    blank,
    by_id,
    code,
    index,
    solved,
    tiny_assignment,
)
from tests.support.jobs import grade
from tests.support.places import ROOT


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_an_answer_that_stands_elsewhere_waits_and_is_shown_in_its_cell(kind):
    change, where = ELSEWHERE[kind]
    notebook = unanswered()
    change(notebook)
    taken = take_in(as_bytes(notebook), tiny_assignment())
    own = next(cell for cell in taken.cells if cell.id == WHY)
    assert own.answered and own.kind == "markdown"
    assert "here by the grader:** this text stood" in own.source
    told = [flag for flag in taken.flags if flag.startswith(f"written {WHY!r} was")]
    assert len(told) == 1 and where in told[0]
    verdict = grade(as_bytes(notebook)).verdict
    assert verdict.cells[WHY].points is None
    assert verdict.cells[WHY].outcome == "written"
    assert verdict.score == 10


def shown(notebook, assignment=None):
    """Return the sources of the repaired notebook's cells by id, and those taken."""
    made = assignment or tiny_assignment()
    taken = take_in(as_bytes(notebook), made)
    return {cell.id: cell.source for cell in taken.cells}


def words(source):
    return " ".join(source.split())


COPIED = {"printed", "beside-code", "in-a-test", "named-in-a-word", "shown-as-markdown"}


@pytest.mark.parametrize(
    "kind",
    sorted(ELSEWHERE.keys() - COPIED),
)
def test_what_was_moved_stands_once(kind):
    notebook = unanswered()
    ELSEWHERE[kind][0](notebook)
    found = shown(notebook)
    everything = words("\n".join(found.values()))
    for one in (ANSWER, SECOND, "Zero.", "∞", "## It may be zero"):
        if one in words(as_bytes(notebook).decode()):
            assert everything.count(one) == 1
            assert one in words(found[WHY])


@pytest.mark.parametrize("kind", ["printed", "beside-code"])
def test_code_with_an_answer_in_it_runs_as_before(kind):
    notebook = unanswered()
    ELSEWHERE[kind][0](notebook)
    found = shown(notebook)
    assert ANSWER in found[WHY]
    assert [s for key, s in found.items() if key.startswith("extra")] == [
        notebook["cells"][-1]["source"]
    ]


def test_text_in_a_code_cell_reads_as_text():
    notebook = unanswered()
    notebook["cells"].append(code(commented("It is **zero**.\nThen `x / 0` is NaN.")))
    assert shown(notebook)[WHY].endswith("\n\nIt is **zero**.\nThen `x / 0` is NaN.")


# The answer's cell itself.


@pytest.mark.parametrize("ids", [(True, True), (True, False), (False, True)])
def test_both_halves_of_a_cell_that_was_split_are_shown(ids):
    notebook = unanswered()
    split(notebook, ids)
    taken = take_in(as_bytes(notebook), tiny_assignment())
    found = [cell.source for cell in taken.cells]
    text_of_all = "\n".join(found)
    assert all(text_of_all.count(half) == 1 for half in HALVES)
    assert text_of_all.index(HALVES[0]) < text_of_all.index(HALVES[1]) or ids[1]
    assert grade(as_bytes(notebook)).verdict.cells[WHY].outcome == "written"


def test_a_draft_that_the_answer_repeats_is_shown_once():
    notebook = solved(why_zero=f"{ANSWER} {SECOND}")
    draft = {**by_id(notebook, WHY), "source": ANSWER}
    notebook["cells"].insert(index(notebook, WHY), draft)
    assert shown(notebook)[WHY] == f"{ANSWER} {SECOND}"


def test_an_answer_with_more_below_counts_as_it_is():
    notebook = solved(why_zero=ANSWER)
    notebook["cells"].append(text(SECOND))
    found = shown(notebook)
    assert found[WHY] == ANSWER
    assert SECOND in found.values()


@pytest.mark.parametrize("kind", ["raw", "code"])
def test_an_answers_cell_that_became_another_kind_still_counts(kind):
    notebook = solved(why_zero=ANSWER)
    by_id(notebook, WHY)["cell_type"] = kind
    assert shown(notebook)[WHY] == ANSWER


def test_comments_in_an_answers_cell_that_became_code_read_as_text():
    notebook = solved(why_zero=commented(ANSWER))
    by_id(notebook, WHY)["cell_type"] = "code"
    assert shown(notebook)[WHY] == ANSWER


def test_pictures_come_along_each_under_its_own_name():
    notebook = unanswered()
    for data in ("AAAA", "BBBB"):
        pictures = {"image.png": {"image/png": data}}
        notebook["cells"].append(
            text("See ![image.png](attachment:image.png)", attachments=pictures)
        )
    taken = take_in(as_bytes(notebook), tiny_assignment())
    own = next(cell for cell in taken.cells if cell.id == WHY)
    assert [p["image/png"] for p in own.attachments.values()] == ["AAAA", "BBBB"]
    assert all(f"(attachment:{name})" in own.source for name in own.attachments)


# Several questions.


@cache
def two_questions():
    """Return the tiny assignment with a second question, behind the first."""
    made = tiny_assignment()
    question = replace(
        made.by_id["why-text"],
        id="sort-text",
        source="## 4. Order\n\nWould it help to sort the numbers before?",
    )
    answer = replace(made.by_id[WHY], id="sorting", source="No.")
    return replace(made, cells=(*made.cells, question, answer))


def with_two():
    notebook = unanswered()
    for cell in two_questions().cells[-2:]:
        made = notebook_cell(cell)
        made["source"] = cell.released
        notebook["cells"].append(made)
    return notebook


def test_each_question_takes_the_text_that_is_nearest():
    notebook = with_two()
    put(text(ANSWER))(notebook)
    put(text(SECOND), at="sorting")(notebook)
    found = shown(notebook, two_questions())
    assert ANSWER in found[WHY] and ANSWER not in found["sorting"]
    assert SECOND in found["sorting"] and SECOND not in found[WHY]


def test_each_question_takes_the_text_that_is_nearest_without_ids_too():
    notebook = with_two()
    put(text(ANSWER), gone=True)(notebook)
    put(text(SECOND), at="sorting", gone=True)(notebook)
    no_ids(notebook)
    found = shown(notebook, two_questions())
    assert ANSWER in found[WHY] and SECOND in found["sorting"]


@pytest.mark.parametrize("other", [WHY, "sorting"])
def test_an_answer_in_the_cell_of_another_question_is_looked_for(other):
    notebook = with_two()
    by_id(notebook, other)["source"] = f"{ANSWER}\n\n{SECOND}"
    taken = take_in(as_bytes(notebook), two_questions())
    own = {cell.id: cell for cell in taken.cells if cell.role == "written"}
    assert all(cell.answered for cell in own.values())
    (empty,) = {WHY, "sorting"} - {other}
    assert f"elsewhere: {other}" in own[empty].source


def test_two_questions_without_any_text_wait_for_nobody():
    taken = take_in(as_bytes(with_two()), two_questions())
    assert not any(cell.answered for cell in taken.cells if cell.role == "written")


# And the contrary: nothing was written.


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("kind", NOTHING)
@pytest.mark.parametrize("make", [blank, unanswered])
def test_where_nothing_was_written_nobody_waits(make, kind, ids):
    notebook = make()
    NOTHING[kind](notebook)
    if not ids:
        no_ids(notebook)
    taken = take_in(as_bytes(notebook), tiny_assignment())
    assert isinstance(taken, Submission)
    own = next(cell for cell in taken.cells if cell.id == WHY)
    assert not own.answered
    assert own.source == TEXT_STUB  # to the letter: by that nbgrader knows it
    told = [flag for flag in taken.flags if flag.startswith("written")]
    assert not [flag for flag in told if "found" in flag or "empty" in flag]


@pytest.mark.parametrize("ids", [True, False])
def test_a_text_that_was_cut_is_not_an_answer(ids):
    notebook = blank()
    cut(notebook)
    if not ids:
        no_ids(notebook)
    found = take_in(as_bytes(notebook), tiny_assignment())
    assert not any(c.answered for c in found.cells if c.id == WHY)


def test_given_texts_without_names_are_not_shown_twice():
    notebook = solved()
    no_ids(notebook)
    found = take_in(as_bytes(notebook), tiny_assignment())
    assert not [c for c in found.cells if c.role == "extra" and c.kind != "code"]


def test_what_was_added_to_a_given_text_is_kept():
    notebook = solved()
    add("total-text", "My own note on this.")(notebook)
    found = shown(notebook)
    assert found["extra-1"] == "My own note on this."
    assert list(found).index("extra-1") == list(found).index("total-text") + 1


NAMES = Course(ROOT).names()
FORMATS = ("py:percent", "py:light", "md", "md:myst", "Rmd")


@cache
def released(name):
    made = read_assignment(Course(ROOT).solution(name))
    notebook = json.loads(released_bytes(made))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return made, as_bytes(notebook)


def round_trip(content, form):
    """Send a notebook through a text file, with or without the cells' names."""
    node = nbformat.reads(content.decode(), 4)
    written = jupytext.writes(node, form)
    return nbformat.writes(jupytext.reads(written, form)).encode()


@pytest.mark.parametrize("name", NAMES)
def test_each_assignment_as_it_was_released_waits_for_nobody(name):
    made, content = released(name)
    notebook = json.loads(content)
    no_ids(notebook)
    bare = as_bytes(notebook)
    cut(notebook)
    forms = [content, bare, as_bytes(notebook)]
    for form in FORMATS:
        forms += [round_trip(content, form), round_trip(bare, form)]
    for number, one in enumerate(forms):
        taken = take_in(one, made)
        own = [cell for cell in taken.cells if cell.role == "written"]
        assert not any(cell.answered for cell in own), number
        assert not [flag for flag in taken.flags if flag.startswith("written")]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES[1:3])
def test_an_answer_survives_a_round_trip_without_names(name, form):
    made, content = released(name)
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if cell["source"] == TEXT_STUB:
            cell["source"] = ANSWER
    no_ids(notebook)
    taken = take_in(round_trip(as_bytes(notebook), form), made)
    (own,) = [cell for cell in taken.cells if cell.role == "written"]
    assert own.answered and ANSWER in own.source


def test_platforms_metadata_in_place_of_ours_loses_no_answer():
    notebook = solved(why_zero=ANSWER)
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] = DATABRICKS
    verdict = grade(as_bytes(notebook)).verdict
    assert verdict.cells[WHY].outcome == "written"
    assert verdict.score == 10


@pytest.mark.parametrize("kind", [*ELSEWHERE, *NOTHING])
def test_a_repaired_notebook_is_taken_as_it_is(kind):
    changes = {name: change for name, (change, _) in ELSEWHERE.items()} | NOTHING
    notebook = unanswered()
    changes[kind](notebook)
    first = take_in(as_bytes(notebook), tiny_assignment())
    verdict = reject_submission("ada", tiny_assignment(), "", "")
    made = autograded_notebook(tiny_assignment(), first, verdict, {})
    made["cells"] = [cell for cell in made["cells"] if cell["id"] != "not-graded"]
    for look in (True, False):
        again = take_in(as_bytes(made), tiny_assignment(), look)
        assert [(c.id, c.source) for c in again.cells] == [
            (c.id, c.source) for c in first.cells
        ]


# Cells of code.

KINDS = {
    "# a comment": "text",
    "'a string'": "text",
    "It may be zero": "text",
    "It can't": "text",
    "“Zero”": "text",
    "可能为零": "text",
    "%%markdown\nZero": "text",
    "Zero.": "name",
    "0": "name",
    "x": "name",
    "": "code",
    "x = total(λ)": "code",
    "if x is not None: y": "code",
    "from math import tau as t": "code",
    "%timeit total x y": "code",
    "!ls -la my files": "code",
    "print('Zero')": "shown",
    "answer = 'Zero'": "shown",
    "print(total('Zero'))": "mixed",
    "x = 1  # one": "mixed",
}


@pytest.mark.parametrize("source", KINDS)
def test_text_is_told_from_code(source):
    assert kind_of_code(source) == KINDS[source]


def test_any_fence_in_code_is_closed_by_ours():
    made = text_from_code("x = '''````'''\n# ```")
    assert made.startswith("`````python\n") and made.endswith("\n`````")
