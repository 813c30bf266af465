"""Lesson 00: Return twice x, in a new array."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


def double(x):
    """Twice x, in a new array."""
    return 2 * np.asarray(x)


def _variant(x, *, operation="double"):
    return {
        "double": lambda: x + x,
        "square": lambda: x**2,
        "plus-two": lambda: x + 2,
        "half": lambda: x / 2,
        "unchanged": lambda: x.copy(),
    }[operation]()


def _probes(rng):
    return [
        Probe("a row of numbers", (rng.normal(size=5),)),
        Probe("a table of numbers", (rng.normal(size=(3, 4)),)),
        Probe("whole numbers", (np.array([1, 2, 5]),)),
    ]


QUESTION = Question(
    name="double",
    points=1,
    level=1,
    reference=double,
    variant=_variant,
    returns=("the result",),
    probes=_probes,
    examples=(Probe("three numbers", (np.array([1.0, 2.0, 3.0]),)),),
    misconceptions=(
        mistake("squared", operation="square"),
        mistake("adds-two", operation="plus-two"),
        mistake("halved", operation="half"),
        mistake("unchanged", operation="unchanged"),
        mistake("mutates-input"),
    ),
    properties=(
        Property(
            "half of it is x",
            lambda args, y: (
                None if np.allclose(np.asarray(y) / 2, args[0]) else "half of the result is not x"
            ),
        ),
    ),
)
