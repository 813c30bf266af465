"""Run an answer on a probe, in this process."""

from collections.abc import Callable, Mapping
from typing import Any

from bn_course.drivers.outcome import Failure, Foreign, Outcome, attempt
from bn_course.grading.question import Probe, Question

__all__ = ["Failure", "Foreign", "Outcome", "run_here", "run_reference", "run_variant"]

_MOST = 20_000  # outcomes that are kept; most have a few hundred numbers
_KEPT: dict[tuple, Outcome] = {}


def run_here(answer: Callable, probe: Probe) -> Outcome:
    """What `answer` does with `probe`, trusting it."""
    return attempt(answer, probe.driver, probe.args)


def run_reference(question: Question, probe: Probe) -> Outcome:
    """What is right on `probe`."""
    return _kept(question, None, probe, lambda: question.reference)


def run_variant(question: Question, knobs: Mapping[str, Any], probe: Probe) -> Outcome:
    """What an answer with the mistakes of `knobs` does with `probe`."""
    return _kept(question, frozenset(knobs.items()), probe, lambda: question.with_knobs(knobs))


def _kept(question: Question, knobs: frozenset | None, probe: Probe, answer: Callable) -> Outcome:
    """The outcome, kept for the next check where the probe is one that comes at every check."""
    key = (question, knobs, probe)
    if key in _KEPT:
        return _KEPT[key]
    outcome = run_here(answer(), probe)
    if not outcome.failure and (probe in question.fixed_probes or probe in question.examples):
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[key] = outcome
    return outcome
