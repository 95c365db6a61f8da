"""The command `return`: the feedback in the form that the platform takes."""

from __future__ import annotations

import argparse
import io
import zipfile

from autograder.collect.copy import read_notes
from autograder.collect.platforms import PLATFORMS, named
from autograder.course import GOOD, ODD, Course, CourseError
from autograder.files import read_json, write_atomic, write_json
from autograder.model.verdict import sha256
from autograder.report.progress import count, strip_unprintable


def give_back(course: Course, options: argparse.Namespace) -> int:
    """Pack the pages of feedback for the platform; return 1 if there is none."""
    name = options.name
    course.choose([name])
    pages = sorted(course.feedback.glob(f"*/{name}/{name}.html"))
    if not pages:
        cure = f"Write them with `python -m autograder feedback {name}`."
        raise CourseError(f"No pages of feedback in {course.feedback}. {cure}")
    record = course.build / "returned" / f"{name}.json"
    digests = {p.parent.parent.name: sha256(p.read_bytes()) for p in pages}
    before = read_json(record) if options.changed else {}
    changed = {who for who, digest in digests.items() if before.get(who) != digest}
    wanted = [page for page in pages if page.parent.parent.name in changed]
    if not wanted:
        print("No page has changed since the last return.")
        return ODD
    notes = read_notes(course, name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in wanted:
            student = page.parent.parent.name
            path = path_for(student, notes.get(student), name)
            if path in archive.namelist():  # of a team: each has a page
                path = f"{path.removesuffix('.html')}-{student}.html"
            print(strip_unprintable(f"{student}: {path}"))
            archive.writestr(path, page.read_bytes())
    target = course.build / "returned" / f"{name}.zip"
    write_atomic(target, buffer.getvalue())
    write_json(record, digests)
    print(f"{count(len(wanted), 'page')}: {target}")
    kinds = {platform.name: platform for platform in PLATFORMS}
    came = {notes.get(page.parent.parent.name, {}).get("platform") for page in wanted}
    for platform in sorted(came & kinds.keys(), key=str):
        print(f"{platform}: {kinds[str(platform)].takes_back}")
    return GOOD


def path_for(student: str, note: dict[str, str] | None, name: str) -> str:
    """Return the name under which the platform knows a student's page."""
    if note and "back" in note:
        steps = [step for step in note["back"].split("/") if step != ".."]
        back = "/".join(steps).lstrip("/")
        return f"{back or f'{student}/'}{name}.html"
    kinds = {platform.name: platform for platform in PLATFORMS}
    platform = kinds.get(note["platform"]) if note else None
    says = named(platform, note["path"]) if platform and note else None
    return f"{says.back if says else f'{student}/'}{name}.html"
