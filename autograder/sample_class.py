"""Make a class of invented students whose marks are known beforehand."""

from __future__ import annotations

import ast

from autograder.assignment import Assignment


def names_used(source: str) -> set[str]:
    """Return the names that a source reads."""
    nodes = ast.walk(ast.parse(source))
    return {n.id for n in nodes if isinstance(n, ast.Name)}


def dependent_tests(assignment: Assignment, missing: set[str]) -> set[str]:
    """Return the tests that need one of the `missing` solution cells to work.

    A test needs what it names, and what the solutions that it names need in turn.
    """
    lost = {assignment.by_id[cell].defines for cell in missing}
    while True:
        more = {
            cell.defines
            for cell in assignment.role("solution")
            if names_used(cell.source) & lost
        }
        if more <= lost:
            break
        lost |= more
    tests = assignment.role("test")
    return {cell.id for cell in tests if names_used(cell.source) & lost}
