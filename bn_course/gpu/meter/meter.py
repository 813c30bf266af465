"""The meter: runs a kernel over its grid and writes down every load and store."""

import inspect
from collections.abc import Callable
from itertools import chain, product, repeat
from typing import Any

import numpy as np
import torch
import triton.language as tl
from triton.runtime import interpreter

from bn_course.gpu.meter.interpreting import KERNELS, interpreted, python_of, runnable
from bn_course.gpu.meter.launch import Access, Launch
from bn_course.gpu.meter.memory import Memory, Region, stretch

_ATOMICS = {
    "ADD": np.add, "FADD": np.add, "MIN": np.minimum, "UMIN": np.minimum, "MAX": np.maximum,
    "UMAX": np.maximum, "AND": np.bitwise_and, "OR": np.bitwise_or, "XOR": np.bitwise_xor,
}  # fmt: skip


class Meter:
    """Counts what kernels do to memory. Tensors that come again keep their names and what was written.

    As a context manager it meters every kernel that is launched meanwhile, by whatever code:

        with Meter() as meter:
            fused.forward(...)
        meter.launches
    """

    def __init__(self, backwards: bool = False):
        """`backwards`: the programs run in the opposite order; what changes then depended on the order."""
        self.backwards = backwards
        self.memory = Memory()
        self.launches: list[Launch] = []

    def launch(
        self, kernel: Any, grid: tuple[int, ...], *args, fresh: tuple[str, ...] = (), **options
    ) -> Launch:
        """Run `kernel[grid](*args, **options)` and count.

        Args:
            kernel: a function under `@triton.jit`.
            grid: the programs along each of up to three axes.
            args: dense torch tensors on the CPU, and numbers; tensors are written to as on a GPU.
            fresh: names of tensors, without `_ptr`, whose memory nobody has written yet.
            options: further arguments by name; those of the compiler, such as `num_warps`, say nothing here.
        """
        function = python_of(kernel)
        parameters = inspect.signature(function).parameters
        of_the_compiler = set() if _takes_any(parameters) else options.keys() - parameters.keys()
        given = {name: options[name] for name in options.keys() - of_the_compiler}

        regions: dict[str, Region] = {}  # of this launch, by the names that its kernel gives them

        def placed(parameter: str, value: Any) -> Any:
            if not isinstance(value, torch.Tensor):
                constant = _is_constant(parameters.get(parameter))
                return value if constant else interpreter._implicit_cvt(value)
            name = parameter.removesuffix("_ptr")
            region = self.memory.place(name, value, name in fresh)
            if all(region is not known for known in regions.values()):
                regions[name] = region
            return _pointer(region)

        names = chain(parameters, repeat("argument"))  # of what a function takes in a lump
        positional = [placed(*pair) for pair in zip(names, args, strict=False)]
        by_name = {name: placed(name, value) for name, value in given.items()}
        grid = tuple(grid(given) if callable(grid) else grid)
        launch = Launch(function.__name__, grid, {name: r.values.size for name, r in regions.items()})
        bus = _Bus(regions, launch)
        self._run(lambda: runnable(function)(*positional, **by_name), bus)
        self.launches.append(launch)
        return launch

    def _run(self, program: Callable[[], None], bus: "_Bus") -> None:
        builder = interpreter.interpreter_builder
        size = (*bus.launch.grid, 1, 1)[:3]
        numbered = list(enumerate(product(*map(range, size))))
        with interpreted(bus):
            builder.set_grid_dim(*size)
            for bus.program, place in reversed(numbered) if self.backwards else numbered:
                builder.set_grid_idx(*place)
                program()

    def __enter__(self) -> "Meter":
        self._kept = [(kind, kind.run) for kind in KERNELS]
        for kind, _ in self._kept:
            kind.run = self._metered
        return self

    @property
    def _metered(self) -> Callable:
        return lambda kernel, *args, grid, warmup, **options: self.launch(kernel, grid, *args, **options)

    def __exit__(self, *_) -> None:
        for kind, run in self._kept:
            kind.run = run


class _Bus:
    """Where the interpreter's loads and stores come out."""

    def __init__(self, regions: dict[str, Region], launch: Launch):
        self.launch = launch
        self.regions = {stretch(region.address): (name, region) for name, region in regions.items()}
        self.program = 0

    @property
    def half_sums(self) -> int:
        return self.launch.half_sums

    @half_sums.setter
    def half_sums(self, count: int) -> None:
        self.launch.half_sums = count

    def load(self, pointers, mask, other, *_):
        region, at, active = self._reach(pointers, mask, "read")
        kind = pointers.get_element_ty()
        values = np.zeros(pointers.data.shape, interpreter._get_np_dtype(kind))
        if other is not None:
            values[...] = other.data
        if region is not None:
            values[active] = region.values[at[active]]
            values[_lost(mask, active)] = _nothing(values.dtype)
        return interpreter.TensorHandle(values, kind)

    def store(self, pointers, value, mask, *_):
        region, at, active = self._reach(pointers, mask, "write")
        if region is not None:
            region.values[at[active]] = np.broadcast_to(value.data, at.shape)[active]
            region.written[at[active]] = True

    def atomic(self, operation, pointers, value, mask, *_):
        region, at, active = self._reach(pointers, mask, "atomic")
        before = np.zeros(pointers.data.shape, value.data.dtype)
        if region is None:
            return interpreter.TensorHandle(before, value.dtype.scalar)
        values, where = np.broadcast_to(value.data, at.shape)[active], at[active]
        before[active] = region.values[where]
        if operation.name == "XCHG":
            region.values[where] = values
        else:
            _ATOMICS[operation.name].at(region.values, where, values)
        region.written[where] = True
        return interpreter.TensorHandle(before, value.dtype.scalar)

    def _reach(self, pointers, mask, kind: str):
        """The tensor that the pointers mean, the elements, and which lanes are on and within it."""
        addresses = pointers.data.astype(np.int64)
        on = np.broadcast_to(mask.data.astype(bool), addresses.shape)
        if not on.any():
            return self._idle(kind, on)
        name, region = self.regions.get(stretch(int(addresses[on].flat[0])), (None, None))
        if region is None:
            raise IndexError("it asks for an address that belongs to no tensor")
        if pointers.get_element_ty() != region.type:
            raise TypeError(f"{name} holds {region.type}; the pointer is to {pointers.get_element_ty()}")
        at, rest = np.divmod(addresses - region.address, region.itemsize)
        within = on & (at >= 0) & (at < region.values.size) & (rest == 0)
        elements = at[within]
        self.launch.accesses.append(
            Access(
                self.program, name, kind, elements, region.itemsize, region.address,
                masked=int((~on).sum()), beyond=int((on & ~within).sum()),
                unwritten=0 if kind == "write" else int((~region.written[np.unique(elements)]).sum()),
            )
        )  # fmt: skip
        return region, at, within

    def _idle(self, kind: str, on: np.ndarray):
        """An access all of whose lanes are off."""
        nothing = np.zeros(0, np.int64)
        self.launch.accesses.append(Access(self.program, "", kind, nothing, 1, masked=on.size))
        return None, None, None


def _lost(mask, active: np.ndarray) -> np.ndarray:
    """Lanes that are on and got nothing."""
    return np.broadcast_to(mask.data.astype(bool), active.shape) & ~active


def _nothing(kind: np.dtype):
    """What stands beyond the end of a tensor: nobody knows; here NaN, or the largest number."""
    return np.nan if kind.kind == "f" else False if kind.kind == "b" else np.iinfo(kind).max


def _pointer(region: Region) -> tl.tensor:
    kind = tl.pointer_type(region.type)
    return tl.tensor(interpreter.TensorHandle(np.array([region.address], np.uint64), kind), kind)


def _takes_any(parameters) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())


def _is_constant(parameter: inspect.Parameter | None) -> bool:
    """Is it known when the kernel is compiled?"""
    return parameter is not None and parameter.annotation in (tl.constexpr, "tl.constexpr")
