"""Right up to a scale, a shift or a multiple of an argument: one for all entries, or one for each index."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Part, Trial, explains
from bn_course.grading.relations.words import along, sentence, symbol, yours


class Model(NamedTuple):
    """What is returned, less `given` times the right thing, is a combination of `terms`."""

    text: str
    kind: str
    given: int
    terms: tuple[str, ...]


def findings(case: Case) -> Iterator[Finding]:
    """From the fewest unknowns to the most."""
    for outputs in case.subjects():
        first = next((trial for trial in case.wrong if trial.wrong(outputs)), None)
        if first is None:
            continue
        part = next(p for p in first.parts if p.name in outputs and p.wrong)
        for axis in (None, *range(part.value.ndim)):
            for model in _models(case, first, part):
                yield from _finding(case, outputs, axis, part.value.ndim, model)


def _finding(case: Case, outputs, axis: int | None, ndim: int, model: Model) -> Iterator[Finding]:
    holds = _holds(case, outputs, axis, ndim, model)
    if holds(next(trial for trial in case.wrong if trial.wrong(outputs))):
        each = "the same for all entries" if axis is None else f"another in each of the {along(ndim, axis)}"
        mine = yours(outputs, case.outputs)
        text = sentence(f"{mine}, as far as it is wrong, is off by {model.text}, {each}.")
        mentions = tuple(term for term in model.terms if term not in ("1", "right"))
        yield Finding(text, model.kind, False, tuple(outputs), holds, mentions)


def _models(case: Case, trial: Trial, part: Part) -> Iterator[Model]:
    yield Model("a factor", "scale", 0, ("right",))
    yield Model("a constant", "shift", 1, ("1",))
    same = [n for n, v in case.arguments(trial).items() if np.shape(v) == part.value.shape and part.value.ndim]
    for name in same:
        yield Model(f"a multiple of {symbol(name)}", "span", 1, (name,))
    yield Model("a factor and a constant", "affine", 0, ("right", "1"))
    for name in same:
        yield Model(f"a multiple of {symbol(name)} and a constant", "span", 1, (name, "1"))


def _holds(case: Case, outputs, axis, ndim: int, model: Model) -> Callable[[Trial], bool]:
    def holds(trial):
        return all(
            part.value.ndim == ndim and _spanned(case, trial, part, axis, model)
            for part in trial.parts
            if part.name in outputs
        )

    return holds


def _spanned(case: Case, trial: Trial, part: Part, axis: int | None, model: Model) -> bool:
    """Is there, for each index along `axis`, a combination that gives what came?"""
    known = case.arguments(trial)
    terms = {"right": part.expected, "1": np.ones_like(part.expected)}
    columns = [np.asarray(terms[t] if t in terms else known[t], dtype=np.float64) for t in model.terms]
    if any(column.shape != part.value.shape for column in columns) or not np.isfinite(part.value).all():
        return False
    value, expected, *columns = (_rows(array, axis) for array in (part.value, part.expected, *columns))
    unknowns = len(columns)
    if value.shape[1] < unknowns + 2:  # fewer values than that always fit
        return not part.wrong
    found = np.empty_like(value)
    for i, row in enumerate(value):
        table = np.stack([column[i] for column in columns], axis=1)
        rest = row - model.given * expected[i]
        weights, *_ = np.linalg.lstsq(table, rest, rcond=None)
        found[i] = model.given * expected[i] + table @ weights
    return explains(found, Part(part.name, expected, value, part.wrong))


def _rows(array: np.ndarray, axis: int | None) -> np.ndarray:
    return array.reshape(1, -1) if axis is None else np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)
