"""The right numbers in another form: transposed, in another order, one missing, not added up."""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations

import numpy as np

from bn_course.grading.compare import as_array, close
from bn_course.grading.relations.case import Case, Finding, Trial
from bn_course.grading.relations.words import listed, symbol


def findings(case: Case) -> Iterator[Finding]:
    """Statements about results whose structure, order or shapes are not the ones asked for."""
    for text, kind, formed in _structures(case):
        yield Finding(text, kind, True, (), lambda trial, formed=formed: not trial.wrong() or formed(trial))
    names = case.exact[0].names if case.exact and not case.paired else ()
    for name in names:
        if sum(_misshapen(trial, name) for trial in case.exact) >= 2:
            for text, kind, change in _CHANGES:
                told = text.format(symbol(name.removeprefix("the ")))
                yield Finding(told, kind, True, (name,), _shaped(name, _becomes, change))
            for text, how in _REDUCTIONS:
                told = text.format(symbol(name.removeprefix("the ")))
                yield Finding(told, "summed", True, (name,), _shaped(name, _reduces, how))


def _structures(case: Case) -> Iterator[tuple[str, str, Callable]]:
    wanted = case.exact[0].expected.value if case.exact else None
    if not isinstance(wanted, tuple):
        yield (
            "The right numbers are there, with something more: return them alone.",
            "too many",
            lambda trial: (
                isinstance(trial.outcome.value, tuple)
                and len(trial.outcome.value) in (2, 3)
                and any(_is(trial, trial.expected.value, one) for one in trial.outcome.value)
            ),
        )
        return
    names = case.exact[0].names
    count = len(wanted)
    if any(trial.names != names for trial in case.exact):
        return
    for order in permutations(range(count)) if count <= 4 else ():
        if order != tuple(range(count)):
            given = listed([symbol(names[i]) for i in order])
            yield f"All are right, in another order: you return {given}.", "reordered", _ordered(order)
    for kept in combinations(range(count), count - 1):
        (lost,) = set(range(count)) - set(kept)
        yield f"What you return is right, but {symbol(names[lost])} is missing.", "missing", _ordered(kept)
    for i in range(count):
        text = f"You return {symbol(names[i])} alone, and it is right."
        yield text, "missing", _ordered((i,))
        yield text, "missing", lambda trial, i=i: _is(trial, trial.expected.value[i], trial.outcome.value)
    for extra in range(count + 1):
        yield (
            f"All that is asked for is right. Value {extra + 1} of yours is one too many.",
            "too many",
            lambda trial, extra=extra: _without(trial, extra),
        )


def _ordered(order: tuple[int, ...]) -> Callable[[Trial], bool]:
    def holds(trial):
        given = trial.outcome.value
        return (
            isinstance(given, tuple)
            and len(given) == len(order)
            and all(_is(trial, trial.expected.value[i], one) for i, one in zip(order, given, strict=True))
        )

    return holds


def _without(trial: Trial, extra: int) -> bool:
    given = trial.outcome.value
    if not isinstance(given, tuple) or len(given) != len(trial.expected.value) + 1:
        return False
    rest = given[:extra] + given[extra + 1 :]
    return all(_is(trial, e, v) for e, v in zip(trial.expected.value, rest, strict=True))


def _is(trial: Trial, expected, value) -> bool:
    return close(expected, value, trial.probe)


def _pairs(trial: Trial, name: str) -> list[tuple] | None:
    """What was expected as `name`, and what came in its place."""
    wanted, given = trial.expected.value, trial.outcome.value
    if not isinstance(wanted, tuple):
        wanted, given = (wanted,), (given,)
    if not isinstance(given, tuple) or len(given) != len(wanted):
        return None
    found = zip(trial.names, wanted, map(as_array, given), strict=True)
    return [(e, v) for its_name, e, v in found if its_name == name]


def _misshapen(trial: Trial, name: str) -> bool:
    return any(v is not None and np.shape(e) != v.shape for e, v in _pairs(trial, name) or ())


def _shaped(name: str, test: Callable, change: Callable) -> Callable[[Trial], bool]:
    """Where the shape of `name` is wrong, `change` relates it to the expected one."""

    def holds(trial):
        pairs = _pairs(trial, name)
        return bool(pairs) and all(v is not None and test(trial, e, v, change) for e, v in pairs)

    return holds


def _becomes(trial: Trial, expected, value, change: Callable) -> bool:
    shape = np.shape(expected)
    if value.shape == shape and _is(trial, expected, value):
        return True
    return any(np.shape(one) == shape and _is(trial, expected, one) for one in change(value, shape))


def _reduces(trial: Trial, expected, value, how: Callable) -> bool:
    """Is `value` what is left of the expected array when it is added up, or averaged?"""
    if value.shape == np.shape(expected):
        return _is(trial, expected, value)
    axes = range(np.ndim(expected))
    which = (w for n in axes for w in combinations(axes, n + 1))
    made = (np.asarray(how(expected, axis=w)) for w in which)
    return any(one.shape == value.shape and _is(trial, one, value) for one in made)


def _added(array, shape):
    axes = range(array.ndim)
    yield from (array.sum(axis=which) for n in axes for which in combinations(axes, n + 1))


def _repeated(array, shape):
    """`array` where it is one number, or one row, said many times."""
    if not array.size:
        return
    for n in range(array.ndim):
        for which in combinations(range(array.ndim), n + 1):
            first = array[tuple(slice(0, 1) if i in which else slice(None) for i in range(array.ndim))]
            if np.allclose(array, np.broadcast_to(first, array.shape)):
                yield np.squeeze(first, which)


def _permuted(array, shape):
    yield from (np.transpose(array, order) for order in permutations(range(array.ndim)))


def _reshaped(array, shape):
    if array.size == int(np.prod(shape)):
        yield array.reshape(shape)


_CHANGES = (
    ("The numbers of your {} are right, but transposed.", "transposed", _permuted),
    ("The numbers of your {} are right; its shape alone is not. Reshape it.", "reshaped", _reshaped),
    ("Added up, your {} is right: a sum is missing.", "not summed", _added),
    ("Your {} is right, said many times over: one copy is asked for.", "repeated", _repeated),
)
_REDUCTIONS = (
    ("Your {} is the right one added up: it must keep its shape.", np.sum),
    ("Your {} is the mean of the right one: it must keep its shape.", np.mean),
)
