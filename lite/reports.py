"""Grade the same answers here and in Pyodide: what both write must be the same, to the letter.

Both run `write(file)`: for every question that NumPy is enough for, the report on stubs, the solution, every
setting of every misconception, and rubbish. The probe that is drawn afresh is drawn from one seed in both.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bn_course.grading import judge
from bn_course.grading.catalogue import catalogue
from bn_course.grading.question import Question
from bn_course.grading.solutions import source

SEED = 314


def _raises(error: type[Exception]) -> Callable:
    def answer(*args):
        raise error("rubbish")

    return answer


STUBS = {
    "raises NotImplementedError": _raises(NotImplementedError),
    "returns ...": lambda *args: ...,
    "returns None": lambda *args: None,
}
RUBBISH = {
    "raises ZeroDivisionError": _raises(ZeroDivisionError),
    "raises KeyError": _raises(KeyError),
    "takes nothing": lambda: 1,
    "a text": lambda *args: "rubbish",
    "a set": lambda *args: {1, 2},
    "itself": lambda *args: args,
    "zero": lambda *args: 0,
    "NaN": lambda *args: np.full(3, np.nan),
    "infinity": lambda *args: np.inf,
    "complex": lambda *args: np.ones(3) * 1j,
    "objects": lambda *args: np.array([None, "x"], dtype=object),
    "empty": lambda *args: np.zeros((0, 4)),
    "a tuple of texts": lambda *args: ("a", "b"),
    "no function": 7,
}


def answers(question: Question) -> Iterator[tuple[str, object]]:
    """Each answer with what it is."""
    yield from (*STUBS.items(), *RUBBISH.items())
    names = {"np": np}
    exec(source(question), names)
    yield "the solution", names[question.name]
    for misconception, setting in question.diagnosable:
        yield f"{misconception.key} {dict(setting)}", question.with_knobs(setting)


def reports(questions: list[str]) -> dict[str, str]:
    """What a learner reads for each answer, and all else that the report says."""
    fresh = np.random.default_rng
    judge.np.random.default_rng = lambda seed=SEED: fresh(seed)
    try:
        return {
            f"{name}: {what}": json.dumps(
                [str(report := judge.judge_here(question, answer)), report.to_dict()]
            )
            for name, question in catalogue().items()
            if name in questions
            for what, answer in answers(question)
        }
    finally:
        judge.np.random.default_rng = fresh


def write(file: str, questions: list[str]) -> None:
    """Write the reports to `file`."""
    Path(file).write_text(json.dumps(reports(questions), indent=1), encoding="utf-8")
