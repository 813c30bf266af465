"""Where an answer is right: on which inputs, in which of its results, in float64 alone."""

from collections.abc import Iterator, Sequence

from bn_course.grading.compare import close
from bn_course.grading.relations.case import Case, Finding, is_flag
from bn_course.grading.relations.words import is_plural, listed, sentence, symbol


def findings(case: Case) -> Iterator[Finding]:
    """The least that can be said."""
    yield from _kinds(case)
    yield from _outputs(case)


def _kinds(case: Case) -> Iterator[Finding]:
    """Right on every input but one kind."""
    labels = {trial.index: trial.probe.label for trial in case.wrong}
    if len(labels) == 1 and len(case.fixed) > 2 and case.complete:
        ((index, label),) = labels.items()
        text = f"You are right on every input tried but one: {label}."
        yield Finding(text, "input", False, case.wrong_outputs, lambda t: t.wrong() == (t.index == index))


def inputs(case: Case) -> list[Finding]:
    """What is wrong is a yes or a no; or all is right on most inputs, whatever it is that is returned."""
    if case.wrong_outputs and all(map(is_flag, case.wrong_outputs)):
        text = f"One thing is not as it should be: {listed(case.wrong_outputs)}."
        return [Finding(text, "outputs", False, case.wrong_outputs, lambda trial: True)]
    wrong = [t for t in case.fixed if not close(t.expected.value, t.outcome.value, t.probe)]
    if not case.complete or not 0 < len(wrong) <= min(3, len(case.fixed) - 2):
        return []
    but = "one" if len(wrong) == 1 else "these"
    labels = "; ".join(trial.probe.label for trial in wrong)
    text = f"You are right on every input tried but {but}: {labels}."
    return [Finding(text, "input", False, (), lambda trial: True)]


def _outputs(case: Case) -> Iterator[Finding]:
    """Which of several results are wrong, and which are right."""
    sound = [name for name in case.outputs if name not in case.wrong_outputs and not is_flag(name)]
    if not sound:
        return
    wrong = case.wrong_outputs
    text = f"only {_the(wrong)} {_be(wrong)} wrong."
    if len(wrong) > len(sound):
        text = f"{_the(sound)} {_be(sound)} right on every input tried; the rest is not."
    yield Finding(sentence(text), "outputs", False, wrong, lambda trial: not trial.wrong(sound))


def _be(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 or is_plural(names[0]) else "is"


def _the(names: Sequence[str]) -> str:
    return listed([f"your {symbol(name.removeprefix('the '))}" for name in names])


def rounding(case: Case) -> list[Finding]:
    """Right wherever float64 is given, and wrong in float32 far from zero."""
    wrong = [t for t in case.rounded if not close(t.expected.value, t.outcome.value, t.probe)]
    if not wrong or len(case.exact) < 2:
        return []
    text = "You are right in float64. In float32, far from zero, rounding drowns your answer."
    return [Finding(text, "float64", False, (), lambda trial: True)]
