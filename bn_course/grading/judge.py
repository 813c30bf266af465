"""Judge an answer: run it on the probes, check what must hold, find the smallest failure, diagnose."""

import inspect
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from bn_course.drivers import PLAIN
from bn_course.drivers.state import clean_state
from bn_course.grading.compare import as_array, close, contract_fault, kind, largest, largest_difference, same
from bn_course.grading.explain import explain
from bn_course.grading.question import Probe, Question
from bn_course.grading.relations.words import symbol
from bn_course.grading.repair import Place
from bn_course.grading.repair.here import find_place_here
from bn_course.grading.report import NOT_REACHED, CheckResult, Example, Report
from bn_course.grading.run import Failure, Foreign, Outcome, Unavailable, run_clean, run_reference

Runner = Callable[[Probe], Outcome]
LONGEST = 12  # numbers of an array that are written down


def judge(question: Question, run: Runner) -> Report:
    """Grade whatever `run` runs. The runner may be in this process or speak to another one.

    Where the reference cannot run, the report is `checked=False` and says why: that is no verdict.
    """
    with clean_state():
        try:
            return _judge(question, run)
        except Unavailable as error:
            return Report(question.name, False, 0, question.points, checked=False, note=str(error))


def _judge(question: Question, run: Runner) -> Report:
    probes = draw_probes(question)
    first = run(probes[0])
    if _untouched(first):
        return _not_attempted(question, first)
    outcomes = [first, *map(run, probes[1:])]
    expected = [run_reference(question, probe) for probe in probes]
    trials = list(zip(probes, expected, outcomes, strict=True))
    checks = _checks(question, trials)
    if all(result.passed for result in checks):
        return Report(question.name, True, question.points, question.points, checks=checks)
    keys, relation = explain(question, probes, expected, outcomes, run)
    diagnosis = _with_mutation(question, keys, outcomes)
    return Report(
        question.name,
        False,
        0,
        question.points,
        diagnosis=diagnosis,
        relation=relation,
        checks=checks,
        example=_smallest_failure(question, run, trials),
        explanations=tuple((m.did, m.why) for m in question.misconceptions if m.key in diagnosis),
    )


def judge_here(question: Question, answer: Any) -> Report:
    """Grade an answer in this process, trusting it."""
    return judge(question, lambda probe: run_clean(answer, probe))


def locate_here(report: Report, question: Question, answer: Any) -> Report:
    """The report with the place of the mistake in the answer's source, where it is found."""
    return located(report, question, partial(find_place_here, question, answer))


Finder = Callable[[Sequence[Probe], Sequence[Outcome]], tuple[Place, ...]]


def located(report: Report, question: Question, find: Finder) -> Report:
    """The report with the place that mends the answer, where `find` finds one. It changes no score."""
    if report.passed or not report.attempted or not report.checked:
        return report
    with clean_state():
        probes = draw_probes(question)
        return report.with_places(find(probes, [run_reference(question, probe) for probe in probes]))


def draw_probes(question: Question) -> list[Probe]:
    """The question's own probes, and one drawn afresh so that no table of answers can pass."""
    return [*question.fixed_probes, question.probes(np.random.default_rng())[0]]


def _untouched(outcome: Outcome) -> bool:
    if outcome.failure:
        return outcome.failure.type_name == "NotImplementedError"
    value = outcome.value
    empty = isinstance(value, tuple) and len(value) > 0 and all(v is None or v is ... for v in value)
    return value is None or value is ... or empty


def _not_attempted(question: Question, outcome: Outcome) -> Report:
    returned_nothing = not outcome.failure and outcome.value is None
    note = ""
    if returned_nothing and question.in_place:
        note = "Nothing has changed in what it was given."
    elif returned_nothing:
        note = "It returns None. If you have begun, is there a `return`?"
    return Report(question.name, False, 0, question.points, attempted=False, note=note)


def _checks(question: Question, trials: Sequence[tuple[Probe, Outcome, Outcome]]) -> list[CheckResult]:
    faults = [_fault(question, *trial) for trial in trials]
    sound = [trial for trial, fault in zip(trials, faults, strict=True) if not fault]
    return [
        _check_runs(question, trials),
        _check_contract(question, trials, faults),
        *_check_properties(question, sound),
        *_check_values(trials, sound),
    ]


def _fault(question: Question, probe: Probe, expected: Outcome, outcome: Outcome) -> str | None:
    if expected.failure:  # the question asks the answer to raise here
        wanted = f"it should raise {expected.failure.type_name}"
        if not outcome.failure:
            return wanted
        return None if same(expected, outcome, probe) else f"{wanted}; it raised {outcome.failure.type_name}"
    if outcome.failure:
        return "it raised"
    return contract_fault(expected.value, outcome.value, probe.returns or question.returns)


def _check_runs(question, trials) -> CheckResult:
    for probe, expected, outcome in trials:
        if outcome.failure and not expected.failure:
            called = f"\nIt is called as `{signature(question)}`." if _misfit(outcome.failure) else ""
            return CheckResult("it runs", False, f"it raised {outcome.failure}\nOn {probe.label}.{called}")
    return CheckResult("it runs", True, "")


def _misfit(failure: Failure) -> bool:
    """Was the call itself refused, before any line of the learner's ran?"""
    return failure.type_name == "TypeError" and not failure.line


def _check_contract(question, trials, faults) -> CheckResult:
    name = "types and shapes"
    for (probe, _, _), fault in zip(trials, faults, strict=True):
        if fault and fault != "it raised":
            return CheckResult(name, False, f"{fault} (on {probe.label})")
    for probe, _, outcome in trials:
        if outcome.mutated:
            argument = _argument_name(question, probe, outcome.mutated[0])
            return CheckResult(name, False, f"{argument} was changed in place: work on a copy")
    return CheckResult(name, "it raised" not in faults, NOT_REACHED if "it raised" in faults else "")


def _check_properties(question, sound) -> list[CheckResult]:
    exact = [(p, o) for p, e, o in sound if not p.rounding and not e.failure]
    return [_check_property(prop, exact) for prop in question.properties]


def _check_property(prop, exact) -> CheckResult:
    for probe, outcome in exact:
        fault = prop.fault(probe.args, outcome.value)
        if fault:
            return CheckResult(prop.name, False, f"{fault} (on {probe.label})")
    return CheckResult(prop.name, bool(exact), "" if exact else NOT_REACHED)


def _check_values(trials, sound) -> list[CheckResult]:
    wanted = [("values", False), ("float32 at a large mean", True)]
    have = {probe.rounding for probe, _, _ in trials}
    return [_check_value(name, r, trials, sound) for name, r in wanted if r in have]


def _check_value(name, rounding, trials, sound) -> CheckResult:
    asked = [t for t in trials if t[0].rounding == rounding]
    ran = [(p, e, o) for p, e, o in sound if p.rounding == rounding]
    wrong = [(p, e, o) for p, e, o in ran if not e.failure and not close(e.value, o.value, p)]
    if wrong:
        # The probe drawn afresh, the last, counts only where it alone fails: a report stays the same.
        fixed = [trial for trial in wrong if trial[0] is not trials[-1][0]] or wrong
        return CheckResult(name, False, _difference(fixed))
    return CheckResult(name, len(ran) == len(asked), "" if len(ran) == len(asked) else NOT_REACHED)


def _difference(wrong) -> str:
    """Where values differ most for their size, and by how much; or that only words beside them do."""
    if all(close(_numbers(e.value), _numbers(o.value), p) for p, e, o in wrong):
        return f"the numbers are right; what is said beside them is not (on {wrong[0][0].label})"
    measured = [(largest_difference(e.value, o.value), largest(e.value), p.label) for p, e, o in wrong]
    gap, size, label = max(measured, key=lambda m: m[0] / max(m[1], 1e-12))
    scale = f", where the right ones reach {size:.2g}" if size else ""
    return f"the values differ from the definition, by up to {gap:.2g}{scale} (on {label})"


def _numbers(value: Any) -> Any:
    """`value` without its words."""
    return tuple(v for v in value if not isinstance(v, str)) if isinstance(value, tuple) else value


def _with_mutation(question, keys, outcomes) -> tuple[str, ...]:
    known = {m.key for m in question.misconceptions}
    if "mutates-input" in known and any(outcome.mutated for outcome in outcomes):
        keys = (*keys, "mutates-input")
    return keys


def _smallest_failure(question: Question, run: Runner, trials) -> Example | None:
    """The first of the question's small examples that fails; else the first probe that does."""
    for probe in question.examples:
        expected, outcome = run_reference(question, probe), run(probe)
        if not same(expected, outcome, probe):
            return _example(question, probe, expected, outcome)
    for probe, expected, outcome in trials:
        small = sum(np.size(arg) for arg in probe.args if isinstance(arg, np.ndarray)) <= 12
        if small and not same(expected, outcome, probe):
            return _example(question, probe, expected, outcome)
    return None


def _example(question: Question, probe: Probe, expected: Outcome, outcome: Outcome) -> Example:
    names = probe.returns or question.returns
    given = probe.shown or ", ".join(
        f"{_argument_name(question, probe, i)} = {show(arg)}" for i, arg in enumerate(probe.args)
    )
    if outcome.failure:
        return Example(given, f"raises {outcome.failure}", _named(expected.value, names))
    if expected.failure:
        return Example(given, show(outcome.value), f"raises {expected.failure.type_name}")
    parts, wanted = outcome.value, expected.value
    if isinstance(wanted, tuple) and isinstance(parts, np.ndarray) and parts.shape[:1] == (len(wanted),):
        parts = tuple(parts)
    if isinstance(wanted, tuple) and isinstance(parts, tuple) and len(parts) == len(wanted):
        wrong = [i for i, (e, v) in enumerate(zip(wanted, parts, strict=True)) if not close(e, v, probe)]
        parts, wanted = tuple(parts[i] for i in wrong), tuple(wanted[i] for i in wrong)
        names = tuple(names[i] for i in wrong)
    for decimals in (4, 7, 10):  # as few as tell the two apart
        yours, right = _named(parts, names, decimals), _named(wanted, names, decimals)
        if yours != right:
            return Example(given, yours, right)
    return Example(given, *_where_they_differ(parts, wanted, yours, right))


def _where_they_differ(parts: Any, wanted: Any, yours: str, right: str) -> tuple[str, str]:
    """Two texts that begin alike, each with the first entry that differs."""
    pairs = zip(parts, wanted, strict=True) if isinstance(wanted, tuple) else [(parts, wanted)]
    for one, other in pairs:
        one, other = as_array(one), as_array(other)
        if one is None or other is None or one.shape != other.shape:
            break
        apart = np.argwhere(~np.isclose(one, other, equal_nan=True))
        if len(apart):
            at = tuple(map(int, apart[0]))
            return tuple(
                f"{said}; at {list(at)}: {show(v[at], 10)}" for said, v in ((yours, one), (right, other))
            )
    return yours, right


def _named(value: Any, names: tuple[str, ...], decimals: int = 4) -> str:
    if isinstance(value, tuple) and len(value) == len(names):
        pairs = zip(names, value, strict=True)
        return ", ".join(f"{name} = {show(part, decimals)}" for name, part in pairs)
    return show(value, decimals)


def show(value: Any, decimals: int = 4) -> str:
    """A value as one would write it down, rounded."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.{decimals}g}"
    if isinstance(value, np.ndarray):
        if value.size > LONGEST:
            begun = show(value.ravel()[:LONGEST], decimals).rstrip("]")
            return f"{begun}, …], of shape {value.shape}"
        rounded = np.round(value if value.dtype.kind == "c" else value.astype(float), decimals) + 0.0
        text = np.array2string(rounded, precision=decimals, separator=", ", floatmode="maxprec")
        text = re.sub(r"(?<=\d)\.?\s*(?=[\],])", "", " ".join(text.split()))
        return text.replace("[ ", "[").rstrip(".")
    if isinstance(value, tuple):
        return "(" + ", ".join(show(item, decimals) for item in value) + ")"
    if isinstance(value, Foreign):
        return kind(value)
    return "..." if value is ... else repr(value[:80]) if isinstance(value, str) else str(value)


def signature(question: Question) -> str:
    """How the question's answer is called."""
    if question.call:
        return question.call
    return f"{question.name}({', '.join(inspect.signature(question.reference).parameters)})"


def _argument_name(question: Question, probe: Probe, index: int) -> str:
    names = list(inspect.signature(question.reference).parameters)
    plain_call = probe.driver in PLAIN and index < len(names)
    return symbol(names[index]).strip("`") if plain_call else f"argument {index + 1}"
