"""Lesson 02: The variance of each feature, right in float32 far from zero."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question

from ._shared import FAR_FROM_ZERO, offset


def stable_variance(x):
    return norms.statistics(x, axes=(0,))[1][0]


def _stable_variant(x, *, ddof=0, axis=0, keepdims=False, method="two-pass", root=False, divide=True):
    mean = x.mean(axis=axis, keepdims=True)
    if method == "one-pass":
        var = (x * x).mean(axis=axis, keepdims=True) - mean * mean
    else:
        centred = x - mean if method == "two-pass" else x
        squares = (centred * centred).sum(axis=axis, keepdims=True)
        var = squares / (x.size // mean.size - ddof if divide else 1)
    var = np.sqrt(var) if root else var
    return var if keepdims else np.squeeze(var, axis)


def _stable_probes(rng):
    return [
        Probe("six examples, four features", (rng.normal(2, 3, size=(6, 4)),)),
        Probe("two examples, three features", (rng.normal(size=(2, 3)),)),
        Probe("as many examples as features", (rng.normal(1, 2, size=(5, 5)),)),
        Probe("float32 at mean 10 000, few examples", (offset(rng, (6, 4), 1e4),), rounding=True),
        Probe(
            "float32 at mean 10 000, 2000 examples",
            (offset(rng, (2000, 3), 1e4),),
            rounding=True,
            rtol=1e-3,
            atol=1e-4,
        ),
    ]


QUESTION = Question(
    name="stable_variance",
    points=2,
    level=3,
    task="The variance of each feature, right in float32 far from zero.",
    ask=(
        "What is the square of 10 000, and how far from it is the next float32?",
        "10⁸, and 8: a variance of 1 is lost between E[x²] and E[x]². Subtract the mean first, and what is squared is small.",
    ),
    reference=stable_variance,
    variant=_stable_variant,
    returns=("var",),
    probes=_stable_probes,
    examples=(
        Probe("three examples", (np.array([[1.0], [2.0], [6.0]]),)),
        Probe("two features", (np.array([[1.0, 10.0], [3.0, 14.0]]),)),
        FAR_FROM_ZERO,
    ),
    misconceptions=(
        known("sample-variance", ddof=1),
        known("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": True}),
        known("global-statistics", axis=None),
        known("mean-not-subtracted", method="not-centred"),
        known("one-pass-variance", rounding=True, method="one-pass"),
        own(
            "std-not-variance",
            "You return the standard deviation.",
            "The variance is its square: leave the root out.",
            root=True,
        ),
        own(
            "sum-of-squares",
            "You return the sum of the squared distances.",
            "The variance is their mean: divide by N.",
            divide=False,
        ),
        known("mutates-input"),
    ),
    properties=(
        Property(
            "it is never negative",
            lambda args, var: None if np.all(np.asarray(var) >= 0) else "a variance is negative",
        ),
    ),
    hints=(
        "At mean 10⁴ a float32 keeps about three decimals. What happens to them in x²?",
        "Two numbers near 10⁸ are subtracted in E[x²] − E[x]², and their difference is near 1. Subtract first, square after.",
        "Two passes: `centred = x - x.mean(axis=0)`, then the mean of `centred**2` over axis 0.",
    ),
)
