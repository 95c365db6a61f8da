# ruff: noqa: E501 (cases stand in tables)
"""The wire: plain data comes back as it was; anything else is refused, cheaply."""

import collections
import json
import math
import random
import socket
import struct
import time
import types

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.diagnosis import observed, values
from autograder.inside import decode, randomness, wire
from autograder.inside.arguments import fingerprint, has_changed, replace
from autograder.inside.channel import Channel, Closed, Output
from autograder.inside.decode import Decoder
from autograder.inside.encode import DTYPES, Encoder
from autograder.inside.wire import BOUNDS, FRAME_HEAD, WireError, frame, read_header
from tests.support.pace import PATIENCE


def there_and_back(value):
    encoder = Encoder()
    raw = b"".join(bytes(part) for part in encoder.frame({"v": encoder.node(value)}))
    length, size = FRAME_HEAD.unpack(raw[: FRAME_HEAD.size])
    end = FRAME_HEAD.size + length
    assert len(raw) == end + size
    header = read_header(raw[FRAME_HEAD.size : end])
    return Decoder(bytearray(raw[end:])).value(header["v"])


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary()
    | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner)
    | st.dictionaries(st.text() | st.integers(), inner)
    | st.sets(st.integers()) | st.frozensets(st.text()),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(plain)
def test_plain_data_comes_back_as_it_was(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("name", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (5,), (2, 3, 5)])
def test_a_tensor_comes_back_as_it_was(name, shape):
    tensor = torch.randint(0, 2, shape).to(DTYPES[name])
    back = there_and_back(tensor)
    assert back.dtype is tensor.dtype and back.shape == tensor.shape
    assert torch.equal(back, tensor)


@pytest.mark.parametrize(
    "dtype", ["b1", "i1", "u2", "<i8", "f2", ">f8", "c8", "<M8[D]"]
)
def test_an_array_comes_back_as_it_was(dtype):
    array = np.arange(2 * 3).reshape(2, 3).astype(dtype)
    for view in (array, array.T, array[:, ::2], array[:0], array[0, 0]):
        back = there_and_back(view)
        assert type(back) is type(view) and back.shape == view.shape
        assert np.array_equal(back, view) and back.dtype == view.dtype.newbyteorder("=")


LAYOUTS = {
    "transposed": lambda x: x.transpose(0, 2),
    "every other": lambda x: x[:, ::2],
    "expanded": lambda x: x[:1].expand(7, -1, -1),
    "a corner": lambda x: x[1:, 1:, 1:],
    "flipped": lambda x: x.flip(0),
    "one element far away": lambda x: x[0, 0, ::4],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_strides_come_back_and_gaps_stay_here(name):
    view = LAYOUTS[name](torch.arange(1.0, 2 * 3 * 5 + 1).reshape(2, 3, 5))
    encoder = Encoder()
    node = encoder.node(view)
    blob = bytearray(b"".join(bytes(part) for part in encoder.blob.parts))
    back = Decoder(blob).value(node)
    assert torch.equal(back, view) and back.stride() == view.stride()
    sent = set(torch.frombuffer(blob, dtype=torch.float32).tolist())
    assert sent - {0.0} <= set(view.flatten().tolist())


def test_nan_and_infinity_cross():
    back = there_and_back([math.nan, math.inf, -math.inf, -0.0])
    assert math.isnan(back[0]) and back[1:3] == [math.inf, -math.inf]
    assert math.copysign(1, back[3]) == -1


class Liar(str):
    def __eq__(self, other):
        return True

    def __str__(self):
        return "lie"

    __hash__ = str.__hash__


class Always(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return "always"


def test_what_only_pretends_arrives_as_its_plain_data():
    assert type(there_and_back(Liar("a"))) is str and there_and_back(Liar("a")) == "a"
    tensor = torch.ones(3).as_subclass(Always)
    back = there_and_back(tensor)
    assert type(back) is torch.Tensor and torch.equal(back, torch.ones(3))

    class Dict(dict):
        def items(self):
            return [("other", 1)]

    assert there_and_back(Dict(a=1)) == {"a": 1}


@pytest.mark.parametrize("value", [object(), open, print, json, lambda: 1])
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(TypeError, match="can't be handed over"):
        there_and_back(value)


def test_a_list_in_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(TypeError, match="nested too deeply"):
        there_and_back(loop)


BAD = {
    "a tag that is none": ["nothing"],
    "no tag": [],
    "a number as tag": [1],
    "a dict": {"a": 1},
    "too few parts": ["T", "float32"],
    "a dtype that is none": ["T", "object", [1], None, 0, 8, False],
    "a dtype of objects": ["A", "|O8", [1], "C", 0, 8],
    "a dtype with fields": ["A", "<f8,<f8", [1], "C", 0, 16],
    "bytes outside the blob": ["b", 8, 99],
    "a negative start": ["b", -8, 8],
    "a start that is no number": ["b", "0", 8],
    "bytes of another shape": ["T", "float32", [3], None, 0, 8, False],
    "a negative axis": ["T", "float32", [-2], None, 0, 8, False],
    "a giant": ["T", "float32", [1 << 30, 1 << 30], None, 0, 8, False],
    "an empty giant": ["T", "int8", [1 << 50, 0], None, 0, 0, False],
    "many axes": ["T", "float32", [1] * 20, None, 0, 4, False],
    "negative strides": ["T", "float32", [2], [-1], 0, 8, False],
    "strides past the end": ["T", "float32", [2], [9], 0, 8, False],
    "strides of another length": ["T", "float32", [2], [1, 1], 0, 8, False],
    "a true stride": ["T", "float32", [2], [True], 0, 8, False],
    "a key that can't be hashed": ["d", [[["l", []], 1]]],
    "a pair of three": ["d", [[1, 2, 3]]],
    "a name that is code": ["n", "x); import os", ["a"], [1]],
    "an attribute with underscores": ["o", [["__class__", 1]]],
    "texts that are none": ["Au", [1], [1]],
    "texts of another shape": ["Au", [3], ["a"]],
    "a generator's state that is none": ["g", 0, 8],
    "a giant range": ["r", 1, 2, 0],
    "an argument": ["@", 0],
    "a pickle": ["P", 0, 8],
}


@pytest.mark.parametrize("name", BAD)
def test_a_lie_is_refused(name):
    with pytest.raises((WireError, ValueError)):
        Decoder(bytearray(16)).value(BAD[name])


def test_bytes_that_are_no_booleans_become_booleans():
    tensor = Decoder(bytearray([0, 1, 2, 255])).value(
        ["T", "bool", [4], None, 0, 4, False]
    )
    array = Decoder(bytearray([0, 1, 2, 255])).value(["A", "|b1", [4], "C", 0, 4])
    assert tensor.tolist() == array.tolist() == [False, True, True, True]
    assert (tensor == torch.tensor([False, True, True, True])).all()


@settings(max_examples=300, deadline=None)
@given(st.recursive(
    st.none() | st.integers(-9, 1 << 70) | st.sampled_from([*sorted(wire.TAGS), "float32"]),
    lambda inner: st.lists(inner, max_size=7), max_leaves=30,
))  # fmt: skip
def test_nonsense_is_refused_or_read_and_nothing_else(node):
    try:
        Decoder(bytearray(64)).value(node)
    except (WireError, ValueError, TypeError, AttributeError, KeyError):
        pass


@pytest.mark.parametrize(
    "raw",
    [b"", b"nonsense", b"[1]", b"\xff\xfe", b'{"v":NaN}', b'{"v":Infinity}', b"[" * 10**6,
     b'{"v":' + b"[" * 300 + b"]" * 300 + b"}", b'{"v":' * 300 + b"1" + b"}" * 300, b'{"v":[' + b"1," * (1 << 20) + b"1]}"],
)  # fmt: skip
def test_a_header_that_is_none_is_refused(raw):
    with pytest.raises(WireError):
        read_header(raw)


def pair():
    ours, theirs = socket.socketpair()
    return Channel(ours), theirs


@pytest.mark.parametrize(
    "sizes", [(BOUNDS.header + 1, 0), (2, BOUNDS.blob + 1), (2, 1 << 60)]
)
def test_sizes_are_checked_before_anything_is_read(sizes):
    channel, other = pair()
    other.send(struct.pack(">IQ", *sizes))
    with pytest.raises(WireError):
        channel.receive(time.monotonic() + PATIENCE)
    channel.close()
    other.close()


def test_a_peer_that_says_nothing_is_not_waited_for():
    channel, other = pair()
    with pytest.raises(TimeoutError):
        channel.receive(time.monotonic() + 0.05)
    other.send(b"abc")
    with pytest.raises(TimeoutError):
        channel.receive(time.monotonic() + 0.05)
    other.close()
    with pytest.raises(Closed):
        channel.receive(time.monotonic() + PATIENCE)
    channel.close()


def test_a_peer_that_does_not_listen_is_not_waited_for():
    channel, other = pair()
    with pytest.raises(TimeoutError):
        channel.send(frame({}, bytes(1 << 24)), time.monotonic() + 0.1)
    channel.close()
    other.close()


def test_output_keeps_what_is_allowed():
    output = Output(20, 6)
    output.add(b"ab\ncdefghijk\n")
    output.add(b"lm")
    output.add(b"nopqrstu\nv\n")
    output.add(b"w\n")
    text = output.take()
    assert text.startswith("ab\ncdefgh [line cut]\n") and text.endswith(
        "[output cut]\n"
    )
    assert output.take() == ""


# Random states.
def states():
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    return randomness.capture()


DRAWS = {
    randomness.TORCH: [
        lambda: torch.rand(1),
        lambda: torch.randn(3000),
        lambda: torch.rand(9**5),
    ],
    randomness.NUMPY: [lambda: np.random.rand(), lambda: np.random.normal(size=5001)],
    randomness.PYTHON: [
        random.random,
        lambda: [random.gauss(0, 1) for _ in range(3001)],
    ],
}


@pytest.mark.parametrize("kind", DRAWS)
def test_a_state_is_ahead_after_drawing(kind):
    for draw in DRAWS[kind]:
        before = states()[kind]
        draw()
        after = randomness.capture()[kind]
        assert randomness.ahead(kind, before, after)
        assert randomness.ahead(kind, before, before)
        assert not randomness.ahead(kind, after, before)


@pytest.mark.parametrize("kind", DRAWS)
def test_a_state_made_by_hand_is_not_ahead(kind):
    before = states()[kind]
    for place in (24, 100, 700, 2000):
        made = bytearray(before)
        made[place] ^= 1
        assert not randomness.ahead(kind, before, bytes(made))
    assert not randomness.ahead(kind, before, bytes(len(before)))
    assert not randomness.ahead(kind, before, b"")


def test_a_state_of_torch_may_stem_from_a_seed_that_it_names():
    before = states()[randomness.TORCH]
    torch.manual_seed(99)
    torch.rand(1000)
    assert randomness.ahead(
        randomness.TORCH, before, randomness.capture()[randomness.TORCH]
    )


def test_states_are_set_as_they_were_captured():
    states()
    torch.randn(1), np.random.randn(), random.gauss(0, 1)
    before = randomness.capture()
    numbers = [
        (torch.randn(3).tolist(), np.random.randn(), random.gauss(0, 1)) for _ in "ab"
    ]
    randomness.restore_all(before)
    again = [
        (torch.randn(3).tolist(), np.random.randn(), random.gauss(0, 1)) for _ in "ab"
    ]
    assert numbers == again


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (torch.zeros(3), lambda x: x.add_(1)),
        (torch.zeros(2, 3).T, lambda x: x[0].fill_(1)),
        (torch.tensor(math.nan), lambda x: x.fill_(1)),
        (np.zeros(3), lambda x: x.fill(1)),
        ([1, 2], lambda x: x.append(3)),
        ([1, 2], lambda x: x.reverse()),
        ({1: 2}, lambda x: x.update({1: 3})),
        ({1: 2, 3: 4}, lambda x: x.pop(1)),
        ({1}, lambda x: x.add(2)),
        (bytearray(b"a"), lambda x: x.extend(b"b")),
        (torch.Generator(), lambda x: torch.rand(3, generator=x)),
        (np.random.default_rng(1), lambda x: x.random()),
    ],
)
def test_a_change_is_noticed_and_carried_over(value, change):
    copy = there_and_back(value)
    before = fingerprint(value)
    assert not has_changed(value, before)
    change(value)
    assert has_changed(value, before)
    replace(copy, there_and_back(value))
    assert fingerprint(copy) == fingerprint(value)


def test_each_tag_of_plain_data_is_listed_and_read_on_both_sides():
    assert set(decode.DECODERS) == set(wire.TAGS) == set(values.READERS)
    assert not set(wire.TAGS) & set(wire.OWN_TAGS)


SAMPLES = [
    math.nan, 1 + 2j, [1], (1,), collections.namedtuple("P", "x")(1), {"a": 1},
    types.SimpleNamespace(a=1), {1}, frozenset({1}), b"a", bytearray(b"a"),
    torch.ones(2), np.ones(2), np.float32(1), np.array(["a"]), np.str_("a"),
    torch.Generator(), np.random.default_rng(0), slice(1), range(2), torch.Size([2]),
    ..., torch.float32, np.dtype("f4"), torch.device("cpu"),
]  # fmt: skip


def test_each_tag_of_plain_data_is_written_for_some_value():
    nodes = [Encoder().node(value) for value in SAMPLES]
    assert {node[0] for node in nodes} == set(wire.TAGS)


def test_what_a_side_adds_is_listed_too():
    taken = observed.incoming({}, None).keys() | observed.outgoing({}, None).keys()
    assert taken == set(wire.OWN_TAGS)


def test_brackets_in_a_string_are_no_nesting():
    text = "[{" * 500 + '\\"' + "[" * 500
    assert read_header(json.dumps({"text": text}).encode()) == {"text": text}


def test_data_as_deep_as_it_may_be_crosses():
    value = 1
    for _ in range(BOUNDS.depth - 1):
        value = {"a": value}
    assert there_and_back(value) == value
