"""The arguments of a probe by name, and the same probe with other ones."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from bn_course import drivers
from bn_course.grading.question import Probe, Question


def arguments(question: Question, probe: Probe) -> dict[str, Any]:
    """What the answer's parameters are given, defaults included, as far as the question names them."""
    given = probe.args[0] if _makes_objects(probe.driver) else probe.args
    found = dict(zip(_names(question, probe.driver), given, strict=False))
    for name, default in _defaults(question.reference).items():
        if found.get(name) is None and name in _names(question, probe.driver):
            found[name] = default
    return {name: value for name, value in found.items() if name in _spoken_of(question)}


def left_out(question: Question, probe: Probe, name: str) -> bool:
    """Is this parameter left at its default?"""
    given = probe.args[0] if _makes_objects(probe.driver) else probe.args
    names = _names(question, probe.driver)
    return name in names and (names.index(name) >= len(given) or given[names.index(name)] is None)


def with_arguments(question: Question, probe: Probe, changed: Mapping[str, Any]) -> Probe:
    """The probe with these arguments in place of its own."""
    names = _names(question, probe.driver)
    given = list(probe.args[0] if _makes_objects(probe.driver) else probe.args)
    defaults = _defaults(question.reference)
    for name, value in changed.items():
        position = names.index(name)
        given += [defaults.get(missing) for missing in names[len(given) : position + 1]]
        given[position] = value
    args = (tuple(given), *probe.args[1:]) if _makes_objects(probe.driver) else tuple(given)
    return replace(probe, args=args)


def _names(question: Question, driver: str) -> tuple[str, ...]:
    if driver in drivers.PLAIN or _makes_objects(driver):
        return tuple(p for p, kind in _parameters(question.reference).items() if kind.kind < 2)
    return tuple(_parameters(drivers.find(driver)))[1:]  # the first is the answer


@cache
def _parameters(function: Callable) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _defaults(function: Callable) -> dict[str, Any]:
    return {n: p.default for n, p in _parameters(function).items() if p.default is not p.empty}


def _makes_objects(driver: str) -> bool:
    """Does this driver make an object of a class, with arguments that come first?"""
    return driver not in drivers.PLAIN and tuple(_parameters(drivers.find(driver)))[1:2] == ("arguments",)


def _spoken_of(question: Question) -> set[str]:
    return {*_parameters(question.reference), *re.findall(r"\w+", question.call or "")}
