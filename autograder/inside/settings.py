"""Settings of NumPy and torch under which a test's calls run.

A notebook's own `np.seterr` holds for the student's code, as it does in the notebook;
what a test or a given cell sets holds on both sides. The default dtype is the tests'
in each call, so that a student's own choice does not clash with their tensors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

USUAL_ERRORS = np.geterr()
DEFAULTS = {"torch.float32": torch.float32, "torch.float64": torch.float64}


def to_send(errors: Any) -> dict[str, Any]:
    """Return the settings for a request: `errors` are those that the student has."""
    extra: dict[str, Any] = {}
    if np.geterr() != errors:
        extra["err"] = np.geterr()
    if torch.get_default_dtype() is not torch.float32:
        extra["default"] = str(torch.get_default_dtype())
    return extra


@contextmanager
def applied(header: dict[str, Any]) -> Iterator[None]:
    """Do what a request asks under its settings; cells run under the student's own."""
    own, errors = torch.get_default_dtype(), header.get("err")
    cell = header.get("k") == "cell"
    try:
        if not cell:
            wanted = header.get("default", "torch.float32")
            torch.set_default_dtype(DEFAULTS.get(wanted, torch.float32))
        if errors:
            with np.errstate(**errors):
                yield
        else:
            yield
    finally:
        if not cell:
            torch.set_default_dtype(own)
