"""Calls between the two sides of the split, which nest: a call may call back.

Both sides are a `Peer`. What either sends is described in `wire.py`; on top of it
stand, for each call,

    - arguments that may change in place, numbered: the reply says which did;
    - tensors that require a gradient: they arrive as leaves, and a backward pass
      through what comes back asks the other side;
    - the random states, where they differ from those that the other side has;
    - exceptions, by the names of their types, and warnings.

`student.py` and `link.py` add what is theirs.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import torch

from autograder.inside import failures, randomness
from autograder.inside.arguments import (
    CHANGING,
    Args,
    Kwargs,
    Received,
    Sent,
    replace,
)
from autograder.inside.cells import NO_TRACE
from autograder.inside.channel import Channel
from autograder.inside.decode import Decoder
from autograder.inside.encode import Encoder
from autograder.inside.gradients import Remote, Token
from autograder.inside.wire import (
    Frame,
    Header,
    Node,
    ReadNode,
    WireError,
    need,
    read_header,
)


class Peer:
    """One end of the split."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.graphs: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}
        self.dropped_graphs: list[int] = []
        self.next_graph = 0
        self.random = randomness.SharedStates(self.believes)
        self.sequence = 0

    # What a side adds.
    def hand(self, value: Any, encoder: Encoder) -> Any:
        """Return the node of a value that stays here, or NotImplemented."""
        return NotImplemented

    def take(self) -> dict[str, ReadNode]:
        """Return decoders of the other side's own nodes."""
        return {}

    def perform(self, op: str, header: Header, args: Args, kwargs: Kwargs) -> Any:
        """Do what the other side asks."""
        raise WireError(f"unknown request {op[:20]!r}")

    def believes(self, kind: int, before: bytes | None, after: bytes) -> bool:
        """Whether to take over a random state that came."""
        return True

    def extra_inputs(self) -> list[tuple[int, torch.Tensor]]:
        """Return (number, tensor) of parameters that a graph may depend on."""
        return []

    def extra_leaves(self, numbers: list[int]) -> list[torch.Tensor]:
        """Return the parameters that the other side numbered so."""
        return []

    def extras(self, encoder: Encoder) -> Header:
        """Return what else goes with a request."""
        return {}

    def received(self, frame: Frame, header: bytes, blob: bytearray) -> None:
        """Note a request and the reply to it."""

    def prepare(self, header: Header, decoder: Decoder) -> None:
        """Do what else came with a request."""

    def deadline(self) -> float | None:
        """Return until when to wait."""
        return None

    def passes(self, error: BaseException) -> None:
        """Raise again what is no business of the other side."""

    def described(self, error: BaseException) -> dict[str, Any]:
        """Return an exception as data, with what the other side may see of it."""
        return failures.described(error, NO_TRACE)

    # Calls.
    def ask(
        self, op: str, args: Args = (), kwargs: Kwargs | None = None, **extra: Any
    ) -> Any:
        """Ask the other side for something; serve what it asks meanwhile."""
        sent, encoder = Sent(), Encoder()
        encoder.hand = lambda value, encoder: self.outgoing(value, encoder, sent)
        numbered = self.extra_inputs() if torch.is_grad_enabled() else []
        header: Header = {"k": op, "a": encoder.items(args)}
        header["w"] = [[k, encoder.node(v)] for k, v in (kwargs or {}).items()]
        header["leaves"] = [number for number, _ in numbered]
        header["grad"] = torch.is_grad_enabled()
        self.sequence += 1
        number = header["n"] = self.sequence
        header |= self.random.give(encoder.blob) | self.extras(encoder) | extra
        if self.dropped_graphs:
            header["done"], self.dropped_graphs = self.dropped_graphs, []
        reply, blob = self.exchange(encoder.frame(header), number)
        sent.inputs += [tensor for _, tensor in numbered]
        return self.finish(reply, blob, sent)

    def exchange(self, frame: Frame, number: int) -> tuple[Header, bytearray]:
        """Send the request of a number and return the reply to it."""
        self.channel.send(frame, self.deadline())
        while True:
            raw, blob = self.channel.receive_raw(self.deadline())
            header = read_header(raw)
            if header.get("k") in ("r", "x"):
                need(header.get("n") == number, "an answer to another question")
                self.received(frame, raw, blob)
                return header, blob
            self.serve(header, blob)

    def finish(self, reply: Header, blob: bytearray, sent: Sent) -> Any:
        """Return what a reply holds, after doing what it says."""
        decoder = Decoder(blob, self.take())
        tokens: list[Token] = []
        decoder.take |= {
            "@": lambda d, n: sent.objects[self.index(n[1], sent.objects)],
            "G": lambda d, n: self.attach(d, n, sent, tokens),
        }
        self.random.take(reply, decoder)
        for number, node in reply.get("ch") or []:
            place = self.index(number, sent.objects)
            sent.objects[place] = self.change(sent.objects[place], decoder.value(node))
        failures.warn(reply.get("warn"))
        if reply["k"] == "x":
            raise failures.rebuilt(reply)
        return decoder.value(reply.get("v"))

    def serve(self, header: Header, blob: bytearray) -> None:
        """Do what a request asks and send the reply.

        The order matters: random states first, so that reading an argument can't draw
        from old ones; then what belongs to earlier requests (`prepare`); only then the
        arguments, whose first look is remembered before anything can change them. What
        changed is looked at after the result is encoded, since encoding an iterable
        runs code of the student's.
        """
        received, decoder = Received(), Decoder(blob, self.take())
        decoder.take |= {
            "@": lambda d, n: self.arrive(d, n, received),
            "=": lambda d, n: received.objects[n[1]],
            "L": lambda d, n: self.leaf(d, n, received),
        }
        encoder = Encoder()
        outs: list[torch.Tensor] = []
        encoder.hand = lambda value, own: self.result(value, own, received, outs)
        reply: Header = {"n": header.get("n")}
        for graph in header.get("done") or []:
            self.graphs.pop(graph, None)
        grad = torch.set_grad_enabled(bool(header.get("grad", True)))
        with grad, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                self.random.take(header, decoder)
                self.prepare(header, decoder)
                value = self.answer(header, decoder, received)
                reply |= {"k": "r", "v": encoder.node(value)}
            except BaseException as error:
                self.passes(error)
                reply |= self.described(error)
        if outs:
            more = self.extra_leaves(header.get("leaves") or [])
            self.graphs[self.next_graph] = (outs, [*received.leaves, *more])
            self.next_graph += 1
        reply["ch"] = self.changes(received, encoder)
        told = [[w.category.__name__, str(w.message)[:500]] for w in caught[:50]]
        reply |= {"warn": told} | self.random.give(encoder.blob)
        self.reply(encoder.frame(reply))

    def answer(self, header: Header, decoder: Decoder, received: Received) -> Any:
        """Return what a request's operation gives for its arguments."""
        args = decoder.items(header.get("a") or [])
        kwargs = {k: decoder.value(v) for k, v in header.get("w") or []}
        received.remember()
        return self.perform(str(header.get("k")), header, args, kwargs)

    def reply(self, frame: Frame) -> None:
        """Send the reply to a request."""
        self.channel.send(frame, self.deadline())

    # Values on their way.
    def outgoing(self, value: Any, encoder: Encoder, sent: Sent) -> Any:
        """Return the node of an argument."""
        if not isinstance(value, CHANGING):
            return self.hand(value, encoder)
        if id(value) in sent.numbers:
            return ["=", sent.numbers[id(value)]]
        node = self.hand(value, encoder)
        if node is not NotImplemented:
            return node
        number = len(sent.objects)
        sent.objects.append(value)
        sent.numbers[id(value)] = number
        if isinstance(value, torch.Tensor) and value.requires_grad:
            inner = ["L", not value.is_leaf, encoder.tensor(value)]
            sent.inputs.append(value)
            return ["@", number, inner]
        return ["@", number, encoder.other(value)]

    def arrive(self, decoder: Decoder, node: Node, received: Received) -> Any:
        """Return an argument that may change, after noting it."""
        number = int(node[1])
        value = received.objects[number] = decoder.value(node[2])
        received.numbers[id(value)] = number
        return value

    def leaf(self, decoder: Decoder, node: Node, received: Received) -> Any:
        """Return a tensor that requires a gradient, as a leaf or just behind one."""
        value = decoder.value(node[2])
        received.leaves.append(value)
        return value.clone() if node[1] and torch.is_grad_enabled() else value

    def result(
        self, value: Any, encoder: Encoder, received: Received, outs: list[torch.Tensor]
    ) -> Any:
        """Return the node of a result."""
        number = received.numbers.get(id(value))
        if number is not None:
            return ["@", number]
        node = self.hand(value, encoder)
        if node is NotImplemented and isinstance(value, torch.Tensor):
            if value.requires_grad:
                outs.append(value)
                tensor = [*encoder.tensor(value)[:-1], False]
                return ["G", self.next_graph, len(outs) - 1, tensor]
        return node

    def attach(
        self, decoder: Decoder, node: Node, sent: Sent, tokens: list[Token]
    ) -> Any:
        """Return a tensor whose gradient is asked for on the other side."""
        _, graph, index, tensor = node
        need(type(graph) is int and type(index) is int, "bad graph")
        if not tokens:
            tokens.append(Token(self, graph))
        raw = decoder.value(tensor)
        need(isinstance(raw, torch.Tensor) and raw.is_floating_point(), "no tensor")
        if not torch.is_grad_enabled():
            return raw
        if not sent.inputs:
            return raw.requires_grad_()
        return Remote.apply(tokens[0], index, raw, *sent.inputs)

    def backward(self, graph: int, index: int, grad: Any) -> list[torch.Tensor | None]:
        """Return the gradients of a graph's leaves."""
        outs, leaves = self.graphs[graph]
        if not leaves:
            return []
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        grads = iter(
            torch.autograd.grad(
                outs[index], wanted, grad, retain_graph=True, allow_unused=True
            )
        )
        return [next(grads) if leaf.requires_grad else None for leaf in leaves]

    def index(self, number: Any, objects: list[Any]) -> int:
        """Return a checked place in a list."""
        need(type(number) is int and 0 <= number < len(objects), "no such argument")
        return number

    # Changes in place.
    def changes(self, received: Received, encoder: Encoder) -> list[Node]:
        """Return the nodes of the arguments that have changed."""
        found: list[Node] = []
        for number, value in received.changed():
            with contextlib.suppress(Exception):
                found.append([number, encoder.other(value)])
        return found

    def change(self, old: Any, new: Any) -> Any:
        """Make an argument what the other side has made of it, and return it."""
        replace(old, new)
        return old
