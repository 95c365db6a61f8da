"""What `doctor` looks at: the wall, the packages, the course and its gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from autograder.course import Course, CourseError
from autograder.model.finding import Finding
from autograder.wall import probes
from autograder.wall.policy import Policy

PACKAGES = (
    *("torch", "numpy", "nbgrader", "nbformat", "IPython", "tqdm", "psutil", "nh3"),
    *("latex2mathml", "markdown_it", "mdit_py_plugins", "yaml"),
)


def examine(course: Course) -> Iterator[Finding]:
    """Yield what is found, the wall's probes last: they take some seconds."""
    for package in PACKAGES:
        there = find_spec(package) is not None
        cure = (
            "" if there else "Run `make course`, or `pip install -r requirements.txt`"
        )
        yield Finding(package, there, "installed" if there else "not installed", cure)
    yield from examine_course(course)
    ready = probes.set_up()
    yield from ready
    if all(finding.ok for finding in ready) and find_spec("torch"):
        yield from examine_wall(course)


def examine_course(course: Course) -> Iterator[Finding]:
    """Yield what is found of a course's assignments and gradebook."""
    try:
        names = course.choose([])
    except CourseError as error:
        yield Finding("course", False, str(error))
        return
    yield Finding("course", True, f"{len(names)} assignments in {course.solutions}")
    if find_spec("nbgrader") is None:
        return
    from autograder.gradebook.writer import released_names

    try:
        released = released_names(course)
    except CourseError as error:
        yield Finding("gradebook", False, str(error))
        return
    missing = [name for name in names if name not in released]
    text = f"{len(released)} of {len(names)} assignments are released"
    cure = f"Before grading, run `python -m autograder release {' '.join(missing)}`"
    yield Finding("gradebook", True, text, cure if missing else "")


def examine_wall(course: Course) -> Iterator[Finding]:
    """Yield what the probes find behind the wall."""
    from autograder.wall.warm import WallError, WarmPair

    found: list[Finding] = []
    probe = probes.probe_for(course.private)

    def keep_findings(pair: WarmPair) -> list[Finding]:
        found.extend(probe(pair))
        return []  # what is wrong is shown here, instead of refused there

    try:
        with WarmPair(Policy(), keep_findings):
            yield from found
    except WallError as error:
        yield Finding("wall", False, str(error))
