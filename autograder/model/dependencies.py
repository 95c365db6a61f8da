"""Which tests need which solution cells, told from the names they use."""

from __future__ import annotations

from autograder.model.assignment import Assignment
from autograder.model.source_code import names_read


def needing(assignment: Assignment, missing: set[str]) -> set[str]:
    """Return the names that need a `missing` solution cell, its own included."""
    lost = {assignment.by_id[cell].defines for cell in missing}
    while True:
        solutions = assignment.role("solution")
        more = {c.defines for c in solutions if names_read(c.source) & lost}
        if more <= lost:
            return lost
        lost |= more


def dependent_tests(assignment: Assignment, missing: set[str]) -> set[str]:
    """Return the tests that need one of the `missing` solution cells to work.

    A test needs what it names, and what the solutions that it names need in turn.
    """
    lost = needing(assignment, missing)
    tests = assignment.role("test")
    return {cell.id for cell in tests if names_read(cell.source) & lost}


def needed(assignment: Assignment, source: str) -> set[str]:
    """Return the names of the solutions that a source needs, directly or not."""
    sources = {c.defines: c.source for c in assignment.role("solution")}
    found = set(names_read(source) & sources.keys())
    while True:
        more = set().union(*(names_read(sources[name]) for name in found))
        if more & sources.keys() <= found:
            return found
        found |= more & sources.keys()
