"""Where the course stands."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "data" / "course"  # a course with one tiny assignment
