"""Put the wall and the split into nbgrader itself. Two lines of nbgrader_config.py:

    from autograder.nbgrader_execute import use
    use(c)

Then `nbgrader autograde` and formgrader's button run students' code behind the wall and
tests apart from it; everything else is nbgrader's own. `Repair` comes before all of
nbgrader's preprocessors: each notebook is put back in its released order by itself, so
that an untidy one costs no mark, its own or another's. `Execute` stands in the place of
nbgrader's preprocessor of that name.
"""

from __future__ import annotations

import atexit
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets import Enum, Float, Integer

from autograder.authoring.catalogue import catalogue_text
from autograder.authoring.from_notebook import assignment_from, marked, runnable
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course, CourseError
from autograder.grading.autograded import (
    add_verdict,
    autograded_notebook,
    notebook_text,
    put_pictures,
)
from autograder.grading.judge import make_verdict, printed_by_cells
from autograder.intake.attachments import read_attachments
from autograder.intake.take_in import take_in
from autograder.model.assignment import Assignment
from autograder.model.job import Job
from autograder.model.limits import Limits
from autograder.model.submission import Placed, Rejected, Submission
from autograder.model.verdict import Printed, reject_submission

ENGINES: dict[tuple[str, Path], Any] = {}


def use(config: Any) -> None:
    """Make `nbgrader autograde` use this grader's repair, wall and split."""
    config.Autograde.sanitize_preprocessors = [
        Repair,
        ClearOutput,
        DeduplicateIds,
        OverwriteKernelspec,
        OverwriteCells,
        CheckCellMetadata,
    ]
    config.Autograde.autograde_preprocessors = [
        Execute,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]


def find_nbgrader_assignment(
    resources: Any, config: Any
) -> tuple[Assignment, str | None]:
    """Return the assignment that nbgrader is grading, and its catalogue if it has one.

    Ours is read from `solutions/`; any other from nbgrader's source notebook.
    """
    course = Course.of_nbgrader(config)
    name = resources["nbgrader"]["assignment"]
    notebook = resources["nbgrader"]["notebook"]
    path = course.solutions / name / f"{name}.py"
    if notebook == name and path.is_file():
        return read_assignment(path), catalogue_text(path)
    folder = config.CourseDirectory.get("source_directory") or "source"
    source = course.root / folder / name / f"{notebook}.ipynb"
    if not source.is_file():
        raise CourseError(f"{source} is missing: no assignment to grade by.")
    node = nbformat.read(source, as_version=4)
    made = assignment_from(notebook, source, node)
    return with_recorded_tests(made, resources), None


def with_recorded_tests(assignment: Assignment, resources: Any) -> Assignment:
    """Return an assignment with its tests as nbgrader's gradebook has them.

    nbgrader may have made them when it released: the source holds `### AUTOTEST`.
    """
    from nbgrader.api import Gradebook

    place = resources["nbgrader"]
    with Gradebook(place["db_url"]) as gradebook:
        found = gradebook.find_notebook(place["notebook"], place["assignment"])
        sources = {cell.name: cell.source for cell in found.source_cells}
    cells = [
        replace(cell, source=sources.get(cell.id, cell.source))
        if cell.role in ("given", "test")
        else cell
        for cell in assignment.cells
    ]
    return replace(assignment, cells=tuple(cells))


def as_it_is(notebook: Any) -> Submission:
    """Return a notebook of which no cell is the assignment's: all cells are extra."""
    cells = [
        Placed(cell.get("id") or f"cell-{n}", "extra", cell.cell_type, cell.source)
        for n, cell in enumerate(notebook.cells)
    ]
    return Submission(tuple(cells))


class Grader(NbGraderPreprocessor):
    """What both preprocessors share.

    Only the first looks for written answers outside their cells, and only in this
    course's assignments: of others, not every text that was handed out has a name.
    """

    looks = False

    def take(self, notebook: Any, resources: Any) -> tuple[Assignment, Submission, Job]:
        """Return the assignment and the submission of a notebook, or raise."""
        assignment, mistakes = find_nbgrader_assignment(resources, self.config)
        raw = notebook_text(notebook)
        known = assignment
        if assignment.path.suffix != ".py":
            node = nbformat.read(assignment.path, as_version=4)
            known = marked(assignment, node)
        look = self.looks and assignment.path.suffix == ".py"
        submission = take_in(raw, known, look)
        if isinstance(submission, Rejected):
            if assignment.path.suffix == ".py":
                raise CourseError(submission.reason)
            submission = as_it_is(notebook)
        student = resources["nbgrader"]["student"]
        job = Job(student, raw, assignment.name, "", mistakes)
        return assignment, submission, job

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> Any:
        """Leave single cells alone; the whole notebook is looked at."""
        return cell, resources


class Repair(Grader):
    """Puts a submitted notebook in order before nbgrader looks at it."""

    looks = True

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook with each cell of the assignment once, in its place."""
        assignment, submission, job = self.take(nb, resources)
        if not any(cell.role != "extra" for cell in submission.cells):
            for cell in nb.cells:
                put_pictures(cell, read_attachments(cell.get("attachments")))
            return nb, resources
        for flag in submission.flags:
            self.log.warning("%s: %s", job.student, flag)
        blank = reject_submission(job.student, assignment, "", "")
        made = autograded_notebook(assignment, submission, blank, {})
        made["cells"] = [cell for cell in made["cells"] if cell["id"] != "not-graded"]
        if assignment.path.suffix != ".py" and "kernelspec" in nb.metadata:
            made["metadata"]["kernelspec"] = nb.metadata.kernelspec
        if not ClearOutput(config=self.config).enabled:
            self.log.warning("Nothing is run: the marks say what was handed in.")
            keep_outputs(nb, made)
        return nbformat.from_dict(made), resources


def keep_outputs(handed_in: Any, made: dict[str, Any]) -> None:
    """Put the outputs that a student handed in into the repaired notebook.

    A test that was not handed in keeps the error that costs its points.
    """
    outputs = {}
    for cell in handed_in.cells:
        if cell.cell_type == "code":
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            outputs[grade_id or cell.source] = cell.outputs
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            ours = "nbgrader" in cell["metadata"]
            key = cell["id"] if ours else cell["source"]
            cell["outputs"] = outputs.get(key, cell["outputs"])


def check_kernel(notebook: Any) -> None:
    """Raise CourseError if a notebook is for another language than Python."""
    kernel = notebook.metadata.get("kernelspec", {})
    language = kernel.get("language") or kernel.get("name") or "python"
    if not str(language).lower().startswith("python"):
        raise CourseError(
            f"The notebook is for the kernel {language!r}, and only Python is run. "
            "Choose a Python kernel in the source and release it again."
        )


class Execute(Grader):
    """Runs a notebook with the wall and the split in place of a kernel."""

    sandbox = Enum(("bwrap", "none"), default_value="bwrap").tag(config=True)
    timeout = Integer(20, allow_none=True, help="seconds a cell").tag(config=True)
    total_seconds = Float(180.0, help="seconds a notebook").tag(config=True)
    memory_mib = Integer(1024, help="memory a notebook").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook with the outputs that running it gave."""
        check_kernel(nb)
        assignment, submission, job = self.take(nb, resources)
        limits = Limits(
            cell_seconds=float(self.timeout or self.total_seconds),
            total_seconds=self.total_seconds,
            memory_mib=self.memory_mib,
        )
        job = replace(job, limits=limits.as_dict(), sandbox=self.sandbox)
        own = runnable(assignment) if job.mistakes is None else assignment
        course = Course.of_nbgrader(self.config)
        report = engine(self.sandbox, course).check(submission, own, job)
        verdict = make_verdict(job, own, submission, report)
        texts = printed_by_cells(report)
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
                wanted = grade_id or cell.get("id") or f"cell-{number}"
                own_cell = assignment.by_id.get(grade_id)
                role = own_cell.role if own_cell else "extra"
                printed = texts.get(wanted, Printed())
                add_verdict(cell, wanted, role == "test", verdict, printed)
                cell.execution_count = number + 1
        return nbformat.from_dict(nb), resources


def engine(sandbox: str, course: Course) -> Any:
    """Return the split, warm since it was first asked for; a new one if it has died.

    Formgrader keeps it for days.
    """
    from autograder.grading.engine import Split

    key = sandbox, course.root  # formgrader may be started anywhere
    if key in ENGINES and not ENGINES[key].warm.alive():
        ENGINES.pop(key).__exit__()
    if key not in ENGINES:
        ENGINES[key] = Split(sandbox, hidden=course.private).__enter__()
    return ENGINES[key]


@atexit.register
def end_engines() -> None:
    """End the warm processes with the program."""
    for one in ENGINES.values():
        one.__exit__()
