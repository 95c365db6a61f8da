"""Exceptions and warnings on their way: by the names of their types, as data."""

from __future__ import annotations

import builtins
import contextlib
import warnings
from typing import Any

import numpy as np

from autograder.inside.cells import NO_TRACE, CellTrace
from autograder.inside.cures import NO_CURE, Cure

ERRORS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}
ERRORS |= {"AxisError": np.exceptions.AxisError, "LinAlgError": np.linalg.LinAlgError}


def warn(caught: Any) -> None:
    """Warn here of what the other side was warned of."""
    for name, text in (caught or [])[:50]:
        kind = ERRORS.get(name, UserWarning)
        if not issubclass(kind, Warning):
            kind = UserWarning
        warnings.warn(str(text)[:500], kind, stacklevel=5)


def described(
    error: BaseException, trace: CellTrace, cure: Cure = NO_CURE
) -> dict[str, Any]:
    """Return an exception as data, with what there is to say of it."""
    names = [kind.__name__ for kind in type(error).__mro__]
    made: dict[str, Any] = {"k": "x", "types": names[:20]}
    made |= {"text": text_of(error), "trace": trace}
    made |= {"cure": cure} if cure.text else {}
    name = name_missing(error)
    return made | ({"name": name} if isinstance(name, str) else {})


def text_of(error: BaseException) -> str:
    """Return what an exception says, empty where its own code raises another one."""
    try:
        one = len(error.args) == 1 and isinstance(error.args[0], str)
        return str(error.args[0] if one else error)[:2000]
    except Exception:
        return ""


def name_missing(error: BaseException) -> Any:
    """Return the name that was not defined, None where there is none to be had."""
    try:
        return error.name if isinstance(error, NameError) else None
    except Exception:
        return None


def rebuilt(reply: dict[str, Any]) -> Exception:
    """Return the exception that a reply stands for."""
    names = [name for name in reply.get("types") or [] if isinstance(name, str)]
    text = str(reply.get("text"))[:2000]
    own = names[0][:100] if names else "Exception"
    for kind in [ERRORS[name] for name in names if name in ERRORS]:
        with contextlib.suppress(TypeError):
            error = kind(text)
            break
    else:
        error, own = RuntimeError(f"{own}: {text}"), "RuntimeError"
    error.__dict__["student_type"] = own
    error.__dict__["student_trace"] = read_trace(reply.get("trace"))
    error.__dict__["student_cure"] = read_cure(reply.get("cure"))
    if isinstance(error, NameError):
        error.name = str(reply.get("name", ""))[:100]
    return error


def read_trace(data: Any) -> CellTrace:
    """Return the lines that the other side says to have led to an exception."""
    if not isinstance(data, list) or len(data) != len(NO_TRACE):
        return NO_TRACE
    return CellTrace(*(str(part)[:4000] for part in data))


def read_cure(data: Any) -> Cure:
    """Return what the other side says of an exception."""
    if not isinstance(data, list) or len(data) != len(NO_CURE):
        return NO_CURE
    return Cure(str(data[0])[:2000], data[1] is True)
