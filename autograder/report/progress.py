"""Show how grading goes: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol, TextIO

from autograder.model.verdict import UNANSWERED, CellVerdict, Verdict

EVERY_SECONDS = 10.0
OUTCOME_WORDS = {
    "failed": "wrong, no catalogued mistake",
    "killed": "ended its process",
    "not-run": "not reached in time",
    "timeout": "took too long",
}
WIDTH = 100
LONGEST_NAMES = 40
MOST_WRONG = 5
MOST_TESTS = 4
NO_POINTS = ("rejected", "written")


class DoneStep(Protocol):
    """One thing done, of how many."""

    @property
    def ran(self) -> bool:
        """Whether it had to be run."""

    @property
    def done(self) -> int:
        """How many are done."""

    @property
    def total(self) -> int:
        """How many there are."""

    @property
    def busy(self) -> tuple[str, ...]:
        """Who is being worked on."""


class Progress:
    """Shows steps as they are done; use it as a context manager."""

    def __init__(self, stream: TextIO, noun: str = "students") -> None:
        self.stream, self.noun = stream, noun
        self.bar: Any = None
        self.start = self.last = time.monotonic()
        self.ran = 0

    def __enter__(self) -> Progress:
        """Start the clock."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bar as it stands."""
        if self.bar is not None:
            self.bar.close()

    def show(self, step: DoneStep) -> None:
        """Show one more submission done."""
        self.ran += step.ran
        if self.stream.isatty():
            self.show_bar(step)
            return
        now = time.monotonic()
        if now - self.last > EVERY_SECONDS or step.done == step.total:
            self.last = now
            print(self.line(step, now)[:WIDTH], file=self.stream, flush=True)

    def line(self, step: DoneStep, now: float) -> str:
        """Return how far it is, in one line; rate and time left are of what is run."""
        parts = [f"{step.done}/{step.total} {self.noun}"]
        # The first waits until the workers have started: it tells no rate.
        rate = self.ran / max(now - self.start, 1e-9)
        if self.ran > 1 or (self.ran and step.done == step.total):
            left = (step.total - step.done) / max(rate, 1e-9)
            parts += [f"{rate:.1f}/s", f"{clock(left)} left"]
        if step.busy:
            parts.append(f"now {name_busy(step)}")
        return "  ".join(parts)

    def show_bar(self, step: DoneStep) -> None:
        """Move the bar of a terminal."""
        from tqdm import tqdm

        if self.bar is None:
            size = shutil.get_terminal_size()  # 80 by 24 where a terminal says 0
            self.bar = tqdm(
                total=step.total,
                unit=f" {self.noun}",
                file=self.stream,
                smoothing=0,
                ncols=size.columns,
                nrows=size.lines,
                bar_format="{n_fmt}/{total_fmt}{unit} |{bar}| {rate_noinv_fmt}, "
                "{remaining} left{postfix}",
            )
        if not step.ran:  # neither rate nor time left is told from what was known
            self.bar.initial += 1
        self.bar.set_postfix_str(f"now {name_busy(step)}" if step.busy else "", False)
        self.bar.update()

    def table(
        self,
        verdicts: list[Verdict],
        stream: TextIO,
        exercises: Mapping[str, str] | None = None,
    ) -> None:
        """Print the closing table: numbers, and each submission to look at.

        `exercises` has the exercise that each test belongs to.
        """
        if not verdicts:
            return
        for line in closing(verdicts, exercises or {}):
            print(line, file=stream)
        seconds = time.monotonic() - self.start
        known = len(verdicts) - self.ran
        print(
            f"\n{count(len(verdicts), 'submission')} in {clock(seconds)}: "
            f"{self.ran} run, {known} unchanged",
            file=stream,
        )


def closing(
    verdicts: list[Verdict], exercises: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """Yield the closing table: who to look at, numbers, what went wrong most."""
    odd = [verdict for verdict in verdicts if verdict.status != "graded"]
    if odd:
        yield "Look at these:"
    for verdict in sorted(odd, key=lambda v: (v.status, v.student)):
        points = f"{verdict.score:g}/{verdict.max_score:g}"
        who = f"{verdict.status:9} {strip_unprintable(verdict.student):20} {points:>8}"
        yield f"  {who}  {strip_unprintable(verdict.reason or '')}"
    heads = f"{'graded':>6} {'flagged':>8} {'rejected':>9} {'mean':>6} {'of':>5}"
    yield f"\n{'assignment':28} {heads} {'by hand':>8}"
    for name in sorted({verdict.assignment for verdict in verdicts}):
        mine = [verdict for verdict in verdicts if verdict.assignment == name]
        yield f"{name:28} {format_numbers(mine)}"
        yield from most_wrong(mine, exercises)


def format_numbers(verdicts: list[Verdict]) -> str:
    """Return the numbers of one assignment; its mean leaves out what is rejected."""
    kinds = Counter(verdict.status for verdict in verdicts)
    scores = [v.score for v in verdicts if v.status != "rejected"]
    mean = f"{sum(scores) / len(scores):.1f}" if scores else "-"
    cells = [cell for verdict in verdicts for cell in verdict.cells.values()]
    waiting = sum(cell.outcome == "written" for cell in cells)
    most = f"{verdicts[0].max_score:g}"
    return (
        f"{kinds['graded']:6} {kinds['flagged']:8} {kinds['rejected']:9} {mean:>6} "
        f"{most:>5} {waiting:8}"
    )


def most_wrong(verdicts: list[Verdict], exercises: Mapping[str, str]) -> Iterator[str]:
    """Yield what most students lost points by: hints, or exercises without one."""
    who: dict[str, set[str]] = defaultdict(set)
    where: dict[str, set[str]] = defaultdict(set)
    for verdict in verdicts:
        for test, cell in verdict.cells.items():
            if (cell.points or 0) < cell.max_points and cell.outcome not in NO_POINTS:
                why = tell_reason(exercises.get(test, test), cell)
                who[why].add(verdict.student)
                where[why].add(test)
    first = sorted(who, key=lambda why: (-len(who[why]), why))[:MOST_WRONG]
    if first:
        yield "  wrong most often:"
    for why in first:
        yield f"  {count(len(who[why]), 'student'):>12}  {why}"
        yield f"  {'':12}  ({list_tests(sorted(where[why]))})"


def tell_reason(exercise: str, cell: CellVerdict) -> str:
    """Return why a test lost points: its hint, or else what became of the exercise."""
    if cell.hint:
        return strip_unprintable(" ".join(cell.hint.split()))
    if cell.outcome == UNANSWERED:
        other = cell.why.exercise  # the exercise that is meant may be another
        text = strip_unprintable(cell.why.headline).rstrip(".")
        return text if other else f"{exercise}: not answered yet"
    what = OUTCOME_WORDS.get(cell.outcome, cell.outcome)
    if cell.outcome == "error":
        what = strip_unprintable(cell.why.headline)[:WIDTH] or what
    return what if cell.why.exercise else f"{exercise}: {what}"


def list_tests(tests: list[str]) -> str:
    """Return the names of tests, a few of many."""
    more = len(tests) - MOST_TESTS
    shown = ", ".join(tests[:MOST_TESTS])
    return f"{shown} and {more} more" if more > 0 else shown


def name_busy(step: DoneStep) -> str:
    """Return who is being graded, short enough for a line."""
    text = ", ".join(map(strip_unprintable, step.busy))
    return text if len(text) <= LONGEST_NAMES else text[: LONGEST_NAMES - 1] + "…"


def strip_unprintable(text: str) -> str:
    """Return a text that no terminal takes for a command."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 student`, `2 students`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def clock(seconds: float) -> str:
    """Return a time as a reader has it: `8.2 s`, `3 min`, `1 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
