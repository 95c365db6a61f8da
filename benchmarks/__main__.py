"""Measure all, or what is named: python -m benchmarks chapters throughput."""

import argparse
from pathlib import Path

from benchmarks import (
    ablations,
    attacks,
    builds,
    chapters,
    complexity,
    cousins,
    large_class,
    memory,
    pages,
    thread,
    throughput,
)

MEASURES = {
    "chapters": chapters,
    "builds": builds,
    "throughput": throughput,
    "large_class": large_class,
    "attacks": attacks,
    "pages": pages,
    "complexity": complexity,
    "memory": memory,
    "thread": thread,
    "ablations": ablations,
    "cousins": cousins,
}


def main() -> None:
    """Run the named benchmarks one after another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], metavar="NAME")
    parser.add_argument(
        "--before", type=Path, help="pages: the folder of a build before"
    )
    given = parser.parse_args()
    for name in given.names or MEASURES:
        print(f"benchmarks: {name}", flush=True)
        if name == "pages":
            pages.main(given.before)
        else:
            MEASURES[name].main()


if __name__ == "__main__":
    main()
