"""Turn a solution file into nbgrader's source notebook and the students' notebook."""

from __future__ import annotations

import io
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.assignments.assignment import Assignment, Cell
from autograder.assignments.authoring import read_assignment
from autograder.course import Course, CourseError, unusable, write_atomic
from autograder.gradebook.nbgrader_call import reason

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def source_notebook(assignment: Assignment) -> dict[str, Any]:
    """Return the notebook that nbgrader calls the source, marks and all."""
    cells = [notebook_cell(cell) for cell in assignment.cells]
    note = generated_note(assignment)
    cells[0]["metadata"]["generated"] = note
    metadata = {
        "generated": note,
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def generated_note(assignment: Assignment) -> str:
    """Return the line that says what a notebook is made from."""
    origin = f"solutions/{assignment.name}/{assignment.name}.py"
    return f"Generated from {origin} by `make release`. Edit that file, not this one."


def notebook_cell(cell: Cell) -> dict[str, Any]:
    """Return a cell as notebook JSON, its id being its grade_id."""
    nbgrader: dict[str, Any] = {
        "cell_type": "markdown" if cell.text else "code",
        "grade": cell.graded,
        "grade_id": cell.id,
        "locked": cell.role in ("given", "test"),
        "schema_version": 3,
        "solution": cell.role in ("solution", "written"),
        "task": False,
    }
    if cell.graded:
        nbgrader["points"] = cell.points
    made: dict[str, Any] = {
        "cell_type": nbgrader["cell_type"],
        "id": cell.id,
        "metadata": {"nbgrader": nbgrader},
        "source": cell.source,
    }
    if not cell.text:
        made |= {"execution_count": None, "outputs": []}
    return made


def notebook_bytes(notebook: dict[str, Any]) -> bytes:
    """Return a notebook as the bytes of its file."""
    import nbformat

    node = nbformat.from_dict(notebook)
    nbformat.validate(node)
    return (nbformat.writes(node) + "\n").encode()


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
        converter.log = quiet_log(words)
        try:
            converter.start()
        except NbGraderException as error:
            raise CourseError(why_not(name, words.getvalue())) from error
        return (Path(folder) / "release" / name / f"{name}.ipynb").read_bytes()


def quiet_log(words: io.StringIO) -> logging.Logger:
    """Return a log that keeps nbgrader's errors in `words` and shows nothing."""
    log = logging.Logger("autograder.nbgrader", logging.ERROR)
    log.addHandler(logging.StreamHandler(words))
    return log


def why_not(name: str, words: str) -> str:
    """Return why nbgrader refused to release an assignment, and what to do."""
    said = f"{name} could not be released: {reason(words)}."
    if "submissions associated" not in words:
        return said
    return (
        f"{said} The gradebook has marks for its cells, so their ids are fixed: keep "
        "them, or move build/ away to start a new gradebook."
    )


@contextmanager
def nbgrader_errors(what: str) -> Iterator[None]:
    """Turn nbgrader's failures into messages with a cure; find `alembic` on PATH."""
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ.get("PATH", "")
    try:
        yield
    except (CourseError, ModuleNotFoundError):
        raise
    except OSError as error:
        raise CourseError(f"{what}. {unusable(error)}") from error
    except Exception as error:
        raise CourseError(f"{what}: {type(error).__name__}: {error}") from error
