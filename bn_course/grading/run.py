"""Run an answer on a probe, in this process."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bn_course import course
from bn_course.drivers.outcome import Failure, Foreign, Outcome, attempt
from bn_course.drivers.state import clean_state
from bn_course.grading.question import Probe, Question

__all__ = [
    "Failure",
    "Foreign",
    "Outcome",
    "Unavailable",
    "run_clean",
    "run_here",
    "run_reference",
    "run_variant",
]

_MOST = 20_000  # outcomes that are kept; most have a few hundred numbers
_KEPT: dict[tuple, Outcome] = {}

_ASKED_FOR = "ValueError"  # the one error that questions ask an answer to raise
_PACKAGES = {
    "torch": ("PyTorch", "torch"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "scipy": ("SciPy", "scipy"),
    "triton": ("Triton (there is one for Linux)", "triton"),
}


class Unavailable(Exception):  # noqa: N818 - about this machine, no answer's fault
    """A question's reference cannot run here; the message says why."""


def run_here(answer: Callable, probe: Probe) -> Outcome:
    """What `answer` does with `probe`, trusting it."""
    return attempt(answer, probe.driver, probe.args)


def run_clean(answer: Callable, probe: Probe) -> Outcome:
    """As `run_here`, for an answer that may be used in a session, and leave it, in any state."""
    with clean_state():
        return run_here(answer, probe)


def run_reference(question: Question, probe: Probe) -> Outcome:
    """What is right. Raises Unavailable where the reference fails as no question asks an answer to."""
    outcome = _kept(question, None, probe, lambda: question.reference)
    if outcome.failure and outcome.failure.type_name != _ASKED_FOR:
        raise Unavailable(_why(outcome.failure))
    return outcome


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


def _why(failure: Failure) -> str:
    missing = re.match(r"No module named '([^'.]+)", failure.message)
    if not missing:
        return f"this question cannot be checked here: its own solution raised {failure}"
    name, package = _PACKAGES.get(missing[1], (missing[1], missing[1]))
    if course.in_browser():
        return f"this question needs {name}, which no browser runs: answer it in the installed course"
    return f"this question needs {name}, which is not installed here: pip install {package}"
