"""One wrong answer: what was asked of it, what it gave, and what else it gives when it is asked."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from bn_course.grading.compare import as_array, close
from bn_course.grading.question import Probe, Question
from bn_course.grading.relations.arguments import arguments, with_arguments
from bn_course.grading.run import Outcome, run_here

RUNS = 60  # of the learner's answer, which may run in another process
FRESH = 3  # probes on which a statement is tested again


class Part(NamedTuple):
    """One array of a result: what was expected, and what came."""

    name: str
    expected: np.ndarray
    value: np.ndarray
    wrong: bool


@dataclass(frozen=True, eq=False)
class Trial:
    """A probe, what the reference gives on it, and what the answer gives."""

    index: int
    probe: Probe
    expected: Outcome
    outcome: Outcome
    names: tuple[str, ...]

    @cached_property
    def parts(self) -> list[Part] | None:
        """The arrays of the result, one by one; None where they do not pair with the expected ones."""
        wanted, given = self.expected.value, self.outcome.value
        if not isinstance(wanted, tuple):
            wanted, given = (wanted,), (given,)
        elif isinstance(given, np.ndarray) and given.ndim:
            given = tuple(given)
        if not isinstance(given, tuple) or len(given) != len(wanted):
            return None
        made = []
        for name, one, other in zip(self.names, wanted, given, strict=True):
            if not isinstance(one, np.ndarray):
                if one != other:
                    return None
                continue
            array = as_array(other)
            if array is None or array.shape != one.shape or array.dtype.kind not in "biuf":
                return None
            made.append(Part(name, _real(one), _real(array), not close(one, other, self.probe)))
        return made

    def wrong(self, outputs: Sequence[str] | None = None) -> bool:
        """Is the answer wrong here, in one of `outputs`?"""
        parts = self.parts
        if parts is None:
            return True
        return any(part.wrong for part in parts if outputs is None or part.name in outputs)


def _real(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64)


def is_flag(name: str) -> bool:
    """Does this output only say whether something was left alone? There is no more to say of its value."""
    return name.startswith(("whether", "how many entries", "the number of entries")) or name.endswith(
        "(1: yes)"
    )


class Finding(NamedTuple):
    """A statement before it is certain: `holds` tests it on one trial."""

    sentence: str
    kind: str
    exact: bool
    outputs: tuple[str, ...]
    holds: Callable[[Trial], bool]
    mentions: tuple[str, ...] = ()


class Case:
    """A question, the trials of one answer, and the answer itself."""

    def __init__(self, question: Question, probes, expected, outcomes, run: Callable[[Probe], Outcome]):
        self.question = question
        self._run, self.runs = run, 0
        self._known: dict[tuple, Any] = {}  # what was found out once
        trials = [
            self._trial(i, *made) for i, made in enumerate(zip(probes, expected, outcomes, strict=True))
        ]
        told = [trial for trial in trials if not trial.expected.failure and not trial.outcome.failure]
        names = list(arguments(question, told[0].probe)) if told else []
        told = [trial for trial in told if list(arguments(question, trial.probe)) == names]
        self.exact = [trial for trial in told if not trial.probe.rounding]
        self.rounded = [trial for trial in told if trial.probe.rounding]
        self.complete = len(told) == len(trials)  # nothing was raised
        self.last = len(trials) - 1  # drawn afresh at every check: it may only veto
        self.wrong = [trial for trial in self.exact if trial.index != self.last and trial.wrong()]

    def _trial(self, index, probe, expected, outcome) -> Trial:
        value = expected.value
        count = len(value) if isinstance(value, tuple) else 1
        names = probe.returns or self.question.returns
        names = names if len(names) == count else tuple(f"value {i + 1}" for i in range(count))
        return Trial(index, probe, expected, outcome, names)

    @cached_property
    def fixed(self) -> list[Trial]:
        return [trial for trial in self.exact if trial.index != self.last]

    @cached_property
    def paired(self) -> bool:
        """Have all results the structure and the shapes that are asked for?"""
        return all(trial.parts is not None for trial in self.exact)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """All names of results, in order."""
        if not self.paired:
            return ()
        return tuple(dict.fromkeys(part.name for trial in self.exact for part in trial.parts))

    @cached_property
    def wrong_outputs(self) -> tuple[str, ...]:
        if not self.paired:
            return ()
        wrong = {part.name for trial in self.fixed for part in trial.parts if part.wrong}
        return tuple(name for name in self.outputs if name in wrong)

    def subjects(self) -> Iterator[tuple[str, ...]]:
        """What a statement can be about: all wrong outputs together, then each by itself.

        Nothing stands for everything, where results do not pair with the expected ones.
        """
        if not self.paired:
            yield ()
            return
        yield self.wrong_outputs
        if len(self.wrong_outputs) > 1:
            yield from ((name,) for name in self.wrong_outputs)

    def arguments(self, trial: Trial) -> dict:
        """The arguments by name; not to be changed."""
        return self._once((id(trial),), lambda: arguments(self.question, trial.probe))

    def reference(self, trial: Trial, label: Hashable, **changed) -> Outcome:
        """What the reference gives where these arguments are others; `label` stands for what changed."""

        def run() -> Outcome:
            probe = with_arguments(self.question, trial.probe, changed)
            return run_here(self.question.reference, probe)

        return self._once((id(trial), label), run)

    def _once(self, key: tuple, find: Callable):
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    def again(self, trial: Trial, **changed) -> Trial | None:
        """The trial once more where these arguments are others; None where the two cannot be compared."""
        probe = with_arguments(self.question, trial.probe, changed) if changed else trial.probe
        expected = run_here(self.question.reference, probe)
        if expected.failure or self.runs >= RUNS:
            return None
        outcome = self.answer(probe)
        made = Trial(trial.index, probe, expected, outcome, trial.names)
        if outcome.failure or made.parts is None or len(made.parts) != len(trial.parts or ()):
            return None
        return made

    def answer(self, probe: Probe) -> Outcome:
        self.runs += 1
        return self._run(probe)

    @cached_property
    def fresh(self) -> list[Trial]:
        """The kinds of probes on which the answer is wrong, and one on which it is right, drawn anew."""
        drawn = self.question.probes(np.random.default_rng())
        right = [trial for trial in self.fixed if trial not in self.wrong]
        wanted = [*self.wrong[: FRESH - bool(right)], *right[:1]]
        made = []
        for trial in wanted:
            if trial.index < len(drawn):
                probe = drawn[trial.index]
                expected, outcome = run_here(self.question.reference, probe), self.answer(probe)
                made.append(self._trial(trial.index, probe, expected, outcome))
        return [trial for trial in made if not trial.expected.failure and not trial.outcome.failure]

    def certain(self, finding: Finding) -> bool:
        """True of every trial and of fresh ones, and of two at least that are wrong."""
        if any(map(is_flag, finding.outputs)):
            return False
        if not all(map(finding.holds, self.exact)):
            return False
        wrong = [trial for trial in self.fixed if trial.wrong(finding.outputs or None)]
        if not wrong or not all(map(finding.holds, self.fresh)):
            return False
        return len(wrong) + sum(trial.wrong(finding.outputs or None) for trial in self.fresh) >= 2


def explains(predicted: np.ndarray | None, part: Part) -> bool:
    """Does `predicted` account for what came: to four digits of the error where there is one?"""
    if predicted is None or np.shape(predicted) != part.value.shape:
        return False
    gap = np.abs(part.value - part.expected)
    gap = gap[np.isfinite(gap)].max(initial=0)
    size = np.abs(part.value[np.isfinite(part.value)]).max(initial=0)
    slack = (1e-4 * gap if part.wrong else 1e-5 * max(1.0, size)) + 1e-12 * size
    if np.isnan(part.value).any():
        return np.allclose(predicted, part.value, rtol=0, atol=slack, equal_nan=True)
    return bool((np.abs(predicted - part.value) <= slack).all())
