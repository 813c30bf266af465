"""A kernel as Python that runs: Triton's interpreter, whether or not the process asked for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import triton.language as tl
from triton.runtime import interpreter
from triton.runtime.jit import JITFunction

KERNELS = (JITFunction, interpreter.InterpretedFunction)
HALF = (tl.float16, tl.bfloat16)


def python_of(kernel: Any) -> Callable:
    """The Python function under a kernel, or the function itself."""
    return getattr(kernel, "fn", kernel)


@cache
def runnable(function: FunctionType) -> Callable:
    """`function` as the interpreter wants it, in a namespace of its own: the caller's stays as it is."""
    apart = dict(function.__globals__)
    code, name, defaults, closure = (
        getattr(function, f"__{n}__") for n in ("code", "name", "defaults", "closure")
    )
    copied = FunctionType(code, apart, name, defaults, closure)
    copied.__annotations__, copied.__kwdefaults__ = function.__annotations__, function.__kwdefaults__
    try:
        made = interpreter.FunctionRewriter(copied).rewrite_ast()
    except (SyntaxError, OSError, KeyError, ValueError, TypeError):  # a function without source: a lambda
        made = copied
    made.__defaults__ = function.__defaults__  # it may be a copy of what stands in the source
    return made


@contextmanager
def interpreted(bus: Any) -> Iterator[None]:
    """Within it Triton's operations are NumPy's, and loads and stores go to `bus`."""
    builder = interpreter.interpreter_builder
    hooks = {
        "create_masked_load": bus.load,
        "create_masked_store": bus.store,
        "create_atomic_rmw": bus.atomic,
        "binary_op": _counted_binary(builder, bus),
        "cast_impl": _cast(builder),
        "options": replace(builder.options, sanitize_overflow=False),  # half of the time, else
    }
    scope = interpreter._patch_lang(SimpleNamespace(__globals__={"tl": tl, "core": tl.core}))
    scope.set_attr(interpreter.ReduceOps, "sum", _counted_sum(bus))
    for kind in KERNELS:  # tl.sum and its like are kernels that a kernel calls
        scope.set_attr(kind, "__call__", lambda self, *args, **kwargs: runnable(self.fn)(*args, **kwargs))
    before = dict(vars(builder))
    try:
        vars(builder).update(hooks)
        yield
    finally:
        scope.restore()
        vars(builder).clear()
        vars(builder).update(before)


def _counted_sum(bus) -> Callable:
    plain = interpreter.ReduceOps.sum

    def counted(self, numbers):
        kind = numbers.dtype.scalar
        bus.half_sums += kind in HALF
        if kind != tl.bfloat16:
            return plain(self, numbers)
        total = np.sum(wide(numbers.handle.data), axis=self.axis, keepdims=self.keep_dims)
        return self.to_tensor(narrow(total), kind)

    return counted


def _counted_binary(builder, bus) -> Callable:
    """Arithmetic; in bfloat16, which NumPy does not know, by way of float32, and rounded."""
    plain = type(builder).binary_op

    def binary(lhs, rhs, op):
        kind = lhs.dtype.scalar
        bus.half_sums += kind in HALF and op is np.add
        if kind != tl.bfloat16:
            return plain(builder, lhs, rhs, op)
        result = op(wide(lhs.data), wide(rhs.data) if rhs.dtype.scalar == tl.bfloat16 else rhs.data)
        return interpreter.TensorHandle(result if result.dtype == bool else narrow(result), kind)

    return binary


def _cast(builder) -> Callable:
    """Conversions; to bfloat16 rounded to the nearest, as a GPU does it."""
    plain = type(builder).cast_impl

    def cast(src, kind):
        old, new = src.dtype.scalar, kind.scalar
        if old == tl.bfloat16 and new != tl.bfloat16:
            src, old = interpreter.TensorHandle(wide(src.data), tl.float32), tl.float32
        if new == tl.bfloat16 and old != tl.bfloat16:
            return interpreter.TensorHandle(narrow(src.data.astype(np.float32)), tl.bfloat16)
        return src if old == new else plain(builder, src, kind)

    return cast


def wide(bits: np.ndarray) -> np.ndarray:
    """bfloat16, given as its bits, in float32: the same sixteen bits and sixteen zeros."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def narrow(values: np.ndarray) -> np.ndarray:
    """The bits of the nearest bfloat16 to each float32, ties to the even one."""
    bits = np.asarray(values, np.float32, order="C").view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(values), 0x7FC0, rounded).astype(np.uint16)
