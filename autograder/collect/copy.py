"""Carry out a plan: copy hand-ins to where nbgrader and the grader look for them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.collect.choice import HandIn
from autograder.collect.plan import Plan
from autograder.course import Course
from autograder.files import read_json, write_atomic, write_json
from autograder.gradebook.entry import as_time

NEW, SAME, NEWER, KEPT = "new", "unchanged", "replaced", "NOT COPIED"


def fate(course: Course, name: str, hand_in: HandIn, zone: str) -> str:
    """Return what copying a hand-in does to what is there already."""
    folder = course.submitted / hand_in.student / name
    target = folder / file_name(name, hand_in)
    there = [path for path in folder.glob("*") if path.name != "timestamp.txt"]
    if not there:
        return NEW
    if target.is_file() and target.read_bytes() == hand_in.piece.entry.content:
        return SAME
    if (folder / f"{name}.ipynb").is_file() and hand_in.piece.wrong:
        return KEPT
    old = as_time(stamp_there(course, name, hand_in))
    new = as_time(stamp_text(hand_in, zone))
    return KEPT if old and new and old > new else NEWER


def carry_out(course: Course, name: str, plan: Plan, zone: str) -> Iterator[str]:
    """Copy what a plan says; yield the folders that changed."""
    notes = read_notes(course, name)
    for hand_in in plan.hand_ins:
        what = fate(course, name, hand_in, zone)
        if what == KEPT:
            continue
        folder = course.submitted / hand_in.student / name
        if what == NEWER:
            move_replaced(course, name, hand_in)
        content = hand_in.piece.entry.content
        assert isinstance(content, bytes)
        write_atomic(folder / file_name(name, hand_in), content)
        if stamp := stamp_text(hand_in, zone):
            write_atomic(folder / "timestamp.txt", stamp.encode())
        notes[hand_in.student] = note_of(plan.platform.name, hand_in)
        if what != SAME:
            yield str(folder)
    write_json(notes_path(course, name), notes)


def note_of(platform: str, hand_in: HandIn) -> dict[str, str]:
    """Return what is remembered of a hand-in: its name, and where a page goes."""
    says = hand_in.piece.says
    note = {"platform": platform, "path": hand_in.piece.entry.path, "back": says.back}
    return note | ({"key": says.key} if says.key else {})


def known_ids(course: Course, name: str, platform: str) -> dict[str, str]:
    """Return the ids that a platform's numbers were given in earlier archives."""
    return {
        note["key"]: student
        for student, note in read_notes(course, name).items()
        if note.get("platform") == platform and note.get("key")
    }


def file_name(name: str, hand_in: HandIn) -> str:
    """Return the name that a file gets: the assignment's, if it is a notebook."""
    if hand_in.piece.is_notebook:
        return f"{name}.ipynb"
    shown = hand_in.piece.says.file.encode("utf-8", "replace").decode()
    return shown.lstrip(".")[-100:] or "file"


def move_replaced(course: Course, name: str, hand_in: HandIn) -> None:
    """Move what a newer hand-in replaces out of the way, without losing it."""
    folder = course.submitted / hand_in.student / name
    aside = course.build / "replaced" / hand_in.student / name
    number = len(list(aside.glob("*"))) + 1
    target = aside / str(number)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)


def stamp_text(hand_in: HandIn, zone: str) -> str | None:
    """Return when a hand-in came in, as nbgrader reads it, in UTC."""
    if hand_in.stamp is None:
        return None
    own = hand_in.stamp.tzinfo  # some platforms tell the zone as well
    moment = hand_in.stamp.replace(tzinfo=own or ZoneInfo(zone))
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def stamp_there(course: Course, name: str, hand_in: HandIn) -> str | None:
    """Return when what is there already came in."""
    path = course.submitted / hand_in.student / name / "timestamp.txt"
    try:
        return path.read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def notes_path(course: Course, name: str) -> Path:
    """Return the file that remembers under which name each hand-in came."""
    return course.build / "collected" / f"{name}.json"


def read_notes(course: Course, name: str) -> dict[str, dict[str, str]]:
    """Return under which name each student's hand-in came."""
    return read_json(notes_path(course, name))
