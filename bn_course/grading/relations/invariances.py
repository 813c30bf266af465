"""What may be done to an argument without any harm, or with a known effect: to the right answer, that is."""

from collections.abc import Callable, Iterator

import numpy as np

from bn_course.grading.relations.case import Case, Finding, Trial
from bn_course.grading.relations.effects import rich
from bn_course.grading.relations.words import sentence, symbol, yours

TRIALS = 2


def findings(case: Case) -> Iterator[Finding]:
    """Statements that hold of the reference, and not of the answer."""
    trials = [trial for trial in case.wrong if rich(case, trial)][:TRIALS]
    if len(trials) < TRIALS:
        return
    for name in case.arguments(trials[0]):
        given = [case.arguments(trial)[name] for trial in trials]
        if not all(isinstance(v, np.ndarray) and v.ndim and v.dtype.kind == "f" for v in given):
            continue
        for text, change, follow in _CHANGES:
            for output in case.wrong_outputs:
                held = [_held(case, trial, name, output, change, follow) for trial in trials]
                if all(pair == (True, False) for pair in held):
                    told = text.format(symbol(name), yours((output,), case.outputs).removeprefix("your "))
                    yield Finding(
                        sentence(told),
                        "invariance",
                        False,
                        (output,),
                        _broken(case, name, output, change, follow, trials),
                        (name,),
                    )


def _held(case: Case, trial: Trial, name, output, change: Callable, follow: Callable):
    """Does the reference keep to it here, and does the answer?"""
    array = case.arguments(trial)[name]
    again = case.again(trial, **{name: change(array)})
    if again is None:
        return None
    pairs = [(b, a) for b, a in zip(trial.parts, again.parts, strict=True) if b.name == output]
    if not pairs:
        return None
    right = all(_near(follow(b.expected), a.expected, 1e-7) for b, a in pairs)
    mine = all(_near(follow(b.value), a.value, 1e-3) for b, a in pairs)
    return right, mine


def _near(one: np.ndarray, two: np.ndarray, share: float) -> bool:
    return one.shape == two.shape and np.allclose(
        one, two, rtol=0, atol=share * max(1e-12, np.abs(one).max(initial=0))
    )


def _broken(case: Case, name, output, change, follow, trials) -> Callable[[Trial], bool]:
    tested = {id(trial.probe) for trial in case.exact}

    def holds(trial):
        if id(trial.probe) in tested or trial.index not in {one.index for one in trials}:
            return True
        return _held(case, trial, name, output, change, follow) == (True, False)

    return holds


_CHANGES: tuple[tuple[str, Callable, Callable], ...] = (
    (
        "add 10 to every entry of {0}: the right {1} stays as it is, yours changes.",
        lambda a: a + 10,
        lambda y: y,
    ),
    ("double {0}: the right {1} doubles, yours does not.", lambda a: 2 * a, lambda y: 2 * y),
    (
        "turn {0} round, last first: the right {1} stays as it is, yours changes.",
        lambda a: a[::-1].copy(),
        lambda y: y,
    ),
)
