"""Write a class of invented students whose marks are known beforehand.

`build/sample_class/NAME.json` says what each hands in and what marks it deserves.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from autograder.authoring.catalogue import read_catalogue
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.files import read_json, write_atomic
from autograder.gradebook.release import released_bytes
from autograder.sample.students import Maker, SampleWork, submissions

STUDENTS = (
    "amara-okafor",
    "bruno-castelli",
    "chiara-lindqvist",
    "dmitri-halloran",
    "esra-yildirim",
    "farid-benomar",
    "greta-oyelaran",
    "hana-svoboda",
    "ines-quiroga",
    "jonas-mbeki",
    "kirsi-valtonen",
    "lucia-tanaka",
    "mateo-rasmussen",
    "moana-petrov",
    "nadia-o'brien",
    "Zoë Nguyễn (2nd try)",
)


def make_class(course: Course, name: str) -> dict[str, SampleWork]:
    """Return who hands in what to an assignment; the same input, the same class."""
    assignment = read_assignment(course.solution(name))
    notebook = json.loads(released_bytes(assignment))
    catalogue = read_catalogue(assignment)
    maker = Maker(assignment, catalogue, notebook, random.Random(name))
    handed_in = submissions(maker)
    students = list(STUDENTS)
    maker.rng.shuffle(students)
    return dict(sorted(zip(students, handed_in, strict=True)))


def manifest_path(course: Course, name: str) -> Path:
    """Return the file with the marks expected of the sample class."""
    return course.build / "sample_class" / f"{name}.json"


def read_manifest(course: Course, name: str) -> dict[str, Any]:
    """Return {student: story and marks} of the class made last, if any."""
    return dict(read_json(manifest_path(course, name)).get("students", {}))


def write_class(course: Course, name: str) -> int:
    """Write a sample class into build/submitted; return how many files changed."""
    made, earlier = make_class(course, name), read_manifest(course, name)
    places = {s: course.submitted / s / name / f"{name}.ipynb" for s in made | earlier}
    for student, place in places.items():
        if student not in earlier and place.exists():
            raise CourseError(
                f"{place} is not of the sample class: a real submission stays where "
                f"it is. Move {course.submitted} away to make the sample class."
            )
    students = {
        student: {"story": s.story, "marks": s.marks} for student, s in made.items()
    }
    manifest = {"generated": "by `make class`", "students": students}
    write_atomic(
        manifest_path(course, name),
        (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode(),
    )
    for student in earlier.keys() - made.keys():
        places[student].unlink(missing_ok=True)
    return sum(write_atomic(places[s], made[s].content) for s in made)
