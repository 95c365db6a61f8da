"""A verdict is plain data, and the same input gives the same bytes."""

import json
from dataclasses import replace

import nbformat
import pytest

from autograder.grading.autograded import (
    add_verdict,
    autograded_notebook,
    notebook_text,
)
from autograder.grading.engine import Report
from autograder.grading.judge import (
    UNWALLED_FLAG,
    make_verdict,
    printed_by_cells,
)
from autograder.intake.take_in import take_in
from autograder.model.explanation import Compared, Explanation
from autograder.model.job import Job
from autograder.model.outcome import CellOutcome
from autograder.model.verdict import (
    CellVerdict,
    Graded,
    Printed,
    Verdict,
    cell_from_json,
    clip,
    from_json,
)
from tests.support.hand_ins import NAME, as_bytes, blank, solved, tiny_assignment
from tests.support.jobs import grade, job

FIELDS = {
    "student",
    "assignment",
    "status",
    "reason",
    "score",
    "max_score",
    "cells",
    "seconds",
    "submission_sha256",
    "assignment_sha256",
    "grader_version",
}


def without_seconds(graded):
    return json.dumps(graded.to_json() | {}, sort_keys=True).replace(
        f'"seconds": {graded.verdict.seconds}', ""
    )


def test_a_record_has_the_fields_that_are_promised():
    record = grade().verdict.to_json()
    assert record.keys() == FIELDS
    assert record["cells"]["total-of-rows"] == {
        "points": 2,
        "max_points": 2,
        "outcome": "passed",
        "message": None,
        "hint": None,
    }
    assert (record["score"], record["max_score"]) == (10, 12)
    assert record["status"] == "graded" and record["reason"] is None


def test_the_same_input_gives_the_same_bytes():
    broken = as_bytes(solved(total="def total(x, axis=-1): return 0"))
    assert without_seconds(grade(broken)) == without_seconds(grade(broken))


def test_a_job_survives_the_wire():
    one = job(b"\x00\xff not a notebook", limits={"cell_seconds": 3.0}, mistakes="#")
    assert Job.from_bytes(one.to_bytes()) == one


def test_a_verdict_survives_the_wire():
    graded = grade()
    data = json.loads(json.dumps(graded.to_json()))
    assert Graded.from_json(data) == graded
    assert from_json(data["verdict"]) == graded.verdict


@pytest.mark.parametrize("data", [{}, [], None, {"cells": 3}, {"cells": {"a": 1}}])
def test_what_is_no_verdict_is_refused(data):
    with pytest.raises(ValueError, match="no verdict"):
        from_json(data)
    with pytest.raises(ValueError, match="no verdict"):
        Graded.from_json(data)


def test_the_key_depends_on_content_assignment_and_limits_not_on_the_student():
    keys = {
        job().key,
        job(b"x").key,
        job(limits={"cell_seconds": 1.0}).key,
        job(mistakes="x").key,
        job(sandbox="none").key,
    }
    assert len(keys) == 5
    source = tiny_assignment().path.read_text()
    assert Job("bob", as_bytes(solved()), NAME, source).key == job().key


def test_a_rejected_hand_in_has_no_points_and_a_reason():
    verdict = grade(b"").verdict
    assert (verdict.status, verdict.score, verdict.max_score) == ("rejected", 0, 12)
    assert "empty" in verdict.reason
    assert {cell.outcome for cell in verdict.cells.values()} == {"rejected"}


def test_a_verdict_without_a_wall_is_marked():
    verdict = grade(sandbox="none").verdict
    assert verdict.status == "flagged" and UNWALLED_FLAG in verdict.reason


def test_an_untouched_notebook_earns_nothing():
    verdict = grade(as_bytes(blank())).verdict
    assert verdict.score == 0
    why = Explanation("No answer was written.")
    assert verdict.cells["why-zero"] == CellVerdict(0, 2, "unanswered", why)


def verdict_of(*outcomes, **hints):
    submission = take_in(as_bytes(solved()), tiny_assignment())
    hints = {key.replace("_", "-"): hint for key, hint in hints.items()}
    return make_verdict(job(), tiny_assignment(), submission, Report(outcomes, hints))


STUB = '  File "<total>", line 3, in total\n    raise NotImplementedError()\n'


STOPPED = Explanation(
    "",
    "NotImplementedError",
    where=STUB,
    cell="total",
    line="raise NotImplementedError()",
)
NAMELESS = Explanation("name 'total' is not defined", "NameError", "total")


def caused(why, notebook=None, *more):
    """Return the verdict on a test that raised an exception."""
    own = CellOutcome("total-of-rows", "error", 0, 2, why)
    submission = take_in(as_bytes(notebook or blank()), tiny_assignment())
    report = Report((own, *more))
    made = make_verdict(job(), tiny_assignment(), submission, report)
    return made.cells["total-of-rows"]


def test_an_exercise_left_as_it_was_is_not_answered_rather_than_wrong():
    said = caused(STOPPED)
    assert said.outcome == "unanswered" and said.message == "total: not answered yet."


def test_a_stub_that_is_left_below_an_answer_is_told():
    stub = "def total(x, axis=-1):\n    y = x.sum()\n    raise NotImplementedError()"
    said = caused(STOPPED, solved(total=stub))
    assert said.outcome == "error" and "still stands in the cell" in said.message
    later = replace(STOPPED, text="later", line='raise NotImplementedError("later")')
    said = caused(later, solved())
    assert said.message.startswith("NotImplementedError: later")


def test_a_deleted_exercise_is_not_answered():
    notebook = blank()
    notebook["cells"] = [c for c in notebook["cells"] if c.get("id") != "total"]
    said = caused(NAMELESS, notebook)
    assert said.outcome == "unanswered" and "its cell is missing" in said.message


def test_a_cell_that_did_not_run_is_why_its_tests_lost_their_points():
    wrong = Explanation("invalid syntax", "SyntaxError")
    ended = CellOutcome("total", "error", why=wrong)
    said = caused(NAMELESS, solved(total="def total("), ended)
    text = "total: the cell did not run. SyntaxError: invalid syntax"
    assert (said.outcome, said.message) == ("error", text)
    said = caused(NAMELESS, solved(total="def sum_up(x): pass"))
    assert said.message == "total: no cell of the notebook defines `total`."


@pytest.mark.parametrize(
    "broken, place",
    [
        ("import pandas as pd\nimport math\nimport numpy as np", "the cell `imports`"),
        ("import pandas as pd\nimport math", "your own cell after `imports`"),
    ],
)
def test_a_failed_import_is_why_what_stood_below_it_is_missing(broken, place):
    notebook = solved()
    given = next(c for c in notebook["cells"] if c.get("id") == "imports")
    if "numpy" in broken:
        given["source"] = broken
    else:
        at = notebook["cells"].index(given) + 1
        notebook["cells"].insert(at, given | {"id": "own", "source": broken})
        notebook["cells"][at]["metadata"] = {}
    line = "import pandas as pd"
    why = Explanation(f"`{line}`: the grader has no pandas.", line=line)
    ended = CellOutcome("extra-1", "error", why=why)
    unknown = Explanation("name 'math' is not defined", "NameError", "math")
    said = caused(unknown, notebook, ended)
    assert said.message == (
        f"`math` is missing: your line `{line}` in {place} failed: "
        "the grader has no pandas."
    )
    # of an exercise that needed the name itself, the first cause is told
    stopped = caused(
        NAMELESS, notebook, ended, CellOutcome("total", "error", why=unknown)
    )
    assert stopped.message == said.message


def test_an_exception_is_told_before_the_lines_that_led_to_it():
    where = '  File "<total>", line 2, in total\n    return x[7]\n'
    said = caused(Explanation("7", "IndexError", where=where), solved())
    assert said.message.splitlines() == ["IndexError: 7", *where.splitlines()]
    np = Explanation("name 'np' is not defined", "NameError", "np")
    odd = caused(np, solved())
    assert odd.message == "NameError: name 'np' is not defined"


def test_a_test_not_answered_says_so_in_the_autograded_notebook():
    submission = take_in(as_bytes(blank()), tiny_assignment())
    own = CellOutcome("total-of-rows", "error", 0, 2, STOPPED)
    verdict = make_verdict(job(), tiny_assignment(), submission, Report((own,)))
    made = autograded_notebook(tiny_assignment(), submission, verdict, {})
    cell = next(c for c in made["cells"] if c["id"] == "total-of-rows")
    assert cell["outputs"][0]["traceback"] == ["total: not answered yet."]


def test_a_missing_record_is_zero():
    verdict = verdict_of()
    assert verdict.score == 0
    assert verdict.cells["total-hidden"].outcome == "missing"


@pytest.mark.parametrize("points", [-5, 0, 1, 3, 1000])
def test_points_stay_within_those_of_the_cell(points):
    verdict = verdict_of(CellOutcome("total-hidden", "partial", points, 3))
    assert verdict.cells["total-hidden"].points == min(max(points, 0), 3)


def test_outcomes_of_cells_that_earn_nothing_earn_nothing():
    verdict = verdict_of(CellOutcome("total", "passed", 50, 50))
    assert verdict.score == 0 and "total" not in verdict.cells


def test_message_lines_and_hint_reach_the_autograded_notebook():
    why = Explanation("Look at the \x1b[1maxis.")
    failed = CellOutcome("total-of-rows", "failed", 0, 2, why)
    verdict = verdict_of(failed, total_of_rows="Sum along `axis`.")
    submission = take_in(as_bytes(solved()), tiny_assignment())
    made = autograded_notebook(tiny_assignment(), submission, verdict, {})
    cell = next(c for c in made["cells"] if c["id"] == "total-of-rows")
    assert cell["outputs"][0]["traceback"] == [
        "Look at the axis.",
        "",
        "Hint: Sum along `axis`.",
    ]


WRONG = Explanation("Look at the axis.", compared=(Compared("f(x)", "", "3", "4"),))
MARKED = {
    "all": CellOutcome("total-of-rows", "passed", 2, 2),
    "all, and a warning": CellOutcome("total-of-rows", "passed", 2, 2, errors="slow!"),
    "some": CellOutcome("total-of-rows", "partial", 1.5, 2),
    "some, and a reason": CellOutcome("total-of-rows", "partial", 1.5, 2, WRONG),
    "some, and a warning": CellOutcome("total-of-rows", "partial", 0.1, 2, errors="!"),
    "none": CellOutcome("total-of-rows", "failed", 0, 2, WRONG, "3", "slow!"),
    "none, by its number": CellOutcome("total-of-rows", "failed", 0, 2),
}


@pytest.mark.parametrize("what", MARKED)
def test_nbgrader_makes_the_same_mark_of_the_autograded_notebook(what):
    from nbgrader.utils import determine_grade

    report = Report((MARKED[what],))
    verdict, printed = verdict_of(MARKED[what]), printed_by_cells(report)
    submission = take_in(as_bytes(solved()), tiny_assignment())
    made = autograded_notebook(tiny_assignment(), submission, verdict, printed)
    node = nbformat.from_dict(made)
    nbformat.validate(node)
    cell = next(c for c in node.cells if c["id"] == "total-of-rows")
    assert determine_grade(cell)[0] == verdict.cells["total-of-rows"].points
    assert cell_from_json(cell.metadata["autograder"]).points == MARKED[what].points


def test_a_verdict_in_parts_survives_the_wire():
    verdict = verdict_of(MARKED["none"], total_of_rows="Sum along `axis`.")
    graded = Graded(verdict, {"total": Printed("a", "b", WRONG)})
    assert Graded.from_json(json.loads(json.dumps(graded.to_json()))) == graded
    cell = verdict.to_json()["cells"]["total-of-rows"]
    assert cell["message"] == "Look at the axis.\nf(x): expected 3, got 4."
    with pytest.raises(ValueError, match="no verdict"):
        from_json(verdict.to_json() | {"cells": {"a": cell | {"why": {"text": 3}}}})


def test_what_ended_a_cell_is_no_warning():
    why = Explanation("bad", "SyntaxError")
    ended = CellOutcome("total", "error", why=why, errors="careful")
    outputs = printed_by_cells(
        Report((ended, CellOutcome("share", "ran", errors="slow")))
    )
    submission = take_in(as_bytes(solved()), tiny_assignment())
    made = autograded_notebook(tiny_assignment(), submission, verdict_of(), outputs)
    kinds = {cell["id"]: cell.get("outputs") for cell in made["cells"]}
    assert [o["output_type"] for o in kinds["total"]] == ["stream", "error"]
    assert (kinds["total"][1]["ename"], kinds["total"][1]["evalue"]) == (
        "SyntaxError",
        "bad",
    )
    assert [o["output_type"] for o in kinds["share"]] == ["stream"]


def test_an_autograded_notebook_is_a_valid_notebook():
    from nbgrader.nbgraderformat import MetadataValidator

    submission = take_in(as_bytes(solved()), tiny_assignment())
    for taken in (submission, None):
        made = autograded_notebook(
            tiny_assignment(), taken, grade(b"").verdict, {"total": Printed("printed")}
        )
        text = notebook_text(made).decode()
        node = nbformat.reads(text, as_version=4)
        nbformat.validate(node)
        MetadataValidator().validate_nb(node)


def test_texts_are_clipped_and_clean():
    assert len(clip("x" * 10_000)) == 2000
    assert clip("a\0b\ud800") == "a\ufffdb?"


def test_lines_of_json_have_sorted_keys():
    line = grade().verdict.line()
    assert isinstance(from_json(json.loads(line)), Verdict)
    assert list(json.loads(line)) == sorted(FIELDS)


def test_a_verdict_that_a_notebook_brings_along_is_taken_out():
    cell = {"metadata": {"autograder": {"outcome": "passed"}, "tags": ["a"]}}
    add_verdict(cell, "mine", False, verdict_of(), Printed("said"))
    assert cell["metadata"] == {"tags": ["a"]}
