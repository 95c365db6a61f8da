"""Seconds of `make site` in a copy of the tree: cold, unchanged, one chapter edited."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.record import ROOT, record

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "_build", "build", "__pycache__")
SENTENCE = "\nOne more sentence, which the benchmark adds.\n"


def main() -> None:
    """Measure the builds one after another, in one copy."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "course"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        result = {"cold": seconds(tree), "unchanged": seconds(tree)}
        for chapter in sorted((tree / "book").glob("[0-9][0-9]_*.md")):
            with chapter.open("a", encoding="utf-8") as text:
                text.write(SENTENCE)
            result[f"edited {chapter.stem}"] = seconds(tree)
    record("builds", {"seconds": result})


def seconds(tree: Path) -> float:
    """Return how long `make site` takes in the tree, set-up done before."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    started = time.perf_counter()
    subprocess.run(
        ["make", "site"], cwd=tree, env=environment, check=True, capture_output=True
    )
    return round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main()
