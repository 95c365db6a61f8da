"""Cheats on the course's own assignments: they earn nothing.

The cheats of the corpus stand in front of the released notebook, and each of its
functions is the cheat's own, if it has one.
"""

import json
import re
from functools import cache
from types import FunctionType

import pytest

from autograder.authoring.notebook import notebook_cell, source_notebook
from autograder.authoring.solution_file import read_assignment
from autograder.course import Course
from autograder.intake.take_in import take_in
from autograder.model.limits import Limits
from tests.attacks import corpus
from tests.support.hand_ins import as_bytes
from tests.support.places import ROOT
from tests.support.split import PATIENT, run

COURSE = Course(ROOT).names()
GENERIC = [attack for attack in corpus.corpus() if attack.group == "cheats"]
# A search through all files never ends: each call is stopped, and earns nothing.
BRIEF = {"file_walk": Limits(cell_seconds=1, total_seconds=4)}
TOP = "import numpy as np\nOUTSIDE, PORT, VICTIM = '/nowhere', 9, 0\n"


@cache
def of_course(name):
    return read_assignment(ROOT / "solutions" / name / f"{name}.py")


def passed(name, front="", answer="", limits=PATIENT):
    """Return the tests that a notebook passes whose functions are all `answer`."""
    made = of_course(name)
    cells = {"front": front} if front else {}
    for cell in made.role("solution"):
        cells[cell.id] = f"{cell.defines} = {answer}" if answer else cell.released
    found = run(made, cells, limits=limits)
    assert found.keys() >= {cell.id for cell in made.role("test")}
    return {key for key, outcome in found.items() if outcome.points}


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE)
def test_the_released_notebook_earns_nothing(name):
    assert passed(name) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE)
@pytest.mark.parametrize("attack", GENERIC, ids=lambda attack: attack.name)
def test_a_cheat_earns_nothing_in_the_course(attack, name):
    cell = re.search(r"^# %% \w+\n((?s:.*?))(?=^# %%|\Z)", attack.body, re.MULTILINE)
    made = re.search(r"^def (total|share)\b", cell[1], re.MULTILINE)
    limits = BRIEF.get(attack.name, PATIENT)
    assert passed(name, TOP + cell[1], made[1] if made else "", limits) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE)
@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception"])
def test_tags_earn_nothing_in_the_course(tag, name):
    made = of_course(name)
    notebook = dict(source_notebook(made))
    notebook["cells"] = [notebook_cell(cell) for cell in made.cells]
    for told, cell in zip(notebook["cells"], made.cells, strict=True):
        told["source"] = cell.released
        told["metadata"]["tags"] = [tag]
    found = run(made, take_in(as_bytes(notebook), made).sources)
    assert {key for key, outcome in found.items() if outcome.points} == set()


MEMORY = """
import json
import numpy as np
import torch

TABLE = json.loads(KNOWN)


def told(x):
    if isinstance(x, torch.Tensor):
        return ["torch", str(x.dtype)[6:], x.tolist()]
    if isinstance(x, np.ndarray):
        return ["np", str(x.dtype), x.tolist()]
    if isinstance(x, torch.Generator):
        return x.get_state().tolist()
    return [told(part) for part in x] if isinstance(x, (tuple, list)) else x


def again(x):
    if isinstance(x, list) and x and x[0] == "torch":
        return torch.tensor(x[2], dtype=getattr(torch, x[1]))
    if isinstance(x, list) and x and x[0] == "np":
        return np.array(x[2], dtype=x[1])
    if isinstance(x, list) and x and x[0] == "function":
        return remember(x[1])
    return tuple(map(again, x)) if isinstance(x, list) else x


def key(*call):
    return json.dumps(told(call), default=repr)


def remember(name):
    return lambda *args, **kwargs: again(TABLE[key(name, args, sorted(kwargs.items()))])
"""


def memorised(made):
    """Return what the reference answers to the calls of the tests that are seen."""
    names, memory, seen = {}, {"KNOWN": "{}"}, {}
    exec(MEMORY, memory)

    def watched(name, function):
        def call(*args, **kwargs):
            key = memory["key"](name, args, sorted(kwargs.items()))
            value = function(*args, **kwargs)
            if isinstance(value, FunctionType):  # what it answers is learned as well
                seen[key] = ["function", f"{name} {len(seen)}"]
                return watched(seen[key][1], value)
            seen[key] = memory["told"](value)
            return value

        return call

    for cell in made.cells:
        if not (cell.text or cell.hidden):
            exec(cell.source, names)
        if cell.role == "solution" and not isinstance(names[cell.defines], type):
            names[cell.defines] = watched(cell.defines, names[cell.defines])
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE)
def test_who_memorises_what_can_be_seen_earns_no_hidden_point(name):
    made = of_course(name)
    known = json.dumps(memorised(made))
    cells = {"front": f"KNOWN = {known!r}\n{MEMORY}"}
    for cell in made.role("solution"):
        cells[cell.id] = f"{cell.defines} = remember({cell.defines!r})"
    found = run(made, cells)
    hidden = {cell.id for cell in made.role("test") if cell.hidden}
    earned = {key for key, outcome in found.items() if outcome.points}
    assert earned and not earned & hidden
