"""Seconds and peak memory of each chapter's cells, each in a fresh kernel."""

from datetime import datetime
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

from benchmarks.record import ROOT, record

PEAK = "import resource as _r; print(_r.getrusage(_r.RUSAGE_SELF).ru_maxrss)"


def main() -> None:
    """Measure all chapters."""
    chapters = sorted((ROOT / "book").glob("[0-9][0-9]_*.md"))
    record("chapters", {"chapters": {c.stem: measure(c) for c in chapters}})


def measure(chapter: Path) -> dict[str, Any]:
    """Run a chapter; return the seconds of its cells and the kernel's peak memory."""
    notebook = jupytext.read(chapter)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    NotebookClient(
        notebook,
        timeout=600,
        record_timing=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(chapter.parent)}},
    ).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    seconds = [_seconds(cell) for cell in code[:-1]]
    peak_kib = int(code[-1].outputs[0].text)
    result = {
        "cells": len(seconds),
        "seconds": round(sum(seconds), 1),
        "longest_cell_seconds": round(max(seconds), 1),
        "peak_memory_mib": round(peak_kib / 1024),
    }
    print(f"benchmarks: {chapter.stem}: {result}", flush=True)
    return result


def _seconds(cell: nbformat.NotebookNode) -> float:
    times = cell.metadata.get("execution", {})
    if "shell.execute_reply" not in times:
        return 0.0
    start, end = (
        datetime.fromisoformat(times[key].replace("Z", "+00:00"))
        for key in ("iopub.execute_input", "shell.execute_reply")
    )
    return (end - start).total_seconds()


if __name__ == "__main__":
    main()
