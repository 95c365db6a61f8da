"""The command `return`: the feedback in the form that the platform takes."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from autograder.collect.copy import read_notes
from autograder.collect.platforms import PLATFORMS, named
from autograder.course import Course, CourseError
from autograder.files import write_atomic
from autograder.report.progress import count, plain

GOOD, ODD = 0, 1


def give_back(course: Course, options: argparse.Namespace) -> int:
    """Pack the pages of feedback for the platform; return 1 if there is none."""
    name = options.name
    course.choose([name])
    pages = sorted(course.feedback.glob(f"*/{name}/{name}.html"))
    if not pages:
        cure = f"Write them with `python -m autograder feedback {name}`."
        raise CourseError(f"No pages of feedback in {course.feedback}. {cure}")
    record = course.build / "returned" / f"{name}.json"
    digests = {p.parent.parent.name: sha256(p) for p in pages}
    before = read_json(record) if options.changed else {}
    wanted = [p for p in pages if before.get(p.parent.parent.name) != sha256(p)]
    if not wanted:
        print("No page has changed since the last return.")
        return ODD
    notes = read_notes(course, name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in wanted:
            student = page.parent.parent.name
            path = path_for(student, notes.get(student), name)
            print(plain(f"{student}: {path}"))
            archive.writestr(path, page.read_bytes())
    target = course.build / "returned" / f"{name}.zip"
    write_atomic(target, buffer.getvalue())
    write_atomic(record, json.dumps(digests, indent=1, sort_keys=True).encode())
    print(f"{count(len(wanted), 'page')}: {target}")
    return GOOD


def path_for(student: str, note: dict[str, str] | None, name: str) -> str:
    """Return the name under which the platform knows a student's page."""
    kinds = {platform.name: platform for platform in PLATFORMS}
    platform = kinds.get(note["platform"]) if note else None
    says = named(platform, note["path"]) if platform and note else None
    if not says or not note:
        return f"{student}/{name}.html"
    return f"{note['path'].removesuffix(says.file)}{name}.html"


def sha256(path: Path) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds, nothing if it is not there."""
    try:
        held: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return held
