"""What only a whole archive tells: titles, groups, members, attempts, by platform."""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.collect.archive import ArchiveFile
from autograder.collect.dates import read_moment
from autograder.collect.gradescope import settle_gradescope
from autograder.collect.platforms import ILIAS, TEAMS, Named, matched, named
from autograder.collect.whose import ReadName, shared_start
from autograder.course import CourseError

ATTEMPT = re.compile(
    r"(?:.*/)?(?P<head>[^/]+?)_attempt_\d{4}(?:-\d\d){5}(?P<receipt>\.txt\Z)?"
)
RECEIPT = re.compile(
    r"\A[^:\n]{1,40}:\s*(?P<name>[^\n]+?)\s*\((?P<id>[^()\n]+)\)\s*$", re.M
)
TEAM = re.compile(r"(?P<team>[^-]+(?:-\w{1,2}(?=-))?)-(?P<name>\S+ .*\S)")
NAME_NOT_SHOWN = re.compile(
    r"Participante?|Partecipante|Teilnehmer\S*|Deelnemer|Deltag\w+"
)
CALLED_TEAM = re.compile(r"(?i)(?:default )?(?:gr[ou]|team\b|lab\b|section\b)")
MEMBER = re.compile(r"\s*([^;()]+?)\s*\(([^()]+)\)\s*(?:;|\Z)")
Settle = Callable[[list[ReadName], str], list[ReadName]]


def settle(readings: list[ReadName], platform: str, name: str) -> list[ReadName]:
    """Return whose files are whose, by what the whole archive of a platform tells."""
    return SETTLERS[platform](readings, name) if platform in SETTLERS else readings


def changed(reading: ReadName, **said: Any) -> ReadName:
    """Return a reading of which something else is said of its owners."""
    whose = tuple(replace(says, **said) for says in reading.says)
    return replace(reading, says=whose)


# --- Moodle -----------------------------------------------------------------------


def settle_moodle(readings: list[ReadName], name: str) -> list[ReadName]:
    """Take teams from before names; number those whose names are not shown."""
    teams = teams_before(readings, {s.student for r in readings for s in r.says})
    return [
        changed_each(reading, lambda says: moodle_name(says, teams))
        for reading in readings
    ]


def changed_each(reading: ReadName, change: Callable[[Named], Named]) -> ReadName:
    """Return a reading with each owner changed."""
    return replace(reading, says=tuple(map(change, reading.says)))


def moodle_name(says: Named, teams: bool) -> Named:
    """Return a student of Moodle without a team; a hidden one with the number."""
    student, others = says.student, says.names
    if match := TEAM.fullmatch(student):
        others = (match["name"], *others)
        if teams:
            student, others = match["name"], (student, *others)
    last = student.rpartition("-")[2]
    if says.key and NAME_NOT_SHOWN.fullmatch(last):
        student = f"{last} {says.key}"
    return replace(says, student=student, names=others)


def teams_before(readings: list[ReadName], names: set[str]) -> bool:
    """Whether all names begin with a team's, "Group A-Ada Lovelace".

    So do those of people called Anne-Marie: it is a team's if it has a space or a
    number in it, or if those who share it handed in the same.
    """
    found = {name: TEAM.fullmatch(name) for name in names}
    if not names or not all(found.values()):
        return False
    teams = {name: match["team"] for name, match in found.items() if match}
    if all(CALLED_TEAM.match(team) for team in teams.values()):
        return True
    if len(names) > 1 and all(re.search(r"\d| ", team) for team in teams.values()):
        return True
    files = defaultdict(set)
    for reading in readings:
        for says in reading.says:
            files[says.student].add(reading.entry.digest)
    shared = {t for t, times in Counter(teams.values()).items() if times > 1}
    alike = [[files[n] for n in names if teams[n] == team] for team in shared]
    return bool(alike) and all(one == same[0] for same in alike for one in same)


# --- Blackboard -------------------------------------------------------------------


def settle_blackboard(readings: list[ReadName], name: str) -> list[ReadName]:
    """Read user names with `_`, from receipts or as what follows the title."""
    heads = {reading.entry.path: head_of(reading.entry.path) for reading in readings}
    users = users_of({head for head in heads.values() if head}, read_receipts(readings))
    return [settle_attempt(reading, users) for reading in readings]


def settle_attempt(reading: ReadName, users: dict[str, str]) -> ReadName:
    """Return whose an attempt is; a receipt is beside it."""
    head = head_of(reading.entry.path)
    if not reading.says or not head:
        return reading
    told = changed(reading, student=users[head])
    if not reading.says[0].file:
        return replace(told, aside="is a receipt")
    return told


def head_of(path: str) -> str:
    """Return what stands before an attempt's date: the title and the user name."""
    match = ATTEMPT.match(path)
    return match["head"] if match else ""


def read_receipts(readings: list[ReadName]) -> dict[str, str]:
    """Return the user names that Blackboard's receipts (.txt) tell."""
    told = {}
    for reading in readings:
        match = ATTEMPT.match(reading.entry.path)
        if match and match["receipt"]:
            text = short_text(reading.entry)[:500].replace("\r", "")
            receipt = RECEIPT.match(text)
            if receipt and match["head"].endswith(f"_{receipt['id'].strip()}"):
                told[match["head"]] = receipt["id"].strip()
    return told


def users_of(heads: set[str], told: dict[str, str]) -> dict[str, str]:
    """Return the user name in each head, TITLE_USER; no two heads share one.

    Where no receipt tells, the title is what all heads begin with.
    """
    titles = {head.removesuffix(user) for head, user in told.items()}
    if not titles:
        start = shared_start(heads)
        titles = {start[: start.rfind("_") + 1]} - {""}
    users = {}
    for head in heads:
        title = max((t for t in titles if head.startswith(t)), key=len, default="")
        users[head] = told.get(head) or head[len(title) or head.rfind("_") + 1 :]
    times = Counter(users.values())
    return {
        h: user if times[user] == 1 or h in told else h for h, user in users.items()
    }


# --- Canvas -----------------------------------------------------------------------


def settle_canvas(readings: list[ReadName], name: str) -> list[ReadName]:
    """Read teams that end in a number, `team_1_12345_67890_FILE`, by FILE's name.

    No more than one short number is taken for a team's: longer ones are Canvas's own,
    and the rest may be the file's, which a student chose.
    """
    pattern = (
        r"(?:.*/)?(?:(?i:late)_)?(?P<student_id>[^/]+?_\d{1,3})(?:_(?i:late))?"
        rf"_(?P<key>\d+)_(?P<upload>\d{{1,19}})_(?P<file_id>{re.escape(name)}[^/]*)"
    )
    return [settle_upload(reading, pattern) for reading in readings]


def settle_upload(reading: ReadName, pattern: str) -> ReadName:
    """Return whose an upload is, if its file's name tells where the student's ends."""
    match = matched(pattern, reading.entry.path)
    says = reading.says[0] if reading.says else None
    if match is None or says is None:
        return reading
    if match["student_id"] != f"{says.student}_{says.key}":
        return reading
    return changed(
        reading,
        student=match["student_id"],
        key=match["key"],
        upload=int(match["upload"]),
        file=match["file_id"],
        back=match.string[: match.start("file_id")],
    )


# --- Sakai ------------------------------------------------------------------------


def settle_sakai(readings: list[ReadName], name: str) -> list[ReadName]:
    """Add times and the members of groups, which stand in files beside the hand-ins."""
    notes = {(r.entry.archive, r.entry.path): r.entry for r in readings}
    return [settle_student(reading, notes) for reading in readings]


def settle_student(
    reading: ReadName, notes: dict[tuple[Path, str], ArchiveFile]
) -> ReadName:
    """Return whose a file of Sakai's is, with its time and where a page goes."""
    if not reading.says:
        return reading
    says = reading.says[0]
    rest = reading.entry.path[len(says.folder) :]
    folder = says.folder + re.split(r"/|_+Submission attachment", rest, maxsplit=1)[0]
    at = (reading.entry.archive, folder)
    when = read_moment(short_text(notes.get((at[0], f"{folder}/timestamp.txt"))))
    members = short_text(notes.get((at[0], f"{folder}/members.txt")))
    people = [(user, full) for full, user in MEMBER.findall(members)]
    whole = folder.rpartition("/")[2]
    people = people or [(says.student, whole.rpartition("(")[0].strip())]
    page = f"{folder}/Feedback Attachment(s)/"
    whose = tuple(
        replace(says, student=user, names=(full,) if full else (), when=when, back=page)
        for user, full in people
    )
    return replace(reading, says=whose)


def short_text(entry: ArchiveFile | None) -> str:
    """Return the text of a small file, or none."""
    content = entry.content if entry else b""
    text = content[:20_000] if isinstance(content, bytes) else b""
    return text.decode("utf-8-sig", "replace").strip()


# --- Teams, ILIAS -----------------------------------------------------------------


def settle_teams(readings: list[ReadName], name: str) -> list[ReadName]:
    """Refuse more than one assignment: the newest of all is not that of this one."""
    tasks = Counter(
        match["task"]
        for reading in readings
        if reading.says and (match := matched(TEAMS.pattern, reading.entry.path))
    )
    if len(tasks) > 1:
        shown = ", ".join(map(repr, sorted(tasks)[:5]))
        one = next((re.escape(t) for t in sorted(tasks) if t.isprintable()), "TITLE")
        pattern = rf"(?:.*/)?(?P<student_id>[^/]+)/{one}/[^/]+ (?P<order>\d+)/"
        pattern += r"(?P<file_id>[^/]+)"
        raise CourseError(
            f"The archive holds several assignments: {shown}. Say which one: "
            f"--pattern {shlex.quote(pattern)}"
        )
    return [changed(r, back="") if r.says else r for r in readings]


def settle_ilias(readings: list[ReadName], name: str) -> list[ReadName]:
    """Let pages go where ILIAS looks for them, and rosters find names."""
    inner = [below_one_folder(reading) for reading in readings]
    if len(owners(readings)) == 1 and all(inner):
        below = [reading for reading in inner if reading]
        readings = below if len(owners(below)) > 1 else readings
    return [changed_each(reading, ilias_name) for reading in readings]


def owners(readings: list[ReadName]) -> set[tuple[str, str | None]]:
    """Return whose the files are, all of them."""
    return {(says.student, says.key) for r in readings for says in r.says}


def below_one_folder(reading: ReadName) -> ReadName | None:
    """Return a reading of what is below a folder that only looks like a student's."""
    if not reading.says:
        return reading
    path, start = reading.entry.path, reading.says[0].back
    says = named(ILIAS, path[len(start) :])
    if says is None:
        return None
    return replace(reading, says=(replace(says, back=start + says.back),))


def ilias_name(says: Named) -> Named:
    """Return a student of ILIAS, `Lovelace_Ada_alovelace_345`."""
    folder = says.back.rstrip("/").rpartition("/")[2]
    last, _, rest = folder.partition("_")
    full = f"{rest.partition('_')[0]} {last}"
    return replace(says, names=(full,), back=f"multi_feedback/{folder}/")


SETTLERS: dict[str, Settle] = {
    "moodle": settle_moodle,
    "blackboard": settle_blackboard,
    "canvas": settle_canvas,
    "sakai": settle_sakai,
    "teams": settle_teams,
    "gradescope": settle_gradescope,
    "ilias": settle_ilias,
}
