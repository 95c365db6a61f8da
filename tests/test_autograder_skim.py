"""What is thrown away of a notebook costs nothing: limits are for code."""

import json
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect.archive import entries
from autograder.grading.check import check_notebook
from autograder.intake import take_in as intake
from autograder.intake.handed_in import read_student
from autograder.intake.json_text import Broken, JsonText, Tangled
from autograder.intake.skim import cut_unused
from autograder.intake.take_in import lighten, take_in, too_large_note
from autograder.model.job import Job
from autograder.model.submission import Rejected, Submission
from tests.support.hand_ins import (
    NAME,
    as_bytes,
    by_id,
    code,
    index,
    solved,
    tiny_assignment,
)
from tests.support.pace import PATIENCE

TREE = json.dumps({"a": [{"b": [[[[1]]], {"c": [{}, []]}]}] * 100_000})
TREE = json.loads(TREE)


def take(content):
    content = content if isinstance(content, bytes) else as_bytes(content)
    return take_in(content, tiny_assignment())


def with_output(data):
    notebook = solved()
    shown = {"output_type": "display_data", "metadata": {}, "data": data}
    notebook["cells"].insert(2, code("show()", outputs=[shown]))
    return notebook


def with_text(source, kind="markdown"):
    notebook = solved()
    own = {"cell_type": kind, "id": "own", "metadata": {}, "source": source}
    notebook["cells"].insert(2, own)
    return notebook


def deep(levels):
    return "[" * levels + "]" * levels


LARGE = {
    "animation": with_output({"text/html": ["A" * 21_000_000]}),
    "heat-map": with_output({"application/json": [[1.5] * 1100] * 1000}),
    "records": with_output({"application/json": [{"a": 1, "b": [2, "x"]}] * 300_000}),
    "tree": with_output({"application/json": TREE}),
    "lines": with_output({"text/plain": ["one line\n"] * 1_200_000}),
    "widgets": solved() | {"metadata": {"widgets": {"state": [[1, "a"]] * 700_000}}},
    "metadata-of-a-cell": with_text("x")
    | {"cells": [*solved()["cells"], code("1", metadata={"m": ["a"] * 1_200_000})]},
    "picture-in-the-text": with_text("![](data:image/png;base64," + "A" * 1_200_000),
    "raw-text": with_text("A" * 1_200_000, "raw"),
    "attachment": solved()
    | {
        "cells": [
            *solved()["cells"],
            {
                "cell_type": "markdown",
                "source": "![](attachment:a.png)",
                "attachments": {"a.png": {"image/png": "A" * 8_000_000}},
            },
        ]
    },
    "deep": as_bytes(with_output({"d": "@"})).replace(b'"@"', deep(900).encode()),
    "old-format": {
        "nbformat": 3,
        "worksheets": [
            {"cells": [*solved()["cells"], code("1", outputs=[["a"] * 1_200_000])]}
        ],
    },
}


@pytest.mark.parametrize("kind", LARGE)
def test_what_is_no_code_counts_against_no_limit_of_code(kind):
    start = time.process_time()
    taken = take(LARGE[kind])
    assert isinstance(taken, Submission), taken
    assert taken.solutions == take(solved()).solutions
    assert not taken.flags
    assert time.process_time() - start < PATIENCE


TOO_MUCH = {
    "code": (solved(total="x = 1\n" * 200_000), "code cells", "from a file"),
    "own-code": (
        {**solved(), "cells": [*solved()["cells"], code("x = 1\n" * 200_000)]},
        "code cells",
        "from a file",
    ),
    "code-made-text": (
        {
            **solved(),
            "cells": [
                {**cell, "cell_type": "raw", "source": "def total(x):\n" + "#" * 10**6}
                if cell["id"] == "total"
                else cell
                for cell in solved()["cells"]
            ],
        },
        "code cells",
        "from a file",
    ),
    "lines": (with_text(["a\n"] * 1_000_002), "1000000 lines", "from a file"),
    "cells": (
        {**solved(), "cells": solved()["cells"] * 1_000},
        "cells; at most 10000",
        "Delete",
    ),
    "deeper-than-jupyter": (
        as_bytes(with_output({"d": "@"})).replace(b'"@"', deep(2_000).encode()),
        "nested",
        "Clear the outputs",
    ),
    "size": (b" " * (101 << 20), "less than 100 MiB", "scale its pictures down"),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_each_cause_has_its_own_sentence_and_cure(kind):
    content, cause, cure = TOO_MUCH[kind]
    taken = take(content)
    assert isinstance(taken, Rejected)
    assert cause in taken.reason and cure in taken.reason


def test_a_note_in_the_place_of_a_large_file_says_how_large_it_was():
    note = too_large_note(150 << 20)
    assert take(note).reason == intake.too_large("The file", 150 << 20)
    assert "150 MiB" in take(note).reason


def test_a_file_that_is_too_large_is_told_alike_by_grade_and_check(
    released_course, monkeypatch
):
    monkeypatch.setattr(intake, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr("autograder.intake.handed_in.MAX_BYTES", 1 << 20)
    folder = released_course.submitted / "ada" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(as_bytes(with_text("A" * (2 << 20))))
    found = read_student(released_course.submitted, "ada", NAME)
    said = found.content.reason.partition(" holds ")[2]
    assert said.startswith("2 MiB; less than 1 MiB are read. Clear its outputs")
    with pytest.raises(Exception, match="2 MiB; less than 1 MiB are read"):
        check_notebook(released_course, folder / f"{NAME}.ipynb", print, "none")


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
def test_a_file_too_large_to_collect_is_turned_away_with_its_size(
    packed, tmp_path, monkeypatch
):
    monkeypatch.setattr("autograder.collect.archive.MAX_BYTES", 1 << 20)
    source = tmp_path / "ada"
    source.mkdir()
    (source / f"{NAME}.ipynb").write_bytes(as_bytes(with_text("A" * (2 << 20))))
    if packed:
        source = Path(shutil.make_archive(str(source), "zip", source))
    [entry] = entries(source)
    assert len(entry.content) < 100
    assert f"{intake.MAX_BYTES >> 20} MiB are read" in take(entry.content).reason


# The reader of JSON against Python's.

pieces = st.sampled_from(
    [
        '"a"',
        '"\\u00e9"',
        '"\\n\n"',
        "1",
        "-1.5e3",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"k":',
        " ",
        "\n",
        "NaN",
        "true",
        "null",
        '"',
        "\\",
        "tru",
        "01",
        "[1,2]",
        '{"a":1}',
        "[[[1],[2]],[[[[[3]]]]]]",
        "-Infinity",
        "1.",
        "-",
        '"\\x"',
        "[1,]",
        '{"a":1,}',
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=40,
)
damaged = st.tuples(values, st.integers(0, 300), st.integers(0, 3), pieces).map(
    lambda made: damage(*made)
)


def damage(value, place, length, piece):
    text = json.dumps(value, ensure_ascii=False)
    place = min(place, len(text))
    return text[:place] + piece + text[place + length :]


def end_of(text):
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        return error.lineno, error.colno
    return None


@settings(max_examples=600, deadline=None)
@given(st.lists(pieces, max_size=9).map("".join) | values.map(json.dumps) | damaged)
def test_what_is_passed_over_is_judged_as_python_judges_it(text):
    reader = JsonText(text.encode("utf-8", "surrogatepass"))
    try:
        reader.skip()
        reader.end()
    except Broken as broken:
        assert "\\u" in text or (broken.line, broken.column) == end_of(text)
        assert end_of(text)
    else:
        assert end_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000_000,
        '{"a":' * 3_000_000,
        '["' * 3_000_000,
        '"' + "\\n" * 5_000_000,
        "[[" + "[[[[[]]]]]," * 200_000,
        "[" + (deep(900) + ",") * 1_000,
        "[" + "NaN," * 3_000_000,
        '{"a":{"b":{"c":{' + '"d":[1,2],' * 500_000,
    ],
    ids=lambda text: text[:12],
)
def test_no_text_takes_more_than_linear_time(text):
    start = time.process_time()
    with pytest.raises((Broken, Tangled)):
        reader = JsonText(text.encode())
        reader.skip()
        reader.end()
    assert time.process_time() - start < PATIENCE


# What travels to a worker.

keys = st.sampled_from(
    [
        "outputs",
        "o\\u0075tputs",
        "metadata",
        "cells",
        "c\\u0065lls",
        "source",
        "tags",
        "worksheets",
        "attachments",
        "nbgrader",
        "id",
        "cell_type",
        "nbformat",
        "x\\\\",
    ]
)
odd_values = st.sampled_from(
    [
        '"\\u006f\\""',
        "1",
        "NaN",
        "null",
        '[1,[2,{"x":[]}]]',
        '{"cells":[{"id":1}]}',
        '{"a.png":{"image/png":"AAAA"}}',
        '"\t"',
        "[]",
        "{}",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), keys, odd_values), max_size=6))
def test_keys_that_stand_twice_or_anywhere_change_no_cell_that_is_found(insertions):
    text = json.dumps(solved())
    for place, key, value in insertions:
        starts = [n for n, mark in enumerate(text) if mark == "{"]
        at = starts[place % len(starts)] + 1
        comma = "" if text[at:].lstrip().startswith("}") else ","
        text = f'{text[:at]}"{key}": {value}{comma}{text[at:]}'
    one, plain = take(text.encode()), take(json.loads(text, strict=False))
    assert type(one) is type(plain)
    if isinstance(one, Submission):
        assert (one.cells, one.flags) == (plain.cells, plain.flags)
    assert take(cut_unused(text.encode())) == one


def test_outputs_do_not_travel_but_the_digest_is_that_of_the_whole_file():
    raw = as_bytes(with_output({"text/html": ["A" * 3_000_000]}))
    light = lighten(raw)
    assert len(light) < 10_000
    assert take(light) == take(raw)
    job = Job("ada", light, NAME, "", digest="abc")
    assert Job.from_bytes(job.to_bytes()).submission_sha256 == "abc"


@pytest.mark.parametrize("end", [b"\0" * 9, b"", b"\n}", b"\xff"])
def test_what_cannot_be_read_travels_as_it_is_or_says_the_same(end):
    raw = as_bytes(with_output({"text/html": ["A" * 2_000_000]})) + end
    assert take(lighten(raw)) == take(raw)


def test_the_line_of_the_students_own_file_is_named():
    notebook = with_output({"text/plain": ["a\n"] * 50})
    text = json.dumps(notebook, indent=1)
    line = text[: text.index('"source": "def share')].count("\n") + 1
    broken = text.replace('"source": "def share', '"source"; "def share')
    assert f"line {line}, column" in take(broken.encode()).reason
    cut = text[: text.index("def share")]
    assert f"stops in the middle, on line {line}" in take(cut.encode()).reason


def test_damage_among_outputs_is_damage():
    raw = as_bytes(with_output({"text/plain": [1, 2, 3]}))
    assert "damaged" in take(raw.replace(b"[1, 2, 3]", b"[1, 2 3]")).reason
    assert "merge" in take(raw.replace(b"1, 2", b"\n<<<<<<< HEAD\n1, 2")).reason


def test_a_long_text_leaves_its_cell_where_it_is():
    notebook = with_text("A" * 2_000_000)
    taken = take(notebook)
    own = next(cell for cell in taken.cells if cell.role == "extra")
    assert len(own.source) == 2_000_000
    by_id(notebook, "why-zero")["source"] = "B" * 2_000_000
    assert len(take(notebook).written["why-zero"]) == 2_000_000
    assert index(notebook, "own") == 2


def test_a_diary_of_three_thousand_texts_is_read():
    notebook = solved()
    notebook["cells"][1:1] = [{"cell_type": "markdown", "source": "Day."}] * 3_000
    assert take(notebook).solutions.keys() == {"total", "share"}
