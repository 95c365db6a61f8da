"""The calls of a test, as the diagnosis sees them: what went out, what came back.

They are read here from the very bytes that crossed; what stayed on a side (a
function of the tests, an object of the student's) is an `Opaque`. Numbers of objects
are counted anew in each test, so that two runs of a test can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.diagnosis.values import Numbers, Opaque, Other, PlainReader, Room
from autograder.inside.wire import FRAME_HEAD, read_header

MOST_CALLS = 5_000
STATES = ("state_dict", "named_parameters", "named_buffers")


@dataclass(frozen=True)
class Call:
    """One request of a test to the student's side.

    `op` is call, get, set, operator, members, instance, backward…; `name` the
    solution's name, or empty with `target` the number of the object that it is about,
    whose class or maker is `owner`; `method` the method called, attribute read or
    operator applied. `error` is (type, text) of an exception. `changed` are the
    arguments that changed in place and what they are now; `drew` says whether random
    numbers were drawn, and `callbacks` are the calls of the test's own functions, with
    `op` callback.
    """

    grade_id: str
    op: str
    name: str = ""
    target: int = 0
    owner: str = ""
    method: str = ""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    error: tuple[str, str] | None = None
    changed: dict[int, Any] = field(default_factory=dict)
    drew: bool = False
    callbacks: tuple[Call, ...] = ()


class Objects:
    """The objects of one test, numbered as they turn up."""

    def __init__(self) -> None:
        self.room = Room()
        self.numbers: dict[int, int] = {}
        self.owners: dict[int, str] = {}

    def number(self, number: Any) -> int:
        """Return the number of an object in this test."""
        return self.numbers.setdefault(int(number), len(self.numbers) + 1)

    def own(self, value: Any, owner: str) -> None:
        """Note whose the objects in a result are."""
        if isinstance(value, Opaque) and value.number:
            self.owners.setdefault(value.number, owner)
        elif isinstance(value, list | tuple):
            for part in value:
                self.own(part, owner)


def collect_calls(keep: Callable[[Call], None]) -> Callable[[str, Any], None]:
    """Return an observer of a run, which hands each call that it reads to `keep`."""

    def observe_test(grade_id: str, frames: list[list[bytes]]) -> None:
        for call in read_calls(grade_id, frames):
            keep(call)

    return observe_test


def read_calls(grade_id: str, frames: list[list[bytes]]) -> Iterator[Call]:
    """Yield the calls of a test."""
    objects = Objects()
    callbacks: list[Call] = []
    for sent, header, blob in frames[:MOST_CALLS]:
        try:
            call = read_call(grade_id, objects, sent, header, blob)
        except Exception:  # the bytes are a student's, this process is not walled in
            call = Call(grade_id, "unreadable")
        if call.op == "callback":
            callbacks.append(call)
        else:
            yield replace(call, callbacks=tuple(callbacks)) if callbacks else call
            callbacks = []


def read_call(
    grade_id: str, objects: Objects, sent: bytes, header: bytes, blob: bytes
) -> Call:
    """Return one call."""
    length, _ = FRAME_HEAD.unpack(sent[: FRAME_HEAD.size])
    start = FRAME_HEAD.size + length
    request, reply = read_header(sent[FRAME_HEAD.size : start]), read_header(header)
    arguments: dict[int, Any] = {}
    back = request["k"] == "callback"
    take = (incoming if back else outgoing)(arguments, objects)
    asked = PlainReader(sent[start:], objects.room, take)
    answer = PlainReader(blob, objects.room, incoming(arguments, objects))
    op, name = str(request["k"]), str(request.get("name", ""))
    target = objects.number(request["on"]) if "on" in request else 0
    owner = name or objects.owners.get(target, "")
    args = tuple(asked.items(request["a"]))
    kwargs = {str(key): asked.value(node) for key, node in request["w"]}
    failed = reply["k"] == "x"
    result = None if failed else answer.value(reply.get("v"))
    objects.own(result, owner)
    kinds = [kind for kind in reply.get("types") or [""] if isinstance(kind, str)]
    method = request.get("method") or request.get("operator") or ""
    call = Call(
        grade_id,
        op,
        name,
        target,
        owner,
        str(method or (args[0] if op == "get" and args else "")),
        args,
        kwargs,
        result,
        (kinds[0], str(reply.get("text", ""))) if failed else None,
        {int(n): answer.value(node) for n, node in reply.get("ch") or []},
        any(reply.get("rng") or ()),
    )
    return settled(call)


def settled(call: Call) -> Call:
    """Return a call without what depends on the order in which things were made."""
    if call.op == "members" and isinstance(call.result, list):
        return replace(call, result=sorted(call.result, key=repr_of_name))
    if call.op == "backward":
        result = call.result
        if isinstance(result, list):
            reached = [grad for grad in result if grad is not None]  # not other modules
            result = sorted(reached, key=repr_of_shape)
        return replace(call, args=call.args[1:], result=result)
    if call.method in STATES and isinstance(call.result, dict):
        return replace(call, result=leaves(call.result))
    return call


def repr_of_name(member: Any) -> str:
    """Return what to sort members of a module by."""
    return repr(member[0]) if isinstance(member, list | tuple) and member else ""


def repr_of_shape(value: Any) -> tuple[str, float]:
    """Return what to sort gradients by."""
    if not isinstance(value, Numbers) or not value.data.size:
        return "", 0.0
    return repr(value.data.shape), round(float(abs(value.data).sum()), 3)


def leaves(state: dict[str, Any]) -> dict[str, Any]:
    """Return a module's state with its tensors marked as parameters."""
    return {
        key: replace(value, leaf=True) if isinstance(value, Numbers) else value
        for key, value in state.items()
    }


Take = dict[str, Callable[[PlainReader, Any], Any]]


def take_both(objects: Objects) -> Take:
    """Return readers of what crosses both ways."""
    return {
        "L": lambda r, n: r.value(n[2]),
        "h": lambda r, n: Opaque("object", "", objects.number(n[1])),
        "F": lambda r, n: Opaque(str(n[3]), str(n[2])),
    }


def outgoing(arguments: dict[int, Any], objects: Objects) -> Take:
    """Return readers of what the tests hand over."""
    return take_both(objects) | {
        "@": lambda r, n: arguments.setdefault(n[1], r.value(n[2])),
        "=": lambda r, n: arguments[n[1]],
        "m": lambda r, n: Opaque("parameter", "", 0),
        "N": lambda r, n: Opaque("name", str(n[1])),
        "P": lambda r, n: Other("pickle", ""),
    }


def incoming(arguments: dict[int, Any], objects: Objects) -> Take:
    """Return readers of what comes back."""

    def marked(reader: PlainReader, node: Any, leaf: bool) -> Any:
        value = reader.value(node[3])
        plain = not isinstance(value, Numbers)
        return value if plain else replace(value, grad=True, leaf=leaf)

    def either(reader: PlainReader, node: Any) -> Any:
        if len(node) > 2:
            arguments[node[1]] = reader.value(node[2])
        return arguments[node[1]]

    return take_both(objects) | {
        "@": either,
        "=": lambda r, n: arguments[n[1]],
        "G": lambda r, n: marked(r, n, False),
        "M": lambda r, n: marked(r, n, True),
        "H": lambda r, n: Opaque(str(n[2]), str(n[3]), objects.number(n[1])),
    }
