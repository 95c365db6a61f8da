"""Read the pictures that a student pasted into a text cell.

Jupyter keeps them beside the cell's text: name -> kind of picture -> base64. They go
into pages that others open, so only what is a picture's data by its form is kept.
"""

from __future__ import annotations

import re

from autograder.model.pictures import PICTURE_KINDS
from autograder.model.submission import Attachments

BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
LONGEST_NAME = 1_000


def read_attachments(held: object) -> Attachments:
    """Return the attachments of a cell that are pictures; all else is left out."""
    if not isinstance(held, dict):
        return {}
    read = {
        name: read_pictures(kinds)
        for name, kinds in held.items()
        if isinstance(kinds, dict) and is_picture_name(name)
    }
    return {name: pictures for name, pictures in read.items() if pictures}


def read_pictures(kinds: dict[str, object]) -> dict[str, str]:
    """Return a picture's data by its kind: it may come in several."""
    read = {
        kind: read_base64(data) for kind, data in kinds.items() if kind in PICTURE_KINDS
    }
    return {kind: data for kind, data in read.items() if data}


def read_base64(data: object) -> str:
    """Return base64 without its line breaks, or nothing if it is none."""
    if isinstance(data, list):
        data = "".join(part for part in data if isinstance(part, str))
    if not isinstance(data, str):
        return ""
    bare = "".join(data.split())
    return bare if len(bare) % 4 == 0 and BASE64.fullmatch(bare) else ""


def is_picture_name(name: object) -> bool:
    """Whether an attachment's name can be written as UTF-8 and is not absurd."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
