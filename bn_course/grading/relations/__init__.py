"""How is a wrong answer related to what was expected?

Nothing here knows a question. A statement is made because it was tested on every probe and on probes drawn
anew; where nothing specific is true, nothing is said.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from bn_course.grading.question import Probe, Question
from bn_course.grading.relations import (
    calls,
    effects,
    forms,
    invariances,
    places,
    quantities,
    reach,
    scalars,
    spans,
    substitutions,
    whereabouts,
)
from bn_course.grading.relations.case import Case, Finding
from bn_course.grading.run import Outcome

# Most specific first. What comes after the first certain statement of the exact kind is not asked.
_EXACT = (scalars, quantities, substitutions)
_NEAR = (effects, reach, spans, places, invariances, whereabouts)


@dataclass(frozen=True)
class Relation:
    """A true statement about a wrong answer.

    `exact` says that it is the cause itself; else it is the neighbourhood of the cause. `names` are the
    parameters and outputs that it speaks of.
    """

    sentence: str
    exact: bool
    kind: str
    names: frozenset[str] = frozenset()


def relations(
    question: Question,
    probes: Sequence[Probe],
    expected: Sequence[Outcome],
    outcomes: Sequence[Outcome],
    run: Callable[[Probe], Outcome],
) -> tuple[Relation, ...]:
    """What is true of the answer that gave `outcomes`: the most specific first, two at most.

    `run` runs the answer on another probe. The last probe is taken to be drawn afresh: it vetoes only.
    """
    with np.errstate(all="ignore"):  # an answer may give infinities and NaN
        case = Case(question, probes, expected, outcomes, run)
        told = calls.findings(case) or _related(case) or whereabouts.inputs(case)
    return tuple(
        Relation(made.sentence, made.exact, made.kind, frozenset((*made.outputs, *made.mentions)))
        for made in told[:2]
    )


def _related(case: Case) -> list[Finding]:
    if case.paired and not case.wrong:
        return whereabouts.rounding(case)
    found = _certain(case, forms.findings(case))
    if not case.paired:
        return found or _exact(case, (), (scalars, substitutions))
    found = found or _exact(case, case.wrong_outputs, _EXACT)
    if not found and len(case.wrong_outputs) > 1:
        found = [made for name in case.wrong_outputs[:3] for made in _exact(case, (name,), _EXACT)]
    if any(not made.outputs for made in found):
        return found
    for module in _NEAR:
        left = set(case.wrong_outputs) - {name for made in found for name in made.outputs}
        if left and len(found) < 2:
            found += [made for made in _certain(case, module.findings(case)) if left & set(made.outputs)]
    return found


def _exact(case: Case, outputs: tuple[str, ...], modules) -> list[Finding]:
    """The first certain statement about these outputs."""
    candidates = (made for module in modules for made in module.findings(case, outputs))
    return list(islice(filter(case.certain, candidates), 1))


def _certain(case: Case, candidates: Iterable[Finding]) -> list[Finding]:
    """The first certain statement, and the first about each output that no earlier one speaks of."""
    found: list[Finding] = []
    for made in candidates:
        known = {name for earlier in found for name in earlier.outputs}
        if not known & set(made.outputs) and case.certain(made):
            found.append(made)
            if not made.outputs or set(case.wrong_outputs) <= known | set(made.outputs):
                break
    return found
