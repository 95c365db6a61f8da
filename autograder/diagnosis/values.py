"""Values that crossed the split, read, compared and described without torch.

The process that diagnoses is not walled in, so it makes no tensors of a student's
bytes: it checks each length, and keeps numbers as NumPy arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.inside.wire import BOUNDS, WireError, need

LARGEST = 1 << 23
KINDS = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}
# How far apart two runs of one idea may be: (relative, as part of the largest).
CLOSE = {
    "float16": (5e-3, 2e-3),
    "bfloat16": (3e-2, 1e-2),
    "float32": (2e-5, 4e-6),
    "complex64": (2e-5, 4e-6),
}
CLOSEST = (1e-8, 1e-9)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A tensor, array or NumPy scalar; `leaf` where it is a module's parameter."""

    kind: str
    dtype: str
    data: Any
    grad: bool = False
    leaf: bool = False


@dataclass(frozen=True)
class Opaque:
    """Something that did not cross: `kind` function, module, object, iterator…"""

    kind: str
    name: str = ""
    number: int = 0


@dataclass(frozen=True)
class Other:
    """Anything else: a slice, a dtype, a generator's state."""

    tag: str
    text: str


class Room:
    """How many numbers may still be read: a few bytes can claim to be very many."""

    def __init__(self) -> None:
        self.left = LARGEST

    def has(self, count: int) -> bool:
        """Take some of it, where that much is left."""
        fits = count <= self.left
        self.left -= count if fits else 0
        return fits


class Reader:
    """Reads the nodes of one message; `take` adds tags to the plain ones."""

    def __init__(self, blob: bytes, room: Room) -> None:
        self.blob, self.room, self.depth = blob, room, 0
        self.take: dict[str, Callable[[Any], Any]] = {}

    def value(self, node: Any) -> Any:
        """Return the value of a node."""
        if node is None or isinstance(node, bool | int | float | str):
            return node
        need(isinstance(node, list) and node and isinstance(node[0], str), "bad node")
        self.depth += 1
        need(self.depth <= BOUNDS.depth + 8, "nested too deeply")
        try:
            read = self.take.get(node[0]) or getattr(self, "read_" + TAGS[node[0]])
            return read(node)
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise WireError(f"malformed {node[0][:4]!r}: {error}") from None
        finally:
            self.depth -= 1

    def items(self, nodes: Any) -> list[Any]:
        """Return the values of a list of nodes."""
        need(isinstance(nodes, list), "a list is missing")
        return [self.value(node) for node in nodes]

    def raw(self, start: Any, length: Any) -> bytes:
        """Return part of the blob."""
        need(type(start) is int and type(length) is int, "bad place in the blob")
        need(0 <= start and 0 <= length <= len(self.blob) - start, "outside the blob")
        return self.blob[start : start + length]

    def read_float(self, node: Any) -> float:
        """Return a float that JSON does not know."""
        return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[node[1]]

    def read_list(self, node: Any) -> list[Any]:
        """Return a list."""
        return self.items(node[1])

    def read_tuple(self, node: Any) -> tuple[Any, ...]:
        """Return a tuple, its names left out."""
        return tuple(self.items(node[-1]))

    def read_pairs(self, node: Any) -> dict[str, Any]:
        """Return a dict whose keys are written out."""
        return {repr(self.value(key)): self.value(value) for key, value in node[1]}

    def read_set(self, node: Any) -> Other:
        """Return a set as text."""
        return Other("set", repr(sorted(repr(v) for v in self.items(node[1]))))

    def read_complex(self, node: Any) -> complex:
        """Return a complex number."""
        real, imaginary = (float(self.value(part)) for part in node[1:3])
        return complex(real, imaginary)

    def read_bytes(self, node: Any) -> Other:
        """Return bytes, or the state of a generator, as text."""
        return Other(node[0], self.raw(node[1], node[2]).hex())

    def read_texts(self, node: Any) -> Other:
        """Return an array of strings as text."""
        return Other(node[0], repr(node[1:]))

    def read_tensor(self, node: Any) -> Any:
        """Return a tensor."""
        _, name, shape, strides, start, length, grad = node
        dtype = {"bool": "uint8", "bfloat16": "uint16"}.get(name, name)
        flat = np.frombuffer(self.raw(start, length), dtype=np.dtype(dtype))
        count = counted(shape)
        if not self.room.has(count):
            return Other("tensor", repr([name, shape, strides]))
        data = flat
        if count and strides is not None:
            need(len(strides) == len(shape) and min(strides) >= 0, "strides")
            extent = 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
            need(extent == len(flat), "not the bytes of that shape")
            steps = [s * flat.itemsize for s in strides]
            data = np.lib.stride_tricks.as_strided(flat, shape, steps).copy()
        data = data.reshape(shape)
        if name == "bfloat16":
            data = (data.astype(np.uint32) << np.uint32(16)).view(np.float32)
        data = data != 0 if name == "bool" else data
        return Numbers("tensor", name, data, bool(grad))

    def read_array(self, node: Any) -> Any:
        """Return a NumPy array or scalar."""
        tag, name, shape, order, start, length = node
        dtype = np.dtype(name)
        need(dtype.kind in "biufcmM", "unknown dtype")
        if not self.room.has(counted(shape)):
            return Other("array", repr([name, shape]))
        data = np.frombuffer(self.raw(start, length), dtype=dtype)
        data = data.reshape(shape, order="F" if order == "F" else "C")
        return Numbers("array" if tag == "A" else "scalar", dtype.name, data)


def counted(shape: Any) -> int:
    """Return the number of elements of a checked shape."""
    need(isinstance(shape, list) and len(shape) <= BOUNDS.axes, "bad shape")
    need(all(type(n) is int and 0 <= n < 1 << 40 for n in shape), "bad shape")
    return math.prod(shape)


TAGS = {"f": "float", "l": "list", "t": "tuple", "n": "tuple", "d": "pairs"}
TAGS |= {"o": "pairs", "s": "set", "fs": "set", "c": "complex", "T": "tensor"}
TAGS |= {"A": "array", "S": "array", "b": "bytes", "ba": "bytes", "g": "bytes"}
TAGS |= dict.fromkeys(("sl", "r", "sz", "...", "td", "nd", "ng", "dev"), "texts")
TAGS |= dict.fromkeys(("Au", "Su"), "texts")


def numeric(value: Any) -> Any:
    """Return a value's numbers as an array; None where it has none."""
    if isinstance(value, Numbers):
        return value.data
    plain = isinstance(value, bool | int | float | complex)
    return np.asarray(value) if plain else None


def tolerance(value: Any, strict: bool) -> tuple[float, float]:
    """Return how far apart values such as this one may be.

    A float64 may hold what was computed in float32, except where it is `strict`.
    """
    if isinstance(value, Numbers) and value.kind != "scalar":
        return CLOSE.get(value.dtype, CLOSEST if strict else CLOSE["float32"])
    return CLOSE["float32"] if isinstance(value, float | Numbers) else (0.0, 0.0)


def close(one: Any, other: Any, most: tuple[float, float]) -> bool:
    """Whether two arrays of one shape hold the same numbers, NaN and all."""
    if one.shape != other.shape:
        return False
    if one.dtype.kind not in "fc" and other.dtype.kind not in "fc":
        return bool(np.array_equal(one, other))
    wide = np.complex128 if "c" in (one.dtype.kind, other.dtype.kind) else np.float64
    with np.errstate(all="ignore"):
        x, y = one.astype(wide), other.astype(wide)
        finite = np.isfinite(x) & np.isfinite(y)
        largest = np.abs(y[finite]).max(initial=0.0)
        near = np.abs(x - y) <= most[0] * np.abs(y) + most[1] * max(largest, 1e-3)
        alike = (x == y) | (np.isnan(x) & np.isnan(y)) | (finite & near)
    return bool(alike.all())


def drawn(value: Any) -> bool:
    """Whether numbers look drawn at random: not all of them are one number."""
    data = value.data
    return bool(data.size > 1 and data.dtype.kind == "f" and np.ptp(data) > 0)


def same(one: Any, other: Any, strict: bool, values: bool = True) -> bool:
    """Whether two values are the same, as far as rounding allows.

    `strict` counts dtypes, kinds and `requires_grad` too; without `values`, shapes
    and kinds are compared and numbers are not.
    """
    numbers = numeric(one), numeric(other)
    if numbers[0] is not None and numbers[1] is not None:
        return same_numbers(one, other, numbers, strict, values)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other) or (strict and type(one) is not type(other)):
            return False
        pairs = zip(one, other, strict=True)
        return all(same(a, b, strict, values) for a, b in pairs)
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        return all(same(one[key], other[key], strict, values) for key in one)
    if isinstance(one, Opaque) and isinstance(other, Opaque):
        return (one.kind, one.name) == (other.kind, other.name)
    return type(one) is type(other) and (one == other or not values)


def same_numbers(
    one: Any, other: Any, numbers: tuple[Any, Any], strict: bool, values: bool
) -> bool:
    """Whether two numbers, arrays or tensors are the same."""
    x, y = numbers
    plain = Numbers("python", "", x), Numbers("python", "", y)
    a = one if isinstance(one, Numbers) else plain[0]
    b = other if isinstance(other, Numbers) else plain[1]
    if strict and (a.kind, a.dtype, a.grad) != (b.kind, b.dtype, b.grad):
        return False
    if strict and x.dtype.kind != y.dtype.kind:
        return False
    if a.leaf and b.leaf and x.shape == y.shape and drawn(a) and drawn(b):
        return True
    if not values:
        return x.shape == y.shape and x.dtype.kind == y.dtype.kind
    return close(x, y, max(tolerance(one, strict), tolerance(other, strict)))
