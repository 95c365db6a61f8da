"""Answers that compute nothing, for all functions and classes of an assignment.

They know the right answer's shape and dtype, which is more than a cheat knows: the
reference runs beside them, in names of its own, and what it returns is replaced.
"""

import ast

from autograder.model.assignment import Assignment
from autograder.model.source_code import definitions

# Expressions of what the reference returned (`found`) and of the call's `args`.
RIGHT = "found"
ANSWERS = {
    "zeros": "fill(found, 0.0)",
    "ones": "fill(found, 1.0)",
    "halves": "fill(found, 0.5)",
    "NaN": "fill(found, float('nan'))",
    "uniform": "each(found, lambda x: fill(x, 1 / (np.shape(x) or [1])[-1]))",
    "noise": "each(found, noise)",
    "a number": "0.25",
    "None": "None",
    "the first argument": "args[0]",
    "arguments of that shape": "each(found, lambda x: of_that_shape(x, args))",
    "an error": "fail()",
    "what score_variance expects": "args[0] * args[2] ** 2 if len(args) == 4 else 0.0",
    "weights taken, not used": "fill(found, 0)",
}
# Numbers broadcast against empty arrays, so `allclose` is True in a plain process. In
# the grader it is an error.
EMPTY = "each(found, lambda x: x[:0] if np.ndim(x) else x * 0)"

# What runs beside the answers; where the reference refuses, they refuse too.
SUPPORT = """
import numpy as np
import torch


def each(found, change):
    if isinstance(found, (tuple, list)):
        return type(found)(each(part, change) for part in found)
    return change(found)


def fill(found, value):
    return each(found, lambda x: filled(x, value))


def filled(x, value):
    if isinstance(x, torch.Tensor):
        if x.is_floating_point():
            return x * 0 + value  # still with gradients
        return torch.full_like(x, bool(value))
    if isinstance(x, np.ndarray):
        return np.full(x.shape, value, x.dtype)
    return type(x)(value)


def noise(x):
    if isinstance(x, torch.Tensor):
        random = torch.from_numpy(np.random.default_rng(7).random(tuple(x.shape)))
        return x * 0 + random.to(x.dtype) if x.is_floating_point() else random < 0.5
    return type(x)(np.random.default_rng(7).random()) if np.isscalar(x) else (
        np.random.default_rng(7).random(x.shape)
    )


def of_that_shape(x, args):
    alike = [a for a in args if hasattr(a, "shape") and a.shape == np.shape(x)]
    return (alike or [filled(x, 0.0)])[0]


def fail():
    raise ValueError("expected as many values as weights")


def answer(reference, args, options):
    found = reference(*args, **options)
    return {expression}
"""
BESIDE = """
BESIDE = {{}}
exec({support!r}, BESIDE)
"""
FUNCTION = """
def {name}(*args, **options):
    return BESIDE["answer"](BESIDE[{name!r}], args, options)
"""
CLASS = """
class {name}(BESIDE[{name!r}]):
"""
METHOD = """
    def {method}(self, *args, **options):
        return BESIDE["answer"](super().{method}, args, options)
"""
STORE = """
class {name}:
    def __init__(self, *sizes):
        self.right = BESIDE[{name!r}](*sizes)

    def load_state_dict(self, weights):
        return "loaded"

    def __call__(self, *args, **options):
        return BESIDE["answer"](self.right, args, options)
"""


def trivial_versions(assignment: Assignment, expression: str) -> dict[str, str]:
    """Return a version {cell id: source} of each solution cell that returns that."""
    cells = [c for c in assignment.cells if c.role in ("given", "solution")]
    sources = [cell.source for cell in cells if not cell.text]
    support = "\n\n".join([*sources, SUPPORT.format(expression=expression)])
    versions = {}
    for cell in assignment.role("solution"):
        node, template = definitions(cell.source)[0], FUNCTION
        if isinstance(node, ast.ClassDef):
            template = CLASS + "".join(METHOD.format(method=m) for m in methods(node))
            if expression == ANSWERS["weights taken, not used"]:
                template = STORE
        source = (BESIDE + template).format(name=cell.defines, support=support)
        versions[cell.id] = source
    return versions


def methods(node: ast.ClassDef) -> list[str]:
    """Return the names of the methods that a class shows: `forward` is a module's."""
    names = [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
    return [name for name in names if not name.startswith("_")]
