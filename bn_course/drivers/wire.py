"""Plain values between two processes, in a format that cannot carry code.

A message is a JSON header and the raw bytes of its arrays. Reading one builds numbers, strings, tuples,
lists, dicts and arrays of numbers, and nothing else; whatever is malformed raises `Garbled`.
"""

import json
import struct
from dataclasses import asdict
from math import prod
from typing import Any

import numpy as np

from bn_course.drivers.outcome import Failure, Foreign, Outcome

_SIZES = struct.Struct(">QQ")  # of the header and of the arrays, in bytes
LARGEST = 64 * 2**20


class Garbled(ValueError):  # noqa: N818 - what the other side sent is, not this program
    """A message that is not of this format, or larger than any answer needs to be."""


def pack(message: Any) -> bytes:
    """One message, framed by its sizes."""
    arrays: list[np.ndarray] = []
    header = json.dumps(_encode(message, arrays)).encode()
    body = b"".join(array.tobytes() for array in arrays)
    return _SIZES.pack(len(header), len(body)) + header + body


def frame_size(start: bytes) -> int | None:
    """How many bytes the message that begins like this has in all; None while that is not known."""
    if len(start) < _SIZES.size:
        return None
    size = sum(_SIZES.unpack(start[: _SIZES.size]))
    if size > LARGEST:
        raise Garbled(f"a message of {size} bytes; the largest allowed has {LARGEST}")
    return _SIZES.size + size


def unpack(frame: bytes) -> Any:
    """The message in a whole frame."""
    try:
        length, _ = _SIZES.unpack(frame[: _SIZES.size])
        header = frame[_SIZES.size : _SIZES.size + length]
        return _decode(json.loads(header), _Reader(frame[_SIZES.size + length :]))
    except Garbled:
        raise
    except Exception as error:  # hostile bytes can fail in any way; all of them mean the same
        raise Garbled(f"not a message: {type(error).__name__}") from None


class _Reader:
    def __init__(self, body: bytes):
        self.body = body
        self.at = 0

    def take(self, dtype: str, shape: list[int]) -> np.ndarray:
        kind = np.dtype(dtype)
        if kind.kind not in "biufc" or any(not isinstance(n, int) or n < 0 for n in shape):
            raise Garbled(f"an array of {dtype} and shape {shape}")
        size = prod(shape) * kind.itemsize
        if self.at + size > len(self.body):
            raise Garbled("an array that is longer than its message")
        data = self.body[self.at : self.at + size]
        self.at += size
        return np.frombuffer(data, dtype=kind).reshape(shape).copy()


def _encode(value: Any, arrays: list[np.ndarray]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if value is ...:
        return {"ellipsis": True}
    if isinstance(value, (np.ndarray, np.generic)):
        arrays.append(np.asarray(value))
        return {"array": arrays[-1].dtype.str, "shape": arrays[-1].shape}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [_encode(item, arrays) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[key, _encode(item, arrays)] for key, item in value.items()]}
    if isinstance(value, Foreign):
        return {"foreign": value.type_name}
    if isinstance(value, Outcome):
        failure = asdict(value.failure) if value.failure else None
        return {
            "outcome": _encode(value.value, arrays),
            "failure": failure,
            "mutated": list(value.mutated),
        }
    raise TypeError(f"a message cannot hold a {type(value).__name__}")


def _decode(value: Any, reader: _Reader) -> Any:
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise Garbled("a bare list")
        return value
    if "ellipsis" in value:
        return ...
    if "array" in value:
        return reader.take(value["array"], value["shape"])
    for name, kind in (("tuple", tuple), ("list", list)):
        if name in value:
            return kind(_decode(item, reader) for item in value[name])
    if "dict" in value:
        return {str(key): _decode(item, reader) for key, item in value["dict"]}
    if "foreign" in value:
        return Foreign(str(value["foreign"])[:100])
    result = _decode(value["outcome"], reader)
    return Outcome(result, _failure(value["failure"]), tuple(int(i) for i in value["mutated"]))


def _failure(fields: dict | None) -> Failure | None:
    if fields is None:
        return None
    said = (str(fields[name])[:300] for name in ("type_name", "message", "line"))
    return Failure(*said, tuple(str(base)[:300] for base in fields["bases"]))
