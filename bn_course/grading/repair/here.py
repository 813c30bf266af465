"""Find the place in a notebook: the learner's source by its functions, edited answers in this process.

Edited programs run in a namespace of their own, made of the source alone: nothing that the learner has in
the notebook can be reached from it.
"""

import linecache
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from bn_course.drivers.edited import run_edited
from bn_course.grading.question import Probe, Question
from bn_course.grading.repair.pieces import Pieces, gathered
from bn_course.grading.repair.place import Place
from bn_course.grading.repair.search import find_place
from bn_course.grading.repair.source import PACKAGES, NotUnderstood
from bn_course.grading.run import Outcome

_HEADROOM = 2**29  # bytes that edited answers may have beyond what the process has


def find_place_here(
    question: Question,
    answer: Any,
    probes: Sequence[Probe],
    expected: Sequence[Outcome],
    budget: float | None = None,
) -> tuple[Place, ...]:
    """Where one change makes `answer` pass, in the cell or the file that defines it; see `find_place`."""
    try:
        pieces = source_of(answer, question.name)
    except NotUnderstood:
        return ()
    with _chance_kept():
        places = find_place(question, pieces.text, probes, expected, run_edited_here, budget)
    return tuple(map(pieces.local, places))


def run_edited_here(request: dict) -> list[tuple[Outcome, float]]:
    """Runs edited programs in this process, with little more memory than it has."""
    with _little_memory():
        return run_edited(**request)


@contextmanager
def _little_memory() -> Iterator[None]:
    """An edit may ask for an array of any size: where the system can refuse one, it does."""
    try:
        import resource

        used = re.search(r"^VmData:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
        before = resource.getrlimit(resource.RLIMIT_DATA)
        allowed = int(used[1]) * 1024 + _HEADROOM
    except (ImportError, OSError, TypeError):
        yield
        return
    if before[0] != resource.RLIM_INFINITY:
        allowed = min(allowed, before[0])
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def source_of(answer: Any, name: str) -> Pieces:
    """The text that defines `answer` as `name`, with what it uses. Raises NotUnderstood."""
    if getattr(answer, "__name__", None) != name or "." in getattr(answer, "__qualname__", "."):
        raise NotUnderstood("it is not defined under the question's name at the top of a cell or a file")
    namespace = _namespace(answer)

    def piece_with(wanted: str) -> str | None:
        return _text_for(wanted, answer if wanted == name else namespace.get(wanted))

    return gathered(name, piece_with)


def _functions(value: Any) -> Iterator[FunctionType]:
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, type):
        for part in vars(value).values():
            yield from _functions(getattr(part, "__func__", part))


def _namespace(answer: Any) -> Mapping[str, Any]:
    for function in _functions(answer):
        return function.__globals__
    raise NotUnderstood("no function of it is written in Python")


def _text_for(name: str, value: Any) -> str | None:
    """The text that binds `name` to this value: its cell, an import, or a number."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    if isinstance(value, (bool, int, float, str)):
        return f"{name} = {value!r}"
    module = str(getattr(value, "__module__", "") or ("numpy" if isinstance(value, np.ufunc) else ""))
    if module.partition(".")[0] in PACKAGES:
        found = getattr(value, "__qualname__", getattr(value, "__name__", ""))
        return f"from {module} import {found} as {name}" if found.isidentifier() else None
    for function in _functions(value):
        return "".join(linecache.getlines(function.__code__.co_filename)).rstrip("\n") or None
    return None


@contextmanager
def _chance_kept() -> Iterator[None]:
    """Leave the generators of random numbers as they were."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    torch = sys.modules.get("torch")
    torch_state = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
        if torch:
            torch.set_rng_state(torch_state)
