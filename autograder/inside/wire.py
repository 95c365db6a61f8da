"""Plain data between processes: a JSON header and raw bytes, each with its length.

Nothing that is read here is ever unpickled or evaluated, and sizes, depth, counts
and dtypes are checked before memory is taken. Encoding turns an object that only
pretends to be a number, string, list or tensor into what its plain data is.

    frame = 4 bytes: length of header | 8 bytes: length of blob | header | blob

In the header, numbers, strings, None and booleans stand for themselves; everything
else is a node, a list `[tag, ...]`, with its bytes in the blob. `TAGS` lists them all.
A new kind of value takes a line there, one in `encode.ENCODERS`, one in
`decode.DECODERS` and one in `diagnosis/values.READERS`; tests hold the four together.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FRAME_HEAD = struct.Struct(">IQ")
Header = dict[str, Any]  # of a frame, as read from JSON; nothing in it is checked yet
Node = list[Any]  # `[tag, ...]`; of what came, the tag alone has been looked at
Frame = Sequence[bytes | bytearray | memoryview]  # its parts, to be sent in turn
ReadNode = Callable[
    [Any, Node], Any
]  # (a NodeReader or a kind of it, a node): the value
TAGS = {  # of plain data, which both sides read alike
    "f": "a float that JSON lacks: nan, inf, -inf",
    "c": "complex",
    "l": "list",
    "t": "tuple",
    "n": "namedtuple: name, names, values",
    "d": "dict: pairs of nodes",
    "o": "an object with attributes: pairs of name and node",
    "s": "set",
    "fs": "frozenset",
    "b": "bytes, in the blob",
    "ba": "bytearray, in the blob",
    "T": "tensor: dtype, shape, strides, place in the blob, whether it has a gradient",
    "A": "array: dtype, shape, order, place in the blob",
    "S": "NumPy scalar, as an array",
    "Au": "array of strings",
    "Su": "NumPy string",
    "g": "torch.Generator: its state, in the blob",
    "ng": "NumPy's Generator: its state",
    "sl": "slice",
    "r": "range",
    "sz": "torch.Size",
    "...": "Ellipsis",
    "td": "torch.dtype",
    "nd": "numpy.dtype",
    "dev": "torch.device: there is one",
}
OWN_TAGS = {  # of what stays where it is, each with a meaning on one side
    "@": "an argument, or the argument itself coming back",
    "=": "an argument that was handed over before in this message",
    "L": "an argument that gradients may reach: number, node",
    "G": "a result with a graph: the student's side goes back through it",
    "M": "a parameter of the student's: number, whether a Parameter, node",
    "m": "the copy of such a parameter, on its way back",
    "H": "an object of the student's that stays there: number, kind, name",
    "h": "the proxy of such an object, on its way back",
    "F": "a function, module or iterator of the tests', to be called back",
    "N": "a value of the assignment's, by name",
    "P": "an object of the tests' by value: trusted, to the student's side alone",
}


# Names of dtypes that may cross. NumPy would make far more of a text: it evaluates a
# part of one.
TENSOR_DTYPE = re.compile(r"bool|u?int(8|16|32|64)|b?float(16|32|64)|complex(64|128)")
ARRAY_DTYPE = re.compile(
    r"[<|](b1|[iu][1248]|f[248]|f16|c8|c16|[mM]8(\[\d*[a-zA-Z]{1,2}\])?)"
)


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
    nesting: int = 200  # of brackets: a node takes two or three
    axes: int = 16


BOUNDS = Bounds()
# what reading a node raises when it is not what its tag says
MALFORMED = (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError)


def need(condition: Any, what: str) -> None:
    """Raise WireError where a condition does not hold."""
    if not condition:
        raise WireError(what)


class NodeReader:
    """Reads header nodes and a blob, trusting neither; `readers` make the values.

    `take` has readers of further tags, for what is not plain data.
    """

    readers: Mapping[str, ReadNode] = {}

    def __init__(
        self,
        blob: bytes | bytearray,
        take: Mapping[str, ReadNode] | None = None,
    ) -> None:
        self.blob, self.depth = blob, 0
        self.take = dict(take or {})

    def value(self, node: Any) -> Any:
        """Return the value of a node."""
        if node is None or isinstance(node, bool | int | float | str):
            return node
        need(isinstance(node, list) and node and isinstance(node[0], str), "bad node")
        self.depth += 1
        need(self.depth <= BOUNDS.depth + 8, "nested too deeply")
        read = self.take.get(node[0]) or self.readers.get(node[0])
        need(read, f"unknown tag {node[0][:10]!r}")
        assert read
        try:
            return read(self, node)
        except (NotPlain, WireError):
            raise
        except MALFORMED as error:
            raise WireError(f"malformed {node[0][:4]!r}: {error}") from None
        finally:
            self.depth -= 1

    def items(self, nodes: Any) -> list[Any]:
        """Return the values of a list of nodes."""
        need(isinstance(nodes, list), "a list is missing")
        return [self.value(node) for node in nodes]

    def bytes_of(self, start: Any, length: Any) -> Any:
        """Return part of the blob."""
        need(type(start) is int and type(length) is int, "bad place in the blob")
        need(0 <= start and 0 <= length <= len(self.blob) - start, "outside the blob")
        return self.blob[start : start + length]

    def count(self, shape: Any) -> int:
        """Return the number of elements, after checking the shape."""
        need(isinstance(shape, list) and len(shape) <= BOUNDS.axes, "bad shape")
        need(all(type(n) is int and 0 <= n < 1 << 40 for n in shape), "bad shape")
        return math.prod(shape)


def read_float(reader: NodeReader, node: Node) -> float:
    """Return a float that JSON does not know."""
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[node[1]]


def read_complex(reader: NodeReader, node: Node) -> complex:
    """Return a complex number."""
    return complex(*(float(reader.value(part)) for part in node[1:3]))


def need_dtype(name: Any, names: re.Pattern[str]) -> str:
    """Return the name of a dtype that may cross."""
    need(isinstance(name, str) and names.fullmatch(name), "unknown dtype")
    return str(name)


def frame(message: Header, blob: bytes = b"") -> list[bytes]:
    """Return the parts of a frame whose header is JSON already."""
    header = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    return [FRAME_HEAD.pack(len(header), len(blob)) + header, blob]


def no_constant(name: str) -> float:
    """Refuse NaN and Infinity as JSON numbers."""
    raise WireError(f"{name} is not JSON")


def nesting(raw: bytes) -> int:
    """Return how deep the brackets of JSON are nested, in linear time.

    Python's parser has no bound that can be relied on: 3.13 takes thousands of levels.
    """
    bare = re.sub(rb'"[^"]*"?', b"", raw.replace(rb"\\", b"").replace(rb"\"", b""))
    depth = deepest = 0
    for bracket in re.findall(rb"[\[\]{}]", bare):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def read_header(raw: bytes) -> Header:
    """Return the header of a frame, counted before it is parsed."""
    opened = raw.count(b"[") + raw.count(b"{")
    need(raw.count(b",") + opened < BOUNDS.nodes, "too many values")
    need(
        opened <= BOUNDS.nesting or nesting(raw) <= BOUNDS.nesting, "nested too deeply"
    )
    try:
        header = json.loads(raw, parse_constant=no_constant)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    need(isinstance(header, dict), "a message is a JSON object")
    return header
