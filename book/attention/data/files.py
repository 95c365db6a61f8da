"""Where the course keeps its files."""

from pathlib import Path

BOOK = Path(__file__).resolve().parents[2]


def book_file(name: str) -> Path:
    """Return the path of a file of the course, such as `data/thread.json`.

    Whoever asks gives the whole name: a page's cells run again when a file changes that
    a module names.

    Raises:
        FileNotFoundError: if it is not there.

    """
    path = BOOK / name
    if not path.is_file():
        raise FileNotFoundError(f"no {path}: is the copy of the course complete?")
    return path
