"""Show an author what an assignment's catalogue says and what really happens."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.authoring.catalogue import (
    CATALOGUE,
    Catalogue,
    catalogue_text,
    read_catalogue,
)
from autograder.authoring.solution_file import read_assignment
from autograder.authoring.unsplit import Outcome, Unsplit, stubs
from autograder.course import Course


def try_out(course: Course, name: str) -> Iterator[str]:
    """Yield lines: the reference, the untouched notebook, each cell of mistakes.py."""
    assignment = read_assignment(course.solution(name))
    text = catalogue_text(assignment.path)
    if text is None:
        yield f"{name} has no {CATALOGUE} yet"
        catalogue = Catalogue(assignment.path, (), (), ())
    else:
        catalogue = read_catalogue(assignment, text)
    total = sum(cell.points or 0 for cell in assignment.role("test"))

    def line(title: str, outcome: Outcome, wanted: set[str]) -> str:
        verdict = "ok  " if outcome.failed == wanted else "BAD "
        text = f"{verdict}{outcome.points(assignment):3g}/{total:g}  {title}"
        for test in sorted(outcome.failed - wanted):
            text += f"\n       loses {test} as well: {outcome.tests[test]}"
        for test in sorted(wanted - outcome.failed):
            text += f"\n       keeps {test}"
        if outcome.failed != wanted:
            text += f'\n       fails="{" ".join(in_order(outcome))}"'
        return text

    with Unsplit() as runner:
        yield line(f"{name}: the reference", runner.run(assignment), set())
        everything = {cell.id for cell in assignment.role("test")}
        outcome = runner.run(assignment, stubs(assignment))
        yield line("an untouched notebook", outcome, everything)
        for style, versions in catalogue.styles().items():
            yield line(f"right: {style}", runner.run(assignment, versions), set())
        for mistake in catalogue.mistakes:
            outcome = runner.run(assignment, {mistake.of: mistake.source})
            title = f"mistake: {mistake.name} (line {mistake.line})"
            yield line(title, outcome, set(mistake.fails))


def in_order(outcome: Outcome) -> list[str]:
    """Return the failed tests in the order of the assignment."""
    return [test for test in outcome.tests if test in outcome.failed]
