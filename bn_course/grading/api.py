"""What a learner calls in a notebook: check, grade, hint, solution, progress, questions."""

from typing import Any

from bn_course.grading import progress as store
from bn_course.grading.catalogue import catalogue, find_question, predictions
from bn_course.grading.judge import judge_here, locate_here
from bn_course.grading.progress_file import question as started
from bn_course.grading.question import QuestionInfo
from bn_course.grading.report import Report
from bn_course.grading.show import Note, Standing, display_report
from bn_course.grading.telling import tell

_fixes: dict[str, str] = {}  # what the last check of a question found would mend the answer


class NotYet(AssertionError):  # noqa: N818 - it is no error of the program's
    """Raised by `check` for a wrong answer. A notebook shows one line of it: the report says the rest."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class NotChecked(RuntimeError):  # noqa: N818
    """Raised by `check` where the question cannot be checked on this machine: there is no verdict."""

    _render_traceback_ = NotYet._render_traceback_


def grade(name: str, answer: Any) -> Report:
    """Grade `answer` for the question `name`: no display, nothing recorded, nothing raised."""
    question = find_question(name)
    return locate_here(judge_here(question, answer), question, answer)


def check(answer: Any, name: str | None = None) -> None:
    """Grade an answer, show the report and record it.

    The question is found by the answer's `__name__`, or named. Raises AssertionError when the answer is
    wrong, so that the same cell serves a learner, nbgrader and nbval; NotChecked, and nothing is recorded,
    where the question cannot be checked on this machine.
    """
    question = find_question(_name_of(answer, name))
    report = judge_here(question, answer)
    warning = store.change(lambda state: _record(state, report)) if report.checked else None
    add = display_report(report, warning)
    if report.checked and report.attempted:
        tell("check", report=report)
    located = locate_here(report, question, answer)  # this takes longer, and the report is there already
    add(located)
    _fixes[question.name] = located.fix
    if not report.checked:
        raise NotChecked(f"{report.name}: {report.note}")
    if not report.passed:
        raise NotYet(f"{report.name}: {report.headline}")


def _name_of(answer: Any, name: str | None) -> str:
    if isinstance(answer, str) and name is None:
        raise ValueError(f"pass the function itself, without quotes: check({answer})")
    found = name or getattr(answer, "__name__", None)
    if found is None:
        raise ValueError(
            f'say which question this answers: check(answer, name="…"); got {type(answer).__name__}'
        )
    return found


def _record(state: dict, report: Report) -> None:
    entry = _entry(state, report.name)
    entry["attempts"] += report.attempted
    if report.passed:
        entry |= {"passed": True, "version": find_question(report.name).version}
    for key in report.diagnosis:
        entry["diagnoses"][key] = entry["diagnoses"].get(key, 0) + 1


def _entry(state: dict, name: str) -> dict:
    return state["questions"].setdefault(name, started())


def hint(name: str) -> Note:
    """The next hint for a question, from a nudge to almost the answer; after the last, the last again.

    After a check that found the place of the mistake, one more hint is the change itself.
    """
    question = find_question(name)
    known = store.load()["questions"].get(name, {"hints": 0})["hints"]
    if known >= len(question.hints) and _fixes.get(name):
        return Note(f"{name}, the change that passes these checks", _fixes[name])

    def one_more(state: dict) -> None:
        entry = _entry(state, name)
        entry["hints"] = min(entry["hints"] + 1, len(question.hints))

    warning = store.change(one_more)
    number = store.load()["questions"][name]["hints"]
    left = len(question.hints) - number
    more = f"{left} more" if left else f'the last one; `solution("{name}")` now shows a solution'
    title = f"{name}, hint {number} of {len(question.hints)} ({more})"
    return Note(title, question.hints[number - 1], warning)


def solution(name: str) -> Note:
    """A solution, once the question was passed or every hint was read; says so otherwise."""
    question = find_question(name)
    entry = store.load()["questions"].get(name, {"passed": False, "hints": 0})
    if entry["passed"] or entry["hints"] >= len(question.hints):
        from bn_course.grading.solutions import source

        return Note(f"{name}, a solution", f"```python\n{source(question)}\n```")
    left = len(question.hints) - entry["hints"]
    text = f'It is shown when your answer has passed, or after all hints: `hint("{name}")`, {left} to go.'
    return Note(f"{name}, not yet", text)


def progress() -> Standing:
    """Where the learner stands: questions passed, how good the predictions were, what was learned."""
    from bn_course.review.standing import learned  # the items' numbers need more than a check does

    return Standing(store.load(), catalogue(), predictions(), store.word(), learned())


def questions() -> list[QuestionInfo]:
    """Every question of the course, in order."""
    return [
        QuestionInfo(
            name=q.name,
            lesson=q.lesson,
            points=q.points,
            level=q.level,
            hints=len(q.hints),
            misconceptions=tuple(m.key for m in q.misconceptions),
        )
        for q in catalogue().values()
    ]
