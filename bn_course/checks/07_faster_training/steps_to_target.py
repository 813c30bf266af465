"""Lesson 07: The first step from which the accuracy is never below the target again."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Question


# --- steps_to_target --------------------------------------------------------------------------
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
        Probe("never", (np.array([0.1, 0.2, 0.3]), 0.5)),
        Probe("from the first step on", (np.array([0.9, 0.95, 0.99]), 0.8)),
        Probe("at the last step", (np.array([0.1, 0.2, 0.9]), 0.8)),
        Probe("above for two, below for one", (np.array([0.1, 0.9, 0.9, 0.2, 0.9, 0.8, 0.9]), 0.5)),
    ]


QUESTION = Question(
    name="steps_to_target",
    points=1,
    level=1,
    task="The first step from which the accuracy is never below the target again.",
    ask=(
        "Accuracies 0.5, 0.9, 0.8, 0.9, target 0.9. What do you return, and what if the run ended one step earlier?",
        "3, since step 1 was lost again; and None. Who returns 1 rewards a lucky step.",
    ),
    reference=steps_to_target,
    variant=_steps_variant,
    returns=("the step",),
    probes=_steps_probes,
    examples=(
        Probe("reached and kept", (np.array([0.5, 0.75, 1.0]), 0.75)),
        Probe("reached, lost, reached", (np.array([0.5, 1.0, 0.5, 1.0]), 0.75)),
        Probe("never reached", (np.array([0.25, 0.5]), 0.75)),
        Probe("lost after two", (np.array([1.0, 1.0, 0.0, 1.0]), 0.75)),
    ),
    misconceptions=(
        own(
            "first-crossing",
            "You return the first step at which the target is reached, though it is lost again later.",
            "A run that jumps about passes any target by luck. Asked for is the step from which it stays.",
            which="first",
        ),
        own(
            "looks-one-ahead",
            "You look at the next step alone.",
            "The accuracy must not fall below the target at any later step.",
            which="two",
        ),
        own(
            "one-too-early",
            "You return the last step *below* the target.",
            "The run is there one step later.",
            which="below",
        ),
        own(
            "last-crossing",
            "You return the last step at or above the target, when none follows.",
            "Asked for is where the last stretch at or above the target begins.",
            which="last",
        ),
        own(
            "equal-does-not-count",
            "You ask for more than the target.",
            "An accuracy equal to the target counts: `>=`.",
            strict=True,
        ),
        own(
            "counts-from-one",
            "You count the steps from 1.",
            "The first entry is step 0.",
            first=1,
        ),
        own(
            "number-for-never",
            "You return a number where the target is never reached for good.",
            "A number would be taken for a step. None says that there is none.",
            {"never": "length"},
            {"never": "minus-one"},
            {"never": "last"},
        ),
        own(
            "share-of-the-best",
            "You take the target as a share of the run's best accuracy.",
            "The target is an accuracy, the same for every run that is compared.",
            bar="best",
        ),
        known("mutates-input"),
    ),
    hints=(
        "Think of the run backwards: how far back from the end is it never below the target?",
        "Find the last step that is below the target. What you want is the next one, if there is one.",
        "Walk through the run with a candidate: set it where the target is reached and there is none, "
        "drop it whenever the accuracy is below.",
        "`below = [i for i, a in enumerate(accuracies) if a < target]`; the answer is `below[-1] + 1`, or 0 "
        "where `below` is empty, or None where that is the length.",
    ),
)
