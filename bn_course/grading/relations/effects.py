"""An argument that ought to change a result, and does not."""

from collections.abc import Callable, Iterator

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Trial
from bn_course.grading.relations.words import sentence, symbol, yours

TRIALS = 3  # on which 'no effect' is tested


def findings(case: Case) -> Iterator[Finding]:
    """'No effect' on every rich probe."""
    trials = [trial for trial in case.fixed if rich(case, trial)][:TRIALS]
    for name in case.arguments(case.exact[0]):
        moved = [_moved(case, trial, name) for trial in trials[:1]]
        idle = [name for name in case.outputs if moved and moved[0] and moved[0].get(name) == (True, False)]
        if not idle:
            continue
        every = [*moved, *(_moved(case, trial, name) for trial in trials[1:])]
        seen = [one for one in every if one]
        idle = [out for out in idle if all(one.get(out, (True, False)) == (True, False) for one in seen)]
        if idle and len(seen) == len(trials) > 1:
            for outputs in _together(case, idle):
                text = sentence(f"{symbol(name)} has no effect on {yours(outputs, case.outputs)}. It must have.")
                yield Finding(text, "no-effect", False, outputs, _unmoved(case, name, outputs), (name,))


def _together(case: Case, idle: list[str]) -> list[tuple[str, ...]]:
    wrong = tuple(name for name in case.wrong_outputs if name in idle)
    return [wrong] if wrong else []


def rich(case: Case, trial: Trial) -> bool:
    """Are all arrays long enough along every axis that nothing cancels by chance?"""
    given = [v for v in case.arguments(trial).values() if isinstance(v, np.ndarray) and v.ndim > 1]
    return all(min(array.shape) > 2 or array.ndim > 2 and array.shape[0] > 2 for array in given)


def _unmoved(case: Case, name: str, outputs) -> Callable[[Trial], bool]:
    """On probes drawn afresh too; those on which it was tested already are not run again."""
    tested = {id(trial.probe) for trial in case.exact}

    def holds(trial):
        if id(trial.probe) in tested or not rich(case, trial):
            return True
        moved = _moved(case, trial, name)
        return not moved or all(moved.get(output, (True, False)) != (True, True) for output in outputs)

    return holds


def _moved(case: Case, trial: Trial, name: str) -> dict[str, tuple[bool, bool]] | None:
    """For each output: does it change in the reference, does it in the answer? None if neither is known."""
    value = other(case.arguments(trial).get(name))
    again = None if value is None else case.again(trial, **{name: value})
    if again is None:
        return None
    found: dict[str, tuple[bool, bool]] = {}
    for before, after in zip(trial.parts, again.parts, strict=True):
        if before.expected.shape == after.expected.shape:
            pair = _differ(before.expected, after.expected, 1e-4), _differ(before.value, after.value, 0.0)
            old = found.get(before.name, (False, False))
            found[before.name] = (old[0] or pair[0], old[1] or pair[1])
    return found


def _differ(one: np.ndarray, two: np.ndarray, share: float) -> bool:
    size = max(np.abs(one).max(initial=0), np.abs(two).max(initial=0))
    return bool((np.abs(one - two) > share * size).any()) or bool((np.isnan(one) != np.isnan(two)).any())


def other(value):
    """Another value of the same kind, not far away; None where there is none that is safe."""
    if type(value) is float:
        return 0.7 * value + 0.05
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
        return value * (1.2 + 0.5 * np.sin(1 + np.arange(value.size)).reshape(value.shape)).astype(value.dtype)
    if isinstance(value, np.ndarray) and value.dtype.kind == "i" and value.ndim == 1 and value.size > 1:
        return value[::-1].copy()
    return None
