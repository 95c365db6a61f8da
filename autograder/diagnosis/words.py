"""Say what was expected of a call and what came: values where tests are visible.

Of hidden tests nothing is told but shapes, dtypes and how far off an answer is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.diagnosis.observed import Call
from autograder.diagnosis.traces import Trace
from autograder.diagnosis.values import Numbers, Opaque, Other, numeric, same_value
from autograder.model.explanation import Compared

FEW_NUMBERS = 6  # numbers that are all shown
LONGEST_VALUE = 120
LONGEST_CALL = 600
UNTOLD = ("NotImplementedError", "NameError", "SyntaxError")
GENERATOR_TAGS = ("g", "ng")  # torch's and NumPy's, as they cross
STRAY_GRADIENT = "the values are right; it requires a gradient, and should not."

# The words of a comparison behind its call: the place, then what was expected and came.
Difference = tuple[str] | tuple[str, str, str] | None


def expected_against_got(own: Trace, right: Trace, hidden: bool) -> Compared | None:
    """Return what the first wrong answer should have been; None if none is seen.

    A gradient too many is told only where nothing else is wrong: it does no harm.
    """
    stray: Compared | None = None
    for mine, reference in zip(own.calls, right.calls, strict=False):
        same_args = same_value(mine.args, reference.args, False)
        same_place = (mine.op, mine.target, mine.method) == (
            reference.op,
            reference.target,
            reference.method,
        )
        if not (same_place and same_args and mine.name == reference.name):
            return stray
        if found := find_difference(mine, reference, hidden):
            told = Compared(word_question(mine, hidden)[:LONGEST_CALL], *found)
            if not found[0].endswith(STRAY_GRADIENT):
                return told
            stray = stray or told
    if own.stopped and len(own.calls) < len(right.calls):
        asked = word_question(right.calls[len(own.calls)], hidden)
        return Compared(asked[:LONGEST_CALL], "no answer came.")
    return stray


def find_difference(mine: Call, right: Call, hidden: bool) -> Difference:
    """Return how an answer differs from the reference's; None if it does not."""
    if right.error:
        if mine.error and mine.error[0] == right.error[0]:
            return None
        got = mine.error[0] if mine.error else describe_value(mine.result, hidden)
        return "", f"{right.error[0]} to be raised", got
    if mine.op in ("members", "unreadable"):
        return None
    drew_otherwise = not drew_alike(mine, right)
    hidden = hidden or drew_otherwise  # the reference's numbers are of its own draws
    if mine.error:
        if mine.error[0] in UNTOLD or mine.method == "load_state_dict":
            return None
        return "", describe_value(right.result, hidden), mine.error[0]
    if mine.changed.keys() - right.changed.keys():
        text = "it changes its arguments in place, and should leave them as they are."
        return (text,)
    if drew_otherwise and same_value(mine.result, right.result, False, values=False):
        return None
    return compare_results(mine.result, right.result, hidden, "")


def drew_alike(mine: Call, right: Call) -> bool:
    """Whether a call that was given a generator drew from it as the reference did.

    Then it has come as far, and functions of the tests were asked for the same.
    """
    given = [*right.args, *right.kwargs.values()]
    if not any(isinstance(v, Other) and v.tag in GENERATOR_TAGS for v in given):
        return True
    return same_value(mine.changed, right.changed, False) and same_value(
        [call.args for call in mine.callbacks],
        [call.args for call in right.callbacks],
        False,
    )


def word_question(call: Call, hidden: bool) -> str:
    """Return a call as a reader would write it."""
    name = call.name or call.owner or "the result"
    if call.op == "backward":
        return f"The gradient of {name}"
    if call.op == "get" and call.method:
        return f"{name}.{call.method}"
    if call.op == "operator":
        return f"{call.method} of {name}"
    if call.target and call.op == "call":
        name += f"(…).{call.method}" if call.method else "(…)"
    args = [describe_value(value, hidden, True) for value in call.args]
    args += [f"{k}={describe_value(v, hidden, True)}" for k, v in call.kwargs.items()]
    return f"{name}({', '.join(args)})"


def compare_results(mine: Any, right: Any, hidden: bool, place: str) -> Difference:
    """Return where two results differ first, and how."""
    if same_value(mine, right, True):
        return None
    where = f"for result{place}, " if place else ""
    several = isinstance(mine, list | tuple) and isinstance(right, list | tuple)
    if several and len(right) > 1 and same_value(mine[::-1], right, True):
        return (f"{where}the right results, in another order.",)
    if several and len(mine) == len(right) and has_parts(right):
        for number, (a, b) in enumerate(zip(mine, right, strict=True)):
            if not same_value(a, b, True) and not (is_leaf(a) and is_leaf(b)):
                return compare_results(a, b, hidden, f"{place}[{number}]")
    pairs = isinstance(mine, dict) and isinstance(right, dict)
    if pairs and mine.keys() == right.keys():
        for key in right:
            if not same_value(mine[key], right[key], True):
                return compare_results(mine[key], right[key], hidden, f"{place}[{key}]")
    if are_alike(mine, right):
        found = compare_arrays(mine, right, hidden)
        return (where + found[0], *found[1:]) if found else None
    expected, got = describe_value(right, hidden), describe_value(mine, hidden)
    if expected != got:
        return where, expected, got
    if isinstance(mine, int | float) and isinstance(right, int | float):
        share = abs(mine - right) / max(abs(right), 1e-30)
        return (f"{where}the number is off by {round_share(share)}.",)
    return (f"{where}the {type(mine).__name__} is not the one expected.",)


def has_parts(value: Any) -> bool:
    """Whether to look into a list: not where it is a list of numbers."""
    return any(isinstance(part, Numbers | list | tuple | dict) for part in value)


def is_leaf(value: Any) -> bool:
    """Whether a value is a parameter, whose first numbers are drawn."""
    return isinstance(value, Numbers) and value.leaf


def are_alike(mine: Any, right: Any) -> bool:
    """Whether two results are arrays that differ in their numbers alone."""
    both = isinstance(mine, Numbers) and isinstance(right, Numbers)
    return both and outline_array(mine) == outline_array(right) and mine.data.size > 0


def outline_array(value: Numbers) -> str:
    """Return dtype and shape of an array: `float32 tensor (2, 3)`."""
    if value.kind == "scalar":
        return f"NumPy {value.dtype}"
    return f"{value.dtype} {value.kind} {value.data.shape}"


def compare_arrays(mine: Numbers, right: Numbers, hidden: bool) -> Difference:
    """Return how far one array is from another of its shape."""
    x, y = mine.data, right.data
    if x.dtype.kind in "mM" or y.dtype.kind in "mM":
        return (f"the values of the {outline_array(mine)} differ.",)
    with np.errstate(all="ignore"):
        apart = np.abs(x.astype(np.complex128) - y.astype(np.complex128))
        size = np.abs(y.astype(np.complex128))
        wrong = ~((x == y) | (apart <= 1e-5 * size + 1e-7) | (x != x) & (y != y))
    if not wrong.any():
        return None if mine.grad == right.grad else (describe_gradient(mine),)
    count = f"{int(wrong.sum())} of {wrong.size} numbers"
    nan = int((~np.isfinite(x) & np.isfinite(y)).sum())
    if hidden:
        if nan:
            return (
                f"the {outline_array(mine)} has {nan} numbers that are not finite.",
            )
        known = np.isfinite(apart)
        largest = size[known].max(initial=0)
        by = ""
        if largest > 0 and y.dtype.kind in "fc":
            share = round_share(apart[known].max() / largest)
            by = f", by up to {share} of the largest"
        return (f"shape and dtype are right, {count} are not{by}.",)
    if x.size <= FEW_NUMBERS:
        return "", list_numbers(y), list_numbers(x)
    worst = np.unravel_index(int(np.argmax(wrong)), x.shape)
    index = ", ".join(map(str, worst))
    sides = round_number(y[worst]), round_number(x[worst])
    return f"{count} differ, first at [{index}]: ", *sides


def describe_gradient(mine: Numbers) -> str:
    """Say that a gradient does not get through, or that one does."""
    if mine.grad:
        return STRAY_GRADIENT
    return "the values are right, but no gradient gets back through them."


def round_share(share: float) -> str:
    """Return a share with one digit: a magnitude."""
    digits = float(f"{100 * share:.0e}")
    return f"{digits:g}%" if digits < 1e4 else f"a factor of {digits / 100:g}"


def round_number(value: Any) -> str:
    """Return a number in few digits."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    return f"{value:.5g}"


def list_numbers(data: Any) -> str:
    """Return a small array as a list."""
    if data.ndim == 0:
        return round_number(data[()])
    return f"[{', '.join(list_numbers(part) for part in data)}]"


def describe_value(value: Any, hidden: bool, briefly: bool = False) -> str:
    """Return a value in a few words: of a hidden test's, only what kind it is."""
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return value.name or f"a {value.kind}"
    if isinstance(value, Other):
        return {"dev": "a device", "td": "a dtype"}.get(value.tag, "…")
    if isinstance(value, Numbers):
        small = not (hidden or briefly) and 0 < value.data.size <= FEW_NUMBERS
        return outline_array(value) + (f" {list_numbers(value.data)}" if small else "")
    if isinstance(value, list | tuple):
        return describe_list(value, hidden, briefly)
    if isinstance(value, dict):
        return f"a dict of {len(value)}"
    data = numeric(value)
    if hidden:
        return f"{'an' if isinstance(value, int) else 'a'} {type(value).__name__}"
    text = round_number(value) if data is not None else repr(value)
    return text if len(text) < LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def describe_list(value: Any, hidden: bool, briefly: bool) -> str:
    """Return a list in a few words."""
    name = type(value).__name__
    if any(isinstance(part, Numbers) for part in value) and len(value) <= FEW_NUMBERS:
        inner = ", ".join(describe_value(part, True, briefly) for part in value)
        return f"({inner})"
    if hidden or len(value) > 4 * FEW_NUMBERS:
        return f"a {name} of {len(value)}"
    text = repr(value)
    short = len(text) < LONGEST_VALUE and not any(
        isinstance(v, Opaque | Other) for v in value
    )
    return text if short else f"a {name} of {len(value)}"
