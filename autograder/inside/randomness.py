"""The random states of torch, NumPy and Python, as bytes that travel with a call.

All three are Mersenne Twisters. What comes back from a student is believed only
where it lies ahead of what was sent: a state made up by hand could give the tests
inputs for which a wrong answer is right. So a state is not opaque here: its key and
place are unpacked, and the key that was sent is twisted until the one that came turns
up. A few thousand twists are milliseconds; no answer draws more.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.inside.wire import need

TWISTER = 624
TWISTS = 20_000  # some 12 million numbers drawn in one call
PCG_FACTOR, PCG_STATES = 0x2360ED051FC65DA44385DF649FCCF645, 1 << 128
TORCH_HEAD = struct.Struct("<QiiQ")
TORCH_TAIL = struct.Struct("<dddiifi")
NUMPY_TAIL = struct.Struct("<iid")
TORCH, NUMPY, PYTHON = range(3)


def capture() -> list[bytes]:
    """Return the three states."""
    state: Any = np.random.get_state()
    key, pos, has_gauss, gauss = state[1:]
    _, words, cached = random.getstate()
    return [
        torch.get_rng_state().numpy().tobytes(),
        key.tobytes() + NUMPY_TAIL.pack(pos, has_gauss, gauss),
        struct.pack("<625I", *words)
        + struct.pack("<id", cached is not None, cached or 0.0),
    ]


def restore(kind: int, state: bytes) -> None:
    """Set one of the three states."""
    if kind == TORCH:
        torch.set_rng_state(as_tensor(state))
    elif kind == NUMPY:
        pos, has_gauss, gauss = NUMPY_TAIL.unpack(state[TWISTER * 4 :])
        key = np.frombuffer(state[: TWISTER * 4], dtype=np.uint32)
        np.random.set_state(("MT19937", key, pos, has_gauss, gauss))
    else:
        cached, gauss = struct.unpack("<id", state[2500:])
        words = struct.unpack("<625I", state[:2500])
        random.setstate((3, words, gauss if cached else None))


def restore_all(states: list[bytes]) -> None:
    """Set all three states."""
    for kind, state in enumerate(states):
        restore(kind, state)


def reset() -> None:
    """Set all three states to the same ones in every process."""
    torch.default_generator.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


def as_tensor(state: bytes) -> Any:
    """Return a torch state as the tensor that torch wants."""
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def twister(kind: int, state: bytes) -> tuple[Any, int] | None:
    """Return (key, place in it) of a state; None where it is none."""
    if kind == TORCH:
        if len(state) != 5056:
            return None
        _, left, seeded, place = TORCH_HEAD.unpack(state[:24])
        key = np.frombuffer(state[24 : 24 + TWISTER * 8], dtype=np.uint64)
        tail = TORCH_TAIL.unpack(state[24 + TWISTER * 8 :])
        usual = place + left == TWISTER + 1 and 0 <= place <= TWISTER
        fresh = left == 1 and place == 0
        sane = all(math.isfinite(x) and abs(x) < 10 for x in (*tail[:3], tail[5]))
        ok = seeded == 1 and (usual or fresh) and sane and key.max() < 1 << 32
        return (key.astype(np.uint32), TWISTER if fresh else place) if ok else None
    if len(state) != (TWISTER * 4 + NUMPY_TAIL.size if kind == NUMPY else 2512):
        return None
    if kind == NUMPY:
        place, has, cached = NUMPY_TAIL.unpack(state[TWISTER * 4 :])
    else:
        place, has, cached = struct.unpack("<Iid", state[TWISTER * 4 :])
    sane = has in (0, 1) and math.isfinite(cached) and abs(cached) < 10
    key = np.frombuffer(state[: TWISTER * 4], dtype=np.uint32)
    return (key, place) if sane and 0 <= place <= TWISTER else None


def ahead(kind: int, before: bytes, after: bytes) -> bool:
    """Whether `after` is `before`, or `before` after some numbers were drawn.

    A torch state may also stem from a seed: it names the seed itself.
    """
    old, new = twister(kind, before), twister(kind, after)
    if old is None or new is None:
        return False
    if np.array_equal(old[0], new[0]):
        return new[1] >= old[1]
    if reached(old[0], new[0]):
        return True
    if kind == TORCH:
        seed = TORCH_HEAD.unpack(after[:24])[0]
        if seed != TORCH_HEAD.unpack(before[:24])[0]:
            fresh = torch.Generator().manual_seed(seed).get_state().numpy().tobytes()
            return ahead(kind, fresh, after)
    return False


def steps_ahead(before: dict[str, int], after: dict[str, int]) -> bool:
    """Whether a PCG64 gets from one state to the other within some million steps.

    It comes by every state in time, so how far away one lies is worked out, bit by bit.
    """
    state, target, add = before["state"], after["state"], before["inc"]
    if add != after["inc"]:
        return False
    factor, steps, bit = PCG_FACTOR, 0, 1
    while state != target:
        if (state ^ target) & bit:
            state, steps = (state * factor + add) % PCG_STATES, steps | bit
        add, factor = (factor + 1) * add % PCG_STATES, factor * factor % PCG_STATES
        bit <<= 1
    return steps < TWISTS * TWISTER


def tempered(key: Any) -> Any:
    """Return the numbers that a key gives before it is twisted."""
    y = key.astype(np.uint32)
    y = y ^ (y >> np.uint32(11))
    y = y ^ ((y << np.uint32(7)) & np.uint32(0x9D2C5680))
    y = y ^ ((y << np.uint32(15)) & np.uint32(0xEFC60000))
    return y ^ (y >> np.uint32(18))


def reached(key: Any, target: Any) -> bool:
    """Whether twisting a key some times gives another."""
    machine = np.random.MT19937(0)
    state = machine.state
    state["state"] = {"key": key, "pos": TWISTER}
    machine.state = state
    wanted, done, step = tempered(target), 0, 2
    while done < TWISTS:
        drawn = machine.random_raw(TWISTER * step).reshape(step, TWISTER)
        for row in np.flatnonzero(drawn[:, 0] == wanted[0]):
            if np.array_equal(drawn[row], wanted):
                return True
        done, step = done + step, min(step * 2, 64)
    return False


class SharedStates:
    """The random states that the other side has; what differs goes with a message."""

    def __init__(self, believes: Callable[[int, bytes | None, bytes], bool]) -> None:
        self.states: list[bytes | None] = [None, None, None]
        self.believes = believes

    def give(self, blob: Any) -> dict[str, Any]:
        """Return what to send, after adding the states' bytes to a blob."""
        now = capture()
        nodes = [
            None if state == self.states[kind] else blob.add(state)
            for kind, state in enumerate(now)
        ]
        self.states = list(now)
        return {"rng": nodes} if any(nodes) else {}

    def take(self, header: dict[str, Any], decoder: Any) -> None:
        """Take over the states that came, where they are believed."""
        nodes = header.get("rng") or [None] * 3
        need(isinstance(nodes, list) and len(nodes) == 3, "bad random states")
        for kind, node in enumerate(nodes):
            if node is None:
                continue
            after = bytes(decoder.bytes_of(*node))
            if self.believes(kind, self.states[kind], after):
                restore(kind, after)
                self.states[kind] = after
            else:
                self.states[kind] = None
