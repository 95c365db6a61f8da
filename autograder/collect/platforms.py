"""How learning platforms name the files in an archive of hand-ins.

A pattern is what nbgrader's `FileNameCollectorPlugin` takes: it names `student_id` and
`file_id`. Ours name more: `key`, the platform's own number of a student, `stamp`, when
the file came in, and `late`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass

STAMPS = ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I%M %p", "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class Platform:
    """One platform: its name, what its files look like, in words and as a pattern."""

    name: str
    example: str
    pattern: str


@dataclass(frozen=True)
class Named:
    """What the name of a file in an archive says."""

    student: str
    file: str
    key: str | None = None
    when: datetime.datetime | None = None
    order: int = 0
    late: bool = False


MOODLE = Platform(
    "moodle",
    "Ada Lovelace_123456_assignsubmission_file_/FILE",
    r"(?:.*/)?(?P<student_id>[^/]+)_(?P<key>\d+)_assignsubmission_"
    r"(?:file|onlinetext)_?/?(?P<file_id>[^/]+)",
)
BLACKBOARD = Platform(
    "blackboard",
    "TITLE_alovelace_attempt_2026-03-01-12-00-00_FILE",
    r"(?:.*/)?[^/]+_(?P<student_id>[^_/]+)_attempt_"
    r"(?P<stamp>\d{4}(?:-\d\d){5})(?:_(?P<file_id>[^/]+)|\.txt)",
)
BRIGHTSPACE = Platform(
    "brightspace",
    "12345-67890 - Ada Lovelace - Mar 1, 2026 1200 PM/FILE",
    r"(?:.*/)?(?P<key>\d+)-\d+ *- *(?P<student_id>[^/]+?) *- *"
    r"(?P<stamp>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M)"
    r"(?:/| - )(?P<file_id>[^/]+)",
)
CANVAS = Platform(
    "canvas",
    "lovelaceada_12345_67890_FILE",
    r"(?:.*/)?(?P<student_id>[^/_]+)_(?P<late>LATE_)?(?P<key>\d+)_"
    r"(?P<order>\d+)_(?P<file_id>[^/]+)",
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
MARKED = (MOODLE, BLACKBOARD, BRIGHTSPACE, CANVAS)  # names that no other one gives
ANY = (GOOGLE, FILES)  # nearly any name fits: tried where none is marked
PLATFORMS = (*MARKED, *ANY)


def named(platform: Platform, path: str) -> Named | None:
    """Return what a path in an archive says, or None if it is no file of the kind."""
    match = re.fullmatch(platform.pattern, unicodedata.normalize("NFC", path))
    if match is None:
        return None
    said = match.groupdict()
    order = said.get("order") or ""
    return Named(
        student=(said.get("student_id") or "").strip(),
        file=said.get("file_id") or "",
        key=said.get("key"),
        when=moment(said.get("stamp") or said.get("timestamp")),
        order=int(order) if order.isdecimal() and len(order) < 20 else 0,
        late=bool(said.get("late")),
    )


def moment(text: str | None) -> datetime.datetime | None:
    """Return the time that a name says, in the platform's own zone."""
    for form in STAMPS if text else ():
        try:
            return datetime.datetime.strptime(str(text), form)
        except ValueError:
            continue
    return None


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
    return Platform("pattern", pattern, pattern)


def likeliest(paths: list[str]) -> Platform:
    """Return the platform whose files most paths look like; any folder is `files`."""

    def count(platform: Platform) -> int:
        return sum(named(platform, path) is not None for path in paths)

    marked = max(MARKED, key=count)
    return marked if count(marked) else max(ANY, key=count)
