"""Honest mistakes that no catalogue has: right answers, spoiled in odd ways."""

from __future__ import annotations

from autograder.model.assignment import Cell
from autograder.model.source_code import definitions

KINDS = ("stretched", "rolled", "deeper")

SPOIL = '''
def _spoiled(value):
    """Spoil numbers wherever they are."""
    import numpy as np

    if isinstance(value, (tuple, list)):
        if hasattr(value, "_fields"):
            return value
        return type(value)(_spoiled(part) for part in value)
    if isinstance(value, dict):
        return {key: _spoiled(part) for key, part in value.items()}
    if isinstance(value, float):
        return value * 1.37 + 0.011
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value + 7
    if isinstance(value, np.ndarray) or type(value).__name__ in ("Tensor", "Parameter"):
        return _change(value)
    return value


def _change(x):
    """Spoil an array or a tensor."""
    import numpy as np

    floating = "float" in str(x.dtype)
    if KIND == "stretched":
        return x * 1.37 + 0.011 if floating else x
    if KIND == "deeper":
        return x[..., None]
    order = [(n + 1) % x.shape[-1] for n in range(x.shape[-1])] if x.ndim else ...
    return x[..., order] * (1.19 if floating else 1)
'''


def spoiled(cell: Cell, kind: str) -> str:
    """Return a solution cell whose answers are spoiled."""
    node = definitions(cell.source)[0]
    name = node.name
    methods = {getattr(part, "name", "") for part in node.body}
    parts = [cell.source, SPOIL.replace("KIND", repr(kind)), f"_right_{name} = {name}"]
    if type(node).__name__ == "FunctionDef":
        parts += [
            f"def {name}(*args, **kwargs):\n"
            f"    return _spoiled(_right_{name}(*args, **kwargs))"
        ]
    elif "forward" in methods:
        parts += [
            f"class {name}(_right_{name}):\n"
            "    def forward(self, *args, **kwargs):\n"
            "        return _spoiled(super().forward(*args, **kwargs))"
        ]
    return "\n\n".join(parts)
