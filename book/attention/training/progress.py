"""A progress bar that leaves one clean line, in a page as in a terminal."""

import contextlib
import sys
import time
from collections.abc import Iterator
from types import TracebackType

WIDTH = 24


class Progress:
    """Show how far a loop has come, in a notebook or in a terminal.

    Time is the processor's: a busy machine makes it no longer.

    In a notebook one output is replaced by the next; the last one, which a built page
    keeps, has neither bar nor time, only what came of it. A terminal redraws its
    line; a file gets the last line alone.
    """

    def __init__(self, total: int, label: str, interval: float = 0.5) -> None:
        """Start at 0 of `total`; draw at most once in `interval` seconds."""
        self.total, self.label, self.interval = total, label, interval
        self.done, self.note = 0, ""
        self.seconds, self._since, self._drawn = 0.0, 0.0, 0.0
        self._handle = _notebook_output()

    def __enter__(self) -> "Progress":
        """Start the clock."""
        self._since = time.process_time()
        self._draw()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the clock and draw the last line."""
        self.seconds += time.process_time() - self._since
        self._since = 0.0
        self._draw(last=True)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Leave what runs inside out of the time."""
        self.seconds += time.process_time() - self._since
        yield
        self._since = time.process_time()

    def update(self, done: int, note: str = "") -> None:
        """Tell how many steps are done, and a word on how it goes."""
        self.done, self.note = done, note
        if time.perf_counter() - self._drawn >= self.interval:
            self._draw()

    def __str__(self) -> str:
        """Write the bar as one line of text."""
        share = self.done / self.total if self.total else 1.0
        running = time.process_time() - self._since if self._since else 0.0
        bar = "█" * round(WIDTH * share)
        parts = [f"{self.done}/{self.total}", f"{self.seconds + running:.1f} CPU s"]
        return f"{self.label} {bar:░<{WIDTH}} " + ", ".join(
            [*parts, *([self.note] if self.note else [])]
        )

    def _draw(self, last: bool = False) -> None:
        self._drawn = time.perf_counter()
        if self._handle is not None:
            text = f"{self.label}: {self.note or 'done'}" if last else str(self)
            self._handle.update({"text/plain": text}, raw=True)
        elif sys.stdout.isatty():
            print(f"\r\x1b[K{self}", end="\n" if last else "", flush=True)
        elif last:
            print(self)


def _notebook_output():
    """Return a notebook output that can be replaced; None outside a notebook."""
    try:
        from IPython import display, get_ipython
    except ImportError:
        return None
    if getattr(get_ipython(), "kernel", None) is None:
        return None
    return display.display({"text/plain": ""}, raw=True, display_id=True)
