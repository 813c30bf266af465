"""Run an answer through a driver and bring back plain values, which cannot lie and cannot carry code."""

import copy
import linecache
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bn_course import drivers

_PACKAGE = str(Path(drivers.__file__).parent.parent)
_STANDARD = str(Path(linecache.__file__).parent)  # not sys.base_prefix: in a browser that is /
_LIBRARIES = ("site-packages", "dist-packages", "importlib")


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that no question asks for, such as a dictionary or a generator."""

    type_name: str


@dataclass(frozen=True)
class Failure:
    """An exception, with the line of the learner's own code that it came from; `bases` of its type."""

    type_name: str
    message: str
    line: str = ""
    bases: tuple[str, ...] = ()

    def is_a(self, type_name: str) -> bool:
        """Would `except` of this type catch it?"""
        return type_name in (self.type_name, *self.bases)

    def __str__(self) -> str:
        said = f"{self.type_name}: {self.message}" if self.message else self.type_name
        return f"{said}, at  {self.line}" if self.line else said


@dataclass(frozen=True)
class Outcome:
    """What came of a probe: a plain value or a failure, and which arguments were changed in place."""

    value: Any = None
    failure: Failure | None = None
    mutated: tuple[int, ...] = ()


def attempt(answer: Callable, driver: str, given: tuple, said: Callable | None = None) -> Outcome:
    """What `answer` makes of its own copy of the arguments `given`; `said` puts an exception in words."""
    args = copy.deepcopy(given)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = plain(drivers.find(driver)(answer, *args))
    except Exception as error:
        return Outcome(failure=(said or describe)(error), mutated=_changed(given, args))
    return Outcome(value=value, mutated=_changed(given, args))


def plain(value: Any) -> Any:
    """Copy `value` into plain arrays, tuples, strings and None; anything else becomes `Foreign`."""
    if value is None or value is Ellipsis or isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(plain(item) for item in value)
    if hasattr(value, "detach"):  # a torch tensor; numpy() refuses bfloat16 and gradients
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
        value = value.resolve_conj().numpy()
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        array = np.array(value, copy=True, subok=False)
        return array if array.dtype.kind in "biufc" else Foreign(f"array of {array.dtype}")
    return Foreign(type(value).__name__)


def describe(error: Exception) -> Failure:
    """Say what was raised, and where in the learner's code."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_PACKAGE, "<frozen", _STANDARD))
        and not any(folder in frame.filename for folder in _LIBRARIES)
    ]
    line = ""
    if own:
        source = linecache.getline(own[-1].filename, own[-1].lineno).strip()
        line = f"line {own[-1].lineno}: {source}" if source else f"line {own[-1].lineno}"
    bases = tuple(base.__name__ for base in type(error).__mro__[1:-1])
    return Failure(type(error).__name__, str(error).partition("\n")[0][:300], line, bases)


def _changed(before: tuple, after: tuple) -> tuple[int, ...]:
    return tuple(i for i, (old, new) in enumerate(zip(before, after, strict=True)) if _differs(old, new))


def _differs(old: Any, new: Any) -> bool:
    if isinstance(old, (tuple, list)):
        return len(old) != len(new) or any(_differs(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, np.ndarray):
        return old.shape != new.shape or old.tobytes() != new.tobytes()
    return False
