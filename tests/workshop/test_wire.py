"""Messages carry plain values there and back, and hostile bytes raise Garbled alone."""

import json
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bn_course.drivers.outcome import Failure, Foreign, Outcome
from bn_course.drivers.wire import LARGEST, Garbled, frame_size, pack, unpack


@pytest.mark.parametrize(
    "value",
    [None, ..., True, 3, 0.1, float("inf"), "σ", (1, (2.0, "x")), [1, [2]], {"a": (1,)}, Foreign("dict")],
)
def test_plain_values_come_back(value):
    assert unpack(pack(value)) == value


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "bool", "complex128", ">f4"])
def test_arrays_come_back_to_the_bit(dtype):
    array = np.arange(12).reshape(3, 4).astype(dtype)[:, ::2]
    back = unpack(pack((array, np.array(2.5))))
    assert back[0].dtype == array.dtype
    assert np.array_equal(back[0], array)
    assert back[1].shape == ()


def test_outcomes_come_back():
    for outcome in (
        Outcome(value="a", mutated=(0, 2)),
        Outcome(failure=Failure("ValueError", "no", "line 1: x")),
    ):
        assert unpack(pack(outcome)) == outcome


def framed(header, body=b""):
    text = json.dumps(header).encode()
    return struct.pack(">QQ", len(text), len(body)) + text + body


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xff" * 16,
        framed([1]),
        framed({"array": "O", "shape": [1]}, b"\0" * 8),
        framed({"array": "<f8", "shape": [10**9]}, b"\0" * 8),
        framed({"array": "<f8", "shape": [-1]}, b"\0" * 8),
        framed({"array": "<f8", "shape": ["1"]}, b"\0" * 8),
        framed({"array": "V8", "shape": [1]}, b"\0" * 8),
        framed({"what": 1}),
        framed({"outcome": 1, "failure": 3, "mutated": []}),
        struct.pack(">QQ", 200_000, 0) + b'{"tuple":[' * 20_000,
    ],
)
def test_malformed_messages_are_garbled(frame):
    with pytest.raises(Garbled):
        unpack(frame)


def test_a_size_beyond_reason_is_refused_before_it_is_read():
    with pytest.raises(Garbled, match="largest allowed"):
        frame_size(struct.pack(">QQ", 10, LARGEST))


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_at_all(data):
    with suppress(Garbled):
        unpack(struct.pack(">QQ", len(data), 0) + data)
