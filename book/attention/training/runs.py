"""Runs of a script in a JSON file, a line each, for pages that read them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def write_runs(
    path: Path,
    runs: Sequence[dict[str, Any]],
    kind: str,
    order: Sequence[str],
    **head: Any,
) -> None:
    """Write runs by their `kind` in that order, then by seed; `head` stands first."""
    rows = sorted(runs, key=lambda run: (order.index(run[kind]), run["seed"]))
    first = "".join(f' "{name}": {json.dumps(v)},\n' for name, v in head.items())
    lines = ",\n  ".join(map(json.dumps, rows))
    path.write_text(f'{{\n{first} "runs": [\n  {lines}\n ]\n}}\n', "utf-8")
