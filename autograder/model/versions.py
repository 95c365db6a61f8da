"""What a verdict depends on beside its submission: this grader, and what runs it."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib import metadata
from pathlib import Path

RELEASE = "1.0"
LIBRARIES = ("ipython", "numpy", "torch")  # each decides what a cell means
DECIDING = (  # no comment in `collect` or `gradebook` runs a class again
    *("authoring", "diagnosis", "inside", "intake", "model", "wall"),
    *("grading/causes.py", "grading/engine.py", "grading/judge.py"),
)
GRADER_ROOT = Path(__file__).resolve().parents[1]


def digest_sources(places: tuple[str, ...], package: Path = GRADER_ROOT) -> str:
    """Return a digest of the source in some rooms and files of the grader."""
    digest = hashlib.sha256()
    for place in map(package.joinpath, places):
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(str(path.relative_to(package)).encode() + path.read_bytes())
    return digest.hexdigest()


def grader_version(package: Path = GRADER_ROOT) -> str:
    """Return the grader's version: its release and a digest of what decides marks."""
    return f"{RELEASE}+{digest_sources(DECIDING, package)[:8]}"


GRADER_VERSION = grader_version()


def installed_version(package: str) -> str:
    """Return the version of an installed package, or "missing"."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


@lru_cache(maxsize=1)
def running_versions() -> dict[str, str]:
    """Return the versions of all that runs a submission: this grader's among them."""
    own = {"grader": GRADER_VERSION, "python": platform.python_version()}
    return own | {name: installed_version(name) for name in LIBRARIES}
