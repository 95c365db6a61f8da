"""The checker's end of the split: trusts nothing that comes, and keeps the time."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterator
from typing import Any, Literal, NoReturn

import torch

from autograder.inside import arguments, proxies, randomness, settings
from autograder.inside.arguments import Args, Kwargs
from autograder.inside.channel import Channel, Closed, Output
from autograder.inside.decode import DECODERS, Decoder
from autograder.inside.encode import Encoder
from autograder.inside.peer import Peer
from autograder.inside.wire import Frame, Header, Node, ReadNode, WireError, frame, need

CALLED = b'{"k":"r","v":null}'
BY_VALUE = ("torch.", "numpy.")
BY_NAME = ("torch", "numpy", "math", "builtins", "_operator", "operator")


WhyGone = Literal["killed", "protocol", "timeout"]


class StudentGone(BaseException):
    """The student's process has ended, or was ended; not for tests to catch.

    A `Link` raises it, in the checker's process, for whatever is asked from then on;
    `Checker` catches it around each cell and goes on with a new student's process.
    """

    def __init__(self, why: WhyGone, text: str = "") -> None:
        super().__init__(why)
        self.why, self.text = why, text


class Link(Peer):
    """The checker's view of one student's process."""

    def __init__(self, channel: Channel, classes: set[str]) -> None:
        super().__init__(channel)
        self.classes = classes
        self.until = 0.0
        self.gone: StudentGone | None = None
        self.callbacks: dict[int, Callable[..., Any]] = {}
        self.kept: dict[int, tuple[Any, list[Any]]] = {}
        self.mirrors: dict[int, torch.Tensor] = {}
        self.versions: dict[int, int] = {}
        self.dropped: list[int] = []
        self.held: dict[int, int] = {}
        self.given: dict[str, Any] = {}
        self.reads: dict[tuple[int, str], Any] = {}
        self.errors = settings.USUAL_ERRORS
        self.pure = False
        self.changed: list[tuple[Any, Any]] = []
        self.record: Callable[[Frame, bytes, bytes | bytearray], None] | None = None
        self.pipes: list[Output] = []

    # Time and trust.
    def deadline(self) -> float | None:
        """Return until when the present cell may run."""
        return self.until

    def received(self, frame: Frame, header: bytes, blob: bytearray) -> None:
        """Let the diagnosis have a call and what came back."""
        if self.record:
            self.record(frame, header, blob)

    def serve(self, header: Header, blob: bytearray) -> None:
        """Do what the student's side asks; let the diagnosis know of callbacks."""
        if self.record and header.get("k") == "callback":
            try:
                self.record(frame(header, bytes(blob)), CALLED, b"")
            except ValueError as error:
                self.leave("protocol", str(error))
        super().serve(header, blob)

    def exchange(self, frame: Frame, number: int) -> tuple[Header, bytearray]:
        """Send a request; end the student's process where it breaks the rules."""
        if self.gone:
            raise self.gone
        try:
            reply = super().exchange(frame, number)
        except TimeoutError:
            self.leave("timeout")
        except Closed:
            self.leave("killed")
        except WireError as error:
            self.leave("protocol", str(error))
        else:
            return reply

    def ask(
        self, op: str, args: Args = (), kwargs: Kwargs | None = None, **extra: Any
    ) -> Any:
        """Ask the student's side; what ends an iterator ends nothing else."""
        try:
            return super().ask(op, args, kwargs, **extra)
        except WireError as error:
            self.leave("protocol", str(error))
        except StopIteration as error:
            if op == "operator":
                raise
            raise RuntimeError("StopIteration was raised") from error

    def leave(self, why: WhyGone, text: str = "") -> NoReturn:
        """Give up this process."""
        self.gone = StudentGone(why, text)
        raise self.gone

    def finish(self, reply: Header, blob: bytearray, sent: arguments.Sent) -> Any:
        """Return what a reply holds; a malformed one ends the process."""
        try:
            return super().finish(reply, blob, sent)
        except (WireError, AttributeError, LookupError, ValueError) as error:
            if hasattr(error, "student_type"):
                raise
            self.leave("protocol", str(error))

    def passes(self, error: BaseException) -> None:
        """Let the end of the process through."""
        if isinstance(error, StudentGone):
            raise error

    def believes(self, kind: int, before: bytes | None, after: bytes) -> bool:
        """Believe a random state only where drawing numbers leads to it."""
        return before is not None and randomness.ahead(kind, before, after)

    def change(self, old: Any, new: Any) -> Any:
        """Note changes in place; in a pure run of a test they befall a copy."""
        if isinstance(old, arguments.GENERATORS):
            return super().change(old, new)
        if self.pure:
            return new
        before = arguments.pristine(old)
        super().change(old, new)
        self.changed.append((old, before))
        return old

    def undo(self) -> None:
        """Make changed arguments what they were: the tests may use them again."""
        while self.changed:
            with contextlib.suppress(Exception):  # what a test made read-only since
                arguments.replace(*self.changed.pop())

    # Values on their way out.
    def hand(self, value: Any, encoder: Encoder) -> Any:
        """Return the node of what is not plain: proxies, functions, modules."""
        if isinstance(value, proxies.PROXIES):
            return value._remote.node()  # type: ignore[attr-defined]  # a proxy
        if isinstance(value, torch.Tensor):
            number = getattr(value, "_leaf", None)
            own = number is not None and self.mirrors.get(number) is value
            return ["m", number] if own else NotImplemented
        if isinstance(value, torch.nn.Module):
            return self.by_value(value, encoder) or self.callback(value, "module")
        if isinstance(value, type):
            return self.by_name(value, encoder)
        if isinstance(value, Iterator):
            return self.callback(value, "iterator", value.__next__)
        if callable(value):
            return self.by_name(value, encoder) or self.callback(value, "function")
        return NotImplemented

    def by_name(self, value: Any, encoder: Encoder) -> Node | None:
        """Return the node of something that both sides can import."""
        name = getattr(value, "__name__", "")
        if name in self.given and self.given[name] is value:
            return ["N", name]
        if str(getattr(value, "__module__", "")).partition(".")[0] not in BY_NAME:
            if isinstance(value, type):
                raise TypeError(f"the class {name} can't be handed over")
            return None
        return self.pickled(value, encoder)

    def by_value(self, module: torch.nn.Module, encoder: Encoder) -> Node | None:
        """Return the node of a module made of torch's own parts."""
        kinds = {type(part).__module__ + "." for part in module.modules()}
        own = all(kind.startswith(BY_VALUE) for kind in kinds)
        return self.pickled(module, encoder) if own else None

    def pickled(self, value: Any, encoder: Encoder) -> Node | None:
        """Return a pickle, which only this side may send."""
        try:
            raw = pickle.dumps(value)
        except (pickle.PicklingError, AttributeError, TypeError, RuntimeError):
            return None
        return ["P", *encoder.blob.add(raw)]

    def callback(
        self, value: Any, kind: str, function: Callable[..., Any] | None = None
    ) -> Node:
        """Return the node of a function that stays here."""
        number = id(value)
        self.callbacks[number] = function or value
        self.kept[number] = (value, [])
        name = getattr(value, "__name__", type(value).__name__)
        return ["F", number, str(name), kind]

    def extras(self, encoder: Encoder) -> Header:
        """Send along parameters that the tests wrote into, and what is let go."""
        extra = settings.to_send(self.errors)
        written = []
        for number, mirror in self.mirrors.items():
            if mirror._version != self.versions.get(number):
                written.append([number, encoder.tensor(mirror)])
                self.versions[number] = mirror._version
        if written:
            extra["set"] = written
        if self.dropped:
            extra["forget"] = [n for n in self.dropped if not self.held.get(n)]
            self.dropped = []
        return extra

    def extra_inputs(self) -> list[tuple[int, torch.Tensor]]:
        """Return the copies of parameters that gradients may reach."""
        return [(n, m) for n, m in self.mirrors.items() if m.requires_grad]

    # Values on their way in.
    def take(self) -> dict[str, ReadNode]:
        """Return decoders of handles, parameters and records."""
        own = {"H": self.take_handle, "M": self.take_leaf}
        return own | {"o": self.take_record, "n": self.take_record}

    def take_record(self, decoder: Decoder, node: Node) -> Any:
        """Return an object with attributes, or a namedtuple: data, without methods."""
        value = DECODERS[node[0]](decoder, node)
        named = vars(value) if node[0] == "o" else value._asdict()
        proxies.refuse_pretenders(named.keys(), named.values())
        return value

    def take_handle(self, decoder: Decoder, node: Node) -> Any:
        """Return the proxy of an object that stays on the student's side."""
        _, number, kind, name = node
        need(type(number) is int and 0 < number < 1 << 31, "bad handle")
        need(isinstance(name, str), "bad name")
        return proxies.proxy(self, number, kind, name)

    def take_leaf(self, decoder: Decoder, node: Node) -> torch.Tensor:
        """Return the copy of a parameter: the same one each time, kept up to date."""
        _, number, parameter, tensor = node
        need(type(number) is int, "bad parameter")
        value = decoder.value(tensor)
        need(isinstance(value, torch.Tensor) and value.is_floating_point(), "no tensor")
        mirror = self.mirrors.get(number)
        if mirror is None:
            data = value.detach()
            mirror = torch.nn.Parameter(data) if parameter else data.requires_grad_()
            setattr(mirror, "_leaf", number)  # noqa: B010 (mypy)
            self.mirrors[number] = mirror
        else:
            refresh(mirror, value.detach())
        self.versions[number] = mirror._version
        return mirror

    # Requests of the student's side.
    def perform(self, op: str, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Call a function that a test handed over, or go back through it."""
        if op == "callback":
            function = self.callbacks.get(header.get("id"))  # type: ignore[arg-type]  # any key
            need(function, "no such function")
            assert function
            return function(*args, **kwargs)
        need(op == "backward" and len(args) == 3 and args[0] in self.graphs, "no graph")
        return self.backward(*args)

    # Handles.
    def hold(self, number: int) -> None:
        """Count one more proxy of a handle."""
        self.held[number] = self.held.get(number, 0) + 1

    def release(self, number: int) -> None:
        """Count one proxy less; the last one lets the object go."""
        self.held[number] = self.held.get(number, 1) - 1
        if not self.held[number]:
            self.dropped.append(number)


def refresh(mirror: torch.Tensor, value: torch.Tensor) -> None:
    """Put new numbers into a copy of a parameter."""
    if mirror.shape == value.shape and mirror.dtype == value.dtype:
        if not torch.equal(mirror.detach(), value):
            with torch.no_grad():
                mirror.copy_(value)
    else:
        mirror.data = value
