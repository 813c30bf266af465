"""Where in a result an answer is right: at one index of an axis, or where 0 is expected."""

from collections.abc import Callable, Iterator

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Part, Trial
from bn_course.grading.relations.words import sentence, verb, yours


def findings(case: Case) -> Iterator[Finding]:
    """Statements about where it is wrong, which leave open how."""
    for outputs in case.subjects():
        first = next((trial for trial in case.wrong if trial.wrong(outputs)), None)
        if first is None:
            continue
        part = next(p for p in first.parts if p.name in outputs and p.wrong)
        for axis in range(part.value.ndim):
            for which, right in _INDICES:
                if part.value.shape[axis] > 2 and _right_at(part, axis, right):
                    text = sentence(f"{yours(outputs, case.outputs)} is right {which} axis {axis} alone.")
                    yield Finding(text, "place", False, tuple(outputs), _at(outputs, axis, right))
    yield from _zeros(case)


_INDICES: tuple[tuple[str, Callable[[int], list[int]]], ...] = (
    ("at the first index of", lambda n: [0]),
    ("at the last index of", lambda n: [n - 1]),
    ("at all but the first index of", lambda n: list(range(1, n))),
    ("at all but the last index of", lambda n: list(range(n - 1))),
)


def _right_at(part: Part, axis: int, right: Callable) -> bool:
    """Right at just these indices of the axis?"""
    size = max(1.0, np.abs(part.expected).max(initial=0))
    off = np.abs(np.moveaxis(part.value - part.expected, axis, 0)).reshape(part.value.shape[axis], -1)
    sound = np.nan_to_num(off, nan=np.inf).max(axis=1) <= 1e-6 * size
    return set(np.flatnonzero(sound)) == set(right(len(sound)))


def _at(outputs, axis: int, right: Callable) -> Callable[[Trial], bool]:
    def holds(trial):
        parts = [p for p in trial.parts if p.name in outputs and p.wrong]
        return all(
            axis < p.value.ndim and p.value.shape[axis] > 1 and _right_at(p, axis, right) for p in parts
        )

    return holds


def _zeros(case: Case) -> Iterator[Finding]:
    """Right but where 0 is expected."""
    for outputs in case.subjects():

        def holds(trial, outputs=outputs):
            for part in trial.parts:
                if part.name in outputs and part.wrong:
                    off = ~np.isclose(part.value, part.expected, rtol=1e-6, atol=1e-9)
                    if (part.expected[off] != 0).any():
                        return False
            return True

        text = sentence(
            f"{yours(outputs, case.outputs)} {verb(outputs, case.outputs)} wrong only where 0 is expected."
        )
        yield Finding(text, "place", False, tuple(outputs), holds)
