"""How many bytes batch norm must move: the model behind every percentage of lesson 06.

A tensor too large for the caches crosses the memory bus each time it is read or written. Two passes means
that the statistics are finished before the first output is written, and that the input is then read again.
"""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

Operation = Literal["inference", "training", "backward"]

# How often the whole tensor crosses the bus: reads and writes together.
TWO_PASSES = {"inference": 2, "training": 3, "backward": 5}
READ_ONCE = {"inference": 2, "training": 2, "backward": 3}


def bytes_moved(shape: tuple[int, ...], dtype, op: Operation) -> int:
    """The least traffic of `op` in bytes, with two passes over the input.

    "inference" reads x and writes y: 2 times the tensor. "training" reads x twice: 3 times. "backward" reads
    x and dy for its two sums, and again for dx: 5 times. Vectors a channel long are not counted.

    Args:
        shape: of x.
        dtype: NumPy's, torch's or a name, such as "bfloat16".
        op: "inference", "training" or "backward".

    Raises:
        ValueError: op is none of these, or no type is called `dtype`.
    """
    return _times(TWO_PASSES, op) * math.prod(shape) * itemsize(dtype)


def bytes_read_once(shape: tuple[int, ...], dtype, op: Operation) -> int:
    """The least traffic in bytes where every value is read once, and kept until the statistics are known."""
    return _times(READ_ONCE, op) * math.prod(shape) * itemsize(dtype)


def crossings(work: Callable[[], object], shape: tuple[int, ...]) -> int:
    """How often tensors of `shape` are read or written by the torch operations that `work()` runs.

    Each operation by itself reads its operands and writes its result; a view does neither. What autograd
    runs on behalf of `work` counts too. (An operation that is fused inside counts as the one that it is.)
    """
    count = 0

    def large(value: object) -> bool:  # stride 0: one number, shown as many
        return isinstance(value, torch.Tensor) and value.shape == shape and 0 not in value.stride()

    class Count(TorchDispatchMode):
        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            nonlocal count
            result = operation(*args, **(kwargs or {}))
            if not operation.is_view:
                count += len({id(value) for value in args if large(value)}) + large(result)
            return result

    with Count():
        work()
    return count


def itemsize(dtype) -> int:
    """Bytes of a value of type `dtype`: NumPy's, torch's or a name."""
    if isinstance(dtype, str) and isinstance(getattr(torch, dtype, None), torch.dtype):
        dtype = getattr(torch, dtype)  # NumPy knows no bfloat16
    if isinstance(dtype, torch.dtype):
        return dtype.itemsize
    try:
        return np.dtype(dtype).itemsize
    except TypeError:
        raise ValueError(
            f"dtype is {dtype!r}; it must be a type of NumPy's or torch's, or its name"
        ) from None


def _times(passes: dict[str, int], op: str) -> int:
    if op not in passes:
        raise ValueError(f"op is {op!r}; it must be one of {', '.join(passes)}")
    return passes[op]
