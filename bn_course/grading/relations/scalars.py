"""What is returned is what another value of a number would give: whatever is given, or always its square."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bn_course.grading.relations.arguments import left_out
from bn_course.grading.relations.case import Case, Finding, Trial, explains
from bn_course.grading.relations.words import number, sentence, symbol, verb, yours

Change = Callable[[Trial, float], Any]


def findings(case: Case, outputs: Sequence[str]) -> Iterator[Finding]:
    """Statements about each argument that is a number."""
    for name in _numbers(case, float):
        yield from _about(case, name, outputs, _FUNCTIONS, _solved)
    for name in _numbers(case, int):
        yield from _about(case, name, outputs, _INTEGERS, _tried)


def _numbers(case: Case, kind: type) -> list[str]:
    given = [case.arguments(trial) for trial in case.exact]
    return [name for name in given[0] if all(type(args.get(name)) is kind for args in given)]


def _about(case: Case, name: str, outputs, functions, constants) -> Iterator[Finding]:
    trials = [trial for trial in case.wrong if trial.wrong(outputs)]
    if not trials:
        return
    for text, change in functions:
        if _gives(case, trials[0], name, outputs, change(trials[0], _value(case, trials[0], name))):
            yield _instead(case, name, outputs, text.format(symbol(name)), change)
    yield from _constant(case, name, outputs, trials, constants)
    if constants is _solved and _gives(case, trials[0], name, outputs, 0.0):
        yield from _always(case, name, outputs, 0.0)


def _constant(case: Case, name: str, outputs, trials, constants) -> Iterator[Finding]:
    for trial in _told(case, name, trials):
        value = constants(case, trial, name, outputs)
        if value is None:
            continue
        yield from _always(case, name, outputs, value)
        default = next((_value(case, t, name) for t in case.fixed if _omitted(case, t, name)), None)
        if default is not None and _omitted(case, trial, name):
            would = _would(case, name, outputs, value)
            text = f"Where {symbol(name)} is left out, {would} Its default is {number(default)}."
            yield Finding(text, "default", True, outputs, _left_out(case, name, outputs, value), (name,))


def _always(case: Case, name: str, outputs, value) -> Iterator[Finding]:
    given = {_value(case, trial, name) for trial in case.fixed}
    would = _would(case, name, outputs, value)
    text = f"Whatever {symbol(name)} is given, {would}" if len(given) > 1 else sentence(would)
    kind = "constant" if value else "zero"
    yield Finding(text, kind, True, outputs, _as_with(case, name, outputs, value), (name,))


def _would(case: Case, name: str, outputs, value) -> str:
    subject, be = yours(outputs, case.outputs), verb(outputs, case.outputs)
    return f"{subject} {be} what {symbol(name)} = {number(value)} would give."


def _told(case: Case, name: str, trials) -> list[Trial]:
    """Where a value shows: the first wrong trial, and the first where it is left out."""
    return [*trials[:1], *[trial for trial in trials[1:] if _omitted(case, trial, name)][:1]]


def _value(case: Case, trial: Trial, name: str) -> float:
    return case.arguments(trial)[name]


def _omitted(case: Case, trial: Trial, name: str) -> bool:
    return left_out(case.question, trial.probe, name)


def _instead(case: Case, name: str, outputs, text: str, change: Change) -> Finding:
    def holds(trial):
        return _gives(case, trial, name, outputs, change(trial, _value(case, trial, name)))

    subject, be = yours(outputs, case.outputs), verb(outputs, case.outputs)
    told = sentence(f"{subject} {be} what {text} in place of {symbol(name)} would give.")
    kind = "square" if text.endswith("²") else "substitution"
    return Finding(told, kind, True, outputs, holds, (name,))


def _as_with(case: Case, name: str, outputs, value) -> Callable[[Trial], bool]:
    return lambda trial: _gives(case, trial, name, outputs, value)


def _left_out(case: Case, name: str, outputs, value) -> Callable[[Trial], bool]:
    def holds(trial):
        if _omitted(case, trial, name):
            return _gives(case, trial, name, outputs, value)
        return not trial.wrong(outputs)

    return holds


def _gives(case: Case, trial: Trial, name: str, outputs: Sequence[str], value) -> bool:
    """Does the reference with this value give what came?"""
    if value is None:
        return False
    return gives(trial, outputs, case.reference(trial, (name, value), **{name: value}).value)


def gives(trial: Trial, outputs: Sequence[str], value) -> bool:
    """Is `value`, a result of the reference for other arguments, what the answer gives in `outputs`?"""
    parts = trial.parts
    if parts is None:
        return _alike(value, trial.outcome.value)
    other = _parts_of(trial, value)
    if other is None:
        return False
    return all(
        explains(other[i], part) for i, part in enumerate(parts) if not outputs or part.name in outputs
    )


def _parts_of(trial: Trial, value) -> list[np.ndarray] | None:
    values = value if isinstance(value, tuple) else (value,)
    arrays = [one for one in values if isinstance(one, np.ndarray)]
    return arrays if len(arrays) == len(trial.parts or ()) else None


def _alike(one, other) -> bool:
    """Two results of any structure: are they the same, in shape and in value?"""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if not isinstance(one, np.ndarray) or not isinstance(other, np.ndarray):
        return False
    one, other = np.squeeze(one), np.squeeze(other)
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-6, atol=1e-9)


def _solved(case: Case, trial: Trial, name: str, outputs: Sequence[str]) -> float | None:
    """The value for which the reference comes nearest to what came, where that is near indeed."""

    if trial.parts is None:
        return None

    def gap(exponent: float) -> float:
        other = _parts_of(
            trial, case.reference(trial, (name, 10.0**exponent), **{name: 10.0**exponent}).value
        )
        if other is None:
            return math.inf
        pairs = [(o, p) for o, p in zip(other, trial.parts, strict=True) if p.name in outputs]
        if any(o.shape != p.value.shape or not np.isfinite(p.value).all() for o, p in pairs):
            return math.inf
        return max(np.abs(o - p.value).max(initial=0) for o, p in pairs)

    grid = np.arange(-13.0, 1.6, 0.5)
    gaps = [gap(exponent) for exponent in grid]
    best = int(np.argmin(gaps))
    off = max(np.abs(p.value - p.expected).max() for p in trial.parts if p.name in outputs and p.value.size)
    if best == 0 or not gaps[best] < 0.9 * off:
        return None
    exponent = _minimum(gap, grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 0.01 * off)
    if exponent is None:
        return None
    round_ones = (float(f"{10.0**exponent:.{digits}g}") for digits in (1, 2, 3))
    fitting = (value for value in round_ones if _gives(case, trial, name, outputs, value))
    return next(fitting, 10.0**exponent)


def _minimum(function: Callable, low: float, high: float, enough: float) -> float | None:
    """Where a function with one valley has its bottom, by golden section; None if it is not soon `enough`."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = function(left), function(right)
    for step in range(40):
        if step == 12 and min(at_left, at_right) > enough:
            return None
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = function(right)
    return (low + high) / 2


def _tried(case: Case, trial: Trial, name: str, outputs: Sequence[str]) -> int | None:
    """A whole number for which the reference gives what came."""
    given = _value(case, trial, name)
    fitting = (n for n in range(-3, 13) if n != given and _gives(case, trial, name, outputs, n))
    return next(fitting, None)


_FUNCTIONS: tuple[tuple[str, Change], ...] = (
    ("{0}²", lambda _, v: v**2),
    ("√{0}", lambda _, v: math.sqrt(abs(v))),
    ("1 − {0}", lambda _, v: 1 - v),
    ("1/{0}", lambda _, v: 1 / v if v else None),
    ("2·{0}", lambda _, v: 2 * v),
    ("{0}/2", lambda _, v: v / 2),
    ("−{0}", lambda _, v: -v),
)
_INTEGERS: tuple[tuple[str, Change], ...] = (
    ("{0} + 1", lambda _, v: v + 1),
    ("{0} − 1", lambda _, v: v - 1),
    ("2·{0}", lambda _, v: 2 * v),
    ("{0} // 2", lambda _, v: v // 2),
    ("−{0}", lambda _, v: -v),
)
