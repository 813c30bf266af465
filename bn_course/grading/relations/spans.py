"""Right up to a scale, a shift or a multiple of an argument: one for all entries, or one for each index."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Part, Trial, explains
from bn_course.grading.relations.words import each, right, sentence, symbol, verb, yours


class Model(NamedTuple):
    """What is returned is `given` times the right thing, and a combination of `terms`.

    Both are taken less the argument called `less`, where there is one.
    """

    text: str
    kind: str
    given: int
    terms: tuple[str, ...]
    less: str = ""


def findings(case: Case) -> Iterator[Finding]:
    """From the fewest unknowns to the most."""
    for outputs in case.subjects():
        wrong = [trial for trial in case.wrong if trial.wrong(outputs)]
        if not wrong:
            continue
        part = next(p for p in wrong[0].parts if p.name in outputs and p.wrong)
        for axis in (None, *range(part.value.ndim)):
            for model in _models(case, wrong[0], part, axis):
                shows = [t for t in wrong if _holds(case, outputs, axis, part.value.ndim, model, 2)(t)]
                if len(shows) >= 2:
                    yield _finding(case, outputs, axis, part.value.ndim, model)


def _finding(case: Case, outputs, axis: int | None, ndim: int, model: Model) -> Finding:
    mine, theirs = yours(outputs, case.outputs), right(outputs, case.outputs)
    where = "" if axis is None else f"{each(ndim, axis)}, "
    be = verb(outputs, case.outputs)
    text = sentence(f"{where}{mine} {be} {model.text.format(theirs)}.")
    mentions = tuple(term for term in (*model.terms, model.less) if term not in ("1", "right", ""))
    return Finding(
        text, model.kind, False, tuple(outputs), _holds(case, outputs, axis, ndim, model), mentions
    )


def _models(case: Case, trial: Trial, part: Part, axis: int | None) -> Iterator[Model]:
    yield Model("{} times a factor", "scale", 0, ("right",))
    yield Model("{} plus a constant", "shift", 1, ("1",))
    known = [(n, v) for n, v in case.arguments(trial).items() if isinstance(v, np.ndarray) and v.ndim]
    for name, value in known:
        if axis is not None and value.shape == (part.value.shape[axis],) and part.value.ndim > 1:
            text = (
                f"right but for a factor: less {symbol(name)}, it is a multiple of {{}} less {symbol(name)}"
            )
            yield Model(text, "scale", 0, ("right",), name)
    same = [name for name, value in known if value.shape == part.value.shape]
    for name in same:
        yield Model(f"{{}} plus a multiple of {symbol(name)}", "span", 1, (name,))
    yield Model("{} times a factor, plus a constant", "affine", 0, ("right", "1"))
    for name in same:
        yield Model(f"{{}} plus a multiple of {symbol(name)} and a constant", "span", 1, (name, "1"))


def _holds(case: Case, outputs, axis, ndim: int, model: Model, spare: int = 0) -> Callable[[Trial], bool]:
    """`spare` values more than there are unknowns, and the statement could have failed."""

    def holds(trial):
        return all(
            part.value.ndim == ndim and _spanned(case, trial, part, axis, model, spare)
            for part in trial.parts
            if part.name in outputs
        )

    return holds


def _spanned(case: Case, trial: Trial, part: Part, axis: int | None, model: Model, spare: int) -> bool:
    """Is there, for each index along `axis`, a combination that gives what came?"""
    known = case.arguments(trial)
    terms = {"right": part.expected, "1": np.ones_like(part.expected)}
    columns = [np.asarray(terms[t] if t in terms else known[t], dtype=np.float64) for t in model.terms]
    if len(np.unique(part.expected)) <= 2:  # yes or no: anything is a factor and a constant of that
        return not part.wrong
    if any(column.shape != part.value.shape for column in columns) or not np.isfinite(part.value).all():
        return False
    value, expected, *columns = (_rows(array, axis) for array in (part.value, part.expected, *columns))
    if model.less and (known[model.less] is None or len(known[model.less]) != len(value)):
        return False
    less = known[model.less][:, None] if model.less else 0.0
    table = np.stack(columns, axis=2)
    table = table - less[:, :, None] if model.less else table
    rest = value - less - model.given * (expected - less)
    enough = value.shape[1] >= len(columns) + spare
    weights = np.linalg.pinv(table) @ rest[:, :, None]
    found = (table @ weights)[:, :, 0] + less + model.given * (expected - less)
    return enough and explains(found, Part(part.name, expected, value, part.wrong))


def _rows(array: np.ndarray, axis: int | None) -> np.ndarray:
    return (
        array.reshape(1, -1) if axis is None else np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)
    )
