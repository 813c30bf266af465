"""Where an answer is right: one output, one index of an axis, one kind of input, float64 alone."""

from collections.abc import Callable, Iterator

import numpy as np

from bn_course.grading.compare import close
from bn_course.grading.relations.case import Case, Finding, Part, Trial
from bn_course.grading.relations.words import listed, sentence, symbol, yours


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
    yield from _kinds(case)
    yield from _outputs(case)


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

        text = sentence(f"{yours(outputs, case.outputs)} is wrong only where 0 is expected.")
        yield Finding(text, "place", False, tuple(outputs), holds)


def _kinds(case: Case) -> Iterator[Finding]:
    """Right on every input but one kind."""
    labels = {trial.index: trial.probe.label for trial in case.wrong}
    if len(labels) == 1 and len(case.fixed) > 2 and case.complete:
        ((index, label),) = labels.items()
        text = f"You are right on every input tried but one: {label}."
        yield Finding(text, "input", False, case.wrong_outputs, lambda t: t.wrong() == (t.index == index))


def _outputs(case: Case) -> Iterator[Finding]:
    """Which of several results are wrong, and which are right."""
    sound = [name for name in case.outputs if name not in case.wrong_outputs]
    if not sound:
        return
    wrong = case.wrong_outputs
    text = f"only {_the(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong."
    if len(wrong) > len(sound):
        text = (
            f"{_the(sound)} {'is' if len(sound) == 1 else 'are'} right on every input tried; the rest is not."
        )
    yield Finding(sentence(text), "outputs", False, wrong, lambda trial: not trial.wrong(sound))


def _the(names) -> str:
    return listed([f"your {symbol(name.removeprefix('the '))}" for name in names])


def rounding(case: Case) -> list[Finding]:
    """Right wherever float64 is given, and wrong in float32 far from zero."""
    wrong = [t for t in case.rounded if not close(t.expected.value, t.outcome.value, t.probe)]
    if not wrong or len(case.exact) < 2:
        return []
    text = "You are right in float64. In float32, far from zero, rounding drowns your answer."
    return [Finding(text, "float64", False, (), lambda trial: True)]
