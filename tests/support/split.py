"""Small assignments and one warm process for the tests of the split."""

import atexit
from collections.abc import Mapping, Set
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent

from autograder.model.assignment import Assignment, Cell
from autograder.model.limits import Limits
from autograder.model.outcome import CellOutcome
from autograder.wall.policy import Policy
from autograder.wall.probes import probe
from autograder.wall.session import run_submission
from autograder.wall.warm import WarmPair
from tests.support.pace import LADDER, PATIENCE

IMPORTS = """
import math
import random
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
"""
PATIENT = Limits(cell_seconds=PATIENCE, total_seconds=10 * PATIENCE)


@cache
def warm() -> WarmPair:
    """Return the one warm process of the test run."""
    process = WarmPair(Policy(), probe).__enter__()
    atexit.register(process.__exit__)
    return process


def assignment(
    reference: str, *tests: str, given: str = IMPORTS, hidden: bool = False
) -> Assignment:
    """Return an assignment of one solution cell and tests worth a point each."""
    ends = (
        ("### BEGIN HIDDEN TESTS\n", "\n### END HIDDEN TESTS") if hidden else ("",) * 2
    )
    cells = [
        Cell("imports", "given", False, dedent(given), 0),
        Cell("answer", "solution", False, dedent(reference), 0),
    ]
    for number, test in enumerate(tests, 1):
        source = ends[0] + dedent(test).strip() + ends[1]
        cells.append(Cell(f"test-{number}", "test", False, source, 0, 1.0))
    return Assignment("small", Path("small.py"), tuple(cells))


def run(
    made: Assignment,
    answer: str | Mapping[str, str],
    limits: Limits = PATIENT,
    process: WarmPair | None = None,
    **more: object,
) -> dict[str, CellOutcome]:
    """Return the outcomes of a submission by cell."""
    cells = {"answer": dedent(answer)} if isinstance(answer, str) else answer
    found = run_submission(cells, made, process or warm(), limits, **more)  # type: ignore[arg-type]  # any keyword
    return {outcome.grade_id: outcome for outcome in found}


def run_stopped(
    made: Assignment,
    answer: str | Mapping[str, str],
    stopped: Set[str],
    limits: Limits = PATIENT,
    process: WarmPair | None = None,
    **more: object,
) -> dict[str, CellOutcome]:
    """Return the outcomes where the cells `stopped` may run out of time, by cell.

    All cells have one limit. Where another one reaches it, the machine was too busy
    for it, so all get more, up to what only a hang reaches.
    """
    for seconds in LADDER:
        own = replace(limits, cell_seconds=seconds)
        outcomes = run(made, answer, own, process, **more)
        late = {name for name, one in outcomes.items() if one.outcome == "timeout"}
        if late <= stopped:
            break
    return outcomes


def marks(outcomes: dict[str, CellOutcome]) -> list[str]:
    """Return what became of each test, in order."""
    return [o.outcome for name, o in outcomes.items() if name.startswith("test-")]
