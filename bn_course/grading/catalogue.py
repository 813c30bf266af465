"""Which questions and predictions there are: those in `bn_course/checks/NN_name/`."""

import difflib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import MappingProxyType

from bn_course import checks
from bn_course.grading.question import Prediction, Question
from bn_course.grading.words import worded


@cache
def lessons() -> tuple[str, ...]:
    """The stems of the lessons that have checks, in order."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(checks.__path__) if m.name[0].isdigit()))


@cache
def catalogue() -> Mapping[str, Question]:
    """Every question by name, in the order of the lessons; nobody can change it."""
    questions = {name: _load(stem, name) for stem in lessons() for name in _lesson(stem).QUESTIONS}
    return MappingProxyType(questions)


def _load(stem: str, name: str) -> Question:
    return replace(worded(_lesson(stem, name).QUESTION, stem), lesson=stem)


def _lesson(*path: str):
    """A lesson's package of checks, or a module of it."""
    return import_module(".".join(("bn_course.checks", *path)))


@cache
def predictions() -> dict[str, Prediction]:
    """Every prediction by its name."""
    return {
        name: prediction
        for stem in lessons()
        for name, prediction in _lesson(stem, "predictions").PREDICTIONS.items()
    }


def find_question(name: str) -> Question:
    """The question called `name`; a ValueError that suggests what was meant, where there is none."""
    if name in catalogue():
        return catalogue()[name]
    raise ValueError(f"there is no question called {name!r}{suggest(name, catalogue())}")


def suggest(name: str, known) -> str:
    """': did you mean …?' where something is near, else nothing."""
    near = difflib.get_close_matches(str(name), list(known))
    return f": did you mean {near[0]!r}?" if near else ""
