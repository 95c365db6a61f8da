"""What stands, on the checker's side, for objects that stay on the student's.

An object that a test made itself, by calling a class that a solution cell defines,
answers for all its attributes. What a function returned does not: else a made-up
object could answer `result.sum()` with what the test hopes for. Nor does a part of an
object have the methods of a tensor, for then `model.weights.sum()` could do the same.
Attributes that are read twice with no call between are asked for once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from autograder.inside import modules
from autograder.inside.wire import NotPlain, need

TENSOR_LIKE = (set(dir(torch.Tensor)) | set(dir(np.ndarray))) - set(
    dir(torch.nn.Module)
)
PLAIN_LIKE = TENSOR_LIKE.union(*map(dir, (float, str, list, dict, set)))
# How a test came by an object, from the least trusted on. FOUND: a student's function
# returned it, so it may be of a class of their own whose `sum()` or `shape` answers
# with what the test hopes for: it has no method that a tensor has. PART: an attribute
# or item of an object; it may be made up too, so it may not stand where a tensor would.
# MADE: the test itself called the class that the exercise asks for; what its methods
# answer is what is being tested.
FOUND, PART, MADE = range(3)


class Ref:
    """How a proxy reaches its object: by handle, or by the name of a solution."""

    def __init__(
        self, link: Any, number: int = 0, name: str = "", made: int = MADE
    ) -> None:
        self.link, self.number, self.name, self.made = link, number, name, made
        self.where = {"on": number} if number else {"name": name}

    def __del__(self) -> None:
        """Let the student's side drop the object."""
        if self.number:
            self.link.release(self.number)

    def node(self) -> list[Any]:
        """Return the node that stands for the object itself."""
        return ["h", self.number] if self.number else ["N", self.name]

    def ask(self, op: str, *args: Any, **extra: Any) -> Any:
        """Ask for something, forgetting attributes read before."""
        self.link.reads.clear()
        return self.link.ask(op, args, **self.where, **extra)

    def call(self, args: Any, kwargs: Any, method: str | None = None) -> Any:
        """Call the object or one of its methods."""
        self.link.reads.clear()
        extra = {"method": method} if method else {}
        return self.link.ask("call", args, kwargs, **self.where, **extra)

    def get(self, name: str, known_class: Any = None) -> Any:
        """Return an attribute; functions become methods."""
        if not self.made and name in TENSOR_LIKE:
            what = f"what was returned is no tensor or array: it has no {name!r}"
            raise AttributeError(what)
        key = (self.number or self.name, name)
        if key not in self.link.reads:
            value = self.link.ask("get", (name,), **self.where)
            self.link.reads[key] = mark_origin(value, min(self.made, PART))
        value = self.link.reads[key]
        if self.made == PART and name in TENSOR_LIKE and isinstance(value, PROXIES):
            raise AttributeError(f"what is read here is no tensor: no {name!r}")
        return value

    def operator(self, name: str, *args: Any) -> Any:
        """Return what len(x), x[i] and the like give."""
        if not self.made:
            raise TypeError("what was returned is neither a tensor nor a list")
        made = self.made if name == "copy" else PART
        return mark_origin(self.ask("operator", *args, operator=name), made)


def mark_origin(value: Any, made: int) -> Any:
    """Say of what stays on the student's side how it came to be."""
    if made and isinstance(value, PROXIES):
        value._remote.made = made  # type: ignore[attr-defined]  # all proxies have it
    return value


class Proxy:
    """Anything that stays on the student's side."""

    _remote: Ref
    __module__ = "student"

    def __init__(self, remote: Ref, type_name: str) -> None:
        self.__dict__["_remote"] = remote
        self.__dict__["_type_name"] = type_name

    def __repr__(self) -> str:
        """Say what this stands for."""
        return f"<{self._type_name} on the student's side>"

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the object."""
        if name.startswith("__") or name in ("_remote", "_type_name"):
            raise AttributeError(name)
        return self._remote.get(name)

    def __reduce__(self) -> Any:
        """Refuse to be pickled."""
        raise TypeError("an object on the student's side can't be pickled")


class RemoteFunction(Proxy):
    """A function: a solution, a method, or one that was returned."""

    __module__ = "student"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return self._remote.call(args, kwargs)

    @property
    def __name__(self) -> str:
        """The name of the solution."""
        return self._remote.name or self._type_name


class RemoteClass(Proxy):
    """A class: calling it makes an object on the student's side."""

    __module__ = "student"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make an object."""
        return mark_origin(self._remote.call(args, kwargs), MADE)

    def __instancecheck__(self, value: Any) -> bool:
        """Whether an object on the student's side is of this class."""
        if not isinstance(value, PROXIES):
            return False
        return self._remote.ask("instance", value) is True

    @property
    def __name__(self) -> str:
        """The name of the class."""
        return self._remote.name or self._type_name


class RemoteIterator(Proxy):
    """An iterator: a generator, usually."""

    __module__ = "student"

    def __iter__(self) -> RemoteIterator:
        """Return this iterator."""
        return self

    def __next__(self) -> Any:
        """Return the next value."""
        return self._remote.ask("operator", operator="next")


class RemoteObject(Proxy):
    """An object of a class that a solution cell defines."""

    __module__ = "student"

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of the object."""
        self._remote.ask("set", name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""
        return self._remote.call(args, kwargs)

    def __len__(self) -> int:
        """Return its length."""
        return self._remote.operator("len")

    def __iter__(self) -> Any:
        """Iterate over it."""
        return iter(self._remote.operator("iter"))

    def __getitem__(self, key: Any) -> Any:
        """Return one of its items."""
        return self._remote.operator("getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set one of its items."""
        self._remote.operator("setitem", key, value)

    def __contains__(self, key: Any) -> bool:
        """Whether it holds a key."""
        return self._remote.operator("contains", key) is True

    def __deepcopy__(self, memo: Any) -> Any:
        """Return a copy, made on the student's side."""
        return self._remote.operator("copy")

    def __bool__(self) -> bool:
        """Whether it is true: it is, as any object."""
        if not self._remote.made:
            raise TypeError("what was returned is no truth value")
        return True

    def __eq__(self, other: object) -> bool:
        """Whether both are the same object; its own opinion is not asked."""
        same = isinstance(other, RemoteObject)
        return same and vars(other)["_remote"].number == self._remote.number

    def __hash__(self) -> int:
        """Return a hash that agrees with equality."""
        return self._remote.number


def proxy(link: Any, number: int, kind: str, name: str) -> Any:
    """Return the proxy for a handle that came."""
    remote = Ref(link, number, made=FOUND)
    link.hold(number)
    if kind == "module":
        return modules.remote_module(remote, name)
    if kind == "object" and name not in link.classes:
        raise NotPlain(
            f"An object of type {name} came back: return tensors, arrays, numbers, "
            "strings, lists, tuples or dicts."
        )
    need(kind in PROXY_KINDS, "unknown kind of handle")
    return PROXY_KINDS[kind](remote, name)


def refuse_pretenders(names: Any, values: Any) -> None:
    """Refuse a record that would answer as a tensor or a list does."""
    for name, value in zip(names, values, strict=True):
        if name in PLAIN_LIKE and isinstance(value, PROXIES):
            raise NotPlain(f"what came back is no tensor or list: it made {name!r} up")


PROXY_KINDS: dict[str, Any] = {
    "function": RemoteFunction,
    "class": RemoteClass,
    "iterator": RemoteIterator,
    "object": RemoteObject,
}

PROXIES: tuple[type, ...] = (Proxy, modules.RemoteModule)
