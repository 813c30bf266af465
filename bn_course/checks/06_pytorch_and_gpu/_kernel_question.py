"""What the questions about kernels share: a kernel that loads late, and what must hold of what it did."""

from collections.abc import Callable
from functools import cache, cached_property, partial
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np

from bn_course.drivers.kernels import CONDUCT, GOOD
from bn_course.grading.question import Probe, Property

LAYOUTS = ("channels first", "channels last")


class Kernel:
    """A kernel of `_kernels`, loaded when it is launched: importing the checks loads no Triton."""

    def __init__(self, module: str, name: str, **knobs: Any):
        self.__name__ = self.__qualname__ = name
        self.module, self.knobs = module, knobs

    @property
    def jitted(self) -> Any:
        """Triton's own, to be launched on a device."""
        return getattr(import_module(f"{__package__}._kernels.{self.module}"), self.__name__)

    @cached_property
    def fn(self) -> FunctionType:
        """Its Python function, the knobs set."""
        function = self.jitted.fn
        if not self.knobs:
            return function
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        known = dict(zip(reversed(names), reversed(function.__defaults__), strict=False)) | self.knobs
        defaults = tuple(known[name] for name in names if name in known)
        copied = FunctionType(
            function.__code__, function.__globals__, self.__name__, defaults, function.__closure__
        )
        copied.__annotations__ = function.__annotations__
        return copied

    def __call__(self, *args):
        raise TypeError(f"{self.__name__} is a kernel: it is launched over a grid, not called")


@cache
def _with_knobs(module: str, name: str, knobs: tuple) -> Kernel:
    return Kernel(module, name, **dict(knobs))


def variant_of(module: str) -> Callable[..., Kernel]:
    """The factory of a module's kernel with knobs."""
    return partial(_variant, module)


def _variant(module: str, **knobs: Any) -> Kernel:
    return _with_knobs(module, f"{module}_variant", tuple(sorted(knobs.items())))


def returns(*values: str) -> tuple[str, ...]:
    """The names of the numbers, and of what is said of the kernel's conduct."""
    return (*values, *CONDUCT)


def _fault(position: int, sentence: str, args: tuple, value: tuple) -> str | None:
    said = value[position - len(CONDUCT)]
    return None if said == GOOD[position] else sentence.format(said)


_SENTENCES = {
    "every byte once": "what it reads and writes of the large tensors is {} the least",
    "whole sectors": "neighbouring lanes ask for numbers that lie apart: of the sectors it fetches it uses a part",
    "all programs have work": "one program has far more to do than the others",
    "sums in float32": "it adds up in float16 or bfloat16",
    "within the tensors": "it reads or writes beyond a tensor's end, or reads what nobody wrote",
    "no races": "two programs use one address, and one of them writes it",
    "the same bits in any order": "run in another order, the programs give other bits",
}
PROPERTIES = tuple(
    Property(name, partial(_fault, position, sentence))
    for position, (name, sentence) in enumerate(_SENTENCES.items())
)


def probe(driver: str, label: str, *args: Any, shown: str, **options: Any) -> Probe:
    """A launch under the meter."""
    return Probe(label, args, driver=f"kernels:{driver}", shown=shown, **options)


def parts_of(x: np.ndarray, per_split: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sum of squares about it of every part of every channel of x (N, C, S): (splits, C) each."""
    rows = x.astype(np.float64).transpose(0, 2, 1).reshape(-1, x.shape[1])
    cut = [rows[begin : begin + per_split] for begin in range(0, len(rows), per_split)]
    means = np.array([part.mean(0) for part in cut])
    m2 = np.array([((part - part.mean(0)) ** 2).sum(0) for part in cut])
    return means.astype(np.float32), m2.astype(np.float32)


def sums_of(x: np.ndarray, dy: np.ndarray, per_split: int) -> tuple[np.ndarray, ...]:
    """μ and 1/σ, (C,), and of every part Σdy and Σdy·x̂, (splits, C)."""
    rows, arriving = (a.astype(np.float64).transpose(0, 2, 1).reshape(-1, x.shape[1]) for a in (x, dy))
    mean, inv_std = rows.mean(0), 1 / np.sqrt(rows.var(0) + 0.1)
    begins = range(0, len(rows), per_split)
    products = arriving * (rows - mean) * inv_std
    sums = [np.array([a[b : b + per_split].sum(0) for b in begins]) for a in (arriving, products)]
    return tuple(array.astype(np.float32) for array in (mean, inv_std, *sums))
