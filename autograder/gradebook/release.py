"""Turn a solution file into nbgrader's source notebook and the students' notebook."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from autograder.authoring.notebook import notebook_bytes, source_notebook
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.files import write_atomic
from autograder.gradebook.errors import keep_errors, last_error, nbgrader_errors
from autograder.model.assignment import Assignment


def release(course: Course, name: str) -> list[Path]:
    """Write an assignment's source and released notebooks; return what changed.

    nbgrader's own `generate_assignment` makes the released one and tells the gradebook.
    It works in a folder of its own, so an error leaves the earlier release whole.
    """
    assignment = read_assignment(course.solution(name))
    source = notebook_bytes(source_notebook(assignment))
    with nbgrader_errors(f"{name} could not be released"):
        released = generate(course, name, source, course.gradebook)
    targets = {
        course.source / name / f"{name}.ipynb": source,
        course.exercises / name / f"{name}.ipynb": released,
    }
    for folder in (course.source, course.exercises):
        targets |= {folder / name / file: raw for file, raw in assignment.files.items()}
    return [path for path, content in targets.items() if write_atomic(path, content)]


def released_bytes(assignment: Assignment) -> bytes:
    """Return the bytes of the students' notebook; no gradebook is asked or told."""
    source = notebook_bytes(source_notebook(assignment))
    return generate(None, assignment.name, source, None)


def generate(
    course: Course | None, name: str, source: bytes, gradebook: Path | None
) -> bytes:
    """Return the bytes that nbgrader's GenerateAssignment makes of a source."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config

    if gradebook is not None:
        gradebook.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        write_atomic(Path(folder) / "source" / name / f"{name}.ipynb", source)
        config = Config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.assignment_id = name
        if gradebook is not None:
            config.CourseDirectory.db_url = f"sqlite:///{gradebook.resolve()}"
        directory = CourseDirectory(config=config)
        converter = GenerateAssignment(coursedir=directory, config=config)
        if gradebook is None:
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
