"""An argument that ought to change a result, and does not."""

from collections.abc import Callable, Iterator

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Trial
from bn_course.grading.relations.words import listed, sentence, symbol, verb, yours

TRIALS = 3  # on which 'no effect' is tested


def findings(case: Case) -> Iterator[Finding]:
    """'No effect' on every rich probe: of several arguments together, then of each."""
    trials = [trial for trial in case.fixed if rich(case, trial)][:TRIALS]
    if len(trials) < 2:
        return
    idle: dict[tuple[str, ...], list[str]] = {}
    for name in case.arguments(trials[0]):
        outputs = _idle(case, trials, name)
        if outputs:
            idle.setdefault(outputs, []).append(name)
    for outputs, names in idle.items():
        mine = yours(outputs, case.outputs)
        which = listed([symbol(name) for name in names]).replace(" and ", " or ")
        text = sentence(
            f"{mine} {verb(outputs, case.outputs, 'does', 'do')} not change with {which}. It must."
        )
        text = text if len(outputs) == 1 or outputs == case.outputs else text.replace("It must", "They must")
        yield Finding(text, "no-effect", False, outputs, _unmoved(case, names, outputs), tuple(names))


def _idle(case: Case, trials: list[Trial], name: str) -> tuple[str, ...]:
    """The wrong outputs that ought to change with this argument, and do not on any of `trials`."""
    left = case.wrong_outputs
    for trial in trials:
        moved = _moved(case, trial, name) if left else None
        if moved is None:
            return ()
        left = tuple(output for output in left if moved.get(output) == (True, False))
    return left


def rich(case: Case, trial: Trial) -> bool:
    """Are all arrays long enough along every axis that nothing cancels by chance?"""
    given = [v for v in case.arguments(trial).values() if isinstance(v, np.ndarray) and v.ndim > 1]
    flat = [array.shape for array in given if min(array.shape) <= 2]
    return all(len(shape) > 2 and sum(n > 1 for n in shape) > 2 for shape in flat)


def _unmoved(case: Case, names: list[str], outputs) -> Callable[[Trial], bool]:
    """On probes drawn afresh too; those on which it was tested already are not run again."""
    tested = {id(trial.probe) for trial in case.exact}

    def holds(trial):
        if id(trial.probe) in tested or not rich(case, trial):
            return True
        moved = [_moved(case, trial, name) or {} for name in names]
        return all(one.get(output) != (True, True) for one in moved for output in outputs)

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
        return value * (1.2 + 0.5 * np.sin(1 + np.arange(value.size)).reshape(value.shape)).astype(
            value.dtype
        )
    if isinstance(value, np.ndarray) and value.dtype.kind == "i" and value.ndim == 1 and value.size > 1:
        return value[::-1].copy()
    return None
