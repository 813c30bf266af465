"""Explain a wrong answer: by a mistake that is known, else by how it is related to what was expected.

Both are tested on every probe. What is certain of one number (whatever ε is given, what is returned is what
ε = 1e-6 would give) corrects the names: knobs know a few values of ε, a relation finds any.
"""

from collections.abc import Sequence

from bn_course.grading.diagnose import diagnose
from bn_course.grading.question import Probe, Question
from bn_course.grading.relations import Relation, relations
from bn_course.grading.run import Outcome

# What a relation about ε is called; and the names among which it decides.
_NAMES = {
    "constant": ("eps-hard-coded",),
    "default": ("eps-default", "other-default-eps"),
    "zero": ("no-eps",),
    "square": ("eps-squared",),
}
_ABOUT_EPS = {
    *("no-eps", "eps-hard-coded", "eps-default", "other-default-eps", "eps-squared"),
    *("eps-outside-sqrt", "eps-as-floor", "eps-after-quotient"),
}


def explain(
    question: Question, probes: Sequence[Probe], expected: Sequence[Outcome], outcomes: Sequence[Outcome], run
) -> tuple[tuple[str, ...], str | None]:
    """The keys of the mistakes that are certain; where there are none, what else is true, in a sentence."""
    keys = diagnose(question, probes, expected, outcomes)
    if keys and not _ABOUT_EPS & {*keys}:
        return keys, None
    told = relations(question, probes, expected, outcomes, run)
    keys = _corrected(keys, question, told)
    return keys, None if keys or not told else " ".join(relation.sentence for relation in told)


def _corrected(keys: tuple[str, ...], question: Question, told: Sequence[Relation]) -> tuple[str, ...]:
    """`keys` without those that an exact statement about ε contradicts, and with the one that it proves."""
    about_eps = [r for r in told if r.exact and "eps" in r.names and r.kind in _NAMES]
    if keys and not {*keys} & {"no-eps", "eps-squared"}:
        # A knob sees probes that a relation cannot read: it would have known ε = 0 and ε².
        about_eps = [r for r in about_eps if r.kind in ("constant", "default")]
    if not about_eps:
        return keys
    proven = {name for relation in about_eps for name in _NAMES[relation.kind]}
    kept = {key for key in keys if key not in _ABOUT_EPS or key in proven}
    known = [m.key for m in question.misconceptions]
    return tuple(key for key in known if key in kept or (not kept and key in proven))
