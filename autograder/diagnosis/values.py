"""Values that crossed the split, read, compared and described without torch.

The process that diagnoses is not walled in, so it makes no tensors of a student's
bytes: it checks each length, and keeps numbers as NumPy arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.inside.wire import (
    ARRAY_DTYPE,
    TENSOR_DTYPE,
    NodeReader,
    need,
    need_dtype,
    read_complex,
    read_float,
)

LARGEST = 1 << 23
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


class PlainReader(NodeReader):
    """Reads the nodes of a message without torch."""

    def __init__(self, blob: bytes, room: Room, take: Any = None) -> None:
        super().__init__(blob, take)
        self.room = room

    def pairs(self, node: Any) -> dict[str, Any]:
        """Return a dict whose keys are written out."""
        return {repr(self.value(key)): self.value(value) for key, value in node[1]}

    def tensor(self, node: Any) -> Any:
        """Return a tensor."""
        _, name, shape, strides, start, length, grad = node
        need_dtype(name, TENSOR_DTYPE)
        dtype = {"bool": "uint8", "bfloat16": "uint16"}.get(name, name)
        flat = np.frombuffer(self.bytes_of(start, length), dtype=np.dtype(dtype))
        count = self.count(shape)
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

    def array(self, node: Any) -> Any:
        """Return a NumPy array or scalar."""
        tag, name, shape, order, start, length = node
        dtype = np.dtype(need_dtype(name, ARRAY_DTYPE))
        if not self.room.has(self.count(shape)):
            return Other("array", repr([name, shape]))
        data = np.frombuffer(self.bytes_of(start, length), dtype=dtype)
        data = data.reshape(shape, order="F" if order == "F" else "C")
        return Numbers("array" if tag == "A" else "scalar", dtype.name, data)

    def sorted_set(self, node: Any) -> Other:
        """Return a set as text."""
        return Other("set", repr(sorted(repr(v) for v in self.items(node[1]))))

    def hex_of_bytes(self, node: Any) -> Other:
        """Return bytes, or the state of a generator, as text."""
        return Other(node[0], self.bytes_of(node[1], node[2]).hex())

    def as_text(self, node: Any) -> Other:
        """Return a value that is told apart by what was sent."""
        return Other(node[0], repr(node[1:]))


READERS = {
    "f": read_float,
    "c": read_complex,
    "l": lambda r, n: r.items(n[1]),
    "t": lambda r, n: tuple(r.items(n[-1])),
    "n": lambda r, n: tuple(r.items(n[-1])),  # its names left out
    "T": PlainReader.tensor,
    "A": PlainReader.array,
    "S": PlainReader.array,
}
READERS |= dict.fromkeys(("d", "o"), PlainReader.pairs)
READERS |= dict.fromkeys(("s", "fs"), PlainReader.sorted_set)
READERS |= dict.fromkeys(("b", "ba", "g"), PlainReader.hex_of_bytes)
AS_TEXT = ("sl", "r", "sz", "...", "td", "nd", "ng", "dev", "Au", "Su")
READERS |= dict.fromkeys(AS_TEXT, PlainReader.as_text)
PlainReader.readers = READERS


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


def same_value(one: Any, other: Any, strict: bool, values: bool = True) -> bool:
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
        return all(same_value(a, b, strict, values) for a, b in pairs)
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        return all(same_value(one[key], other[key], strict, values) for key in one)
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
