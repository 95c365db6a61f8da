"""Turn messages back into values, trusting none: see `wire.py`.

`take` lets a side add tags for what is not plain: handles, callbacks, gradients.
"""

from __future__ import annotations

import keyword
from collections import namedtuple
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from autograder.inside import randomness
from autograder.inside.encode import DTYPES
from autograder.inside.wire import (
    ARRAY_DTYPE,
    BOUNDS,
    Node,
    NodeReader,
    ReadNode,
    need,
    need_dtype,
    read_complex,
    read_float,
)


@lru_cache(maxsize=256)
def named_tuple(name: str, names: tuple[str, ...]) -> Any:
    """Return a namedtuple class, its names checked by namedtuple itself."""
    return namedtuple(name, names, rename=True)


def is_name(value: Any) -> bool:
    """Whether a value may name an attribute."""
    plain = isinstance(value, str) and len(value) < 200 and value.isidentifier()
    return plain and not keyword.iskeyword(value) and not value.startswith("__")


class Decoder(NodeReader):
    """Turns header nodes and a blob back into values of torch, NumPy and Python."""

    def shape(self, shape: Any) -> int:
        """Return the number of elements, after checking that there is room."""
        count = self.count(shape)
        need(count <= BOUNDS.blob, "too many elements")
        return count

    def tensor(self, node: Node) -> torch.Tensor:
        """Return a tensor, after checking that its bytes are as many as it needs."""
        _, name, shape, strides, start, length, grad = node
        need(isinstance(name, str) and name in DTYPES, "unknown dtype")
        dtype, count = DTYPES[name], self.shape(shape)
        extent = count
        if strides is not None and count:
            need(isinstance(strides, list) and len(strides) == len(shape), "strides")
            need(all(type(s) is int and 0 <= s < 1 << 40 for s in strides), "strides")
            extent = 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        need(length == extent * dtype.itemsize, "not the bytes of that shape")
        raw = self.bytes_of(start, length)
        if not count:
            tensor = torch.empty(shape, dtype=dtype)
        elif dtype is torch.bool:
            tensor = torch.frombuffer(raw, dtype=torch.uint8) != 0
        else:
            tensor = torch.frombuffer(raw, dtype=dtype)
        if count and strides is not None:
            tensor = tensor.as_strided(shape, strides)
        tensor = tensor.reshape(shape) if strides is None else tensor
        if grad and (dtype.is_floating_point or dtype.is_complex):
            tensor.requires_grad_()
        return tensor

    def array(self, node: Node) -> Any:
        """Return an array or scalar, after the same checks."""
        tag, name, shape, order, start, length = node
        dtype = np.dtype(need_dtype(name, ARRAY_DTYPE))
        count = self.shape(shape)
        need(length == count * dtype.itemsize, "not the bytes of that shape")
        array = np.frombuffer(self.bytes_of(start, length), dtype=dtype)
        if dtype.kind == "b":
            array = array.view(np.uint8) != 0
        array = array.reshape(shape, order="F" if order == "F" else "C")
        return array if tag == "A" else array[()]

    def texts(self, node: Node) -> Any:
        """Return an array of strings."""
        tag, shape, nodes = node
        texts = self.items(nodes)
        need(len(texts) == self.shape(shape), "not as many strings as the shape says")
        need(all(isinstance(text, str) for text in texts), "not strings")
        longest = max((len(text) for text in texts), default=0)
        need(longest * len(texts) * 4 <= BOUNDS.blob, "too many characters")
        array = np.array(texts, dtype=str).reshape(shape)
        return array if tag == "Au" else array[()]

    def pairs(self, node: Node) -> dict[Any, Any]:
        """Return a dict."""
        return {self.value(key): self.value(value) for key, value in node[1]}

    def named(self, node: Node) -> Any:
        """Return a namedtuple."""
        _, name, names, nodes = node
        need(len(names) <= 64 and all(map(is_name, [name, *names])), "bad names")
        return named_tuple(name, tuple(names))(*self.items(nodes))

    def attributes(self, node: Node) -> SimpleNamespace:
        """Return an object with the given attributes."""
        need(all(is_name(name) for name, _ in node[1]), "bad names")
        return SimpleNamespace(**{name: self.value(value) for name, value in node[1]})


def torch_generator(decoder: Decoder, node: Node) -> torch.Generator:
    """Return a generator of torch in a given state."""
    state = bytes(decoder.bytes_of(node[1], node[2]))
    need(randomness.twister(randomness.TORCH, state), "not a generator's state")
    generator = torch.Generator()
    generator.set_state(randomness.as_tensor(state))
    return generator


def numpy_generator(decoder: Decoder, node: Node) -> np.random.Generator:
    """Return a generator of NumPy in a given state."""
    _, state, increment, has, cached = node
    need(len(state) < 36 and len(increment) < 36 and has in (0, 1), "bad state")
    machine = np.random.PCG64(0)
    machine.state = {
        "bit_generator": "PCG64",
        "state": {"state": int(state, 16), "inc": int(increment, 16)},
        "has_uint32": int(has),
        "uinteger": int(cached) & 0xFFFFFFFF,
    }
    return np.random.Generator(machine)


def array_dtype(decoder: Decoder, node: Node) -> Any:
    """Return a NumPy dtype."""
    return np.dtype(need_dtype(node[1], ARRAY_DTYPE))


DECODERS: dict[str, ReadNode] = {
    "f": read_float,
    "l": lambda d, n: d.items(n[1]),
    "t": lambda d, n: tuple(d.items(n[1])),
    "n": Decoder.named,
    "o": Decoder.attributes,
    "d": Decoder.pairs,
    "s": lambda d, n: set(d.items(n[1])),
    "fs": lambda d, n: frozenset(d.items(n[1])),
    "c": read_complex,
    "b": lambda d, n: bytes(d.bytes_of(n[1], n[2])),
    "ba": lambda d, n: d.bytes_of(n[1], n[2]),
    "sl": lambda d, n: slice(*d.items(n[1:4])),
    "r": lambda d, n: range(*d.items(n[1:4])),
    "sz": lambda d, n: torch.Size(n[1]) if d.shape(n[1]) >= 0 else None,
    "...": lambda d, n: ...,
    "td": lambda d, n: DTYPES[n[1]] if n[1] in DTYPES else need(0, "unknown dtype"),
    "nd": array_dtype,
    "g": torch_generator,
    "ng": numpy_generator,
    "dev": lambda d, n: torch.device("cpu"),
    "T": Decoder.tensor,
    "A": Decoder.array,
    "S": Decoder.array,
    "Au": Decoder.texts,
    "Su": Decoder.texts,
}
Decoder.readers = DECODERS
