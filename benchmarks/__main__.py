"""Measure all, or what is named: python -m benchmarks chapters throughput."""

import argparse

from benchmarks import (
    ablations,
    attacks,
    builds,
    chapters,
    complexity,
    large_class,
    thread,
    throughput,
)

MEASURES = {
    "chapters": chapters,
    "builds": builds,
    "throughput": throughput,
    "large_class": large_class,
    "attacks": attacks,
    "complexity": complexity,
    "thread": thread,
    "ablations": ablations,
}


def main() -> None:
    """Run the named benchmarks one after another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], metavar="NAME")
    for name in parser.parse_args().names or MEASURES:
        print(f"benchmarks: {name}", flush=True)
        MEASURES[name].main()


if __name__ == "__main__":
    main()
