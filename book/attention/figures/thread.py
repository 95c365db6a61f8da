"""One thread through the chapters: every translator on the same dates and sentences.

The numbers were measured by `benchmarks/thread.py`; here they are read and shown.
"""

import html
import json
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any, NamedTuple

from attention.data.files import BOOK
from attention.figures.live_figure import read_part

FILE = BOOK / "data/thread.json"
CHAPTERS = ("03", "04", "05", "09")
REGIMES = ("equal steps", "equal seconds")
SCORES = (
    "exact_match",
    "bleu",
    "bleu_all_references",
    "alignment_error",
    "alignment_error_moved",
)
CAPTION = "The same dates and sentences, chapter by chapter"


def read_thread() -> dict[str, dict[str, Any]]:
    """Return what was measured, by chapter, task and regime.

    Returns:
        For each chapter of `CHAPTERS` its `model`, and for the tasks `dates` and
        `pairs` a dict with `parameters`, `rate`, `seconds_a_step`, `times` (the
        first model's) and for each of `REGIMES` a dict with `steps` and the scores,
        each a mean over the seeds; `SCORE_by_seed` has them one by one. A model
        without attention has an alignment error of None.

    """
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        chapter: {
            "model": name,
            **{
                task: _task(found["parts"], task, chapter)
                for task in ("dates", "pairs")
            },
        }
        for chapter, name in found["models"].items()
    }


def _task(parts: dict[str, dict], task: str, chapter: str) -> dict[str, Any]:
    """Collect what was measured of one model on one task."""
    pace = parts[f"pace/{task}"]
    runs = {
        regime: [
            part
            for key, part in parts.items()
            if key.startswith(f"run/{task}/{chapter}/{regime.split()[1]}/")
        ]
        for regime in REGIMES
    }
    both = {  # the first model's seconds are the budget: its two regimes are one
        regime: runs[regime] or runs["equal steps"] for regime in REGIMES
    }
    return {
        "parameters": both["equal steps"][0]["parameters"],
        "rate": both["equal steps"][0]["given"]["rate"],
        "batch": both["equal steps"][0]["given"]["batch"],
        "seconds_a_step": pace["seconds_a_step"][chapter],
        "times": pace["times"][chapter],
        **{regime: _regime(both[regime]) for regime in REGIMES},
    }


def _regime(runs: Sequence[dict]) -> dict[str, Any]:
    """Average the runs of one regime over their seeds."""
    found: dict[str, Any] = {"steps": runs[0]["given"]["steps"], "seeds": len(runs)}
    for score in SCORES:
        if score in runs[0]:
            values = [run[score] for run in runs]
            found[f"{score}_by_seed"] = values
            found[score] = None if None in values else mean(values)
    return found


class Line(NamedTuple):
    """A line of the table: what was measured, and how to write it for a model."""

    label: str
    detail: str
    cell: Callable[[dict], tuple[str, str]]  # the number, and what stands below it


def _score(regime: str, score: str, form: str) -> Callable[[dict], tuple[str, str]]:
    """Write a score with the range over the seeds."""

    def cell(task: dict) -> tuple[str, str]:
        found, each = task[regime][score], task[regime][f"{score}_by_seed"]
        if found is None:
            return "–", ""
        span = f"{min(each):{form}}–{max(each):{form}}" if len(each) > 1 else ""
        return f"{found:{form}}", span

    return cell


def _costs() -> list[Line]:
    return [
        Line("parameters", "", lambda t: (f"{t['parameters'] / 1000:,.0f}k", "")),
        Line(
            "CPU ms a step",
            "times the first model’s",
            lambda t: (f"{1000 * t['seconds_a_step']:.0f}", f"× {t['times']:.2f}"),
        ),
        Line(
            "steps in equal seconds", "", lambda t: (f"{t[REGIMES[1]]['steps']:,}", "")
        ),
    ]


LINES: dict[str, tuple[str, list[Line]]] = {
    "dates": (
        "Dates",
        [
            *(
                Line(f"exact match, {r}", "", _score(r, "exact_match", ".2f"))
                for r in REGIMES
            ),
            Line("alignment error", "", _score(REGIMES[0], "alignment_error", ".2f")),
            *_costs(),
        ],
    ),
    "pairs": (
        "English to French",
        [
            *(Line(f"BLEU, {r}", "", _score(r, "bleu", ".1f")) for r in REGIMES),
            Line(
                "BLEU with all references",
                "equal steps",
                _score(REGIMES[0], "bleu_all_references", ".1f"),
            ),
            Line("alignment error", "", _score(REGIMES[0], "alignment_error", ".2f")),
            *_costs(),
        ],
    ),
}


class ThreadTable:
    """The table, as HTML for a notebook and as text for a terminal."""

    def __init__(self, thread: dict[str, dict[str, Any]], upto: str) -> None:
        """Keep the columns up to a chapter."""
        self.thread = {c: model for c, model in thread.items() if c <= upto}

    def rows(self) -> list[tuple[str, list[tuple[Line, list[tuple[str, str]]]]]]:
        """Return for each task its title and lines, with a cell for each model."""
        models = self.thread.values()
        return [
            (title, [(line, [line.cell(m[task]) for m in models]) for line in lines])
            for task, (title, lines) in LINES.items()
        ]

    def note(self) -> str:
        """Say in words what was held equal."""
        first = next(iter(self.thread.values()))
        dates, pairs = (
            f"{first[task][REGIMES[0]]['steps']:,} steps on {word}"
            for task, word in (("dates", "dates"), ("pairs", "sentence pairs"))
        )
        seeds = first["dates"][REGIMES[0]]["seeds"]
        each = f" Below a mean over {seeds} seeds: lowest–highest." if seeds > 1 else ""
        return (
            f"Equal steps: {dates} and {pairs}, {first['dates']['batch']} at a time. "
            "Equal seconds: as many steps as fit into the first model’s CPU seconds. "
            "Alignment error: after equal steps, given the true output." + each
        )

    def _repr_html_(self) -> str:
        heads = "".join(
            f'<th scope="col">{_two(m["model"], f"chapter {int(c)}")}</th>'
            for c, m in self.thread.items()
        )
        bodies = "".join(
            f'<tbody><tr><th scope="rowgroup" colspan="{len(self.thread) + 1}">'
            f"{html.escape(title)}</th></tr>{''.join(map(_html_line, lines))}</tbody>"
            for title, lines in self.rows()
        )
        return (
            f"<style>{read_part('thread.css')}</style>"
            f'<div class="thread" role="region" aria-label="{CAPTION}" tabindex="0">'
            f"<table><caption>{CAPTION}</caption><thead><tr>"
            f"<td></td>{heads}</tr></thead>{bodies}</table></div>"
            f'<p class="thread-note">{html.escape(self.note())}</p>'
        )

    def __repr__(self) -> str:
        """Write the table as text."""
        lines = [CAPTION, _text("", [m["model"] for m in self.thread.values()])]
        for title, rows in self.rows():
            lines += [title]
            for line, cells in rows:
                lines.append(_text(f"  {line.label}", [main for main, _ in cells]))
                if any(small for _, small in cells):
                    lines.append(_text(f"    {line.detail}", [s for _, s in cells]))
        return "\n".join([*lines, self.note()])


def show_thread(upto: str = CHAPTERS[-1]) -> ThreadTable:
    """Show every model of the course so far on the same dates and sentence pairs.

    Args:
        upto: the last chapter that is shown, one of `CHAPTERS`.

    Raises:
        ValueError: if no model comes from that chapter.

    """
    if upto not in CHAPTERS:
        raise ValueError(f"upto: expected one of {', '.join(CHAPTERS)}, got {upto!r}")
    return ThreadTable(read_thread(), upto)


def _html_line(row: tuple[Line, list[tuple[str, str]]]) -> str:
    line, cells = row
    data = "".join(f"<td>{_two(*cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{_two(line.label, line.detail)}</th>{data}</tr>'


def _two(main: str, small: str) -> str:
    """Put a small line below a text."""
    below = f"<small>{html.escape(small)}</small>" if small else ""
    return html.escape(main) + below


def _text(label: str, cells: Sequence[str]) -> str:
    return f"{label:32}" + "".join(f"{cell:>14}" for cell in cells)
