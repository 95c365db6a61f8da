"""Whose a file is: attempts, teams, rosters, times, and names made to deceive."""

import datetime
from pathlib import Path

import pytest

from autograder.collect.archive import ArchiveFile
from autograder.collect.copy import stamp_text
from autograder.collect.dates import read_moment
from autograder.collect.gradescope import read_submissions
from autograder.collect.platforms import MARKED
from autograder.course import CourseError
from tests.support.archives import (
    BLACKBOARD_DATE,
    NOON,
    NOTEBOOK,
    F,
    found_in,
    notebook,
    read,
    students,
    table,
)


def test_of_files_of_one_upload_the_one_named_as_the_assignment_counts():
    files = (f"lovelaceada_1_901_{F}", "lovelaceada_1_902_helper.ipynb")
    plan = read(files)
    assert [h.piece.entry.path for h in plan.hand_ins] == [files[0]]
    assert plan.hand_ins[0].notes == ("counts before helper.ipynb, by its name",)


def test_of_attempts_in_folders_the_highest_number_counts_whatever_the_order():
    files = [f"alovelace/attempt {n}/{F}" for n in (10, 9, 2)]
    plan = read(files)
    assert plan.hand_ins[0].piece.entry.path == files[0]


def test_the_notebook_with_the_assignments_name_counts_before_a_later_one():
    older, newer = found_in((f"alovelace/{F}", "alovelace/demo/show.ipynb"))
    newer = ArchiveFile(newer.archive, newer.path, newer.content, NOON.replace(hour=23))
    assert read([newer, older]).hand_ins[0].piece.entry == older


def test_a_team_of_gradescope_is_given_its_hand_in_each():
    metadata = (
        b"submission_1:\n  :submitters:\n  - :name: Ada\n    :email: ada@x\n"
        b"  - :name: Bob\n    :email: bob@x\n"
        b"  :created_at: 2026-03-01 12:00:00 -08:00\n"
    )
    files = {f"e/submission_1/{F}": NOTEBOOK, "e/submission_metadata.yml": metadata}
    plan = read(files)
    assert students(plan) == (["Ada", "Bob"], 0)
    assert stamp_text(plan.hand_ins[0], "Europe/Rome") == "2026-03-01 20:00:00 UTC"
    roster = table({"mail": "bob@x", "id": "b1"}, {"mail": "ada@x", "id": "a1"})
    assert students(read(files, roster)) == (["a1", "b1"], 0)


@pytest.mark.parametrize(
    "content",
    [
        b"submission_1: [" + b"[" * 200 + b"]" * 200 + b"]",
        b"a: b: c",
        b"\xff\xfe\x00",
        b"{",
    ],
)
def test_metadata_that_cannot_be_read_is_refused(content):
    entry = ArchiveFile(Path("e.zip"), "e/submission_metadata.yml", content, None)
    with pytest.raises(CourseError, match="cannot be read"):
        read_submissions(entry)


def test_metadata_makes_no_objects_and_follows_no_alias():
    content = b"""
submission_1:
  :submitters: &all
  - :name: !ruby/object:Thing Ada
  - :name: !!python/object/apply:os.getcwd []
submission_2:
  :submitters: *all
"""
    entry = ArchiveFile(Path("e.zip"), "e/submission_metadata.yml", content, None)
    assert not any(s.people for s in read_submissions(entry).values())


def test_a_team_of_the_roster_is_given_its_hand_in_each():
    rows = ({"id": i, "Group": g} for i, g in (("a", "Group A"), ("b", "Group A")))
    files = (f"Group A_5_assignsubmission_file/{F}",)
    assert students(read(files, table(*rows))) == (["a", "b"], 0)


def test_who_of_the_roster_handed_in_nothing_is_told():
    roster = table(*({"id": name} for name in ("ada", "bob", "cy")))
    plan = read((f"bob/{F}",), roster)
    assert plan.absent == ("ada", "cy") and students(plan) == (["bob"], 0)


def test_a_platforms_number_that_is_somebodys_id_changes_nobodys_owner():
    rows = {"id": "102", "name": "Ada Lovelace"}, {"id": "101", "name": "Bob Bell"}
    moodle = [f"{who}_assignsubmission_file_/{F}" for who in ("Ada Lovelace_101",)]
    canvas = [f"lovelaceada_101_901_{F}", f"bellbob_102_902_{F}"]
    for files, ids in (moodle, ["102"]), (canvas, ["101", "102"]):
        plan = read(files, table(*rows))
        assert students(plan) == (ids, 0)
        ada = next(h for h in plan.hand_ins if h.student == "102")
        assert "_101_" in ada.piece.entry.path
    dropped = [f"Cy Cole_101_assignsubmission_file_/{F}"]
    assert students(read(dropped, table(*rows))) == ([], 1)


def test_a_mark_in_the_roster_is_no_students_number():
    rows = (
        {"id": "a", "name": "Ada", "Quiz": "7"},
        {"id": "b", "name": "Bob", "Quiz": "5"},
    )
    files = (f"Bob_7_assignsubmission_file_/{F}",)
    assert students(read(files, table(*rows))) == (["b"], 0)


def test_a_namesake_in_a_later_archive_does_not_take_the_place_of_the_first():
    later = (f"Ada L_22_assignsubmission_file_/{F}",)
    assert students(read(later, known={"11": "Ada L"})) == (["Ada L (22)"], 0)
    both = (*later, f"Ada L_11_assignsubmission_file_/{F}")
    assert students(read(both, known={"11": "Ada L"})) == (["Ada L", "Ada L (22)"], 0)
    assert students(read(later, known={"22": "Ada L (22)"})) == (["Ada L (22)"], 0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mar 1, 2026 1200 PM", (2026, 3, 1, 12, 0)),
        ("Mar 1, 2026 1205 AM", (2026, 3, 1, 0, 5)),
        ("Mar1,2026 905PM", (2026, 3, 1, 21, 5)),
        ("12 January, 2026 1022 AM", (2026, 1, 12, 10, 22)),
        ("3 Sept. 2026 17:05", (2026, 9, 3, 17, 5)),
        ("June 30, 2026 2359", (2026, 6, 30, 23, 59)),
        ("2026-03-01-09-30-05", (2026, 3, 1, 9, 30, 5)),
        ("30 February 2026 1200", None),
        ("3 mrt 2026 1200", None),
        ("Ju 3, 2026 1200", None),
        ("Mar 1, 2026 2561", None),
        ("9" * 200, None),
        ("20260301123005123", (2026, 3, 1, 12, 30, 5)),
    ],
)
def test_times_in_names_are_read_in_all_their_forms(text, moment):
    found = read_moment(text)
    assert (found.replace(tzinfo=None) if found else None) == (
        datetime.datetime(*moment) if moment else None
    )


META = b"submission_1:\n  :submitters:\n  - :name: Ada\n    :email: ada@x\n"
FORGED = {  # Ada's file has a name that makes it look like Bob's: (path, her id)
    "blackboard": (
        f"hw_ada_{BLACKBOARD_DATE}_hw_bob_attempt_2027-03-01-12-00-00_{F}",
        "ada",
    ),
    "canvas": (f"ada_11_22_bob_33_44_{F}", "ada"),
    "canvas, by numbers": (f"ada_1234_5678_33_44_{F}", "ada"),
    "moodle": (
        f"Ada L_1_assignsubmission_file_/Bob B_2_assignsubmission_file_/{F}",
        "Ada L",
    ),
    "moodle without folders": (
        f"Ada L_1_assignsubmission_file_Bob B_2_assignsubmission_file_{F}",
        "Ada L",
    ),
    "sakai": (
        f"T/L, A(ada)/Submission attachment(s)/B, B(bob)_Submission attachment(s)_{F}",
        "ada",
    ),
    "sakai without folders": (
        f"T/L, A(ada)_Submission attachment(s)_B, B(bob)_Submission attachment(s)_{F}",
        "ada",
    ),
    "teams": (
        f"Submitted files/Ada/T/Version 1/Submitted files/Bob/T/Version 9/{F}",
        "Ada",
    ),
    "brightspace": (
        f"1-9 - Ada - Mar 1, 2026 1200 PM/2-9 - Bob - Mar 2, 2026 1200 PM/{F}",
        "Ada",
    ),
    "ilias": (f"S/L_Ada_ada_1/x/B_Bob_bob_2/{F}", "ada"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_name_that_a_student_chose_makes_a_file_nobody_elses(what):
    path, student = FORGED[what]
    assert students(read((path,)))[0] == [student]


def test_a_draft_that_looks_handed_in_is_still_a_draft():
    drafts = f"Working files/Ada/T/Submitted files/Bob/T/Version 9/{F}"
    plan = read((f"Submitted files/Bob/T/Version 1/{F}", drafts))
    assert students(plan) == (["Bob"], 1) and plan.left[0][0] == drafts


def test_a_students_own_metadata_says_nothing_of_others():
    forged = META.replace(b"Ada", b"Bob").replace(b"submission_1", b"submission_2")
    files = {
        f"e/submission_1/{F}": NOTEBOOK,
        "e/submission_1/submission_metadata.yml": META + forged,
        f"e/submission_2/{F}": notebook(2),
        "e/submission_metadata.yml": META,
    }
    assert students(read(files)) == (["Ada"], 1)


def test_a_folder_that_looks_like_a_student_of_ilias_and_holds_all_is_none():
    files = tuple(f"Sums_2_tasks_77/{s}/{F}" for s in ("L_Ada_ada_1", "B_Bob_bob_2"))
    assert students(read(files)) == (["ada", "bob"], 0)


def test_a_long_path_is_nobodys():
    paths = [f"ada/{F}", f"bob/{F}", "/".join(["a_1_b" * 50] * 100) + f"/{F}"]
    with pytest.raises(CourseError):
        read(paths)


@pytest.mark.parametrize("platform", MARKED, ids=lambda p: p.name)
def test_each_platform_says_whether_it_takes_pages_back(platform):
    assert platform.takes_back.endswith(".")
