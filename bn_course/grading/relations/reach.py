"""Which entries of an argument reach which entries of a result."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Trial
from bn_course.grading.relations.effects import rich
from bn_course.grading.relations.words import along, sentence, symbol, yours

TRIALS, ENTRIES = 2, 2
_SEVERAL = ("some", "all")


class Slot(NamedTuple):
    """An array among the arguments: one of them, or one of a tuple of arrays."""

    name: str
    index: int | None = None

    @property
    def text(self) -> str:
        return symbol(self.name) if self.index is None else f"`{self.name}[{self.index}]`"

    def of(self, arguments: dict) -> np.ndarray | None:
        value = arguments[self.name]
        if self.index is not None:
            several = isinstance(value, (tuple, list)) and self.index < len(value)
            value = value[self.index] if several else None
        numbers = isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "f"
        return value if numbers else None

    def put(self, arguments: dict, array: np.ndarray) -> dict:
        value = arguments[self.name]
        if self.index is not None:
            array = type(value)([*value[: self.index], array, *value[self.index + 1 :]])
        return {self.name: array}


def findings(case: Case) -> Iterator[Finding]:
    """Statements for each argument that is an array and each output of at least one axis."""
    for name, value in case.arguments(case.exact[0]).items():
        for index in range(len(value)) if isinstance(value, (tuple, list)) else (None,):
            slot = Slot(name, index)
            trials = _trials(case, slot)
            if len(trials) == TRIALS:
                yield from _of_argument(case, trials, slot)


def _trials(case: Case, slot: Slot) -> list[Trial]:
    """Wrong ones first, on arrays of as many axes."""
    able = [t for t in case.fixed if rich(case, t) and slot.of(case.arguments(t)) is not None]
    able.sort(key=lambda trial: not trial.wrong())
    return [t for t in able if _ndim(case, slot, t) == _ndim(case, slot, able[0])][:TRIALS]


def _ndim(case: Case, slot: Slot, trial: Trial) -> int:
    return slot.of(case.arguments(trial)).ndim


def _of_argument(case: Case, trials: list[Trial], slot: Slot) -> Iterator[Finding]:
    seen = [reached for trial in trials for reached in _reached(case, trial, slot)]
    for output in case.wrong_outputs:
        spreads = [one[output] for one in seen if one is not None and output in one]
        if len(spreads) < len(trials) * ENTRIES or len({len(mine) for mine, _ in spreads}) != 1:
            continue
        for text in _statements(case, slot, output, spreads):
            holds = _same_again(case, trials, slot, output, spreads)
            everywhere = _everywhere(case, slot, output, spreads[0], holds)
            if _alike(case, slot, output, spreads[0][1]):
                yield Finding(sentence(text), "reach", False, (output,), everywhere, (slot.name,))
            told = f"On {trials[0].probe.label}: {text}"
            yield Finding(told, "reach", False, (output,), holds, (slot.name,))


def _everywhere(case: Case, slot: Slot, output: str, spread, holds: Callable) -> Callable[[Trial], bool]:
    """As `holds`, and on every other probe too that is rich and has as many axes."""

    def also(trial):
        array = slot.of(case.arguments(trial))
        if array is None or not rich(case, trial):
            return holds(trial)
        seen = (_touched(case, trial, slot, (0,) * array.ndim) or {}).get(output)
        if seen is None:
            return False
        return holds(trial) and all(map(_agree, seen, spread))

    return also


def _alike(case: Case, slot: Slot, output: str, spread: tuple[str, ...]) -> bool:
    """Does the right answer reach along the same axes on every probe?"""
    for trial in case.fixed:
        array = slot.of(case.arguments(trial))
        if rich(case, trial) and array is not None:
            nudged = slot.put(case.arguments(trial), _nudged(array, (0,) * array.ndim))
            changed = case.reference(trial, slot, **nudged)
            again = Trial(trial.index, trial.probe, changed, changed, trial.names)
            for before, after in zip(trial.parts, again.parts, strict=True):
                if before.name == output and not _agree(_spread(before.expected, after.expected), spread):
                    return False
    return True


def _agree(one: tuple[str, ...] | None, other: tuple[str, ...]) -> bool:
    """The same axes, as far as they are longer than one?"""
    if one is None or len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all("only" in (a, b) or (a in _SEVERAL) == (b in _SEVERAL) for a, b in pairs)


def _statements(case: Case, slot: Slot, output: str, spreads) -> Iterator[str]:
    """A spread is a word for each axis: none, one, some or all of its indices are reached."""
    ndim = len(spreads[0][0])
    near = [k for k in range(ndim) if all(m[k] == "one" and r[k] in _SEVERAL for m, r in spreads)]
    far = [k for k in range(ndim) if all(m[k] in _SEVERAL and r[k] == "one" for m, r in spreads)]
    mine = yours((output,), case.outputs)
    change = f"change one entry of {slot.text}:"
    if near and all(set(m) == {"one"} for m, _ in spreads):
        yield f"{change} {mine} changes at one place alone. It must change {along(ndim, near)} too."
    elif near and far:
        lost, reached = along(ndim, near), along(ndim, far)
        yield f"{change} {mine} changes {reached}, and not {lost}. It must be the other way round."
    elif near:
        yield f"{change} {mine} does not change {along(ndim, near)}. It must."
    elif far:
        yield f"{change} {mine} changes {along(ndim, far)} too. It must not."
    elif all(set(m) == {"none"} and "none" not in r for m, r in spreads):
        yield f"{change} {mine} does not change at all. It must."


def _same_again(case: Case, trials, slot: Slot, output: str, spreads) -> Callable[[Trial], bool]:
    tested = {id(trial.probe) for trial in case.exact}
    fresh: dict[int, bool] = {}

    def holds(trial):
        if id(trial.probe) in tested or trial.index not in {one.index for one in trials}:
            return True
        if id(trial) not in fresh:
            again = [one for one in _reached(case, trial, slot) if one is not None]
            fresh[id(trial)] = all(one.get(output) in spreads for one in again)
        return fresh[id(trial)]

    return holds


def _reached(case: Case, trial: Trial, slot: Slot) -> list[dict[str, tuple] | None]:
    """For some entries: what the answer and the reference reach, in each output."""
    array = slot.of(case.arguments(trial))
    corners = [tuple(0 for _ in array.shape), tuple(size - 1 for size in array.shape)]
    return [_touched(case, trial, slot, index) for index in corners[:ENTRIES]]


def _touched(case: Case, trial: Trial, slot: Slot, index: tuple[int, ...]) -> dict[str, tuple] | None:
    known = case.arguments(trial)
    again = case.again(trial, **slot.put(known, _nudged(slot.of(known), index)))
    if again is None:
        return None
    found = {}
    for before, after in zip(trial.parts, again.parts, strict=True):
        if before.value.ndim and before.value.shape == after.value.shape:
            mine, theirs = _spread(before.value, after.value), _spread(before.expected, after.expected)
            if before.name in found or mine is None or theirs is None:
                return None
            found[before.name] = (mine, theirs)
    return found


def _nudged(array: np.ndarray, index: tuple[int, ...]) -> np.ndarray:
    """The array with one entry moved."""
    moved = array.copy()
    moved[index] += 0.3 * (np.abs(array).mean() + array.std())
    return moved


def _spread(before: np.ndarray, after: np.ndarray) -> tuple[str, ...] | None:
    """How many indices of each axis change; None where rounding leaves it open."""
    change = np.abs(after - before)
    size = np.abs(before).max(initial=0)
    if not np.isfinite(change).all() or ((change > 1e-13 * size) & (change < 1e-9 * size)).any():
        return None
    hit = change > 1e-9 * size
    counts = [int(np.moveaxis(hit, k, 0).reshape(n, -1).any(axis=1).sum()) for k, n in enumerate(hit.shape)]
    return tuple(_word(count, n) for count, n in zip(counts, hit.shape, strict=True))


def _word(count: int, size: int) -> str:
    if count == 0:
        return "none"
    if size == 1:
        return "only"
    return "one" if count == 1 else "all" if count == size else "some"
