"""How learning platforms name the files in an archive of hand-ins.

A pattern is what nbgrader's `FileNameCollectorPlugin` takes: it names `student_id` and
`file_id`. Ours name more: `key`, the platform's own number of a student, `stamp`, when
the file came in, `order`, which attempt it is, `upload`, a file's number, and `late`.
What only the whole archive tells is read in `whose.py`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from autograder.collect.dates import WORDED, read_moment

LONGEST_PATH = 1000  # patterns look back: a longer path is nobody's
ABOVE = re.compile(r"(?:^|/)[^/]*[^/.][^/]*/\.\./")  # "x/../y": nobody's
UPLOAD = r"(?:\d+_|(?:text|link)\.html\Z)"  # Canvas: a file's number, or no file


@dataclass(frozen=True)
class Platform:
    """One platform: its name, what its files look like, in words and as a pattern.

    `near` is what looks like it though its names can't be read, `own` is what the
    platform adds for itself, `beside` what it adds to a student's files, and
    `takes_back` how it takes pages of feedback, or that it doesn't.
    """

    name: str
    example: str
    pattern: str
    near: str = ""
    own: str = ""
    beside: str = ""
    takes_back: str = "It takes no archive of pages: send each page to its student."
    unique: bool = False  # no two people share what it calls a student


@dataclass(frozen=True)
class Named:
    """What the name of a file in an archive says."""

    student: str
    file: str
    key: str | None = None
    when: datetime.datetime | None = None
    order: int = 0
    upload: int = 0
    late: bool = False
    names: tuple[str, ...] = ()  # what else a roster may call the student
    folder: str = ""  # where the student's files begin
    back: str = ""  # where a page goes, in an archive that the platform takes


MOODLE = Platform(
    "moodle",
    "Ada Lovelace_123456_assignsubmission_file_/FILE",
    r"(?:.*?/)??(?P<student_id>[^/]+?)(?:_(?P<key>\d+))?_assignsubmission_[a-z]+"
    r"(?:_?/(?P<sub>(?:.*/)?)|_)(?P<file_id>[^/]+)",
    near=r"assignsubmission",
    takes_back="In Moodle: Grading action, Upload multiple feedback files in a zip.",
)
BLACKBOARD = Platform(
    "blackboard",
    "TITLE_alovelace_attempt_2026-03-01-12-00-00_FILE",
    r"(?:.*/)?[^/]+?_(?P<student_id>[^_/]+)_attempt_"
    r"(?P<stamp>\d{4}(?:-\d\d){5})(?:_(?P<file_id>[^/]+)|\.txt)",
    near=r"_attempt_\d{4}",
    unique=True,
)
BRIGHTSPACE = Platform(
    "brightspace",
    "12345-67890 - Ada Lovelace - Mar 1, 2026 1200 PM/FILE",
    r"(?:.*?/)??(?P<key>\d+)-\d+ *- *(?:[A-Za-z]{0,3}\d[\w.]* +- +)?"
    rf"(?P<student_id>[^/]+?) *- *(?P<stamp>{WORDED})"
    r"(?:/(?P<sub>(?:.*/)?)| +- +)(?P<file_id>[^/]+)",
    near=r"(?:^|/)\d+-\d+(?: +- *| *- +|-(?=[^\W\d]))",
    own=r"(?:.*/)?index\.html",
    takes_back="In Brightspace: the assignment, Add Feedback Files.",
)
CANVAS = Platform(
    "canvas",
    "lovelaceada_12345_67890_FILE",
    r"(?:.*/)?(?P<early>(?i:late)_)?"
    rf"(?P<student_id>(?P<anon>anon_[0-9A-Za-z]+)(?=_{UPLOAD})"
    rf"|[^/]+?(?=(?:_(?i:late))?_\d+_{UPLOAD}))"
    r"(?P<late>_(?i:late))?(?(anon)|_(?P<key>\d+))"
    r"(?:_(?P<upload>\d+)(?=_))?_(?P<file_id>[^/]+)",
    near=r"_\d{3,}_\d{3,}[_.]",
    takes_back="In Canvas: Upload Submissions, below Download Submissions.",
)
TEAMS = Platform(
    "teams",
    "Submitted files/Ada Lovelace/ASSIGNMENT/Version 1/FILE",
    r"(?:.*?/)??(?i:submitted files)/(?P<student_id>[^/]+)/(?P<task>[^/]+)/"
    r"(?:(?i:v[^\W\d_]+) (?P<order>\d+)/)?(?:.*/)?(?P<file_id>[^/]+)",
    near=r"(?i:(?:^|/)submitted files/)",
    beside=r"(?:.*?/)??(?i:working files)/(?P<student_id>[^/]+)/.+",
)
SAKAI = Platform(
    "sakai",
    "TITLE/Lovelace, Ada(alovelace)/Submission attachment(s)/FILE",
    r"(?:.*?/)??(?:[^/]*?\()?(?P<student_id>[^()/]+)\)?"
    r"(?:/Submission attachment\(s\)/(?:.*/)?|_Submission attachment\(s\)_)"
    r"(?P<file_id>[^/]+)",
    near=r"(?:^|/)[^/]+,[^/]*\([^()/]+\)[/_]|Submission attachment",
    own=r"(?:[^/]+/)?(?:grades\.\w+|[^/]*notes[^/]*\.html)",
    beside=r"(?:.*?/)??(?:[^/]*?\(|(?=[0-9a-f]{8}-))(?P<student_id>[^()/]+)\)?(?:/|_+)"
    r"(?:timestamp\.txt|members\.txt|comments\.txt|feedbackText\.html"
    r"|[^/]*_?submissionText\.html|Feedback Attachment\(s\)[/_].*)",
    takes_back="In Sakai: the assignment, Upload All, feedback attachments.",
    unique=True,
)
GRADESCOPE = Platform(
    "gradescope",
    "assignment_1_export/submission_5678/FILE",
    r"(?:.*?/)??(?P<student_id>submission_\d+)/(?:.*/)?(?P<file_id>[^/]+)",
    near=r"submission_metadata\.yml\Z|(?:^|/)assignment_\d+_export/",
    own=r"(?:.*/)?submission_metadata\.yml",
)
ILIAS = Platform(
    "ilias",
    "Lovelace_Ada_alovelace_345/FILE",
    r"(?:.*?/)??(?!multi_feedback)[^/_]+_[^/_]+_(?P<student_id>[^/]+)_(?P<key>\d+)/"
    r"(?P<sub>(?:.*/)?)(?P<file_id>[^/]+)",
    near=r"(?:^|/)multi_feedback",
    own=r"(?:[^/]+/)*(?:status\.(?:xlsx?|csv)|README\.md)",
    takes_back="In ILIAS: the assignment, Multi-Feedback, upload the ZIP.",
)
GOOGLE = Platform(
    "google",
    "Ada Lovelace - FILE",
    r"(?:.*/)?(?P<student_id>[^/]+?) - (?P<file_id>[^/]+)",
)
FILES = Platform(
    "files",
    "alovelace/FILE",
    r"(?:.*/)?(?P<student_id>[^/]+)/(?P<file_id>[^/]+)",
)
MARKED = (  # names that no other one gives
    *(MOODLE, BLACKBOARD, BRIGHTSPACE, SAKAI, TEAMS, GRADESCOPE, CANVAS),
)
ANY = (ILIAS, GOOGLE, FILES)  # many names fit: tried where none is marked
PLATFORMS = (*MARKED, *ANY)


def named(platform: Platform, path: str) -> Named | None:
    """Return what a path in an archive says, or None if it is no file of the kind."""
    match = matched(platform.pattern, path)
    if match is None:
        return None
    said = match.groupdict()
    stamp = said.get("stamp") or said.get("timestamp")
    file = said.get("file_id") or ""
    end = len(match.string) - len(file)
    if said.get("sub"):  # folders of the student's own making
        end = match.start("sub")
    when = read_moment(stamp)
    if when is None and platform is BRIGHTSPACE:
        return None
    return Named(
        student=(said.get("student_id") or "").strip(),
        file=file,
        key=said.get("key"),
        when=when,
        order=as_number(said.get("order")),
        upload=as_number(said.get("upload")),
        late=bool(said.get("late") or said.get("early")),
        folder=match.string[: match.start("student_id")],
        back=match.string[:end],
    )


def as_number(text: str | None) -> int:
    """Return the number that digits are, or 0."""
    return int(text) if text and text.isdecimal() and len(text) < 20 else 0


def matched(pattern: str, path: str) -> re.Match[str] | None:
    """Return how a pattern fits a whole path."""
    if len(path) > LONGEST_PATH or (".." in path and ABOVE.search(path)):
        return None
    return re.fullmatch(pattern, unicodedata.normalize("NFC", path))


def is_own(platform: Platform, path: str) -> bool:
    """Whether a file is one that the platform writes for the one who downloads."""
    return bool(platform.own and matched(platform.own, path))


def is_near(platform: Platform, path: str) -> bool:
    """Whether a path looks like a platform's, though its pattern may not fit."""
    return bool(platform.near and re.search(platform.near, path[:LONGEST_PATH]))


def platform_from(pattern: str) -> Platform:
    """Return the platform of a pattern that was given by hand.

    Raises:
        ValueError: if it is no pattern, or names no `student_id` and `file_id`.

    """
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}.") from None
    missing = [name for name in ("student_id", "file_id") if name not in groups]
    if missing:
        raise ValueError(f"{pattern!r} lacks the group (?P<{missing[0]}>…).")
    return Platform("pattern", pattern, pattern, unique=True)


def likeliest(paths: list[str]) -> Platform:
    """Return the platform whose files most paths look like; any folder is `files`."""
    marked = max(MARKED, key=lambda platform: count_named(platform, paths))
    if count_named(marked, paths):
        return marked
    telling = [path for path in paths if is_nb(path)] or paths
    for platform in (ILIAS, GOOGLE):
        if count_named(platform, telling) == len(telling):
            return platform
    return FILES


def nearest(paths: list[str]) -> Platform | None:
    """Return the platform that half of all paths look like, though none is its own."""

    def count(platform: Platform) -> int:
        return sum(is_near(platform, path) for path in paths)

    best = max(MARKED, key=count)
    return best if 0 < len(paths) <= 2 * count(best) else None


def count_named(platform: Platform, paths: list[str]) -> int:
    """Return how many paths are named as a platform does.

    Of Canvas's form are a few of any students' own names, `lab_12_34_data.csv`: it
    counts in folders where most notebooks have it. So are those of a drive, as in
    `01 - sums.ipynb`: they count if nobody stands in two folders.
    """
    fit = {path: says for path in paths if (says := named(platform, path))}
    if platform is CANVAS:
        others = Counter(folder_of(path) for path in paths if is_nb(path))
        others.subtract(folder_of(path) for path in fit if is_nb(path))
        inside = Counter(map(folder_of, fit))
        return sum(n for folder, n in inside.items() if n > others[folder])
    if platform is GOOGLE:
        places = {(says.student, says.folder) for says in fit.values()}
        if len(places) > len({student for student, _ in places}):
            return 0
    return sum(path in fit for path in paths)


def folder_of(path: str) -> str:
    """Return the folder that holds a file."""
    return path.rpartition("/")[0]


def is_nb(path: str) -> bool:
    """Whether a path's last part has the look of a notebook's, however it ends."""
    return ".ipynb" in path.rpartition("/")[2].lower()
