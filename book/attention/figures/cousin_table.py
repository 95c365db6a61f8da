"""The cousins beside self-attention: one table, measured by `benchmarks/cousins.py`."""

import html
import json
from collections.abc import Mapping
from statistics import fmean
from typing import Any, NamedTuple

from attention.data.files import book_file
from attention.figures.live_figure import read_part

REGIMES_OF_RUNS = {"steps": "equal steps", "seconds": "equal seconds"}
ROWS_OF_TASKS = {  # task: title, score, what it is, how it is written
    "characters": [("Shakespeare, nats a character", "loss", "", ".2f")],
    "recall": [("The second copy of a text, share right", "right", "", ".2f")],
    "addition": [
        ("Sums, share right", "chains/12", "12 bits, long chains", ".2f"),
        ("Sums, share right", "random/36", "36 random bits", ".2f"),
        ("Sums, share right", "chains/36", "36 bits, long chains", ".2f"),
    ],
}
TABLE_CAPTION = "Bodies with attention recall; bodies without it add longer sums"


class OverSeeds(NamedTuple):
    """A score over the seeds."""

    mean: float
    low: float
    high: float


def read_cousins() -> dict[str, dict[str, Any]]:
    """Return what was measured, by model.

    Returns:
        For each model its `name`, and for each task a dict with `times` (a step's
        seconds by the first model's) and, for `steps` and `seconds`, a `OverSeeds` for
        each score's name.

    """
    found = json.loads(book_file("data/cousins.json").read_text(encoding="utf-8"))
    parts = found["parts"]
    return {
        kind: {
            "name": name,
            **{task: _of_task(parts, task, kind) for task in found["setup"]},
        }
        for kind, name in found["models"].items()
    }


def _of_task(parts: Mapping[str, Any], task: str, kind: str) -> dict[str, Any]:
    """Collect a model's runs on a task."""
    runs = [
        part["scores"]
        for name, part in parts.items()
        if name.startswith(f"run/{task}/{kind}/")
    ]
    scores = {
        regime: {
            score: _over_seeds([run[regime][score] for run in runs])
            for score in runs[0][regime]
        }
        for regime in REGIMES_OF_RUNS
    }
    return {"times": parts[f"pace/{task}"]["times"][kind], **scores}


def _over_seeds(values: list[float]) -> OverSeeds:
    return OverSeeds(fmean(values), min(values), max(values))


class CousinTable:
    """The table, as HTML for a notebook and as text for a terminal."""

    def __init__(self, models: Mapping[str, dict[str, Any]]) -> None:
        """Keep what was measured."""
        self.models = models

    def rows(self) -> list[tuple[str, tuple[str, str], list[tuple[str, str]]]]:
        """Return title, label and detail, and for each model a number and its range."""
        rows = []
        for task, scores in ROWS_OF_TASKS.items():
            for title, score, detail, form in scores:
                for regime, words in REGIMES_OF_RUNS.items():
                    found = [m[task][regime][score] for m in self.models.values()]
                    label = (detail or words, words if detail else "")
                    cells = [
                        (f"{s.mean:{form}}", f"{s.low:{form}}–{s.high:{form}}")
                        for s in found
                    ]
                    rows.append((title, label, cells))
            times = [(f"{m[task]['times']:.1f}", "") for m in self.models.values()]
            rows.append((title, ("seconds a step", "× attention’s"), times))
        return rows

    def _repr_html_(self) -> str:
        heads = "".join(
            f'<th scope="col">{html.escape(m["name"])}</th>'
            for m in self.models.values()
        )
        bodies, shown = "", ""
        for title, label, cells in self.rows():
            if title != shown:
                bodies += (
                    f'<tr><th scope="rowgroup" colspan="{len(self.models) + 1}">'
                    f"{html.escape(title)}</th></tr>"
                )
                shown = title
            data = "".join(f"<td>{_with_small(*cell)}</td>" for cell in cells)
            bodies += f'<tr><th scope="row">{_with_small(*label)}</th>{data}</tr>'
        return (
            f"<style>{read_part('thread.css')}{read_part('cousin_table.css')}</style>"
            f'<div class="thread cousins" role="region" aria-label="{TABLE_CAPTION}" '
            f'tabindex="0"><table><caption>{TABLE_CAPTION}</caption>'
            f"<thead><tr><td></td>{heads}</tr></thead><tbody>{bodies}</tbody>"
            f"</table></div>"
        )

    def __repr__(self) -> str:
        """Write the table as text."""
        names = [m["name"] for m in self.models.values()]
        lines = [TABLE_CAPTION, " " * 34 + " | ".join(names)]
        for title, label, cells in self.rows():
            words = ", ".join(filter(None, (title, *label)))
            lines.append(f"{words}: " + " | ".join(c for c, _ in cells))
        return "\n".join(lines)


def _with_small(main: str, small: str) -> str:
    """Put a small line below a text: below a mean its range."""
    below = f"<small>{html.escape(small)}</small>" if small else ""
    return html.escape(main) + below


def show_cousins() -> CousinTable:
    """Show what five bodies of one size reach on three tasks."""
    return CousinTable(read_cousins())
