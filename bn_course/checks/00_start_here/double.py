"""Lesson 00: Return twice x, in a new array."""

import numpy as np

from bn_course.checks._shared import own
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
    task="Return twice x, in a new array.",
    ask=(
        "At x = 2, what do 2x, x² and x + 2 give? Which x tells the three apart?",
        "All give 4 at 2; at 3 they give 6, 9 and 5. An example on which the likely mistakes agree proves nothing.",
    ),
    reference=double,
    variant=_variant,
    returns=("the result",),
    probes=_probes,
    examples=(Probe("three numbers", (np.array([1.0, 2.0, 3.0]),)),),
    misconceptions=(
        own(
            "squared",
            "You square x.",
            "Twice x is x + x; the square is x·x.",
            operation="square",
        ),
        own("adds-two", "You add 2.", "Twice x is 2·x; x + 2 shifts it.", operation="plus-two"),
        own("halved", "You halve x.", "Twice x is 2·x.", operation="half"),
        own("unchanged", "You return x as it was.", "Twice x is 2·x.", operation="unchanged"),
        own(
            "mutates-input",
            "You change an argument in place.",
            "Whoever called your function may still need it. `2 * x` makes a new array, `x *= 2` "
            "overwrites the caller's.",
        ),
    ),
    properties=(
        Property(
            "half of it is x",
            lambda args, y: (
                None if np.allclose(np.asarray(y) / 2, args[0]) else "half of the result is not x"
            ),
        ),
    ),
    hints=(
        "What would you multiply a single number by?",
        "NumPy arrays take arithmetic whole: `x + 1` adds 1 to every entry, and gives a new array.",
        "Return `2 * x`. (`x *= 2` would change the caller's array.)",
    ),
)
