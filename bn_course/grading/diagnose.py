"""Name the mistake: which knob of the variant, or which two, make exactly what the learner's answer made?

It never guesses. An explanation must agree with the answer on every probe, on those where the answer is
right as on those where it is wrong; where several explanations agree, only what they have in common is
named.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bn_course.grading.compare import same
from bn_course.grading.question import Misconception, Probe, Question
from bn_course.grading.run import Outcome, run_here


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
        self.trials = list(zip(probes, expected, outcomes, strict=True))

    def says_something(self) -> bool:
        """An answer that raises wherever it is wrong could be anything."""
        return any(
            not outcome.failure and not same(reference, outcome, probe)
            for probe, reference, outcome in self.trials
        )

    def explained_by(self, knobs: Mapping[str, Any], rounding: bool = False) -> bool:
        if rounding:
            return self._explained_by_rounding({})
        variant = self.question.with_knobs(knobs)
        return all(same(run_here(variant, probe), outcome, probe) for probe, _, outcome in self.trials)

    def explained_by_pair(
        self, first: Misconception, second: Misconception, knobs: Mapping[str, Any]
    ) -> bool:
        if first.rounding == second.rounding:
            return not first.rounding and self.explained_by(knobs)
        exact = second if first.rounding else first
        setting = next(s for s in exact.settings if s.items() <= knobs.items())
        return self._explained_by_rounding(setting)

    def _explained_by_rounding(self, knobs: Mapping[str, Any]) -> bool:
        """As `knobs` say on every exact probe, and not on some probe where rounding shows."""
        variant = self.question.with_knobs(knobs)
        agrees = [
            (probe.rounding, same(run_here(variant, probe), outcome, probe))
            for probe, _, outcome in self.trials
        ]
        return all(ok for rounding, ok in agrees if not rounding) and not all(
            ok for rounding, ok in agrees if rounding
        )
