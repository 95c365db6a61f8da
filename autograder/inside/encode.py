"""Turn values into messages: see `wire.py`.

`hand` lets a side add nodes for what is not plain: handles, callbacks, gradients.
"""

from __future__ import annotations

import json
import math
from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from autograder.inside.wire import (
    ARRAY_DTYPE,
    BOUNDS,
    FRAME_HEAD,
    TENSOR_DTYPE,
    Frame,
    Header,
)

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype)
    and TENSOR_DTYPE.fullmatch(str(dtype).removeprefix("torch."))
}
MOST_UNPACKED = 10_000


class Blob:
    """The bytes of a message under construction, each part on a 16-byte border."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.size = 0

    def add(self, data: Any) -> list[int]:
        """Append bytes; return [where they start, how many they are]."""
        start, length = self.size, len(data)
        pad = -length % 16
        self.parts.append(data)
        if pad:
            self.parts.append(bytes(pad))
        self.size += length + pad
        return [start, length]


def tensor_bytes(tensor: Any) -> Any:
    """Return the bytes of a dense tensor, row after row."""
    # A row of one element is contiguous whatever its stride says; `view` looks at it.
    flat = tensor.contiguous().as_strided((tensor.numel(),), (1,))
    return flat.view(torch.uint8).numpy().data if flat.numel() else b""


def layout(tensor: Any) -> tuple[list[int] | None, Any]:
    """Return (strides or None where they are the usual ones, the data to send).

    With odd strides, the data is a fresh storage whose gaps are zero: what lies
    between the elements of a view is none of the other side's business.
    """
    if tensor.is_contiguous() or not tensor.numel():
        return None, tensor
    shape, stride = list(tensor.shape), list(tensor.stride())
    extent = 1 + sum((n - 1) * s for n, s in zip(shape, stride, strict=True))
    if extent > 4 * tensor.numel() + 64:
        return None, tensor
    storage = torch.zeros(extent, dtype=tensor.dtype)
    index = tuple(slice(0, 1) if s == 0 else slice(None) for s in stride)
    source = tensor[index]
    try:
        storage.as_strided(source.shape, stride).copy_(source)
    except RuntimeError:
        return None, tensor
    return stride, storage


class Encoder:
    """Turns values into header nodes and a blob."""

    def __init__(self, hand: Callable[[Any, Encoder], Any] | None = None) -> None:
        self.blob = Blob()
        self.hand = hand
        self.depth = 0

    def frame(self, message: Header) -> Frame:
        """Return the parts of a frame; values in `message` are nodes already."""
        header = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
        return [FRAME_HEAD.pack(len(header), self.blob.size) + header, *self.blob.parts]

    def node(self, value: Any) -> Any:
        """Return the node of a value; what is not plain is offered to `hand`."""
        if value is None or value is True or value is False:
            return value
        kind = type(value)
        if kind is int or kind is str:
            return value
        if kind is float:
            return value if math.isfinite(value) else ["f", repr(value)]
        self.depth += 1
        if self.depth > BOUNDS.depth:
            raise TypeError("the data is nested too deeply to be handed over")
        try:
            if self.hand is not None:
                node = self.hand(value, self)
                if node is not NotImplemented:
                    return node
            return self.other(value)
        finally:
            self.depth -= 1

    def other(self, value: Any) -> Any:
        """Return the node of anything but the simplest values."""
        for kinds, encode in ENCODERS:
            if isinstance(value, kinds):
                return encode(self, value)
        if isinstance(value, Iterable) and not isinstance(value, type):
            return self.named(unpacked(value))
        if is_dataclass(value) and not isinstance(value, type):
            named = {f.name: getattr(value, f.name, None) for f in fields(value)}
            return ["o", [[k, self.node(v)] for k, v in named.items()]]
        raise TypeError(f"a value of type {type(value).__name__} can't be handed over")

    def items(self, values: Any) -> list[Any]:
        """Return the nodes of several values."""
        return [self.node(value) for value in values]

    def pairs(self, value: Any) -> Any:
        """Return the node of a dict."""
        pairs = dict.items(value)
        return ["d", [[self.node(k), self.node(v)] for k, v in pairs]]

    def tensor(self, value: Any) -> Any:
        """Return the node of a tensor: its numbers, shape, strides, dtype."""
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
            grad = value.requires_grad
            plain = value.detach().as_subclass(torch.Tensor)
            name = str(plain.dtype).removeprefix("torch.")
            if name not in DTYPES or plain.layout != torch.strided:
                raise TypeError(f"a {plain.layout} tensor of {name} can't be sent")
            plain = plain.cpu().resolve_conj().resolve_neg()
            strides, data = layout(plain)
            where = self.blob.add(tensor_bytes(data))
            return ["T", name, list(plain.shape), strides, *where, bool(grad)]

    def array(self, value: Any) -> Any:
        """Return the node of a NumPy array or scalar."""
        plain = np.asarray(value)
        tag = "A" if isinstance(value, np.ndarray) else "S"
        if plain.dtype.kind == "U":
            return [tag + "u", list(plain.shape), self.items(plain.ravel().tolist())]
        dtype = plain.dtype.newbyteorder("<") if plain.dtype.kind in "iufcmM" else None
        plain = plain if dtype is None else plain.astype(dtype, copy=False)
        if not ARRAY_DTYPE.fullmatch(plain.dtype.str):
            raise TypeError(f"an array of dtype {plain.dtype} can't be handed over")
        order: Any = (
            "F" if plain.flags.f_contiguous and not plain.flags.c_contiguous else "C"
        )
        raw = plain.tobytes(order)
        return [tag, plain.dtype.str, list(plain.shape), order, *self.blob.add(raw)]

    def generator(self, value: Any) -> Any:
        """Return the node of a random generator: its state."""
        if isinstance(value, torch.Generator):
            return ["g", *self.blob.add(value.get_state().numpy().tobytes())]
        state = value.bit_generator.state
        if state["bit_generator"] != "PCG64":
            raise TypeError("of NumPy's generators, only PCG64 can be handed over")
        inner = [state["state"]["state"], state["state"]["inc"]]
        return ["ng", *map(hex, inner), state["has_uint32"], state["uinteger"]]

    def named(self, value: Any) -> Any:
        """Return the node of a tuple, named or not."""
        names = getattr(type(value), "_fields", None)
        nodes = self.items(tuple.__iter__(value))
        if isinstance(names, tuple) and len(names) == len(nodes):
            return ["n", type(value).__name__, [str(name) for name in names], nodes]
        return ["t", nodes]


def unpacked(value: Any) -> Any:
    """Return what an object gives when it is unpacked; a dataclass keeps its names."""
    parts = tuple(islice(value, MOST_UNPACKED))
    names = [field.name for field in fields(value)] if is_dataclass(value) else []
    if not names or len(names) != len(parts):
        return parts
    return namedtuple(type(value).__name__, names, rename=True)(*parts)


def encode_float(encoder: Encoder, value: Any) -> Any:
    """Return the node of a subclass of float."""
    return encoder.node(float.__float__(value))


ENCODERS: list[tuple[Any, Callable[[Encoder, Any], Any]]] = [
    (torch.Tensor, Encoder.tensor),
    ((np.ndarray, np.generic), Encoder.array),
    ((torch.Generator, np.random.Generator), Encoder.generator),
    (list, lambda e, v: ["l", e.items(list.__iter__(v))]),
    (tuple, lambda e, v: (
        ["sz", [int(n) for n in v]] if isinstance(v, torch.Size) else e.named(v)
    )),
    (dict, Encoder.pairs),
    (bool, lambda e, v: bool(v)),
    (int, lambda e, v: int.__index__(v)),
    (float, encode_float),
    (str, lambda e, v: "".join(str.__iter__(v))),
    (complex, lambda e, v: ["c", *e.items((v.real, v.imag))]),
    ((bytes, bytearray), lambda e, v: [
        "ba" if isinstance(v, bytearray) else "b", *e.blob.add(bytes(v))
    ]),
    (frozenset, lambda e, v: ["fs", e.items(frozenset.__iter__(v))]),
    (set, lambda e, v: ["s", e.items(set.__iter__(v))]),
    (slice, lambda e, v: ["sl", *e.items((v.start, v.stop, v.step))]),
    (range, lambda e, v: ["r", v.start, v.stop, v.step]),
    (type(...), lambda e, v: ["..."]),
    (torch.dtype, lambda e, v: ["td", str(v).removeprefix("torch.")]),
    (torch.device, lambda e, v: ["dev"]),
    (np.dtype, lambda e, v: ["nd", v.str]),
    (SimpleNamespace, lambda e, v: ["o", [[k, e.node(x)] for k, x in vars(v).items()]]),
]  # fmt: skip
# whatever has a line above is plain data, and crosses instead of staying as an object
ENCODED: tuple[type, ...] = tuple(
    kind
    for kinds, _ in ENCODERS
    for kind in (kinds if isinstance(kinds, tuple) else (kinds,))
)
