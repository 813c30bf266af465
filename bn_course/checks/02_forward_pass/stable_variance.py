"""Lesson 02: The variance of each feature, right in float32 far from zero."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
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
        mistake("sample-variance", ddof=1),
        mistake("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": True}),
        mistake("global-statistics", axis=None),
        mistake("mean-not-subtracted", method="not-centred"),
        mistake("one-pass-variance", rounding=True, method="one-pass"),
        mistake("std-not-variance", root=True),
        mistake("sum-of-squares", divide=False),
        mistake("mutates-input"),
    ),
    properties=(
        Property(
            "it is never negative",
            lambda args, var: None if np.all(np.asarray(var) >= 0) else "a variance is negative",
        ),
    ),
)
