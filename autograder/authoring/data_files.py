"""The data files of an assignment: what stands in `solutions/NAME/data/`.

They are handed out beside the notebook, and lie beside it again when it is graded:
`open("data/pairs.txt")` works in both places.
"""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.percent import AuthoringError, Problem

DATA_FOLDER = "data"
MOST_BYTES, MOST_FILES = 8 << 20, 200


def data_files(path: Path) -> dict[str, bytes]:
    """Return the data files of the assignment at `path`, by their relative names.

    All files together may have 8 MiB: each submission gets its own copy, in memory.
    """
    root = path.parent
    found: dict[str, bytes] = {}
    for file in sorted((root / DATA_FOLDER).rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.is_symlink() or not (file.is_file() or file.is_dir()):
            wrong, cure = f"{name} is no plain file", "Put a copy of it there"
            raise AuthoringError([Problem(path, 1, wrong, cure)])
        if file.is_file():
            found[name] = file.read_bytes()
    size = sum(map(len, found.values()))
    if size > MOST_BYTES or len(found) > MOST_FILES:
        wrong = f"{DATA_FOLDER}/ has {len(found)} files and {size / 2**20:.1f} MiB"
        cure = f"Keep it to {MOST_FILES} files and {MOST_BYTES >> 20} MiB"
        raise AuthoringError([Problem(path, 1, wrong, cure)])
    return found
