"""Is one call answered once like this and once like that?"""

from bn_course.grading.compare import close, same
from bn_course.grading.relations.case import Case, Finding


def findings(case: Case) -> list[Finding]:
    """Ask once more what was asked: an answer that keeps nothing says the same."""
    told = case.fixed[:1] + [trial for trial in case.wrong if trial is not case.fixed[0]][:1]
    for trial in told:
        first = case.answer(trial.probe)
        second = case.answer(trial.probe)
        if same(trial.outcome, first, trial.probe) and same(first, second, trial.probe):
            continue
        right = close(trial.expected.value, trial.outcome.value, trial.probe)
        text = "The same call, made again, gives another answer: something is kept between calls, or drawn."
        if right:
            text = "You are right when called once. The same call, made again, gives another answer."
        return [Finding(text, "state", True, (), lambda trial: True)]
    return []
