"""What a learning platform gives is sorted by student, and nothing of it is lost."""

import json
import re
import zipfile

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.__main__ import main
from autograder.collect.archive import SMALL, entries
from autograder.collect.platforms import (
    MARKED,
    PLATFORMS,
    likeliest,
    named,
    platform_from,
)
from tests.support.gradebooks import opened
from tests.support.hand_ins import NAME, as_bytes, blank, solved
from tests.support.places import ROOT

FILE = f"{NAME}.ipynb"
WRONG = "def total(x, axis=-1):\n    return 0"
RIGHT, OTHER = as_bytes(solved()), as_bytes(solved(total=WRONG))


@pytest.fixture
def course(released_course):
    """A course with a released assignment, and no gradebook to look at."""
    return released_course


def packed(course, files, name="download.zip"):
    """Return an archive with these files, as a platform would give it."""
    path = course.root / name
    with zipfile.ZipFile(path, "w") as archive:
        for inner, content in files.items():
            info = zipfile.ZipInfo(inner, (2026, 3, 1, 12, 0, 0))
            archive.writestr(info, content)
    return path


def collect(course, *arguments):
    """Run the command; return its status."""
    return main(["--course", str(course.root), "collect", NAME, *map(str, arguments)])


def collected(course):
    """Return all that lies in build/submitted, by path."""
    files = [path for path in course.submitted.rglob("*") if path.is_file()]
    return {p.relative_to(course.submitted).as_posix(): p.read_bytes() for p in files}


MADE_UP = {
    "moodle": (
        f"Ada Lovelace_123456_assignsubmission_file_/{FILE}",
        f"Müller, Zoë de la Cruz_77_assignsubmission_file_{FILE}",
    ),
    "canvas": (
        f"lovelaceada_12345_67890_{NAME}-1.ipynb",
        f"mullerzoe_LATE_4_67891_{FILE}",
    ),
    "blackboard": (
        f"{NAME}_alovelace_attempt_2026-03-01-12-00-00_{FILE}",
        f"Homework 2: sums_zmueller_attempt_2026-03-02-09-30-00_{FILE}",
    ),
    "brightspace": (
        f"12345-67890 - Ada Lovelace - Mar 1, 2026 1200 PM/{FILE}",
        f"12346-67890 - Zoë Müller - Mar 2, 2026 930 AM/{FILE}",
    ),
    "sakai": (
        f"Homework 2/Lovelace, Ada(alovelace)/Submission attachment(s)/{FILE}",
        f"Homework 2/Müller, Zoë(zmueller)_Submission attachment(s)_{FILE}",
    ),
    "teams": (
        f"Submitted files/Ada Lovelace/Homework 2/Version 1/{FILE}",
        f"Submitted files/Zoë Müller/Homework 2/Version 12/{FILE}",
    ),
    "gradescope": (
        f"assignment_1_export/submission_5678/{FILE}",
        f"assignment_1_export/submission_5679/sub/{FILE}",
    ),
    "ilias": (
        f"Homework 2/Lovelace_Ada_alovelace_345/{FILE}",
        f"Homework 2/Team 7/Mueller_Zoe_zmueller_346/{FILE}",
    ),
    "google": (f"Ada Lovelace - {FILE}", f"Zoë Müller - Copy of {FILE}"),
    "files": (f"alovelace/{FILE}", f"class/zmueller/{FILE}"),
}
STUDENTS = {
    "moodle": ("Ada Lovelace", "Müller, Zoë de la Cruz"),
    "canvas": ("lovelaceada", "mullerzoe"),
    "blackboard": ("alovelace", "zmueller"),
    "brightspace": ("Ada Lovelace", "Zoë Müller"),
    "sakai": ("alovelace", "zmueller"),
    "teams": ("Ada Lovelace", "Zoë Müller"),
    "gradescope": ("Ada Lovelace", "Zoë Müller"),
    "ilias": ("alovelace", "zmueller"),
    "google": ("Ada Lovelace", "Zoë Müller"),
    "files": ("alovelace", "zmueller"),
}


METADATA = b"""---
submission_5678:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: ada@x.org
  :created_at: 2026-03-01 12:00:00.123456000 Z
submission_5679:
  :submitters:
  - :name: Zo\xc3\xab M\xc3\xbcller
    :email: zoe@x.org
"""
BESIDE = {"gradescope": {"assignment_1_export/submission_metadata.yml": METADATA}}


@pytest.mark.parametrize("platform", MADE_UP)
def test_each_platforms_archive_is_collected_without_being_told_whose(course, platform):
    files = dict(zip(MADE_UP[platform], (RIGHT, OTHER), strict=True))
    archive = packed(course, files | BESIDE.get(platform, {}))
    assert collect(course, archive) == 0
    first, second = (f"{who}/{NAME}/{FILE}" for who in STUDENTS[platform])
    there = collected(course)
    assert there[first] == RIGHT and there[second] == OTHER
    assert {name for name in there if name.endswith(".ipynb")} == {first, second}


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p.name)
def test_no_platforms_files_are_taken_for_anothers(platform):
    assert likeliest(list(MADE_UP[platform.name])) == platform


@pytest.mark.parametrize("platform", MARKED, ids=lambda p: p.name)
def test_a_platforms_files_are_known_among_strays(platform):
    strays = [f"stray/{number}.ipynb" for number in range(5)]
    assert likeliest([*MADE_UP[platform.name], *strays]) == platform


def test_the_guide_for_instructors_has_a_row_for_each_platform():
    guide = (ROOT / "book" / "instructors.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", guide, re.M)
    assert {platform.name for platform in PLATFORMS} <= set(rows)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p.name)
def test_a_pattern_is_one_that_nbgraders_collector_takes(platform):
    from nbgrader.plugins import FileNameCollectorPlugin

    plugin = FileNameCollectorPlugin(named_regexp=platform.pattern)
    said = [plugin.collect(name) for name in MADE_UP[platform.name]]
    students = list(STUDENTS[platform.name])
    if platform.name == "gradescope":  # who they are stands in its metadata alone
        students = ["submission_5678", "submission_5679"]
    assert [entry["student_id"] for entry in said] == students
    assert all(NAME in entry["file_id"] for entry in said)


def test_the_time_in_a_name_is_read_in_the_platforms_zone(course):
    name = f"{NAME}_alovelace_attempt_2026-03-01-12-00-00_{FILE}"
    assert collect(course, packed(course, {name: RIGHT}), "--zone=Europe/Rome") == 0
    stamp = collected(course)[f"alovelace/{NAME}/timestamp.txt"]
    assert stamp == b"2026-03-01 11:00:00 UTC"


def test_of_several_attempts_the_newest_counts_wherever_it_stands(course):
    start = f"{NAME}_alovelace_attempt_2026-03-0"
    newest, older = f"{start}3-08-00-00_{FILE}", f"{start}1-12-00-00_{FILE}"
    archive = packed(course, {newest: RIGHT, older: OTHER})
    assert collect(course, archive, "--from", "blackboard") == 0
    there = collected(course)
    assert there[f"alovelace/{NAME}/{FILE}"] == RIGHT
    assert there[f"alovelace/{NAME}/timestamp.txt"].startswith(b"2026-03-03 08:00")


def test_of_canvas_attempts_the_one_with_the_higher_number_counts(course):
    names = [f"lovelaceada_12_{n}_{NAME}-{k}.ipynb" for n, k in ((999, 1), (1000, 2))]
    packed(course, dict(zip(names, (OTHER, RIGHT), strict=True)))
    assert collect(course, course.root / "download.zip") == 0
    assert collected(course) == {f"lovelaceada/{NAME}/{FILE}": RIGHT}


def test_two_files_that_nothing_tells_apart_are_left_and_named(course, capsys):
    start = "Ada Lovelace_1_assignsubmission_file_/"
    archive = packed(course, {f"{start}a.ipynb": RIGHT, f"{start}b.ipynb": OTHER})
    assert collect(course, archive) == 1
    assert "nothing tells the newest" in capsys.readouterr().out
    assert collected(course) == {}


def test_two_students_of_one_name_stay_two(course):
    names = [f"Ada Lovelace_{n}_assignsubmission_file_/{FILE}" for n in (11, 22)]
    archive = packed(course, dict(zip(names, (RIGHT, OTHER), strict=True)))
    assert collect(course, archive) == 0
    assert collected(course) == {
        f"Ada Lovelace (11)/{NAME}/{FILE}": RIGHT,
        f"Ada Lovelace (22)/{NAME}/{FILE}": OTHER,
    }


def test_a_roster_gives_the_ids_even_to_two_of_one_name(course):
    names = [f"Ada Lovelace_{n}_assignsubmission_file_/{FILE}" for n in (11, 22)]
    names.append(f"Müller, Zoë_33_assignsubmission_file_/{FILE}")
    archive = packed(course, dict.fromkeys(names, RIGHT))
    roster = course.root / "worksheet.csv"
    roster.write_text(
        "Identifier,Full name,Email address,Last modified (submission)\n"
        'Participant 11,Ada Lovelace,ada@x.org,"Sunday, 1 March 2026, 12:00 PM"\n'
        "Participant 22,Ada Lovelace,lady@x.org,-\n"
        "Participant 33,Zoë Müller,z@x.org,-\n"
    )
    assert collect(course, archive, "--roster", roster) == 0
    there = collected(course)
    assert {p.split("/")[0] for p in there} == {"ada@x.org", "lady@x.org", "z@x.org"}
    assert there[f"ada@x.org/{NAME}/timestamp.txt"] == b"2026-03-01 12:00:00 UTC"


def test_who_is_not_in_the_roster_is_named_and_left(course, capsys):
    name = f"lovelaceada_12_67_{FILE}"
    roster = course.root / "grades.csv"
    roster.write_text('Student,ID,SIS Login ID\n"Turing, Alan",7,at1\n')
    assert collect(course, packed(course, {name: RIGHT}), "--roster", roster) == 1
    out = capsys.readouterr().out
    assert f"{name}: belongs to nobody: no row of grades.csv" in out
    roster.write_text('Student,ID,SIS Login ID\n"Lovelace, Ada",12,al1\n')
    assert collect(course, packed(course, {name: RIGHT}), "--roster", roster) == 0
    assert f"al1/{NAME}/{FILE}" in collected(course)


def test_a_file_that_is_no_notebook_is_reported_and_kept(course, capsys):
    start = f"{NAME}_alovelace_attempt_2026-03-01-12-00-00"
    files = {f"{start}_essay.docx": b"PK\3\4", f"{start}.txt": b"Name: A (alovelace)"}
    assert collect(course, packed(course, files)) == 1
    assert "'essay.docx' is no notebook" in capsys.readouterr().out
    assert collected(course)[f"alovelace/{NAME}/essay.docx"] == b"PK\3\4"


def test_a_notebook_that_cannot_be_graded_gives_way_to_one_that_can(course, capsys):
    start = f"{NAME}_alovelace_attempt_2026-03-0"
    files = {f"{start}1-12-00-00_{FILE}": RIGHT, f"{start}2-12-00-00_{FILE}": b"{"}
    assert collect(course, packed(course, files)) == 0
    assert collected(course)[f"alovelace/{NAME}/{FILE}"] == RIGHT
    assert collect(course, packed(course, {f"zoe/{FILE}": b"{"})) == 1
    assert "The file stops in the middle" in capsys.readouterr().out


def test_a_user_name_with_an_underscore_is_read_from_the_receipt(course):
    start = "Homework_2_ada_lovelace_attempt_2026-03-01-12-00-00"
    receipt = b"Name: Ada Lovelace (ada_lovelace)\r\nAssignment: Homework_2\r\n"
    files = {f"{start}_{FILE}": RIGHT, f"{start}.txt": receipt}
    assert collect(course, packed(course, files)) == 0
    assert f"ada_lovelace/{NAME}/{FILE}" in collected(course)


def test_a_dry_run_shows_all_and_copies_nothing(course, capsys):
    archive = packed(course, dict.fromkeys(MADE_UP["moodle"], RIGHT))
    assert collect(course, archive, "--dry-run") == 0
    out = capsys.readouterr().out
    assert all(who in out for who in STUDENTS["moodle"]) and "Nothing was copied" in out
    assert collected(course) == {} and not (course.build / "collected").exists()


def test_what_a_newer_file_replaces_is_put_aside(course):
    name = f"Ada Lovelace_1_assignsubmission_file_/{FILE}"
    assert collect(course, packed(course, {name: OTHER})) == 0
    assert collect(course, packed(course, {name: RIGHT})) == 0
    assert collect(course, packed(course, {name: RIGHT})) == 0
    assert collected(course) == {f"Ada Lovelace/{NAME}/{FILE}": RIGHT}
    aside = list((course.build / "replaced").rglob("*.ipynb"))
    assert [path.read_bytes() for path in aside] == [OTHER]


def test_an_older_file_does_not_replace_a_newer_one(course, capsys):
    start = f"{NAME}_alovelace_attempt_2026-03-0"
    assert collect(course, packed(course, {f"{start}2-12-00-00_{FILE}": RIGHT})) == 0
    assert collect(course, packed(course, {f"{start}1-12-00-00_{FILE}": OTHER})) == 0
    assert collected(course)[f"alovelace/{NAME}/{FILE}"] == RIGHT
    assert "what is there came in later" in capsys.readouterr().out


def test_what_cannot_be_graded_replaces_no_notebook(course, capsys):
    start = "Ada Lovelace_1_assignsubmission_file_/"
    assert collect(course, packed(course, {start + FILE: RIGHT})) == 0
    for later in {start + "essay.docx": b"PK"}, {start + FILE: RIGHT[:-9]}:
        assert collect(course, packed(course, later)) == 1
        assert "what is there is a notebook" in capsys.readouterr().out
        assert collected(course) == {f"Ada Lovelace/{NAME}/{FILE}": RIGHT}


def test_who_handed_in_before_is_not_said_to_be_missing(course, capsys):
    roster = course.root / "class.csv"
    roster.write_text("username\nada\nbob\ncy\n")
    for who in "ada", "bob":
        archive = packed(course, {f"{who}/{FILE}": RIGHT})
        assert collect(course, archive, f"--roster={roster}") == 0
    assert "Nothing came of 1 of the roster:\n  cy\n" in capsys.readouterr().out


def test_the_line_that_excel_writes_for_itself_is_no_heading(course):
    roster = course.root / "class.csv"
    roster.write_text("sep=;\nname;username\nAda Bell;al1\n")
    archive = packed(course, {f"Ada Bell/{FILE}": RIGHT})
    assert collect(course, archive, f"--roster={roster}") == 0
    assert f"al1/{NAME}/{FILE}" in collected(course)


def test_what_a_system_keeps_on_a_stick_is_nobodys(course):
    own = ("System Volume Information/x", ".Trashes/501/x", "$RECYCLE.BIN/y")
    files = {f"USB/{path}": b"x" for path in own} | {f"USB/ada/{FILE}": RIGHT}
    assert collect(course, packed(course, {**files, f"USB/bob/{FILE}": OTHER})) == 0
    assert {path.split("/")[0] for path in collected(course)} == {"ada", "bob"}


def test_no_path_in_an_archive_leads_out_of_the_folder(course):
    evil = f"../../x_1_assignsubmission_file_/{FILE}"
    odd = f"..*_2_assignsubmission_file_/../{FILE}"
    archive = packed(course, {evil: RIGHT, odd: RIGHT})
    assert collect(course, archive, "--from=moodle") == 1
    assert set(collected(course)) == {f"x/{NAME}/{FILE}"}


def test_systems_own_files_are_passed_over_and_strange_ones_named(course, capsys):
    good = f"Ada Lovelace_1_assignsubmission_file_/{FILE}"
    files = {good: RIGHT, f"__MACOSX/._{FILE}": b"", "readme.txt": b"hello"}
    assert collect(course, packed(course, files)) == 1
    out = capsys.readouterr().out
    assert "readme.txt: is not named as in" in out and "MACOSX" not in out
    assert set(collected(course)) == {f"Ada Lovelace/{NAME}/{FILE}"}


def test_the_wrong_platform_is_named_with_the_right_one(course, capsys):
    archive = packed(course, dict.fromkeys(MADE_UP["canvas"], RIGHT))
    assert collect(course, archive, "--from=moodle") == 2
    assert "Try --from canvas" in capsys.readouterr().err
    assert collect(course, archive, "--from=mooodle") == 2
    assert "There are: moodle" in capsys.readouterr().err


def test_what_is_no_archive_is_named_with_its_cure(course, capsys):
    path = course.root / "page.zip"
    path.write_text("<html>log in first</html>")
    assert collect(course, path) == 2
    err = capsys.readouterr().err
    assert "page.zip is no ZIP archive" in err and "Download it again" in err
    assert collect(course, course.root / "nowhere.zip") == 2
    assert collect(course, packed(course, {}), "--zone=Nowhere") == 2


def test_any_other_platform_is_a_pattern_away(course, capsys):
    archive = packed(course, {f"ada-12-{FILE}": RIGHT})
    mine = r"(?P<student_id>[^-/]+)-(.*-)?(?P<file_id>[^-]+)"
    assert collect(course, archive, f"--pattern={mine}") == 0
    assert set(collected(course)) == {f"ada/{NAME}/{FILE}"}
    assert collect(course, archive, "--pattern=(") == 2
    assert "is no regular expression" in capsys.readouterr().err
    with pytest.raises(ValueError, match="student_id"):
        platform_from("(?P<file_id>.*)")


def test_a_folder_that_was_unpacked_is_as_good_as_the_archive(course):
    archive = packed(course, dict.fromkeys(MADE_UP["moodle"][:1], RIGHT))
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(course.root / "unpacked")
    assert collect(course, course.root / "unpacked") == 0
    assert set(collected(course)) == {f"Ada Lovelace/{NAME}/{FILE}"}


def test_an_untouched_notebook_is_collected_too(course):
    name = f"Ada Lovelace_1_assignsubmission_file_/{FILE}"
    assert collect(course, packed(course, {name: as_bytes(blank())})) == 0
    assert len(collected(course)) == 1


def give_back(course, *arguments):
    """Return the paths in the archive of feedback, or the status without one."""
    command = ["--course", str(course.root), "return", NAME, *arguments]
    if status := main(command):
        return status
    with zipfile.ZipFile(course.build / "returned" / f"{NAME}.zip") as archive:
        return sorted(archive.namelist())


def test_feedback_goes_back_under_the_names_that_came(course):
    names = [f"Ada Lovelace_{n}_assignsubmission_file_/{FILE}" for n in (11, 22)]
    collect(course, packed(course, dict.fromkeys(names, RIGHT)))
    assert give_back(course) == 2
    for number in (11, 22):
        page = course.feedback / f"Ada Lovelace ({number})" / NAME / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"{number}")
    html = [name.replace(".ipynb", ".html") for name in names]
    assert give_back(course) == html
    assert give_back(course, "--changed") == 1
    page.write_text("better")
    assert give_back(course, "--changed") == html[1:]


def test_feedback_of_canvas_keeps_its_numbers(course):
    collect(course, packed(course, dict.fromkeys(MADE_UP["canvas"], RIGHT)))
    page = course.feedback / "lovelaceada" / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text("well done")
    assert give_back(course) == [f"lovelaceada_12345_67890_{NAME}.html"]


BACK = {
    "moodle": ("Ada Lovelace_123456_assignsubmission_file_/", "In Moodle"),
    "brightspace": ("12345-67890 - Ada Lovelace - Mar 1, 2026 1200 PM/", "Feedback"),
    "sakai": (
        "Homework 2/Lovelace, Ada(alovelace)/Feedback Attachment(s)/",
        "Upload All",
    ),
    "ilias": ("multi_feedback/Lovelace_Ada_alovelace_345/", "Multi-Feedback"),
    "teams": ("Ada Lovelace/", "send each page"),
    "gradescope": ("Ada Lovelace/", "send each page"),
    "blackboard": ("01_tiny_alovelace_attempt_2026-03-01-12-00-00_", "send each page"),
}


@pytest.mark.parametrize("platform", BACK)
def test_a_page_goes_where_the_platform_looks_for_it(course, platform, capsys):
    path = MADE_UP[platform][0]
    files = {path: RIGHT, **BESIDE.get(platform, {})}
    assert collect(course, packed(course, files)) == (platform == "gradescope")
    student = STUDENTS[platform][0]
    page = course.feedback / student / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text("well done")
    folder, how = BACK[platform]
    assert give_back(course) == [f"{folder}{NAME}.html"]
    assert how in capsys.readouterr().out


def test_each_of_a_team_has_a_page_of_their_own(course):
    start = "Sums/Team A (0a1b2c3d)"
    members = b"Lovelace, Ada(al); Bell, Bob(bb)"
    attached = f"{start}/Submission attachment(s)/{FILE}"
    files = {attached: RIGHT, f"{start}/members.txt": members}
    assert collect(course, packed(course, files)) == 0
    for student in ("al", "bb"):
        page = course.feedback / student / NAME / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(student)
    place = f"{start}/Feedback Attachment(s)/{NAME}"
    assert give_back(course) == [f"{place}-bb.html", f"{place}.html"]


def test_a_folder_of_the_students_own_is_no_place_for_a_page(course):
    start = "Ada Lovelace_1_assignsubmission_file_"
    collect(course, packed(course, {f"{start}/project/{FILE}": RIGHT}))
    page = course.feedback / "Ada Lovelace" / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text("well done")
    assert give_back(course) == [f"{start}/{NAME}.html"]


def test_no_page_is_packed_above_its_archive(course):
    collect(course, packed(course, {f"../../x_1_assignsubmission_file_/{FILE}": RIGHT}))
    page = course.feedback / "x" / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text("well done")
    assert give_back(course) == [f"x_1_assignsubmission_file_/{NAME}.html"]


def test_who_of_the_class_handed_in_nothing_is_listed(course, capsys):
    roster = course.root / "class.csv"
    roster.write_text("id\nada\nbob\ncy\n")
    archive = packed(course, {f"bob/{FILE}": RIGHT})
    assert collect(course, archive, "--roster", roster) == 0
    out = capsys.readouterr().out
    assert "Nothing came of 2 of the roster:\n  ada, cy" in out


def test_names_almost_like_a_platforms_are_said_to_be_that(course, capsys):
    name = f"12-34 - Ada - 3 mrt 2026 1200/{FILE}"
    assert collect(course, packed(course, {name: RIGHT})) == 2
    err = capsys.readouterr().err
    assert "look like the names of brightspace, but the date" in err
    assert "--pattern '" in err and collected(course) == {}


def test_a_namesake_of_a_later_archive_gets_a_folder_of_their_own(course):
    for number, content in ((11, RIGHT), (22, OTHER), (11, RIGHT)):
        name = f"Ada Lovelace_{number}_assignsubmission_file_/{FILE}"
        assert collect(course, packed(course, {name: content})) == 0
    there = collected(course)
    assert there[f"Ada Lovelace/{NAME}/{FILE}"] == RIGHT
    assert there[f"Ada Lovelace (22)/{NAME}/{FILE}"] == OTHER and len(there) == 2


def test_a_record_tells_where_each_file_came_from(course):
    collect(course, packed(course, dict.fromkeys(MADE_UP["canvas"], RIGHT)))
    record = json.loads((course.build / "collected" / f"{NAME}.json").read_text())
    assert record["lovelaceada"]["path"] == MADE_UP["canvas"][0]
    kinds = {platform.name: platform for platform in PLATFORMS}
    said = named(kinds["canvas"], record["mullerzoe"]["path"])
    assert said.late and said.key == "4"


@pytest.mark.parametrize(
    "name", [f"{FILE}.json", f"{FILE}.txt", f"{FILE} (1)", f"{NAME}.IPYNB", NAME]
)
def test_a_notebook_under_any_name_is_collected_as_one(course, name, capsys):
    path = f"Ada Lovelace_1_assignsubmission_file_/{name}"
    other = "Bob Bell_2_assignsubmission_file_/data.json"
    archive = packed(course, {path: RIGHT, other: b'{"x": 1}'})
    assert collect(course, archive) == 1
    assert collected(course)[f"Ada Lovelace/{NAME}/{FILE}"] == RIGHT
    assert collected(course)[f"Bob Bell/{NAME}/data.json"] == b'{"x": 1}'
    assert "'data.json' is no notebook." in capsys.readouterr().out


def test_of_a_zip_archive_that_was_handed_in_the_cure_is_said(course, capsys):
    path = "Ada Lovelace_1_assignsubmission_file_/hw.zip"
    assert collect(course, packed(course, {path: b"PK\3\4"})) == 1
    said = "'hw.zip' is a ZIP archive: unpack it in its folder, and grade again."
    assert said in capsys.readouterr().out


CANVAS_ROSTER = (
    "Student,ID,SIS Login ID,Email\n    Points Possible,,,\n"
    '"Lovelace, Ada",12,al1,ada@x.org\n"Turing, Alan",13,at1,\n'
)
MOODLE_ROSTER = "First name,Surname,Email address\nAda,Lovelace,al1\nAlan,Turing,at1\n"


def students(course):
    """Return what the gradebook knows of its students."""
    with opened(course) as book:
        columns = ("first_name", "last_name", "email")
        return {s.id: tuple(getattr(s, c) for c in columns) for s in book.students}


def test_everyone_of_a_roster_is_in_the_gradebook(course, capsys):
    archive = packed(course, {f"lovelaceada_12_67_{FILE}": RIGHT})
    roster = course.root / "class.csv"
    roster.write_text(CANVAS_ROSTER)
    assert collect(course, archive, "--roster", roster, "--dry-run") == 0
    assert students(course) == {}
    assert collect(course, archive, "--roster", roster) == 0
    said = capsys.readouterr().out
    assert "2 students of class.csv in the gradebook, 2 of them new" in said
    assert "1 row without an id in 'SIS Login ID' left out" in said
    both = {"al1": ("Ada", "Lovelace", "ada@x.org"), "at1": ("Alan", "Turing", None)}
    assert students(course) == both
    assert collect(course, archive) == 0
    assert students(course) == both


def test_a_roster_tells_names_and_takes_none_away(course):
    archive = packed(course, {f"Ada Lovelace - {FILE}": RIGHT})
    with opened(course) as book:
        book.add_student("al1", first_name="A.", email="ada@x.org")
        book.add_student("old", first_name="Old")
    roster = course.root / "class.csv"
    roster.write_text(MOODLE_ROSTER)
    assert collect(course, archive, "--roster", roster) == 0
    known = students(course)
    assert known["al1"] == ("Ada", "Lovelace", "al1") and known["old"][0] == "Old"
    roster.write_text("username,name\nal1,Ada Lovelace\n")
    assert collect(course, archive, "--roster", roster) == 0
    assert students(course) == known


def test_an_id_that_the_gradebook_spells_otherwise_is_not_added_twice(course, capsys):
    with opened(course) as book:
        book.add_student("AL1")
    archive = packed(course, {f"Ada Lovelace - {FILE}": RIGHT})
    roster = course.root / "class.csv"
    roster.write_text(MOODLE_ROSTER)
    assert collect(course, archive, "--roster", roster) == 0
    assert students(course).keys() == {"AL1", "at1"}
    assert "'al1' stands there as 'AL1': use one spelling" in capsys.readouterr().out


def test_a_large_class_is_remembered_at_once(course):
    roster = course.root / "class.csv"
    rows = "".join(f"s{n},s{n}@x.org\n" for n in range(5000))
    roster.write_text(f"username,email\n{rows}")
    archive = packed(course, {f"s7 - {FILE}": RIGHT})
    commits = []
    note = commits.append
    event.listen(Engine, "commit", note)
    try:
        assert collect(course, archive, "--roster", roster) == 0
    finally:
        event.remove(Engine, "commit", note)
    assert len(commits) < 10  # student by student it would be thousands, and a minute
    assert len(students(course)) == 5000


def test_what_is_large_is_not_kept_in_memory(course):
    large = as_bytes(solved()) + b" " * SMALL
    files = {f"ada/{FILE}": large, f"bo/{FILE}": RIGHT, f"cy/{FILE}": large}
    archive = packed(course, files)
    found = {entry.path: entry for entry in entries(archive)}
    assert [callable(found[path].held) for path in files] == [True, False, True]
    assert {path: entry.content for path, entry in found.items()} == files
    assert len({entry.digest for entry in found.values()}) == 2
    assert collect(course, archive) == 0
    assert collected(course)[f"ada/{NAME}/{FILE}"] == large
    archive.unlink()
    assert "changed" in str(found[f"ada/{FILE}"].content)
