"""Turn a solution file into nbgrader's source notebook and the students' notebook."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from autograder.authoring.notebook import notebook_bytes, source_notebook
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.files import read_json, write_atomic, write_json
from autograder.gradebook.errors import keep_errors, last_error, nbgrader_errors
from autograder.model.assignment import Assignment
from autograder.model.verdict import sha256


def release(course: Course, name: str) -> list[Path]:
    """Write an assignment's source and released notebooks; return what changed.

    nbgrader's own `generate_assignment` makes the released one and tells the gradebook.
    It works in a folder of its own, so an error leaves the earlier release whole.
    """
    assignment = read_assignment(course.solution(name))
    source = notebook_bytes(source_notebook(assignment))
    with nbgrader_errors(f"{name} could not be released"):
        released = generate(name, source, course)
    targets = {
        course.source / name / f"{name}.ipynb": source,
        course.exercises / name / f"{name}.ipynb": released,
    }
    folders = course.source / name, course.exercises / name
    for folder in folders:
        targets |= {folder / file: raw for file, raw in assignment.files.items()}
    changed = [path for path, content in targets.items() if write_atomic(path, content)]
    return changed + remove_stale(course, assignment, folders)


def remove_stale(
    course: Course, assignment: Assignment, folders: tuple[Path, ...]
) -> list[Path]:
    """Remove data that an earlier release wrote and that is none any more.

    What was changed since, or was never released, is not ours to remove.
    """
    record = course.build / "released" / f"{assignment.name}.json"
    files = {name: sha256(raw) for name, raw in assignment.files.items()}
    before = read_json(record)
    stale = {
        folder / name: before[name]
        for folder in folders
        for name in before.keys() - files.keys()
    }
    removed = [p for p in stale if p.is_file() and sha256(p.read_bytes()) == stale[p]]
    for path in removed:
        path.unlink()
        with contextlib.suppress(OSError):  # another file is in the folder
            path.parent.rmdir()
            path.parent.parent.rmdir()
    if files or before:
        write_json(record, files)
    return removed


def released_bytes(assignment: Assignment) -> bytes:
    """Return the bytes of the students' notebook; no gradebook is asked or told."""
    source = notebook_bytes(source_notebook(assignment))
    return generate(assignment.name, source, None)


def generate(name: str, source: bytes, course: Course | None) -> bytes:
    """Return what nbgrader's GenerateAssignment makes of a source.

    The gradebook of the course, if one is given, gets to know the assignment.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config

    if course and course.gradebook:
        course.gradebook.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        write_atomic(Path(folder) / "source" / name / f"{name}.ipynb", source)
        config = Config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.assignment_id = name
        if course:
            config.CourseDirectory.db_url = course.db_url
            config.CourseDirectory.course_id = course.course_id
        directory = CourseDirectory(config=config)
        converter = GenerateAssignment(coursedir=directory, config=config)
        if not course:
            converter.no_database = True
            converter.preprocessors.remove(SaveCells)
        words = io.StringIO()
        converter.log = keep_errors(words)
        try:
            converter.start()
        except NbGraderException as error:
            raise CourseError(why_not(name, words.getvalue())) from error
        return (Path(folder) / "release" / name / f"{name}.ipynb").read_bytes()


def why_not(name: str, words: str) -> str:
    """Return why nbgrader refused to release an assignment, and what to do."""
    said = f"{name} could not be released: {last_error(words)}."
    if "submissions associated" not in words:
        return said
    return (
        f"{said} The gradebook has marks for its cells, so their ids are fixed: keep "
        "them, or move build/ away to start a new gradebook."
    )
