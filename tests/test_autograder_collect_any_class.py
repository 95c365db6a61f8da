"""Whatever the names of a class: as many come out as are in, or it is said."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect.archive import ArchiveFile
from autograder.collect.command import tell_status
from autograder.course import CourseError
from tests.support.archives import BLACKBOARD_DATE, NOON, F, notebook, read
from tests.support.hand_ins import NAME

LETTERS = st.sampled_from("abcxyzABC éß'.")
WORD = st.text(LETTERS, min_size=1, max_size=8).map(lambda t: t.strip(" .'") or "a")
FULL = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
HYPHENED = st.lists(FULL, min_size=1, max_size=3).map("-".join)
LOGIN = st.text("abc019_.-", min_size=1, max_size=9).filter(
    lambda t: t.strip("_.-") == t
)
CLASS = st.lists(HYPHENED, min_size=1, max_size=6)  # two may have one name
LOGINS = st.lists(LOGIN, min_size=1, max_size=6, unique=True)
OWN = st.sampled_from((F, f"{NAME} (1).ipynb", f"{NAME}_final.ipynb", "my work.ipynb"))
BELOW = st.sampled_from(("", "src/", "a/b/", "Version 2/"))


BY_NAME = {
    "moodle": "{name}_{key}_assignsubmission_file_/{below}{own}",
    "brightspace": "{key}-77 - {name} - Mar {day}, 2026 1200 PM/{below}{own}",
    "canvas": "{letters}_{key}_5{key}_{own}",
    "ilias": "Sums/{name}_Ada_login{key}_3{key}/{below}{own}",
}
BY_LOGIN = {
    "blackboard": "Sums_1_{name}_" + BLACKBOARD_DATE + "_{own}",
    "sakai": "Sums/Lovelace, Ada({name})/Submission attachment(s)/{own}",
    "files": "hw2/{name}/{below}{own}",
    "plain": "{name}/{own}",
    "heap": "batch/{name}_{own}",
    "teams": "Submitted files/{name}/Sums/Version 1/{below}{own}",
    "google": "{name} - {own}",
}


def paths_of(form, names, below, own):
    """Return one file's path for each name, as a platform writes it."""
    letters = (re.sub(r"\W", "", name).lower() for name in names)
    return [
        form.format(
            name=name, letters=bare, key=1000 + n, day=n + 1, below=below, own=own
        )
        for n, (name, bare) in enumerate(zip(names, letters, strict=True))
    ]


@pytest.mark.parametrize("form", BY_NAME)
@settings(max_examples=60, deadline=None)
@given(names=CLASS, below=BELOW, own=OWN)
def test_as_many_come_out_as_are_in_or_it_is_said_with_numbers(form, names, below, own):
    assert comes_out(paths_of(BY_NAME[form], names, below, own), len(names))


@pytest.mark.parametrize("form", BY_LOGIN)
@settings(max_examples=60, deadline=None)
@given(logins=LOGINS, below=BELOW, own=OWN)
def test_as_many_come_out_as_are_in_or_it_is_said(form, logins, below, own):
    assert comes_out(paths_of(BY_LOGIN[form], logins, below, own), len(logins))


STEP = st.sampled_from(
    ("ada", "bob", "hw2", "Version 1", "Version 2", ".git", "src", "a_1_2_x", "..")
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(STEP, max_size=4), max_size=6))
def test_of_any_folders_no_hand_in_is_lost_without_a_word(folders):
    paths = sorted({"/".join([*steps, F]) for steps in folders})
    if not paths:
        return
    try:
        plan = read(paths)
    except CourseError:
        return
    told = {hand_in.piece.entry.path for hand_in in plan.hand_ins}
    told |= {path for path, _ in plan.left}
    silent = {path for path in set(paths) - told if ".git/" not in path}
    notes = " ".join(note for h in plan.hand_ins for note in h.notes)
    counted = sum(int(n) - 1 for n in re.findall(r"newest of (\d+)", notes))
    assert len(silent) <= counted


def comes_out(paths, number):
    """Return whether as many students come out, or the status says that not all do."""
    found = [
        ArchiveFile(Path("a.zip"), path, notebook(n), NOON.replace(minute=n))
        for n, path in enumerate(paths)
    ]
    try:
        plan = read(found)
    except CourseError:
        return True
    return len(plan.hand_ins) == number or tell_status(plan) == 1
