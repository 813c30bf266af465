"""Lesson 07: The first step from which the accuracy is never below the target again."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question


def steps_to_target(accuracies, target):
    """The first step from which the accuracy is never below target again, or None."""
    from bn_course.nets.speed import steps_to_target

    return steps_to_target(accuracies, target)


def _steps_variant(accuracies, target, *, which="stays", strict=False, first=0, never=None, bar="given"):
    bar = {"given": target, "best": target * max(accuracies, default=1.0)}[bar]
    reached = [a > bar if strict else a >= bar for a in accuracies]
    steps = range(len(reached))
    fits = {
        "stays": lambda i: all(reached[i:]),
        "first": lambda i: reached[i],
        "two": lambda i: all(reached[i : i + 2]),
        "below": lambda i: all(reached[i + 1 :]),
        "last": lambda i: reached[i] and not any(reached[i + 1 :]),
    }[which]
    found = next((i for i in steps if fits(i)), None)
    if found is None:
        return {None: None, "length": len(reached), "minus-one": -1, "last": len(reached) - 1}[never]
    return found + first


def _steps_probes(rng):
    rising = 1 - 0.9 * np.exp(-np.arange(40) / 8) + rng.normal(0, 0.05, 40)
    rising[5], rising[-3:] = 0.97, 0.95  # passes early by luck, and stays at the end
    return [
        Probe("a noisy run of 40 steps", (rising, 0.9)),
        Probe("equal counts", (np.array([0.25, 0.5, 0.75, 0.5, 0.75, 0.75]), 0.75)),
        Probe("passes, and falls back at the end", (np.array([0.1, 0.95, 0.96, 0.4]), 0.9)),
        Probe("any accuracy will do, 0 too", (np.array([0.3, 0.0, 0.4]), 0.0)),
        Probe("never", (np.array([0.1, 0.2, 0.3]), 0.5)),
        Probe("from the first step on", (np.array([0.9, 0.95, 0.99]), 0.8)),
        Probe("at the last step", (np.array([0.1, 0.2, 0.9]), 0.8)),
        Probe("above for two, below for one", (np.array([0.1, 0.9, 0.9, 0.2, 0.9, 0.8, 0.9]), 0.5)),
    ]


QUESTION = Question(
    name="steps_to_target",
    points=1,
    level=1,
    reference=steps_to_target,
    variant=_steps_variant,
    returns=("the step",),
    probes=_steps_probes,
    examples=(
        Probe("reached and kept", (np.array([0.5, 0.75, 1.0]), 0.75)),
        Probe("reached, lost, reached", (np.array([0.5, 1.0, 0.5, 1.0]), 0.75)),
        Probe("never reached", (np.array([0.25, 0.5]), 0.75)),
        Probe("lost after two", (np.array([1.0, 1.0, 0.0, 1.0]), 0.75)),
        Probe("a target of 0", (np.array([1.0, 0.0]), 0.0)),
    ),
    misconceptions=(
        mistake("first-crossing", which="first"),
        mistake("looks-one-ahead", which="two"),
        mistake("one-too-early", which="below"),
        mistake("last-crossing", which="last"),
        mistake("equal-does-not-count", strict=True),
        mistake("counts-from-one", first=1),
        mistake("number-for-never", {"never": "length"}, {"never": "minus-one"}, {"never": "last"}),
        mistake("share-of-the-best", bar="best"),
        mistake("mutates-input"),
    ),
)
