"""The student's side of the split: runs their cells and answers calls.

Everything in this process may be changed by what it runs, so nothing here is
trusted by anyone: it computes, and the other side judges. It holds no test, no
expected value and no seed.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import gc
import io
import operator
import pickle
import socket
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch

from autograder.inside import cells, failures, on_import, randomness, settings
from autograder.inside.arguments import Args, Kwargs
from autograder.inside.channel import Channel, Closed
from autograder.inside.cures import NO_CURE, find_cure
from autograder.inside.decode import Decoder
from autograder.inside.encode import ENCODED, Encoder
from autograder.inside.peer import Peer
from autograder.inside.wire import Frame, Header, ReadNode

LINK_DESCRIPTOR = 3
TRAVELS = (
    torch.Tensor, np.ndarray, np.generic, torch.dtype, np.dtype, torch.device,
    torch.Generator, np.random.Generator,
)  # fmt: skip


def warm_up_student() -> None:
    """Make the first calls of this module's own machinery."""
    randomness.capture()
    encoder = Encoder()
    node = encoder.node((torch.ones(2, 3), np.ones(2), {"a": [1.5, None, b"x"]}))
    Decoder(bytearray(b"".join(map(bytes, encoder.blob.parts)))).value(node)


class Callback:
    """A function of the tests: calling it calls them."""

    def __init__(self, peer: Student, number: int, name: str) -> None:
        self.peer, self.number = peer, number
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function on the other side."""
        return self.peer.ask("callback", args, kwargs, id=self.number)


class CallbackModule(torch.nn.Module):
    """A module of the tests."""

    def __init__(self, callback: Callback) -> None:
        super().__init__()
        self.callback = callback

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the module on the other side."""
        return self.callback(*args, **kwargs)


class CallbackIterator:
    """An iterator of the tests."""

    def __init__(self, callback: Callback) -> None:
        self.callback = callback

    def __iter__(self) -> CallbackIterator:
        """Return this iterator."""
        return self

    def __next__(self) -> Any:
        """Return the next value of the other side's iterator."""
        return self.callback()


CALLBACKS: dict[str, Callable[[Callback], Any]] = {
    "function": lambda callback: callback,
    "module": CallbackModule,
    "iterator": CallbackIterator,
}


class Student(Peer):
    """Answers the checker."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self.main = types.ModuleType("__main__")
        sys.modules["__main__"] = self.main
        self.notebook = cells.Notebook(self.main.__dict__)
        self.handles: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.last = 0
        self.classes: set[str] = set()
        self.leaves: dict[int, torch.Tensor] = {}
        self.leaf_numbers: dict[int, int] = {}

    # Values that stay here.
    def hand(self, value: Any, encoder: Encoder) -> Any:
        """Return a handle for what is not plain data."""
        if isinstance(value, torch.Tensor):
            if not (value.requires_grad and value.is_leaf):
                return NotImplemented
            parameter = isinstance(value, torch.nn.Parameter)
            return ["M", self.number_leaf(value), parameter, encoder.tensor(value)]
        kind = self.kind(value)
        if not kind:
            return NotImplemented
        name = getattr(value, "__name__", None) if kind == "class" else None
        return ["H", self.handle(value), kind, str(name or type(value).__name__)[:100]]

    def kind(self, value: Any) -> str:
        """Return what a value is, where it stays here; empty where it travels."""
        own = type(value).__name__
        if isinstance(value, torch.nn.Module):
            return "module"
        if own in self.classes and not isinstance(value, type):
            return "object"
        if isinstance(value, TRAVELS):
            return ""
        if isinstance(value, type):
            return "class"
        if callable(value):
            return "function"
        if isinstance(value, Iterator):
            return "iterator"
        plain = dataclasses.is_dataclass(value) or isinstance(value, ENCODED)
        whole = plain or isinstance(value, Iterable)
        return "" if whole else "object"

    def handle(self, value: Any) -> int:
        """Return the number under which the other side knows an object."""
        number = self.numbers.get(id(value))
        if number is None:
            self.last += 1
            number = self.numbers[id(value)] = self.last
            self.handles[number] = value
        return number

    def number_leaf(self, value: torch.Tensor) -> int:
        """Return the number of a parameter."""
        number = self.leaf_numbers.get(id(value))
        if number is None:
            number = self.leaf_numbers[id(value)] = len(self.leaf_numbers) + 1
            self.leaves[number] = value
        return number

    def extra_leaves(self, numbers: list[int]) -> list[torch.Tensor]:
        """Return parameters by their numbers."""
        return [self.leaves[number] for number in numbers]

    # Values that come.
    def take(self) -> dict[str, ReadNode]:
        """Return decoders of the tests' functions, modules and own handles."""
        return {
            "h": lambda d, n: self.handles[n[1]],
            "m": lambda d, n: self.leaves[n[1]],
            "P": lambda d, n: pickle.loads(bytes(d.bytes_of(n[1], n[2]))),
            "F": lambda d, n: CALLBACKS[n[3]](Callback(self, n[1], n[2])),
            "N": lambda d, n: getattr(self.main, n[1]),
        }

    # Requests.
    def prepare(self, header: Header, decoder: Decoder) -> None:
        """Forget handles that are no longer held; take over written parameters."""
        for number in header.get("forget") or []:
            self.numbers.pop(id(self.handles.pop(number, None)), None)
        for number, node in header.get("set") or []:
            self.write_leaf(number, decoder.value(node))

    def perform(self, op: str, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Do what the checker asks."""
        with settings.applied(header):
            return getattr(self, "do_" + op)(header, args, kwargs)

    def write_leaf(self, number: int, value: torch.Tensor) -> None:
        """Give a parameter the numbers that the tests wrote into its copy."""
        leaf = self.leaves[number]
        with torch.no_grad():
            if leaf.shape == value.shape and leaf.dtype == value.dtype:
                leaf.copy_(value)
            else:
                leaf.data = value

    def do_hello(self, header: Header, args: Args, kwargs: Kwargs) -> None:
        """Note the classes that solution cells define; write the data files."""
        self.classes = set(args[0])
        cells.write_files(args[1])

    def do_cell(self, header: Header, args: Args, kwargs: Kwargs) -> None:
        """Run a cell."""
        name, source, number = args
        value = self.notebook.run(name, source, number=number, lenient=True)
        if value is not None and not source.rstrip().endswith(";"):
            print(repr(value))

    def target(self, header: Header) -> Any:
        """Return the object that a request is about."""
        if "name" not in header:
            return self.handles[header["on"]]
        name = header["name"]
        try:
            return vars(self.main)[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined", name=name) from None

    def do_call(self, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Call an object, or a method of it."""
        target = self.target(header)
        if "method" in header:
            target = getattr(target, header["method"])
        return target(*args, **kwargs)

    def do_get(self, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Return an object's attribute, or the object."""
        target = self.target(header)
        return getattr(target, args[0]) if args else target

    def do_set(self, header: Header, args: Args, kwargs: Kwargs) -> None:
        """Set an object's attribute."""
        setattr(self.target(header), *args)

    def do_operator(self, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Return len(x), x[i], i in x, iter(x), next(x)…"""
        own = {"len": len, "iter": iter, "next": next, "copy": copy.deepcopy}
        name = header["operator"]
        function: Any = own.get(name) or getattr(operator, name)
        return function(self.target(header), *args)

    def do_instance(self, header: Header, args: Args, kwargs: Kwargs) -> bool:
        """Return isinstance(argument, target)."""
        return isinstance(args[0], self.target(header))

    def do_members(self, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Return a module's parameters, or buffers, by name."""
        module = self.target(header)
        found = getattr(module, "named_" + args[0])(remove_duplicate=False)
        return [[name, value] for name, value in found]

    def do_refresh(self, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Return the present numbers of parameters."""
        return [self.leaves[number].detach() for number in args[0]]

    def do_backward(self, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Return the gradients of a graph's leaves."""
        return self.backward(*args)

    def described(self, error: BaseException) -> dict[str, Any]:
        """Return an exception, the lines that led to it, and what to say of it."""
        trace, cure = cells.NO_TRACE, NO_CURE
        with contextlib.suppress(Exception):
            trace = cells.trace_of_cells(error)
            cure = find_cure(error, trace.line, self.notebook.shell)
        return failures.described(error, trace, cure)

    def reply(self, frame: Frame) -> None:
        """Send a reply, after what was printed."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        super().reply(frame)


def run_student(order: dict[str, Any]) -> None:
    """Serve the checker until it closes the link."""
    gc.enable()
    gc.set_threshold(cells.YOUNG)
    sys.path.insert(0, "")  # the working folder, as in a notebook
    for number, name in ((1, "stdout"), (2, "stderr")):
        raw = io.FileIO(number, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), "utf-8", errors="backslashreplace"
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    on_import.watch_imports()
    student = Student(Channel(socket.socket(fileno=LINK_DESCRIPTOR)))
    with contextlib.suppress(Closed):
        while True:
            student.serve(*student.channel.receive())
