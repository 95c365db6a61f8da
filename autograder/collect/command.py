"""The command `collect`: show whose file is whose, then copy."""

from __future__ import annotations

import argparse
import shlex
from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.authoring.solution_file import read_assignment
from autograder.collect.archive import ArchiveFile, entries
from autograder.collect.copy import KEPT, carry_out, fate, known_ids, stamp_text
from autograder.collect.loose import offer_pattern, way_on
from autograder.collect.plan import Plan, make_plan
from autograder.collect.platforms import (
    ANY,
    BRIGHTSPACE,
    FILES,
    PLATFORMS,
    Platform,
    is_near,
    likeliest,
    named,
    nearest,
    platform_from,
)
from autograder.collect.remember import remember_roster
from autograder.collect.roster import read_roster
from autograder.collect.whose import clutter
from autograder.course import GOOD, ODD, Course, CourseError
from autograder.report.missing import list_some
from autograder.report.progress import count, strip_unprintable


def collect(course: Course, options: argparse.Namespace) -> int:
    """Collect hand-ins; return 1 if something was left or can't be graded."""
    assignment = read_assignment(course.solution(options.name))
    zone = known_zone(options.zone)
    roster = read_roster(options.roster, options.id) if options.roster else None
    found = [entry for archive in options.archives for entry in entries(archive)]
    platform = chosen_platform(options, found)
    known = known_ids(course, options.name, platform.name)
    plan = make_plan(found, platform, assignment, roster, known)
    for line in plan_lines(course, options.name, plan, zone):
        print(strip_unprintable(line), flush=True)
    if options.dry_run:
        print("Nothing was copied (--dry-run).")
    else:
        changed = len(list(carry_out(course, options.name, plan, zone)))
        print(f"{changed} copied to {course.submitted}/STUDENT/{options.name}/")
        for line in remember_roster(course, roster) if roster else ():
            print(strip_unprintable(line), flush=True)
    return tell_status(plan)


def tell_status(plan: Plan) -> int:
    """Return 1 if something was left, can't be graded, or may be two people's."""
    odd = any(
        hand_in.piece.wrong or not hand_in.piece.is_notebook or hand_in.doubtful
        for hand_in in plan.hand_ins
    )
    return ODD if odd or plan.left else GOOD


def known_zone(name: str) -> str:
    """Return the name of a time zone, or refuse it."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(
            f"No time zone is called {name!r}. Give one like Europe/Rome or UTC."
        ) from None


def chosen_platform(options: argparse.Namespace, found: list[ArchiveFile]) -> Platform:
    """Return the platform that was named, or that the files' names tell."""
    paths = [entry.path for entry in found if not clutter(entry.path)]
    where = ", ".join(map(str, options.archives))
    if not paths:
        raise CourseError(f"{where} holds no file. Download it again.")
    likely = likeliest(paths)
    if options.pattern:
        try:
            platform = platform_from(options.pattern)
        except ValueError as error:
            raise CourseError(str(error)) from None
    else:
        by_name = {platform.name: platform for platform in PLATFORMS}
        if (options.platform or likely.name) not in by_name:
            known = ", ".join(by_name)
            raise CourseError(f"--from {options.platform}? There are: {known}.")
        platform = by_name[options.platform or likely.name]
        if not options.platform and likely in ANY and (near := nearest(paths)):
            raise CourseError(strip_unprintable(almost(near, paths)))
    if not any(named(platform, path) for path in paths):
        text = f"No file of {where} is named as in {platform.example!r}"
        text += f" ({platform.name}). One is named {paths[0]!r}."
        fits = any(named(likely, path) for path in paths)
        cure = f"Try --from {likely.name}." if fits else way_on(paths, options.name)
        raise CourseError(strip_unprintable(f"{text} {cure}"))
    return platform


def almost(near: Platform, paths: list[str]) -> str:
    """Return why names that look like a platform's can't be read, and how to go on."""
    path = next((p for p in paths if is_near(near, p) and not named(near, p)), paths[0])
    why = f"but {path!r} is not like {near.example!r}"
    by_hand = r"(?:.*/)?(?P<student_id>[^/]+)/(?P<file_id>[^/]+)"
    if near is BRIGHTSPACE:
        why = f"but the date of {path!r} can't be read: in English it could"
        by_hand = r"(?:.*/)?(?P<key>\d+)-\d+ *- *(?P<student_id>[^/]+?)"
        by_hand += r"(?: *- *[^/]*?)?(?:/| - )(?P<file_id>[^/]+)"
    some = any(named(near, path) for path in paths)
    rest = f"give --from {near.name}, to leave out what can't be read; or "
    return (
        f"These look like the names of {near.name}, {why}. Download the archive again, "
        f"as {near.name} makes it; or {rest if some else ''}give "
        "--from files, if the folders are your own; or say how with --pattern, as in "
        f"--pattern {shlex.quote(by_hand)}"
    )


def plan_lines(course: Course, name: str, plan: Plan, zone: str) -> Iterator[str]:
    """Yield a plan as lines: whose file is whose, and what is left."""
    yield f"{plan.platform.name}: files like {plan.platform.example!r}"
    wide = max([len(hand_in.student) for hand_in in plan.hand_ins] + [7])
    yield f"{'student':{wide}}  {'came in':23}  {'':10}  file"
    counts: Counter[str] = Counter()
    for hand_in in plan.hand_ins:
        what = fate(course, name, hand_in, zone)
        counts[what] += 1
        when = stamp_text(hand_in, zone) or "not known"
        path = hand_in.piece.entry.path
        yield f"{hand_in.student:{wide}}  {when:23}  {what:10}  {path}"
        for note in hand_in.notes:
            yield f"{'':{wide}}  - {note}"
        if what == KEPT:
            why = "is a notebook" if hand_in.piece.wrong else "came in later"
            yield f"{'':{wide}}  - what is there {why}"
    told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    yield f"{count(len(plan.hand_ins), 'student')}: {told or 'none'}"
    if plan.left:
        yield f"Left out, {len(plan.left)}:"
    for path, why in plan.left:
        yield f"  {path}: {why}"
    loose = plan.left and not plan.hand_ins and plan.platform.name == FILES.name
    if loose and (pattern := offer_pattern([path for path, _ in plan.left], name)):
        yield f"If the files' names tell whose they are: --pattern {pattern}"
    absent = [s for s in plan.absent if not (course.submitted / s / name).is_dir()]
    if absent:
        yield f"Nothing came of {len(absent)} of the roster:"
        yield f"  {list_some(absent, 'the roster has all')}"
