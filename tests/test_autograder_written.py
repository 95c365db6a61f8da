"""A written answer counts wherever it stands: a person looks, and nothing is lost."""

import copy
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

ANSWER = "The numbers may add up to zero: nothing can be divided by that."
MORE = "And where they nearly do, small errors of rounding grow without limit."
SECOND = "Sorting them first would cost time and change no sum at all."
WHY = "why-zero"


def text(source, kind="markdown", **more):
    """Return a text cell without a name."""
    return {"cell_type": kind, "metadata": {}, "source": source} | more


def unanswered(**sources):
    """Return a notebook with right solutions, and no answer in the answer's cell."""
    return solved(**{"why_zero": TEXT_STUB} | sources)


def put(*cells, at=WHY, after=1, gone=False):
    """Return what puts cells beside one of the notebook's, or in its place."""

    def change(notebook):
        place = index(notebook, at)
        notebook["cells"][place + (0 if gone else after) : place + after] = cells

    return change


def add(wanted, more, before=False):
    """Return what writes into one of the notebook's cells."""

    def change(notebook):
        cell = by_id(notebook, wanted)
        parts = (more, cell["source"]) if before else (cell["source"], more)
        cell["source"] = "\n\n".join(parts)

    return change


def no_ids(notebook):
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}


def both(*changes):
    return lambda notebook: [change(notebook) for change in changes]


def retype(kind, source):
    return lambda nb: by_id(nb, WHY).update(cell_type=kind, source=source)


def delete(notebook):
    del notebook["cells"][index(notebook, WHY)]


def commented(source):
    return "\n".join(f"# {line}" for line in source.split("\n"))


ELSEWHERE = {
    "below": (put(text(ANSWER)), "below its cell"),
    "raw-below": (put(text(ANSWER, "raw")), "below its cell"),
    "above": (put(text(ANSWER), after=0), "above its cell"),
    "above-the-question": (put(text(ANSWER), at="why-text", after=0), "above its cell"),
    "below-an-emptied-cell": (
        both(retype("markdown", " "), put(text(ANSWER))),
        "below",
    ),
    "in-the-question": (add("why-text", ANSWER), "in the cell of its question"),
    "in-one-word": (add("why-text", "Zero."), "in the cell of its question"),
    "in-place-of-the-question": (
        lambda nb: by_id(nb, "why-text").update(source=ANSWER),
        "in the cell of its question",
    ),
    "replaced": (put(text(ANSWER), gone=True), "in a cell that is not marked"),
    "merged": (
        both(add("why-text", ANSWER), delete),
        "in the cell of its question",
    ),
    "merged-without-ids": (
        both(add("why-text", ANSWER), delete, no_ids),
        "in the cell of its question",
    ),
    "ids-dropped": (
        both(put(text(ANSWER), gone=True), no_ids),
        "not marked as its cell",
    ),
    "below-without-ids": (both(put(text(ANSWER)), no_ids), "below its cell"),
    "in-two-cells": (put(text(ANSWER), text(SECOND)), "below its cell"),
    "as-a-comment": (put(code(commented(ANSWER))), "in a code cell below its cell"),
    "as-a-string": (put(code(f'"""{ANSWER}"""')), "in a code cell below its cell"),
    "as-prose": (put(code(ANSWER)), "in a code cell below its cell"),
    "as-a-word": (put(code("Overflow")), "in a code cell below its cell"),
    "printed": (put(code(f"print({ANSWER!r})")), "in a code cell below its cell"),
    "beside-code": (
        put(code(commented(ANSWER) + "\nprint(total([1, -1]))")),
        "in a code cell below its cell",
    ),
    "in-code-without-ids": (
        both(put(code(commented(ANSWER)), gone=True), no_ids),
        "in a code cell that is not marked",
    ),
    "in-a-test": (
        add("share-hidden", commented(ANSWER)),
        "in the cell 'share-hidden'",
    ),
    "far": (
        put(text(f"{ANSWER} {MORE}"), at="total"),
        "far from its cell, below 'total'",
    ),
    "far-in-a-given-text": (
        add("intro", f"{ANSWER} {MORE}"),
        "in the cell 'intro'",
    ),
    "a-quote": (put(text("What may go wrong in share?")), "below its cell"),
    "a-sign": (put(text("∞")), "below its cell"),
    "a-picture": (put(text("![image.png](attachment:image.png)")), "below its cell"),
    "a-heading": (put(text("## It may be zero")), "below its cell"),
}


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


@pytest.mark.parametrize(
    "kind", set(ELSEWHERE) - {"printed", "beside-code", "in-a-test"}
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

HALVES = ("The numbers may add up", "to zero.")


def split(notebook, ids):
    first, second = (copy.deepcopy(by_id(notebook, WHY)) for _ in range(2))
    first["source"], second["source"] = HALVES
    for half, keeps in zip((first, second), ids, strict=True):
        if not keeps:
            half["metadata"] = {}
            half["id"] = f"half-{keeps}"
    place = index(notebook, WHY)
    notebook["cells"][place : place + 1] = [first, second]


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


def every_text(change):
    def changed(notebook):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = change(cell["source"])

    return changed


def setext(source):
    lines = source.split("\n")
    marked = [
        f"{line.lstrip('# ')}\n=====" if line.startswith("#") else line
        for line in lines
    ]
    return "\n".join(marked)


def cut(notebook):
    """Split each text at its blank lines, as some platforms do."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cells += [text(part) for part in cell["source"].split("\n\n")]
        else:
            cells.append(cell)
    notebook["cells"] = cells


COLAB = (
    '<a href="https://colab.research.google.com/github/x/y" target="_parent"><img '
    'src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open In '
    'Colab"/></a>'
)
DEEPNOTE = (
    "<a style='text-decoration:none;' href='https://deepnote.com?utm_source=created-in-"
    "deepnote-cell&projectId=1' target=\"_blank\">\n<img alt='Created in deepnote.com' "
    "src='data:image/svg+xml;base64,PD94' > </img>\nCreated in <span "
    "style='font-weight:600;'>Deepnote</span></a>"
)
BINDER = (
    "[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/x)"
)
DATABRICKS = {"application/vnd.databricks.v1+cell": {"nuid": "0", "title": ""}}

NOTHING = {
    "untouched": lambda nb: None,
    "spaces": every_text(lambda s: s.replace("\n", "  \n") + "\n\n"),
    "carriage-returns": every_text(lambda s: s.replace("\n", "\r\n") + "\r\n"),
    "blank-stub": retype("markdown", "\n \n"),
    "stub-with-spaces": retype("markdown", f"\n{TEXT_STUB}  \n"),
    "stub-became-code": retype("code", TEXT_STUB),
    "stub-became-raw": retype("raw", TEXT_STUB),
    "jetbrains": every_text(lambda s: f"#%% md\n\n{s}\n"),
    "databricks-magic": every_text(lambda s: f"%md\n{s}"),
    "setext": every_text(setext),
    "emphasis": every_text(lambda s: s.replace("**", "__").replace("`", "``")),
    "one-line": every_text(lambda s: s.replace("\n", " ")),
    "word-a-line": every_text(lambda s: s.replace(" ", "\n")),
    "non-breaking": every_text(lambda s: s.replace(" ", "\N{NO-BREAK SPACE}")),
    "escaped": every_text(lambda s: s.replace("*", "\\*").replace("&", "&amp;")),
    "anchors": every_text(lambda s: f"<a id='toc1_'></a>\n{s}"),
    "toc-links": every_text(lambda s: s.replace("\n", " [&#8593;](#toc0_)\n", 1)),
    "given-text-gone": lambda nb: nb["cells"].pop(index(nb, "why-text")),
    "given-text-twice": lambda nb: nb["cells"].append(by_id(nb, "why-text")),
    "given-texts-merged": both(
        add("share-text", "## 3. In your words (2 points)\n\nWhat may go wrong in"),
        lambda nb: nb["cells"].pop(index(nb, "why-text")),
    ),
    "a-typo-mended": lambda nb: by_id(nb, "why-text").update(
        source=by_id(nb, "why-text")["source"].replace("may go", "can go")
    ),
    "answer-deleted": delete,
    "empty-cells": put(text(""), text("  \n"), code(""), code("\n"), text("---")),
    "scratch": put(code("x = total([1, 2])\nx"), code("x"), code("# try it\nx + 1")),
    "shell": put(code("!pip install numpy \\\n  scipy"), code("%timeit total([1, 2])")),
    "colab-badge": put(text(COLAB), at="intro", after=0),
    "deepnote-badge": put(text(DEEPNOTE)),
    "binder-badge": put(text(BINDER)),
    "front-matter": put(
        text("---\ntitle: Tiny sums\nauthor: " + "name " * 40 + "\n---\n", "raw"),
        at="intro",
        after=0,
    ),
    "own-heading": put(text("## My notes"), at="total"),
    "own-name": put(
        text("Name: Ada Lovelace, student number: 1234567, group 3"),
        at="intro",
    ),
    "own-name-in-the-first-cell": add("intro", "Name: Ada Lovelace, 1234567"),
    "questions-moved": lambda nb: nb["cells"].reverse(),
}


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
    "print('Zero')": "mixed",
    "x = 1  # one": "mixed",
}


@pytest.mark.parametrize("source", KINDS)
def test_text_is_told_from_code(source):
    assert kind_of_code(source) == KINDS[source]


def test_any_fence_in_code_is_closed_by_ours():
    made = text_from_code("x = '''````'''\n# ```")
    assert made.startswith("`````python\n") and made.endswith("\n`````")
