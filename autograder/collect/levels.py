"""Which folder of a path is the student's, where no platform's names tell it.

One folder is tried after the other, in all paths together: it is the student's if
everyone then has one hand-in, or several that are versions of one. If none is, or two
are, nothing is guessed.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collect.archive import ArchiveFile
from autograder.collect.choice import names_assignment
from autograder.collect.evidence import Paths, hand_ins
from autograder.collect.loose import way_on
from autograder.collect.platforms import FILES, Named
from autograder.collect.roster import Roster
from autograder.collect.whose import ReadName, read_names, shared_start
from autograder.course import CourseError
from autograder.intake.notebook_file import plain_name
from autograder.report.progress import count, strip_unprintable

LAST = -1
BELOW = "(?P<sub>(?:.*/)?)"
VERSION_WORDS = (
    r"v|ver|vers[^\W\d_]{1,5}|attempt|versuch|abgabe|essai|intento|tentativo|try|rev"
    r"|revision|upload"
)
NUMBERED_VERSION = re.compile(rf"(?i)(?:{VERSION_WORDS})[ _.#-]*(\d{{1,4}})")
VERSION = re.compile(
    rf"(?i)(?:{VERSION_WORDS})?[ _.#-]*\d{{1,4}}|\d{{4}}-\d\d-\d\d.*"
    r"|old|backups?|bak|drafts?|copy"
)
BRANCHES = ("-main", "-master")  # of repositories that GitHub packs
NO_STUDENT = re.compile(
    r"(?i)submissions?|src|code|notebooks?|solutions?"
    r"|(?:homework|hw|assignment|exercise|lab|pset|project|week|section|class|course"
    r"|exam|quiz|task|sheet|blatt|übung|aufgabe|devoir|tarea|download|export|student)s?"
    r"[ _-]?\d*"
)


@dataclass(frozen=True)
class Level:
    """A folder of each path, counted from the top; or the one beside the file."""

    depth: int

    def end(self, folders: tuple[str, ...]) -> int:
        """Return how many folders lead to a student's, it included; 0 if none does."""
        if self.depth == LAST:
            return len(folders)
        return self.depth + 1 if len(folders) > self.depth else 0

    @property
    def pattern(self) -> str:
        """Return it as a pattern for paths."""
        above = "(?:.*/)?" if self.depth == LAST else "[^/]+/" * self.depth
        below = "" if self.depth == LAST else BELOW
        return rf"{above}(?P<student_id>[^/]+)/{below}(?P<file_id>[^/]+)"


def read_folders(
    found: Iterable[ArchiveFile], name: str, roster: Roster | None
) -> list[ReadName]:
    """Return whose each file is, by the folder that is the student's in all paths.

    Raises:
        CourseError: if none can be, or more than one.

    """
    by_archive: dict[Path, list[ArchiveFile]] = defaultdict(list)
    for entry in found:
        by_archive[entry.archive].append(entry)
    told: list[ReadName] = []
    for archive, entries in by_archive.items():
        level = choose_level(archive, *hand_ins(entries, name), name, roster)
        platform = replace(FILES, pattern=level.pattern)
        readings = [with_version(r) for r in read_names(entries, platform)]
        told += without_stem(readings)
    return told


def choose_level(
    archive: Path, paths: Paths, given: Paths, name: str, roster: Roster | None
) -> Level:
    """Return the one folder that can be the student's."""
    deepest = max((len(path) - 1 for path in paths), default=1)
    levels = [Level(depth) for depth in (*range(min(deepest, 12)), LAST)]
    faults = {
        level: find_fault(level, paths, name) or find_double(level, given)
        for level in levels
    }
    good = distinct([level for level in levels if not faults[level]], paths)
    if len(good) > 1:
        around = plain_name(archive.stem)  # the folder that was packed
        good = [lv for lv in good if alone_at(lv, paths) != around]
    if len(good) > 1 and roster:
        known = {level: count_known(level, paths, roster) for level in good}
        good = [lv for lv in good if known[lv] == max(known.values())]
    if len(good) == 1:
        return good[0]
    if good:
        raise CourseError(two_readings(good, paths))
    raise CourseError(no_reading(archive, faults, paths, name))


def distinct(levels: list[Level], paths: Paths) -> list[Level]:
    """Return levels that name others in some path."""
    seen: dict[tuple[int, ...], Level] = {}
    for level in levels:
        seen.setdefault(tuple(level.end(path[:-1]) for path in paths), level)
    return list(seen.values())


def find_fault(level: Level, paths: Paths, name: str) -> str:
    """Return why a folder can't be the student's in all paths, or nothing."""
    places: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    files: dict[str, Paths] = defaultdict(list)
    for path in paths:
        end = level.end(path[:-1])
        if not end:
            return f"{'/'.join(path)!r} lies above it"
        student = path[end - 1]
        places[student].add(path[:end])
        files[student].append(path[end:])
    for student, where in places.items():
        if student.casefold() == name.casefold() or not can_be_student(student):
            return f"{student!r} is no student's name"
        if len(where) > 1:
            one, other = ("/".join(place) for place in sorted(where)[:2])
            return f"{student!r} stands at {one!r} and at {other!r}"
    begun = {place for where in places.values() for place in where}
    for place in sorted(begun):
        if any(place[:end] in begun for end in range(1, len(place))):
            return f"{'/'.join(place)!r} lies in another student's folder"
    return next((f"{s!r} {why}" for s in files if (why := clash(files[s], name))), "")


def find_double(level: Level, given: Paths) -> str:
    """Return who would have what all were given more than once, or nothing."""
    times = Counter((path[: level.end(path[:-1])], path[-1]) for path in given)
    twice = next((what for what, number in times.items() if number > 1), None)
    return f"{'/'.join(twice[0])!r} would hold {twice[1]!r} twice" if twice else ""


def can_be_student(folder: str) -> bool:
    """Whether a folder's name is no word for versions or for a kind of file."""
    return not NUMBERED_VERSION.fullmatch(folder) and not NO_STUDENT.fullmatch(folder)


def clash(files: Paths, name: str) -> str:
    """Return which files can't all be one student's hand-in, or nothing."""
    alike = [f for f in files if names_assignment(f[-1], name)] or files
    folders = sorted({file[:-1] for file in alike})
    shared = len(folders_shared(folders[0], folders[-1]))
    steps = {folder[shared] for folder in folders if len(folder) > shared}
    if len(folders) < 2 or all(VERSION.fullmatch(step) for step in steps):
        return ""
    one, other = ("/".join((*folder, "…")) for folder in folders[:2])
    return f"would have handed in {one!r} and {other!r}"


def folders_shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folders that two paths begin with."""
    pairs = list(zip(one, other, strict=False))
    end = next((n for n, (a, b) in enumerate(pairs) if a != b), len(pairs))
    return one[:end]


def count_known(level: Level, paths: Paths, roster: Roster) -> int:
    """Return how many students of a level the roster knows."""
    return sum(roster.knows(student) for student in students_at(level, paths))


def students_at(level: Level, paths: Paths) -> set[str]:
    """Return the students that a level names."""
    return {path[level.end(path[:-1]) - 1] for path in paths}


def alone_at(level: Level, paths: Paths) -> str:
    """Return the one student that a level names, if it names no other."""
    students = students_at(level, paths)
    return plain_name(students.pop()) if len(students) == 1 else ""


def two_readings(levels: list[Level], paths: Paths) -> str:
    """Return how one may read the folders, and the command that chooses."""
    lines = ["More than one folder of each path may be the student's:"]
    for level in levels:
        students = students_at(level, paths)
        path = max(paths, key=len)
        lines.append(
            f"- {path[level.end(path[:-1]) - 1]!r} in {'/'.join(path)!r}, which makes "
            f"{count(len(students), 'student')}: --pattern {shlex.quote(level.pattern)}"
        )
    return joined(*lines, "Choose with --pattern, or give a --roster with names.")


def no_reading(archive: Path, faults: dict[Level, str], paths: Paths, name: str) -> str:
    """Return why no folder can be the student's, and how to go on."""
    lines = [f"No folder can be the student's in all paths of {archive}:"]
    for level, fault in faults.items():
        where = "the last" if level.depth == LAST else f"number {level.depth + 1}"
        lines.append(f"- {where}: {fault}")
    numbered = [level for level in faults if level.depth != LAST]
    best = max(numbered, key=lambda lv: (len(likely_at(lv, paths)), lv.depth))
    if not likely_at(best, paths):
        return joined(*lines, way_on(["/".join(path) for path in paths], name))
    inside = [path for path in paths if best.end(path[:-1]) == len(path) - 1]
    pattern = best.pattern
    if likely_at(best, inside) == likely_at(best, paths):  # everyone's lies right there
        pattern = pattern.replace(BELOW, "")
    cure = f"Say which one is with --pattern, as in --pattern {shlex.quote(pattern)}"
    return joined(*lines, cure)


def likely_at(level: Level, paths: Paths) -> set[str]:
    """Return the folders at a level that may be called as a student is."""
    ends = [(path, level.end(path[:-1])) for path in paths]
    return {
        path[end - 1] for path, end in ends if end and can_be_student(path[end - 1])
    }


def joined(*lines: str) -> str:
    """Return lines as one message for a terminal."""
    return "\n".join(map(strip_unprintable, lines))


def with_version(reading: ReadName) -> ReadName:
    """Return a reading with the version that a folder below the student's tells."""
    if not reading.says or reading.says[0].order:
        return reading
    says = reading.says[0]
    below = reading.entry.path[len(says.back) :].split("/")[:-1]
    order = next((n for step in below if (n := version_of(step))), 0)
    return replace(reading, says=(replace(says, order=order),))


def version_of(folder: str) -> int:
    """Return the number that a folder gives a version, a date's as well; or 0."""
    match = NUMBERED_VERSION.fullmatch(folder) or re.fullmatch(r"(\d{1,3})", folder)
    if match:
        return int(match[1])
    date = re.match(r"(\d{4})-(\d\d)-(\d\d)", folder)
    return int("".join(date.groups())) if date else 0


def without_stem(readings: list[ReadName]) -> list[ReadName]:
    """Take from folders the name that all clones of an assignment begin with.

    GitHub Classroom's are called `hw2-alovelace`. Only a beginning with a number in
    it, or one of repositories, is no part of anybody's name.
    """
    students = {says.student for reading in readings for says in reading.says}
    cloned = any("/.git/" in reading.entry.path for reading in readings)
    start = shared_start(students)
    stem = start[: start.rfind("-") + 1]
    if stem in students or not (cloned or re.search(r"\d", stem)):
        stem = ""
    branch = next((b for b in BRANCHES if all(s.endswith(b) for s in students)), "")
    return [
        replace(r, says=tuple(cut_stem(says, stem, branch) for says in r.says))
        for r in readings
    ]


def cut_stem(says: Named, stem: str, branch: str) -> Named:
    """Return a student without the names of the assignment and of a branch."""
    whole = says.student
    own = whole.removeprefix(stem).removesuffix(branch)
    ends = (n for n, letter in enumerate(own[:100]) if letter == "-")
    others = (own[end + 1 :] for end in ends if re.search(r"\d", own[:end]))
    return replace(says, student=own, names=(whole, *others))
