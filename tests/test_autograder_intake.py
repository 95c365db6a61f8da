"""Any bytes in, a submission or a reason out."""

import json
import os
import socket
import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.autograded import build_cell
from autograder.intake import take_in as intake
from autograder.intake.handed_in import handed_in, read_student
from autograder.intake.take_in import take_in
from autograder.model.submission import Rejected, Submission
from tests.support.hand_ins import (
    NAME,
    as_bytes,
    blank,
    by_id,
    code,
    index,
    solved,
    tiny_assignment,
)
from tests.support.pace import PATIENCE

TOTAL = "def total(x, axis=-1):\n    return 1"


def take(notebook):
    content = notebook if isinstance(notebook, bytes) else as_bytes(notebook)
    return take_in(content, tiny_assignment())


def changed(change, notebook=None):
    notebook = notebook or solved()
    change(notebook)
    return take(notebook)


def good():
    return take(solved())


# Whole files.

SOLVED = as_bytes(solved())
REJECTED = {
    "empty": (b"", "empty"),
    "spaces": (b"  \n\t\n", "blank"),
    "zeros": (b"\0" * 5000, "blank"),
    "html": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "html-in-lower-case": (b"<html>\n<p>404</p></html>", "web page"),
    "xml": (b"<?xml version='1.0'?><a></a>", "web page"),
    "zip": (b"PK\x03\x04" + b"\0\1" * 50, "ZIP"),
    "gzip": (b"\x1f\x8b\x08" + b"\1" * 50, "gzip"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "png": (b"\x89PNG\r\n\x1a\n....", "picture"),
    "jpeg": (b"\xff\xd8\xff\xe0....", "picture"),
    "pickle": (b"\x80\x04\x95....", "pickle"),
    "sqlite": (b"SQLite format 3\0....", "database"),
    "elf": (b"\x7fELF....", "program"),
    "rtf": (b"{\\rtf1 hello}", "text document"),
    "lfs-pointer": (b"version https://git-lfs.github.com/spec/v1\noid 1", "Git LFS"),
    "script": (b"import numpy as np\n\ndef total(x):\n    pass\n", "script"),
    "prose": (b"Dear teacher, my notebook is broken.", "not JSON"),
    "random-bytes": (bytes(range(128, 256)) * 20, "not JSON"),
    "merge-conflict": (SOLVED.replace(b'"cells"', b'\n<<<<<<< HEAD\n"cells"'), "merge"),
    "truncated-half": (SOLVED[: len(SOLVED) // 2], "cut short"),
    "truncated-last-byte": (SOLVED[:-1], "cut short"),
    "truncated-in-a-name": (SOLVED[:4], "cut short"),
    "trailing-comma": (SOLVED[:-1] + b",}", "damaged"),
    "single-quotes": (b"{'cells': []}", "damaged"),
    "two-notebooks": (SOLVED + SOLVED, "follows"),
    "text-after-the-end": (SOLVED + b"\nthe end", "follows"),
    "json-null": (b"null", "no notebook"),
    "json-number": (b"42", "no notebook"),
    "json-string": (json.dumps(SOLVED.decode()).encode(), "no notebook"),
    "json-list": (b"[" + SOLVED + b"]", "no notebook"),
    "json-object": (b'{"name": "me"}', "no cells"),
    "cells-null": (b'{"cells": null, "nbformat": 4}', "no cells"),
    "cells-object": (b'{"cells": {"a": 1}, "nbformat": 4}', "no cells"),
    "cells-empty": (b'{"cells": [], "nbformat": 4}', "no cells"),
    "cells-numbers": (b'{"cells": [1, 2, "x", null], "nbformat": 4}', "no cells"),
    "worksheets-strange": (b'{"worksheets": [null, 3], "nbformat": 3}', "no cells"),
    "nesting-bomb-lists": (b"[" * 1_000_000, "nested"),
    "nesting-bomb-objects": (b'{"a":' * 500_000, "nested"),
    "nesting-bomb-closed": (
        b'{"cells": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        "nested",
    ),
    "million-cells": (b'{"cells": [' + b"{}," * 1_100_000 + b"{}]}", "100000 cells"),
    "many-cells": (b'{"cells": [' + b"{}," * 20000 + b"{}]}", "20001 cells"),
    "million-strings": (b'["' + b'","' * 2_000_000 + b'"]', "a list alone"),
    "more-than-100-MiB": (b" " * (101 << 20), "MiB"),
    "source-of-10-MB": (as_bytes(solved(total="x = 1\n" * 2_000_000)), "characters"),
    "line-of-10-MB": (as_bytes(solved(total="x = '" + "a" * 10_000_000)), "characters"),
    "another-notebook": (
        as_bytes({"cells": [code("print(1)")], "nbformat": 4}),
        "belongs",
    ),
    "escapes-without-end": (b'{"a": "' + b'\\"' * 900_000, "cut short"),
    "backslashes-without-end": (b'{"a": "' + b"\\" * 3_000_001, "cut short"),
}


@pytest.mark.parametrize("kind", REJECTED)
def test_what_cannot_be_graded_is_rejected_in_plain_words(kind):
    content, word = REJECTED[kind]
    start = time.process_time()
    taken = take(content)
    assert isinstance(taken, Rejected)
    assert word in taken.reason
    assert time.process_time() - start < PATIENCE  # squared, it would take hours


def old_format(version):
    def old(cell):
        made = dict(cell)
        made.pop("id")
        if made["cell_type"] == "code":
            made["input"] = made.pop("source").splitlines(keepends=True)
            made["language"] = "python"
        return made

    cells = [old(cell) for cell in solved()["cells"]]
    return {"nbformat": version, "metadata": {}, "worksheets": [{"cells": cells}]}


def without_line_ends(notebook):
    """Return an old notebook as nbconvert writes format 2: lines without ends."""
    for cell in notebook["worksheets"][0]["cells"]:
        key = "input" if "input" in cell else "source"
        cell[key] = "".join(cell[key]).split("\n")
    return notebook


def with_nan():
    notebook = solved()
    notebook["metadata"]["loss"] = float("nan")
    notebook["cells"][1]["outputs"] = [{"data": float("-inf")}]
    return as_bytes(notebook)


def lines_as_lists():
    notebook = solved()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return as_bytes(notebook)


RECOVERED = {
    "byte-order-mark": (b"\xef\xbb\xbf" + SOLVED, "byte order"),
    "byte-order-marks": (b"\xef\xbb\xbf" * 3 + SOLVED, "byte order"),
    "utf-16": (SOLVED.decode().encode("utf-16"), "UTF-16"),
    "utf-16-big": (SOLVED.decode().encode("utf-16-be"), "UTF-16"),
    "utf-32": (SOLVED.decode().encode("utf-32"), "UTF-32"),
    "latin-1": (SOLVED.replace(b"may", b"m\xe4y"), "not UTF-8"),
    "zeros-at-the-end": (SOLVED + b"\0" * 4096, "ends in zeros"),
    "nan": (with_nan(), "NaN"),
    "nbformat-3": (as_bytes(old_format(3)), "old notebook format"),
    "nbformat-2": (as_bytes(old_format(2)), "old notebook format"),
    "nbformat-2-of-nbconvert": (
        as_bytes(without_line_ends(old_format(2))),
        "old notebook format",
    ),
    "nbformat-99": (as_bytes(solved() | {"nbformat": 99}), "format"),
    "nbformat-missing": (
        as_bytes({k: v for k, v in solved().items() if k != "nbformat"}),
        "format",
    ),
    "nbformat-text": (as_bytes(solved() | {"nbformat": "four"}), "format"),
    "nbformat-of-a-million-digits": (
        SOLVED.replace(b'"nbformat": 4', b'"nbformat": ' + b"4" * 1_000_000),
        "format",
    ),
    "cells-that-are-none": (
        as_bytes(solved() | {"cells": [None, 3, *solved()["cells"]]}),
        "2 cells",
    ),
}
SILENT = {
    "lines-as-lists": lines_as_lists(),
    "carriage-returns": SOLVED.replace(b"\\n", b"\\r\\n"),
    "pretty-printed": json.dumps(solved(), indent=4).encode(),
    "trailing-newlines": SOLVED + b"\n\n",
    "control-characters": as_bytes(solved()).replace(b"may be", b"may\tbe"),
    "metadata-missing": as_bytes({"cells": solved()["cells"], "nbformat": 4}),
    "metadata-strange": as_bytes(solved() | {"metadata": [1, "x"]}),
    "outputs-of-5-MB": as_bytes(
        {**solved(), "metadata": {"x": "\\,[{" * 1_000_000}},
    ),
}


@pytest.mark.parametrize("kind", RECOVERED)
def test_what_can_be_read_is_recovered_with_a_note(kind):
    content, word = RECOVERED[kind]
    taken = take(content)
    assert isinstance(taken, Submission), taken
    assert taken.solutions == good().solutions
    assert any(word in note for note in taken.notes)
    assert not taken.flags


@pytest.mark.parametrize("kind", SILENT)
def test_harmless_forms_make_no_difference(kind):
    taken = take(SILENT[kind])
    assert isinstance(taken, Submission), taken
    assert taken.solutions == good().solutions
    assert not taken.flags and not taken.notes


def test_another_assignments_notebook_is_rejected_though_some_ids_are_the_same():
    def of_another(notebook):
        for cell in notebook["cells"]:
            meta = cell["metadata"].get("nbgrader", {})
            if meta.get("grade") or meta.get("solution"):
                cell["id"] = meta["grade_id"] = f"other-{meta['grade_id']}"
                cell["source"] = "other = 1"

    taken = changed(of_another)
    assert isinstance(taken, Rejected) and "another notebook" in taken.reason


def test_the_table_of_malformed_files_is_long():
    assert len(REJECTED) + len(RECOVERED) >= 40


# Cells.


def test_an_honest_notebook_is_taken_as_it_is():
    taken = good()
    reference = {c.id: c.source for c in tiny_assignment().role("solution")}
    assert taken.solutions == reference
    assert taken.written == {"why-zero": "The total may be zero."}
    assert taken.extras == ()
    assert taken.flags == taken.notes == ()


def test_an_untouched_notebook_is_not_answered():
    taken = take(blank())
    assert not any(c.answered for c in taken.cells if c.role in ("solution", "written"))
    assert not taken.flags


def test_tests_and_given_cells_come_from_the_assignment_alone():
    def edit(notebook):
        for cell in notebook["cells"]:
            if cell["id"] not in ("total", "share", "why-zero"):
                cell["source"] = "pass"

    taken = changed(edit)
    own = {c.id: c.source for c in tiny_assignment().cells}
    trusted = [c for c in taken.cells if c.role in ("given", "test")]
    assert {c.id: c.source for c in trusted} == {c.id: own[c.id] for c in trusted}
    extra = {cell.id for cell in taken.extras}
    assert taken.sources.keys() - extra == good().sources.keys()
    assert [taken.sources[wanted] for wanted in extra] == ["pass"]  # the given cell's
    few = "tests 'total-of-rows', 'total-hidden' and 2 more were edited"
    assert few in taken.flags


def test_what_a_student_added_to_a_given_cell_runs_after_it():
    def edit(notebook):
        by_id(notebook, "imports")["source"] += "\nimport math"

    taken = changed(edit)
    names = list(taken.sources)
    place = names.index("imports")
    assert "math" not in taken.sources["imports"]
    assert "import math" in taken.sources[names[place + 1]]
    assert taken.flags == ("given 'imports' was edited",)


def test_the_halves_of_a_cell_that_was_split_run_in_their_order():
    def split(notebook):
        place = index(notebook, "total")
        before, after = (dict(notebook["cells"][place], id=f"half-{n}") for n in (1, 2))
        before["source"], after["source"] = "first = 1", "last = 1"
        notebook["cells"].insert(place, before)
        notebook["cells"].insert(place + 2, after)

    sources = list(changed(split).sources.values())
    place = sources.index(good().sources["total"])
    assert sources[place - 1 : place + 2 : 2] == ["first = 1", "last = 1"]


TAMPERING = {
    "deleted": lambda nb: nb["cells"].pop(index(nb, "total-hidden")),
    "duplicated": lambda nb: nb["cells"].append(by_id(nb, "total-hidden")),
    "renamed": lambda nb: rename(by_id(nb, "total-hidden"), "mine"),
    "retyped": lambda nb: by_id(nb, "total-hidden").update(cell_type="markdown"),
    "made-raw": lambda nb: by_id(nb, "total-hidden").update(cell_type="raw"),
    "made-strange": lambda nb: by_id(nb, "total-hidden").update(cell_type=["x"]),
    "swapped": lambda nb: swap(nb, "total-hidden", "share-hidden"),
    "reordered": lambda nb: nb["cells"].reverse(),
    "points": lambda nb: meta(nb, "total-hidden", points=1000),
    "points-text": lambda nb: meta(nb, "total-hidden", points="many"),
    "not-graded": lambda nb: meta(nb, "total-hidden", grade=False),
    "solution": lambda nb: meta(nb, "total-hidden", solution=True),
    "task": lambda nb: meta(nb, "total-hidden", task=True),
    "schema-version": lambda nb: meta(nb, "total-hidden", schema_version=99),
    "skip-tag": lambda nb: tags(nb, "total-hidden", ["skip-execution"]),
    "raises-tag": lambda nb: tags(nb, "total-hidden", ["raises-exception"]),
    "edited": lambda nb: by_id(nb, "total-hidden").update(source="assert True"),
    "another-id": lambda nb: meta(nb, "total-hidden", grade_id="evil"),
}


def rename(cell, name):
    cell["id"] = name
    cell["metadata"]["nbgrader"]["grade_id"] = name


def swap(notebook, one, other):
    first, second = by_id(notebook, one), by_id(notebook, other)
    first["id"], second["id"] = second["id"], first["id"]
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]


def meta(notebook, wanted, **changes):
    by_id(notebook, wanted)["metadata"]["nbgrader"].update(changes)


def tags(notebook, wanted, names):
    by_id(notebook, wanted)["metadata"]["tags"] = names


@pytest.mark.parametrize("kind", TAMPERING)
def test_changed_test_cells_change_nothing_but_the_report(kind):
    taken = changed(TAMPERING[kind])
    same = good()
    assert [c for c in taken.cells if c.role != "extra"] == list(same.cells)
    assert taken.flags


HARMLESS = {
    "colab-metadata": lambda nb: [c["metadata"].update(id="x") for c in nb["cells"]],
    "collapsed": lambda nb: by_id(nb, "total")["metadata"].update(collapsed=True),
    "metadata-strange": lambda nb: nb["cells"][0].update(metadata=[1, 2]),
    "tags-strange": lambda nb: by_id(nb, "total")["metadata"].update(tags={"a": 1}),
    "kernel": lambda nb: nb["metadata"].update(kernelspec={"name": "bash"}),
    "text-deleted": lambda nb: nb["cells"].pop(index(nb, "intro")),
    "text-edited": lambda nb: by_id(nb, "intro").update(source="My notes"),
    "own-text": lambda nb: nb["cells"].insert(3, {"cell_type": "markdown"}),
    "ids-lost": lambda nb: [c.pop("id") for c in nb["cells"]],
    "metadata-lost": lambda nb: [c.pop("metadata") for c in nb["cells"]],
    "spaces-at-line-ends": lambda nb: by_id(nb, "total-of-rows").update(
        source=by_id(nb, "total-of-rows")["source"].replace("\n", "  \n") + "\n"
    ),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_harmless_changes_are_not_even_reported(kind):
    taken = changed(HARMLESS[kind])
    assert isinstance(taken, Submission)
    assert taken.sources == good().sources
    assert not taken.flags


def test_ids_and_metadata_lost_leave_solutions_found_by_their_names():
    def strip(notebook):
        notebook["cells"] = [
            {k: v for k, v in c.items() if k not in ("id", "metadata")}
            for c in notebook["cells"]
        ]

    taken = changed(strip)
    assert taken.solutions == good().solutions
    assert "solution 'total' was found by its name" in taken.flags


def test_the_last_changed_copy_that_defines_the_name_counts():
    def duplicate(notebook):
        notebook["cells"].append({**by_id(notebook, "total"), "source": TOTAL})
        notebook["cells"].append({**by_id(notebook, "total"), "source": "y = 3"})
        stub = tiny_assignment().by_id["total"].released
        notebook["cells"].append({**by_id(notebook, "total"), "source": stub})

    taken = changed(duplicate)
    assert taken.solutions["total"] == TOTAL
    assert any("'total' stands 4 times" in flag for flag in taken.flags)
    order = [c.source for c in taken.cells if c.kind == "code"]
    place = order.index(TOTAL)
    assert order[place + 1] == "y = 3"


def test_a_copy_of_the_stub_does_not_hide_the_answer():
    def duplicate(notebook):
        stub = tiny_assignment().by_id["total"].released
        notebook["cells"].append({**by_id(notebook, "total"), "source": stub})

    assert changed(duplicate).sources == good().sources


def test_a_deleted_solution_is_missing_and_said_so():
    taken = changed(lambda nb: nb["cells"].pop(index(nb, "total")))
    assert "total" not in taken.sources
    assert "solution 'total' is missing" in taken.flags


def test_a_stub_that_the_grader_added_hides_no_answer_when_it_is_read_again():
    notebook, assignment = solved(), tiny_assignment()
    share = notebook["cells"].pop(index(notebook, "share"))
    by_id(notebook, "total")["source"] += "\n\n" + share["source"]
    taken = take_in(as_bytes(notebook), assignment)
    again = take_in(
        as_bytes({"cells": [build_cell(assignment, c) for c in taken.cells]}),
        assignment,
    )
    assert "share" not in taken.sources and again.sources == taken.sources


def test_a_solution_written_into_another_cell_is_found():
    def elsewhere(notebook):
        by_id(notebook, "total")["source"] = tiny_assignment().by_id["total"].released
        notebook["cells"].append(code(TOTAL))

    taken = changed(elsewhere)
    assert taken.solutions["total"] == TOTAL
    assert taken.extras == ()


def test_solutions_with_swapped_ids_are_put_right():
    taken = changed(lambda nb: swap(nb, "total", "share"))
    assert taken.solutions == good().solutions
    assert taken.flags


def test_a_solution_made_a_text_cell_is_still_code():
    taken = changed(lambda nb: by_id(nb, "total").update(cell_type="markdown"))
    assert taken.sources == good().sources
    assert taken.flags


def test_a_written_answer_made_a_code_cell_is_still_text():
    taken = changed(lambda nb: by_id(nb, "why-zero").update(cell_type="code"))
    assert taken.written == good().written
    assert "why-zero" not in taken.sources


def test_extra_cells_run_where_they_stand():
    def insert(notebook):
        notebook["cells"].insert(index(notebook, "share"), code("helper = 1"))
        notebook["cells"].insert(index(notebook, "total"), code("import math"))
        notebook["cells"].append(code("print('done')"))

    taken = changed(insert)
    order = list(taken.sources.items())
    names = [key for key, _ in order]
    assert [source for key, source in order if key.startswith("extra")] == [
        "import math",
        "helper = 1",
        "print('done')",
    ]
    assert names.index("extra-1") == names.index("total") - 1
    assert names.index("extra-2") == names.index("share") - 1
    assert names[-1] == "extra-3"
    assert not taken.flags


def test_a_test_copied_into_a_cell_of_ones_own_runs_as_that():
    def copied(notebook):
        own = {**by_id(notebook, "total-of-rows"), "source": "print(total([1, 2]))"}
        notebook["cells"].insert(index(notebook, "total-of-rows") + 1, own)

    taken = changed(copied)
    assert [c.source for c in taken.extras] == ["print(total([1, 2]))"]


def test_ids_of_extra_cells_never_meet_those_of_the_assignment():
    taken = changed(
        lambda nb: nb["cells"].insert(2, code("1", id="total", metadata={}))
    )
    ids = [c.id for c in taken.cells]
    assert len(ids) == len(set(ids))


def test_lone_surrogates_can_be_written_again():
    taken = changed(lambda nb: by_id(nb, "why-zero").update(source="a \ud800 b"))
    assert taken.written["why-zero"].encode() == b"a ? b"


# Files.


def place(tmp_path, student="ada"):
    folder = tmp_path / "submitted" / student / NAME
    folder.mkdir(parents=True)
    return folder


def read(tmp_path, student="ada"):
    return read_student(tmp_path / "submitted", student, NAME)


def test_a_regular_file_is_read(tmp_path):
    folder = place(tmp_path)
    (folder / f"{NAME}.ipynb").write_bytes(SOLVED)
    (folder / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC\n")
    found = read(tmp_path)
    assert found.content == SOLVED
    assert found.timestamp == "2026-01-01 10:00:00 UTC"
    assert handed_in(tmp_path / "submitted", NAME) == ["ada"]


def link(folder, path):
    target = folder.parent / "secret"
    target.write_text("secret")
    path.symlink_to(target)


ODD = {
    "link": (link, "a link"),
    "dangling-link": (lambda folder, path: path.symlink_to("/nowhere"), "a link"),
    "link-to-itself": (lambda folder, path: path.symlink_to(path.name), "a link"),
    "device": (lambda folder, path: path.symlink_to("/dev/zero"), "a link"),
    "pipe": (lambda folder, path: os.mkfifo(path), "a pipe"),
    "folder": (lambda folder, path: path.mkdir(), "a folder"),
    "huge": (lambda folder, path: truncate(path), "MiB"),
    "missing": (lambda folder, path: None, "missing"),
}


def truncate(path):
    path.touch()
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_plain_file_is_never_opened(kind, tmp_path):
    folder = place(tmp_path)
    make, word = ODD[kind]
    make(folder, folder / f"{NAME}.ipynb")
    found = read(tmp_path)
    assert isinstance(found.content, Rejected)
    assert word in found.content.reason


def test_a_socket_is_never_opened(tmp_path, monkeypatch):
    folder = place(tmp_path)
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as ear:
        ear.bind(f"{NAME}.ipynb")
        assert "a socket" in read(tmp_path).content.reason


@pytest.mark.parametrize("level", ["student", "assignment"])
def test_a_linked_folder_is_never_entered(level, tmp_path):
    folder = place(tmp_path, "bob")
    (folder / f"{NAME}.ipynb").write_bytes(SOLVED)
    if level == "student":
        (tmp_path / "submitted" / "ada").symlink_to(folder.parent)
    else:
        (tmp_path / "submitted" / "ada").mkdir()
        (tmp_path / "submitted" / "ada" / NAME).symlink_to(folder)
    assert handed_in(tmp_path / "submitted", NAME) == ["ada", "bob"]
    assert "a link" in read(tmp_path).content.reason
    assert read(tmp_path, "bob").content == SOLVED


def test_a_folder_that_is_a_file_is_rejected(tmp_path):
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    (tmp_path / "submitted" / "ada" / NAME).write_text("x")
    assert isinstance(read(tmp_path).content, Rejected)


@pytest.mark.parametrize(
    "name", ["a\nb", "a*b", "{x}", " ada", "a" * 200, "\udcff", "a\\b"]
)
def test_names_that_are_no_ids_are_left_alone(name, tmp_path):
    place(tmp_path, name)
    found = read(tmp_path, handed_in(tmp_path / "submitted", NAME)[0])
    assert not found.usable
    assert "cannot be a student's id" in found.content.reason
    assert found.student.isprintable()


@pytest.mark.parametrize("name", ["ada", "a b", "ö", "x@y.z", "学生", "o'neil", "-n"])
def test_names_of_people_are_ids(name, tmp_path):
    (place(tmp_path, name) / f"{NAME}.ipynb").write_bytes(SOLVED)
    assert read(tmp_path, name).content == SOLVED


def test_the_one_notebook_with_another_name_is_taken_with_a_note(tmp_path):
    folder = place(tmp_path)
    (folder / f"{NAME} (1).ipynb").write_bytes(SOLVED)
    found = read(tmp_path)
    assert found.content == SOLVED
    assert "was handed in under the name" in found.notes[0]


def test_two_notebooks_with_other_names_are_too_many(tmp_path):
    folder = place(tmp_path)
    for number in (1, 2):
        (folder / f"{NAME} ({number}).ipynb").write_bytes(SOLVED + b" " * number)
    assert "2 other notebooks" in read(tmp_path).content.reason


def test_a_pipe_in_place_of_the_time_stamp_is_passed_over(tmp_path):
    folder = place(tmp_path)
    (folder / f"{NAME}.ipynb").write_bytes(SOLVED)
    os.mkfifo(folder / "timestamp.txt")
    assert read(tmp_path).timestamp is None


# Anything.

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(string.ascii_lowercase, max_size=9), inner, max_size=4
        )
    ),
    max_leaves=12,
)
ids = st.sampled_from([c.id for c in tiny_assignment().cells] + ["x", "extra-1"])
sources = st.sampled_from(
    [TOTAL, "share = 1", "x", *(c.released for c in tiny_assignment().cells)]
)
own_cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | values,
        "id": ids | values,
        "source": sources | values,
        "input": sources | values,
        "level": values,
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "nbgrader": st.fixed_dictionaries(
                    {}, optional={"grade_id": ids | values, "points": values}
                )
                | values,
                "tags": st.lists(st.just("skip-execution") | values, max_size=2)
                | values,
            },
        )
        | values,
    },
)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(own_cells | values, max_size=9) | values},
    optional={"nbformat": values, "worksheets": values, "metadata": values},
)
examples = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def check_taken(taken):
    if isinstance(taken, Rejected):
        assert taken.reason and taken.reason.isprintable()
        return
    own = tiny_assignment()
    placed = [c for c in taken.cells if c.role != "extra"]
    assert [c.id for c in placed] == [c.id for c in own.cells]
    assert len({c.id for c in taken.cells}) == len(taken.cells)
    for cell in placed:
        if cell.role in ("given", "test"):
            assert cell.source == own.by_id[cell.id].source
    "".join(c.source for c in taken.cells).encode()
    "".join([*taken.flags, *taken.notes]).encode()


@examples
@given(st.binary(max_size=300))
def test_no_bytes_raise(content):
    check_taken(take(content))


@examples
@given(notebooks)
def test_no_notebook_raises(notebook):
    check_taken(take(as_bytes(notebook)))


@examples
@given(st.data())
def test_no_damage_to_a_notebook_raises(data):
    content = bytearray(SOLVED)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(content) - 1)))
        kind = data.draw(st.sampled_from(["cut", "set", "insert", "drop"]))
        if kind == "cut" and place > 10:
            del content[place:]
        elif kind == "set" and content:
            content[place] = data.draw(st.integers(0, 255))
        elif kind == "insert":
            content[place:place] = data.draw(st.binary(max_size=5))
        else:
            del content[place : place + 7]
    check_taken(take(bytes(content)))


@examples
@given(st.data())
def test_cells_in_any_order_and_number_give_the_assignment_in_its_order(data):
    notebook = solved()
    cells = data.draw(st.lists(st.sampled_from(notebook["cells"]), max_size=30))
    check_taken(take(notebook | {"cells": cells}))


def test_limits_are_far_above_an_honest_notebook():
    assert len(SOLVED) * 100 < intake.MAX_BYTES


def test_a_folder_that_is_closed_to_us_is_reported_not_left_out(tmp_path, monkeypatch):
    (tmp_path / "ada" / NAME).mkdir(parents=True)

    def closed(path, **_):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", closed)
    assert handed_in(tmp_path, NAME) == ["ada"]
