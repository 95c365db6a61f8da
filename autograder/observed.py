"""The calls of a test, as the diagnosis sees them: what went out, what came back.

They are decoded here from the very bytes that crossed, as plain data; what stayed on
a side (a function of the tests, an object of the student's) is an `Opaque`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.decode import Decoder
from autograder.wire import HEAD, WireError, read_header


@dataclass(frozen=True)
class Opaque:
    """Something that did not cross: `kind` function, module, object, iterator…"""

    kind: str
    name: str = ""
    number: int = 0


@dataclass(frozen=True)
class Call:
    """One request of a test to the student's side.

    `op` is call, get, set, operator, members, instance…; `name` the solution's name,
    or empty with `target` the number of the object (`Opaque.number`) that it is about;
    `method` the method called, attribute read or operator applied. `error` is (type,
    text) of an exception. `changed` are arguments that changed in place, by the
    order in which they stand in the call.
    """

    grade_id: str
    op: str
    name: str = ""
    target: int = 0
    method: str = ""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    error: tuple[str, str] | None = None
    changed: tuple[int, ...] = ()


def read_calls(grade_id: str, frames: list[list[bytes]]) -> Iterator[Call]:
    """Yield the calls of a test."""
    for sent, header, blob in frames:
        try:
            yield read_call(grade_id, sent, header, blob)
        except (WireError, KeyError, ValueError, TypeError):
            continue


def read_call(grade_id: str, sent: bytes, header: bytes, blob: bytes) -> Call:
    """Return one call."""
    length, _ = HEAD.unpack(sent[: HEAD.size])
    start = HEAD.size + length
    request = read_header(sent[HEAD.size : start])
    objects: dict[int, Any] = {}
    asked = Decoder(bytearray(sent[start:]), outgoing(objects))
    args = tuple(asked.items(request["a"]))
    kwargs = {name: asked.value(node) for name, node in request["w"]}
    reply = read_header(header)
    answer = Decoder(bytearray(blob), incoming(objects))
    changed = tuple(int(number) for number, _ in reply.get("ch") or [])
    failed = reply["k"] == "x"
    types = reply.get("types") or [""]
    return Call(
        grade_id,
        str(request["k"]),
        str(request.get("name", "")),
        int(request.get("on", 0)),
        str(request.get("method") or request.get("operator") or ""),
        args,
        kwargs,
        None if failed else answer.value(reply.get("v")),
        (str(types[0]), str(reply.get("text", ""))) if failed else None,
        changed,
    )


def outgoing(objects: dict[int, Any]) -> dict[str, Any]:
    """Return decoders of what the tests hand over."""

    def argument(decoder: Decoder, node: list[Any]) -> Any:
        objects[node[1]] = decoder.value(node[2])
        return objects[node[1]]

    return {
        "@": argument,
        "=": lambda d, n: objects[n[1]],
        "L": lambda d, n: d.value(n[2]),
        "h": lambda d, n: Opaque("object", "", n[1]),
        "m": lambda d, n: Opaque("parameter", "", n[1]),
        "N": lambda d, n: Opaque("name", n[1]),
        "P": lambda d, n: Opaque("pickle"),
        "F": lambda d, n: Opaque(n[3], n[2]),
    }


def incoming(objects: dict[int, Any]) -> dict[str, Any]:
    """Return decoders of what comes back."""
    return {
        "@": lambda d, n: objects[n[1]],
        "G": lambda d, n: d.value(n[3]),
        "M": lambda d, n: d.value(n[3]),
        "H": lambda d, n: Opaque(n[2], n[3], n[1]),
    }
