"""Show how grading goes: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, TextIO

from autograder.grade import Step
from autograder.verdict import Verdict

EVERY_SECONDS = 10.0
WIDTH = 100


class Progress:
    """Shows steps as they are done; use it as a context manager."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
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

    def show(self, step: Step) -> None:
        """Show one more submission done."""
        self.ran += step.ran
        if self.stream.isatty():
            self.show_bar(step)
            return
        now = time.monotonic()
        if now - self.last > EVERY_SECONDS or step.done == step.total:
            self.last = now
            rate = step.done / max(now - self.start, 1e-9)
            left = (step.total - step.done) / rate
            who = f"  {' '.join(step.busy)}" if step.busy else ""
            text = f"{step.done}/{step.total}  {rate:.1f}/s  {left:.0f} s left{who}"
            print(text[:WIDTH], file=self.stream, flush=True)

    def show_bar(self, step: Step) -> None:
        """Move the bar of a terminal."""
        from tqdm import tqdm

        if self.bar is None:
            self.bar = tqdm(total=step.total, unit="student", file=self.stream)
        self.bar.set_postfix_str(" ".join(step.busy)[:40], refresh=False)
        self.bar.update()

    def table(self, verdicts: list[Verdict], stream: TextIO) -> None:
        """Print the closing table: numbers, and each submission to look at."""
        if not verdicts:
            return
        odd = [verdict for verdict in verdicts if verdict.status != "graded"]
        for verdict in sorted(odd, key=lambda v: (v.status, v.student)):
            points = f"{verdict.score:g}/{verdict.max_score:g}"
            said = f"{verdict.status:9} {verdict.student:20} {points:>8}  "
            print(f"{said}{verdict.reason}", file=stream)
        counts = Counter(verdict.status for verdict in verdicts)
        known = "  ".join(f"{status} {count}" for status, count in counts.items())
        scores = sorted(verdict.score for verdict in verdicts)
        median = scores[len(scores) // 2]
        seconds = time.monotonic() - self.start
        print(
            f"{len(verdicts)} submissions in {seconds:.1f} s ({self.ran} run, the rest "
            f"unchanged)  {known}  median {median:g}/{verdicts[0].max_score:g}",
            file=stream,
        )
