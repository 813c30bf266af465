"""Name the mistake: which knob of the variant, or which two, make exactly what the learner's answer made?

It never guesses. An explanation must agree with the answer on every probe, on those where the answer is
right as on those where it is wrong; where several explanations agree, only what they have in common is
named.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from bn_course.grading.compare import alike, same
from bn_course.grading.question import Misconception, Probe, Question
from bn_course.grading.run import Outcome, run_here, run_variant


def diagnose(
    question: Question,
    probes: Sequence[Probe],
    expected: Sequence[Outcome],
    outcomes: Sequence[Outcome],
) -> tuple[str, ...]:
    """The keys of the misconceptions that explain `outcomes`: one, two, or none that is certain."""
    case = _Case(question, probes, expected, outcomes)
    if not case.says_something():
        return ()
    singles = [{m.key} for m, knobs in question.diagnosable if case.explained_by(knobs, m.rounding)]
    if singles:
        return _common(singles, question)
    pairs = [
        {first.key, second.key}
        for (first, second), knobs in question.pairs
        if case.explained_by_pair(first, second, knobs)
    ]
    return _common(pairs, question)


def _common(explanations: list[set[str]], question: Question) -> tuple[str, ...]:
    if not explanations:
        return ()
    shared = set.intersection(*explanations)
    return tuple(m.key for m in question.misconceptions if m.key in shared)


class _Case:
    def __init__(self, question, probes, expected, outcomes):
        self.question = question
        self.wrong = [not agree for agree in map(same, expected, outcomes, probes)]
        self.raised = [bool(outcome.failure) for outcome in outcomes]

        # A probe on which the answer is wrong tells most settings apart; the quickest of these comes first.
        # What the variant does with those that come at every check is remembered: the fresh one is the last.
        def late(i):
            fresh = probes[i] not in question.fixed_probes
            return not self.wrong[i], fresh, 0.0 if fresh else _seconds(question, probes[i])

        order = sorted(range(len(probes)), key=late)
        trials = [(probes[i], outcomes[i]) for i in order]
        self.exact = [trial for trial in trials if not trial[0].rounding]
        self.rounded = [trial for trial in trials if trial[0].rounding]

    def says_something(self) -> bool:
        """An answer that raises wherever it is wrong could be anything."""
        return any(wrong and not raised for wrong, raised in zip(self.wrong, self.raised, strict=True))

    def explained_by(self, knobs: Mapping[str, Any], rounding: bool) -> bool:
        """As `knobs` say on every probe; with a mistake of `rounding`, on every probe where none shows.

        Nor does rounding count where `knobs` lose digits themselves: no two such answers agree to the bit.
        """
        return self._agrees(knobs, self.exact) and (
            rounding or self._agrees(knobs, self.rounded) or not self._keeps_its_digits(knobs)
        )

    def explained_by_pair(
        self, first: Misconception, second: Misconception, knobs: Mapping[str, Any]
    ) -> bool:
        if first.rounding == second.rounding:
            return not first.rounding and self.explained_by(knobs, rounding=False)
        exact = second if first.rounding else first
        # Its whole setting: a part of it may be one, too.
        setting = max((s for s in exact.settings if s.items() <= knobs.items()), key=len)
        return self.explained_by(setting, rounding=True)

    def _keeps_its_digits(self, knobs: Mapping[str, Any]) -> bool:
        """Does the variant give in float32 what it gives in float64?"""
        variant = self.question.with_knobs(knobs)
        return all(
            alike(run_variant(self.question, knobs, probe), run_here(variant, _in_float64(probe)), probe)
            for probe, _ in self.rounded
        )

    def _agrees(self, knobs: Mapping[str, Any], trials: Sequence[tuple[Probe, Outcome]]) -> bool:
        """Whatever error it is: a wrong type of it is said by itself and hides no mistake."""
        made = ((run_variant(self.question, knobs, probe), outcome, probe) for probe, outcome in trials)
        return all(alike(*trial) for trial in made)


def _in_float64(probe: Probe) -> Probe:
    """The same probe with its arrays in double precision."""

    def wide(value):
        if isinstance(value, (tuple, list)):
            return type(value)(map(wide, value))
        return (
            value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value
        )

    return replace(probe, args=wide(probe.args))


@lru_cache(maxsize=1000)
def _seconds(question: Question, probe: Probe) -> float:
    start = time.process_time()
    run_here(question.reference, probe)
    return time.process_time() - start
