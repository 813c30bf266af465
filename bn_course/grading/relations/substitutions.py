"""What is returned is what another array in the place of an argument would give."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Trial
from bn_course.grading.relations.known import Quantity, placed, vectors
from bn_course.grading.relations.scalars import gives
from bn_course.grading.relations.words import sentence, symbol, verb, yours


class Change(NamedTuple):
    """Other values for some arguments, and how it is said."""

    text: str
    of: Callable[[dict[str, Any]], dict[str, Any]]
    mentions: tuple[str, ...]


def findings(case: Case, outputs: Sequence[str]) -> Iterator[Finding]:
    """Statements about arguments that are arrays, each alone or two in each other's place."""
    first = next((trial for trial in case.wrong if trial.wrong(outputs)), None)
    if first is None:
        return
    subject, be = yours(outputs, case.outputs), verb(outputs, case.outputs)
    for change in _changes(case.arguments(first)):
        if _gives(case, first, outputs, change):
            text = sentence(f"{subject} {be} what {change.text} would give.")
            holds = _holds(case, outputs, change)
            yield Finding(text, "substitution", True, tuple(outputs), holds, change.mentions)


def _holds(case: Case, outputs, change: Change) -> Callable[[Trial], bool]:
    return lambda trial: _gives(case, trial, outputs, change)


def _gives(case: Case, trial: Trial, outputs, change: Change) -> bool:
    made = _changed(change, case.arguments(trial))
    return made is not None and gives(trial, outputs, case.reference(trial, change.text, **made).value)


def _changed(change: Change, known: dict[str, Any]) -> dict[str, Any] | None:
    """The other arguments; None where there are none. One that is left out stays so."""
    if all(known[name] is None for name in change.mentions[:1]):
        return {}
    try:
        with np.errstate(all="ignore"):
            made = change.of(known)
    except (TypeError, ValueError, IndexError, AttributeError, KeyError, ZeroDivisionError):
        return None
    return made if all(np.isfinite(value).all() for value in made.values()) else None


def _changes(known: dict[str, Any]) -> Iterator[Change]:
    named = [name for name, value in known.items() if isinstance(value, np.ndarray) and value.ndim]
    floats = [name for name in named if known[name].dtype.kind == "f"]
    for name in named:
        for text, of in _ALONE if known[name].ndim == 1 else _TABLES:
            yield _alone(name, text, of)
    for one in floats:
        for other in floats:
            if one != other and known[one].shape == known[other].shape:
                yield Change(
                    f"{symbol(other)} in place of {symbol(one)}",
                    lambda args, a=one, b=other: {a: args[b]},
                    (one, other),
                )
                if one < other:
                    yield Change(
                        f"{symbol(one)} and {symbol(other)} in each other's place",
                        lambda args, a=one, b=other: {a: args[b], b: args[a]},
                        (one, other),
                    )
    for name in floats:
        yield from _combined(name, known)
        if known[name].ndim > 1:
            yield from _along(name, known)


def _alone(name: str, text: str, of: Callable) -> Change:
    return Change(
        f"{text.format(symbol(name), name)} in place of {symbol(name)}",
        lambda args: {name: of(args[name])},
        (name,),
    )


def _along(name: str, known: dict[str, Any]) -> Iterator[Change]:
    """Less its mean along an axis; over its deviation; two axes exchanged."""
    ndim = known[name].ndim
    for axis in range(ndim):
        yield _alone(
            name,
            f"`{{1}} - {{1}}.mean(axis={axis}, keepdims=True)`",
            lambda a, k=axis: a - a.mean(axis=k, keepdims=True),
        )
        yield _alone(
            name,
            f"the means of {{0}} along axis {axis}",
            lambda a, k=axis: 0 * a + a.mean(axis=k, keepdims=True),
        )
        yield _alone(
            name,
            f"{{0}} standardised along axis {axis}",
            lambda a, k=axis: (a - a.mean(axis=k, keepdims=True)) / a.std(axis=k, keepdims=True),
        )
        for other in range(axis):
            text = "`{1}.T`" if ndim == 2 else f"{{0}}, its axes {other} and {axis} exchanged,"
            yield _alone(name, text, lambda a, i=other, k=axis: np.swapaxes(a, i, k))


def _combined(name: str, known: dict[str, Any]) -> Iterator[Change]:
    """Times, over, plus or minus another argument, where that lies along it."""
    others = [q for q in vectors(known) if q.mentions != (name,)]
    numbers = [n for n, v in known.items() if type(v) is float]
    for quantity in others:
        for axis, _ in placed(quantity.get(known), known[name].shape):
            for text, combine in _OPERATIONS:
                yield Change(
                    f"{text.format(symbol(name), quantity.text)} in place of {symbol(name)}",
                    _placing(name, quantity, axis, combine),
                    (name, *quantity.mentions),
                )
    for other in numbers:
        for text, combine in _OPERATIONS:
            yield Change(
                f"{text.format(symbol(name), symbol(other))} in place of {symbol(name)}",
                lambda args, b=other, combine=combine: {name: combine(args[name], args[b])},
                (name, other),
            )


def _placing(name: str, quantity: Quantity, axis: int | None, combine: Callable) -> Callable:
    def of(args):
        for place, array in placed(quantity.get(args), args[name].shape):
            if place == axis:
                return {name: combine(args[name], array)}
        raise ValueError("they do not lie along each other")

    return of


_OPERATIONS: tuple[tuple[str, Callable], ...] = (
    ("{0}·{1}", lambda a, b: a * b),
    ("{0}/{1}", lambda a, b: a / b),
    ("{0} + {1}", lambda a, b: a + b),
    ("{0} − {1}", lambda a, b: a - b),
)
_ALONE: tuple[tuple[str, Callable], ...] = (
    ("ones", np.ones_like),
    ("zeros", np.zeros_like),
    ("`{1}[0]`", lambda a: np.full_like(a, a[0])),
    ("`{1}[-1]`", lambda a: np.full_like(a, a[-1])),
    ("`{1}.mean()`", lambda a: 0 * a + a.mean()),
    ("`{1}.max()`", lambda a: 0 * a + a.max()),
    ("{0}²", lambda a: a * a),
    ("√{0}", lambda a: np.sqrt(a)),
    ("1/{0}", lambda a: 1 / a),
    ("1/√{0}", lambda a: 1 / np.sqrt(a)),
    ("|{0}|", np.abs),
    ("−{0}", lambda a: -a),
    ("1 + {0}", lambda a: 1 + a),
    ("{0} − 1", lambda a: a - 1),
    ("{0} the other way round", lambda a: a[::-1].copy()),
    ("{0} divided by its sum", lambda a: a / a.sum()),
)
_TABLES: tuple[tuple[str, Callable], ...] = (
    ("zeros", np.zeros_like),
    ("ones", np.ones_like),
    ("−{0}", lambda a: -a),
    ("|{0}|", np.abs),
    ("{0}²", lambda a: a * a),
    ("`{1} - {1}.mean()`", lambda a: a - a.mean()),
    ("`{1}.mean()`", lambda a: np.full_like(a, a.mean())),
    ("`{1}.reshape(-1, 1)`", lambda a: a.reshape(-1, 1)),
    ("`np.maximum({1}, 0)`", lambda a: np.maximum(a, 0)),
)
