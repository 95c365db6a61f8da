"""Plain data between processes: a JSON header and raw bytes, each with its length.

Nothing that is read here is ever unpickled or evaluated, and sizes, depth, counts
and dtypes are checked before memory is taken. Encoding turns an object that only
pretends to be a number, string, list or tensor into what its plain data is.

    frame = 4 bytes: length of header | 8 bytes: length of blob | header | blob

In the header, numbers, strings, None and booleans stand for themselves; everything
else is a list `[tag, ...]`, with its bytes in the blob. `encode.py` writes them and
`decode.py` reads them.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

HEAD = struct.Struct(">IQ")


class WireError(ValueError):
    """What came is not a message, or is larger than allowed."""


class NotPlain(TypeError):
    """Something came back that stays on the other side, and may not."""


@dataclass(frozen=True)
class Bounds:
    """What a message may be at most."""

    header: int = 4 << 20
    blob: int = 256 << 20
    nodes: int = 400_000
    depth: int = 40
    axes: int = 16


BOUNDS = Bounds()


def need(condition: Any, what: str) -> None:
    """Raise WireError where a condition does not hold."""
    if not condition:
        raise WireError(what)


def frame(message: dict[str, Any], blob: bytes = b"") -> list[bytes]:
    """Return the parts of a frame whose header is JSON already."""
    header = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    return [HEAD.pack(len(header), len(blob)) + header, blob]


def no_constant(name: str) -> float:
    """Refuse NaN and Infinity as JSON numbers."""
    raise WireError(f"{name} is not JSON")


def read_header(raw: bytes) -> dict[str, Any]:
    """Return the header of a frame, counted before it is parsed."""
    need(raw.count(b",") + raw.count(b"[") < BOUNDS.nodes, "too many values")
    try:
        header = json.loads(raw, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON: {error}") from None
    need(isinstance(header, dict), "a message is a JSON object")
    return header
