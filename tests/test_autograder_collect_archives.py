"""Whole archives as platforms write them: everyone in one comes out, or it is said.

The names are of people made up; their form is what the platforms' own sources and
public tools for their archives show.
"""

import shlex
from pathlib import Path

import pytest

from autograder.collect.archive import ArchiveFile, with_slashes
from autograder.collect.command import tell_status
from autograder.course import CourseError
from tests.support.archives import (
    BLACKBOARD_DATE,
    NOON,
    NOTEBOOK,
    RECEIPT,
    SAKAI_FOLDER,
    F,
    clone,
    found_in,
    notebook,
    read,
    students,
    table,
)
from tests.support.hand_ins import NAME

EVERYONE = {  # what it is: (its files, who is in it)
    "Teams, with attempts": (
        (
            f"Submitted files/Ada Lovelace/Homework 2/Version 1/{F}",
            f"Submitted files/Ada Lovelace/Homework 2/Version 2/{F}",
            f"Submitted files/Bob Bell/Homework 2/Version 1/{F}",
            f"Submitted files/Cy Cole/Homework 2/Version 1/{F}",
        ),
        ("Ada Lovelace", "Bob Bell", "Cy Cole"),
    ),
    "Teams, as OneDrive syncs it": (
        (
            f"CS 1 - Student Work/Submitted files/Ada Lovelace/Sums/Version 1/{F}",
            f"CS 1 - Student Work/Submitted files/Bob Bell/Sums/Version 3/{F}",
            f"CS 1 - Student Work/Working files/Bob Bell/Sums/{F}",
        ),
        ("Ada Lovelace", "Bob Bell"),
    ),
    "Teams in German": (
        (
            f"Übermittelte Dateien/Ada Lovelace/Übung 2/Version 1/{F}",
            f"Übermittelte Dateien/Bob Bell/Übung 2/Version 1/{F}",
        ),
        ("Ada Lovelace", "Bob Bell"),
    ),
    "folders picked in Teams": (
        (
            f"Ada Lovelace/Homework 2/Version 1/{F}",
            f"Ada Lovelace/Homework 2/Version 2/{F}",
            f"Bob Bell/Homework 2/Version 1/{F}",
        ),
        ("Ada Lovelace", "Bob Bell"),
    ),
    "Sakai, all that it can write": (
        {
            f"{SAKAI_FOLDER}/Submission attachment(s)/{F}": notebook(1),
            f"{SAKAI_FOLDER}/timestamp.txt": b"2026-03-01T11:30:00Z",
            f"{SAKAI_FOLDER}/Lovelace, Ada(alovelace)_submissionText.html": b"",
            f"{SAKAI_FOLDER}/feedbackText.html": b"",
            f"{SAKAI_FOLDER}/comments.txt": b"",
            f"{SAKAI_FOLDER}/Feedback Attachment(s)/old.pdf": b"%PDF",
            f"Homework 2/Bell, B (Jr.)(b.bell)/Submission attachment(s)/{F}": NOTEBOOK,
            "Homework 2/grades.csv": b"Homework 2,Points\n",
        },
        ("alovelace", "b.bell"),
    ),
    "Sakai without folders": (
        (
            f"Sums/Lovelace, Ada(alovelace)_Submission attachment(s)_{NAME} (1).ipynb",
            f"Sums/Bell, Bob(bbell)_Submission attachment(s)_{F}",
        ),
        ("alovelace", "bbell"),
    ),
    "Sakai, groups": (
        {
            f"Sums/Team A (0a1b2c3d)/Submission attachment(s)/{F}": NOTEBOOK,
            "Sums/Team A (0a1b2c3d)/members.txt": b"Lovelace, Ada(al); Bell, Bob(bb)",
            "Sums/Team A (0a1b2c3d)/timestamp.txt": b"2026-03-01T11:30:00Z",
        },
        ("al", "bb"),
    ),
    "Sakai, nobody's name shown": (
        (
            f"Sums/0a1b2c3d-1111-2222 Anonymous/Submission attachment(s)/{F}",
            f"Sums/0a1b2c3d-1111-3333 Anonymous/Submission attachment(s)/{F}",
        ),
        ("0a1b2c3d-1111-2222 Anonymous", "0a1b2c3d-1111-3333 Anonymous"),
    ),
    "Moodle with folders of the students' own": (
        (
            f"Ada Lovelace_6130510_assignsubmission_file_/project/task1/{F}",
            f"Bob Bell_6130511_assignsubmission_file_/{F}",
        ),
        ("Ada Lovelace", "Bob Bell"),
    ),
    "Moodle since 4.1, without the last _": (
        (
            f"Ada Lovelace_6130510_assignsubmission_file/sub/{F}",
            f"BELL,BOB-2018147546_6130511_assignsubmission_file/{F}",
        ),
        ("Ada Lovelace", "BELL,BOB-2018147546"),
    ),
    "Moodle, teams before the names": (
        (
            f"Group A-Ada Lovelace_1_assignsubmission_file_/{F}",
            f"Group A-Anne-Marie Curie_2_assignsubmission_file_/{F}",
            f"Default group-Bob Bell_3_assignsubmission_file_/{F}",
        ),
        ("Ada Lovelace", "Anne-Marie Curie", "Bob Bell"),
    ),
    "Moodle, names with hyphens and no teams": (
        (
            f"Anne-Marie Curie_1_assignsubmission_file_/{F}",
            f"Jean-Luc Picard_2_assignsubmission_file_/{F}",
        ),
        ("Anne-Marie Curie", "Jean-Luc Picard"),
    ),
    "Moodle, one hyphened name alone": (
        (f"Ada Lovelace-De Morgan_1_assignsubmission_file_/{F}",),
        ("Ada Lovelace-De Morgan",),
    ),
    "Moodle since 4.1, teams instead of names": (
        (
            f"Group A_5_assignsubmission_file/{F}",
            f"Default group_assignsubmission_file/{F}",
        ),
        ("Default group", "Group A"),
    ),
    "Moodle, nobody's name shown": (
        (
            f"Participant_11_assignsubmission_file_/{F}",
            f"Participant_22_assignsubmission_file_{F}",
        ),
        ("Participant 11", "Participant 22"),
    ),
    "Moodle, one hidden name alone": (
        (f"Participant_11_assignsubmission_file_/{F}",),
        ("Participant 11",),
    ),
    "Moodle, text beside the file": (
        {
            f"Ada Lovelace_1_assignsubmission_file_/{F}": NOTEBOOK,
            "Ada Lovelace_1_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
        },
        ("Ada Lovelace",),
    ),
    "Blackboard, names with _ and no receipts": (
        (
            f"Homework 2_a_lovelace_{BLACKBOARD_DATE}_{F}",
            f"Homework 2_b_lovelace_{BLACKBOARD_DATE}_{F}",
        ),
        ("a_lovelace", "b_lovelace"),
    ),
    "Blackboard, _ in the title and in a name": (
        {
            f"hw_2_ada_lovelace_{BLACKBOARD_DATE}_{F}": notebook(1),
            f"hw_2_ada_lovelace_{BLACKBOARD_DATE}.txt": RECEIPT,
            f"hw_2_bbell_{BLACKBOARD_DATE}_{F}": notebook(2),
        },
        ("ada_lovelace", "bbell"),
    ),
    "Canvas, nobody's name shown": (
        (f"anon_aB3xY_67890_{F}", f"LATE_anon_12345_67891_{F}"),
        ("anon_12345", "anon_aB3xY"),
    ),
    "Canvas, late in each place": (
        (
            f"lovelaceada_LATE_12345_67890_{F}",
            f"bellbob_late_12346_67891_{NAME}-1.ipynb",
            f"müllerzoë_12347_67892_{F}",
        ),
        ("bellbob", "lovelaceada", "müllerzoë"),
    ),
    "Canvas, groups with _ and numbers": (
        (
            f"team_1_12345_67890_{F}",
            f"team_2_LATE_12346_67891_{F}",
            f"the_owls_12347_67892_{F}",
        ),
        ("team_1", "team_2", "the_owls"),
    ),
    "Brightspace, month first": (
        {
            f"Sums/39786-640693 - Ada Lovelace - Oct 10, 2025 1022 AM/{F}": notebook(1),
            f"Sums/39787-640693 - Mary-Ann Bell - Sep 24, 2024 926 PM/{F}": notebook(2),
            "Sums/index.html": b"<html>",
        },
        ("Ada Lovelace", "Mary-Ann Bell"),
    ),
    "Brightspace, day first, 24 hours, no folders": (
        (
            f"123456-12345 - Ada Lovelace- 12 January, 2026 1022 AM - {F}",
            f"123457-12345 - N0123456 - Bob Bell - 3 Feb 2026 1705 - {F}",
            f"123458-12345-Cy Cole-Mar 1, 2026 1200PM - {F}",
        ),
        ("Ada Lovelace", "Bob Bell", "Cy Cole"),
    ),
    "ILIAS, teams and a login with _": (
        (
            f"Sums/Abgaben/Team 12/Lovelace_Ada_ada_l_345/{F}",
            f"Sums/Abgaben/Team 12/Bell_Bob_bbell_346/Late Submission - {F}",
            f"Sums/Abgaben/Team 13/Cole_Cy_ccole_347/{F}",
        ),
        ("ada_l", "bbell", "ccole"),
    ),
    "ILIAS, one student, as for feedback": (
        (f"multi_feedback_Sums_12/Lovelace_Ada_alovelace_345/{F}",),
        ("alovelace",),
    ),
    "repositories of GitHub Classroom": (
        clone("hw2-alovelace", **{"hw2-alovelace/demo/show.ipynb": NOTEBOOK})
        | clone("hw2-bob-bell", **{"hw2-bob-bell/.venv/lib/x.ipynb": NOTEBOOK})
        | {f"hw2-ccole/src/{F}": notebook(30), "hw2-ccole/.git/HEAD": b"x"},
        ("alovelace", "bob-bell", "ccole"),
    ),
    "one repository around all": (
        {
            ".git/HEAD": b"x",
            ".ipynb_checkpoints/x": b"",
            f"alovelace/{F}": NOTEBOOK,
            f"bbell/{F}": notebook(1),
        },
        ("alovelace", "bbell"),
    ),
    "copies that Jupyter keeps": (
        (
            f"alovelace/{F}",
            f"alovelace/.ipynb_checkpoints/{NAME}-checkpoint.ipynb",
            f"bbell/{F}",
            f"bbell/.ipynb_checkpoints/{NAME}-checkpoint.ipynb",
        ),
        ("alovelace", "bbell"),
    ),
    "sections above students": (
        (
            f"Section 1/alovelace/{F}",
            f"Section 1/bbell/{F}",
            f"Section 2/ccole/{F}",
        ),
        ("alovelace", "bbell", "ccole"),
    ),
    "groups above and attempts below": (
        (
            f"download/Monday/alovelace/attempt 1/{F}",
            f"download/Monday/alovelace/attempt 2/{F}",
            f"download/Monday/bbell/attempt 1/{F}",
            f"download/Friday/ccole/attempt 1/{F}",
        ),
        ("alovelace", "bbell", "ccole"),
    ),
    "nbgrader's own folders": (
        (f"submitted/alovelace/{NAME}/{F}", f"submitted/bbell/{NAME}/{F}"),
        ("alovelace", "bbell"),
    ),
    "a class that handed in what it got": (
        {f"hw2/{who}/{F}": NOTEBOOK for who in ("alovelace", "bbell", "ccole")},
        ("alovelace", "bbell", "ccole"),
    ),
    "one student alone": ((f"alovelace/{F}",), ("alovelace",)),
    "one student alone, with attempts": (
        (f"alovelace/attempt 1/{F}", f"alovelace/attempt 2/{F}"),
        ("alovelace",),
    ),
    "one student alone, below the assignment": (
        (f"{NAME}/alovelace/{F}",),
        ("alovelace",),
    ),
    "one student alone, below the archive's name": (
        (f"homework (1)/alovelace/{F}",),
        ("alovelace",),
    ),
}


@pytest.mark.parametrize("what", EVERYONE)
def test_everyone_of_an_archive_comes_out_with_no_word_of_doubt(what):
    files, people = EVERYONE[what]
    assert students(read(files)) == (sorted(people), 0)


LIKE = f"2-3 - Bob - 4 mrt 2026 1200/{F}"
SAID = {  # what it is: (its files, who comes out, what is said of the others)
    "a folder of Gradescope's that the metadata doesn't know": (
        {
            f"a_export/submission_1/{F}": notebook(1),
            f"a_export/submission_2/{F}": notebook(2),
            "a_export/submission_metadata.yml": b"submission_1:\n  :submitters:\n"
            b"  - :name: Ada\n    :email: ada@x\n",
        },
        ["Ada"],
        "names nobody for submission_2",
    ),
    "somebody of Gradescope's metadata without a folder": (
        {
            f"a_export/submission_1/{F}": notebook(1),
            "a_export/submission_metadata.yml": b"submission_1:\n  :submitters:\n"
            b"  - :name: Ada\nsubmission_2:\n  :submitters:\n  - :name: Bob\n",
        },
        ["Ada"],
        "no file of 'Bob' came",
    ),
    "one date of Brightspace's in another language": (
        (f"1-3 - Ada - Mar 1, 2026 1200 PM/{F}", LIKE),
        ["Ada"],
        "is like brightspace's, but not named as in",
    ),
    "a receipt of Blackboard's alone": (
        {
            f"hw_alovelace_{BLACKBOARD_DATE}_{F}": NOTEBOOK,
            f"hw_bbell_{BLACKBOARD_DATE}.txt": b"Name: Bob Bell (bbell)\r\n",
        },
        ["alovelace"],
        "is a receipt, and no file of 'bbell' came",
    ),
    "text alone in Sakai": (
        {
            f"S/Lovelace, Ada(al)/Submission attachment(s)/{F}": NOTEBOOK,
            "S/Bell, Bob(bb)/Bell, Bob(bb)_submissionText.html": b"my answer",
            "S/Bell, Bob(bb)/timestamp.txt": b"2026-03-01T11:30:00Z",
        },
        ["al"],
        "no file of 'bb' came",
    ),
    "a draft alone in Teams": (
        (f"Submitted files/Ada/Sums/Version 1/{F}", f"Working files/Bob/Sums/{F}"),
        ["Ada"],
        "no file of 'Bob' came",
    ),
    "a copy that Jupyter keeps, alone": (
        (f"alovelace/{F}", f"bbell/.ipynb_checkpoints/{NAME}-checkpoint.ipynb"),
        ["alovelace"],
        "lies in .ipynb_checkpoints, and no file of 'bbell' came",
    ),
    "a repository with nothing but git's own": (
        (f"hw2-alovelace/{F}", "hw2-bbell/.git/HEAD"),
        ["alovelace"],
        "lies in .git, and no file of 'bbell' came",
    ),
    "one name in two classes' folders of Teams": (
        (
            f"A/Submitted files/Ada/Sums/Version 1/{F}",
            f"A/Submitted files/Bob/Sums/Version 1/{F}",
            f"B/Submitted files/Ada/Sums/Version 1/{F}",
        ),
        ["Bob"],
        "'Ada' stands in",
    ),
    "two users of Moodle that one folder would hold": (
        (
            f"Ada?_1_assignsubmission_file_/{F}",
            f"Ada*_2_assignsubmission_file_/{F}",
        ),
        ["Ada- (1)", "Ada- (2)"],
        None,
    ),
    "two names that one folder would hold, and no number": (
        (f"Ada? - {F}", f"Ada* - {F}", f"Bob - {F}"),
        ["Bob"],
        "two students would have the id 'Ada-'",
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_whoever_does_not_come_out_is_named_and_the_status_is_1(what):
    files, people, why = SAID[what]
    plan = read(files)
    assert students(plan) == (people, 1 if why else 0)
    assert why is None or any(why in said for _, said in plan.left)


def test_files_of_one_name_in_two_archives_may_be_two_peoples():
    for files in (f"Ada Lovelace - {F}",), (f"alovelace/{F}", f"bbell/{F}"):
        first, second = found_in(files, "a.zip"), found_in(files, "b.zip")
        second[0] = ArchiveFile(
            Path("b.zip"), files[0], notebook(9), NOON.replace(hour=13)
        )
        plan = read(first + second)
        assert tell_status(plan) == 1 and len(plan.hand_ins) == len(files)
        assert "from 2 archives: are these of one person?" in plan.hand_ins[0].notes


def test_two_files_of_one_name_in_a_drives_folder_may_be_two_peoples():
    plan = read((f"Ada Lovelace - {F}", f"Ada Lovelace - {NAME} (1).ipynb"))
    assert students(plan) == (["Ada Lovelace"], 1)


def test_a_notebook_that_all_were_given_is_nobodys_hand_in():
    given = {f"hw2-{who}/demo/show.ipynb": NOTEBOOK for who in ("ada", "bob", "cy")}
    own = {f"hw2-{who}/{F}": notebook(n) for n, who in enumerate(("ada", "bob"), 1)}
    plan = read(given | own | {"hw2-cy/mine.ipynb": notebook(9)})
    assert students(plan) == (["ada", "bob"], 1)
    assert {path for path, _ in plan.left} == {
        "hw2-cy/demo/show.ipynb",
        "hw2-cy/mine.ipynb",
    }


def test_two_who_handed_in_the_same_are_not_one_who_was_given_it_twice():
    files = {f"batch/{who}/Untitled.ipynb": NOTEBOOK for who in ("ada", "bob")}
    files |= {f"cy/{F}": notebook(1)}
    assert students(read(files)) == (["ada", "bob", "cy"], 0)


def test_one_path_twice_in_an_archive_may_be_two_peoples():
    (first,) = found_in((f"Ada/{F}",))
    later = ArchiveFile(first.archive, first.path, notebook(3), NOON.replace(hour=13))
    assert students(read([first, later])) == (["Ada"], 1)


REFUSED = {  # what it is: (its files, what is said)
    "dates that are not in English": (
        (f"12-34 - Ada - 3 mrt 2026 1200/{F}", f"13-34 - Bob - 4 mrt 2026 1200/{F}"),
        "names of brightspace, but the date",
    ),
    "a time that can't be one": (
        (f"12-34 - Ada Lovelace - Mar 41, 2026 1200 PM - {F}",),
        "names of brightspace, but the date",
    ),
    "Sakai in Spanish": (
        (f"Sumas/Lovelace, Ada(alovelace)/Adjuntos del envío/{F}",),
        "names of sakai",
    ),
    "Moodle's names, changed": (
        (f"assignsubmission_file_Ada Lovelace/{F}",),
        "names of moodle",
    ),
    "Blackboard's names without the time": (
        (f"hw_alovelace_attempt_2026-03-01_{F}",),
        "names of blackboard",
    ),
    "Gradescope without its metadata": (
        (f"assignment_1_export/submission_1/{F}",),
        "submission_metadata.yml is not there",
    ),
    "several assignments of Teams": (
        (
            f"Submitted files/Ada/Homework 1/Version 1/{F}",
            f"Submitted files/Ada/Homework 2/Version 1/{F}",
        ),
        "several assignments: 'Homework 1', 'Homework 2'",
    ),
    "one name in two sections": (
        (
            f"Section 1/Ada Lovelace/{F}",
            f"Section 2/Ada Lovelace/{F}",
            f"Section 2/Bob Bell/{F}",
        ),
        "'Ada Lovelace' stands at 'Section 1/Ada Lovelace' and at",
    ),
    "a notebook beside the students' folders": (
        (f"stuff/{F}", f"stuff/alovelace/{F}", f"stuff/bbell/{F}"),
        f"'stuff/{F}' lies above it",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_way_to_go_on(what):
    files, said = REFUSED[what]
    with pytest.raises(CourseError) as refused:
        read(files)
    assert said in str(refused.value)
    if "metadata" not in said:
        assert "--pattern" in str(refused.value)


def patterns(refused):
    """Return the patterns that a message offers, as a shell would give them."""
    offers = str(refused.value).split("--pattern '")[1:]
    return [shlex.split(f"'{offer}".splitlines()[0])[0].rstrip(",") for offer in offers]


TWO = {
    "two": ((f"red/ada/{F}", f"blue/bob/{F}"), (2, 2)),
    "numbers": ((f"math/1/{F}", f"math/2/{F}"), (1, 2)),
}


@pytest.mark.parametrize("what", TWO)
def test_where_two_folders_may_be_the_students_both_are_named_with_a_pattern(what):
    files, numbers = TWO[what]
    with pytest.raises(CourseError, match="More than one folder") as refused:
        read(files)
    plans = [read(files, pattern=pattern) for pattern in patterns(refused)]
    assert tuple(len(plan.hand_ins) for plan in plans) == numbers
    for number in numbers:
        assert f"which makes {number} student" in str(refused.value)


def test_a_roster_decides_between_two_folders():
    roster = table({"id": "a1", "name": "ada"}, {"id": "b2", "name": "bob"})
    assert students(read(TWO["two"][0], roster)) == (["a1", "b2"], 0)
    teams = table({"id": "red"}, {"id": "blue"})
    assert students(read(TWO["two"][0], teams)) == (["blue", "red"], 0)


OFFERED = {  # what it is: (its files, who comes out by the pattern offered, status)
    "files and no folder, the name first": (
        (f"lovelace_{F}", f"o'brien-{F}", f"0012 {NAME} (1).ipynb"),
        (["0012", "lovelace", "o'brien"], 0),
    ),
    "files and no folder, the name last": (
        (f"{NAME}_lovelace.ipynb", f"{NAME} Ann Bell.ipynb"),
        (["Ann Bell", "lovelace"], 0),
    ),
    "files and no folder, the name alone": (
        ("ada.ipynb", "bob.ipynb"),
        (["ada", "bob"], 0),
    ),
    "files in a folder of the assignment's": (
        (f"hw/lovelace_ada_{F}", f"hw/bell_rob_{F}"),
        (["bell_rob", "lovelace_ada"], 0),
    ),
    "a notebook beside the students' folders": (
        (f"USB/ada/{F}", f"USB/bob/{F}", "USB/solution.ipynb"),
        (["ada", "bob"], 1),
    ),
    "clones with the handout beside the work": (
        {
            **{f"ada/{F}": notebook(1), f"bob/{F}": notebook(2)},
            **{f"{who}/starter/{F}": NOTEBOOK for who in ("ada", "bob")},
        },
        (["ada", "bob"], 1),
    ),
    "Teams in German, with drafts": (
        (
            f"Abgegebene Dateien/Ada Lovelace/Übung 2/Version 1/{F}",
            f"Abgegebene Dateien/Bob Bell/Übung 2/Version 1/{F}",
            f"Arbeitsdateien/Bob Bell/Übung 2/{F}",
        ),
        (["Ada Lovelace", "Bob Bell"], 0),
    ),
}


@pytest.mark.parametrize("what", OFFERED)
def test_a_pattern_that_a_refusal_offers_works(what):
    files, expected = OFFERED[what]
    with pytest.raises(CourseError) as refused:
        read(files)
    (pattern,) = patterns(refused)
    assert students(read(files, pattern=pattern)) == expected


BY_HAND = {
    "all of one name": (F, f"{NAME} (1).ipynb", f"Copy of {F}"),
    "sections without students": (f"Section 1/{F}", f"Section 2/{F}"),
    "one student in two": (f"hw 1/ada_{F}", f"hw 2/ada_{F}"),
    "names that a program gave": ("Untitled.ipynb", "Untitled1.ipynb"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_where_no_name_tells_whose_a_file_is_no_pattern_is_offered(what):
    with pytest.raises(CourseError, match="by hand") as refused:
        read(BY_HAND[what])
    assert not patterns(refused)


def test_backslashes_and_whole_paths_are_read_as_a_zip_program_does():
    for made, path in (("hw\\ada\\x", "hw/ada/x"), ("/home/ada/x", "home/ada/x")):
        assert with_slashes(made) == path
    assert with_slashes("ada/a\\b") == "ada/a\\b"


def test_archives_in_an_archive_are_to_be_unpacked():
    with pytest.raises(CourseError, match="unpack each into a folder of its own"):
        read({"ada.zip": b"PK\3\4", "bob.zip": b"PK\3\4"})


def test_a_platform_is_offered_only_where_it_reads_something():
    english = f"12-34 - Ada - Mar 3, 2026 1200 PM/{F}"
    dutch = [f"{n}-34 - Bob - 4 mrt 2026 1200/{F}" for n in (13, 14, 15)]
    with pytest.raises(CourseError) as refused:
        read(dutch)
    assert "--from brightspace" not in str(refused.value)
    assert students(read([english, *dutch])) == (["Ada"], 1)


def test_the_pattern_for_dates_in_another_language_works():
    with pytest.raises(CourseError) as refused:
        read(REFUSED["dates that are not in English"][0])
    (pattern,) = patterns(refused)
    files = REFUSED["dates that are not in English"][0]
    assert students(read(files, pattern=pattern)) == (["Ada", "Bob"], 0)


def test_the_pattern_for_one_assignment_of_teams_works():
    files = REFUSED["several assignments of Teams"][0]
    with pytest.raises(CourseError) as refused:
        read(files)
    plan = read(files, pattern=patterns(refused)[0])
    assert [h.piece.entry.path for h in plan.hand_ins] == [files[0]]
