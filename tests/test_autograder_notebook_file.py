"""A file is what it holds, whatever a browser, a system or a person has called it."""

import json
import time
import unicodedata

import pytest

from autograder.intake import notebook_file
from autograder.intake.handed_in import read_student
from autograder.intake.notebook_file import (
    has_notebook_name,
    holds_notebook,
    is_notebook_file,
    plain_name,
)
from autograder.intake.take_in import take_in
from autograder.model.submission import Rejected, Submission
from tests.support.hand_ins import NAME, as_bytes, solved, tiny_assignment
from tests.support.pace import PATIENCE

FILE = f"{NAME}.ipynb"
SOLVED = as_bytes(solved())
OTHER = as_bytes(solved(total="def total(x, axis=-1):\n    return 0"))
NAMES = (
    *(
        f"{FILE}.json",
        f"{FILE}.txt",
        f"{FILE}.download",
        f"{FILE} (1)",
        f"{FILE}.ipynb",
    ),
    *(f"{NAME} (1).ipynb", f"{NAME}-Copy1.ipynb", f"{NAME} - Kopie (2).ipynb"),
    *(f"Copy of {FILE}", f"{NAME}.IPYNB", FILE.title(), f"{FILE} ", f"{FILE}.json.txt"),
    *(NAME, f"{NAME}.json", f"{NAME}.txt", f"{FILE}~", f"{FILE}.part"),
)
ANY_NAMES = ("homework", "homework.json", "notes.txt", "Übung.IPYNB", "a.html", "x.pdf")


@pytest.fixture
def put(tmp_path):
    """Return what puts a file into ada's folder."""

    def write(name, content=SOLVED):
        path = tmp_path / "ada" / NAME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return write


@pytest.fixture
def read(tmp_path):
    """Return what reads what ada handed in."""
    return lambda: read_student(tmp_path, "ada", NAME)


@pytest.mark.parametrize("name", [*NAMES, *ANY_NAMES])
def test_a_notebook_is_found_under_any_name(name, put, read):
    put(name)
    found = read()
    assert found.content == SOLVED
    assert found.notes == (f"was handed in under the name {name!a}",)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_added_to_a_name_hides_no_assignment(name):
    assert plain_name(name) == NAME


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_are_the_same_however_they_are_written(form):
    assert plain_name(unicodedata.normalize(form, "Übung.ipynb")) == "übung"


def later_keys():
    """Return a notebook whose cells stand behind a lot, as Colab's do."""
    widgets = {f"w{n}": {"state": {"x": ["\\", '"', "{["]}} for n in range(5000)}
    first = {"nbformat": 4, "metadata": {"widgets": widgets, "cells": "none"}}
    return first | {"cells": []}


NOTEBOOKS = {
    "utf-16": SOLVED.decode().encode("utf-16"),
    "byte order mark": "\ufeff".encode() + SOLVED,
    "indented": json.dumps(solved(), indent=1).encode(),
    "format 3": b'{"metadata": {}, "worksheets": [{"cells": []}]}',
    "Colab": json.dumps(later_keys()).encode(),
    "cut short": SOLVED[: len(SOLVED) // 2],
}
OTHERS = {
    "empty": b"",
    "a list": b"[" + SOLVED + b"]",
    "data": b'{"rows": [1, 2], "cells": 7}',
    "cells below": json.dumps({"table": {"cells": [[1, 2]]}}).encode(),
    "cells in a text": json.dumps({"text": '{"cells": [1]}'}).encode(),
    "cells closed": b'{"a": 1} "cells": [',
    "a page": b"<html><script>{" + SOLVED + b"}</script></html>",
    "bytes": bytes(range(256)) * 9,
}


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_a_notebook_is_known_by_what_it_holds(kind):
    assert holds_notebook(NOTEBOOKS[kind])


@pytest.mark.parametrize("kind", OTHERS)
def test_what_holds_no_cells_is_no_notebook(kind):
    assert not holds_notebook(OTHERS[kind])
    assert is_notebook_file(f"{FILE}.txt", OTHERS[kind])  # a damaged one, by its name
    assert not is_notebook_file("data.json", OTHERS[kind])


@pytest.mark.parametrize("name", ["a.ipynb.pdf", "a.ipynb.html", "ipynb", "a.json"])
def test_names_that_are_no_notebooks(name):
    assert not has_notebook_name(name)


HOSTILE = {
    "quotation marks": b'{"' + b'\\"' * 4_000_000,
    "keys": b'{"a": {' + b'"cells": [' * 800_000,
    "brackets": b"{" * 8_000_000,
    "spaces": b"{" + b'"cells"' + b" " * 8_000_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_looking_takes_no_longer_than_reading(kind):
    start = time.process_time()
    holds_notebook(HOSTILE[kind])
    assert time.process_time() - start < PATIENCE  # a second; squares take hours


def test_the_right_name_goes_before_others_and_the_others_are_named(put, read):
    put(f"{NAME} (1).ipynb", OTHER)
    put(FILE)
    put("data.json", b'{"x": 1}')
    put(".hidden.ipynb", OTHER)
    put(f"._{FILE}", OTHER)
    put(f"~${FILE}", OTHER)
    put(f".ipynb_checkpoints/{NAME}-checkpoint.ipynb", OTHER)
    found = read()
    assert found.content == SOLVED
    said = f"also in the folder, and not graded: '{NAME} (1).ipynb'"
    assert found.notes == (said,)


def test_the_right_name_in_other_dress_goes_before_another_name(put, read):
    put("scratch.ipynb", OTHER)
    put(f"{FILE}.json")
    assert read().content == SOLVED


def test_a_checkpoint_gives_way_to_the_notebook(put, read):
    put(f"{NAME}-checkpoint.ipynb", OTHER)
    put("homework.ipynb")
    assert read().content == SOLVED


def test_what_only_has_the_name_gives_way_to_what_holds_a_notebook(put, read):
    put(FILE, b"")
    put("homework.ipynb.txt")
    assert read().content == SOLVED


def test_two_copies_of_one_notebook_are_one(put, read):
    put(f"{NAME} (1).ipynb")
    put(f"{NAME} (2).ipynb")
    assert read().content == SOLVED


def test_where_nothing_tells_which_counts_the_files_are_named(put, read):
    put(f"{FILE}.json")
    put(f"{NAME} (2).ipynb", OTHER)
    why = read().content.reason
    assert "2 other notebooks" in why and f"'{NAME} (2).ipynb', '{FILE}.json'" in why
    put(FILE, b"")
    assert f"'{FILE}' holds no notebook; the folder holds 2" in read().content.reason


@pytest.mark.parametrize("inner", [NAME, FILE, "my homework/src"])
def test_a_notebook_in_a_folder_that_was_unpacked_there_is_found(inner, put, read):
    put(f"{inner}/{FILE}")
    put("__MACOSX/._x.ipynb", OTHER)
    found = read()
    assert found.content == SOLVED
    assert found.notes == (f"was handed in under the name '{inner}/{FILE}'",)


def test_a_notebook_in_a_linked_folder_is_not_found(put, read, tmp_path):
    put("x.txt", b"")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / FILE).write_bytes(SOLVED)
    (tmp_path / "ada" / NAME / "inner").symlink_to(tmp_path / "elsewhere")
    assert isinstance(read().content, Rejected)


def test_an_archive_is_told_its_cure(put, read):
    put("hw.zip", b"PK\3\4")
    why = read().content.reason
    assert "'hw.zip' is a ZIP archive: unpack it in its folder" in why
    assert f"Hand in '{FILE}'." in why


def test_what_else_stands_there_is_named(put, read):
    put("essay.docx", b"PK\3\4")
    put("b.csv", b"1,2")
    assert "no notebook, but 'b.csv', 'essay.docx'." in read().content.reason


def test_an_empty_folder_is_said_to_be_empty(put, read):
    put("timestamp.txt", b"2026-03-01")
    assert "it is empty" in read().content.reason


def test_a_thousand_files_hide_no_notebook(put, read):
    for number in range(notebook_file.SHOWN_FILES + 1000):
        put(f"a{number}.png", b"\x89PNG{")
    put("z.ipynb")
    assert read().content == SOLVED


def test_what_is_looked_at_has_an_end(put, read, monkeypatch):
    monkeypatch.setattr(notebook_file, "MOST_LOOKED", 1)
    put("a.json", b'{"data": 1}')
    put("b", NOTEBOOKS["Colab"])  # its cells stand far behind
    assert "no notebook, but 'a.json', 'b'" in read().content.reason
    put("z.ipynb")  # names of notebooks are looked at first
    assert read().content == SOLVED


@pytest.mark.parametrize("kind", ["utf-16", "byte order mark", "indented"])
def test_what_is_found_can_be_graded(kind):
    assert isinstance(take_in(NOTEBOOKS[kind], tiny_assignment()), Submission)
