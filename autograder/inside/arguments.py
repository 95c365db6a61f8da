"""Arguments of a call: what went out, what came in, and what changed in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from autograder.inside import randomness
from autograder.inside.wire import need

CHANGING = (
    torch.Tensor, np.ndarray, list, dict, set, bytearray,
    torch.Generator, np.random.Generator,
)  # fmt: skip
GENERATORS = (torch.Generator, np.random.Generator)
Args = Sequence[Any]  # of a call: anything that can cross
Kwargs = dict[str, Any]


class Sent:
    """What went out with a call."""

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.inputs: list[torch.Tensor] = []


class Received:
    """What came in with a call."""

    def __init__(self) -> None:
        self.objects: dict[int, Any] = {}
        self.before: dict[int, Any] = {}
        self.leaves: list[torch.Tensor] = []
        self.numbers: dict[int, int] = {}

    def remember(self) -> None:
        """Note what the arguments are before the call."""
        for number, value in self.objects.items():
            self.before[number] = fingerprint(value)

    def changed(self) -> Iterator[tuple[int, Any]]:
        """Yield (number, argument) of those that are no longer what they were."""
        for number, value in self.objects.items():
            if number in self.before and has_changed(value, self.before[number]):
                yield number, value


def fingerprint(value: Any) -> Any:
    """Return what tells later whether a value has changed."""
    if isinstance(value, torch.Tensor):
        layout = value.stride() if value.numel() else ()
        return value.dtype, value.shape, layout, bytes_of_tensor(value)
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype, value.tobytes()
    if isinstance(value, torch.Generator):
        return bytes_of_tensor(value.get_state())
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, dict):
        return list(value), list(value.values())
    return list(value)


def bytes_of_tensor(tensor: Any) -> bytes:
    """Return the bytes of a tensor."""
    plain = tensor.detach().contiguous().as_strided((tensor.numel(),), (1,))
    return plain.view(torch.uint8).numpy().tobytes() if plain.numel() else b""


def has_changed(value: Any, before: Any) -> bool:
    """Whether a value is no longer what it was."""
    try:
        now = fingerprint(value)
    except Exception:
        return False
    if isinstance(value, (torch.Tensor, np.ndarray, bytearray, set, *GENERATORS)):
        return bool(now != before)
    if isinstance(value, dict):
        return not (same_objects(now[0], before[0]) and same_objects(now[1], before[1]))
    return not same_objects(now, before)


def same_objects(new: list[Any], old: list[Any]) -> bool:
    """Whether two lists hold the same objects."""
    return len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))


def pristine(value: Any) -> Any:
    """Return what `replace` needs to undo a change: a list's own items, copied data."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone(memory_format=torch.preserve_format)
    return value.copy()


def replace(old: Any, new: Any) -> None:
    """Put the content of `new` into `old`, which stays the object that it is."""
    if isinstance(old, torch.Tensor):
        need(isinstance(new, torch.Tensor), "a tensor became something else")
        with torch.no_grad():
            if old.shape == new.shape and old.dtype == new.dtype:
                old.copy_(new.detach())
            else:
                old.data = new.detach()
    elif isinstance(old, np.ndarray):
        need(isinstance(new, np.ndarray), "an array became something else")
        np.copyto(old, new, casting="unsafe")
    elif isinstance(old, GENERATORS):
        need(type(old) is type(new), "a generator became something else")
        draw_on(old, new)
    elif isinstance(old, list | bytearray):
        need(isinstance(new, list | bytearray), "a list became something else")
        old[:] = new
    else:
        need(type(old) is type(new), "a dict or set became something else")
        old.clear()
        old.update(new)


def draw_on(old: Any, new: Any) -> None:
    """Put a generator forward, where `new` lies ahead of it."""
    if isinstance(old, torch.Generator):
        states = [bytes_of_tensor(generator.get_state()) for generator in (old, new)]
        if randomness.ahead(randomness.TORCH, *states):
            old.set_state(new.get_state())
        return
    before, after = old.bit_generator.state, new.bit_generator.state
    if randomness.steps_ahead(before["state"], after["state"]):
        old.bit_generator.state = after
